"""`echodesk snapshot diff`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.errors import EchoDeskError
from pipeline.commands.datasets.snapshot_list import snapshot_folder
from pipeline.commands.options import (
    JsonOption,
    WorkspaceOption,
    chosen_workspace,
    has_database,
    reading,
)
from pipeline.commands.terminal import say, say_json, say_table

if TYPE_CHECKING:
    from db.workspace import Workspace
    from pipeline.dataset.diffing import Difference

_MOST_CHANGES_SHOWN = 50


def diff(
    ctx: typer.Context,
    a: Annotated[str, typer.Argument(help="The older snapshot: name or folder.", metavar="A")],
    b: Annotated[str, typer.Argument(help="The newer one.", metavar="B")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which rows came and went, and every label that changed: old, new, who, why and when.

    Rows are found again through the workspace's database; without it only counts can be compared.
    """
    from pipeline.dataset.diffing import summary

    space = chosen_workspace(ctx, workspace)
    difference = _difference(space, snapshot_folder(space, a), snapshot_folder(space, b))
    if as_json:
        say_json({**asdict(difference), "summary": summary(difference)})
        return
    for line in summary(difference):
        say(line)
    _say_changes(difference)


def _difference(space: Workspace, a: Path, b: Path) -> Difference:
    from db.access.desk_key import load_or_create_desk_key
    from pipeline.curation.links import traced_difference
    from pipeline.dataset.diffing import compare, open_labels
    from pipeline.dataset.own_table.row_list import listed_rows

    try:
        one, other = open_labels(a), open_labels(b)
    except ValueError as error:
        raise EchoDeskError(str(error), "Look it over: echodesk snapshot verify NAME") from None
    if not has_database(space):
        return compare(one, other, None)
    secret = load_or_create_desk_key(space)
    with reading(space) as session:
        records = {row.record for _, row in listed_rows(space.snapshots)}
        return traced_difference(session, one, other, secret, records)


def _say_changes(difference: Difference) -> None:
    if not difference.is_matched:
        for column, answers in difference.shares.items():
            say()
            say_table(
                [column, difference.a, difference.b], [[answer, *pair] for answer, pair in answers.items()]
            )
        return
    if difference.changes:
        shown = difference.changes[:_MOST_CHANGES_SHOWN]
        say()
        say_table(
            ["row", "column", "old", "new", "who", "why", "when"],
            [
                [c.row_b, c.column, _cell(c.old), _cell(c.new), c.who, c.why, (c.when or "")[:16]]
                for c in shown
            ],
        )
    if len(difference.changes) > _MOST_CHANGES_SHOWN:
        say(f"and {len(difference.changes) - _MOST_CHANGES_SHOWN} more; --json has all.")


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return ";".join(value) or "-"
    return f"{value:g}" if isinstance(value, float) else str(value)
