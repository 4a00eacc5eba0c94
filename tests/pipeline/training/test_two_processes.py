"""Two processes see together what one sees, and learn from it the same."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve()
PATIENCE_S = 300


def taught(folder: Path, processes: int) -> list[dict[str, Any]]:
    """What each of so many processes, which talk over this machine's own address, saw and came to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = os.pathsep.join(filter(None, sys.path))
    together = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(processes)}
    started = []
    for rank in range(processes):
        place = {"RANK": str(rank), "LOCAL_RANK": str(rank), "ACCELERATE_USE_CPU": "true"}
        threads = {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
        environment = {**os.environ, **threads, **(place | together if processes > 1 else {})}
        command = [sys.executable, str(HERE.with_name("one_process.py")), str(folder / f"{processes}.{rank}")]
        started.append(subprocess.Popen(command, env=environment))
    try:
        assert [one.wait(PATIENCE_S) for one in started] == [0] * processes
    finally:
        for one in started:
            one.kill()
    return [json.loads((folder / f"{processes}.{rank}").read_text()) for rank in range(processes)]


@pytest.mark.slow
def test_two_processes_see_the_order_of_one_and_agree_about_the_loss(tmp_path: Path) -> None:
    (alone,), (first, second) = taught(tmp_path, 1), taught(tmp_path, 2)
    assert (alone["processes"], first["processes"], second["processes"]) == (1, 2, 2)
    assert len(alone["seen"]) == len(first["seen"]) == len(second["seen"]) == 20
    for whole, one, other in zip(alone["seen"], first["seen"], second["seen"], strict=True):
        assert whole[::2] == one
        assert whole[1::2] == other
    for name in ("training_total", "validation_total"):
        assert first[name] == second[name], "both processes say the same"
        assert first[name] == pytest.approx(alone[name], abs=1e-4)
    assert first["weights"] == second["weights"]
    assert first["weights"] == pytest.approx(alone["weights"], abs=1e-3)
    # Something was learnt, or all of this would hold of networks that stand still.
    assert abs(alone["training_total"][-1] - alone["training_total"][0]) > 1e-2
