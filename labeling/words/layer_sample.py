"""A sample of the words a text layer claims, recognised on the picture and compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from labeling.words import rapid_lines, rapid_ocr

if TYPE_CHECKING:
    from labeling.pages.pixels import Box, Gray
    from labeling.words.read_page import Word

# How many stretches with a number a finding may rest on, and how many others, spread over the page.
_MOST_NUMBERS: Final = 3
_MOST_OTHERS: Final = 2
# Letters of a word that is long enough to be told and short enough to be read at once.
_OTHERS_LETTERS: Final = range(4, 9)
# A number is looked at with its neighbours up to this many line heights: a digit alone is read badly.
_STRETCH_HEIGHTS: Final = 3.0
# Likeness 0-100 of the letters claimed and those recognised.
_LEAST_ALIKE: Final = 60.0
# Of the stretches without a number that must be alike.
_LEAST_SHARE: Final = 0.5
_LINE_PX: Final = 40
_MARGIN_PX: Final = 24
_LIKE_DIGITS: Final = str.maketrans("OoQDIl|SsBZz", "000011155822")
# Lines whose numbers are values of ours.
_NAMES_VALUE: Final = re.compile(r"\b(?:l?v?e\.?f|ejection|rvsp|pasp|systolic pressure)\b", re.IGNORECASE)
# So much of a stretch's height is cut out with it on every side.
_ROOM: Final = 0.2
_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True)
class _Stretch:
    """A few words of one line: what they say and where."""

    text: str
    box: Box

    @property
    def has_number(self) -> bool:
        return _NUMBER.search(self.text) is not None


def agrees(gray: Gray, words: Sequence[Word], *, tesseract: str) -> bool:
    """Whether the sampled words stand on the picture as they are said to.

    Every number must; of the rest one in two. What one engine does not find is asked of the other.

    Args:
        gray: the page's picture.
        words: in reading order, with their lines.
    """
    sample = _sample(words)
    pieces = [_cut(gray, stretch.box) for stretch in sample]
    engines = [_read_by_rapid] if rapid_ocr.is_installed() else []
    doubtful = list(range(len(sample)))
    for read in (*engines, _by_tesseract(tesseract)):
        said = read([pieces[index] for index in doubtful])
        doubtful = [
            index
            for index, text in zip(doubtful, said, strict=True)
            if not _is_alike(sample[index].text, text)
        ]
        if not doubtful:
            return True
    others = sum(not stretch.has_number for stretch in sample)
    unlike = len(doubtful)
    return not any(sample[index].has_number for index in doubtful) and unlike <= (1 - _LEAST_SHARE) * others


def speak_of_findings(gray: Gray, boxes: Sequence[Box], tesseract: str) -> bool:
    """Whether stretches of print that are no words of the layer may hold a finding, such as a line put in as
    a picture. A logo does not.

    Args:
        gray: the page's picture without the layer's words.
    """
    reach = max(bottom - top for _, top, _, bottom in boxes) * _ROOM
    roomy = [(left - reach, top - reach, right + reach, bottom + reach) for left, top, right, bottom in boxes]
    pieces = [_cut(gray, (left, max(0.0, top), right, bottom)) for left, top, right, bottom in roomy]
    said = (_read_by_rapid if rapid_ocr.is_installed() else _by_tesseract(tesseract))(pieces)
    return any(map(rapid_lines.matters, said))


def _sample(words: Sequence[Word]) -> list[_Stretch]:
    lines: dict[int, list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    numbers = _numbers([line for line in lines.values() if _NAMES_VALUE.search(_said(line))])
    if len(numbers) < _MOST_NUMBERS:
        numbers = _numbers([line for line in lines.values() if rapid_lines.speaks_of_findings(line)])
    others = [
        _Stretch(word.text, word.box)
        for word in words
        if len(word.text) in _OTHERS_LETTERS and word.text.isalpha()
    ]
    return [*_spread(numbers, _MOST_NUMBERS), *_spread(others, _MOST_OTHERS)]


def _numbers(lines: Sequence[Sequence[Word]]) -> list[_Stretch]:
    return [
        _around_number(line, at)
        for line in lines
        for at, word in enumerate(line)
        if _NUMBER.search(word.text)
    ]


def _said(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _spread(stretches: list[_Stretch], most: int) -> list[_Stretch]:
    """So many of them, evenly from the first to the last."""
    if len(stretches) <= most:
        return stretches
    return [stretches[round(step * (len(stretches) - 1) / (most - 1))] for step in range(most)]


def _around_number(line: Sequence[Word], at: int) -> _Stretch:
    """A number with words beside it until it is wide enough to be read."""
    first = last = at
    height = line[at].box[3] - line[at].box[1]
    while line[last].box[2] - line[first].box[0] < _STRETCH_HEIGHTS * height:
        wider = [(index, index == first - 1) for index in (first - 1, last + 1) if 0 <= index < len(line)]
        near = [
            (index, is_before)
            for index, is_before in wider
            if _gap(line, index, first if is_before else last) < height
        ]
        if not near:
            break
        first, last = (near[0][0], last) if near[0][1] else (first, near[0][0])
    chosen = line[first : last + 1]
    lefts, tops, rights, bottoms = zip(*(word.box for word in chosen), strict=True)
    box = (min(lefts), min(tops), max(rights), max(bottoms))
    return _Stretch(_said(chosen), box)


def _gap(line: Sequence[Word], one: int, other: int) -> float:
    first, second = sorted((one, other))
    return line[second].box[0] - line[first].box[2]


def _is_alike(claimed: str, seen: str) -> bool:
    """Whether the digits are the same and the letters alike."""
    from rapidfuzz import fuzz

    wanted = "".join(_NUMBER.findall(claimed))
    there = "".join(_NUMBER.findall(seen.translate(_LIKE_DIGITS) if wanted else seen))
    if (
        wanted
        and not _same_digits(wanted, "".join(_NUMBER.findall(seen)))
        and not _same_digits(wanted, there)
    ):
        return False
    letters = [re.sub(r"[\W\d_]+", "", text).lower() for text in (claimed, seen)]
    return len(letters[0]) < 3 or fuzz.ratio(*letters) >= _LEAST_ALIKE


def _same_digits(wanted: str, there: str) -> bool:
    """ "60%" may be recognised as 609 or 600."""
    return wanted == there or (there[:-1] == wanted and there[-1] in "089")


def _cut(gray: Gray, box: Box) -> Gray:
    """The pixels of a stretch at one height, dark on light."""
    import cv2
    import numpy as np

    left, top, right, bottom = int(box[0]), int(box[1]), round(box[2]), round(box[3])
    piece = gray[top:bottom, max(0, left - 3) : right + 3]
    if float(np.median(piece)) < 110:
        piece = 255 - piece
    width = max(8, round(piece.shape[1] * _LINE_PX / piece.shape[0]))
    return np.asarray(cv2.resize(piece, (width, _LINE_PX), interpolation=cv2.INTER_AREA))


def _read_by_rapid(pieces: Sequence[Gray]) -> list[str]:
    """What RapidOCR's recogniser reads on each piece."""
    import numpy as np

    page, tops = _stacked(pieces)
    quads = []
    for piece, top in zip(pieces, tops, strict=True):
        left, right, bottom = _MARGIN_PX, _MARGIN_PX + piece.shape[1], top + _LINE_PX
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)
        quads.append(rapid_lines.Quad(corners))
    said: list[list[str]] = [[] for _ in pieces]
    for index, word in rapid_ocr.load_engine().read_lines(np.dstack([page] * 3), quads):
        said[index].append(word.text)
    return [" ".join(words) for words in said]


def _by_tesseract(program: str) -> Any:
    def read(pieces: Sequence[Gray]) -> list[str]:
        from labeling.words.tesseract import recognise

        page, tops = _stacked(pieces)
        said: list[list[str]] = [[] for _ in pieces]
        for row in recognise(page, tesseract=program):
            middle = float(row["top"]) + float(row["height"]) / 2
            said[max(0, sum(top <= middle for top in tops) - 1)].append(row["text"])
        return [" ".join(words) for words in said]

    return read


def _stacked(pieces: Sequence[Gray]) -> tuple[Gray, list[int]]:
    """The pieces below one another on white, and the row each starts at."""
    import numpy as np

    width = max(piece.shape[1] for piece in pieces) + 2 * _MARGIN_PX
    step = _LINE_PX + _MARGIN_PX
    page = np.full((_MARGIN_PX + step * len(pieces), width), 255, np.uint8)
    tops = [_MARGIN_PX + step * index for index in range(len(pieces))]
    for piece, top in zip(pieces, tops, strict=True):
        page[top : top + _LINE_PX, _MARGIN_PX : _MARGIN_PX + piece.shape[1]] = piece
    return page, tops
