"""Which case is next, which was before, and holding on to the ones on screen."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from db.cases import get_case
from db.leases import lease_next, release_lease, renew_lease, take_lease
from db.models import Case, Lease, Review
from db.reviews import last_review_by, reviews_of

if TYPE_CHECKING:
    from sqlmodel import Session


def next_case(
    session: Session, *, annotator_id: int, now: datetime, lease_s: float, leave: int | None = None
) -> Case | None:
    """Lease the next case for a person: the one they hold already, else the first that waits.

    Args:
        leave: a case they looked at again and leave as it is; it is given up first.
    """
    if leave is not None:
        give_up(session, case_id=leave, annotator_id=annotator_id)
    return lease_next(session, annotator_id=annotator_id, now=now, lease_s=lease_s)


def previous_review(session: Session, *, annotator_id: int, before_id: int | None) -> Review | None:
    """The person's decision before another one; of several on one case only their newest counts."""
    found = last_review_by(session, annotator_id=annotator_id, before_id=before_id)
    while found is not None and not _is_newest_of_its_case(session, found):
        found = last_review_by(session, annotator_id=annotator_id, before_id=found.id)
    return found


def take_back(session: Session, *, review: Review, annotator_id: int, now: datetime, lease_s: float) -> Case | None:
    """Lease the case of an earlier decision, or None while somebody else holds it."""
    if not take(session, case_id=review.case_id, annotator_id=annotator_id, now=now, lease_s=lease_s):
        return None
    return get_case(session, case_id=review.case_id)


def take(session: Session, *, case_id: int, annotator_id: int, now: datetime, lease_s: float) -> bool:
    """Hold a case that nobody else holds; False where somebody does."""
    return take_lease(session, case_id=case_id, annotator_id=annotator_id, now=now, lease_s=lease_s)


def keep_case(session: Session, *, case_id: int, annotator_id: int, now: datetime, lease_s: float) -> bool:
    """Go on holding a case, also after the hold ended unnoticed; False once it is not theirs any more."""
    return renew_lease(session, case_id=case_id, annotator_id=annotator_id, now=now, lease_s=lease_s)


def give_up(session: Session, *, case_id: int, annotator_id: int) -> None:
    """Stop holding a case."""
    release_lease(session, case_id=case_id, annotator_id=annotator_id)


def is_on_screen(session: Session, *, case_id: int, annotator_id: int, now: datetime) -> bool:
    """Whether a person holds a case just now. Only reads, so it may run on a read engine."""
    lease = session.get(Lease, case_id)
    return lease is not None and lease.annotator_id == annotator_id and lease.expires_at > now


def _is_newest_of_its_case(session: Session, review: Review) -> bool:
    own = [
        other.id or 0
        for other in reviews_of(session, case_id=review.case_id)
        if other.annotator_id == review.annotator_id
    ]
    return review.id == max(own)
