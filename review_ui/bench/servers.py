"""The desk and a bare Gradio page, each served by a process of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

from db.errors import EchoDeskError
from db.workspace import Workspace
from review_ui.bench.invented import measured_workspace

START_S: Final = 90.0
STOP_S: Final = 10.0
_PRELOADED: Final = [
    "db.store.engine",
    "review_ui.app",
    "review_ui.server",
    "uvicorn.protocols.http.h11_impl",
]


@contextlib.contextmanager
def own_process(work: Callable[..., None], *arguments: Any) -> Iterator[tuple[BaseProcess, Connection]]:
    """Run `work(connection, *arguments)` in a fresh process until the block ends.

    It comes from a server that forks, not from this process: a copy would share its open database and its
        threads.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)  # so that the second server starts at once
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield process, ours
    finally:
        ours.close()
        process.terminate()
        process.join(STOP_S)
        if process.is_alive():
            process.kill()
            process.join()


def received(connection: Connection, *, wait_s: float = START_S) -> Any:
    """What the other process sends next.

    Raises:
        EchoDeskError: it ended, or said nothing in time.
    """
    try:
        if connection.poll(wait_s):
            return connection.recv()
    except (EOFError, OSError):
        pass
    raise EchoDeskError("a process of the measurement did not answer", "Try again; is the machine very busy?")


@contextlib.contextmanager
def served_desk(
    root: Path, people: Sequence[str], *, min_view_s: float = 0.0
) -> Iterator[tuple[BaseProcess, list[str]]]:
    """Serve a workspace; the process and a one-time link for each person."""
    with own_process(serve_desk, measured_workspace(root), tuple(people), min_view_s) as (
        process,
        connection,
    ):
        yield process, [str(received(connection)) for _ in people]


@contextlib.contextmanager
def served_bare_page(pictures: Sequence[Path]) -> Iterator[str]:
    """Serve a bare Gradio page that shows these JPEG files one after the other; its address."""
    with own_process(_serve_bare_page, tuple(pictures)) as (_, connection):
        yield str(received(connection))


def serve_desk(
    connection: Connection, workspace: Workspace, people: tuple[str, ...], min_view_s: float, port: int = 0
) -> None:
    """Serve until the process ends; each person's one-time link is sent first."""
    from db.store.engine import open_database
    from review_ui.server import serve

    database = open_database(workspace)
    try:
        serve(
            workspace, database, port=port, annotators=people, on_ready=connection.send, min_view_s=min_view_s
        )
    finally:
        database.close()


def _serve_bare_page(connection: Connection, pictures: tuple[Path, ...]) -> None:
    from review_ui.bench.bare_page import serve_bare_page

    serve_bare_page(pictures, on_ready=connection.send)
