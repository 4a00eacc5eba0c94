"""Seeded desks for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from desk_fixture import SampleRecord, SeededDesk, clean_record, desk_record, two_page_record
from desk_halls import SeededFolders, hall_over
from desk_office import (
    browser,
    cheap_passwords,
    make_browser,
    office,
    outer_shell,
    password_hash,
    real_passwords,
    shared_office,
)
from desk_people import DeskHall, MakeHall, Person, SeedCopy
from live_desk import LiveDesk, MakeLive, Windows, launch_chromium, running_desk
from loopback import free_port
from playwright.sync_api import Browser, sync_playwright

from db.decisions import Role
from review_ui.leads import pages

__all__ = [
    "browser",
    "cheap_passwords",
    "make_browser",
    "office",
    "outer_shell",
    "password_hash",
    "real_passwords",
    "shared_office",
]


@pytest.fixture(scope="session", autouse=True)
def _patient_counts() -> None:
    """Pages wait for their counts: how quick this machine is must not decide what they say."""
    pages._KEPT.patience_s = 60.0


@pytest.fixture(scope="session")
def seeded_folders(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> SeededFolders:
    """Workspaces to copy, made once."""
    return SeededFolders(tmp_path_factory.mktemp("seeded"), migrated_file)


@pytest.fixture
def seed_copy(tmp_path: Path, seeded_folders: SeededFolders) -> Iterator[SeedCopy]:
    """Opens a workspace of its own with the records given."""
    opened: list[SeededDesk] = []

    def make(*records: SampleRecord) -> SeededDesk:
        opened.append(seeded_folders.copy(tmp_path / f"workspace{len(opened)}", records))
        return opened[-1]

    yield make
    for seeded in opened:
        seeded.database.close()


@pytest.fixture
def make_hall(seed_copy: SeedCopy) -> MakeHall:
    """Builds a desk over the records given."""

    def make(*records: SampleRecord) -> DeskHall:
        return hall_over(seed_copy(*records))

    return make


@pytest.fixture(scope="module")
def shared_hall(
    seeded_folders: SeededFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeskHall]:
    """The same three records for tests that store nothing."""
    records = (desk_record(), clean_record(2), two_page_record())
    seeded = seeded_folders.copy(tmp_path_factory.mktemp("shared") / "workspace", records)
    yield hall_over(seeded)
    seeded.database.close()


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    """Three records: a red one, a clean one, one of two pages."""
    return make_hall(desk_record(), clean_record(2), two_page_record())


@pytest.fixture
def asha(hall: DeskHall) -> Person:
    """An annotator at the desk."""
    return hall.sit_down("Asha")


@pytest.fixture
def bina(hall: DeskHall) -> Person:
    """Another annotator."""
    return hall.sit_down("Bina")


@pytest.fixture
def chitra(hall: DeskHall) -> Person:
    """Somebody who settles where they differ."""
    return hall.sit_down("Chitra", Role.ADJUDICATOR)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def windows(chromium: Browser) -> Windows:
    """Windows that the people of one test leave to those of the next."""
    return Windows(chromium, free_port())


@pytest.fixture
def make_live(seed_copy: SeedCopy, windows: Windows) -> Iterator[MakeLive]:
    """Serves the records given until the test ends."""
    with ExitStack() as running:

        def make(*records: SampleRecord, **options: Any) -> LiveDesk:
            return running.enter_context(running_desk(seed_copy(*records), windows, **options))

        yield make
