"""What the database and the image store hold of one patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func
from sqlmodel import Session, col, select

from db.tables.audits import AuditItem
from db.tables.cases import Case, CaseImage
from db.tables.drafts import Draft, ExtractionItem
from db.tables.practice import SeededDraft
from db.tables.queue import Lease, QueueItem
from db.tables.reviews import Review, Withdrawal


@dataclass(frozen=True)
class Holdings:
    """What there is of a patient.

    Attributes:
        cases: numbers of their records.
        pictures: names of pictures that no other patient's record shows; they go.
        shared: names of pictures that another patient's record shows, too; they stay.
        counts: how many rows of what, in the words of `COUNTED`.
    """

    cases: tuple[int, ...]
    pictures: tuple[str, ...]
    shared: tuple[str, ...]
    counts: dict[str, int]


def cases_of(session: Session, *, patient_key: str) -> list[int]:
    """The numbers of a patient's records, oldest first."""
    wanted = select(col(Case.id)).where(Case.patient_key == patient_key).order_by(col(Case.id))
    return [int(number or 0) for number in session.exec(wanted)]


def patient_of_case(session: Session, *, case_id: int) -> str | None:
    """The keyed hash of a record's patient; None without such a record."""
    case = session.get(Case, case_id)
    return None if case is None else case.patient_key


def holdings_of(session: Session, *, patient_key: str) -> Holdings:
    """Everything that is kept of a patient. Only reads."""
    cases = cases_of(session, patient_key=patient_key)
    theirs = set(_names(session, col(CaseImage.case_id).in_(cases)))
    others = set(
        _names(session, col(CaseImage.image_sha256).in_(theirs), col(CaseImage.case_id).not_in(cases))
    )
    return Holdings(
        tuple(cases), tuple(sorted(theirs - others)), tuple(sorted(theirs & others)), _counts(session, cases)
    )


def _names(session: Session, *conditions: ColumnElement[bool]) -> list[str]:
    return list(session.exec(select(CaseImage.image_sha256).where(*conditions).distinct()))


def _counts(session: Session, cases: list[int]) -> dict[str, int]:
    """What a person would ask about, in the order it is told."""

    def of(model: Any, *conditions: ColumnElement[bool]) -> int:
        wanted: Select[Any] = select(func.count()).select_from(model)
        return int(session.execute(wanted.where(col(model.case_id).in_(cases), *conditions)).scalar_one())

    undone = (
        select(func.count())
        .select_from(Withdrawal)
        .where(col(Withdrawal.review_id).in_(select(Review.id).where(col(Review.case_id).in_(cases))))
    )
    return {
        "record": len(cases),
        "draft": of(Draft),
        "decision": of(Review),
        "note": of(Review, col(Review.note) != ""),
        "undo or redo": int(session.execute(undone).scalar_one()),
        "practice record": of(SeededDraft),
        "record in an audit sample": of(AuditItem),
        "place in the review queue": of(QueueItem),
        "place in the reading queue": of(ExtractionItem),
        "record open at the desk": of(Lease),
    }
