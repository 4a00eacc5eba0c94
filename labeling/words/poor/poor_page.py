"""The lines of a page that is too poor to be read safely, each seen in several views of it.

A view is the same page prepared in another way: as it is, with even light, calmed, enlarged with its edges
sharpened, cut more loosely, seen wider. Lines are found and read in two leading views, the sharpened one and
the calmed one; only those that may hold a value are seen in the others, so that a number can be believed
where views agree on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from labeling.pages.pixels import Box
from labeling.words import rapid_lines, rapid_ocr, recognising
from labeling.words.poor.seen_line import SeenLine, side_by_side
from labeling.words.prepared import flatten

if TYPE_CHECKING:
    from labeling.pages.page import Page
    from labeling.pages.pixels import Colours, Gray

# By how much the best view enlarges, and the longest side it may have.
_FACTOR: Final = 2.0
_LONGEST_PX: Final = 3600
# Longest side of the pictures that lines are looked for in, and how wide the recogniser sees a letter. On a
# blurred page both matter more than the sharpening: its text came out 63 % alike at the usual width, 75 % at
# 1.0, 82 % at 1.25 with the larger picture.
_DETECTION_SIDES_PX: Final = (1400, 960)
NARROWING: Final = 1.15
# What the other views do otherwise: enlarge less and more, take grain away (grey values), show letters wider,
# cut lines more loosely.
_HALF_FACTOR: Final = 1.5
_LARGE_FACTOR: Final = 3.0
_CALMING: Final = 14
_WIDE: Final = 1.4
_LOOSE: Final = 0.08
# A line found in another view is one more unless more than this share of it lies in lines found before.
_LITTLE: Final = 0.25


@dataclass(frozen=True)
class PoorLine:
    """One printed line.

    Attributes:
        readings: what each view says, those of the leading views first; only these where the line was not
            read again. A taught recogniser's readings stand before the usual one's.
        box: pixels of the page as given.
        leading: how many of the readings are of leading views, in which every line was read.
        seen: what stands behind the readings, in the same order; nothing where the line was not read again.
    """

    readings: tuple[str, ...]
    box: Box
    leading: int = 1
    seen: tuple[SeenLine, ...] = ()


@dataclass(frozen=True)
class View:
    """A page prepared in one way.

    Attributes:
        pixels: channels blue green red.
        factor: by how much it is larger than the page as given.
        narrowing: how wide the recogniser sees a letter.
        margin: share of a line's height by which it is cut more loosely, above and below.
    """

    pixels: Colours
    factor: float
    narrowing: float = NARROWING
    margin: float = 0.0


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
        is_wanted: whether a line as a leading view reads it is read again in the others.
        runs_on: whether what a line says goes on in the one below it. Both are read again then, and stand in
            the answer as one line more, behind the first, with the box of the second.
        recogniser: one that was taught on such pages. It reads all of this, too; what it says comes first.

    Raises:
        EchoDeskError: RapidOCR is not installed.
    """
    import numpy as np

    engine = rapid_ocr.load_engine(threads)
    gray = np.asarray(page.image.convert("L"))
    leading, others = _all_views_of(gray)
    quads = rapid_lines.arrange(_find_lines(engine, leading), page.image.size)
    readers = [recogniser, None] if recogniser else [None]
    first = [_seen(engine, view, quads, reader) for reader in readers for view in leading]
    said = [[line.text() for line in lines] for lines in first]
    broken = {index for texts in said for index in _broken(texts, runs_on)}
    wanted = sorted(_named(said, is_wanted) | broken | {index + 1 for index in broken})
    chosen = [quads[index] for index in wanted]
    again = [_seen(engine, view, chosen, reader) for reader in readers for view in others]
    return _with_joined(_lines(quads, first, wanted, again), broken)


def _find_lines(engine: rapid_ocr.RapidEngine, views: Sequence[View]) -> list[Any]:
    """Corners of the lines of a page: those of the first view, and what the others find between them."""
    found: list[Any] = []
    for view, side_px in zip(views, _DETECTION_SIDES_PX, strict=True):
        corners = [one / view.factor for one in engine.find_lines(view.pixels, side_px)]
        taken = [rapid_lines.Quad(one).box() for one in found]
        found += [one for one in corners if not _is_taken(rapid_lines.Quad(one).box(), taken)]
    return found


def _is_taken(box: Box, others: Sequence[Box]) -> bool:
    """Whether more than a little of a box lies in others."""
    left, top, right, bottom = box
    shared = sum(
        max(0.0, min(right, other[2]) - max(left, other[0]))
        * max(0.0, min(bottom, other[3]) - max(top, other[1]))
        for other in others
    )
    return shared > _LITTLE * (right - left) * (bottom - top)


