"""What a site can send instead of its records: counts and sums, from which measures follow, and which pool.

No row leaves: scores are counted by label on a fixed fine grid, EFs enter sums as whole hundredths of a
point. Whole numbers add up the same in any order, so two sites pooled are exactly the two sites' records in
one. Small cells can be merged with their neighbours; two grids then pool on the edges that they share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from db.errors import EchoDeskError
from db.fields.strata import EF_STRATA
from db.measures.distributions import t_quantile
from db.measures.estimate import CONFIDENCE, Estimate, unknown
from db.measures.predicting.delong import delong_auroc
from db.measures.proportions import exact_share
from db.measures.reported import reported_correlation
from pipeline.evaluation.answers import Answers, Bools, Floats
from pipeline.evaluation.ef_numbers import bands_of
from pipeline.evaluation.screens import RWMA, Screen, screens_of

FORMAT: Final = "echodesk-sufficient/1"
# Cells of a probability, and of an EF in percent.
CELLS: Final = 200
_HUNDREDTHS: Final = 100


@dataclass(frozen=True)
class Histogram:
    """Scores of one question, counted by label.

    Attributes:
        edges: rising, in cells of the fixed grid, 0 to `CELLS`; cell k holds scores from edge k up to k + 1.
        positives, negatives: one count a cell.
    """

    edges: tuple[int, ...]
    positives: tuple[int, ...]
    negatives: tuple[int, ...]


@dataclass(frozen=True)
class Moments:
    """Sums over records with an EF; EFs and errors in hundredths of a point, whole numbers.

    Attributes:
        truth, said, truth_squared, said_squared, product: sums over the true and the predicted EFs.
        wrong_absolute: sum of the sizes of predicted minus true.
        within_5, within_10: records whose error is at most so many points.
    """

    n: int
    truth: int
    said: int
    truth_squared: int
    said_squared: int
    product: int
    wrong_absolute: int
    within_5: int
    within_10: int


@dataclass(frozen=True)
class Sufficient:
    """Everything that leaves a site.

    Attributes:
        patients: pooled as if no patient were at two sites.
        least: the smallest count that a cell may show beside 0; 1 shows all.
        screens: question -> its histogram; None where even the whole of it is too small.
        ef: `all` and each band of true EF -> sums; None where a band is too small.
    """

    records: int
    patients: int
    least: int
    screens: Mapping[str, Histogram | None]
    ef: Mapping[str, Moments | None]


def sufficient(answers: Answers, *, least: int = 1) -> Sufficient:
    """Counts and sums of answers.

    Args:
        least: merge cells, and leave out bands, until no count lies between 0 and this.
    """
    return Sufficient(
        records=answers.n,
        patients=len(set(answers.patients.tolist())),
        least=least,
        screens={screen.name: _hidden(_counted(screen), least) for screen in screens_of(answers)},
        ef=_sums(answers, least),
    )


def pooled(one: Sufficient, other: Sufficient) -> Sufficient:
    """Two sites as one: what `sufficient` gives of their records together, on the cells that both show."""
    return Sufficient(
        records=one.records + other.records,
        patients=one.patients + other.patients,
        least=max(one.least, other.least),
        screens={name: _added(one.screens[name], other.screens[name]) for name in one.screens},
        ef={name: _summed(one.ef[name], other.ef[name]) for name in one.ef},
    )


def measures(of: Sufficient) -> dict[str, dict[str, Estimate]]:
    """What follows: AUROC of each question; error, bias and correlation of EF, in all and by band.

    Intervals take records for patients. Scores within one cell count as ties.
    """
    found = {name: _of_histogram(one) for name, one in of.screens.items()}
    return {**found, **{f"ef {name}": _of_moments(one) for name, one in of.ef.items()}}


def as_json(of: Sufficient) -> dict[str, Any]:
    """The file that is sent."""
    return {"format": FORMAT, "cells": CELLS, **asdict(of)}


def from_json(values: Mapping[str, Any]) -> Sufficient:
    """What `as_json` gave.

    Raises:
        EchoDeskError: it is something else, or of another grid.
    """
    try:
        if (values["format"], values["cells"]) != (FORMAT, CELLS):
            raise ValueError(f"format {values['format']!r}")
        return Sufficient(
            records=int(values["records"]),
            patients=int(values["patients"]),
            least=int(values["least"]),
            screens={name: one and _histogram(one) for name, one in values["screens"].items()},
            ef={name: one and Moments(**one) for name, one in values["ef"].items()},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise EchoDeskError(
            "this is no file of counts and sums that this program can pool",
            "Make it with the same version: echodesk evaluate RUN --on SNAPSHOT --sufficient FILE.",
        ) from error


def _histogram(values: Mapping[str, Sequence[int]]) -> Histogram:
    return Histogram(*(tuple(values[name]) for name in ("edges", "positives", "negatives")))


def _counted(screen: Screen) -> Histogram:
    """On the whole grid."""
    # An EF is the lower, the likelier: its grid runs from 100 percent down.
    share = screen.score if screen.name == RWMA else 1 + screen.score / 100
    cells = np.clip(np.floor(share * CELLS), 0, CELLS - 1).astype(np.int64)
    positives, negatives = (
        tuple(np.bincount(cells[kind], minlength=CELLS).tolist())
        for kind in (screen.is_positive, np.logical_not(screen.is_positive))
    )
    return Histogram(tuple(range(CELLS + 1)), positives, negatives)


def _hidden(full: Histogram, least: int) -> Histogram | None:
    """Neighbours merged until no count lies between 0 and `least`; None where that leaves nothing."""
    edges, positives, negatives = [0], [], []
    held = np.zeros(2, dtype=np.int64)
    for edge, both in zip(full.edges[1:], zip(full.positives, full.negatives, strict=True), strict=True):
        held += both
        if not ((0 < held) & (held < least)).any():
            edges.append(edge)
            positives.append(int(held[0]))
            negatives.append(int(held[1]))
            held[:] = 0
    while held.any() and positives:
        # What is left over at the end joins the cells before it.
        held += (positives.pop(), negatives.pop())
        edges.pop()
        if not ((0 < held) & (held < least)).any():
            edges.append(full.edges[-1])
            positives.append(int(held[0]))
            negatives.append(int(held[1]))
            held[:] = 0
    return None if held.any() else Histogram(tuple(edges), tuple(positives), tuple(negatives))


def _added(one: Histogram | None, other: Histogram | None) -> Histogram | None:
    if one is None or other is None:
        return None
    edges = sorted(set(one.edges) & set(other.edges))
    columns = [
        [_within(of, getattr(of, name), edges) for of in (one, other)] for name in ("positives", "negatives")
    ]
    sums = (tuple(int(a + b) for a, b in zip(first, second, strict=True)) for first, second in columns)
    return Histogram(tuple(edges), *sums)


def _within(of: Histogram, counts: Sequence[int], edges: Sequence[int]) -> list[int]:
    """Counts on a coarser grid whose edges are among the histogram's."""
    upto = dict(zip(of.edges, np.concatenate(([0], np.cumsum(counts))).tolist(), strict=True))
    return [upto[high] - upto[low] for low, high in zip(edges, edges[1:], strict=False)]


