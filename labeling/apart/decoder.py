"""Processes that decode: begun once, used again, ended and named when a file makes them pass their limits."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar, cast

from db.errors import EchoDeskError
from labeling.apart.frames import BrokenFrameError, Frame, read_exactly, read_frame, write_frame
from labeling.apart.limits import ApartLimits, broke_down, too_slow
from labeling.pages.page import PageError

_Said = TypeVar("_Said")

# Each keeps the decoders it has loaded: some 60 MB.
_KEPT_IDLE: Final = 2
# After so many files a fresh one: what a library never gives back goes with the old one.
_FILES_EACH: Final = 500


@dataclass(frozen=True)
class Answer:
    """One message of a decoding process.

    Attributes:
        size: how many bytes come with it.
        read: takes the next so many of them.
    """

    facts: Mapping[str, Any]
    size: int
    read: Callable[[int], bytes]


class Decoder:
    """One process.

    Attributes:
        peak_bytes: the most memory it has had, as it said after its last file.
    """

    def __init__(self) -> None:
        # Nothing of ours that is secret goes along, and no folder we happen to be in is searched for modules.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ECHODESK_")}
        ours = str(Path(__file__).resolve().parents[2])
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, (ours, os.environ.get("PYTHONPATH", ""))))
        kept["OMP_NUM_THREADS"] = kept["OPENBLAS_NUM_THREADS"] = "1"
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", "labeling.apart.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=kept,
            )
        except OSError as error:
            raise EchoDeskError(
                f"no process can be started to open files ({error.strerror or type(error).__name__})",
                "Free some memory or stop other programs, then try again.",
            ) from error
        self._says = cast("BinaryIO", self._process.stdout)
        self._hears = cast("BinaryIO", self._process.stdin)
        self._is_late = False
        self.files = 0
        self.peak_bytes = 0

    @property
    def is_alive(self) -> bool:
        """Whether it can take a file."""
        return self._process.poll() is None

    def answers(
        self, operation: str, arguments: Mapping[str, Any], limits: ApartLimits, payload: bytes
    ) -> Iterator[Answer]:
        """What it makes of a file, as it comes.

        Raises:
            PageError, EchoDeskError: what it says of the file, or `too_slow`, `too_much_memory` or `stopped`.
        """
        self.files += 1
        is_relative = not os.path.isabs(str(arguments.get("path", os.sep)))
        folder = os.getcwd() if is_relative else ""
        asked = {"operation": operation, "arguments": arguments, "limits": asdict(limits), "folder": folder}
        left_s, patience_s, is_done = limits.file_s, limits.step_s, False
        try:
            with contextlib.suppress(OSError):  # its death is told by what is not read below
                write_frame(self._hears, Frame(asked, len(payload), (payload,)))
            while not is_done:
                started = time.monotonic()
                facts, size = self._heard(lambda: read_frame(self._says), patience_s, limits)
                if facts.get("is_decoded"):
                    patience_s = limits.packing_s
                    continue
                if patience_s <= limits.step_s:
                    left_s -= time.monotonic() - started
                patience_s = min(limits.step_s, left_s)
                is_done = bool(facts.get("is_end"))
                if not is_done:
                    yield Answer(facts, size, partial(self._read, limits))
            self._told(facts)
        finally:
            if not is_done:
                self.close()

    def _read(self, limits: ApartLimits, size: int) -> bytes:
        return self._heard(lambda: read_exactly(self._says, size), limits.step_s, limits)

    def _told(self, facts: Mapping[str, Any]) -> None:
        """What it says at the end of a file."""
        self.peak_bytes = int(facts.get("peak_bytes", 0))
        error = facts.get("error")
        if error:
            code, message, hint = (str(part) for part in error)
            if code == "too_much_memory":
                self.close()  # what it holds it may not give back
            raise PageError(code, message, hint) if code else EchoDeskError(message, hint)

    def _heard(self, read: Callable[[], _Said], patience_s: float, limits: ApartLimits) -> _Said:
        try:
            with self._ended_after(patience_s):
                return read()
        except BrokenFrameError:
            raise self._death(limits) from None

    @contextlib.contextmanager
    def _ended_after(self, seconds: float) -> Iterator[None]:
        def end() -> None:
            self._is_late = True
            self._process.kill()

        timer = threading.Timer(max(0.0, seconds), end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _death(self, limits: ApartLimits) -> PageError:
        """Why it is no more."""
        self._process.kill()
        code = self._process.wait()
        if self._is_late or (hasattr(signal, "SIGXCPU") and code == -signal.SIGXCPU):
            return too_slow(limits)
        return broke_down()

    def close(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        for stream in (self._says, self._hears):
            with contextlib.suppress(OSError):
                stream.close()


class _Decoders:
    """Those that wait for a file."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Decoder] = []
        self._owner = os.getpid()
        self.peak_bytes = 0

    @contextlib.contextmanager
    def one(self) -> Iterator[Decoder]:
        """One for one file."""
        decoder = self._take() or Decoder()
        try:
            yield decoder
        finally:
            self.peak_bytes = max(self.peak_bytes, decoder.peak_bytes)
            if not self._is_kept(decoder):
                decoder.close()

    def _take(self) -> Decoder | None:
        with self._lock:
            if self._owner != os.getpid():  # those belong to the program this one was copied from
                self._owner, self._idle = os.getpid(), []
            while self._idle:
                decoder = self._idle.pop()
                if decoder.is_alive:
                    return decoder
                decoder.close()
        return None

    def _is_kept(self, decoder: Decoder) -> bool:
        with self._lock:
            if not decoder.is_alive or decoder.files >= _FILES_EACH or len(self._idle) >= _KEPT_IDLE:
                return False
            self._idle.append(decoder)
            return True

    def close(self) -> None:
        """End them all."""
        while (decoder := self._take()) is not None:
            decoder.close()


_DECODERS: Final = _Decoders()
atexit.register(_DECODERS.close)


def answers(
    operation: str, arguments: Mapping[str, Any], limits: ApartLimits, payload: bytes = b""
) -> Iterator[Answer]:
    """Have a file decoded apart; see `Decoder.answers`."""
    with (
        _DECODERS.one() as decoder,
        contextlib.closing(cast("Any", decoder.answers(operation, arguments, limits, payload))) as found,
    ):
        yield from found


def peak_bytes() -> int:
    """The most memory any decoding process of this program has had, as far as they could say."""
    return _DECODERS.peak_bytes
