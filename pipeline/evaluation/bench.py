"""How long all numbers of an evaluation take, on invented answers."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from pipeline.evaluation.invented import invented_answers
from pipeline.evaluation.numbers import NumbersSettings, all_numbers


@dataclass(frozen=True)
class NumbersSpeed:
    """What was measured: seconds on the clock and of a processor."""

    patients: int
    resamples: int
    elapsed_s: float
    processor_s: float


def measure_numbers(patients: int, resamples: int, *, seed: int) -> NumbersSpeed:
    """Work out all numbers once."""
    answers = invented_answers(patients, seed=seed)
    started_s, used_s = time.monotonic(), time.process_time()
    all_numbers(answers, np.random.default_rng(seed), NumbersSettings(resamples=resamples))
    return NumbersSpeed(patients, resamples, time.monotonic() - started_s, time.process_time() - used_s)
