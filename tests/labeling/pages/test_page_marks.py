"""Shadows, the desk, table rules and solid bars go; letters stay."""

from __future__ import annotations

import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest
from report_drawing import (
    blank,
    font,
    keystoned,
    letter,
    negative,
    on_desk,
    ruled_table,
    shadowed,
    shadowed_across,
    tilted,
)

from labeling.pages import marks as page_marks
from labeling.words import prepared


def pixels(image: PIL.Image.Image) -> np.ndarray:
    return np.asarray(image)


def ink_share(page: np.ndarray) -> float:
    return float((page < 128).mean())


def test_a_shadow_is_evened_out_and_the_letters_stay() -> None:
    plain, shadow = prepared.flatten(pixels(letter())), prepared.flatten(pixels(shadowed(letter())))

    assert float(np.percentile(shadow, 20)) > 225
    assert ink_share(shadow) == pytest.approx(ink_share(plain), rel=0.2)


def test_white_on_black_is_turned_into_black_on_white() -> None:
    assert prepared.is_inverted(pixels(negative(letter())))
    assert not prepared.is_inverted(pixels(letter()))
    assert not prepared.is_inverted(pixels(shadowed(letter())))
    assert float(np.median(prepared.flatten(pixels(negative(letter()))))) > 225


def mask_of(image: PIL.Image.Image) -> np.ndarray | None:
    return page_marks.paper_mask(pixels(image.convert("RGB")), prepared.flatten(pixels(image)))


@pytest.mark.parametrize("brightness", [30, 90, 150])
def test_paper_is_told_from_the_desk(brightness: int) -> None:
    mask = mask_of(on_desk(tilted(letter(), 0), brightness))

    assert mask is not None
    margin = 90 / page_marks.PAPER_SCALE
    inner = mask[int(margin) + 2 : -int(margin) - 2, int(margin) + 2 : -int(margin) - 2]
    assert inner.min() == 255
    assert mask[: int(margin) - 2].max() == 0


def test_a_narrow_strip_of_desk_is_enough() -> None:
    mask = mask_of(on_desk(letter(), 90, margin_px=28))

    assert mask is not None
    assert float((mask == 0).mean()) > 0.04


@pytest.mark.parametrize(
    "image", [letter(), shadowed(letter()), blank(), keystoned(letter(), 0.03), ruled_table()]
)
def test_a_page_that_fills_the_picture_has_no_desk(image: PIL.Image.Image) -> None:
    assert mask_of(image) is None


@pytest.mark.parametrize("brightness", [90, 150, 185])
@pytest.mark.parametrize("margin_px", [12, 40, 90])
def test_a_shadow_on_paper_is_never_taken_for_its_edge(brightness: int, margin_px: int) -> None:
    image = shadowed_across(on_desk(letter(), brightness, margin_px))
    mask = mask_of(image)

    if mask is not None:
        margin = margin_px // page_marks.PAPER_SCALE + 3
        assert mask[margin:-margin, margin:-margin].min() == 255


def test_clearing_the_desk_touches_no_letter() -> None:
    image = on_desk(letter())
    flat = prepared.flatten(pixels(image))
    mask = mask_of(image)
    assert mask is not None

    cleared = page_marks.clear_desk(flat, mask)

    assert np.array_equal(cleared[190:-190, 190:-190], flat[190:-190, 190:-190])
    assert cleared[:60].min() > 200


def test_table_rules_go_and_the_cells_stay() -> None:
    cleared = page_marks.clear_rules(pixels(ruled_table()))
    wanted = pixels(ruled_table(has_rules=False))

    assert ink_share(cleared) == pytest.approx(ink_share(wanted), rel=0.08)
    lost = (wanted < 100) & (cleared > 200)
    assert float(lost.sum()) < 0.03 * float((wanted < 100).sum())


def test_plain_text_loses_nothing_when_there_are_no_rules() -> None:
    page = pixels(letter())

    assert np.array_equal(page_marks.clear_rules(page), page)


