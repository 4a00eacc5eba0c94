"""What a pen drew is told by tables and by its own pixels: the same as by sums over whole pages."""

from __future__ import annotations

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest
from report_drawing import letter

from labeling.pen.pen_ink import pen_mask, without_pen
from labeling.pen.strokes import strokes_of
from labeling.words.prepared import PageLight, background

EVERYWHERE = [(0.0, 0.0, 1e4, 1e4)]


def inked(warmth: int) -> np.ndarray:
    """A letter in light of some warmth with blue and red strokes, specks of every colour, and grain."""
    image = letter().convert("RGB")
    pen = PIL.ImageDraw.Draw(image)
    pen.line((120, 300, 640, 330), fill=(32, 44, 142), width=5)
    pen.ellipse((300, 420, 520, 500), outline=(188, 34, 44), width=4)
    pixels = np.asarray(image).astype(np.int16)
    random = np.random.default_rng(warmth)
    pixels[600:620, 100:400] = random.integers(0, 256, (20, 300, 3))
    pixels += random.integers(-6, 7, pixels.shape, dtype=np.int16)
    pixels[..., 2] -= warmth
    return np.clip(pixels, 0, 255).astype(np.uint8)


def reckoned(colours: np.ndarray) -> np.ndarray:
    """The mask as it is defined, pixel by pixel."""
    channels = [cv2.divide(one, background(one), scale=245) for one in cv2.split(colours)]
    even = np.dstack(channels)
    span = even.max(axis=2).astype(np.int16) - even.min(axis=2)
    taken = np.maximum(245 - even.min(axis=2).astype(np.int16), 1)
    hue = cv2.cvtColor(even, cv2.COLOR_RGB2HSV)[..., 0]
    pale = ((hue < 12) | (hue > 38)) & (span >= 14) & (span >= 0.12 * taken)
    is_dark = cv2.cvtColor(even, cv2.COLOR_RGB2GRAY) < 195
    core = pale & (span >= 40) & (span >= 0.3 * taken) & is_dark
    near = cv2.dilate(core.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    return (near & pale).astype(np.uint8) * np.uint8(255)


@pytest.mark.parametrize("warmth", [0, 35])
def test_a_pen_is_told_by_tables_as_by_its_definition(warmth: int) -> None:
    colours = inked(warmth)
    before = colours.copy()

    mask = pen_mask(PageLight(PIL.Image.fromarray(colours)), EVERYWHERE)

    assert mask is not None
    assert mask.any()
    assert np.array_equal(mask, reckoned(colours))
    assert np.array_equal(colours, before)


def test_below_a_pen_the_page_is_white_and_elsewhere_as_it_was() -> None:
    colours = inked(0)
    light = PageLight(PIL.Image.fromarray(colours))
    mask = pen_mask(light, EVERYWHERE)
    assert mask is not None

    cleared = without_pen(light.flat, mask, 20.0)

    far = cv2.dilate(mask, np.ones((9, 9), np.uint8)) == 0
    assert np.array_equal(cleared[far], light.flat[far])
    assert int(np.median(cleared[mask > 0])) == 255


def test_strokes_are_measured_as_by_looking_at_every_pixel() -> None:
    random = np.random.default_rng(4)
    mask = np.zeros((90, 130), np.uint8)
    for left, top in random.integers(0, 85, (24, 2)):
        mask[top : top + 5, left : left + 3 + top % 9] = 255
    mask[::2, 100:104] = 255  # parted by single bare rows: one stroke
    mask[0, 129] = 255

    strokes = strokes_of(mask)

    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, labels, stats, middles = cv2.connectedComponentsWithStats(joined, connectivity=8)
    assert np.array_equal(strokes.labels, np.where(mask > 0, labels, 0))
    assert [one.number for one in strokes.all] == list(range(1, len(stats)))
    for one in strokes.all:
        left, top, width, height, _ = stats[one.number].tolist()
        assert one.box == (left, top, left + width, top + height)
        assert (one.x, one.y) == tuple(middles[one.number])
        assert one.area == int(np.count_nonzero(strokes.labels == one.number))


def test_a_page_without_ink_has_no_strokes() -> None:
    assert strokes_of(np.zeros((30, 40), np.uint8)).all == ()
