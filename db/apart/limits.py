"""How long and how large the decoding of a file may get, and how a process holds itself to that."""

from __future__ import annotations

import math
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# A page of 60 million pixels is decoded and stored within it, and no bomb is.
MEMORY_BYTES: Final = 700_000_000
STEP_S: Final = 30.0
# Packing pixels that are counted already takes long for many of them, and never for ever.
_STEPS_TO_PACK: Final = 4


@dataclass(frozen=True)
class ApartLimits:
    """What one file may cost.

    Attributes:
        step_s: wall time until the next page (or a whole table) is there, seconds.
        memory_bytes: of the process that decodes it; held on Linux.
        steps: how many steps all of a file may take together.
        cpu_s: processor time of a step, seconds; as long as the wall time where it is not given.
    """

    step_s: float = STEP_S
    memory_bytes: int = MEMORY_BYTES
    steps: int = 5
    cpu_s: float | None = None

    @property
    def step_cpu_s(self) -> float:
        """Most seconds of processor time until the next page is there."""
        return self.step_s if self.cpu_s is None else self.cpu_s

    @property
    def packing_s(self) -> float:
        """Most seconds that a decoded page may take to be packed for the store."""
        return _STEPS_TO_PACK * self.step_s

    @property
    def file_s(self) -> float:
        """Most seconds that all pages of a file are waited for together."""
        return self.steps * self.step_s


def confine() -> None:
    """Write no file, least of all one with what lies in memory when a decoder breaks down."""
    try:
        import resource
    except ImportError:  # no such limits on this system
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def hold_memory(limits: ApartLimits) -> None:
    """From here on an allocation above the limit fails.

    Of the limits the system knows this is the one that holds: RLIMIT_RSS does nothing, and RLIMIT_AS counts
    what is only set aside.
    """
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(
        resource.RLIMIT_DATA, (limits.memory_bytes, resource.getrlimit(resource.RLIMIT_DATA)[1])
    )


def begin_step(seconds: float) -> None:
    """Give the process so much processor time from here on; the system ends it after that."""
    if hasattr(signal, "ITIMER_PROF"):
        signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        import resource
    except ImportError:
        return
    # Whole seconds, and one more: the timer is the closer limit; this one nothing in the process can stop.
    until = math.ceil(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def peak_bytes() -> int:
    """The most memory this process has had; 0 where the system does not say."""
    # The usage that the system counts for a process begins with that of the program which started it.
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    lines = (line.split() for line in status.splitlines())
    return next((int(words[1]) * 1024 for words in lines if words[0] == "VmHWM:"), 0)
