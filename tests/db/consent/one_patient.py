"""A database in which one patient stands in every table that can hold them, beside others."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
from db_rows import FINDINGS, new_draft, sha256_of, stored_image
from desk_work import NOW, RULES, Work
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlmodel import Session, SQLModel, col, func, select

from db.cases import flag_near_duplicate, register_case
from db.consent.removing import TABLES
from db.decisions import Decision, ImageRole, Purpose
from db.drafts import store_draft
from db.labels import Findings, Pah
from db.queue.extraction_items import fail_item, lease_items
from db.queue.extraction_plan import plan_items
from db.queue.leases import keep_work, take_lease
from db.queue.practice import store_seed, store_seed_answer
from db.queue.sending_back import send_back
from db.reviews import record_decision
from db.store.engine import Database
from db.store.images import ImageStore
from db.tables.audits import AuditItem
from db.tables.cases import Case, CaseImage
from db.tables.drafts import Draft
from db.tables.reviews import Review
from db.workspace import Workspace

PATIENT = sha256_of("the patient")
# In quotes, notes, readers' raw text and unsent answers; nowhere else.
MARK = "Marigoldenwords"
OTHERS = 9


def fill(database: Database, workspace: Workspace) -> list[int]:
    """Nine others and the patient, with two records, in every table; the numbers of the two."""
    with database.write() as session:
        work = Work(session, NOW)
        others = [work.case() for _ in range(OTHERS)]
        for number in others[:6]:
            work.decide(number, "ana")
        theirs = [_record(session, name) for name in ("theirs", "theirs too")]
        for number in theirs:
            _decide(work, number, Decision.CORRECT, FINDINGS)
        work.undo("ana")
        work.redo("ana")
        work.audit(8, seed=3)
        work.read_twice(theirs[0])
        other = FINDINGS.model_copy(update={"pah": Pah.SEVERE})
        _decide(work, theirs[0], Decision.CORRECT, other, "ben", Purpose.SECOND)
        _decide(work, theirs[0], Decision.CORRECT, other, "cem", Purpose.ADJUDICATION)
        send_back(session, case_id=theirs[0], actor="lead", now=NOW, rules=RULES)
        _practise(work, theirs[1])
        _extract(session)
        who = work.person("dia")
        assert take_lease(session, case_id=theirs[1], annotator_id=who, now=NOW, lease_s=60)
        keep_work(session, case_id=theirs[1], annotator_id=who, work={"note": MARK})
        pictures = session.exec(select(CaseImage).where(col(CaseImage.case_id).in_((theirs[0], others[0]))))
        first = {one.case_id: one.image_sha256 for one in pictures if one.role == ImageRole.REPORT}
        flag_near_duplicate(session, image_a=first[theirs[0]], image_b=first[others[0]], distance_bits=3)
    store = ImageStore(workspace.images)
    own = {sha256_of(name) for name in ("theirs", "theirs too", "ecg of theirs", "ecg of theirs too")}
    with database.read() as session:
        for name in session.exec(select(CaseImage.image_sha256).distinct()):
            store.path(name).parent.mkdir(parents=True, exist_ok=True)
            store.path(name).write_bytes(b"picture")
            store.put_words(name, MARK.encode() if name in own else b"words")
    return theirs


def _record(session: Session, name: str) -> int:
    """A record of the patient with a page of its own and one that another patient's report has, too."""
    case, _ = register_case(
        session,
        patient_key=PATIENT,
        site="here",
        is_synthetic=True,
        report_images=[stored_image(name), stored_image("report 1")],
        ecg_images=[stored_image(f"ecg of {name}")],
        report_date=NOW.date(),
        ecg_date=None,
        now=NOW,
    )
    draft = new_draft(int(case.id or 0))
    draft.evidence = {"ef_percent": {"quote": MARK, "page": 1}}
    draft.generation = {"raw_text": MARK}
    draft.light = dict.fromkeys(("ef_percent", "rwma", "pah"), "green")
    store_draft(session, draft=draft, actor="test", now=NOW)
    return int(case.id or 0)


def _decide(
    work: Work,
    case_id: int,
    decision: Decision,
    findings: Findings,
    name: str = "ana",
    purpose: Purpose = Purpose.FIRST,
) -> None:
    from db.reviews import ReadingContext

    who = work.person(name)
    assert take_lease(work.session, case_id=case_id, annotator_id=who, now=NOW, lease_s=60, purpose=purpose)
    record_decision(
        work.session,
        case_id=case_id,
        draft_id=None,
        annotator_id=who,
        decision=decision,
        findings=findings,
        note=MARK,
        active_s=1,
        request_id=work.number(),
        now=NOW,
        context=ReadingContext(purpose),
        rules=RULES,
    )


