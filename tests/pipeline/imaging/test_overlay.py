"""A heat map lies on the photograph where the network saw what it is hot for."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.config.settings import PictureSettings
from pipeline.imaging.overlay import heat_on_photo, heat_overlay

GREY = np.full((300, 400, 3), 180, np.uint8)


def test_heat_lies_where_the_crop_took_it_from() -> None:
    heat = np.zeros((96, 96))
    heat[:8, -8:] = 1
    placed = heat_on_photo(GREY, heat, PictureSettings(crop_share=0.1))
    rows, columns = np.nonzero(placed > 0.5)
    assert (rows.min(), columns.max()) == (30, 359)
    assert rows.max() == pytest.approx(30 + 240 * 8 / 96, abs=2)
    assert columns.min() == pytest.approx(360 - 320 * 8 / 96, abs=2)


def test_cold_places_stay_as_they_were_and_hot_ones_glow() -> None:
    heat = np.zeros((12, 12))
    heat[6, 6] = 3.0
    shown = heat_overlay(GREY, heat, PictureSettings())
    assert shown.shape == GREY.shape
    assert (shown[:100] == 180).all()
    assert (shown != 180).any()


def test_an_empty_map_changes_nothing() -> None:
    assert np.array_equal(heat_overlay(GREY, np.zeros((12, 12)), PictureSettings()), GREY)
