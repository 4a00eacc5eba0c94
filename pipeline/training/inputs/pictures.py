"""The photographs of a snapshot as the network's squares: decoded once, kept as one grey channel.

Augmentation works on this channel; normalisation comes last. What is kept is uint8, 384 x 384 = 147 kB a
picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from db.errors import EchoDeskError
from pipeline.config.settings import AugmentationSettings, PictureSettings
from pipeline.imaging.augment import VIEWS, augmented, shifted
from pipeline.imaging.backgrounds import on_other_paper
from pipeline.imaging.photo_file import read_photo
from pipeline.imaging.preprocess import decoded_px, normalised, to_square
from pipeline.imaging.trace import read_trace, trace_to_square
from pipeline.training.batches import Places
from pipeline.training.reporting import Advance

Squares = NDArray[np.uint8]
Change = Callable[[Squares, int, np.random.Generator], Squares]

# Pages show 1.5 % or more; where less was found, the trace was not, and it would stay on the paper.
_LEAST_TRACE: Final = 0.005


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
        return to_square(read_photo(file, at_least_px=decoded_px(settings)), settings)

    return read


def trace_reader(file: Path | None, kept: Path | None, settings: PictureSettings) -> Callable[[], Squares]:
    """What says where one photograph's trace is, as its square shows it, when it is called.

    Args:
        kept: where its mask may lie; without one the trace is looked for.
    """

    def read() -> Squares:
        if file is None:
            raise EchoDeskError("there is no picture")
        image = read_photo(file)  # whole, like the mask
        height, width = image.shape[:2]
        mask = None if kept is None else read_trace(kept, (height, width))
        return trace_to_square(image, mask, settings)

    return read


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


class BackMix:
    """The change that lays a trace on the paper of another patient of the same fold.

    A model that learns from one record of a fold may learn from every record of it, so no paper of a held-out
    fold is ever shown, whichever fold that is: one set of changed pictures serves all folds.

    Args:
        traces: where each square's trace is, uint8 0-255, n x size x size. papers: the squares without it.
        rows: where each place's square is among them.
        folds, groups: of each place; what belongs to one patient is in one group.
        share: of the drawn pictures, 0-1.
    """

    def __init__(
        self,
        traces: Squares,
        papers: Squares,
        rows: Places,
        *,
        folds: Places,
        groups: Sequence[str],
        share: float,
    ) -> None:
        self._traces, self._papers, self._rows = traces, papers, rows
        self._folds, self._groups, self._share = folds, groups, share

    @cached_property
    def has_trace(self) -> NDArray[np.bool_]:
        """Whether the trace of each place is known, shape [n]; of others neither trace nor paper is used."""
        covered = [float(self._traces[row].mean()) / 255 for row in self._rows]
        return np.array(covered) > _LEAST_TRACE

    @cached_property
    def _by_fold(self) -> dict[int, Places]:
        return {
            fold: np.flatnonzero((self._folds == fold) & self.has_trace)
            for fold in np.unique(self._folds).tolist()
        }

    def donor(self, place: int, rng: np.random.Generator) -> int | None:
        """Whose paper a place gets, or None where there is nobody to ask."""
        others = self._by_fold[int(self._folds[place])]
        start = int(rng.integers(max(1, len(others))))
        turned = np.concatenate([others[start:], others[:start]])
        return next((int(other) for other in turned if self._groups[int(other)] != self._groups[place]), None)

    def __call__(self, square: Squares, place: int, rng: np.random.Generator) -> Squares:
        """The square, or its trace on another paper."""
        if rng.random() >= self._share or not self.has_trace[place]:
            return square
        other = self.donor(place, rng)
        if other is None:
            return square
        trace, paper = self._traces[self._rows[place]], self._papers[self._rows[other]]
        return on_other_paper(square, np.asarray(trace), np.asarray(paper))


def augmentation(settings: AugmentationSettings, backmix: BackMix | None = None) -> list[Change]:
    """The changes of a training picture; none where they are switched off."""
    if not settings.enabled:
        return []
    changes: list[Change] = [] if backmix is None else [backmix]
    return [*changes, lambda square, _, rng: augmented(square, rng, settings)]
