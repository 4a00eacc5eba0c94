"""The pages beside the desk (dashboard, agreement, practice, audit, queue): who sees them, and their content
policy.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from db.errors import EchoDeskError
from db.files.as_typed import as_typed
from db.store.engine import Database, is_disk_full
from review_ui.desk.context import Desk
from review_ui.door import policy
from review_ui.door.doorway import plain_response
from review_ui.door.forms import FormError, read_form
from review_ui.door.plain_pages import (
    busy_page,
    full_page,
    going_on,
    not_allowed_page,
    not_possible_page,
    refused_page,
    sign_in_page,
)
from review_ui.door.sessions import DeskSession, Identity
from review_ui.leads import api_page, queue_page, record_search, records_page, setup_page, take_out_page
from review_ui.leads.frame import METHODS
from review_ui.leads.pages import PAGES, RenderNumbers, methods_page
from review_ui.leads.queue_page import FormAct
from review_ui.text import door, records, set_up, take_out
from review_ui.text.quality import INNER_PAGE_TITLES, PAGE_TITLES

RenderPage = Callable[[Database, Identity, Mapping[str, str], datetime], str]


# Whatever else stands on a page was escaped, so this is in it only where we put it.
_OUR_SCRIPT: Final = re.compile(r'<script type="module" src="/desk/([a-z]+)\.js">')
# This one only writes what is there already; the others ask the server for something.
_ASKS_NOTHING: Final = frozenset({"times"})
_INLINE_STYLE: Final = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)


def add_lead_pages(app: Starlette, desk: Desk, cookie_name: str) -> None:
    """Mount every page and every form; each authorises by itself through the policy."""
    for path, (_title, render) in lead_pages(desk).items():
        app.add_route(path, page_route(desk, cookie_name, path, render), methods=["GET"])
    for path, (back, act) in lead_forms(desk).items():
        app.add_route(path, form_route(desk, cookie_name, path, back, act), methods=["POST"])


def pages_for(session: DeskSession) -> list[tuple[str, str]]:
    """Path and title of every page the person's role may open, signing out last."""
    role = session.identity.role
    pages = [(path, title) for path, title in PAGE_TITLES.items() if policy.may(role, path)]
    return [*pages, ("/sign-out", door.PAGE_SIGN_OUT_TITLE)]


def lead_pages(desk: Desk) -> dict[str, tuple[str, RenderPage]]:
    """Path -> title and what makes the page."""
    pages = {path: (page.title, _reading(page.render)) for path, page in PAGES.items()}
    return {
        **pages,
        setup_page.PATH: (set_up.TITLE, partial(setup_page.render, desk)),
        setup_page.CHECKS_PATH: (set_up.CHECKS_TITLE, partial(setup_page.render_checks, desk)),
        queue_page.PATH: (queue_page.TITLE, queue_page.render),
        record_search.PATH: (records.TITLE, partial(records_page.render, own_ids=desk.own_ids)),
        METHODS: (INNER_PAGE_TITLES[METHODS], _reading(methods_page)),
        api_page.PATH: (take_out.API_TITLE, api_page.render),
        take_out_page.PATH: (take_out.TITLE, partial(take_out_page.render, datasets=desk.datasets)),
    }


def lead_forms(desk: Desk) -> dict[str, tuple[str, FormAct]]:
    """Path of a form -> the page it stands on, and what it does."""
    return {
        **{path: (queue_page.PATH, act) for path, act in queue_page.POSTS.items()},
        records_page.SEND_BACK: (record_search.PATH, records_page.send_back_form),
        record_search.FIND: (record_search.PATH, partial(record_search.find_form, own_ids=desk.own_ids)),
        records_page.OPEN: (record_search.PATH, partial(records_page.open_form, desk)),
        take_out_page.FREEZE: (
            take_out_page.PATH,
            partial(take_out_page.freeze_form, datasets=desk.datasets),
        ),
        **setup_page.forms(desk),
    }


def content_policy(html: str) -> str:
    """Nothing runs and nothing is fetched, but for a page that came with a script of ours; of styles, exactly
    the elements this page came with.
    """
    ours = set(_OUR_SCRIPT.findall(html))
    runs = ("script-src 'self'",) if ours else ()
    fetches = ("connect-src 'self'",) if ours - _ASKS_NOTHING else ()
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
        for style in _INLINE_STYLE.findall(html)
    ]
    return "; ".join(
        (
            "default-src 'none'",
            *runs,
            *fetches,
            " ".join(["style-src", "'self'", *hashes]),
            "img-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _reading(render: RenderNumbers) -> RenderPage:
    def page(database: Database, identity: Identity, query: Mapping[str, str], now: datetime) -> str:
        return render(database.read, identity, query, now)

    return page


def page_route(desk: Desk, cookie_name: str, path: str, render: RenderPage) -> Callable[[Request], Response]:
    """What answers for one page: it authorises, renders, and says calmly what could not be."""

    def answer(request: Request) -> Response:
        from sqlalchemy.exc import OperationalError

        try:
            secret = request.cookies.get(cookie_name)
            session = desk.sessions.find(secret)
            if session is None:
                return plain_response(sign_in_page())
            if not policy.may(session.identity.role, path):
                return plain_response(not_allowed_page())
            html = render(desk.database, session.identity, dict(request.query_params), desk.now())
            html = as_typed(html, _folder_in_html(desk))
            desk.sessions.note_activity(secret)
        except OperationalError as error:
            return plain_response(full_page() if is_disk_full(error) else busy_page())
        except EchoDeskError as error:
            return plain_response(
                not_possible_page(desk.as_typed(error_in_words(error)), path, was_form=False)
            )
        headers = {"content-security-policy": content_policy(html), "cache-control": "no-store"}
        return Response(html, 200, headers, media_type="text/html")

    return answer


def form_route(desk: Desk, cookie_name: str, path: str, back: str, act: FormAct) -> Callable[[Request], Any]:
    """What answers for one form: it authorises, acts, and goes on to the page that `act` names."""

    async def answer(request: Request) -> Response:
        try:
            form = await read_form(request)
        except FormError:
            return plain_response(refused_page(400))
        return await run_in_threadpool(stored, request.cookies.get(cookie_name), form)

    def stored(secret: str | None, form: Mapping[str, str]) -> Response:
        from sqlalchemy.exc import OperationalError

        try:
            session = desk.sessions.find(secret)
            if session is None:
                return plain_response(sign_in_page())
            if not policy.may(session.identity.role, path, "POST"):
                return plain_response(not_allowed_page())
            next_path = act(desk.database, session.identity, form, desk.now())
            desk.sessions.note_activity(secret)
        except OperationalError as error:
            return plain_response(full_page() if is_disk_full(error) else busy_page())
        except EchoDeskError as error:
            return plain_response(
                not_possible_page(desk.as_typed(error_in_words(error)), back, was_form=True)
            )
        return plain_response(going_on(next_path))

    return answer


def _folder_in_html(desk: Desk) -> Path | None:
    return None if desk.workspace is None else Path(escape(str(desk.workspace.workspace), quote=False))


def error_in_words(error: EchoDeskError) -> str:
    """What is wrong and what to do, as sentences."""
    return ". ".join(_sentence(part) for part in (error.message, error.hint) if part) + "."


def _sentence(part: str) -> str:
    """With a capital, but for a command or a file that it begins with, and without its full stop."""
    first = part.partition(" ")[0]
    is_word = first.isalpha() and first != "echodesk"
    return (part[:1].upper() + part[1:] if is_word else part).rstrip(".")
