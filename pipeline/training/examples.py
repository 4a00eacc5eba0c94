"""What a run learns from: the photographs of a snapshot with their targets, folds and inner splits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from db.errors import EchoDeskError
from pipeline.config.settings import ExperimentSettings, LossSettings, TrainingSettings
from pipeline.dataset.folds import FoldRow, assign_folds
from pipeline.dataset.opened import OpenedSnapshot, Pair
from pipeline.modeling.targets import Targets, build_targets
from pipeline.training.run_folder import rows_sha256

Places = NDArray[np.int64]

_LOW_EF = 0.5


@dataclass(frozen=True, eq=False)
class Split:
    """Which photographs one model learns from, stops by, and is judged on. Patients are whole in each.

    Attributes:
        training, validation, held_out: places among the examples, ascending.
    """

    fold: int
    training: Places
    validation: Places
    held_out: Places


@dataclass(frozen=True, eq=False)
class Examples:
    """Photographs with targets, in the order of the snapshot's table.

    Attributes:
        folds: of each photograph, shape [n].
        sites_of_folds: fold -> site, where each site is a fold; None otherwise.
    """

    pairs: tuple[Pair, ...]
    targets: Targets
    folds: Places
    sites_of_folds: dict[str, str] | None = None

    @cached_property
    def records(self) -> dict[str, list[int]]:
        """Row id -> the places of its photographs, in order."""
        found: dict[str, list[int]] = {}
        for place, pair in enumerate(self.pairs):
            found.setdefault(pair.row_id, []).append(place)
        return found

    def rows_sha256(self, places: Places) -> str:
        """One hash for the records of these photographs."""
        return rows_sha256(self.pairs[place].row_id for place in places.tolist())

    def splits(self, share: float, seed: int) -> list[Split]:
        """One split a fold; `share` of the other folds' groups decide when to stop."""
        return [self._split(int(fold), share, seed) for fold in np.unique(self.folds)]

    def learnt_targets(self, split: Split, training: TrainingSettings, seed: int) -> Targets:
        """What a fold's model learns from and is stopped by: the targets, or those outside its fold shuffled.

        A record's photographs keep one label; the fold's own labels stay where they are and teach nothing.
        """
        if training.labels == "true":
            return self.targets
        others = [at for at in self.records.values() if self.folds[at[0]] != split.fold]
        order = np.random.default_rng([seed, split.fold]).permutation(len(others))
        ef, rwma = self.targets.ef.copy(), self.targets.rwma.copy()
        for own, other in zip(others, order.tolist(), strict=True):
            given = others[other][0]
            ef[own], rwma[own] = self.targets.ef[given], self.targets.rwma[given]
        return replace(self.targets, ef=ef, rwma=rwma)

    def _split(self, fold: int, share: float, seed: int) -> Split:
        others = np.flatnonzero(self.folds != fold)
        kept_back = _drawn_groups(
            {self.pairs[place].group_id: self._stratum(place) for place in others.tolist()},
            share,
            seed=[seed, fold],
        )
        is_kept_back = np.array([self.pairs[place].group_id in kept_back for place in others], dtype=bool)
        return Split(fold, others[~is_kept_back], others[is_kept_back], np.flatnonzero(self.folds == fold))

    def _stratum(self, place: int) -> tuple[int, int]:
        """Wall motion, then whether the EF is low, high or not known: what both parts should have alike."""
        ef = float(self.targets.ef[place])
        return int(self.targets.rwma[place]), -1 if np.isnan(ef) else int(ef < _LOW_EF)


def _drawn_groups(groups: dict[str, tuple[int, int]], share: float, *, seed: Sequence[int]) -> set[str]:
    """A share of the groups, at least one, spread evenly over the strata; chance within a stratum."""
    rng = np.random.default_rng(seed)
    names = sorted(groups)
    shuffled = [names[place] for place in rng.permutation(len(names))]
    ordered = sorted(shuffled, key=lambda name: groups[name])
    start = rng.random()
    drawn = {
        name
        for place, name in enumerate(ordered)
        if int((place + 1) * share + start) > int(place * share + start)
    }
    return drawn or {ordered[0]}


