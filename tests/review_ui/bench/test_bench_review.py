"""`echodesk bench review`: honest inputs, percentiles by hand, and the shape of its report.

Times are never judged.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from db_rows import rebuild_queue
from own_thread import in_own_thread
from sqlmodel import col, select

from db.events import verify_chain
from db.queue.plan import ReadingRules
from db.store.engine import open_database
from db.tables.queue import QueueItem
from pipeline.commands.bench_review import show_review_bench
from review_ui.bench.figures import Latency, Load, PaintTimes, ReviewBench, latency
from review_ui.bench.invented import invent_workspace, measured_workspace
from review_ui.bench.long_queue import measure_long_queue
from review_ui.bench.review_bench import BenchPlan, bench_review

TINY = BenchPlan(records=150, annotators=2, seconds=0.3, keys=0, queue_records=40, queue_rounds=2)


def test_percentiles_are_measured_times_and_never_flatter() -> None:
    assert latency([0.001 * number for number in range(1, 21)]) == Latency(20, 10.0, 19.0, 20.0)
    assert latency([0.005]) == Latency(1, 5.0, 5.0, 5.0)
    with pytest.raises(ValueError, match="nothing was measured"):
        latency([])


def test_ratios_stand_beside_what_they_compare() -> None:
    fast, slow = Latency(100, 30.0, 60.0, 90.0), Latency(100, 45.0, 90.0, 99.0)
    result = ReviewBench(
        records=10,
        painted=PaintTimes(observed=slow, measured=slow, bare=fast),
        load=Load(16, slow, 120.0, 0),
        paced=None,
        whole_page=None,
        bare_load=Load(16, fast, 300.0, 0),
        queue_records=0,
        queue={},
    )
    shown = result.as_json()
    assert (shown["painted"]["ratio"], shown["load_ratio"]) == (1.5, 0.4)


def test_an_invented_workspace_is_one_that_daily_work_could_have_made(tmp_path: Path) -> None:
    workspace = measured_workspace(tmp_path)
    pictures = invent_workspace(workspace, 120)
    database = open_database(workspace)

    def queue() -> list[dict[str, Any]]:
        with database.read() as session:
            return [item.model_dump() for item in session.exec(select(QueueItem).order_by(col(QueueItem.id)))]

    with database.read() as session:
        checked = verify_chain(session)
    assert (checked.events, checked.reason) == (120, "")
    written = queue()
    with database.write() as session:
        assert rebuild_queue(session, rules=ReadingRules()) == 120
    assert queue() == written
    assert {item["light"] for item in written} == {"green", "amber", "red"}
    assert all(picture.read_bytes()[:2] == b"\xff\xd8" for picture in pictures)
    database.close()


@pytest.mark.slow
def test_records_for_a_single_key_have_no_red_light(tmp_path: Path) -> None:
    workspace = measured_workspace(tmp_path)
    invent_workspace(workspace, 100, with_red=False)
    database = open_database(workspace)
    with database.read() as session:
        lights = {item.light for item in session.exec(select(QueueItem))}
    database.close()
    assert lights == {"green", "amber"}


def test_a_measurement_never_touches_the_database_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECHODESK_DATABASE_URL", "postgresql://somebody@elsewhere/real")
    assert measured_workspace(tmp_path).url == f"sqlite:///{tmp_path / 'echodesk.db'}"


@pytest.mark.slow
def test_everything_is_asked_of_the_long_queue_as_often_as_wanted(tmp_path: Path) -> None:
    invent_workspace(measured_workspace(tmp_path), 40)
    times = measure_long_queue(tmp_path, rounds=2)
    assert {name.partition(":")[0] for name in times} == {"queue", "filter", "counts"}
    assert {took.n for took in times.values()} == {2}


@pytest.mark.slow
def test_a_tiny_run_reports_every_figure_with_its_number() -> None:
    told: list[tuple[str, int, int]] = []
    result = in_own_thread(bench_review, TINY, on_progress=lambda *what: told.append(what))
    shown = json.loads(json.dumps(result.as_json()))
    assert shown["painted"] is None
    for name in ("load", "paced", "whole_page", "bare_load"):
        assert set(shown[name]["requests"]) == {"n", "p50_ms", "p95_ms", "max_ms"}
        assert (shown[name]["annotators"], shown[name]["failed"]) == (2, 0), name
        assert shown[name]["requests"]["n"] > 0
        assert shown[name]["requests"]["p50_ms"] <= shown[name]["requests"]["p95_ms"]
    assert shown["load_ratio"] > 0
    assert {name.partition(":")[0] for name in shown["queue"]} == {"queue", "filter", "counts", "desk"}
    assert {took["n"] for took in shown["queue"].values()} == {2}
    assert told[-1] == ("queue", 1, 1)


def test_without_playwright_the_command_says_how_to_install_it_or_to_leave_it_out() -> None:
    code = "import sys; sys.modules['playwright.sync_api'] = None\nfrom pipeline.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "bench", "review", "--records", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "pip install 'echodesk[dev]'" in done.stderr
    assert "--keys 0" in done.stderr


def test_the_command_prints_a_table_for_each_part(capsys: pytest.CaptureFixture[str]) -> None:
    took = Latency(100, 30.0, 60.0, 90.0)
    show_review_bench(
        ReviewBench(
            records=10_000,
            painted=PaintTimes(observed=took, measured=took, bare=took),
            load=Load(16, took, 120.0, 0),
            paced=Load(16, took, 100.0, 0),
            whole_page=Load(16, took, 60.0, 0),
            bare_load=Load(16, took, 300.0, 0),
            queue_records=100_000,
            queue={"queue: next": took},
        )
    )
    said = capsys.readouterr().out
    assert "10000 records waiting" in said
    assert "16 annotators at once" in said
    assert "The desk stores 0.40 decisions for every answer of the bare event." in said
    assert "100000 records in the queue" in said


@pytest.mark.slow
@pytest.mark.browser
def test_a_tiny_run_with_a_browser_watches_every_key_from_outside() -> None:
    plan = BenchPlan(records=150, annotators=1, seconds=0.3, keys=4, queue_records=0)
    painted = in_own_thread(bench_review, plan).painted
    assert painted is not None
    assert (painted.observed.n, painted.measured.n, painted.bare.n) == (4, 4, 4)
    assert painted.ratio > 0
