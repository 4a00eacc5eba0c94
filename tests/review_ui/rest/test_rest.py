"""What programs read: with a key of a person whose role may, and with nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from desk_fixture import clean_record, desk_record, two_page_record
from desk_halls import SeededFolders, hall_over
from desk_people import DeskHall
from hypothesis import HealthCheck, given, settings
from raw_requests import HOST, RawBrowser, Reply
from starlette.testclient import TestClient

from db.access.api_keys import PREFIX, end_keys, store_key
from db.decisions import Role
from db.fields.columns import FINDINGS
from db.tables.people import User
from db.users import change_role, disable_user
from review_ui.door.policy import rule_for
from review_ui.door.shell import Shell
from review_ui.rest.answers import ADDRESSES, STATUSES
from review_ui.rest.description import openapi
from review_ui.rest.routes import DESCRIPTION
from review_ui.server import build_shell

PATHS = (*ADDRESSES, DESCRIPTION)


@pytest.fixture(scope="module")
def hall(seeded_folders: SeededFolders, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskHall]:
    """Three records: the first decided by Asha, the second decided and then flagged."""
    records = (desk_record(), clean_record(2), two_page_record())
    seeded = seeded_folders.copy(tmp_path_factory.mktemp("rest") / "workspace", records)
    hall = hall_over(seeded)
    asha = hall.sit_down("Asha")
    asha.decide(asha.open(), confirmed=["ef"])
    shown = asha.open()
    asha.decide(shown, confirmed=["ef", "rwma", "pah"])
    asha.decide(asha.ask("go_back", before_review_id=None), "flag", note="two <b> patients")
    yield hall
    seeded.database.close()


@pytest.fixture(scope="module")
def shell(hall: DeskHall) -> Shell:
    return build_shell(hall.desk, hall.seeded.store, hosts=frozenset({HOST, "testserver"}))


class Program:
    """Asks with a key of a person of its own."""

    def __init__(self, hall: DeskHall, shell: Shell, role: Role, name: str = "a program") -> None:
        self.shell, self.secret = shell, f"{PREFIX}{role}-{name.replace(' ', '-')}{'x' * 20}"
        person = hall.sit_down(f"{name} who is {role}", role)
        self.session_id, self.user_id = person.session_id, person.annotator_id
        with hall.desk.database.write() as session:
            user = session.get_one(User, self.user_id)
            store_key(session, secret=self.secret, user=user, actor="test", now=hall.clock.wall())

    def get(self, path: str, client: str = "127.0.0.1", **headers: str) -> Reply:
        browser = RawBrowser(self.shell, client=client)
        return browser.get(path, **{"authorization": f"Bearer {self.secret}", **headers})

    def json(self, path: str) -> dict[str, Any]:
        reply = self.get(path)
        assert reply.status == 200, reply.text
        assert reply.headers["cache-control"] == "no-store"
        told: dict[str, Any] = json.loads(reply.body)
        return told


@pytest.fixture(scope="module")
def programs(hall: DeskHall, shell: Shell) -> dict[Role, Program]:
    return {role: Program(hall, shell, role) for role in Role}


@pytest.fixture(scope="module")
def lead(programs: dict[Role, Program]) -> Program:
    return programs[Role.LEAD]


def test_labels_come_page_by_page_and_a_flagged_one_without_findings(lead: Program) -> None:
    first = lead.json("/api/v1/labels?limit=1")
    second = lead.json(f"/api/v1/labels?after={first['next_after']}")
    rows = [*first["items"], *second["items"]]
    assert [row["case_id"] for row in rows] == [1, 2]
    assert [row["is_flagged"] for row in rows] == [False, True]
    assert rows[0]["decided_at"].endswith("Z")
    assert rows[0]["ef_state"] == "stated"
    assert {rows[1][column.name] for column in FINDINGS} == {None}
    assert second["next_after"] is None
    assert "two <b> patients" not in json.dumps(rows)
    assert "Asha" not in json.dumps(rows)


def test_records_are_found_by_how_they_stand(lead: Program) -> None:
    found = {status: lead.json(f"/api/v1/records?status={status}".replace(" ", "%20")) for status in STATUSES}
    assert {status: one["total"] for status, one in found.items()} == {
        "not read yet": 0,
        "waiting for a person": 1,
        "flagged, not settled": 1,
        "decided": 1,
    }
    (flagged,) = found["flagged, not settled"]["items"]
    assert {flagged[column.name] for column in FINDINGS} == {None}
    assert lead.json("/api/v1/records?limit=1&offset=1")["total"] == 3
    assert lead.json("/api/v1/records?site=nowhere")["items"] == []


def test_progress_is_told_to_a_researcher(programs: dict[Role, Program]) -> None:
    told = programs[Role.RESEARCHER].json("/api/v1/progress")
    assert (told["cases"], told["flagged"]) == (3, 1)


def test_a_key_opens_what_the_role_may_read_and_nothing_else(programs: dict[Role, Program]) -> None:
    for role, program in programs.items():
        for path in PATHS:
            rule = rule_for("GET", path)
            assert rule is not None
            assert program.get(path).status == (200 if role in rule.roles else 403), (role, path)
        assert program.get("/take-out").status == 401  # a key is no session


def test_a_session_opens_nothing_here(lead: Program) -> None:
    for path in PATHS:
        reply = RawBrowser(lead.shell, lead.session_id).get(path)
        assert reply.status == 401
        assert reply.headers["www-authenticate"].startswith("Bearer")
        # Behind the shell, too.
        assert RawBrowser(lead.shell.app, lead.session_id).get(path).status == 401  # type: ignore[arg-type]


def test_a_key_ends_at_once_with_its_person_or_by_itself(hall: DeskHall, shell: Shell) -> None:
    lead, now = Program(hall, shell, Role.LEAD, "one that ends"), hall.clock.wall()
    with hall.desk.database.write() as session:
        user = session.get_one(User, lead.user_id)
        change_role(session, user=user, role=Role.ANNOTATOR, actor="test", now=now)
    assert lead.get("/api/v1/labels").status == 403
    with hall.desk.database.write() as session:
        user = session.get_one(User, lead.user_id)
        change_role(session, user=user, role=Role.LEAD, actor="test", now=now)
        assert end_keys(session, user=user, actor="test", now=now) == 1
    assert lead.get("/api/v1/labels").status == 401
    other = Program(hall, shell, Role.ADMIN, "one that is disabled")
    with hall.desk.database.write() as session:
        disable_user(session, user=session.get_one(User, other.user_id), actor="test", now=now)
    assert other.get("/api/v1/labels").status == 401


def test_wrong_keys_have_to_wait_and_the_right_one_does_not(lead: Program) -> None:
    there = "10.0.0.9"

    def tried(key: str) -> Reply:
        return lead.get("/api/v1/labels", there, authorization=f"Bearer {key}")

    wrong = [tried(f"{PREFIX}{n}").status for n in range(22)]
    assert wrong[:20] == [401] * 20
    assert wrong[-1] == 429
    assert int(tried("x").headers["retry-after"]) > 0
    assert lead.get("/api/v1/labels", there).status == 200


def test_only_the_hash_of_a_key_is_kept(hall: DeskHall, lead: Program) -> None:
    kept = b"".join(path.read_bytes() for path in hall.seeded.workspace.root.glob("echodesk.db*"))
    assert lead.secret.encode() not in kept


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/labels?limit=0", 400),
        ("/api/v1/labels?limit=1001", 400),
        ("/api/v1/labels?after=-1", 400),
        ("/api/v1/labels?after=1&after=2", 400),
        ("/api/v1/labels?limit=%D9%A1", 400),
        ("/api/v1/labels?who=me", 400),
        ("/api/v1/records?status=odd", 400),
        ("/api/v1/progress?limit=1", 400),
        ("/api/v1/nothing", 404),
        ("/api/v2/labels", 404),
        ("/api/v1/labels/../records", 404),
    ],
)
def test_what_cannot_be_asked_is_said(lead: Program, path: str, status: int) -> None:
    reply = lead.get(path)
    assert (reply.status, list(json.loads(reply.body))) == (status, ["error"])
    assert reply.headers["content-type"] == "application/json"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(lead: Program, method: str) -> None:
    headers = {"authorization": f"Bearer {lead.secret}", "origin": f"http://{HOST}", "content_length": "2"}
    reply = RawBrowser(lead.shell).send(method, "/api/v1/labels", headers, b"{}")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")


def test_whatever_the_description_allows_is_answered_as_it_says(lead: Program) -> None:
    asked = {"authorization": f"Bearer {lead.secret}"}
    with TestClient(lead.shell):
        schema = schemathesis.openapi.from_asgi(DESCRIPTION, lead.shell, headers=asked)
        operations = [found.ok() for found in schema.get_all_operations()]
        assert len(operations) == len(ADDRESSES)
        for operation in operations:
            _tried(operation.as_strategy(), asked)


def _tried(strategy: Any, asked: dict[str, str]) -> None:
    @given(case=strategy)
    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def tried(case: Any) -> None:
        response = case.call(headers=asked)
        assert response.status_code == 200, response.text
        case.operation.validate_response(response)

    tried()


def test_every_address_is_in_the_description() -> None:
    assert set(openapi()["paths"]) == set(ADDRESSES)
