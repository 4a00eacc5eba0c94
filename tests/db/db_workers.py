"""What the other processes do in the process tests."""

from __future__ import annotations

from datetime import datetime
from multiprocessing.connection import Connection

from db_rows import FINDINGS
from sqlmodel import func, select

from db.decisions import Decision
from db.events import append_event
from db.queue.next_reading import lease_next
from db.reviews import record_decision
from db.store.engine import open_database
from db.tables.events import Event
from db.workspace import Workspace


def write_events(workspace: Workspace, worker: int, count: int, now: datetime) -> None:
    """Read, then write, again and again: what made most writes fail under SQLite's defaults."""
    database = open_database(workspace)
    for number in range(count):
        with database.read() as session:
            session.exec(select(func.count()).select_from(Event)).one()
        with database.write() as session:
            session.exec(select(func.count()).select_from(Event)).one()
            append_event(session, kind="k", actor=f"w{worker}", subject=f"n:{number}", payload={}, now=now)
    database.close()


def decide_for_ever(workspace: Workspace, annotator_id: int, acknowledged: Connection, now: datetime) -> None:
    """Decide case after case and tell the parent of each only once it is stored."""
    database = open_database(workspace)
    while True:
        with database.write() as session:
            task = lease_next(session, annotator_id=annotator_id, now=now, lease_s=600)
        if task is None or task.case.id is None:
            break
        number = task.case.id
        with database.write() as session:
            record_decision(
                session,
                case_id=number,
                draft_id=None,
                annotator_id=annotator_id,
                decision=Decision.ACCEPT,
                findings=FINDINGS,
                note="",
                active_s=1,
                request_id=f"request {number}",
                now=now,
            )
        acknowledged.send(f"request {number}")
    database.close()
