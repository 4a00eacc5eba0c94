"""`kill -9` of relay, model host and both: nothing that was acknowledged is lost."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from killed_relay import Tally, run


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is such a place: a killed program's writes are the kernel's, not the disk's."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    if not memory.is_dir():
        yield tmp_path / "relay"
        return
    with tempfile.TemporaryDirectory(dir=memory) as made:
        yield Path(made) / "relay"


def check(tally: Tally, capsys: pytest.CaptureFixture[str], *, messages: int, kills: int) -> None:
    """Print the line, and hold it to what was promised."""
    with capsys.disabled():
        sys.stdout.write(f"\n{tally.said()}\n")
    assert tally.messages >= messages
    assert sum(tally.kills.values()) == kills
    assert tally.lost == 0
    assert tally.repeated <= 1


def test_nothing_is_lost_when_programs_are_killed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(run(folder, people=40, photos=3, kills=10, seed=2, most_s=100), capsys, messages=200, kills=10)


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize(("people", "kills"), [(400, 100), (2000, 200)])
def test_nothing_is_lost_over_many_kills(
    folder: Path, capsys: pytest.CaptureFixture[str], people: int, kills: int
) -> None:
    tally = run(folder, people=people, photos=3, kills=kills, seed=7, most_s=3000)
    check(tally, capsys, messages=5 * people, kills=kills)
