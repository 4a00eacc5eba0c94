"""Lines of a form that may list options: told by their words, cut out, and what is drawn in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from labeling.pages import geometry
from labeling.pages.ink_shapes import INK_LEVEL, LOWEST, Shapes, find_shapes

if TYPE_CHECKING:
    from labeling.pages.pixels import Box, Gray, Matrix
    from labeling.words.read_page import OcrPage, Word

_LABEL: Final = re.compile(
    r"\b(?:rwma|swma|wmas?|pah|pht?n?|wall|hypertension|regional|segmental|if yes|grade)\b|\bp\.?a\.?h\b",
    re.IGNORECASE,
)
OPTIONS: Final = """
    present absent yes no nil none not seen detected mild moderate severe normal abnormal hypokinetic akinetic
    dyskinetic hypokinesia akinesia dyskinesia trivial trace positive negative borderline significant reduced
    preserved global regional good fair poor
""".split()
# Letters that an engine takes a box before an option for.
_LIKE_BOXES: Final = frozenset("ocldifj")
_MOST_WORDS: Final = 18
# Room above a font's letters, and below the line they stand on, in heights of the font.
_FONT_ROOM: Final = 0.19
# Words of another kind that a line of options may hold.
_MOST_OTHERS: Final = 2
_LEAST_LETTER_PX: Final = 6
# Between a label and a single answer, in heights of its letters: room for an option that was not recognised.
_LOST_GAP: Final = 2.0
# Half the height of a line's cut, in letter heights: a ring reaches above and below its word.
REACH: Final = 1.8


@dataclass(frozen=True)
class OptionLine:
    """A line that may hold options, cut out of the level page.

    Attributes:
        words: as recognised.
        shapes: what is drawn behind its label, in pixels of the cut.
        left, top: of the cut, pixels of the level page.
        letter_px: height of its letters.
    """

    words: tuple[Word, ...]
    shapes: Shapes
    left: int
    top: int
    letter_px: float


def as_high_as_print(read: OcrPage) -> OcrPage:
    """A page whose words are as high as their letters: a layer's are as high as the font."""
    if not read.is_layer:
        return read
    words = []
    for word in read.words:
        left, top, right, bottom = word.box
        cut = _FONT_ROOM * (bottom - top)
        words.append(replace(word, box=(left, top + cut, right, bottom - cut)))
    return replace(read, words=tuple(words))


def may_list_options(words: Sequence[Word], *, on_form: bool = False) -> bool:
    """Whether a line names a field and then, as far as was recognised, lists options or nothing at all.

    Args:
        on_form: other lines of the page list options, so that of a single answer far from its label others
            may have been lost to what is drawn there.
    """
    if len(words) > _MOST_WORDS or not _LABEL.search(" ".join(word.text for word in words)):
        return False
    end = _label_end(words, [word.box for word in words])
    rest = [word for word in words if word.box[0] >= end]
    _, others = _told_apart(rest)
    # What is neither an option nor a word may be a box or a ring.
    is_lone_answer = len(rest) == 1 and rest[0].text.strip(" .,:;-").lower() in OPTIONS
    if is_lone_answer:
        return on_form and rest[0].box[0] - end > _LOST_GAP * (rest[0].box[3] - rest[0].box[1])
    return others <= _MOST_OTHERS and (not rest or len(rest) - others > 0)


def names_field(texts: Sequence[str]) -> bool:
    """Whether words name a field, or the grade of one."""
    return _LABEL.search(" ".join(texts)) is not None


def _told_apart(words: Sequence[Word]) -> tuple[int, int]:
    """How many of the words are options, and how many are words of another kind."""
    known = [bool(option_of(word.text)) for word in words]
    is_long = [len(re.sub(r"\W", "", word.text)) > 3 for word in words]
    return sum(known), sum(long and not one for long, one in zip(is_long, known, strict=True))


