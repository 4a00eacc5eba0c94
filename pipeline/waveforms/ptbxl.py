"""A PTB-XL folder in its official layout, read one record at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from db.errors import EchoDeskError
from pipeline.waveforms.leads import LEADS
from pipeline.waveforms.ptbxl_table import FILE_COLUMN, SUPERCLASSES, TABLE, PtbxlRow, read_rows
from pipeline.waveforms.recording import Recording
from pipeline.waveforms.wfdb_record import WfdbRecord, read_wfdb

_RECORDS_FOLDER = {100: "records100", 500: "records500"}
_NAMED_AT_MOST = 5


@dataclass(frozen=True)
class Ptbxl:
    """An opened folder: all its rows, and no signal yet.

    Attributes:
        sampling_rate_hz: 100 or 500; which of the two sets of files is read.
        rows: in the order of the table.
    """

    folder: Path
    sampling_rate_hz: int
    rows: tuple[PtbxlRow, ...]

    def recordings(self, rows: Sequence[PtbxlRow] | None = None) -> Iterator[Recording]:
        """The recordings of some rows (all, where none are named), each read when it is asked for.

        Raises:
            EchoDeskError: a record is damaged.
        """
        for row in self.rows if rows is None else rows:
            yield self.read(row)

    def read(self, row: PtbxlRow) -> Recording:
        """One recording with its superclasses; without any label where no statement is diagnostic.

        Raises:
            EchoDeskError: the record is damaged, of another sampling rate, or not of twelve leads.
        """
        header_file = self.folder / f"{row.file}.hea"
        record = read_wfdb(header_file)
        if record.sampling_rate_hz != self.sampling_rate_hz:
            raise EchoDeskError(
                f"{header_file} has {record.sampling_rate_hz:g} Hz where {self.sampling_rate_hz} Hz belong.",
                f"Compare the columns {' and '.join(FILE_COLUMN.values())} of {TABLE}.",
            )
        found = {name: float(name in row.superclasses) for name in SUPERCLASSES}
        return Recording(
            recording_id=f"ptbxl-{row.ecg_id:05d}",
            patient_key=f"ptbxl-{row.patient_id}",
            signal_mv=_in_order(header_file, record),
            sampling_rate_hz=float(self.sampling_rate_hz),
            labels=found if row.superclasses else {},
            fold=row.fold,
            source="PTB-XL",
        )


def open_ptbxl(folder: Path, *, sampling_rate_hz: int = 500) -> Ptbxl:
    """Open a folder and see that every record of its table is there; no signal is read.

    Args:
        folder: holds `ptbxl_database.csv`, `scp_statements.csv` and `records100/` or `records500/`.
        sampling_rate_hz: 100 or 500.

    Raises:
        EchoDeskError: a table or the files of this sampling rate are missing, or some of the records are.
    """
    if sampling_rate_hz not in FILE_COLUMN:
        raise EchoDeskError(f"PTB-XL has no records at {sampling_rate_hz} Hz.", "It has 100 Hz and 500 Hz.")
    rows = read_rows(folder, sampling_rate_hz)
    _check_rate(folder, sampling_rate_hz)
    missing = _missing(folder, rows)
    if missing:
        raise _half_a_folder(folder, rows, missing)
    return Ptbxl(folder, sampling_rate_hz, rows)


def _check_rate(folder: Path, sampling_rate_hz: int) -> None:
    needed = _RECORDS_FOLDER[sampling_rate_hz]
    if (folder / needed).is_dir():
        return
    others = [rate for rate, name in _RECORDS_FOLDER.items() if (folder / name).is_dir()]
    hint = f"It has {others[0]} Hz: ask for that." if others else "Fetch the records; there are none at all."
    raise EchoDeskError(f"{folder} has no {needed}/ ({sampling_rate_hz} Hz).", hint)


def _missing(folder: Path, rows: Sequence[PtbxlRow]) -> list[PtbxlRow]:
    """Rows without a header or samples. Folders are listed once each: the whole set has 43,598 files."""
    listed: dict[PurePosixPath, set[str]] = {}
    missing = []
    for row in rows:
        parent = row.file.parent
        if parent not in listed:
            place = folder / parent
            listed[parent] = set(os.listdir(place)) if place.is_dir() else set()
        if not {f"{row.file.name}.hea", f"{row.file.name}.dat"} <= listed[parent]:
            missing.append(row)
    return missing


def _half_a_folder(folder: Path, rows: Sequence[PtbxlRow], missing: Sequence[PtbxlRow]) -> EchoDeskError:
    named = ", ".join(str(row.file) for row in missing[:_NAMED_AT_MOST])
    more = f" and {len(missing) - _NAMED_AT_MOST} more" if len(missing) > _NAMED_AT_MOST else ""
    return EchoDeskError(
        f"{folder} lacks {len(missing)} of the {len(rows)} records of its table: {named}{more}.",
        f"Finish the download (.hea and .dat), or keep in {TABLE} only the rows whose records are here.",
    )


def _in_order(header_file: Path, record: WfdbRecord) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The rows in the order of `LEADS`, by the names the header prints."""
    printed = {name.lower(): place for place, name in enumerate(record.leads)}
    absent = [lead for lead in LEADS if lead.lower() not in printed]
    if absent or len(record.leads) != len(LEADS):
        what = f"no lead {absent[0]}" if absent else f"{len(record.leads)} leads"
        raise EchoDeskError(f"{header_file} has {what}.", f"A record has the leads {', '.join(LEADS)}.")
    return record.signal_mv[[printed[lead.lower()] for lead in LEADS]]
