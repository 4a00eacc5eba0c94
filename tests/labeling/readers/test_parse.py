"""The strict parser: what fits becomes values, what does not gets a name, and nothing is mended silently."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.labels import WALLS, EfOperator, EfState, Findings, Pah, Rwma, RwmaSeverity
from labeling.readers.answer_schema import answer_schema
from labeling.readers.parse import AnswerError, answer_text, parse_answer

EMPTY: dict[str, Any] = dict.fromkeys(answer_schema()["properties"])
FULL: dict[str, Any] = {
    **EMPTY,
    "ef_quote": "LVEF  50 to\n55 %",
    "ef_state": "stated",
    "ef_operator": "~",
    "ef": "50-55",
    "rwma_quote": "mild apical hypokinesia",
    "rwma": "present",
    "rwma_severity": "mild",
    "rwma_walls": ["mid", "apical"],
    "pah_quote": "no PAH",
    "pah": "none",
    "rvsp_quote": "RVSP 42 mmHg",
    "rvsp": "42",
}


def parsed(**changes: Any) -> Any:
    return parse_answer(json.dumps(FULL | changes))


def code_of(raw_text: str) -> str:
    with pytest.raises(AnswerError) as caught:
        parse_answer(raw_text)
    return caught.value.code


def test_a_whole_answer_becomes_values_quotes_and_numbers_as_printed() -> None:
    answer = parsed()
    findings = answer.findings
    assert (findings.ef_percent, findings.ef_low, findings.ef_high) == (52.5, 50, 55)
    assert findings.ef_operator is EfOperator.ABOUT
    assert (findings.rwma, findings.rwma_severity) == (Rwma.PRESENT, RwmaSeverity.MILD)
    assert findings.rwma_walls == ("apical", "mid")
    assert (findings.pah, findings.rvsp_mmhg) == (Pah.NONE, 42)
    assert answer.quotes["ef_percent"] == "LVEF 50 to 55 %"
    assert answer.printed == {"ef_percent": "50-55", "rvsp_mmhg": "42"}
    assert answer.problems == ()


def test_null_means_the_model_could_not_tell_and_never_that_the_report_is_silent() -> None:
    findings = parse_answer(json.dumps(EMPTY)).findings
    assert (findings.ef_state, findings.rwma, findings.pah) == (
        EfState.UNREADABLE,
        Rwma.UNREADABLE,
        Pah.UNREADABLE,
    )


@pytest.mark.parametrize(
    ("raw_text", "code"),
    [
        ("", "not_json"),
        ("The EF is 55", "not_json"),
        (json.dumps(FULL)[:-3], "not_json"),
        (json.dumps(FULL) + " EF 60", "not_json"),
        ("```json\n" + json.dumps(FULL) + "\n```", "not_json"),
        ("[]", "not_an_object"),
        ('"EF"', "not_an_object"),
        (json.dumps(FULL)[:-1] + ',"ef":"60"}', "key_twice"),
        (json.dumps(FULL | {"note": ""}), "unknown_key"),
        (json.dumps({key: value for key, value in FULL.items() if key != "pah"}), "missing_pah"),
    ],
)
def test_another_form_is_refused_by_name(raw_text: str, code: str) -> None:
    assert code_of(raw_text) == code


@pytest.mark.parametrize(
    "changes",
    [
        {"ef": "4"},
        {"ef": "91"},
        {"ef": "257"},
        {"ef": "055"},
        {"ef": "55%"},
        {"ef": 55},
        {"ef": "50-55-60"},
        {"rvsp": "201"},
        {"rvsp": "4"},
        {"ef_state": "STATED"},
        {"ef_operator": ">="},
        {"rwma": "maybe"},
        {"rwma_walls": ["apex"]},
        {"rwma_walls": "apical"},
        {"rwma_walls": ["apical"] * 13},
        {"pah": ["mild"]},
        {"ef_quote": "x" * 161},
        {"ef_quote": 7},
    ],
)
def test_a_value_outside_the_form_is_refused_and_names_its_key(changes: dict[str, Any]) -> None:
    (key,) = changes
    assert code_of(json.dumps(FULL | changes)) == f"bad_{key}"


@pytest.mark.parametrize(
    ("changes", "problem", "field", "left"),
    [
        ({"ef": "60-50"}, "range_order", "ef_percent", None),
        ({"ef_state": "not_stated"}, "number_though_not_stated", "ef_percent", None),
        ({"ef": None}, "stated_without_number", "ef_percent", None),
        ({"rvsp": "51-46"}, "range_order", "rvsp_mmhg", None),
        ({"rwma": "absent"}, "absent_with_grade_or_wall", "rwma", Rwma.UNREADABLE),
        ({"rwma_severity": "none"}, "present_with_grade_none", "rwma", Rwma.UNREADABLE),
        ({"rwma": "not_stated"}, "grade_or_wall_though_not_stated", "rwma", Rwma.UNREADABLE),
    ],
)
def test_an_answer_that_contradicts_itself_is_named_and_left_open(
    changes: dict[str, Any], problem: str, field: str, left: Any
) -> None:
    answer = parsed(**changes)
    assert answer.problems == ((field, problem),)
    assert getattr(answer.findings, field) == left


def test_an_error_never_holds_what_the_model_printed() -> None:
    with pytest.raises(AnswerError) as caught:
        parse_answer("Mrs Example has an EF of 55")
    assert "Example" not in str(caught.value) and caught.value.__cause__ is None


numbers = st.integers(5, 90).map(float) | st.integers(50, 900).map(lambda tenth: tenth / 10)
words = st.none() | st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=40
)


@st.composite
def records(draw: st.DrawFn) -> Findings:
    ef: dict[str, Any] = {"ef_state": draw(st.sampled_from([EfState.NOT_STATED, EfState.UNREADABLE]))}
    if draw(st.booleans()):
        low, high = sorted((draw(numbers), draw(numbers)))
        is_range = draw(st.booleans())
        ef = {
            "ef_percent": (low + high) / 2 if is_range else low,
            "ef_low": low if is_range else None,
            "ef_high": high if is_range else None,
            "ef_operator": draw(st.sampled_from(EfOperator)),
            "ef_state": EfState.STATED,
        }
    rwma = draw(st.sampled_from(Rwma))
    walls: dict[str, Any] = {"rwma": rwma}
    if rwma is Rwma.ABSENT:
        walls["rwma_severity"] = RwmaSeverity.NONE
    elif rwma is Rwma.PRESENT:
        walls["rwma_severity"] = draw(
            st.sampled_from([item for item in RwmaSeverity if item is not RwmaSeverity.NONE])
        )
        walls["rwma_walls"] = tuple(draw(st.sets(st.sampled_from(WALLS))))
    rvsp = draw(st.none() | st.integers(5, 200).map(float))
    return Findings(**ef, **walls, pah=draw(st.sampled_from(Pah)), rvsp_mmhg=rvsp)


@given(records())
def test_what_a_perfect_reader_prints_is_read_back_as_the_same_record(findings: Findings) -> None:
    answer = parse_answer(answer_text(findings, {}))
    assert answer.findings == findings
    assert answer.problems == ()


@given(words)
def test_a_quote_survives_but_for_what_the_grammar_has_no_place_for(quote: str | None) -> None:
    text = answer_text(Findings(), {"pah": quote} if quote else {})
    expected = (quote or "").replace('"', "").replace("\\", "")
    assert parse_answer(text).quotes.get("pah", "") == expected


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_any_text_gives_an_answer_or_a_named_error(raw_text: str) -> None:
    try:
        parse_answer(raw_text)
    except AnswerError as error:
        assert error.code.replace("_", "").isalnum()
