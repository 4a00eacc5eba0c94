"""Two photographs of one page are told from pages of two people on one layout."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.imaging.capture import Condition, photograph
from pipeline.imaging.paper import draw_ecg_page
from pipeline.imaging.same_page import Sketch, fit_of, may_be_same, page_strokes, sketch_of

RATE_HZ = 250


def page(seed: int) -> NDArray[np.uint8]:
    """A page of somebody whose heart beats 72 times a minute, as all do here; heights of waves differ."""
    rng = np.random.default_rng(seed)
    seconds = np.arange(10 * RATE_HZ) / RATE_HZ
    phase = np.mod(seconds + rng.uniform(-0.01, 0.01), 60 / 72)
    waves = ((0.2, 0.03, 0.12), (0.36, 0.012, 1.0), (0.4, 0.014, -0.35), (0.6, 0.06, 0.3))
    heights = rng.normal(1.0, 0.35, size=(12, len(waves)))
    shapes = np.array([top * np.exp(-(((phase - at) / wide) ** 2)) for at, wide, top in waves])
    drawn = draw_ecg_page((heights @ shapes).astype(np.float32), RATE_HZ, header=("ECG",), px_per_mm=4.0)
    return drawn.image


@pytest.fixture(scope="module")
def clean() -> NDArray[np.float32]:
    return page_strokes(page(1))


@pytest.mark.parametrize("condition", [Condition.PHONE, Condition.HARSH])
def test_a_page_photographed_again_is_the_same_page(clean: NDArray[np.float32], condition: Condition) -> None:
    again = photograph(page(1), np.random.default_rng(5), condition).image
    found = fit_of(clean, page_strokes(again))
    assert found.is_same
    assert found.pieces > 30
    assert found.median_px < 0.35


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_another_heart_that_beats_as_fast_is_another_page(clean: NDArray[np.float32], seed: int) -> None:
    assert not fit_of(clean, page_strokes(page(seed))).is_same


def test_bare_paper_and_pages_of_another_format_are_no_same_page(clean: NDArray[np.float32]) -> None:
    bare = page_strokes(np.full((400, 600, 3), 240, dtype=np.uint8))
    assert not fit_of(bare, bare).is_same
    assert fit_of(clean, np.ascontiguousarray(clean.T)).pieces == 0


def test_an_upright_picture_is_looked_at_upright() -> None:
    assert page_strokes(np.full((600, 400, 3), 240, dtype=np.uint8)).shape == (768, 576)


@pytest.mark.parametrize("condition", [Condition.PHONE, Condition.HARSH])
def test_a_sketch_tells_which_pages_are_worth_a_close_look(condition: Condition) -> None:
    again = photograph(page(1), np.random.default_rng(5), condition).image
    ours = sketch_of(page(1)).strokes()
    assert may_be_same(ours, [sketch_of(again).strokes()]) == [True]
    # The hearts of `page` all beat at once; another one does not.
    turned = np.roll(page(1), 37, axis=1)
    assert may_be_same(ours, [sketch_of(turned).strokes()]) == [False]


def test_a_sketch_is_the_strokes_at_half_the_size() -> None:
    found = sketch_of(page(1))
    strokes = page_strokes(page(1), smaller=2)
    assert found.strokes().shape == strokes.shape == (288, 384) and not found.is_upright
    assert np.abs(found.strokes() - strokes).max() <= 0.5 * 1.2 / 15 + 1e-6
    assert found.has_ink() and len(found.packed) < 20_000
    upright = sketch_of(np.full((600, 400, 3), 240, dtype=np.uint8))
    assert upright.is_upright and upright.strokes().shape == (384, 288) and not upright.has_ink()
    assert may_be_same(found.strokes(), [upright.strokes()]) == [False]


def test_pages_with_too_little_on_them_to_tell_are_looked_at_closely() -> None:
    line = np.zeros((288, 384), np.float32)
    line[100:103, 20:60] = 1.0
    assert may_be_same(line, [line]) == [True] and isinstance(sketch_of(page(2)), Sketch)
