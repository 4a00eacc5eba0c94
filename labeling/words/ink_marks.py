"""Options that are marked by ink: what it says is written into the words as printed marks.

A line such as "RWMA  o Present  x Absent" reaches the rules as "RWMA [ ] Present [x] Absent", and a ring
around a word as "[x]" before it; what one mark, several or none mean is decided there. The words between the
marks are recognised once more with the ink taken away, because an engine makes letters of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from labeling.pages import geometry
from labeling.pages.marks import even_bars
from labeling.words.ink_lines import REACH, OptionLine, as_high_as_print, cut_out, may_list_options
from labeling.words.ink_options import TO_BE_SEEN, Said, written_out
from labeling.words.prepared import PageLight
from labeling.words.read_page import MarkedLine, OcrPage, Word

if TYPE_CHECKING:
    from labeling.pages.page import Page
    from labeling.pages.pixels import Box, Gray, Matrix

_MARGIN_PX: Final = 24


def marked_lines(
    page: Page, read: OcrPage, *, tesseract: str, light: PageLight | None = None
) -> list[MarkedLine]:
    """The lines of a page whose options are marked by ink, or have empty boxes.

    Args:
        read: the page's words. A page that was turned or is unreadable has none.
        light: of this page, where others look at it, too.
    """
    import numpy as np

    read = as_high_as_print(read)
    candidates = [] if read.unreadable_reason or read.rotation_deg else _candidates(read)
    if not candidates:
        return []
    page_px = float(np.median([word.box[3] - word.box[1] for word in read.words]))
    flat, matrix = _level_band(light or PageLight(page.image), candidates, read.skew_deg, page_px)
    lines = [line for words in candidates if (line := cut_out(words, flat, matrix, page_px)) is not None]
    if not lines:
        return []
    back = np.linalg.inv(matrix)
    said = recognised([line.shapes.cleared for line in lines], tesseract)
    found = []
    for line, words in zip(lines, said, strict=True):
        options = written_out(line, words)
        if options or len(line.shapes.frames) > 1 or line.shapes.rings:
            found.append(_on_page(line, options, back, page.image.size))
    return found


def _level_band(
    light: PageLight, candidates: Sequence[Sequence[Word]], skew_deg: float, page_px: float
) -> tuple[Gray, Matrix]:
    """The rows of the level, evenly lit page around some lines: turning all of it takes five times as long.

    Args:
        page_px: usual height of the page's words.

    Returns:
        Its pixels, and 3x3, page as given -> its pixels.
    """
    import cv2
    import numpy as np

    flat = even_bars(light.flat)
    matrix, size = geometry.turn_matrix(flat.shape[1], flat.shape[0], skew_deg)
    if not skew_deg:
        return flat, matrix
    boxes = [geometry.map_box(word.box, matrix, size) for words in candidates for word in words]
    room = 6 * max([page_px, *(box[3] - box[1] for box in boxes)])
    top = max(0, int(min(box[1] for box in boxes) - room))
    bottom = min(size[1], int(max(box[3] for box in boxes) + room))
    matrix = geometry.shift_matrix(0, -top) @ matrix
    band = cv2.warpPerspective(
        flat, matrix, (size[0], bottom - top), borderMode=cv2.BORDER_CONSTANT, borderValue=255
    )
    return np.asarray(band), matrix


def with_marks(read: OcrPage, lines: Sequence[MarkedLine]) -> OcrPage:
    """The page's words with the marked lines in place of what was recognised there."""
    words = list(read.words)
    for marked in lines:
        level = _level_with(words, marked.box)
        inside = [index for index in level if _is_within(words[index].box, marked.box)]
        before = [index for index in level if _ends_before(words[index].box, marked.box)]
        if not inside and not before:
            continue
        if not marked.words:
            # Something is drawn there that was not understood: the line is for a person to see.
            for index in (*inside, *before):
                words[index] = replace(words[index], confidence=min(words[index].confidence, TO_BE_SEEN))
            continue
        # Behind the label, wherever the options were taken for a column of their own.
        anchor = max(before, key=lambda index: words[index].box[2]) if before else inside[0]
        like = words[anchor]
        gone = set(inside)
        at = sum(index not in gone for index in range(anchor + bool(before)))
        words = [word for index, word in enumerate(words) if index not in gone]
        words[at:at] = [replace(word, line=like.line, block=like.block) for word in marked.words]
    return replace(read, words=tuple(words), marked=tuple(lines)) if lines else read


