"""`echodesk withdraw`: a patient withdraws their consent, and everything that is kept of them goes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from db.errors import EchoDeskError, WrongUse
from pipeline.commands.consent.combined import check_asked
from pipeline.commands.consent.listing import change_list
from pipeline.commands.consent.opened import database_of_all
from pipeline.commands.consent.told import say_listed, say_plan, say_taken_out, say_what_is_left
from pipeline.commands.options import (
    JsonOption,
    WorkspaceOption,
    at_work_in,
    chosen_workspace,
)
from pipeline.commands.terminal import say_json

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.workspace import Workspace
    from pipeline.commands.consent.planned import Planned

_WHAT: Final = "a withdrawal of consent"


def withdraw(
    ctx: typer.Context,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Ids, one a line; - for standard input. Default: asked.",
            show_default=False,
        ),
    ] = None,
    record: Annotated[
        list[int] | None,
        typer.Option(
            min=1, metavar="NUMBER", help="The patient of this record, instead of an id.", show_default=False
        ),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would go; write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    backups: Annotated[
        bool, typer.Option("--delete-backups", help="Make a new backup and delete those that hold them.")
    ] = False,
    unclaimed: Annotated[
        bool, typer.Option("--unclaimed", help="Also delete pictures that no record shows.")
    ] = False,
    ahead: Annotated[
        bool, typer.Option("--ahead", help="Also somebody of whom nothing is here: intake refuses them.")
    ] = False,
    noted: Annotated[
        bool, typer.Option("--noted", help="Everybody noted in withdrawn.txt whom this database still has.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="They consent again: take them off the list.")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="Who is on the list, as keyed hashes.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take out everything that is kept of a patient who withdraws their consent.

    The id is asked for, or read from a file, so that it stands in no history of commands and no list of
    processes. Records, pictures, drafts, decisions, notes and whatever waits of them go for good; the log
    keeps that it happened and keyed hashes, no value and no word. Intake refuses them from then on. What was
    frozen, trained or copied before is named with what can be done. Run it again at any time: the end is the
    same.
    """  # fmt: skip
    check_asked(
        {"--list": listed, "--plan": plan, "--again": again},
        deleting={"--noted": noted, "--delete-backups": backups, "--unclaimed": unclaimed},
        is_named=bool(source is not None or record),
    )
    space = chosen_workspace(ctx, workspace)
    with closing(database_of_all(space)) as database:
        if listed:
            say_listed(database, space, as_json=as_json)
            return
        from pipeline.commands.consent.planned import planned

        found = planned(database, space, source, record or [], is_noted=noted, is_ahead=ahead or again)
        if again or (noted and not plan):
            with at_work_in(space, _WHAT):
                change_list(database, space, found, is_again=again)
        if again:
            return
        if plan or not found.asked:
            say_plan(found, as_json=as_json)
            return
        if not yes:
            say_plan(found, as_json=False)
            _confirm(source)
        with at_work_in(space, _WHAT):
            _take_out(database, space, found, with_backups=backups, with_unclaimed=unclaimed, as_json=as_json)


def _confirm(source: Path | None) -> None:
    if source is not None and str(source) == "-":
        raise WrongUse("nobody can be asked while ids come from standard input", "Add --yes, or see --plan.")
    if not typer.confirm("\nTake all of this out for good?"):
        raise WrongUse("nothing was taken out", "Answer y, or add --yes.")


def _take_out(
    database: Database,
    space: Workspace,
    found: Planned,
    *,
    with_backups: bool,
    with_unclaimed: bool,
    as_json: bool,
) -> None:
    """Everything in its order: what is killed in between is ended by the same command."""
    from pipeline.commands.consent.taking_out import take_out

    done = take_out(database, space, found, with_backups=with_backups, with_unclaimed=with_unclaimed)
    if as_json:
        say_json(done.as_json())
    else:
        say_taken_out(done)
        say_what_is_left(done.left)
    if done.trouble:
        raise EchoDeskError(done.trouble.message, done.trouble.hint)
