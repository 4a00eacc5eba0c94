"""Invented lines as pictures: printed in some font, photographed badly, and cut out as a reader does it.

What a photograph does is drawn wider than any page that is judged on: letters of 9 to 24 pixels, blur, low
contrast, uneven light, noise, JPEG, a tilted page. The views are those that poor pages are read in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from labeling.finetuning.recogniser import fonts
from labeling.finetuning.recogniser.invented import invent_line
from labeling.words.poor.poor_page import NARROWING, View, views_of
from labeling.words.rapid_lines import Quad, cut_out
from labeling.words.recognising import LINE_HEIGHT_PX, LONGEST_PIECE_PX, as_input

if TYPE_CHECKING:
    import numpy as np

    from labeling.finetuning.recogniser.fonts import Face
    from labeling.pages.pixels import Gray, Matrix

_LINES: Final = 3
_MARGIN_PX: Final = 60
# How often each view of a photograph is taken: above all the sharpened ones, which are read best.
_VIEW_SHARES: Final = (0.46, 0.14, 0.12, 0.28)


@dataclass(frozen=True)
class Sample:
    """A piece of a line.

    Attributes:
        text: what it says.
        pixels: 3 x 48 x width, -1 to 1.
    """

    text: str
    pixels: Any


@dataclass(frozen=True)
class _Word:
    text: str
    left: float
    right: float


@dataclass(frozen=True)
class _Line:
    words: tuple[_Word, ...]
    top: float
    bottom: float


def invent_samples(
    faces: Sequence[Face], rng: np.random.Generator, *, longest_px: int = LONGEST_PIECE_PX
) -> Iterator[Sample]:
    """Pieces of invented lines in bad photographs, without end.

    Args:
        longest_px: none is wider.
    """
    import numpy as np

    # A group with many fonts is drawn oftener, but not in proportion: what counts is how many designs there
    # are.
    sizes = Counter(face.group for face in faces)
    weights = np.array([sizes[face.group] ** -0.5 for face in faces])
    while True:
        face = faces[int(rng.choice(len(faces), p=weights / weights.sum()))]
        sheet, lines = _printed(face, rng)
        gray, matrix = _photographed(_worn(sheet, rng), _em_px(lines), rng)
        views = views_of(gray)
        for line in lines:
            view = views[int(rng.choice(len(views), p=_VIEW_SHARES))]
            yield from _cut(line, view, matrix, rng, longest_px)


def _printed(face: Face, rng: np.random.Generator) -> tuple[Gray, list[_Line]]:
    """Black lines on white, and where their words stand."""
    import numpy as np
    from PIL import Image, ImageDraw

    font = fonts.load(face, int(rng.integers(26, 41)))
    left, top, _, bottom = font.getbbox("Abhgpy0")
    step = (bottom - top) * rng.uniform(1.02, 1.7)
    texts = [invent_line(rng, int(rng.integers(12, 64))) for _ in range(_LINES)]
    width = round(max(font.getlength(text) for text in texts)) + 2 * _MARGIN_PX
    sheet = Image.new("L", (width, round(step * _LINES) + 2 * _MARGIN_PX), 255)
    pen = ImageDraw.Draw(sheet)
    lines = []
    for number, text in enumerate(texts):
        y = _MARGIN_PX + number * step
        pen.text((_MARGIN_PX - left, y - top), text, font=font, fill=0)
        lines.append(_Line(_words(text, font), y, y + bottom - top))
    if rng.random() < 0.15:
        # A ruled table.
        for number in range(_LINES + 1):
            y = _MARGIN_PX + number * step - 0.5 * (step - (bottom - top))
            pen.line((20, y, width - 20, y), fill=int(rng.integers(0, 120)), width=int(rng.integers(1, 4)))
    return np.asarray(sheet, dtype=np.uint8), lines


def _words(text: str, font: Any) -> tuple[_Word, ...]:
    words, start = [], 0
    for word in text.split():
        start = text.index(word, start)
        left = _MARGIN_PX + font.getlength(text[:start])
        words.append(_Word(word, left, left + font.getlength(word)))
        start += len(word)
    return tuple(words)


def _em_px(lines: Sequence[_Line]) -> float:
    return lines[0].bottom - lines[0].top


def _worn(sheet: Gray, rng: np.random.Generator) -> Gray:
    """As other printers print it: bolder, thinner, in dots, as a fax."""
    import cv2
    import numpy as np

    kind = rng.random()
    if kind < 0.12:
        return np.asarray(cv2.erode(sheet, np.ones((2, 2), np.uint8)))
    if kind < 0.22:
        return np.asarray(cv2.dilate(sheet, np.ones((2, 2), np.uint8)))
    if kind < 0.42:
        return _in_dots(sheet, rng)
    if kind < 0.58:
        grain = rng.normal(0, rng.uniform(10, 45), sheet.shape)
        soft = cv2.GaussianBlur(sheet, (0, 0), rng.uniform(0.6, 1.6)).astype(np.float32)
        return np.where(soft + grain < rng.uniform(90, 190), 0, 255).astype(np.uint8)
    return sheet


def _in_dots(sheet: Gray, rng: np.random.Generator) -> Gray:
    """A dot-matrix printer's letters."""
    import cv2
    import numpy as np

    pitch = int(rng.integers(3, 5))
    size = (sheet.shape[1] // pitch, sheet.shape[0] // pitch)
    coarse = cv2.resize(sheet, size, interpolation=cv2.INTER_AREA)
    inked = (coarse < rng.uniform(130, 200)).astype(np.uint8)
    spread = np.zeros((size[1] * pitch, size[0] * pitch), np.uint8)
    spread[pitch // 2 :: pitch, pitch // 2 :: pitch] = inked
    # A worn ribbon's dots don't touch.
    across = pitch + int(rng.integers(-1, 2))
    dots = cv2.dilate(spread, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across)))
    page = np.full(sheet.shape, 255, np.uint8)
    page[: dots.shape[0], : dots.shape[1]][dots > 0] = int(rng.integers(0, 130))
    return page


