"""How often the intervals of a study in which nothing is planted hold chance.

Its labels are dealt anew among its records many times, so that nothing can be told in any of them; each time
folds are dealt by the labels as a snapshot deals them, the `cpu` profile's heads are fitted where they begin
(ridge regressions on the frozen layers, one view), and r and AUROC of the out-of-fold answers get the
intervals over patients that every run prints. Labels are dealt freely, evenly over phone and scan, or evenly
over both in each fold; and once taken as they are.

    PYTHONPATH=. python tests/experiments/ecg_photo/nothing.py SNAPSHOT [SNAPSHOT ...] [--deals 40]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import Ridge, RidgeCV

from db.measures.proportions import exact_share
from pipeline.config.files import PROFILES, override
from pipeline.dataset.folds import FoldRow, assign_folds
from pipeline.dataset.opened import open_snapshot
from pipeline.dataset.study.pages import looks_beside
from pipeline.imaging.capture import Condition
from pipeline.imaging.photo_file import read_photo
from pipeline.imaging.preprocess import normalised, to_square
from pipeline.training.computing import first_weights
from pipeline.training.scores import Answers, Truth, scores

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Deal = Callable[[np.random.Generator], Places]

AT_ONCE = 16
BANDS = (30, 40, 50)


@dataclass(frozen=True, eq=False)
class Records:
    """A study's records: what the frozen layers say, what was photographed by a phone, and the labels."""

    shown: Floats
    is_phone: NDArray[np.bool_]
    ef: Floats
    is_ill: NDArray[np.bool_]


def read(snapshot: Path) -> Records:
    """The records of a study and their principal components."""
    settings = override(PROFILES["cpu"], {"backbone.frozen_through_block": 4})
    pairs = open_snapshot(snapshot).with_pictures()
    looks = looks_beside(snapshot.with_name(f"{snapshot.name}.signals"))
    assert looks is not None
    network = first_weights(settings).network(settings, seed=1).eval()
    features = []
    with torch.inference_mode():
        for start in range(0, len(pairs), AT_ONCE):
            some = [pair.picture for pair in pairs[start : start + AT_ONCE] if pair.picture is not None]
            squares = [
                normalised(to_square(read_photo(file), settings.picture), settings.picture) for file in some
            ]
            shown = network.trunk(torch.from_numpy(np.stack(squares)))
            features.append(network.features(shown).double().numpy())
    found = np.concatenate(features)
    found = (found - found.mean(axis=0)) / np.maximum(found.std(axis=0), 1e-6)
    left, sizes, _ = np.linalg.svd(found, full_matrices=False)
    return Records(
        left * sizes,
        np.array([looks[pair.row_id].condition == Condition.PHONE for pair in pairs]),
        np.array([pair.ef_percent for pair in pairs], np.float64),
        np.array([pair.rwma_severity in ("moderate", "severe") for pair in pairs]),
    )


def folds_of(ef: Floats, is_ill: NDArray[np.bool_]) -> Places:
    """The folds that a snapshot deals these labels into."""
    names = [f"{place:05d}" for place in range(len(ef))]
    bands = np.digitize(ef, BANDS)
    rows = [
        FoldRow(name, name, str(band), str(ill), "")
        for name, band, ill in zip(names, bands, is_ill, strict=True)
    ]
    by_name = assign_folds(rows)
    return np.array([by_name[name] for name in names])


def freely(records: Records) -> Deal:
    """Labels to records by chance alone."""
    return lambda rng: rng.permutation(len(records.ef))


def evenly(records: Records, *within: Floats | Places | NDArray[np.bool_]) -> Deal:
    """Labels to records by chance, but neighbours in an order the same share to phone and scan.

    Args:
        within: what labels are put in order by, the most important first; equal ones by chance.
    """
    n, scans = len(records.ef), int((~records.is_phone).sum())

    def deal(rng: np.random.Generator) -> Places:
        order = np.lexsort((rng.random(n), *within[::-1]))
        to_scan = np.zeros(n, bool)
        edges = np.linspace(0, n, scans + 1).astype(int)
        to_scan[[rng.integers(low, high) for low, high in zip(edges, edges[1:], strict=False)]] = True
        given = np.empty(n, np.int64)
        for kind in (True, False):
            given[rng.permutation(np.flatnonzero(records.is_phone != kind))] = order[to_scan == kind]
        return given

    return deal


