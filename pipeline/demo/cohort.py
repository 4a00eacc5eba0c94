"""Build the synthetic cohort: invented patients with report pages, an ECG photograph each, and the truth.

The patients follow the seed paper's proportions exactly (see `plan.py`). Their reports say less, as real
ones do: about 7 % describe the ejection fraction in words only, about 2 % of the captures are beyond
reading, and every trap of `traps.py` is planted on its quota of reports. Everything is marked synthetic, on
every page and in every record.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from db.errors import EchoDeskError
from db.files.whole import new_folder
from pipeline.demo.layouts import print_report
from pipeline.demo.pictures import ECG_FOLDER, REPORT_FOLDER, write_pictures
from pipeline.demo.plan import PatientPlan, plan_cohort
from pipeline.demo.report import compose
from pipeline.demo.truth import truth_record

# Raise it whenever the same arguments would give other pages: an older folder is then not taken for this one.
COHORT_VERSION = 2
MANIFEST_COLUMNS = ("patient_id", "report", "ecg", "report_date", "ecg_date", "site", "layout")


@dataclass(frozen=True)
class Cohort:
    """A cohort on disk.

    Attributes:
        manifest: CSV for `echodesk intake --manifest`; file names are relative to its folder.
        truth: one JSON object a patient; keys in `truth.py`.
    """

    folder: Path
    manifest: Path
    truth: Path
    patients: int
    seed: int


def build_cohort(
    folder: Path,
    *,
    patients: int = 60,
    seed: int = 20260401,
    on_progress: Callable[[int, int], None] | None = None,
) -> Cohort:
    """Write a cohort; the same arguments give the same bytes. A folder that already holds it is left as it
    is.

    Args:
        folder: made here; it must not hold anything else.
        patients: how many, at least 1.
        seed: source of all chance.
        on_progress: called with (patients done, patients in all) after each.

    Raises:
        EchoDeskError: the folder holds something else, or the fonts are missing.
    """
    if patients < 1:
        raise EchoDeskError("A demo cohort needs at least one patient.", "Give a number of 1 or more.")
    cohort = Cohort(folder, folder / "manifest.csv", folder / "truth.jsonl", patients, seed)
    if _holds(cohort):
        return cohort
    if folder.exists() and any(folder.iterdir()):
        hint = "Name an empty or new folder, or delete this one first."
        raise EchoDeskError(f"{folder} is not empty and holds no demo cohort of this size and seed.", hint)
    try:
        if folder.exists():
            folder.rmdir()
        _write_cohort(cohort, on_progress)
    except FileExistsError:
        raise EchoDeskError(f"Another program is writing {folder}.", "Wait until it is done.") from None
    return cohort


def _write_cohort(cohort: Cohort, on_progress: Callable[[int, int], None] | None) -> None:
    plans = plan_cohort(cohort.patients, cohort.seed)
    with new_folder(cohort.folder, is_read_only=False) as partial:
        for name in (REPORT_FOLDER, ECG_FOLDER):
            (partial / name).mkdir(parents=True)
        with (
            (partial / "manifest.csv").open("w", encoding="utf-8", newline="") as table,
            (partial / "truth.jsonl").open("w", encoding="utf-8", newline="\n") as lines,
        ):
            _write_patients(partial, table, lines, plans, cohort.seed, on_progress)
        (partial / "cohort.json").write_text(json.dumps(_identity(cohort)) + "\n", encoding="utf-8")


def _identity(cohort: Cohort) -> dict[str, Any]:
    return {
        "version": COHORT_VERSION,
        "patients": cohort.patients,
        "seed": cohort.seed,
        "is_synthetic": True,
    }


def _holds(cohort: Cohort) -> bool:
    """Whether the folder is a finished cohort of these arguments; the identity file is written last."""
    try:
        found = json.loads((cohort.folder / "cohort.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(found == _identity(cohort))


def _write_patients(
    folder: Path,
    table: TextIO,
    lines: TextIO,
    plans: list[PatientPlan],
    seed: int,
    on_progress: Callable[[int, int], None] | None,
) -> None:
    """One patient after the other; nothing of a patient is kept once written."""
    manifest = csv.writer(table, lineterminator="\n")
    manifest.writerow(MANIFEST_COLUMNS)
    for done, plan in enumerate(plans, start=1):
        record = _write_patient(folder, plan, seed)
        manifest.writerow(
            (
                record["patient_id"],
                ";".join(record["reports"]),
                record["ecg"],
                plan.report_date.isoformat(),
                plan.ecg_date.isoformat(),
                plan.site,
                plan.layout,
            )
        )
        lines.write(json.dumps(record, ensure_ascii=False) + "\n")
        if on_progress is not None:
            on_progress(done, len(plans))


def _write_patient(folder: Path, plan: PatientPlan, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng([seed, 1, plan.number])
    report = compose(plan, rng)
    sheet = print_report(report, rng)
    return truth_record(report, sheet, write_pictures(folder, report, sheet, rng))