def _candidates(read: OcrPage) -> list[tuple[Word, ...]]:
    lines: dict[int, list[Word]] = {}
    for word in read.words:
        lines.setdefault(word.line, []).append(word)
    on_form = any(map(may_list_options, lines.values()))
    return [tuple(words) for words in lines.values() if may_list_options(words, on_form=on_form)]


def recognised(pieces: Sequence[Gray], tesseract: str) -> list[list[Said]]:
    """The words on each piece, in one pass; boxes in pixels of the piece."""
    import numpy as np

    from labeling.words.tesseract import recognise

    width = max(piece.shape[1] for piece in pieces) + 2 * _MARGIN_PX
    height = sum(piece.shape[0] + _MARGIN_PX for piece in pieces) + _MARGIN_PX
    page = np.full((height, width), 245, np.uint8)
    tops = []
    top = _MARGIN_PX
    for piece in pieces:
        page[top : top + piece.shape[0], _MARGIN_PX : _MARGIN_PX + piece.shape[1]] = piece
        tops.append(top)
        top += piece.shape[0] + _MARGIN_PX
    found: list[list[Said]] = [[] for _ in pieces]
    for row in recognise(page, tesseract=tesseract):
        left, upper = float(row["left"]), float(row["top"])
        index = max(0, sum(one <= upper + float(row["height"]) / 2 for one in tops) - 1)
        x, y = left - _MARGIN_PX, upper - tops[index]
        found[index].append((row["text"], (x, y, x + float(row["width"]), y + float(row["height"]))))
    return [_of_the_line(words, piece.shape[0] / 2) for words, piece in zip(found, pieces, strict=True)]


def _of_the_line(words: Sequence[Said], middle: float) -> list[Said]:
    """From the left, the words half-way up; what is left of the lines above and below is not."""
    reach = middle * 0.8 / REACH
    level = [word for word in words if abs((word[1][1] + word[1][3]) / 2 - middle) < reach]
    return sorted(level, key=lambda word: word[1][0])


def _on_page(line: OptionLine, words: Sequence[Word], back: Matrix, size: tuple[int, int]) -> MarkedLine:
    def given(box: Box) -> Box:
        left, top, right, bottom = box
        return geometry.map_box(
            (left + line.left, top + line.top, right + line.left, bottom + line.top), back, size
        )

    shapes = [*(frame.box for frame in line.shapes.frames), *line.shapes.rings, *(word.box for word in words)]
    right = max(box[2] for box in shapes) + line.letter_px
    middle = REACH * line.letter_px
    whole = given((0.0, middle - 0.9 * line.letter_px, right, middle + 0.9 * line.letter_px))
    return MarkedLine(whole, tuple(replace(word, box=given(word.box)) for word in words))


def _level_with(words: Sequence[Word], outer: Box) -> list[int]:
    """The words whose middle is as high as a box: few of a page's."""
    _, top, _, bottom = outer
    return [at for at, word in enumerate(words) if top <= (word.box[1] + word.box[3]) / 2 <= bottom]


def _is_within(box: Box, outer: Box) -> bool:
    """Of a word that is level with it."""
    return outer[0] <= (box[0] + box[2]) / 2 <= outer[2]


def _ends_before(box: Box, outer: Box) -> bool:
    """The same."""
    return box[2] <= outer[0] + (box[3] - box[1])
