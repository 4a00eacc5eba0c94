"""Demo cohorts built once for all tests: sixty reports as text, and ten patients as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from pipeline.demo.cohort import Cohort, build_cohort
from pipeline.demo.layouts import print_report
from pipeline.demo.plan import PatientPlan, plan_cohort
from pipeline.demo.report import Report, compose
from pipeline.demo.sheet import Sheet
from pipeline.demo.truth import printed_text

SEED = 20260401


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


@pytest.fixture(scope="session")
def sixty() -> list[Printed]:
    """The default demo cohort, on paper."""
    return [print_patient(plan, SEED) for plan in plan_cohort(60, SEED)]


@pytest.fixture(scope="session")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """Ten patients, captured and stored."""
    folder: Path = tmp_path_factory.mktemp("demo") / "cohort"
    return build_cohort(folder, patients=10, seed=5)
