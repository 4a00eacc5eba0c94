"""`echodesk relay`: screening by message."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import EchoDeskError, WrongUse
from pipeline.commands.options import WorkspaceOption, chosen_workspace
from pipeline.commands.serving.screen import BundleOption, Engine, EngineOption, ThreadsOption, bundle_place
from pipeline.commands.terminal import say

if TYPE_CHECKING:
    from pipeline.serving.screened import Screener

_ABOUT = "Screening by message: the small host's relay, the model host's side, and links for a browser."

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=_ABOUT)


@app.callback()
def _relay() -> None:
    """Screening by message: the small host's relay, the model host's side, and links for a browser."""


@app.command("serve")
def serve_relay() -> None:
    """Take messages in and send answers, until Ctrl-C; settings are ECHODESK_RELAY_* (docs/deploy.md)."""
    from pipeline.serving.relay.server import serve
    from pipeline.serving.relay.settings import relay_settings

    def on_ready(address: str) -> None:
        say(f"Relay: {address}")
        sys.stdout.flush()

    serve(relay_settings(), on_ready=on_ready)
    say("Stopped. What has come is stored.")


@app.command("link")
def link(
    number: Annotated[int, typer.Option("--count", min=1, max=500, help="How many links.")] = 1,
    hours: Annotated[
        float | None,
        typer.Option(min=0.1, max=24 * 30, help="How long they are good. Default: ECHODESK_RELAY_LINK_S.",
                     show_default=False),
    ] = None,
) -> None:  # fmt: skip
    """Print links to the page where a photo can be sent without the messenger, one for each person."""
    import secrets
    import time

    from pipeline.serving.relay.links import made
    from pipeline.serving.relay.settings import relay_settings

    settings = relay_settings()
    if not settings.has_links:
        raise WrongUse("ECHODESK_RELAY_LINK_SECRET is not set", "Settings are listed in docs/deploy.md.")
    base = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    lasts_s = settings.link_s if hours is None else hours * 3600
    for _ in range(number):
        secret = settings.link_secret.get_secret_value()
        token = made(secret, random_bytes=secrets.token_bytes(9), ends_at=time.time() + lasts_s)
        say(f"{base}/link/{token}")


@app.command("work")
def work(
    ctx: typer.Context,
    screener: Annotated[
        str,
        typer.Argument(help="What reads a photo instead of a bundle: a function of bytes.",
                       metavar="MODULE:FUNCTION", show_default=False),
    ] = "",
    bundle: BundleOption = None,
    engine: EngineOption = Engine.ONNXRUNTIME,
    threads: ThreadsOption = None,
    workspace: WorkspaceOption = None,
) -> None:  # fmt: skip
    """On the model host: pull photos from the relay, screen them, bring the answers, until Ctrl-C."""
    import threading

    from pipeline.serving.relay.settings import worker_settings
    from pipeline.serving.watching.kept import Kept
    from pipeline.serving.worker import Worker, connection

    settings = worker_settings()
    kept = None if settings.keep_answers is None else Kept(settings.keep_answers)
    if kept is not None:
        kept.check()
    if screener and bundle:
        raise WrongUse("a bundle and a function were named", "Name one of them.")
    screen = (
        screener_named(screener)
        if screener
        else _reading_with(bundle_place(bundle, chosen_workspace(ctx, workspace)), engine, threads)
    )
    with connection(settings) as http:
        say(f"Asking {settings.relay_url}")
        sys.stdout.flush()
        Worker(settings, screen, http, kept=kept).run(threading.Event())


def _reading_with(place: Path, engine: Engine, threads: int | None) -> Screener:
    from pipeline.serving.screen import Photographs

    photographs = Photographs.load(place, threads=threads, engine=engine.value)
    photographs.check_for_messages()
    say(f"Bundle {photographs.bundle.id}")
    return photographs.read


def screener_named(name: str) -> Screener:
    """The function of a name.

    Raises:
        EchoDeskError: there is no such function.
    """
    from importlib import import_module

    module, _, attribute = name.partition(":")
    try:
        found: Screener = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise EchoDeskError(
            f"{name} can't be found", "Write MODULE:FUNCTION, as Python imports it."
        ) from error
    return found
