"""How an event of the page reaches its handler: by which way it comes, and with whom it is stored.

What a person waits for at every record comes by a plain route: Gradio's way to the same handler was measured
to cost forty times as much processor time. Both stand behind the same shell, and speak alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from db.store.engine import Database
from db.store.together import GaveUpTogether
from review_ui import text
from review_ui.desk.context import Desk
from review_ui.desk.handlers import EVENTS, busy_answer, run_handler
from review_ui.desk.page_answers import PageAnswer
from review_ui.door.policy import DIRECT, DIRECT_PREFIX

if TYPE_CHECKING:
    from fastapi import FastAPI

# Where threads run Python at once they get in each other's way: with SQLite, whose writers go one by one
# anyhow, one thread was measured to store four decisions where sixteen threads store three. A server that
# answers from elsewhere is waited for by several. Reading a region again takes long, so it has its own.
_SERVER_THREADS: Final = 8
_SLOW_EVENTS: Final = frozenset({"reread"})
_SLOW_THREADS: Final = 2
# A room full of people; more would hold the database for too long at a time.
_MOST_TOGETHER: Final = 32

_LOG: Final = logging.getLogger(__name__)

_Job = Callable[[], PageAnswer]


@dataclass(frozen=True)
class _Waiting:
    job: _Job
    answer: asyncio.Future[PageAnswer]


class Line:
    """One thread for the handlers of a SQLite database: those who wait while it works are stored together.

    Storing waits for the disk, and a disk takes as long for sixteen decisions as for one. Nobody is answered
    before what they asked for is on it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, "desk")
        self._waiting: deque[_Waiting] = deque()
        self._lock = threading.Lock()
        self._is_working = False

    async def run(self, job: _Job) -> PageAnswer:
        """What a handler answers, once that is stored."""
        answer: asyncio.Future[PageAnswer] = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waiting.append(_Waiting(job, answer))
            is_first, self._is_working = not self._is_working, True
        if is_first:
            self._thread.submit(self._work)
        return await answer

    def _work(self) -> None:
        while True:
            with self._lock:
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_TOGETHER))]
                self._is_working = bool(batch)
            if not batch:
                return
            answers = self._answers([one.job for one in batch])
            for one, answered in zip(batch, answers, strict=True):
                with contextlib.suppress(RuntimeError):  # its server has ended
                    one.answer.get_loop().call_soon_threadsafe(_give, one.answer, answered)

    def _answers(self, jobs: Sequence[_Job]) -> list[PageAnswer]:
        """What the handlers answer. Whatever happens everybody gets an answer, and the line goes on."""
        try:
            return run_together(self._database, jobs)
        except Exception as error:  # noqa: BLE001 - the text of a database error holds the row, so only its type
            _LOG.error("storing together failed with %s", type(error).__name__)
            return [{"state": "failed", "sentence": text.FAILED}] * len(jobs)


def _give(answer: asyncio.Future[PageAnswer], answered: PageAnswer) -> None:
    if not answer.done():  # whoever asked may have gone
        answer.set_result(answered)


def run_together(database: Database, jobs: Sequence[_Job]) -> list[PageAnswer]:
    """Run handlers one after the other and commit once; where that fails, each for itself.

    A handler may so be run twice; the first time left nothing behind.
    """
    from sqlalchemy.exc import DBAPIError, OperationalError

    if len(jobs) == 1:
        return [jobs[0]()]
    has_begun = False
    try:
        with database.together():
            has_begun = True
            answers = [job() for job in jobs]
            if any(answered["state"] == "busy" for answered in answers):
                raise GaveUpTogether
        return answers
    except (DBAPIError, GaveUpTogether) as error:
        if isinstance(error, OperationalError) and not has_begun:
            return [busy_answer(error)] * len(jobs)
    return _one_by_one(jobs)


def _one_by_one(jobs: Sequence[_Job]) -> list[PageAnswer]:
    """Each handler for itself; once the database is busy the others are told so, and wait for nothing."""
    answers: list[PageAnswer] = []
    for job in jobs:
        is_busy = bool(answers) and answers[-1]["state"] == "busy"
        answers.append(answers[-1] if is_busy else job())
    return answers


class Events:
    """Runs the handler of an event, by its name."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._line = Line(desk.database) if desk.database.dialect == "sqlite" else None
        self._threads = ThreadPoolExecutor(_SERVER_THREADS, "desk")
        self._slow_threads = ThreadPoolExecutor(_SLOW_THREADS, "desk-slow")

    async def run(self, name: str, secret: str | None, payload: object) -> PageAnswer:
        """What the handler answers.

        Args:
            secret: of the session.
        """
        job = partial(run_handler, EVENTS[name], self._desk, secret, payload)
        if self._line is not None and name not in _SLOW_EVENTS:
            return await self._line.run(job)
        threads = self._slow_threads if name in _SLOW_EVENTS else self._threads
        return await asyncio.get_running_loop().run_in_executor(threads, job)


def add_direct_events(app: FastAPI, events: Events, cookie_name: str) -> None:
    """Add the plain route of the events that come by it; it must stand before Gradio's own routes."""
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    async def event(request: Request) -> Response:
        name = str(request.path_params["event_name"])
        try:
            sent = json.loads(await request.body())
            (payload,) = sent["data"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return Response(status_code=422)
        if name not in DIRECT:
            return Response(status_code=404)
        answered = await events.run(name, request.cookies.get(cookie_name), payload)
        return Response(_as_json({"data": [answered]}), media_type="application/json")

    app.router.routes.append(Route(DIRECT_PREFIX + "{event_name}", event, methods=["POST"]))


def _as_json(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
