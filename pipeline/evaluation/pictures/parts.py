"""The part of an evaluation that changes pictures: counterfactuals, heat maps, and what they mean.

Reads the run, the snapshot, and where they lie beside it, the signals behind its photographs
(`<name>.signals`): with these, pages are drawn anew and every mask is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.errors import EchoDeskError
from pipeline.config.settings import PictureSettings
from pipeline.dataset.opened import OpenedSnapshot, Pair
from pipeline.dataset.study.pages import any_look, looks_beside, read_signals
from pipeline.evaluation.pictures.attributions import Attributions, attributions
from pipeline.evaluation.pictures.counterfactuals import Answering, Counterfactuals, Pages, counterfactuals
from pipeline.evaluation.pictures.pages import (
    CutPages,
    DrawnPages,
    Squares,
    cut_out,
    in_threads,
    masked,
    photograph_of,
)
from pipeline.evaluation.pictures.shortcuts import (
    Spread,
    attribution_verdicts,
    prediction_spread,
    shortcut_verdicts,
)
from pipeline.evaluation.pictures.subjects import Subjects, choose_subjects
from pipeline.evaluation.results import NotRun, Verdict
from pipeline.imaging.preprocess import normalised
from pipeline.modeling.ensemble import Predictions
from pipeline.modeling.fold_networks import FoldNetworks
from pipeline.training.run_folder import Run

NO_PICTURES: Final = "no_pictures"
NO_SIGNALS: Final = "no_signals"
NO_LABELS: Final = "no_labels"


@dataclass(frozen=True)
class Budget:
    """How much is asked.

    Attributes:
        patients: whose pages are changed. explained: of these, whose are explained by heat maps.
        resamples: of every interval.
    """

    patients: int = 100
    explained: int = 20
    resamples: int = 1000


@dataclass(frozen=True)
class PictureParts:
    """What changing pictures showed.

    Attributes:
        counterfactuals: or why there are none.
        attributions: heat maps against exact masks; not run without signals.
        spread: of the predictions; None where no EF is known.
        verdicts: faults and warnings.
    """

    counterfactuals: Counterfactuals | NotRun
    attributions: Attributions | NotRun
    spread: Spread | None
    verdicts: tuple[Verdict, ...]


def picture_parts(
    run: Run, snapshot: OpenedSnapshot, rng: np.random.Generator, settings: Budget | None = None
) -> PictureParts:
    """Change and explain the pictures of a sample of patients; each by the models that never saw them.

    Raises:
        EchoDeskError: a model, a photograph or a signal can't be read.
    """
    budget = settings or Budget()
    rows = run.predictions()
    spread = prediction_spread(rows, seed=int(rng.integers(2**31)), resamples=budget.resamples)
    pairs = [pair for pair in snapshot.pairs if pair.picture is not None]
    if not pairs:
        return PictureParts(NotRun(NO_PICTURES), NotRun(NO_PICTURES), spread, ())
    subjects = choose_subjects(pairs, rows, budget.patients, rng)
    if not subjects.pairs:
        return PictureParts(NotRun(NO_LABELS), NotRun(NO_LABELS), spread, ())
    networks = FoldNetworks.load(run.checkpoints())
    picture = run.settings.picture
    pages = pages_of(subjects.pairs, snapshot, picture, rng)
    answer = answering(networks, picture)
    found = counterfactuals(subjects, pages, answer, rng, resamples=budget.resamples)
    told = shortcut_verdicts(found)
    if not isinstance(pages, DrawnPages):
        return PictureParts(found, NotRun(NO_SIGNALS), spread, tuple(told))
    where = _attributions(subjects, pages, networks, picture, rng, budget.explained)
    return PictureParts(found, where, spread, (*told, *attribution_verdicts(where)))


def answering(networks: FoldNetworks, settings: PictureSettings) -> Answering:
    """A run's networks as something that answers squares, out of fold, one view each."""

    import torch

    def answer(squares: Squares, folds: NDArray[np.int64]) -> Predictions:
        pictures = np.stack([normalised(square, settings) for square in squares])
        return networks.out_of_fold(torch.from_numpy(pictures), folds)

    return answer


def pages_of(
    pairs: tuple[Pair, ...], snapshot: OpenedSnapshot, settings: PictureSettings, rng: np.random.Generator
) -> Pages:
    """Pages drawn from the signals beside a snapshot; where there are none, its photographs, cut."""
    signals = signals_beside(snapshot)
    if signals is None:
        cut = in_threads(lambda at: cut_out(photograph_of(pairs[at], settings), settings), len(pairs))
        return CutPages(cut)
    recordings = read_signals(signals, pairs)
    looks = looks_beside(signals)
    if looks is None:
        looks = {pair.row_id: any_look(number, rng) for number, pair in enumerate(pairs, start=1)}
    missing = [pair.row_id for pair in pairs if pair.row_id not in looks]
    if missing:
        raise EchoDeskError(
            f"{signals} says nothing of record {missing[0]} (and {len(missing) - 1} more)",
            "Put the signals of this very snapshot beside it, or take the folder away.",
        )
    ids = [pair.row_id for pair in pairs]
    return DrawnPages([recordings[row] for row in ids], [looks[row] for row in ids], settings)


def signals_beside(snapshot: OpenedSnapshot) -> Path | None:
    """The folder of signals that the study wrote beside its snapshot, where it is."""
    folder = snapshot.folder.with_name(f"{snapshot.folder.name}.signals")
    return folder if folder.is_dir() else None


def _attributions(
    subjects: Subjects,
    pages: DrawnPages,
    networks: FoldNetworks,
    settings: PictureSettings,
    rng: np.random.Generator,
    n: int,
) -> Attributions:
    chosen = np.sort(rng.permutation(len(subjects.pairs))[: max(1, n)])
    seen = in_threads(
        lambda at: masked(pages.recordings[chosen[at]], pages.looks[chosen[at]], settings), len(chosen)
    )
    return attributions(seen, subjects.folds[chosen], networks, settings, rng)
