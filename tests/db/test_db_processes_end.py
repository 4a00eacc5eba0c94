"""Processes of a pool do not outlive a program that was killed, and tell nobody what they do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = """
import os, sys, time
from db.processes import process_pool

if __name__ == "__main__":
    with process_pool(1, print, ("begun",)) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        time.sleep(600)
"""
PATIENCE_S = 30


def lives(process: int) -> bool:
    """Whether a process of this number runs (one that ended and waits to be counted does not)."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def test_a_killed_program_leaves_no_process_behind(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    path = os.pathsep.join(filter(None, sys.path))
    with subprocess.Popen(
        [sys.executable, program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as parent:
        assert parent.stdout is not None
        said = [parent.stdout.readline().strip(), parent.stdout.readline().strip()]
        assert "begun" in said
        child = int(next(word for word in said if word != "begun"))
        assert lives(child)
        parent.send_signal(signal.SIGKILL)
    until = time.monotonic() + PATIENCE_S
    while lives(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not lives(child)


def test_the_library_of_networks_tells_nobody_and_writes_nothing(tmp_path: Path) -> None:
    program = "from db.processes import silence_telemetry; silence_telemetry(); import onnxruntime"
    told = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    path = os.pathsep.join(filter(None, sys.path))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")}
    subprocess.run([sys.executable, "-c", program], env={**kept, **told, "PYTHONPATH": path}, check=True)
    assert list(tmp_path.iterdir()) == []
