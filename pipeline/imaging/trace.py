"""Estimate which pixels of a photographed page are trace: dark strokes that the grid does not explain.

For pages we drew ourselves the mask is known exactly; this is for real photographs. It expects a page seen
straight (`rectify`), because it tells grid from trace by how far a line goes on in its own direction.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from db.errors import EchoDeskError
from pipeline.config.settings import PictureSettings
from pipeline.imaging.preprocess import mask_to_square
from pipeline.imaging.rectify import rectify

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

# Beside the signal of a record whose page we drew: where its trace lies in its photograph.
TRACE_SUFFIX: Final = ".trace.png"

# The long side the strokes are looked for at: about four pixels a millimetre of a whole page.
_LOOK_PX = 1200
_TILES = 10
_SMOOTHED_BY = 8
# Where grid lines are at least this dark beside ink, and more of the page than this share looks like ink, the
# grid is among it. Coloured grids stay below 0.28, the dark ones of photographed print-outs are above 0.32.
_DARK_GRID = 0.3
_MUCH_INK = 0.05
_GRID_REACH_PX = 61
_STROKE_PX = 25
# A lead name at four pixels a millimetre: a printed letter is 2 to 5 mm high, three of them are 11 mm wide at
# most, and more print than that within 2.5 mm of each other is a line of text. It stands at most 6 mm above
# the highest trace. A row of traces, with gaps of 18 mm joined, is at least this share of the page wide.
_LETTER_PX = (7, 20)
_NAME_WIDE_PX = 44
_GAP_PX = 10
_ABOVE_PX = 24
_ROW_SHARE = 0.4
_ROW_GAP_PX = 72
_EDGE_SHARE = 0.03


def estimate_trace(image: Pixels) -> Mask:
    """The pixels of the traces and their pulses, and of letters that touch a trace.

    Args:
        image: RGB, uint8, height x width x 3, a page seen straight.

    Returns:
        Boolean, height x width.
    """
    return _as_large(_long_strokes(_looked_at(image))[1], image)


def estimate_printed(image: Pixels) -> Mask:
    """The pixels of traces, pulses and lead names, without header and footer: what isn't the paper's own.

    Args:
        image: RGB, uint8, height x width x 3, a page seen straight.

    Returns:
        Boolean, height x width.
    """
    darkness, strokes = _long_strokes(_looked_at(image))
    rows = _rows_of_traces(strokes)
    if rows is None:
        return _as_large(strokes, image)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(strokes.astype(np.uint8), connectivity=8)
    _, top, _, high, _ = stats.T
    kept = (top >= rows[0]) & (top + high <= rows[1] + _ABOVE_PX)
    kept[0] = False
    return _as_large(kept[labels] | _names(darkness, strokes, rows), image)


def _rows_of_traces(strokes: Mask) -> tuple[int, int] | None:
    """Where on the page rows of traces begin, with room for names above them, and end; None without any.

    Of a trace that is broken by a crease or printed faintly only pieces are found.
    """
    inner = strokes.astype(np.uint8)
    # The edge of the sheet, where it is dark, runs along that of the picture and through all rows.
    margin = round(_EDGE_SHARE * min(inner.shape))
    inner[:margin], inner[-margin:], inner[:, :margin], inner[:, -margin:] = 0, 0, 0, 0
    joined = cv2.dilate(inner, np.ones((1, _ROW_GAP_PX + 1), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    _, top, wide, high, _ = stats[1:].T
    rows = wide >= _ROW_SHARE * strokes.shape[1]
    if not rows.any():
        return None
    return int(top[rows].min()) - _ABOVE_PX, int((top + high)[rows].max())


def trace_to_square(image: Pixels, mask: Mask | None, settings: PictureSettings) -> Pixels:
    """Where the trace of a photograph is, as `preprocess.to_square` would show it.

    Args:
        image: RGB, uint8, height x width x 3.
        mask: the trace in the photograph's own pixels where it is known, with its lead names; None looks for
            both.

    Returns:
        uint8, `image_size_px` x `image_size_px`: how much of each pixel the trace covers, 0-255.
    """
    if mask is not None and not settings.rectify:
        return mask_to_square(mask, settings)
    page = rectify(image)
    height, width = page.image.shape[:2]
    if mask is None:
        straight = estimate_printed(page.image)
    else:
        moved = cv2.warpPerspective(mask.astype(np.uint8) * 255, page.photo_to_image, (width, height))
        straight = np.asarray(moved) > 127
    if settings.rectify or not page.finding.is_found:
        return mask_to_square(straight, settings)
    size = (image.shape[1], image.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    back = cv2.warpPerspective(straight.astype(np.uint8) * 255, page.photo_to_image, size, flags=flags)
    return mask_to_square(np.asarray(back) > 127, settings)


def write_trace(file: Path, mask: Mask) -> None:
    """Keep a mask, height x width, as a black and white PNG. Raises OSError."""
    written, data = cv2.imencode(".png", mask.astype(np.uint8) * 255, [cv2.IMWRITE_PNG_BILEVEL, 1])
    assert written  # noqa: S101 - OpenCV writes every uint8 picture
    file.write_bytes(data.tobytes())


def read_trace(file: Path, shape: tuple[int, int]) -> Mask | None:
    """The mask of a photograph of this height and width; None where none was kept.

    Raises:
        EchoDeskError: the file is no picture, or of a photograph of another size; names both sizes.
    """
    if not file.exists():
        return None
    kept = cv2.imdecode(np.frombuffer(file.read_bytes() or b"-", np.uint8), cv2.IMREAD_GRAYSCALE)
    if kept is None or kept.shape != shape:
        found = "is no picture" if kept is None else f"is {kept.shape[1]} x {kept.shape[0]} pixels"
        raise EchoDeskError(
            f"{file} {found}, and its photograph is {shape[1]} x {shape[0]} pixels",
            "Copy the folder of signals anew; it belongs to one snapshot.",
        )
    return np.asarray(kept) > 127


def _looked_at(image: Pixels) -> Plane:
    """How dark each pixel is at the size that strokes are looked for at; see `_darkness`."""
    height, width = image.shape[:2]
    share = _LOOK_PX / max(height, width)
    how = cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR
    size = (max(8, round(width * share)), max(8, round(height * share)))
    return _darkness(np.asarray(cv2.resize(image, size, interpolation=how), dtype=np.uint8))


def _long_strokes(darkness: Plane) -> tuple[Plane, Mask]:
    """Strokes that are long enough to be a trace, and the darkness they were seen in: without a dark grid."""
    strokes = _strokes(darkness)
    if strokes.mean() > _MUCH_INK and _grid_darkness(darkness) > _DARK_GRID:
        darkness = _without_grid(darkness)
        strokes = _strokes(darkness)
    return darkness, strokes


def _as_large(mask: Mask, image: Pixels) -> Mask:
    """A mask at the size of the picture."""
    size = (image.shape[1], image.shape[0])
    return np.asarray(cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)) > 0


def brightest_channel(image: Pixels) -> Pixels:
    """The largest of a pixel's three values; NumPy takes ten times as long for it."""
    return np.asarray(cv2.max(cv2.max(image[..., 0], image[..., 1]), image[..., 2]), dtype=np.uint8)


