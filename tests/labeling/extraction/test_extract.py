"""Extraction: every case drafted once, whatever fails, hangs, dies or is killed."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from extraction_runs import (
    add_cases,
    drafts_per_case,
    item_states,
    reads_in,
    run_extraction,
)
from sqlmodel import select

from db.drafts import latest_draft
from db.errors import EchoDeskError
from db.events import verify_chain
from db.store.engine import Database, open_database
from db.store.images import ImageStore
from db.tables.drafts import ExtractionAttempt
from db.workspace import Workspace
from labeling.extraction.job import extract
from labeling.extraction.report import ExtractProgress, ExtractSummary
from labeling.readers.base import ReaderIdentity, ReaderSpec

STATED: dict[str, Any] = {
    "findings": {"ef_percent": 55, "ef_operator": "=", "ef_state": "stated"},
    "evidence": {"ef_percent": {"quote": "EF 55%", "page": 1, "box": [1, 2, 3, 4], "boxes": [[1, 2, 3, 4]]}},
    "confidence": {"ef_percent": 0.95, "rwma": 0.9, "pah": 0.9, "rvsp_mmhg": 0.9},
    "legibility": {"sharpness": 12.5},
}


class Desk:
    """One workspace with its database and store."""

    def __init__(self, folder: Path) -> None:
        self.workspace = Workspace(workspace=folder / "workspace")
        self.database: Database = open_database(self.workspace)
        self.store = ImageStore(self.workspace.images)
        self.log = folder / "reads.log"

    def options(self, answers: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        return {"answers": answers or {}, "default": STATED, "log": str(self.log), **more}

    def extract(self, options: dict[str, Any] | None = None, **more: Any) -> ExtractSummary:
        spec = ReaderSpec("scripted", self.options() if options is None else options)
        return extract(self.database, self.store, reader_factory=spec, **{"workers": 1, **more})

    def errors(self) -> list[str]:
        with self.database.read() as session:
            return [attempt.error for attempt in session.exec(select(ExtractionAttempt))]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.database.close()


def test_every_case_gets_one_draft_with_all_it_should_say(desk: Desk) -> None:
    prints = add_cases(desk.database, desk.store, 3, pages=2)
    told: list[ExtractProgress] = []
    summary = desk.extract(on_progress=told.append, code_version="0.1+abc")
    assert (summary.reader, summary.reader_version) == ("scripted", "1")
    assert (summary.done, summary.failed, summary.already_done, summary.failures) == (3, 0, 0, [])
    assert sorted(reads_in(desk.log)) == sorted(prints.values())
    with desk.database.read() as session:
        draft = latest_draft(session, case_id=1)
    assert draft is not None
    assert (draft.ef_percent, draft.ef_state, draft.code_version) == (55, "stated", "0.1+abc")
    assert draft.evidence["ef_percent"] == STATED["evidence"]["ef_percent"]
    assert draft.light == dict.fromkeys(("ef_percent", "rwma", "pah", "rvsp_mmhg"), "green")
    assert draft.legibility == {"sharpness": 12.5}
    assert draft.elapsed_s > 0
    assert [(step.done, step.total) for step in told] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert told[0].eta_s is None and told[-1].eta_s == 0 and told[-1].rate_per_s > 0


def test_a_second_run_reads_nothing_and_a_new_version_reads_all(desk: Desk) -> None:
    add_cases(desk.database, desk.store, 3)
    desk.extract()
    again = desk.extract()
    assert (again.done, again.already_done, len(reads_in(desk.log))) == (0, 3, 3)
    newer = desk.extract(desk.options(version="2"))
    assert (newer.done, len(reads_in(desk.log))) == (3, 6)
    assert set(drafts_per_case(desk.database).values()) == {2}


def test_one_bad_report_fails_alone_says_nothing_of_the_report_and_can_be_retried(desk: Desk) -> None:
    prints = add_cases(desk.database, desk.store, 4)
    bad = {prints[2]: {"raises": "Mr Example, EF 12%"}, prints[3]: {"confidence": {"rwma": float("nan")}}}
    summary = desk.extract(desk.options(bad), workers=2)
    assert (summary.done, summary.failed) == (2, 2)
    (raised, unstorable) = summary.failures
    assert raised[:2] == (2, 1)
    assert raised[2].startswith("the reader failed (RuntimeError, labeling/readers/scripted.py line ")
    assert unstorable == (3, 1, "the reading can't be stored (ValueError)")
    again = desk.extract(desk.options(bad))
    assert (again.done, again.failed, len(again.failures)) == (0, 0, 2)
    retried = desk.extract(retry_failed=True)
    assert (retried.done, retried.retried, retried.failures) == (2, 2, [])
    assert len(desk.errors()) == 2 and not any("Example" in error for error in desk.errors())


def test_a_dying_process_costs_only_the_report_it_had(desk: Desk) -> None:
    prints = add_cases(desk.database, desk.store, 6)
    deadly = {prints[1]: {"exits": -signal.SIGSEGV}, prints[4]: {"exits": 7}}
    summary = desk.extract(desk.options(deadly), workers=2)
    assert (summary.done, summary.failed) == (4, 2)
    assert summary.failures == [
        (1, 1, "the reading process ended (signal SIGSEGV)"),
        (4, 1, "the reading process ended (exit code 7)"),
    ]


def test_a_report_that_takes_too_long_fails_and_its_process_is_gone(desk: Desk) -> None:
    prints = add_cases(desk.database, desk.store, 3)
    slow = {prints[2]: {"sleep_s": 60}}
    summary = desk.extract(desk.options(slow), item_timeout_s=2)
    assert (summary.done, summary.failures) == (2, [(2, 1, "the reader took longer than 2 s")])
    assert not multiprocessing.active_children()


def test_a_damaged_stored_page_is_named_and_the_rest_goes_on(desk: Desk) -> None:
    add_cases(desk.database, desk.store, 2)
    with desk.database.read() as session:
        from db.cases import case_images
        from db.decisions import ImageRole

        (page,) = case_images(session, case_id=1, role=ImageRole.REPORT)
    desk.store.path(page.sha256).write_bytes(b"rot")
    summary = desk.extract()
    assert (summary.done, summary.failed) == (1, 1)
    assert "stored page" in summary.failures[0][2]


def test_a_reader_that_complains_about_every_report_stops_the_run_and_fails_none(desk: Desk) -> None:
    add_cases(desk.database, desk.store, 5)
    with pytest.raises(EchoDeskError, match="no answer for this report") as caught:
        desk.extract({})
    assert caught.value.hint
    assert item_states(desk.database) == {"pending": 5}
    assert desk.extract().done == 5


def test_a_reader_that_complains_about_one_report_fails_that_one(desk: Desk) -> None:
    prints = add_cases(desk.database, desk.store, 4)
    answers = {prints[case]: STATED for case in (2, 3, 4)}
    summary = desk.extract({"answers": answers})
    assert (summary.done, [case for case, _, _ in summary.failures]) == (3, [1])


def test_an_unknown_reader_is_named_with_the_known_ones(desk: Desk) -> None:
    with pytest.raises(EchoDeskError, match="no reader 'oracle'") as caught:
        extract(desk.database, desk.store, reader_factory=ReaderSpec("oracle"))
    assert "rules" in caught.value.hint
    with pytest.raises(EchoDeskError, match="options given: colour"):
        extract(desk.database, desk.store, reader_factory=ReaderSpec("rules", {"colour": 1}))


@pytest.fixture
def start(desk: Desk) -> Iterator[Callable[..., ForkServerProcess]]:
    """Start an extraction of the desk in a process of its own."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["extraction_runs", "labeling.extraction.job"])
    started: list[ForkServerProcess] = []

    def begin(options: dict[str, Any], workers: int = 2, lease_s: float = 1.0) -> ForkServerProcess:
        process = processes.Process(
            target=run_extraction, args=(desk.workspace.root, options, workers, lease_s)
        )
        process.start()
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.join()


