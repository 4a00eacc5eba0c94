"""A list of patients and files, as it was taken in -> the very list, with what was decided beside each row.

Which record a row means is found by its file, where it is still there; else by the record number that was
written beside it before, where the patient is the same; else by its patient id and date.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from db.access.patient_key import load_secret, normal_patient_id, patient_key
from db.cases import find_case, images_of_original, report_identity
from db.consent.patients import withdrawn_patients
from db.errors import EchoDeskError
from db.fields.words import in_words
from db.files.manifest import hash_file
from db.files.whole import named_file
from db.files.workbooks import workbook_bytes
from db.standings import Standing, flag_notes, standings
from db.store.engine import Database
from db.tabular import inert
from db.users import list_users
from db.workspace import Workspace
from labeling.apart.tables import read_rows, workbook_with
from labeling.intake.cells import as_stored
from labeling.intake.files import find_files
from labeling.intake.manifest import Manifest, ManifestRow, read_manifest
from labeling.intake.manifest_table import header_at, starts_as_workbook
from labeling.intake.patient_ids import written_id
from labeling.intake.plan import FileFinder
from labeling.intake.workbook import Cell, PutCell, put

if TYPE_CHECKING:
    from sqlmodel import Session

# What is written beside the list, in this order; people who read tables read it.
COLUMNS: Final = (
    "Status", "EF %", "EF range or sign", "RWMA", "RWMA walls", "PAH", "RVSP mmHg", "Note", "Decided by",
    "Decided at", "EchoDesk record",
)  # fmt: skip

NOT_TAKEN_IN: Final = "not taken in"
WITHDREW: Final = "withdrew their consent"
SEVERAL: Final = "several records of this patient: the file was not found, and the date does not tell which"
OTHER_PATIENT: Final = "this file was taken in for another patient id"
# What Excel makes another number of when it opens a CSV; and the way to write it that it leaves alone.
_FRAGILE: Final = re.compile(r"0\d+|\d{16,}", re.ASCII)
_AS_TEXT: Final = re.compile(r'="[\w ./-]*"')
ROW_WRONG: Final = "this row cannot be used: {reason}"


@dataclass(frozen=True)
class ListWritten:
    """What became of a list.

    Attributes:
        by_status: how many rows have which status.
        without_files: rows that name a file that was not found.
        fragile: rows of a CSV with a number that a spreadsheet changes when it opens the file: zeros in
            front, more than 15 digits.
    """

    rows: int
    by_status: Mapping[str, int]
    without_files: int = 0
    fragile: int = 0


def write_list(
    listing: Path,
    target: Path,
    folders: Sequence[Path],
    *,
    workspace: Workspace,
    database: Database,
    overwrite: bool = False,
) -> ListWritten:
    """Write the list again, whole and in its order, with what was decided appended to each row.

    Args:
        listing: CSV or XLSX as `intake --manifest` takes it.
        target: `.xlsx` (what stands in the list keeps its looks) or `.csv` (opens right in a spreadsheet).
        folders: where the files of the list may be, besides its own folder.

    Raises:
        EchoDeskError: the list is not one, the target exists or has another ending, or the key file is
            missing.
    """
    if target.suffix.lower() not in (".xlsx", ".csv"):
        raise EchoDeskError(f"{target} is neither .xlsx nor .csv", "Name a file that ends in .xlsx or .csv.")
    if target.resolve() == listing.resolve():
        raise EchoDeskError(f"{target} is the list itself", "Name another file; the list stays as it is.")
    manifest, table = read_manifest(listing), read_rows(listing)
    header = table[header_at(table)][0]
    finder = FileFinder([listing.parent, *folders], find_files(folders)[0])
    secret = load_secret(workspace.patient_key_file)
    with database.read() as session:
        names = {int(user.id or 0): user.name for user in list_users(session)}
        withdrawn = withdrawn_patients(workspace, session)
        records = _Records(standings(session), secret, _numbers_before(table, header), withdrawn)
        said = partial(_cells, names=names, flag_notes=flag_notes(session))
        beside = _beside(manifest, finder, records, said, session)
    with named_file(target, overwrite=overwrite) as temporary:
        if target.suffix.lower() == ".csv":
            _write_csv(table, header, beside, temporary)
        else:
            _write_xlsx(listing, table, header, beside, temporary)
    counts: dict[str, int] = defaultdict(int)
    for cells in beside.values():
        counts[str(cells[0]).partition(":")[0]] += 1
    gone = sum(any(not finder.find(name) for name in row.reports) for row in manifest.rows)
    fragile = 0
    if target.suffix.lower() == ".csv":
        fragile = sum(any(_FRAGILE.fullmatch(cell.strip()) for cell in cells) for _, cells in table)
    return ListWritten(len(beside), dict(counts), gone, fragile)


class _Records:
    """Every record, to be found by its number or its patient; `before` has the numbers of rows given back."""

    def __init__(
        self,
        found: Sequence[Standing],
        secret: bytes,
        before: Mapping[int, int],
        withdrawn: Container[str] = (),
    ) -> None:
        self.secret, self.before, self.withdrawn = secret, before, withdrawn
        self.by_number = {int(one.case.id or 0): one for one in found}
        self.by_patient: dict[str, list[Standing]] = defaultdict(list)
        for one in found:
            self.by_patient[one.case.patient_key].append(one)

    def of_patient(self, row: ManifestRow, key: str) -> Standing | str:
        """The record that the list named before, or the one that patient id and date leave; or why none."""
        named = self.by_number.get(self.before.get(row.row, 0))
        if named is not None and named.case.patient_key == key:
            return named
        theirs = self.by_patient.get(key, [])
        dates = [one for one in theirs if row.report_date in (None, one.case.report_date)]
        undated = [one for one in theirs if one.case.report_date is None]
        left = dates or undated
        if len(left) == 1:
            return left[0]
        if not left and key in self.withdrawn:
            return WITHDREW
        return SEVERAL if left else NOT_TAKEN_IN


def _beside(
    manifest: Manifest,
    finder: FileFinder,
    records: _Records,
    cells: Callable[[Standing], list[Cell]],
    session: Session,
) -> dict[int, list[Cell]]:
    """Row number in the file -> the cells to append."""
    beside: dict[int, list[Cell]] = {
        error.row: [ROW_WRONG.format(reason=error.reason), *[None] * (len(COLUMNS) - 1)]
        for error in manifest.errors
    }
    for row in manifest.rows:
        found = _record_of(row, finder, records, session)
        beside[row.row] = [found, *[None] * (len(COLUMNS) - 1)] if isinstance(found, str) else cells(found)
    return beside


def _record_of(row: ManifestRow, finder: FileFinder, records: _Records, session: Session) -> Standing | str:
    if not normal_patient_id(row.patient_id):
        return NOT_TAKEN_IN
    key = patient_key(row.patient_id, records.secret)
    number = _case_of_files(row, finder, session)
    if number is None:
        return records.of_patient(row, key)
    found = records.by_number[number]
    return found if found.case.patient_key == key else OTHER_PATIENT


def _case_of_files(row: ManifestRow, finder: FileFinder, session: Session) -> int | None:
    """The record made of exactly these files, or None where one is gone or was never taken in."""
    pages = []
    for name in row.reports:
        paths = finder.find(name)
        if len(paths) != 1:
            return None
        try:
            stored = images_of_original(session, original_sha256=hash_file(paths[0]).sha256)
        except OSError:
            return None
        if not stored:
            return None
        pages.extend(stored)
    case = find_case(session, report_sha256=report_identity(pages))
    return None if case is None else case.id


def _cells(found: Standing, names: Mapping[int, str], flag_notes: Mapping[int, str]) -> list[Cell]:
    label, flag = found.label, found.flag
    findings = label.findings if label is not None and flag is None else None
    values: list[Cell] = [None] * 6
    if findings is not None:
        values = [
            findings.ef_percent,
            in_words(findings, "ef_percent").replace("_", " "),
            in_words(findings, "rwma").replace("_", " "),
            ", ".join(findings.rwma_walls).replace("_", " "),
            in_words(findings, "pah").replace("_", " "),
            findings.rvsp_mmhg,
        ]
    who: list[Cell] = [None, None, None]
    if flag is not None:
        who = [flag.note, names.get(flag.annotator_id, ""), _moment(flag.created_at)]
    elif label is not None:
        # Who settles a flag without a word leaves the question that was asked.
        note = label.note or flag_notes.get(label.case_id, "")
        who = [note, names.get(label.annotator_id, ""), _moment(label.decided_at)]
    return [found.status.value, *values, *who, found.case.id]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _write_csv(
    table: Sequence[tuple[int, list[str]]], header: int, beside: Mapping[int, list[Cell]], target: Path
) -> None:
    width = _width(table, header)
    stream = io.StringIO(newline="")
    write = csv.writer(stream, lineterminator="\r\n")
    for number, cells in table:
        more = list(COLUMNS) if number == header else [_safe(cell) for cell in beside.get(number, [])]
        own = [cell if _AS_TEXT.fullmatch(cell) else inert(as_stored(cell)) for cell in cells[:width]]
        write.writerow([*own, *[""] * (width - len(own)), *more] if more else own)
    # With its mark in front, a spreadsheet takes the file for UTF-8.
    target.write_bytes(stream.getvalue().encode("utf-8-sig"))


def _width(table: Sequence[tuple[int, list[str]]], header: int) -> int:
    """How many columns are the list's own: without those that an earlier run of this appended."""
    names = next(cells for number, cells in table if number == header)
    for start in range(len(names)):
        if tuple(names[start : start + len(COLUMNS)]) == COLUMNS:
            return start
    return max(len(cells) for _, cells in table)