def _practise(work: Work, case_id: int) -> None:
    draft = work.session.exec(select(Draft).where(Draft.case_id == case_id)).one()
    who = work.person("eve")
    seeded = store_seed(work.session, draft=draft, annotator_id=who, key=RULES.key, now=NOW)
    assert seeded is not None
    store_seed_answer(
        work.session, seeded=seeded, answered=FINDINGS, active_s=1, ef_tolerance_points=2, now=NOW
    )


def _extract(session: Session) -> None:
    """Every record waits for another reader; the reading of each has failed once."""
    names = {"reader": "other", "reader_version": "1"}
    plan_items(session, **names)
    for item in lease_items(session, **names, worker="w", limit=99, now=NOW, lease_s=60):
        fail_item(session, item_id=item.item_id, worker="w", error="slow", now=NOW)


def rows_left(database: Database) -> dict[str, int]:
    """Table -> how many rows, of all tables that rows go from."""
    with database.read() as session:
        return {
            str(model.__tablename__): session.exec(select(func.count()).select_from(model)).one()
            for model in TABLES
        }


def rows_of(database: Database, cases: list[int]) -> dict[str, int]:
    """Table -> rows that are about these records."""
    found = {}
    with database.read() as session:
        for model in (model for model in TABLES if hasattr(model, "case_id")):
            counted = select(func.count()).select_from(model).where(model.case_id.in_(cases))
            found[str(model.__tablename__)] = session.exec(counted).one()
        found["case_record"] = session.exec(
            select(func.count()).select_from(Case).where(col(Case.id).in_(cases))
        ).one()
    return found


def files_holding(database: Database, workspace: Workspace, words: str) -> list[str]:
    """Files of the database, and of the image store, in which some words stand."""
    if database.dialect == "sqlite":
        places = list(workspace.root.glob("echodesk.db*"))
    else:
        places = _relation_files(workspace)
    places += [path for path in workspace.images.rglob("*") if path.is_file()]
    return [path.name for path in places if words.encode() in path.read_bytes()]


def _relation_files(workspace: Workspace) -> list[Path]:
    """The files of all our tables on the server, their long values among them."""
    names = [str(table) for table in SQLModel.metadata.tables]
    url = make_url(workspace.url)
    with psycopg.connect(
        host=str(url.query["host"]), port=int(str(url.query["port"])), user="postgres", dbname=url.database,
        autocommit=True,
    ) as connection:  # fmt: skip
        connection.execute("CHECKPOINT")
        folder = Path(connection.execute("SHOW data_directory").fetchone()[0])  # type: ignore[index]
        found = connection.execute(
            "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relname = ANY(%s) UNION "
            "SELECT pg_relation_filepath(reltoastrelid) FROM pg_class "
            "WHERE relname = ANY(%s) AND reltoastrelid <> 0",
            (names, names),
        ).fetchall()
    return [folder / path for (path,) in found if path]


def newest_review(database: Database) -> int:
    """The greatest number of a decision."""
    with database.read() as session:
        return int(session.exec(select(func.max(Review.id))).one() or 0)


def audited(database: Database) -> list[int]:
    """The records of the audit samples."""
    with database.read() as session:
        return list(session.exec(select(AuditItem.case_id)))


def pragma(workspace: Workspace, name: str) -> object:
    """A pragma of a SQLite file."""
    with closing(sqlite3.connect(workspace.database_file)) as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


def leave_traces(workspace: Workspace, case_id: int, words: str) -> None:
    """What was answered on a record and deleted again, as a SQLite that wipes nothing leaves it."""
    with closing(sqlite3.connect(workspace.database_file, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("PRAGMA foreign_keys = OFF")
        for number in range(1000, 1040):
            work = f'{{"note": "{words} {case_id} {"x" * 999}"}}'
            connection.execute(
                "INSERT INTO lease (case_id, annotator_id, expires_at, work) VALUES (?, 1, '2026-01-01', ?)",
                (number, work),
            )
        connection.execute("DELETE FROM lease WHERE case_id >= 1000")


def force(database: Database, *statements: str) -> None:
    """Change rows the way somebody with the database password could: triggers off first."""
    with database.write() as session:
        for table in ("draft", "review", "audit_item", "withdrawn_case"):
            if database.dialect == "sqlite":
                session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_update"))
                session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_delete"))
            else:
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for statement in statements:
            session.execute(text(statement))
