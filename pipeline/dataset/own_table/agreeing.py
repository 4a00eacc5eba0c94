"""Do the rows of a table agree with each other? What contradicts is refused with all rows that say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from db.access.patient_key import normal_patient_id
from db.fields.names import COLUMN_OF_ANSWER
from labeling.intake.manifest import RowError
from labeling.intake.patient_ids import ONE_SPELLING, look_alikes, mixed_up
from pipeline.dataset.own_table.reading import OwnRow

_SILENT: Final = (None, "not_stated")
_NAMED: Final = 6
_PAIRS: Final = 20


@dataclass(frozen=True)
class Photographed:
    """A row with its photographs.

    Attributes:
        files: in the order of the row.
        digests: SHA-256 of their bytes.
    """

    row: OwnRow
    files: tuple[Path, ...]
    digests: tuple[str, ...]

    @property
    def patient(self) -> str:
        """The patient's id in the one spelling that tells patients apart."""
        return normal_patient_id(self.row.patient_id)


@dataclass(frozen=True)
class Agreed:
    """The rows that go together, those that do not, and what to know.

    Attributes:
        copies: rows left out because an earlier one says the same of the same photographs.
    """

    rows: tuple[Photographed, ...]
    errors: tuple[RowError, ...]
    notes: tuple[str, ...]
    copies: tuple[int, ...]


def agreed(rows: Sequence[Photographed]) -> Agreed:
    """Sort out rows that contradict each other; a row is refused once, for the first reason."""
    kept, copies = _without_copies(rows)
    errors: dict[int, RowError] = {}
    for find in (_ids_mixed_up, _photographs_shared, _answers_differ, _sexes_differ):
        for error in find(kept):
            errors.setdefault(error.row, error)
        # What was refused for one reason is no reason against others.
        kept = [one for one in kept if one.row.row not in errors]
    return Agreed(tuple(kept), tuple(errors[row] for row in sorted(errors)), tuple(_doubts(kept)), copies)


def _without_copies(rows: Sequence[Photographed]) -> tuple[list[Photographed], tuple[int, ...]]:
    seen: set[Hashable] = set()
    kept: list[Photographed] = []
    copies: list[int] = []
    for one in rows:
        row = one.row
        days = (row.report_date, row.ecg_date)
        said = (one.patient, one.digests, row.findings, *days, row.age_years, row.sex, row.site, row.device)
        if said in seen:
            copies.append(row.row)
        else:
            kept.append(one)
        seen.add(said)
    return kept, tuple(copies)


def _ids_mixed_up(rows: Sequence[Photographed]) -> Iterable[RowError]:
    first = {one.row.patient_id: one.row.row for one in reversed(rows)}
    problems = mixed_up(one.row.patient_id for one in rows)
    for one in rows:
        if one.row.patient_id in problems:
            other, what = problems[one.row.patient_id]
            reason = f"its patient id and that of row {first[other]} {what}"
            yield RowError(one.row.row, "id_clash", reason, ONE_SPELLING)


def _photographs_shared(rows: Sequence[Photographed]) -> Iterable[RowError]:
    by_digest = _groups(rows, lambda one: one.digests)
    for group in by_digest.values():
        if len(group) < 2:
            continue
        listed = _listed(group)
        if len({one.patient for one in group}) > 1:
            reason = f"the same photograph is named for several patients, in rows {listed}"
            remedy = "At most one of them can be right: correct the file, or the id."
        else:
            reason = f"the same photograph is named in rows {listed}, which are not the same otherwise"
            remedy = "Keep one of the rows."
        yield from (RowError(one.row.row, "photo_clash", reason, remedy) for one in group)


def _answers_differ(rows: Sequence[Photographed]) -> Iterable[RowError]:
    """One patient with two answers on one day; of rows without a day nobody can tell."""
    dated = [one for one in rows if one.row.report_date is not None]
    for group in _groups(dated, lambda one: [(one.patient, one.row.report_date)]).values():
        for column in COLUMN_OF_ANSWER.values():
            said: set[Any] = {getattr(one.row.findings, column) for one in group}
            if len(said.difference(_SILENT)) > 1 and column != "ef_state":
                reason = f"rows {_listed(group)} are of one patient and date, and differ in {column}"
                remedy = "Keep the right one, or correct the date or the id."
                yield from (RowError(one.row.row, "differ", reason, remedy) for one in group)


def _sexes_differ(rows: Sequence[Photographed]) -> Iterable[RowError]:
    for group in _groups(rows, lambda one: [one.patient]).values():
        if len({one.row.sex for one in group} - {None}) > 1:
            reason = f"rows {_listed(group)} are of one patient and differ in sex"
            remedy = "Correct the sex, or the id: two patients may share one by mistake."
            yield from (RowError(one.row.row, "differ", reason, remedy) for one in group)


def _groups(
    rows: Sequence[Photographed], keys_of: Callable[[Photographed], Iterable[Hashable]]
) -> dict[Hashable, list[Photographed]]:
    groups: dict[Hashable, list[Photographed]] = defaultdict(list)
    for one in rows:
        for key in dict.fromkeys(keys_of(one)):
            groups[key].append(one)
    return groups


def _listed(group: Sequence[Photographed]) -> str:
    numbers = [str(one.row.row) for one in group]
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return ", ".join(numbers[:_NAMED]) + more


def _doubts(rows: Sequence[Photographed]) -> Iterable[str]:
    first = {one.row.patient_id: one.row.row for one in reversed(rows)}
    alike = look_alikes(first)
    for one, other, what in alike[:_PAIRS]:
        yield f"rows {first[one]} and {first[other]}: ids that differ in {what} alone are two patients"
    if len(alike) > _PAIRS:
        yield f"{len(alike) - _PAIRS} more pairs of ids differ in as little"
    undated = _groups([one for one in rows if one.row.report_date is None], lambda one: [one.patient])
    several = [group for group in undated.values() if len({one.row.findings for one in group}) > 1]
    for group in several[:_NAMED]:
        yield (
            f"rows {_listed(group)} are of one patient, have no date and differ; "
            "each is taken as a record of its own"
        )
    if len(several) > _NAMED:
        yield f"{len(several) - _NAMED} more patients have rows without a date that differ"
