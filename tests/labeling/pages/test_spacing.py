"""Blanks that PDFium puts between the letters of a word are left out; those between words stay."""

from __future__ import annotations

import pytest

from labeling.pages.spacing import PUT, Letter, is_in_letters, without_false_blanks


def set_out(text: str, gap: float, blank: float = 6.0, *, put: str = PUT) -> list[Letter]:
    """Letters 6 points wide and 12 high on one level, `gap` points apart, with put blanks between all."""
    found: list[Letter] = []
    at = 0.0
    for letter in text:
        if letter == " ":
            at += blank
            found += [(put, None)] if put == " " else []
            continue
        found += [(put, None)] if found and put == PUT else []
        found.append((letter, (at, 0.0, at + 6.0, 12.0)))
        at += 6.0 + gap
    return found


def said(letters: list[Letter]) -> str:
    return "".join(
        " " if edges is None else letter for letter, edges in without_false_blanks(letters)
    ).strip()


@pytest.mark.parametrize("gap", [-0.5, 0.0, 0.5])
def test_letters_that_touch_are_one_word(gap: float) -> None:
    assert said(set_out("LVEF 42 % now", gap)) == "LVEF 42 % now"


@pytest.mark.parametrize("gap", [2.0, 5.0, 9.0])
def test_a_line_that_is_spaced_out_is_read_by_its_wider_gaps(gap: float) -> None:
    line = "Hypokinesia of the wall, EF 42 %"

    assert said(set_out(line, gap, blank=6.0 + gap)) == line


@pytest.mark.parametrize("row", ["1 1 2 1 1 3 1", "N N H A N N N", "A B C D E F G"])
def test_rows_of_grades_and_codes_stay_apart(row: str) -> None:
    assert said(set_out(row, 0.0)) == row
    assert said(set_out(row.replace(" ", ""), 4.0)) == row


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("E F   5 5 %", "EF 55%"),
        ("E F 5 5 %", "EF 55%"),
        ("E . F .   5 5 %", "E.F. 55%"),
        ("R V S P : 3 8 mmHg", "RVSP: 38 mmHg"),
        ("H y p o k i n e s i a   o f   t h e   w a l l", "Hypokinesia of the wall"),
        ("E j e c t i o n   F r a c t i o n :   4 2 . 5   %", "Ejection Fraction: 42.5 %"),
    ],
)
def test_letters_that_the_file_parts_by_blanks_are_words(line: str, words: str) -> None:
    assert said(set_out(line, 0.0, put=" ")) == words


@pytest.mark.parametrize(
    "row", ["1 1 2 1 1 3 1", "N N H A N N N", "A B C D E F G", "I a m 4 2", "E / A 1 . 2"]
)
def test_codes_and_short_words_of_the_file_stay_apart(row: str) -> None:
    assert said(set_out(row, 0.0, put=" ")) == row


def test_a_page_in_single_letters_is_told_from_one_in_words() -> None:
    assert is_in_letters("H y p o k i n e s i a o f t h e w a l l s e e n".split())
    assert not is_in_letters(
        "the wall is seen N N H A N N H and a few more words for a page of print".split() * 2
    )
    assert not is_in_letters("1 1 2 1 1 3".split() * 9)


def test_a_blank_of_the_file_stays_and_so_does_one_between_words() -> None:
    letters = set_out("EF", 0.0) + [(" ", None)] + [("4", (12.0, 0.0, 18.0, 12.0))]

    assert said(letters) == "EF 4"
    assert said(set_out("an echo of the heart", 0.0, blank=3.0)) == "an echo of the heart"


def test_a_raised_footnote_is_no_digit_of_a_number() -> None:
    letters: list[Letter] = [
        ("4", (0, 0, 6, 12)), ("2", (6, 0, 12, 12)), (PUT, None), ("1", (12, 5, 15, 12)), (PUT, None),
        ("%", (16, 0, 24, 12)),
    ]  # fmt: skip

    assert said(letters) == "42 1 %"
    assert said([letter for letter in letters if letter[0] != PUT]) == "42 1%"


def test_letters_on_other_levels_are_no_word() -> None:
    letters: list[Letter] = [("4", (0, 20, 6, 32)), (PUT, None), ("2", (6, 0, 12, 12)), (PUT, None)]

    assert said(letters) == "4 2"
