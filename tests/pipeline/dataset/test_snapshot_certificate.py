"""The bound on the errors of a snapshot's rows: exact, for these rows, and refused where it would mean
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bulk_labels import NOW, fill_workspace, findings_of
from sqlmodel import Session, select

from db.quality.audit import audit_reports
from db.quality.audit_samples import draw_sample, labels_at_draw
from db.quality.certificate import certificate
from db.store.engine import Database, open_database
from db.tables.audits import AuditItem, AuditSample
from db.tables.people import User
from db.tables.reviews import Review
from db.workspace import Workspace
from pipeline.dataset.records import Collected
from pipeline.dataset.snapshot import collect

RECORDS = 500
AUDITOR = 9


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with five hundred labels and somebody to read them again."""
    folder = tmp_path_factory.mktemp("certificate") / "space"
    fill_workspace(Workspace(workspace=folder, database_url=""), RECORDS, with_log=True)
    return folder


@pytest.fixture
def database(filled: Path, tmp_path: Path) -> Iterator[Database]:
    """A copy of its database."""
    (tmp_path / "space").mkdir()
    (tmp_path / "space/echodesk.db").write_bytes((filled / "echodesk.db").read_bytes())
    opened = open_database(Workspace(workspace=tmp_path / "space", database_url=""))
    with opened.write() as session:
        session.add(User(id=AUDITOR, name="auditor", created_at=NOW))
    yield opened
    opened.close()


def drawn(session: Session, size: int, name: str = "one") -> list[int]:
    """Draw a sample; the cases."""
    sample = draw_sample(session, size=size, seed=7, name=name, drawn_by="lead", now=NOW)
    items = session.exec(select(AuditItem).where(AuditItem.sample_id == sample.id)).all()
    return sorted(item.case_id for item in items)


def reading(session: Session, case_id: int, purpose: str, sample_id: int | None, **changed: Any) -> Review:
    """One more reading of a case."""
    given: dict[str, Any] = {
        "case_id": case_id,
        "draft_id": case_id,
        "annotator_id": AUDITOR,
        "decision": "accept",
        "active_s": 5.0,
        "request_id": f"{purpose}-{sample_id}-{case_id}-{changed.get('annotator_id', AUDITOR)}",
        "codebook_version": "1",
        "created_at": NOW,
        "purpose": purpose,
        "arm": "hidden" if purpose == "audit" else None,
        "sample_id": sample_id,
        **findings_of(case_id),
        **changed,
    }
    review = Review(**given)
    session.add(review)
    session.flush()
    return review


def read_all(
    session: Session, cases: list[int], sample_id: int = 1, wrong: dict[int, dict[str, Any]] | None = None
) -> None:
    for case in cases:
        reading(session, case, "audit", sample_id, **(wrong or {}).get(case, {}))


def certified(database: Database, chosen: Collected | None = None) -> dict[str, Any]:
    with database.read() as session:
        told = certificate(session, (chosen or collect(session)).rows, ef_tolerance_points=2.0)
    json.dumps(told, allow_nan=False)
    return told


def field(told: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in told["fields"] if one["field"] == name)


@pytest.mark.parametrize(("size", "share"), [(120, 0.02), (200, 0.01), (320, 0.005)])
def test_no_error_in_so_many_of_five_hundred_leaves_at_most_that_share(
    database: Database, size: int, share: float
) -> None:
    with database.write() as session:
        read_all(session, drawn(session, size))
    told = certified(database)
    assert (told["is_certified"], told["read"], told["population"], told["not_covered"]) == (
        True,
        size,
        RECORDS,
        0,
    )
    assert len(told["fields"]) == 5
    assert all(one["errors"] == 0 and one["residual_share"] <= share for one in told["fields"])
    assert all(one["bound_share"] > share / 2 for one in told["fields"])


def test_no_sample_certifies_nothing(database: Database) -> None:
    assert certified(database) == {"is_certified": False, "reason": "no audit sample was drawn"}


def test_a_sample_that_is_not_read_to_the_end_certifies_nothing(database: Database) -> None:
    with database.write() as session:
        read_all(session, drawn(session, 50)[1:])
    assert "1 of 50 records of the newest audit sample still wait" in certified(database)["reason"]


def test_the_newest_sample_counts_so_that_nobody_can_pick(database: Database) -> None:
    with database.write() as session:
        read_all(session, drawn(session, 50))
        drawn(session, 10, name="two")
    told = certified(database)
    assert not told["is_certified"]
    assert told["sample"] == 2


def stored_sample(session: Session, cases: list[int], **more: Any) -> None:
    """A sample that the draw did not make."""
    given = {"population": RECORDS, "seed": 7, "is_random": True, "is_blind": True, **more}
    sample = AuditSample(name="odd", size=len(cases), drawn_by="lead", created_at=NOW, **given)
    session.add(sample)
    session.flush()
    session.add_all(AuditItem(sample_id=int(sample.id or 0), case_id=case, review_id=case) for case in cases)
    session.flush()
    from db.events import append_event

    append_event(
        session,
        kind="audit_sample_drawn",
        actor="lead",
        subject=f"audit_sample:{sample.id}",
        payload={},
        now=NOW,
    )
    read_all(session, cases)


@pytest.mark.parametrize(
    ("more", "reason"),
    [({"is_random": False}, "not drawn at random"), ({"is_blind": False}, "not re-read blindly")],
)
def test_a_sample_that_says_it_is_not_random_or_not_blind_certifies_nothing(
    database: Database, more: dict[str, Any], reason: str
) -> None:
    with database.write() as session:
        stored_sample(session, list(range(1, 101)), **more)
    assert reason in certified(database)["reason"]


