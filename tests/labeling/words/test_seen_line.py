"""A word is a number where its columns say so, and how likely each number is sums all ways to say it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from seen_lines import ALPHABET, line_saying

from labeling.words.poor.seen_line import (
    NUMBERS,
    SeenLine,
    SeenWord,
    as_number,
    number_odds,
    seen,
    side_by_side,
)


@pytest.mark.parametrize(
    ("text", "or_else", "expected"),
    [
        ("s0%", {"s": ("5", 0.3)}, "50%"),
        ("5o-5s%", {"o": ("0", 0.3), "s": ("5", 0.2)}, "50-55%"),
        ("62.5", {}, "62.5"),
        ("(45%)", {}, "(45%)"),
        ("severe", {}, ""),
        ("so", {}, ""),
        ("7", {}, ""),
        ("s", {"s": ("5", 0.4)}, ""),
    ],
)
def test_a_word_is_a_number_where_its_digits_are_nearly_as_likely(
    text: str, or_else: dict[str, tuple[str, float]], expected: str
) -> None:
    line = line_saying(f"is {text} here", or_else)

    assert as_number(line, line.words[1]) == expected
    assert line.text() == f"is {expected or text} here"


def test_lines_side_by_side_keep_their_words_apart() -> None:
    joined = side_by_side(line_saying("an ejection"), line_saying("fraction of 42 %"))

    assert joined.text() == "an ejection fraction of 42 %"
    assert seen([], ALPHABET).words == ()


def test_the_odds_of_numbers_are_those_of_every_way_to_say_them() -> None:
    letters = ("blank", " ", "%", *"0123456789")
    chances = np.random.default_rng(3).dirichlet(np.full(len(letters), 0.3), 5).astype(np.float32) + 1e-3
    line = SeenLine((SeenWord("42%", (0, 2, 4)),), chances, letters)
    sums = dict.fromkeys(NUMBERS, 0.0)
    free = chances[:, 0] + chances[:, 1]
    for way in product(range(len(letters)), repeat=len(chances)):
        said = [letters[one] for place, one in enumerate(way) if place == 0 or one != way[place - 1]]
        text = "".join(one for one in said if one != "blank")
        if (
            " " not in text
            and len(text) == 3
            and text.endswith("%")
            and text[0] != "0"
            and "%" not in text[:2]
        ):
            columns = [free[place] if not one else chances[place, one] for place, one in enumerate(way)]
            sums[int(text[:2])] += float(np.prod(columns))

    odds, _ = number_odds(line, line.words[0], ["%"])

    expected = np.array([sums[number] for number in NUMBERS])
    assert np.exp(odds) == pytest.approx(expected / expected.sum(), rel=0.01, abs=1e-4)


def test_a_word_s_room_ends_where_its_neighbours_letters_stand() -> None:
    line = line_saying("9 42 7")

    odds, behind = number_odds(line, line.words[1], ["", "%"])

    assert NUMBERS[int(odds.argmax())] == 42
    assert behind == pytest.approx(0, abs=0.5)
