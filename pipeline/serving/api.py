"""The HTTP API: a photograph in, an answer out, nothing kept. Several of it behind a proxy share nothing."""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from threading import Lock
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from fastapi.security import HTTPBearer

from db.apart.kind import NoProcessError
from pipeline.imaging.capture import encode_jpeg
from pipeline.serving.answer import Answer
from pipeline.serving.api_schema import PROBLEMS, Screening
from pipeline.serving.photos.apart import AT_ONCE
from pipeline.serving.relay.poll import Refusal
from pipeline.serving.relay.requests import body_of, form_of
from pipeline.serving.screen import Photographs
from pipeline.serving.serve_settings import ServingSettings
from pipeline.serving.serve_state import Busy, Limits, Meters, TooOften
from pipeline.serving.watching.coverage import held_by
from pipeline.serving.watching.kept import Kept, photo_id
from pipeline.serving.watching.watch import Watch

logger = logging.getLogger(__name__)

FIELD: Final = "photo"
_BYTES = {"type": "string", "format": "binary"}
# Both ways to send a photograph; read by hand, so that no more of it is taken than is allowed.
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": _BYTES},
            "image/jpeg": {"schema": _BYTES},
            "multipart/form-data": {
                "schema": {"type": "object", "required": [FIELD], "properties": {FIELD: _BYTES}}
            },
        },
    }
}
# For the description alone: who may come in is `_door`'s to say.
_KEY: Final = [Depends(HTTPBearer(auto_error=False, description="A key, where the host has set any."))]
_NO_KEY: Final[dict[int | str, dict[str, Any]]] = {401: PROBLEMS[401]}


