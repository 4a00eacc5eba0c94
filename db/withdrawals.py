"""Undo and redo of decisions: rows of their own, so that nothing that was decided is ever changed."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, bindparam, exists, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from db.decisions import Decision, UndoKind
from db.events import WITHDRAWAL_STORED, append_event, lock_chain, row_sha256
from db.store.plain_rows import first_row
from db.tables.people import User
from db.tables.reviews import Review, Withdrawal

# Where a session keeps whose decision it has just stored.
_NEWEST_STORED = "newest stored"

# Put together once: that takes many times as long as asking it.
_NEWEST_OWN = sqlalchemy.select(func.max(col(Review.id))).where(
    col(Review.annotator_id) == bindparam("annotator_id")
)


def is_in_force(review: Any = Review, *, until: int | None = None) -> ColumnElement[bool]:
    """The condition on `Review` that its newest undo or redo, if there is one, is a redo.

    Args:
        until: only undos and redos up to this number count: what was in force then.
    """
    return _in_force() if review is Review and until is None else _not_undone(review, until)


@cache
def _in_force() -> ColumnElement[bool]:
    """Put together once: that takes many times as long as asking it."""
    return _not_undone(Review)


def _not_undone(review: Any, until: int | None = None) -> ColumnElement[bool]:
    undone = aliased(Withdrawal)
    is_undo = (col(undone.review_id) == review.id) & (col(undone.kind) == UndoKind.UNDO.value)
    was_there = [col(undone.id) <= until] if until is not None else []
    return ~exists().where(is_undo, ~_has_newer(undone, until), *was_there)


def undo_candidate(session: Session, *, annotator_id: int) -> Review | None:
    """The person's newest decision that is in force and that nobody has decided over since."""
    return session.exec(
        select(Review)
        .where(Review.annotator_id == annotator_id, is_in_force(), ~_decided_over())
        .order_by(col(Review.id).desc())
        .limit(1)
    ).first()


def redo_candidate(session: Session, *, annotator_id: int) -> Review | None:
    """The decision the person undid last and nobody decided over; None once they decided anything anew."""
    return session.exec(
        select(Review)
        .join(Withdrawal, col(Withdrawal.review_id) == Review.id)
        .where(
            Withdrawal.annotator_id == annotator_id,
            Withdrawal.kind == UndoKind.UNDO.value,
            Withdrawal.after_review_id == newest_own_id(session, annotator_id=annotator_id),
            ~_has_newer(Withdrawal),
            ~_decided_over(),
        )
        .order_by(col(Withdrawal.id).desc())
        .limit(1)
    ).first()


def note_newest_own(session: Session, *, annotator_id: int, review_id: int) -> None:
    """Note the decision that this transaction has just stored."""
    session.info[_NEWEST_STORED] = (annotator_id, review_id)


def newest_own_id(session: Session, *, annotator_id: int) -> int:
    """The number of the person's newest decision, 0 for none."""
    stored: tuple[int, int] | None = session.info.get(_NEWEST_STORED)
    if stored is not None and stored[0] == annotator_id:
        return stored[1]
    newest = first_row(session, _NEWEST_OWN, {"annotator_id": annotator_id})
    return int(newest[0] or 0) if newest is not None else 0


def find_withdrawal(session: Session, *, request_id: str) -> Withdrawal | None:
    """The undo or redo that carries this request id, or None."""
    return session.exec(select(Withdrawal).where(Withdrawal.request_id == request_id)).first()


def withdraw(
    session: Session, *, review: Review, kind: UndoKind, annotator_id: int, request_id: str, now: datetime
) -> Withdrawal:
    """Store one undo or redo with its event, in the caller's transaction. The caller refreshes the queue."""
    lock_chain(session)
    user = session.get(User, annotator_id)
    row = Withdrawal(
        review_id=int(review.id or 0),
        kind=kind.value,
        annotator_id=annotator_id,
        after_review_id=newest_own_id(session, annotator_id=annotator_id),
        request_id=request_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    append_event(
        session,
        kind=WITHDRAWAL_STORED,
        actor=user.name if user else f"user:{annotator_id}",
        subject=f"withdrawal:{row.id}",
        payload={"review_id": review.id, "kind": kind.value, "row_sha256": row_sha256(row)},
        now=now,
    )
    return row


def _has_newer(row: Any, until: int | None = None) -> ColumnElement[bool]:
    """Whether the same decision was undone or redone again after a row of `Withdrawal`."""
    newer = aliased(Withdrawal)
    was_there = [col(newer.id) <= until] if until is not None else []
    return exists().where(col(newer.review_id) == row.review_id, col(newer.id) > row.id, *was_there)


def _decided_over() -> ColumnElement[bool]:
    """Whether somebody else has a newer decision in force on the same case, for whatever purpose; a skip is
    none.
    """
    other = aliased(Review)
    return exists().where(
        col(other.case_id) == Review.case_id,
        col(other.id) > col(Review.id),
        col(other.annotator_id) != Review.annotator_id,
        col(other.decision) != Decision.SKIP.value,
        is_in_force(other),
    )
