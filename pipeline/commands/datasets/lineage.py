"""`echodesk lineage`: from a row of a dataset back to the words on the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, reading
from pipeline.commands.terminal import say, say_json

if TYPE_CHECKING:
    from pipeline.curation.lineage import Step


def lineage(
    ctx: typer.Context,
    asked: Annotated[
        str, typer.Argument(help="A row_id of a snapshot, review:N, draft:N or case:N.", metavar="ID")
    ],
    quotes: Annotated[bool, typer.Option("--quotes", help="Show the words of the report as well.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Walk back from a row of a snapshot to readings, drafts, pages and the boxes on them.

    The report's words are shown only where --quotes asks for them; people are numbers.
    """
    from db.access.desk_key import load_or_create_desk_key
    from pipeline.curation.lineage import find_case, of_a_table, walk_back

    space = chosen_workspace(ctx, workspace)
    steps = of_a_table(space.snapshots, asked)
    if not steps:
        with reading(space) as session:
            case, steps = find_case(session, asked, load_or_create_desk_key(space))
            steps = [*steps, *walk_back(session, case, len(steps), with_quotes=quotes)]
    if as_json:
        say_json([asdict(step) for step in steps])
        return
    for step in steps:
        say(step_line(step))


def step_line(step: Step) -> str:
    """A step of the walk, set in as far as it lies back."""
    facts = ", ".join(
        f"{name} {_word(value)}" for name, value in step.facts.items() if value not in (None, "", False)
    )
    named = step.id if ":" in step.id or step.kind in ("page", "value") else f"{step.kind} {step.id}"
    return "  " * step.depth + named + (f"  {facts}" if facts else "")


def _word(value: Any) -> str:
    if value is True:
        return "yes"
    if isinstance(value, list):
        return " ".join(_item(one) for one in value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _item(value: Any) -> str:
    """One of several: a box as its sides, a wall by its name."""
    return "(" + ", ".join(f"{side:g}" for side in value) + ")" if isinstance(value, list) else str(value)