def _sums(answers: Answers, least: int) -> dict[str, Moments | None]:
    kept = answers.has_ef
    truth, said = answers.ef_percent[kept], answers.ef_said[kept]
    found = {"all": _moments(truth, said, np.ones(len(truth), dtype=bool))}
    bands = bands_of(truth)
    none = np.zeros(len(truth), dtype=bool)
    found |= {band: _moments(truth, said, bands.get(band, none)) for band in EF_STRATA}
    hidden = {name for name, one in found.items() if 0 < one.n < least}
    shown = sorted((found[band].n, band) for band in EF_STRATA if band not in hidden and found[band].n)
    # What is hidden of the bands could be worked out as all less the others: enough must be hidden together.
    while 0 < sum(found[band].n for band in EF_STRATA if band in hidden) < least and shown:
        hidden.add(shown.pop(0)[1])
    return {name: None if name in hidden else one for name, one in found.items()}


def _moments(truth: Floats, said: Floats, chosen: Bools) -> Moments:
    true, answer = (np.rint(_HUNDREDTHS * one[chosen]).astype(np.int64) for one in (truth, said))
    wrong = np.abs(answer - true)
    sums = (true, answer, true * true, answer * answer, true * answer, wrong, wrong <= 500, wrong <= 1000)
    return Moments(int(chosen.sum()), *(int(one.sum()) for one in sums))


def _summed(one: Moments | None, other: Moments | None) -> Moments | None:
    if one is None or other is None:
        return None
    both, more = asdict(one), asdict(other)
    return Moments(**{name: both[name] + more[name] for name in both})


def _of_histogram(one: Histogram | None) -> dict[str, Estimate]:
    if one is None:
        return {"auroc": unknown()}
    cells = np.arange(len(one.positives), dtype=np.float64)
    scores = np.concatenate([np.repeat(cells, one.positives), np.repeat(cells, one.negatives)])
    is_positive = np.arange(len(scores)) < sum(one.positives)
    return {"auroc": delong_auroc(scores, is_positive)}


def _of_moments(one: Moments | None) -> dict[str, Estimate]:
    if one is None or one.n < 2:
        return dict.fromkeys(("mae", "bias", "r", "within_10"), unknown())
    n, scale = one.n, _HUNDREDTHS
    squared = one.truth_squared + one.said_squared - 2 * one.product
    truth_var = n * one.truth_squared - one.truth**2
    said_var = n * one.said_squared - one.said**2
    r = math.nan
    if truth_var > 0 and said_var > 0:
        r = (n * one.product - one.truth * one.said) / math.sqrt(truth_var) / math.sqrt(said_var)
    return {
        "mae": _mean(n, one.wrong_absolute / scale, squared / scale**2),
        "bias": _mean(n, (one.said - one.truth) / scale, squared / scale**2),
        "r": reported_correlation(r, n) if n > 3 and abs(r) < 1 else Estimate(r, math.nan, math.nan, n),
        "within_10": exact_share(one.within_10, n),
    }


def _mean(n: int, total: float, squares: float) -> Estimate:
    """A mean with Student's interval from sums."""
    mean = total / n
    variance = max(0.0, (squares - n * mean**2) / (n - 1))
    reach = t_quantile((1 + CONFIDENCE) / 2, n - 1) * math.sqrt(variance / n)
    return Estimate(mean, mean - reach, mean + reach, n)
