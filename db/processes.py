"""Processes: how many this machine is good for, a pool of them, and what libraries may not do in them."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, Final

# More readers than this wait for one another: for the disk, the database, the memory.
_MOST_WORKERS: Final = 8


def processors() -> int:
    """How many processors this program may use: in a container or under `taskset` fewer than there are."""
    if hasattr(os, "sched_getaffinity"):  # macOS has none
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def usual_workers() -> int:
    """How many processes or threads work side by side where nobody says it: one a processor, up to 8."""
    return min(processors(), _MOST_WORKERS)


def silence_telemetry() -> None:
    """Have libraries that tell their makers of their use tell nothing, and keep nothing of it on the disk.

    Before they are imported. ONNX Runtime 1.32 gathers the program's path and the machine's kind otherwise;
    MLflow 3 sends what is called, and on what kind of machine.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"


def process_pool(
    workers: int, prepare: Callable[..., None] | None = None, arguments: tuple[Any, ...] = ()
) -> ProcessPoolExecutor:
    """So many processes, each begun anew: a fork would copy the locks of threads that it lacks.

    Args:
        workers: at least 1.
        prepare: what each does first, with `arguments`; both must pickle.
    """
    return ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(prepare, arguments)
    )


def _begin(prepare: Callable[..., None] | None, arguments: tuple[Any, ...]) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    if prepare is not None:
        prepare(*arguments)


def _end_with_parent() -> None:
    # A killed parent closes nothing: its children hold both ends of the queue and would wait for ever.
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
