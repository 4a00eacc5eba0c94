"""A training whose process may have only so much memory, by the limit of the system itself."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="Linux alone is known to hold such a limit"),
]

# What a step takes that does not get less with fewer records: gradients, the optimiser, compiled layers.
FIXED_MB = 150
TRAIN = """
import json, logging, resource, sys
import numpy as np, torch
from accelerate import Accelerator
from small_snapshots import tiny
from pipeline.modeling.network import build_network
from pipeline.modeling.targets import Targets
from pipeline.training.computing import keep_freed_memory
from pipeline.training.loop import Fit, fit
from pipeline.training.tasks import EchoTask

def megabytes(what):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what + ":"))

class Noise:
    are_activations, views = False, 1
    pictures = torch.randn(20, 3, 192, 192, generator=torch.Generator().manual_seed(2))
    def drawn(self, places, seeds):
        return self.pictures[places]
    def plain(self, places, view=0):
        return self.pictures[places]

logging.basicConfig(level="WARNING")
torch.set_num_threads(1)
settings = tiny(
    training__epochs=2, training__batch_size=16, neck__dropouts=[0, 0],
    backbone__name="tf_efficientnet_lite0", backbone__drop_rate=0, backbone__drop_path=0,
)
targets = Targets(np.linspace(0.25, 0.65, 20, dtype=np.float32), np.arange(20) % 2, ())
training = np.arange(16)
task = EchoTask(targets, training, settings.losses, torch.device("cpu"))
what = Fit(task, Noise(), training, np.arange(16, 20), settings.training, settings.optimiser, None, 11)
network, accelerator = build_network(settings, seed=5), Accelerator(cpu=True)
before = megabytes("VmSize")
if more := float(sys.argv[1]):
    limit = int((before + more) * 2**20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    keep_freed_memory()
history = fit(network, what, accelerator)
print(json.dumps([megabytes("VmPeak") - before, [row["training_total"] for row in history]]))
"""


def trained(more_mb: float) -> tuple[Any, str]:
    """Megabytes it took on top and its losses, given so many at most (0: any); and what it logged."""
    done = subprocess.run(
        [sys.executable, "-c", TRAIN, str(more_mb)],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": f"{Path.cwd()}:{Path(__file__).parents[1]}", "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout), done.stderr


def test_a_training_goes_on_with_fewer_records_at_once_where_the_system_gives_no_more_memory() -> None:
    (taken, losses), told = trained(0)
    assert "memory ran out" not in told
    (less, in_pieces), told = trained(FIXED_MB + (taken - FIXED_MB) * 0.4)
    assert "memory ran out: 8 records at once from here on" in told
    assert less < taken
    assert in_pieces == pytest.approx(losses, abs=1e-3)
