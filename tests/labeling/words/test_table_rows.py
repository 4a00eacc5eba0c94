"""Names and values of a table that an engine read as two columns."""

from __future__ import annotations

from labeling.words.evidence import join_words
from labeling.words.read_page import OcrPage, Word
from labeling.words.table_rows import with_rows

NAMES = ["Aorta", "LVIDd / LVIDs", "EF", "RVSP"]
VALUES = ["31 mm", "53 / 38 mm", "52 %", "33 mmHg"]


def _line(text: str, left: float, top: float, *, line: int, block: int) -> list[Word]:
    words, x = [], left
    for part in text.split():
        words.append(Word(part, (x, top, x + 12 * len(part), top + 20), 0.9, line, block))
        x += 12 * len(part) + 6
    return words


def _page(names: list[str], values: list[str], *, drop_px: float = 0.0, skew_deg: float = 0.0) -> OcrPage:
    """A column of names, then a column of values `drop_px` lower, as an engine gives them."""
    words: list[Word] = []
    for row, name in enumerate(names):
        words += _line(name, 80, 100 + 40 * row, line=row, block=0)
    for row, value in enumerate(values):
        words += _line(value, 420, 100 + 40 * row + drop_px, line=20 + row, block=1)
    return OcrPage(1, tuple(words), width_px=1000, height_px=1400, skew_deg=skew_deg)


def test_each_value_follows_the_name_in_whose_row_it_stands() -> None:
    text = join_words([with_rows(_page(NAMES, VALUES))]).text
    assert text.split("\n") == ["Aorta 31 mm", "LVIDd / LVIDs 53 / 38 mm", "EF 52 %", "RVSP 33 mmHg"]


def test_rows_are_found_on_a_page_that_lies_askew() -> None:
    # Two degrees clockwise let a value 340 px to the right stand 12 px lower.
    page = _page(NAMES, VALUES, drop_px=12.0, skew_deg=2.0)
    assert "EF 52 %" in join_words([with_rows(page)]).text


def test_no_word_is_lost_or_changed() -> None:
    page = _page(NAMES, VALUES)
    joined = with_rows(page)
    assert sorted((word.text, word.box) for word in joined.words) == sorted(
        (word.text, word.box) for word in page.words
    )


def test_columns_of_sentences_stay_apart() -> None:
    left = ["Mild MR seen", "Aorta 31 mm", "No clot", "LA dilated"]
    right = ["52 years old patient of the clinic", "Trivial TR", "No effusion", "IVC 14 mm"]
    page = _page(left, right)
    assert with_rows(page) is page


def test_values_between_two_rows_are_nobodys() -> None:
    page = _page(NAMES, VALUES, drop_px=19.0)
    assert with_rows(page) is page
