"""`echodesk withdraw` ended with kill -9 at any moment, beside a desk at work, and on PostgreSQL."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlmodel import select
from test_cli_withdraw import RECORDS, cases, filled, ids, no_settings, run, space

from db.events import CONSENT_WITHDRAWN
from db.store.engine import open_database
from db.store.images import ImageStore
from db.tables.cases import CaseImage
from db.tables.events import Event
from db.workspace import Workspace

__all__ = ["filled", "ids", "no_settings", "space"]

LEFT = set(range(1, RECORDS + 1)) - {7, 8}
COMMAND = [sys.executable, "-m", "pipeline.cli"]


def started(root: Path, ids: Path, *more: str) -> subprocess.Popen[bytes]:
    words = ["-w", str(root), "withdraw", "--from", str(ids), "--yes", *more]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ECHODESK_")}
    return subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def assert_taken_out(root: Path) -> None:
    assert cases(root) == LEFT
    assert "chain unbroken" in run(root, "audit", "verify").stdout
    database, store = open_database(Workspace(workspace=root)), ImageStore(root / "images")
    with database.read() as session:
        shown = set(session.exec(select(CaseImage.image_sha256)))
    database.close()
    assert {path.name for path in store.root.rglob("*") if path.is_file()} == shown
    assert all(one["is_taken_out"] for one in json.loads(run(root, "withdraw", "--list", "--json").stdout))


@pytest.mark.slow
def test_killed_at_any_moment_and_run_again_the_end_is_the_same(
    filled: Path, ids: Path, tmp_path: Path
) -> None:
    draw, killed, lives_s = random.Random(7), 0, 2.0
    for number in range(16):
        root = tmp_path / f"killed {number}"
        shutil.copytree(filled, root)
        program = started(root, ids, "--delete-backups")
        time.sleep(draw.uniform(0.4, 1.0) * lives_s)
        program.kill()
        was_killed = program.wait() != 0
        killed += was_killed
        lives_s *= 1.2 if was_killed else 0.7  # how long it takes depends on what else the machine does
        assert cases(root) in (LEFT, LEFT | {7, 8})
        run(root, "withdraw", "--from", str(ids), "--yes", "--delete-backups")
        assert_taken_out(root)
        assert not list(root.rglob("*.partial"))
        shutil.rmtree(root)
    assert killed


@pytest.mark.slow
def test_several_at_once_come_to_one_end(space: Path, ids: Path) -> None:
    programs = [started(space, ids) for _ in range(4)]
    assert [program.wait() for program in programs] == [0, 0, 0, 0]
    assert_taken_out(space)
    log = run(space, "audit", "verify", "--json").stdout
    database = open_database(Workspace(workspace=space))
    with database.read() as session:
        assert len(session.exec(select(Event).where(Event.kind == CONSENT_WITHDRAWN)).all()) == 1
    database.close()
    assert json.loads(log)["bad_id"] is None
