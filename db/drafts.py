"""Machine readings: only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from db.events import DRAFT_STORED, append_event, lock_chain, row_sha256
from db.queue.items import reorder_case
from db.queue.known import forget_case, known_case
from db.tables.drafts import Draft

# Put together once: that takes many times as long as asking it.
_NEWEST = select(Draft).where(Draft.case_id == bindparam("case_id")).order_by(col(Draft.id).desc()).limit(1)


def store_draft(session: Session, *, draft: Draft, actor: str, now: datetime) -> Draft:
    """Add one reading with its event and its place in the review queue, in the caller's transaction."""
    lock_chain(session)
    draft.created_at = now
    session.add(draft)
    session.flush()
    forget_case(session, draft.case_id)
    session.refresh(draft)  # hash what the database really holds
    append_event(
        session,
        kind=DRAFT_STORED,
        actor=actor,
        subject=f"draft:{draft.id}",
        payload={
            "case_id": draft.case_id,
            "reader": draft.reader,
            "reader_version": draft.reader_version,
            "row_sha256": row_sha256(draft),
        },
        now=now,
    )
    reorder_case(session, case_id=draft.case_id)
    return draft


def find_draft(session: Session, *, case_id: int, reader: str, reader_version: str) -> Draft | None:
    """The reading of a case by one reader at one version, or None."""
    return session.exec(
        select(Draft).where(
            Draft.case_id == case_id, Draft.reader == reader, Draft.reader_version == reader_version
        )
    ).first()


def latest_draft(session: Session, *, case_id: int, reader: str | None = None) -> Draft | None:
    """The newest reading of a case, of one reader or of any."""
    known = known_case(session, case_id)
    if known is not None and known.draft is not None and reader is None:
        return known.draft
    wanted = _NEWEST if reader is None else _NEWEST.where(Draft.reader == reader)
    return session.exec(wanted, params={"case_id": case_id}).first()


def list_drafts(session: Session) -> Sequence[Draft]:
    """Every reading, oldest first."""
    return session.exec(select(Draft).order_by(col(Draft.id))).all()
