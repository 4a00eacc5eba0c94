"""Parts of an evaluation become JSON in one spelling."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from db.measures.estimate import Estimate, unknown
from pipeline.evaluation.results import FORMAT, Severity, Verdict, as_data, results_bytes


@dataclass(frozen=True, eq=False)
class Part:
    mae_points: Estimate
    curve: NDArray[np.float64]
    bins: tuple[int, ...]


def test_a_part_is_an_object_of_its_fields() -> None:
    part = Part(Estimate(9.0, 8.1, 9.9, 500), np.array([0.5, np.nan]), (1, 2))
    assert as_data(part) == {
        "mae_points": {"value": 9.0, "low": 8.1, "high": 9.9, "n": 500},
        "curve": [0.5, None],
        "bins": [1, 2],
    }


def test_a_number_of_numpy_and_an_unknown_estimate_have_a_form() -> None:
    assert as_data({"n": np.int64(3), "r": np.float64(0.25), "yes": np.bool_(True)}) == {
        "n": 3,
        "r": 0.25,
        "yes": True,
    }
    assert as_data(unknown()) == {"value": None, "low": None, "high": None, "n": 0}


def test_a_verdict_carries_numbers_and_no_sentence() -> None:
    verdict = Verdict("collapse", "numbers", Severity.WARNING, {"spread_points": 1.5})
    assert as_data(verdict) == {
        "id": "collapse",
        "kind": "numbers",
        "severity": "warning",
        "values": {"spread_points": 1.5},
    }


def test_the_same_results_are_the_same_bytes_whatever_the_order() -> None:
    one, other = results_bytes({"b": 1, "a": [2.5]}), results_bytes({"a": [2.5], "b": 1})
    assert one == other
    assert json.loads(one) == {"format": FORMAT, "a": [2.5], "b": 1}


def test_what_has_no_form_is_refused_by_its_type() -> None:
    with pytest.raises(TypeError, match="set has no form"):
        as_data({"a": {1, 2}})
