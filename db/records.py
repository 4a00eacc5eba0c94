"""Records to be looked up: by number, site, status, answers, person and day, a page of them at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from db.decisions import SETTLING, Decision
from db.fields.names import COLUMNS
from db.label_view import LABEL
from db.labels import Findings
from db.standings import Status
from db.store.plain_rows import table_of
from db.tables.cases import Case
from db.tables.drafts import Draft
from db.tables.people import User
from db.tables.reviews import Review
from db.withdrawals import is_in_force


@dataclass(frozen=True)
class RecordFilter:
    """Which records are meant; null is any.

    Attributes:
        ef_from, ef_to: percent, of the label, both ends within.
        person: number of who made the label.
        since: labelled at or after this moment.
    """

    number: int | None = None
    site: str | None = None
    status: Status | None = None
    rwma: str | None = None
    pah: str | None = None
    ef_from: float | None = None
    ef_to: float | None = None
    person: int | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class RecordRow:
    """One record in a list: `findings`, `decided_by` and `decided_at` are of its label."""

    case_id: int
    site: str
    report_date: date | None
    status: Status
    findings: Findings | None
    decided_by: str
    decided_at: datetime | None


def find_records(
    session: Session, asked: RecordFilter, *, limit: int, offset: int = 0
) -> tuple[list[RecordRow], int]:
    """The records asked for, newest first, and how many there are in all."""
    is_flagged = sqlalchemy.exists(
        select(1).where(col(Review.case_id) == Case.id, Review.decision == Decision.FLAG.value, _is_newest())
    )
    is_drafted = sqlalchemy.exists(select(1).where(col(Draft.case_id) == Case.id))
    wanted = (
        sqlalchemy.select(
            col(Case.id),
            col(Case.site),
            col(Case.report_date),
            is_flagged.label("is_flagged"),
            is_drafted.label("is_drafted"),
            col(User.name),
            LABEL.c.review_id,
            LABEL.c.created_at,
            *(LABEL.c[name] for name in COLUMNS),
        )
        .select_from(table_of(Case).outerjoin(LABEL, LABEL.c.case_id == Case.id))
        .outerjoin(User, col(User.id) == LABEL.c.annotator_id)
        .where(*_conditions(asked, is_flagged, is_drafted))
    )
    total = int(session.execute(sqlalchemy.select(func.count()).select_from(wanted.subquery())).scalar_one())
    rows = session.execute(wanted.order_by(col(Case.id).desc()).limit(limit).offset(offset)).mappings()
    return [_row(row) for row in rows], total


def _is_newest() -> Any:
    """A review that settles its case, and after which nobody settled it again."""
    later = aliased(Review)
    return is_in_force() & ~sqlalchemy.exists(
        select(1).where(
            col(later.case_id) == Review.case_id,
            col(later.id) > Review.id,
            col(later.decision).in_(SETTLING),
            is_in_force(later),
        )
    )


def _conditions(asked: RecordFilter, is_flagged: Any, is_drafted: Any) -> Sequence[Any]:
    has_label = LABEL.c.review_id.is_not(None)
    of_status = {
        Status.FLAGGED: [is_flagged],
        Status.DECIDED: [has_label, ~is_flagged],
        Status.WAITING: [~has_label, ~is_flagged, is_drafted],
        Status.NOT_READ: [~has_label, ~is_flagged, ~is_drafted],
    }
    wanted = [
        (asked.number, col(Case.id).__eq__),
        (asked.site, col(Case.site).__eq__),
        (asked.rwma, LABEL.c.rwma.__eq__),
        (asked.pah, LABEL.c.pah.__eq__),
        (asked.ef_from, LABEL.c.ef_percent.__ge__),
        (asked.ef_to, LABEL.c.ef_percent.__le__),
        (asked.person, LABEL.c.annotator_id.__eq__),
        (asked.since, LABEL.c.created_at.__ge__),
    ]
    chosen = [fits(value) for value, fits in wanted if value is not None]
    return chosen + (of_status[asked.status] if asked.status is not None else [])


def _row(row: Any) -> RecordRow:
    has_label = row["review_id"] is not None
    if row["is_flagged"]:
        status = Status.FLAGGED
    elif has_label:
        status = Status.DECIDED
    else:
        status = Status.WAITING if row["is_drafted"] else Status.NOT_READ
    return RecordRow(
        case_id=row["id"],
        site=row["site"],
        report_date=row["report_date"],
        status=status,
        findings=Findings.model_validate({name: row[name] for name in COLUMNS}) if has_label else None,
        decided_by=row["name"] or "",
        decided_at=row["created_at"],
    )


def sites(session: Session) -> list[str]:
    """Every site's name, sorted."""
    return [site for site in session.exec(select(Case.site).distinct().order_by(Case.site)) if site]
