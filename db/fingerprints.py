"""A fingerprint of how a printed page looks, to find the same page photographed or scanned again.

Ordinary image hashes fail here: a photograph shifts and tilts the page by more than two reports on one
printed template differ. So the page is first cut out of its dark surroundings and straightened, the lighting
divided away, and only then the pattern of ink kept as 1,024 signs. Most of them speak about places along a
line, because what tells two ECGs on one grid apart is when the beats come.

Measured with a limit of 120 of the 1,024 bits, which was chosen on the same pages; each page as a clean
render, a phone photograph and a bad one:

* 113 report pages in three templates: 111 photographs found from the clean page (median distance 65), 102 bad
  ones (84); of 19,017 pairs of different pages of one template none (smallest 122, median 459);
* 50 twelve-lead ECGs on one layout: 50 photographs (median 65), 50 bad ones (74); of 19,600 different pairs
  none (smallest 123, median 269).

Pages that differ in a few figures only can still look alike: a flag is for a person to judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Grid = npt.NDArray[np.float32]
# A page edge as position = slope * along + offset, pixels.
Edge = tuple[float, float]
Point = tuple[float, float]

WAVES_DOWN, WAVES_ACROSS = 16, 64  # their product is the number of bits
# What a picture without ink is given, which is like no other.
NO_INK = "0" * (WAVES_DOWN * WAVES_ACROSS // 4)
PAGE_PX = (384, 512)  # the straightened page, shorter and longer side
SEARCH_PX = 320  # longer side of the picture the page edges are looked for in
MARGIN_PX = 8  # a leftover edge of the straightened page is not ink
FAINTEST_INK = 0.12  # share of light taken away; below it is paper grain and noise

EDGE_STEP = 12.0  # grey levels the paper must be brighter than everything outside it
EDGE_REACH = 0.3  # of the picture an edge may be away from the border
EDGE_SUPPORT = 0.45  # share of lines that must agree on an edge
EDGE_TOLERANCE_PX = 1.5
EDGE_SLOPE = 0.35
SPREAD_PX = 2.0  # how far the filter that removes the ink pushes the paper outwards


def page_hash(image: Image.Image) -> str:
    """The 1,024 bits as 256 hex characters; all zeros when there is no ink to speak of.

    Args:
        image: upright, any mode.
    """
    ink = _ink(_straightened(image.convert("L")))
    if not ink.any():
        return NO_INK
    rows, columns = cosines(WAVES_DOWN, ink.shape[0]), cosines(WAVES_ACROSS, ink.shape[1])
    bits = (rows @ (ink - ink.mean()) @ columns.T > 0).ravel()
    bits[0] = False  # the mean itself, which is rounding only
    return np.packbits(bits).tobytes().hex()


def distances(one: str, others: str) -> npt.NDArray[np.int64]:
    """In how many bits a hash differs from each of many, which are written one after the other, (count,)."""
    width = len(one) // 2
    table = np.frombuffer(bytes.fromhex(others), dtype=np.uint8).reshape(-1, width)
    differing = np.bitwise_xor(table, np.frombuffer(bytes.fromhex(one), dtype=np.uint8))
    ones_in_byte = np.array([value.bit_count() for value in range(256)], dtype=np.uint8)
    counted: npt.NDArray[np.int64] = ones_in_byte[differing].sum(axis=1, dtype=np.int64)
    return counted


def pairs_alike(hashes: Sequence[str], most_bits: int) -> list[tuple[int, int]]:
    """Places of every two hashes that differ in at most so many bits, the first place lower.

    Pages without ink are like no other.
    """
    places = [place for place, one in enumerate(hashes) if one.strip("0")]
    if len(places) < 2:
        return []
    table = np.frombuffer(bytes.fromhex("".join(hashes[place] for place in places)), dtype=np.uint8)
    rows = table.reshape(len(places), -1)
    ones_in_byte = np.array([value.bit_count() for value in range(256)], dtype=np.uint8)
    found: list[tuple[int, int]] = []
    for first in range(len(places) - 1):
        differing = ones_in_byte[rows[first + 1 :] ^ rows[first]].sum(axis=1, dtype=np.int64)
        others = np.flatnonzero(differing <= most_bits) + first + 1
        found += [(places[first], places[int(other)]) for other in others]
    return found


@lru_cache(maxsize=16)
def cosines(count: int, length: int) -> Grid:
    """The slowest waves of a discrete cosine transform, (count, length)."""
    places = np.arange(length, dtype=np.float32) + 0.5
    waves = np.arange(count, dtype=np.float32)
    return np.cos(waves[:, None] * places[None, :] * np.float32(np.pi / length)).astype(np.float32)


def _ink(page: Image.Image) -> Grid:
    """Share of light the print takes away from the paper around it, 0-1; bare paper is exactly 0."""
    paper = _brightest(page, reach=4).filter(ImageFilter.GaussianBlur(12))
    light = _grid(page) / np.maximum(_grid(paper), 1)
    ink = np.clip(1 - light, 0, 1).astype(np.float32)
    ink[ink < FAINTEST_INK] = 0
    inside = np.zeros_like(ink)
    keep = slice(MARGIN_PX, -MARGIN_PX)
    inside[keep, keep] = ink[keep, keep]
    return inside


def _brightest(grey: Image.Image, *, reach: int) -> Image.Image:
    """The brightest value within `reach` pixels of each; many times as fast as Pillow's filter."""
    light = np.asarray(grey)
    for axis in (0, 1):
        light = _brightest_along(np.moveaxis(light, axis, 0), reach)
        light = np.moveaxis(light, 0, axis)
    return Image.fromarray(np.ascontiguousarray(light))


