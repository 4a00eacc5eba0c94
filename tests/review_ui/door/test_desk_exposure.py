"""What must be in place before the desk opens to other computers, and a real start with TLS."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPSConnection
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk_fixture import NOW, SeededDesk, clean_record, reopen_desk
from desk_office import PASSWORD
from desk_people import SeedCopy
from loopback import free_port
from playwright.sync_api import Browser
from tiny_proxy import tiny_proxy

from db.decisions import Role
from db.errors import EchoDeskError
from db.users import add_user, disable_user, list_users
from review_ui.door.cookies import session_cookie
from review_ui.door.exposure import THIS_COMPUTER, Exposure, check_exposure, secret_fault
from review_ui.server import serve
from review_ui.text import door

SECRET = "q7Zp2Lx9Vt4Kb8Nw3Rf6Hm1Jc5Gd0Ysu"
NETWORK = Exposure("0.0.0.0", trusted_proxy="10.0.0.5", public_names=("desk.example",))  # noqa: S104


@pytest.fixture
def seeded(seed_copy: SeedCopy, password_hash: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SeededDesk]:
    """A workspace with everything in place: somebody with a password, and a secret."""
    made = seed_copy(clean_record(1))
    with made.database.write() as session:
        add_user(session, name="Asha", role=Role.LEAD, actor="test", now=NOW, password_hash=password_hash)
    monkeypatch.setenv("ECHODESK_SECRET", SECRET)
    again = reopen_desk(made.workspace.root)
    yield again
    again.database.close()


def refused(seeded: SeededDesk, exposure: Exposure, *, secret: str = SECRET) -> str:
    """Why the server does not start; nothing may have listened before."""
    workspace = seeded.workspace.model_copy(update={"secret": secret})
    answered: list[str] = []
    with pytest.raises(EchoDeskError) as told:
        serve(workspace, seeded.database, exposure=exposure, port=0, on_ready=answered.append)
    assert answered == []
    assert told.value.hint
    return told.value.message


def test_with_everything_in_place_it_may_open(seeded: SeededDesk) -> None:
    check_exposure(NETWORK, seeded.workspace, seeded.database)
    check_exposure(THIS_COMPUTER, seeded.workspace.model_copy(update={"secret": ""}), seeded.database)


def test_without_anybody_who_could_sign_in_it_does_not_start(seeded: SeededDesk) -> None:
    with seeded.database.write() as session:
        (asha,) = [user for user in list_users(session) if user.name == "Asha"]
        disable_user(session, user=asha, actor="test", now=NOW)
        add_user(session, name="Local", role=Role.ADMIN, actor="test", now=NOW)
    assert refused(seeded, NETWORK) == door.NOBODY_TO_SIGN_IN


@pytest.mark.parametrize(
    ("secret", "fault"),
    [
        ("", door.SETTING_MISSING),
        (SECRET[:31], door.SETTING_SHORT.format(length=32)),
        ("change-me-change-me-change-me-change-me", door.SETTING_COPIED),
        ("your-secret-here-0f8a7b6c5d4e3f2a1b0c", door.SETTING_COPIED),
        ("x" * 64, door.SETTING_COPIED),
        ("0123" * 16, door.SETTING_COPIED),
        ("EchoDesk-in-our-hospital-2026-2027-x", door.SETTING_COPIED),
    ],
)
def test_without_a_secret_of_its_own_it_does_not_start(seeded: SeededDesk, secret: str, fault: str) -> None:
    assert refused(seeded, NETWORK, secret=secret) == fault


@pytest.mark.parametrize("number", range(20))
def test_a_secret_made_as_the_hint_says_will_do(number: int) -> None:
    import random

    assert secret_fault(random.Random(number).randbytes(32).hex()) == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "desk.example", ""])  # noqa: S104
def test_without_tls_or_a_proxy_it_does_not_start(seeded: SeededDesk, host: str) -> None:
    asked = Exposure(host, public_names=("desk.example",))
    assert refused(seeded, asked) == door.TLS_MISSING.format(host=host)


def test_half_of_tls_or_two_ways_at_once_is_refused(seeded: SeededDesk, tmp_path: Path) -> None:
    file = tmp_path / "x.pem"
    assert refused(seeded, replace(NETWORK, tls_cert=file)) == door.TLS_HALF
    both = replace(NETWORK, tls_cert=file, tls_key=file)
    assert refused(seeded, both) == door.TLS_MISSING.format(host="0.0.0.0")  # noqa: S104


def test_a_certificate_that_is_none_is_told_plainly(seeded: SeededDesk, tmp_path: Path) -> None:
    file = tmp_path / "x.pem"
    asked = Exposure("127.0.0.1", tls_cert=file, tls_key=file)
    assert refused(seeded, asked) == door.TLS_UNREADABLE
    file.write_text("not a certificate")
    assert refused(seeded, asked) == door.TLS_UNREADABLE


def test_a_proxy_is_named_by_its_address_and_the_desk_by_its_name(seeded: SeededDesk) -> None:
    assert refused(seeded, replace(NETWORK, trusted_proxy="proxy.example")) == door.PROXY_NOT_AN_ADDRESS
    assert refused(seeded, replace(NETWORK, trusted_proxy="0.0.0.0/0")) == door.PROXY_NOT_AN_ADDRESS
    assert refused(seeded, replace(NETWORK, public_names=())) == door.NAME_MISSING


def test_a_proxy_on_this_computer_is_the_network_all_the_same(seeded: SeededDesk) -> None:
    behind = Exposure("127.0.0.1", trusted_proxy="127.0.0.1", public_names=("desk.example",))
    assert not behind.is_local
    assert refused(seeded, behind, secret="") == door.SETTING_MISSING


@pytest.mark.parametrize(
    ("exposure", "port", "hosts", "address"),
    [
        (THIS_COMPUTER, 7860, {"127.0.0.1:7860", "localhost:7860", "[::1]:7860"}, "http://127.0.0.1:7860"),
        (NETWORK, 7860, {"desk.example", "desk.example:443"}, "https://desk.example"),
        (replace(NETWORK, public_names=("Desk.Example:8443",)), 1, {"desk.example:8443"},
         "https://desk.example:8443"),
        (Exposure("192.0.2.5", Path("c"), Path("k")), 8443, {"192.0.2.5:8443"}, "https://192.0.2.5:8443"),
        (Exposure("2001:db8::5", Path("c"), Path("k")), 443, {"[2001:db8::5]:443", "[2001:db8::5]"},
         "https://[2001:db8::5]"),
        (Exposure("0.0.0.0", Path("c"), Path("k"), "", ("a", "b")),  # noqa: S104
         443, {"a", "a:443", "b", "b:443"}, "https://a"),
    ],
)  # fmt: skip
def test_only_the_names_it_was_given_are_answered(
    exposure: Exposure, port: int, hosts: set[str], address: str
) -> None:
    assert exposure.hosts(port) == hosts
    assert exposure.address(port) == address


def test_the_cookie_under_tls_can_come_from_nowhere_else() -> None:
    assert session_cookie(8443, is_secure=True).given("s").startswith("__Host-echodesk_8443=s")
    assert "Secure" in session_cookie(8443, is_secure=True).given("s")
    assert session_cookie(7860, is_secure=False).given("s").startswith("echodesk_7860=s")


# ---- a real start


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for localhost and its key."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("needs the openssl program to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out",
         str(cert)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return cert, key


@contextmanager
def started(
    seeded: SeededDesk, exposure: Exposure, on_port: Callable[[int], None] = lambda _: None
) -> Iterator[str]:
    ready: Queue[str] = Queue()
    port = free_port()
    on_port(port)
    stop = Event()
    workspace = seeded.workspace.model_copy(update={"secret": SECRET})
    options: dict[str, Any] = {"exposure": exposure, "port": port, "on_ready": ready.put, "stop_event": stop}
    server = Thread(target=serve, args=(workspace, seeded.database), kwargs=options, daemon=True)
    server.start()
    try:
        yield ready.get(timeout=60)
    finally:
        stop.set()
        server.join(timeout=20)
        assert not server.is_alive()


def test_with_tls_a_person_signs_in_decides_and_signs_out(
    seeded: SeededDesk, certificate: tuple[Path, Path]
) -> None:
    cert, key = certificate
    exposure = Exposure("127.0.0.1", cert, key, public_names=("localhost",))
    with started(seeded, exposure) as address:
        assert address.startswith("https://localhost:")
        assert "/link/" not in address  # links are for this computer alone
        port = int(address.rpartition(":")[2])
        context = ssl.create_default_context(cafile=str(cert))
        line = HTTPSConnection("localhost", port, context=context, timeout=30)

        def ask(method: str, path: str, body: str = "", **headers: str) -> tuple[int, Any, bytes]:
            sent = {"Origin": address, **{name.replace("_", "-"): value for name, value in headers.items()}}
            line.request(method, path, body or None, sent)
            reply = line.getresponse()
            return reply.status, reply.headers, reply.read()

        assert ask("GET", "/")[0] == 401
        form = {"content_type": "application/x-www-form-urlencoded"}
        status, headers, _ = ask(
            "POST", "/sign-in", urlencode({"name": "Asha", "password": PASSWORD}), **form
        )
        assert status == 303
        cookie = str(headers["set-cookie"])
        assert cookie.startswith(f"__Host-echodesk_{port}=")
        assert "Secure" in cookie
        signed_in = {"cookie": cookie.partition(";")[0]}
        status, headers, page = ask("GET", "/", **signed_in)
        assert status == 200
        assert b"gradio" in page.lower()
        # What Gradio writes into its page must come back to us under TLS, too.
        assert re.findall(rb"http://(?!www\.w3\.org)[\w.:-]+", page) == []
        event = {"content_type": "application/json", **signed_in}
        status, _, body = ask("POST", "/event/open_next", '{"data": [{}]}', **event)
        assert (status, b'"record"' in body) == (200, True)
        assert ask("GET", "/case/1/page/1", **signed_in)[0] == 200
        assert ask("GET", "/queue", **signed_in)[0] == 200
        assert ask("POST", "/sign-out", "", content_length="0", **form, **signed_in)[0] == 200
        assert ask("GET", "/", **signed_in)[0] == 401
        line.close()


def test_plain_http_gets_nothing_from_a_desk_with_tls(
    seeded: SeededDesk, certificate: tuple[Path, Path]
) -> None:
    import socket

    cert, key = certificate
    exposure = Exposure("127.0.0.1", cert, key, public_names=("localhost",))
    with started(seeded, exposure) as address:
        port = int(address.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answered = line.recv(4096)
        assert b"HTTP/1.1" not in answered


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_real_browser_signs_in_and_out_with_plain_forms(
    seeded: SeededDesk, certificate: tuple[Path, Path], chromium: Browser, scheme: Any
) -> None:
    cert, key = certificate
    with started(seeded, Exposure("127.0.0.1", cert, key, public_names=("localhost",))) as address:
        context = chromium.new_context(ignore_https_errors=True, color_scheme=scheme)
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.goto(address)
        # A browser hands the focus over with its next frame, not with the page's load.
        page.wait_for_function("document.activeElement.id === 'name'")
        assert Axe().run(page).response["violations"] == []
        page.fill("#name", "Asha")
        page.keyboard.press("Tab")
        page.keyboard.type("not the password")
        page.keyboard.press("Enter")
        assert page.inner_text("[role=alert]") == door.SIGN_IN_WRONG
        assert page.input_value("#password") == ""
        page.fill("#name", "Asha")
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("#desk:not([data-state='opening'])[aria-busy='false']")
        assert page.inner_text("#who") == "Asha"
        (cookie,) = context.cookies()
        assert cookie["name"].startswith("__Host-")
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")
        assert page.evaluate("document.cookie") == ""
        page.goto(address + "/sign-out")
        assert Axe().run(page).response["violations"] == []
        page.click("button")
        assert door.PAGE_SIGNED_OUT in page.inner_text("main")
        assert context.cookies() == []
        page.goto(address)
        assert page.is_visible("#password")
        context.close()


# ---- below a path of a larger site


@pytest.mark.parametrize(
    "root", ["echodesk", "/", "/echodesk/", "/a/../b", "/a b", '/"x', "//evil.example", "/a/b/c/d/e"]
)
def test_a_path_that_is_none_is_refused(seeded: SeededDesk, root: str) -> None:
    assert refused(seeded, replace(NETWORK, root_path=root)) == door.ROOT_UNUSABLE


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("strips", [True, False])
def test_below_a_path_every_link_event_picture_and_redirect_stays_below_it(
    seed_copy: SeedCopy,
    password_hash: str,
    monkeypatch: pytest.MonkeyPatch,
    certificate: tuple[Path, Path],
    chromium: Browser,
    strips: bool,
) -> None:
    seeded = seed_copy(clean_record(1), clean_record(2))
    with seeded.database.write() as session:
        add_user(session, name="Asha", role=Role.LEAD, actor="test", now=NOW, password_hash=password_hash)
    monkeypatch.setenv("ECHODESK_SECRET", SECRET)
    with tiny_proxy("/sites/echodesk", certificate, strips=strips) as proxy:
        name = f"localhost:{proxy.port}"
        exposure = Exposure(
            "127.0.0.1", trusted_proxy="127.0.0.1", public_names=(name,), root_path=proxy.root
        )
        with started(seeded, exposure, on_port=lambda port: setattr(proxy, "desk_port", port)) as address:
            assert address == f"https://{name}{proxy.root}"
            walk_below(chromium, address)
        assert [path for path in proxy.strange if path != "/favicon.ico"] == []


def walk_below(chromium: Browser, address: str) -> None:
    """Sign in, decide, open every page by its link, send a form, and sign out."""
    context = chromium.new_context(ignore_https_errors=True)
    context.set_default_timeout(30_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(address)  # without the slash at its end
    assert page.url == f"{address}/"
    page.fill("#name", "Asha")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#desk[data-case='1'][aria-busy='false']")
    assert page.evaluate("document.querySelector('#page img').naturalWidth") > 0
    page.wait_for_timeout(1_100)
    page.keyboard.press("Enter")
    page.wait_for_selector("#desk[data-case='2'][aria-busy='false']")
    links = page.evaluate("[...document.querySelectorAll('#pages a')].map(link => link.href)")
    assert len(links) > 8 and all(link.startswith(f"{address}/") for link in links)
    for link in links:
        if not link.endswith(("/sign-out", "/add")):  # intake was not handed in, so nothing can be added
            assert page.goto(link).status == 200, link  # type: ignore[union-attr]
            assert page.evaluate("getComputedStyle(document.querySelector('main')).display") == "grid", link
    page.goto(f"{address}/records?record=1")
    assert page.evaluate("document.querySelector('img.page').naturalWidth") > 0
    page.click("form[action$='/records/open'] button")
    page.wait_for_selector("#desk[data-case='1'][aria-busy='false']")
    assert page.url == f"{address}/"
    page.goto(f"{address}/sign-out")
    page.click("button")
    assert door.PAGE_SIGNED_OUT in page.inner_text("main")
    page.click("text=Sign in")
    assert page.url == f"{address}/sign-in"
    context.close()
    assert [words for words in complaints if "401" not in words] == []
