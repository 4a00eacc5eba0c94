"""A patient withdraws while their report is read: the run goes on, and nothing of them comes back."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from extraction_runs import NOW, add_cases, drafts_per_case, item_states, run_extraction
from test_extract import STATED, Desk

from db.consent.removing import withdraw_consent
from db.events import verify_database
from labeling.extraction.report import ExtractProgress


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.database.close()


def withdraw(desk: Desk, number: int) -> None:
    key = f"{number - 1:064x}"
    withdraw_consent(desk.database, desk.workspace, patient_key=key, actor="lead", now=NOW)


@pytest.mark.parametrize("gone", [(1,), (2, 3), (4,), (1, 2, 3, 4)])
def test_a_run_goes_on_without_the_records_that_are_taken_out(desk: Desk, gone: tuple[int, ...]) -> None:
    add_cases(desk.database, desk.store, 4)
    told: list[ExtractProgress] = []

    def at_first(step: ExtractProgress) -> None:
        if not told:
            for number in gone:
                withdraw(desk, number)
        told.append(step)

    summary = desk.extract(on_progress=at_first)
    assert (summary.done, summary.failed, summary.failures) == (4 - len(gone), 0, [])
    assert set(drafts_per_case(desk.database)) == {1, 2, 3, 4} - set(gone)
    assert item_states(desk.database) == ({"done": 4 - len(gone)} if len(gone) < 4 else {})
    assert verify_database(desk.database).reason == ""


@pytest.mark.parametrize("number", [2, 3])
def test_what_is_read_when_they_withdraw_is_thrown_away(desk: Desk, number: int) -> None:
    """Reports are leased ahead: one of them is being read, or waits with its pages named."""
    add_cases(desk.database, desk.store, 3)

    def at_the_second(step: ExtractProgress) -> None:
        if step.done == 1:
            withdraw(desk, number)

    summary = desk.extract(on_progress=at_the_second, lease_s=60)
    assert (summary.failed, summary.failures) == (0, [])
    assert set(drafts_per_case(desk.database)) == {1, 2, 3} - {number}
    assert verify_database(desk.database).reason == ""


@pytest.mark.slow
def test_killed_at_any_moment_beside_withdrawals_the_end_is_the_same(desk: Desk) -> None:
    add_cases(desk.database, desk.store, 24)
    options: dict[str, Any] = {"answers": {}, "default": STATED | {"sleeps": 0.1}, "log": str(desk.log)}
    context, draw = multiprocessing.get_context("forkserver"), random.Random(3)
    for number in range(1, 7):
        run: ForkServerProcess = context.Process(
            target=run_extraction, args=(desk.workspace.root, options, 2, 1.0)
        )
        run.start()
        time.sleep(draw.uniform(0.3, 1.5))
        withdraw(desk, 4 * number)
        run.kill()  # or it has ended by itself
        run.join()
    run_extraction(desk.workspace.root, options, 2, 1.0)
    gone = {4 * number for number in range(1, 7)}
    assert dict(drafts_per_case(desk.database)) == {n: 1 for n in range(1, 25) if n not in gone}
    assert item_states(desk.database) == {"done": 18}
    assert verify_database(desk.database).reason == ""
