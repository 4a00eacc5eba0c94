"""In which order a level page is read: columns one after the other, table rows across.

Done on the picture, before recognition: the regions of a page are stacked into one tall strip, so that one
recognition pass reads it top to bottom and no printed line of one column can run into the next column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeling.pages.geometry import outer_boxes

if TYPE_CHECKING:
    from labeling.pages.pixels import Box, Gray, Segments

_WHITE = 245
_MARGIN_PX = 24
# Fewer lines side by side than this are a heading or a table row, not columns.
_MIN_COLUMN_LINES = 6
# Of the line height; a narrower stack of text is a table's labels or values.
_MIN_COLUMN_WIDTH = 10.0
_MAX_DEPTH = 2


@dataclass(frozen=True)
class Region:
    """A rectangle of the level page, in whole pixels, read as one piece."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Strip:
    """The regions of a page stacked in reading order.

    Attributes:
        image: gray, regions below one another on white.
        regions: where each came from.
        tops: the strip row each region starts at.
    """

    image: Gray
    regions: tuple[Region, ...]
    tops: tuple[int, ...]

    def to_page(self, box: Box) -> tuple[int, Box]:
        """Index of the region that a box of the strip lies in, and the box on the level page."""
        left, top, right, bottom = box
        middle = (top + bottom) / 2
        index = max(0, sum(1 for start in self.tops if start <= middle) - 1)
        region, start = self.regions[index], self.tops[index]
        dx, dy = region.left - _MARGIN_PX, region.top - start
        return index, (left + dx, top + dy, right + dx, bottom + dy)


