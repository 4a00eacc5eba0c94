"""Typed notes set on a PDF page's picture, and what has to be told of all that lies on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

import PIL.ImageDraw
import PIL.ImageFont

from labeling.pages.page import PrintedWord, TextLayer

if TYPE_CHECKING:
    import PIL.Image

    from labeling.pages.pdf_annotations import Annotation, Rect
    from labeling.pages.pixels import Box

_SMALLEST_PX: Final = 12.0
_LINE_HEIGHT: Final = 1.25
# A note's place must be so wide and high to be seen, pixels.
_LEAST_PX: Final = 4.0
# A frame around a note is no print; gray levels of less are none either.
_FRAME_PX: Final = 4
_LEAST_CONTRAST: Final = 50
# Fewer letters and digits are no remark.
_LEAST_REMARK: Final = 2
_UNSET: Final = "unset"


class _Places(Protocol):
    def box(self, edges: Sequence[Rect]) -> Box: ...


@dataclass(frozen=True)
class Told:
    """What is to be told of what lies on a page.

    Attributes:
        struck, notes: as in `TextLayer`.
        is_unset: a typed note is drawn, and its letters are no letters to the file.
    """

    struck: tuple[Box, ...] = ()
    notes: tuple[str, ...] = ()
    is_unset: bool = False

    def __bool__(self) -> bool:
        return bool(self.struck or self.notes)


def told_of(
    lying: Sequence[Annotation], words: Sequence[PrintedWord], placing: _Places, image: PIL.Image.Image
) -> Told:
    """Which strokes, comments and words out of sight there are.

    Args:
        words: the page's words, what lay on it among them.
    """
    struck = tuple(placing.box([stroke]) for one in lying for stroke in one.strokes)
    whole = _plain(" ".join(word.text for word in words)) if lying else ""
    notes = {note for one in lying if (note := _of_typed(one, words, placing.box([one.rect]), image))}
    notes |= {"chosen" for one in lying if one.is_list}
    # Who marks words often has them copied into the remark.
    remarks = [_plain(one.says) for one in lying if not one.is_print]
    notes |= {"comment" for remark in remarks if len(remark) >= _LEAST_REMARK and remark not in whole}
    return Told(struck, tuple(sorted(notes - {_UNSET})), _UNSET in notes)


def _of_typed(one: Annotation, words: Sequence[PrintedWord], box: Box, image: PIL.Image.Image) -> str:
    """Why the page does not show what is typed on it as words: it does not show it at all, or its letters are
    drawn and no letters to the file; empty where it does.
    """
    wanted = _plain(one.says)
    if not one.is_print or one.is_bare or not wanted:
        return ""
    shown = _plain(" ".join(word.text for word in words if _lies_in(word.box, box)))
    has_ink = _has_ink(image, box)
    if wanted in shown:
        return "" if has_ink else "unshown"
    return _UNSET if one.has_picture and has_ink and not shown else "unshown"


def typed_in(
    image: PIL.Image.Image, layer: TextLayer, lying: Sequence[Annotation], placing: _Places, scale: float
) -> TextLayer:
    """The layer with the words of typed notes that had no picture of themselves; they are drawn on `image`.

    Args:
        scale: pixels to a point.
    """
    typed: list[PrintedWord] = []
    bare = [one for one in lying if one.is_bare and _plain(one.says)]
    # They stand upright, and a turned page is read as it lies.
    is_seen = not (bare and layer.refused == "turned")
    for one in bare:
        box = placing.box([one.rect])
        if min(box[2] - box[0], box[3] - box[1]) < _LEAST_PX:
            is_seen = False
            continue
        if one.ground is not None:
            ground = one.ground if image.mode == "RGB" else round(sum(one.ground) / 3)
            PIL.ImageDraw.Draw(image).rectangle(box, fill=ground)
        now = _set(image, one, box, scale)
        is_seen &= _is_clear(now, (*layer.words, *typed), image.size)
        typed.extend(word for word in now if _is_on_page(word, image.size))
    words = layer.words if layer.refused == "scan" else (*layer.words, *typed)
    notes = layer.notes if is_seen else tuple(sorted({*layer.notes, "unshown"}))
    return replace(layer, words=words, notes=notes)


def _is_clear(now: Sequence[PrintedWord], others: Sequence[PrintedWord], size: tuple[int, int]) -> bool:
    """Whether words lie on the page, and over no others."""
    is_over = any(_overlap(word.box, new.box) for word in others for new in now)
    return not is_over and all(_is_on_page(word, size) for word in now)


def _is_on_page(word: PrintedWord, size: tuple[int, int]) -> bool:
    return word.box[2] <= size[0] and word.box[3] <= size[1]


def _set(image: PIL.Image.Image, note: Annotation, box: Box, scale: float) -> list[PrintedWord]:
    """A note's words, wrapped in its box as viewers do it; what does not go into it stands below."""
    size = max(_SMALLEST_PX, note.letter_pt * scale)
    font = PIL.ImageFont.load_default(size)
    pen = PIL.ImageDraw.Draw(image)
    left, top, right, _ = box
    blank = font.getlength(" ")
    found: list[PrintedWord] = []
    for line in note.says.splitlines():
        at = left
        for word in line.split():
            width = font.getlength(word)
            if at > left and at + width > right:
                at, top = left, top + _LINE_HEIGHT * size
            pen.text((at, top), word, font=font, fill=0)
            found.append(PrintedWord(word, (at, top, at + width, top + _LINE_HEIGHT * size)))
            at += width + blank
        top += _LINE_HEIGHT * size
    return found


def _overlap(one: Box, other: Box) -> bool:
    """Whether two words are set over one another; high boxes of neighbouring lines may touch."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > 0 and down > 0.4 * min(one[3] - one[1], other[3] - other[1])


def _lies_in(box: Box, outer: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    slack = (box[3] - box[1]) / 2
    return outer[0] - slack <= x <= outer[2] + slack and outer[1] - slack <= y <= outer[3] + slack


def _has_ink(image: PIL.Image.Image, box: Box) -> bool:
    """Whether anything is to be seen there, but for a frame."""
    left, top, right, bottom = (round(edge) for edge in box)
    inner = (left + _FRAME_PX, top + _FRAME_PX, right - _FRAME_PX, bottom - _FRAME_PX)
    if inner[2] <= inner[0] or inner[3] <= inner[1]:
        return False
    low, high = image.crop(inner).convert("L").getextrema()
    return bool(high - low > _LEAST_CONTRAST)  # type: ignore[operator]


def _plain(text: str) -> str:
    """The letters, digits and signs that count."""
    return "".join(letter for letter in text.lower() if letter.isalnum() or letter in "%<>+-/≥≤")
