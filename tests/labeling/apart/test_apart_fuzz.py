"""Thousands of hostile files: each gives pages or rows, or is named; nothing else ever happens.

300 in the default run. All 20,000 (ten minutes), the most memory and the longest file printed at the end:

    .venv/bin/python -m pytest -n 0 -m long -s tests/labeling/apart/test_apart_fuzz.py

`ECHO_FUZZ_FILES=2000` before it takes so many.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hostile_files import TABLES, good_files, hostile

from db.apart import decoder
from db.apart.limits import MEMORY_BYTES, ApartLimits
from db.errors import EchoDeskError
from labeling.apart.pages import open_pages
from labeling.apart.tables import read_rows
from labeling.pages.page import PageError, PageLimits

SEED = 20261129
# A page of a good file takes some milliseconds, a process that starts anew on a busy machine a second or two;
# a slow page costs the whole of it.
PAGE_S = 4.0


@dataclass
class Tally:
    """What became of files."""

    opened: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    longest_s: float = 0.0
    longest: str = ""
    wordless: list[str] = field(default_factory=list)

    def take(self, number: int, folder: Path) -> None:
        """Open one file as intake would."""
        ending, data, how = hostile(number, SEED)
        path = folder / f"{number}.{ending}"
        path.write_bytes(data)
        started = time.monotonic()
        try:
            if ending in TABLES:
                read_rows(path, ApartLimits(step_s=PAGE_S))
            else:
                open_pages(path, PageLimits(page_s=PAGE_S))
            self.opened += 1
        except EchoDeskError as error:
            code = error.code if isinstance(error, PageError) else "list"
            self.codes[code] = self.codes.get(code, 0) + 1
            if not error.message or not error.hint or "Traceback" in error.message:
                self.wordless.append(how)
        elapsed_s = time.monotonic() - started
        if elapsed_s > self.longest_s:
            self.longest_s, self.longest = elapsed_s, f"number {number} ({how})"
        path.unlink()


@pytest.mark.parametrize("ending", sorted(good_files()))
def test_the_files_that_are_damaged_are_good_before(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"good.{ending}"
    path.write_bytes(good_files()[ending])
    if ending in TABLES:
        assert len(read_rows(path)) == 3
    elif ending == "dcm":
        pytest.importorskip("pydicom")
        _opens_or_is_named(path)
    else:
        assert open_pages(path, PageLimits())


def _opens_or_is_named(path: Path) -> None:
    try:
        assert open_pages(path, PageLimits())
    except PageError as error:
        assert error.code == "not_an_image"


def test_of_300_hostile_files_each_is_opened_or_named(tmp_path: Path) -> None:
    tally = Tally()
    for number in range(300):
        tally.take(number, tmp_path)
    assert tally.wordless == []
    assert tally.opened + sum(tally.codes.values()) == 300
    assert tally.codes["damaged"] > 10
    assert decoder.peak_bytes() <= MEMORY_BYTES


@pytest.mark.slow
@pytest.mark.long
def test_of_20_000_hostile_files_each_is_opened_or_named(tmp_path: Path) -> None:
    files = int(os.environ.get("ECHO_FUZZ_FILES", "20000"))
    tally, started = Tally(), time.monotonic()
    for number in range(files):
        tally.take(number, tmp_path)
    sys.stdout.write(  # the figures are what it is run for
        f"\n{files} files in {time.monotonic() - started:.0f} s: {tally.opened} opened, named {tally.codes}; "
        f"longest {tally.longest_s:.2f} s, {tally.longest}; "
        f"most memory of a decoder {decoder.peak_bytes() / 1e6:.0f} MB\n"
    )
    assert tally.wordless == []
    assert tally.opened + sum(tally.codes.values()) == files
    assert decoder.peak_bytes() <= MEMORY_BYTES * 1.1
