"""A tiny PTB-XL folder written by hand, and where the real records lie on a machine that has them."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from house_tree import ROOT
from numpy.typing import NDArray

from pipeline.waveforms.leads import LEADS

REAL = ROOT / "../shared/ecg/ptbxl"
REAL_CLASSES = ROOT / "../shared/ecg/labels/ptbxl_superclass.csv"
needs_real_records = pytest.mark.skipif(not REAL.is_dir(), reason="the real PTB-XL records are not here")

STATEMENTS = (
    ("NORM", "1.0", "NORM"),
    ("IMI", "1.0", "MI"),
    ("NDT", "1.0", "STTC"),
    ("CLBBB", "1.0", "CD"),
    ("LVH", "1.0", "HYP"),
    ("SR", "", ""),
    ("AFIB", "0.0", ""),
)
COLUMNS = (
    "ecg_id",
    "patient_id",
    "age",
    "sex",
    "site",
    "scp_codes",
    "strat_fold",
    "filename_lr",
    "filename_hr",
)


@dataclass
class Row:
    """One record to write."""

    ecg_id: int
    patient_id: int = 0
    codes: str = "{'NORM': 100.0, 'SR': 0.0}"
    fold: int = 1
    age: str = "56.0"
    sex: str = "1"
    files: dict[str, str] = field(default_factory=dict)

    def cells(self) -> list[object]:
        """As the table prints it."""
        low = self.files.get("filename_lr", f"records100/00000/{self.ecg_id:05d}_lr")
        high = self.files.get("filename_hr", f"records500/00000/{self.ecg_id:05d}_hr")
        patient = f"{self.patient_id or self.ecg_id}.0"
        return [self.ecg_id, patient, self.age, self.sex, "0.0", self.codes, self.fold, low, high]


def write_folder(folder: Path, rows: list[Row], rates: tuple[int, ...] = (100, 500)) -> Path:
    """Tables and records of noise; the ecg_id seeds each record."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "ptbxl_database.csv").open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines).writerows([COLUMNS, *(row.cells() for row in rows)])
    with (folder / "scp_statements.csv").open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines).writerows([("", "diagnostic", "diagnostic_class"), *STATEMENTS])
    for rate in rates:
        column = -2 if rate == 100 else -1
        for row in rows:
            target = folder / str(row.cells()[column])
            target.parent.mkdir(parents=True, exist_ok=True)
            write_record(target, counts(row.ecg_id, rate), rate)
    return folder


def counts(seed: int, rate: int) -> NDArray[np.int16]:
    """Ten seconds of noise, shape (samples, 12)."""
    return np.random.default_rng(seed).integers(-900, 900, size=(10 * rate, 12)).astype(np.int16)


def write_record(target: Path, samples: NDArray[np.int16], rate: int, leads: tuple[str, ...] = LEADS) -> None:
    """One record in format 16, 1000 steps a millivolt."""
    name = target.name
    lines = [f"{name} {len(leads)} {rate} {len(samples)}"]
    for place, lead in enumerate(leads):
        total = int(samples[:, place].astype(np.int64).sum()) % 65536
        lines.append(f"{name}.dat 16 1000.0(0)/mV 16 0 {samples[0, place]} {total} 0 {lead}")
    target.with_name(f"{name}.hea").write_text("\n".join(lines) + "\n", encoding="ascii")
    target.with_name(f"{name}.dat").write_bytes(samples.astype("<i2").tobytes())
