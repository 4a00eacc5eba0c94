"""The line that names a field is its quote only when it is the one such line, and holds the number."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from page_files import sheet

from db.labels import EfOperator, EfState, Findings, Pah, Rwma, RwmaSeverity
from labeling.finetuning.named_lines import LinedReading, line_naming, read_with_lines
from labeling.finetuning.quotes import quotes_of
from labeling.pages.page import Page
from labeling.readers.base import Reading

RECORD = Findings(
    ef_percent=37.5,
    ef_low=35,
    ef_high=40,
    ef_operator=EfOperator.EQUAL,
    ef_state=EfState.STATED,
    rwma=Rwma.PRESENT,
    rwma_severity=RwmaSeverity.MILD,
    pah=Pah.NONE,
    rvsp_mmhg=42,
)
LINES = (
    "Left atrium 42 mm",
    "Ejection fraction 35 - 40 %",
    "Wall motion mild, lateral",
    "Pulm. hypertension nil",
    "PASP 42 mmHg",
)


@pytest.mark.parametrize(
    ("field", "expected"), [("ef_percent", 1), ("rwma", 2), ("pah", 3), ("rvsp_mmhg", 4)]
)  # fmt: skip
def test_the_line_that_names_a_field_is_found(field: str, expected: int) -> None:
    assert line_naming(field, RECORD, LINES) == LINES[expected]


@pytest.mark.parametrize(
    ("field", "lines"),
    [
        ("ef_percent", ["Ejection fraction 35 %"]),
        ("ef_percent", ["Left side 35 - 40 %"]),
        ("ef_percent", ["EF 35-40 %", "Ejection fraction 35 to 40 %"]),
        ("rvsp_mmhg", ["PASP 142 mmHg"]),
        ("rvsp_mmhg", ["Left atrium 42 mm"]),
        ("rwma", ["Wall motion mild", "Regional wall motion: see above"]),
        ("pah", ["Systemic hypertension"]),
        ("pah", []),
    ],
)
def test_no_line_is_better_than_a_doubtful_one(field: str, lines: Sequence[str]) -> None:
    assert line_naming(field, RECORD, lines) is None


def test_a_reader_s_own_words_come_before_a_line_that_names_the_field() -> None:
    quotes = quotes_of(
        RECORD, shown=None, others=[], read_again=lambda: LinedReading(Findings(), lines=LINES)
    )
    assert quotes.words["rwma"] == "Wall motion mild, lateral"
    assert set(quotes.origin.values()) == {"named_line"}
    bare = quotes_of(RECORD, shown=None, others=[], read_again=lambda: Reading(Findings()))
    assert set(bare.origin.values()) == {"unknown"}


@pytest.mark.tesseract
def test_a_page_without_print_has_no_lines() -> None:
    reading = read_with_lines([Page(1, sheet(1))])
    assert reading.lines == ()
    assert reading.findings.ef_state is EfState.UNREADABLE
