"""Scores to probabilities: golden numbers, properties, and the reviews they come from."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from reviewed_workspace import RULES, ReviewedWorkspace, quoted, stated

from db.errors import EchoDeskError
from db.labels import EfState, Findings, Light, Pah
from db.tables.drafts import Draft
from labeling.trust.calibration import (
    MIN_REVIEWS,
    ReviewedField,
    StoredCalibration,
    fit_calibration,
    load_calibration,
    store_calibration,
)
from labeling.trust.calibration_report import fold_of, merged, out_of_fold, report_fields, write_report
from labeling.trust.light import decide_lights
from labeling.trust.reviewed_fields import is_right, reading_of_draft, reviewed_fields, reviewed_versions

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)

# ---- reviews


def field(
    number: int, *, score: float, right: bool, name: str = "ef_percent", light: str = "green"
) -> ReviewedField:
    return ReviewedField(number, f"patient {number // 2}", name, score, light, right)


def many(count: int) -> list[ReviewedField]:
    """Scores of 0.9 that are right nine times in ten, and of 0.3 that are right every third time."""
    return [
        field(
            number,
            score=0.9 if number % 2 else 0.3,
            right=number % 20 != 1 if number % 2 else number % 6 == 0,
        )
        for number in range(count)
    ]


def test_below_200_reviews_there_is_no_calibration() -> None:
    with pytest.raises(EchoDeskError, match="not yet calibrated: 199 of the 200"):
        fit_calibration(many(MIN_REVIEWS - 1), reader="rules", reader_version="1", now=NOW)
    few = StoredCalibration("rules", "1", "", 199, "", {"ef_percent": [(0.9, True)] * 199})
    assert few.probability("ef_percent", 0.9) is None


def test_a_stored_calibration_comes_back_for_its_own_reader_and_version_only(tmp_path: Path) -> None:
    calibration = fit_calibration(many(240), reader="rules", reader_version="1+p1-r1", now=NOW)
    path = store_calibration(tmp_path / "calibration", calibration)
    manifest = json.loads(path.read_text(encoding="utf-8"))
    assert (path.name, manifest["reviews"], manifest["created_at"]) == ("rules.json", 240, NOW.isoformat())
    folder = path.parent
    assert load_calibration(folder, reader="rules", reader_version="1+p1-r1") == calibration
    assert load_calibration(folder, reader="rules", reader_version="2+p1-r1") is None
    assert load_calibration(folder, reader="qwen2vl", reader_version="1+p1-r1") is None
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(EchoDeskError, match="can't be read"):
        load_calibration(folder, reader="rules", reader_version="1+p1-r1")


def test_a_field_that_was_often_wrong_is_not_green() -> None:
    calibration = fit_calibration(many(240), reader="rules", reader_version="1", now=NOW)
    low, high = calibration.probability("ef_percent", 0.9) or (0, 0)
    assert 0.85 < low < high < 0.95
    reading = quoted(stated(55), dict.fromkeys(("ef_percent", "rwma", "pah"), "words"))
    sure = reading_with_confidence(reading)
    assert decide_lights(sure)["ef_percent"].light is Light.GREEN
    decided = decide_lights(sure, calibration)
    assert decided["ef_percent"].light is Light.AMBER
    assert decided["pah"].light is Light.GREEN, "a field without enough reviews keeps to the table"


def reading_with_confidence(reading: object) -> object:
    from dataclasses import replace

    return replace(reading, confidence={"ef_percent": 1.0, "rwma": 1.0, "pah": 1.0, "rvsp_mmhg": 1.0})  # type: ignore[type-var]


def test_probabilities_are_cross_fitted_by_patient() -> None:
    fields = many(60)
    poisoned = [
        ReviewedField(one.review_id, "patient 3", one.field, one.score, one.light, False)
        if one.review_id < 20
        else one
        for one in fields
    ]
    mine = [number for number, one in enumerate(poisoned) if one.patient_key == "patient 3"]
    changed = [
        ReviewedField(one.review_id, one.patient_key, one.field, one.score, one.light, True)
        if number in mine
        else one
        for number, one in enumerate(poisoned)
    ]
    before, after = out_of_fold(poisoned), out_of_fold(changed)
    assert [before[number] for number in mine] == [after[number] for number in mine]
    assert before != after
    assert fold_of("patient 3") == fold_of("patient 3") < 5


def test_the_report_says_where_the_errors_are(tmp_path: Path) -> None:
    fields = [
        *many(240),
        *(field(number, score=0.1, right=number % 4 == 0, name="pah", light="red") for number in range(20)),
    ]
    reports = {one.field: one for one in report_fields(fields)}
    assert reports["pah"].after is None
    assert (reports["pah"].lights[Light.RED].hits, reports["pah"].errors_watched.value) == (15, 1)
    ef = reports["ef_percent"]
    assert ef.after is not None
    assert ef.after.ece < 0.06 < ef.before.ece + 0.06
    assert ef.share(Light.GREEN).value == 1
    table, picture = write_report(tmp_path / "report", list(reports.values()), title="rules 1")
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    assert sum(int(row["n"]) for row in rows) == 240
    for row in rows:
        assert float(row["share_right_low"]) <= float(row["share_right"]) <= float(row["share_right_high"])
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert merged([(0.5, 0.5)]) == [0.5]


@pytest.mark.parametrize(
    ("drafted", "decided", "name", "right"),
    [
        (stated(55), stated(55), "ef_percent", True),
        (stated(55), stated(56), "ef_percent", False),
        (stated(55), Findings(ef_state=EfState.UNREADABLE), "ef_percent", False),
        (Findings(ef_state=EfState.UNREADABLE), Findings(ef_state=EfState.UNREADABLE), "ef_percent", True),
        (stated(55), stated(55, pah=Pah.MILD), "pah", False),
        (Findings(pah=Pah.MILD), Findings(pah=Pah.PRESENT_UNSPECIFIED), "pah", False),
        (Findings(), Findings(), "rvsp_mmhg", True),
    ],
)
def test_right_means_equal_to_the_label(drafted: Findings, decided: Findings, name: str, right: bool) -> None:
    assert is_right(drafted, decided, name) is right


def test_reviews_are_taken_from_the_drafts_people_saw(tmp_path: Path) -> None:
    world = ReviewedWorkspace(tmp_path)
    try:
        quotes = dict.fromkeys(("ef_percent", "rwma", "pah"), "words")
        world.reviewed("LVEF 55 %", quoted(stated(55), quotes), stated(55))
        world.reviewed("LVEF 35 %", quoted(stated(85), quotes), stated(35))
        world.draft(world.add_case("LVEF 40 %"), quoted(stated(40), quotes))
        with world.database.read() as session:
            assert reviewed_versions(session) == [(RULES.name, RULES.version, 2)]
            fields = reviewed_fields(session, reader=RULES.name, reader_version=RULES.version)
            assert reviewed_fields(session, reader=RULES.name, reader_version="0") == []
        of_ef = [one for one in fields if one.field == "ef_percent"]
        assert [one.is_right for one in of_ef] == [True, False]
        assert len({one.patient_key for one in of_ef}) == 2
        assert len(fields) == 8
    finally:
        world.close()


def test_a_stored_draft_is_scored_as_its_reading_was(tmp_path: Path) -> None:
    from readings import opinion, reading, record

    one = reading(record(), opinion(record(ef_percent=35, ef_operator="=", ef_state="stated")), is_model=True)
    world = ReviewedWorkspace(tmp_path)
    try:
        draft_id = world.draft(world.add_case("LVEF 55 %"), one)
        with world.database.read() as session:
            draft = session.get_one(Draft, draft_id)
            assert decide_lights(reading_of_draft(draft)) == decide_lights(one)
    finally:
        world.close()
