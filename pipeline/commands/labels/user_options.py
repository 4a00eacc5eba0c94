"""What the verbs of `echodesk users` ask for: a name, a role, a password."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from db.errors import WrongUse

ACTOR = "command line"


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
