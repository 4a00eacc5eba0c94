"""Pages whose waveform, header, paper and light are changed one at a time, as the network sees them.

Where the signals behind the photographs are known, pages are drawn anew on the path that training pictures
took, and masks are exact. Where they are not, the trace of the photographs is estimated and cut out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.config.settings import PictureSettings
from pipeline.dataset.opened import Pair
from pipeline.dataset.study.pages import JPEG_QUALITY, Look, printed
from pipeline.imaging.backgrounds import on_other_paper, paper_without_trace
from pipeline.imaging.capture import encode_jpeg, photograph
from pipeline.imaging.paper import GRID_MM, EcgPage
from pipeline.imaging.photo_file import decode_photo, read_photo
from pipeline.imaging.preprocess import decoded_px, mask_to_square, straightened, to_square
from pipeline.imaging.rectify import rectify
from pipeline.imaging.trace import estimate_trace
from pipeline.waveforms.recording import Recording

Square = NDArray[np.uint8]
Squares = NDArray[np.uint8]
Floats = NDArray[np.float64]
T = TypeVar("T")

# Two threads draw: OpenCV lets go of the interpreter meanwhile.
_WORKERS = 2


@dataclass(frozen=True, eq=False)
class Masked:
    """A page with what is where on it.

    Attributes:
        image: the photograph, RGB, uint8.
        square: what the network is fed, before normalisation; uint8, side x side.
        waveform: how much of each pixel of the square the trace covers, 0-1.
        beside: the same for text and margins: everything that is not the grid.
    """

    image: NDArray[np.uint8]
    square: Square
    waveform: Floats
    beside: Floats


def drawn(recording: Recording, look: Look, light: Look, settings: PictureSettings) -> Square:
    """A page as the network sees it.

    Args:
        look: whose paper and header. light: whose camera, table, light and angle.
    """
    return _captured(printed(recording, look), light, settings)[1]


def _captured(
    page: EcgPage, light: Look, settings: PictureSettings
) -> tuple[NDArray[np.uint8], Square, NDArray[np.float64]]:
    """The photograph, the square made of it, and where the page's pixels went in the photograph."""
    photo = photograph(page.image, light.generator(), light.condition)
    data = encode_jpeg(photo.image, JPEG_QUALITY)
    image = decode_photo(data, "a drawn page", at_least_px=decoded_px(settings))
    return photo.image, to_square(image, settings), photo.page_to_photo


def erased(recording: Recording) -> Recording:
    """No trace at all: lead names and calibration pulses are printed, nothing else."""
    return replace(recording, signal_mv=np.full_like(recording.signal_mv, np.nan))


def masked(recording: Recording, look: Look, settings: PictureSettings) -> Masked:
    """A page with its exact masks."""
    page = printed(recording, look)
    image, square, page_to_photo = _captured(page, look, settings)
    grid = np.zeros(page.trace.shape, dtype=np.uint8)
    left, top, right, bottom = (round(side * page.px_per_mm) for side in GRID_MM)
    grid[top : bottom + 1, left : right + 1] = 255
    trace = page.trace & ~printed(erased(recording), look).trace
    waveform, paper = (
        _share(_on_square(mask, page_to_photo, image, settings))
        for mask in (trace.astype(np.uint8) * np.uint8(255), grid)
    )
    return Masked(image, square, waveform, 1 - paper)


def _on_square(
    mask: NDArray[np.uint8], page_to_photo: Floats, image: NDArray[np.uint8], settings: PictureSettings
) -> Square:
    import cv2

    size = (image.shape[1], image.shape[0])
    moved = cv2.warpPerspective(mask, page_to_photo, size)
    if settings.rectify:
        straight = rectify(image)
        size = (straight.image.shape[1], straight.image.shape[0])
        moved = cv2.warpPerspective(moved, straight.photo_to_image, size)
    return mask_to_square(np.asarray(moved, dtype=np.uint8), settings)


def _share(mask: Square) -> Floats:
    return mask.astype(np.float64) / 255.0


@dataclass(frozen=True, eq=False)
class CutOut:
    """A real photograph's square and an estimate of its trace.

    Attributes:
        square: uint8, side x side.
        trace: how much of each pixel the estimate covers, 0-255.
    """

    square: Square
    trace: Square

    @property
    def paper(self) -> Square:
        """The square without the trace."""
        return paper_without_trace(self.square, self.trace)

    def on(self, paper: Square) -> Square:
        """The trace on another paper."""
        return on_other_paper(self.square, self.trace, paper)


def cut_out(image: NDArray[np.uint8], settings: PictureSettings) -> CutOut:
    """A photograph (RGB, uint8) with its trace estimated."""
    straight = straightened(image, settings)
    return CutOut(to_square(image, settings), mask_to_square(estimate_trace(straight), settings))


def photograph_of(pair: Pair, settings: PictureSettings) -> NDArray[np.uint8]:
    """A record's own photograph, RGB, uint8.

    Raises:
        EchoDeskError: it can't be read.
    """
    assert pair.picture is not None  # noqa: S101 - only pairs with pictures are asked about
    return read_photo(pair.picture, at_least_px=decoded_px(settings))


@dataclass(frozen=True, eq=False)
class DrawnPages:
    """Pages drawn from signals, on the path that training pictures took."""

    recordings: Sequence[Recording]
    looks: Sequence[Look]
    settings: PictureSettings
    masks: str = "exact"
    changes: tuple[str, ...] = ("header", "paper", "tint", "look")

    def own(self, place: int) -> Square:
        """The page as it is."""
        return drawn(self.recordings[place], self.looks[place], self.looks[place], self.settings)

    def erased(self, place: int) -> Square:
        """The same sheet, photographed in the same way, before the trace was printed."""
        look = self.looks[place]
        return drawn(erased(self.recordings[place]), look, look, self.settings)

    def changed(self, change: str, place: int, other: int) -> Square:
        """The page with header, paper, tint (camera, light, table) or all three of another patient."""
        own, theirs = self.looks[place], self.looks[other]
        look = {
            "header": replace(own, header=theirs.header),
            "paper": replace(own, grid=theirs.grid),
            "tint": own,
            "look": theirs,
        }[change]
        light = theirs if change in ("tint", "look") else own
        return drawn(self.recordings[place], look, light, self.settings)

    def with_waveform(self, place: int, other: int) -> Square:
        """The page with another patient's waveform."""
        return drawn(self.recordings[other], self.looks[place], self.looks[place], self.settings)


@dataclass(frozen=True, eq=False)
class CutPages:
    """Real photographs whose trace is estimated: what the estimate misses stays on the paper."""

    cut: Sequence[CutOut]
    masks: str = "estimated"
    changes: tuple[str, ...] = ("background",)

    def own(self, place: int) -> Square:
        """The photograph as it is."""
        return self.cut[place].square

    def erased(self, place: int) -> Square:
        """The photograph with its trace painted over."""
        return self.cut[place].paper

    def changed(self, change: str, place: int, other: int) -> Square:
        """The trace on another patient's photograph."""
        del change
        return self.cut[place].on(self.cut[other].paper)

    def with_waveform(self, place: int, other: int) -> Square:
        """Another patient's trace on this photograph."""
        return self.cut[other].on(self.cut[place].paper)


def in_threads(make: Callable[[int], T], n: int) -> list[T]:
    """`make` of each place below n, in order, two at a time."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        return list(pool.map(make, range(n)))


def stacked(squares: Sequence[Square]) -> Squares:
    """Squares as one array, n x side x side."""
    return np.stack(squares)
