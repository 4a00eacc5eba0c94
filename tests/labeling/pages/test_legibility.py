"""When a page's digits can be trusted, and what is said when they can't."""

from __future__ import annotations

import numpy as np
import PIL.Image
import PIL.ImageFilter
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_drawing import blank, letter

from labeling.pages import legibility
from labeling.pages.legibility import (
    Sharpness,
    known_word_share,
    measure_sharpness,
    measures,
    reason_unreadable,
)
from labeling.words import prepared


def sharpness_of(image: PIL.Image.Image) -> Sharpness:
    return measure_sharpness(prepared.flatten(np.asarray(image)))


def measured(**changes: float) -> dict[str, float]:
    good = {
        "line_height_px": 24.0,
        "contrast": 0.7,
        "crispness": 9.0,
        "calm": 0.98,
        "word_confidence": 0.95,
        "known_words": 0.5,
        "word_count": 200.0,
    }
    return {**good, **changes}


def test_blur_widens_edges_and_fading_lowers_contrast() -> None:
    crisp = sharpness_of(letter())
    soft = sharpness_of(letter().filter(PIL.ImageFilter.GaussianBlur(2.5)))
    faint = sharpness_of(letter().point(lambda value: 200 + value // 5))

    assert soft.edge_width_px > 1.6 * crisp.edge_width_px
    assert faint.contrast < 0.5 * crisp.contrast


def test_grain_counts_as_noise() -> None:
    grain = np.random.default_rng(8).normal(0, 14, (1754, 1240))
    noisy = PIL.Image.fromarray(np.clip(np.asarray(letter(), dtype=float) + grain, 0, 255).astype(np.uint8))

    assert sharpness_of(noisy).noise > 3 * sharpness_of(letter()).noise


def test_an_empty_page_has_no_contrast() -> None:
    assert sharpness_of(blank()) == Sharpness(0.0, 99.0, 1.0)


def test_words_of_reports_are_known_and_misread_ones_are_not() -> None:
    assert known_word_share(["No", "regional", "wall", "motion", "abnormality"]) == 1.0
    assert known_word_share(["Rwms", "vzll", "nmtnm", "60", "%"]) == 0.0
    assert known_word_share([]) == 0.0


def test_measures_weigh_confidence_by_letters_and_are_all_higher_is_better() -> None:
    found = measures(Sharpness(0.7, 3.0, 0.02), line_height_px=24.0, words=[("abcdefghi", 1.0), ("x", 0.0)])

    assert found == {
        "line_height_px": 24.0,
        "contrast": 0.7,
        "crispness": 8.0,
        "calm": 0.98,
        "word_confidence": 0.9,
        "known_words": 0.0,
        "word_count": 2.0,
    }


def test_a_good_page_has_no_reason() -> None:
    assert reason_unreadable(measured()) == ""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"contrast": 0.0}, "No text was found"),
        ({"word_count": 0.0}, "No text was found"),
        ({"line_height_px": 0.0, "contrast": 0.2}, "No text was found"),
        ({"line_height_px": 5.0, "crispness": 1.0, "word_count": 0.0}, "No text large and sharp enough"),
        ({"line_height_px": 11.0, "crispness": 3.0, "word_confidence": 0.5}, "about 11 px high"),
        ({"line_height_px": 30.0, "crispness": 4.0, "word_confidence": 0.5}, "too blurred or too faint"),
        ({"word_confidence": 0.4}, "Too few words"),
        ({"crispness": 1.0}, "blurred"),
    ],
)
def test_a_bad_page_is_told_why_in_one_sentence(changes: dict[str, float], reason: str) -> None:
    said = reason_unreadable(measured(**changes))

    assert reason in said
    assert said.endswith(".") and "\n" not in said


@pytest.mark.parametrize(("crispness", "is_readable"), [(3.0, False), (4.5, False), (6.0, True), (9.0, True)])
def test_the_softer_the_print_the_surer_the_words_must_be(crispness: float, is_readable: bool) -> None:
    page = measured(crispness=crispness, word_confidence=0.75, line_height_px=13.0)

    assert (reason_unreadable(page) == "") == is_readable


@given(crispness=st.floats(0, 20), low=st.floats(0, 1), high=st.floats(0, 1))
def test_surer_words_never_make_a_page_unreadable(crispness: float, low: float, high: float) -> None:
    low, high = sorted((low, high))
    if reason_unreadable(measured(crispness=crispness, word_confidence=low)) == "":
        assert reason_unreadable(measured(crispness=crispness, word_confidence=high)) == ""


def test_hopeless_and_empty_pictures_are_not_worth_reading() -> None:
    assert legibility.is_worth_reading(Sharpness(0.7, 3.0, 0.02), 24.0)
    assert not legibility.is_worth_reading(Sharpness(0.7, 9.0, 0.02), 12.0)
    assert not legibility.is_worth_reading(Sharpness(0.0, 99.0, 1.0), 0.0)
