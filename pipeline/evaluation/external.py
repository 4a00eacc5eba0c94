"""External validation: the frozen fold models of a run, asked about patients that none of them ever saw.

Every model answers every record; the mean is the answer, as at deployment. Nothing is fitted on the new
records but a shift of the mean, shown beside (recalibration in the large), itself out of fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from db.errors import EchoDeskError
from db.measures.estimate import Estimate
from db.measures.predicting.logistic import chances, fit_logistic, log_odds
from db.measures.predicting.redraws import Redraws
from pipeline.dataset.opened import OpenedSnapshot, Pair, refuse_bad_pictures
from pipeline.evaluation.answers import Answers, Floats, age_band
from pipeline.evaluation.asking import Advance, Models, Said, checkpoints_of, models_of, said_of
from pipeline.evaluation.calibration import ProbabilityNumbers, probability_numbers
from pipeline.evaluation.ef_numbers import EfNumbers, ef_numbers
from pipeline.evaluation.numbers import Numbers, NumbersSettings, all_numbers
from pipeline.evaluation.overlap import CountPeople, Overlap, overlap_of, refuse_overlap
from pipeline.evaluation.screens import rwma_screen
from pipeline.modeling.targets import build_targets
from pipeline.training.run_folder import Run


@dataclass(frozen=True)
class External:
    """How a run does on data it never saw.

    Attributes:
        models: how many answered. asked: `run`, or `bundle` with its id.
        records: that all of them answered; `left_out`: unreadable photographs.
        overlap: what was looked for before.
        numbers: of the models as they are.
        ef_in_the_large, rwma_in_the_large: after a shift of the mean that was fitted on the other folds of
            the new records.
        shifts: `ef_points` and `rwma_log_odds` to add; fitted on all new records.
    """

    snapshot: str
    content_sha256: str
    models: int
    asked: str
    records: int
    left_out: int
    overlap: Overlap
    numbers: Numbers
    ef_in_the_large: EfNumbers
    rwma_in_the_large: ProbabilityNumbers | None
    shifts: dict[str, Estimate]


def ready_for(
    run: Run, trained: OpenedSnapshot, new: OpenedSnapshot, count_people: CountPeople | None = None
) -> Overlap:
    """What is in both snapshots, where the run can be validated on the new one; asks no model.

    Raises:
        EchoDeskError: the run is of another snapshot than `trained`, has no models, or saw some of `new`.
    """
    if run.manifest["content_sha256"] != trained.content_sha256:
        raise EchoDeskError(
            f"run {run.name} was trained on other data than snapshot {trained.name}",
            "Name the snapshot that the run's data.json names.",
        )
    overlap = overlap_of(trained, new, count_people)
    refuse_overlap(overlap)
    checkpoints_of(run)
    return overlap


def external_answers(
    run: Run, new: OpenedSnapshot, *, models: Models | None = None, on_progress: Advance | None = None
) -> tuple[Answers, int]:
    """The mean answer of all models to every record, and how many photographs could not be read.

    Args:
        models: those of a bundle of the run. Default: its own networks.

    Raises:
        EchoDeskError: the run has no models, the snapshot no pictures, or more than 1 % can't be read.
    """
    pairs = new.with_pictures()
    said, bad = said_of(models or models_of(run), pairs, run.settings, on_progress)
    unusable = [(pairs[place], why) for place, why in sorted(bad.items())]
    refuse_bad_pictures(unusable, len(pairs))
    places: dict[str, list[int]] = {}
    for place, pair in enumerate(pairs):
        if place not in bad:
            places.setdefault(pair.row_id, []).append(place)
    return _answers(run, pairs, list(places.values()), said), len(bad)


def external(
    run: Run,
    trained: OpenedSnapshot,
    new: OpenedSnapshot,
    rng: np.random.Generator,
    settings: NumbersSettings,
    *,
    models: Models | None = None,
    count_people: CountPeople | None = None,
    on_progress: Advance | None = None,
) -> tuple[External, Answers]:
    """Validate a run on another snapshot; the answers too, for `sufficient`.

    Args:
        models: see `external_answers`.

    Raises:
        EchoDeskError: the run is of another snapshot than `trained`, has seen some of the new one, or see
            `external_answers`.
    """
    overlap = ready_for(run, trained, new, count_people)
    answers, left_out = external_answers(run, new, models=models, on_progress=on_progress)
    moved = in_the_large(answers)
    redraws = Redraws.of(answers.patients, rng, settings.resamples)
    screen = rwma_screen(moved)
    rwma = None
    if 0 < screen.positives < screen.n and screen.said is not None:
        rwma = probability_numbers(screen.said, screen.is_positive, redraws.where(screen.kept))
    found = External(
        snapshot=new.name,
        content_sha256=new.content_sha256,
        models=len(run.checkpoints()) if models is None else models.number,
        asked="run" if models is None else models.name,
        records=answers.n,
        left_out=left_out,
        overlap=overlap,
        numbers=all_numbers(answers, rng, settings),
        ef_in_the_large=ef_numbers(moved, redraws),
        rwma_in_the_large=rwma,
        shifts=_shifts(answers),
    )
    return found, answers


def in_the_large(answers: Answers) -> Answers:
    """EFs moved by their mean error, and log-odds by one constant, each fold by what the others say."""
    ef, rwma = answers.ef_said.copy(), answers.rwma_said.copy()
    for fold in np.unique(answers.folds):
        asked = answers.folds == fold
        points, odds = _shift(answers, np.logical_not(asked))
        ef[asked] = np.clip(ef[asked] + points, 0, 100)
        rwma[asked] = chances(log_odds(rwma[asked]) + odds)
    return replace(answers, ef_said=ef, rwma_said=rwma)


def _shift(answers: Answers, learnt: NDArray[np.bool_]) -> tuple[float, float]:
    """What to add to EFs and to log-odds by these records; 0 where they can't say."""
    has_ef = answers.has_ef & learnt
    points = float((answers.ef_percent - answers.ef_said)[has_ef].mean()) if has_ef.any() else 0.0
    has_rwma = answers.has_rwma & learnt
    n = int(has_rwma.sum())
    if not n:
        return points, 0.0
    outcomes = (answers.rwma[has_rwma] == 1).astype(np.float64)
    found = fit_logistic(
        np.ones((n, 1)), outcomes, np.ones((1, n)), offset=log_odds(answers.rwma_said[has_rwma])
    )
    odds = float(found[0, 0])
    return points, odds if np.isfinite(odds) else 0.0


