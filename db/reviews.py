"""Human decisions, and the label they make. Only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy
from sqlalchemy import bindparam
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import Session, col, select

from db.decisions import DECIDING, Arm, CorrectionReason, Decision, Purpose, UndoKind
from db.errors import EchoDeskError, LeaseLostError
from db.events import DECISION_RECORDED, append_event, lock_chain, row_sha256
from db.labels import CODEBOOK_VERSION, Findings
from db.queue.items import refresh_case
from db.queue.known import known_case
from db.queue.leases import holds_lease, release_lease
from db.queue.plan import ReadingRules
from db.queue.second_people import choose_by_share
from db.store.plain_rows import first_row, table_of
from db.tables.drafts import Draft
from db.tables.findings import findings_columns
from db.tables.people import User
from db.tables.queue import Lease
from db.tables.reviews import Review
from db.withdrawals import is_in_force, note_newest_own, withdraw


@dataclass(frozen=True)
class ReadingContext:
    """How a reading came about.

    Attributes:
        purpose: why the record was read.
        arm: whether the draft stood beside the page from the start; null where it is not known.
        reason: why the draft was wrong, in the person's eyes.
        entered: the record as entered while the draft was hidden.
        sample_id: the audit sample it belongs to.
    """

    purpose: Purpose = Purpose.FIRST
    arm: Arm | None = None
    reason: CorrectionReason | None = None
    entered: Findings | None = None
    sample_id: int | None = None


# Put together once: that takes many times as long as asking them.
_BY_REQUEST = select(Review).where(Review.request_id == bindparam("request_id"))
_REQUEST = sqlalchemy.select(col(Review.case_id), col(Review.annotator_id)).where(
    col(Review.request_id) == bindparam("request_id")
)
_ADDING = sqlalchemy.insert(table_of(Review)).returning(table_of(Review).c.id)
_ANY = sqlalchemy.select(col(Review.id)).where(col(Review.case_id) == bindparam("case_id")).limit(1)
_OF_CASE = select(Review).where(Review.case_id == bindparam("case_id")).order_by(col(Review.id))

_AS_EVER = ReadingContext()
_USUAL_RULES = ReadingRules()


def record_decision(
    session: Session,
    *,
    case_id: int,
    draft_id: int | None,
    annotator_id: int,
    decision: Decision,
    findings: Findings,
    note: str,
    active_s: float,
    request_id: str,
    now: datetime,
    context: ReadingContext = _AS_EVER,
    rules: ReadingRules = _USUAL_RULES,
) -> Review:
    """Store one decision, its event, the queue and the end of the lease, in the caller's one transaction.

    The same `request_id` again (a double click, a retry after a lost answer) gives the stored review back.

    Args:
        draft_id: the draft that was on screen.
        active_s: seconds the person worked on it.
        request_id: made by the page for one decision, at most 64 characters.

    Raises:
        LeaseLostError: when this person does not hold the case any more.
        EchoDeskError: when the request id was used for another decision, or the person may not review.
        ValueError: when the draft is of another case.
    """
    lock_chain(session)
    stored = _stored_before(session, request_id=request_id, case_id=case_id, annotator_id=annotator_id)
    if stored is not None:
        return stored
    name = _who_may_decide(session, case_id=case_id, draft_id=draft_id, annotator_id=annotator_id, now=now)
    review = _added(
        session,
        {
            "case_id": case_id,
            "draft_id": draft_id,
            "annotator_id": annotator_id,
            "decision": decision.value,
            "note": note,
            "active_s": float(active_s),
            "request_id": request_id,
            "codebook_version": CODEBOOK_VERSION,
            "created_at": now.astimezone(UTC),
            "purpose": context.purpose.value,
            "arm": context.arm.value if context.arm else None,
            "reason": context.reason.value if context.reason else None,
            "entered": findings_columns(context.entered) if context.entered else None,
            "sample_id": context.sample_id,
            **findings_columns(findings),
        },
    )
    _note(session, review)
    _announce(session, review, actor=name, now=now)
    if context.purpose is Purpose.FIRST and decision.value in DECIDING:
        choose_by_share(session, case_id=case_id, rules=rules, now=now)
    refresh_case(session, case_id=case_id, rules=rules)
    release_lease(session, case_id=case_id, annotator_id=annotator_id)
    return review


def _added(session: Session, values: dict[str, Any]) -> Review:
    """Store a review whose values are just as the database gives them back, so that they can be hashed.

    It is not read again. Nor is the whole row taken from RETURNING: SQLite gives whole numbers there as
    fractions.
    """
    session.flush()
    # SQLite keeps no minus before a zero.
    values = {name: value + 0.0 if isinstance(value, float) else value for name, value in values.items()}
    number = int(session.connection().execute(_ADDING, values).scalar_one())
    review = Review(**values, id=number)
    make_transient_to_detached(review)
    session.add(review)
    return review


def _note(session: Session, review: Review) -> None:
    """Let the rest of this transaction know of a review without asking."""
    note_newest_own(session, annotator_id=review.annotator_id, review_id=int(review.id or 0))
    known = known_case(session, review.case_id)
    if known is not None:
        known.added.append(review)
        known.unused_request = ""


def _stored_before(session: Session, *, request_id: str, case_id: int, annotator_id: int) -> Review | None:
    if _is_unused(session, request_id, case_id):
        return None
    stored = first_row(session, _REQUEST, {"request_id": request_id})
    if stored is None:
        return None
    if tuple(stored) != (case_id, annotator_id):
        raise EchoDeskError("this request was already used for another decision", "Reload the page.")
    return session.exec(_BY_REQUEST, params={"request_id": request_id}).one()


def _who_may_decide(
    session: Session, *, case_id: int, draft_id: int | None, annotator_id: int, now: datetime
) -> str:
    """The name of the person, who may review and holds the case."""
    user = session.get(User, annotator_id)
    if user is None or not user.is_active:
        raise EchoDeskError("this user may not review", "Ask the lead to enable the account.")
    if not _holds(session, case_id=case_id, annotator_id=annotator_id, now=now):
        raise LeaseLostError(
            "you no longer hold this case, so the decision was not stored", "Go to the next case."
        )
    if draft_id is not None:
        draft = session.get(Draft, draft_id)
        if draft is None or draft.case_id != case_id:
            raise ValueError(f"draft {draft_id} is not of case {case_id}")
    return str(user.name)


def _holds(session: Session, *, case_id: int, annotator_id: int, now: datetime) -> bool:
    if known_case(session, case_id) is None:
        return holds_lease(session, case_id=case_id, annotator_id=annotator_id, now=now)
    lease = session.get(Lease, case_id)
    return lease is not None and lease.annotator_id == annotator_id and lease.expires_at > now


def _is_unused(session: Session, request_id: str, case_id: int) -> bool:
    """Whether a request id is known to be new."""
    known = known_case(session, case_id)
    return known is not None and known.unused_request == request_id


def _announce(session: Session, review: Review, *, actor: str, now: datetime) -> None:
    append_event(
        session,
        kind=DECISION_RECORDED,
        actor=actor,
        subject=f"review:{review.id}",
        payload={
            "case_id": review.case_id,
            "draft_id": review.draft_id,
            "decision": review.decision,
            "row_sha256": row_sha256(review),
        },
        now=now,
    )


def undo_or_redo(
    session: Session,
    *,
    review: Review,
    kind: UndoKind,
    annotator_id: int,
    request_id: str,
    now: datetime,
    rules: ReadingRules = _USUAL_RULES,
) -> None:
    """Take a decision back or put it in force again, with its event and the queue, in the caller's
    transaction.
    """
    withdraw(session, review=review, kind=kind, annotator_id=annotator_id, request_id=request_id, now=now)
    refresh_case(session, case_id=review.case_id, rules=rules)


def is_stored(session: Session, *, request_id: str, case_id: int, annotator_id: int) -> bool:
    """Whether this person's decision on this case came with this request before: only its answer was lost."""
    if _is_unused(session, request_id, case_id):
        return False
    stored = first_row(session, _REQUEST, {"request_id": request_id})
    return stored is not None and tuple(stored) == (case_id, annotator_id)


def get_review(session: Session, *, review_id: int) -> Review | None:
    """The review with this number, or None."""
    return session.get(Review, review_id)


def reviews_of(session: Session, *, case_id: int) -> Sequence[Review]:
    """Every decision on a case, oldest first, also those undone since."""
    known = known_case(session, case_id)
    if known is not None and known.reviews is not None:
        return known.reviews
    if first_row(session, _ANY, {"case_id": case_id}) is None:
        return []
    return session.exec(_OF_CASE, params={"case_id": case_id}).all()


def last_review_by(session: Session, *, annotator_id: int, before_id: int | None = None) -> Review | None:
    """A person's newest decision in force, or the newest before another one: what `back` shows."""
    wanted = select(Review).where(Review.annotator_id == annotator_id, is_in_force())
    if before_id is not None:
        wanted = wanted.where(col(Review.id) < before_id)
    return session.exec(wanted.order_by(col(Review.id).desc()).limit(1)).first()
