"""The record that a person opens now, or had open when they answered, gathered from the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from db.cases import get_case
from db.decisions import DECIDING, Decision, Purpose
from db.drafts import latest_draft
from db.errors import EchoDeskError
from db.queue.items import reviews_in_force
from db.queue.known import look_at_shown
from db.queue.leases import find_lease
from db.queue.next_reading import Task
from db.queue.plan import newest_of, purpose_of
from db.reviews import get_review, reviews_of
from db.tables.drafts import Draft
from db.tables.queue import Lease
from db.tables.reviews import Review
from review_ui.desk.context import Desk
from review_ui.desk.marks import Screen, Variant
from review_ui.desk.open_record import OpenRecord
from review_ui.desk.variants import in_its_variant, plain_screen, with_what_it_needs

if TYPE_CHECKING:
    from sqlmodel import Session

    from review_ui.door.sessions import Identity

# Readings whose values a reader of this purpose may know of: those that made the label, or none but their own
# kind.
_SEEN_BY: Final = {
    Purpose.FIRST: (Purpose.FIRST, Purpose.ADJUDICATION),
    Purpose.SECOND: (Purpose.SECOND,),
    Purpose.AUDIT: (Purpose.AUDIT,),
    Purpose.ADJUDICATION: tuple(Purpose),
}


class RecordGone(Exception):
    """The record on a screen is not there any more: its patient withdrew their consent."""


def record_now(session: Session, desk: Desk, identity: Identity, task: Task) -> OpenRecord:
    """What a person sees of a record now. Only reads.

    Raises:
        EchoDeskError: when there is no draft.
    """
    number = int(task.case.id or 0)
    look_at_shown(session, case_id=number, annotator_id=identity.annotator_id)
    draft = latest_draft(session, case_id=number)
    if draft is None:
        raise EchoDeskError(f"record {number} has no draft", "Run echodesk extract")
    every = reviews_of(session, case_id=number)
    # Most records that are shown have no decision yet: there is nothing more to ask about those.
    known = _known(reviews_in_force(session, case_id=number), task.purpose, task.sample_id) if every else []
    own = _own_decision(known, identity.annotator_id, task.purpose)
    undone = None if own else _undone_decision(session, every, identity.annotator_id, task)
    lease = find_lease(session, case_id=number, annotator_id=identity.annotator_id, now=desk.now())
    screen = plain_screen(task, draft, identity)
    opened = OpenRecord(task, draft, screen, known, own=own or undone, lease=lease)
    return replace(in_its_variant(session, desk, opened), is_undone=undone is not None)


def record_then(
    session: Session, desk: Desk, identity: Identity, screen: Screen, *, base_review_id: int | None
) -> OpenRecord:
    """The record as it was on a screen that sends a decision: what was shown then, with what is known now.

    Raises:
        EchoDeskError: when the case or the draft is gone.
    """
    task = _task_of(session, screen)
    draft = session.get(Draft, screen.draft_id)
    if draft is None:
        raise EchoDeskError("the draft of this record cannot be found any more", "Reload the page.")
    in_force = reviews_in_force(session, case_id=screen.case_id)
    lease = session.get(Lease, screen.case_id)
    opened = OpenRecord(
        task,
        draft,
        screen,
        _known(in_force, screen.purpose, task.sample_id),
        own=_base_review(session, screen, base_review_id),
        lease=lease if lease is not None and lease.annotator_id == identity.annotator_id else None,
        is_settled=_is_settled(in_force, screen),
    )
    return with_what_it_needs(session, desk, opened)


def _base_review(session: Session, screen: Screen, review_id: int | None) -> Review | None:
    """The person's own decision that a screen showed again; one of another reading or a skip is none."""
    own = get_review(session, review_id=review_id) if review_id and screen.variant is Variant.PLAIN else None
    if own is None or own.decision == Decision.SKIP.value:
        return None
    is_this_reading = (own.case_id, own.annotator_id, purpose_of(own), own.sample_id or 0) == (
        screen.case_id,
        screen.annotator_id,
        screen.purpose,
        screen.sample_id,
    )
    return own if is_this_reading else None


def _is_settled(in_force: Sequence[Review], screen: Screen) -> bool:
    """Whether an adjudicator had the last word; only a new audit may still read such a record."""
    adjudication = newest_of(in_force, Purpose.ADJUDICATION, DECIDING)
    if adjudication is None or screen.purpose is Purpose.ADJUDICATION:
        return False
    if screen.purpose is not Purpose.AUDIT:
        return True
    reading = newest_of([one for one in in_force if one.sample_id == screen.sample_id], Purpose.AUDIT)
    return reading is not None and int(reading.id or 0) < int(adjudication.id or 0)


def _known(in_force: Sequence[Review], purpose: Purpose, sample_id: int | None) -> list[Review]:
    """The decisions in force that a reader for this purpose may know of, oldest first."""
    found = [one for one in in_force if purpose_of(one) in _SEEN_BY[purpose]]
    return [one for one in found if purpose is not Purpose.AUDIT or one.sample_id == sample_id]


def _own_decision(reviews: Sequence[Review], annotator_id: int, purpose: Purpose) -> Review | None:
    """The person's own latest review for this purpose, unless that was a skip."""
    own = [one for one in reviews if one.annotator_id == annotator_id and purpose_of(one) is purpose]
    return own[-1] if own and own[-1].decision != Decision.SKIP.value else None


def _undone_decision(
    session: Session, every: Sequence[Review], annotator_id: int, task: Task
) -> Review | None:
    """The person's newest decision for this reading where they took it back, to be stored anew or changed."""
    own = [
        one
        for one in every
        if (one.annotator_id, purpose_of(one), one.sample_id) == (annotator_id, task.purpose, task.sample_id)
    ]
    if not own or own[-1].decision == Decision.SKIP.value:
        return None
    in_force = {one.id for one in reviews_in_force(session, case_id=int(task.case.id or 0))}
    return own[-1] if own[-1].id not in in_force else None


def _task_of(session: Session, screen: Screen) -> Task:
    case = get_case(session, case_id=screen.case_id)
    if case is None:
        raise EchoDeskError("this record cannot be found any more", "Reload the page.")
    return Task(case, screen.purpose, screen.sample_id or None)
