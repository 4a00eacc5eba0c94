"""Every layout, speed and gain is drawn true to scale; what is known of a page is known of its photograph."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_pages import RATE_HZ, beats, page

from pipeline.imaging.capture import ON_TABLE, SETTINGS, CaptureSettings, Condition, photograph
from pipeline.imaging.ecg_photo import photograph_ecg
from pipeline.imaging.paper import draw_ecg_page, first_that_fits
from pipeline.imaging.paper_kinds import GAINS_MM_MV, LAYOUTS, LEADS, SPEEDS_MM_S
from pipeline.imaging.photo_effects import PhotoEffects


@pytest.mark.parametrize("name", list(LAYOUTS))
def test_every_layout_has_its_leads_and_rhythm_strips(name: str) -> None:
    drawn = draw_ecg_page(beats(), RATE_HZ, layout=LAYOUTS[name])
    rhythms = {label for label in drawn.lead_boxes if label.endswith("rhythm")}
    assert set(drawn.lead_boxes) - rhythms == set(LEADS)
    assert len(rhythms) == (int(name.partition("+")[2]) if "+" in name else 0)


@pytest.mark.parametrize("speed_mm_s", SPEEDS_MM_S)
@pytest.mark.parametrize("gain_mm_mv", GAINS_MM_MV)
def test_every_speed_and_gain_can_be_printed(speed_mm_s: float, gain_mm_mv: float) -> None:
    signal = first_that_fits(beats(), RATE_HZ, speed_mm_s)
    drawn = draw_ecg_page(signal, RATE_HZ, speed_mm_s=speed_mm_s, gain_mm_mv=gain_mm_mv)
    left, _, right, _ = drawn.lead_boxes["II rhythm"]
    assert right - left == pytest.approx(signal.shape[1] / RATE_HZ * speed_mm_s * drawn.px_per_mm, abs=1)


def test_ten_seconds_fit_at_one_speed_and_five_at_the_other() -> None:
    assert [first_that_fits(beats(), RATE_HZ, speed).shape[1] for speed in SPEEDS_MM_S] == [5000, 2500]
    with pytest.raises(ValueError, match="do not fit"):
        first_that_fits(beats(), RATE_HZ, 500.0)


def test_fewer_points_draw_the_same_line() -> None:
    exact, thinned = (draw_ecg_page(beats(), RATE_HZ, tolerance_px=px).trace for px in (0.0, 0.15))
    assert np.count_nonzero(exact & thinned) > 0.93 * np.count_nonzero(exact | thinned)


@pytest.mark.parametrize("condition", [*SETTINGS.values(), ON_TABLE])
def test_mask_and_boxes_follow_the_page_into_the_picture(condition: CaptureSettings) -> None:
    drawn = page(1, px_per_mm=6.0)
    shot = photograph_ecg(drawn, np.random.default_rng(3), condition)
    assert shot.trace.shape == shot.image.shape[:2]
    # Ink is darker than what lies beside it.
    beside = np.roll(shot.trace, 12, axis=0) & ~shot.trace
    assert shot.image[shot.trace].mean() + 15 < shot.image[beside].mean()
    for name, corners in shot.lead_corners.items():
        shares = shot.photo.corners(*drawn.lead_boxes[name]) * (shot.image.shape[1], shot.image.shape[0])
        np.testing.assert_allclose(corners, shares, atol=1e-6)


def test_a_scan_knows_its_own_place_too() -> None:
    drawn = page()
    np.testing.assert_array_equal(
        drawn.page_to_photo, photograph_ecg(drawn, np.random.default_rng(0), "clean").page_to_photo
    )


EFFECTS = {
    "fade": PhotoEffects(fade=0.8),
    "folds": PhotoEffects(folds=2),
    "glare": PhotoEffects(glare=0.25, glare_at=(0.3, 0.6)),
    "fingers": PhotoEffects(fingers=2),
}


@pytest.mark.parametrize("name", list(EFFECTS))
def test_every_effect_changes_the_picture_and_not_the_page_s_place(name: str) -> None:
    drawn = page()
    for condition in (Condition.CLEAN, Condition.PHONE):
        first, again = (
            photograph(drawn.image, np.random.default_rng(5), condition, EFFECTS[name]) for _ in range(2)
        )
        plain = photograph(drawn.image, np.random.default_rng(5), condition)
        np.testing.assert_array_equal(first.image, again.image)
        assert not np.array_equal(first.image, plain.image)
        assert first.image.shape == plain.image.shape


def test_glare_is_white_where_it_was_asked_for() -> None:
    drawn = page()
    shot = photograph(drawn.image, np.random.default_rng(0), "clean", EFFECTS["glare"])
    height, width = drawn.image.shape[:2]
    around = shot.image[int(0.55 * height) : int(0.65 * height), int(0.27 * width) : int(0.33 * width)]
    assert around.min() > 245


def test_faded_ink_is_paler_and_still_there() -> None:
    drawn = page()
    shot = photograph(drawn.image, np.random.default_rng(0), "clean", EFFECTS["fade"]).image
    ink, paper = shot[drawn.trace].mean(), shot[~drawn.trace].mean()
    assert drawn.image[drawn.trace].mean() + 40 < ink < paper - 15


def test_a_table_surrounds_the_page_and_a_cut_leaves_part_outside() -> None:
    drawn = page()
    for seed in range(2):
        table = photograph_ecg(drawn, np.random.default_rng(seed), ON_TABLE)
        box = table.photo.box(0, 0, drawn.image.shape[1], drawn.image.shape[0])
        assert min(box[0], box[1], 1 - box[2], 1 - box[3]) > 0.03
    settings = replace(SETTINGS[Condition.PHONE], cut=0.4)
    shots = [photograph_ecg(drawn, np.random.default_rng(seed), settings) for seed in range(4)]
    assert any((corners < 0).any() for shot in shots for corners in shot.lead_corners.values())