def _photographed(sheet: Gray, line_px: float, rng: np.random.Generator) -> tuple[Gray, Matrix]:
    """The sheet in a bad photograph, and the 3 x 3 matrix from its pixels to the photograph's."""
    import cv2
    import numpy as np

    # Height of a line from the highest to the lowest stroke.
    wanted_px = 9.5 + 17 * rng.beta(1.5, 2.6)
    matrix, size = _placed(sheet.shape, wanted_px / line_px, rng)
    shrink = wanted_px / line_px
    soft = cv2.GaussianBlur(sheet, (0, 0), max(0.3, 0.45 / shrink))
    page = cv2.warpPerspective(soft, matrix, size, flags=cv2.INTER_LINEAR, borderValue=255).astype(np.float32)
    ink, paper = rng.uniform(10, 120), rng.uniform(170, 250)
    lit = (ink + page / 255 * (paper - ink)) * _light(size, rng)
    if rng.random() < 0.2:
        lit = cv2.filter2D(lit, -1, _shake(rng, wanted_px))
    lit = cv2.GaussianBlur(lit, (0, 0), max(0.3, wanted_px * rng.uniform(0.02, 0.085)))
    lit = lit + rng.normal(0, rng.uniform(0.5, 16), lit.shape)
    shot = np.clip(lit, 0, 255).astype(np.uint8)
    done, data = cv2.imencode(".jpg", shot, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(18, 80))])
    if not done:
        raise ValueError("the picture could not be encoded as JPEG")
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8), matrix


def _placed(
    shape: tuple[int, ...], factor: float, rng: np.random.Generator
) -> tuple[Matrix, tuple[int, int]]:
    """A bent and turned sheet: 3 x 3 matrix and size (width, height) of the picture."""
    import cv2
    import numpy as np

    height, width = shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    angle = np.deg2rad(rng.normal(0, 1.8))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    moved = (corners * (rng.uniform(0.86, 1.14), 1.0)) @ turn * factor
    moved += rng.uniform(-0.02, 0.02, (4, 2)) * (width * factor, height * factor)
    moved -= moved.min(axis=0)
    size = (int(np.ceil(moved[:, 0].max())) + 1, int(np.ceil(moved[:, 1].max())) + 1)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), moved.astype(np.float32))
    return np.asarray(matrix, dtype=np.float64), size


def _light(size: tuple[int, int], rng: np.random.Generator) -> Any:
    """How much light arrives where, 0-1."""
    import numpy as np

    y, x = np.mgrid[0 : 1 : size[1] * 1j, 0 : 1 : size[0] * 1j].astype(np.float32)
    angle, edge_angle = rng.uniform(0, 2 * np.pi, 2)
    gain = 1 - rng.uniform(0, 0.5) * (0.5 + np.cos(angle) * (x - 0.5) / 1.5 + np.sin(angle) * (y - 0.5) / 1.5)
    edge = np.cos(edge_angle) * (x - rng.uniform(0.2, 0.8)) + np.sin(edge_angle) * (y - rng.uniform(0.2, 0.8))
    return gain - rng.uniform(0, 0.3) / (1 + np.exp(-edge / rng.uniform(0.02, 0.2)))


def _shake(rng: np.random.Generator, line_px: float) -> Any:
    """A short stroke of a moving hand."""
    import cv2
    import numpy as np

    length = max(2.0, line_px * rng.uniform(0.06, 0.2))
    side = 2 * int(np.ceil(length / 2)) + 1
    angle = rng.uniform(0, np.pi)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    middle = np.array([side // 2, side // 2])
    kernel = np.zeros((side, side), np.uint8)
    start, end = (middle - reach).round().astype(int), (middle + reach).round().astype(int)
    cv2.line(kernel, tuple(map(int, start)), tuple(map(int, end)), 255, 1, cv2.LINE_AA)
    return kernel.astype(np.float32) / kernel.sum()


def _cut(
    line: _Line, view: View, matrix: Matrix, rng: np.random.Generator, longest_px: int
) -> Iterator[Sample]:
    """A line's words in pieces of random length, cut between words, a little off as detectors are."""
    height = line.bottom - line.top
    narrowing = NARROWING * rng.uniform(0.85, 1.15)
    top = line.top - height * rng.uniform(-0.02, 0.26)
    bottom = line.bottom + height * rng.uniform(-0.02, 0.26)
    widest = longest_px * (bottom - top) / (LINE_HEIGHT_PX * narrowing)
    words = list(line.words)
    while words:
        room = widest * rng.uniform(0.35, 0.97)
        taken = [words.pop(0)]
        while words and words[0].right - taken[0].left < room:
            taken.append(words.pop(0))
        left = taken[0].left - height * rng.uniform(0.0, 0.3)
        right = taken[-1].right + height * rng.uniform(0.0, 0.3)
        if right - left > widest:
            continue
        quad = _quad_in(view, matrix, (left, top, right, bottom))
        columns = max(16, round(quad.width_px * LINE_HEIGHT_PX / quad.height_px * narrowing))
        yield Sample(" ".join(word.text for word in taken), as_input(cut_out(view.pixels, quad), columns))


def _quad_in(view: View, matrix: Matrix, box: tuple[float, float, float, float]) -> Quad:
    import cv2
    import numpy as np

    left, top, right, bottom = box
    corners = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], dtype=np.float64)
    return Quad(cv2.perspectiveTransform(corners, matrix)[0] * view.factor)
