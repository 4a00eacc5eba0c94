"""Who looks at photographs: threads where there are few, processes where there are many."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Final

from db.processes import process_pool

# Two processes take some seconds to begin.
_FEW: Final = 300


def workers_for(photographs: int, workers: int) -> Executor:
    """So many workers for so many photographs."""
    if photographs <= _FEW:
        return ThreadPoolExecutor(workers)
    return process_pool(workers, _one_thread_each)


def _one_thread_each() -> None:
    import cv2

    cv2.setNumThreads(1)
