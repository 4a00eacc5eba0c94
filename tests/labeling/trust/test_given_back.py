"""Numbers given back by the second engine: only what the first one lost, and never in green."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from ocr_pages import ocr_page
from report_drawing import letter, page

from db.labels import EfState, Light, Rwma
from labeling.readers.base import Reading
from labeling.readers.rules import reading_of_ocr
from labeling.trust.cross_check import ReportWords, check_reading, recognise_report
from labeling.trust.light import light_of_fields
from labeling.words.read_page import OcrPage

REST = ("No regional wall motion abnormality.", "No pulmonary hypertension.")
CRISP = {"word_confidence": 0.55, "crispness": 8.0, "word_count": 40.0}
TOO_FEW = "Too few words on the page could be recognised to trust its digits."


def checked(first: Sequence[str], second: Sequence[str], *, unreadable: str = "") -> Reading:
    pages = (ocr_page([*first, *REST], unreadable=unreadable),)
    words = ReportWords(pages, (ocr_page([*second, *REST]),))
    return check_reading(reading_of_ocr(words.first), words, version="5-1", is_rules=True)


@pytest.mark.parametrize("lost", ["LVEF is %.", "LVEF is G@ %.", "LVEF is 6", "Ejecti0n fracti0n :", "EF 6"])
def test_lost_digits_come_back_where_both_see_the_name(lost: str) -> None:
    reading = checked([lost], ["LVEF is 60 %."])
    assert reading.findings.ef_percent == 60
    assert reading.findings.ef_state is EfState.STATED
    assert reading.evidence["ef_percent"].quote == "LVEF is 60 %"
    assert light_of_fields(reading)["ef_percent"] is not Light.GREEN


@pytest.mark.parametrize(("seen", "confidence"), [("", 0.9), ("~ |", 0.9), ("eae sess", 0.2)])
def test_a_line_that_the_first_engine_passed_over_comes_back(seen: str, confidence: float) -> None:
    stray = ocr_page([seen], confidence=confidence).words
    first = ocr_page(["", *REST])
    words = ReportWords((replace(first, words=(*stray, *first.words)),), (ocr_page(["LV EF: 58 %", *REST]),))
    reading = check_reading(reading_of_ocr(words.first), words, version="5-1", is_rules=True)
    assert reading.findings.ef_percent == 58
    assert light_of_fields(reading)["ef_percent"] is Light.AMBER

    unsure = replace(words, second=(ocr_page(["LV EF: 58 %", *REST], confidence=0.7),))
    reading = check_reading(reading_of_ocr(words.first), unsure, version="5-1", is_rules=True)
    assert reading.findings.ef_percent is None


def test_a_pressure_comes_back_too_and_the_rest_stays() -> None:
    reading = checked(["RVSP is mmHg."], ["RVSP is 48 mmHg."])
    assert reading.findings.rvsp_mmhg == 48
    assert light_of_fields(reading)["rvsp_mmhg"] is Light.AMBER
    assert reading.findings.rwma is Rwma.ABSENT
    assert light_of_fields(reading)["rwma"] is Light.GREEN


def test_digits_that_one_engine_doubts_count_where_the_other_sees_the_same() -> None:
    doubted = ocr_page(["LVEF is 60 %.", *REST], confidence=0.4)
    words = ReportWords((doubted,), (ocr_page(["LVEF is 60 %.", *REST]),))
    first = reading_of_ocr(words.first)
    assert first.findings.ef_state is EfState.UNREADABLE
    reading = check_reading(first, words, version="5-1", is_rules=True)
    assert reading.findings.ef_percent == 60
    assert light_of_fields(reading)["ef_percent"] is Light.AMBER


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The aorta is normal.", "LVEF is 60 %."),  # only one of them sees the name
        ("Normal range of LVEF is 55 - 70 %.", "LVEF is 55 - 70 %."),  # read well, and turned down
        ("LVEF is 45 %.", "LVEF is 60 %."),  # differing values are for a person
        ("LVEF is 6 %.", "LVEF is 45 %."),  # no lost digit makes 45 of 6
    ],
)
def test_nothing_else_is_given_back(first: str, second: str) -> None:
    without = reading_of_ocr([ocr_page([first, *REST])]).findings
    assert checked([first], [second]).findings.ef_percent == without.ef_percent


def test_a_crisp_page_that_one_engine_can_not_read_is_given_to_the_other() -> None:
    refused = replace(
        ocr_page(["LVEF 1s G0", *REST], confidence=0.5), legibility=CRISP, unreadable_reason=TOO_FEW
    )
    asked: list[int] = []

    def second(page: object, seen: OcrPage) -> OcrPage:
        asked.append(seen.number)
        return ocr_page(["LVEF is 60 %.", *REST])

    words = recognise_report([page(letter())], lambda _: refused, second)
    reading = check_reading(reading_of_ocr(words.first), words, version="5-1", is_rules=True)
    assert asked == [1]
    assert reading.findings.ef_percent == 60
    assert light_of_fields(reading)["ef_percent"] is Light.AMBER
    # Words are not given back: one that is lost turns them into their opposite.
    assert reading.findings.rwma is Rwma.UNREADABLE

    blurred = replace(refused, legibility={**CRISP, "crispness": 3.0})
    recognise_report([page(letter())], lambda _: blurred, second)
    assert asked == [1]
