"""Lines of text as pages: drawn in plain type, with the place of every word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from labeling.pages.page import Page, PageError, PageLimits, PrintedWord, TextLayer, too_many_pages

_Font = PIL.ImageFont.FreeTypeFont | PIL.ImageFont.ImageFont

_SIZE_PX = (1240, 1754)
_LETTER_PX = 26
_LINE_PX = 42
_MARGIN_PX = 90


def typed_pages(lines: Sequence[str], limits: PageLimits) -> Iterator[Page]:
    """The pages that the lines fill, A4 at 150 dots an inch; long lines are wrapped between words.

    Raises:
        PageError: there is nothing to draw, or it would be too many pages.
    """
    font = PIL.ImageFont.load_default(_LETTER_PX)
    rows = [row for line in lines for row in _wrapped(line.split(), font)]
    if not rows:
        raise PageError("no_pages", "the report holds no text", "Export the report from its program as PDF.")
    a_page = (_SIZE_PX[1] - 2 * _MARGIN_PX) // _LINE_PX
    starts = range(0, len(rows), a_page)
    if len(starts) > limits.max_pages:
        raise too_many_pages(str(len(starts)), limits.max_pages)
    for number, start in enumerate(starts, start=1):
        yield _drawn(number, rows[start : start + a_page], font)


def _wrapped(
    words: Sequence[str], font: PIL.ImageFont.FreeTypeFont | PIL.ImageFont.ImageFont
) -> list[list[str]]:
    rows: list[list[str]] = []
    room = _SIZE_PX[0] - 2 * _MARGIN_PX
    for word in words:
        if rows and font.getlength(" ".join([*rows[-1], word])) <= room:
            rows[-1].append(word)
        else:
            rows.append([word])
    return rows


def _drawn(number: int, rows: Sequence[Sequence[str]], font: _Font) -> Page:
    image = PIL.Image.new("L", _SIZE_PX, 255)
    pen = PIL.ImageDraw.Draw(image)
    printed: list[PrintedWord] = []
    for index, row in enumerate(rows):
        top = _MARGIN_PX + index * _LINE_PX
        left = float(_MARGIN_PX)
        for word in row:
            pen.text((left, top), word, font=font, fill=0)
            width = font.getlength(word)
            box = (left, float(top), min(left + width, float(_SIZE_PX[0])), top + 1.25 * _LETTER_PX)
            printed.append(PrintedWord(word, box))
            left += width + font.getlength(" ")
    return Page(number, image, layer=TextLayer(tuple(printed)))
