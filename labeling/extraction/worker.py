"""One reading process: builds its reader once, then reads the batches it is sent until told to stop."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path

from db.errors import EchoDeskError
from db.store.images import ImageStore
from labeling.apart.pages import stored_page
from labeling.pages.page import Page, TextLayer
from labeling.readers.base import (
    Outcome,
    Reader,
    ReaderIdentity,
    ReaderSpec,
    ReaderUnavailableError,
    Reading,
    batch_size_of,
    describe_failure,
    identity_of,
    read_batch,
)
from labeling.readers.registry import build_reader


@dataclass(frozen=True)
class Task:
    """One report to read: its stored page images in order.

    Attributes:
        is_alone: it was in a batch that ended its process or took too long; read it without company, so that
            only the report to blame fails.
    """

    item_id: int
    case_id: int
    images: tuple[str, ...]
    is_alone: bool = False


@dataclass(frozen=True)
class Ready:
    """The reader is built.

    Attributes:
        batch_size: how many reports it likes to be handed at once.
    """

    identity: ReaderIdentity
    batch_size: int = 1


@dataclass(frozen=True)
class CannotStart:
    """The reader can't be built; the same will happen in every process."""

    message: str
    hint: str


@dataclass(frozen=True)
class TaskOutcome:
    """What became of one task.

    Attributes:
        reading: None when it failed.
        error: why, in our own words; never the report's.
        hint: set when the reader itself said what to do about it (an `EchoDeskError`).
        elapsed_s: how long the reader took, seconds; its share of a batch.
        try_alone: a whole batch was lost; this report may not be to blame and should be read again, alone.
        is_unavailable: the reader, or the pictures, can't be had at all: the run should end and no report
            fail.
    """

    task: Task
    reading: Reading | None
    error: str = ""
    hint: str = ""
    elapsed_s: float = 0.0
    try_alone: bool = False
    is_unavailable: bool = False


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
    except Exception as error:  # noqa: BLE001 - must reach the person who started it
        connection.send(CannotStart(f"the reader {spec.name!r} can't be built ({type(error).__name__})", ""))
        return
    connection.send(Ready(identity_of(reader), batch_size_of(reader)))
    while (tasks := connection.recv()) is not None:
        for answer in read_tasks(tasks, reader, store):
            connection.send(answer)


def read_tasks(tasks: Sequence[Task], reader: Reader, store: ImageStore) -> list[TaskOutcome]:
    """Read the reports of one batch, in order; never raises."""
    opened = [(task, _pages_of(task, store)) for task in tasks]
    whole = [(task, pages) for task, pages in opened if not isinstance(pages, Exception)]
    started = time.perf_counter()
    readings = read_batch(reader, [pages for _, pages in whole])
    share_s = (time.perf_counter() - started) / max(1, len(whole))
    outcomes: dict[int, Outcome] = {
        task.item_id: pages for task, pages in opened if isinstance(pages, Exception)
    }
    outcomes |= {task.item_id: reading for (task, _), reading in zip(whole, readings, strict=True)}
    return [_answer(task, outcomes[task.item_id], share_s) for task in tasks]


class _PageError(Exception):
    """A stored page can't be decoded."""


def _pages_of(task: Task, store: ImageStore) -> list[Page] | Exception:
    """The stored pages, each decoded once; else what is wrong with them."""
    try:
        return [_stored_page(number, sha256, store) for number, sha256 in enumerate(task.images, start=1)]
    except FileNotFoundError:
        if not store.root.is_dir() or not any(store.root.iterdir()):
            return ReaderUnavailableError(
                "the folder with the pictures of the reports is empty or not there",
                "Every machine needs the same workspace/images: mount it here, then run the same command "
                "again.",
            )
        return EchoDeskError(
            "a stored page of the report is missing",
            "Take the file in again; or is workspace/images on this machine not the one it was taken in to?",
        )
    except Exception:  # noqa: BLE001 - a damaged file makes a decoder raise anything at all
        return _PageError()


def _stored_page(number: int, sha256: str, store: ImageStore) -> Page:
    words = store.words(sha256)
    layer = TextLayer.from_bytes(words) if words is not None else None
    return Page(number, stored_page(store, sha256), layer=layer)


def _answer(task: Task, outcome: Outcome, elapsed_s: float) -> TaskOutcome:
    if isinstance(outcome, _PageError):
        return TaskOutcome(task, None, "a stored page of the report is damaged; take the file in again")
    if isinstance(outcome, EchoDeskError):
        is_unavailable = isinstance(outcome, ReaderUnavailableError)
        hint = outcome.hint or "Run `echodesk doctor`."
        return TaskOutcome(task, None, outcome.message, hint, is_unavailable=is_unavailable)
    if isinstance(outcome, Exception):
        return TaskOutcome(task, None, describe_failure(outcome))
    return TaskOutcome(
        task, outcome, elapsed_s=outcome.generation.elapsed_s if outcome.generation else elapsed_s
    )


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