def _darkness(image: Pixels) -> Plane:
    """How much darker than the paper around it each pixel is, as a share of the paper's brightness.

    In the brightest channel a coloured grid nearly vanishes, and black ink does not.
    """
    value = cv2.GaussianBlur(brightest_channel(image), (0, 0), 0.7)
    paper = cv2.morphologyEx(value, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13)))
    # Eight grey levels are noise, not ink, on very dark paper.
    return np.asarray((paper.astype(np.float32) - value) / (paper + np.float32(8.0)), dtype=np.float32)


def _grid_darkness(darkness: Plane) -> float:
    """How dark grid lines are, as a share of ink: the weaker of the two directions.

    The median along a line is the grid's where there is one; a trace crosses it only here and there.
    """
    relative = darkness / _ink_darkness(darkness)
    found = []
    for plane in (relative, np.ascontiguousarray(relative.T)):
        bands = np.array_split(_widened(plane), 5)
        found.append(np.mean([np.percentile(np.median(band, axis=0), 90) for band in bands]))
    return float(min(found))


def _without_grid(darkness: Plane) -> Plane:
    """Darkness less that of lines which go on straight in both directions."""
    capped = np.minimum(darkness, np.percentile(darkness, 96))
    upright = _goes_on(_widened(capped))
    level = _goes_on(_widened(np.ascontiguousarray(capped.T))).T
    grid = np.maximum(upright, level)
    excess = np.maximum(grid - np.median(grid), 0.0)
    return np.asarray(np.maximum(darkness - 1.2 * excess, 0.0), dtype=np.float32)


