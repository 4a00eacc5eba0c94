"""Reference rows: what simpler methods say about the same records in the same folds.

A network's number means something beside them only. Each row is made out of fold: constants, age and sex,
what can be said of a picture without its waveform, the signal itself, and signal and pixels together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from db.measures.estimate import Estimate, unknown
from db.tabular import Column, Kind
from pipeline.dataset.opened import Pair
from pipeline.dataset.probe.features import UnreadablePictureError, picture_features
from pipeline.training.scores import Answers, Truth, mae_gain, scores
from pipeline.waveforms.features import random_kernels, recording_features
from pipeline.waveforms.recording import Recording

Floats = NDArray[np.float64]

MEAN: Final = "constant mean"
MEDIAN: Final = "constant median"
NETWORK: Final = "network"
SIGNAL: Final = "signal"
_RIDGES: Final = np.logspace(-1, 5, 13)

COLUMNS: Final = (
    Column("method", Kind.TEXT, "what answered"),
    *(
        Column(f"{measure}{end}", Kind.NUMBER if end != "_n" else Kind.INTEGER, meaning)
        for measure, meaning in (
            ("ef_mae_points", "mean absolute error of EF, lower is better"),
            ("ef_r", "correlation with the EF"),
            ("rwma_auroc", "telling significant wall motion, 0.5 is chance"),
            ("ef_gain_points", "error of the constant median minus this one's, above 0 is better"),
        )
        for end in ("", "_low", "_high", "_n")
    ),
)


@dataclass(frozen=True, eq=False)
class Records:
    """The records that methods are compared on.

    Attributes:
        pairs: each record's first photograph.
        folds: shape [n].
        truth: EF in percent and wall motion; not known where they are no target.
    """

    pairs: Sequence[Pair]
    folds: NDArray[np.int64]
    truth: Truth


def reference_answers(records: Records, signals: Mapping[str, Recording] | None) -> dict[str, Answers]:
    """Out-of-fold answers of every method that there is something to learn from, by its name.

    Args:
        signals: row id -> the record's waveform, where they exist; all or none.
    """
    found = {MEAN: _constant(records, np.mean), MEDIAN: _constant(records, np.median)}
    demographics = _demographics(records.pairs)
    if demographics is not None:
        found["age and sex"] = _linear(records, demographics)
    pictures = _picture_features(records.pairs)
    if pictures is not None:
        found["picture without waveform"] = _linear(records, pictures)
    if signals is not None:
        found[SIGNAL] = _linear(records, _signal_features(records.pairs, signals))
    return found


def with_stacked(
    records: Records, found: Mapping[str, Answers], network: Answers, one_view: Answers
) -> dict[str, Answers]:
    """The rows with the network's, and signal and network together where there is a signal.

    Args:
        network: mean over shifted views. one_view: the same networks without test-time augmentation.
    """
    rows = {**found, NETWORK: network, f"{NETWORK}, one view": one_view}
    if SIGNAL in found:
        signal = found[SIGNAL]
        both = [network.ef_percent, network.rwma_score, signal.ef_percent, signal.rwma_score]
        rows[f"{SIGNAL} and {NETWORK}"] = _linear(records, np.column_stack(both))
    return rows


def reference_table(
    records: Records, rows: Mapping[str, Answers], *, seed: int
) -> dict[str, dict[str, Estimate]]:
    """Every method's measures, each with n and its interval over patients."""
    table = {}
    for name, answers in rows.items():
        table[name] = scores(records.truth, answers, seed=seed)
        table[name]["ef_gain_points"] = mae_gain(records.truth, answers, rows[MEDIAN], seed=seed)
        if name in (MEAN, MEDIAN):
            # A fold's constant leans away from that fold's own EFs: its correlation says nothing.
            table[name]["ef_r"] = unknown(table[name]["ef_r"].n)
    return table


def table_rows(table: Mapping[str, Mapping[str, Estimate]]) -> list[dict[str, Any]]:
    """The table as rows of `COLUMNS`."""
    rows = []
    for method, measures in table.items():
        row: dict[str, Any] = {"method": method}
        for name, one in measures.items():
            row |= {name: one.value, f"{name}_low": one.low, f"{name}_high": one.high, f"{name}_n": one.n}
        rows.append(row)
    return rows


