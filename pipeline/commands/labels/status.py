"""`echodesk status`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, reading
from pipeline.commands.terminal import say, say_json, say_table

if TYPE_CHECKING:
    from db.progress import Progress


def status(ctx: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show how far the work is, and what comes next."""
    from db.progress import progress

    with reading(chosen_workspace(ctx, workspace)) as session:
        counted = progress(session)
    if as_json:
        say_json(asdict(counted))
        return
    say_table(
        ["what", "cases"],
        [
            ["registered", counted.cases],
            ["with a draft", counted.drafted],
            ["reviewed", counted.reviewed],
            ["flagged", counted.flagged],
            ["waiting for review", counted.waiting],
            ["waiting for a second reading", counted.again["second"]],
            ["waiting for adjudication", counted.again["adjudication"]],
            ["waiting for an audit reading", counted.again["audit"]],
            ["failed in extraction", counted.failed],
        ],
    )
    if counted.by_reader:
        say()
        states = list(next(iter(counted.by_reader.values())))
        rows = [[reader, *counts.values()] for reader, counts in counted.by_reader.items()]
        say_table(["reader", *states], rows)
    if counted.near_duplicates:
        say(f"\n{counted.near_duplicates} pairs of pictures look alike; nothing was dropped.")
    say(f"\nNext: {next_step(counted)}")


def next_step(counted: Progress) -> str:
    """The command that moves the work on."""
    if not counted.cases:
        return "echodesk intake FOLDER"
    if counted.failed:
        return "echodesk extract --retry-failed"
    if counted.drafted < counted.cases:
        return "echodesk extract"
    if counted.waiting or any(counted.again.values()):
        return "echodesk review"
    return "echodesk export labels --format csv -o labels.csv"
