"""What a run computes with."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

ASK_AGAIN_AND_AGAIN = """
import resource, numpy
from pipeline.training.computing import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        numpy.ones(4_000_000)  # 32 MB, freed at once
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

plain = faults()
keep_freed_memory()
faults()
print(plain, faults())
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc takes these settings")
def test_memory_that_was_freed_is_not_fetched_from_the_system_again() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK_AGAIN_AND_AGAIN], capture_output=True, text=True, check=True
    )
    plain, kept = map(int, done.stdout.split())
    assert kept < plain / 10, (plain, kept)
