"""`echodesk snapshot`: freeze the labels into a dataset, look it over, compare two."""

from __future__ import annotations

import typer

from pipeline.commands.datasets.snapshot_create import create
from pipeline.commands.datasets.snapshot_diff import diff
from pipeline.commands.datasets.snapshot_list import list_snapshots
from pipeline.commands.datasets.snapshot_remove import remove
from pipeline.commands.datasets.snapshot_verify import verify

_ABOUT = "Freeze the labels into a dataset that never changes, look it over, and compare two."

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=_ABOUT)


@app.callback()
def _snapshot() -> None:
    """Freeze the labels into a dataset that never changes, look it over, and compare two."""


app.command("create")(create)
app.command("list")(list_snapshots)
app.command("verify")(verify)
app.command("diff")(diff)
app.command("remove")(remove)