def read_examples(
    snapshot: OpenedSnapshot, pairs: tuple[Pair, ...], settings: ExperimentSettings
) -> Examples:
    """A snapshot's photographs with their targets, ready to be divided.

    Args:
        pairs: those of the snapshot that have a usable picture.

    Raises:
        EchoDeskError: a label can't be true, or a fold can be neither taught nor judged; names it.
    """
    targets = build_targets(pairs, [pair.row_id for pair in pairs], settings.targets)
    folds, sites = _folds(snapshot, pairs, settings.training)
    gaps = list(fold_gaps(folds, targets, settings.losses))
    if gaps:
        more = f" (and {len(gaps) - 1} more)" if len(gaps) > 1 else ""
        raise EchoDeskError(
            f"snapshot {snapshot.name} can't be learnt from in {len(np.unique(folds))} folds: "
            f"{gaps[0]}{more}",
            _remedy(targets, settings.losses)
            if sites is None
            else "Leave small sites out: echodesk snapshot create NAME --where \"site != 'NAME'\".",
        )
    return Examples(pairs, targets, folds, sites)


def _remedy(targets: Targets, losses: LossSettings) -> str:
    """What helps: more records or fewer folds, unless there is nothing of a kind in any fold."""
    if losses.rwma_weight and not ((targets.rwma == 1).any() and (targets.rwma == 0).any()):
        return "All labels of wall motion are alike; to teach EF alone: --set losses.rwma_weight=0."
    if losses.ef_weight and not targets.has_ef.any():
        return "No record states an EF; to teach wall motion alone: --set losses.ef_weight=0."
    return "Freeze a larger snapshot, or use fewer folds: --folds N."


def _folds(
    snapshot: OpenedSnapshot, pairs: Sequence[Pair], training: TrainingSettings
) -> tuple[Places, dict[str, str] | None]:
    """The snapshot's own folds; where another number is wanted, its records dealt anew by the same rule; or
    sites.
    """
    if training.folds_by == "site":
        return site_folds(pairs)
    if training.folds == len(snapshot.folds):
        return np.array([pair.fold for pair in pairs], dtype=np.int64), None
    rows = {
        pair.row_id: FoldRow(pair.row_id, pair.group_id, pair.ef_stratum, pair.rwma, pair.site)
        for pair in pairs
    }
    dealt = assign_folds(list(rows.values()), folds=training.folds)
    return np.array([dealt[pair.row_id] for pair in pairs], dtype=np.int64), None


def site_folds(pairs: Sequence[Pair]) -> tuple[Places, dict[str, str]]:
    """Each site is a fold: what a model says about a clinic that it learnt nothing from.

    Returns:
        the fold of each photograph; and fold -> site.

    Raises:
        EchoDeskError: a record has no site, there is one site only, or patients (or groups of look-alikes)
            were at two: put into either fold, they would tell one site about the other.
    """
    sites = sorted({pair.site for pair in pairs})
    nowhere = len({pair.row_id for pair in pairs if not pair.site})
    if nowhere or len(sites) < 2:
        what = f"{nowhere} records have no site" if nowhere else "all records are of one site"
        raise EchoDeskError(
            f"{what}; sites can't be folds",
            "Freeze a snapshot of records with sites: --where, or train without --folds-by site.",
        )
    of_group: dict[str, set[str]] = {}
    for pair in pairs:
        of_group.setdefault(pair.group_id, set()).add(pair.site)
    travelled = sum(len(of) > 1 for of in of_group.values())
    if travelled:
        raise EchoDeskError(
            f"{travelled} patients or groups of look-alike pictures were at two sites; sites can't be folds",
            "Freeze a snapshot without their second site's records, or train without --folds-by site.",
        )
    folds = {site: fold for fold, site in enumerate(sites)}
    return (
        np.array([folds[pair.site] for pair in pairs], dtype=np.int64),
        {str(fold): site for site, fold in folds.items()},
    )


def fold_gaps(folds: Places, targets: Targets, losses: LossSettings) -> Iterator[str]:
    """What a fold has nothing of, one sentence each; with a gap it can be neither taught nor judged."""
    kinds: dict[str, NDArray[np.bool_]] = {}
    if losses.ef_weight:
        kinds["stated ejection fraction"] = targets.has_ef
    if losses.rwma_weight:
        kinds["significant wall-motion abnormality"] = targets.rwma == 1
        kinds["record without a significant wall-motion abnormality"] = targets.rwma == 0
    counts = {kind: Counter(folds[has].tolist()) for kind, has in kinds.items()}
    for fold in np.unique(folds).tolist():
        yield from (f"fold {fold} has no {kind}" for kind, of in counts.items() if not of[fold])
