"""The relay as a server: the messenger's webhook, the model host's door, web links, health and metrics."""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from db.errors import EchoDeskError, WrongUse
from db.requests.connections import patient_http
from pipeline.serving.channels import whatsapp
from pipeline.serving.channels.base import Channel
from pipeline.serving.channels.web_link import WebLink
from pipeline.serving.channels.whatsapp import WhatsApp
from pipeline.serving.relay import inbox, metrics, poll, signature, web
from pipeline.serving.relay.poll import Refusal
from pipeline.serving.relay.requests import body_of
from pipeline.serving.relay.running import Relay, most_bytes
from pipeline.serving.relay.settings import RelaySettings
from pipeline.serving.relay.signature import Signed
from pipeline.serving.relay.store import Clock, Store, alone
from pipeline.serving.relay.vault import LOST_KEY, Vault, key_file
from pipeline.serving.relay.webhooks import events_of

logger = logging.getLogger(__name__)

_WEBHOOK_BYTES = 3_000_000
_ANSWER_BYTES = 100_000
_HEAT_BYTES = 2_000_000
_SWEEP_S = 30.0
# At the latest after this a loop looks again, whether it was woken or not.
_LOOK_S = 0.5
_AFTER_FAULT_S = 1.0


async def verify(request: Request) -> Response:
    """The messenger checks the address."""
    relay: Relay = request.app.state.relay
    answer = signature.challenge(request.query_params, relay.settings.verify_token.get_secret_value())
    return Response(status_code=403) if answer is None else PlainTextResponse(answer)


async def webhook(request: Request) -> Response:
    """Store, then say so: 200 only when every event is on the disk."""
    relay: Relay = request.app.state.relay
    began = time.perf_counter()
    body = await body_of(request, most_bytes=_WEBHOOK_BYTES)
    given = request.headers.get("x-hub-signature-256", "")
    if not signature.is_from_messenger(relay.settings.app_secret.get_secret_value(), body, given):
        metrics.refused(request.app.state)
        return Response(status_code=401)
    try:
        events = events_of(body, phone_number_id=relay.settings.phone_number_id)
    except ValueError as error:
        raise Refusal(400) from error
    inbox.take(relay.store, whatsapp.NAME, events)
    metrics.acknowledged(request.app.state, time.perf_counter() - began)
    relay.woken.set()
    return Response(status_code=200)


async def host_poll(request: Request) -> Response:
    """The model host asks for photos."""
    relay, body = await _let_in(request)
    lent = await poll.lend(relay, body, name=secrets.token_hex(8))
    return JSONResponse({"jobs": lent})


async def host_photo(request: Request) -> Response:
    """The model host fetches one."""
    relay, _ = await _let_in(request)
    content = poll.photo(relay, request.path_params["job"])
    return Response(content, media_type="application/octet-stream")


async def host_answer(request: Request) -> Response:
    """The model host brings an answer."""
    relay, body = await _let_in(request)
    return JSONResponse({"new": poll.take_answer(relay, request.path_params["job"], body)})


async def host_heat(request: Request) -> Response:
    """The model host brings the heat map of a photo, before its answer."""
    relay, body = await _let_in(request, most_bytes=_HEAT_BYTES)
    poll.take_heat(relay, request.path_params["job"], body)
    return JSONResponse({})


async def _let_in(request: Request, *, most_bytes: int = _ANSWER_BYTES) -> tuple[Relay, bytes]:
    relay: Relay = request.app.state.relay
    body = await body_of(request, most_bytes=most_bytes)
    try:
        poll.let_in(relay, request.method, request.url.path, body, Signed.of(request.headers))
    except Refusal:
        metrics.refused(request.app.state)
        raise
    return relay, body


async def health(request: Request) -> Response:
    """Whether the process answers."""
    del request
    return PlainTextResponse("ok\n")


async def ready(request: Request) -> Response:
    """Whether rows can be written and no channel is refused its token."""
    relay: Relay = request.app.state.relay
    problems = metrics.problems(relay)
    return PlainTextResponse("\n".join(problems or ["ok"]) + "\n", status_code=503 if problems else 200)


async def show_metrics(request: Request) -> Response:
    """Counts and times, for those with the token."""
    relay: Relay = request.app.state.relay
    token = relay.settings.metrics_token.get_secret_value()
    given = request.headers.get("authorization", "").encode("utf-8", "replace")
    if not token or not hmac.compare_digest(given, f"Bearer {token}".encode()):
        return Response(status_code=404)
    return PlainTextResponse(metrics.text(relay, request.app.state))


def _on_refusal(request: Request, error: Exception) -> Response:
    if isinstance(error, Refusal):
        status = error.status
    else:
        status = 503
        logger.error("a request failed: %s", type(error).__name__)
    if request.url.path.startswith("/link/"):
        relay: Relay = request.app.state.relay
        return web.refused(status, megabytes=relay.settings.max_photo_mb)
    return Response(status_code=status)


