"""`echodesk users`: who there is, and one more."""

from __future__ import annotations

from typing import Annotated

import typer

from db.errors import WrongUse
from pipeline.commands.labels.user_changes import disable, enable, key, password, role
from pipeline.commands.labels.user_options import (
    ACTOR,
    NameArgument,
    RoleName,
    StdinOption,
    asked_password_hash,
)
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, reading
from pipeline.commands.terminal import say, say_json, say_table

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The people who review, and what they may do."
)


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


app.command("role")(role)
app.command("password")(password)
app.command("disable")(disable)
app.command("enable")(enable)
app.command("key")(key)
