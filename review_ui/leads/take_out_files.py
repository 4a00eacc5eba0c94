"""What is downloaded from the page: labels in every form, and frozen datasets as zip files.

Each file is made for one request in a private folder of the workspace, and removed when it was sent.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from db.errors import EchoDeskError
from db.exports.interchange import Form, parts_of, zipped
from db.exports.tables import Table, export_table
from db.snapshots import find_snapshot
from db.tabular import FileFormat
from review_ui.desk.context import Desk
from review_ui.door import policy
from review_ui.door.doorway import plain_response
from review_ui.door.forms import FormError, read_one_file
from review_ui.door.plain_pages import (
    busy_page,
    not_allowed_page,
    not_possible_page,
    refused_page,
    sign_in_page,
)
from review_ui.leads.routes import error_in_words
from review_ui.leads.take_out_page import LABELS, LIST, PATH, ZIP
from review_ui.text import take_out as said

_PREFIX: Final = ".take-out-"
_LEFT_BEHIND_S: Final = 3600.0
_ENDINGS: Final = {Form.FHIR: ".ndjson", Form.FHIR_BUNDLE: ".json", Form.LABEL_STUDIO: ".json"}

# (desk, a part of the address, a folder to write in) -> the file to send; None where there is nothing.
Make = Callable[[Desk, str, Path], Path | None]


def add_take_out(app: Starlette, desk: Desk, cookie_name: str) -> None:
    """Mount the downloads; each authorises by itself through the policy."""
    _sweep(desk)
    app.add_route(LABELS, _download(desk, cookie_name, "form", make_labels), methods=["GET"])
    app.add_route(LIST, _list_given_back(desk, cookie_name), methods=["POST"])
    app.add_route(ZIP, _download(desk, cookie_name, "name", make_zip), methods=["GET"])


def _sweep(desk: Desk) -> None:
    """Remove what a desk that was killed left behind; another desk of this workspace may be sending now."""
    if desk.workspace is None:
        return
    for folder in desk.workspace.root.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if desk.now().timestamp() - folder.stat().st_mtime > _LEFT_BEHIND_S:
                shutil.rmtree(folder, ignore_errors=True)


def make_labels(desk: Desk, form: str, folder: Path) -> Path | None:
    """The labels in a form."""
    if form in tuple(FileFormat):
        table = folder / f"labels.{form}"
        export_table(desk.database, Table.LABELS, table, file_format=FileFormat(form))
        return table
    if form not in tuple(Form) or desk.workspace is None:
        return None
    chosen = Form(form)
    parts = parts_of(desk.database, desk.workspace, chosen)
    name = f"labels-{form}"
    main = name + _ENDINGS.get(chosen, ".csv")
    made = folder / (f"{name}.zip" if parts.beside else main)
    if parts.beside:
        made.write_bytes(
            zipped({main: parts.main, **{name + end: data for end, data in parts.beside.items()}})
        )
    else:
        made.write_bytes(parts.main)
    return made


def make_zip(desk: Desk, name: str, folder: Path) -> Path | None:
    """A frozen dataset that the register knows."""
    with desk.database.read() as session:
        found = find_snapshot(session, name=name)
    if found is None or desk.datasets is None:
        return None
    made = folder / f"{found.name}.zip"
    desk.datasets.pack(found.name, made)
    return made


def _download(desk: Desk, cookie_name: str, parameter: str, make: Make) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        if request.method == "HEAD":
            return plain_response(refused_page(405))  # a file is made to be sent
        asked = str(request.path_params[parameter])
        return _for_whom_it_may(desk, cookie_name, request, lambda folder: make(desk, asked, folder))

    return answer


def _list_given_back(desk: Desk, cookie_name: str) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(given, request, body)

    def given(request: Request, body: bytes) -> Response:
        def make(folder: Path) -> Path:
            try:
                sent = read_one_file(request.headers.get("content-type", ""), body)
            except FormError:
                raise EchoDeskError(said.LIST_NO_FILE, "") from None
            if not sent or desk.datasets is None:
                raise EchoDeskError(said.LIST_NO_FILE, "")
            listing = folder / "list"
            listing.write_bytes(sent)
            try:
                return desk.datasets.give_back(listing, folder)
            except EchoDeskError as error:  # names our folder, which says nothing to anybody
                raise EchoDeskError(
                    error.message.replace(f"{listing}", said.LIST_NAMED), error.hint
                ) from None

        return _for_whom_it_may(desk, cookie_name, request, make)

    return answer


def _for_whom_it_may(
    desk: Desk, cookie_name: str, request: Request, make: Callable[[Path], Path | None]
) -> Response:
    """The file for a person whose role may have it; else what to tell them."""
    from sqlalchemy.exc import OperationalError

    try:
        secret = request.cookies.get(cookie_name)
        session = desk.sessions.find(secret)
        if session is None:
            return plain_response(sign_in_page())
        if not policy.may(session.identity.role, request.url.path, request.method):
            return plain_response(not_allowed_page())
        desk.sessions.note_activity(secret)
        return _sent(desk, make)
    except OperationalError:
        return plain_response(busy_page())
    except EchoDeskError as error:
        return plain_response(not_possible_page(error_in_words(error), PATH, was_form=False))
    except OSError as error:
        reason = said.NO_ROOM.format(reason=error.strerror or type(error).__name__)
        return plain_response(not_possible_page(reason, PATH, was_form=False))


def _sent(desk: Desk, make: Callable[[Path], Path | None]) -> Response:
    if desk.workspace is None:
        return plain_response(refused_page(405))
    folder = Path(tempfile.mkdtemp(dir=desk.workspace.root, prefix=_PREFIX))
    away: Any = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    try:
        made = make(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if made is None:
        shutil.rmtree(folder, ignore_errors=True)
        return plain_response(not_possible_page(f"{said.NO_SUCH}.", PATH, was_form=False))
    headers = {"cache-control": "no-store"}
    return FileResponse(made, filename=made.name, headers=headers, background=away)
