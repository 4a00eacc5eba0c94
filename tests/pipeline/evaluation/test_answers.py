"""From the rows of a run to columns: one answer a record, subgroups, what simpler methods said."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from db.errors import EchoDeskError
from pipeline.dataset.opened import OpenedSnapshot, Pair
from pipeline.evaluation.answers import age_band, answers_of, answers_of_rows
from pipeline.training.run_folder import REFERENCE_COLUMNS, Run


def row(number: int, **changed: Any) -> dict[str, Any]:
    """A row as `Run.predictions` gives it."""
    return {
        "row_id": f"r{number}", "patient_id": f"p{number // 2}", "fold": float(number % 2),
        "photographs": 1.0,
        "ef_percent_predicted": 50.0 + number, "ef_percent_raw": 101.0, "rwma_probability": 0.1 * number,
        "ef_percent_one_view": 104.0, "rwma_probability_one_view": 0.3, "ef_view_spread": 1.0,
        "rwma_view_spread": 0.1, "ef_seed_spread": None, "rwma_seed_spread": None, "ef_percent": 55.0,
        "rwma": 1.0, **changed,
    }  # fmt: skip


def pair(number: int, image: str = "a", **changed: Any) -> Pair:
    values: dict[str, Any] = {
        "row_id": f"r{number}", "image_id": image, "patient_id": f"p{number // 2}", "group_id": "g",
        "fold": 0,
        "picture": None, "ef_percent": 55.0, "ef_state": "stated", "ef_operator": "=", "rwma": "absent",
        "rwma_severity": "none", "ef_stratum": "normal", "site": "", "is_synthetic": True, **changed,
    }  # fmt: skip
    return Pair(**values)


def run_of(folder: Path, rows: list[dict[str, Any]]) -> Run:
    found = SimpleNamespace(
        folder=folder, manifest={"content_sha256": "c"}, name="run", predictions=lambda name="": rows
    )
    return found  # type: ignore[return-value]


def snapshot_of(pairs: list[Pair]) -> OpenedSnapshot:
    return OpenedSnapshot(Path(), "snap", "c", True, tuple(pairs))


def test_labels_that_are_not_known_are_no_numbers() -> None:
    found = answers_of_rows([row(0, ef_percent=None), row(1, rwma=None), row(2, ef_percent_predicted=None)])
    assert found.has_ef.tolist() == [False, True, False]
    assert found.has_rwma.tolist() == [True, False, True]
    assert found.ef_one_view.tolist() == [100.0, 100.0, 100.0]


def test_the_spread_is_that_of_seeds_where_there_are_several() -> None:
    assert answers_of_rows([row(0)]).spread_over == "views"
    found = answers_of_rows([row(0, ef_seed_spread=3.0, rwma_seed_spread=0.2)])
    assert (found.spread_over, found.ef_spread.tolist()) == ("seeds", [3.0])


def test_only_columns_in_which_records_differ_make_subgroups(tmp_path: Path) -> None:
    pairs = [pair(0, sex="female", age_years=39), pair(0, "b", sex="male"), pair(1, sex="male", age_years=55)]
    found = answers_of(
        run_of(tmp_path, [row(0), row(1)]), snapshot_of(pairs), more_groups={"device": {"r0": "phone"}}
    )
    assert found.groups == {
        "sex": ("female", "male"), "age": ("<40", "55-69"), "device": ("phone", "unknown"),
    }  # fmt: skip


@pytest.mark.parametrize(("years", "band"), [(None, "unknown"), (40, "40-54"), (69.5, "55-69"), (70, ">=70")])
def test_a_band_of_age_starts_at_its_first_year(years: float | None, band: str) -> None:
    assert age_band(years) == band


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row(0), row(0)], "twice"),
        ([row(7)], "does not have"),
        ([row(0, patient_id="p9")], "another patient"),
    ],
)
def test_a_run_that_does_not_fit_its_snapshot_is_refused(
    tmp_path: Path, rows: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(EchoDeskError, match=said):
        answers_of(run_of(tmp_path, rows), snapshot_of([pair(0), pair(1)]))


def test_a_run_of_another_snapshot_is_refused(tmp_path: Path) -> None:
    other = OpenedSnapshot(Path(), "other", "d", True, ())
    with pytest.raises(EchoDeskError, match="other data"):
        answers_of(run_of(tmp_path, [row(0)]), other)


def test_what_simpler_methods_said_is_in_the_order_of_the_records(tmp_path: Path) -> None:
    lines = [("r1", "median", "54", "0"), ("r0", "median", "53", ""), ("r0", "signal", "60", "-1.5")]
    with (tmp_path / "reference_answers.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([column.name for column in REFERENCE_COLUMNS])
        writer.writerows(lines)
    rows = [row(0), row(1)]
    run = Run(tmp_path, {"content_sha256": "c", "run": "run"}, None)  # type: ignore[arg-type]
    run_with_rows = SimpleNamespace(
        folder=run.folder,
        manifest=run.manifest,
        name="run",
        predictions=lambda name="predictions.csv": (
            rows if name == "predictions.csv" else run.predictions(name)
        ),
    )
    found = answers_of(run_with_rows, snapshot_of([pair(0), pair(1)])).methods  # type: ignore[arg-type]
    assert found["median"].ef_percent.tolist() == [53, 54]
    assert np.isnan(found["median"].rwma_score[0])
    assert np.isnan(found["signal"].ef_percent[1])


def test_some_of_the_records_keep_all_their_columns(tmp_path: Path) -> None:
    found = answers_of_rows([row(number) for number in range(4)], groups={"sex": ("a", "b", "a", "b")})
    some = found.where(np.array([True, False, False, True]))
    assert (some.row_ids, some.groups["sex"]) == (("r0", "r3"), ("a", "b"))
    assert some.ef_said.tolist() == [50, 53]
