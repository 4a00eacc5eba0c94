"""Undo and redo of stored decisions: by inverse events, so that they outlive a reload and a restart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from db.decisions import Decision, UndoKind
from db.events import lock_chain
from db.queue.plan import purpose_of
from db.reviews import get_review, undo_or_redo
from db.tables.reviews import Review
from db.withdrawals import find_withdrawal, redo_candidate, undo_candidate
from review_ui import text
from review_ui.desk import queue
from review_ui.desk.context import Desk
from review_ui.desk.page_answers import PageAnswer, record_answer, refused
from review_ui.desk.requests import UndoRequest

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.queue.next_reading import Task
    from review_ui.door.sessions import DeskSession


def undo(desk: Desk, session_id: str | None, payload: Mapping[str, Any]) -> PageAnswer:
    """Take the person's last decision back and show that record again, as they had answered it."""
    session = desk.signed_in(session_id)
    request = UndoRequest.model_validate(payload)
    with desk.database.write() as database:
        review = _asked_about(database, request, session, UndoKind.UNDO)
        if review is None:
            return refused("", text.NOTHING_TO_UNDO)
        task = _withdrawn(database, desk, session, request, review, UndoKind.UNDO)
        if task is None:
            return refused("", text.HELD_BY_ANOTHER)
    undone = text.UNDONE_FLAG if review.decision == Decision.FLAG.value else text.UNDONE
    return {**record_answer(desk, session, task), "sentence": undone}


def redo(desk: Desk, session_id: str | None, payload: Mapping[str, Any]) -> PageAnswer:
    """Put the decision undone last in force again, and go on to the next record."""
    session = desk.signed_in(session_id)
    request = UndoRequest.model_validate(payload)
    with desk.database.write() as database:
        review = _asked_about(database, request, session, UndoKind.REDO)
        if review is None:
            return refused("", text.NOTHING_TO_REDO)
        if _withdrawn(database, desk, session, request, review, UndoKind.REDO) is None:
            return refused("", text.HELD_BY_ANOTHER)
        queue.give_up(database, case_id=review.case_id, annotator_id=session.identity.annotator_id)
        task = queue.next_task(database, desk, session.identity)
    return {**record_answer(desk, session, task), "sentence": text.REDONE}


def _asked_about(
    database: Session, request: UndoRequest, session: DeskSession, kind: UndoKind
) -> Review | None:
    """The decision a key press is about; the one it was about before where only the answer was lost."""
    lock_chain(database)
    who = session.identity.annotator_id
    stored = find_withdrawal(database, request_id=request.request_id)
    if stored is not None:
        return get_review(database, review_id=stored.review_id) if stored.annotator_id == who else None
    return (
        undo_candidate(database, annotator_id=who)
        if kind is UndoKind.UNDO
        else redo_candidate(database, annotator_id=who)
    )


def _withdrawn(
    database: Session, desk: Desk, session: DeskSession, request: UndoRequest, review: Review, kind: UndoKind
) -> Task | None:
    """Undo or redo it, once, with the record in hand; None while somebody else has the record open."""
    who = session.identity.annotator_id
    queue.check_role(session.identity, purpose_of(review))
    task = queue.take_back(database, review=review, annotator_id=who, now=desk.now(), lease_s=desk.lease_s)
    if task is not None and find_withdrawal(database, request_id=request.request_id) is None:
        undo_or_redo(
            database,
            review=review,
            kind=kind,
            annotator_id=who,
            request_id=request.request_id,
            now=desk.now(),
            rules=desk.rules,
        )
    return task
