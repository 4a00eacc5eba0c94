"""The pages beside the desk (dashboard, agreement, practice, audit, queue): who sees them, and their content
policy.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import importlib.util
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from db.errors import EchoDeskError
from db.store.engine import Database
from review_ui.desk.context import Desk
from review_ui.door import policy
from review_ui.door.doorway import plain
from review_ui.door.forms import FormError, read_form
from review_ui.door.plain_pages import (
    busy_page,
    going_on,
    not_allowed_page,
    not_possible_page,
    refused_page,
    sign_in_page,
)
from review_ui.door.sessions import DeskSession, Identity
from review_ui.text import door

QUEUE: Final = "/queue"
Render = Callable[[Database, Identity, Mapping[str, str], datetime], str]
# What a form does; answers the path to go to next.
Act = Callable[[Database, Identity, Mapping[str, str], datetime], str]

_INLINE_STYLE: Final = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)


def add_lead_pages(app: Starlette, desk: Desk, cookie_name: str) -> None:
    """Mount every page and every form; each authorises by itself through the policy."""
    for path, (_title, render) in lead_pages().items():
        app.add_route(path, _page(desk, cookie_name, path, render), methods=["GET"])
    for path, act in queue_forms().items():
        app.add_route(path, _form(desk, cookie_name, path, act), methods=["POST"])


def pages_of(session: DeskSession) -> list[tuple[str, str]]:
    """Path and title of every page the person's role may open, signing out last."""
    pages = [
        (path, title) for path, (title, _) in lead_pages().items() if policy.may(session.identity.role, path)
    ]
    return [*pages, ("/sign-out", door.PAGE_SIGN_OUT_TITLE)]


def lead_pages() -> dict[str, tuple[str, Render]]:
    """Path -> title and what makes the page."""
    pages: dict[str, tuple[str, Render]] = {}
    for path, page in getattr(_module("review_ui.leads.pages"), "PAGES", {}).items():
        pages[path] = (page.title, _reading(page.render))
    queue_page = _module("review_ui.leads.queue_page")
    if queue_page is not None:
        pages[QUEUE] = (queue_page.TITLE, queue_page.render)
    return pages


def queue_forms() -> Mapping[str, Act]:
    """Path -> what the form there does."""
    forms: Mapping[str, Act] = getattr(_module("review_ui.leads.queue_page"), "POSTS", {})
    return forms


def content_policy(html: str) -> str:
    """Nothing runs and nothing is fetched; of styles, exactly the elements this page came with."""
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
        for style in _INLINE_STYLE.findall(html)
    ]
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(["style-src", "'self'", *hashes]),
            "img-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _reading(render: Callable[..., str]) -> Render:
    def page(database: Database, identity: Identity, query: Mapping[str, str], now: datetime) -> str:
        return render(database.read, identity, query, now)

    return page


def _page(desk: Desk, cookie_name: str, path: str, render: Render) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        from sqlalchemy.exc import OperationalError

        try:
            secret = request.cookies.get(cookie_name)
            session = desk.sessions.find(secret)
            if session is None:
                return plain(sign_in_page())
            if not policy.may(session.identity.role, path):
                return plain(not_allowed_page())
            html = render(desk.database, session.identity, dict(request.query_params), desk.now())
            desk.sessions.note_activity(secret)
        except OperationalError:
            return plain(busy_page())
        except EchoDeskError as error:
            return plain(not_possible_page(told(error), path, was_form=False))
        headers = {"content-security-policy": content_policy(html), "cache-control": "no-store"}
        return Response(html, 200, headers, media_type="text/html")

    return answer


def _form(desk: Desk, cookie_name: str, path: str, act: Act) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        try:
            form = await read_form(request)
        except FormError:
            return plain(refused_page(400))
        return await run_in_threadpool(stored, request.cookies.get(cookie_name), form)

    def stored(secret: str | None, form: Mapping[str, str]) -> Response:
        from sqlalchemy.exc import OperationalError

        try:
            session = desk.sessions.find(secret)
            if session is None:
                return plain(sign_in_page())
            if not policy.may(session.identity.role, path, "POST"):
                return plain(not_allowed_page())
            next_path = act(desk.database, session.identity, form, desk.now())
            desk.sessions.note_activity(secret)
        except OperationalError:
            return plain(busy_page())
        except EchoDeskError as error:
            return plain(not_possible_page(told(error), QUEUE, was_form=True))
        return plain(going_on(next_path))

    return answer


def told(error: EchoDeskError) -> str:
    """What is wrong and what to do, as sentences."""
    return ". ".join(part.rstrip(".") for part in (error.message, error.hint) if part) + "."


def _module(name: str) -> Any:
    return importlib.import_module(name) if importlib.util.find_spec(name) else None