def create_api(
    load: Callable[[], Photographs],
    settings: ServingSettings,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """The application; networks are loaded when it starts.

    Args:
        load: the bundle that answers.

    Raises:
        WrongUse: it would be reachable by others without a key.
        EchoDeskError: answers are to be kept where they can't be.
    """
    meters = Meters()
    let_in = _door(settings.all_keys(), meters)
    limits = Limits(settings.rate_per_minute, settings.waiting, clock)
    kept = None if settings.keep_answers is None else Kept(settings.keep_answers)
    if kept is not None:
        kept.check()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Several are decoded at a time; the networks are asked about one after the other.
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="screen") as executor:
            app.state.executor = executor
            loaded = await asyncio.get_running_loop().run_in_executor(executor, load)
            app.state.watch = _watch(loaded, kept)
            app.state.photographs = loaded
            yield

    app = FastAPI(title="EchoDesk screening", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.photographs = None

    noting = Lock()

    def note(data: bytes, answer: Answer) -> None:
        meters.answer(answer)
        with noting:
            app.state.watch.note(answer)
        if kept is not None:
            kept.keep(data, answer, coverage=answer.coverage)

    app.state.note = note

    @app.post(
        "/v1/screen",
        response_model=Screening,
        responses=PROBLEMS,
        openapi_extra=_BODY,
        dependencies=_KEY,
    )
    async def screen(
        request: Request,
        response: Response,
        heat: Annotated[bool, Query(description="The photo with its heat map, a JPEG in base64.")] = False,
    ) -> dict[str, Any]:
        """Answer about one photograph. It is not kept."""
        who = let_in(request)
        response.headers["Cache-Control"] = "no-store"
        try:
            limits.come(who)
        except TooOften as often:
            meters.refuse("rate")
            raise HTTPException(429, "too many photos", {"Retry-After": str(often.wait_s)}) from None
        data = await _photo(request, settings.max_photo_mb * 1_000_000, meters)
        try:
            with limits.place(), meters.reading():
                return await _answered(request.app, data, heat)
        except (Busy, NoProcessError):
            meters.refuse("busy")
            raise HTTPException(503, "too many photos wait", {"Retry-After": "2"}) from None

    _add_watch(app, let_in, meters)
    return app


def _door(keys: Sequence[str], meters: Meters) -> Callable[[Request], str]:
    """What says whose request it is, or refuses it."""

    def let_in(request: Request) -> str:
        """Whose request it is. Raises HTTPException 401."""
        given = _key_of(request.headers.get("authorization", "")).encode("utf-8", "replace")
        for key in keys:
            if hmac.compare_digest(key.encode(), given):
                return key
        if keys:
            meters.refuse("key")
            # A browser asks for a password only where it is told of that way.
            how = "Basic" if request.url.path == "/watch" else "Bearer"
            raise HTTPException(401, "a key is needed", {"WWW-Authenticate": how})
        return request.client.host if request.client else ""

    return let_in


def _key_of(header: str) -> str:
    """The bearer key, or the password that a browser was given."""
    scheme, _, given = header.partition(" ")
    if scheme.lower() != "basic":
        return given.strip() if scheme.lower() == "bearer" else header
    try:
        return base64.b64decode(given, validate=True).decode("utf-8", "replace").partition(":")[2]
    except ValueError:
        return ""


def _add_watch(app: FastAPI, let_in: Callable[[Request], str], meters: Meters) -> None:
    @app.get("/healthz", response_class=PlainTextResponse)
    async def healthz() -> str:
        """The process answers."""
        return "ok"

    @app.get("/readyz", response_class=PlainTextResponse, responses={503: {"description": "not yet"}})
    async def readyz(request: Request) -> Response:
        """The networks are loaded and answered the golden photograph as they should."""
        is_ready = request.app.state.photographs is not None
        return PlainTextResponse("ready" if is_ready else "loading", status_code=200 if is_ready else 503)

    @app.get("/watch", response_class=HTMLResponse, responses=_NO_KEY, dependencies=_KEY)
    async def watch(request: Request) -> Response:
        """What was answered, beside what was usual when the bundle was made; nothing of a patient."""
        let_in(request)
        seen: Watch | None = getattr(request.app.state, "watch", None)
        page = "" if seen is None else await asyncio.to_thread(seen.page)
        return HTMLResponse(page, headers={"Cache-Control": "no-store"})

    @app.get("/metrics", response_class=PlainTextResponse, responses=_NO_KEY, dependencies=_KEY)
    async def metrics(request: Request) -> Response:
        """Counts and times for Prometheus; nothing of a patient."""
        let_in(request)
        seen: Watch | None = getattr(request.app.state, "watch", None)
        if seen is not None:
            meters.hold(await asyncio.to_thread(seen.held))
        text, kind = meters.exposition()
        return Response(text, media_type=kind)


def _watch(loaded: Photographs, kept: Kept | None) -> Watch:
    bundle = loaded.bundle
    held = None if kept is None else lambda: held_by(kept.joined(), bundle.id)
    return Watch(bundle.id, bundle.about.reference, held)


async def _answered(app: FastAPI, data: bytes, heat: bool) -> dict[str, Any]:
    photographs: Photographs = app.state.photographs

    def screened() -> tuple[Answer, str | None]:
        answer, overlay = photographs.screen_with_heat(data, wants_heat=heat)
        app.state.note(data, answer)
        return answer, None if overlay is None else base64.b64encode(encode_jpeg(overlay, 85)).decode()

    loop = asyncio.get_running_loop()
    answer, jpeg = await loop.run_in_executor(app.state.executor, screened)
    return {**answer.as_json(), "photo_id": photo_id(data), "heat_jpeg": jpeg}


async def _photo(request: Request, most_bytes: int, meters: Meters) -> bytes:
    """The photograph of a request. Raises HTTPException 400 and 413."""
    is_form = request.headers.get("content-type", "").lower().startswith("multipart/form-data")
    try:
        if is_form:
            found = (await form_of(request, most_bytes=most_bytes))[1]
            if found is None:
                raise Refusal(400)
            return found
        return await body_of(request, most_bytes=most_bytes)
    except Refusal as refusal:
        meters.refuse("size" if refusal.status == 413 else "form")
        what = (
            f"more than {most_bytes // 1_000_000} MB" if refusal.status == 413
            else f"no form with a photo in its field {FIELD}"
        )  # fmt: skip
        raise HTTPException(refusal.status, what) from None
