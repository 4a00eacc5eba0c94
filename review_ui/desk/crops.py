"""Which strip of the page stands beside a field: the line that holds its value, enlarged, never squeezed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db.labels import Evidence

# Width to height of the strip on the desk, fixed by its style sheet at every window size.
CROP_ASPECT = 11.5
# Strip height in heights of the printed line: a little air above and below the letters.
LINES_IN_CROP = 1.7
# A line that is a bit too long is shown smaller before it is cut, down to this share of the usual size.
SMALLEST_SHARE = 0.72
_MIN_CROP_PX = 16.0

# Left, top, right, bottom in pixels of a page image.
PixelBox = tuple[float, float, float, float]


@dataclass(frozen=True)
class Crop:
    """A part of one page image: page number (1-based), left, top, width and height in page pixels."""

    page: int
    left: float
    top: float
    width: float
    height: float


def value_span(quote: str, hints: Sequence[str]) -> tuple[int, int]:
    """Where in the quote the value stands: the first hint that occurs, else the start of the quote."""
    lowered = quote.casefold()
    for hint in hints:
        found = lowered.find(hint.casefold()) if hint else -1
        if found >= 0:
            return found, found + len(hint)
    return 0, 0


def evidence_lines(evidence: Evidence) -> tuple[PixelBox, ...]:
    """One box a printed line; empty for evidence without a place on the page."""
    if evidence.boxes:
        return tuple(evidence.boxes)
    return (evidence.box,) if evidence.box else ()


def crop_around(evidence: Evidence, span: tuple[int, int], page_size_px: tuple[int, int]) -> Crop | None:
    """The strip to show, or None where the evidence has no place on the page.

    Args:
        span: the characters of the quote that hold the value.
        page_size_px: width and height of the page image.
    """
    lines = evidence_lines(evidence)
    if not lines:
        return None
    line, focus_px = _line_of_value(lines, span, len(evidence.quote))
    left, top, right, bottom = line
    page_width, page_height = page_size_px
    height = max((bottom - top) * LINES_IN_CROP, _MIN_CROP_PX)
    air = height * 0.3
    needed_width = right - left + 2 * air
    width = height * CROP_ASPECT
    if needed_width > width:
        width = min(needed_width, width / SMALLEST_SHARE)
    width = min(width, float(page_width))
    height = width / CROP_ASPECT
    start = left - air if needed_width <= width else _around(focus_px, width, left - air, right + air)
    middle = (top + bottom) / 2
    return Crop(
        page=evidence.page,
        left=round(_within(start, 0.0, page_width - width), 2),
        top=round(_within(middle - height / 2, 0.0, page_height - height), 2),
        width=round(width, 2),
        height=round(height, 2),
    )


def _line_of_value(lines: Sequence[PixelBox], span: tuple[int, int], length: int) -> tuple[PixelBox, float]:
    """The line with the middle of the span, and that middle's x: characters are taken as equally wide."""
    widths = [max(right - left, 1.0) for left, _, right, _ in lines]
    along = sum(span) / 2 / max(length, 1) * sum(widths)
    for line, width in zip(lines, widths, strict=True):
        if along <= width:
            return line, line[0] + along
        along -= width
    return lines[-1], lines[-1][2]


def _around(focus: float, width: float, first: float, last: float) -> float:
    return _within(focus - width / 2, first, last - width)


def _within(value: float, smallest: float, largest: float) -> float:
    return max(smallest, min(value, largest))
