"""The routes of what the desk shows: page images by record, our own files, and the page's settings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from db.cases import case_images
from db.decisions import CorrectionReason, ImageRole
from db.labels import EF_MAX_PERCENT, EF_MIN_PERCENT, RVSP_MAX_MMHG, RVSP_MIN_MMHG
from db.store.images import ImageStore
from review_ui import text
from review_ui.desk import queue
from review_ui.desk.codebook import codebook_page
from review_ui.desk.context import Desk
from review_ui.door import policy
from review_ui.door.doorway import plain_response
from review_ui.door.plain_pages import refused_page
from review_ui.door.sessions import DeskSession

_ASSET_TYPES: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}
# Two files that a browser asks for by itself, at the places where it looks for them.
_WELL_KNOWN: Final = {"/favicon.ico": "favicon.svg", "/manifest.json": "manifest.json"}
_SETTINGS: Final = "settings.json"

PagesFor = Callable[[DeskSession], list[tuple[str, str]]]


def add_image_route(app: Starlette, desk: Desk, store: ImageStore, cookie_name: str) -> None:
    """Page images by record number and page number: the only way to a picture."""

    def page_image(request: Request) -> Response:
        """One page of a report, while the person holds the case; to who leads, at any time."""
        session = desk.sessions.find(request.cookies.get(cookie_name))
        if session is None:
            return plain_response(refused_page(401))
        case_id, number = int(request.path_params["case_id"]), int(request.path_params["number"])
        annotator_id = session.identity.annotator_id
        with desk.database.read() as database:
            is_held = queue.is_held_by(database, case_id=case_id, annotator_id=annotator_id, now=desk.now())
            if not is_held and session.identity.role not in policy.LEADS:
                return plain_response(refused_page(403))
            images = case_images(database, case_id=case_id, role=ImageRole.REPORT)
        if not 1 <= number <= len(images):
            return plain_response(refused_page(404))
        image = images[number - 1]
        path = store.path(image.sha256)
        if not path.is_file():
            return plain_response(refused_page(404))
        return FileResponse(path, media_type=image.media_type, headers={"Cache-Control": "no-store"})

    app.add_route("/case/{case_id:int}/page/{number:int}", page_image, methods=["GET"])


def add_asset_routes(app: Starlette, desk: Desk, cookie_name: str, pages_for: PagesFor) -> None:
    """Scripts, styles and page structure from the package, and the settings of whoever asks."""
    folder = Path(__file__).parents[1] / "assets"
    assets = {
        entry.name: (entry.read_bytes(), _ASSET_TYPES[entry.suffix])
        for entry in folder.iterdir()
        if entry.suffix in _ASSET_TYPES
    }
    assets["codebook.html"] = (codebook_page().encode(), "text/html")

    def asset(request: Request) -> Response:
        path = request.url.path
        name = _WELL_KNOWN.get(path) or str(request.path_params["name"])
        if name == _SETTINGS:
            session = desk.sessions.find(request.cookies.get(cookie_name))
            if session is None:
                return plain_response(refused_page(401))
            settings = json.dumps(page_settings(desk, pages_for(session)))
            return Response(settings, media_type="application/json", headers={"Cache-Control": "no-store"})
        if name not in assets:
            return plain_response(refused_page(404))
        content, media_type = assets[name]
        return Response(content, media_type=media_type, headers={"Cache-Control": "no-cache"})

    for path in (*_WELL_KNOWN, "/desk/{name}"):
        app.add_route(path, asset, methods=["GET"])


def page_settings(desk: Desk, pages: list[tuple[str, str]]) -> dict[str, Any]:
    """What the page's script needs to know: sentences, words, limits, times, links. Nothing of any record.

    Args:
        pages: path and title of what the person may open besides the desk.
    """
    return {
        "text": {name: desk.as_typed(sentence) for name, sentence in text.DESK.items()},
        "words": text.ANSWER_WORDS,
        "titles": text.FIELD_TITLES,
        "limits": {
            "ef": [EF_MIN_PERCENT, EF_MAX_PERCENT],
            "rvsp": [RVSP_MIN_MMHG, RVSP_MAX_MMHG],
        },
        "lease_s": desk.lease_s,
        "min_view_s": desk.min_view_s,
        "reasons": [reason.value for reason in CorrectionReason],
        "may_reread": desk.reread is not None,
        "pages": [{"path": path, "title": title} for path, title in pages],
    }
