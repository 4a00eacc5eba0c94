"""How every record stands now: not read, waiting, decided, or flagged and not settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

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
        """How far it is."""
        return status_of(
            is_flagged=self.flag is not None, has_label=self.label is not None, is_drafted=self.is_drafted
        )


def status_of(*, is_flagged: bool, has_label: bool, is_drafted: bool) -> Status:
    """An open flag before a label, a label before a draft."""
    if is_flagged:
        return Status.FLAGGED
    if has_label:
        return Status.DECIDED
    return Status.WAITING if is_drafted else Status.NOT_READ


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
    return {
        flag.case_id: flag
        for flag in session.exec(
            select(Review).where(is_open_flag(select(col(Review.case_id)).where(is_a_flag())))
        )
    }


def flag_notes(session: Session) -> dict[int, str]:
    """Case -> what the newest of its flags in force says, settled or not; cases with a flag note alone."""
    flags = select(Review).where(is_a_flag(), is_in_force(), col(Review.note) != "").order_by(col(Review.id))
    return {flag.case_id: flag.note for flag in session.exec(flags)}


def is_open_flag(among: Sequence[int] | SelectOfScalar[int] | None = None) -> ColumnElement[bool]:
    """The condition on `Review` that it is a flag, and the newest settling decision in force of its case.

    Args:
        among: numbers of cases; looking at a few is much quicker than looking at all.
    """
    settling = [col(Review.decision).in_(SETTLING), is_in_force()]
    if among is not None:
        settling.append(col(Review.case_id).in_(among))
    newest = select(func.max(Review.id)).where(*settling).group_by(col(Review.case_id)).scalar_subquery()
    return and_(col(Review.id).in_(newest), is_a_flag())


def is_a_flag() -> ColumnElement[bool]:
    """The condition on `Review` that it is a flag, whatever was decided since."""
    return col(Review.decision) == Decision.FLAG.value
