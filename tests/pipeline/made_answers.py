"""Out-of-fold answers made up by formula, like those of a network on the semi-synthetic cohort."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from pipeline.evaluation.answers import Answers, Method
from pipeline.waveforms.cohort_table import invent_cohort

FOLDS = 5


@lru_cache(maxsize=8)
def cohort(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, tuple[str, ...], tuple[str, ...]]:
    """EF in percent, significant wall motion, sex and site of invented patients."""
    patients = invent_cohort(n, np.random.default_rng([seed, 1]))
    return (
        np.array([one.ef_percent for one in patients]),
        np.array([int(one.is_rwma_significant) for one in patients]),
        tuple(one.sex for one in patients),
        tuple(one.site for one in patients),
    )


def made_answers(
    n: int = 500,
    *,
    seed: int = 0,
    ef_strength: float = 0.7,
    rwma_strength: float = 0.6,
    squeeze: float = 1.0,
    overconfidence: float = 1.0,
) -> Answers:
    """Answers that know so much: each is a part of the truth and a part of chance.

    Args:
        ef_strength: correlation of the predicted with the true EF, before anything is squeezed.
        rwma_strength: the same of the log-odds with the label.
        squeeze: how much of their spread the EF predictions keep.
        overconfidence: factor on the log-odds.
    """
    ef, rwma, sex, site = cohort(n, 7)
    rng = np.random.default_rng([seed, 2])
    guess = ef_strength * (ef - ef.mean()) / ef.std() + np.sqrt(1 - ef_strength**2) * rng.normal(size=n)
    said = ef.mean() + squeeze * ef_strength * ef.std() * guess
    z = (rwma - rwma.mean()) / rwma.std()
    hint = rwma_strength * z + np.sqrt(1 - rwma_strength**2) * rng.normal(size=n)
    odds = overconfidence * (2.2 * rwma_strength * hint - 1.2)
    views = rng.normal(size=(2, n))
    return Answers(
        row_ids=tuple(f"row{number:05d}" for number in range(n)),
        patients=np.array([f"patient{number:05d}" for number in range(n)]),
        folds=rng.permutation(n) % FOLDS,
        ef_percent=ef,
        rwma=rwma,
        ef_said=np.clip(said, 0, 100),
        rwma_said=1 / (1 + np.exp(-odds)),
        ef_one_view=np.clip(said + views[0], 0, 100),
        rwma_one_view=1 / (1 + np.exp(-odds - 0.2 * views[1])),
        ef_spread=np.abs(rng.normal(1.5, 0.5, n)) + 0.02 * np.abs(said - ef.mean()),
        rwma_spread=np.abs(rng.normal(0.05, 0.02, n)),
        groups={"sex": sex, "site": site},
        methods={"constant median": Method(np.full(n, np.median(ef)), np.zeros(n))},
    )
