"""How every record stands now: not read, waiting, decided, or flagged and not settled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session, col, func, select

from db.decisions import SETTLING, Decision
from db.label_view import CurrentLabel, current_labels
from db.tables.cases import Case
from db.tables.drafts import Draft
from db.tables.reviews import Review
from db.withdrawals import is_in_force


class Status(StrEnum):
    """How far a record is; a flag counts until somebody decides again."""

    NOT_READ = "not read yet"
    WAITING = "waiting for a person"
    FLAGGED = "flagged, not settled"
    DECIDED = "decided"


@dataclass(frozen=True)
class Standing:
    """One record: its label if it has one, and the flag that nobody has settled since.

    Attributes:
        label: of a flagged record what was decided before the flag.
    """

    case: Case
    is_drafted: bool
    label: CurrentLabel | None
    flag: Review | None

    @property
    def status(self) -> Status:
        """An open flag before a label, a label before a draft."""
        if self.flag is not None:
            return Status.FLAGGED
        if self.label is not None:
            return Status.DECIDED
        return Status.WAITING if self.is_drafted else Status.NOT_READ


def standings(session: Session) -> list[Standing]:
    """Every record, by number."""
    labels = {label.case_id: label for label in current_labels(session)}
    drafted = set(session.exec(select(col(Draft.case_id)).distinct()))
    flags = open_flags(session)
    return [
        Standing(case, number in drafted, labels.get(number), flags.get(number))
        for case in session.exec(select(Case).order_by(col(Case.id)))
        for number in (int(case.id or 0),)
    ]


def open_flags(session: Session) -> dict[int, Review]:
    """Case -> the flag that is its newest settling decision in force."""
    newest = (
        select(func.max(Review.id))
        .where(col(Review.decision).in_(SETTLING), is_in_force())
        .group_by(col(Review.case_id))
        .scalar_subquery()
    )
    flagged = select(Review).where(col(Review.id).in_(newest), Review.decision == Decision.FLAG.value)
    return {flag.case_id: flag for flag in session.exec(flagged)}
