"""How many planted label errors stand in the first tenth of the ranking: each signal alone, and all of them.

MEASURE="python tests/experiments/label_noise/measure_noise.py"
PYTHONPATH=. $MEASURE --patients 300 --cohorts 11 12 13 --placements 10
PYTHONPATH=. $MEASURE --workspace DIR --placements 200
"""

from __future__ import annotations

import argparse
import math
import pickle
import random
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from noise_planting import KINDS, Planted, plant
from noisy_cohort import Patient, drafted_patients, printed_patients

from db.measures.means import mean_of
from pipeline.curation.records import LabelledRecord, NoiseScore, Prediction
from pipeline.curation.suspects import SIGNALS, score_labels, worst_fields

R, AUROC_SHIFT, PREDICTED_SD = 0.37, 0.742, 9.0  # the shift gives an AUROC of 0.70
WITHOUT_MODEL = tuple(name for name in SIGNALS if name != "model")
SETS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in SIGNALS},
    "all but the model": WITHOUT_MODEL,
    "all": SIGNALS,
}


def predictions(
    patients: Sequence[Patient], seed: int, *, r: float = R, shift: float = AUROC_SHIFT
) -> dict[int, Prediction]:
    """Synthetic out-of-fold predictions that correlate `r` with the true EF and tell wall motion apart by two
    Gaussians `shift` apart.
    """
    chance = random.Random(f"model {seed}")
    stated = [one.truth.ef_percent for one in patients if one.truth.ef_percent is not None]
    mean, sd = statistics.fmean(stated), statistics.pstdev(stated)
    made = {}
    for one in patients:
        heart = 0.0 if one.truth.ef_percent is None else (one.truth.ef_percent - mean) / sd
        ef_percent = 54 + PREDICTED_SD * (r * heart + math.sqrt(1 - r**2) * chance.gauss(0, 1))
        raised = shift * (one.truth.rwma.value == "present") + chance.gauss(0, 1)
        made[one.number] = Prediction(min(90.0, max(5.0, ef_percent)), 1 / (1 + math.exp(1.2 - raised)))
    return made


def found_at(planted: Planted, worst: Sequence[NoiseScore], share: float) -> dict[int, float]:
    """Case with an error -> the probability that it stands in the first `share`, ties being in random
    order.
    """
    room = max(1, round(share * len(worst)))
    limit = sorted(one.score for one in worst)[room - 1]
    above = sum(one.score < limit for one in worst)
    tied = sum(one.score == limit for one in worst)
    at_limit = (room - above) / tied
    chances = {
        one.case_id: 1.0 if one.score < limit else at_limit if one.score == limit else 0.0 for one in worst
    }
    return {case: chances[case] for case in planted.errors}


def differs_from_draft(records: Sequence[LabelledRecord]) -> list[NoiseScore]:
    """The naive baseline: every label that differs from its draft."""
    scores = []
    for record in records:
        for field, label in record.fields.items():
            draft = [one for one in label.sayings if one.speaker.value == "draft"]
            differs = any(
                one.match.value in ("different", "found_by_other", "missed_by_other") for one in draft
            )
            scores.append(NoiseScore(record.case_id, field, "", 0.0 if differs else 1.0, differs, ""))
    return scores


def rankings(planted: Planted, model: dict[int, Prediction]) -> dict[str, list[NoiseScore]]:
    """Set of signals -> the ranking of cases."""
    ranked = {
        name: worst_fields(score_labels(planted.records, model, signals=chosen))
        for name, chosen in SETS.items()
    }
    return {"label differs from draft": worst_fields(differs_from_draft(planted.records)), **ranked}


def measure(
    cohorts: dict[int, list[Patient]], placements: int, share: float, **how: object
) -> dict[str, dict[str, list[float]]]:
    """Set of signals -> kind of error (or `all`) -> share found in the first tenth.

    One number a cohort; of one cohort alone, one number a placement.
    """
    table: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for seed, patients in cohorts.items():
        for placement in range(placements):
            if placement == 0 or len(cohorts) == 1:
                found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
            planted = plant(patients, share, 1000 * seed + placement, **how)  # type: ignore[arg-type]
            for name, worst in rankings(planted, predictions(patients, 1000 * seed + placement)).items():
                for case, chance in found_at(planted, worst, 0.10).items():
                    for kind in ("all", planted.errors[case], planted.fields[case]):
                        found[name][kind].append(chance)
            if placement == placements - 1 or len(cohorts) == 1:
                for name, by_kind in found.items():
                    for kind, chances in by_kind.items():
                        table[name][kind].append(statistics.fmean(chances))
    return table


def with_interval(values: Sequence[float]) -> str:
    """Mean and 95 % interval by Student's t over cohorts (or placements); the mean alone where there are too
    few.
    """
    mean = mean_of(values, least=3)
    if not mean.has_interval:
        return f"{mean.value:.1%}"
    return f"{mean.value:.1%} ({max(0.0, mean.low):.1%} to {min(1.0, mean.high):.1%})"


def say(table: dict[str, dict[str, list[float]]], write: Callable[[str], object]) -> None:
    """One line a set of signals."""
    kinds = ["all", *KINDS, "ef_percent", "rwma", "pah", "rvsp_mmhg"]
    write(f"{'signals':26}" + "".join(f"{kind:>26}" for kind in kinds) + "\n")
    for name, by_kind in table.items():
        write(
            f"{name:26}"
            + "".join(f"{with_interval(by_kind[kind]) if kind in by_kind else '-':>26}" for kind in kinds)
            + "\n"
        )


def kept(count: int, seed: int, errors: str, folder: Path | None) -> list[Patient]:
    """A cohort, made once."""
    file = folder / f"{errors}-{count}-{seed}.pickle" if folder else None
    if file and file.exists():
        return list(pickle.loads(file.read_bytes()))  # noqa: S301 - written below
    made = printed_patients(count, seed, errors)
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pickle.dumps(made))
    return made


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=300)
    parser.add_argument("--cohorts", type=int, nargs="*", default=[11])
    parser.add_argument("--placements", type=int, default=10)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--haste", type=float, default=1.0)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument(
        "--errors", choices=("as_read", "harder"), default="as_read", help="of the two readers"
    )
    parser.add_argument("--keep", type=Path, help="folder for the cohorts")
    parser.add_argument("--workspace", type=Path, help="a demo workspace with drafts instead; only read")
    asked = parser.parse_args()
    if asked.workspace:
        cohorts = {0: drafted_patients(asked.workspace)}
    else:
        cohorts = {seed: kept(asked.patients, seed, asked.errors, asked.keep) for seed in asked.cohorts}
    say(
        measure(cohorts, asked.placements, asked.share, kinds=tuple(asked.kinds), haste=asked.haste),
        sys.stdout.write,
    )


if __name__ == "__main__":
    main()
