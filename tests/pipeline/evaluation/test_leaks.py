"""Planted leaks, each in a run that otherwise passes: every one is caught, and called by its name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from changed_folders import changed_run, sign_snapshot
from fabricated_runs import Fabricated, answering, fabricated_run, fabricated_snapshot
from planted_leaks import (
    PLANTS,
    copied_picture,
    json_changed,
    rows_changed,
    same_page_again,
    shared_report,
)
from sklearn.linear_model import LogisticRegression

from db.errors import EchoDeskError
from pipeline.dataset.opened import open_snapshot
from pipeline.evaluation.all_parts import pages_in_two_folds
from pipeline.evaluation.leaks.audit import CHECKS, Audit, audit, leak_verdicts
from pipeline.evaluation.leaks.choices import measured, threshold_chosen_on_reported
from pipeline.evaluation.leaks.evidence import read_evidence
from pipeline.evaluation.leaks.finding import Outcome
from pipeline.evaluation.leaks.held_back import better_than_held_back
from pipeline.evaluation.leaks.planting import answers_lean
from pipeline.evaluation.photographs import looks_of
from pipeline.evaluation.results import Severity
from pipeline.training.run_folder import open_run, rows_sha256

STATED = {"threshold": {"value": 0.4, "chosen_on": "paper"}, "calibration": {"chosen_on": "nested"}}


@pytest.fixture
def made(usual_run: Fabricated) -> Fabricated:
    return usual_run


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot of few patients, to be copied and changed."""
    return fabricated_snapshot(tmp_path_factory.mktemp("leaks"), patients=60)


def first_pages(made: Fabricated, n: int = 12) -> tuple[tuple[str, str], ...]:
    """Pages in two folds among the first photographs of the table: a fingerprint takes a while."""
    snapshot = open_snapshot(made.snapshot)
    files = [pair.picture for pair in snapshot.pairs[:n] if pair.picture]
    return pages_in_two_folds(open_run(made.run), snapshot, looks_of(snapshot, paths=files))


def audited(run: Path, snapshot: Path, **more: Any) -> Audit:
    more = {"choices": STATED, **more}
    return audit(read_evidence(run, snapshot, **more))


# A record in another fold changes what every model of the two folds should have used.
ALSO = {
    "answered_by_a_model_that_saw_it": {
        "learnt_from_test",
        "weights_from_test",
        "epoch_chosen_on_test",
        "stopping_patient_also_learnt",
        "quoted_number_not_from_answers",
        "patient_in_two_folds",
        "group_in_two_folds",
    }
}


def caught(run: Path, snapshot: Path, **more: Any) -> list[str]:
    return audited(run, snapshot, **more).named(Outcome.CAUGHT)


def test_the_clean_run_raises_none_and_leaves_nothing_open(made: Fabricated) -> None:
    found = audited(made.run, made.snapshot, same_pages=first_pages(made))
    assert found.named(Outcome.CAUGHT) == []
    assert found.named(Outcome.UNDECIDED) == []
    assert len(found.named(Outcome.CLEAN)) == len(CHECKS) >= 15
    assert leak_verdicts(found) == []


@pytest.mark.parametrize("name", PLANTS)
def test_a_leak_planted_in_the_run_is_caught_by_its_name_and_nothing_else_is(
    made: Fabricated, name: str
) -> None:
    run = changed_run(made.run, PLANTS[name])
    found = caught(run, made.snapshot)
    assert name in found
    assert set(found) - {name} <= ALSO.get(name, set())


def test_a_patient_dealt_into_two_folds_is_caught(made: Fabricated, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (made.snapshot / "data/labels.jsonl").read_text().splitlines()]
    twice = next(row for row in rows if sum(other["patient_id"] == row["patient_id"] for other in rows) == 2)
    run = fabricated_run(tmp_path, made.snapshot, moved={twice["row_id"]: (twice["fold"] + 1) % 5})
    found = caught(run, made.snapshot)
    assert found[:2] == ["patient_in_two_folds", "group_in_two_folds"]
    # The patient's other record may be one of those that stop the model.
    assert set(found[2:]) <= {"epoch_chosen_on_test"}


def test_look_alike_records_dealt_into_two_folds_are_caught_as_a_group(made: Fabricated) -> None:
    evidence = read_evidence(made.run, made.snapshot, choices=STATED)
    one = evidence.labels[0]
    other = next(row for row in evidence.labels if row["fold"] != one["fold"])
    labels = [
        {**row, "group_id": one["group_id"]} if row["row_id"] == other["row_id"] else row
        for row in evidence.labels
    ]
    assert audit(replace(evidence, labels=labels)).named(Outcome.CAUGHT) == ["group_in_two_folds"]


