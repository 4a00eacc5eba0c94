"""`echodesk` alone: the desk in the browser, on a workspace that is made where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.commands.desk.serving import has_display, serve_desk
from pipeline.commands.options import chosen_workspace, has_database
from pipeline.commands.terminal import say

if TYPE_CHECKING:
    import typer

USUAL_PORT: Final = 7860


def start(ctx: typer.Context) -> None:
    """Open the desk for one person who may do everything."""
    from db.consent.patients import without_withdrawn
    from db.store.engine import open_database

    chosen = chosen_workspace(ctx, None)
    if not has_database(chosen):
        say(f"A new workspace: {chosen.root}. Everything is kept there. (All verbs: echodesk --help)")
    database = without_withdrawn(open_database(chosen), chosen)
    try:
        serve_desk(chosen, database, leads=["local"], port=USUAL_PORT, open_browser=has_display())
    finally:
        database.close()
