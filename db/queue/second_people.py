"""Which cases are to be read twice: a set share, drawn without a person's say, a list, or those that two
people had on screen at once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from db.access.desk_key import drawn_share
from db.events import append_event
from db.queue.known import forget_case
from db.queue.plan import ReadingRules
from db.store.plain_rows import first_row
from db.tables.queue import SecondReading

# Put together once: that takes many times as long as asking it.
_CHOSEN = select(col(SecondReading.case_id)).where(col(SecondReading.case_id) == bindparam("case_id"))

ChosenBy = Literal["share", "list", "conflict"]


def is_second_chosen(session: Session, *, case_id: int) -> bool:
    """Whether a case is to be read twice."""
    return first_row(session, _CHOSEN, {"case_id": case_id}) is not None


def choose_second(session: Session, *, case_id: int, chosen_by: ChosenBy, actor: str, now: datetime) -> bool:
    """Have a case read twice, with its event; False where it was chosen before.

    The caller refreshes the queue.
    """
    if is_second_chosen(session, case_id=case_id):
        return False
    session.add(SecondReading(case_id=case_id, chosen_by=chosen_by, created_at=now))
    session.flush()
    forget_case(session, case_id)
    append_event(
        session,
        kind="second_reading_chosen",
        actor=actor,
        subject=f"case:{case_id}",
        payload={"chosen_by": chosen_by},
        now=now,
    )
    return True


def choose_by_share(session: Session, *, case_id: int, rules: ReadingRules, now: datetime) -> bool:
    """Draw whether a case is read twice: fixed for the case, and not to be guessed while reading it."""
    if drawn_share(rules.key, "second", case_id) >= rules.second_reading_share:
        return False
    return choose_second(session, case_id=case_id, chosen_by="share", actor="desk", now=now)