def cut_out(words: Sequence[Word], flat: Gray, matrix: Matrix, page_px: float) -> OptionLine | None:
    """The part of the level page behind a line's label, with its shapes; None where nothing is drawn.

    Args:
        flat: the level page, even light.
        matrix: 3x3, page as given -> level page.
        page_px: usual height of the page's words.
    """
    import numpy as np

    height, width = flat.shape
    level = [geometry.map_box(word.box, matrix, (width, height)) for word in words]
    # A box read as a letter makes its word higher than it is.
    letter_px = min(float(np.percentile([box[3] - box[1] for box in level], 25)), 1.15 * page_px)
    label_end = _label_end(words, level)
    on_label = [box for box in level if box[2] <= label_end + 1] or level
    middle = round(float(np.median([(box[1] + box[3]) / 2 for box in on_label])))
    left = min(width - 1, round(label_end + 0.15 * letter_px))
    if letter_px < _LEAST_LETTER_PX or width - left < 2 * letter_px:
        return None
    reach = round(REACH * letter_px)
    piece = band(flat, middle - reach, middle + reach, left)
    shapes = find_shapes(without_neighbours(piece, letter_px), letter_px)
    rest = [word for word, box in zip(words, level, strict=True) if box[0] > label_end]
    if not _may_be_marked(shapes, rest):
        return None
    return OptionLine(tuple(words), shapes, left, middle - reach, letter_px)


def band(flat: Gray, top: int, bottom: int, left: int) -> Gray:
    """Rows and columns of a page; white where the page ends before they do."""
    import numpy as np

    piece = np.full((bottom - top, flat.shape[1] - left), 255, np.uint8)
    seen = flat[max(0, top) : min(flat.shape[0], bottom), left:]
    piece[max(0, -top) : max(0, -top) + seen.shape[0]] = seen
    return piece


def _may_be_marked(shapes: Shapes, rest: Sequence[Word]) -> bool:
    """Whether boxes are drawn there, or rings and strokes among hardly any other words, or ticks may be."""
    options, others = _told_apart(rest)
    is_drawn = bool(shapes.rings or shapes.underlines or shapes.strikes) and others <= _MOST_OTHERS
    may_be_ticked = bool(shapes.pieces) and options > 1 and not others
    return len(shapes.frames) > 1 or is_drawn or may_be_ticked


def without_neighbours(piece: Gray, letter_px: float) -> Gray:
    """The cut without what reaches into it from the lines above and below."""
    import cv2
    import numpy as np

    ink = (piece < INK_LEVEL).astype(np.uint8)
    _, labels, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    off = np.abs(centres[:, 1] - piece.shape[0] / 2) / letter_px
    is_stroke = (stats[:, cv2.CC_STAT_WIDTH] > 1.2 * letter_px) & (
        stats[:, cv2.CC_STAT_HEIGHT] < 0.45 * letter_px
    )
    is_other = (off > np.where(is_stroke, LOWEST, 0.85)) & (stats[:, cv2.CC_STAT_HEIGHT] < 1.25 * letter_px)
    is_other[0] = False
    cleared = piece.copy()
    # With the grey rim around it.
    near = cv2.dilate(is_other[labels].astype(np.uint8), np.ones((7, 7), np.uint8))
    cleared[(near > 0) & ((labels == 0) | is_other[labels])] = 255
    return cleared


def _label_end(words: Sequence[Word], level: Sequence[Box]) -> float:
    """Where the label ends: with the last word before the first option or mark."""
    end = level[0][2]
    has_label = False
    for index, (word, box) in enumerate(zip(words, level, strict=True)):
        if has_label and (option_of(word.text) or not re.search(r"[A-Za-z]{3}", word.text)):
            break
        if index and box[0] - end > 3 * (box[3] - box[1]) and has_label:
            break
        has_label = has_label or _LABEL.search(" ".join(one.text for one in words[: index + 1])) is not None
        end = box[2]
    return end


@lru_cache(maxsize=4096)
def option_of(text: str) -> str:
    """The option a word is, or nearly is; else empty."""
    from rapidfuzz import fuzz, process

    plain = re.sub(r"[^a-z]", "", text.lower())
    if plain in OPTIONS:
        return plain
    if plain[:1] in _LIKE_BOXES and plain[1:] in OPTIONS:
        return plain[1:]
    found = process.extractOne(plain, OPTIONS, scorer=fuzz.ratio, score_cutoff=86) if len(plain) > 3 else None
    return found[0] if found else ""