def answers(shown: Floats, ef: Floats, is_ill: NDArray[np.bool_], folds: Places) -> Answers:
    """Out of fold, by weighted ridge regressions that choose their own strength."""
    said = np.zeros((2, len(ef)))
    for fold in np.unique(folds):
        here, rest = folds == fold, folds != fold
        weights = np.where(is_ill[rest], 0.5 / is_ill[rest].mean(), 0.5 / (~is_ill[rest]).mean())
        for row, wanted, weigh in ((0, ef, None), (1, np.where(is_ill, 1.0, -1.0), weights)):
            found = RidgeCV(np.logspace(0, 6, 13)).fit(shown[rest], wanted[rest], sample_weight=weigh)
            one = Ridge(found.alpha_).fit(shown[rest], wanted[rest], sample_weight=weigh)
            said[row, here] = one.predict(shown[here])
    return Answers(said[0], said[1])


def dealt(records: Records, given: Places, folds: Places, seed: int) -> list[float]:
    """r, its interval, AUROC and its interval, for labels dealt so.

    Args:
        given: which record's label each record gets, shape [n].
        folds: of the labels.
    """
    ef, is_ill = records.ef[given], records.is_ill[given]
    said = answers(records.shown, ef, is_ill, folds[given])
    patients = [str(place) for place in range(len(ef))]
    found = scores(Truth(ef, is_ill.astype(np.int64), patients), said, seed=seed)
    r, auroc = found["ef_r"], found["rwma_auroc"]
    return [r.value, r.low, r.high, auroc.value, auroc.low, auroc.high]


def report(name: str, table: Floats) -> None:
    """Mean, spread, half-width of the intervals, and how many of them hold chance."""
    for what, start, chance in (("r", 0, 0.0), ("AUROC", 3, 0.5)):
        value, low, high = table[:, start : start + 3].T
        holds = int(((low <= chance) & (chance <= high)).sum())
        above, below = int((low > chance).sum()), int((high < chance).sum())
        share, wide = exact_share(holds, len(table)), ((high - low) / 3.92).mean()
        print(  # noqa: T201 - a script
            f"{name} {what}: mean {value.mean():.3f}, spread {value.std():.3f}, by the intervals {wide:.3f}; "
            f"chance in {holds} of {len(table)} = {share.value:.3f} [{share.low:.3f}, {share.high:.3f}], "
            f"{above} above, {below} below"
        )


def main() -> None:
    """Print each way of dealing, over all studies."""
    parser = argparse.ArgumentParser()
    parser.add_argument("snapshots", type=Path, nargs="+")
    parser.add_argument("--deals", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="where tables are kept and added to, .npz")
    asked = parser.parse_args()
    tables: dict[str, list[list[float]]] = {
        name: [] for name in ("as they are", "freely", "evenly", "evenly in folds")
    }
    if asked.keep and asked.keep.exists():
        tables |= {name: rows.tolist() for name, rows in np.load(asked.keep).items()}
    for snapshot in asked.snapshots:
        records = read(snapshot)
        folds = folds_of(records.ef, records.is_ill)
        ways = (
            freely(records),
            evenly(records, records.is_ill, records.ef),
            evenly(records, folds, records.is_ill, records.ef),
        )
        own = np.arange(len(folds))
        tables["as they are"].append(dealt(records, own, folds, len(tables["as they are"])))
        for name, deal in zip(list(tables)[1:], ways, strict=True):
            for number in range(asked.deals):
                rng = np.random.default_rng([number, len(tables[name])])
                tables[name].append(dealt(records, deal(rng), folds, number))
    for name, rows in tables.items():
        if rows:
            report(name, np.array(rows))
    if asked.keep:
        np.savez(asked.keep, **{name: np.array(rows) for name, rows in tables.items()})


if __name__ == "__main__":
    main()
