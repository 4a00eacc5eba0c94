"""Print a crop on paper, remember where each letter stands, and give the picture the size the model sees."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageDraw
from numpy.typing import NDArray
from wording import Crop

from pipeline.demo.layouts.fonts import load_font

# What the model sees: a multiple of its 28-pixel tokens.
VIEW_PX = (308, 112)
# The stored page has this many times the model's resolution, so that Tesseract and RapidOCR can read it, too.
PAGE_SCALE = 2.25
PAGE_PX = (round(VIEW_PX[0] * PAGE_SCALE), round(VIEW_PX[1] * PAGE_SCALE))
# A little above the view's area: the processor rounds each side down to a whole token.
MAX_PIXELS = VIEW_PX[0] * VIEW_PX[1] + 200
# The finest place a letter is known by: half a patch across, one patch down.
SLOT_PX = (7, 14)
ALPHABET = " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,:;%=<>~()+-/'[]*"
TRAINING_FONTS = (("sans", False), ("sans", True), ("serif", False))
TABLE_FONT = ("sans", False)
# Lines stand in the middle of rows of 14-pixel patches, give or take: a small vision part trained for minutes
# reads letters that two rows of patches share half as often.
_OFF_ROW_PX = 1.2


@dataclass(frozen=True)
class Printed:
    """A printed crop.

    Attributes:
        page: stored size, gray. letters: (x, y, place in ALPHABET) of each letter's middle, in pixels of the
            view.
        line_boxes: (left, top, right, bottom) of each line, in pixels of the page.
    """

    page: PIL.Image.Image
    letters: NDArray[np.float32]
    line_boxes: tuple[tuple[float, float, float, float], ...]


def print_crop(crop: Crop, rng: np.random.Generator, *, level: int, draw: bool = True) -> Printed:
    """Print a crop; with `draw` off only the places of the letters are worked out, for teaching without
    pictures.

    Args:
        level: 0 two fonts of one size on clean paper; 1 all fonts and sizes, placed by chance, with grain and
            blur.
    """
    width, height = PAGE_PX
    if crop.layout == "table":
        family, bold = TABLE_FONT
    else:
        family, bold = TRAINING_FONTS[int(rng.integers(len(TRAINING_FONTS) if level else 1))]
    size = round(
        (rng.uniform(13.0, 15.6) if level else 14.0) * PAGE_SCALE * (1.12 if family == "times" else 1.0)
    )
    font = load_font(family, size, bold)
    while _width(crop, font) > width - 24 and size > 20:
        size -= 1
        font = load_font(family, size, bold)
    pitch = (28 if len(crop.lines) <= 4 else 14) * PAGE_SCALE
    rows_left = VIEW_PX[1] // 14 - len(crop.lines) * round(pitch / PAGE_SCALE / 14)
    first_row = (
        int(rng.integers(min(1, rows_left), rows_left + 1 + (rows_left == 0))) if level and pitch > 40 else 0
    )
    middle_px = first_row * 14 + 7 + (rng.uniform(-_OFF_ROW_PX, _OFF_ROW_PX) if level else 0.0)
    top = middle_px * PAGE_SCALE - size * 0.62
    left = rng.uniform(10, max(11.0, min(60.0, width - 12 - _width(crop, font)))) if level else 12.0
    paper, ink = (int(rng.integers(228, 256)), int(rng.integers(5, 70))) if level else (252, 25)
    page = PIL.Image.new("L", PAGE_PX, paper)
    pen = PIL.ImageDraw.Draw(page)
    letters: list[tuple[float, float, int]] = []
    boxes = []
    for row, line in enumerate(crop.lines):
        y = top + row * pitch
        x = left
        for cell in line.split("\t"):
            if draw:
                pen.text((x, y), cell, fill=ink, font=font)
            ends = [0.0, *accumulate(_advance(family, size, bold, letter) for letter in cell)]
            for place, letter in enumerate(cell):
                if letter != " " and letter in ALPHABET:
                    middle = x + (ends[place] + ends[place + 1]) / 2
                    letters.append(
                        (middle / PAGE_SCALE, (y + size * 0.62) / PAGE_SCALE, ALPHABET.index(letter))
                    )
            boxes.append((x, y, x + ends[-1], y + size * 1.2))
            x = left + _tab(crop, font)
    if draw and level:
        page = _worn(page, rng)
    return Printed(page, np.array(letters, dtype=np.float32), tuple(boxes))


def print_typewriter(rng: np.random.Generator, jitter_px: float) -> Printed:
    """Letters by chance, one to a 14-pixel patch of the view: the easiest page there is.

    Args:
        jitter_px: how far the letters of a page may stand off their places together, pixels of the view. Each
            by itself moves little, or letters would lie upon each other.
    """
    family, bold = TRAINING_FONTS[int(rng.integers(len(TRAINING_FONTS)))]
    size = round(rng.uniform(13.0, 15.0) * PAGE_SCALE)
    font = load_font(family, size, bold)
    paper, ink = int(rng.integers(228, 256)), int(rng.integers(5, 70))
    page = PIL.Image.new("L", PAGE_PX, paper)
    pen = PIL.ImageDraw.Draw(page)
    letters: list[tuple[float, float, int]] = []
    off_x, off_y = rng.uniform(-jitter_px, jitter_px), rng.uniform(-1, 1) * min(_OFF_ROW_PX, jitter_px)
    for row in range(VIEW_PX[1] // 14):
        first = (5.0, 9.0)[int(rng.integers(2))]
        for column in range(VIEW_PX[0] // 14):
            if rng.random() < 0.2:
                continue
            place = int(rng.integers(1, len(ALPHABET)))
            x = float(
                np.clip(
                    column * 14 + first + off_x + rng.uniform(-1, 1) * min(1.5, jitter_px), 0, VIEW_PX[0] - 1
                )
            )
            y = float(np.clip(row * 14 + 7 + off_y, 0, VIEW_PX[1] - 1))
            half = _advance(family, size, bold, ALPHABET[place]) / 2
            pen.text(
                (x * PAGE_SCALE - half, y * PAGE_SCALE - size * 0.62), ALPHABET[place], fill=ink, font=font
            )
            letters.append((x, y, place))
    return Printed(page, np.array(letters, dtype=np.float32).reshape(-1, 3), ())


def shifted(seen: NDArray[np.uint8], letters: NDArray[np.float32], x: int, y: int) -> tuple[Any, Any]:
    """A view and its letters moved by whole pixels; what leaves one side is gone."""
    moved = np.roll(seen, (y, x), axis=(0, 1))
    paper = np.uint8(np.median(seen))
    if y:
        moved[slice(0, y) if y > 0 else slice(y, None)] = paper
    if x:
        moved[:, slice(0, x) if x > 0 else slice(x, None)] = paper
    placed = letters + np.array([x, y, 0], dtype=np.float32)
    inside = (
        (placed[:, 0] >= 1)
        & (placed[:, 0] < VIEW_PX[0] - 1)
        & (placed[:, 1] >= 4)
        & (placed[:, 1] < VIEW_PX[1] - 4)
    )
    return moved, placed[inside]


@lru_cache(maxsize=20_000)
def _advance(family: str, size_px: int, bold: bool, letter: str) -> float:
    return load_font(family, size_px, bold).getlength(letter)


def _tab(crop: Crop, font: object) -> float:
    """Where the second column starts, from the left rim of the first."""
    labels = [line.split("\t")[0] for line in crop.lines if "\t" in line]
    return max((font.getlength(label) for label in labels), default=0.0) + 26  # type: ignore[attr-defined]


def _width(crop: Crop, font: object) -> float:
    ends = [font.getlength(line.split("\t")[-1]) for line in crop.lines]  # type: ignore[attr-defined]
    return max(ends) + (_tab(crop, font) if crop.layout == "table" else 0.0)


def _worn(page: PIL.Image.Image, rng: np.random.Generator) -> PIL.Image.Image:
    """Grain, blur and uneven light of a fair copy."""
    import cv2

    pixels = np.asarray(page, dtype=np.float32)
    if rng.random() < 0.5:
        pixels = cv2.GaussianBlur(pixels, (0, 0), float(rng.uniform(0.4, 1.3)))
    if rng.random() < 0.5:
        across = np.linspace(-0.5, 0.5, pixels.shape[1], dtype=np.float32)[None]
        pixels = pixels * (1 + float(rng.uniform(-0.12, 0.12)) * across)
    if rng.random() < 0.6:
        pixels = pixels + rng.standard_normal(pixels.shape, dtype=np.float32) * float(rng.uniform(1, 9))
    return PIL.Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def view(page: PIL.Image.Image) -> NDArray[np.uint8]:
    """The page as the model sees it: the resizing the processor itself does; gray, height x width."""
    return np.asarray(page.resize(VIEW_PX, PIL.Image.Resampling.BICUBIC), dtype=np.uint8)


def slots(letters: NDArray[np.float32]) -> NDArray[np.int64]:
    """(place of the slot, letter) pairs, one a letter: slots run row by row over the whole view."""
    columns, rows = VIEW_PX[0] // SLOT_PX[0], VIEW_PX[1] // SLOT_PX[1]
    x = np.clip(np.floor(letters[:, 0] / SLOT_PX[0]), 0, columns - 1).astype(np.int64)
    y = np.clip(np.floor(letters[:, 1] / SLOT_PX[1]), 0, rows - 1).astype(np.int64)
    return np.stack([y * columns + x, letters[:, 2].astype(np.int64)], axis=1)


def tokens_across() -> int:
    """Merged tokens in one row of the view."""
    return math.ceil(VIEW_PX[0] / 28)
