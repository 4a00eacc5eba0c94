"""Other runs of the same snapshot beside the one that is evaluated: the same records, paired over patients.

Two are worth having. With each site as a fold, a clinic is answered by models that learnt nothing from it:
folds of mixed clinics over-estimate. With labels shuffled nothing can be learnt, so what such a run
tells has leaked on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from db.errors import EchoDeskError
from db.measures.estimate import Estimate
from db.measures.predicting.redraws import Redraws
from pipeline.dataset.opened import OpenedSnapshot
from pipeline.evaluation.answers import Answers, Floats, Method, answers_of
from pipeline.evaluation.reference_rows import ReferenceRow, reference_row
from pipeline.evaluation.results import Severity, Verdict
from pipeline.training.run_folder import Run

# What a run that learnt from shuffled labels may tell by chance.
_CHANCE: Final = {"ef_r": 0.0, "rwma_auroc": 0.5, "ef_below_40_auroc": 0.5}
# Of three measures one 95 % interval lies above chance too often; one as wide as that of 99 % seldom does.
_SURE: Final = 2.576 / 1.960


@dataclass(frozen=True)
class BesideRun:
    """Another run of the snapshot.

    Attributes:
        kind: `site`: each site was a fold; `shuffled`: labels were; else `other`.
        records: that both answer.
        differs: setting -> its value in the run that is evaluated, and in this one.
        row: its measures, and how much better the evaluated run is in each.
    """

    run: str
    kind: str
    records: int
    differs: Mapping[str, tuple[Any, Any]]
    row: ReferenceRow


def refuse_strangers(run: Run, others: Sequence[Run]) -> None:
    """Refuse runs that can't stand beside this one, before any work.

    Raises:
        EchoDeskError: one is the run itself, or of another snapshot.
    """
    for other in others:
        if other.name == run.name:
            raise EchoDeskError(
                f"run {run.name} can't stand beside itself", "Name another run with --beside."
            )
        if other.manifest["content_sha256"] != run.manifest["content_sha256"]:
            raise EchoDeskError(
                f"runs {run.name} and {other.name} were trained on different data",
                "Name a run of the same snapshot with --beside.",
            )


def beside_runs(
    run: Run, others: Sequence[Run], snapshot: OpenedSnapshot, answers: Answers, redraws: Redraws
) -> tuple[BesideRun, ...]:
    """Each of the other runs, in their order.

    Args:
        answers: of the run, and redraws of its records.

    Raises:
        EchoDeskError: see `refuse_strangers`, `answers_of`.
    """
    refuse_strangers(run, others)
    return tuple(_beside(run, other, snapshot, answers, redraws) for other in others)


def _beside(run: Run, other: Run, snapshot: OpenedSnapshot, answers: Answers, redraws: Redraws) -> BesideRun:
    said = answers_of(other, snapshot)
    place = {row_id: number for number, row_id in enumerate(said.row_ids)}
    at = np.array([place.get(row_id, -1) for row_id in answers.row_ids])
    method = Method(_placed(said.ef_said, at), _placed(said.rwma_said, at))
    return BesideRun(
        run=other.name,
        kind=_kind(other),
        records=int((at >= 0).sum()),
        differs=dict(_differing(_flat(run.settings.model_dump(mode="json")),
                                _flat(other.settings.model_dump(mode="json")))),
        row=reference_row(answers, other.name, method, redraws),
    )  # fmt: skip


def _kind(other: Run) -> str:
    training = other.settings.training
    if training.labels == "shuffled":
        return "shuffled"
    return "site" if training.folds_by == "site" else "other"


def _placed(said: Floats, at: np.ndarray) -> Floats:
    """Answers in the order of other records; NaN for those that were not answered."""
    return np.where(at >= 0, said[np.maximum(at, 0)], np.nan) if len(said) else np.full(len(at), np.nan)


def _flat(values: Mapping[str, Any], start: str = "") -> Iterator[tuple[str, Any]]:
    """Settings by their dotted names."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{start}{name}.")
        else:
            yield f"{start}{name}", value


def _differing(
    here: Iterator[tuple[str, Any]], there: Iterator[tuple[str, Any]]
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    known = dict(there)
    for name, value in here:
        if known.get(name) != value:
            yield name, (value, known.get(name))


def beside_verdicts(found: Sequence[BesideRun]) -> list[Verdict]:
    """A fault where shuffled labels are told; a warning where clinics left out are answered worse."""
    verdicts = []
    for one in found:
        if one.kind == "shuffled":
            verdicts += [
                Verdict("shuffled_still_told", "leak", Severity.FAULT,
                        {"run": one.run, "measure": name, "told": told})
                for name, told in one.row.measures.items() if _is_told(name, told)
            ]  # fmt: skip
        gain = one.row.network_gain.get("ef_mae")
        if one.kind == "site" and gain is not None and gain.low > 0:
            verdicts.append(
                Verdict("worse_at_sites_left_out", "numbers", Severity.WARNING, {"ef_gain": gain})
            )
    return verdicts


def _is_told(name: str, told: Estimate) -> bool:
    chance = _CHANCE.get(name)
    return chance is not None and told.value - _SURE * (told.value - told.low) > chance
