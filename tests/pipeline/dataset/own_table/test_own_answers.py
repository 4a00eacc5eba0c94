"""What the cells of a researcher's table are taken as, and what is never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.labels import EF_MAX_PERCENT, EF_MIN_PERCENT, Findings
from pipeline.dataset.own_table.answers import AnswerError, Taken, codes_in, taken


def said(**cells: str) -> Taken:
    """A row of columns that hold these cells alone."""
    return taken(cells, {field: codes_in([cell]) for field, cell in cells.items()})


@pytest.mark.parametrize(
    ("cell", "percent", "low", "high", "operator"),
    [
        ("55", 55, None, None, "="),
        (" 55 % ", 55, None, None, "="),
        ("55.0", 55, None, None, "="),
        ("37,5", 37.5, None, None, "="),
        ("50-55", 52.5, 50, 55, "="),
        ("50 – 55%", 52.5, 50, 55, "="),
        ("50 to 55", 52.5, 50, 55, "="),
        ("<30", 30, None, None, "<"),
        ("≥ 60", 60, None, None, ">"),
        ("~45", 45, None, None, "~"),
    ],
)
def test_an_ejection_fraction_is_taken_as_it_is_written(
    cell: str, percent: float, low: float | None, high: float | None, operator: str
) -> None:
    found = said(ef_percent=cell).findings
    assert (found.ef_percent, found.ef_low, found.ef_high) == (percent, low, high)
    assert found.ef_operator == operator
    assert found.ef_state == "stated"


@pytest.mark.parametrize("cell", ["", "N/A", "nan", "-", "not stated", "#N/A", "."])
def test_an_ejection_fraction_that_is_not_there_is_not_stated(cell: str) -> None:
    assert said(ef_percent=cell).findings.ef_state == "not_stated"


@pytest.mark.parametrize(
    ("cell", "why", "remedy"),
    [
        ("0.55", "is a share", "0.55 becomes 55"),
        ("0,6", "is a share", "0.6 becomes 60"),
        ("1", "is a share", "by 100"),
        ("0", "outside 5-90", "Correct it"),
        ("3", "outside 5-90", "Correct it"),
        ("95", "outside 5-90", "Correct it"),
        ("550", "outside 5-90", "Correct it"),
        ("55-50", "no range", "lower end first"),
        ("good", "no ejection fraction", "Write percent"),
        ("5.5E+01", "no ejection fraction", "Write percent"),
        ("55/60", "no ejection fraction", "Write percent"),
    ],
)
def test_an_ejection_fraction_that_cannot_be_is_refused_with_a_remedy(
    cell: str, why: str, remedy: str
) -> None:
    with pytest.raises(AnswerError, match=why) as refused:
        said(ef_percent=cell)
    assert remedy in refused.value.remedy


@pytest.mark.parametrize(
    ("cell", "rwma", "severity"),
    [
        *((word, "present", "not_stated") for word in ("Yes", "y", "1", "1.0", "TRUE", "present", "RWMA")),
        *((word, "absent", "none") for word in ("No", "n", "0", "0.0", "False", "absent", "nil", "No RWMA")),
        ("Severe", "present", "severe"),
        ("mild RWMA", "present", "mild"),
        ("No regional wall motion abnormality", "absent", "none"),
        ("no wall motion abnormalities.", "absent", "none"),
        ("", "not_stated", "not_stated"),
        ("NA", "not_stated", "not_stated"),
        ("unreadable", "unreadable", "not_stated"),
    ],
)
def test_wall_motion_has_known_words_alone(cell: str, rwma: str, severity: str) -> None:
    found = said(rwma=cell).findings
    assert (found.rwma, found.rwma_severity) == (rwma, severity)


@pytest.mark.parametrize("cell", ["maybe", "global hypokinesia", "apical", "yes?", "+", "2", "ja"])
def test_wall_motion_in_other_words_is_refused(cell: str) -> None:
    with pytest.raises(AnswerError):
        said(rwma=cell)


def test_what_is_refused_is_quoted_as_it_was_written() -> None:
    with pytest.raises(AnswerError, match="rwma 'apical rwma' is no answer"):
        said(rwma="Apical RWMA")


def test_codes_are_taken_where_the_column_holds_0_and_1_alone() -> None:
    codes = {"rwma": codes_in(["0", "1", "1.0", "", "no"])}
    assert taken({"rwma": "1"}, codes).findings.rwma == "present"
    more = {"rwma": codes_in(["0", "1", "2", "3"])}
    for cell in ("0", "1", "2"):
        with pytest.raises(AnswerError, match="0, 1, 2, 3"):
            taken({"rwma": cell}, more)
    signs = {"rwma": codes_in(["+", "-"])}
    with pytest.raises(AnswerError):
        taken({"rwma": "-"}, signs)
    assert taken({"rwma": "-"}, {"rwma": codes_in(["-", "yes"])}).findings.rwma == "not_stated"


def test_grade_and_wall_motion_must_not_contradict_each_other() -> None:
    assert said(rwma="yes", rwma_severity="moderate").findings.rwma_severity == "moderate"
    assert said(rwma_severity="none").findings.rwma == "absent"
    assert said(rwma_severity="severe").findings.rwma == "present"
    for rwma, grade in (("no", "mild"), ("yes", "none"), ("mild", "severe"), ("unreadable", "mild")):
        with pytest.raises(AnswerError):
            said(rwma=rwma, rwma_severity=grade)
    with pytest.raises(AnswerError):
        said(rwma="yes", rwma_severity="2")


@pytest.mark.parametrize(
    ("cell", "pah"),
    [
        ("no", "none"),
        ("mild PAH", "mild"),
        ("Yes", "present_unspecified"),
        ("", "not_stated"),
        ("nil", "none"),
    ],
)
def test_pulmonary_hypertension_is_the_word(cell: str, pah: str) -> None:
    assert said(pah=cell).findings.pah == pah


def test_pressure_age_and_sex() -> None:
    assert said(rvsp_mmhg="45 mmHg").findings.rvsp_mmhg == 45
    with pytest.raises(AnswerError):
        said(rvsp_mmhg="450")
    assert [said(age_years=cell).age_years for cell in ("57", "57 yrs", "91", "103", "", "57.0")] == [
        57, 57, 90, 90, None, 57,
    ]  # fmt: skip
    for cell in ("1967-03-01", "570", "old", "-5"):
        with pytest.raises(AnswerError):
            said(age_years=cell)
    assert [said(sex=cell).sex for cell in ("M", "female", "", "unknown")] == ["male", "female", None, None]
    with pytest.raises(AnswerError):  # 1 and 2 are male and female, or the other way round
        said(sex="1")


@given(st.text(max_size=12), st.text(max_size=12))
def test_whatever_stands_in_a_cell_gives_a_record_that_can_be_or_a_reason(ef: str, rwma: str) -> None:
    try:
        found = said(ef_percent=ef, rwma=rwma).findings
    except AnswerError as error:
        assert str(error) and error.remedy
        return
    assert Findings.model_validate(found.model_dump()) == found
    assert found.ef_percent is None or EF_MIN_PERCENT <= found.ef_percent <= EF_MAX_PERCENT
