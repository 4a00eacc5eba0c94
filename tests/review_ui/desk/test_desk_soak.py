"""Everything at once for a quarter of an hour, and anything killed at any moment; the figures are printed.

Sixteen people decide while reports are read, backups and datasets are made and the log is audited, first on
SQLite, then on PostgreSQL:

    .venv/bin/python -m pytest -n 0 -m long -s tests/review_ui/desk/test_desk_soak.py

Both together make 100 kills and 20,000 acknowledged decisions, three quarters of them on SQLite. A decision
counts once the server has said that it is stored. During the last 3,000 on each, the memory of one life of
the desk is watched, and only the programs beside it are killed. `ECHO_SOAK_KILLS` and `ECHO_SOAK_DECISIONS`
before the command want other numbers; `ECHO_SOAK_S` (1100) is how many seconds it works in all: what the
machine did not do by then is not done, and the figures say so.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import pytest
from killed_desk import (
    PRACTICE_SHARE,
    SECOND_SHARE,
    Desk,
    check,
    people_at_work,
    strict_workspace,
    wait_for_more,
)
from postgres_server import postgres_server, postgres_url
from sqlalchemy import text

from db.files.at_work import who_is_at_work
from db.store.engine import open_database
from db.workspace import Workspace
from review_ui.bench.invented import invent_workspace

__all__ = ["postgres_server", "postgres_url"]

SECONDS = float(os.environ.get("ECHO_SOAK_S", "1100"))
KILLS = int(os.environ.get("ECHO_SOAK_KILLS", "100"))
DECISIONS = int(os.environ.get("ECHO_SOAK_DECISIONS", "20000"))
# The rest is PostgreSQL's, where a decision takes about twice as long.
ON_SQLITE, SECONDS_ON_SQLITE = 0.75, 0.62
# Programs that come back in a second or two are killed more often than the desk, with its sixteen people.
DESK_SHARE = 0.4
# A life of the desk in which its memory is watched: after so many decisions, and after so many more.
WARM, WATCHED = 1000, 2000
MOST_GROWTH = 0.10
CHECKED_EVERY = 10
STOPPED = 130  # what a reading of reports ends with that was asked to stop
OVERRIDES = (
    "conflicts", "unreadable-images", "patient-in-two-folds", "image-in-two-folds", "class-counts",
    "vigilance", "seeded-values", "far-pairs", "ef-fraction",
)  # fmt: skip


@dataclass
class Verbs:
    """Programs at work beside the desk, one reading reports, the others one after the other."""

    workspace: Workspace
    done: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    _alive: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    _stopped: Event = field(default_factory=Event)
    _made: int = 0

    def _typed(self, verb: str) -> list[str]:
        self._made += 1
        overrides = [word for name in OVERRIDES for word in ("--override", name)]
        return {
            "extract": ["extract", "--reader", "rules", "--second-reader", "none", "--workers", "1"],
            "backup": ["backup"],
            "snapshot": ["snapshot", "create", f"soak-{self._made}", *overrides],
            "audit": ["audit", "verify"],
        }[verb]

    def run(self, verb: str) -> int:
        """Run one to its end, or until it is killed; its exit code."""
        shares = {
            "ECHODESK_SECOND_READING_SHARE": f"{SECOND_SHARE}",
            "ECHODESK_VIGILANCE_SHARE": f"{PRACTICE_SHARE}",
            "ECHODESK_BLIND_SHARE": "0",
            "ECHODESK_DATABASE_URL": self.workspace.database_url,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        process = self._alive[verb] = subprocess.Popen(
            [sys.executable, "-m", "pipeline.cli", "-w", str(self.workspace.root), *self._typed(verb)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **shares},
            start_new_session=True,
        )  # fmt: skip
        said, _ = process.communicate()
        code = process.returncode
        if code == -signal.SIGKILL:
            self.killed[verb] += 1
        elif code in (0, STOPPED):
            self.done[verb] += 1
        else:
            self.faults.append(f"{verb} ({code}): {said[-600:]}")
        return code

    def kill_one(self, rng: random.Random) -> str:
        """Kill -9 a program and all that it started; its verb, empty where none is at work."""
        alive = [verb for verb, process in self._alive.items() if process.poll() is None]
        if not alive:
            return ""
        verb = rng.choice(alive)
        with suppress(ProcessLookupError):
            os.killpg(self._alive[verb].pid, signal.SIGKILL)
        return verb

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """All of them, until the block ends."""

        def again(*verbs: str) -> None:
            while not self._stopped.is_set():
                for verb in verbs:
                    if not self._stopped.is_set():
                        self.run(verb)
                        self._stopped.wait(1)

        threads = [Thread(target=again, args=verbs, daemon=True) for verbs in
                   (("extract",), ("backup", "snapshot", "audit"))]  # fmt: skip
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            reading = self._alive.get("extract")
            if reading is not None and reading.poll() is None:
                reading.terminate()
            for thread in threads:
                thread.join(120)
            assert not any(thread.is_alive() for thread in threads), "a verb does not end"


def resident_mb(process: int) -> float:
    """Memory of a process now."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


