"""Whether intervals, probabilities, thresholds and the all-clear hold what they promise, over many splits.

    python tests/experiments/repeated_splits/splits.py --splits 200

Each split takes the 500 patients of the semi-synthetic cohort (its table of EF and wall motion), deals the
folds anew and draws the answers of a model anew: part truth, part chance (`invented_answers`), too confident
in its probabilities. What was fitted on four folds is then counted on the fifth, and the all-clear on 20,000
further answers of the same model.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TESTS = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TESTS.parent))


from db.measures.predicting.logistic import fit_logistic, log_odds  # noqa: E402
from pipeline.evaluation.answers import Answers  # noqa: E402
from pipeline.evaluation.calibration import platt_out_of_fold  # noqa: E402
from pipeline.evaluation.ef_numbers import bands_of  # noqa: E402
from pipeline.evaluation.invented import invented_answers  # noqa: E402
from pipeline.evaluation.parts.conformal import intervals_out_of_fold, sets_out_of_fold  # noqa: E402
from pipeline.evaluation.parts.operating_points import MISS_RATE, choices, nested_flags  # noqa: E402
from pipeline.evaluation.parts.referral_numbers import NPV, cleared_by, clearing_rule, is_ill  # noqa: E402
from pipeline.evaluation.screens import rwma_screen  # noqa: E402

BAND_NEEDS = 50
RULES = ("sensitivity_90", "risk_controlled", "confident")


@dataclass(frozen=True)
class Model:
    """How good the imagined model is; see `invented_answers`."""

    name: str
    ef_strength: float
    rwma_strength: float
    overconfidence: float = 2.0


MODELS = (
    Model("like the paper's", 0.4, 0.35),
    Model("useful", 0.7, 0.6),
    Model("borderline for an all-clear", 0.93, 0.75),
    Model("excellent", 0.985, 0.88),
)


@dataclass(frozen=True, eq=False)
class Split:
    """What one split found.

    Attributes:
        held: way of making intervals -> share held; and in each band of true EF with 50 records or more.
        sets: share of normal and of abnormal records whose set holds them.
        slopes: calibration slope as said and put right out of fold.
        sensitivity: rule -> sensitivity in each fold.
        cleared, npv: of further answers, the share cleared by a rule of these 500, and how many of these are
            well; NaN where nobody is cleared.
    """

    held: dict[str, float]
    bands: dict[str, dict[str, float]]
    sets: tuple[float, float]
    slopes: tuple[float, float]
    sensitivity: dict[str, list[float]]
    cleared: float
    npv: float


def slope(probabilities: np.ndarray, truth: np.ndarray) -> float:
    odds = log_odds(probabilities)
    line = fit_logistic(
        np.column_stack([np.ones_like(odds), odds]), truth.astype(float), np.ones((1, len(odds)))
    )
    return float(line[0, 1])


def one_split(model: Model, seed: int, further: Answers) -> Split:
    answers = answers_of_model(model, 500, seed)
    truth = answers.ef_percent
    ways = intervals_out_of_fold(answers, 0.9)
    held = {name: found.hold(truth) for name, found in ways.items()}
    bands = {name: inside for name, inside in bands_of(truth).items() if inside.sum() >= BAND_NEEDS}
    screen = rwma_screen(answers)
    right = platt_out_of_fold(screen)
    assert right is not None
    ill, normal, abnormal = sets_out_of_fold(answers)
    rules = choices(screen)
    flags = {name: nested_flags(screen, rules[name])[0] for name in RULES}
    rule, _, _ = clearing_rule(answers.ef_said, answers.rwma_said, is_ill(answers))
    cleared = (
        np.zeros(further.n, dtype=bool)
        if rule is None
        else cleared_by(rule, further.ef_said, further.rwma_said)
    )
    return Split(
        held={name: float(one.mean()) for name, one in held.items()},
        bands={
            name: {band: float(one[inside].mean()) for band, inside in bands.items()}
            for name, one in held.items()
        },
        sets=(float(normal[~ill].mean()), float(abnormal[ill].mean())),
        slopes=(slope(answers.rwma_said, ill), slope(right, ill)),
        sensitivity={
            name: [float(one[ill & (screen.folds == fold)].mean()) for fold in np.unique(screen.folds)]
            for name, one in flags.items()
        },
        cleared=float(cleared.mean()),
        npv=float((~is_ill(further))[cleared].mean()) if cleared.any() else float("nan"),
    )


def answers_of_model(model: Model, n: int, seed: int) -> Answers:
    return invented_answers(
        n,
        seed=seed,
        ef_strength=model.ef_strength,
        rwma_strength=model.rwma_strength,
        overconfidence=model.overconfidence,
    )


def repeat(model: Model, splits: int, *, further: int = 20_000) -> list[Split]:
    """So many splits of one model, each with seeds of its own."""
    more = answers_of_model(model, further, 1_000_000)
    first = 1_000 * MODELS.index(model)
    return [one_split(model, first + split, more) for split in range(splits)]


def summary(found: list[Split]) -> dict[str, float]:
    """What is promised, in numbers of all splits."""
    values: dict[str, float] = {}
    for name in found[0].held:
        overall = np.array([one.held[name] for one in found])
        values[f"{name}: held"] = overall.mean()
        values[f"{name}: splits within 88-92 %"] = ((overall >= 0.88) & (overall <= 0.92)).mean()
        worst = np.array([min(one.bands[name].values()) for one in found])
        values[f"{name}: worst band held"] = worst.mean()
        values[f"{name}: splits with every band >= 85 %"] = (worst >= 0.85).mean()
    normal, abnormal = np.array([one.sets for one in found]).T
    values |= {"sets: normal held": normal.mean(), "sets: abnormal held": abnormal.mean()}
    before, after = np.array([one.slopes for one in found]).T
    values |= {
        "slope as said": before.mean(),
        "slope put right": after.mean(),
        "slope put right: splits within 0.9-1.1": ((after >= 0.9) & (after <= 1.1)).mean(),
    }
    for name in RULES:
        folds = np.array([one.sensitivity[name] for one in found])
        values[f"{name}: mean sensitivity"] = folds.mean()
        values[f"{name}: folds at or above 90 %"] = (folds >= 1 - MISS_RATE - 1e-9).mean()
    npv = np.array([one.npv for one in found])
    values |= {
        "all-clear: splits that clear anybody": np.isfinite(npv).mean(),
        "all-clear: mean share cleared": float(np.mean([one.cleared for one in found])),
        "all-clear: splits with a true NPV below 97 %": float((npv < NPV).mean()),
        "all-clear: least true NPV": float(np.nanmin(npv)) if np.isfinite(npv).any() else float("nan"),
    }
    return {name: float(value) for name, value in values.items()}


def main() -> None:
    """Print a table: rows are promises, columns models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=200)
    splits = parser.parse_args().splits
    tables = {model.name: summary(repeat(model, splits)) for model in MODELS}
    sys.stdout.write("| | " + " | ".join(tables) + " |\n" + "|---" * (len(tables) + 1) + "|\n")
    for name in tables[MODELS[0].name]:
        cells = " | ".join(f"{table[name]:.3f}" for table in tables.values())
        sys.stdout.write(f"| {name} | {cells} |\n")


if __name__ == "__main__":
    main()
