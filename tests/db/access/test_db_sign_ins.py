"""Sessions of the desk in the database, and how long wrong passwords have to wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from db_rows import World
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from db.access.sign_in_failures import BY_ADDRESS, BY_NAME, failure_key, forget_old, forgive, take_try
from db.access.sign_ins import (
    SignIn,
    end_sign_in,
    end_sign_ins_of,
    find_sign_in,
    note_seen,
    open_sign_in,
    secret_digest,
)
from db.decisions import Role
from db.store.engine import Database
from db.tables.people import DeskSignIn, SignInFailure, User

IDLE_S, MAX_S = 900.0, 43_200.0


def sign_in(database: Database, secret: str, person: int, now: datetime) -> None:
    with database.write() as session:
        open_sign_in(session, secret=secret, annotator_id=person, max_age_s=MAX_S, now=now)


def find(database: Database, secret: str, now: datetime) -> SignIn | None:
    with database.read() as session:
        return find_sign_in(session, secret=secret, idle_s=IDLE_S, now=now)


def seen(database: Database, secret: str, now: datetime) -> None:
    with database.write() as session:
        note_seen(session, secret=secret, now=now)


def test_a_session_is_found_by_its_secret_and_only_its_hash_is_stored(
    world: World, database: Database, now: datetime
) -> None:
    ana = world.user("ana")
    sign_in(database, "the secret", ana, now)
    found = find(database, "the secret", now)
    assert found is not None
    assert (found.annotator_id, found.name, found.role) == (ana, "ana", Role.ANNOTATOR)
    assert found.expires_at == now + timedelta(seconds=MAX_S)
    with database.read() as session:
        (row,) = session.exec(select(DeskSignIn)).all()
    assert row.secret_sha256 == secret_digest("the secret")
    assert "the secret" not in str(row)
    for guess in ("", "the secre", row.secret_sha256, "\udcff", "x" * 10_000):
        assert find(database, guess, now) is None


def test_a_session_ends_when_nothing_was_done_for_a_while(
    world: World, database: Database, now: datetime
) -> None:
    sign_in(database, "s", world.user(), now)
    assert find(database, "s", now + timedelta(seconds=IDLE_S - 1)) is not None
    assert find(database, "s", now + timedelta(seconds=IDLE_S)) is None
    seen(database, "s", now + timedelta(seconds=600))
    assert find(database, "s", now + timedelta(seconds=600 + IDLE_S - 1)) is not None
    seen(database, "s", now)  # an older sign of life takes nothing back
    assert find(database, "s", now + timedelta(seconds=600 + IDLE_S - 1)) is not None


def test_a_session_ends_after_its_absolute_time_however_busy(
    world: World, database: Database, now: datetime
) -> None:
    sign_in(database, "s", world.user(), now)
    late = now + timedelta(seconds=MAX_S - 1)
    seen(database, "s", late)
    assert find(database, "s", late) is not None
    seen(database, "s", now + timedelta(seconds=MAX_S))
    assert find(database, "s", now + timedelta(seconds=MAX_S)) is None


def test_a_revoked_session_stays_ended(world: World, database: Database, now: datetime) -> None:
    ana, ben = world.user("ana"), world.user("ben")
    for secret, person in (("a1", ana), ("a2", ana), ("b", ben)):
        sign_in(database, secret, person, now)
    with database.write() as session:
        assert end_sign_in(session, secret="a1", now=now)
        assert not end_sign_in(session, secret="a1", now=now)
        assert not end_sign_in(session, secret="unknown", now=now)
    seen(database, "a1", now + timedelta(seconds=5))
    assert [find(database, secret, now) is not None for secret in ("a1", "a2", "b")] == [False, True, True]
    with database.write() as session:
        assert end_sign_ins_of(session, annotator_id=ana, now=now) == 1
    assert [find(database, secret, now) is not None for secret in ("a1", "a2", "b")] == [False, False, True]


def test_a_disabled_person_has_no_session_even_where_none_was_ended(
    world: World, database: Database, now: datetime
) -> None:
    ana = world.user()
    sign_in(database, "s", ana, now)
    with database.write() as session:
        session.get_one(User, ana).is_active = False
    assert find(database, "s", now) is None


# ---- wrong passwords


def try_once(database: Database, key: str, now: datetime, rule: object = BY_NAME) -> float:
    with database.write() as session:
        return take_try(session, keys={key: rule}, now=now)  # type: ignore[dict-item]


def test_waiting_doubles_after_the_free_tries_up_to_a_cap() -> None:
    assert [BY_NAME.wait_s(failures) for failures in (0, 3, 4, 5, 6, 11, 12, 10**6)] == [
        0,
        0,
        2,
        4,
        8,
        256,
        300,
        300,
    ]
    assert BY_ADDRESS.wait_s(19) == 0
    assert BY_ADDRESS.wait_s(20) == 2


@given(st.integers(min_value=0, max_value=10_000))
def test_more_failures_never_wait_less(failures: int) -> None:
    assert BY_NAME.wait_s(failures) <= BY_NAME.wait_s(failures + 1) <= BY_NAME.cap_s


def test_a_name_waits_after_wrong_tries_also_over_a_restart(database: Database, now: datetime) -> None:
    key = failure_key(b"k", "name", "asha")
    assert [try_once(database, key, now) for _ in range(4)] == [0, 0, 0, 0]
    assert (
        try_once(database, key, now) == 2
    )  # all that is known stands in the database: a restart changes nothing
    assert try_once(database, key, now + timedelta(seconds=1)) == 1
    assert try_once(database, failure_key(b"k", "name", "bina"), now) == 0
    assert try_once(database, key, now + timedelta(seconds=2)) == 0
    assert try_once(database, key, now + timedelta(seconds=2)) == 4


def test_a_clock_put_back_keeps_nobody_waiting_for_longer_than_the_cap(
    database: Database, now: datetime
) -> None:
    key = failure_key(b"k", "name", "asha")
    ahead = now + timedelta(days=30)
    for _ in range(5):
        try_once(database, key, ahead)
    assert try_once(database, key, now) == 2
    assert try_once(database, key, now + timedelta(seconds=1)) == 1
    assert try_once(database, key, now + timedelta(seconds=2)) == 0
    assert try_once(database, key, now + timedelta(seconds=2)) == 4  # nothing was forgiven


def test_a_session_opened_while_the_clock_was_ahead_ends_when_it_is_put_right(
    world: World, database: Database, now: datetime
) -> None:
    ana = world.user("ana")
    sign_in(database, "ahead", ana, now + timedelta(days=30))
    assert find(database, "ahead", now) is None
    sign_in(database, "of another desk", ana, now + timedelta(seconds=30))
    assert find(database, "of another desk", now) is not None


def test_a_try_that_has_to_wait_is_not_counted(database: Database, now: datetime) -> None:
    key = failure_key(b"k", "name", "asha")
    for _ in range(50):
        try_once(database, key, now)
    with database.read() as session:
        assert session.get_one(SignInFailure, key).failures == 4


def test_many_tries_at_once_count_as_many(database: Database, now: datetime) -> None:
    key = failure_key(b"k", "name", "asha")
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: try_once(database, key, now), range(24)))
    assert waits.count(0) == 4


def test_a_right_password_clears_the_name_and_gives_the_address_one_try_back(
    database: Database, now: datetime
) -> None:
    name, address = failure_key(b"k", "name", "asha"), failure_key(b"k", "address", "10.0.0.9")
    for _ in range(3):
        with database.write() as session:
            take_try(session, keys={name: BY_NAME, address: BY_ADDRESS}, now=now)
    with database.write() as session:
        forgive(session, key=name, is_all=True, now=now)
        forgive(session, key=address, is_all=False, now=now)
        forgive(session, key="f" * 64, is_all=True, now=now)
    with database.read() as session:
        assert [session.get_one(SignInFailure, key).failures for key in (name, address)] == [0, 2]


def test_everything_is_forgiven_after_a_day(database: Database, now: datetime) -> None:
    key = failure_key(b"k", "name", "asha")
    for _ in range(4):
        try_once(database, key, now)
    later = now + timedelta(seconds=BY_NAME.forget_s + 1)
    assert [try_once(database, key, later) for _ in range(4)] == [0, 0, 0, 0]
    with database.write() as session:
        forget_old(session, now=later)
        assert session.get(SignInFailure, key) is not None
        forget_old(session, now=later + timedelta(days=2))
    with database.read() as session:
        assert session.get(SignInFailure, key) is None


@pytest.mark.parametrize("value", ["asha", "hunter2 typed as a name", "\ud800"])
def test_names_and_addresses_are_kept_as_keyed_hashes(value: str) -> None:
    key = failure_key(b"k", "name", value)
    assert len(key) == 64
    assert key != failure_key(b"other", "name", value)
    assert key != failure_key(b"k", "address", value)
