"""How many processors a program may use: fewer than the machine has where it is held to some."""

from __future__ import annotations

import os

import pytest

from db.processes import processors, usual_workers


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system holds no program to processors")
def test_a_program_held_to_one_processor_takes_one() -> None:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert (processors(), usual_workers()) == (1, 1)
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.parametrize(("counted", "expected"), [(12, 8), (2, 2), (None, 1)])
def test_a_system_that_holds_nobody_to_any_says_how_many_there_are(
    counted: int | None, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)  # as on macOS
    monkeypatch.setattr(os, "cpu_count", lambda: counted)
    assert usual_workers() == expected