def wait_until(condition: Callable[[], object], limit_s: float = 30) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def test_ctrl_c_gives_the_leases_back_at_once(desk: Desk, start: Callable[..., ForkServerProcess]) -> None:
    add_cases(desk.database, desk.store, 30)
    run = start(desk.options(default=STATED | {"sleep_s": 0.5}), lease_s=600)
    wait_until(lambda: len(reads_in(desk.log)) >= 4)
    os.kill(int(run.pid or 0), signal.SIGINT)
    run.join(30)
    assert run.exitcode == 130
    states = item_states(desk.database)
    assert states["leased"] == 0 and states["failed"] == 0
    assert states["done"] == sum(drafts_per_case(desk.database).values()) >= 2
    assert desk.extract().done == 30 - states["done"]


def test_two_runs_at_once_share_the_work_and_repeat_none_of_it(
    desk: Desk, start: Callable[..., ForkServerProcess]
) -> None:
    prints = add_cases(desk.database, desk.store, 40)
    runs = [start(desk.options(default=STATED | {"sleep_s": 0.02}), workers=1, lease_s=30) for _ in range(2)]
    for run in runs:
        run.join(60)
    assert [run.exitcode for run in runs] == [0, 0]
    assert drafts_per_case(desk.database) == dict.fromkeys(prints, 1)
    assert sorted(reads_in(desk.log)) == sorted(prints.values())


