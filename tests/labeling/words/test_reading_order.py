"""Columns are read one after the other, table rows across; nothing here needs recognition."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_drawing import blank, letter, ruled_table, two_columns

from labeling.words import reading_order
from labeling.words.reading_order import Region

LINE_PX = 24.0


def regions_of(image: PIL.Image.Image) -> list[Region]:
    page = np.asarray(image)
    segments = reading_order.text_segments(page, LINE_PX)
    return reading_order.find_regions(segments, (page.shape[1], page.shape[0]), LINE_PX)


@pytest.mark.parametrize("offset_px", [0, 9, 17])
def test_two_columns_are_read_heading_left_right_foot(offset_px: int) -> None:
    heading, left, right, foot = regions_of(two_columns(offset_px=offset_px))

    assert heading.bottom <= left.top + 20 and heading.right > 900
    assert left.right <= right.left
    assert foot.top >= max(left.bottom, right.bottom) - 20


@pytest.mark.parametrize("image", [letter(), ruled_table(has_rules=False)])
def test_a_letter_and_a_table_are_one_region_around_their_text(image: PIL.Image.Image) -> None:
    (region,) = regions_of(image)

    rows, columns = np.nonzero(np.asarray(image) < 128)
    assert region.left <= columns.min() and region.right > columns.max()
    assert region.top <= rows.min() and region.bottom > rows.max()


def test_an_empty_page_is_one_region_as_large_as_the_page() -> None:
    assert regions_of(blank()) == [Region(0, 0, 1240, 1754)]


def test_rows_of_label_and_value_are_not_taken_for_columns() -> None:
    rows = np.arange(12) * 40.0
    labels = np.column_stack([np.full(12, 100.0), rows, np.full(12, 260.0), rows + 24])
    values = np.column_stack([np.full(12, 600.0), rows, np.full(12, 690.0), rows + 24])

    assert len(reading_order.find_regions(np.vstack([labels, values]), (1240, 600), LINE_PX)) == 1


def test_lists_whose_lines_stand_at_different_heights_are_columns() -> None:
    left_rows, right_rows = np.arange(12) * 40.0, 13 + np.arange(9) * 53.0
    left = np.column_stack([np.full(12, 100.0), left_rows, np.full(12, 480.0), left_rows + 24])
    right = np.column_stack([np.full(9, 600.0), right_rows, np.full(9, 940.0), right_rows + 24])

    first, second = reading_order.find_regions(np.vstack([left, right]), (1240, 600), LINE_PX)

    assert (first.left, second.left) == (86, 586)


def test_stacking_keeps_every_pixel_of_the_regions_and_knows_the_way_back() -> None:
    page = np.random.default_rng(4).integers(0, 200, (90, 120)).astype(np.uint8)
    regions = [Region(10, 5, 60, 30), Region(70, 8, 118, 88)]

    strip = reading_order.stack(page, regions)

    for index, (region, top) in enumerate(zip(regions, strip.tops, strict=True)):
        height, width = region.bottom - region.top, region.right - region.left
        left = int(np.nonzero((strip.image[top : top + height] != 245).all(axis=0))[0][0])
        inked = strip.image[top : top + height, left : left + width]
        assert np.array_equal(inked, page[region.top : region.bottom, region.left : region.right])
        found, box = strip.to_page((left, top, left + width, top + height))
        assert (found, box) == (index, (region.left, region.top, region.right, region.bottom))


corner = st.floats(0, 1000)


@given(st.lists(st.tuples(corner, corner, st.floats(10, 500), st.floats(8, 40)), max_size=60))
def test_every_segment_is_in_exactly_the_text_that_is_read(
    pieces: list[tuple[float, float, float, float]],
) -> None:
    segments = np.array(
        [(x, y, x + wide, y + high) for x, y, wide, high in pieces], dtype=np.float64
    ).reshape(-1, 4)

    regions = reading_order.find_regions(segments, (1600, 1100), LINE_PX)

    for left, top, right, bottom in segments:
        held = [
            r for r in regions if r.left <= left and r.top <= top and r.right >= right and r.bottom >= bottom
        ]
        assert held


def test_text_within_a_frame_is_a_segment_of_its_own() -> None:
    page = np.full((400, 600), 245, np.uint8)
    page[100:300, 100:500] = 0
    page[106:294, 106:494] = 245
    page[190:206, 200:320] = 0

    segments = reading_order.text_segments(page, LINE_PX)

    assert len(segments) == 2
    assert any(190 < left < 205 and 315 < right < 330 for left, _, right, _ in segments)
