"""The first reading of a page: its own words or Tesseract's, with the marks of its forms written in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import PIL.Image

from labeling.pages import geometry, legibility
from labeling.pen import pen_marks
from labeling.pen.pen_ink import coarse_ink
from labeling.pen.struck import is_crossed_out, struck_on_picture
from labeling.pen.struck_lines import Print, print_of, struck_lines
from labeling.words import ink_marks, text_layer
from labeling.words.ink_lines import as_high_as_print
from labeling.words.prepared import PageLight
from labeling.words.table_rows import with_rows
from labeling.words.tesseract import read_words, seconds_spent

if TYPE_CHECKING:
    from labeling.pages.page import Page
    from labeling.pages.pixels import Box, Colours
    from labeling.words.read_page import OcrPage

_GRAIN: Final = 8


def read_first(
    page: Page, *, tesseract: str = "tesseract", meanwhile: Callable[[Colours], object] | None = None
) -> OcrPage:
    """Read one page. What is asked of the page and not of its words is looked at while Tesseract reads.

    Args:
        meanwhile: as in `tesseract.read_words`, but given the page's pixels: red, green and blue, or gray.

    Raises:
        EchoDeskError: Tesseract is missing, fails, or takes longer than three minutes.
    """
    light = PageLight(page.image)

    def beside() -> None:
        if meanwhile is not None:
            meanwhile(light.colours)
        light.once(_is_crossed)
        light.once(coarse_ink)
        light.once(_print_of)

    read = text_layer.read_words(page, tesseract=tesseract, meanwhile=beside, light=light)
    if not read.words and _is_flat(page.image):
        return replace(read, is_blank=True)
    if read.unreadable_reason and _reads_in_a_mirror(page, read, tesseract):
        return replace(read, unreadable_reason=legibility.MIRRORED)
    before_s = seconds_spent()
    by_shape = ink_marks.marked_lines(page, read, tesseract=tesseract, light=light)
    lines = pen_marks.with_pen(page, read, by_shape, tesseract, light)
    # Marked lines are recognised once more.
    read = replace(read, elapsed_s=read.elapsed_s + seconds_spent() - before_s)
    # What a pen does to the options of a form is told by its marks.
    struck = [
        box
        for box in _struck_on(light, read)
        if not any(line.words and line.box[1] <= (box[1] + box[3]) / 2 <= line.box[3] for line in lines)
    ]
    read = replace(read, struck=(*read.struck, *struck)) if struck else read
    if light.once(_is_crossed):
        read = replace(read, notes=(*read.notes, "crossed"))
    return with_rows(ink_marks.with_marks(read, lines))


def without_blank(pages: Sequence[OcrPage]) -> tuple[OcrPage, ...]:
    """The pages of a report, in which empty ones beside written ones are nothing that could not be read."""
    if not any(page.words for page in pages):
        return tuple(pages)
    return tuple(replace(page, unreadable_reason="") if page.is_blank else page for page in pages)


def _is_crossed(light: PageLight) -> bool:
    return is_crossed_out(light.gray)


def _print_of(light: PageLight) -> Print:
    return print_of(light.reduced[0])


def _reads_in_a_mirror(page: Page, read: OcrPage, tesseract: str) -> bool:
    """Whether crisp print that no engine makes much of reads well once it is mirrored."""
    if not legibility.reads_crisp(read.legibility):
        return False
    mirrored = page.image.transpose(PIL.Image.Transpose.FLIP_LEFT_RIGHT)
    return not read_words(replace(page, image=mirrored, layer=None), tesseract=tesseract).unreadable_reason


def _struck_on(light: PageLight, read: OcrPage) -> list[Box]:
    """Where words are struck out on the page as given."""
    import numpy as np

    height, width = light.gray.shape
    turns = read.rotation_deg // 90
    if not turns:
        return [*struck_on_picture(light.gray, as_high_as_print(read)), *_struck_as_a_whole(light, read)]
    matrix, size = geometry.quarter_turn_matrix(width, height, read.rotation_deg)
    words = [replace(word, box=geometry.map_box(word.box, matrix, size)) for word in read.words]
    upright = replace(read, words=tuple(words), rotation_deg=0)
    found = [
        *struck_on_picture(np.ascontiguousarray(np.rot90(light.gray, turns)), upright),
        *_struck_as_a_whole(light, upright, turns),
    ]
    back = np.linalg.inv(matrix)
    return [geometry.map_box(box, back, (width, height)) for box in found]


def _struck_as_a_whole(light: PageLight, read: OcrPage, turns: int = 0) -> tuple[Box, ...]:
    """Struck lines of a picture; those of a file's own words are told by the file.

    Args:
        read: upright. turns: by how many quarters the page was turned for that.
    """
    import numpy as np

    if read.is_layer or read.unreadable_reason:
        return ()
    flat, reduction = light.reduced
    printed = print_of(np.ascontiguousarray(np.rot90(flat, turns))) if turns else light.once(_print_of)
    words = [_scaled(word.box, reduction) for word in read.words]
    found = struck_lines(printed, words, read.skew_deg)
    return tuple(_scaled(box, 1 / reduction) for box in found)


def _scaled(box: Box, factor: float) -> Box:
    return box[0] * factor, box[1] * factor, box[2] * factor, box[3] * factor


def _is_flat(image: PIL.Image.Image) -> bool:
    """Whether a program left the page empty: paper, even blank, and overexposed photographs have grain."""
    low, high = image.convert("L").getextrema()
    return bool(high - low < _GRAIN)  # type: ignore[operator]
