"""The addresses mounted: each asks for the key by itself, behind the shell that asked before."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from db.store.engine import Database
from db.tabular import jsonl_bytes
from review_ui.door.doorway import plain_response
from review_ui.door.keys import KeyBook, api_refused
from review_ui.door.plain_pages import PlainPage
from review_ui.rest.answers import ADDRESSES, Address, ParameterError
from review_ui.rest.description import openapi

DESCRIPTION: Final = "/api/v1/openapi.json"
_HEADERS: Final = {"cache-control": "no-store", "content-security-policy": "default-src 'none'"}


def add_api(app: Starlette, database: Database, keys: KeyBook) -> None:
    """Mount every address and their description."""
    for path, address in ADDRESSES.items():
        app.add_route(path, _reading(database, keys, address), methods=["GET"])
    described = json.dumps(openapi()).encode()
    app.add_route(DESCRIPTION, _guarded(keys, lambda _request: described), methods=["GET"])


def _reading(database: Database, keys: KeyBook, address: Address) -> Callable[[Request], Response]:
    def answer(request: Request) -> bytes | PlainPage:
        try:
            asked = address.read(request.query_params.multi_items())
        except ParameterError as error:
            return api_refused(400, detail=f"{error}.")
        with database.read() as session:
            return _json(address.answer(session, asked))

    return _guarded(keys, answer)


def _guarded(keys: KeyBook, make: Callable[[Request], bytes | PlainPage]) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        from sqlalchemy.exc import OperationalError

        client = request.client.host if request.client else ""
        opened = keys.open(request.headers.get("authorization", ""), client, request.method, request.url.path)
        if isinstance(opened, PlainPage):
            return plain_response(opened)
        try:
            made = make(request)
        except OperationalError:
            return plain_response(api_refused(503, ("retry-after", "5")))
        if isinstance(made, PlainPage):
            return plain_response(made)
        return Response(made, 200, dict(_HEADERS), media_type="application/json")

    return answer


def _json(answer: dict[str, Any]) -> bytes:
    """Days and moments as the exports write them."""
    return jsonl_bytes([answer]).strip()
