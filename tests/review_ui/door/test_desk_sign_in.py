"""Coming in from another computer: name and password, slower after each wrong one, and out again for good."""

from __future__ import annotations

import pytest
from desk_office import COOKIE, NAME, ORIGIN, PASSWORD, MakeBrowser, enter, secret_of
from desk_people import DeskHall
from raw_requests import HOST, RawBrowser
from sqlmodel import select

from db.tables.people import SignInFailure, User
from db.users import disable_user
from review_ui.door import sign_in
from review_ui.door.policy import event_path
from review_ui.door.shell import Shell
from review_ui.door.sign_in import address_group, wait_words
from review_ui.server import build_shell
from review_ui.text import door

pytestmark = pytest.mark.usefixtures("cheap_passwords")


# ---- coming in


def test_a_stranger_sees_the_form_and_nothing_of_the_desk(browser: RawBrowser) -> None:
    for path in ("/", "/queue", "/case/1/page/1", "/desk/desk.js", "/nowhere"):
        reply = browser.get(path)
        assert reply.status == 401
        assert '<form method="post" action="/sign-in">' in reply.text
        assert "<script" not in reply.text
        assert "form-action 'self'" in reply.headers["content-security-policy"]
        assert reply.headers["referrer-policy"] == "same-origin"  # or the form would come without its origin
    assert browser.get("/sign-in").status == 200


@pytest.mark.usefixtures("real_passwords")
def test_a_name_and_its_password_open_a_session(browser: RawBrowser) -> None:
    reply = enter(browser)
    assert (reply.status, reply.headers["location"]) == (303, "/")
    browser.cookie = secret_of(reply)
    assert browser.get("/").status == 200
    assert b'"state":"record"' in browser.post(event_path("open_next"), {}).body.replace(b" ", b"")


@pytest.fixture(scope="module")
def answer_to_nobody(outer_shell: Shell) -> str:
    """What somebody is told whom the desk does not know; asked once, each time takes a while on purpose."""
    stranger = RawBrowser(outer_shell, host=NAME, origin=ORIGIN, cookie_name=COOKIE.name, client="192.0.2.8")
    return enter(stranger, "Nobody At All", "some wrong password").text


@pytest.mark.usefixtures("real_passwords")
@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("Asha", "four unrelated words herf"),
        ("Asha", ""),
        ("asha", PASSWORD),
        ("Nobody", PASSWORD),
        ("Local", ""),
        ("Local", "None"),
        ("Gone", PASSWORD),
        ("", ""),
        ("x" * 5000, PASSWORD),
        ("Asha' OR 1=1 --", PASSWORD),
        ("Asha\x00", PASSWORD),
    ],
)
def test_whatever_is_wrong_has_one_answer(
    browser: RawBrowser, answer_to_nobody: str, name: str, password: str
) -> None:
    reply = enter(browser, name, password)
    assert reply.status == 401
    assert door.SIGN_IN_WRONG in reply.text
    assert "set-cookie" not in reply.headers
    assert reply.text == answer_to_nobody


def test_the_same_work_is_done_for_a_name_that_nobody_has(
    browser: RawBrowser, monkeypatch: pytest.MonkeyPatch, password_hash: str
) -> None:
    checked: list[str | None] = []

    def check(password: str, stored: str | None) -> bool:
        checked.append(stored)
        return False

    monkeypatch.setattr(sign_in, "is_right_password", check)
    for name in ("Asha", "Nobody", "Gone", "Local", ""):
        enter(browser, name)
    assert checked == [password_hash, None, None, None, None]


def test_several_wrong_ones_have_to_wait_also_after_a_restart(
    browser: RawBrowser, make_browser: MakeBrowser, office: DeskHall
) -> None:
    for _ in range(4):
        assert enter(browser, password="wrong").status == 401
    for waiting in (
        browser,
        make_browser(client="198.51.100.9"),
    ):  # another process, another address: same name
        reply = enter(waiting)
        assert reply.status == 429
        assert reply.headers["retry-after"] == "2"
        assert door.SIGN_IN_WAIT.format(wait="2 seconds") in reply.text
    office.clock.wait(2)
    assert enter(browser, password="wrong").status == 401
    assert enter(browser).headers["retry-after"] == "4"
    office.clock.wait(4)
    assert enter(browser).status == 303
    assert enter(browser, password="wrong").status == 401  # a right one has cleared the name


def test_a_name_that_nobody_has_waits_as_long(browser: RawBrowser) -> None:
    known = [enter(browser, "Asha", "wrong").status for _ in range(6)]
    unknown = [enter(browser, "Nobody", "wrong").status for _ in range(6)]
    assert known == unknown == [401, 401, 401, 401, 429, 429]


