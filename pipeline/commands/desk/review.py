"""`echodesk review`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import WrongUse
from pipeline.commands.desk.serving import serve_desk
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
    root_path: Annotated[
        str, typer.Option(help="Below which path of a site, such as /echodesk.", metavar="PATH")
    ] = "",
    open_browser: Annotated[bool, typer.Option("--open", help="Open the browser, too.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Serve the review page, until Ctrl-C.

    On this computer alone it prints a link that works once. On any other address people sign in with name and
    password, and it starts only with people (echodesk users add), a secret (ECHODESK_SECRET) and TLS.
    """
    from db.progress import progress
    from review_ui.door.exposure import Exposure

    exposure = Exposure(host, tls_cert, tls_key, trusted_proxy, tuple(public_name or ()), root_path)
    if not exposure.is_local and (annotator or lead):
        raise WrongUse(
            "links are for this computer alone, so --annotator and --lead have no use here",
            "Add people with a password instead: echodesk users add NAME",
        )
    chosen = chosen_workspace(ctx, workspace)
    database = existing_database(chosen, serves_people=True)
    leads, annotators = local_names(lead, annotator)
    try:
        refuse_early(exposure, chosen, database)
        with database.read() as session:
            counted = progress(session)
        if not counted.waiting and not any(counted.again.values()):
            say("Nothing is waiting for review. Reports are added and read at the desk.")
        serve_desk(
            chosen,
            database,
            leads=leads,
            annotators=annotators,
            exposure=exposure,
            port=port,
            open_browser=open_browser,
        )
    finally:
        database.close()


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