def _numbers_before(table: Sequence[tuple[int, list[str]]], header: int) -> dict[int, int]:
    """Row -> the record number that an earlier run wrote beside it."""
    place = _width(table, header) + len(COLUMNS) - 1
    return {
        number: int(float(cells[place]))
        for number, cells in table
        if number != header and place < len(cells) and re.fullmatch(r"[0-9]{1,9}(?:\.0)?", cells[place])
    }


def _safe(cell: Cell) -> Cell:
    if isinstance(cell, float):
        return f"{cell:g}"
    return inert(cell) if isinstance(cell, str) else cell


def _write_xlsx(
    listing: Path,
    table: Sequence[tuple[int, list[str]]],
    header: int,
    beside: Mapping[int, list[Cell]],
    target: Path,
) -> None:
    width = _width(table, header)
    cells: list[PutCell] = [(header, column, name) for column, name in enumerate(COLUMNS, start=width + 1)]
    for number, values in beside.items():
        cells += [(number, column, value) for column, value in enumerate(values, start=width + 1)]
    if starts_as_workbook(listing):
        target.write_bytes(workbook_with(listing, cells))
        return
    import openpyxl

    book = openpyxl.Workbook()
    own = [
        (number, column, written_id(text) if _AS_TEXT.fullmatch(text) else text)
        for number, row in table
        for column, text in enumerate(row, start=1)
    ]
    put(book, [*own, *cells])
    target.write_bytes(workbook_bytes(book))
