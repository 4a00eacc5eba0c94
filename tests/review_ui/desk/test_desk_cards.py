"""What the desk shows of a record."""

from __future__ import annotations

import json
from typing import Any

import pytest
from desk_fixture import SampleRecord, clean_record, cross_checked_record, desk_record, findings, letter
from desk_people import DeskHall, MakeHall
from hypothesis import given
from hypothesis import strategies as st

from db.labels import Evidence
from db.tables.drafts import Draft
from db.tables.findings import findings_columns
from review_ui import text
from review_ui.desk.cards import card_light, cards_needing_an_answer, draft_card, findings_in_words
from review_ui.desk.crops import CROP_ASPECT, crop_around, value_span

PAGE = (1240, 1754)


def shown(hall: DeskHall) -> dict[str, Any]:
    record: dict[str, Any] = hall.sit_down("Asha").open()["record"]
    return record


def field_of(record: dict[str, Any], name: str) -> dict[str, Any]:
    return next(field for field in record["fields"] if field["name"] == name)


def draft(**columns: Any) -> Draft:
    values: dict[str, Any] = {
        "case_id": 1,
        "report_sha256": "0" * 64,
        "reader": "rules",
        "reader_version": "1",
    }
    return Draft.model_validate(
        {**values, "code_version": "1", "created_at": "2026-11-20T09:00:00Z", **columns}
    )


def test_a_record_shows_three_cards_with_word_reason_and_evidence(hall: DeskHall) -> None:
    record = shown(hall)
    assert [field["name"] for field in record["fields"]] == ["ef", "rwma", "pah"]
    ef = field_of(record, "ef")
    assert (ef["light"], ef["word"], ef["needs_answer"]) == ("red", "needs you", True)
    assert ef["reason"].startswith("One reading is")
    assert field_of(record, "rwma")["detail"] == "severity not graded in the report"
    assert record["answers"]["rwma_walls"] == ["inferior", "inferolateral"]
    assert record["answers"]["ef"] == {
        "state": "stated",
        "percent": 37.5,
        "low": 35,
        "high": 40,
        "operator": "=",
    }
    assert (record["answers"]["pah"], record["answers"]["rvsp_mmhg"]) == ("mild", 48)
    json.dumps(record)


def test_a_record_carries_no_patient_key_and_no_file_name(hall: DeskHall) -> None:
    as_sent = json.dumps(shown(hall))
    with hall.desk.database.read() as session:
        from db.cases import get_case

        case = get_case(session, case_id=hall.seeded.case_ids[0])
    assert case is not None
    assert case.patient_key not in as_sent
    assert case.report_sha256 not in as_sent


def test_evidence_boxes_are_shares_of_the_page(hall: DeskHall) -> None:
    box = field_of(shown(hall), "ef")["boxes"][0]
    assert box["page"] == 1
    assert 0 < box["left"] < box["left"] + box["width"] < 1
    assert 0 < box["top"] < box["top"] + box["height"] < 1


def test_green_does_not_claim_that_readers_agree_when_there_is_one(hall: DeskHall) -> None:
    assert (
        field_of(shown(hall), "rwma")["word"] == text.LIGHT_WORDS["green"] != text.GREEN_WITH_SEVERAL_READERS
    )


def test_words_for_the_ventricle_are_shown_where_the_report_has_no_number(hall: DeskHall) -> None:
    person = hall.sit_down("Asha")
    for _ in range(2):
        person.decide(person.open(), confirmed=["ef"])
    ef = field_of(person.open()["record"], "ef")
    assert ef["reason"] == ""
    assert ef["detail"] == "No number in the report; in words: Good LV systolic function"
    assert ef["boxes"][0]["page"] == 2


def test_an_unreadable_page_says_why() -> None:
    record = SampleRecord(
        pages=[letter("blurred")],
        findings=findings(ef_state="unreadable", rwma="unreadable", pah="unreadable"),
        light={"ef_percent": "red", "rwma": "red", "pah": "red"},
        unreadable_reason="the letters are too small",
    )
    assert cards_needing_an_answer(draft(light=dict(record.light))) == ("ef", "rwma", "pah")


def test_an_unreadable_page_shows_its_reason_on_every_card(make_hall: MakeHall) -> None:
    record = SampleRecord(
        pages=[letter("blurred")],
        findings=findings(ef_state="unreadable", rwma="unreadable", pah="unreadable"),
        light={"ef_percent": "red", "rwma": "red", "pah": "red"},
        unreadable_reason="The letters are too small.",
    )
    fields = shown(make_hall(record))["fields"]
    assert {field["reason"] for field in fields} == {"The letters are too small."}
    assert [field["crop"] for field in fields] == [None, None, None]


