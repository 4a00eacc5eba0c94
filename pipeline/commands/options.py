"""Options several verbs take, and how they become a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from db.errors import WrongUse
from pipeline.commands.terminal import name_workspace

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.store.engine import Database
    from db.workspace import Workspace

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        help="The project's folder. Default: ECHODESK_WORKSPACE, else ./workspace.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")]
WorkersOption = Annotated[
    int | None,
    typer.Option(min=1, help="Reading processes. Default: one a core, at most 8.", show_default=False),
]


@dataclass(frozen=True)
class GlobalOptions:
    """What stood before the verb."""

    workspace: Path | None = None


def asked_workspace(ctx: typer.Context, after_verb: Path | None) -> Path | None:
    """The folder named on the command line: after the verb first, then before it; None when neither."""
    if after_verb is not None:
        return after_verb
    before_verb = ctx.find_root().obj
    return before_verb.workspace if isinstance(before_verb, GlobalOptions) else None


def chosen_workspace(ctx: typer.Context, after_verb: Path | None) -> Workspace:
    """The workspace by `--workspace`, by the environment, or the default."""
    folder = asked_workspace(ctx, after_verb)
    name_workspace(folder)
    return settings({} if folder is None else {"workspace": folder})


def settings(chosen: dict[str, Any]) -> Workspace:
    """Workspace settings with `chosen` over the environment.

    Raises:
        WrongUse: a setting in the environment is not usable; names it.
    """
    from pydantic import ValidationError

    from db.workspace import Workspace

    try:
        workspace = Workspace(**chosen)
    except ValidationError as error:
        first = error.errors()[0]
        name = "ECHODESK_" + "_".join(str(part) for part in first["loc"]).upper()
        raise WrongUse(
            f"the setting {name} is not usable: {first['msg']}", "Change it or unset it, then try again."
        ) from None
    if workspace.root.exists() and not workspace.root.is_dir():
        raise WrongUse(f"the workspace {workspace.workspace} is a file", "Name a folder with --workspace.")
    return workspace


def existing_database(workspace: Workspace, *, serves_people: bool = False) -> Database:
    """The workspace's database, for verbs that should not make an empty one; people don't wait for it long.

    Raises WrongUse where there is none, EchoDeskError where patients are in it who withdrew their consent.
    """
    from db.consent.patients import without_withdrawn
    from db.store.engine import PATIENCE_S, PROGRAM_PATIENCE_S, open_database

    if not has_database(workspace):
        begin = "Register reports first: echodesk intake FOLDER (or see one at work: echodesk demo)."
        if not workspace.root.is_dir():
            begin = f"The folder is not there: is its disk or network folder connected? {begin}"
        raise WrongUse(f"there is no EchoDesk database in {workspace.workspace}", begin)
    patience_s = PATIENCE_S if serves_people else PROGRAM_PATIENCE_S
    return without_withdrawn(open_database(workspace, patience_s=patience_s), workspace)


def has_database(workspace: Workspace) -> bool:
    """Whether there is one, here or on a server."""
    return bool(workspace.database_url) or workspace.database_file.exists()


SNAPSHOT: Final = "a snapshot"  # as others at work in the same workspace are told of it


@contextmanager
def at_work_in(workspace: Workspace, what: str) -> Iterator[list[str]]:
    """Say that a verb works here, so that no restore takes its database away; gives who else does.

    Raises:
        EchoDeskError: a restore is at work, or the folder can't be written.
    """
    from datetime import UTC, datetime

    from db.errors import EchoDeskError
    from db.files.at_work import at_work

    with ExitStack() as held:
        try:
            others = held.enter_context(at_work(workspace.root, what, datetime.now(UTC)))
        except OSError as error:
            raise EchoDeskError(
                f"the workspace {workspace.workspace} can't be written ({error.strerror})",
                "Check that the disk is there, has room, and may be written by you.",
            ) from None
        yield others


@contextmanager
def reading(workspace: Workspace) -> Iterator[Session]:
    """A consistent view of the workspace's database. Raises as `existing_database` does."""
    with closing(existing_database(workspace)) as database, database.read() as session:
        yield session


@contextmanager
def writing(workspace: Workspace) -> Iterator[Session]:
    """One transaction on the workspace's database. Raises as `existing_database` does."""
    with closing(existing_database(workspace)) as database, database.write() as session:
        yield session
