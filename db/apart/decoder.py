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

from db.apart.frames import BrokenFrameError, Frame, read_exactly, read_frame, write_frame
from db.apart.kind import Kind, NoProcessError
from db.apart.limits import ApartLimits
from db.errors import EchoDeskError

_Said = TypeVar("_Said")

# After so many files a fresh one: what a library never gives back goes with the old one.
_FILES_EACH: Final = 500
# What the system ends a process with that has had its processor time.
_TIME_IS_OVER: Final = tuple(
    getattr(signal, name) for name in ("SIGPROF", "SIGXCPU") if hasattr(signal, name)
)
# The most that anybody may ask of the system.
_PIPE_BYTES: Final = 1024 * 1024


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
    """One process, begun; it gets ready while this goes on.

    Attributes:
        peak_bytes: the most memory it has had, as it said after its last file.
    """

    def __init__(self, kind: Kind) -> None:
        # Nothing of ours that is secret goes along, and no folder we happen to be in is searched for modules.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ECHODESK_")}
        ours = str(Path(__file__).resolve().parents[2])
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, (ours, os.environ.get("PYTHONPATH", ""))))
        kept["OMP_NUM_THREADS"] = kept["OPENBLAS_NUM_THREADS"] = "1"
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", "db.apart.worker", kind.operations],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=kept,
            )
        except OSError as error:
            raise NoProcessError(
                f"no process can be started to open files ({error.strerror or type(error).__name__})",
                "Free some memory or stop other programs, then try again.",
            ) from error
        self._kind = kind
        self._says = cast("BinaryIO", self._process.stdout)
        self._hears = cast("BinaryIO", self._process.stdin)
        _widen(self._says, self._hears)
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
            EchoDeskError: of its kind: what it says of the file, or one of the kind's words.
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
            self._told(facts, limits)
        finally:
            if not is_done:
                self.close()

    def _read(self, limits: ApartLimits, size: int) -> bytes:
        return self._heard(lambda: read_exactly(self._says, size), limits.step_s, limits)

    def _told(self, facts: Mapping[str, Any], limits: ApartLimits) -> None:
        """What it says at the end of a file."""
        self.peak_bytes = int(facts.get("peak_bytes", 0))
        if broke := facts.get("broke"):
            code, what = (str(part) for part in broke)
            if code == "too_much_memory":
                self.close()  # what it holds it may not give back
            raise self._kind.error(code, limits, what)
        if error := facts.get("error"):
            raise self._kind.refused(*(str(part) for part in error))

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

    def _death(self, limits: ApartLimits) -> EchoDeskError:
        """Why it is no more."""
        self._process.kill()
        code = self._process.wait()
        is_slow = self._is_late or -code in _TIME_IS_OVER
        return self._kind.error("too_slow" if is_slow else "stopped", limits)

    def close(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        for stream in (self._says, self._hears):
            with contextlib.suppress(OSError):
                stream.close()


def _widen(*pipes: BinaryIO) -> None:
    """Let the system move a picture in few large pieces; each costs a change of processes."""
    if sys.platform != "linux":
        return
    import fcntl

    for pipe in pipes:
        with contextlib.suppress(OSError):  # above what a person may have in all
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


class _Decoders:
    """Those of one kind that wait for a file."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._lock = threading.Lock()
        self._idle: list[Decoder] = []
        self._owner = os.getpid()
        self.peak_bytes = 0

    @contextlib.contextmanager
    def one(self) -> Iterator[Decoder]:
        """One for one file."""
        decoder = self._take() or Decoder(self.kind)
        try:
            yield decoder
        finally:
            self.peak_bytes = max(self.peak_bytes, decoder.peak_bytes)
            if not self._is_kept(decoder):
                decoder.close()
                if self.kind.is_kept_warm:
                    self.warm()

    def warm(self) -> None:
        """Begin one, unless one waits already."""
        with self._lock:
            self._forget_others()
            if not any(decoder.is_alive for decoder in self._idle):
                with contextlib.suppress(NoProcessError):  # who asks next is told
                    self._idle.append(Decoder(self.kind))

    def _take(self) -> Decoder | None:
        with self._lock:
            self._forget_others()
            while self._idle:
                decoder = self._idle.pop()
                if decoder.is_alive:
                    return decoder
                decoder.close()
        return None

    def _forget_others(self) -> None:
        """Leave alone those of the program that this one was copied from."""
        if self._owner != os.getpid():
            self._owner, self._idle = os.getpid(), []

    def _is_kept(self, decoder: Decoder) -> bool:
        with self._lock:
            if not decoder.is_alive or decoder.files >= _FILES_EACH or len(self._idle) >= self.kind.kept_idle:
                return False
            self._idle.append(decoder)
            return True

    def close(self) -> None:
        """End them all."""
        while (decoder := self._take()) is not None:
            decoder.close()


_DECODERS: Final[dict[str, _Decoders]] = {}
_LOCK: Final = threading.Lock()


def _of(kind: Kind) -> _Decoders:
    with _LOCK:
        found = _DECODERS.get(kind.operations)
        if found is None:
            found = _DECODERS[kind.operations] = _Decoders(kind)
            atexit.register(found.close)
        return found


def answers(
    kind: Kind, operation: str, arguments: Mapping[str, Any], limits: ApartLimits, payload: bytes = b""
) -> Iterator[Answer]:
    """Have a file decoded apart; see `Decoder.answers`."""
    with (
        _of(kind).one() as decoder,
        contextlib.closing(cast("Any", decoder.answers(operation, arguments, limits, payload))) as found,
    ):
        yield from found


def warm(kind: Kind) -> None:
    """Have a process of this kind get ready while other things are done."""
    _of(kind).warm()


def peak_bytes() -> int:
    """The most memory any decoding process of this program has had, as far as they could say."""
    return max((decoders.peak_bytes for decoders in list(_DECODERS.values())), default=0)