@pytest.mark.slow
def test_killed_ten_times_every_case_is_drafted_once_and_nothing_stored_is_read_again(
    desk: Desk, start: Callable[..., ForkServerProcess]
) -> None:
    prints = add_cases(desk.database, desk.store, 100)
    options = desk.options(default=STATED | {"sleep_s": 0.02})
    chance = random.Random(7)
    stored_before: set[str] = set()
    seen = 0
    for kill in range(10):
        run = start(options)
        begun = len(reads_in(desk.log))
        wanted = begun + chance.randint(1, 13)
        wait_until(lambda: len(reads_in(desk.log)) >= wanted or not run.is_alive())  # noqa: B023
        time.sleep(chance.uniform(0, 0.05))
        if kill % 3 == 2:
            for worker in children_of(int(run.pid or 0)):
                os.kill(worker, signal.SIGKILL)
            time.sleep(chance.uniform(0, 0.2))
        run.kill()
        run.join()
        reads = reads_in(desk.log)
        assert not stored_before & set(reads[seen:])
        stored_before = {prints[case] for case in drafts_per_case(desk.database)}
        seen = len(reads)
    assert 10 <= len(stored_before) < 100, "the kills should fall in the middle of the work"
    last = desk.extract(desk.options(), workers=2, retry_failed=True, lease_s=1.0)
    assert last.failures == []
    assert not stored_before & set(reads_in(desk.log)[seen:])
    assert drafts_per_case(desk.database) == dict.fromkeys(prints, 1)
    assert item_states(desk.database) == {"done": 100}
    # Only what was in hand at a kill may have been read more than once: two reports a run.
    assert len(reads_in(desk.log)) <= 100 + 2 * 10 + 2 * 4
    with desk.database.read() as session:
        assert verify_chain(session).bad_id is None


def children_of(pid: int) -> list[int]:
    """The reading processes of a run, as the system lists them."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
            command = (status.parent / "cmdline").read_text()
        except OSError:
            continue
        if int(fields[1]) == pid and "spawn_main" in command:
            found.append(int(status.parent.name))
    return found


def test_a_draft_is_plain_json(desk: Desk) -> None:
    add_cases(desk.database, desk.store, 1)
    desk.extract()
    with desk.database.read() as session:
        draft = latest_draft(session, case_id=1)
    assert draft is not None
    json.dumps(
        [draft.evidence, draft.confidence, draft.light, draft.checks, draft.legibility], allow_nan=False
    )


def test_a_reader_that_likes_batches_gets_them_and_every_report_its_own_draft(desk: Desk) -> None:
    prints = add_cases(desk.database, desk.store, 7)
    bad = {prints[2]: {"raises": "Mr Example"}}
    summary = desk.extract(desk.options(bad, batch_size=3))
    assert (summary.done, summary.failed) == (6, 1)
    assert sorted(reads_in(desk.log)) == sorted(prints.values())
    assert set(drafts_per_case(desk.database).values()) == {1}


def test_a_report_that_kills_its_process_fails_alone_also_from_within_a_batch(desk: Desk) -> None:
    prints = add_cases(desk.database, desk.store, 6)
    deadly = {prints[3]: {"exits": -signal.SIGKILL}}
    summary = desk.extract(desk.options(deadly, batch_size=6))
    assert (summary.done, summary.failed) == (5, 1)
    assert summary.failures == [(3, 1, "the reading process ended (signal SIGKILL)")]


def test_a_report_that_takes_too_long_fails_alone_also_from_within_a_batch(desk: Desk) -> None:
    prints = add_cases(desk.database, desk.store, 3)
    slow = {prints[2]: {"sleep_s": 60}}
    summary = desk.extract(desk.options(slow, batch_size=3), item_timeout_s=2)
    assert (summary.done, summary.failures) == (2, [(2, 1, "the reader took longer than 2 s")])


class Doubtful:
    """A calibration by which every score is right seven times in ten."""

    def probability(self, field: str, score: float) -> tuple[float, float]:
        return (0.7, 0.8)


def test_what_reviews_taught_about_a_reader_decides_its_lights(desk: Desk) -> None:
    add_cases(desk.database, desk.store, 1)
    asked: list[str] = []

    def calibration_for(identity: ReaderIdentity) -> Doubtful:
        asked.append(f"{identity.name} {identity.version}")
        return Doubtful()

    desk.extract(calibration_for=calibration_for)
    with desk.database.read() as session:
        draft = latest_draft(session, case_id=1)
    assert asked == ["scripted 1"]
    assert draft is not None and draft.reasons is not None
    assert set(draft.light.values()) == {"amber"}
    assert {"code": "often_wrong", "values": {"percent": "70"}} in draft.reasons["ef_percent"]
