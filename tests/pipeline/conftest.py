"""Demo cohorts built once for all tests: sixty reports as text, and ten patients as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from printed_demo import Printed, print_patient

from pipeline.demo.cohort import Cohort, build_cohort
from pipeline.demo.plan import plan_cohort

SEED = 20260401


@pytest.fixture(scope="session")
def sixty() -> list[Printed]:
    """The default demo cohort, on paper."""
    return [print_patient(plan, SEED) for plan in plan_cohort(60, SEED)]


@pytest.fixture(scope="session")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """Ten patients, captured and stored."""
    folder: Path = tmp_path_factory.mktemp("demo") / "cohort"
    return build_cohort(folder, patients=10, seed=5)
