"""How long an evaluation takes: every number, table and plot of invented answers; no run, no pictures."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from pipeline.evaluation.all_parts import NOT_ASKED, Options, by_weight, parts_of_answers
from pipeline.evaluation.invented import invented_answers
from pipeline.evaluation.report.checklist import counts
from pipeline.evaluation.report.page import report_page
from pipeline.evaluation.report.tables import csv_tables, predictions_csv
from pipeline.evaluation.results import as_data, results_bytes


@dataclass(frozen=True)
class EvaluationSpeed:
    """Seconds of the clock and of the processor, by step.

    Attributes:
        numbers_s: all numbers. written_s: the page with its plots, the tables and results.json.
    """

    patients: int
    resamples: int
    numbers_s: float
    written_s: float
    processor_s: float


def evaluation_speed(patients: int, resamples: int, *, seed: int = 0) -> EvaluationSpeed:
    """Measure one evaluation of invented answers."""
    answers = invented_answers(patients, seed=seed)
    started, cpu = time.monotonic(), time.process_time()
    parts, verdicts = parts_of_answers(answers, Options(resamples=resamples, seed=seed))
    numbers_s = time.monotonic() - started
    whole: dict[str, Any] = {
        "about": {"run": "bench", "resamples": resamples, "seed": seed},
        **parts,
        "verdicts": by_weight(verdicts),
        **dict.fromkeys(("shortcuts", "leaks", "external", "adversary", "paper_figures"), NOT_ASKED),
    }
    whole["checklist"] = counts(whole)
    data = as_data(whole)
    report_page(data)
    csv_tables(data)
    predictions_csv(answers)
    results_bytes(whole)
    whole_s = time.monotonic() - started
    return EvaluationSpeed(patients, resamples, numbers_s, whole_s - numbers_s, time.process_time() - cpu)
