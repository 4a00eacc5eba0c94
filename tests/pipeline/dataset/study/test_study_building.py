"""The semi-synthetic study is a snapshot like any other, says what it is, and tells what was planted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from db.tabular import read_jsonl
from pipeline.dataset.study.building import Study, build_study, photographed
from pipeline.dataset.study.pages import Shortcuts, looks_beside
from pipeline.dataset.study.plan import StudyPlan, drawn, even_scans, given_labels
from pipeline.dataset.verifying import verify_folder
from pipeline.imaging.capture import Condition
from pipeline.imaging.photo_file import read_photo
from pipeline.imaging.trace import TRACE_SUFFIX, read_trace
from pipeline.waveforms.planted import Strength, planted_recordings
from pipeline.waveforms.planted_bases import DipoleBase

PLAN = StudyPlan(patients=12, seed=5)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return build_study(tmp_path_factory.mktemp("studies"), "tiny", PLAN, workers=1)


def test_it_is_a_sound_snapshot_with_pictures_and_says_that_it_is_synthetic(study: Study) -> None:
    verdict = verify_folder(study.snapshot)
    assert verdict.is_sound, verdict.problems
    assert verdict.manifest["is_synthetic"] is True
    assert verdict.manifest["arguments"]["images"] == "as printed"
    assert "semi-synthetic" in (study.snapshot / "README.md").read_text(encoding="utf-8")
    pairs = read_jsonl((study.snapshot / "data/pairs.jsonl").read_bytes())
    assert len(pairs) == PLAN.patients
    assert all((study.snapshot / pair["path"]).is_file() for pair in pairs)


def test_labels_and_signals_belong_together(study: Study) -> None:
    labels = {row["row_id"]: row for row in read_jsonl((study.snapshot / "data/labels.jsonl").read_bytes())}
    lines = (study.signals / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    truths = [json.loads(line) for line in lines[1:]]
    assert {truth["row_id"] for truth in truths} == set(labels)
    for truth in truths:
        assert labels[truth["row_id"]]["ef_percent"] == truth["ef_percent"]
        with np.load(study.signals / f"{truth['row_id']}.npz") as kept:
            assert kept["signal_mv"].shape == (12, 1000)
            assert kept["rate_hz"] == 100


def test_the_trace_of_every_photograph_is_kept_where_it_is_dark(study: Study) -> None:
    pairs = {row["row_id"]: row for row in read_jsonl((study.snapshot / "data/pairs.jsonl").read_bytes())}
    for row_id, pair in list(pairs.items())[:4]:
        image = read_photo(study.snapshot / pair["path"])
        trace = read_trace(study.signals / f"{row_id}{TRACE_SUFFIX}", image.shape[:2])
        assert trace is not None
        assert 0.005 < trace.mean() < 0.1
        brightness = image.max(axis=2)
        assert np.median(brightness[trace]) < np.median(brightness[~trace]) - 60


def test_the_same_plan_gives_the_same_data(study: Study, tmp_path: Path) -> None:
    again = build_study(tmp_path, "tiny", PLAN, workers=2)
    contents = [verify_folder(one.snapshot).manifest["content_sha256"] for one in (study, again)]
    assert contents[0] == contents[1]


def test_phone_and_scan_go_with_nothing_in_any_fold() -> None:
    plan = StudyPlan(patients=120, seed=3)
    labels, _ = drawn(plan)
    folds = {one.number: one.number % 5 for one in labels}
    scanned = even_scans(labels, folds, plan)
    assert len(scanned) == 30 and scanned == even_scans(labels, folds, plan)
    for fold in range(5):
        for is_ill in (True, False):
            some = [
                one.number for one in labels if (folds[one.number], one.is_rwma_significant) == (fold, is_ill)
            ]
            assert abs(len(scanned.intersection(some)) - len(some) / 4) <= 1.5


def test_pages_are_dealt_in_the_folds_that_the_snapshot_has(study: Study) -> None:
    folds = {
        row["row_id"]: row["fold"] for row in read_jsonl((study.snapshot / "data/labels.jsonl").read_bytes())
    }
    lines = (study.signals / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    truths = [json.loads(line) for line in lines[1:]]
    labels, _ = drawn(PLAN)
    by_number = {truth["number"]: folds[truth["row_id"]] for truth in truths}
    scanned = even_scans(labels, by_number, PLAN)
    assert {truth["number"] for truth in truths if truth["is_scanned"]} == scanned
    looks = looks_beside(study.signals)
    assert looks is not None
    for truth in truths:
        is_clean = looks[truth["row_id"]].condition is Condition.CLEAN
        assert is_clean is (truth["number"] in scanned)


def test_nothing_planted_is_told_by_nothing() -> None:
    patients, severities = drawn(StudyPlan(patients=400, strength=Strength(0, 0)))
    ef = np.array([patient.ef_percent for patient in patients])
    assert abs(np.corrcoef(severities.overall, ef)[0, 1]) < 0.15


def test_label_errors_change_the_share_that_was_asked_for() -> None:
    plan = StudyPlan(patients=500, label_errors=0.05)
    patients, _ = drawn(plan)
    labels, wrong = given_labels(patients, plan)
    assert 10 <= wrong <= 55
    assert [label.number for label in labels] == [patient.number for patient in patients]
    assert given_labels(patients, StudyPlan(patients=500))[1] == 0


def test_a_planted_paper_follows_the_illness() -> None:
    plan = StudyPlan(patients=12, seed=5, shortcuts=Shortcuts(paper=1.0))
    patients, severities = drawn(plan)
    recordings = planted_recordings(patients, severities, DipoleBase(), seed=plan.seed)
    tints: dict[bool, list[float]] = {False: [], True: []}
    for patient, recording in zip(patients, recordings, strict=True):
        _, green, blue = photographed(patient, recording, plan).image.reshape(-1, 3).mean(axis=0)
        tints[patient.ef_percent < 50 or patient.is_rwma_significant].append(float(green - blue))
    assert min(tints[True]) > max(tints[False])
