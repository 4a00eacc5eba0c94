"""Workspaces of one's own to sit down in: seeded once in a test run, copied for each test."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from desk_fixture import SampleRecord, SeededDesk, reopen_desk, seed_desk
from desk_people import Clock, DeskHall

from db.workspace import Workspace
from review_ui.desk.context import Desk
from review_ui.door.sessions import SessionBook


@dataclass
class SeededFolders:
    """Workspaces seeded so far, by what is in them: drawing pages takes longer than most tests.

    Attributes:
        migrated_file: an empty database, to copy.
    """

    root: Path
    migrated_file: Path
    made: dict[str, Path] = field(default_factory=dict)

    def copy(self, copy: Path, records: tuple[SampleRecord, ...]) -> SeededDesk:
        """A workspace of one's own with these records, drawn at most once in a test run."""
        key = repr(records)
        if key not in self.made:
            folder = self.root / str(len(self.made))
            copy_empty(self.migrated_file, folder)
            seed_desk(folder, records).database.close()
            self.made[key] = folder
        shutil.copytree(self.made[key], copy)
        return reopen_desk(copy)


def copy_empty(migrated_file: Path, folder: Path) -> Workspace:
    """A new workspace with an empty database of today's schema."""
    workspace = Workspace(workspace=folder)
    folder.mkdir(parents=True)
    shutil.copyfile(migrated_file, workspace.database_file)
    return workspace


def hall_over(seeded: SeededDesk) -> DeskHall:
    """A desk with a clock turned by hand."""
    clock = Clock()
    book = SessionBook(seeded.database, clock=clock, now=clock.wall)
    desk = Desk(seeded.database, book, now=clock.wall, lease_s=180.0, min_view_s=1.0)
    return DeskHall(seeded, desk, clock)
