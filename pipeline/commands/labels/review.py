"""`echodesk review`."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import WrongUse
from pipeline.commands.options import WorkspaceOption, chosen_workspace, existing_database
from pipeline.commands.terminal import say

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.workspace import Workspace
    from review_ui.door.exposure import Exposure


def review(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any free one.")] = 7860,
    host: Annotated[str, typer.Option(help="An address of this computer.")] = "127.0.0.1",
    annotator: Annotated[
        list[str] | None,
        typer.Option(help="Who reviews; repeat for several people, each with a link.", metavar="NAME"),
    ] = None,
    lead: Annotated[
        list[str] | None,
        typer.Option(help="Who reviews and sees the dashboard and the queue, with a link.", metavar="NAME"),
    ] = None,
    tls_cert: Annotated[
        Path | None,
        typer.Option(help="Certificate chain (PEM), to open the desk to others.", show_default=False),
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(help="Its key (PEM, without a passphrase).", show_default=False)
    ] = None,
    trusted_proxy: Annotated[
        str, typer.Option(help="The proxy that does TLS instead; only it is listened to.", metavar="ADDRESS")
    ] = "",
    public_name: Annotated[
        list[str] | None,
        typer.Option(
            help="How browsers call the desk, NAME or NAME:PORT; repeat for several.", metavar="NAME"
        ),
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the browser, too.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Serve the review page, until Ctrl-C.

    On this computer alone it prints a link that works once. On any other address people sign in with name and
    password, and it starts only with people (echodesk users add), a secret (ECHODESK_SECRET) and TLS.
    """
    from db.progress import progress
    from pipeline.commands.datasets.desk_datasets import DeskDatasets
    from pipeline.commands.labels.rereading import machine_checks, region_reader
    from review_ui.door.exposure import Exposure
    from review_ui.server import serve

    exposure = Exposure(host, tls_cert, tls_key, trusted_proxy, tuple(public_name or ()))
    if not exposure.is_local and (annotator or lead):
        raise WrongUse(
            "links are for this computer alone, so --annotator and --lead have no use here",
            "Add people with a password instead: echodesk users add NAME",
        )
    chosen = chosen_workspace(ctx, workspace)
    database = existing_database(chosen)
    leads, annotators = local_names(lead, annotator)
    try:
        refuse_early(exposure, chosen, database)
        with database.read() as session:
            counted = progress(session)
        if not counted.waiting and not any(counted.again.values()):
            say("Nothing is waiting for review. Drafts come from: echodesk extract")
        serve(
            chosen,
            database,
            exposure=exposure,
            port=port,
            annotators=annotators,
            leads=leads,
            on_ready=announcer([*leads, *annotators] if exposure.is_local else [], open_browser=open_browser),
            on_new_link=lambda address: say(f"New link: {address}"),
            reread=region_reader(chosen),
            datasets=DeskDatasets(chosen, database),
            examine=lambda: machine_checks(chosen),
        )
    finally:
        database.close()
    say("Stopped. Every decision is stored.")


def refuse_early(exposure: Exposure, workspace: Workspace, database: Database) -> None:
    """Say what is missing before the desk opens to others, as wrong use of the command.

    Raises:
        WrongUse: people, a secret, TLS or a name are missing.
    """
    from db.errors import EchoDeskError
    from review_ui.door.exposure import check_exposure

    try:
        check_exposure(exposure, workspace, database)
    except EchoDeskError as error:
        raise WrongUse(error.message, error.hint) from error


def local_names(leads: list[str] | None, annotators: list[str] | None) -> tuple[list[str], list[str]]:
    """Who gets a link: those named, else one person who may see every page."""
    if not leads and not annotators:
        return ["local"], []
    return list(leads or ()), [name for name in annotators or () if name not in (leads or ())]


def announcer(names: list[str], *, open_browser: bool) -> Callable[[str], None]:
    """Print each link with whose it is; the first may open in the browser.

    Without names, one plain address.
    """
    left = list(names)

    def on_ready(address: str) -> None:
        if not names:
            say(f"Review page, with name and password: {address}")
        name = left.pop(0) if left else ""
        whose = f" for {name}" if len(names) > 1 else ""
        if names:
            say(f"Review page{whose} (this link works once): {address}")
        if open_browser and (not names or name == names[0]):
            webbrowser.open(address)
        if not left:
            say("Ctrl-C stops it.")
        sys.stdout.flush()

    return on_ready


def has_display() -> bool:
    """Whether a browser window could be seen: a desktop session, and a person at the terminal."""
    if not sys.stdout.isatty():
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
