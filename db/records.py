"""Records to be looked up: by number, site, status, answers, person and day, a page of them at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy
from sqlmodel import Session, col, func, select

from db.label_view import LABEL, newest_labels
from db.labels import Findings
from db.standings import Status, is_open_flag, status_of
from db.store.plain_rows import table_of
from db.tables.cases import Case
from db.tables.drafts import Draft
from db.tables.people import User
from db.tables.reviews import Review


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
    patient_key: str | None = None


@dataclass(frozen=True)
class RecordRow:
    """One record in a list: `findings`, `decided_by` and `decided_at` are of its label."""

    case_id: int
    patient_key: str
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
    of_label, others = _label_conditions(asked), _conditions(asked)
    wanted = sqlalchemy.select(col(Case.id)).where(*of_label, *others).order_by(col(Case.id).desc())
    if not of_label:
        total = session.execute(sqlalchemy.select(func.count()).select_from(wanted.subquery())).scalar_one()
        return _rows(session, list(session.execute(wanted.limit(limit).offset(offset)).scalars())), total
    # The view works out every label, so it is asked once, and not at all where nothing is asked of labels.
    labelled = wanted.select_from(table_of(Case).outerjoin(LABEL, LABEL.c.case_id == Case.id))
    numbers = list(session.execute(labelled).scalars())
    return _rows(session, numbers[offset : offset + limit]), len(numbers)


def _label_conditions(asked: RecordFilter) -> list[Any]:
    """What is asked of the label, or of there being none."""
    wanted = [
        (asked.rwma, LABEL.c.rwma.__eq__),
        (asked.pah, LABEL.c.pah.__eq__),
        (asked.ef_from, LABEL.c.ef_percent.__ge__),
        (asked.ef_to, LABEL.c.ef_percent.__le__),
        (asked.person, LABEL.c.annotator_id.__eq__),
        (asked.since, LABEL.c.created_at.__ge__),
    ]
    chosen = [fits(value) for value, fits in wanted if value is not None]
    if asked.status is Status.DECIDED:
        chosen.append(LABEL.c.review_id.is_not(None))
    elif asked.status in (Status.WAITING, Status.NOT_READ):
        chosen.append(LABEL.c.review_id.is_(None))
    return chosen


def _conditions(asked: RecordFilter) -> list[Any]:
    """What is asked of the record itself, its flag and its drafts."""
    wanted = [
        (asked.number, col(Case.id).__eq__),
        (asked.site, col(Case.site).__eq__),
        (asked.patient_key, col(Case.patient_key).__eq__),
    ]
    chosen = [fits(value) for value, fits in wanted if value is not None]
    if asked.status is None:
        return chosen
    is_flagged = col(Case.id).in_(select(Review.case_id).where(is_open_flag()))
    chosen.append(is_flagged if asked.status is Status.FLAGGED else ~is_flagged)
    is_drafted = sqlalchemy.exists(select(1).where(col(Draft.case_id) == Case.id))
    if asked.status in (Status.WAITING, Status.NOT_READ):
        chosen.append(is_drafted if asked.status is Status.WAITING else ~is_drafted)
    return chosen


def _rows(session: Session, numbers: Sequence[int]) -> list[RecordRow]:
    """These records, in this order."""
    cases = {case.id: case for case in session.exec(select(Case).where(col(Case.id).in_(numbers)))}
    drafted = set(session.exec(select(col(Draft.case_id)).where(col(Draft.case_id).in_(numbers))))
    flags = select(col(Review.case_id)).where(is_open_flag(numbers))
    flagged = set(session.exec(flags))
    newest = newest_labels(sqlalchemy.select(col(Case.id)).where(col(Case.id).in_(numbers)))
    labels = {
        review.case_id: (review, name)
        for review, name in session.exec(
            select(Review, User.name)
            .join(newest, newest.c.review_id == Review.id)
            .join(User, col(User.id) == Review.annotator_id)
        )
    }
    rows = []
    for number in numbers:
        review, name = labels.get(number, (None, ""))
        rows.append(
            RecordRow(
                case_id=number,
                patient_key=cases[number].patient_key,
                site=cases[number].site,
                report_date=cases[number].report_date,
                status=status_of(
                    is_flagged=number in flagged, has_label=review is not None, is_drafted=number in drafted
                ),
                findings=None if review is None else review.to_findings(),
                decided_by=name,
                decided_at=None if review is None else review.created_at,
            )
        )
    return rows


def sites(session: Session) -> list[str]:
    """Every site's name, sorted."""
    return [site for site in session.exec(select(Case.site).distinct().order_by(Case.site)) if site]
