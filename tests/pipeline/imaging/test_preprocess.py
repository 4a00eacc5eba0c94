"""Preprocessing is the paper's, step by step, from settings that travel with the weights."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from planted_pages import page

from pipeline.config.settings import PictureSettings
from pipeline.imaging.capture import ON_TABLE, photograph
from pipeline.imaging.preprocess import (
    NORMALISATIONS,
    mask_to_square,
    normalised,
    preprocess,
    straightened,
    to_square,
)
from pipeline.imaging.rectify import rectify

CONFIG = PictureSettings()
GOLDEN_ROW = [39, 86, 105, 117, 166, 169, 185, 196]


def gradient() -> NDArray[np.uint8]:
    """A picture of which every value is known: 384 rows of one grey scale, a step in the middle."""
    tones = np.tile(np.linspace(40, 215, 480).astype(np.uint8), (384, 1))
    tones[:, 240:] = np.clip(tones[:, 240:].astype(int) + 20, 0, 255).astype(np.uint8)
    return np.repeat(tones[:, :, None], 3, axis=2)


def by_hand(grey: NDArray[np.uint8], clip: float, tiles: int) -> NDArray[np.uint8]:
    """CLAHE written out from Zuiderveld 1994 for sides that the tiles divide, in numpy alone."""
    height, width = grey.shape[0] // tiles, grey.shape[1] // tiles
    limit = max(1, int(clip * height * width / 256))
    maps = np.zeros((tiles, tiles, 256))
    for row in range(tiles):
        for column in range(tiles):
            tile = grey[row * height : (row + 1) * height, column * width : (column + 1) * width]
            counts = np.bincount(tile.ravel(), minlength=256)
            over = int(np.maximum(counts - limit, 0).sum())
            counts = np.minimum(counts, limit) + over // 256
            left = over % 256
            if left:
                counts[:: max(1, 256 // left)][:left] += 1
            maps[row, column] = np.rint(np.cumsum(counts) * 255 / (height * width)).clip(0, 255)
    y = (np.arange(grey.shape[0]) / height - 0.5)[:, None]
    x = (np.arange(grey.shape[1]) / width - 0.5)[None]
    top, start = np.floor(y).astype(int), np.floor(x).astype(int)
    down, right = y - top, x - start
    rows = [np.clip(top + by, 0, tiles - 1) for by in (0, 1)]
    columns = [np.clip(start + by, 0, tiles - 1) for by in (0, 1)]
    above, below = (
        (1 - right) * maps[at, columns[0], grey] + right * maps[at, columns[1], grey] for at in rows
    )
    return np.rint((1 - down) * above + down * below).astype(np.uint8)


def test_every_step_is_the_papers_in_the_papers_order() -> None:
    image = page().image
    height, width = image.shape[:2]
    rows, columns = int(height * 0.05), int(width * 0.05)
    grey = cv2.cvtColor(image[rows : height - rows, columns : width - columns], cv2.COLOR_RGB2GRAY)
    even = cv2.createCLAHE(2.5, (8, 8)).apply(grey)
    kernel = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    expected = cv2.resize(cv2.filter2D(even, -1, kernel), (384, 384), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(to_square(image, CONFIG), expected)


def test_clahe_is_zuiderveld_s_written_out_by_hand() -> None:
    plain = PictureSettings(crop_share=0.0, sharpen=False, image_size_px=384)
    wide = np.repeat(np.tile(np.linspace(0, 255, 384).astype(np.uint8), (384, 1))[:, :, None], 3, axis=2)
    difference = to_square(wide, plain).astype(int) - by_hand(wide[:, :, 0], 2.5, 8)
    assert np.abs(difference).max() <= 1


def test_the_golden_values_have_not_moved() -> None:
    # Every 48th pixel of the middle row, written down once: a changed library shows here.
    row = to_square(gradient(), CONFIG)[192, ::48].astype(int)
    np.testing.assert_allclose(row, GOLDEN_ROW, atol=1)


def test_grey_is_what_pillow_makes_of_colours() -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    ours = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    assert np.abs(ours.astype(int) - np.asarray(Image.fromarray(image).convert("L"))).max() <= 1


def test_normalisation_is_torchvisions() -> None:
    torchvision = pytest.importorskip("torchvision.transforms.v2.functional")
    import torch

    square = np.arange(256, dtype=np.uint8).reshape(16, 16)
    for config in (CONFIG, PictureSettings(normalisation="half")):
        share = torch.from_numpy(square)[None].float().repeat(3, 1, 1) / 255
        expected = torchvision.normalize(share, *map(list, NORMALISATIONS[config.normalisation])).numpy()
        np.testing.assert_allclose(normalised(square, config), expected, atol=2e-6)


def test_the_networks_input_is_three_channels_of_float32() -> None:
    tensor = preprocess(page().image, CONFIG)
    assert tensor.shape == (3, 384, 384) and tensor.dtype == np.float32
    assert tensor.flags.c_contiguous


def test_rectifying_comes_before_everything_else() -> None:
    shot = photograph(page(1).image, np.random.default_rng(4), ON_TABLE).image
    straight = rectify(shot).image
    assert straight is not shot
    np.testing.assert_array_equal(to_square(shot, PictureSettings(rectify=True)), to_square(straight, CONFIG))


def test_without_a_crop_the_rim_is_still_there() -> None:
    image = np.full((400, 400, 3), 200, np.uint8)
    image[:10] = 0
    whole, cropped = (to_square(image, PictureSettings(crop_share=share)) for share in (0.0, 0.05))
    assert whole[:5].mean() < 100 < cropped[:5].mean()


def test_a_mask_is_cropped_and_resized_like_its_picture() -> None:
    drawn = page()
    square, mask = to_square(drawn.image, CONFIG), mask_to_square(drawn.trace, CONFIG)
    assert mask.shape == square.shape
    inked, bare = square[mask > 200].mean(), square[mask == 0].mean()
    assert inked + 60 < bare


@pytest.mark.parametrize(
    ("camera", "worked_on"), [(4000, 1000), (1889, 944), (1409, 1409), (1411, 705), (600, 600)]
)
def test_a_photograph_comes_nearest_to_the_working_size_by_a_whole_number(
    camera: int, worked_on: int
) -> None:
    image = np.zeros((camera // 2, camera, 3), np.uint8)
    settings = PictureSettings(working_px=940)
    small = straightened(image, settings)
    assert small.shape[1] == worked_on
    assert straightened(small, settings) is small


def test_at_its_working_size_a_pixel_is_the_mean_of_those_it_stands_for() -> None:
    image = np.random.default_rng(2).integers(0, 256, (402, 603, 3), dtype=np.uint8)
    small = straightened(image, PictureSettings(working_px=300))
    means = image[:402, :602].reshape(201, 2, 301, 2, 3).mean(axis=(1, 3))
    assert np.abs(small - means).max() <= 0.5
    strip = straightened(image[:1], PictureSettings(working_px=300))
    assert strip.shape == (1, 301, 3)


def test_a_smaller_working_size_shows_nearly_the_same() -> None:
    image = page(px_per_mm=10.0).image
    slow, fast = (to_square(image, PictureSettings(working_px=px)) for px in (None, 1200))
    # Measured 0.87 on ten pages; another page would be below 0.5.
    assert np.corrcoef(slow.ravel(), fast.ravel())[0, 1] > 0.7
