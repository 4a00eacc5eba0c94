"""The decoding process: takes files one after the other and answers with plain facts and bytes.

It holds itself to the limits each file comes with, and ends with the program that started it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO, Final

from db.errors import EchoDeskError
from labeling.apart import limits as held
from labeling.apart.frames import BrokenFrameError, Frame, read_exactly, read_frame, write_frame
from labeling.apart.limits import ApartLimits
from labeling.pages.page import PageError

Arguments = Mapping[str, Any]
Request = tuple[dict[str, Any], bytes]


def _pages(arguments: Arguments, _payload: bytes) -> Iterator[Frame]:
    from labeling.apart.page_frames import frames_of

    return frames_of(Path(arguments["path"]), arguments["limits"])


def _encoded(arguments: Arguments, _payload: bytes) -> Iterator[Frame]:
    from labeling.apart.page_frames import encoded_frames_of

    wanted = arguments["page"], arguments["is_lossy"]
    return encoded_frames_of(Path(arguments["path"]), arguments["limits"], *wanted)


def _header(arguments: Arguments, _payload: bytes) -> Iterator[Frame]:
    from labeling.apart.page_frames import header_frame_of

    yield header_frame_of(Path(arguments["path"]))


def _stored(_arguments: Arguments, payload: bytes) -> Iterator[Frame]:
    from labeling.apart.page_frames import stored_frame_of

    yield stored_frame_of(payload)


def _rows(arguments: Arguments, _payload: bytes) -> Iterator[Frame]:
    from labeling.apart.table_frames import rows_of

    return rows_of(Path(arguments["path"]))


def _sheet(arguments: Arguments, payload: bytes) -> Iterator[Frame]:
    from labeling.apart.table_frames import sheet_of

    return sheet_of(Path(arguments["path"]), payload, int(arguments["max_bytes"]))


def _workbook(arguments: Arguments, payload: bytes) -> Iterator[Frame]:
    from labeling.apart.table_frames import workbook_of

    yield workbook_of(Path(arguments["path"]), payload, arguments["cells"])


_OPERATIONS: Final[dict[str, Callable[[Arguments, bytes], Iterator[Frame]]]] = {
    "pages": _pages,
    "encoded": _encoded,
    "header": _header,
    "stored": _stored,
    "rows": _rows,
    "sheet": _sheet,
    "workbook": _workbook,
}


def main() -> None:
    """Answer until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this hears it
    held.confine()
    # A library that prints must not speak into the answers.
    says = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    requests: SimpleQueue[Request] = SimpleQueue()
    Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    while True:
        asked, payload = requests.get()
        _answer(asked, payload, says)


def _listen(hears: BinaryIO, requests: SimpleQueue[Request]) -> None:
    """Hand on what is asked; end the process, whatever it is at, when the other side is gone."""
    try:
        while True:
            asked, size = read_frame(hears)
            requests.put((asked, read_exactly(hears, size)))
    except BrokenFrameError:
        os._exit(0)


def _answer(asked: Mapping[str, Any], payload: bytes, says: BinaryIO) -> None:
    limits = ApartLimits(**asked["limits"])
    if asked["folder"]:
        os.chdir(asked["folder"])
    held.hold_memory(limits)
    error: tuple[str, str, str] | None = None
    try:
        held.begin_step(limits.step_s)
        for frame in _OPERATIONS[asked["operation"]](asked["arguments"], payload):
            _say(says, frame)
            held.begin_step(limits.packing_s if frame.facts.get("is_decoded") else limits.step_s)
    except (MemoryError, RecursionError):
        large = held.too_much_memory(limits)
        error = (large.code, large.message, large.hint)
    except PageError as found:
        error = (found.code, found.message, found.hint)
    except EchoDeskError as found:
        error = ("", found.message, found.hint)
    except Exception as found:  # noqa: BLE001 - a decoder fed a damaged file may raise anything at all
        what = f"the file is damaged and can't be opened ({type(found).__name__})"
        error = ("damaged", what, "Open it in a viewer; if that fails too, get it anew.")
    _say(says, Frame({"error": error, "is_end": True, "peak_bytes": held.peak_bytes()}))


def _say(says: BinaryIO, frame: Frame) -> None:
    try:
        write_frame(says, frame)
    except (MemoryError, OSError):
        os._exit(1)  # half a message was sent: nothing said after it would be understood


if __name__ == "__main__":
    main()