def test_a_dark_heading_bar_becomes_dark_letters_on_light() -> None:
    image = letter()
    pen = PIL.ImageDraw.Draw(image)
    pen.rectangle((80, 20, 1160, 90), fill=40)
    pen.text((300, 30), "Northside Heart Centre", font=font(40), fill=250)

    cleared = page_marks.clear_rules(pixels(image))

    bar = cleared[28:84, 100:1140]
    assert float(np.median(bar)) > 200
    assert 0.02 < ink_share(bar) < 0.3


@pytest.mark.parametrize("axis", [0, 1])
def test_rows_left_out_part_nothing_and_join_nothing(axis: int) -> None:
    """Components found among the rows (columns) that hold ink are those of the whole page."""
    import cv2

    page = np.zeros((120, 90), np.uint8)
    spots = np.random.default_rng(7).random((120, 90)) < 0.01
    page[cv2.dilate(spots.astype(np.uint8), np.ones((2, 6), np.uint8)) > 0] = 255
    page[40:60] = 0
    page[:, 30:33] = 0
    found = np.flatnonzero(page.any(axis=1 - axis))

    places, some = page_marks._without_bare_lines(page, found, axis=axis)

    whole, _, whole_stats, _ = cv2.connectedComponentsWithStats(page)
    count, _, stats, _ = cv2.connectedComponentsWithStats(some)
    first = cv2.CC_STAT_TOP if axis == 0 else cv2.CC_STAT_LEFT
    stats[1:, first] = places[stats[1:, first]]
    assert count == whole > 10
    assert len(places) < page.shape[axis]
    assert sorted(map(tuple, stats[1:])) == sorted(map(tuple, whole_stats[1:]))


def test_the_row_ends_of_a_region_have_its_convex_outline() -> None:
    import cv2

    region = np.zeros((60, 80), np.uint8)
    cv2.ellipse(region, (40, 30), (31, 20), 25, 0, 360, 1, -1)
    region[28:33] = 0
    region[25:35, 38:43] = 1

    ends = page_marks._row_ends(region > 0)

    filled = [np.zeros_like(region), np.zeros_like(region)]
    for page, points in zip(filled, (ends, cv2.findNonZero(region)), strict=True):
        cv2.fillConvexPoly(page, cv2.convexHull(points), 255)
    assert len(ends) <= 2 * region.shape[0]
    assert np.array_equal(*filled)
    assert filled[0].any()


@pytest.mark.parametrize("left", [0, 1, 2, 5, 8, 300, 855])
def test_a_level_rule_goes_wherever_it_begins_and_a_dash_stays(left: int) -> None:
    page = np.full((400, 1000), 245, np.uint8)
    page[100:104, left : left + 145] = 20
    page[200:204, 300:360] = 20

    cleaned = page_marks.clear_rules(page)

    assert cleaned[90:114].min() > 200
    assert np.array_equal(cleaned[195:210], page[195:210])


def test_a_page_that_is_told_to_hold_no_coloured_field_holds_none(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    pages = []
    for _ in range(72):
        height, width = (int(side) for side in random.integers(9, 420, 2))
        page = random.integers(236, 256, (height, width), dtype=np.uint8)
        page[:: int(random.integers(2, 40))] = random.integers(0, 256)
        left, top = int(random.integers(0, width)), int(random.integers(0, height))
        field = (
            slice(top, top + int(random.integers(20, 90))),
            slice(left, left + int(random.integers(20, 200))),
        )
        page[field] = random.integers(80, 230)
        page[field][4::11, 2:-2:5] = 20  # letters
        pages.append(page)

    quick = [page_marks._without_tints(page) for page in pages]

    assert not page_marks._may_hold_tints(prepared.flatten(pixels(letter())))
    monkeypatch.setattr(page_marks, "_may_hold_tints", lambda _: True)
    slow = [page_marks._without_tints(page) for page in pages]
    assert all(np.array_equal(one, other) for one, other in zip(quick, slow, strict=True))
    assert any(not np.array_equal(one, page) for one, page in zip(quick, pages, strict=True))