def test_one_address_cannot_try_many_names(browser: RawBrowser, make_browser: MakeBrowser) -> None:
    tried = [enter(browser, f"name {number}").status for number in range(30)]
    assert tried == [401] * 20 + [429] * 10
    assert enter(make_browser(client="192.0.2.8"), "name 99").status == 401


def test_own_signing_in_does_not_wash_an_address_clean(browser: RawBrowser) -> None:
    tried = 0
    for number in range(60):
        enter(browser)
        tried += enter(browser, f"victim {number}", "guess").status == 401
    assert tried == 20


def test_what_was_typed_is_kept_nowhere(browser: RawBrowser, office: DeskHall) -> None:
    enter(browser, "my-secret-typed-as-name", "my-secret-password")
    with office.desk.database.read() as session:
        rows = session.exec(select(SignInFailure)).all()
    assert len(rows) == 2
    assert "my-secret" not in repr(rows)
    database = office.seeded.workspace.database_file.read_bytes()
    assert b"my-secret" not in database


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("garbage\n", "unknown"),
    ],
)
def test_an_address_counts_as_its_household(address: str, group: str) -> None:
    assert address_group(address) == group


def test_waiting_times_are_said_in_words() -> None:
    assert [wait_words(seconds) for seconds in (0.2, 1, 1.1, 89, 90, 300)] == [
        "a second", "a second", "2 seconds", "89 seconds", "2 minutes", "5 minutes",
    ]  # fmt: skip


# ---- sessions


def test_a_session_planted_beforehand_is_not_taken_up(browser: RawBrowser, office: DeskHall) -> None:
    browser.cookie = "p" * 43
    secret = secret_of(enter(browser))
    assert secret != browser.cookie
    assert browser.get("/").status == 401
    attacker = office.sit_down("Attacker")
    browser.cookie = attacker.session_id
    own = secret_of(enter(browser))
    assert browser.get("/").status == 401  # the attacker's session has ended with it
    browser.cookie = own
    assert browser.get("/").status == 200


def test_a_cookie_kept_from_before_signing_out_opens_nothing(browser: RawBrowser) -> None:
    browser.cookie = secret_of(enter(browser))
    assert browser.get("/sign-out").status == 200
    assert browser.get("/").status == 200  # a link alone signs nobody out
    reply = browser.submit("/sign-out", {})
    assert reply.status == 200
    assert "Max-Age=0" in reply.headers["set-cookie"]
    assert browser.get("/").status == 401
    assert browser.post(event_path("open_next")).status == 401
    assert browser.submit("/sign-out", {}).status == 401


@pytest.mark.parametrize(
    "name",
    ["echodesk_8443", "__Host-echodesk_8444", "__Secure-echodesk_8443", "echodesk", "__host-echodesk_8443"],
)
def test_the_cookie_of_another_name_or_port_is_no_session(browser: RawBrowser, name: str) -> None:
    browser.cookie = secret_of(enter(browser))
    assert browser.get("/").status == 200
    browser.cookie_name = name
    assert browser.get("/").status == 401


def test_a_disabled_person_is_out_at_once(browser: RawBrowser, office: DeskHall) -> None:
    browser.cookie = secret_of(enter(browser))
    assert browser.get("/").status == 200
    with office.desk.database.write() as session:
        user = session.exec(select(User).where(User.name == "Asha")).one()
        disable_user(session, user=user, actor="test", now=office.clock.wall())
    office.clock.wait(1)
    assert browser.get("/").status == 401
    assert enter(browser).status == 401


# ---- at this computer


@pytest.fixture(scope="module")
def local_shell(shared_office: DeskHall) -> Shell:
    return build_shell(shared_office.desk, shared_office.seeded.store, hosts=frozenset({HOST}))


def test_there_is_no_password_form_at_this_computer(office: DeskHall, local_shell: Shell) -> None:
    local = RawBrowser(local_shell)
    assert "<form" not in local.get("/sign-in").text
    assert local.submit("/sign-in", {"name": "Asha", "password": PASSWORD}).status == 403
    asha = office.sit_down("Asha")
    local.cookie = asha.session_id
    assert local.submit("/sign-out", {}).status == 200
    assert local.get("/").status == 401


def test_a_persons_name_is_never_markup(office: DeskHall, local_shell: Shell) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    local = RawBrowser(local_shell)
    local.cookie = office.sit_down(hostile).session_id
    page = local.get("/sign-out").text
    assert hostile not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
