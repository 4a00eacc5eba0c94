"""The tables of PTB-XL: one row a record, statements as five superclasses, the official folds.

Source: Wagner et al., PTB-XL, a large publicly available electrocardiography dataset, Sci Data 2020;7:154.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from db.errors import EchoDeskError

TABLE = "ptbxl_database.csv"
STATEMENTS = "scp_statements.csv"
SUPERCLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
FILE_COLUMN = {100: "filename_lr", 500: "filename_hr"}
FOLDS = range(1, 11)
_SEXES = {"0": "male", "1": "female"}
# Newer releases print 300 for everybody above 89, so that nobody is found by a rare age.
_AGE_HIDDEN, _AGE_ABOVE = 300.0, 90.0
_WHERE = "Take the file from the PTB-XL release as it is: https://physionet.org/content/ptb-xl/"


@dataclass(frozen=True)
class PtbxlRow:
    """One record of the table.

    Attributes:
        age_years: 90 stands for everybody above 89; None where not known.
        sex: `male`, `female`, or None.
        site: the recording site's number as printed, or empty.
        superclasses: in the order of `SUPERCLASSES`; empty where no statement is diagnostic: not "normal".
        fold: the official one, 1-10; 9 and 10 were read by people and are meant to choose and to test.
        file: the record below the folder, without suffix.
    """

    ecg_id: int
    patient_id: int
    age_years: float | None
    sex: str | None
    site: str
    superclasses: tuple[str, ...]
    fold: int
    file: PurePosixPath


def read_rows(folder: Path, sampling_rate_hz: int) -> tuple[PtbxlRow, ...]:
    """The table of a PTB-XL folder, in its order.

    Raises:
        EchoDeskError: a table is missing, lacks a column, or has a row nobody can make sense of.
    """
    classes = _diagnostic_classes(folder / STATEMENTS)
    table = folder / TABLE
    file_column = FILE_COLUMN[sampling_rate_hz]
    needed = ("ecg_id", "patient_id", "age", "sex", "site", "scp_codes", "strat_fold", file_column)
    rows = []
    for line, cells in enumerate(_cells(table, needed), start=2):
        try:
            rows.append(_row(cells, classes, file_column))
        except (ValueError, SyntaxError, TypeError) as error:
            raise EchoDeskError(f"Line {line} of {table} cannot be understood.", _WHERE) from error
    if not rows:
        raise EchoDeskError(f"{table} has no rows.", _WHERE)
    _check_patients(table, rows)
    return tuple(rows)


def superclasses_of(codes: Mapping[str, float], classes: Mapping[str, str]) -> tuple[str, ...]:
    """The superclasses of a record's statements.

    A statement counts by being there: a likelihood of 0 means that none was given. That is the rule of the
    release's own example, and of its published benchmarks.

    Args:
        codes: SCP code -> likelihood, percent.
        classes: SCP code -> superclass, of the diagnostic statements alone.
    """
    found = {classes[code] for code in codes if code in classes}
    return tuple(name for name in SUPERCLASSES if name in found)


def _diagnostic_classes(file: Path) -> dict[str, str]:
    classes = {}
    for cells in _cells(file, ("", "diagnostic", "diagnostic_class")):
        if cells["diagnostic"] not in ("", "0", "0.0"):
            classes[cells[""]] = cells["diagnostic_class"]
    if not set(SUPERCLASSES) <= set(classes.values()):
        raise EchoDeskError(f"{file} does not name all of {', '.join(SUPERCLASSES)}.", _WHERE)
    return classes


def _cells(file: Path, needed: Sequence[str]) -> Iterator[dict[str, str]]:
    """The rows of a CSV file as text, once all needed columns were seen."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise EchoDeskError(f"{file} has no column {missing[0]!r}.", _WHERE)
            yield from reader
    except FileNotFoundError as error:
        hint = f"Name the folder that holds {TABLE}, {STATEMENTS} and records100/ or records500/."
        raise EchoDeskError(f"{file} is missing.", hint) from error
    except (OSError, ValueError, csv.Error) as error:
        raise EchoDeskError(f"{file} cannot be read as a table.", _WHERE) from error


def _row(cells: Mapping[str, str], classes: Mapping[str, str], file_column: str) -> PtbxlRow:
    codes = ast.literal_eval(cells["scp_codes"])
    file = PurePosixPath(cells[file_column])
    fold = int(float(cells["strat_fold"]))
    is_inside = bool(file.name) and not file.is_absolute() and ".." not in file.parts
    if not isinstance(codes, dict) or not is_inside or fold not in FOLDS:
        raise ValueError(file_column)
    return PtbxlRow(
        ecg_id=int(cells["ecg_id"]),
        patient_id=int(float(cells["patient_id"])),
        age_years=_age(cells["age"]),
        sex=_SEXES.get(cells["sex"].removesuffix(".0")),
        site=cells["site"].removesuffix(".0"),
        superclasses=superclasses_of(codes, classes),
        fold=fold,
        file=file,
    )


def _age(cell: str) -> float | None:
    if not cell:
        return None
    age = float(cell)
    return _AGE_ABOVE if age >= _AGE_HIDDEN else age


def _check_patients(table: Path, rows: Sequence[PtbxlRow]) -> None:
    """Every record once, and every patient in one fold: else a model is tested on people it learnt from."""
    if len({row.ecg_id for row in rows}) != len(rows):
        raise EchoDeskError(f"{table} holds a record more than once.", _WHERE)
    torn = patients_in_several_folds(rows)
    if torn:
        raise EchoDeskError(f"{table} has {len(torn)} patient(s) in more than one fold.", _WHERE)


def patients_in_several_folds(rows: Sequence[PtbxlRow]) -> list[int]:
    """Patients whose records lie in different folds, sorted; none in the official table."""
    folds: dict[int, set[int]] = {}
    for row in rows:
        folds.setdefault(row.patient_id, set()).add(row.fold)
    return sorted(patient for patient, seen in folds.items() if len(seen) > 1)
