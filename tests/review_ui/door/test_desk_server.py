"""The shell in front of the desk: what gets through, and what does not."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from desk_people import DeskHall, Person
from raw_requests import HOST, ORIGIN, RawBrowser

from db.errors import EchoDeskError
from review_ui.desk.handlers import EVENTS
from review_ui.door.bodies import MAX_BODY_BYTES
from review_ui.door.policy import event_path
from review_ui.door.sessions import Identity
from review_ui.door.shell import Shell
from review_ui.server import build_shell, open_listener
from review_ui.text import door

FETCHED = {"sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"}


@pytest.fixture
def shell(hall: DeskHall) -> Shell:
    return build_shell(hall.desk, hall.seeded.store, hosts=frozenset({HOST}))


@pytest.fixture
def browser(shell: Shell, asha: Person) -> RawBrowser:
    return RawBrowser(shell, asha.session_id)


@pytest.fixture(scope="module")
def gate(shared_hall: DeskHall) -> Shell:
    return build_shell(shared_hall.desk, shared_hall.seeded.store, hosts=frozenset({HOST}))


@pytest.fixture
def stranger(gate: Shell) -> RawBrowser:
    return RawBrowser(gate)


@pytest.fixture(scope="module")
def visitor(gate: Shell, shared_hall: DeskHall) -> RawBrowser:
    return RawBrowser(gate, shared_hall.sit_down("Asha").session_id)


def gradio_routes(shell: Shell) -> Iterator[tuple[str, str]]:
    """Every route of the mounted Gradio app with made-up parameters."""
    app: Any = shell.app
    gradio_app = next(route.app for route in app.routes if getattr(route, "path", None) == "" and route.app)
    for route in gradio_app.routes:
        included = getattr(route, "original_router", route)
        for found in getattr(included, "routes", None) or [route]:
            path = re.sub(r"\{\w+(?::path)?\}", "etc/passwd", getattr(found, "path", "/"))
            for method in sorted(getattr(found, "methods", None) or {"GET"}):
                yield method, path


# ---- without a session


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/config",
        "/theme.css",
        "/desk/desk.js",
        "/desk/settings.json",
        "/case/1/page/1",
        "/nowhere",
        "/?x=1",
    ],
)
def test_without_a_session_there_is_only_a_page_that_says_how_to_come_in(
    stranger: RawBrowser, path: str
) -> None:
    reply = stranger.get(path)
    assert reply.status == 401
    assert door.PAGE_SIGN_IN in reply.text
    assert "gradio" not in reply.text.lower()
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_without_a_session_no_event_is_reached(stranger: RawBrowser, event: str) -> None:
    assert stranger.post(event_path(event)).status == 401


@pytest.mark.parametrize("cookie", ["guess", "x" * 43, '"', "a;b", "é"])
def test_a_made_up_cookie_is_no_session(stranger: RawBrowser, cookie: str) -> None:
    assert stranger.get("/", cookie=f"echodesk={cookie}").status == 401


def test_no_route_of_gradio_answers_without_a_session(gate: Shell, stranger: RawBrowser) -> None:
    routes = list(gradio_routes(gate))
    assert len(routes) > 50
    for method, path in routes:
        headers = {"origin": ORIGIN} if method not in ("GET", "HEAD") else {}
        assert stranger.send(method, path, headers).status == 401, (method, path)


# ---- the link


def test_a_link_gives_a_strict_cookie_once(shell: Shell, hall: DeskHall) -> None:
    browser = RawBrowser(shell)
    link = hall.desk.sessions.issue_link(Identity(hall.sit_down("Asha").annotator_id, "Asha"))
    reply = browser.get(f"/link/{link}")
    assert reply.status == 200
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith("echodesk=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert link not in cookie
    assert browser.get("/", cookie=cookie.split(";")[0]).status == 200
    again = browser.get(f"/link/{link}")
    assert again.status == 403
    assert "set-cookie" not in again.headers
    assert door.PAGE_LINK_USED in again.text
    assert "press Ctrl and C" in again.text


def test_a_link_that_was_never_given_opens_nothing(stranger: RawBrowser) -> None:
    assert stranger.get("/link/" + "x" * 43).status == 403
    assert stranger.get("/link/short").status == 401


def test_asking_about_a_link_does_not_spend_it(shell: Shell, hall: DeskHall) -> None:
    link = hall.desk.sessions.issue_link(Identity(1, "Asha"))
    RawBrowser(shell).send("HEAD", f"/link/{link}", {})
    assert hall.desk.sessions.issue_if_none_waits(Identity(1, "Asha")) is None


def test_a_used_link_has_a_new_one_written_where_only_its_owner_looks(hall: DeskHall) -> None:
    written: list[Identity] = []
    asha = Identity(hall.sit_down("Asha").annotator_id, "Asha")

    def renew(identity: Identity) -> bool:
        written.append(identity)
        return True

    shell = build_shell(hall.desk, hall.seeded.store, hosts=frozenset({HOST}), renew_link=renew)
    link = hall.desk.sessions.issue_link(asha)
    browser = RawBrowser(shell)
    browser.get(f"/link/{link}")
    reply = browser.get(f"/link/{link}")
    assert door.PAGE_NEW_LINK_WRITTEN in reply.text
    browser.get("/link/" + "y" * 43)  # not one of ours: nothing is written
    assert written == [asha]


# ---- with a session


def test_the_desk_page_opens_and_may_run_nothing_but_its_own_scripts(visitor: RawBrowser) -> None:
    reply = visitor.get("/")
    assert reply.status == 200
    policy = reply.headers["content-security-policy"]
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in script
    assert script.count("'sha256-") == len(re.findall(r"<script(?![^>]*\ssrc=)", reply.text))
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    for name in ("x-content-type-options", "referrer-policy", "cross-origin-resource-policy"):
        assert name in reply.headers
    assert reply.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in reply.headers


def test_only_the_listed_routes_of_gradio_answer(gate: Shell, visitor: RawBrowser) -> None:
    let_through = {
        (method, path)
        for method, path in gradio_routes(gate)
        if visitor.send(method, path, {} if method in ("GET", "HEAD") else {"origin": ORIGIN}).status != 403
    }
    assert {path for _, path in let_through} == {"/", "/theme.css", "/favicon.ico", "/manifest.json"}


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/proxy=http://example.org",
        "/gradio_api/info",
        "/gradio_api/openapi.json",
        "/gradio_api/queue/data?session_hash=x",
        "/gradio_api/heartbeat/x",
        "/gradio_api/upload_progress",
        "/gradio_api/runs",
        "/config",
        "/monitoring",
        "/login",
        "/docs",
        "/openapi.json",
        "/assets/../../../../etc/passwd",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2fetc/passwd",
        "/static/fonts/../../../../../etc/passwd",
        "/static/fonts//etc/passwd",
        "/desk/../server.py",
        "/desk/%2e%2e/server.py",
        "/desk/..%5cserver.py",
        "/desk/desk.py",
        "/case/1/page/../../../etc/passwd",
        "/case/1/page/1%00",
        "/case/1/page/1/",
        "/case/١/page/1",
        "/case/-1/page/1",
        "/case/1e0/page/1",
        "//etc/passwd",
    ],
)
def test_everything_else_is_closed(visitor: RawBrowser, path: str) -> None:
    reply = visitor.get(path)
    assert reply.status in (403, 404), path
    assert b"root:" not in reply.body


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize(
    "path",
    ["/gradio_api/upload", "/gradio_api/queue/join", "/gradio_api/call/decide", "/gradio_api/run/predict",
     "/gradio_api/run/decide", "/event/decide/", "/event/undo", "/gradio_api/api/decide",
     "/gradio_api/component_server", "/", "/case/1/page/1"],
)  # fmt: skip
def test_no_other_way_to_change_anything(visitor: RawBrowser, method: str, path: str) -> None:
    assert visitor.send(method, path, {"origin": ORIGIN, "content_length": "2"}).status == 403


@pytest.mark.parametrize(
    "origin",
    ["", "null", "http://evil.example", f"https://{HOST}", "http://127.0.0.1:7861", f"{ORIGIN}.evil.example"],
)
def test_a_request_from_another_origin_changes_nothing(visitor: RawBrowser, origin: str) -> None:
    assert visitor.post(event_path("open_next"), origin=origin).status == 403
    assert visitor.post(event_path("open_next")).status == 200


@pytest.mark.parametrize("host", ["", "evil.example", "127.0.0.1", "127.0.0.1:7861", f"{HOST}.evil.example"])
def test_another_host_name_is_refused(visitor: RawBrowser, host: str) -> None:
    assert visitor.get("/", host=host).status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_port_cannot_read_anything(browser: RawBrowser, asha: Person, site: str) -> None:
    asha.open()
    assert browser.get("/case/1/page/1", sec_fetch_site=site, sec_fetch_mode="no-cors").status == 403
    assert browser.get("/case/1/page/1", sec_fetch_site="same-origin", sec_fetch_mode="no-cors").status == 200


@pytest.mark.parametrize(
    ("length", "status"),
    [("", 413), ("-1", 400), ("x", 400), ("²", 400), (str(MAX_BODY_BYTES + 1), 413), ("9" * 30, 413)],
)
def test_a_body_too_large_or_of_unknown_length_is_refused(
    visitor: RawBrowser, length: str, status: int
) -> None:
    assert visitor.post(event_path("open_next"), content_length=length).status == status


def test_an_event_of_every_record_answers_by_its_own_route(browser: RawBrowser) -> None:
    reply = browser.post(event_path("open_next"), {})
    assert reply.status == 200
    shown = json.loads(reply.body)["data"][0]
    assert (shown["state"], shown["who"], shown["record"]["case_id"]) == ("record", "Asha", 1)


def test_a_body_cannot_call_another_event_than_the_address(shell: Shell, hall: DeskHall) -> None:
    """Gradio would take the number of an event in the body for more than its name in the address."""
    browser = RawBrowser(shell, hall.sit_down("Asha").session_id)
    body = json.dumps({"data": [{}], "fn_index": 0, "session_hash": "x"}).encode()
    assert browser.send_raw(event_path("decide"), body).status == 400
    assert hall.reviews() == []


def test_an_answer_to_nothing_that_is_asked_is_refused(hall: DeskHall) -> None:
    asha = hall.sit_down("Asha")
    told = asha.decide(asha.open(), answers={"ef_operator": ">"})
    assert told["state"] != "record"
    assert hall.reviews() == []


def test_a_broken_body_is_not_told_in_detail(visitor: RawBrowser) -> None:
    body = b'{"data": ['
    reply = visitor.send_raw(event_path("decide"), body)
    assert reply.status in (400, 422)
    assert "Traceback" not in reply.text


# ---- page images


def test_a_page_image_is_for_the_person_who_holds_the_record(
    browser: RawBrowser, shell: Shell, asha: Person, hall: DeskHall
) -> None:
    assert browser.get("/case/1/page/1").status == 403
    asha.open()
    reply = browser.send("GET", "/case/1/page/1", FETCHED)
    assert reply.status == 200
    assert reply.headers["content-type"] == "image/png"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.body.startswith(b"\x89PNG")
    assert browser.get("/case/2/page/1").status == 403
    assert browser.get("/case/1/page/2").status == 404
    assert browser.get("/case/1/page/0").status == 404
    assert browser.get("/case/999999999/page/1").status == 403
    bina = RawBrowser(shell, hall.sit_down("Bina").session_id)
    assert bina.get("/case/1/page/1").status == 403


def test_a_page_image_closes_with_the_decision(browser: RawBrowser, asha: Person) -> None:
    shown = asha.open()
    asha.decide(shown, confirmed=["ef"])
    assert browser.get("/case/1/page/1").status == 403


def test_a_page_image_closes_when_the_hold_runs_out(
    browser: RawBrowser, asha: Person, hall: DeskHall
) -> None:
    asha.open()
    hall.clock.wait(500)
    assert browser.get("/case/1/page/1").status == 403


# ---- listening


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_computer_is_told_plainly(host: str) -> None:
    with pytest.raises(EchoDeskError) as told:
        open_listener(host, 0)
    assert told.value.hint == door.HOST_UNUSABLE_HINT


def test_a_taken_port_gives_way_to_the_next_free_one() -> None:
    with open_listener("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with open_listener("127.0.0.1", port) as second:
            assert port < second.getsockname()[1] <= port + 20


def test_no_free_port_is_told_plainly() -> None:
    with socket.socket() as last:
        last.bind(("127.0.0.1", 65_535))
        last.listen()
        with pytest.raises(EchoDeskError, match="no free port between 65535 and 65535"):
            open_listener("127.0.0.1", 65_535)


_ALONE = """
import gc, os, sys
from pathlib import Path
from db.store.engine import open_database
from db.workspace import Workspace
from review_ui.server import serve

def on_ready(address):
    print(gc.get_freeze_count(), flush=True)
    os._exit(0)

workspace = Workspace(workspace=Path(sys.argv[1]))
serve(workspace, open_database(workspace), port=0, on_ready=on_ready)
"""


def test_what_a_server_of_its_own_has_loaded_is_left_out_of_garbage_collections(hall: DeskHall) -> None:
    workspace = str(hall.seeded.workspace.workspace)
    said = subprocess.run(
        [sys.executable, "-c", _ALONE, workspace], capture_output=True, text=True, check=True, timeout=120
    )
    assert int(said.stdout.split()[-1]) > 100_000
