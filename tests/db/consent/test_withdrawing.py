"""A patient withdraws: everything of them goes, everything of others stays, and the log still holds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from db_rows import World, rebuild_queue, sha256_of
from desk_work import NOW, RULES, Work
from one_patient import (
    MARK,
    OTHERS,
    PATIENT,
    audited,
    files_holding,
    fill,
    force,
    leave_traces,
    newest_review,
    pragma,
    rows_left,
    rows_of,
)
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col, select

from db.consent.noted import noted_withdrawals
from db.consent.patients import give_consent_again, is_withdrawn, still_here
from db.consent.removing import TABLES, TakenOut, withdraw_consent, withdraw_noted
from db.errors import EchoDeskError
from db.events import CONSENT_WITHDRAWN, verify_database
from db.quality.audit import newest_audit
from db.quality.audit_samples import labels_at_draw
from db.quality.newest import newest_rows
from db.store.engine import Database, open_database
from db.store.images import ImageStore
from db.store.scrub import scrub
from db.tables.cases import CaseImage
from db.tables.drafts import Draft
from db.tables.events import Event
from db.tables.queue import QueueItem
from db.workspace import Workspace


def withdraw(database: Database, workspace: Workspace, patient: str = PATIENT) -> TakenOut:
    return withdraw_consent(database, workspace, patient_key=patient, actor="lead", now=NOW)


@pytest.fixture
def theirs(database: Database, workspace: Workspace) -> list[int]:
    """The numbers of the patient's records."""
    return fill(database, workspace)


def test_every_table_has_something_of_the_patient_before(database: Database, theirs: list[int]) -> None:
    found = rows_of(database, theirs)
    assert {table: count for table, count in found.items() if not count} == {}
    assert set(audited(database)) & set(theirs)


def test_no_table_that_refers_to_a_record_is_forgotten() -> None:
    """Whatever refers to a row that goes, however many steps away, goes before it."""
    names = [str(model.__tablename__) for model in TABLES]
    for table in SQLModel.metadata.tables.values():
        for key in table.foreign_keys:
            parent = key.column.table.name
            if parent in names:
                assert table.name in names, table.name
                assert names.index(table.name) < names.index(parent), table.name


def test_nothing_of_them_is_left_and_everything_of_others(
    database: Database, workspace: Workspace, theirs: list[int]
) -> None:
    before, of_them = rows_left(database), rows_of(database, theirs)
    gone = withdraw(database, workspace)
    assert set(rows_of(database, theirs).values()) == {0}
    after = rows_left(database)
    for table, count in of_them.items():
        assert after[table] == before[table] - count, table
    assert (after["case_record"], after["near_duplicate"]) == (OTHERS, 0)
    assert gone.holdings.counts["record"] == 2
    assert (gone.is_new, gone.missing, len(gone.holdings.pictures), len(gone.holdings.shared)) == (
        True,
        0,
        4,
        1,
    )
    with database.write() as session:
        items = session.exec(select(QueueItem).order_by(col(QueueItem.case_id))).all()
        queue = [item.model_dump(exclude={"id"}) for item in items]
        rebuild_queue(session, rules=RULES)
        again = session.exec(select(QueueItem).order_by(col(QueueItem.case_id))).all()
        assert [item.model_dump(exclude={"id"}) for item in again] == queue


def test_their_pictures_go_and_one_that_another_patient_has_stays(
    database: Database, workspace: Workspace, theirs: list[int]
) -> None:
    del theirs
    store = ImageStore(workspace.images)
    gone = withdraw(database, workspace).holdings
    for name in gone.pictures:
        assert not store.path(name).exists()
        assert store.words(name) is None
    assert gone.shared == (sha256_of("report 1"),)
    assert store.path(gone.shared[0]).exists()
    with database.read() as session:
        left = set(session.exec(select(CaseImage.image_sha256)))
    assert all(store.path(name).exists() for name in left)


def test_no_word_of_them_is_left_in_any_file(
    database: Database, workspace: Workspace, theirs: list[int]
) -> None:
    del theirs
    assert files_holding(database, workspace, MARK)
    withdraw(database, workspace)
    scrub(database, TABLES)
    assert files_holding(database, workspace, MARK) == []
    assert verify_database(database).reason == ""


def test_what_earlier_rows_left_in_free_pages_goes_as_well(sqlite_workspace: Workspace) -> None:
    """Unsent answers are written over and deleted all day; not every SQLite wipes what it frees."""
    database = open_database(sqlite_workspace)
    theirs = fill(database, sqlite_workspace)
    scrub(database, TABLES)
    leave_traces(sqlite_workspace, theirs[0], "Hyacinthwords")
    withdraw(database, sqlite_workspace)
    assert files_holding(database, sqlite_workspace, "Hyacinthwords")
    scrub(database, TABLES)
    assert files_holding(database, sqlite_workspace, "Hyacinthwords") == []
    assert files_holding(database, sqlite_workspace, MARK) == []
    assert pragma(sqlite_workspace, "freelist_count") == 0
    database.close()