@dataclass
class Soak:
    """One run over one workspace, and what came of it.

    Attributes:
        decisions, kills: how many it wants, of all acknowledged decisions and of all parts.
        died: how often each part was killed. slowest_s: the longest that the desk took to come back.
        elapsed_s: of the people at work. whole_s: with filling and checks.
        memory_mb: of one life of the desk, warm and later.
    """

    workspace: Workspace
    decisions: int
    kills: int
    rng: random.Random = field(default_factory=lambda: random.Random(20261129))
    died: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    elapsed_s: float = 0.0
    whole_s: float = 0.0
    memory_mb: tuple[float, float] = (0.0, 0.0)
    _pace_s: float = 0.0

    def __post_init__(self) -> None:
        self._began = time.monotonic()
        invent_workspace(self.workspace, self.decisions + 4000)
        know_the_tables(self.workspace)
        self.desk, self.verbs = Desk(self.workspace), Verbs(self.workspace)

    def run(self, seconds: float) -> None:
        """Let everything work and kill any of it, then watch the memory of one life."""
        before = self.decisions - WARM - WATCHED
        self._pace_s = seconds / self.kills
        with people_at_work(self.desk, self.desk.start()), self.verbs.at_work():
            wait_for_more(self.desk, 1)  # nobody is killed while people come in
            started = time.monotonic()
            until = started + seconds * before / self.decisions  # all the watched ones are made, however long
            while time.monotonic() < until and self._done < before:
                self._work_for_a_while(before)
                self._kill_one(may_be_desk=True)
            self.desk.kill()
            self.desk.start()
            self.memory_mb = self._memory_after(WARM), self._memory_after(WATCHED)
            self.elapsed_s = time.monotonic() - started
        self.desk.stop()

    @property
    def _done(self) -> int:
        return len(self.desk.log.acknowledged)

    def _work_for_a_while(self, at_most: int) -> None:
        """Until some decisions more, or after some seconds on a machine that makes fewer."""
        wait_for_more(self.desk, 1)
        share = self.rng.uniform(0, 1.8)
        wanted = min(self._done + share * self.decisions / self.kills, at_most)
        until = time.monotonic() + share * self._pace_s
        while self._done < wanted and time.monotonic() < until:
            time.sleep(0.01)

    def _memory_after(self, decisions: int) -> float:
        """Memory of the desk after so many more decisions, while only the programs beside it are killed."""
        wanted = self._done + decisions
        while self._done < wanted:
            self._work_for_a_while(wanted)
            self._kill_one(may_be_desk=False)
        return resident_mb(self.desk.pid)

    def _kill_one(self, *, may_be_desk: bool) -> None:
        """Kill the desk, or a program beside it that is at work just now."""
        is_desk = may_be_desk and self.rng.random() < DESK_SHARE
        victim = "desk" if is_desk else self.verbs.kill_one(self.rng)
        if victim:
            self.died[victim] += 1
        if victim != "desk":
            return
        self.desk.kill()
        if self.died["desk"] % CHECKED_EVERY == 0:
            check(self.workspace, set(self.desk.log.acknowledged), derived_at_most=200)
        began = time.monotonic()
        self.desk.start()
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)

    def check_the_end(self, name: str) -> None:
        """Every other program once more, undisturbed; then what is stored."""
        log, (warm, later) = self.desk.log, self.memory_mb
        last = {verb: self.verbs.run(verb) for verb in ("backup", "snapshot", "audit")}
        reviews = check(self.workspace, set(log.acknowledged), derived_at_most=2000)  # none is lost
        twice = Counter((review.case_id, review.annotator_id, review.purpose) for review in reviews.values())
        doubled = sum(count > 1 for count in twice.values())
        self.whole_s = time.monotonic() - self._began
        left = sorted(path.name for path in self.workspace.root.rglob(".*.partial"))
        said = (
            f"{len(log.acknowledged)} decisions acknowledged of {self.decisions} wanted",
            f"{self.died.total()} kills of {self.kills} wanted {dict(self.died)}",
            f"lost 0, twice {doubled}, chain whole",
            f"{self.elapsed_s:.0f} s of work, {self.whole_s:.0f} s with filling and checks, "
            f"load {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores",
            f"cut off {log.cut_off}, not taken {len(log.refused)} {sorted(set(log.refused.values()))[:3]}",
            f"programs ended {dict(self.verbs.done)}, killed {dict(self.verbs.killed)}",
            f"faults {self.verbs.faults}",
            f"slowest start of the desk {self.slowest_s:.1f} s; left over {left}",
            f"memory of a desk {warm:.0f} MB after {WARM} decisions, {later:.0f} MB after {WATCHED} more",
        )
        sys.stdout.write(f"\n{name}: " + "\n  ".join(said) + "\n")  # the figures are what it is run for
        assert doubled == 0 and set(reviews) <= set(log.sent)
        assert self.verbs.faults == []
        assert last == {"backup": 0, "snapshot": 0, "audit": 0}
        assert left == [] and who_is_at_work(self.workspace.root) == []
        assert later <= warm * (1 + MOST_GROWTH)