def test_records_picked_by_hand_certify_nothing_whatever_the_sample_says(database: Database) -> None:
    with database.write() as session:
        stored_sample(session, list(range(1, 101)))
    assert "drawing the newest audit sample again" in certified(database)["reason"]


@pytest.mark.parametrize("how", ["draft in sight", "own record"])
def test_a_reading_that_was_not_blind_certifies_nothing(database: Database, how: str) -> None:
    with database.write() as session:
        cases = drawn(session, 30)
        read_all(session, cases[1:])
        first = cases[0]
        if how == "draft in sight":
            reading(session, first, "audit", 1, arm="shown")
        else:
            reading(session, first, "audit", 1, annotator_id=1 + first % 5)
    assert "not re-read blindly" in certified(database)["reason"]


OTHER_PAH = {"pah": "severe"}


def test_an_error_counts_in_its_field_and_a_ruling_for_the_label_takes_it_back(database: Database) -> None:
    with database.write() as session:
        cases = drawn(session, 30)
        read_all(session, cases, wrong={cases[0]: OTHER_PAH, cases[1]: OTHER_PAH})
    told = certified(database)
    assert (field(told, "pah")["errors"], field(told, "ef")["errors"]) == (2, 0)
    with database.write() as session:
        reading(session, cases[0], "adjudication", None)
    told = certified(database)
    assert field(told, "pah")["errors"] == 1
    assert field(told, "pah")["put_right"] == 0


def test_an_error_put_right_still_counts_in_the_bound_but_not_in_what_is_left(database: Database) -> None:
    with database.write() as session:
        cases = drawn(session, 30)
        read_all(session, cases, wrong={cases[0]: OTHER_PAH})
    before = field(certified(database), "pah")
    with database.write() as session:
        reading(session, cases[0], "adjudication", None, decision="correct", **OTHER_PAH)
    after = field(certified(database), "pah")
    assert (before["errors"], before["put_right"]) == (1, 0)
    assert (after["errors"], after["put_right"], after["bound"]) == (1, 1, before["bound"])
    assert after["residual"] == before["residual"] - 1


def test_a_label_decided_again_with_the_same_answers_is_as_it_was_drawn(database: Database) -> None:
    with database.write() as session:
        cases = drawn(session, 30)
        read_all(session, cases)
        undrawn = next(case for case in range(1, RECORDS + 1) if case not in cases)
        for case in (cases[0], undrawn):
            reading(session, case, "first", None, request_id=f"again {case}")
    told = certified(database)
    assert (told["not_covered"], told["population"], told["read"]) == (0, RECORDS, 30)


def test_a_flag_confirms_nothing(database: Database) -> None:
    with database.write() as session:
        cases = drawn(session, 30)
        read_all(session, cases, wrong={cases[0]: {"decision": "flag"}})
    assert all(one["errors"] == 1 for one in certified(database)["fields"])


@pytest.mark.parametrize(
    ("rulings", "errors"),
    [([], 2), (["upheld"], 1), (["overruled"], 2), (["upheld", "flag"], 1), (["overruled", "upheld"], 1)],
)
def test_the_quality_page_and_the_certificate_count_the_same_errors(
    database: Database, rulings: list[str], errors: int
) -> None:
    """A flag in place of a re-reading, and what an adjudicator says to it; a later flag takes no ruling
    back.
    """
    decided: dict[str, dict[str, Any]] = {"upheld": {}, "overruled": OTHER_PAH, "flag": {"decision": "flag"}}
    with database.write() as session:
        cases = drawn(session, 30)
        read_all(session, cases, wrong={cases[0]: {"decision": "flag"}, cases[1]: OTHER_PAH})
        for place, how in enumerate(rulings):
            reading(session, cases[0], "adjudication", None, request_id=f"ruling {place}", **decided[how])
    with database.read() as session:
        (report,) = audit_reports(session, ef_tolerance_points=2.0)
    (shown,) = (one for one in report.fields if one.field == "pah")
    certified_one = field(certified(database), "pah")
    assert (shown.errors, shown.read, shown.population, shown.bound) == tuple(
        certified_one[name] for name in ("errors", "read", "population", "bound")
    )
    assert shown.errors == errors


def test_leaving_corrected_records_out_does_not_hide_their_errors(database: Database) -> None:
    with database.write() as session:
        cases = drawn(session, 30)
        read_all(session, cases, wrong={cases[0]: OTHER_PAH})
    with database.read() as session:
        everything = collect(session)
    without = replace(everything, rows=[row for row in everything.rows if row.case_id != cases[0]])
    told = certified(database, without)
    assert field(told, "pah")["errors"] == 1


def test_the_bound_is_of_the_rows_that_were_drawn_from_and_frozen_as_they_were(database: Database) -> None:
    with database.write() as session:
        cases = drawn(session, 60)
        read_all(session, cases)
        undrawn = next(case for case in range(1, RECORDS + 1) if case not in cases)
        reading(session, undrawn, "first", None, decision="correct", **OTHER_PAH)
    with database.read() as session:
        everything = collect(session)
    half = replace(everything, rows=[row for row in everything.rows if row.site in ("Ward 1", "Ward 2")])
    told = certified(database, half)
    wards = {row.case_id for row in half.rows}
    assert told["read"] == len(wards & set(cases))
    assert told["population"] == len(wards - {undrawn})
    assert told["not_covered"] == len(wards & {undrawn})
    assert certified(database)["not_covered"] == 1


def test_labels_decided_or_undone_after_the_draw_are_not_among_those_it_was_drawn_from(
    database: Database,
) -> None:
    with database.write() as session:
        drawn(session, 10)
        reading(session, 1, "first", None, request_id="later")
        before = labels_at_draw(session, sample_id=1)
        assert before is not None
        assert before.labels == tuple((case, case) for case in range(1, RECORDS + 1))
        assert labels_at_draw(session, sample_id=2) is None