def test_the_log_says_so_without_who_it_was(
    database: Database, workspace: Workspace, theirs: list[int]
) -> None:
    count = verify_database(database).events
    withdraw(database, workspace)
    chain = verify_database(database)
    assert (chain.events, chain.bad_id, chain.reason) == (count + 1, None, "")
    with database.read() as session:
        (event,) = session.exec(select(Event).where(Event.kind == CONSENT_WITHDRAWN))
    assert (event.actor, event.subject, event.payload["cases"]) == ("lead", "patients", theirs)
    assert PATIENT not in str(event.model_dump())
    assert all(len(digest) == 64 for digest in event.payload["rows"].values())


def test_doing_it_again_changes_nothing(database: Database, workspace: Workspace, theirs: list[int]) -> None:
    del theirs
    withdraw(database, workspace)
    head, noted = verify_database(database).head, workspace.withdrawn_file.read_bytes()
    again = withdraw(database, workspace)
    assert (again.is_new, again.holdings.cases) == (False, ())
    assert (verify_database(database).head, workspace.withdrawn_file.read_bytes()) == (head, noted)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("DELETE FROM review WHERE id = 1", "review 1 is in the log and not in the table"),
        ("DELETE FROM draft WHERE id = 9", "draft 9 is in the log and not in the table"),
        (
            "DELETE FROM audit_item WHERE case_id = {audited}",
            "audit_sample 1 has other records",
        ),
    ],
)
def test_a_row_that_is_gone_without_such_an_event_is_still_found(
    database: Database, workspace: Workspace, theirs: list[int], statement: str, reason: str
) -> None:
    withdraw(database, workspace)
    left = next(number for number in audited(database) if number not in theirs)
    force(
        database,
        "DELETE FROM queue_item",
        *(["DELETE FROM audit_item"] if "review" in statement else []),
        statement.format(audited=left),
    )
    assert verify_database(database).reason.startswith(reason)


def test_a_row_that_was_changed_before_it_went_is_still_found(
    database: Database, workspace: Workspace, theirs: list[int]
) -> None:
    with database.read() as session:
        number = session.exec(select(Draft.id).where(Draft.case_id == theirs[0])).one()
    force(database, "UPDATE draft SET pah = 'severe' WHERE id = (SELECT max(id) - 1 FROM draft)")
    withdraw(database, workspace)
    chain = verify_database(database)
    assert chain.reason.endswith(f"took out draft {number}, which was not stored like that")


def test_only_rows_of_a_record_that_was_taken_out_may_be_deleted(
    database: Database, workspace: Workspace, theirs: list[int]
) -> None:
    withdraw(database, workspace)
    for table in ("review", "draft", "withdrawn_case"):
        with pytest.raises(IntegrityError, match="append-only"), database.write() as session:
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of this file
    with pytest.raises(IntegrityError, match="append-only"), database.write() as session:
        session.execute(text("UPDATE withdrawn_case SET case_id = 1 WHERE case_id = :id"), {"id": theirs[0]})


def test_numbers_are_never_given_again(
    world: World, database: Database, workspace: Workspace, theirs: list[int]
) -> None:
    """Rows of the newest record go; who still has its page open must not decide about another patient."""
    newest = newest_review(database)
    withdraw(database, workspace)
    assert min(world.cases(1, prefix="later")) > max(theirs)
    with database.write() as session:
        work = Work(session, NOW.replace(year=2027))
        work.made = 500
        review = work.decide(work.case(), "gil")
        assert review.draft_id is None
    assert newest_review(database) > newest


def test_a_draw_can_still_be_proved_and_counts_what_is_left(
    database: Database, workspace: Workspace, theirs: list[int]
) -> None:
    with database.read() as session:
        before = labels_at_draw(session, sample_id=1)
        report = newest_audit(session, ef_tolerance_points=2)
        stamp = newest_rows(session)
    assert before is not None
    assert report is not None
    drawn = len([number for number in audited(database) if number in theirs])
    withdraw(database, workspace)
    with database.read() as session:
        after = labels_at_draw(session, sample_id=1)
        now = newest_audit(session, ef_tolerance_points=2)
        assert newest_rows(session) != stamp
    assert after is not None
    assert now is not None
    assert after.labels == before.labels
    assert {case for case, _ in after.taken_out} == set(theirs)
    assert (now.population, now.size) == (report.population - 2, report.size - drawn)


