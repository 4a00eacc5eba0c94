"""How well some numbers tell classes apart: a ridge discriminant, cross-validated, against permuted labels.

A ridge regression on class indicators instead of a logistic one: for two classes its direction is that of the
linear discriminant, and all permutations of the labels are solved at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.measures.bootstrap import redrawn_groups
from db.measures.discrimination import auroc, mean_auroc, mid_ranks
from db.measures.p_values import permutation_p, permuted_labels

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FOLDS: Final = 5
# One unit of ridge a feature on the standardised scale: fixed, so that nothing is chosen on the data.
RIDGE: Final = 1.0
# Standardised features are cut here, so that one odd picture does not bend the line.
MOST_SPREADS: Final = 4.0


@dataclass(frozen=True)
class Separation:
    """An out-of-fold AUROC.

    Attributes:
        auroc: mean over classes, one against the rest, 0-1; 0.5 is chance.
        low, high: its 95 % interval over groups redrawn.
        by_class: the AUROC of each class against the rest.
        p: share of permuted labels that are told apart as well, counting the real ones.
        chance: the 95th percentile of the AUROC with permuted labels.
    """

    auroc: float
    low: float
    high: float
    by_class: tuple[float, ...]
    p: float
    chance: float
    n: int
    groups: int


def separation(
    inputs: Floats, labels: Ints, groups: Ints, *, seed: int, permutations: int, resamples: int
) -> Separation:
    """How well `inputs` predict `labels` for groups that were not learnt from.

    Args:
        inputs: shape (n, features). labels: classes 0 to k-1, shape (n,). groups: what may not be parted,
            shape (n,).
    """
    generator = np.random.default_rng(seed)
    folds = group_folds(labels, groups, generator)
    shuffled = [permuted_labels(labels, groups, generator) for _ in range(permutations)]
    scores = out_of_fold(inputs, np.stack([labels, *shuffled]), folds)
    found = mean_auroc(scores[0], labels)
    permuted = [mean_auroc(one, those) for one, those in zip(scores[1:], shuffled, strict=True)]
    redrawn = [
        mean_auroc(scores[0][drawn], labels[drawn])
        for drawn in redrawn_groups(groups, generator=generator, resamples=resamples)
    ]
    low, high = np.nanquantile(redrawn, [0.025, 0.975])
    return Separation(
        auroc=found,
        low=float(low),
        high=float(high),
        by_class=tuple(auroc(scores[0][:, place], labels == place) for place in range(scores.shape[2])),
        p=permutation_p(found, permuted),
        chance=float(np.nanquantile(permuted, 0.95)),
        n=len(labels),
        groups=len(np.unique(groups)),
    )


def group_folds(labels: Ints, groups: Ints, generator: np.random.Generator) -> Ints:
    """A fold for every row: groups whole, large ones first, each to the fold with the least of its class."""
    names, places, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    counts = np.zeros((len(names), labels.max() + 1))
    np.add.at(counts, (places, labels), 1)
    filled = np.zeros((FOLDS, counts.shape[1]))
    fold_of = np.zeros(len(names), dtype=np.int64)
    order = generator.permutation(len(names))
    for group in order[np.argsort(-sizes[order], kind="stable")]:
        fold = int(np.argmin(filled @ counts[group] + 1e-6 * filled.sum(axis=1)))
        fold_of[group] = fold
        filled[fold] += counts[group]
    return np.asarray(fold_of[places])


def out_of_fold(inputs: Floats, labels: Ints, folds: Ints) -> Floats:
    """Scores of every class for rows not learnt from, for several sets of labels at once.

    Args:
        labels: shape (sets, n).

    Returns:
        Shape (sets, n, classes). A fold's own mean is left out of its scores: the shares of the classes among
        the other folds would tell a constant feature apart, the wrong way round.
    """
    targets = np.eye(labels.max() + 1)[labels]
    sets, n, classes = targets.shape
    flat = targets.transpose(1, 0, 2).reshape(n, sets * classes)
    scores = np.zeros_like(flat)
    for fold in range(FOLDS):
        test = folds == fold
        if not test.any() or test.all():
            continue
        scaled = _with_squares(inputs, ~test)
        known, wanted = scaled[~test], flat[~test] - flat[~test].mean(axis=0)
        line = np.linalg.solve(known.T @ known + RIDGE * np.eye(known.shape[1]), known.T @ wanted)
        scores[test] = scaled[test] @ line
    return scores.reshape(n, sets, classes).transpose(1, 0, 2)


def _with_squares(inputs: Floats, learnt: NDArray[np.bool_]) -> Floats:
    """Standardised features and their squares (a class may lie in the middle), by the rows that are learnt
    from.
    """
    scaled = _standardised(inputs, learnt)
    return np.column_stack([scaled, _standardised(scaled**2, learnt)])


def _standardised(inputs: Floats, learnt: NDArray[np.bool_]) -> Floats:
    middle, spread = inputs[learnt].mean(axis=0), inputs[learnt].std(axis=0)
    varies = spread > 1e-9
    scaled = np.where(varies, (inputs - middle) / np.where(varies, spread, 1.0), 0.0)
    return np.asarray(np.clip(scaled, -MOST_SPREADS, MOST_SPREADS))


def feature_separations(
    inputs: Floats, labels: Ints, groups: Ints, *, seed: int, permutations: int
) -> list[tuple[float, float]]:
    """For every feature by itself: AUROC of the class it tells best (0.5-1), and p corrected for all
    features.

    The correction compares each with the best of all features and classes on permuted labels.

    Source: Westfall and Young 1993, Resampling-Based Multiple Testing (single-step maxT).
    """
    generator = np.random.default_rng(seed)
    ranks = np.column_stack([mid_ranks(column) for column in inputs.T])
    real = _best_of_classes(ranks, labels)
    most = np.array(
        [
            _best_of_classes(ranks, permuted_labels(labels, groups, generator)).max()
            for _ in range(permutations)
        ]
    )
    return [(0.5 + float(one), permutation_p(one, list(most))) for one in real]


def _best_of_classes(ranks: Floats, labels: Ints) -> Floats:
    """How far from 0.5 the AUROC of each feature is for the class it tells best, shape (features,)."""
    classes = np.eye(labels.max() + 1)[labels]
    counts = classes.sum(axis=0)
    pairs = np.maximum(1, counts * (len(labels) - counts))
    values = (classes.T @ ranks - (counts * (counts + 1) / 2)[:, None]) / pairs[:, None]
    return np.asarray(np.abs(values - 0.5)[counts > 0].max(axis=0))
