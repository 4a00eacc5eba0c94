"""What a person may type, and what record it makes."""

from __future__ import annotations

from typing import Any

import pytest
from desk_fixture import findings
from hypothesis import given
from hypothesis import strategies as st

from db.labels import EF_MAX_PERCENT, EF_MIN_PERCENT, EfOperator, EfState, Findings, Pah, Rwma, RwmaSeverity
from review_ui import text
from review_ui.desk.answers import NotStorable, apply_answers, parse_ef, parse_rvsp

STATED = findings(
    ef_percent=37.5, ef_low=35, ef_high=40, ef_operator="=", ef_state="stated", lv_function="poor"
)


@pytest.mark.parametrize(
    ("typed", "percent", "low", "high", "operator"),
    [
        ("55", 55, None, None, "="),
        (" 37.5 % ", 37.5, None, None, "="),
        ("37,5", 37.5, None, None, "="),
        ("50-55", 52.5, 50, 55, "="),
        ("50 – 55 %", 52.5, 50, 55, "="),
        ("50 to 55", 52.5, 50, 55, "="),
        (">55", 55, None, None, ">"),
        (">= 55", 55, None, None, ">"),
        ("<30", 30, None, None, "<"),
        ("~60", 60, None, None, "~"),
        ("~50-60", 55, 50, 60, "~"),
        ("5", 5, None, None, "="),
        ("90", 90, None, None, "="),
    ],
)
def test_a_typed_ejection_fraction_keeps_its_bounds_and_its_sign(
    typed: str, percent: float, low: float | None, high: float | None, operator: str
) -> None:
    number = parse_ef(typed)
    assert (number.value, number.low, number.high, number.operator) == (
        percent,
        low,
        high,
        EfOperator(operator),
    )


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Please type a number"),
        ("good", "Please type a number"),
        ("5 5", "Please type a number"),
        ("-", "Please type a number"),
        ("50-", "Please type a number"),
        ("Ⅳ", "Please type a number"),
        ("1" * 500, "Please type a number"),
        ("4", "between 5 and 90 percent; 4 does not"),
        ("91", "between 5 and 90 percent; 91 does not"),
        ("85-101", "between 5 and 90 percent"),
        ("0", "between 5 and 90 percent"),
        ("0.55", "in percent: 55 rather than 0.55"),
        ("0.5-0.6", "in percent: 55 rather than 0.5-0.6"),
        ("60-50", "first number of the range is larger"),
        (">50-55", "A range has no > or < sign"),
    ],
)
def test_a_number_that_cannot_be_stored_is_told_in_a_calm_sentence(typed: str, words: str) -> None:
    with pytest.raises(NotStorable) as told:
        parse_ef(typed)
    assert words in told.value.sentence
    assert told.value.field == "ef"
    assert "!" not in told.value.sentence


@given(st.text(max_size=60))
def test_whatever_is_typed_gives_a_storable_number_or_a_sentence(typed: str) -> None:
    try:
        record = apply_answers(Findings(), {"ef": {"text": typed}})
    except NotStorable:
        return
    assert record.ef_percent is not None
    assert EF_MIN_PERCENT <= record.ef_percent <= EF_MAX_PERCENT


@given(st.floats(5, 90), st.floats(0, 10))
def test_a_printed_range_becomes_its_midpoint(low: float, width: float) -> None:
    low, high = round(low, 1), round(low + width, 1)
    if (low + high) / 2 > EF_MAX_PERCENT:
        return
    number = parse_ef(f"{low}-{high}")
    assert number.value == pytest.approx((low + high) / 2)


def test_no_answer_keeps_the_record_as_it_was_shown() -> None:
    assert apply_answers(STATED, {}) == STATED


