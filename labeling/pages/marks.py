"""Take away what is on a page image but is not text: the desk around the paper, table rules, solid bars."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labeling.pages import counting
from labeling.pages.geometry import outer_boxes

if TYPE_CHECKING:
    from labeling.pages.pixels import Colours, Gray, Mask

PAPER_SCALE = 8
_ROOM_PX = 10
# Corners between 70 and 110 degrees.
_MOST_CORNER_COSINE = 0.342
_WHITE = 245
# Darker than this at half the page's size is ink, or a bar; letters differ so much from their bar.
_SOLID = 190
_APART = 40
# A coloured field at a quarter of the page's size: gray levels of its ground and how far they may differ,
# share of the page's width, of its own box, and what is wider than its letters are thick.
_TINT_STEP = 4
_DARKEST_TINT, _PALEST_TINT = 85, 214
_TINT_UNEVEN = 14.0
_TINT_WIDTH = 0.08
_TINT_FILLED = 0.75
_LETTERS = 7
# A ruled line is at least this share of the page width long; no letter stroke is.
_LEVEL_RULE_SHARE = 0.12
_UPRIGHT_RULE_SHARE = 0.05


def paper_mask(colours: Colours, flat: Gray) -> Gray | None:
    """255 on the paper and 0 on the desk around it, at one eighth of the page's size.

    Paper is told from the desk by brightness, or failing that (a shadow may make paper darker than the desk)
    by being less colourful or less grainy. Null when no desk is seen: the page fills the picture, or its edge
    is not clear.

    Args:
        colours: the page as given, red, green and blue, or gray.
        flat: the same page with even light, same height and width.
    """
    import cv2
    import numpy as np

    size = (max(1, flat.shape[1] // PAPER_SCALE), max(1, flat.shape[0] // PAPER_SCALE))
    # Every fourth pixel first: the paper's outline needs no better, and averaging all of them takes long.
    sparse = np.ascontiguousarray(colours[::4, ::4])
    small = cv2.resize(sparse, size, interpolation=cv2.INTER_AREA)
    clues: list[Callable[[], Any]] = [lambda: small]
    if small.ndim == 3:
        clues = [lambda: cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), lambda: _paleness(small)]
    clues.append(lambda: cv2.resize(flat, size, interpolation=cv2.INTER_AREA))
    for clue in clues:
        mask = _bright_sheet(clue())
        if mask is not None:
            return mask
    return None


def _paleness(colours: Colours) -> Gray:
    """How far each pixel is from colourful, 255 for gray."""
    import cv2
    import numpy as np

    # By channels: numpy takes fifty times as long across the three numbers of each pixel.
    red, green, blue = cv2.split(colours)
    spread = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    return np.asarray(255 - 4 * np.minimum(spread, 63), dtype=np.uint8)


def _bright_sheet(small: Gray) -> Gray | None:
    """The convex outline of the largest bright region, if it looks like a sheet of paper."""
    import cv2
    import numpy as np

    # Room around the picture, or closing the letters would also close a narrow strip of desk at its border.
    room = _ROOM_PX
    roomy = cv2.copyMakeBorder(
        cv2.GaussianBlur(small, (0, 0), 1), room, room, room, room, cv2.BORDER_REPLICATE
    )
    closed = cv2.morphologyEx(roomy, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    lifted = np.ascontiguousarray(closed[room:-room, room:-room])
    _, bright = cv2.threshold(lifted, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bright)
    if count < 2:
        return None
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    mask = np.zeros_like(small)
    cv2.fillConvexPoly(mask, cv2.convexHull(_row_ends(labels == largest)), 255)
    return mask if _looks_like_paper(lifted, mask, int(stats[largest, cv2.CC_STAT_AREA])) else None


def _row_ends(region: Any) -> Any:
    """The first and the last pixel (x, y) of each row of a region: all that its convex outline rests on."""
    import numpy as np

    rows = np.flatnonzero(region.any(axis=1))
    first = region[rows].argmax(axis=1)
    last = region.shape[1] - 1 - region[rows, ::-1].argmax(axis=1)
    return np.stack([np.concatenate([first, last]), np.concatenate([rows, rows])], axis=1).astype(np.int32)


def _looks_like_paper(lifted: Gray, mask: Mask, bright_area: int) -> bool:
    """One large bright four-sided sheet with a darker surround, and a sudden edge all the way around.

    In doubt no: desk that stays costs a few stray words, a page cut in two costs the report.
    """
    import numpy as np

    inside = mask > 0
    if not 0.35 < float(inside.mean()) < 0.99 or bright_area < 0.93 * int(inside.sum()):
        return False
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    if float((border == 0).mean()) < 0.4 or not _has_four_square_corners(mask):
        return False
    outside_level = counting.percentile(counting.counts_of(lifted, 255 - mask), 50)
    within = counting.counts_of(lifted, mask)
    if counting.percentile(within, 10) <= outside_level + 12:
        return False
    return _edge_is_sudden(lifted, mask, counting.percentile(within, 50) - outside_level)


def _has_four_square_corners(mask: Mask) -> bool:
    """Whether the outline is a quadrilateral with corners near 90 degrees, as a sheet seen from above is."""
    import cv2
    import numpy as np

    (outline,), _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    corners = cv2.approxPolyDP(outline, 0.02 * cv2.arcLength(outline, True), True)[:, 0].astype(np.float64)
    if len(corners) != 4:
        return False
    before, after = np.roll(corners, 1, axis=0) - corners, np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    cosines = (before * after).sum(axis=1) / np.maximum(lengths, 1e-6)
    return bool(np.all(np.abs(cosines) < _MOST_CORNER_COSINE))


def _edge_is_sudden(lifted: Gray, mask: Mask, difference: float) -> bool:
    """Paper ends at once, a shadow on paper fades: the brightness must drop all along the outline."""
    import cv2
    import numpy as np

    drop = cv2.subtract(
        cv2.dilate(lifted, np.ones((7, 7), np.uint8)), cv2.erode(lifted, np.ones((7, 7), np.uint8))
    )
    outline = cv2.subtract(mask, cv2.erode(mask, np.ones((3, 3), np.uint8), borderValue=255))
    # Where the sheet leaves the picture there is no edge to be seen.
    seen = drop[2:-2, 2:-2][outline[2:-2, 2:-2] > 0]
    return seen.size > 0 and float(np.percentile(seen, 10)) > max(10.0, 0.3 * difference)


def clear_desk(flat: Gray, mask: Gray) -> Gray:
    """The flattened page with everything off the paper white."""
    import cv2
    import numpy as np

    height, width = flat.shape
    shrunk = cv2.erode(mask, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=255)
    full = cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.copyTo(flat, full, np.full_like(flat, _WHITE)))


def clear_rules(level_page: Gray) -> Gray:
    """A level page without ruled lines and with what stands on bars and coloured fields dark on white."""
    import cv2
    import numpy as np

    height, width = level_page.shape
    half = cv2.resize(level_page, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    ink = cv2.inRange(half, np.array([0]), np.array([_SOLID]))
    cleaned = _even_bars(level_page, ink)
    along = max(20, round(_LEVEL_RULE_SHARE * half.shape[1]))
    down = max(20, round(_UPRIGHT_RULE_SHARE * half.shape[1]))
    rules = np.maximum(_thin_runs(ink, (along, 1)), _thin_runs(ink, (1, down)))
    if rules.any():
        grown = cv2.dilate(rules, np.ones((3, 3), np.uint8))
        covered = cv2.resize(grown, (width, height), interpolation=cv2.INTER_NEAREST)
        cv2.copyTo(np.full_like(cleaned, _WHITE), covered, cleaned)
    return cleaned


def _thin_runs(ink: Gray, kernel: tuple[int, int]) -> Gray:
    """Long straight runs of ink in one direction, a few pixels thick, that stand alone."""
    import cv2
    import numpy as np

    is_level = kernel[0] > 1
    across = (1, 3) if is_level else (3, 1)
    # A rule that is not perfectly straight steps from one pixel row to the next: bridge the step first.
    bridged = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, across))
    runs = _opened(bridged, kernel)
    found = np.flatnonzero(cv2.reduce(runs, 1 if is_level else 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel())
    if not found.size:
        return np.asarray(runs)
    places, some = _without_bare_lines(runs, found, axis=0 if is_level else 1)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(some)
    kept = np.zeros(count, np.uint8)
    for index in range(1, count):
        left, top, wide, high, area = (int(value) for value in stats[index])
        if is_level:
            top = int(places[top])
        else:
            left = int(places[left])
        length, thickness = (wide, area / wide) if is_level else (high, area / high)
        if thickness > 4.5 or length < 8 * thickness:
            continue
        # Blurred words also make runs, but with ink close on both sides of them.
        if _ink_beside(ink, (left, top, wide, high), is_level=is_level) < 0.25:
            kept[index] = 255
    rules = np.zeros_like(runs)
    rules[places if is_level else (slice(None), places)] = kept[labels]
    return rules


def _opened(ink: Mask, kernel: tuple[int, int]) -> Mask:
    """The ink that is as wide and high as `kernel`, one of them 1, without a break.

    A level kernel is looked for only where a row has so much ink at a stretch: that fills whole bytes of the
    row's bits, which print hardly does. At the edges of the page half of it is enough.
    """
    import cv2
    import numpy as np

    rectangle = cv2.getStructuringElement(cv2.MORPH_RECT, kernel)
    if kernel[0] == 1:
        return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, rectangle))
    bytes_full = np.count_nonzero(np.packbits(ink, axis=1) == 255, axis=1)
    may_hold = (bytes_full >= (kernel[0] - 7) // 8) | (ink[:, 0] > 0) | (ink[:, -1] > 0)
    found = np.zeros_like(ink)
    if may_hold.any():
        found[may_hold] = cv2.morphologyEx(ink[may_hold], cv2.MORPH_OPEN, rectangle)
    return found


def _without_bare_lines(runs: Gray, found: Any, *, axis: int) -> tuple[Any, Gray]:
    """Rows (axis 0) or columns (axis 1) that hold ink, and a bare one between any two that are no neighbours.

    A page has few of them, and finding what hangs together in all of it takes twenty times as long.

    Args:
        found: numbers of those with ink, rising, at least one.

    Returns:
        Their numbers, and what stands in them, still parted and still side by side as on the page.
    """
    import numpy as np

    gaps = np.flatnonzero(np.diff(found) > 1)
    places = np.insert(found, gaps + 1, found[gaps] + 1)
    return places, np.ascontiguousarray(np.take(runs, places, axis=axis))


def _ink_beside(ink: Mask, box: tuple[int, int, int, int], *, is_level: bool) -> float:
    """Share of ink in the two thin bands along both sides of a run (left, top, width, height), 0-1."""
    import numpy as np

    left, top, wide, high = box
    if is_level:
        bands = [ink[max(0, top - 4) : max(0, top - 2), left : left + wide]]
        bands.append(ink[top + high + 2 : top + high + 4, left : left + wide])
    else:
        bands = [ink[top : top + high, max(0, left - 4) : max(0, left - 2)]]
        bands.append(ink[top : top + high, left + wide + 2 : left + wide + 4])
    seen = np.concatenate([band.ravel() for band in bands])
    return float(seen.mean()) / 255 if seen.size else 0.0


def even_bars(page: Gray) -> Gray:
    """A copy of a page in even light in which every wide bar or coloured field is as white as the paper, and
    what stands on it dark.
    """
    import cv2
    import numpy as np

    height, width = page.shape
    half = cv2.resize(page, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    return _even_bars(page, cv2.inRange(half, np.array([0]), np.array([_SOLID])))


def _even_bars(page: Gray, ink: Mask) -> Gray:
    """The same from what is darker than paper, at half the page's size."""
    import cv2
    import numpy as np

    cleaned = _without_tints(page)
    height, width = ink.shape
    quarter = cv2.resize(ink, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    solid = cv2.morphologyEx((quarter > 200).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, first, _, count = cv2.boundingRect(solid)
    if not count:
        return cleaned
    # The light letters in a bar part it into pieces: bridge them along the bar.
    room = max(3, quarter.shape[1] // 2)
    roomy = cv2.copyMakeBorder(solid[first : first + count], 0, 0, room, room, cv2.BORDER_CONSTANT)
    whole = cv2.morphologyEx(roomy, cv2.MORPH_CLOSE, np.ones((1, room), np.uint8))
    for left, top, wide, high in outer_boxes(whole):
        left, top = left - room, top + first
        if wide <= 0.15 * quarter.shape[1] or high <= 4:
            continue
        if float(quarter[top : top + high, left : left + wide].mean()) > 0.5 * 255:
            rows, columns = slice(4 * top, 4 * (top + high)), slice(4 * left, 4 * (left + wide))
            cleaned[rows, columns] = _on_white(cleaned[rows, columns])
    return cleaned


def _without_tints(page: Gray) -> Gray:
    """A copy of the page in which the even ground of coloured fields is as white as the paper."""
    import cv2
    import numpy as np

    lifted = page.copy()
    if not _may_hold_tints(page):
        return lifted
    # Closed over its letters, a field shows nothing but its ground.
    size = max(1, page.shape[1] // _TINT_STEP), max(1, page.shape[0] // _TINT_STEP)
    small = cv2.resize(page, size, interpolation=cv2.INTER_AREA)
    ground = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((_LETTERS, _LETTERS), np.uint8))
    tinted = cv2.inRange(ground, np.array([_DARKEST_TINT]), np.array([_PALEST_TINT]))
    # Most pages have none so large, and measuring all that hangs together takes long.
    least = _TINT_WIDTH * small.shape[1]
    if not any(wide >= least and high >= _LETTERS for _, _, wide, high in outer_boxes(tinted)):
        return lifted
    count, labels, stats, _ = cv2.connectedComponentsWithStats(tinted)
    for number in range(1, count):
        left, top, wide, high, area = stats[number].tolist()
        if wide < least or high < _LETTERS or area < _TINT_FILLED * wide * high:
            continue
        field = slice(top, top + high), slice(left, left + wide)
        if float(ground[field][labels[field] == number].std()) > _TINT_UNEVEN:
            continue
        rows, columns = (slice(_TINT_STEP * one.start, _TINT_STEP * one.stop) for one in field)
        piece = lifted[rows, columns]
        if _has_light_letters(piece):
            continue
        below = cv2.resize(ground[field], piece.shape[::-1], interpolation=cv2.INTER_LINEAR)
        lifted[rows, columns] = cv2.divide(piece, below, scale=_WHITE)
    return lifted


def _may_hold_tints(page: Gray) -> bool:
    """Whether a page can hold a coloured field: most can't, and this is told in a fifth of the time that it
    takes to average all pixels.

    The darkest pixel of a place is no lighter than their average, so that what is found with it is no less.
    """
    import cv2
    import numpy as np

    height, width = page.shape
    if min(height, width) < 3 * _TINT_STEP:
        return True
    high, wide = height // _TINT_STEP, width // _TINT_STEP
    # Rows and columns are shared out evenly: a place takes part of six at most.
    darkest = cv2.erode(page, np.ones((_TINT_STEP + 2, _TINT_STEP + 2), np.uint8), anchor=(0, 0))
    rows, columns = np.arange(high) * height // high, np.arange(wide) * width // wide
    ground = cv2.morphologyEx(
        np.ascontiguousarray(darkest[rows][:, columns]),
        cv2.MORPH_CLOSE,
        np.ones((_LETTERS, _LETTERS), np.uint8),
    )
    dark = cv2.inRange(ground, np.array([0]), np.array([_PALEST_TINT]))
    return any(box[2] >= _TINT_WIDTH * wide and box[3] >= _LETTERS for box in outer_boxes(dark))


def _on_white(bar: Gray) -> Gray:
    """A bar with light letters inverted, and made white where that leaves it grey."""
    import cv2
    import numpy as np

    if not _has_light_letters(bar):
        return bar
    bar, ground = np.asarray(cv2.bitwise_not(bar), np.uint8), 255 - float(np.median(bar))
    if ground >= _SOLID:
        return bar
    return np.asarray(cv2.convertScaleAbs(bar, alpha=_WHITE / max(ground, 1.0)), np.uint8)


def _has_light_letters(bar: Gray) -> bool:
    """Whether more of a bar is lighter than its ground than darker."""
    import numpy as np

    ground = float(np.median(bar))
    return float((bar > ground + _APART).mean()) >= float((bar < ground - _APART).mean())
