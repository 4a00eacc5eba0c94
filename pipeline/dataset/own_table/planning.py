"""What a snapshot of a researcher's table would hold: who has which photographs, and what can't be taken.

Nothing is written, and no picture is opened.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from db.errors import EchoDeskError
from db.files.manifest import hash_file
from db.labels import Rwma, RwmaSeverity
from labeling.intake.files import find_files
from labeling.intake.manifest import RowError
from labeling.intake.patient_ids import LEAVE_OUT, why_withdrawn
from labeling.intake.plan import FileFinder, files_named, resolve_files
from labeling.intake.report import Refused
from pipeline.dataset.own_table.agreeing import Agreed, Photographed, agreed
from pipeline.dataset.own_table.columns import DATES
from pipeline.dataset.own_table.reading import OwnTable, read_own_table


@dataclass(frozen=True)
class OwnPlan:
    """What would be frozen.

    Attributes:
        refused: rows and files that can't be taken, by row.
        not_listed: photographs below the folders that no row names; left alone.
        copies: rows left out because an earlier one says the same.
    """

    table: OwnTable
    rows: tuple[Photographed, ...]
    refused: tuple[Refused, ...]
    notes: tuple[str, ...]
    not_listed: tuple[Path, ...]
    copies: tuple[int, ...]

    @property
    def patients(self) -> int:
        """How many patients the rows are of."""
        return len({one.patient for one in self.rows})

    @property
    def rows_refused(self) -> int:
        """How many rows can't be taken."""
        return self.table.count - len(self.rows) - len(self.copies)


def plan_own_table(
    listing: Path, folders: Sequence[Path], *, mapping: Mapping[str, str], site: str, today: date
) -> OwnPlan:
    """Read a table and find its photographs.

    Args:
        folders: where the photographs are, with all below, besides the table's own folder.
        mapping: field -> title of its column, where a person said so.

    Raises:
        EchoDeskError: the table as a whole is unusable, or a folder is not there.
    """
    gone = [folder for folder in folders if not folder.is_dir()]
    if gone:
        raise EchoDeskError(
            f"there is no folder {gone[0]}", "Name the folder of the photographs: --photos DIR."
        )
    # A day's grace, because a date may come from a place east of here.
    table = read_own_table(listing, mapping, site, today + timedelta(days=1))
    found, bad_files = find_files(folders)
    finder = FileFinder([listing.parent, *folders], found)
    named = files_named([name for row in table.rows for name in row.photos], finder)
    rows: list[Photographed] = []
    refused = [one for one in bad_files if one.code != "not_an_image"]
    refused += [_of_row(listing, error) for error in table.errors]
    for row in table.rows:
        files, missing = resolve_files(row.photos, row.row, finder, named)
        digests, unreadable = _digests(files, row.row)
        if missing or unreadable:
            refused += [*missing, *unreadable]
        else:
            rows.append(Photographed(row, files, digests))
    agreement = agreed(rows)
    refused += [_of_row(listing, error) for error in agreement.errors]
    spoken_of = named | files_named(table.files_refused, finder) | {listing.resolve()}
    return OwnPlan(
        table=table,
        rows=agreement.rows,
        refused=tuple(sorted(refused, key=lambda one: one.row or 0)),
        notes=(*table.notes, *_notes(table, agreement)),
        not_listed=tuple(file.path for file in found if file.path.resolve() not in spoken_of),
        copies=agreement.copies,
    )


def without_withdrawn(planned: OwnPlan, secret: bytes, withdrawn: Container[str]) -> OwnPlan:
    """The plan with the rows refused whose patient withdrew their consent, by the keyed hashes of those."""
    reasons = {one.row.row: why_withdrawn(one.row.patient_id, secret, withdrawn) for one in planned.rows}
    refused = [
        Refused(planned.table.path, "withdrawn", reason, LEAVE_OUT, row)
        for row, reason in reasons.items()
        if reason
    ]
    return replace(
        planned,
        rows=tuple(one for one in planned.rows if not reasons[one.row.row]),
        refused=tuple(sorted((*planned.refused, *refused), key=lambda one: one.row or 0)),
    )


def _of_row(listing: Path, error: RowError) -> Refused:
    return Refused(listing, error.code, error.reason, error.remedy, error.row)


def _digests(files: Sequence[Path], row: int) -> tuple[tuple[str, ...], list[Refused]]:
    digests: list[str] = []
    refused: list[Refused] = []
    for file in files:
        try:
            digests.append(hash_file(file).sha256)
        except OSError as error:
            reason = f"the file can't be read ({error.strerror or type(error).__name__})"
            refused.append(Refused(file, "unreadable", reason, "Check that you may read it.", row))
    return tuple(digests), refused


def _notes(table: OwnTable, agreement: Agreed) -> list[str]:
    notes = list(agreement.notes)
    if agreement.copies:
        rows = ", ".join(map(str, agreement.copies))
        notes.append(f"left out, because an earlier row says the same of the same photographs: rows {rows}")
    if not any(field in table.columns for field in DATES):
        notes.append("no column of dates: how far apart ECG and echo are can't be checked")
    silent = sum(
        one.row.findings.ef_percent is None and one.row.findings.rwma in (Rwma.NOT_STATED, Rwma.UNREADABLE)
        for one in agreement.rows
    )
    if silent:
        notes.append(f"{silent} rows state neither EF nor wall motion; a training learns nothing from them")
    return [*notes, *_alike(agreement)]


def _alike(agreement: Agreed) -> list[str]:
    """What says the same in every row that says it, so that nothing can be learnt of it."""
    answers = {one.row.findings.rwma for one in agreement.rows} & {Rwma.PRESENT, Rwma.ABSENT}
    efs = {one.row.findings.ef_percent for one in agreement.rows} - {None}
    said = [f"wall motion is {answer.value}" for answer in answers if len(answers) == 1]
    said += [f"EF is {ef:g} %" for ef in efs if ef is not None and len(efs) == 1]
    return [f"{what} in every row that states it; a training learns nothing of it" for what in said]


def ungraded(plan: OwnPlan) -> int:
    """Rows whose wall motion is abnormal without a grade: no target of a training unless it is told so."""
    return sum(
        one.row.findings.rwma is Rwma.PRESENT and one.row.findings.rwma_severity is RwmaSeverity.NOT_STATED
        for one in plan.rows
    )