def _named(said: Sequence[Sequence[str]], is_wanted: Callable[[str], bool]) -> set[int]:
    """The lines that are wanted for themselves, as any reader reads them."""
    return {index for texts in said for index, text in enumerate(texts) if is_wanted(text)}


def _lines(
    quads: Sequence[rapid_lines.Quad],
    first: Sequence[Sequence[SeenLine]],
    wanted: Sequence[int],
    again: Sequence[Sequence[SeenLine]],
) -> list[PoorLine]:
    """The lines, of those that were wanted everything that was seen.

    Args:
        first: of each reader and leading view, every line.
        wanted: which lines were seen again.
        again: of each reader and other view, those.
    """
    places = {index: place for place, index in enumerate(wanted)}
    lines = []
    for index, quad in enumerate(quads):
        own = tuple(one[index] for one in first)
        more = tuple(one[places[index]] for one in again) if index in places else ()
        seen = (*own, *more) if index in places else ()
        texts = tuple(line.text() for line in (*own, *more))
        lines.append(PoorLine(texts, quad.box(), len(first), seen))
    return lines


def _with_joined(lines: Sequence[PoorLine], broken: set[int]) -> list[PoorLine]:
    """The lines, each that is broken followed by itself with the next."""
    found: list[PoorLine] = []
    for index, line in enumerate(lines):
        found.append(line)
        if index in broken:
            found.append(_joined(line, lines[index + 1]))
    return found


def _broken(said: Sequence[str], runs_on: Callable[[str, str], bool] | None) -> set[int]:
    """The lines that go on in the next."""
    if runs_on is None:
        return set()
    return {index for index, pair in enumerate(zip(said, said[1:], strict=False)) if runs_on(*pair)}


def _joined(line: PoorLine, following: PoorLine) -> PoorLine:
    """Two lines as one, view by view."""
    views = tuple(side_by_side(*pair) for pair in zip(line.seen, following.seen, strict=True))
    return PoorLine(tuple(view.text() for view in views), following.box, line.leading, views)


def views_of(gray: Gray) -> tuple[View, ...]:
    """A page prepared in the simple ways, the best one first."""
    flat = flatten(gray)
    factor, half = _factor(gray, _FACTOR), _factor(gray, _HALF_FACTOR)
    return (
        View(_three(_sharpened(flat, factor)), factor),
        View(_three(flat), 1.0),
        View(_three(gray), 1.0),
        View(_three(_sharpened(flat, half)), half),
    )


def _all_views_of(gray: Gray) -> tuple[tuple[View, ...], tuple[View, ...]]:
    """The views in which every line is found and read, and those in which wanted lines are read again."""
    import cv2
    import numpy as np

    best, *simple = views_of(gray)
    flat, large = flatten(gray), _factor(gray, _LARGE_FACTOR)
    calm = np.asarray(cv2.fastNlMeansDenoising(flat, None, _CALMING, 5, 15), dtype=np.uint8)
    return (
        best,
        View(_three(_sharpened(calm, best.factor)), best.factor),
    ), (
        *simple,
        View(_three(_sharpened(flat, large)), large),
        replace(best, narrowing=_WIDE),
        replace(best, margin=_LOOSE),
    )


def _factor(gray: Gray, wanted: float) -> float:
    return min(wanted, _LONGEST_PX * wanted / _FACTOR / float(max(gray.shape)))


def _seen(
    engine: rapid_ocr.RapidEngine,
    view: View,
    quads: Sequence[rapid_lines.Quad],
    recogniser: recognising.Recogniser | None,
) -> list[SeenLine]:
    placed = [_placed(quad, view) for quad in quads]
    return engine.see_lines(view.pixels, placed, narrowing=view.narrowing, recogniser=recogniser)


def _placed(quad: rapid_lines.Quad, view: View) -> rapid_lines.Quad:
    """A line of the page in a view of it."""
    import numpy as np

    top_left, top_right, bottom_right, bottom_left = quad.corners
    left, right = (top_left - bottom_left) * view.margin, (top_right - bottom_right) * view.margin
    looser = (top_left + left, top_right + right, bottom_right - right, bottom_left - left)
    return rapid_lines.Quad(np.array(looser) * view.factor, quad.line, quad.block)


def _sharpened(flat: Gray, factor: float) -> Gray:
    """Grain smoothed away, enlarged, edges made crisp."""
    import cv2
    import numpy as np

    calm = cv2.GaussianBlur(flat, (0, 0), 0.8)
    large = cv2.resize(calm, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    return np.asarray(
        cv2.addWeighted(large, 2.2, cv2.GaussianBlur(large, (0, 0), 1.6 * factor), -1.2, 0), dtype=np.uint8
    )


def _three(gray: Gray) -> Colours:
    import cv2
    import numpy as np

    return np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR))
