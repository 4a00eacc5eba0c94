"""Which invented record the desk opens with: one that could be read, where something is to be looked at."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from db.cases import get_case, set_priority
from db.decisions import Purpose
from db.drafts import latest_draft
from db.fields.names import CARD_FIELDS
from db.fields.words import is_unreadable
from db.queue.items import waiting_items

if TYPE_CHECKING:
    from sqlmodel import Session

_FIRST: Final = 10_000.0
_LOOKED_AT: Final = 200


def open_with_a_legible_page(session: Session, *, now: datetime) -> int | None:
    """Put the first waiting record that was read whole before the pages that no engine could read.

    Those wait at the head of the queue, because they need a person most; they are a poor first sight.

    Returns:
        its case number; null where a record was put first before, or none was read whole.
    """
    for item in waiting_items(session, purpose=Purpose.FIRST, limit=_LOOKED_AT):
        case, draft = get_case(session, case_id=item.case_id), latest_draft(session, case_id=item.case_id)
        if case is None or draft is None:
            continue
        if case.priority >= _FIRST:
            return None
        findings = draft.to_findings()
        if not any(is_unreadable(findings, field) for field in CARD_FIELDS):
            set_priority(
                session,
                case_id=item.case_id,
                priority=_FIRST,
                reason="the demo opens with it",
                actor="demo",
                now=now,
            )
            return item.case_id
    return None