def test_everybody_can_withdraw_and_an_audit_says_nothing_then(
    database: Database, workspace: Workspace
) -> None:
    with database.write() as session:
        work = Work(session, NOW)
        for _ in range(2):
            work.decide(work.case(), "ana")
        work.audit(2)
    with database.read() as session:
        patients = list(session.execute(text("SELECT patient_key FROM case_record")).scalars())
    for patient in patients:
        withdraw(database, workspace, patient)
    with database.read() as session:
        report = newest_audit(session, ef_tolerance_points=2)
    assert report is not None
    assert (report.population, report.size, report.read, report.fields) == (0, 0, 0, ())
    assert verify_database(database).reason == ""


def test_consent_can_be_given_again(database: Database, workspace: Workspace, theirs: list[int]) -> None:
    del theirs

    def again() -> bool:
        return give_consent_again(database, workspace, patient_key=PATIENT, actor="lead", now=NOW)

    assert not again()
    withdraw(database, workspace)
    with database.read() as session:
        assert is_withdrawn(session, patient_key=PATIENT)
    assert again()
    assert not again()
    with database.read() as session:
        assert not is_withdrawn(session, patient_key=PATIENT)
        assert still_here(session, workspace) == []
    assert noted_withdrawals(workspace.withdrawn_file) == {}
    assert verify_database(database).reason == ""


def test_somebody_can_withdraw_before_anything_of_them_is_here(
    database: Database, workspace: Workspace
) -> None:
    gone = withdraw(database, workspace)
    assert (gone.is_new, gone.holdings.cases) == (True, ())
    with database.read() as session:
        assert is_withdrawn(session, patient_key=PATIENT)
    assert verify_database(database).events == 1


class Killed(BaseException):
    """The end of the program, wherever it is."""


@pytest.mark.parametrize("at", ["picture 1", "picture 3", "event", "commit"])
def test_killed_anywhere_and_done_again_the_end_is_the_same(
    database: Database, workspace: Workspace, theirs: list[int], at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killing(function: Callable[..., Any], turn: int) -> Callable[..., Any]:
        turns = iter(range(1, 99))

        def stand_in(*given: Any, **named: Any) -> Any:
            if next(turns) == turn:
                raise Killed
            return function(*given, **named)

        return stand_in

    with monkeypatch.context() as killer, pytest.raises(Killed):
        if at == "event":
            killer.setattr("db.consent.removing.append_event", killing(lambda: None, 1))
        elif at == "commit":
            killer.setattr("sqlalchemy.engine.Transaction.commit", killing(lambda: None, 1))
        else:
            killer.setattr(ImageStore, "remove", killing(ImageStore.remove, int(at[-1])))
        withdraw(database, workspace)
    with database.read() as session:
        assert still_here(session, workspace) == [PATIENT]
    assert verify_database(database).reason == ""
    assert withdraw_noted(database, workspace, actor="lead", now=NOW) == [PATIENT]
    assert set(rows_of(database, theirs).values()) == {0}
    with database.read() as session:
        assert still_here(session, workspace) == []
    assert verify_database(database).reason == ""


def test_decisions_of_others_meanwhile_are_all_kept(
    database: Database, workspace: Workspace, theirs: list[int]
) -> None:
    """One thread decides and drafts while another takes out; nobody loses anything, nothing hangs."""
    del theirs
    stop, faults, made = threading.Event(), list[BaseException](), list[int]()

    def decide() -> None:
        try:
            while not stop.is_set():
                with database.write() as session:
                    work = Work(session, NOW.replace(year=2028))
                    work.made = 10_000 + 10 * len(made)
                    made.append(int(work.decide(work.case(), f"p{len(made)}").id or 0))
        except BaseException as error:  # noqa: BLE001 - told below
            faults.append(error)

    thread = threading.Thread(target=decide)
    thread.start()
    while not made and thread.is_alive():
        pass
    withdraw(database, workspace)
    scrub(database, TABLES)
    stop.set()
    thread.join()
    assert faults == []
    with database.read() as session:
        stored = set(session.execute(text("SELECT id FROM review")).scalars())
    assert set(made) <= stored
    assert verify_database(database).reason == ""


def test_a_list_that_cannot_be_written_stops_everything(
    database: Database, workspace: Workspace, theirs: list[int]
) -> None:
    before = rows_left(database)
    workspace.withdrawn_file.mkdir()
    with pytest.raises(EchoDeskError, match="withdrawn.txt"):
        withdraw(database, workspace)
    assert rows_left(database) == before
    assert Path(workspace.withdrawn_file).is_dir()
    assert theirs
