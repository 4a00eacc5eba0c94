"""The lead's set-up page: people, shares, this computer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from desk_fixture import clean_record, desk_record
from desk_people import DeskHall, MakeHall
from sqlmodel import select

from db.access.passwords import is_right_password
from db.decisions import Role
from db.errors import EchoDeskError
from db.events import verify_chain
from db.tables.events import Event
from db.tables.people import User
from db.workspace import Workspace
from review_ui.desk.context import MachineCheck
from review_ui.door.sessions import Identity
from review_ui.leads import setup_page
from review_ui.text import set_up as text

LEAD = Identity(99, "Lead <b>", Role.LEAD)
ADMIN = Identity(98, "Adam", Role.ADMIN)
PASSWORD = "four unrelated words here"  # noqa: S105 - of nobody
SHARES = {"second_reading_share": "20", "blind_share": "12,5", "vigilance_share": "0 %", "clean_share": "100"}


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    return make_hall(desk_record(), clean_record(2))


def page(hall: DeskHall, who: Identity = LEAD) -> str:
    return setup_page.render(hall.desk, hall.desk.database, who, {}, hall.clock.wall())


def post(hall: DeskHall, path: str, who: Identity = LEAD, **form: str) -> str:
    _, act = setup_page.forms(hall.desk)[path]
    return act(hall.desk.database, who, form, hall.clock.wall())


def person(hall: DeskHall, name: str) -> User:
    with hall.desk.database.read() as session:
        return session.exec(select(User).where(User.name == name)).one()


def events(hall: DeskHall, kind: str) -> list[Event]:
    with hall.desk.database.read() as session:
        assert verify_chain(session).bad_id is None
        return list(session.exec(select(Event).where(Event.kind == kind)))


def test_a_person_is_added_given_a_role_and_kept_out(hall: DeskHall) -> None:
    post(hall, "/set-up/add", name="Meera", role="annotator", password=PASSWORD, again=PASSWORD)
    meera = person(hall, "Meera")
    assert is_right_password(PASSWORD, meera.password_hash)
    row = page(hall).partition('<th scope="row">Meera</th>')[2].partition("</tr>")[0]
    assert re.findall(r"<td[^>]*>(.*?)</td>", row) == ["annotator", "yes", "name and password"]
    post(hall, "/set-up/role", person=str(meera.id), role="adjudicator")
    post(hall, "/set-up/admission", person=str(meera.id), admission="no")
    changed = person(hall, "Meera")
    assert (changed.role, changed.is_active) == ("adjudicator", False)
    post(hall, "/set-up/admission", person=str(meera.id), admission="yes")
    assert person(hall, "Meera").is_active
    assert [one.actor for one in events(hall, "user_role_changed")] == ["Lead <b>"]


def test_without_a_password_a_person_comes_in_by_a_link(hall: DeskHall) -> None:
    post(hall, "/set-up/add", name="Jonas", role="researcher")
    assert person(hall, "Jonas").password_hash is None
    post(hall, "/set-up/password", person=str(person(hall, "Jonas").id), password=PASSWORD, again=PASSWORD)
    assert is_right_password(PASSWORD, person(hall, "Jonas").password_hash)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "", "role": "lead"}, "1 to 80"),
        ({"name": "Meera", "role": "owner"}, text.NO_ROLE),
        ({"name": "Meera", "role": "admin"}, text.ADMINS_ALONE),
        ({"name": "Meera", "role": "lead", "password": PASSWORD, "again": "other"}, text.NOT_THE_SAME),
        ({"name": "Meera", "role": "lead", "password": "short", "again": "short"}, "12 characters"),
    ],
)
def test_what_cannot_be_added_is_said_and_nothing_stored(
    hall: DeskHall, form: dict[str, str], said: str
) -> None:
    with pytest.raises(EchoDeskError) as error:
        post(hall, "/set-up/add", **form)
    assert said in error.value.message
    assert events(hall, "user_added") == []


def test_only_an_admin_touches_an_admin_and_nobody_keeps_themselves_out(hall: DeskHall) -> None:
    post(hall, "/set-up/add", ADMIN, name="Eva", role="admin")
    eva = str(person(hall, "Eva").id)
    for path, form in (("role", {"role": "annotator"}), ("admission", {"admission": "no"})):
        with pytest.raises(EchoDeskError, match="Only an admin"):
            post(hall, f"/set-up/{path}", person=eva, **form)
        with pytest.raises(EchoDeskError, match="Nobody changes their own"):
            post(hall, f"/set-up/{path}", Identity(int(eva), "Eva", Role.ADMIN), person=eva, **form)
    assert 'value="admin"' in page(hall, ADMIN)
    assert 'value="admin"' not in page(hall)


@pytest.mark.parametrize("number", ["", "77", "x", "9" * 30, "1 OR 1"])
def test_a_person_who_is_not_there_is_refused(hall: DeskHall, number: str) -> None:
    with pytest.raises(EchoDeskError, match="choose a person"):
        post(hall, "/set-up/role", person=number, role="lead")


def test_shares_count_at_once_and_for_the_next_desk_and_stand_in_the_log(hall: DeskHall) -> None:
    workspace = hall.desk.workspace = Workspace(workspace=hall.seeded.workspace.root)
    post(hall, setup_page.SHARES_PATH, **SHARES)
    desk = hall.desk
    in_force = (desk.rules.second_reading_share, desk.blind_share, desk.vigilance_share, desk.clean_share)
    assert in_force == (0.2, 0.125, 0.0, 1.0)
    again = Workspace(workspace=workspace.root)
    assert (again.second_reading_share, again.blind_share, again.clean_share) == (0.2, 0.125, 1.0)
    assert workspace.desk_file.stat().st_mode & 0o777 == 0o600
    (event,) = events(hall, "shares_set")
    assert event.payload["clean_share"] == {"from": 0.1, "to": 1.0}
    assert 'name="blind_share" value="12.5"' in page(hall)


@pytest.mark.parametrize("words", ["", "-1", "101", "nan", "many", "inf"])
def test_what_is_no_percentage_changes_nothing(hall: DeskHall, words: str) -> None:
    hall.desk.workspace = Workspace(workspace=hall.seeded.workspace.root)
    with pytest.raises(EchoDeskError, match="between 0 and 100"):
        post(hall, setup_page.SHARES_PATH, **SHARES | {"clean_share": words})
    assert not hall.desk.workspace.desk_file.exists()


def test_what_the_environment_sets_is_shown_and_stays(
    hall: DeskHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECHODESK_BLIND_SHARE", "0.3")
    hall.desk.workspace = Workspace(workspace=hall.seeded.workspace.root)
    hall.desk.blind_share = 0.3
    assert "set by ECHODESK_BLIND_SHARE" in page(hall)
    post(hall, setup_page.SHARES_PATH, **SHARES)
    assert hall.desk.blind_share == 0.3


def test_the_checks_are_those_of_doctor(hall: DeskHall) -> None:
    def checks(**changes: Any) -> str:
        hall.desk.examine = changes.get("examine")
        return setup_page.render_checks(hall.desk, hall.desk.database, LEAD, {}, hall.clock.wall())

    assert text.CHECKS_NONE in checks()
    found = [MachineCheck("WARN", "Disk", "2 GB <free>", "Make room")]
    html = checks(examine=lambda: found)
    assert "works with a limit" in html
    assert "2 GB &lt;free&gt;" in html
