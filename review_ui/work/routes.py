"""The routes of the work pages: files on their way in, forms, the two pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response

from db.errors import EchoDeskError
from db.store.engine import Database
from review_ui.desk.context import Desk
from review_ui.door import policy
from review_ui.door.bodies import BodyRefused
from review_ui.door.doorway import plain_response
from review_ui.door.plain_pages import busy_page, not_allowed_page, refused_page, sign_in_page
from review_ui.door.sessions import Identity
from review_ui.leads.queue_page import FormAct
from review_ui.leads.routes import RenderPage, form_route, page_route
from review_ui.text import adding as said
from review_ui.work import add_page, reading_page
from review_ui.work.adding import Adding
from review_ui.work.reading import Reading
from review_ui.work.uploads import Upload, Uploads
from review_ui.work.whose import PICTURE, WHOSE, file_of, is_drawn, media_type, read_whose

_WRITTEN_AT_ONCE: Final = 1024 * 1024
_LONGEST_NAME: Final = 8_000
_NOT_KEPT: Final = {"Cache-Control": "no-store"}


def add_work_pages(app: Starlette, desk: Desk, cookie_name: str) -> Callable[[], None]:
    """Mount the pages, forms and the way in for files; each authorises by itself through the policy.

    Returns:
        what to do when the desk ends: chosen files that were not stored go.
    """
    hooks = desk.work
    reading = Reading(hooks)
    adding = None if hooks is None else Adding(hooks, Uploads(hooks.workspace.uploads))
    pages: dict[str, RenderPage] = {
        add_page.PATH: _add_page(adding),
        reading_page.PATH: partial(reading_page.render, reading),
    }
    for path, render in pages.items():
        app.add_route(path, page_route(desk, cookie_name, path, render), methods=["GET"])
    for path, (back, act) in forms_of(adding, reading).items():
        app.add_route(path, form_route(desk, cookie_name, path, back, act), methods=["POST"])
    files = _Files(desk, cookie_name, adding)
    app.add_route(add_page.BEGIN, files.begin, methods=["POST"])
    app.add_route(add_page.FILE, files.take, methods=["POST"])
    app.add_route(f"{PICTURE}/{{tag}}", files.picture, methods=["GET"])
    if adding is None:
        return lambda: None
    adding.uploads.sweep()
    return adding.close


def forms_of(adding: Adding | None, reading: Reading) -> Mapping[str, tuple[str, FormAct]]:
    """Path of a form -> the page it stands on, and what it does."""

    def start(_: Database, __: Identity, form: Mapping[str, str], ___: datetime) -> str:
        reading.start(again="again" in form)
        return reading_page.PATH

    def stop(_: Database, __: Identity, ___: Mapping[str, str], ____: datetime) -> str:
        reading.stop()
        return reading_page.PATH

    def choose_list(_: Database, identity: Identity, form: Mapping[str, str], __: datetime) -> str:
        upload = _upload_of(adding, identity, form)
        _there(adding).use_list(upload, form.get("list", ""))
        return add_page.address(upload)

    def store(_: Database, identity: Identity, form: Mapping[str, str], __: datetime) -> str:
        return add_page.store_form(_there(adding), identity, form)

    def drop(_: Database, identity: Identity, form: Mapping[str, str], __: datetime) -> str:
        _there(adding).drop(_upload_of(adding, identity, form))
        return add_page.PATH

    def type_in(_: Database, identity: Identity, form: Mapping[str, str], __: datetime) -> str:
        upload = _upload_of(adding, identity, form)
        _there(adding).type_in(upload, read_whose(form, upload))
        return add_page.address(upload)

    return {
        reading_page.START: (reading_page.PATH, start),
        reading_page.STOP: (reading_page.PATH, stop),
        add_page.LIST: (add_page.PATH, choose_list),
        WHOSE: (add_page.PATH, type_in),
        add_page.STORE: (add_page.PATH, store),
        add_page.DROP: (add_page.PATH, drop),
    }


def _there(adding: Adding | None) -> Adding:
    if adding is None:
        raise EchoDeskError(said.NO_ADDING, "")
    return adding


def _upload_of(adding: Adding | None, identity: Identity, form: Mapping[str, str]) -> Upload:
    return _there(adding).uploads.find(form.get("upload", ""), identity.annotator_id)


def _add_page(adding: Adding | None) -> RenderPage:
    def render(_: Database, identity: Identity, query: Mapping[str, str], now: datetime) -> str:
        return add_page.render(_there(adding), identity, query, now)

    return render


class _Files:
    """The way in for files: a new upload, then each file in a request of its own.

    The name comes in a header, in percent signs: an address could end up in somebody's log.
    """

    def __init__(self, desk: Desk, cookie_name: str, adding: Adding | None) -> None:
        self._desk, self._cookie_name, self._adding = desk, cookie_name, adding

    async def begin(self, request: Request) -> Response:
        """A new upload; its name."""
        who = await self._who(request)
        if isinstance(who, Response):
            return who
        try:
            upload = await run_in_threadpool(_there(self._adding).uploads.begin, who.annotator_id)
        except EchoDeskError as error:
            return _refusal(error)
        except OSError:
            return _refusal(EchoDeskError(said.DISK_FULL, said.DISK_FULL_REMEDY))
        return JSONResponse({"upload": upload.name})

    async def take(self, request: Request) -> Response:
        """One file, straight to the disk."""
        who = await self._who(request)
        if isinstance(who, Response):
            return who
        name = unquote(request.headers.get("x-name", "")[:_LONGEST_NAME])
        size_bytes = int(request.headers.get("content-length", "0"))
        try:
            adding = _there(self._adding)
            upload = adding.uploads.find(request.headers.get("x-upload", ""), who.annotator_id)
            upload.place_for(name)
            if not size_bytes:
                raise EchoDeskError(said.EMPTY, said.EMPTY_REMEDY)
            partial_file = await self._arrived(request, adding, upload, size_bytes)
            refused = await run_in_threadpool(adding.keep, upload, partial_file, name)
        except EchoDeskError as error:
            return _refusal(error)
        except BodyRefused as error:
            return plain_response(refused_page(error.status))
        except ClientDisconnect:
            return plain_response(refused_page(400))
        except OSError:
            return _refusal(EchoDeskError(said.DISK_FULL, said.DISK_FULL_REMEDY))
        return JSONResponse({"refused": refused})

    async def picture(self, request: Request) -> Response:
        """One file of a person's own upload, to type from: itself or its first page, else nothing."""
        who = await self._who(request)
        if isinstance(who, Response):
            return who
        try:
            upload = _there(self._adding).uploads.find(
                request.query_params.get("upload", ""), who.annotator_id
            )
            path = await run_in_threadpool(file_of, upload, str(request.path_params["tag"]))
            shown = None if path is None else await run_in_threadpool(self._shown, path)
        except (EchoDeskError, OSError):
            shown = None
        return shown or plain_response(refused_page(404))

    def _shown(self, path: Path) -> Response | None:
        kind = media_type(path)
        if kind is not None:
            return FileResponse(path, media_type=kind, headers=_NOT_KEPT)
        drawn = _there(self._adding).hooks.picture(path) if is_drawn(path) else None
        return None if drawn is None else Response(drawn, media_type="image/jpeg", headers=_NOT_KEPT)

    async def _arrived(self, request: Request, adding: Adding, upload: Upload, size_bytes: int) -> Path:
        path, file = await run_in_threadpool(adding.uploads.arriving, upload, size_bytes)
        try:
            with file:
                waiting = bytearray()
                async for piece in request.stream():
                    waiting += piece
                    if len(waiting) >= _WRITTEN_AT_ONCE:
                        await run_in_threadpool(file.write, bytes(waiting))
                        waiting.clear()
                file.write(waiting)
        except BaseException:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            raise
        return path

    async def _who(self, request: Request) -> Identity | Response:
        """Whoever asks, where their role may."""
        from sqlalchemy.exc import OperationalError

        secret = request.cookies.get(self._cookie_name)
        try:
            session = await run_in_threadpool(self._desk.sessions.find, secret)
            if session is None:
                return plain_response(sign_in_page())
            if not policy.may(session.identity.role, request.url.path, request.method):
                return plain_response(not_allowed_page())
            await run_in_threadpool(self._desk.sessions.note_activity, secret)
        except OperationalError:
            return plain_response(busy_page())
        return session.identity


def _refusal(error: EchoDeskError) -> Response:
    content: dict[str, Any] = {"reason": error.message, "remedy": error.hint}
    return JSONResponse(content, 400)
