"""Pages of a workspace in which there is nothing yet, or hardly anything: what is so, and where to go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from desk_fixture import SeededDesk
from desk_halls import copy_empty, hall_over
from desk_setups import full_disk
from raw_requests import HOST, RawBrowser
from work_fakes import FakeWork

from db.cases import register_case
from db.decisions import Role
from db.store.engine import open_database
from db.store.images import ImageStore, StoredImage
from pipeline.commands.datasets.desk_datasets import DeskDatasets
from review_ui.server import build_shell
from review_ui.text import door, queue, reading, records, take_out
from review_ui.work.hooks import WorkHooks

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def seeded(migrated_file: Path, tmp_path: Path) -> Iterator[SeededDesk]:
    """A workspace without a record."""
    workspace = copy_empty(migrated_file, tmp_path / "workspace")
    database = open_database(workspace)
    yield SeededDesk(workspace, database, ImageStore(workspace.images), [])
    database.close()


@pytest.fixture
def lead(seeded: SeededDesk) -> RawBrowser:
    """Whoever leads, and nobody else."""
    hall, work = hall_over(seeded), FakeWork()
    space = seeded.workspace
    desk = replace(
        hall.desk,
        workspace=space,
        work=WorkHooks(space, work.preview, work.add, work.start),
        datasets=DeskDatasets(space, seeded.database),
    )
    shell = build_shell(desk, seeded.store, hosts=frozenset({HOST}))
    return RawBrowser(shell, hall.sit_down("Lena", Role.LEAD).session_id)


def add_unread(seeded: SeededDesk) -> None:
    """One record that no machine has read."""
    page = StoredImage(f"{1:064x}", f"{11:064x}", 1, 10, 10, 100, "image/png", f"{1:016x}")
    with seeded.database.write() as session:
        register_case(
            session, patient_key=f"{1:064d}", site="", is_synthetic=True, report_images=[page],
            ecg_images=[], report_date=None, ecg_date=None, now=NOW,
        )  # fmt: skip


def test_without_reports_every_page_says_so_and_leads_to_adding_them(lead: RawBrowser) -> None:
    for path, sentence in (("/reading", reading.NO_REPORTS), ("/records", records.NONE_YET)):
        shown = lead.get(path).text
        assert sentence in shown and 'href="/add"' in shown.partition("<main")[2]
    assert "<form" not in lead.get("/records").text.partition("<main")[2]
    waiting = lead.get("/queue").text
    assert queue.QUEUE_EMPTY in waiting and "/queue/assign" not in waiting
    taken = lead.get("/take-out").text
    assert taken.count(take_out.LABELS_NONE) == 2 and "/take-out/freeze" not in taken


def test_a_record_nobody_has_read_is_not_offered_at_the_desk(lead: RawBrowser, seeded: SeededDesk) -> None:
    add_unread(seeded)
    shown = lead.get("/records?record=1").text
    assert records.READ_FIRST in shown and 'action="/records/open"' not in shown
    assert 'href="/reading"' in shown.partition("<main")[2]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/records?record=-1", f"{records.NO_RECORD}."),
        ("/records?record=x", f"{records.NO_RECORD}."),
        ("/records?record=99", f"{records.NO_RECORD}."),
        ("/records?same_as=-1", f"{records.NO_RECORD}."),
        ("/records?ef_from=low", "EF from is a plain number, such as 12."),
        ("/records?page=-2", "Page is a plain number, such as 12."),
        ("/take-out?name=v1&require=accepted", "No record is left to freeze. Review some first: echodesk"),
        ("/queue?light=blue", f"{queue.QUEUE_NO_FILTER}. "),
    ],
)
def test_a_wrong_address_is_told_in_whole_sentences(lead: RawBrowser, address: str, told: str) -> None:
    reply = lead.get(address)
    assert reply.status == 400
    assert door.PAGE_SHOWN_NOT.format(reason=told) in reply.text


def test_a_full_disk_is_called_so_and_not_busy(lead: RawBrowser, seeded: SeededDesk) -> None:
    with full_disk(seeded):
        for number in range(200):  # until what is left of the database's pages is written on
            told = lead.submit("/set-up/add", {"name": f"Annotator {number}", "role": "annotator"})
            if told.status != 303:
                break
    assert (told.status, door.PAGE_FULL in told.text) == (507, True)


def test_an_address_that_is_none_leads_back_to_the_desk(lead: RawBrowser) -> None:
    reply = lead.get("/recrods")
    assert reply.status == 403
    assert door.PAGE_REFUSED in reply.text and 'href="/"' in reply.text
