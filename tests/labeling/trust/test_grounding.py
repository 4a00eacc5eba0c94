"""A model's quote on the page: where it stands, and whether the digits of its value stand there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocr_pages import LINE_PX, ocr_page
from readings import no_ef, record

from db.labels import Evidence, Findings
from labeling.readers.base import Grounding, Reading
from labeling.trust.grounding import digits_stand, ground, numbers_in, printed_numbers
from labeling.words.evidence import ReportText, join_words


def ef(percent: float, low: float | None = None, high: float | None = None) -> Findings:
    return record(ef_percent=percent, ef_low=low, ef_high=high, ef_operator="=", ef_state="stated")


def grounded(
    findings: Findings, quote: str, *pages: list[str], field: str = "ef_percent"
) -> tuple[Evidence, Grounding]:
    """Ground one quote in the words of one or more engines, a page each."""
    texts = [join_words([ocr_page(lines)]) for lines in pages]
    evidence, grounding = ground(Reading(findings, {field: Evidence(quote=quote)}), texts)
    return evidence[field], grounding[field]


def test_a_quote_is_found_with_page_and_box_and_keeps_its_own_words() -> None:
    evidence, found = grounded(ef(55), "lvef 55 %", ["Mild MR.", "LVEF 55 %, no clot"])
    assert evidence.quote == "lvef 55 %"
    assert evidence.box is not None
    assert LINE_PX < evidence.box[1] < evidence.box[3] < 2 * LINE_PX
    assert found == Grounding(quote_score=100.0, is_found=True, digits_agree=True)


def test_a_quote_that_stands_nowhere_is_not_found_and_has_no_box() -> None:
    evidence, found = grounded(ef(55), "severe dilated cardiomyopathy", ["LVEF 55 %, no clot"])
    assert (evidence.box, found) == (None, Grounding())


def test_a_dropped_leading_one_shows_in_the_digits() -> None:
    _, found = grounded(ef(15), "LVEF is 15 %", ["LVEF is 5 %"])
    assert (found.is_found, found.digits_agree, found.page_digits) == (True, False, "5")


@pytest.mark.parametrize(
    "printed", ["LVEF 609", "LVEF 600", "LVEF 60o", "LVEF 60/", "LVEF: 60%", "LVEF sixty %"]
)
def test_a_misread_percent_sign_is_not_another_number(printed: str) -> None:
    assert grounded(ef(60), printed, [printed])[1].digits_agree is True


def test_of_several_places_the_one_with_the_digits_of_the_value_is_taken() -> None:
    lines = ["Previous study: ejection fraction was 35 %", "Normal valves.", "Ejection fraction was 55 %"]
    evidence, found = grounded(ef(55), "ejection fraction was", lines)
    assert evidence.box is not None
    assert evidence.box[1] > 2 * LINE_PX
    assert found.digits_agree is True


def test_a_value_that_is_not_the_number_it_quotes_is_noticed() -> None:
    found = grounded(ef(55), "LVEF 35 %", ["LVEF 35 %", "No clot, 55 years"])[1]
    assert (found.digits_agree, found.page_digits) == (False, "35")


def test_a_quote_that_stops_before_its_number_is_completed_from_the_page() -> None:
    quote = "left ventricular ejection fraction"
    assert (
        grounded(ef(55), quote, ["The left ventricular ejection fraction is 55 %."])[1].digits_agree is True
    )
    assert (
        grounded(ef(55), quote, ["The left ventricular ejection fraction is normal."])[1].digits_agree
        is False
    )


def test_both_ends_of_a_range_have_to_stand_there() -> None:
    assert grounded(ef(37.5, 35, 40), "LVEF 35-40 %", ["LVEF 35-40 %"])[1].digits_agree is True
    found = grounded(ef(37.5, 35, 40), "LVEF 35-40 %", ["LVEF 85-40 %"])[1]
    assert (found.digits_agree, found.page_digits) == (False, "85, 40")


def test_what_one_engine_garbles_the_other_may_find() -> None:
    evidence, found = grounded(ef(55), "LVEF 55 %", ["ti t tt n n"], ["Mild MR.", "LVEF 55 %"])
    assert found.is_found
    assert evidence.box is not None
    assert evidence.box[1] > LINE_PX
    _, of_two = grounded(ef(15), "LVEF 15 %", ["LVEF 5 %"], ["LVEF 15 %"])
    assert of_two.digits_agree is True


def test_a_pressure_from_a_range_is_looked_for_as_the_range() -> None:
    findings = no_ef(rvsp_mmhg=48.5)
    assert printed_numbers(findings, "rvsp_mmhg", "RVSP 46-51 mmHg") == ("46", "51")
    assert (
        grounded(findings, "RVSP 46-51 mmHg", ["RVSP 46-51 mmHg"], field="rvsp_mmhg")[1].digits_agree is True
    )


def test_a_value_of_words_has_no_digits_to_compare() -> None:
    assert grounded(no_ef(pah="mild"), "Mild PAH", ["1. Mild PAH"], field="pah")[1].digits_agree is None


def test_walls_and_grade_stand_where_the_abnormality_stands() -> None:
    quote = Evidence(quote="akinesia of the apex")
    reading = Reading(no_ef(rwma="present"), {"rwma": quote, "rwma_walls": quote})
    evidence, grounding = ground(reading, [join_words([ocr_page(["Akinesia of the apex."])])])
    assert evidence["rwma_walls"].box == evidence["rwma"].box is not None
    assert set(grounding) == {"rwma"}


def test_numbers_are_read_as_they_are_printed() -> None:
    assert numbers_in("EF 31,77 % or 55.0, fifty five") == ("31.77", "55", "55")
    assert digits_stand(("60",), ("609",))
    assert not digits_stand(("60",), ("160", "6", "6090"))
    assert digits_stand(("55",), numbers_in("EF: 0.55"))
    assert not digits_stand(("55",), ("5.5", "0.45"))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60), st.lists(st.text(alphabet="abcdef 0123456789%.-", max_size=30), max_size=5))
def test_any_quote_against_any_page_gives_an_answer(quote: str, lines: list[str]) -> None:
    reading = Reading(ef(60), {"ef_percent": Evidence(quote=quote)})
    _, grounding = ground(reading, [ReportText.from_plain("\n".join(lines)), join_words([ocr_page(lines)])])
    found = grounding["ef_percent"]
    assert found.is_found == (found.quote_score is not None)
    assert found.quote_score is None or 0 <= found.quote_score <= 100
