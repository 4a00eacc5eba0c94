"""The trace of a photographed page is told from grid, header and table."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from planted_pages import page

from pipeline.imaging.capture import ON_TABLE, SETTINGS, CaptureSettings, Condition
from pipeline.imaging.ecg_photo import photograph_ecg
from pipeline.imaging.rectify import rectify
from pipeline.imaging.trace import estimate_printed, estimate_trace


@pytest.mark.parametrize("condition", [SETTINGS[Condition.CLEAN], SETTINGS[Condition.HARSH], ON_TABLE])
def test_most_of_the_trace_is_found_and_little_else(condition: CaptureSettings) -> None:
    shot = photograph_ecg(page(1, px_per_mm=6.0), np.random.default_rng(1), condition)
    straight = rectify(shot.image)
    size = (straight.image.shape[1], straight.image.shape[0])
    truth = cv2.warpPerspective(shot.trace.astype(np.uint8), straight.photo_to_image, size) > 0
    found = estimate_trace(straight.image)
    near = cv2.dilate(truth.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    # Measured on 40 pages: precision 0.99, recall 0.87 (lead names are left out).
    assert (found & near).sum() > 0.9 * found.sum()
    assert (found & truth).sum() > 0.7 * truth.sum()


def test_a_dark_grid_is_not_taken_for_trace() -> None:
    drawn = page(1, grid="grey")
    dark = drawn.image.copy()
    lines = (dark.max(axis=2) < 185) & ~drawn.trace
    dark[lines] = 110
    found = estimate_trace(dark)
    near = cv2.dilate(drawn.trace.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert found.any()
    assert (found & near).sum() > 0.8 * found.sum()


def test_lead_names_go_with_the_trace_and_header_and_edge_of_the_sheet_stay_with_the_paper() -> None:
    shot = photograph_ecg(page(1), np.random.default_rng(1), SETTINGS[Condition.PHONE])
    straight = rectify(shot.image)
    size = (straight.image.shape[1], straight.image.shape[0])
    truth = cv2.warpPerspective(shot.trace.astype(np.uint8), straight.photo_to_image, size) > 0
    found, strokes = estimate_printed(straight.image), estimate_trace(straight.image)
    near = cv2.dilate(truth.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert (strokes & ~near).any()  # letters of "Name:" that touch, a dark edge
    # Measured on 48 pages: precision 1.000.
    assert (found & near).sum() > 0.995 * found.sum()
    lettering = truth & ~cv2.dilate((strokes & truth).astype(np.uint8), np.ones((9, 9), np.uint8)).astype(
        bool
    )
    assert (found & lettering).sum() > 0.5 * lettering.sum()


def test_rows_of_a_trace_that_is_found_in_pieces_are_kept() -> None:
    drawn = page(1)
    broken = drawn.image.copy()
    for left in range(0, broken.shape[1], 60):
        broken[:, left : left + 14] = 250
    pieces = estimate_trace(broken) & drawn.trace
    assert pieces.any()
    assert not (pieces & ~estimate_printed(broken)).any()


def test_a_page_without_any_long_stroke_gives_what_there_is() -> None:
    blank = np.full((400, 600, 3), 240, np.uint8)
    cv2.line(blank, (300, 190), (300, 215), (20, 20, 20), 3)
    assert np.array_equal(estimate_printed(blank), estimate_trace(blank))


def test_bare_paper_has_hardly_any_trace() -> None:
    assert estimate_trace(np.full((400, 600, 3), 240, np.uint8)).mean() == 0
