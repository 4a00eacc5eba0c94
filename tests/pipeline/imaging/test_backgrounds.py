"""A trace keeps its shape on another paper, and the paper it came from is gone."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.imaging.backgrounds import on_other_paper, paper_without_trace


def record(level: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A squiggle on paper of this brightness with a grain of its own, and where the squiggle is."""
    grain = np.random.default_rng(seed).normal(level, 3, (128, 128))
    mask = np.zeros((128, 128), np.uint8)
    x = np.arange(0, 127)
    points = np.stack([x, 64 + 30 * np.sin(x / (5 + seed))], axis=1).astype(np.int32)
    cv2.polylines(mask, [points[:, None]], False, 255, 1)
    return np.where(mask > 0, 20, np.clip(grain, 0, 255)).astype(np.uint8), mask


def test_paper_without_its_trace_has_no_ink() -> None:
    square, mask = record(200, 1)
    assert square.min() == 20
    assert paper_without_trace(square, mask).min() > 150


def test_the_trace_lies_on_the_other_paper() -> None:
    square, mask = record(200, 1)
    other, other_mask = record(150, 2)
    pasted = on_other_paper(square, mask, paper_without_trace(other, other_mask))
    assert np.median(pasted[mask > 0]) < 60
    away = cv2.dilate(mask, np.ones((9, 9), np.uint8)) == 0
    # Grain and brightness are the other paper's alone: nothing is left that tells where the trace came from.
    theirs = paper_without_trace(other, other_mask)
    np.testing.assert_array_equal(pasted[away], theirs[away])


def test_the_place_of_a_removed_trace_keeps_the_papers_grain() -> None:
    square, mask = record(200, 1)
    paper = paper_without_trace(square, mask).astype(float)
    scar, elsewhere = paper[mask > 0].std(), square[cv2.dilate(mask, np.ones((9, 9), np.uint8)) == 0].std()
    assert 0.6 * elsewhere < scar < 1.6 * elsewhere
