"""The attack list against every address of the desk, the leads' pages, the inference API and the relay.

A new route without a case in `surfaces.py` fails here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from policy_matrix import walk
from pydantic import SecretStr
from raw_requests import HOST, ORIGIN, RawBrowser, Reply
from relay_scene import LINK_KEY, settings_for
from surfaces import API, DESK, LINK, RELAY, Ask, Case, tricks

from db.decisions import Role
from db.store.engine import open_database
from db.store.images import ImageStore
from db.users import ensure_local_user
from db.workspace import Workspace
from pipeline.serving.api import create_api
from pipeline.serving.relay import links
from pipeline.serving.relay.server import application, open_relay
from pipeline.serving.serve_settings import ServingSettings
from review_ui.desk.context import desk_of
from review_ui.door.policy import API_PREFIX, ROUTES, roles_for, rule_for
from review_ui.door.sessions import Identity, SessionBook
from review_ui.server import build_shell

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
KEY = "k3y-of-the-ward-7f2a9c"
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")
SURFACES: dict[str, dict[Ask, Case]] = {"desk": DESK, "api": API, "relay": RELAY}
EVERY = [(surface, *ask) for surface, cases in SURFACES.items() for ask in cases]
POSTS = [one for one in EVERY if one[1] == "POST"]
REFUSED = range(400, 500)
# A link of the relay that is good, so that what is refused is refused for its own sake.
GOOD = links.made(LINK_KEY, random_bytes=b"ninebytes", ends_at=4_000_000_000)


class Surface:
    """A server as a stranger, a person of a role, or a program with its key sees it."""

    def __init__(
        self, app: Any, cookies: dict[Role, str], key: str = "", thread: ThreadPoolExecutor | None = None
    ) -> None:
        self.app, self.cookies, self.key, self.thread = app, cookies, key, thread

    def send(
        self, method: str, case: Case, who: Role | None = None, /, path: str = "", **headers: str
    ) -> Reply:
        """One request as honest as its headers let it be."""
        browser = RawBrowser(self.app, self.cookies.get(who) if who else None, thread=self.thread)
        sent: dict[str, str] = {}
        if self.key and who:
            sent["authorization"] = f"Bearer {self.key}"
        if method not in ("GET", "HEAD"):
            sent |= {
                "origin": ORIGIN,
                "content_type": case.content_type,
                "content_length": str(len(case.body)),
            }
        body = case.body if method == "POST" else b""
        return browser.send(
            method, (path or case.path).replace(LINK, f"/link/{GOOD}"), {**sent, **headers}, body
        )


@pytest.fixture(scope="module")
def surfaces(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Surface]]:
    root = tmp_path_factory.mktemp("attacked")
    (root / "echodesk.db").write_bytes(migrated_file.read_bytes())
    workspace = Workspace(workspace=root)
    database = open_database(workspace)
    book = SessionBook(database, now=lambda: NOW, idle_s=900, max_age_s=9000)
    cookies = {}
    with database.write() as session:
        people = {role: ensure_local_user(session, name=f"a {role}", role=role, now=NOW) for role in Role}
    for role, user in people.items():
        cookies[role] = book.open(Identity(int(user.id or 0), user.name, role))
    desk = desk_of(workspace, database, book, now=lambda: NOW)
    shell = build_shell(desk, ImageStore(workspace.images), hosts=frozenset({HOST}))
    api = create_api(lambda: Scripted(), ServingSettings(keys=SecretStr(KEY)))  # type: ignore[arg-type, return-value]
    api.state.photographs = Scripted()
    with ExitStack() as held:
        held.callback(database.close)
        thread = held.enter_context(ThreadPoolExecutor(1))  # the relay's rows belong to it
        relay = thread.submit(open_relay, settings_for(root / "relay"), clock=NOW.timestamp).result()
        held.callback(lambda: thread.submit(lambda: asyncio.run(relay.close())).result())
        yield {
            "desk": Surface(shell, cookies),
            "api": Surface(api, {}, KEY),
            "relay": Surface(application(relay), {}, thread=thread),
        }


class Scripted:
    """Networks that nobody reaches here."""

    bundle = SimpleNamespace(id="b1", about=SimpleNamespace(reference={}))


def routes_of(surface: str, app: Any) -> set[Ask]:
    """What answers there, by method and template."""
    if surface == "desk":
        return {
            ("GET" if "GET" in rule.methods else next(iter(rule.methods)), rule.template) for rule in ROUTES
        }
    return {(method, path) for method, path in walk(app.routes) if method != "HEAD"}


@pytest.mark.parametrize("surface", SURFACES)
def test_every_address_has_a_case(surface: str, surfaces: dict[str, Surface]) -> None:
    assert routes_of(surface, surfaces[surface].app) == set(SURFACES[surface])


@pytest.mark.parametrize(("surface", "method", "template"), EVERY)
def test_a_stranger_gets_nothing_and_changes_nothing(
    surface: str, method: str, template: str, surfaces: dict[str, Surface]
) -> None:
    case = SURFACES[surface][method, template]
    reply = surfaces[surface].send(method, case)
    assert reply.status < 500
    if not case.is_open:
        assert reply.status in ((404,) if case.is_hidden else (401, 403)), reply.status


@pytest.mark.parametrize(("surface", "method", "template"), EVERY)
def test_another_method_is_refused(
    surface: str, method: str, template: str, surfaces: dict[str, Surface]
) -> None:
    case = SURFACES[surface][method, template]
    known = {one for one, other in SURFACES[surface] if other == template} | {"HEAD"}
    for wrong in set(METHODS) - known:
        reply = surfaces[surface].send(wrong, case, Role.ADMIN)
        assert reply.status in REFUSED, (wrong, reply.status)


@pytest.mark.parametrize(("surface", "method", "template"), EVERY)
def test_no_spelling_of_an_address_opens_another(
    surface: str, method: str, template: str, surfaces: dict[str, Surface]
) -> None:
    case = SURFACES[surface][method, template]
    for path in tricks(case.path):
        reply = surfaces[surface].send(method, case, path=path)
        if path == "//":  # which is the desk's own address, and asks who it is
            continue
        assert reply.status in {*REFUSED, 303, 307}, (path, reply.status)
        assert "root:" not in reply.text


@pytest.mark.parametrize(("surface", "method", "template"), POSTS)
@pytest.mark.parametrize(
    ("headers", "statuses"),
    [
        ({"transfer_encoding": "chunked"}, {400}),
        ({"content_length": "999999999999"}, {413, 400}),
        ({"content_length": "400000000"}, {413}),
        ({"content_length": "-1"}, {400}),
        ({"content_length": "5, 6"}, {400}),
        ({"content_length": "x"}, {400}),
    ],
)
def test_a_length_that_lies_is_refused(
    surface: str,
    method: str,
    template: str,
    headers: dict[str, str],
    statuses: set[int],
    surfaces: dict[str, Surface],
) -> None:
    case = SURFACES[surface][method, template]
    assert surfaces[surface].send(method, case, Role.ADMIN, **headers).status in statuses


@pytest.mark.parametrize(("surface", "method", "template"), [one for one in POSTS if one[0] == "desk"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:7861", ""])
def test_a_form_of_another_site_is_refused(
    surface: str, method: str, template: str, origin: str, surfaces: dict[str, Surface]
) -> None:
    case = SURFACES[surface][method, template]
    assert surfaces[surface].send(method, case, Role.ADMIN, origin=origin).status == 403


@pytest.mark.parametrize(("surface", "method", "template"), [one for one in EVERY if one[0] == "desk"])
def test_another_name_of_this_computer_is_refused(
    surface: str, method: str, template: str, surfaces: dict[str, Surface]
) -> None:
    case = SURFACES[surface][method, template]
    assert surfaces[surface].send(method, case, Role.ADMIN, host="evil.example").status == 403


@pytest.mark.parametrize(("surface", "method", "template"), [one for one in EVERY if one[0] == "desk"])
def test_a_role_without_the_right_is_refused(
    surface: str, method: str, template: str, surfaces: dict[str, Surface]
) -> None:
    case = SURFACES[surface][method, template]
    rule = rule_for(method, case.path)
    assert rule is not None
    for role in Role:
        if not case.is_open and role not in roles_for(rule, case.path):
            reply = surfaces[surface].send(method, case, role)
            if case.path.startswith(API_PREFIX):  # a session is no key there, whoever has it
                assert reply.status == 401, role
                continue
            assert reply.status == 403 or (case.path == "/" and reply.status == 303), (role, reply.status)


@pytest.mark.parametrize(("surface", "method", "template"), [one for one in POSTS if one[0] != "api"])
@pytest.mark.parametrize(
    "body", [b"", b"\0" * 50, b"[" * 5000, b"\xff\xfe=%zz&" * 40, b'{"fn_index": 1, "data": []}']
)
def test_a_body_that_is_none_of_ours_is_an_answer_and_no_fault(
    surface: str, method: str, template: str, body: bytes, surfaces: dict[str, Surface]
) -> None:
    case = SURFACES[surface][method, template]
    bad = Case(case.path, case.is_open, body, case.content_type)
    assert surfaces[surface].send(method, bad, Role.ADMIN).status < 500


def test_a_key_that_nobody_asked_for_is_refused(surfaces: dict[str, Surface]) -> None:
    for payload in (
        b'{"data": [{"zzz": 1}]}',
        b'{"data": [{}], "event_id": "1"}',
        b'{"data": [{}], "fn_index": 3}',
    ):
        for path in ("/event/open_next", "/gradio_api/run/undo"):
            case = Case(path, body=payload, content_type="application/json")
            reply = surfaces["desk"].send("POST", case, Role.LEAD)
            assert reply.status == 400 or '"state":"failed"' in reply.text, reply.text[:200]
