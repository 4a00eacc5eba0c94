"""Pages are made level by one transform, and boxes find their way back through it."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_drawing import LETTER, blank, keystoned, letter, tilted, write

from labeling.pages import geometry


def pixels(image: PIL.Image.Image) -> np.ndarray:
    return np.asarray(image)


@pytest.mark.parametrize("angle_deg", [-9.0, -4.0, -1.3, 2.0, 4.0, 11.0])
def test_a_tilted_page_is_turned_back_to_within_a_quarter_degree(angle_deg: float) -> None:
    levelling = geometry.level(pixels(tilted(letter(), angle_deg)))

    assert levelling.skew_deg == pytest.approx(-angle_deg, abs=0.25)


def test_a_straight_page_is_left_untouched() -> None:
    levelling = geometry.level(pixels(letter()))

    assert levelling.skew_deg == 0
    assert np.array_equal(levelling.matrix, np.eye(3))
    assert levelling.size == letter().size


def test_an_empty_page_has_no_skew_and_no_lines() -> None:
    levelling = geometry.level(pixels(blank()))

    assert (levelling.skew_deg, levelling.slope_change, levelling.line_height_px) == (0, 0, 0)


@pytest.mark.parametrize("size_px", [16, 24, 40])
def test_line_height_follows_the_size_of_the_type(size_px: int) -> None:
    assert geometry.level(pixels(letter(size_px))).line_height_px == pytest.approx(size_px, rel=0.25)


def test_lines_of_a_page_photographed_from_the_side_become_parallel() -> None:
    image = keystoned(letter_down_the_page(), 0.05)
    levelling = geometry.level(pixels(image))

    assert abs(levelling.slope_change) > 0.05
    before, after = (line_ends(image, matrix) for matrix in (np.eye(3), levelling.matrix))
    assert np.ptp(before) > 0.05
    assert np.ptp(after) < 0.012


def letter_down_the_page() -> PIL.Image.Image:
    image = blank()
    write(image, [*LETTER, *LETTER, *LETTER], leading=2.1)
    return image


def line_ends(image: PIL.Image.Image, matrix: np.ndarray) -> list[float]:
    """Slopes of the printed lines (known from how the page was made) after `matrix`."""
    width, height = image.size
    shift = 0.05 * height
    slopes = []
    for share in (0.1, 0.5, 0.9):
        left, right = (
            np.array([0, shift + share * (height - 2 * shift), 1]),
            np.array([width, share * height, 1]),
        )
        (x0, y0, w0), (x1, y1, w1) = matrix @ left, matrix @ right
        slopes.append(float((y1 / w1 - y0 / w0) / (x1 / w1 - x0 / w0)))
    return slopes


def test_lines_that_run_down_the_page_are_noticed() -> None:
    image = letter()

    assert not geometry.runs_down(pixels(image))
    assert geometry.runs_down(pixels(image.transpose(PIL.Image.Transpose.ROTATE_90)))
    assert not geometry.runs_down(pixels(blank()))


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
def test_quarter_turns_move_pixels_where_their_transform_says(rotation_deg: int) -> None:
    page = np.arange(12, dtype=np.uint8).reshape(3, 4)
    turned = np.rot90(page, rotation_deg // 90)

    matrix, size = geometry.quarter_turn_matrix(4, 3, rotation_deg)

    assert size == (turned.shape[1], turned.shape[0])
    for y in range(3):
        for x in range(4):
            left, top, right, bottom = geometry.map_box((x, y, x + 1, y + 1), matrix, size)
            assert (right - left, bottom - top) == (1, 1)
            assert turned[int(top), int(left)] == page[y, x]


@given(
    angle_deg=st.floats(-14, 14),
    factor=st.floats(0.3, 3),
    left=st.floats(10, 700),
    top=st.floats(10, 900),
    wide=st.floats(1, 90),
    high=st.floats(1, 90),
)
def test_a_box_taken_back_holds_the_box_it_came_from(
    angle_deg: float, factor: float, left: float, top: float, wide: float, high: float
) -> None:
    turn, _ = geometry.turn_matrix(800, 1000, angle_deg)
    there = geometry.scale_matrix(factor) @ turn
    box = (left, top, left + wide, top + high)
    moved = geometry.map_box(box, there, (10_000, 10_000))

    back = geometry.map_box(moved, np.linalg.inv(there), (800, 1000))

    assert back[0] <= box[0] + 0.01 and back[1] <= box[1] + 0.01
    assert back[2] >= box[2] - 0.01 and back[3] >= box[3] - 0.01


def test_boxes_never_leave_the_page() -> None:
    assert geometry.map_box((-5, -5, 900, 30), np.eye(3), (800, 1000)) == (0, 0, 800, 30)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.4, 0.7, 1.0])
def test_parts_measured_by_runs_are_those_measured_pixel_by_pixel(share: float) -> None:
    import cv2

    ink = np.where(np.random.default_rng(5).random((70, 91)) < share, 255, 0).astype(np.uint8)

    parts = geometry._parts(ink)

    count, labels, stats, middles = cv2.connectedComponentsWithStats(ink, connectivity=4)
    assert len(parts.areas) == count
    found = [parts.widths, parts.heights, parts.areas]
    wanted = [stats[:, column] for column in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA)]
    assert [one[1:].tolist() for one in found] == [one[1:].tolist() for one in wanted]
    assert parts.middles[1:].tolist() == middles[1:].tolist()
    chosen = np.arange(count) % 2 == 1
    xs, ys, owner = parts.pixels_of(chosen)
    rows, columns = np.nonzero(chosen[labels])
    assert (xs.tolist(), ys.tolist()) == (columns.tolist(), rows.tolist())
    assert owner.tolist() == labels[rows, columns].tolist()