def _shifts(answers: Answers) -> dict[str, Estimate]:
    points, odds = _shift(answers, np.ones(answers.n, dtype=bool))
    nan = float("nan")
    return {
        "ef_points": Estimate(points, nan, nan, int(answers.has_ef.sum())),
        "rwma_log_odds": Estimate(odds, nan, nan, int(answers.has_rwma.sum())),
    }


def _answers(run: Run, pairs: Sequence[Pair], records: Sequence[list[int]], said: Said) -> Answers:
    """One answer a record: the mean over its photographs, the views and the models."""
    first = [pairs[places[0]] for places in records]
    targets = build_targets(first, [pair.row_id for pair in first], run.settings.targets)

    def mean(of: Floats) -> Floats:
        return np.array([of[:, places].mean() for places in records])

    def spread(of: Floats) -> Floats:
        return np.array([of[:, places].mean(axis=(1, 2)).std() for places in records])

    return Answers(
        row_ids=tuple(pair.row_id for pair in first),
        patients=np.array([pair.patient_id for pair in first], dtype=np.str_),
        folds=np.array([pair.fold for pair in first], dtype=np.int64),
        ef_percent=np.round(100 * targets.ef.astype(np.float64), 4),
        rwma=targets.rwma,
        ef_said=np.clip(mean(said.ef_percent), 0, 100),
        rwma_said=mean(said.rwma_probability),
        ef_one_view=np.clip(mean(said.ef_percent[:, :, :1]), 0, 100),
        rwma_one_view=mean(said.rwma_probability[:, :, :1]),
        ef_spread=spread(said.ef_percent),
        rwma_spread=spread(said.rwma_probability),
        spread_over="models",
        groups=_groups(first),
    )


def _groups(first: Sequence[Pair]) -> dict[str, tuple[str, ...]]:
    """Columns in which records differ."""
    columns = {
        "sex": tuple(pair.sex or "unknown" for pair in first),
        "age": tuple(age_band(pair.age_years) for pair in first),
        "site": tuple(pair.site or "unknown" for pair in first),
    }
    return {name: values for name, values in columns.items() if len(set(values)) > 1}
