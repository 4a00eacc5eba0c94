"""`echodesk audit`."""

from __future__ import annotations

from dataclasses import asdict

import typer

from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, existing_database
from pipeline.commands.terminal import say, say_json

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Check the event log.")


@app.callback()
def _audit() -> None:
    """Check the event log."""


@app.command("verify")
def verify(ctx: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Walk the event log's hash chain.

    Exit code 1 when an event was changed, removed or put in between.
    """
    from db.events import verify_chain

    database = existing_database(chosen_workspace(ctx, workspace))
    try:
        with database.read() as session:
            chain = verify_chain(session)
    finally:
        database.close()
    if as_json:
        say_json(asdict(chain))
    elif chain.bad_id is None:
        say(f"{chain.events} events, chain unbroken.")
    else:
        say(f"The chain breaks at event {chain.bad_id}: {chain.reason}")
    if chain.bad_id is not None:
        raise typer.Exit(1)
