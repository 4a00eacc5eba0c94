"""What a bundle's answers rest on, fitted on the out-of-fold answers of its run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.measures.predicting.conformal import BandErrors
from pipeline.dataset.opened import OpenedSnapshot
from pipeline.evaluation.answers import Answers
from pipeline.evaluation.calibration import line_scores, platt_line
from pipeline.evaluation.parts.conformal import COVERAGE, band_limits
from pipeline.evaluation.screens import rwma_screen
from pipeline.imaging.augment import VIEWS
from pipeline.modeling.onnx_export import Graphs
from pipeline.serving.answer import spreads_of
from pipeline.serving.bundle import Calibrated, EfBands, Points, RwmaSets, Spreads
from pipeline.serving.photos.decoding import decoded
from pipeline.serving.runtime import Runtime
from pipeline.serving.screen import ask
from pipeline.training.run_folder import Run

# Photographs of the snapshot that say how far models lie apart: a percentile needs no more.
_ASKED_AT_MOST: Final = 300


def calibration(answers: Answers) -> Calibrated | None:
    """The line through all out-of-fold answers; None where all labels are alike."""
    screen = rwma_screen(answers)
    if not 0 < screen.positives < screen.n:
        return None
    line = platt_line(line_scores(screen), screen.is_positive)
    return Calibrated(intercept=line.intercept, slope=line.slope, n=screen.n, positives=screen.positives)


def ef_bands(answers: Answers) -> EfBands:
    """Errors of all out-of-fold answers, by the band of the true EF."""
    known = answers.where(answers.has_ef)
    limits = tuple(band_limits(known.ef_percent))
    errors = BandErrors.of(known.ef_percent - known.ef_said, known.ef_percent, limits, COVERAGE)
    ends = tuple((_finite(low), _finite(high)) for low, high in errors.ends)
    return EfBands(coverage=COVERAGE, limits=limits, ends=ends, n=known.n)


def rwma_sets(answers: Answers) -> RwmaSets:
    """Where sets of wall motion end, by all out-of-fold answers."""
    screen = rwma_screen(answers)
    ill, score = screen.is_positive, screen.score
    return RwmaSets(
        coverage=COVERAGE,
        absent_up_to=_last_usual(score[~ill]),
        present_from=None if (last := _last_usual(-score[ill])) is None else -last,
        n=screen.n,
    )


def _last_usual(strangeness: NDArray[np.float64]) -> float | None:
    """The strangest score whose p value among a class is above 1 minus the coverage; None for any score."""
    n = len(strangeness)
    fewest = next(count for count in range(n + 1) if (count + 1) / (n + 1) > 1 - COVERAGE)
    return float(np.sort(strangeness)[n - fewest]) if fewest else None


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def usual_spreads(run: Run, snapshot: OpenedSnapshot, graphs: Graphs) -> Spreads | None:
    """How far the models lie apart on the snapshot's photographs, by the graphs that will answer.

    None where they are one model, or the snapshot has no pictures.
    """
    pairs = [pair for pair in snapshot.pairs if pair.picture is not None]
    runtime, picture = Runtime(graphs.body, graphs.heads), run.settings.picture
    found = []
    for pair in pairs[:: max(1, len(pairs) // _ASKED_AT_MOST)]:
        image = decoded((pair.picture or snapshot.folder).read_bytes())
        found.append(spreads_of(ask(runtime, image, picture, views=VIEWS)))
    if not found or len(run.checkpoints()) < 2:
        return None
    ef, rwma = (tuple(sorted(values)) for values in zip(*found, strict=True))
    return Spreads(ef_percent=ef, rwma=rwma)


def percentiles(values: NDArray[np.float64]) -> tuple[float, ...]:
    """0 to 100; empty where there is no number."""
    known = values[np.isfinite(values)]
    return tuple(np.percentile(known, np.arange(101)).tolist()) if len(known) else ()


def how_fitted(answers: Answers, fitted: Mapping[str, Any]) -> dict[str, str]:
    """One sentence for each part that is there."""
    n_ef, n_rwma = int(answers.has_ef.sum()), int(answers.has_rwma.sum())
    said = {
        "calibration": f"Platt's line, fitted on the out-of-fold answers to {n_rwma} records.",
        "ef_bands": (
            f"Errors of the out-of-fold answers to {n_ef} records, kept apart by the band of the true EF; "
            "the mean of all models errs less than the single models these errors are of."
        ),
        "rwma_sets": f"Label-conditional sets, by the out-of-fold answers to {n_rwma} records.",
        "spreads": (
            "How far the models lay apart on photographs of the snapshot. All but one of them learnt from "
            "each patient, so new patients find them further apart: agreement is rather too low."
        ),
        "points": (
            "The seed paper's operating points: chosen elsewhere, not on this run's data."
            if fitted["points"] == Points()
            else "The abnormal cuts miss a tenth of the ill of each head on average, by the out-of-fold "
            "answers; the priority cuts and the agreement are the seed paper's, where these are more extreme."
        ),
    }
    return {name: sentence for name, sentence in said.items() if fitted[name] is not None}