def _widened(plane: Plane) -> Plane:
    """Upright lines one pixel wider on each side, because lines on paper are never quite straight."""
    return np.asarray(cv2.dilate(plane, np.ones((1, 3), np.uint8)), dtype=np.float32)


def _goes_on(plane: Plane) -> Plane:
    """The smaller of the means above and below each pixel: high on a long upright line, low on a spike."""
    mean = cv2.blur(plane, (1, _GRID_REACH_PX), borderType=cv2.BORDER_REFLECT_101)
    away = _GRID_REACH_PX // 2 + 3
    padded = np.pad(mean, ((away, away), (0, 0)), mode="edge")
    return np.minimum(padded[: -2 * away], padded[2 * away :])


def _strokes(darkness: Plane) -> Mask:
    """Connected dark pixels that are long enough, and dark enough somewhere, to be a trace."""
    reference = _ink_darkness(darkness)
    sure = darkness > 0.75 * reference
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (darkness > 0.5 * reference).astype(np.uint8), connectivity=8
    )
    sure_pixels = np.bincount(labels[sure], minlength=count)
    longest = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    kept = (sure_pixels >= 10) & (longest >= _STROKE_PX)
    kept[0] = False
    return np.asarray(kept[labels], dtype=np.bool_)


def _names(darkness: Plane, strokes: Mask, rows: tuple[int, int]) -> Mask:
    """Short words of print between two heights of the page: what a lead is called belongs to its trace."""
    reference = _ink_darkness(darkness)
    ink = ((darkness > 0.5 * reference) & ~strokes).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    sure_pixels = np.bincount(labels[darkness > 0.75 * reference], minlength=count)
    _, _, wide, high, _ = stats.T
    letters = (high >= _LETTER_PX[0]) & (high <= _LETTER_PX[1]) & (wide < _STROKE_PX) & (sure_pixels >= 6)
    letters[0] = False
    letter = np.asarray(letters[labels])
    words = cv2.dilate(letter.astype(np.uint8), np.ones((1, _GAP_PX + 1), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(words, connectivity=8)
    _, top, wide, high, _ = stats.T
    names = (wide <= _NAME_WIDE_PX + _GAP_PX) & (high <= _STROKE_PX) & (top >= rows[0])
    names &= top + high <= rows[1]
    names[0] = False
    return np.asarray(names[labels] & letter, dtype=np.bool_)


def _ink_darkness(darkness: Plane) -> Plane:
    """How dark ink is in each part of the page, height x width."""
    height, width = darkness.shape
    rows, columns = (np.linspace(0, length, _TILES + 1).astype(int) for length in (height, width))
    raw = np.zeros((_TILES, _TILES), np.float32)
    for row in range(_TILES):
        for column in range(_TILES):
            tile = darkness[rows[row] : rows[row + 1], columns[column] : columns[column + 1]]
            raw[row, column] = np.percentile(tile, 98.5)
    # A tile without trace must not take its grid for ink.
    usual = float(np.percentile(raw, 72))
    # So smooth a plane is made small and enlarged: at full size its blur took a fifth of judging a photo.
    size = (max(_TILES, width // _SMOOTHED_BY), max(_TILES, height // _SMOOTHED_BY))
    even = cv2.resize(np.clip(raw, 0.7 * usual, 1.3 * usual), size, interpolation=cv2.INTER_LINEAR)
    smooth = cv2.GaussianBlur(even, (0, 0), size[0] / 40)
    whole = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(whole + 1e-3, dtype=np.float32)
