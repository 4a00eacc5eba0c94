"""The detection limit: what is planted stronger is caught, what is not planted is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fabricated_runs import Fabricated
from scipy.stats import f_oneway

from pipeline.evaluation.adversary import (
    ATTACKS,
    SITE,
    Limit,
    adversary,
    answers_follow_site,
)
from pipeline.evaluation.leaks.evidence import Evidence, read_evidence
from pipeline.evaluation.leaks.planting import labels_leak, site_codes_label


@pytest.fixture(scope="module")
def evidence(usual_run: Fabricated) -> Evidence:
    return read_evidence(usual_run.run, usual_run.snapshot)


@pytest.fixture(scope="module")
def limits(evidence: Evidence) -> dict[str, Limit]:
    return adversary(evidence, seed=1, repeats=3)


def test_nothing_is_caught_where_nothing_is_planted(limits: dict[str, Limit]) -> None:
    assert {name: limit.steps[0].strength for name, limit in limits.items()} == dict.fromkeys(ATTACKS, 0.0)
    assert {name: limit.steps[0].caught.value for name, limit in limits.items()} == dict.fromkeys(
        ATTACKS, 0.0
    )


def test_every_fault_has_a_limit_and_is_caught_from_there_on(limits: dict[str, Limit]) -> None:
    for limit in limits.values():
        assert limit.weakest is not None
        assert all(step.caught.value == 1 for step in limit.steps if step.strength >= limit.weakest)


def test_one_patient_one_picture_and_one_record_are_enough(limits: dict[str, Limit]) -> None:
    for name in ("patients_split", "pictures_copied", "hard_ones_dropped"):
        assert limits[name].weakest == 1


def test_a_stronger_leak_flatters_more_and_it_is_told_what_slips_through(
    limits: dict[str, Limit],
) -> None:
    gains = [step.mae_gain for step in limits["labels_leak"].steps]
    assert gains == sorted(gains)
    assert 0 < limits["answers_lean"].missed_mae_gain < limits["answers_lean"].steps[-1].mae_gain


def test_the_run_itself_is_not_touched(evidence: Evidence) -> None:
    before = [dict(row) for row in evidence.predictions]
    labels_leak(evidence, 0.5, np.random.default_rng(1))
    site_codes_label(evidence, 0.5, np.random.default_rng(1))
    assert [dict(row) for row in evidence.predictions] == before


def test_the_same_seed_gives_the_same_limits(evidence: Evidence) -> None:
    chosen = {"labels_leak": ATTACKS["labels_leak"]}
    first, again = (adversary(evidence, seed=3, repeats=2, attacks=chosen) for _ in range(2))
    assert first == again


def test_the_site_is_judged_as_by_an_analysis_of_variance(evidence: Evidence) -> None:
    rows = [{**row, "rwma": 0.0} for row in evidence.predictions]
    of_site: dict[str, list[float]] = {}
    for row in rows:
        odds = float(np.log(row["rwma_probability"] / (1 - row["rwma_probability"])))
        of_site.setdefault(evidence.label_of[row["row_id"]]["site"], []).append(odds)
    assert len(of_site) > 1
    expected = f_oneway(*of_site.values()).pvalue
    assert answers_follow_site(replace(evidence, predictions=rows)) == pytest.approx(expected, rel=1e-9)


def test_a_site_coded_answer_is_noticed_and_one_site_tells_nothing(evidence: Evidence) -> None:
    coded = site_codes_label(evidence, 0.5, np.random.default_rng(2))
    assert answers_follow_site(coded) < 1e-6
    assert SITE in ATTACKS["site_codes_label"].checks
    alone = replace(evidence, labels=[{**row, "site": "A"} for row in evidence.labels])
    assert answers_follow_site(alone) == 1