def test_the_pressure_speaks_through_the_card_it_shares() -> None:
    light = {"ef_percent": "green", "rwma": "green", "pah": "green", "rvsp_mmhg": "red"}
    assert card_light(draft(light=light, rvsp_mmhg=48), "pah") == "red"
    assert card_light(draft(light={"pah": "green"}), "pah") == "green"


def test_a_field_without_a_light_needs_a_look() -> None:
    assert card_light(draft(light={}), "ef") == "amber"


def test_two_readers_that_agree_are_called_so() -> None:
    record = desk_record()
    read = draft(light=dict(record.light), **findings_columns(record.findings))
    cards = [
        draft_card(name, read, findings=record.findings, sizes={}, needs_answer=False, readers=2)
        for name in ("ef", "rwma", "pah")
    ]
    assert [card.word for card in cards] == ["needs you", "readers agree", "check"]


def test_a_record_read_by_two_readers_says_where_they_differ(make_hall: MakeHall) -> None:
    fields = shown(make_hall(cross_checked_record()))["fields"]
    assert [field["word"] for field in fields] == ["needs you", "check", "readers agree"]
    assert [field["reason"] for field in fields] == [
        "The two readers differ: one read 35-40, the other 85-40.",
        "The readers name different walls.",
        "",
    ]


def test_a_record_in_one_line() -> None:
    assert findings_in_words(desk_record().findings) == "EF 37.5 %, RWMA present, PAH mild"
    assert findings_in_words(clean_record(2).findings) == "EF 60 %, RWMA absent, PAH none"
    graded = findings(
        ef_state="unreadable", rwma="present", rwma_severity="severe", pah="present_unspecified"
    )
    assert findings_in_words(graded) == "EF unreadable, RWMA present (severe), PAH ungraded"


# ---- crops


def test_a_short_quote_is_shown_from_its_start_with_a_little_air() -> None:
    crop = crop_around(Evidence(quote="LVEF 60 %", box=(100, 500, 250, 530)), (5, 7), PAGE)
    assert crop is not None
    assert crop.left < 100 < 250 < crop.left + crop.width
    assert crop.top < 500 < 530 < crop.top + crop.height
    assert crop.width / crop.height == pytest.approx(CROP_ASPECT, rel=1e-3)


def test_a_long_quote_shows_the_part_that_holds_the_value() -> None:
    quote = "x" * 150 + " LVEF 60 %"
    crop = crop_around(Evidence(quote=quote, box=(100, 500, 1200, 520)), value_span(quote, ["60"]), PAGE)
    assert crop is not None
    assert crop.left + crop.width > 1180 > crop.left > 500


def test_a_quote_over_two_lines_shows_the_line_of_the_value() -> None:
    quote = "There is moderate dysfunction with an ejection fraction of 35 %"
    lines = ((100.0, 500.0, 1100.0, 530.0), (100.0, 540.0, 300.0, 570.0))
    evidence = Evidence(quote=quote, box=(100, 500, 1100, 570), boxes=lines)
    crop = crop_around(evidence, value_span(quote, ["35"]), PAGE)
    assert crop is not None
    assert crop.top + crop.height / 2 == pytest.approx(555, abs=2)


def test_a_hint_that_is_not_in_the_quote_points_to_its_start() -> None:
    assert value_span("No RWMA", ["37.5", "rwma"]) == (3, 7)
    assert value_span("No RWMA", ["37.5", ""]) == (0, 0)


def test_evidence_from_plain_text_has_no_strip() -> None:
    assert crop_around(Evidence(quote="LVEF 60 %"), (0, 0), PAGE) is None


sizes = st.integers(60, 4000)


@given(sizes, sizes, st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.2), st.floats(0, 1))
def test_the_strip_stays_on_the_page_and_in_shape(
    width: int, height: int, left: float, top: float, box_width: float, box_height: float, at: float
) -> None:
    box = (
        left * width,
        top * height,
        min(width, left * width + box_width * width),
        min(height, top * height + box_height * height),
    )
    quote = "LVEF 35 - 40 percent"
    start = int(at * len(quote))
    crop = crop_around(Evidence(quote=quote, box=box), (start, start), (width, height))
    assert crop is not None
    assert crop.left >= -0.01
    assert crop.left + crop.width <= width + 0.02
    assert crop.width / crop.height == pytest.approx(CROP_ASPECT, rel=0.02)
