"""What a run says of a study within phone photographs and within scans, beside what the camera alone tells.

Where nothing is planted, a camera that goes with the illness by chance is seen at once and holds in every
fold. Within one kind of camera it tells nothing.

    PYTHONPATH=. python tests/experiments/ecg_photo/within_cameras.py RUN SIGNALS [--resamples 2000]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from pipeline.dataset.study.pages import looks_beside
from pipeline.imaging.capture import Condition
from pipeline.training.run_folder import open_run

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

NAMES = ("wall motion", "wall motion within cameras", "camera alone", "EF r", "EF r within cameras")


def measured(answers: Floats, truth: Floats, is_phone: Floats, at: Places) -> Floats:
    """The numbers of `NAMES` for the records at these places.

    Args:
        answers, truth: EF and wall motion, shape [2, n].
    """
    (ef, risk), (true_ef, is_ill), phone = answers[:, at], truth[:, at], is_phone[at]
    pairs, won, left = 0.0, 0.0, np.zeros((2, len(at)))
    for kind in (0.0, 1.0):
        of_kind = phone == kind
        ill = is_ill[of_kind]
        left[:, of_kind] = [one[of_kind] - one[of_kind].mean() for one in (ef, true_ef)]
        weight = float(ill.sum() * (1 - ill).sum())
        pairs, won = pairs + weight, won + weight * roc_auc_score(ill, risk[of_kind])
    whole = [roc_auc_score(is_ill, risk), won / pairs, roc_auc_score(is_ill, phone)]
    return np.array([*whole, np.corrcoef(ef, true_ef)[0, 1], np.corrcoef(*left)[0, 1]])


def main() -> None:
    """Print a row for each number."""
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=Path)
    parser.add_argument("signals", type=Path)
    parser.add_argument("--resamples", type=int, default=2000)
    asked = parser.parse_args()
    looks, rows = looks_beside(asked.signals), open_run(asked.run).predictions()
    if looks is None:
        raise SystemExit(f"{asked.signals} does not say how pages look")
    answers, truth = (
        np.array([[float(row[name]) for row in rows] for name in names])
        for names in (("ef_percent_predicted", "rwma_probability"), ("ef_percent", "rwma"))
    )
    is_phone = np.array([float(looks[row["row_id"]].condition == Condition.PHONE) for row in rows])
    rng, n = np.random.default_rng(0), len(rows)
    own = measured(answers, truth, is_phone, np.arange(n))
    again = [measured(answers, truth, is_phone, rng.integers(0, n, n)) for _ in range(asked.resamples)]
    for name, value, low, high in zip(NAMES, own, *np.percentile(again, [2.5, 97.5], axis=0), strict=True):
        print(f"{name}: {value:.3f} [{low:.3f}, {high:.3f}]")  # noqa: T201 - a script


if __name__ == "__main__":
    main()
