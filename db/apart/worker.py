"""The decoding process: takes files one after the other and answers with plain facts and bytes.

What it can do is the `OPERATIONS` of the module it is started with. It holds itself to the limits each file
comes with, and ends with the program that started it.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO

from db.apart import limits as held
from db.apart.frames import BrokenFrameError, Frame, read_exactly, read_frame, write_frame
from db.apart.limits import ApartLimits
from db.errors import EchoDeskError

Arguments = Mapping[str, Any]
Operation = Callable[[Arguments, bytes], Iterator[Frame]]
Request = tuple[dict[str, Any], bytes]


def main() -> None:
    """Answer until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this hears it
    held.confine()
    # A library that prints must not speak into the answers.
    says = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    operations: Mapping[str, Operation] = importlib.import_module(sys.argv[1]).OPERATIONS
    requests: SimpleQueue[Request] = SimpleQueue()
    Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    while True:
        asked, payload = requests.get()
        _answer(operations[asked["operation"]], asked, payload, says)


def _listen(hears: BinaryIO, requests: SimpleQueue[Request]) -> None:
    """Hand on what is asked; end the process, whatever it is at, when the other side is gone."""
    try:
        while True:
            asked, size = read_frame(hears)
            requests.put((asked, read_exactly(hears, size)))
    except BrokenFrameError:
        os._exit(0)


def _answer(operation: Operation, asked: Mapping[str, Any], payload: bytes, says: BinaryIO) -> None:
    limits = ApartLimits(**asked["limits"])
    if asked["folder"]:
        os.chdir(asked["folder"])
    held.hold_memory(limits)
    end: dict[str, Any] = {"is_end": True}
    try:
        held.begin_step(limits.step_cpu_s)
        for frame in operation(asked["arguments"], payload):
            _say(says, frame)
            held.begin_step(limits.packing_s if frame.facts.get("is_decoded") else limits.step_cpu_s)
    except (MemoryError, RecursionError):
        end["broke"] = ("too_much_memory", "")
    except EchoDeskError as found:
        end["error"] = (getattr(found, "code", ""), found.message, found.hint)
    except Exception as found:  # noqa: BLE001 - a decoder fed a damaged file may raise anything at all
        end["broke"] = ("damaged", type(found).__name__)
    _say(says, Frame({**end, "peak_bytes": held.peak_bytes()}))


def _say(says: BinaryIO, frame: Frame) -> None:
    try:
        write_frame(says, frame)
    except (MemoryError, OSError):
        os._exit(1)  # half a message was sent: nothing said after it would be understood


if __name__ == "__main__":
    main()
