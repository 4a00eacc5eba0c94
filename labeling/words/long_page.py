"""Very long pages (screenshots, endless sheets of paper) are read in pieces, cut where nothing is printed.

What tells the lay of a page's lines looks at the whole of it made small; the letters of a page seven times as
long as it is wide would vanish there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from labeling.pages.page import Page
from labeling.words.read_page import OcrPage, Word

if TYPE_CHECKING:
    import PIL.Image

# Longer than so many widths, and than a large page, is too long to be read at once.
_LONG_WIDTHS = 2.5
_LONG_PX = 3000
_PIECE_WIDTHS = 1.6
# How far from the wanted place a cut is looked for, as a share of a piece.
_REACH = 0.2

ReadPiece = Callable[[Page, OcrPage | None], OcrPage]


def is_long(size: tuple[int, int]) -> bool:
    """Whether a page of this (width, height) in pixels is read in pieces."""
    width, height = size
    return height > _LONG_WIDTHS * width and height > _LONG_PX


def read_in_pieces(page: Page, read: ReadPiece, first: OcrPage | None = None) -> OcrPage:
    """The page's words, read piece by piece from the top.

    Args:
        read: one engine on one piece, with what `first` has there.
        first: what another engine read of the whole page.
    """
    edges = cuts(page.image)
    found: list[tuple[int, OcrPage]] = []
    for top, bottom in zip(edges, edges[1:], strict=False):
        piece = Page(page.number, page.image.crop((0, top, page.image.width, bottom)), page.lossy)
        found.append((top, read(piece, _within(first, top, bottom))))
    with_words = [piece for _, piece in found if piece.words]
    measured = [piece.legibility for piece in with_words or [found[0][1]]]
    # Blank paper between the findings is nothing that could not be read.
    reasons = [
        piece.unreadable_reason for _, piece in found if piece.words or piece.legibility.get("contrast")
    ]
    width, height = page.image.size
    return OcrPage(
        number=page.number,
        words=_joined(found),
        legibility={
            name: min(one.get(name, value) for one in measured) for name, value in measured[0].items()
        },
        unreadable_reason=next(filter(None, reasons), "" if with_words else found[0][1].unreadable_reason),
        width_px=width,
        height_px=height,
        elapsed_s=sum(piece.elapsed_s for _, piece in found),
        own_elapsed_s=sum(piece.own_elapsed_s for _, piece in found),
    )


def cuts(image: PIL.Image.Image) -> list[int]:
    """The rows at which a long page is cut, its first and last edge among them."""
    import cv2
    import numpy as np

    gray = np.asarray(image.convert("L"))
    height, width = gray.shape
    count = max(1, round(height / (_PIECE_WIDTHS * width)))
    # How much brightness changes along a row: nothing where nothing is printed.
    change = np.abs(np.diff(gray.astype(np.int16), axis=1)).mean(axis=1, dtype=np.float64)
    calm = cv2.blur(change.reshape(-1, 1), (1, 15)).ravel()
    edges = [0]
    for number in range(1, count):
        wanted, reach = height * number / count, _REACH * height / count
        start, end = int(wanted - reach), int(wanted + reach)
        near = calm[start:end]
        blank = np.flatnonzero(near <= near.min() + 0.5)
        edges.append(start + int(blank[np.abs(blank - reach).argmin()]))
    return [*edges, height]


def _within(first: OcrPage | None, top: int, bottom: int) -> OcrPage | None:
    if first is None:
        return None
    words = [word for word in first.words if top <= (word.box[1] + word.box[3]) / 2 < bottom]
    return replace(first, words=tuple(_moved(word, -top, 0, 0) for word in words), rotation_deg=0)


def _joined(pieces: Sequence[tuple[int, OcrPage]]) -> tuple[Word, ...]:
    joined: list[Word] = []
    line = block = 0
    for top, piece in pieces:
        joined.extend(_moved(word, top, line, block) for word in piece.words)
        if joined:
            line, block = joined[-1].line + 1, joined[-1].block + 1
    return tuple(joined)


def _moved(word: Word, down: int, line: int, block: int) -> Word:
    left, top, right, bottom = word.box
    box = (left, top + down, right, bottom + down)
    return replace(word, box=box, line=word.line + line, block=word.block + block)
