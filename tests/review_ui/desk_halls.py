"""Workspaces of one's own to sit down in: seeded once in a test run, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

from desk_fixture import SampleRecord, SeededDesk, reopen_desk, seed_desk
from desk_people import Clock, DeskHall

from review_ui.desk.context import Desk
from review_ui.door.sessions import SessionBook


def copy_desk(seeded_folders: dict[str, Path], copy: Path, records: tuple[SampleRecord, ...]) -> SeededDesk:
    """A workspace of one's own with these records, drawn at most once in a test run."""
    key = repr(records) + "."
    if key not in seeded_folders:
        folder = seeded_folders[""] / str(len(seeded_folders))
        seed_desk(folder, records).database.close()
        seeded_folders[key] = folder
    shutil.copytree(seeded_folders[key], copy)
    return reopen_desk(copy)


def hall_over(seeded: SeededDesk) -> DeskHall:
    """A desk with a clock turned by hand."""
    clock = Clock()
    book = SessionBook(seeded.database, clock=clock, now=clock.wall)
    desk = Desk(seeded.database, book, now=clock.wall, lease_s=180.0, min_view_s=1.0)
    return DeskHall(seeded, desk, clock)
