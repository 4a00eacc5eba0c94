"""The language rows are chosen by: small, typed, never run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snapshot_rows import findings, label

from pipeline.dataset.filter_language import FilterError
from pipeline.dataset.filters import COLUMNS, parse_filter
from pipeline.dataset.records import LabelStatus

ROW = label(1, site="Ward 3", findings=findings(35.0, "present"), status=LabelStatus.DOUBLE_READ)
WORDLESS = replace(ROW, findings=findings(None, "not_stated"), reason=None)


@pytest.mark.parametrize(
    ("text", "is_chosen"),
    [
        ("site = 'Ward 3'", True),
        ("site == 'Ward 3' and ef_percent < 40", True),
        ("site = 'Ward 3' AND NOT ef_percent < 40", False),
        ("ef_percent >= 35 and ef_percent <= 35.0", True),
        ("ef_percent = 35 or site = 'x'", True),
        ("site <> 'Ward 3'", False),
        ('site = "Ward 3"', True),
        ("rwma in ('present', 'absent')", True),
        ("rwma not in ('present')", False),
        ("status = 'double_read'", True),
        ("ef_stratum = 'moderately_reduced'", True),
        ("reason is null", True),
        ("ef_percent is not null", True),
        ("is_synthetic = true", True),
        ("report_date >= '2025-06-02' and days_between = 2", True),
        ("report_date < '2025-06-02'", False),
        ("not (site = 'x' or rwma = 'absent')", True),
        ("rvsp_mmhg = -1", False),
        ("light_ef_percent = 'green' and confidence_ef_percent > 0.5", True),
        ("ecg_images = 1", True),
    ],
)
def test_a_filter_chooses_what_it_says(text: str, is_chosen: bool) -> None:
    assert parse_filter(text).chooses(ROW) is is_chosen


def test_and_binds_before_or() -> None:
    assert parse_filter("site = 'Ward 3' or site = 'x' and ef_percent > 90").chooses(ROW)
    assert not parse_filter("(site = 'Ward 3' or site = 'x') and ef_percent > 90").chooses(ROW)


@pytest.mark.parametrize(
    "text", ["ef_percent < 40", "not ef_percent < 40", "ef_percent != 40", "ef_percent not in (1)"]
)
def test_a_missing_value_is_chosen_by_no_comparison(text: str) -> None:
    assert not parse_filter(text).chooses(WORDLESS)


def test_a_missing_value_does_not_hide_what_is_true_without_it() -> None:
    assert parse_filter("ef_percent < 40 or rwma = 'not_stated'").chooses(WORDLESS)


def test_an_unknown_column_is_named_with_those_there_are() -> None:
    with pytest.raises(FilterError, match="no column 'ward'") as caught:
        parse_filter("ward = '3'")
    assert all(name in caught.value.hint for name in COLUMNS)


@pytest.mark.parametrize(
    "text",
    ["", "site", "site =", "site = 'Ward 3", "= 3", "site = 'a' site = 'b'", "(site = 'a'", "ef_percent < "
        "< 3", "and",
     "site = 'a' and", "rwma in ()", "__import__('os')", "site = 'a'; drop", "ef_percent is 3", "site = "
         "site"],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter(text)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("ef_percent = 'forty'", "number"),
        ("site = 3", "quotes"),
        ("site < 'a'", "= or !="),
        ("report_date = '2025-13-01'", "2026-01-31"),
        ("is_synthetic = 'yes'", "true or false"),
    ],
)
def test_a_column_is_compared_with_its_own_kind(text: str, hint: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter(text)
    assert hint in caught.value.hint


@given(st.text(max_size=60))
def test_no_text_does_anything_but_choose_or_be_refused(text: str) -> None:
    try:
        parse_filter(text).chooses(ROW)
    except FilterError:
        pass


@given(st.text(alphabet="site='Ward3 ()anordefprcet<>0.4,in", max_size=40))
def test_text_of_its_own_letters_does_nothing_else_either(text: str) -> None:
    try:
        parse_filter(text).chooses(ROW)
    except FilterError:
        pass


def test_brackets_without_end_are_refused_before_they_exhaust_anything() -> None:
    with pytest.raises(FilterError, match="nested"):
        parse_filter("(" * 1500 + "site = 'a'")
    with pytest.raises(FilterError, match="long"):
        parse_filter("site = '" + "a" * 3000 + "'")


def test_a_filter_is_written_down_without_the_names_of_sites() -> None:
    made = parse_filter("NOT (site = 'Ward 3' or site in ('x''y','z')) and layout = 'Ward 3'")
    told = made.rewritten({"Ward 3": "site 2", "z": "site 1"})
    assert told == "not (site = 'site 2' or site in ('?', 'site 1')) and layout = 'Ward 3'"
    assert parse_filter(told).columns == {"site", "layout"}
