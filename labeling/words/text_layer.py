"""The words a file says are printed on a page, taken instead of recognition where the picture bears them out.

A text layer is a claim. It is believed when every word of it shows ink on the picture, no print stands
outside it, and a sample of its words, those that findings would rest on first, is recognised on the picture
as it says. Otherwise the page is read like any picture, and the reason is noted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from labeling.words import layer_sample, rapid_lines
from labeling.words.read_page import OcrPage, Word

if TYPE_CHECKING:
    import PIL.Image

    from labeling.pages.page import Page, TextLayer
    from labeling.pages.pixels import Box, Gray
    from labeling.words.prepared import PageLight

# Gray levels between the darkest and the brightest pixel of a word's box; less is no print anybody sees.
_LEAST_CONTRAST = 50
# Two different words that share more than this of the smaller one's box hide one another.
_MOST_SHARED = 0.5
_AT_ONCE = 256
# Lines of print outside the layer: more than these, and it leaves out what the page says.
_FEW_LINES_OUTSIDE = 2
_LINE_PX = 10.0
_INK_LEVEL = 150
# Print in a picture is softer. So many stretches of it are looked at.
_FAINT_LEVEL = 200
_MOST_FAINT = 12
# What strikes a word out runs between these shares of its height, and through so much of its width.
_STRIKE_BAND = (0.3, 0.75)
_STRIKE_SHARE = 0.97
_STRIKE_LETTERS = 2


def read_words(
    page: Page,
    *,
    tesseract: str = "tesseract",
    meanwhile: Callable[[], object] | None = None,
    light: PageLight | None = None,
) -> OcrPage:
    """Read one page: by its text layer where it has one that holds, else with Tesseract.

    Args:
        meanwhile, light: as in `tesseract.read_words`.

    Raises:
        EchoDeskError: Tesseract is missing, fails, or takes longer than three minutes.
    """
    from labeling.words import tesseract as engine

    layer = page.layer
    if layer is None or not (layer.words or layer.refused):
        read = engine.read_words(page, tesseract=tesseract, meanwhile=meanwhile, light=light)
        return read if layer is None else _with_told(read, layer)
    started = time.perf_counter()
    words = rapid_lines.in_order(
        [Word(word.text, word.box, 1.0, 0, 0) for word in layer.words], page.image.size
    )
    reason = layer.refused or _why_not(page, words, tesseract)
    if reason:
        read = engine.read_words(page, tesseract=tesseract, meanwhile=meanwhile, light=light)
        said = () if reason == "turned" else words
        return _with_told(replace(read, layer_refused=reason, layer_words=said), layer)
    width, height = page.image.size
    read = OcrPage(
        number=page.number,
        words=words,
        struck=struck_words(page.image, words),
        is_layer=True,
        width_px=width,
        height_px=height,
        own_elapsed_s=time.perf_counter() - started,
    )
    return _with_told(read, layer)


def _with_told(read: OcrPage, layer: TextLayer) -> OcrPage:
    """What was read, with the words that lines of the file strike out, and the file's notes."""
    runs_down = read.rotation_deg in (90, 270)
    drawn = [
        word.box
        for word in read.words
        if any(_is_crossed(word.box, line, runs_down=runs_down) for line in layer.struck)
    ]
    return replace(read, struck=(*read.struck, *drawn), notes=layer.notes)


def _is_crossed(box: Box, line: Box, *, runs_down: bool) -> bool:
    """Whether a line runs through the middle of a word, for half of its width and more."""
    if runs_down:
        box, line = (box[1], box[0], box[3], box[2]), (line[1], line[0], line[3], line[2])
    left, top, right, bottom = box
    band = _STRIKE_BAND[0] * (bottom - top), _STRIKE_BAND[1] * (bottom - top)
    shared = min(right, line[2]) - max(left, line[0])
    return shared >= 0.5 * (right - left) and line[1] <= top + band[1] and line[3] >= top + band[0]


