"""What `echodesk withdraw` would take out: who is meant, what there is of them, and where else they are."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from db.errors import EchoDeskError

if TYPE_CHECKING:
    from db.consent.asked import Asked
    from db.consent.copies import Copy
    from db.consent.holdings import Holdings
    from db.store.engine import Database
    from db.workspace import Workspace
    from pipeline.curation.withdrawn import Holding


@dataclass(frozen=True)
class Elsewhere:
    """Where else in the workspace these patients are.

    Attributes:
        begun: trainings that did not end yet, where a snapshot holds the patients.
        report_lines: lines of intake's reports of refused files that name them.
        unclaimed: pictures in the image store that no record shows.
    """

    snapshots: Sequence[Holding]
    begun: Sequence[Path]
    backups: Sequence[Copy]
    report_lines: int
    unclaimed: int


@dataclass(frozen=True)
class Planned:
    """The patients who were named, what is kept of each, and what else there is."""

    asked: Sequence[Asked]
    held: Sequence[Holdings]
    elsewhere: Elsewhere

    @property
    def ids(self) -> list[str]:
        """Their ids, as far as they are known here."""
        return [one.written for one in self.asked if one.written]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of what, of all of them together."""
        total: dict[str, int] = {}
        for one in self.held:
            for noun, count in one.counts.items():
                total[noun] = total.get(noun, 0) + count
        return total

    @property
    def records(self) -> list[int]:
        """The numbers of their records."""
        return sorted(number for one in self.held for number in one.cases)


def planned(
    database: Database,
    space: Workspace,
    source: Path | None,
    records: Sequence[int],
    *,
    is_noted: bool,
    is_ahead: bool,
) -> Planned:
    """Find out who is meant and what there is. Reads alone.

    Raises:
        EchoDeskError: an id or a number is nobody's, or the key file is missing or another one.
    """
    from db.consent.asked import Asked, patients_asked
    from db.consent.holdings import holdings_of
    from db.consent.patients import still_here

    ids = [] if is_noted or (records and source is None) else _ids(source)
    with database.read() as session:
        asked = patients_asked(session, space, ids=ids, records=records, is_ahead=is_ahead)
        known = {one.patient_key for one in asked}
        noted = still_here(session, space) if is_noted else []
        asked += [Asked(key, None) for key in noted if key not in known]
        held = [holdings_of(session, patient_key=one.patient_key) for one in asked]
    return Planned(asked, held, elsewhere(database, space, asked))


def elsewhere(database: Database, space: Workspace, asked: Sequence[Asked]) -> Elsewhere:
    """Where else in the workspace they are just now."""
    from db.access.desk_key import load_or_create_desk_key
    from db.consent.copies import backups_holding, lines_naming
    from db.consent.unclaimed import unclaimed_pictures
    from pipeline.curation.withdrawn import begun_runs, holdings_of

    keys = [one.patient_key for one in asked]
    has_snapshots = any(space.snapshots.glob("[!.]*"))  # without one no key is made
    with database.read() as session:
        unclaimed = len(unclaimed_pictures(session, space))
    snapshots = holdings_of(space, keys, load_or_create_desk_key(space)) if keys and has_snapshots else []
    return Elsewhere(
        snapshots,
        begun_runs(space) if snapshots else [],
        backups_holding(space, keys) if keys else [],
        sum(lines_naming(space, [one.written for one in asked if one.written]).values()),
        unclaimed,
    )


def _ids(source: Path | None) -> list[str]:
    """The ids of a file, of standard input, or typed at a question."""
    from db.consent.asked import ids_in

    if source is None:
        typed: str = typer.prompt("Patient id", err=True)
        return [typed]
    try:
        text = sys.stdin.read() if str(source) == "-" else source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise EchoDeskError(f"{source} can't be read ({reason})", "Write one id a line.") from None
    ids = ids_in(text)
    if not ids:
        raise EchoDeskError(f"{source} holds no id", "Write one id a line.")
    return ids
