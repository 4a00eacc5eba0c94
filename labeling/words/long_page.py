"""Very long and very wide pages (screenshots, endless paper, panoramas) are read in pieces.

What tells the lay of a page's lines looks at the whole of it made small; the letters of a page seven times as
long as it is wide would vanish there. A long one is cut where nothing is printed. A wide one has no such
place: its pieces overlap, and the words of all of them are put in order over the whole page, so that no label
is parted from its value. Wide blank paper in it is folded away first: a word alone in a piece is read badly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from labeling.pages.page import Page
from labeling.words.read_page import OcrPage, Word

if TYPE_CHECKING:
    import PIL.Image

    from labeling.pages.pixels import Box

# Longer than so many widths, and than a large page, is too long to be read at once.
_LONG_WIDTHS = 2.5
_LONG_PX = 3000
_PIECE_WIDTHS = 1.6
# How far from the wanted place a cut is looked for, as a share of a piece.
_REACH = 0.2
# A wide page's pieces: so many heights wide, at least so many pixels, and that share of it seen twice.
_PIECE_HEIGHTS = 1.6
_PIECE_PX = 2400
_SEEN_TWICE = 0.25
# Two words that share more than this of the smaller one are one word, seen in two pieces.
_ONE_WORD = 0.5
# So much wider is a word that the other one is part of.
_WIDER = 1.15
# A word closer to a cut than so many of its heights may be cut itself.
_CLEAR_HEIGHTS = 0.5

# Blank paper wider than so much of the page's height, and than so many pixels, is folded to that; a column is
# blank where nothing differs from the paper by so many gray levels. Looked for at a quarter of the size.
_FOLD_HEIGHTS = 0.15
_FOLD_PX = 160
_INK_LEVELS = 40
_FOLD_STEP = 4

_LIES_ON_ITS_SIDE = "The page is very wide and does not lie upright. Turn the picture and add it again."

ReadPiece = Callable[[Page, OcrPage | None], OcrPage]


def is_long(size: tuple[int, int]) -> bool:
    """Whether a page of this (width, height) in pixels is read in pieces."""
    return _is_far_longer(*size) or _is_far_longer(*size[::-1])


def _is_far_longer(one: int, other: int) -> bool:
    return other > _LONG_WIDTHS * one and other > _LONG_PX


def read_in_pieces(page: Page, read: ReadPiece, first: OcrPage | None = None) -> OcrPage:
    """The page's words, read piece by piece from the top, or from the left.

    Args:
        read: one engine on one piece, with what `first` has there.
        first: what another engine read of the whole page.
    """
    width, height = page.image.size
    if width > height:
        found, words = _read_across(page, read, first)
    else:
        found, words = _read_down(page, read, first)
    with_words = [piece for piece in found if piece.words]
    measured = [piece.legibility for piece in with_words or found[:1]]
    reason = _why_unreadable(found)
    if width > height and any(piece.rotation_deg for piece in with_words):
        reason, words = _LIES_ON_ITS_SIDE, ()
    return OcrPage(
        number=page.number,
        words=words,
        legibility={
            name: min(one.get(name, value) for one in measured) for name, value in measured[0].items()
        },
        unreadable_reason=reason,
        width_px=width,
        height_px=height,
        elapsed_s=sum(piece.elapsed_s for piece in found),
        own_elapsed_s=sum(piece.own_elapsed_s for piece in found),
    )


def _why_unreadable(found: Sequence[OcrPage]) -> str:
    """Blank paper between the findings is nothing that could not be read."""
    reasons = [piece.unreadable_reason for piece in found if piece.words or piece.legibility.get("contrast")]
    is_blank = not any(piece.words for piece in found)
    return next(filter(None, reasons), found[0].unreadable_reason if is_blank else "")


def _read_down(page: Page, read: ReadPiece, first: OcrPage | None) -> tuple[list[OcrPage], tuple[Word, ...]]:
    edges = cuts(page.image)
    found: list[tuple[int, OcrPage]] = []
    for top, bottom in zip(edges, edges[1:], strict=False):
        piece = Page(page.number, page.image.crop((0, top, page.image.width, bottom)), page.lossy)
        found.append((top, read(piece, _within(first, top, bottom))))
    return [piece for _, piece in found], _joined(found)


def _read_across(
    page: Page, read: ReadPiece, first: OcrPage | None
) -> tuple[list[OcrPage], tuple[Word, ...]]:
    from labeling.words.rapid_lines import in_order

    found: list[OcrPage] = []
    seen: list[Word] = []
    folds = _folds(page.image)
    flat = _folded(page.image, folds)
    for left, right in windows(flat.size):
        piece = Page(page.number, flat.crop((left, 0, right, flat.height)), page.lossy)
        found.append(read(piece, _between(first, left, right, folds)))
        edges = 0 if left else -math.inf, right - left if right < flat.width else math.inf
        whole = [_moved_right(word, left) for word in found[-1].words if _is_whole(word, edges)]
        seen = _together(seen, whole, left)
    words = [_unfolded(word, folds) for word in seen]
    return found, in_order(_by_lines(words), page.image.size)


# What is cut out of a wide page: its first column and the one behind it, from the left.
_Fold = tuple[int, int]


def _folds(image: PIL.Image.Image) -> list[_Fold]:
    """Blank columns that no reading needs; some are left beside the print."""
    import cv2
    import numpy as np

    gray = np.asarray(image.convert("L"))
    size = max(1, gray.shape[1] // _FOLD_STEP), max(1, gray.shape[0] // _FOLD_STEP)
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    paper = np.full_like(small, int(np.median(small)))
    blank = cv2.absdiff(small, paper).max(axis=0) < _INK_LEVELS
    edges = np.flatnonzero(np.diff(np.concatenate([[False], blank, [False]]).astype(np.int8)))
    room = max(_FOLD_PX, round(_FOLD_HEIGHTS * image.height))
    runs = [(int(start) * _FOLD_STEP, int(end) * _FOLD_STEP) for start, end in edges.reshape(-1, 2)]
    return [(start + room // 2, end - room // 2) for start, end in runs if end - start > 1.5 * room]


def _folded(image: PIL.Image.Image, folds: Sequence[_Fold]) -> PIL.Image.Image:
    import numpy as np
    import PIL.Image

    if not folds:
        return image
    pixels = np.asarray(image)
    gone = np.concatenate([np.arange(start, end) for start, end in folds])
    return PIL.Image.fromarray(np.delete(pixels, gone, axis=1))


def _unfolded(word: Word, folds: Sequence[_Fold]) -> Word:
    """A word of the folded page on the page."""
    by = 0
    for start, end in folds:
        if word.box[0] + by >= start:
            by += end - start
    return _moved_right(word, by)


def _folded_away(word: Word, folds: Sequence[_Fold]) -> Word:
    """A word of the page on the folded page."""
    return _moved_right(word, -sum(end - start for start, end in folds if word.box[0] >= start))


def windows(size: tuple[int, int]) -> list[tuple[int, int]]:
    """The left and right edges of the overlapping pieces of a wide page."""
    width, height = size
    piece = max(_PIECE_PX, round(_PIECE_HEIGHTS * height))
    if width <= piece:
        return [(0, width)]
    steps = max(1, math.ceil((width - piece) / ((1 - _SEEN_TWICE) * piece)))
    starts = [round(number * (width - piece) / steps) for number in range(steps + 1)]
    return [(start, start + piece) for start in starts]


def _is_whole(word: Word, edges: tuple[float, float]) -> bool:
    """Whether a word stands clear of the edges at which its piece was cut; the next piece sees it whole."""
    room = _CLEAR_HEIGHTS * (word.box[3] - word.box[1])
    return word.box[0] > edges[0] + room and word.box[2] < edges[1] - room


def _together(seen: Sequence[Word], more: Sequence[Word], left: float) -> list[Word]:
    """The words of two pieces: of two readings of one place the wider counts, of equals the surer.

    Args:
        left: where the second piece begins.
    """
    kept = [word for word in seen if word.box[2] <= left]
    twice = [word for word in seen if word.box[2] > left]
    added = []
    for word in more:
        same = [one for one in twice if _are_one(one.box, word.box)]
        if not any(_is_better(one, word) for one in same):
            twice = [one for one in twice if one not in same]
            added.append(word)
    return [*kept, *twice, *added]


def _is_better(one: Word, other: Word) -> bool:
    widths = one.box[2] - one.box[0], other.box[2] - other.box[0]
    if max(widths) > _WIDER * min(widths):
        return widths[0] > widths[1]
    return one.confidence >= other.confidence


def _are_one(one: Box, other: Box) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return across > 0 and down > 0 and across * down > _ONE_WORD * min(areas)


def _by_lines(words: Sequence[Word]) -> list[Word]:
    """The words of a printed line one after the other, whichever pieces saw them."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.box[1] + word.box[3]) / 2):
        middle = (word.box[1] + word.box[3]) / 2
        like = lines[-1][-1].box if lines else (0.0, 0.0, 0.0, 0.0)
        if lines and like[1] <= middle <= like[3]:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [word for line in lines for word in sorted(line, key=lambda word: word.box[0])]


def _between(first: OcrPage | None, left: int, right: int, folds: Sequence[_Fold]) -> OcrPage | None:
    if first is None:
        return None
    folded = [_folded_away(word, folds) for word in first.words]
    words = [word for word in folded if left <= (word.box[0] + word.box[2]) / 2 < right]
    return replace(first, words=tuple(_moved_right(word, -left) for word in words), rotation_deg=0)


def _moved_right(word: Word, by: int) -> Word:
    left, top, right, bottom = word.box
    return replace(word, box=(left + by, top, right + by, bottom))


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