def know_the_tables(workspace: Workspace) -> None:
    """What a server does by itself within a minute, and the server of the tests does not."""
    database = open_database(workspace)
    if database.dialect == "postgresql":
        with database.write() as session:
            session.execute(text("ANALYZE"))
    database.close()


@pytest.fixture(scope="module")
def soaks() -> Iterator[list[Soak]]:
    """Those of this run; their sum is printed at the end."""
    done: list[Soak] = []
    yield done
    if len(done) > 1:
        decisions = sum(len(soak.desk.log.acknowledged) for soak in done)
        kills, took_s = sum(soak.died.total() for soak in done), sum(soak.whole_s for soak in done)
        sys.stdout.write(f"\nBoth: {decisions} decisions, {kills} kills, {took_s:.0f} s\n")


def _soak(workspace: Workspace, share: float, seconds: float) -> Soak:
    soak = Soak(workspace, round(share * DECISIONS), round(share * KILLS))
    soak.run(seconds)
    return soak


@pytest.mark.slow
@pytest.mark.long
def test_a_soak_over_sqlite_loses_and_doubles_nothing(tmp_path: Path, soaks: list[Soak]) -> None:
    soak = _soak(strict_workspace(tmp_path / "workspace"), ON_SQLITE, SECONDS_ON_SQLITE * SECONDS)
    soak.check_the_end("SQLite")
    soaks.append(soak)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.postgres
def test_a_soak_over_postgresql_loses_and_doubles_nothing(
    tmp_path: Path, postgres_url: str, soaks: list[Soak]
) -> None:
    workspace = strict_workspace(tmp_path / "workspace", database_url=postgres_url)
    soak = _soak(workspace, 1 - ON_SQLITE, (1 - SECONDS_ON_SQLITE) * SECONDS)
    soak.check_the_end("PostgreSQL")
    soaks.append(soak)
