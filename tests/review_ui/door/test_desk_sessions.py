"""One-time links, and the sessions they open."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from desk_people import Clock, DeskHall

from db.decisions import Role
from db.store.engine import Database
from db.tables.people import User
from db.users import change_role, disable_user, ensure_local_user
from review_ui.door.policy import is_sign_of_life
from review_ui.door.sessions import RECHECK_S, Identity, SessionBook

IDLE_S, MAX_S = 900.0, 43_200.0


class CountedDatabase(Database):
    """Counts how often it is asked and written."""

    def __init__(self, database: Database) -> None:
        self.__dict__ |= database.__dict__
        self.reads = self.writes = 0

    def read(self):  # type: ignore[no-untyped-def]
        self.reads += 1
        return super().read()

    def write(self):  # type: ignore[no-untyped-def]
        self.writes += 1
        return super().write()


@pytest.fixture
def counted(shared_hall: DeskHall) -> CountedDatabase:
    return CountedDatabase(shared_hall.seeded.database)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(counted: CountedDatabase, clock: Clock) -> SessionBook:
    return SessionBook(counted, clock=clock, now=clock.wall, idle_s=IDLE_S, max_age_s=MAX_S)


@pytest.fixture
def people(counted: CountedDatabase, clock: Clock) -> Iterator[list[Identity]]:
    with counted.write() as session:
        users = [ensure_local_user(session, name=name, now=clock.wall()) for name in ("Asha", "Bina")]
    yield [Identity(int(user.id or 0), user.name) for user in users]


def enter(book: SessionBook, identity: Identity) -> str:
    secret = book.redeem(book.issue_link(identity))
    assert secret is not None
    return secret


def test_a_link_opens_one_session_once(book: SessionBook, people: list[Identity]) -> None:
    link = book.issue_link(people[0])
    secret = book.redeem(link)
    found = book.find(secret)
    assert found is not None
    assert found.identity == people[0]
    assert book.redeem(link) is None
    assert book.issued_to(link) == people[0]


def test_secrets_differ_and_are_long(book: SessionBook, people: list[Identity]) -> None:
    secrets = {book.issue_link(people[0]) for _ in range(50)}
    assert len(secrets) == 50
    assert min(map(len, secrets)) >= 43


@pytest.mark.parametrize("guess", ["guess", "", None, "\udcff", "x" * 43, "x" * 100_000])
def test_an_unknown_link_or_session_opens_nothing(
    book: SessionBook, people: list[Identity], guess: str | None
) -> None:
    book.issue_link(people[0])
    assert book.find(guess) is None
    assert book.remembered(guess) is None
    if guess is not None:
        assert book.redeem(guess) is None
        assert book.issued_to(guess) is None


def test_a_link_is_no_session_and_a_session_no_link(book: SessionBook, people: list[Identity]) -> None:
    link = book.issue_link(people[0])
    assert book.find(link) is None
    assert book.redeem(enter(book, people[0])) is None


def test_links_of_several_people_are_kept_apart(book: SessionBook, people: list[Identity]) -> None:
    found = [book.find(enter(book, identity)) for identity in people]
    assert [one.identity.name for one in found if one] == ["Asha", "Bina"]


def test_one_link_waits_for_a_person_until_it_is_opened(book: SessionBook, people: list[Identity]) -> None:
    asha, bina = people
    link = book.issue_if_none_waits(asha)
    assert link is not None
    assert book.issue_if_none_waits(asha) is None
    assert book.issue_if_none_waits(bina) is not None
    assert book.redeem(link) is not None
    assert book.issue_if_none_waits(asha) is not None


def test_of_many_who_open_a_used_link_at_once_one_gets_a_new_one(
    book: SessionBook, people: list[Identity]
) -> None:
    with ThreadPoolExecutor(8) as threads:
        secrets = list(threads.map(lambda _: book.issue_if_none_waits(people[0]), range(64)))
    assert len([secret for secret in secrets if secret]) == 1


# ---- time


def test_a_session_ends_when_nothing_was_done(
    book: SessionBook, people: list[Identity], clock: Clock
) -> None:
    secret = enter(book, people[0])
    clock.wait(IDLE_S - 1)
    assert book.find(secret) is not None
    clock.wait(1)
    assert book.find(secret) is None
    book.note_activity(secret)  # too late
    assert book.find(secret) is None


def test_work_keeps_a_session_until_its_absolute_end(
    book: SessionBook, people: list[Identity], clock: Clock
) -> None:
    secret = enter(book, people[0])
    for _ in range(int(MAX_S // 600) - 1):
        clock.wait(600)
        assert book.find(secret) is not None
        book.note_activity(secret)
    clock.wait(599)
    assert book.find(secret) is not None
    book.note_activity(secret)
    clock.wait(1)
    assert book.find(secret) is None


def test_a_clock_put_back_makes_no_session_longer(
    book: SessionBook, people: list[Identity], clock: Clock
) -> None:
    secret = enter(book, people[0])
    clock.wait(-60)
    assert book.find(secret) is not None
    clock.wait(-30 * 86_400)
    assert book.remembered(secret, stale_s=1e9) is None
    assert book.find(secret) is None


def test_only_a_beat_with_somebody_there_is_a_sign_of_life() -> None:
    assert is_sign_of_life("decide", {})
    assert is_sign_of_life("heartbeat", {"is_active": True})
    for payload in ({}, {"is_active": False}, {"is_active": "true"}, {"is_active": 1}):
        assert not is_sign_of_life("heartbeat", payload)


def test_a_page_left_open_signs_its_person_out(hall: DeskHall) -> None:
    asha = hall.sit_down("Asha")
    shown = asha.open()
    beat = {"case_id": shown["record"]["case_id"], "seen_review_id": 0, "also": [], "is_active": False}
    states = []
    for _ in range(17):
        hall.clock.wait(60)
        states.append(asha.ask("heartbeat", **beat)["state"])
    assert states[-1] == "signed_out"
    assert "signed_out" not in states[:13]


# ---- the database


def test_a_restart_of_the_server_keeps_people_signed_in(
    book: SessionBook, counted: CountedDatabase, people: list[Identity], clock: Clock
) -> None:
    secret = enter(book, people[0])
    after = SessionBook(counted, clock=clock, now=clock.wall)
    found = after.find(secret)
    assert found is not None
    assert found.identity == people[0]
    assert found.opened_at_s == {}


def test_signing_out_ends_a_session_for_every_server_at_once(
    book: SessionBook, counted: CountedDatabase, people: list[Identity], clock: Clock
) -> None:
    secret, other = enter(book, people[0]), enter(book, people[0])
    book.find(secret)
    book.end(secret)
    assert book.find(secret) is None
    assert book.remembered(secret) is None
    assert SessionBook(counted, clock=clock, now=clock.wall).find(secret) is None
    assert book.find(other) is not None
    book.end(None)


def test_a_change_of_role_by_another_program_ends_sessions_within_a_second(
    hall: DeskHall,
) -> None:
    asha, bina = hall.sit_down("Asha"), hall.sit_down("Bina")
    assert asha.open()["state"] == "record"
    bina.open()
    with hall.desk.database.write() as session:
        user = session.get_one(User, asha.annotator_id)
        change_role(session, user=user, role=Role.RESEARCHER, actor="test", now=hall.clock.wall())
    hall.clock.wait(RECHECK_S)
    assert asha.ask("open_next")["state"] == "signed_out"
    assert bina.ask("open_next")["state"] == "record"
    again = hall.sit_down("Asha")
    assert again.ask("open_next")["state"] == "refused"  # a researcher has no desk
    with hall.desk.database.write() as session:
        disable_user(
            session, user=session.get_one(User, bina.annotator_id), actor="test", now=hall.clock.wall()
        )
    hall.clock.wait(RECHECK_S)
    assert bina.ask("open_next")["state"] == "signed_out"


def test_a_new_session_takes_the_place_of_the_one_before(book: SessionBook, people: list[Identity]) -> None:
    first = enter(book, people[0])
    second = book.open(people[1], instead_of=first)
    assert second != first
    assert book.find(first) is None
    found = book.find(second)
    assert found is not None
    assert found.identity == people[1]


def test_asking_often_asks_the_database_seldom(
    book: SessionBook, counted: CountedDatabase, people: list[Identity], clock: Clock
) -> None:
    secret = enter(book, people[0])
    counted.reads = counted.writes = 0
    for _ in range(100):
        assert book.find(secret) is not None
        book.note_activity(secret)
    assert (counted.reads, counted.writes) == (1, 0)
    for _ in range(60):
        clock.wait(1)
        book.find(secret)
        book.note_activity(secret)
    assert counted.reads == 61
    assert counted.writes == 4  # one in a quarter of a minute


def test_a_guess_is_never_remembered(
    book: SessionBook, counted: CountedDatabase, people: list[Identity]
) -> None:
    enter(book, people[0])
    for number in range(50):
        assert book.find(f"{number:043d}") is None
    assert len(book._known) == 0


def test_what_was_on_screen_when_is_kept_with_its_session(
    book: SessionBook, people: list[Identity], clock: Clock
) -> None:
    secret = enter(book, people[0])
    session = book.find(secret)
    assert session is not None
    session.opened_at_s[7] = clock()
    clock.wait(5)
    assert book.find(secret) is session
    assert session.expires_at == clock.wall() + timedelta(seconds=MAX_S - 5)
