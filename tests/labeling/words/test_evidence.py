"""Text and boxes: every character of a report's text knows its place on the page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.words.evidence import ReportText, find_quote, join_words
from labeling.words.read_page import OcrPage, Word


def word(text: str, left: float, top: float, *, line: int, block: int = 0) -> Word:
    return Word(text, (left, top, left + 10.0 * len(text), top + 20.0), 0.9, line, block)


FIRST = OcrPage(
    1,
    (
        word("Ejection", 100, 50, line=0),
        word("fraction", 200, 50, line=0),
        word("of", 100, 80, line=1),
        word("42", 130, 82, line=1),
        word("%.", 160, 80, line=1),
        word("Impression:", 100, 150, line=2, block=1),
    ),
)
SECOND = OcrPage(2, (word("RVSP", 90, 40, line=0), word("38", 140, 40, line=0)))


def test_words_are_joined_by_blanks_lines_blocks_and_pages() -> None:
    report = join_words([FIRST, SECOND])

    assert report.text == "Ejection fraction\nof 42 %.\n\nImpression:\fRVSP 38"
    assert [report.text[word.start : word.end] for word in report.words] == [
        "Ejection", "fraction", "of", "42", "%.", "Impression:", "RVSP", "38",
    ]  # fmt: skip


def test_a_quote_that_wraps_has_one_box_a_line_and_one_around_them_all() -> None:
    report = join_words([FIRST, SECOND])
    start = report.text.index("fraction")

    evidence = report.evidence(start, report.text.index(" %"))

    assert evidence.quote == "fraction of 42"
    assert evidence.page == 1
    assert evidence.boxes == ((200.0, 50.0, 280.0, 70.0), (100.0, 80.0, 150.0, 102.0))
    assert evidence.box == (100.0, 50.0, 280.0, 102.0)


def test_a_quote_on_the_second_page_names_that_page() -> None:
    report = join_words([FIRST, SECOND])

    evidence = report.evidence(report.text.index("RVSP"), len(report.text))

    assert (evidence.quote, evidence.page) == ("RVSP 38", 2)
    assert evidence.box == (90.0, 40.0, 160.0, 60.0)


def test_part_of_a_word_is_boxed_by_the_whole_word_but_quoted_as_asked() -> None:
    report = join_words([FIRST])
    start = report.text.index("fraction")

    evidence = report.evidence(start, start + 4)

    assert evidence.quote == "frac"
    assert evidence.box == (200.0, 50.0, 280.0, 70.0)


def test_a_span_over_a_page_break_is_boxed_on_its_first_page() -> None:
    report = join_words([FIRST, SECOND])

    evidence = report.evidence(report.text.index("Impression"), len(report.text))

    assert evidence.quote == "Impression: RVSP 38"
    assert (evidence.page, evidence.boxes) == (1, ((100.0, 150.0, 210.0, 170.0),))


def test_an_empty_page_between_two_keeps_its_page_break() -> None:
    assert join_words([SECOND, OcrPage(2, ()), SECOND]).text == "RVSP 38\f\fRVSP 38"
    assert join_words([]).text == ""


def test_plain_text_gives_quotes_without_boxes() -> None:
    evidence = ReportText.from_plain("LVEF\n  60 %").evidence(0, 11)

    assert (evidence.quote, evidence.page, evidence.box, evidence.boxes) == ("LVEF 60 %", 1, None, ())


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 2), (-1, 4), (0, 99), (4, 5)])
def test_a_span_without_words_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="span"):
        ReportText.from_plain("LVEF 60 %").evidence(start, end)


@given(st.data())
def test_every_quote_is_in_the_text_and_inside_its_boxes(data: st.DataObject) -> None:
    report = join_words([FIRST, SECOND])
    start = data.draw(st.integers(0, len(report.text) - 1))
    end = data.draw(st.integers(start + 1, len(report.text)))
    if not report.text[start:end].strip():
        return

    evidence = report.evidence(start, end)

    assert evidence.quote in " ".join(report.text.split())
    assert evidence.box is not None
    for box in evidence.boxes:
        assert evidence.box[0] <= box[0] and evidence.box[1] <= box[1]
        assert evidence.box[2] >= box[2] and evidence.box[3] >= box[3]


def test_a_claimed_quote_is_found_through_case_line_breaks_and_a_misread_letter() -> None:
    report = join_words([FIRST, SECOND])

    match = find_quote(report, "ejection  fractlon of 42", 85)

    assert match is not None
    assert report.text[match.start : match.end] == "Ejection fraction\nof 42"
    assert 85 <= match.score < 100


def test_a_verbatim_quote_scores_full() -> None:
    match = find_quote(ReportText.from_plain("Good function, LVEF 60 %, no clot."), "LVEF 60 %,", 85)

    assert match is not None and match.score == 100


@pytest.mark.parametrize("quote", ["severe pulmonary hypertension", "", "   "])
def test_an_invented_or_empty_quote_is_not_found(quote: str) -> None:
    assert find_quote(ReportText.from_plain("LVEF 60 %, no clot seen, mild MR"), quote, 85) is None


@given(st.text(max_size=60), st.text(max_size=30))
def test_a_found_quote_always_lies_inside_the_text(text: str, quote: str) -> None:
    match = find_quote(ReportText.from_plain(text), quote, 60)

    assert match is None or (
        0 <= match.start < match.end <= len(text) and text[match.start : match.end].strip()
    )
