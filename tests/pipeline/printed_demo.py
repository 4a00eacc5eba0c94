"""Demo reports on paper, without captures: what most tests of the cohort look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.demo.layouts import print_report
from pipeline.demo.layouts.sheet import Sheet
from pipeline.demo.plan import PatientPlan
from pipeline.demo.report import Report, compose
from pipeline.demo.truth import printed_text


@dataclass(frozen=True)
class Printed:
    """One patient's report on paper, before any capture."""

    plan: PatientPlan
    report: Report
    sheet: Sheet
    text: str


def print_patient(plan: PatientPlan, seed: int) -> Printed:
    """Word and print one planned patient as `build_cohort` does."""
    rng = np.random.default_rng([seed, 1, plan.number])
    report = compose(plan, rng)
    sheet = print_report(report, rng)
    return Printed(plan, report, sheet, printed_text(sheet))
