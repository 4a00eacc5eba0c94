"""Out-of-fold answers invented by formula, as of a network of known quality: for tests and the bench."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np

from pipeline.evaluation.answers import Answers, Floats, Method
from pipeline.waveforms.cohort_table import PatientRow, invent_cohort

FOLDS: Final = 5
_COHORT_SEED: Final = 7


@lru_cache(maxsize=4)
def _cohort(n: int) -> tuple[PatientRow, ...]:
    """The same patients whatever the answers: the semi-synthetic table."""
    return tuple(invent_cohort(n, np.random.default_rng([_COHORT_SEED, 1])))


def _mixed(truth: Floats, strength: float, rng: np.random.Generator) -> Floats:
    """Standardised truth and chance, correlated with the truth by `strength`, shape (n,)."""
    scaled = (truth - truth.mean()) / truth.std()
    return np.asarray(strength * scaled + math.sqrt(1 - strength**2) * rng.normal(size=len(truth)))


def invented_answers(
    n: int = 500,
    *,
    seed: int = 0,
    ef_strength: float = 0.7,
    rwma_strength: float = 0.6,
    squeeze: float = 1.0,
    overconfidence: float = 1.0,
) -> Answers:
    """Answers about invented patients; each is part truth and part chance.

    Args:
        n: patients, at least 50, one record each. seed: of the answers and the folds; the patients stay.
        ef_strength: correlation of the predicted with the true EF, before anything is squeezed.
        rwma_strength: the same of the log-odds with the label.
        squeeze: factor on the spread of the EF predictions; 1 is that of the best guess.
        overconfidence: factor on the log-odds.
    """
    patients = _cohort(n)
    ef = np.array([one.ef_percent for one in patients])
    rwma = np.array([int(one.is_rwma_significant) for one in patients], dtype=np.int64)
    rng = np.random.default_rng([seed, 2])
    said = ef.mean() + squeeze * ef_strength * ef.std() * _mixed(ef, ef_strength, rng)
    hint = _mixed(rwma.astype(np.float64), rwma_strength, rng)
    odds = overconfidence * (2.2 * rwma_strength * hint - 1.2)
    views = rng.normal(size=(2, n))
    return Answers(
        row_ids=tuple(f"row{number:05d}" for number in range(n)),
        patients=np.array([f"patient{number:05d}" for number in range(n)], dtype=np.str_),
        folds=rng.permutation(n) % FOLDS,
        ef_percent=ef,
        rwma=rwma,
        ef_said=np.clip(said, 0, 100),
        rwma_said=1 / (1 + np.exp(-odds)),
        ef_one_view=np.clip(said + views[0], 0, 100),
        rwma_one_view=1 / (1 + np.exp(-odds - 0.2 * views[1])),
        ef_spread=np.abs(rng.normal(1.5, 0.5, n)) + 0.02 * np.abs(said - ef.mean()),
        rwma_spread=np.abs(rng.normal(0.05, 0.02, n)),
        groups={
            "sex": tuple(one.sex for one in patients),
            "site": tuple(one.site for one in patients),
        },
        methods={"constant median": Method(np.full(n, np.median(ef)), np.zeros(n))},
    )
