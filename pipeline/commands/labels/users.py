"""`echodesk users`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import WrongUse
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, reading, writing
from pipeline.commands.terminal import say, say_json, say_table

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.tables.people import User

ACTOR = "command line"

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The people who review, and what they may do."
)


class RoleName(StrEnum):
    """The roles as the command spells them; the same words as in the database."""

    ANNOTATOR = "annotator"
    ADJUDICATOR = "adjudicator"
    LEAD = "lead"
    RESEARCHER = "researcher"
    ADMIN = "admin"


NameArgument = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
StdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]


@app.command("add")
def add(
    ctx: typer.Context,
    name: NameArgument,
    role: Annotated[RoleName, typer.Option(help="What they may do.")] = RoleName.ANNOTATOR,
    password_stdin: StdinOption = False,
    local_only: Annotated[
        bool, typer.Option("--local-only", help="No password: they come in by a link on this computer alone.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Add a person. Asks for a password twice, at least 12 characters.

    annotator: the desk. adjudicator: the desk, and records two people read differently. lead: that, the
        dashboard,
    agreement and the queue. researcher: dashboard and agreement alone. admin: everything.
    """
    from db.decisions import Role
    from db.store.engine import open_database, utc_now
    from db.users import add_user

    if local_only and password_stdin:
        raise WrongUse("--local-only and --password-stdin do not go together", "Leave one of them out.")
    hashed = None if local_only else asked_password_hash(from_stdin=password_stdin)
    database = open_database(chosen_workspace(ctx, workspace))
    try:
        with database.write() as session:
            user = add_user(
                session, name=name, role=Role(role.value), actor=ACTOR, now=utc_now(), password_hash=hashed
            )
    finally:
        database.close()
    say(
        f"{user.name} can come in as {user.role}."
        if hashed
        else f"{user.name} comes in by a link, as {user.role}."
    )


@app.command("list")
def list_all(ctx: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show everybody."""
    from db.users import list_users

    with reading(chosen_workspace(ctx, workspace)) as session:
        users = list_users(session)
    if as_json:
        for user in users:
            has_password = user.password_hash is not None
            say_json(
                {"name": user.name, "role": user.role, "active": user.is_active, "password": has_password}
            )
        return
    rows = [
        (
            user.name,
            user.role,
            "yes" if user.is_active else "no",
            "yes" if user.password_hash else "link only",
        )
        for user in users
    ]
    say_table(("name", "role", "may come in", "password"), rows)


@app.command("role")
def role_of(
    ctx: typer.Context,
    name: NameArgument,
    role: Annotated[RoleName, typer.Argument(metavar="ROLE", show_default=False)],
    workspace: WorkspaceOption = None,
) -> None:
    """Give a person another role; wherever they are signed in, they sign in again."""
    from db.decisions import Role
    from db.users import change_role

    with person(ctx, workspace, name) as (session, user, now):
        has_changed = change_role(session, user=user, role=Role(role.value), actor=ACTOR, now=now)
    say(f"{user.name} is {user.role}{' now' if has_changed else ' already'}.")


@app.command("password")
def password(
    ctx: typer.Context,
    name: NameArgument,
    password_stdin: StdinOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Give a person a new password; wherever they are signed in, they sign in again."""
    from db.users import set_password_hash

    with person(ctx, workspace, name):
        pass  # an unknown name is told before anybody types
    hashed = asked_password_hash(from_stdin=password_stdin)
    with person(ctx, workspace, name) as (session, user, now):
        set_password_hash(session, user=user, password_hash=hashed, actor=ACTOR, now=now)
    say(f"{user.name} has a new password.")


@app.command("disable")
def disable(ctx: typer.Context, name: NameArgument, workspace: WorkspaceOption = None) -> None:
    """Let a person in no more, at once; what they did stays."""
    from db.users import disable_user

    with person(ctx, workspace, name) as (session, user, now):
        has_changed = disable_user(session, user=user, actor=ACTOR, now=now)
    say(f"{user.name} cannot come in any more." if has_changed else f"{user.name} could not come in already.")


@app.command("enable")
def enable(ctx: typer.Context, name: NameArgument, workspace: WorkspaceOption = None) -> None:
    """Let a person in again."""
    from db.users import enable_user

    with person(ctx, workspace, name) as (session, user, now):
        has_changed = enable_user(session, user=user, actor=ACTOR, now=now)
    say(f"{user.name} can come in again." if has_changed else f"{user.name} can come in already.")


@contextmanager
def person(
    ctx: typer.Context, workspace: WorkspaceOption, name: str
) -> Iterator[tuple[Session, User, datetime]]:
    """One transaction about one person.

    Raises:
        WrongUse: nobody has this name.
    """
    from db.store.engine import utc_now
    from db.users import tidy_name, user_named

    with writing(chosen_workspace(ctx, workspace)) as session:
        user = user_named(session, name=tidy_name(name))
        if user is None:
            raise WrongUse(f"nobody is named {name!r}", "See everybody: echodesk users list")
        yield session, user, utc_now()


def asked_password_hash(*, from_stdin: bool, ask: Callable[[str], str] | None = None) -> str:
    """The argon2id hash of a password that was typed twice or piped in; never an argument, which others can
    see.

    Raises:
        WrongUse: nobody is at the terminal, nothing came, or the two differ.
        EchoDeskError: it will not do.
    """
    from getpass import getpass

    from db.access.passwords import hash_password

    if from_stdin:
        return hash_password(sys.stdin.readline().rstrip("\r\n"))
    if ask is None and not sys.stdin.isatty():
        raise WrongUse("there is no terminal to ask for a password", "Pipe it in with --password-stdin.")
    asking = ask or getpass
    first = asking("Password: ")
    if asking("The same again: ") != first:
        raise WrongUse("the two were not the same", "Nothing was stored; try again.")
    return hash_password(first)
