"""What the residual of an ECG model adds to the other signals, and what it finds alone, at a chosen strength.

WORTH="python tests/experiments/label_noise/model_worth.py"
PYTHONPATH=. $WORTH alone --cohorts 200
PYTHONPATH=. $WORTH adds --patients 200 --cohorts 6 --placements 4

`alone`: the semi-synthetic cohort of 500; 5 % of the EFs and 5 % of the gradings are another patient's;
answers are drawn around the truth. `adds`: demo reports with two readers, 5 % of the records with one wrong
field, ranked without the model and with it, paired.
"""

from __future__ import annotations

import argparse
import statistics
import sys

import numpy as np
from measure_noise import WITHOUT_MODEL, found_at, predictions, with_interval
from noise_planting import plant
from noisy_cohort import printed_patients

from db.measures.means import mean_of
from db.measures.predicting.ranking import Ranking
from pipeline.curation.suspects import SIGNALS, score_labels, worst_fields
from pipeline.dataset.study.plan import StudyPlan, drawn, given_labels
from pipeline.evaluation.answers import Answers
from pipeline.evaluation.suspected import suspected

# r of EF and AUROC of wall motion: the seed paper's, half-way, and as good as the best signal models.
STRENGTHS = ((0.37, 0.70), (0.5, 0.8), (0.7, 0.9))
SHARES = (0.025, 0.05, 0.1)


def shift_of(auroc: float) -> float:
    """How far two unit Gaussians lie apart at an AUROC."""
    return float(np.sqrt(2) * statistics.NormalDist().inv_cdf(auroc))


def answers_around(plan: StudyPlan, r: float, auroc: float) -> tuple[Answers, set[str]]:
    """A cohort with wrong labels, answered by a model of the strength asked for; and who is wrong."""
    patients, _ = drawn(plan)
    labels, _ = given_labels(patients, plan)
    rng = np.random.default_rng([plan.seed, 9])
    ef = np.array([one.ef_percent for one in patients])
    ill = np.array([one.is_rwma_significant for one in patients])
    said = ef.mean() + r * (r * (ef - ef.mean()) + np.sqrt(1 - r**2) * ef.std() * rng.normal(size=len(ef)))
    odds = shift_of(auroc) * (shift_of(auroc) * (ill - 0.5) + rng.normal(size=len(ef))) - 1.0
    probability = 1 / (1 + np.exp(-odds))
    names = tuple(f"r{one.number}" for one in patients)
    n = len(names)
    answers = Answers(
        names, np.array(names), np.arange(n) % 5, np.array([one.ef_percent for one in labels]),
        np.array([int(one.is_rwma_significant) for one in labels]), said, probability, said, probability,
        np.ones(n), np.ones(n),
    )  # fmt: skip
    wrong = {
        name
        for name, label, one in zip(names, labels, patients, strict=True)
        if abs(label.ef_percent - one.ef_percent) > 2 or label.is_rwma_significant != one.is_rwma_significant
    }
    return answers, wrong


def alone(cohorts: int) -> None:
    """Recall and precision of the residual by itself in the first k, mean over cohorts."""
    for r, auroc in STRENGTHS:
        recall: dict[float, list[float]] = {share: [] for share in SHARES}
        precision: dict[float, list[float]] = {share: [] for share in SHARES}
        wrong_share, areas, linear = [], [], []
        for seed in range(cohorts):
            answers, wrong = answers_around(StudyPlan(seed=seed, label_errors=0.05), r, auroc)
            wrong_share.append(len(wrong) / answers.n)
            linear.append(float(np.corrcoef(answers.ef_percent, answers.ef_said)[0, 1]))
            ones = np.ones((1, answers.n))
            areas.append(float(Ranking.of(answers.rwma_said, answers.rwma == 1).auroc(ones)[0]))
            ranked = [one.row_id for one in suspected(answers, top_share=1)]
            for share in SHARES:
                first = ranked[: round(share * answers.n)]
                hits = len(wrong.intersection(first))
                recall[share].append(hits / len(wrong))
                precision[share].append(hits / len(first))
        say(f"r {r}, AUROC {auroc}: wrong labels {with_interval(wrong_share)}; against the labels as given "
            f"r {statistics.fmean(linear):.2f}, AUROC {statistics.fmean(areas):.2f}")  # fmt: skip
        for share in SHARES:
            say(f"  first {share:.1%}: recall {with_interval(recall[share])}, "
                f"precision {with_interval(precision[share])}")  # fmt: skip


def adds(patients: int, seeds: int, placements: int) -> None:
    """Recall in the first k without the model, with it, and the paired difference; intervals over cohorts."""
    cohorts = {seed: printed_patients(patients, seed, "as_read") for seed in range(41, 41 + seeds)}
    for r, auroc in STRENGTHS:
        rows: dict[float, list[tuple[float, float, float]]] = {share: [] for share in SHARES}
        for seed, people in cohorts.items():
            found: dict[float, list[tuple[float, float, float]]] = {share: [] for share in SHARES}
            for placement in range(placements):
                planted = plant(people, 0.05, 1000 * seed + placement)
                model = predictions(people, 1000 * seed + placement, r=r, shift=shift_of(auroc))
                rankings = [
                    worst_fields(score_labels(planted.records, model, signals=chosen))
                    for chosen in (("model",), WITHOUT_MODEL, SIGNALS)
                ]
                for share in SHARES:
                    hits = [list(found_at(planted, one, share).values()) for one in rankings]
                    found[share] += list(zip(*hits, strict=True))
            for share in SHARES:
                rows[share].append(tuple(map(statistics.fmean, zip(*found[share], strict=True))))  # type: ignore[arg-type]
        say(f"r {r}, AUROC {auroc}")
        for share in SHARES:
            by_model, without, both = (list(column) for column in zip(*rows[share], strict=True))
            gains = [b - a for a, b in zip(without, both, strict=True)]
            sides = (("model", by_model), ("without it", without), ("all", both), ("gain", gains))
            found_by = ", ".join(f"{name} {signed(values)}" for name, values in sides)
            say(f"  first {share:.1%}: {found_by}")


def signed(values: list[float]) -> str:
    """Mean and 95 % interval over cohorts; a gain may be below 0."""
    mean = mean_of(values)
    return f"{mean.value:.1%} ({mean.low:.1%} to {mean.high:.1%})"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Print one of the two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("alone", "adds"))
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--cohorts", type=int, default=6)
    parser.add_argument("--placements", type=int, default=4)
    asked = parser.parse_args()
    if asked.what == "alone":
        alone(asked.cohorts)
    else:
        adds(asked.patients, asked.cohorts, asked.placements)


if __name__ == "__main__":
    main()
