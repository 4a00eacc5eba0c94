"""`echodesk users`: what can be changed about a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import WrongUse
from pipeline.commands.labels.user_options import (
    ACTOR,
    NameArgument,
    RoleName,
    StdinOption,
    asked_password_hash,
)
from pipeline.commands.options import WorkspaceOption, chosen_workspace, writing
from pipeline.commands.terminal import counted, say

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.tables.people import User


def role(
    ctx: typer.Context,
    name: NameArgument,
    to: Annotated[RoleName, typer.Argument(metavar="ROLE", show_default=False)],
    workspace: WorkspaceOption = None,
) -> None:
    """Give a person another role; wherever they are signed in, they sign in again."""
    from db.decisions import Role
    from db.users import change_role

    with person(ctx, workspace, name) as (session, user, now):
        has_changed = change_role(session, user=user, role=Role(to.value), actor=ACTOR, now=now)
    say(f"{user.name} is {user.role}{' now' if has_changed else ' already'}.")


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


def disable(ctx: typer.Context, name: NameArgument, workspace: WorkspaceOption = None) -> None:
    """Let a person in no more, at once; what they did stays."""
    from db.users import disable_user

    with person(ctx, workspace, name) as (session, user, now):
        has_changed = disable_user(session, user=user, actor=ACTOR, now=now)
    say(f"{user.name} cannot come in any more." if has_changed else f"{user.name} could not come in already.")


def enable(ctx: typer.Context, name: NameArgument, workspace: WorkspaceOption = None) -> None:
    """Let a person in again."""
    from db.users import enable_user

    with person(ctx, workspace, name) as (session, user, now):
        has_changed = enable_user(session, user=user, actor=ACTOR, now=now)
    say(f"{user.name} can come in again." if has_changed else f"{user.name} can come in already.")


def key(
    ctx: typer.Context,
    name: NameArgument,
    revoke: Annotated[bool, typer.Option("--revoke", help="End every key of this person instead.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Make a key with which a person's programs read labels, records and progress from the desk.

    It is shown once and kept as a hash; it opens what the person's role may read at /api/v1.
    """
    import secrets

    from db.access.api_keys import PREFIX, SECRET_BYTES, end_keys, store_key

    made = f"{PREFIX}{secrets.token_urlsafe(SECRET_BYTES)}"
    with person(ctx, workspace, name) as (session, user, now):
        if revoke:
            ended = end_keys(session, user=user, actor=ACTOR, now=now)
        else:
            store_key(session, secret=made, user=user, actor=ACTOR, now=now)
    if revoke:
        say(f"{counted(ended, 'key')} of {user.name} ended.")
    else:
        say(f"Key of {user.name}, shown this once:\n{made}")


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
