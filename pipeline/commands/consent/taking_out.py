"""How `echodesk withdraw` takes patients out, step by step; each can be done again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.errors import EchoDeskError
from pipeline.commands.consent.planned import Elsewhere, Planned, elsewhere

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.workspace import Workspace

ACTOR = "command line"


@dataclass(frozen=True)
class Done:
    """What was taken out.

    Attributes:
        missing: pictures that were not in this machine's image store.
        backup: the new one, where older ones were deleted.
        left: where else in the workspace they still are.
        trouble: why free pages could not be written over; None where they were.
    """

    patients: int
    counts: dict[str, int]
    pictures: int
    shared: int
    missing: int
    own_ids: int
    report_lines: int
    unclaimed: int
    backups: int
    backup: Path | None
    left: Elsewhere
    trouble: EchoDeskError | None

    def as_json(self) -> dict[str, Any]:
        """For a script; nobody is named."""
        return {
            "patients": self.patients,
            "taken_out": {**self.counts, "picture": self.pictures},
            "pictures_shared": self.shared,
            "pictures_missing": self.missing,
            "own_ids": self.own_ids,
            "report_lines": self.report_lines,
            "unclaimed": self.unclaimed,
            "backups_deleted": self.backups,
            "is_written_over": self.trouble is None,
            "snapshots": [one.name for one in self.left.snapshots],
            "backups": [str(one.file) for one in self.left.backups],
        }


def take_out(
    database: Database, space: Workspace, found: Planned, *, with_backups: bool, with_unclaimed: bool
) -> Done:
    """Take everybody of a plan out: rows and pictures, own ids, report lines, free pages, backups.

    Raises:
        EchoDeskError: a file can't be written or deleted. What was done before stays done.
    """
    from db.access.own_ids import OwnIds
    from db.consent.copies import backups_holding, delete_backups, drop_lines_naming
    from db.consent.removing import TABLES, withdraw_consent
    from db.consent.unclaimed import delete_unclaimed
    from db.files.leftovers import remove_leftovers
    from db.store.backup import backup_database
    from db.store.scrub import scrub

    now, own = datetime.now(UTC), OwnIds(space)
    keys = [one.patient_key for one in found.asked]
    gone = [withdraw_consent(database, space, patient_key=key, actor=ACTOR, now=now) for key in keys]
    own_ids = sum(own.forget(key) for key in keys)
    lines = drop_lines_naming(space, found.ids)
    unclaimed = delete_unclaimed(database, space) if with_unclaimed else 0
    remove_leftovers((space.images, space.backups, space.reports, space.snapshots))
    trouble = None
    try:
        scrub(database, TABLES)
    except EchoDeskError as error:
        trouble = error  # the rest goes on; what is told at the end is that this is to be done again
    backup, backups = None, 0
    old = backups_holding(space, keys) if with_backups else []
    if old:
        backup = backup_database(space, now=now)
        backups = delete_backups(old)
    return Done(
        patients=len(keys),
        counts=_counts(gone),
        pictures=sum(len(one.holdings.pictures) - one.missing for one in gone),
        shared=sum(len(one.holdings.shared) for one in gone),
        missing=sum(one.missing for one in gone),
        own_ids=own_ids,
        report_lines=lines,
        unclaimed=unclaimed,
        backups=backups,
        backup=backup,
        left=elsewhere(database, space, found.asked),
        trouble=trouble,
    )


def _counts(gone: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in gone:
        for noun, count in one.holdings.counts.items():
            total[noun] = total.get(noun, 0) + count
    return total
