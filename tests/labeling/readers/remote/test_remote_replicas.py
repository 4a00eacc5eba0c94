"""The remote reader and its servers: restarts, several replicas, and which model is behind an address."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from loopback import free_port
from remote_readers import QUICK, FakeTime, Serve, code_of, page, reader_of, serve
from stub_server import Fault, ef_of_grey

from labeling.readers.remote.errors import RemoteError
from labeling.readers.remote.reader import RemoteReader

__all__ = ["serve"]


def test_a_restart_in_the_middle_is_survived(serve: Serve) -> None:
    server = serve(fault_of=lambda number, body: Fault(delay_s=0.02))
    reader = reader_of(server, concurrency=3, patience=replace(QUICK, first_cool_down_s=0.05))
    for outage_s in (0.2, 0.1):
        began = len(server.seen)

        def restart(began: int = began, outage_s: float = outage_s) -> None:
            wait_until(lambda: len(server.seen) >= began + 5)
            server.stop()
            time.sleep(outage_s)
            server.start()

        restarting = threading.Thread(target=restart)
        restarting.start()
        outcomes = reader.read_reports([page(grey) for grey in range(20)])
        restarting.join()
        assert [code_of(outcome) for outcome in outcomes] == ["reading"] * 20
        assert [outcome.findings.ef_percent for outcome in outcomes] == [
            ef_of_grey(grey) for grey in range(20)
        ]
        counts = Counter(server.greys()[began:])
        # Only what was under way when it went down was asked twice.
        assert set(counts) == set(range(20)) and sum(counts.values()) <= 20 + 3


def wait_until(condition: Callable[[], object], limit_s: float = 20) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.005)


def start_process(port: int, delay_s: float) -> subprocess.Popen[str]:
    """The stub server as a process of its own, listening."""
    here = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, str(here / "stub_server.py"), str(port), str(delay_s)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(here.parents[1])},
    )
    assert process.stdout is not None and process.stdout.readline().strip() == str(port)
    return process


def test_a_server_process_killed_and_started_again_costs_no_report() -> None:
    port = free_port()
    processes = [start_process(port, 0.05)]
    patience = replace(QUICK, give_up_s=60, first_cool_down_s=0.1)
    reader = RemoteReader(
        [f"http://127.0.0.1:{port}"], min_pixels=784, max_pixels=784, patience=patience, concurrency=4
    )

    def kill_and_start() -> None:
        time.sleep(0.2)
        processes[0].send_signal(signal.SIGKILL)
        processes[0].wait()
        processes.append(start_process(port, 0))

    killing = threading.Thread(target=kill_and_start)
    killing.start()
    try:
        outcomes = reader.read_reports([page(grey) for grey in range(40)])
    finally:
        killing.join()
        for process in processes:
            process.kill()
            process.wait()
    assert [code_of(outcome) for outcome in outcomes] == ["reading"] * 40
    assert [outcome.findings.ef_percent for outcome in outcomes] == [ef_of_grey(grey) for grey in range(40)]


def test_several_servers_share_the_work_and_one_that_is_down_is_done_without(serve: Serve) -> None:
    first, second = (serve(fault_of=lambda number, body: Fault(delay_s=0.01)) for _ in range(2))
    reader = reader_of(first, second, concurrency=2)
    assert reader.batch_size == 4
    reader.read_reports([page(grey) for grey in range(20)])
    assert len(first.seen) + len(second.seen) == 20 and min(len(first.seen), len(second.seen)) >= 6
    second.stop()
    before = len(first.seen)
    outcomes = reader.read_reports([page(grey) for grey in range(20)])
    assert [code_of(outcome) for outcome in outcomes] == ["reading"] * 20
    assert len(first.seen) - before == 20 and first.most_at_once <= 2
    second.start()
    time.sleep(0.15)  # longer than the longest cool-down
    seen = len(second.seen)
    reader.read_reports([page(grey) for grey in range(20)])
    assert len(second.seen) - seen >= 4, "a server that is back should be used again"


def test_a_busy_server_gets_less_than_an_idle_one(serve: Serve) -> None:
    fast = serve()
    slow = serve(fault_of=lambda number, body: Fault(until=lambda: len(fast.seen) >= 18))
    outcomes = reader_of(slow, fast, concurrency=2).read_reports([page(grey) for grey in range(20)])
    assert [code_of(outcome) for outcome in outcomes] == ["reading"] * 20
    assert (len(slow.seen), len(fast.seen)) == (2, 18)


def test_servers_of_different_models_are_not_mixed(serve: Serve) -> None:
    first, second = serve(), serve(models=[{"id": "tiny", "root": "org/other"}])
    with pytest.raises(RemoteError) as caught:
        reader_of(first, second)
    assert caught.value.code == "another_model"


def test_a_server_that_comes_back_with_another_model_is_not_used(serve: Serve) -> None:
    first, second = serve(), serve()
    reader = reader_of(first, second, concurrency=2)
    second.stop()
    outcomes = reader.read_reports([page(grey) for grey in range(4)])
    assert [code_of(outcome) for outcome in outcomes] == ["reading"] * 4
    second.models = [{"id": "tiny", "root": "org/other"}]
    second.start()
    time.sleep(0.15)
    outcomes = reader.read_reports([page(grey) for grey in range(12)])
    assert [code_of(outcome) for outcome in outcomes] == ["reading"] * 12
    assert second.seen == []


def test_a_restart_with_another_model_between_two_batches_is_noticed_within_a_minute(serve: Serve) -> None:
    fake = FakeTime()
    server = serve()
    reader = reader_of(server, **fake.options())
    server.models = [{"id": "tiny", "root": "org/other"}]
    fake.now_s += 61
    assert code_of(reader.read_reports([page(1)])[0]) == "another_model"
    assert server.seen == []


@pytest.mark.parametrize(
    ("models", "asked", "revision"),
    [
        ([{"id": "tiny", "root": "/srv/hub/models--q/snapshots/" + "ab" * 20}], "", "ab" * 20),
        ([{"id": "a"}, {"id": "b", "root": "org/b"}], "b", "org/b"),
        ([{"id": "a"}], "b", "unknown"),
        ([], "b", "unknown"),
        (None, "b", "unknown"),
    ],
)
def test_who_the_model_is_comes_from_the_server(serve: Serve, models: Any, asked: str, revision: str) -> None:
    server = serve(models=models)
    reader = reader_of(server, model=asked)
    reading = reader.read_pages(page(1))
    assert reader.weights_revision == revision == (reading.generation and reading.generation.revision)
    assert server.seen[0]["model"] == (asked or "tiny")


@pytest.mark.parametrize("models", [[], [{"id": "a"}, {"id": "b"}], None])
def test_without_a_name_there_must_be_one_model_to_choose(serve: Serve, models: Any) -> None:
    with pytest.raises(RemoteError) as caught:
        reader_of(serve(models=models), patience=replace(QUICK, start_s=0.1))
    assert caught.value.code in ("which_model", "unreachable")


def test_a_server_that_is_still_starting_is_waited_for(serve: Serve) -> None:
    server = serve(models_status=503)
    threading.Timer(0.2, lambda: setattr(server, "models_status", 200)).start()
    assert reader_of(server).weights_revision == "org/tiny"


def test_nobody_at_the_address_is_said_within_the_agreed_time() -> None:
    began = time.monotonic()
    with pytest.raises(RemoteError) as caught:
        RemoteReader([f"http://127.0.0.1:{free_port()}"], patience=replace(QUICK, start_s=0.3))
    assert caught.value.code == "unreachable" and time.monotonic() - began < 5
