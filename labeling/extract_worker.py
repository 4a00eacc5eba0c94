"""One reading process: builds its reader once, then reads the reports it is sent until told to stop."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path

from db.errors import EchoDeskError
from db.images import ImageStore
from labeling.pages import Page
from labeling.reader_errors import describe_failure
from labeling.readers.base import Reader, Reading
from labeling.readers.registry import ReaderIdentity, ReaderSpec, build_reader, identity_of


@dataclass(frozen=True)
class Task:
    """One report to read: its stored page images in order."""

    item_id: int
    case_id: int
    images: tuple[str, ...]


@dataclass(frozen=True)
class Ready:
    """The reader is built."""

    identity: ReaderIdentity


@dataclass(frozen=True)
class CannotStart:
    """The reader can't be built; the same will happen in every process."""

    message: str
    hint: str


@dataclass(frozen=True)
class Answer:
    """What became of one task.

    Attributes:
        reading: None when it failed.
        error: why, in our own words; never the report's.
        hint: set when the reader itself said what to do about it (an `EchoDeskError`).
        elapsed_s: how long the reader took, seconds.
    """

    task: Task
    reading: Reading | None
    error: str = ""
    hint: str = ""
    elapsed_s: float = 0.0


def work(connection: Connection, spec: ReaderSpec, store_root: Path) -> None:
    """Serve one connection; returns when the other end closes it or sends None."""
    _stand_alone()
    try:
        _serve(connection, spec, ImageStore(store_root))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent is gone, and with it whoever wanted the answer


def _serve(connection: Connection, spec: ReaderSpec, store: ImageStore) -> None:
    try:
        reader = build_reader(spec)
    except EchoDeskError as error:
        connection.send(CannotStart(error.message, error.hint))
        return
    except Exception as error:  # noqa: BLE001 - whatever a model library raises must reach the person who started it
        connection.send(CannotStart(f"the reader {spec.name!r} can't be built ({type(error).__name__})", ""))
        return
    connection.send(Ready(identity_of(reader)))
    while (task := connection.recv()) is not None:
        connection.send(read_task(task, reader, store))


def read_task(task: Task, reader: Reader, store: ImageStore) -> Answer:
    """Read one report; never raises."""
    try:
        pages = [Page(number, store.open(sha256)) for number, sha256 in enumerate(task.images, start=1)]
    except Exception:  # noqa: BLE001 - a damaged file makes a decoder raise anything at all
        return Answer(task, None, "a stored page of the report is missing or damaged; take the file in again")
    started = time.perf_counter()
    try:
        reading = reader.read_pages(pages)
    except EchoDeskError as error:
        return Answer(task, None, error.message, error.hint or "Run `echodesk doctor`.")
    except Exception as error:  # noqa: BLE001 - one report must not stop the others
        return Answer(task, None, describe_failure(error))
    return Answer(task, reading, elapsed_s=time.perf_counter() - started)


def _stand_alone() -> None:
    """A group of its own, deaf to Ctrl-C (the parent hears it), that ends with its parent."""
    if hasattr(os, "setsid"):
        os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Several processes share the cores; Tesseract's own threads would only slow them all down.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)  # with the programs this process has started
    os._exit(1)
