"""`echodesk review`."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Callable
from typing import Annotated

import typer

from pipeline.commands.options import WorkspaceOption, chosen_workspace, existing_database
from pipeline.commands.terminal import WrongUse, say


def review(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any free one.")] = 7860,
    host: Annotated[str, typer.Option(help="An address of this computer.")] = "127.0.0.1",
    annotator: Annotated[
        list[str] | None,
        typer.Option(help="Who reviews; repeat for several people, each with a link.", metavar="NAME"),
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the browser, too.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Serve the review page on this computer, until Ctrl-C.

    Prints a link that works once; what you decide is stored at once.
    """
    from db.progress import progress
    from review_ui.server import LOCAL_HOSTS, serve

    if host not in LOCAL_HOSTS:
        raise WrongUse(
            f"the review page is served on this computer alone, not on {host}",
            "Leave --host out. From another computer, use an SSH tunnel to this one.",
        )
    chosen = chosen_workspace(ctx, workspace)
    database = existing_database(chosen)
    try:
        with database.read() as session:
            waiting = progress(session).waiting
        if not waiting:
            say("Nothing is waiting for review yet. Drafts come from: echodesk extract")
        names = annotator or ["local"]
        serve(
            chosen,
            database,
            host=host,
            port=port,
            annotators=names,
            on_ready=announcer(names, open_browser=open_browser),
            on_new_link=lambda address: say(f"New link: {address}"),
        )
    finally:
        database.close()
    say("Stopped. Every decision is stored.")


def announcer(names: list[str], *, open_browser: bool) -> Callable[[str], None]:
    """Print each link with whose it is; the first may open in the browser."""
    left = list(names)

    def on_ready(address: str) -> None:
        name = left.pop(0) if left else ""
        whose = f" for {name}" if len(names) > 1 else ""
        say(f"Review page{whose} (this link works once): {address}")
        if open_browser and name == names[0]:
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
