"""A printed ECG is true to scale, and its photograph shows the whole page."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.imaging.capture import SETTINGS, Condition, photograph
from pipeline.imaging.paper import (
    GRIDS,
    LEADS,
    SIX_BY_TWO,
    THREE_BY_FOUR,
    TWELVE_BY_ONE,
    EcgPage,
    LeadLayout,
    draw_ecg_page,
)

RATE_HZ = 500.0


def steps(height_mv: float = 1.0) -> NDArray[np.float64]:
    """Ten seconds in which every lead jumps up at each full second and falls half a second later."""
    time_s = np.arange(5000) / RATE_HZ
    return np.tile(np.where(time_s % 1.0 < 0.5, height_mv, 0.0), (12, 1))


def ink_rows(page: EcgPage, box: tuple[int, int, int, int]) -> NDArray[np.intp]:
    left, top, right, bottom = box
    return np.flatnonzero(page.trace[top:bottom, left:right].any(axis=1)) + top


@pytest.mark.parametrize(("gain_mm_mv", "px_per_mm"), [(10.0, 6.0), (5.0, 6.0), (10.0, 8.0)])
def test_one_millivolt_is_drawn_as_high_as_the_gain_says(gain_mm_mv: float, px_per_mm: float) -> None:
    page = draw_ecg_page(steps(), RATE_HZ, gain_mm_mv=gain_mm_mv, px_per_mm=px_per_mm)
    left, top, right, bottom = page.lead_boxes["II rhythm"]
    # Most ink of a square wave lies on its two levels.
    weight = page.trace[top:bottom, left + 20 : right - 20].sum(axis=1)
    middle = int(np.median(np.flatnonzero(weight)))
    upper = np.average(np.arange(middle), weights=np.where(weight[:middle] > 200, weight[:middle], 0))
    lower_weights = np.where(weight[middle:] > 200, weight[middle:], 0)
    lower = middle + np.average(np.arange(weight.size - middle), weights=lower_weights)
    assert lower - upper == pytest.approx(gain_mm_mv * px_per_mm, abs=1.0)


@pytest.mark.parametrize(("speed_mm_s", "seconds"), [(25.0, 10), (50.0, 5)])
def test_one_second_is_drawn_as_long_as_the_speed_says(speed_mm_s: float, seconds: int) -> None:
    page = draw_ecg_page(steps()[:, : seconds * 500], RATE_HZ, speed_mm_s=speed_mm_s)
    left, top, right, bottom = page.lead_boxes["II rhythm"]
    strip = page.trace[top:bottom, left + 10 : right]
    # A column in which the trace runs through the whole step is an edge; they come every half second.
    tall = strip.sum(axis=0) > 40
    edges = np.flatnonzero(tall[1:] & ~tall[:-1])
    assert edges.size == 2 * seconds - 1
    assert np.diff(edges).mean() == pytest.approx(speed_mm_s * page.px_per_mm / 2, abs=0.3)


def test_the_calibration_pulse_is_ten_millimetres_high() -> None:
    page = draw_ecg_page(np.zeros((12, 5000)), RATE_HZ)
    left, top, _, bottom = page.lead_boxes["I"]
    # The pulse ends 1 mm before the strip: its top is 2-5 mm before, its foot right of that.
    high = ink_rows(page, (left - 25, top, left - 17, bottom)).mean()
    foot = ink_rows(page, (left - 9, top, left - 7, bottom)).mean()
    assert foot - high == pytest.approx(10 * page.px_per_mm, abs=0.6)


def test_the_grid_has_a_line_every_millimetre_and_a_dark_one_every_five() -> None:
    page = draw_ecg_page(np.zeros((12, 5000)), RATE_HZ, grid="grey").image
    row = page[28 * 6 + 4, 8 * 6 : 288 * 6, 0].astype(int)
    lines = np.flatnonzero((row < 250) & (np.roll(row, 1) >= 250))
    assert lines.size >= 279
    assert np.diff(lines).mean() == pytest.approx(6, abs=0.01)
    dark = np.flatnonzero((row < 190) & (np.roll(row, 1) >= 190))
    assert set(np.diff(dark)) == {30}


@pytest.mark.parametrize("lead", LEADS)
def test_each_lead_is_drawn_in_its_own_place_and_nowhere_else(lead: str) -> None:
    quiet = np.zeros((12, 5000))
    loud = quiet.copy()
    loud[LEADS.index(lead)] = 0.8 * np.sin(np.arange(5000) / 12)
    changed = draw_ecg_page(loud, RATE_HZ).trace != draw_ecg_page(quiet, RATE_HZ).trace
    boxes = draw_ecg_page(quiet, RATE_HZ).lead_boxes
    left, top, right, bottom = boxes[lead]
    inside = changed[top:bottom, left - 5 : right + 5].sum()
    rhythm = 0
    if lead == "II":
        x0, y0, x1, y1 = boxes["II rhythm"]
        rhythm = changed[y0:y1, x0 - 5 : x1 + 5].sum()
    assert inside > 500
    assert inside + rhythm == changed.sum()


def test_columns_follow_each_other_in_time() -> None:
    signal = np.zeros((12, 5000))
    signal[:, 1250:2500] = 0.5
    page = draw_ecg_page(signal, RATE_HZ)
    spread = {}
    for lead in ("I", "aVR", "V1"):
        left, top, right, bottom = page.lead_boxes[lead]
        rows = np.flatnonzero(page.trace[top:bottom, left + 80 : right - 20].any(axis=1))
        spread[lead] = rows.mean()
    assert spread["aVR"] == pytest.approx(spread["I"] - 30, abs=1.5)
    assert spread["V1"] == pytest.approx(spread["I"], abs=1.5)


@pytest.mark.parametrize("layout", [THREE_BY_FOUR, SIX_BY_TWO, TWELVE_BY_ONE])
def test_every_layout_shows_all_twelve_leads(layout: LeadLayout) -> None:
    page = draw_ecg_page(steps(0.3), RATE_HZ, layout=layout)
    assert set(LEADS) <= set(page.lead_boxes)
    for left, top, right, bottom in page.lead_boxes.values():
        assert page.trace[top:bottom, left:right].any()


def test_a_gap_in_the_signal_is_a_gap_in_the_trace() -> None:
    signal = steps(0.2)
    signal[1, 2000:2500] = np.nan
    page = draw_ecg_page(signal, RATE_HZ)
    left, top, _, bottom = page.lead_boxes["II rhythm"]
    gap = slice(left + round(4.1 * 150), left + round(4.9 * 150))
    assert not page.trace[top:bottom, gap].any()


def test_impossible_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="12 leads"):
        draw_ecg_page(np.zeros((5000, 12)), RATE_HZ)
    with pytest.raises(ValueError, match="do not fit"):
        draw_ecg_page(np.zeros((12, 10000)), RATE_HZ)
    with pytest.raises(ValueError, match="above zero"):
        draw_ecg_page(np.zeros((12, 5000)), 0)
    with pytest.raises(ValueError, match="nine"):
        draw_ecg_page(np.zeros((12, 5000)), RATE_HZ, header=["x"] * 10)


def test_header_boxes_hold_the_header_and_pages_are_not_shared() -> None:
    first = draw_ecg_page(steps(), RATE_HZ, header=["Name: A B", "ID: SYN-1"], footer="SYNTHETIC DEMO DATA")
    blank = draw_ecg_page(steps(), RATE_HZ)
    for left, top, right, bottom in first.header_boxes:
        assert (first.image[top:bottom, left:right] < 100).any()
        assert not (blank.image[top:bottom, left:right] < 100).any()
    assert (first.image[1188:, 1200:] < 100).any() and not (blank.image[1188:, 1200:] < 100).any()


@pytest.mark.parametrize("grid", sorted(GRIDS))
def test_ink_is_darker_than_every_grid(grid: str) -> None:
    page = draw_ecg_page(steps(), RATE_HZ, grid=grid)
    assert page.image[page.trace].min() < 60
    assert page.image[200:1100, 100:1600][~page.trace[200:1100, 100:1600]].min() > 80


@pytest.mark.parametrize("condition", list(Condition))
def test_a_photograph_shows_the_whole_page_and_knows_where_it_lies(condition: Condition) -> None:
    page = np.full((600, 800, 3), 250, np.uint8)
    page[280:320, 380:420] = 0
    photo = photograph(page, np.random.default_rng(3), condition)
    left, top, right, bottom = photo.box(0, 0, 800, 600)
    assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1
    height, width = photo.image.shape[:2]
    x0, y0, x1, y1 = photo.box(380, 280, 420, 320)
    centre = photo.image[round((y0 + y1) / 2 * height), round((x0 + x1) / 2 * width)]
    beside = photo.image[round((y0 + y1) / 2 * height), round((x1 + 0.08) * width)]
    assert centre.mean() + 40 < beside.mean()


def test_a_photograph_is_the_same_for_the_same_chance_only() -> None:
    page = np.full((300, 400, 3), 240, np.uint8)
    first, second, other = (photograph(page, np.random.default_rng(seed), "phone") for seed in (1, 1, 2))
    assert first.jpeg() == second.jpeg()
    assert first.jpeg() != other.jpeg()


def test_conditions_get_harder_in_order() -> None:
    strengths = [SETTINGS[condition] for condition in Condition]
    for easier, harder in zip(strengths, strengths[1:], strict=False):
        assert easier.blur_px < harder.blur_px and easier.noise < harder.noise
        assert easier.shadow < harder.shadow and easier.scale >= harder.scale


def test_rotation_and_keystone_stay_within_their_limits() -> None:
    page = np.full((600, 800, 3), 250, np.uint8)
    for seed in range(40):
        matrix = photograph(page, np.random.default_rng(seed), "phone").page_to_photo
        corners = np.array([[0, 0, 1], [800, 0, 1], [800, 600, 1], [0, 600, 1]]) @ matrix.T
        corners = corners[:, :2] / corners[:, 2:]
        top_edge = corners[1] - corners[0]
        # Two degrees of rotation, and what a two per cent keystone can add to one edge.
        assert abs(np.degrees(np.arctan2(top_edge[1], top_edge[0]))) < 2 + np.degrees(0.02 * 600 / 760) + 0.1
