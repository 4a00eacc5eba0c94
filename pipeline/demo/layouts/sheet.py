"""Paper to print on: text that wraps, tables, page breaks; it remembers every line and every marked word's
place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from pipeline.demo.layouts.fonts import Font, load_font
from pipeline.demo.wording.phrase import Phrase

Box = tuple[float, float, float, float]
Colour = tuple[int, int, int]

A4_PX = (1240, 1754)
PAPER_DPI = 150
SYNTHETIC_MARK = "SYNTHETIC DEMO DATA - invented patient"
INK: Colour = (24, 24, 26)
_FOOT_PX = 66


@dataclass(frozen=True)
class MarkedBox:
    """Where marked words were printed, in page pixels.

    Attributes:
        page: 1-based.
        boxes: one for each printed line.
        words: every word of the quote on this page and the box around its ink.
    """

    tag: str
    quote: str
    page: int
    boxes: tuple[Box, ...]
    words: tuple[tuple[str, Box], ...]


@dataclass
class PrintedPage:
    """One page: the picture, and its lines of text in the order they were printed."""

    image: Image.Image
    lines: list[str] = field(default_factory=list)


class Sheet:
    """A stack of A4 pages at 150 dpi, printed top to bottom.

    Args:
        family, size_px: the body font.
        margin_px: white rim on all sides.
        ink: colour of the text.
        on_new_page: called after every page break, to print a running head.
    """

    def __init__(
        self,
        family: str,
        size_px: int,
        *,
        margin_px: int = 96,
        ink: Colour = INK,
        on_new_page: Callable[[Sheet], None] | None = None,
    ) -> None:
        self.family, self.size_px, self.ink = family, size_px, ink
        self.left, self.right = float(margin_px), float(A4_PX[0] - margin_px)
        self.top, self.bottom = float(margin_px), float(A4_PX[1] - margin_px - _FOOT_PX)
        self.pages: list[PrintedPage] = []
        self.marks: list[MarkedBox] = []
        self._on_new_page = on_new_page
        self.new_page()

    def font(self, *, bold: bool = False, scale: float = 1.0) -> Font:
        """The body font, bold or scaled."""
        return load_font(self.family, round(self.size_px * scale), bold)

    @property
    def line_px(self) -> float:
        """Distance from one body line to the next."""
        return self.size_px * 1.42

    @property
    def pen(self) -> ImageDraw.ImageDraw:
        """For rules and frames on the current page."""
        return self._draw

    def new_page(self) -> None:
        """Go on at the top of a fresh page."""
        self.pages.append(PrintedPage(Image.new("RGB", A4_PX, (254, 254, 253))))
        self._draw = ImageDraw.Draw(self.pages[-1].image)
        self.y = self.top
        if len(self.pages) > 1 and self._on_new_page is not None:
            self._on_new_page(self)

    def need(self, height_px: float) -> None:
        """Break the page unless this much room is left."""
        if self.y + height_px > self.bottom:
            self.new_page()

    def space(self, lines: float = 0.5) -> None:
        """Leave empty lines."""
        self.y += self.line_px * lines

    def rule(self, *, width: int = 2, left: float | None = None, right: float | None = None) -> None:
        """A line across, with a little room around it."""
        y = self.y + 4
        ends = [(left if left is not None else self.left, y), (right if right is not None else self.right, y)]
        self._draw.line(ends, fill=self.ink, width=width)
        self.y += 12

    def text(
        self,
        phrase: Phrase | str,
        *,
        bold: bool = False,
        scale: float = 1.0,
        left: float | None = None,
        right: float | None = None,
        align: str = "left",
        hang_px: float = 0.0,
    ) -> None:
        """A paragraph between `left` and `right`; lines after the first start `hang_px` further in."""
        phrase = Phrase(phrase) if isinstance(phrase, str) else phrase
        font = self.font(bold=bold, scale=scale)
        begin, end = left if left is not None else self.left, right if right is not None else self.right
        placed: list[tuple[int, int, int, float, float]] = []
        for start, stop in wrap(phrase.text, font, end - begin, end - begin - hang_px):
            self.need(self.line_px * scale)
            line = phrase.text[start:stop]
            x = begin if not placed else begin + hang_px
            x = x if align == "left" else (begin + end - font.getlength(line)) / 2
            self._line(line, x, self.y, font)
            self.pages[-1].lines.append(line)
            placed.append((start, stop, len(self.pages), x, self.y))
            self.y += self.line_px * scale
        self._remember(phrase, placed, font)

    def row(
        self,
        cells: Sequence[tuple[float, Phrase | str]],
        *,
        bold: bool = False,
        scale: float = 1.0,
    ) -> None:
        """One line of cells, each at its own x.

        Raises:
            ValueError: a cell runs into the next one or off the page.
        """
        self.need(self.line_px * scale)
        font = self.font(bold=bold, scale=scale)
        phrases = [(x, Phrase(cell) if isinstance(cell, str) else cell) for x, cell in cells]
        limits = [x for x, _ in phrases[1:]] + [A4_PX[0] - 40.0]
        for (x, phrase), limit in zip(phrases, limits, strict=True):
            if x + font.getlength(phrase.text) > limit:
                raise ValueError("a cell of this row does not fit")
        for x, phrase in phrases:
            self._line(phrase.text, x, self.y, font)
            self._remember(phrase, [(0, len(phrase.text), len(self.pages), x, self.y)], font)
        self.pages[-1].lines.append("  ".join(phrase.text for _, phrase in phrases if phrase.text))
        self.y += self.line_px * scale

    def frame(
        self, top: float, bottom: float, *, left: float | None = None, right: float | None = None
    ) -> None:
        """A thin box around what was printed between two heights."""
        sides = (
            left if left is not None else self.left - 12,
            right if right is not None else self.right + 12,
        )
        self._draw.rectangle((sides[0], top, sides[1], bottom), outline=self.ink, width=2)

    def finish(self) -> None:
        """Print the foot of every page: the synthetic mark and the page number."""
        font = load_font("sans", 15)
        for number, page in enumerate(self.pages, start=1):
            foot = [SYNTHETIC_MARK, f"Page {number} of {len(self.pages)}"]
            pen, y = ImageDraw.Draw(page.image), A4_PX[1] - 62
            pen.text((self.left, y), foot[0], fill=(110, 110, 110), font=font)
            pen.text((self.right - font.getlength(foot[1]), y), foot[1], fill=(110, 110, 110), font=font)
            page.lines.append("  ".join(foot))

    def _line(self, text: str, x: float, y: float, font: Font) -> None:
        self._draw.text((x, y), text, fill=self.ink, font=font)

    def _remember(
        self, phrase: Phrase, placed: Sequence[tuple[int, int, int, float, float]], font: Font
    ) -> None:
        for mark in phrase.marks:
            begin = phrase.text.index(mark.quote)
            end = begin + len(mark.quote)
            boxes: dict[int, list[Box]] = {}
            words: dict[int, list[tuple[str, Box]]] = {}
            for start, stop, page, x, y in placed:
                first, last = max(begin, start), min(end, stop)
                if first < last:
                    left = x + font.getlength(phrase.text[start:first])
                    right = x + font.getlength(phrase.text[start:last])
                    boxes.setdefault(page, []).append((left, y, right, y + font.size * 1.22))
                    words.setdefault(page, []).extend(
                        word_boxes(phrase.text, (start, first, last), (x, y), font)
                    )
            for page, found in boxes.items():
                self.marks.append(MarkedBox(mark.tag, mark.quote, page, tuple(found), tuple(words[page])))


def word_boxes(
    text: str, span: tuple[int, int, int], at: tuple[float, float], font: Font
) -> Iterator[tuple[str, Box]]:
    """The words between two characters and the box around the ink of each.

    Args:
        span: first character of the printed line, first and end of the words wanted.
        at: where the line was printed, left and top.
    """
    start, first, last = span
    for found in re.finditer(r"\S+", text[first:last]):
        x = at[0] + font.getlength(text[start : first + found.start()])
        left, top, right, bottom = font.getbbox(found[0])
        yield found[0], (x + left, at[1] + top, x + right, at[1] + bottom)


def wrap(text: str, font: Font, first_width: float, width: float) -> list[tuple[int, int]]:
    """Where to break a text: (start, end) of each line; a word wider than the line stands alone."""
    lines: list[tuple[int, int]] = []
    start = end = 0
    position = 0
    for word in text.split(" "):
        stop = position + len(word)
        room = first_width if not lines else width
        if end > start and font.getlength(text[start:stop]) > room:
            lines.append((start, end))
            start = position
        end = stop
        position = stop + 1
    lines.append((start, end))
    return lines
