"""Forged, relayed, odd and unlucky requests at a desk that other computers reach."""

from __future__ import annotations

from typing import Any

import pytest
from desk_office import NAME, ORIGIN, PASSWORD, MakeBrowser, enter, secret_of
from desk_people import DeskHall
from policy_matrix import let_through
from raw_requests import RawBrowser
from sqlalchemy.exc import OperationalError

from review_ui.door import sign_in
from review_ui.door.bodies import MAX_BODY_BYTES
from review_ui.door.policy import event_path
from review_ui.door.shell import Shell
from review_ui.door.sign_in import FrontDoor
from review_ui.text import door

pytestmark = pytest.mark.usefixtures("cheap_passwords")

PROXY = "10.0.0.5"
FORWARDED = {"x_forwarded_proto": "https", "x_forwarded_for": "192.0.2.7"}


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/queue/assign", event_path("decide")])
@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "https://evil.example",
        "http://desk.hospital.example",
        ORIGIN + ":8443",
        ORIGIN + ".evil.example",
    ],
)
def test_a_form_of_another_page_does_nothing(browser: RawBrowser, path: str, origin: str) -> None:
    browser.cookie = secret_of(enter(browser))
    assert browser.submit(path, {"name": "Asha", "password": PASSWORD}, origin=origin).status == 403
    assert browser.get("/").status == 200


@pytest.mark.parametrize(
    "host", ["", "evil.example", "127.0.0.1", NAME + ":8443", NAME + ".", NAME + "@evil.example"]
)
def test_another_host_name_is_refused_before_anything_else(browser: RawBrowser, host: str) -> None:
    assert browser.get("/sign-in", host=host).status == 403
    assert enter(browser, host=host).status == 403


def test_forwarded_headers_mean_nothing_without_a_trusted_proxy(
    browser: RawBrowser, monkeypatch: Any
) -> None:
    seen: list[str] = []

    def note(self: FrontDoor, **asked: Any) -> sign_in.SignInOutcome:
        seen.append(asked["address"])
        return sign_in.SignInOutcome(sentence="no")

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
        forged = {
            "x_forwarded_host": NAME,
            "x_forwarded_server": "evil.example",
            "forwarded": "host=evil.example",
        }
        assert browser.get("/sign-in", **FORWARDED, **forged).status == 299
    for headers in heard:
        assert headers[b"host"] == NAME.encode()
        assert headers[b"scheme"] == b"https"
        assert not [name for name in headers if b"forwarded" in name]


def test_behind_a_proxy_only_the_proxy_is_heard(
    make_browser: MakeBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def note(self: FrontDoor, **asked: Any) -> sign_in.SignInOutcome:
        seen.append(asked["address"])
        return sign_in.SignInOutcome(sentence="no")

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
def test_a_form_that_is_none_of_ours_is_refused(
    browser: RawBrowser, body: bytes, media_type: str, status: int
) -> None:
    assert browser.send_raw("/sign-in", body, content_type=media_type).status == status


def test_a_large_form_is_refused_unread(browser: RawBrowser) -> None:
    assert browser.send_raw("/sign-in", b"", content_length=str(MAX_BODY_BYTES + 1)).status == 413
    assert browser.send_raw("/sign-in", b"name=x", content_length="").status == 413


def test_a_locked_database_is_said_calmly(
    browser: RawBrowser, office: DeskHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.cookie = secret_of(enter(browser))
    assert browser.get("/desk/desk.js").status == 200

    def locked(*_: Any) -> Any:
        raise OperationalError("select", {}, Exception("database is locked"))

    monkeypatch.setattr(type(office.desk.database), "read", locked)
    monkeypatch.setattr(type(office.desk.database), "write", locked)
    reply = enter(browser)
    assert reply.status == 503
    assert door.PAGE_BUSY in reply.text
    office.clock.wait(5)
    assert browser.get("/desk/desk.js").status == 200  # known a moment ago; handlers ask for themselves
    assert b'"busy"' in browser.post(event_path("open_next")).body
    office.clock.wait(120)
    assert browser.get("/desk/desk.js").status == 503
    assert browser.post(event_path("open_next")).status == 503
