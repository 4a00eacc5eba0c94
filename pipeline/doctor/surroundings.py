"""The machine as the checks see it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from pipeline.modeling.precision import cpu_flags


def _run(command: Sequence[str]) -> str | None:
    """A program's output, or None when it cannot be run."""
    try:
        done = subprocess.run(  # noqa: S603 - a program from the settings, fixed arguments
            list(command), capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout + done.stderr if done.returncode == 0 else None


@dataclass(frozen=True)
class Surroundings:
    """The machine as the checks see it; tests hand in a pretended one."""

    python_version: tuple[int, ...] = field(default_factory=lambda: sys.version_info[:3])
    sqlite_version: tuple[int, ...] = sqlite3.sqlite_version_info
    system: str = sys.platform
    run: Callable[[Sequence[str]], str | None] = _run
    which: Callable[[str], str | None] = shutil.which
    is_installed: Callable[[str], bool] = field(default=lambda module: find_spec(module) is not None)
    cpu_flags: Callable[[], frozenset[str]] = cpu_flags
    free_bytes: Callable[[Path], int] = field(default=lambda folder: shutil.disk_usage(folder).free)


def dotted(version: Sequence[int]) -> str:
    """(3, 11, 7) as 3.11.7."""
    return ".".join(str(part) for part in version)
