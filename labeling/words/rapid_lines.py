"""Printed lines as a text detector gives them (four corners each): put in reading order, cut out, cut between
words; and which of them need not be read.

A second reading is there to disagree about findings. Letterheads, drug lists and valve descriptions that were
read without doubt are most of a page and most of the second engine's time; where no field could rest on them,
their words are taken over instead.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labeling.pages import counting
from labeling.pages.pixels import union_box
from labeling.words import reading_order

if TYPE_CHECKING:
    from labeling.pages.pixels import Box, Colours
    from labeling.words.read_page import OcrPage, Word

# Share of the lower of two boxes that must overlap in height for them to stand on one printed line.
_SAME_LINE = 0.5
# A gap wider than this share of the letters' height ends a piece of a line.
_PIECE_GAP = 1.0
# A gap between printed lines wider than this many line heights starts a new block.
_NEW_BLOCK = 0.9


@dataclass(frozen=True)
class Quad:
    """One detected piece of a printed line.

    Attributes:
        corners: 4 x 2 pixels of the page: top left, top right, bottom right, bottom left.
        line, block: running numbers in reading order, unique on the page.
    """

    corners: Any
    line: int = 0
    block: int = 0

    @property
    def width_px(self) -> float:
        """Length of its upper edge."""
        return _distance(self.corners[0], self.corners[1])

    @property
    def height_px(self) -> float:
        """Length of its left edge."""
        return _distance(self.corners[0], self.corners[3])

    def box(self, start: float = 0.0, end: float = 1.0) -> Box:
        """The upright box around the part between two shares (0-1) of its width."""
        # Plain arithmetic: for four corners it is five times faster than arrays.
        top_left, top_right, bottom_right, bottom_left = self.corners.tolist()
        xs, ys = (
            [
                near[axis] + share * (far[axis] - near[axis])
                for near, far in ((top_left, top_right), (bottom_left, bottom_right))
                for share in (start, end)
            ]
            for axis in (0, 1)
        )
        return min(xs), min(ys), max(xs), max(ys)


def arrange(corners: Sequence[Any], size: tuple[int, int]) -> list[Quad]:
    """Detected lines in reading order: columns one after the other, table rows across.

    Args:
        corners: 4 x 2 pixels each.
        size: (width, height) of the page.
    """
    import numpy as np

    quads = [Quad(np.asarray(one, dtype=np.float64)) for one in corners]
    # Taller than wide is a margin note, a rule or a smudge, unless it is a single sign such as a list number.
    quads = [quad for quad in quads if quad.height_px <= 1.6 * quad.width_px]
    if not quads:
        return []
    boxes = _levelled(quads)
    height_px = float(np.median(boxes[:, 3] - boxes[:, 1]))
    boxes[:, :2] -= boxes[:, :2].min(axis=0).clip(max=0)
    regions = reading_order.find_regions(
        boxes, (max(size[0], int(boxes[:, 2].max())), size[1] * 2), height_px
    )
    ordered: list[Quad] = []
    line = block = -1
    for members in _members(boxes, regions):
        bottom = None
        for row in _rows(boxes, members):
            top = float(boxes[row, 1].min())
            line += 1
            if bottom is None or top - bottom > _NEW_BLOCK * height_px:
                block += 1
            bottom = float(boxes[row, 3].max())
            ordered.extend(Quad(quads[index].corners, line, block) for index in row)
    return ordered


def in_order(words: Sequence[Word], size: tuple[int, int]) -> tuple[Word, ...]:
    """Words, wherever they are from, in reading order with their lines and blocks; see `arrange`.

    Args:
        words: those of a line one after the other.
        size: (width, height) of the page, pixels.
    """
    import numpy as np

    pieces = _pieces(words)
    corners = []
    for piece in pieces:
        left, top, right, bottom = union_box(word.box for word in piece)
        # A lone narrow digit is print here, not a smudge; see `arrange`.
        right = max(right, left + 0.7 * (bottom - top))
        corners.append(np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64))
    held = {id(corner): piece for corner, piece in zip(corners, pieces, strict=True)}
    found: list[Word] = []
    for quad in arrange(corners, size):
        found.extend(replace(one, line=quad.line, block=quad.block) for one in held[id(quad.corners)])
    return tuple(found)


def _pieces(words: Sequence[Word]) -> list[list[Word]]:
    """Runs of words on one line without a wide gap; a word that is printed twice in one place counts once."""
    pieces: list[list[Word]] = []
    seen: set[tuple[str, int, int]] = set()
    for word in words:
        place = (word.text, round(word.box[0] / 4), round(word.box[1] / 4))
        if place in seen:
            continue
        seen.add(place)
        if pieces and _follows(pieces[-1][-1].box, word.box):
            pieces[-1].append(word)
        else:
            pieces.append([word])
    return pieces


def _follows(last: Box, box: Box) -> bool:
    height = max(last[3] - last[1], 1.0)
    is_level = abs((last[1] + last[3]) - (box[1] + box[3])) < 0.8 * height
    return is_level and -0.3 * height < box[0] - last[2] < _PIECE_GAP * height


def cut_out(page: Colours, quad: Quad) -> Colours:
    """The pixels of a line, straightened."""
    import cv2
    import numpy as np

    width, height = max(1, round(quad.width_px)), max(1, round(quad.height_px))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(quad.corners.astype(np.float32), target)
    return np.asarray(
        cv2.warpPerspective(
            page, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
    )


def word_gaps(strip: Colours, longest_px: float) -> list[tuple[int, int]]:
    """Column ranges (start, end) that cut a strip between words into pieces of about `longest_px` at most.

    A place without a gap near it is not cut: half a word is worse than a long piece.
    """
    import numpy as np

    height, width = strip.shape[:2]
    count = int(np.ceil(width / longest_px))
    if count <= 1:
        return [(0, width)]
    blank = _blank_columns(strip)
    edges = [0]
    for number in range(1, count):
        wanted = width * number / count
        gap = _nearest_gap(blank, wanted, reach=0.4 * width / count, least=0.12 * height)
        if gap is not None and gap > edges[-1]:
            edges.append(gap)
    return list(zip(edges, [*edges[1:], width], strict=True))


def _blank_columns(strip: Colours) -> Any:
    """Which columns hold no ink."""
    import cv2
    import numpy as np

    # Added up instead of averaged: whole numbers can be counted, and are three times as large.
    channels = cv2.split(strip)
    summed = sum(channels[1:], channels[0].astype(np.uint16))
    counts = np.bincount(summed.ravel())
    paper, ink = (counting.percentile(counts, percent) for percent in (80, 2))
    room = 24.0 * len(channels)
    return ~(summed < paper - 0.4 * max(paper - ink, room)).any(axis=0)


def _nearest_gap(blank: Any, wanted: float, *, reach: float, least: float) -> int | None:
    """Middle of the widest run of blank columns near a place; null where none is as wide as a word space."""
    start, end = max(0, int(wanted - reach)), min(len(blank), int(wanted + reach))
    best: tuple[float, int] | None = None
    run = 0
    for column in range(start, end + 1):
        if column < end and blank[column]:
            run += 1
            continue
        if run >= least and (best is None or run > best[0]):
            best = (run, column - run // 2)
        run = 0
    return best[1] if best else None


def _levelled(quads: Sequence[Quad]) -> Any:
    """Upright boxes of the lines after the page's own tilt is taken away; one row each: left, top, right,
    bottom.
    """
    import numpy as np

    wide = [quad for quad in quads if quad.width_px > 4 * quad.height_px] or list(quads)
    slopes = [
        (quad.corners[1][1] - quad.corners[0][1]) / max(quad.corners[1][0] - quad.corners[0][0], 1.0)
        for quad in wide
    ]
    angle = float(np.arctan(np.median(slopes)))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    boxes = []
    for quad in quads:
        points = quad.corners @ turn
        middle = points[:, 1].mean()
        half = quad.height_px / 2
        boxes.append((points[:, 0].min(), middle - half, points[:, 0].max(), middle + half))
    return np.array(boxes, dtype=np.float64)


def _members(boxes: Any, regions: Sequence[reading_order.Region]) -> list[list[int]]:
    """Indices of the boxes of each region; one that lies in none goes to the nearest."""
    members: list[list[int]] = [[] for _ in regions]
    for index, (left, top, right, bottom) in enumerate(boxes):
        x, y = (left + right) / 2, (top + bottom) / 2
        outside = [
            max(region.left - x, x - region.right, 0.0) + max(region.top - y, y - region.bottom, 0.0)
            for region in regions
        ]
        members[outside.index(min(outside))].append(index)
    return members


def _rows(boxes: Any, members: Sequence[int]) -> list[list[int]]:
    """Boxes that stand on one printed line, left to right; lines from the top."""
    rows: list[list[int]] = []
    for index in sorted(members, key=lambda one: float(boxes[one, 1] + boxes[one, 3])):
        last = rows[-1] if rows else []
        if last and all(_overlap(boxes[index], boxes[other]) >= _SAME_LINE for other in last[-3:]):
            last.append(index)
        else:
            rows.append([index])
    return [sorted(row, key=lambda one: float(boxes[one, 0])) for row in rows]


def _overlap(one: Any, other: Any) -> float:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return float(shared / max(min(one[3] - one[1], other[3] - other[1]), 1.0))


def _distance(one: Any, other: Any) -> float:
    return float(((other[0] - one[0]) ** 2 + (other[1] - one[1]) ** 2) ** 0.5)


# Lines that hold a doubtful word are read again, whatever they seem to say: a misread line hides what it is
# about.
_SURE = 0.60
_LAST_WORD = re.compile(r"(?:[A-Za-z]{5}|%|\))\.$")
# Least share of a detected line's width that the words taken over must cover.
_COVERED = 0.6
# What our fields rest on: the words beside an EF, a wall's motion, a pulmonary pressure, and orders to a
# machine.
_MATTERS = re.compile(
    r"%|percent|\be\.?f\b|lvef|ejec|fraction|kine|wall mot|motion abn|rwma|regional|segment|aneurysm"
    r"|\bpa\b|pah|\bpht?\b|pulmonary (?:art|hyp|press)|pasp|rvsp|mm\s*hg|hypertens|instruct|ignore|prompt",
    re.IGNORECASE,
)


def settled_lines(
    page: OcrPage, revealed: Collection[int] = (), *, with_all_beside: bool = False
) -> frozenset[int]:
    """Numbers of the lines that need no second reading; a page that can't be trusted has none.

    Args:
        revealed: lines that were found to speak of findings when they were read again.
        with_all_beside: whether those beside a doubtful line and across the end of a sentence need one, too.
    """
    if page.unreadable_reason:
        return frozenset()
    lines = _lines_of(page)
    speaking = {number for number, words in lines.items() if speaks_of_findings(words)}.union(revealed)
    doubtful = set(_doubtful(lines))
    # Sentences wrap: the lines around one that speaks of findings belong to it, unless one ends between.
    ending = {number for number, words in lines.items() if _ends_a_sentence(words)}
    if with_all_beside:
        speaking, ending = speaking | doubtful, set()
    near = {number - 1 for number in speaking if number - 1 not in ending}
    near |= {number + 1 for number in speaking if number not in ending}
    return frozenset(set(lines) - speaking - near - doubtful)


def revealed_lines(
    page: OcrPage | None, boxes: Sequence[Box], fresh: Mapping[int, tuple[int, Sequence[Word]]]
) -> frozenset[int]:
    """Numbers of the doubtful lines that turned out to speak of findings; the lines around them matter, too.

    Args:
        boxes: of the detected lines, pixels of the page as given.
        fresh: index of a detected line that was read again -> its printed line, and its words.
    """
    if page is None or page.unreadable_reason:
        return frozenset()
    said: dict[int, list[Word]] = {}
    for line, words in fresh.values():
        said.setdefault(line, []).extend(words)
    speaking = {line for line, words in said.items() if speaks_of_findings(words)}
    found = {
        word.line
        for index, (line, _) in fresh.items()
        if line in speaking
        for word in _inside(page, boxes[index])
    }
    return frozenset(found & set(_doubtful(_lines_of(page))))


def _ends_a_sentence(words: Sequence[Word]) -> bool:
    """Whether a line surely ends with a full stop, and not behind a short word, which may be cut short."""
    last = words[-1]
    return last.confidence >= _SURE and _LAST_WORD.search(last.text) is not None


def _lines_of(page: OcrPage) -> dict[int, list[Word]]:
    lines: dict[int, list[Word]] = {}
    for word in page.words:
        lines.setdefault(word.line, []).append(word)
    return lines


def _doubtful(lines: Mapping[int, Sequence[Word]]) -> list[int]:
    """Lines that hold a word the engine was not sure of."""
    return [number for number, words in lines.items() if any(word.confidence < _SURE for word in words)]


def words_within(page: OcrPage, settled: frozenset[int], box: Box) -> tuple[Word, ...]:
    """The words of a detected line that can be taken over; none when any of it must be read again.

    Args:
        settled: from `settled_lines`.
        box: the detected line, pixels of the page as given.
    """
    inside = _inside(page, box)
    covered = sum(word.box[2] - word.box[0] for word in inside)
    if covered < _COVERED * (box[2] - box[0]) or any(word.line not in settled for word in inside):
        return ()
    return tuple(inside)


def _inside(page: OcrPage, box: Box) -> list[Word]:
    left, top, right, bottom = box
    return [
        word
        for word in page.words
        if top <= (word.box[1] + word.box[3]) / 2 <= bottom
        and left <= (word.box[0] + word.box[2]) / 2 <= right
    ]


def speaks_of_findings(words: Sequence[Word]) -> bool:
    """Whether a line holds words that a field may rest on."""
    return matters(" ".join(word.text for word in words))


def matters(text: str) -> bool:
    """Whether a text holds words that a field may rest on."""
    return _MATTERS.search(text) is not None
