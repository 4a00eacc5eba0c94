"""The lines of a page that is too poor to be read safely, each read in several views of it.

A view is the same page prepared in another way: as it is, with even light, and enlarged with its edges
sharpened. Lines are found and read once in the best view; only those that may hold a value are read again
in the others, so that a number can be believed where views agree on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from labeling.pages.pixels import Box
from labeling.words import rapid_lines, rapid_ocr
from labeling.words.prepared import flatten

if TYPE_CHECKING:
    from labeling.pages.page import Page
    from labeling.pages.pixels import Colours, Gray

# By how much the best view enlarges, and the longest side it may have.
_FACTOR: Final = 2.0
_LONGEST_PX: Final = 3600
# Longest side of the picture that lines are looked for in, and how wide the recogniser sees a letter. On a
# blurred page both matter more than the sharpening: its text came out 63 % alike at the usual width, 75 % at
# 1.0, 82 % at 1.25 with the larger picture.
_DETECTION_SIDE_PX: Final = 1400
_NARROWING: Final = 1.15


@dataclass(frozen=True)
class PoorLine:
    """One printed line.

    Attributes:
        readings: what each view says, the best view's first; only that where the line was not read again.
        box: pixels of the page as given.
    """

    readings: tuple[str, ...]
    box: Box


def read_lines(page: Page, is_wanted: Callable[[str], bool], *, threads: int = 1) -> list[PoorLine]:
    """The lines of a page in reading order.

    Args:
        is_wanted: whether a line as the best view reads it is read again in the others.

    Raises:
        EchoDeskError: RapidOCR is not installed.
    """
    import numpy as np

    engine = rapid_ocr.load_engine(threads)
    gray = np.asarray(page.image.convert("L"))
    flat = flatten(gray)
    factor = min(_FACTOR, _LONGEST_PX / max(gray.shape))
    best = _three(_sharpened(flat, factor))
    corners = [corner / factor for corner in engine.find_lines(best, _DETECTION_SIDE_PX)]
    quads = rapid_lines.arrange(corners, page.image.size)
    said = _texts(engine, best, [_scaled(quad, factor) for quad in quads])
    wanted = [index for index, text in enumerate(said) if is_wanted(text)]
    chosen = [quads[index] for index in wanted]
    half = min(1.5, factor)
    again = [
        _texts(engine, _three(flat), chosen),
        _texts(engine, _three(gray), chosen),
        _texts(engine, _three(_sharpened(flat, half)), [_scaled(quad, half) for quad in chosen]),
    ]
    others = {index: tuple(view[place] for view in again) for place, index in enumerate(wanted)}
    return [
        PoorLine((text, *others.get(index, ())), quad.box())
        for index, (text, quad) in enumerate(zip(said, quads, strict=True))
    ]


def _texts(engine: Any, page: Colours, quads: Sequence[rapid_lines.Quad]) -> list[str]:
    said: list[list[str]] = [[] for _ in quads]
    for index, word in engine.read_lines(page, quads, narrowing=_NARROWING):
        said[index].append(word.text)
    return [" ".join(words) for words in said]


def _sharpened(flat: Gray, factor: float) -> Gray:
    """Grain smoothed away, enlarged, edges made crisp."""
    import cv2
    import numpy as np

    calm = cv2.GaussianBlur(flat, (0, 0), 0.8)
    large = cv2.resize(calm, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    return np.asarray(
        cv2.addWeighted(large, 2.2, cv2.GaussianBlur(large, (0, 0), 1.6 * factor), -1.2, 0), dtype=np.uint8
    )


def _scaled(quad: rapid_lines.Quad, factor: float) -> rapid_lines.Quad:
    return rapid_lines.Quad(quad.corners * factor, quad.line, quad.block)


def _three(gray: Gray) -> Colours:
    import cv2
    import numpy as np

    return np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR))
