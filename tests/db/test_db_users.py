"""People come, change and go, and every step is written down."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from db.access.passwords import MIN_LENGTH, hash_password, is_right_password
from db.access.sign_ins import find_sign_in, open_sign_in
from db.decisions import Role
from db.errors import EchoDeskError
from db.events import verify_chain
from db.store.engine import Database
from db.tables.events import Event
from db.tables.people import User
from db.users import (
    add_user,
    change_role,
    disable_user,
    enable_user,
    ensure_local_user,
    has_password_user,
    list_users,
    set_password_hash,
    tidy_name,
    user_named,
)

A_HASH = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo"


def add(database: Database, now: datetime, name: str = "Asha", **options: object) -> User:
    with database.write() as session:
        return add_user(session, name=name, actor="test", now=now, **{"role": Role.ANNOTATOR, **options})


def events(database: Database) -> list[tuple[str, str, dict[str, object]]]:
    with database.read() as session:
        assert verify_chain(session).bad_id is None
        return [
            (event.kind, event.subject, event.payload)
            for event in session.exec(select(Event).order_by(col(Event.id)))
        ]


def test_a_person_is_added_once_and_it_is_written_down(database: Database, now: datetime) -> None:
    asha = add(database, now, role=Role.ADJUDICATOR)
    for same in ("Asha", "ASHA", "  asha "):
        with pytest.raises(EchoDeskError, match="already a person"):
            add(database, now, same)
    assert events(database) == [("user_added", f"user:{asha.id}", {"role": "adjudicator"})]


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b", "a\u202eb", "\x1b[2J"])
def test_a_name_that_cannot_be_seen_is_refused(name: str) -> None:
    with pytest.raises(EchoDeskError):
        tidy_name(name)


def test_one_name_has_one_spelling() -> None:
    assert tidy_name("  Ame\u0301lie   Roy\t") == "Am\u00e9lie Roy"


def test_the_local_person_is_made_once_and_keeps_their_role(database: Database, now: datetime) -> None:
    with database.write() as session:
        first = ensure_local_user(session, role=Role.LEAD, now=now)
        again = ensure_local_user(session, role=Role.ANNOTATOR, now=now)
    assert (first.id, again.role) == (again.id, "lead")
    assert len(events(database)) == 1


def test_every_change_ends_the_persons_sign_ins_and_is_written_down(
    database: Database, now: datetime
) -> None:
    asha, bina = add(database, now), add(database, now, "Bina")

    def live(secret: str) -> bool:
        with database.read() as session:
            return (
                find_sign_in(session, secret=secret, idle_s=900, now=now + timedelta(seconds=1)) is not None
            )

    def sign_in(secret: str, user: User) -> None:
        with database.write() as session:
            open_sign_in(session, secret=secret, annotator_id=int(user.id or 0), max_age_s=3600, now=now)

    sign_in("bina", bina)
    changes = [
        lambda session, user: change_role(session, user=user, role=Role.LEAD, actor="test", now=now),
        lambda session, user: set_password_hash(
            session, user=user, password_hash=A_HASH, actor="test", now=now
        ),
        lambda session, user: disable_user(session, user=user, actor="test", now=now),
        lambda session, user: enable_user(session, user=user, actor="test", now=now),
    ]
    for number, change in enumerate(changes):
        sign_in(f"asha {number}", asha)
        with database.write() as session:
            change(session, session.get_one(User, asha.id))
        assert not live(f"asha {number}")
    assert live("bina")
    told = [(kind, payload) for kind, _, payload in events(database) if kind.startswith("user_")]
    assert told[2:] == [
        ("user_role_changed", {"from": "annotator", "to": "lead", "sign_ins_ended": 1}),
        ("user_password_set", {"sign_ins_ended": 1}),
        ("user_disabled", {"sign_ins_ended": 1}),
        ("user_enabled", {"sign_ins_ended": 1}),
    ]
    assert A_HASH not in str(events(database))


def test_a_change_to_what_is_so_already_changes_nothing(database: Database, now: datetime) -> None:
    asha = add(database, now)
    with database.write() as session:
        user = session.get_one(User, asha.id)
        assert not change_role(session, user=user, role=Role.ANNOTATOR, actor="test", now=now)
        assert not enable_user(session, user=user, actor="test", now=now)
        assert disable_user(session, user=user, actor="test", now=now)
        assert not disable_user(session, user=user, actor="test", now=now)
    assert [kind for kind, _, _ in events(database)] == ["user_added", "user_disabled"]


@pytest.mark.parametrize("stored", ["", "secret in plain letters", "$argon2i$v=19$m=8", "$2b$12$abc"])
def test_only_an_argon2id_hash_is_stored(database: Database, now: datetime, stored: str) -> None:
    asha = add(database, now)
    with pytest.raises(EchoDeskError), database.write() as session:
        set_password_hash(
            session, user=session.get_one(User, asha.id), password_hash=stored, actor="test", now=now
        )


def test_somebody_with_a_password_counts_only_while_they_may_come_in(
    database: Database, now: datetime
) -> None:
    def counted() -> bool:
        with database.read() as session:
            return has_password_user(session)

    add(database, now, "Local")
    assert not counted()
    bina = add(database, now, "Bina", password_hash=A_HASH)
    assert counted()
    with database.write() as session:
        disable_user(session, user=session.get_one(User, bina.id), actor="test", now=now)
    assert not counted()


def test_people_are_found_by_their_exact_name(database: Database, now: datetime) -> None:
    add(database, now, "Bina")
    add(database, now, "Asha")
    with database.read() as session:
        assert [user.name for user in list_users(session)] == ["Asha", "Bina"]
        assert user_named(session, name="Asha") is not None
        assert user_named(session, name="asha") is None


# ---- passwords


@pytest.mark.parametrize(
    "password", ["", "short", "x" * (MIN_LENGTH - 1), "aaaaaaaaaaaaaaaa", "abababababab", "y" * 300]
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(EchoDeskError):
        hash_password(password)


def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own() -> None:
    first, second = hash_password("correct horse battery"), hash_password("correct horse battery")
    assert first.startswith("$argon2id$")
    assert first != second
    assert is_right_password("correct horse battery", first)
    assert not is_right_password("correct horse batterz", first)


@pytest.mark.parametrize("stored", [None, "", "plain", "$argon2id$broken", "$2b$12$abcdefghijklmnopqrstuv"])
def test_without_a_usable_hash_no_password_is_right(stored: str | None) -> None:
    for password in ("", "plain", "correct horse battery", "z" * 5000):
        assert not is_right_password(password, stored)
