"""Of a screenshot the picture is answered, without the bars around it; other pictures stay as they are."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pipeline.serving.golden import example_photos
from pipeline.serving.photos.bars import without_bars
from pipeline.serving.screen import Photographs

Pixels = NDArray[np.uint8]


def photo(width: int = 1080) -> Image.Image:
    """An ECG on a table, as wide as a phone's screen."""
    whole = Image.open(io.BytesIO(example_photos()[2])).convert("RGB")
    return whole.resize((width, round(whole.height * width / whole.width)))


def screen_of(picture: Image.Image, colour: tuple[int, int, int], *, top: int = 700) -> Image.Image:
    """A phone that shows it, with a clock, a name and buttons."""
    shot = Image.new("RGB", (1080, 2340), colour)
    shot.paste(picture, (0, top))
    draw, font = ImageDraw.Draw(shot), ImageFont.load_default(size=36)
    said = {
        (40, 30): "10:42",
        (120, 130): "Ward 3",
        (120, 180): "today 10:40",
        (60, 2180): "< share   delete",
    }
    for at, words in said.items():
        draw.text(at, words, fill=tuple(255 - one for one in colour), font=font)
    return shot


@pytest.mark.parametrize("colour", [(0, 0, 0), (18, 18, 18), (255, 255, 255)])
@pytest.mark.parametrize("top", [300, 700])
def test_bars_of_any_colour_are_cut_off_to_the_pixel(colour: tuple[int, int, int], top: int) -> None:
    kept = without_bars(np.asarray(screen_of(photo(), colour, top=top)))
    assert np.array_equal(kept, np.asarray(photo()))


def test_a_screen_that_is_held_sideways_loses_what_is_left_and_right() -> None:
    upright = photo(1600).crop((0, 0, 1600, 1080)).rotate(90, expand=True)
    shot = np.asarray(screen_of(upright, (0, 0, 0), top=300).rotate(-90, expand=True))
    assert np.array_equal(without_bars(shot), np.asarray(upright.rotate(-90, expand=True)))


def trace_on_white() -> Pixels:
    """A wide drawing of one line with white ends, as programs export it."""
    drawn = np.full((600, 1500, 3), 255, np.uint8)
    across = np.arange(60, 1440)
    drawn[(300 + 80 * np.sin(across / 9.0)).astype(int), across] = 0
    return drawn


def wide_photo() -> Pixels:
    return np.asarray(photo())[100:600]


@pytest.mark.parametrize(
    "picture",
    [np.asarray(photo()), wide_photo(), trace_on_white(), np.zeros((2000, 900, 3), np.uint8)],
    ids=["photo", "wide photo", "trace", "black"],
)
def test_what_is_no_screenshot_stays_as_it_is(picture: Pixels) -> None:
    assert without_bars(picture) is picture


def test_a_screenshot_is_answered_like_its_picture(place: Path) -> None:
    pytest.importorskip("onnx")
    loaded = Photographs.load(place, threads=1)
    own, shot = (loaded.screen(_png(one)) for one in (photo(), screen_of(photo(), (18, 18, 18))))
    assert own.ef_percent is not None and shot.ef_models == own.ef_models


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=1)
    return stream.getvalue()