def application(relay: Relay) -> Starlette:
    """The relay behind HTTP; its loops run while it does."""
    routes = [
        Route("/health", health),
        Route("/ready", ready),
        Route("/metrics", show_metrics),
        Route("/host/poll", host_poll, methods=["POST"]),
        Route("/host/photo/{job}", host_photo, methods=["POST"]),
        Route("/host/answer/{job}", host_answer, methods=["POST"]),
        Route("/host/heat/{job}", host_heat, methods=["POST"]),
    ]
    if relay.settings.has_messenger:
        routes += [
            Route("/webhook", verify, methods=["GET"]),
            Route("/webhook", webhook, methods=["POST"]),
        ]
    if relay.settings.has_links:
        routes += [
            Route("/link/{token}", web.show, methods=["GET"]),
            Route("/link/{token}", web.take, methods=["POST"]),
            Route("/heat/{token}", web.offer_heat, methods=["GET"]),
            Route("/heat/{token}", web.show_heat, methods=["POST"]),
        ]
    # A full disk, rows that are held: whoever sent it is asked to try again, and the messenger does.
    handled = dict.fromkeys((Refusal, OSError, sqlite3.Error, EchoDeskError), _on_refusal)
    app = Starlette(routes=routes, exception_handlers=handled, lifespan=_working)
    app.state.relay = relay
    metrics.begin(app.state)
    return app


@asynccontextmanager
async def _working(app: Starlette) -> AsyncIterator[None]:
    relay: Relay = app.state.relay
    relay.start()
    loops = [
        asyncio.create_task(_again(_taking_turns(relay), relay.woken, _LOOK_S)),
        asyncio.create_task(_again(relay.fetch_due, relay.to_fetch, _LOOK_S)),
        asyncio.create_task(_again(relay.send_due, relay.to_send, _LOOK_S)),
        asyncio.create_task(_again(_sweeping(relay), asyncio.Event(), _SWEEP_S)),
    ]
    try:
        yield
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await relay.close()


Work = Callable[[], Awaitable[int]]


def _taking_turns(relay: Relay) -> Work:
    async def work() -> int:
        done = relay.turns.take()
        if done:
            relay.rouse()
        return done

    return work


def _sweeping(relay: Relay) -> Work:
    async def work() -> int:
        relay.sweep()
        relay.rouse()
        return 0

    return work


async def _again(work: Work, woken: asyncio.Event, look_s: float) -> None:
    """Work, and wait to be woken; a fault is logged by its kind and ends nothing."""
    while True:
        woken.clear()
        try:
            done = await work()
        except Exception as error:  # noqa: BLE001 - one fault must not stop answers to everybody
            logger.error("a step of the relay failed: %s", type(error).__name__)
            await asyncio.sleep(_AFTER_FAULT_S)
            continue
        if not done:
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), look_s)


def open_relay(settings: RelaySettings, *, clock: Clock = time.time) -> Relay:
    """A relay with its rows, its key and the channels that are set up.

    Raises:
        EchoDeskError: its folder can't be used.
    """
    store = Store(settings.state, clock=clock)
    _refuse_lost_key(settings, store)
    channels: dict[str, Channel] = {}
    if settings.has_messenger:
        messenger = WhatsApp(
            base=f"{settings.graph_url.rstrip('/')}/{settings.graph_version}",
            phone_number_id=settings.phone_number_id,
            token=settings.access_token.get_secret_value(),
            media_hosts=tuple(settings.media_hosts.replace(",", " ").split()),
            most_bytes=most_bytes(settings),
        )
        channels[messenger.name] = messenger
    link = WebLink()
    channels[link.name] = link
    return Relay(settings, store, Vault(settings.state), channels)


def _refuse_lost_key(settings: RelaySettings, store: Store) -> None:
    """A new key beside letters and photos sealed with the old one would lose them without a word."""
    key = key_file(settings.state)
    if not key.exists() and store.rows.execute("SELECT 1 FROM outbox UNION SELECT 1 FROM job").fetchone():
        store.close()
        raise EchoDeskError(f"{key} is missing, and what is stored beside it was sealed with it", LOST_KEY)


def serve(settings: RelaySettings, *, on_ready: Callable[[str], None]) -> None:
    """Listen until stopped. Behind a proxy that does TLS; nothing of a request is logged.

    Raises:
        EchoDeskError: the folder or the port can't be used, or another relay works there.
        WrongUse: a setting is missing.
    """
    import uvicorn

    missing = settings.missing()
    if missing:
        raise WrongUse(f"not set: {', '.join(missing)}", "Settings are listed in docs/deploy.md.")
    with alone(settings.state):
        listening = _socket(settings)
        host, port = listening.getsockname()[:2]
        relay = open_relay(settings)
        config = uvicorn.Config(
            application(relay), log_config=None, access_log=False, server_header=False,
            timeout_graceful_shutdown=5, http=patient_http(most_per_address=None),
        )  # fmt: skip
        server = uvicorn.Server(config)
        relay.is_stopping = lambda: server.should_exit
        on_ready(f"http://{host}:{port}")
        server.run(sockets=[listening])


def _socket(settings: RelaySettings) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise EchoDeskError(
            f"port {settings.port} on {settings.host} can't be used", "Name another ECHODESK_RELAY_PORT."
        ) from error
    return listening