def text_segments(level_page: Gray, line_height_px: float) -> Segments:
    """Pieces of printed lines as rows (left, top, right, bottom) in pixels of the level page.

    Words of a line are joined; a gap wider than about a line's height starts a new piece.
    """
    import cv2
    import numpy as np

    height, width = level_page.shape
    scale = min(1.0, 9.0 / max(line_height_px, 6.0))
    small = cv2.resize(level_page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = cv2.inRange(cv2.GaussianBlur(small, (0, 0), 0.7), np.array([0]), np.array([200]))
    joined = cv2.morphologyEx(
        ink, cv2.MORPH_CLOSE, np.ones((1, max(5, round(line_height_px * scale))), np.uint8)
    )
    boxes = np.array(outer_boxes(joined), dtype=np.float64).reshape(-1, 4)
    least = 0.3 * line_height_px * scale
    boxes = boxes[(boxes[:, 3] >= least) & (boxes[:, 2] >= least)]
    boxes[:, 2:] += boxes[:, :2]
    return np.minimum(boxes / scale, np.array([width, height, width, height], dtype=np.float64))


def find_regions(segments: Segments, size: tuple[int, int], line_height_px: float) -> list[Region]:
    """Regions in reading order; a page without columns is one region around its text."""
    if len(segments) == 0:
        return [Region(0, 0, *size)]
    groups = _split_columns(segments, line_height_px, depth=0)
    return [_around(group, size, line_height_px) for group in groups if len(group)]


def stack(level_page: Gray, regions: Sequence[Region]) -> Strip:
    """Stack the regions into one strip with a white margin around each."""
    import numpy as np

    width = max(region.right - region.left for region in regions) + 2 * _MARGIN_PX
    height = sum(region.bottom - region.top + _MARGIN_PX for region in regions) + _MARGIN_PX
    strip = np.full((height, width), _WHITE, np.uint8)
    tops, top = [], _MARGIN_PX
    for region in regions:
        piece = level_page[region.top : region.bottom, region.left : region.right]
        strip[top : top + piece.shape[0], _MARGIN_PX : _MARGIN_PX + piece.shape[1]] = piece
        tops.append(top)
        top += piece.shape[0] + _MARGIN_PX
    return Strip(strip, tuple(regions), tuple(tops))


def _around(segments: Segments, size: tuple[int, int], line_height_px: float) -> Region:
    pad = max(4, round(0.6 * line_height_px))
    left, top = int(segments[:, 0].min()) - pad, int(segments[:, 1].min()) - pad
    right, bottom = int(segments[:, 2].max()) + pad, int(segments[:, 3].max()) + pad
    return Region(max(0, left), max(0, top), min(size[0], right), min(size[1], bottom))


def _split_columns(segments: Segments, line_height_px: float, *, depth: int) -> list[Segments]:
    """The segments in reading order, in groups: above the columns, left, right, below; again within each."""
    found = _best_gutter(segments, line_height_px) if depth < _MAX_DEPTH else None
    if found is None:
        return [segments]
    gutter, top, bottom = found
    middle = (segments[:, 1] + segments[:, 3]) / 2
    inside = (middle >= top) & (middle <= bottom)
    is_left = segments[:, 2] <= gutter
    parts = [
        segments[middle < top],
        segments[inside & is_left],
        segments[inside & ~is_left],
        segments[middle > bottom],
    ]
    ordered: list[Segments] = []
    for part in parts:
        ordered.extend(_split_columns(part, line_height_px, depth=depth + 1))
    return ordered


def _best_gutter(segments: Segments, line_height_px: float) -> tuple[float, float, float] | None:
    """The gutter (x, top, bottom) between the longest pair of text columns, or null when there is none."""
    import numpy as np

    if len(segments) < 2 * _MIN_COLUMN_LINES:
        return None
    left, right = float(segments[:, 0].min()), float(segments[:, 2].max())
    best: tuple[int, float, float, float] | None = None
    gutters = np.linspace(left + 0.25 * (right - left), left + 0.75 * (right - left), 41)
    # No more lines can stand side by side than stand on either side anywhere: most gutters need no look.
    most = np.minimum(
        np.searchsorted(np.sort(segments[:, 2]), gutters, side="right"),
        len(segments) - np.searchsorted(np.sort(segments[:, 0]), gutters, side="left"),
    )
    for gutter, limit in zip(gutters, most.tolist(), strict=True):
        if limit < _MIN_COLUMN_LINES or (best is not None and limit <= best[0]):
            continue
        for top, bottom in _open_bands(segments, float(gutter), line_height_px):
            middle = (segments[:, 1] + segments[:, 3]) / 2
            inside = segments[(middle >= top) & (middle <= bottom)]
            sides = inside[inside[:, 2] <= gutter], inside[inside[:, 0] >= gutter]
            score = min(len(sides[0]), len(sides[1]))
            if score >= _MIN_COLUMN_LINES and (best is None or score > best[0]):
                if _are_columns(*sides, line_height_px):
                    best = (score, float(gutter), top, bottom)
    return best[1:] if best else None


def _open_bands(segments: Segments, gutter: float, line_height_px: float) -> list[tuple[float, float]]:
    """Stretches (top, bottom) of the page in which no segment crosses the gutter."""
    import numpy as np

    reach = 0.4 * line_height_px
    crossing = segments[(segments[:, 0] < gutter + reach) & (segments[:, 2] > gutter - reach)]
    middles = np.sort((crossing[:, 1] + crossing[:, 3]) / 2)
    edges = [
        float(segments[:, 1].min()) - 1,
        *(float(value) for value in middles),
        float(segments[:, 3].max()) + 1,
    ]
    pairs = zip(edges[:-1], edges[1:], strict=True)
    return [(a + 0.1, b - 0.1) for a, b in pairs if b - a > _MIN_COLUMN_LINES * line_height_px]


def _are_columns(left: Segments, right: Segments, line_height_px: float) -> bool:
    """Whether two stacks of segments are text columns and not the cells of a table's rows.

    Table rows have a partner at their own height and are short on at least one side. Columns are filled with
    text on both sides, or their lines do not stand at the same heights.
    """
    import numpy as np

    heights_left, heights_right = ((side[:, 1] + side[:, 3]) / 2 for side in (left, right))
    partner = np.abs(heights_left[:, None] - heights_right[None, :]).min(axis=1)
    aligned = float((partner < 0.35 * line_height_px).mean())
    if aligned < 0.5:
        return True
    for side in (left, right):
        widths = side[:, 2] - side[:, 0]
        column_width = float(side[:, 2].max() - side[:, 0].min())
        if (
            column_width < _MIN_COLUMN_WIDTH * line_height_px
            or float((widths > 0.7 * column_width).mean()) < 0.5
        ):
            return False
    return min(len(left), len(right)) > 0.7 * max(len(left), len(right))