@pytest.mark.parametrize(
    ("plant", "name"),
    [
        (copied_picture, "picture_in_two_folds"),
        (same_page_again, "near_picture_in_two_folds"),
        (shared_report, "patient_under_two_keys"),
    ],
)
def test_a_leak_planted_in_the_snapshot_is_caught(
    few: Path, tmp_path: Path, plant: Callable[[Path], None], name: str
) -> None:
    snapshot = Path(shutil.copytree(few, tmp_path / "s" / few.name))
    plant(snapshot)
    sign_snapshot(snapshot)
    run = fabricated_run(tmp_path / "r", snapshot)
    pages = first_pages(Fabricated(snapshot, run))
    assert caught(run, snapshot, same_pages=pages) == [name]


def test_a_recording_of_stage_2_that_is_judged_on_is_caught(made: Fabricated) -> None:
    rows = [json.loads(line)["row_id"] for line in (made.snapshot / "data/labels.jsonl").open()]
    evidence = read_evidence(made.run, made.snapshot, choices=STATED)
    stage2 = {**evidence.data["provenance"], "stage2": {"weights": "w", "recordings": "1 2 3 900"}}
    planted = replace(
        evidence,
        data={**evidence.data, "provenance": stage2},
        recordings={row_id: f"ptbxl-{900 + place:05d}" for place, row_id in enumerate(rows)},
    )
    assert audit(planted).named(Outcome.CAUGHT) == ["recording_in_stage2_and_test"]
    unknown = replace(planted, recordings=None)
    assert "recording_in_stage2_and_test" in audit(unknown).named(Outcome.UNDECIDED)


@pytest.mark.parametrize(
    ("choices", "name"),
    [
        ({"threshold": {"value": 0.4, "chosen_on": "reported"}}, "threshold_chosen_on_reported"),
        ({"calibration": {"chosen_on": "reported"}}, "calibration_fitted_on_test"),
        ({"test_time_views": {"chosen_on": "reported"}}, "views_chosen_on_test"),
    ],
)
def test_a_choice_that_says_it_was_made_on_the_test_is_caught(
    made: Fabricated, choices: dict[str, Any], name: str
) -> None:
    assert caught(made.run, made.snapshot, choices={**STATED, **choices}) == [name]


def test_a_threshold_that_is_best_on_the_reported_records_is_caught_whatever_is_said(
    made: Fabricated,
) -> None:
    evidence = read_evidence(made.run, made.snapshot)
    rows = [row for row in evidence.predictions if row["rwma"] is not None]
    positive = np.array([row["rwma"] == 1 for row in rows])
    scores = np.array([row["rwma_probability"] for row in rows])
    youden = [
        (scores[positive] >= one).mean() - (scores[np.logical_not(positive)] >= one).mean() for one in scores
    ]
    best = float(scores[int(np.argmax(youden))])
    lie = {**STATED, "threshold": {"value": best, "chosen_on": "validation"}}
    assert caught(made.run, made.snapshot, choices=lie) == ["threshold_chosen_on_reported"]


def test_a_threshold_fixed_beforehand_is_clean_wherever_it_falls(made: Fabricated) -> None:
    evidence = read_evidence(made.run, made.snapshot)
    for value in np.linspace(0.05, 0.95, 37).round(3).tolist():
        stated = replace(evidence, choices={"threshold": {"value": value, "chosen_on": "paper"}})
        assert threshold_chosen_on_reported(stated).outcome is Outcome.CLEAN


def test_probabilities_put_right_on_the_test_are_caught_whatever_they_say(made: Fabricated) -> None:
    def recalibrated(rows: list[dict[str, str]]) -> None:
        logit = np.array([[np.log(p / (1 - p))] for p in (float(row["rwma_probability"]) for row in rows)])
        truth = np.array([float(row["rwma"]) for row in rows])
        model = LogisticRegression(C=np.inf, tol=1e-12, max_iter=1000).fit(logit, truth)
        for row, probability in zip(rows, model.predict_proba(logit)[:, 1], strict=True):
            row["rwma_probability"] = repr(float(probability))

    run = changed_run(made.run, lambda run: rows_changed(run, "predictions.csv", recalibrated))
    assert caught(run, made.snapshot) == ["calibration_fitted_on_test"]


