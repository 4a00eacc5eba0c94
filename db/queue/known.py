"""What one statement finds out about a case that is decided or shown, so that little else has to be asked.

A session keeps it until its transaction ends. Whoever would ask the database about the case looks here first;
where nothing was looked up, everything is asked for as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, select
from sqlmodel import Session, SQLModel, col

from db.decisions import ImageRole, QueueState
from db.events import note_last_event
from db.queue.practice import note_unseeded
from db.store.together import SHARED
from db.tables.audits import AuditItem
from db.tables.cases import Case, CaseImage, Image
from db.tables.drafts import Draft
from db.tables.events import Event
from db.tables.people import User
from db.tables.practice import SeededDraft
from db.tables.queue import Lease, QueueItem, Recheck, SecondReading
from db.tables.reviews import Review

_KEPT = "known cases"
_FIRSTS = "first readings"


@dataclass
class KnownCase:
    """One case in one transaction.

    Attributes:
        kept: rows that the session shall not forget while they are needed.
        has_reviews: whether it was decided before this transaction, undone or not.
        added: reviews stored in this transaction.
        facts: as `items.case_facts` asks for them; null where not looked up.
        items: its rows of the queue; null where not looked up, or changed since.
        draft: the newest, where it is to be shown.
        lease: whoever's it is, where it is to be shown.
        pages: the report's pictures in order, where it is to be shown.
        unused_request: a request id that no decision came with before.
    """

    kept: tuple[SQLModel | None, ...]
    has_reviews: bool
    added: list[Review] = field(default_factory=list)
    facts: Any = None
    items: list[QueueItem] | None = None
    draft: Draft | None = None
    lease: Lease | None = None
    pages: list[Image] | None = None
    unused_request: str = ""

    @property
    def reviews(self) -> list[Review] | None:
        """Every review, oldest first; null where they have to be asked for."""
        return None if self.has_reviews else list(self.added)


def _of_case(table: Any) -> Any:
    return col(table.case_id) == bindparam("case_id")


_HAS_REVIEWS = exists().where(_of_case(Review)).label("has_reviews")
_SEED = (
    select(col(SeededDraft.id))
    .where(_of_case(SeededDraft), col(SeededDraft.annotator_id) == bindparam("annotator_id"))
    .scalar_subquery()
    .label("seed_id")
)
_NEWEST_DRAFT = select(func.max(col(Draft.id))).where(_of_case(Draft)).scalar_subquery()
_LAST_EVENT = select(col(Event.hash)).order_by(col(Event.id).desc()).limit(1).scalar_subquery()
FACTS: tuple[Any, ...] = (
    _NEWEST_DRAFT.label("draft_id"),
    exists().where(_of_case(SecondReading)).label("is_second_chosen"),
    exists().where(_of_case(AuditItem)).label("is_audited"),
    select(func.max(col(Recheck.after_review_id)))
    .where(_of_case(Recheck))
    .scalar_subquery()
    .label("sent_back_after"),
)

# Put together once: that takes many times as long as asking them.
_DECIDED = (
    select(
        Case,
        Draft,
        Lease,
        User,
        QueueItem,
        _HAS_REVIEWS,
        _SEED,
        *FACTS,
        exists().where(col(Review.request_id) == bindparam("request_id")).label("is_request_known"),
        select(func.max(col(Event.id))).scalar_subquery().label("last_event_id"),
        _LAST_EVENT.label("last_event_hash"),
    )
    .select_from(Case)
    .outerjoin(Draft, col(Draft.id) == bindparam("shown_draft_id"))
    .outerjoin(Lease, col(Lease.case_id) == col(Case.id))
    .outerjoin(User, col(User.id) == bindparam("annotator_id"))
    .outerjoin(QueueItem, col(QueueItem.case_id) == col(Case.id))
    .where(col(Case.id) == bindparam("case_id"))
)
_SHOWN = (
    select(Draft, Lease, Image, _HAS_REVIEWS, _SEED)
    .select_from(Draft)
    .outerjoin(Lease, col(Lease.case_id) == col(Draft.case_id))
    .outerjoin(
        CaseImage,
        and_(col(CaseImage.case_id) == col(Draft.case_id), col(CaseImage.role) == ImageRole.REPORT.value),
    )
    .outerjoin(Image, col(Image.sha256) == col(CaseImage.image_sha256))
    .where(col(Draft.id) == _NEWEST_DRAFT)
    .order_by(col(CaseImage.position))
    .execution_options(populate_existing=True)
)


def known_firsts(session: Session) -> tuple[int, int] | None:
    """How many first readings wait and how many are done, after all that was written together with this; None
    where nobody has counted.
    """
    counts: tuple[int, int] | None = session.info.get(SHARED, {}).get(_FIRSTS)
    return counts


def note_firsts(session: Session, counts: tuple[int, int]) -> None:
    """Keep a count (waiting, done) for whoever is stored together with this: it takes the whole queue."""
    if SHARED in session.info:
        session.info[SHARED][_FIRSTS] = counts


def move_firsts(session: Session, before: Sequence[str], after: Sequence[str]) -> None:
    """Bring a kept count in step with a case whose first readings had some states and have others now."""
    counts = known_firsts(session)
    if counts is not None:
        waiting, done = (
            count + after.count(state.value) - before.count(state.value)
            for count, state in zip(counts, (QueueState.WAITING, QueueState.DONE), strict=True)
        )
        note_firsts(session, (waiting, done))


def known_case(session: Session, case_id: int) -> KnownCase | None:
    """What this transaction has looked up about a case, or None."""
    kept: dict[int, KnownCase] = session.info.get(_KEPT, {})
    return kept.get(case_id)


def forget_case(session: Session, case_id: int) -> None:
    """Have everything about a case asked for again."""
    session.info.get(_KEPT, {}).pop(case_id, None)


def look_at_decided(
    session: Session, *, case_id: int, draft_id: int, annotator_id: int, request_id: str
) -> None:
    """Look up what storing a decision needs, once the caller holds the place to write (`events.lock_chain`).

    Args:
        draft_id: the draft that was on screen.
    """
    asked = {
        "case_id": case_id,
        "shown_draft_id": draft_id,
        "annotator_id": annotator_id,
        "request_id": request_id,
    }
    rows = session.execute(_DECIDED, asked).all()
    if not rows:
        return
    case, draft, lease, user, _, *_ = first = rows[0]
    known = KnownCase(
        kept=(case, draft, lease, user),
        has_reviews=bool(first.has_reviews),
        facts=first,
        items=[row[4] for row in rows if row[4] is not None],
        unused_request="" if first.is_request_known else request_id,
    )
    _keep(session, case_id, annotator_id, known, first.seed_id)
    if first.last_event_id is not None:
        note_last_event(session, int(first.last_event_id), str(first.last_event_hash))


def look_at_shown(session: Session, *, case_id: int, annotator_id: int) -> None:
    """Look up what showing a case to a person needs."""
    rows = session.execute(_SHOWN, {"case_id": case_id, "annotator_id": annotator_id}).all()
    if not rows:
        return forget_case(session, case_id)
    draft, lease, _, *_ = first = rows[0]
    known = KnownCase(
        kept=(draft, lease),
        has_reviews=bool(first.has_reviews),
        draft=draft,
        lease=lease,
        pages=[row[2] for row in rows if row[2] is not None],
    )
    _keep(session, case_id, annotator_id, known, first.seed_id)
    return None


def _keep(session: Session, case_id: int, annotator_id: int, known: KnownCase, seed_id: int | None) -> None:
    session.info.setdefault(_KEPT, {})[case_id] = known
    if seed_id is None:
        note_unseeded(session, case_id=case_id, annotator_id=annotator_id)