def struck_words(image: PIL.Image.Image, words: Sequence[Word]) -> tuple[Box, ...]:
    """The words of a layer that a line runs through from end to end, half-way up: no letters do that."""
    import numpy as np

    gray = np.asarray(image.convert("L"))
    found = []
    for word in words:
        left, top, right, bottom = _whole(word.box)
        piece = gray[top:bottom, left:right]
        if sum(map(str.isalnum, word.text)) < _STRIKE_LETTERS or not piece.size:
            continue
        middle = (int(piece.max()) + int(piece.min())) / 2
        dark = piece < middle if float(np.median(piece)) > middle else piece > middle
        rows = dark[int(_STRIKE_BAND[0] * len(dark)) : round(_STRIKE_BAND[1] * len(dark)) or 1]
        if rows.size and float(rows.mean(axis=1).max()) > _STRIKE_SHARE:
            found.append(word.box)
    return tuple(found)


def _why_not(page: Page, words: Sequence[Word], tesseract: str) -> str:
    """Why the picture does not bear the layer out, a key of `LAYER_REFUSED`; empty where it does."""
    import numpy as np

    gray = np.asarray(page.image.convert("L"))
    if _hides_words(gray, words):
        return "hidden"
    boxes = [word.box for word in words]
    if len(_lines_outside(gray, boxes, _INK_LEVEL)) > _FEW_LINES_OUTSIDE:
        return "incomplete"
    faint = _lines_outside(gray, boxes, _FAINT_LEVEL)[:_MOST_FAINT]
    if faint and layer_sample.speak_of_findings(_without(gray, boxes), faint, tesseract):
        return "incomplete"
    is_borne_out = layer_sample.agrees(gray, words, tesseract=tesseract)
    return "" if is_borne_out else "differs"


def _hides_words(gray: Gray, words: Sequence[Word]) -> bool:
    """Whether a word shows nothing at its place, or another word's print."""
    for word in words:
        left, top, right, bottom = _whole(word.box)
        piece = gray[top:bottom, left:right]
        if sum(map(str.isalnum, word.text)) > 1 and (not piece.size or _range(piece) < _LEAST_CONTRAST):
            return True
    return _overlap(words)


def _range(piece: Gray) -> int:
    return int(piece.max()) - int(piece.min())


def _overlap(words: Sequence[Word]) -> bool:
    import numpy as np

    boxes = np.array([word.box for word in words], dtype=np.float32)
    _, texts = np.unique([word.text for word in words], return_inverse=True)
    # High boxes of neighbouring lines touch; the letters themselves fill the middle of theirs.
    slack = 0.25 * (boxes[:, 3] - boxes[:, 1])
    boxes[:, 1] += slack
    boxes[:, 3] -= slack
    areas = (boxes[:, 2:] - boxes[:, :2]).clip(min=0.1).prod(axis=1)
    for first in range(0, len(words), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        shared = np.minimum(boxes[some, None, 2:], boxes[None, :, 2:])
        shared -= np.maximum(boxes[some, None, :2], boxes[None, :, :2])
        hidden = shared.clip(min=0).prod(axis=2) > _MOST_SHARED * np.minimum(areas[some, None], areas[None])
        if bool((hidden & (texts[some, None] != texts[None])).any()):
            return True
    return False


def _without(gray: Gray, boxes: Sequence[Box]) -> Gray:
    """The picture without the layer's own words."""
    bare = gray.copy()
    for left, top, right, bottom in map(_whole, boxes):
        bare[max(0, top) : bottom, max(0, left) : right] = 255
    return bare


def _lines_outside(gray: Gray, boxes: Sequence[Box], level: int) -> list[Box]:
    """The stretches of print of the page's own size, darker than a level, that lie outside the boxes."""
    import cv2
    import numpy as np

    height = float(np.median([bottom - top for _, top, _, bottom in boxes]))
    scale = min(1.0, _LINE_PX / max(height, 1.0))
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = (small < level).astype(np.uint8)
    for box in boxes:
        left, top, right, bottom = (round(edge * scale) for edge in box)
        ink[max(0, top - 1) : bottom + 1, max(0, left - 2) : right + 2] = 0
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    widths, heights = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    filled = stats[1:, cv2.CC_STAT_AREA] / (widths * heights)
    # Rules are thin, bars and pictures are filled or high.
    is_print = (heights >= 4) & (heights <= 2 * _LINE_PX) & (widths >= 3 * _LINE_PX)
    found = stats[1:][is_print & (filled > 0.2) & (filled < 0.95)]
    return [
        (left / scale, top / scale, (left + width) / scale, (top + height) / scale)
        for left, top, width, height, _ in found.tolist()
    ]


def _whole(box: Box) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    return int(left), int(top), round(right), round(bottom)