def _out_of_fold(
    records: Records, answer: Callable[[NDArray[np.bool_], NDArray[np.bool_]], Floats]
) -> Floats:
    """Each fold's records answered by what the other folds taught: `answer(learnt from, asked about)`."""
    said = np.full(len(records.folds), np.nan)
    for fold in np.unique(records.folds):
        is_asked = records.folds == fold
        said[is_asked] = answer(np.logical_not(is_asked), is_asked)
    return said


def _constant(records: Records, middle: Callable[[Floats], Any]) -> Answers:
    truth = records.truth

    def ef(learnt: NDArray[np.bool_], asked: NDArray[np.bool_]) -> Floats:
        known = truth.ef_percent[learnt & np.isfinite(truth.ef_percent)]
        return np.full(int(asked.sum()), float(middle(known)) if len(known) else np.nan)

    # The same for everybody in all folds: a share that differs from fold to fold would rank the folds.
    return Answers(_out_of_fold(records, ef), np.zeros(len(records.folds)))


def _linear(records: Records, features: Floats) -> Answers:
    """Ridge regression for EF and a ridge classifier for wall motion; each chooses its own strength."""
    truth = records.truth

    def ef(learnt: NDArray[np.bool_], asked: NDArray[np.bool_]) -> Floats:
        from sklearn.linear_model import RidgeCV

        known = learnt & np.isfinite(truth.ef_percent)
        if not known.any():
            return np.full(int(asked.sum()), np.nan)
        inside, outside = _standardised(features, known, asked)
        model = RidgeCV(alphas=_RIDGES).fit(inside, truth.ef_percent[known])
        return np.asarray(model.predict(outside), dtype=np.float64)

    def rwma(learnt: NDArray[np.bool_], asked: NDArray[np.bool_]) -> Floats:
        from sklearn.linear_model import RidgeClassifierCV

        known = learnt & (truth.rwma >= 0)
        if len(np.unique(truth.rwma[known])) < 2:
            return np.full(int(asked.sum()), np.nan)
        inside, outside = _standardised(features, known, asked)
        model = RidgeClassifierCV(alphas=_RIDGES, class_weight="balanced").fit(inside, truth.rwma[known])
        return np.asarray(model.decision_function(outside), dtype=np.float64)

    return Answers(_out_of_fold(records, ef), _out_of_fold(records, rwma))


def _standardised(
    features: Floats, learnt: NDArray[np.bool_], asked: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Scaled by what was learnt from alone; what does not vary there is left out."""
    middle, spread = features[learnt].mean(axis=0), features[learnt].std(axis=0)
    varies = spread > 1e-9
    scaled = (features[:, varies] - middle[varies]) / spread[varies]
    return scaled[learnt], scaled[asked]


def _demographics(pairs: Sequence[Pair]) -> Floats | None:
    """Age, sex and what is missing of them; None where the snapshot has neither."""
    if not any(pair.age_years is not None or pair.sex for pair in pairs):
        return None
    ages = np.array([np.nan if pair.age_years is None else pair.age_years for pair in pairs])
    known = np.isfinite(ages)
    middle = float(ages[known].mean()) if known.any() else 0.0
    return np.column_stack([
        np.where(known, ages, middle),
        np.logical_not(known),
        [pair.sex == "female" for pair in pairs],
        [pair.sex is None for pair in pairs],
    ]).astype(np.float64)  # fmt: skip


def _picture_features(pairs: Sequence[Pair]) -> Floats | None:
    """Colour, header, borders, size and file of each picture; the mean's where one can't be opened."""
    found: list[Floats | None] = []
    for pair in pairs:
        try:
            found.append(picture_features(pair.picture.read_bytes()) if pair.picture else None)
        except (OSError, UnreadablePictureError):
            found.append(None)
    known = [one for one in found if one is not None]
    if not known:
        return None
    middle = np.mean(known, axis=0)
    return np.stack([middle if one is None else one for one in found])


def _signal_features(pairs: Sequence[Pair], signals: Mapping[str, Recording]) -> Floats:
    """Random convolutions of what a page shows of each record; the kernels are the same in every run."""
    kernels = random_kernels(np.random.default_rng(0))
    rows = [recording_features(signals[pair.row_id], kernels, page_only=True) for pair in pairs]
    return np.stack(rows).astype(np.float64)
