"""The reading page: what goes on, what waits, what failed and why; a run that nobody needs to watch."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from desk_fixture import SeededDesk
from desk_halls import copy_empty, hall_over
from work_fakes import WorkRoom, work_room

from db.cases import register_case
from db.errors import EchoDeskError
from db.queue.extraction_items import fail_item, lease_items
from db.queue.extraction_plan import plan_items
from db.queue.reading_runs import RunFile, reading_runs
from db.store.engine import open_database
from db.store.images import ImageStore, StoredImage
from review_ui.text import reading as said
from review_ui.text.quality import SILENT
from review_ui.work import reading as reading_module
from review_ui.work.reading_page import how_long

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def shared_room(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkRoom]:
    """Two records, of which the machine has read none."""
    workspace = copy_empty(migrated_file, tmp_path_factory.mktemp("reading") / "workspace")
    database = open_database(workspace)
    with database.write() as session:
        for number in (1, 2):
            register_case(
                session,
                patient_key=f"{number:064d}",
                site="",
                is_synthetic=True,
                report_images=[picture(number)],
                ecg_images=[],
                report_date=None,
                ecg_date=None,
                now=NOW,
            )
    yield work_room(hall_over(SeededDesk(workspace, database, ImageStore(workspace.images), [1, 2])))
    database.close()


@pytest.fixture
def room(shared_room: WorkRoom, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkRoom]:
    monkeypatch.setattr(reading_module, "_PATIENCE_S", 0.0)
    yield shared_room
    shared_room.tidy_up()
    shutil.rmtree(shared_room.hall.seeded.workspace.readings, ignore_errors=True)


def plain(room: WorkRoom) -> str:
    """The page without the marks around its times."""
    return re.sub("</?time[^>]*>", "", room.lead.get("/reading").text)


def picture(number: int) -> StoredImage:
    return StoredImage(f"{number:064x}", f"{number + 10:064x}", 1, 10, 10, 100, "image/png", f"{number:016x}")


def running(folder: Path, name: str = "run") -> RunFile:
    return RunFile(folder, name, lambda: NOW)


def test_what_waits_is_named_by_number_and_read_at_a_click(room: WorkRoom) -> None:
    html = room.lead.get("/reading").text
    assert "Nothing is being read. 2 reports wait to be read." in html
    assert 'href="/records?record=1"' in html
    assert room.lead.submit("/reading/start", {}).headers["location"] == "/reading"
    assert room.work.started == [False]
    html = room.lead.get("/reading").text
    assert "Reading begins." in html
    assert 'http-equiv="refresh"' in html
    assert 'src="/desk/watching.js"' in html
    assert f'role="alert" hidden="" data-again="2">{SILENT}<' in html
    room.lead.submit("/reading/start", {"again": "1"})
    assert room.work.started == [False], "one at a time"


def test_a_run_is_seen_while_it_lives_and_when_it_has_ended(room: WorkRoom) -> None:
    folder = room.hall.seeded.workspace.readings
    with running(folder) as told:
        assert "The reader is being made ready." in room.lead.get("/reading").text
        told._told_s = 0.0
        told.tell(done=1, failed=1, total=8, eta_s=130.0)
        html = room.lead.get("/reading").text
        assert "2 of 8 read, 1 of them failed. About 2 minutes left." in html
        assert "Stop" in html
        room.lead.submit("/reading/start", {})
        assert room.work.started == [], "it reads already, whoever started it"
        told.tell(done=7, failed=1, total=8, eta_s=0.0)
    html = room.lead.get("/reading").text
    assert "The last reading ended (20 Nov 2026 09:00 UTC): 7 read, 1 failed, in 1 s." in plain(room)
    assert 'http-equiv="refresh"' not in html
    assert SILENT not in html


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyboardInterrupt(), "The last reading was stopped (20 Nov 2026 09:00 UTC) after 3 reports."),
        (
            EchoDeskError("no <Tesseract> here", "Install it"),
            "The last reading ended (20 Nov 2026 09:00 UTC): no &lt;Tesseract&gt; here. Install it.",
        ),
        (ValueError("Mrs X"), "The last reading ended (20 Nov 2026 09:00 UTC): ValueError."),
    ],
)
def test_how_a_run_ended_is_said(room: WorkRoom, error: BaseException, words: str) -> None:
    with suppress(BaseException), running(room.hall.seeded.workspace.readings) as told:
        told.tell(done=3, failed=0, total=9, eta_s=1.0)
        raise error
    assert words in plain(room)


def test_a_run_that_was_killed_is_said_to_have_ended_without_a_word(room: WorkRoom) -> None:
    folder = room.hall.seeded.workspace.readings
    told = running(folder).__enter__()
    told.tell(done=9, failed=0, total=9, eta_s=1.0)
    assert told._held is not None
    told._held.close()  # what the system does when a process dies
    assert "ended without a word (20 Nov 2026 09:00 UTC) after 9 reports." in plain(room)


def test_a_process_that_cannot_be_started_is_said(room: WorkRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    room.work.exit_code = 2
    room.lead.submit("/reading/start", {})
    assert "Reading could not be started (exit code 2)." in room.lead.get("/reading").text
    used = shutil.disk_usage(room.hall.seeded.workspace.root)
    monkeypatch.setattr(reading_module, "disk_usage", lambda _: used._replace(free=0))
    assert said.NO_ROOM in room.lead.get("/reading").text


def test_what_failed_is_named_with_the_reason_and_tried_again(room: WorkRoom) -> None:
    named = {"reader": "rules", "reader_version": "1"}
    with room.hall.desk.database.write() as session:
        plan_items(session, **named)
        (item,) = lease_items(
            session, reader="rules", reader_version="1", worker="w", limit=1, now=NOW, lease_s=60
        )
        fail_item(session, item_id=item.item_id, worker="w", error="a stored page is <damaged>", now=NOW)
    html = room.lead.get("/reading").text
    assert "a stored page is &lt;damaged&gt;" in html
    assert "1 report waits to be read." in html
    room.lead.submit("/reading/start", {"again": "1"})
    assert room.work.started == [True]


def test_only_the_newest_run_that_has_ended_is_kept(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        with running(tmp_path, name):
            pass
    assert [run.name for run in reading_runs(tmp_path)] == ["three"]
    (tmp_path / "torn.json").write_text("{")
    assert len(reading_runs(tmp_path)) == 1


def test_a_folder_that_cannot_be_written_is_no_reason_not_to_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with running(tmp_path / "file") as told:
        told.tell(done=1, failed=0, total=1, eta_s=None)
    assert told.run.done == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "About 1 seconds"), (89, "About 89 seconds"), (200, "About 3 minutes"), (9_000, "About 2 hours")],
)
def test_time_left_is_said_roughly(seconds: float, words: str) -> None:
    assert how_long(seconds).startswith(words)