@pytest.mark.parametrize("state", ["not_stated", "unreadable"])
def test_not_stated_and_unreadable_are_different_and_clear_the_number(state: str) -> None:
    record = apply_answers(STATED, {"ef": {"state": state}})
    assert record.ef_state is EfState(state)
    assert (record.ef_percent, record.ef_low, record.ef_high, record.ef_operator) == (None, None, None, None)
    assert record.lv_function == "poor"


def test_choosing_absent_clears_severity_and_walls() -> None:
    base = findings(rwma="present", rwma_severity="mild", rwma_walls=("apical",))
    record = apply_answers(base, {"rwma": "absent"})
    assert (record.rwma, record.rwma_severity, record.rwma_walls) == (Rwma.ABSENT, RwmaSeverity.NONE, ())


def test_present_keeps_walls_that_were_read_and_takes_a_severity() -> None:
    base = findings(rwma="present", rwma_walls=("apical",))
    record = apply_answers(base, {"rwma": "present", "rwma_severity": "severe"})
    assert (record.rwma_severity, record.rwma_walls) == (RwmaSeverity.SEVERE, ("apical",))


def test_present_after_absent_is_not_graded() -> None:
    base = findings(rwma="absent", rwma_severity="none")
    assert apply_answers(base, {"rwma": "present"}).rwma_severity is RwmaSeverity.NOT_STATED


def test_a_new_pressure_drops_the_grade_that_was_computed_from_the_old_one() -> None:
    base = findings(rvsp_mmhg=48, pah_derived="moderate", pah_derived_table="lab")
    assert apply_answers(base, {"rvsp": {"text": "48"}}).pah_derived is Pah.MODERATE
    record = apply_answers(base, {"rvsp": {"text": "36-40"}})
    assert (record.rvsp_mmhg, record.pah_derived) == (38, None)
    assert apply_answers(base, {"rvsp": {"text": " "}}).rvsp_mmhg is None


@pytest.mark.parametrize("typed", ["high", ">50", "4", "201", "60-50"])
def test_a_pressure_that_cannot_be_stored_is_told(typed: str) -> None:
    with pytest.raises(NotStorable) as told:
        parse_rvsp(typed)
    assert told.value.field == "pah"


@pytest.mark.parametrize(
    "answers",
    [
        {"ef": "55"},
        {"ef": {"text": 55}},
        {"ef": {"state": "stated"}},
        {"ef": {"state": "maybe"}},
        {"ef": None},
        {"rwma": "perhaps"},
        {"rwma": ["present"]},
        {"rwma": "present", "rwma_severity": "none"},
        {"rwma": "present", "rwma_walls": ["roof"]},
        {"rwma": "present", "rwma_walls": "apical"},
        {"rwma": "present", "rwma_walls": [["apical"]]},
        {"pah": {"$ne": 1}},
        {"rvsp": {"text": None}},
    ],
)
def test_an_answer_outside_the_vocabulary_is_refused(answers: dict[str, Any]) -> None:
    with pytest.raises(NotStorable):
        apply_answers(STATED, answers)


def test_every_answer_of_the_vocabulary_has_a_word() -> None:
    assert set(text.ANSWER_WORDS["rwma"]) == {value.value for value in Rwma}
    assert set(text.ANSWER_WORDS["rwma_severity"]) == {value.value for value in RwmaSeverity}
    assert set(text.ANSWER_WORDS["pah"]) == {value.value for value in Pah}


def test_walls_that_are_named_take_the_place_of_those_of_the_draft() -> None:
    base = findings(rwma="present", rwma_walls=("apical",))
    answers = {"rwma": "present", "rwma_walls": ["inferior", "anterior", "inferior"]}
    assert apply_answers(base, answers).rwma_walls == ("anterior", "inferior")
    assert apply_answers(base, {"rwma": "present", "rwma_walls": []}).rwma_walls == ()
    plain = findings(rwma="absent", rwma_severity="none")
    assert apply_answers(plain, answers).rwma_walls == ("anterior", "inferior")
    assert apply_answers(base, {"rwma": "absent", "rwma_walls": []}).rwma_walls == ()
