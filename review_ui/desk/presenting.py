"""The answer that puts a record on a page: its view, who is working, and how far the work is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.cases import case_images
from db.decisions import ImageRole
from db.progress import decided_since, first_readings
from review_ui.desk.context import Answer, Desk
from review_ui.desk.screens import Variant
from review_ui.desk.showing import Shown, look_at
from review_ui.desk.views import build_record, practice_sentence
from review_ui.door.sessions import DeskSession

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.queue.next_reading import Task


def present(desk: Desk, session: DeskSession, task: Task | None) -> Answer:
    """The screen for a record just leased, or for an empty queue. Only reads, after the lease is stored."""
    with desk.database.read() as database:
        answer: Answer = {
            "state": "empty",
            "who": session.identity.name,
            "progress": progress_json(database, desk, session),
        }
        if task is None:
            return answer
        shown = look_at(database, desk, session.identity, task)
        answer |= {"state": "record", "record": record_json(database, desk, shown)}
    return answer | opened(desk, session, shown)


def record_json(database: Session, desk: Desk, shown: Shown) -> Answer:
    """One record as the browser gets it."""
    images = case_images(database, case_id=shown.screen.case_id, role=ImageRole.REPORT)
    return build_record(shown, images, key=desk.rules.key).as_json()


def opened(desk: Desk, session: DeskSession, shown: Shown) -> Answer:
    """Note that a record is on screen from now on; after a practice draft also what is to be said."""
    session.opened_at_s[shown.screen.case_id] = desk.sessions.clock()
    if shown.seeded is None or shown.own is not None or shown.screen.variant is not Variant.PLAIN:
        return {}
    field, sentence = practice_sentence(shown)
    return {"field": field, "sentence": sentence}


def progress_json(database: Session, desk: Desk, session: DeskSession) -> dict[str, int]:
    """How many records there are, wait, and were decided by this person since midnight here."""
    counts = first_readings(database)
    midnight = desk.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    today = decided_since(database, annotator_id=session.identity.annotator_id, since=midnight)
    return {
        "done": counts.total - counts.waiting,
        "total": counts.total,
        "waiting": counts.waiting,
        "today": today,
    }
