"""A reading that was started in the browser goes on when the desk is killed."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest
from page_files import saved, sheet

from db.progress import progress
from db.queue.reading_runs import reading_runs, stop_runs
from db.store.engine import Database, open_database
from db.workspace import Workspace
from labeling.intake.register import intake

LONGEST_S = 180


def served(workspace: Workspace) -> tuple[subprocess.Popen[str], str]:
    """A desk as a process of its own, and its one-time link."""
    command = [sys.executable, "-m", "pipeline.cli", "-w", str(workspace.root), "review", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://\S+/link/\S+", line):
            return process, found[0]
    raise AssertionError("the desk did not start")


def at_the_desk(link: str) -> tuple[OpenerDirector, str]:
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    browser.open(link, timeout=30).read()
    return browser, link.partition("/link/")[0]


def page(browser: OpenerDirector, address: str, *, origin: str = "") -> str:
    """A page; with an origin, a form sent."""
    request = Request(address, data=b"" if origin else None)  # noqa: S310 - our own desk
    if origin:
        request.add_header("Origin", origin)
        request.add_header("Content-Type", "application/x-www-form-urlencoded")
    found: bytes = browser.open(request, timeout=60).read()
    return found.decode()


def taken_in(folder: Path, *, reports: int) -> tuple[Workspace, Database]:
    """A workspace where so many one-page reports wait to be read."""
    workspace = Workspace(workspace=folder / "workspace")
    database = open_database(workspace)
    for number in range(reports):
        saved(sheet(number, (900, 1200)), folder / "files" / f"A{number}.png")
    intake(
        [folder / "files"],
        is_synthetic=True,
        workspace=workspace,
        database=database,
        now=datetime.now(UTC),
    )
    return workspace, database


@pytest.mark.slow
@pytest.mark.tesseract
def test_a_killed_desk_takes_no_reading_with_it_and_the_next_desk_knows(tmp_path: Path) -> None:
    workspace, database = taken_in(tmp_path, reports=4)
    desk, link = served(workspace)
    browser, origin = at_the_desk(link)
    page(browser, f"{origin}/reading/start", origin=origin)
    deadline = time.monotonic() + LONGEST_S
    while not any(run.is_alive for run in reading_runs(workspace.readings)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    desk.kill()
    desk.wait(timeout=30)
    while any(run.is_alive for run in reading_runs(workspace.readings)):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    (run,) = reading_runs(workspace.readings)
    assert (run.ending, run.done, run.failed, run.total) == ("finished", 4, 0, 4)
    with database.read() as session:
        assert progress(session).drafted == 4
    again, link = served(workspace)
    browser, origin = at_the_desk(link)
    assert "4 read, 0 failed" in page(browser, f"{origin}/reading")
    again.terminate()
    again.wait(timeout=30)
    database.close()


@pytest.mark.slow
@pytest.mark.tesseract
def test_a_stopped_reading_gives_back_what_it_holds(tmp_path: Path) -> None:
    workspace, database = taken_in(tmp_path, reports=30)
    command = [sys.executable, "-m", "pipeline.cli", "-w", str(workspace.root), "extract", "--workers", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + LONGEST_S
    while not any(run.done for run in reading_runs(workspace.readings)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert stop_runs(workspace.readings) == 1
    assert process.wait(timeout=60) == 130
    (run,) = reading_runs(workspace.readings)
    assert (run.ending, run.is_alive) == ("stopped", False)
    with database.read() as session:
        (counts,) = progress(session).by_reader.values()
    assert counts["leased"] == 0
    assert counts["done"] < 30
    database.close()