def test_the_best_fold_quoted_is_caught_and_the_mean_of_the_folds_is_not(made: Fabricated) -> None:
    pooled, folds = measured(read_evidence(made.run, made.snapshot), "rwma_auroc")
    assert caught(made.run, made.snapshot, headline={"rwma_auroc": max(folds.values())}) == [
        "best_fold_quoted"
    ]
    assert (
        caught(made.run, made.snapshot, headline={"rwma_auroc": float(np.mean(list(folds.values())))}) == []
    )
    assert caught(made.run, made.snapshot, headline={"rwma_auroc": pooled - 0.2}) == [
        "quoted_number_not_from_answers"
    ]


def test_a_number_that_can_not_be_said_was_not_quoted(made: Fabricated) -> None:
    assert caught(made.run, made.snapshot, headline={"ef_r": float("nan")}) == []


def test_answers_that_know_the_labels_are_caught(made: Fabricated, tmp_path: Path) -> None:
    run = fabricated_run(tmp_path, made.snapshot, answer=answering(r=0.999, auroc=0.99999))
    assert "answers_are_the_labels" in caught(run, made.snapshot)


def test_a_byte_changed_after_sealing_is_caught(made: Fabricated) -> None:
    run = changed_run(made.run, lambda run: None)
    (run / "README.md").write_text("better", encoding="utf-8")
    assert caught(run, made.snapshot) == ["run_edited"]


def test_a_file_that_tells_the_label_is_caught(few: Path, tmp_path: Path) -> None:
    snapshot = Path(shutil.copytree(few, tmp_path / "s" / few.name))
    for line in (snapshot / "data/pairs.jsonl").read_text().splitlines():
        row = json.loads(line)
        file = snapshot / row["path"]
        file.chmod(0o644)
        file.write_bytes(file.read_bytes() + b"\0" * int(100 * row["ef_percent"]))
    sign_snapshot(snapshot)
    run = fabricated_run(tmp_path / "r", snapshot)
    assert caught(run, snapshot) == ["label_in_the_file"]


def test_a_snapshot_changed_after_freezing_and_one_that_is_another_are_caught(
    made: Fabricated, few: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(few, tmp_path / "s" / few.name))
    assert "another_snapshot" in caught(made.run, other)
    (other / "data/labels.csv").chmod(0o644)
    (other / "data/labels.csv").write_bytes(b"")
    assert "snapshot_edited" in caught(made.run, other)


def test_answers_that_lean_a_little_to_their_labels_are_told_from_the_same_patients(made: Fabricated) -> None:
    """Two models that learnt from other patients make nearly the same errors about one; a leak is in one."""
    evidence = read_evidence(made.run, made.snapshot)
    rng = np.random.default_rng(3)
    validation = [
        {
            **row,
            "ef_percent_predicted": row["ef_percent_predicted"] + rng.normal(0, 2),
            "rwma_probability": float(np.clip(row["rwma_probability"] + rng.normal(0, 0.05), 0, 1)),
        }
        for row in evidence.predictions[:120]
    ]
    evidence = replace(evidence, validation=validation)
    assert better_than_held_back(evidence).outcome is Outcome.CLEAN
    found = better_than_held_back(answers_lean(evidence, 0.1, rng))
    assert found.outcome is Outcome.CAUGHT
    assert found.values["what"] == "ef, rwma"


def test_a_run_from_before_sources_were_recorded_leaves_them_open(made: Fabricated) -> None:
    def forget(run: Path) -> None:
        json_changed(run, "data.json", lambda data: data.pop("provenance"))
        for file in (run / "folds").glob("*.json"):
            file.unlink()

    found = audited(changed_run(made.run, forget), made.snapshot)
    assert found.named(Outcome.CAUGHT) == []
    assert {"learnt_from_test", "weights_from_test", "scaling_from_test", "label_among_features"} <= set(
        found.named(Outcome.UNDECIDED)
    )
    assert [verdict.severity for verdict in leak_verdicts(found)] == [Severity.NOTE]


def test_a_leak_is_a_fault_with_its_numbers_and_no_names(made: Fabricated) -> None:
    run = changed_run(made.run, PLANTS["weights_from_test"])
    (fault,) = [one for one in leak_verdicts(audited(run, made.snapshot)) if one.severity is Severity.FAULT]
    assert (fault.id, fault.kind) == ("weights_from_test", "leak")
    assert fault.values == {"n": 5, "of": 5, "used": "all records"}


def test_a_folder_that_is_no_run_is_named(made: Fabricated, tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match="can't be read as a run"):
        read_evidence(tmp_path, made.snapshot)


def test_a_set_of_records_has_one_hash_in_any_order() -> None:
    assert rows_sha256(["b", "a", "b"]) == rows_sha256(["a", "b"]) != rows_sha256(["a"])
