"""The lines of a page that is too poor to be read safely, each read in several views of it.

A view is the same page prepared in another way: as it is, with even light, and enlarged with its edges
sharpened. Lines are found and read once in the best view; only those that may hold a value are read again
in the others, so that a number can be believed where views agree on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from labeling.pages.pixels import Box
from labeling.words import rapid_lines, rapid_ocr, recognising
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
NARROWING: Final = 1.15


@dataclass(frozen=True)
class PoorLine:
    """One printed line.

    Attributes:
        readings: what each view says, the best view's first; only that where the line was not read again. A
            taught recogniser's reading stands before them.
        box: pixels of the page as given.
        leading: how many of the readings are of the best view.
    """

    readings: tuple[str, ...]
    box: Box
    leading: int = 1


@dataclass(frozen=True)
class View:
    """A page prepared in one way.

    Attributes:
        pixels: channels blue green red.
        factor: by how much it is larger than the page as given.
    """

    pixels: Colours
    factor: float


def read_lines(
    page: Page,
    is_wanted: Callable[[str], bool],
    *,
    runs_on: Callable[[str, str], bool] | None = None,
    recogniser: recognising.Recogniser | None = None,
    threads: int = 1,
) -> list[PoorLine]:
    """The lines of a page in reading order.

    Args:
        is_wanted: whether a line as the best view reads it is read again in the others.
        runs_on: whether what a line says goes on in the one below it. Both are read again then, and stand in
            the answer as one line more, behind the first, with the box of the second.
        recogniser: one that was taught on such pages. It reads the best view of every line once more; what it
            says comes first.

    Raises:
        EchoDeskError: RapidOCR is not installed.
    """
    import numpy as np

    engine = rapid_ocr.load_engine(threads)
    gray = np.asarray(page.image.convert("L"))
    best, *others = views_of(gray)
    corners = [corner / best.factor for corner in engine.find_lines(best.pixels, _DETECTION_SIDE_PX)]
    quads = rapid_lines.arrange(corners, page.image.size)
    said = _texts(engine, best, quads)
    taught = _texts(engine, best, quads, recogniser) if recogniser else said
    alone = {index for index in range(len(quads)) if is_wanted(said[index]) or is_wanted(taught[index])}
    broken = _broken(said, alone, runs_on) | _broken(taught, alone, runs_on)
    wanted = sorted(alone | broken | {index + 1 for index in broken})
    chosen = [quads[index] for index in wanted]
    again = [_texts(engine, view, chosen) for view in others]
    more = {index: tuple(view[place] for view in again) for place, index in enumerate(wanted)}
    first = [(new, old) if recogniser else (old,) for new, old in zip(taught, said, strict=True)]
    lines = [
        PoorLine((*first[index], *more.get(index, ())), quad.box(), len(first[index]))
        for index, quad in enumerate(quads)
    ]
    return _with_joined(lines, broken)


def _with_joined(lines: Sequence[PoorLine], broken: set[int]) -> list[PoorLine]:
    """The lines, each that is broken followed by itself with the next."""
    found: list[PoorLine] = []
    for index, line in enumerate(lines):
        found.append(line)
        if index in broken:
            found.append(_joined(line, lines[index + 1]))
    return found


def _broken(said: Sequence[str], alone: set[int], runs_on: Callable[[str, str], bool] | None) -> set[int]:
    """The lines, not wanted for themselves, that go on in the next."""
    if runs_on is None:
        return set()
    pairs = enumerate(zip(said, said[1:], strict=False))
    return {index for index, pair in pairs if index not in alone and runs_on(*pair)}


def _joined(line: PoorLine, following: PoorLine) -> PoorLine:
    """Two lines as one, view by view."""
    readings = zip(line.readings, following.readings, strict=True)
    return PoorLine(tuple(f"{one} {other}" for one, other in readings), following.box, line.leading)


def views_of(gray: Gray) -> tuple[View, ...]:
    """A page prepared in each way, the best one first."""
    flat = flatten(gray)
    factor = min(_FACTOR, _LONGEST_PX / max(gray.shape))
    half = min(1.5, factor)
    return (
        View(_three(_sharpened(flat, factor)), factor),
        View(_three(flat), 1.0),
        View(_three(gray), 1.0),
        View(_three(_sharpened(flat, half)), half),
    )


def _texts(
    engine: rapid_ocr.RapidEngine,
    view: View,
    quads: Sequence[rapid_lines.Quad],
    recogniser: recognising.Recogniser | None = None,
) -> list[str]:
    said: list[list[str]] = [[] for _ in quads]
    scaled = [_scaled(quad, view.factor) for quad in quads]
    for index, word in engine.read_lines(view.pixels, scaled, narrowing=NARROWING, recogniser=recogniser):
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
