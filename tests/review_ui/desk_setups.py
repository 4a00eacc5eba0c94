"""Desks with other shares, restarted desks, and what happens to a record while it is on screen."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

from desk_fixture import SeededDesk
from desk_people import DeskHall, Person
from sqlalchemy import event, text
from sqlmodel import col, select

from db.drafts import store_draft
from db.labels import Findings
from db.quality.audit_samples import draw_sample
from db.queue.items import refresh_case
from db.queue.plan import ReadingRules
from db.queue.second_people import choose_second
from db.tables.drafts import Draft
from db.tables.findings import findings_columns
from db.tables.practice import SeededAnswer, SeededDraft
from db.tables.queue import QueueItem
from review_ui.door.sessions import SessionBook

KEY = b"k" * 32
RULES = ReadingRules(key=KEY)
GREEN = {"ef_percent": "green", "rwma": "green", "pah": "green"}


def restarted(hall: DeskHall, **options: Any) -> DeskHall:
    """The desk started anew over the same database, with these settings."""
    book = SessionBook(hall.desk.database, clock=hall.clock, now=hall.clock.wall, recheck_s=0)
    return DeskHall(
        hall.seeded, replace(hall.desk, sessions=book, **({"rules": RULES} | options)), hall.clock
    )


def moved(person: Person, hall: DeskHall) -> Person:
    """The same browser in front of a desk that was started anew."""
    return Person(hall.desk, person.session_id, person.annotator_id, person.made)


def reveal(person: Person, shown: Mapping[str, Any], **answers: Any) -> dict[str, Any]:
    """Enter values on a hidden draft and ask to see it."""
    record = shown["record"]
    screen = {name: record[name] for name in ("case_id", "draft_id", "screen")}
    told = person.ask("reveal", **screen, answers=answers, request_id="reveal-0001")
    person.look()
    return told


def redraft(hall: DeskHall, case_id: int, findings: Findings, version: str = "2", **values: Any) -> int:
    """Read a case again by machine: the new draft's number."""
    with hall.desk.database.write() as session:
        draft = Draft(
            case_id=case_id,
            report_sha256="a" * 64,
            reader="rules",
            reader_version=version,
            code_version="test",
            **({"light": GREEN} | values),
            **findings_columns(findings),
        )
        store_draft(session, draft=draft, actor="rules", now=hall.clock.wall())
        return int(draft.id or 0)


def read_twice(hall: DeskHall, *case_ids: int) -> None:
    """Have cases read twice."""
    with hall.desk.database.write() as session:
        for case_id in case_ids:
            choose_second(session, case_id=case_id, chosen_by="list", actor="lead", now=hall.clock.wall())
            refresh_case(session, case_id=case_id, rules=hall.desk.rules)


def audit(hall: DeskHall, size: int, name: str = "may") -> int:
    """Draw a sample of the labels: its number."""
    with hall.desk.database.write() as session:
        drawn = draw_sample(session, size=size, seed=1, name=name, drawn_by="lead", now=hall.clock.wall())
        return int(drawn.id or 0)


def states(hall: DeskHall, case_id: int) -> dict[str, str]:
    """Purpose -> state of a case's readings."""
    with hall.desk.database.read() as session:
        items = session.exec(select(QueueItem).where(QueueItem.case_id == case_id))
        return {item.purpose: item.state for item in items}


def words_of(answer: Any) -> str:
    """Everything an answer says, as one text."""
    return json.dumps(answer, ensure_ascii=False)


def without_marks(answer: Any) -> dict[str, Any]:
    """A record without what tells which draft it is: its number and the mark of the screen."""
    told: dict[str, Any] = json.loads(words_of(answer))
    for record in [told["record"]] if "record" in told else told["records"]:
        record.update(draft_id=0, screen="")
    return told


def seeds(hall: DeskHall) -> list[SeededDraft]:
    """Every practice draft, oldest first."""
    with hall.desk.database.read() as session:
        return list(session.exec(select(SeededDraft).order_by(col(SeededDraft.id))))


def seed_answers(hall: DeskHall) -> list[SeededAnswer]:
    """Every answer to one."""
    with hall.desk.database.read() as session:
        return list(session.exec(select(SeededAnswer).order_by(col(SeededAnswer.seeded_id))))


def draft_of(hall: DeskHall, case_id: int) -> Findings:
    """What the newest draft of a case says."""
    with hall.desk.database.read() as session:
        found = session.exec(
            select(Draft).where(Draft.case_id == case_id).order_by(col(Draft.id).desc())
        ).first()
    assert found is not None
    return found.to_findings()


def right_answers(findings: Findings) -> dict[str, Any]:
    """What a careful person answers, card by card."""
    ef: dict[str, Any] = {"state": findings.ef_state.value}
    if findings.ef_percent is not None:
        ef = {"text": f"{findings.ef_percent:g}"}
    return {"ef": ef, "rwma": findings.rwma.value, "pah": findings.pah.value}


@contextmanager
def every_connection(seeded: SeededDesk, *pragmas: str) -> Iterator[None]:
    """Run these on every connection that is used to write, until the block ends."""

    def on_checkout(connection: Any, _record: Any, _proxy: Any) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    engine = seeded.database._write_engine
    event.listen(engine, "checkout", on_checkout)
    try:
        yield
    finally:
        event.remove(engine, "checkout", on_checkout)


@contextmanager
def full_disk(seeded: SeededDesk) -> Iterator[None]:
    """Let the database have no more room than it has now, until the block ends.

    There is still some within its pages; a second long note does not fit.
    """
    with closing(sqlite3.connect(seeded.workspace.database_file, isolation_level=None)) as connection:
        connection.execute("VACUUM")  # pages that were given back would be used first
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    try:
        with every_connection(seeded, f"max_page_count = {pages}"):
            yield
    finally:
        with every_connection(seeded, "max_page_count = 1073741823"), seeded.database.write() as session:
            session.execute(text("SELECT 1"))
