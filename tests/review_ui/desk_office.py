"""A desk that other computers reach by name and password, and browsers of theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from desk_fixture import clean_record
from desk_halls import SeededFolders, hall_over
from desk_people import DeskHall
from raw_requests import RawBrowser, Reply
from sqlalchemy import delete
from sqlmodel import select

from db.access.passwords import hash_password
from db.decisions import Role
from db.tables.people import SignInFailure, User
from db.users import add_user, disable_user, enable_user
from review_ui.door import sign_in
from review_ui.door.cookies import session_cookie
from review_ui.door.shell import Shell
from review_ui.door.sign_in import FrontDoor
from review_ui.server import build_shell

NAME, ORIGIN = "desk.hospital.example", "https://desk.hospital.example"
PASSWORD = "four unrelated words here"
COOKIE = session_cookie(8443, is_secure=True)

MakeBrowser = Callable[..., RawBrowser]


@pytest.fixture(scope="session")
def password_hash() -> str:
    """What is stored of `PASSWORD`."""
    return hash_password(PASSWORD)


@pytest.fixture(scope="module")
def shared_office(
    seeded_folders: SeededFolders, tmp_path_factory: pytest.TempPathFactory, password_hash: str
) -> Iterator[DeskHall]:
    """A desk where Asha has a password, Local has none, and Gone may not come in."""
    seeded = seeded_folders.copy(tmp_path_factory.mktemp("office") / "workspace", (clean_record(1),))
    hall = hall_over(seeded)
    with seeded.database.write() as session:
        now = hall.clock.wall()
        add_user(session, name="Asha", role=Role.LEAD, actor="test", now=now, password_hash=password_hash)
        add_user(session, name="Local", role=Role.ADMIN, actor="test", now=now)
        gone = add_user(
            session, name="Gone", role=Role.LEAD, actor="test", now=now, password_hash=password_hash
        )
        disable_user(session, user=gone, actor="test", now=now)
    yield hall
    seeded.database.close()


@pytest.fixture(scope="module")
def outer_shell(shared_office: DeskHall) -> Shell:
    """The desk as other computers reach it."""
    office = shared_office
    door = FrontDoor(office.desk.database, office.desk.sessions, b"key", office.clock.wall)
    return build_shell(
        office.desk,
        office.seeded.store,
        hosts=frozenset({NAME}),
        cookie=COOKIE,
        scheme="https",
        front_door=door,
    )


@pytest.fixture
def office(shared_office: DeskHall) -> DeskHall:
    """The office with no wrong try remembered and Asha let in."""
    office = shared_office
    with office.desk.database.write() as session:
        session.execute(delete(SignInFailure))
        asha = session.exec(select(User).where(User.name == "Asha")).one()
        enable_user(session, user=asha, actor="test", now=office.clock.wall())
    return office


@pytest.fixture
def cheap_passwords(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, password_hash: str
) -> None:
    """The same answers without the quarter of a second that each takes on purpose."""
    if "real_passwords" not in request.fixturenames:
        check = {(PASSWORD, password_hash)}
        monkeypatch.setattr(
            sign_in, "is_right_password", lambda password, stored: (password, stored) in check
        )


@pytest.fixture
def real_passwords() -> None:
    """Checks with argon2id, as it is."""


@pytest.fixture
def make_browser(office: DeskHall, outer_shell: Shell) -> MakeBrowser:
    """Browsers of other computers."""
    del office  # put in order first

    def make(trusted_proxy: str = "", **options: Any) -> RawBrowser:
        shell = Shell(outer_shell.app, replace(outer_shell.rules, trusted_proxy=trusted_proxy))
        return RawBrowser(shell, **{"host": NAME, "origin": ORIGIN, "cookie_name": COOKIE.name, **options})

    return make


@pytest.fixture
def browser(make_browser: MakeBrowser) -> RawBrowser:
    """A browser of another computer."""
    return make_browser(client="192.0.2.7")


def enter(browser: RawBrowser, name: str = "Asha", password: str = PASSWORD, **headers: str) -> Reply:
    """Send the sign-in form."""
    return browser.submit("/sign-in", {"name": name, "password": password}, **headers)


def secret_of(reply: Reply) -> str:
    """The session's secret in a cookie that is as strict as it must be."""
    pair, _, attributes = reply.headers["set-cookie"].partition("; ")
    name, _, secret = pair.partition("=")
    assert name == COOKIE.name
    assert set(attributes.split("; ")) == {"HttpOnly", "Path=/", "SameSite=Strict", "Secure"}
    return secret
