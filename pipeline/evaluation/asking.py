"""Models asked about photographs they never learnt from: a run's own networks, or those of a bundle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.errors import EchoDeskError
from pipeline.config.settings import ExperimentSettings
from pipeline.dataset.opened import Pair
from pipeline.evaluation.answers import Floats
from pipeline.training.run_folder import Run

_AT_ONCE: Final = 16

Advance = Callable[[int, int], None]
# Pictures, shape [n, 3, side, side] -> EF in percent and the probability of wall motion, each [models, n].
Ask = Callable[[NDArray[np.float32]], tuple[Floats, Floats]]


@dataclass(frozen=True, eq=False)
class Models:
    """What is asked.

    Attributes:
        name: `run`, or `bundle` with its id. number: of models.
    """

    name: str
    number: int
    ask: Ask


@dataclass(frozen=True, eq=False)
class Said:
    """Shape [models, photographs, views]."""

    ef_percent: Floats
    rwma_probability: Floats


def checkpoints_of(run: Run) -> list[Path]:
    """A run's networks. Raises EchoDeskError where it has none."""
    files = list(run.checkpoints())
    if not files:
        raise EchoDeskError(f"run {run.name} has no models", "Name a finished run of echodesk train.")
    return files


def models_of(run: Run) -> Models:
    """A run's own networks.

    Raises:
        EchoDeskError: it has none, or one can't be read.
    """
    import torch

    from pipeline.modeling.fold_networks import FoldNetworks

    files = checkpoints_of(run)
    networks = FoldNetworks.load(files)

    def ask(pictures: NDArray[np.float32]) -> tuple[Floats, Floats]:
        answers = networks.each(torch.from_numpy(pictures))
        return np.stack([one.ef_percent for one in answers]), np.stack(
            [one.rwma_probability for one in answers]
        )

    return Models("run", len(files), ask)


def said_of(
    models: Models, pairs: Sequence[Pair], settings: ExperimentSettings, on_progress: Advance | None
) -> tuple[Said, dict[int, str]]:
    """Every model about every shifted view of every photograph; and place -> why one can't be read."""
    from pipeline.imaging.augment import VIEWS

    shape = (models.number, len(pairs), VIEWS)
    said = Said(np.full(shape, np.nan), np.full(shape, np.nan))
    bad: dict[int, str] = {}
    for start in range(0, len(pairs), _AT_ONCE):
        squares: dict[int, NDArray[np.uint8]] = {}
        for place in range(start, min(start + _AT_ONCE, len(pairs))):
            try:
                squares[place] = _square(pairs[place].picture, settings)
            except EchoDeskError as error:
                bad[place] = str(error)
        if squares:
            _ask(models, squares, settings, said)
        if on_progress is not None:
            on_progress(min(start + _AT_ONCE, len(pairs)), len(pairs))
    return said, bad


def _square(file: Path | None, settings: ExperimentSettings) -> NDArray[np.uint8]:
    from pipeline.imaging.photo_file import read_photo
    from pipeline.imaging.preprocess import decoded_px, to_square

    if file is None:
        raise EchoDeskError("there is no picture")
    photo = read_photo(file, at_least_px=decoded_px(settings.picture))
    return np.asarray(to_square(photo, settings.picture), dtype=np.uint8)


def _ask(
    models: Models, squares: dict[int, NDArray[np.uint8]], settings: ExperimentSettings, said: Said
) -> None:
    from pipeline.imaging.augment import shifted
    from pipeline.imaging.preprocess import normalised

    places = list(squares)
    for view in range(said.ef_percent.shape[2]):
        pictures = np.stack([normalised(shifted(squares[at], view), settings.picture) for at in places])
        said.ef_percent[:, places, view], said.rwma_probability[:, places, view] = models.ask(pictures)
