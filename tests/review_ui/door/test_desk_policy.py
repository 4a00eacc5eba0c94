"""Who may call what: every event and every route, for every role and for somebody who is signed out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from desk_people import DeskHall
from policy_matrix import asked_of, event_names, let_through, row_of, rule_for, sample_path
from raw_requests import HOST, ORIGIN, RawBrowser
from sqlmodel import SQLModel, func, select

from db.decisions import Role
from review_ui import text
from review_ui.app import build_blocks
from review_ui.desk import handlers
from review_ui.desk.context import Desk
from review_ui.door import policy
from review_ui.door.policy import (
    CLOSED,
    DIRECT,
    DIRECT_PREFIX,
    EVENT_PREFIX,
    EVENTS,
    NOBODY,
    ROUTES,
    event_path,
)
from review_ui.door.shell import Shell
from review_ui.events import Events
from review_ui.leads.routes import lead_forms, lead_pages
from review_ui.server import build_shell

WHO: tuple[Role | None, ...] = (None, *Role)  # None: signed out
LET_THROUGH = 299


@pytest.fixture(scope="module")
def shell(shared_hall: DeskHall) -> Shell:
    return build_shell(shared_hall.desk, shared_hall.seeded.store, hosts=frozenset({HOST}))


@pytest.fixture(scope="module")
def secrets(shared_hall: DeskHall) -> dict[Role | None, str | None]:
    people = {role: shared_hall.sit_down(f"a person who is {role}", role).session_id for role in Role}
    return {None: None, **people}


@pytest.fixture(scope="module")
def gates(shell: Shell, secrets: dict[Role | None, str | None]) -> dict[Role | None, RawBrowser]:
    """The shell alone, for each kind of person: 299 is whatever it lets through."""
    bare = Shell(let_through, shell.rules)
    return {who: RawBrowser(bare, secrets[who]) for who in WHO}


@pytest.fixture(scope="module")
def behind(shell: Shell, secrets: dict[Role | None, str | None]) -> dict[Role | None, RawBrowser]:
    """The app without its shell: what stands there must authorise by itself."""
    return {who: RawBrowser(shell.app, secrets[who]) for who in WHO}  # type: ignore[arg-type]


def status(browser: RawBrowser, method: str, path: str) -> int:
    if method in ("GET", "HEAD"):
        return browser.send(method, path, {}).status
    return browser.send(method, path, {"origin": ORIGIN, "content_length": "2"}, b"{}").status


def stored(hall: DeskHall) -> dict[str, int]:
    """How many rows every table has."""
    with hall.desk.database.read() as session:
        return {
            name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in SQLModel.metadata.tables.items()
        }


def test_every_event_of_the_built_page_has_a_row_and_every_row_an_event(shared_hall: DeskHall) -> None:
    built = event_names(build_blocks(Events(shared_hall.desk), "echodesk"))
    assert not built & DIRECT
    assert built | DIRECT == set(handlers.EVENTS)
    assert built | DIRECT == set(EVENTS)
    assert all(EVENTS.values()), "an event for nobody"


def test_every_route_has_exactly_one_row(shell: Shell) -> None:
    asked = asked_of(shell)
    assert len(asked) > 90
    without = [f"{method} {template}" for method, template in asked if row_of(method, template) is None]
    assert set(without) - CLOSED == set(), "a route without a policy"
    twice = [name for name in CLOSED if row_of(*name.split(" ", 1)) is not None]
    assert twice == []


def test_no_row_is_left_over(shell: Shell) -> None:
    asked = set(asked_of(shell))
    templates = {template for _, template in asked}
    assert [rule.template for rule in ROUTES if rule.template not in templates] == []
    assert CLOSED <= {f"{method} {template}" for method, template in asked}


def test_every_page_beside_the_desk_is_in_the_table(shared_hall: DeskHall) -> None:
    for path in lead_pages(shared_hall.desk):
        assert rule_for("GET", path) is not None, path
    for path in lead_forms(shared_hall.desk):
        assert rule_for("POST", path) is not None, path


def test_the_shell_lets_every_role_through_where_the_table_says_so_and_nowhere_else(
    shell: Shell, gates: dict[Role | None, RawBrowser]
) -> None:
    """The whole matrix: every route by method, for every role and for somebody signed out."""
    cells = 0
    for method, template in asked_of(shell):
        row, path = row_of(method, template), sample_path(template)
        for who in WHO:
            cells += 1
            got = status(gates[who], method, path)
            by_key = path.startswith(policy.API_PREFIX)  # no session opens these
            may = row is not None and (
                row.is_open or (who is not None and who in policy.roles_for(row, path))
            )
            if by_key:
                assert got == 401, (method, template, who)
            elif may:
                assert got == LET_THROUGH, (method, template, who)
            elif who is None:
                assert got == 401, (method, template, who)
            else:
                assert got == 403 or (path == "/" and got == 303), (method, template, who)
    assert cells == len(asked_of(shell)) * len(WHO)


def test_the_shell_lets_every_event_through_for_its_roles_alone(gates: dict[Role | None, RawBrowser]) -> None:
    for name in [*EVENTS, "predict", "open_next_", "no_such_event"]:
        for who in WHO:
            got = status(gates[who], "POST", event_path(name))
            expected = 401 if who is None else LET_THROUGH if who in EVENTS.get(name, NOBODY) else 403
            assert got == expected, (name, who)
            other = EVENT_PREFIX if name in DIRECT else DIRECT_PREFIX
            assert status(gates[who], "POST", other + name) == (401 if who is None else 403), "one way alone"


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_every_event_authorises_by_itself_and_a_refused_one_stores_nothing(hall: DeskHall, name: str) -> None:
    people = {role: hall.sit_down(f"a person who is {role}", role).session_id for role in Role}
    before = stored(hall)
    payloads: list[Any] = [{}, {"case_id": 1, "seen_review_id": 0}, None, [], "x"]
    for who in WHO:
        if who in EVENTS[name]:
            continue
        for payload in payloads:
            answered = handlers.run_handler(handlers.EVENTS[name], hall.desk, people.get(who), payload)  # type: ignore[arg-type]
            if payload is None or not isinstance(payload, dict):
                assert answered["state"] in ("failed", "signed_out", "refused")
            elif who is None:
                assert answered == {"state": "signed_out", "sentence": text.SIGNED_OUT}
            else:
                assert answered["sentence"] == text.NOT_ALLOWED
    assert stored(hall) == before
    for who in EVENTS[name]:
        answered = handlers.run_handler(handlers.EVENTS[name], hall.desk, people[who], {})
        assert answered.get("sentence") not in (text.NOT_ALLOWED, text.SIGNED_OUT), who


def test_a_handler_without_a_row_is_refused_for_everybody(hall: DeskHall) -> None:
    def brand_new(*_: Any) -> dict[str, Any]:
        raise AssertionError("it was called")

    asha = hall.sit_down("Asha", Role.ADMIN)
    assert handlers.run_handler(brand_new, hall.desk, asha.session_id, {})["sentence"] == text.NOT_ALLOWED


def own_routes(desk: Desk) -> Iterator[tuple[str, str]]:
    """Our routes that say something about records or people."""
    yield "GET", "/case/1/page/1"
    yield "GET", "/desk/settings.json"
    yield "GET", "/take-out/labels/csv"
    yield "GET", "/take-out/snapshot/v1"
    for path in lead_pages(desk):
        yield "GET", path
    for path in lead_forms(desk):
        yield "POST", path
    for rule in ROUTES:
        if rule.template.startswith(("/add", "/reading")):
            yield ("GET" if "GET" in rule.methods else "POST"), sample_path(rule.template)


def test_our_own_routes_authorise_by_themselves(
    shared_hall: DeskHall, behind: dict[Role | None, RawBrowser]
) -> None:
    form = {"content_type": "application/x-www-form-urlencoded", "content_length": "0", "origin": ORIGIN}
    for method, path in own_routes(shared_hall.desk):
        rule = rule_for(method, path)
        assert rule is not None, path
        for who in WHO:
            got = behind[who].send(method, path, form if method == "POST" else {}).status
            if who is None:
                assert got == 401, (method, path)
            elif who not in rule.roles:
                assert got == 403, (method, path, who)
            elif path != "/case/1/page/1":  # nobody holds it
                assert got not in (401, 403), (method, path, who)


def test_an_event_called_past_the_shell_still_knows_its_people(behind: dict[Role | None, RawBrowser]) -> None:
    for who in WHO:
        for name, payload in (("undo", {"request_id": "r" * 12}), ("keep_work", {})):
            reply = behind[who].post(event_path(name), payload)
            (answered,) = json.loads(reply.body)["data"]
            if who is None:
                assert answered["state"] == "signed_out"
            elif who is Role.RESEARCHER:
                assert answered["sentence"] == text.NOT_ALLOWED
            else:
                assert answered.get("sentence") != text.NOT_ALLOWED


def test_a_researcher_begins_at_the_dashboard(gates: dict[Role | None, RawBrowser]) -> None:
    reply = gates[Role.RESEARCHER].get("/")
    assert (reply.status, reply.headers["location"]) == (303, "/quality")
    assert gates[Role.LEAD].get("/").status == LET_THROUGH
