"""Seeded desks for the tests of this room."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_fixture import SampleRecord, SeededDesk, clean_record, desk_record, reopen_desk, seed_desk, two_page_record
from desk_people import Clock, DeskHall, MakeHall, SeedCopy

from review_ui.desk import Desk
from review_ui.sessions import SessionBook


@pytest.fixture(scope="session")
def seeded_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Workspaces seeded so far, by what is in them: drawing pages takes longer than most tests."""
    return {"": tmp_path_factory.mktemp("seeded")}


@pytest.fixture
def seed_copy(tmp_path: Path, seeded_folders: dict[str, Path]) -> Iterator[SeedCopy]:
    """Opens a workspace of its own with the records given."""
    opened: list[SeededDesk] = []

    def make(*records: SampleRecord) -> SeededDesk:
        key = repr(records) + "."
        if key not in seeded_folders:
            folder = seeded_folders[""] / str(len(seeded_folders))
            seed_desk(folder, records).database.close()
            seeded_folders[key] = folder
        copy = tmp_path / f"workspace{len(opened)}"
        shutil.copytree(seeded_folders[key], copy)
        opened.append(reopen_desk(copy))
        return opened[-1]

    yield make
    for seeded in opened:
        seeded.database.close()


@pytest.fixture
def make_hall(seed_copy: SeedCopy) -> MakeHall:
    """Builds a desk over the records given."""

    def make(*records: SampleRecord) -> DeskHall:
        seeded = seed_copy(*records)
        clock = Clock()
        book = SessionBook(clock=clock)
        desk = Desk(seeded.database, book, now=clock.wall, lease_s=180.0, min_view_s=1.0)
        return DeskHall(seeded, desk, clock)

    return make


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    """Three records: a red one, a clean one, one of two pages."""
    return make_hall(desk_record(), clean_record(2), two_page_record())
