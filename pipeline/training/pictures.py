"""The photographs of a snapshot as the network's squares: decoded once, kept as one grey channel.

Augmentation works on this channel; normalisation comes last. What is kept is uint8, 384 x 384 = 147 kB a
picture.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from db.errors import EchoDeskError
from pipeline.config.settings import AugmentationSettings, PictureSettings
from pipeline.imaging.augment import VIEWS, augmented, shifted
from pipeline.imaging.photo_file import read_photo
from pipeline.imaging.preprocess import normalised, to_square
from pipeline.training.batches import Places
from pipeline.training.reporting import Advance

Squares = NDArray[np.uint8]
Change = Callable[[Squares, int, np.random.Generator], Squares]


def keep_squares(
    read: Sequence[Callable[[], Squares]],
    size_px: int,
    file: Path,
    *,
    workers: int,
    on_progress: Advance | None = None,
) -> tuple[Squares, dict[int, str]]:
    """Make every picture's square once, into a memory-mapped file.

    Args:
        read: gives one picture's square, uint8, size_px x size_px; raises EchoDeskError where it can't.
        file: a new one appears whole; one that is there already was made by an earlier try and is taken.

    Returns:
        uint8, n x size x size, in the order of `read`, zeros for unusable ones; and place -> why not.
    """
    reasons = file.with_suffix(".bad.npy")
    if file.exists() and reasons.exists():
        kept = dict(np.load(reasons).tolist())
        return np.load(file, mmap_mode="r"), {int(place): str(why) for place, why in kept.items()}
    partial = file.with_suffix(".partial")
    shape = (len(read), size_px, size_px)
    squares = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=shape)
    bad: dict[int, str] = {}
    with ThreadPoolExecutor(workers) as pool:
        for place, made in enumerate(pool.map(_tried, read)):
            if isinstance(made, str):
                bad[place] = made
            else:
                squares[place] = made
            if on_progress is not None:
                on_progress(place + 1, len(read))
    squares.flush()
    np.save(reasons, np.array([[str(place), why] for place, why in bad.items()], dtype=str).reshape(-1, 2))
    partial.replace(file)
    return squares, bad


def square_reader(file: Path | None, settings: PictureSettings) -> Callable[[], Squares]:
    """What decodes and preprocesses one photograph when it is called; raises EchoDeskError where it can't."""

    def read() -> Squares:
        if file is None:
            raise EchoDeskError("there is no picture")
        return to_square(read_photo(file, at_least_px=settings.working_px), settings)

    return read


def workers() -> int:
    """Pictures that are decoded at the same time."""
    return max(1, min(os.cpu_count() or 1, 8))


def _tried(read: Callable[[], Squares]) -> Squares | str:
    try:
        return read()
    except EchoDeskError as error:
        return error.message


class PictureInputs:
    """Squares as network inputs, changed anew each time they are drawn.

    Args:
        squares: uint8, n x size x size.
        changes: done in order to each square that is drawn, given its place and its own chance.
        rows: where each place's square is among them; None where it is the place itself.
        views: of `plain`: 1, or up to `VIEWS` with mild shifts for test-time augmentation.
    """

    are_activations = False

    def __init__(
        self,
        squares: Squares,
        settings: PictureSettings,
        *,
        changes: Sequence[Change] = (),
        rows: Places | None = None,
        views: int = VIEWS,
    ) -> None:
        self._squares, self._settings, self._changes = squares, settings, changes
        self._rows = np.arange(len(squares)) if rows is None else rows
        self.views = views

    def drawn(self, places: Places, seeds: Places) -> Tensor:
        """Changed pictures, float32 [n, 3, size, size]."""
        return self._tensor([self._one(int(p), int(s)) for p, s in zip(places, seeds, strict=True)])

    def _one(self, place: int, seed: int) -> Squares:
        square, rng = self._square(place), np.random.default_rng(seed)
        for change in self._changes:
            square = change(square, place, rng)
        return square

    def plain(self, places: Places, view: int = 0) -> Tensor:
        """Pictures as they are, or mildly shifted, float32 [n, 3, size, size]."""
        squares = [self._square(int(place)) for place in places]
        return self._tensor([shifted(square, view) for square in squares])

    def _square(self, place: int) -> Squares:
        return np.asarray(self._squares[self._rows[place]])

    def _tensor(self, squares: Sequence[Squares]) -> Tensor:
        return torch.from_numpy(np.stack([normalised(square, self._settings) for square in squares]))


def augmentation(settings: AugmentationSettings) -> list[Change]:
    """The changes of a training picture; none where they are switched off."""
    return [lambda square, _, rng: augmented(square, rng, settings)] if settings.enabled else []
