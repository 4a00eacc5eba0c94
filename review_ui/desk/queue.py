"""Which case is next, which was before, and holding on to the ones on screen."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from db.access.desk_key import drawn_share
from db.cases import get_case
from db.decisions import ADJUDICATING, Decision, Purpose, Role
from db.queue.items import reviews_in_force
from db.queue.leases import release_lease, renew_lease
from db.queue.next_reading import Task, Wish, lease_ahead, lease_case, lease_next, take_task
from db.queue.plan import purpose_of
from db.reviews import last_review_by
from db.tables.queue import Lease
from db.tables.reviews import Review
from db.withdrawals import newest_own_id
from review_ui.door.policy import NotAllowed

if TYPE_CHECKING:
    from sqlmodel import Session

    from review_ui.desk.context import Desk
    from review_ui.door.sessions import Identity

# How many records are held and fetched beyond the one on screen.
AHEAD = 2

_EVERYBODY = (Purpose.FIRST, Purpose.SECOND, Purpose.AUDIT)


def next_task(session: Session, desk: Desk, identity: Identity, *, leave: int | None = None) -> Task | None:
    """Lease the next record for a person: the one they hold already, else the first that waits.

    Args:
        leave: a case they looked at again and leave as it is; it is given up first.
    """
    if leave is not None:
        release_lease(session, case_id=leave, annotator_id=identity.annotator_id)
    return lease_next(
        session,
        annotator_id=identity.annotator_id,
        now=desk.now(),
        lease_s=desk.lease_s,
        wish=_wish(session, desk, identity),
    )


def tasks_ahead(session: Session, desk: Desk, identity: Identity, *, on_screen: int) -> list[Task]:
    """Hold the next records for a person, so that their pages are there before they are asked for."""
    return lease_ahead(
        session,
        annotator_id=identity.annotator_id,
        now=desk.now(),
        lease_s=desk.lease_s,
        on_screen=on_screen,
        count=AHEAD,
        wish=_wish(session, desk, identity),
    )


def open_case(session: Session, desk: Desk, identity: Identity, *, case_id: int) -> Task | None:
    """Put one certain record on a person's screen next: their own decision about it, else its first or its
    adjudicating reading where that waits; None where it cannot be theirs now.

    Second readings and audits are not opened so: whoever has looked a record up knows what others said.
    """
    own = [
        one
        for one in reviews_in_force(session, case_id=case_id)
        if one.annotator_id == identity.annotator_id and one.decision != Decision.SKIP.value
    ]
    if own:
        check_role(identity, purpose_of(own[-1]))
        return take_back(
            session,
            review=own[-1],
            annotator_id=identity.annotator_id,
            now=desk.now(),
            lease_s=desk.lease_s,
        )
    return lease_case(
        session,
        case_id=case_id,
        annotator_id=identity.annotator_id,
        now=desk.now(),
        lease_s=desk.lease_s,
        wish=Wish((Purpose.FIRST, Purpose.ADJUDICATION)),
    )


def may_adjudicate(role: Role) -> bool:
    """Whether a person decides where readers differ."""
    return role in ADJUDICATING


def check_role(identity: Identity, purpose: Purpose) -> None:
    """Let a person read for a purpose: a role may have been changed since the record was put on their screen.

    Raises:
        NotAllowed: their role may not.
    """
    if purpose is Purpose.ADJUDICATION and not may_adjudicate(identity.role):
        raise NotAllowed(purpose.value)


def previous_review(session: Session, *, annotator_id: int, before_id: int | None) -> Review | None:
    """The person's decision before another one; of several on one case only their newest counts."""
    found = last_review_by(session, annotator_id=annotator_id, before_id=before_id)
    while found is not None and not _is_newest_of_its_case(session, found):
        found = last_review_by(session, annotator_id=annotator_id, before_id=found.id)
    return found


def take_back(
    session: Session, *, review: Review, annotator_id: int, now: datetime, lease_s: float
) -> Task | None:
    """Lease the case of an earlier decision, or None while somebody else holds it."""
    case = get_case(session, case_id=review.case_id)
    if case is None:
        return None
    task = Task(case, purpose_of(review), review.sample_id)
    is_ours = take_task(session, task, annotator_id=annotator_id, now=now, lease_s=lease_s)
    return task if is_ours else None


def take_or_keep(session: Session, task: Task, *, annotator_id: int, now: datetime, lease_s: float) -> bool:
    """Hold a case that is on screen for longer, with what is kept beside it; False where somebody else has
    it.
    """
    number = int(task.case.id or 0)
    if renew_lease(session, case_id=number, annotator_id=annotator_id, now=now, lease_s=lease_s):
        return True
    return take_task(session, task, annotator_id=annotator_id, now=now, lease_s=lease_s)


def task_before(session: Session, *, case_id: int, annotator_id: int) -> Task | None:
    """What a person was reading a case for: as their hold on it says, else the first of its readings that
    waits.
    """
    case, lease = get_case(session, case_id=case_id), session.get(Lease, case_id)
    if case is None:
        return None
    if lease is not None and lease.annotator_id == annotator_id:
        return Task(case, Purpose(lease.purpose or Purpose.FIRST), lease.sample_id)
    return Task(case)


def keep_case(session: Session, *, case_id: int, annotator_id: int, now: datetime, lease_s: float) -> bool:
    """Go on holding a case, also after the hold ended unnoticed; False once it is not theirs any more."""
    return renew_lease(session, case_id=case_id, annotator_id=annotator_id, now=now, lease_s=lease_s)


def give_up(session: Session, *, case_id: int, annotator_id: int) -> None:
    """Stop holding a case."""
    release_lease(session, case_id=case_id, annotator_id=annotator_id)


def is_held_by(session: Session, *, case_id: int, annotator_id: int, now: datetime) -> bool:
    """Whether a person holds a case just now. Only reads, so it may run on a read engine."""
    lease = session.get(Lease, case_id)
    return lease is not None and lease.annotator_id == annotator_id and lease.expires_at > now


def _wish(session: Session, desk: Desk, identity: Identity) -> Wish:
    """What a person may be given. Now and then a clean draft is drawn, so that clean ones are read, too."""
    extra = (Purpose.ADJUDICATION,) if may_adjudicate(identity.role) else ()
    if desk.clean_share <= 0:
        return Wish((*_EVERYBODY, *extra), own_flags=bool(extra))
    newest = newest_own_id(session, annotator_id=identity.annotator_id)
    draw = drawn_share(desk.rules.key, "clean", identity.annotator_id, newest)
    return Wish((*_EVERYBODY, *extra), clean_first=draw < desk.clean_share, own_flags=bool(extra))


def _is_newest_of_its_case(session: Session, review: Review) -> bool:
    own = [
        other.id or 0
        for other in reviews_in_force(session, case_id=review.case_id)
        if (other.annotator_id, purpose_of(other), other.sample_id)
        == (review.annotator_id, purpose_of(review), review.sample_id)
    ]
    return review.id == max(own, default=0)