def _brightest_along(light: npt.NDArray[Any], reach: int) -> npt.NDArray[Any]:
    """The brightest of 2 reach + 1 rows around each; windows are doubled until they are as long."""
    found = np.pad(light, [(reach, reach), (0, 0)], mode="edge")
    length, wanted = 1, 2 * reach + 1
    while length < wanted:
        step = min(length, wanted - length)
        found = np.maximum(found[:-step], found[step:])
        length += step
    return found


def _straightened(grey: Image.Image) -> Image.Image:
    """The page alone, its corners in the corners, PAGE_PX in size."""
    width, height = PAGE_PX if grey.height >= grey.width else PAGE_PX[::-1]
    corners = page_corners(grey)
    shrink = max(1, min(grey.width // width, grey.height // height))
    smaller = grey.reduce(shrink) if shrink > 1 else grey
    source = [(x / shrink, y / shrink) for x, y in corners]
    target = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
    return smaller.transform(
        (width, height),
        Image.Transform.PERSPECTIVE,
        _perspective(target, source),
        Image.Resampling.BICUBIC,
        fillcolor=255,
    )


def page_corners(grey: Image.Image) -> list[Point]:
    """Corners of the page in a photograph, clockwise from top left, pixels.

    Of the picture itself where the page fills it.
    """
    scale = SEARCH_PX / max(grey.size)
    size = (max(8, round(grey.width * scale)), max(8, round(grey.height * scale)))
    small = grey.resize(size, Image.Resampling.BOX)
    # The brightest of each neighbourhood is paper: print is gone, the dark table is not.
    light = _grid(_brightest(small, reach=2).filter(ImageFilter.GaussianBlur(1)))
    height, width = light.shape
    left = _edge(light)
    top = _edge(light.T)
    right = _mirrored(_edge(light[:, ::-1]), width)
    bottom = _mirrored(_edge(light[::-1].T), height)
    corners = [_cross(left, top), _cross(right, top), _cross(right, bottom), _cross(left, bottom)]
    return [(x * grey.width / width, y * grey.height / height) for x, y in corners]


def _edge(light: Grid) -> Edge:
    """Where the paper begins, seen from column 0: column = slope * row + offset; (0, 0) where no edge shows.

    A step counts only when all that lies outside it is darker than the paper, so a ruled box or a black
    letter head on a page that fills the picture is no edge.
    """
    height, width = light.shape
    reach = max(8, int(width * EDGE_REACH))
    rows = slice(height // 10, height - height // 10)
    padded = np.pad(light[rows], ((0, 0), (3, 3)), mode="edge")
    inside, outside = padded[:, 6:][:, :reach], padded[:, :-6][:, :reach]
    step = inside - outside
    step[np.maximum.accumulate(outside, axis=1) >= inside - EDGE_STEP] = 0
    place = step.argmax(axis=1)
    found = step.max(axis=1) > EDGE_STEP
    along = np.arange(height)[rows]
    line = _line(along[found].astype(np.float64), place[found].astype(np.float64), EDGE_SUPPORT * len(along))
    return (0.0, 0.0) if line is None else (line[0], line[1] + SPREAD_PX)


def _line(along: npt.NDArray[np.float64], place: npt.NDArray[np.float64], support: float) -> Edge | None:
    """The straight line most points agree on, or None when fewer than `support` do; no randomness."""
    count = len(along)
    if count < max(12.0, support):
        return None
    first = np.repeat(np.linspace(0, count // 2 - 1, 12).astype(int), 12)
    second = np.tile(np.linspace(count // 2, count - 1, 12).astype(int), 12)
    slopes = (place[second] - place[first]) / (along[second] - along[first])
    offsets = place[first] - slopes * along[first]
    near = np.abs(slopes[:, None] * along + offsets[:, None] - place) <= EDGE_TOLERANCE_PX
    # The first of those that most points agree on.
    best = near[int(np.where(np.abs(slopes) <= EDGE_SLOPE, near.sum(axis=1), -1).argmax())]
    if abs(slopes).min() > EDGE_SLOPE or best.sum() < max(12.0, support):
        return None
    slope, offset = np.polyfit(along[best], place[best], 1)
    return float(slope), float(offset)


def _mirrored(edge: Edge, length: int) -> Edge:
    """An edge found in the mirrored picture, in the picture's own coordinates."""
    return -edge[0], length - edge[1]


def _cross(upright: Edge, level: Edge) -> Point:
    """Where x = a y + b meets y = c x + d."""
    a, b = upright
    c, d = level
    x = (a * d + b) / (1 - a * c)
    return x, c * x + d


def _perspective(target: Sequence[Point], source: Sequence[Point]) -> tuple[float, ...]:
    """Pillow's eight coefficients that take each target corner from its source corner."""
    rows: list[list[float]] = []
    values: list[float] = []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return tuple(np.linalg.solve(np.array(rows), np.array(values)).tolist())


def _grid(image: Any) -> Grid:
    return np.asarray(image, dtype=np.float32)
