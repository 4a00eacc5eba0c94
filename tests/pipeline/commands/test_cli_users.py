"""`echodesk users`: people come, change and go, and no password is ever an argument or an output."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from db.access.api_keys import find_key
from db.access.passwords import is_right_password
from db.decisions import Role
from db.errors import WrongUse
from db.store.engine import open_database
from db.users import user_named
from db.workspace import Workspace
from pipeline.cli import app
from pipeline.commands.labels.user_options import RoleName, asked_password_hash

PASSWORD = "four unrelated words here"


@pytest.fixture
def space(tmp_path: Path) -> Path:
    return tmp_path / "space"


def run(space: Path, *words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["-w", str(space), "users", *words], input=typed)


def stored_hash(space: Path, name: str) -> str | None:
    database = open_database(Workspace(workspace=space))
    try:
        with database.read() as session:
            user = user_named(session, name=name)
            return None if user is None else user.password_hash
    finally:
        database.close()


def listed(space: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in run(space, "list", "--json").stdout.splitlines()]


def test_the_command_spells_the_roles_of_the_database() -> None:
    assert [role.value for role in RoleName] == [role.value for role in Role]


def test_a_person_is_added_with_a_password_from_standard_input(space: Path) -> None:
    asked = run(space, "add", "Asha", "--role", "lead", "--password-stdin", typed=PASSWORD + "\n")
    assert asked.exit_code == 0
    assert asked.stdout == "Asha can come in as lead.\n"
    assert is_right_password(PASSWORD, stored_hash(space, "Asha"))
    assert listed(space) == [{"name": "Asha", "role": "lead", "active": True, "password": True}]
    assert PASSWORD not in asked.output + run(space, "list").output
    assert "$argon2" not in run(space, "list").output


def test_a_person_for_this_computer_alone_needs_no_password(space: Path) -> None:
    assert run(space, "add", "Bina", "--local-only").exit_code == 0
    assert listed(space) == [{"name": "Bina", "role": "annotator", "active": True, "password": False}]
    assert "link only" in run(space, "list").stdout


def test_a_person_changes_and_goes(space: Path) -> None:
    run(space, "add", "Asha", "--local-only")
    assert run(space, "role", "Asha", "adjudicator").stdout == "Asha is adjudicator now.\n"
    assert run(space, "role", "Asha", "adjudicator").stdout == "Asha is adjudicator already.\n"
    assert run(space, "password", "Asha", "--password-stdin", typed=PASSWORD).exit_code == 0
    assert run(space, "disable", "Asha").exit_code == 0
    assert listed(space) == [{"name": "Asha", "role": "adjudicator", "active": False, "password": True}]
    assert run(space, "enable", "Asha").exit_code == 0
    assert listed(space)[0]["active"] is True


@pytest.mark.parametrize(
    "verb", [["role", "Eve", "lead"], ["disable", "Eve"], ["password", "Eve", "--password-stdin"]]
)
def test_an_unknown_name_is_wrong_use(space: Path, verb: list[str]) -> None:
    run(space, "add", "Asha", "--local-only")
    asked = run(space, *verb, typed=PASSWORD)
    assert asked.exit_code == 2
    assert "nobody is named 'Eve'" in asked.stderr


@pytest.mark.parametrize("typed", ["", "short\n", "aaaaaaaaaaaaaaaa\n"])
def test_a_weak_password_adds_nobody(space: Path, typed: str) -> None:
    run(space, "add", "Bina", "--local-only")
    asked = run(space, "add", "Asha", "--password-stdin", typed=typed)
    assert asked.exit_code == 1
    assert "password needs at least" in asked.stderr
    assert [one["name"] for one in listed(space)] == ["Bina"]


def test_without_a_terminal_nobody_is_asked(space: Path) -> None:
    asked = run(space, "add", "Asha", typed="x\n")
    assert asked.exit_code == 2
    assert "--password-stdin" in asked.stderr
    assert run(space, "add", "Asha", "--local-only", "--password-stdin").exit_code == 2


def test_a_password_is_typed_twice() -> None:
    typed = iter([PASSWORD, PASSWORD, PASSWORD, PASSWORD + " "])
    assert is_right_password(PASSWORD, asked_password_hash(from_stdin=False, ask=lambda _: next(typed)))
    with pytest.raises(WrongUse):
        asked_password_hash(from_stdin=False, ask=lambda _: next(typed))


def test_no_option_takes_a_password() -> None:
    for verb in ("add", "password"):
        words = CliRunner().invoke(app, ["users", verb, "--help"]).stdout
        assert "--password " not in words


def test_a_key_is_shown_once_and_ended(space: Path) -> None:
    run(space, "add", "Ines", "--role", "lead", "--local-only")
    made = run(space, "key", "Ines").output.strip().splitlines()
    assert made[0] == "Key of Ines, shown this once:"
    assert re.fullmatch(r"echodesk_[A-Za-z0-9_-]{43}", made[1])
    with open_database(Workspace(workspace=space)).read() as session:
        found = find_key(session, secret=made[1])
        assert found is not None
        assert found[1:] == ("Ines", Role.LEAD)
    assert "1 key of Ines ended." in run(space, "key", "Ines", "--revoke").output
    with open_database(Workspace(workspace=space)).read() as session:
        assert find_key(session, secret=made[1]) is None
    assert run(space, "key", "Nobody").exit_code == 2
