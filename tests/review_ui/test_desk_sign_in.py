"""Coming in from another computer: name and password, slower after each wrong one, and out again for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from desk_fixture import clean_record
from desk_halls import copy_desk, hall_over
from desk_people import DeskHall
from policy_matrix import let_through
from raw_requests import HOST, RawBrowser, Reply
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from db.models import Role, User
from db.passwords import hash_password
from db.reading_models import SignInFailure
from db.users import add_user, disable_user, enable_user
from review_ui import sign_in, text_door
from review_ui.cookies import session_cookie
from review_ui.policy import EVENT_PREFIX
from review_ui.server import build_shell
from review_ui.shell import MAX_BODY_BYTES, Shell
from review_ui.sign_in import FrontDoor, address_group, wait_words

NAME, ORIGIN = "desk.hospital.example", "https://desk.hospital.example"
PASSWORD = "four unrelated words here"
COOKIE = session_cookie(8443, is_secure=True)
PROXY = "10.0.0.5"
FORWARDED = {"x_forwarded_proto": "https", "x_forwarded_for": "192.0.2.7"}

MakeBrowser = Callable[..., RawBrowser]


@pytest.fixture(scope="module")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture(scope="module")
def office(
    seeded_folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory, password_hash: str
) -> Iterator[DeskHall]:
    """A desk where Asha has a password, Local has none, and Gone may not come in."""
    seeded = copy_desk(seeded_folders, tmp_path_factory.mktemp("office") / "workspace", (clean_record(1),))
    hall = hall_over(seeded)
    with seeded.database.write() as session:
        now = hall.clock.wall()
        add_user(session, name="Asha", role=Role.LEAD, actor="test", now=now, password_hash=password_hash)
        add_user(session, name="Local", role=Role.ADMIN, actor="test", now=now)
        gone = add_user(session, name="Gone", role=Role.LEAD, actor="test", now=now, password_hash=password_hash)
        disable_user(session, user=gone, actor="test", now=now)
    yield hall
    seeded.database.close()


@pytest.fixture(scope="module")
def inner(office: DeskHall) -> Shell:
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
def hall(office: DeskHall) -> DeskHall:
    """The office with no wrong try remembered and Asha let in."""
    with office.desk.database.write() as session:
        session.execute(delete(SignInFailure))
        asha = session.exec(select(User).where(User.name == "Asha")).one()
        enable_user(session, user=asha, actor="test", now=office.clock.wall())
    return office


@pytest.fixture(autouse=True)
def cheap_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, password_hash: str) -> None:
    """The same answers without the quarter of a second that each takes on purpose."""
    if "real_passwords" not in request.fixturenames:
        check = {(PASSWORD, password_hash)}
        monkeypatch.setattr(sign_in, "is_right_password", lambda password, stored: (password, stored) in check)


@pytest.fixture
def real_passwords() -> None:
    """Checks with argon2id, as it is."""


@pytest.fixture
def make_browser(hall: DeskHall, inner: Shell) -> MakeBrowser:
    """Browsers of other computers."""

    def make(trusted_proxy: str = "", **options: Any) -> RawBrowser:
        shell = Shell(inner.app, replace(inner.rules, trusted_proxy=trusted_proxy))
        return RawBrowser(shell, **{"host": NAME, "origin": ORIGIN, "cookie_name": COOKIE.name, **options})

    return make


@pytest.fixture
def browser(make_browser: MakeBrowser) -> RawBrowser:
    return make_browser(client="192.0.2.7")


def enter(browser: RawBrowser, name: str = "Asha", password: str = PASSWORD, **headers: str) -> Reply:
    return browser.submit("/sign-in", {"name": name, "password": password}, **headers)


def secret_of(reply: Reply) -> str:
    pair, _, attributes = reply.headers["set-cookie"].partition("; ")
    name, _, secret = pair.partition("=")
    assert name == COOKIE.name
    assert set(attributes.split("; ")) == {"HttpOnly", "Path=/", "SameSite=Strict", "Secure"}
    return secret


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
    assert b'"state":"record"' in browser.post(EVENT_PREFIX + "open_next", {}).body.replace(b" ", b"")


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
def test_whatever_is_wrong_has_one_answer(browser: RawBrowser, name: str, password: str) -> None:
    reply = enter(browser, name, password)
    assert reply.status == 401
    assert text_door.SIGN_IN_WRONG in reply.text
    assert "set-cookie" not in reply.headers
    assert reply.text == enter(browser, "Nobody At All", "some wrong password").text


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
    browser: RawBrowser, make_browser: MakeBrowser, hall: DeskHall
) -> None:
    for _ in range(4):
        assert enter(browser, password="wrong").status == 401
    for waiting in (browser, make_browser(client="198.51.100.9")):  # another process, another address: same name
        reply = enter(waiting)
        assert reply.status == 429
        assert reply.headers["retry-after"] == "2"
        assert text_door.SIGN_IN_WAIT.format(wait="2 seconds") in reply.text
    hall.clock.wait(2)
    assert enter(browser, password="wrong").status == 401
    assert enter(browser).headers["retry-after"] == "4"
    hall.clock.wait(4)
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


def test_what_was_typed_is_kept_nowhere(browser: RawBrowser, hall: DeskHall) -> None:
    enter(browser, "my-secret-typed-as-name", "my-secret-password")
    with hall.desk.database.read() as session:
        rows = session.exec(select(SignInFailure)).all()
    assert len(rows) == 2
    assert "my-secret" not in repr(rows)
    database = hall.seeded.workspace.database_file.read_bytes()
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


def test_a_session_planted_beforehand_is_not_taken_up(browser: RawBrowser, hall: DeskHall) -> None:
    browser.cookie = "p" * 43
    secret = secret_of(enter(browser))
    assert secret != browser.cookie
    assert browser.get("/").status == 401
    attacker = hall.sit_down("Attacker")
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
    assert browser.post(EVENT_PREFIX + "open_next").status == 401
    assert browser.submit("/sign-out", {}).status == 401


@pytest.mark.parametrize(
    "name", ["echodesk_8443", "__Host-echodesk_8444", "__Secure-echodesk_8443", "echodesk", "__host-echodesk_8443"]
)
def test_the_cookie_of_another_name_or_port_is_no_session(browser: RawBrowser, name: str) -> None:
    browser.cookie = secret_of(enter(browser))
    assert browser.get("/").status == 200
    browser.cookie_name = name
    assert browser.get("/").status == 401


def test_a_disabled_person_is_out_at_once(browser: RawBrowser, hall: DeskHall) -> None:
    browser.cookie = secret_of(enter(browser))
    assert browser.get("/").status == 200
    with hall.desk.database.write() as session:
        user = session.exec(select(User).where(User.name == "Asha")).one()
        disable_user(session, user=user, actor="test", now=hall.clock.wall())
    hall.clock.wait(1)
    assert browser.get("/").status == 401
    assert enter(browser).status == 401


# ---- forged requests


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/queue/assign", EVENT_PREFIX + "decide"])
@pytest.mark.parametrize(
    "origin",
    ["", "null", "https://evil.example", "http://desk.hospital.example", ORIGIN + ":8443", ORIGIN + ".evil.example"],
)
def test_a_form_of_another_page_does_nothing(browser: RawBrowser, path: str, origin: str) -> None:
    browser.cookie = secret_of(enter(browser))
    assert browser.submit(path, {"name": "Asha", "password": PASSWORD}, origin=origin).status == 403
    assert browser.get("/").status == 200


@pytest.mark.parametrize("host", ["", "evil.example", "127.0.0.1", NAME + ":8443", NAME + ".", NAME + "@evil.example"])
def test_another_host_name_is_refused_before_anything_else(browser: RawBrowser, host: str) -> None:
    assert browser.get("/sign-in", host=host).status == 403
    assert enter(browser, host=host).status == 403


def test_forwarded_headers_mean_nothing_without_a_trusted_proxy(browser: RawBrowser, monkeypatch: Any) -> None:
    seen: list[str] = []

    def note(self: FrontDoor, **asked: Any) -> sign_in.Outcome:
        seen.append(asked["address"])
        return sign_in.Outcome(sentence="no")

    monkeypatch.setattr(FrontDoor, "try_password", note)
    enter(browser, x_forwarded_for="203.0.113.9", x_real_ip="203.0.113.9", forwarded="for=203.0.113.9")
    assert seen == ["192.0.2.7"]
    assert browser.get("/sign-in", host="evil.example", x_forwarded_host=NAME).status == 403


def test_gradio_never_hears_a_forwarded_header(make_browser: MakeBrowser) -> None:
    heard: list[dict[bytes, bytes]] = []

    async def listen(scope: Any, receive: Any, send: Any) -> None:
        heard.append({**dict(scope["headers"]), b"scheme": scope["scheme"].encode()})
        await let_through(scope, receive, send)

    for browser in (make_browser(client="192.0.2.7"), make_browser(PROXY, client=PROXY)):
        browser.shell = Shell(listen, browser.shell.rules)
        forged = {"x_forwarded_host": NAME, "x_forwarded_server": "evil.example", "forwarded": "host=evil.example"}
        assert browser.get("/sign-in", **FORWARDED, **forged).status == 299
    for headers in heard:
        assert headers[b"host"] == NAME.encode()
        assert headers[b"scheme"] == b"https"
        assert not [name for name in headers if b"forwarded" in name]


def test_behind_a_proxy_only_the_proxy_is_heard(make_browser: MakeBrowser, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def note(self: FrontDoor, **asked: Any) -> sign_in.Outcome:
        seen.append(asked["address"])
        return sign_in.Outcome(sentence="no")

    monkeypatch.setattr(FrontDoor, "try_password", note)
    proxy = make_browser(PROXY, client=PROXY)
    stranger = make_browser(PROXY, client="192.0.2.66")
    assert stranger.get("/sign-in", **FORWARDED).status == 403
    assert proxy.get("/sign-in", **FORWARDED).status == 200
    assert proxy.get("/sign-in").status == 403  # not said to have come over TLS
    assert proxy.get("/sign-in", x_forwarded_proto="http").status == 403
    assert proxy.get("/sign-in", x_forwarded_proto="https, http").status == 403
    assert proxy.get("/sign-in", host="inside:7860", x_forwarded_host=NAME, **FORWARDED).status == 200
    assert proxy.get("/sign-in", x_forwarded_host="evil.example", **FORWARDED).status == 403
    assert make_browser(PROXY, client="::ffff:10.0.0.5").get("/sign-in", **FORWARDED).status == 200
    enter(proxy, x_forwarded_proto="https", x_forwarded_for="203.0.113.9, 198.51.100.1")
    assert seen == ["198.51.100.1"]  # what the proxy saw itself, not what it was told


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"name=Asha&password=x", "application/json", 400),
        (b"name=Asha&password=x", "multipart/form-data; boundary=x", 400),
        (b"name=%ff%fe&password=x", "application/x-www-form-urlencoded", 400),
        ("name=Ash\u00e4".encode(), "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a%d=1" % number for number in range(100)), "application/x-www-form-urlencoded", 400),
        (b"x" * 10, "application/x-www-form-urlencoded", 401),
        (b"", "application/x-www-form-urlencoded", 401),
    ],
)
def test_a_form_that_is_none_of_ours_is_refused(browser: RawBrowser, body: bytes, media_type: str, status: int) -> None:
    assert browser.send_raw("/sign-in", body, content_type=media_type).status == status


def test_a_large_form_is_refused_unread(browser: RawBrowser) -> None:
    assert browser.send_raw("/sign-in", b"", content_length=str(MAX_BODY_BYTES + 1)).status == 413
    assert browser.send_raw("/sign-in", b"name=x", content_length="").status == 413


def test_a_locked_database_is_said_calmly(browser: RawBrowser, hall: DeskHall, monkeypatch: pytest.MonkeyPatch) -> None:
    browser.cookie = secret_of(enter(browser))
    assert browser.get("/desk/desk.js").status == 200

    def locked(*_: Any) -> Any:
        raise OperationalError("select", {}, Exception("database is locked"))

    monkeypatch.setattr(type(hall.desk.database), "read", locked)
    monkeypatch.setattr(type(hall.desk.database), "write", locked)
    reply = enter(browser)
    assert reply.status == 503
    assert text_door.PAGE_BUSY in reply.text
    hall.clock.wait(5)
    assert browser.get("/desk/desk.js").status == 200  # known a moment ago; handlers ask for themselves
    assert b'"busy"' in browser.post(EVENT_PREFIX + "open_next").body
    hall.clock.wait(120)
    assert browser.get("/desk/desk.js").status == 503
    assert browser.post(EVENT_PREFIX + "open_next").status == 503


# ---- at this computer


@pytest.fixture(scope="module")
def local_shell(office: DeskHall) -> Shell:
    return build_shell(office.desk, office.seeded.store, hosts=frozenset({HOST}))


def test_there_is_no_password_form_at_this_computer(hall: DeskHall, local_shell: Shell) -> None:
    local = RawBrowser(local_shell)
    assert "<form" not in local.get("/sign-in").text
    assert local.submit("/sign-in", {"name": "Asha", "password": PASSWORD}).status == 403
    asha = hall.sit_down("Asha")
    local.cookie = asha.session_id
    assert local.submit("/sign-out", {}).status == 200
    assert local.get("/").status == 401


def test_a_persons_name_is_never_markup(hall: DeskHall, local_shell: Shell) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    local = RawBrowser(local_shell)
    local.cookie = hall.sit_down(hostile).session_id
    page = local.get("/sign-out").text
    assert hostile not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
