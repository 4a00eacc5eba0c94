"""Records to be looked up: by number, site, status, answers, person and day, a page of them at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

import sqlalchemy
from sqlmodel import Session, col, func, select

from db.label_view import newest_labels
from db.labels import Findings
from db.standings import Status, is_a_flag, is_open_flag, status_of
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
    conditions = _conditions(asked)
    # What is asked of labels takes long to find, so it is found and counted at once.
    is_dear = asked.status is not None or bool(_of_label(asked))
    number = func.count().over() if is_dear else sqlalchemy.literal(0)
    page = sqlalchemy.select(col(Case.id), number).where(*conditions).order_by(col(Case.id).desc())
    found = session.execute(page.limit(limit).offset(offset)).all()
    total = found[0][1] if found else 0
    if (found and not is_dear) or (offset and not found):
        total = session.execute(sqlalchemy.select(func.count(col(Case.id))).where(*conditions)).scalar_one()
    return _rows(session, [case_id for case_id, _ in found]), total


def _of_label(asked: RecordFilter) -> list[Any]:
    """What is asked of the values of a label, as conditions on the review that made it."""
    wanted = [
        (asked.rwma, col(Review.rwma).__eq__),
        (asked.pah, col(Review.pah).__eq__),
        (asked.ef_from, col(Review.ef_percent).__ge__),
        (asked.ef_to, col(Review.ef_percent).__le__),
        (asked.person, col(Review.annotator_id).__eq__),
        (asked.since, col(Review.created_at).__ge__),
    ]
    return [fits(value) for value, fits in wanted if value is not None]


def _conditions(asked: RecordFilter) -> list[Any]:
    """What is asked of the record itself, its label, its flag and its drafts."""
    wanted = [
        (asked.number, col(Case.id).__eq__),
        (asked.site, col(Case.site).__eq__),
        (asked.patient_key, col(Case.patient_key).__eq__),
    ]
    chosen = [fits(value) for value, fits in wanted if value is not None]
    if of_label := _of_label(asked):
        # Not by the view, which works out whole labels before any can be left out.
        newest = select(newest_labels().c.review_id)
        chosen.append(
            col(Case.id).in_(select(col(Review.case_id)).where(col(Review.id).in_(newest), *of_label))
        )
    return chosen if asked.status is None else [*chosen, *_standing(asked.status)]


def _standing(status: Status) -> list[Any]:
    flagged = select(col(Review.case_id)).where(is_open_flag(select(col(Review.case_id)).where(is_a_flag())))
    is_flagged = col(Case.id).in_(flagged)
    if status is Status.FLAGGED:
        return [is_flagged]
    is_labelled = col(Case.id).in_(select(newest_labels().c.case_id))
    if status is Status.DECIDED:
        return [~is_flagged, is_labelled]
    is_drafted = sqlalchemy.exists(select(1).where(col(Draft.case_id) == Case.id))
    if status is Status.NOT_READ:
        return [~is_drafted, ~is_flagged, ~is_labelled]  # in this order: a flag without a draft is rare
    return [~is_flagged, ~is_labelled, is_drafted]


def _rows(session: Session, numbers: Sequence[int]) -> list[RecordRow]:
    """These records, in this order."""
    cases = {case.id: case for case in session.exec(select(Case).where(col(Case.id).in_(numbers)))}
    drafted = set(session.exec(select(col(Draft.case_id)).where(col(Draft.case_id).in_(numbers))))
    flags = select(col(Review.case_id)).where(is_open_flag(numbers))
    flagged = set(session.exec(flags))
    newest = newest_labels(numbers)
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


# The sites of the records up to a number, of each database: they are never changed, only added to.
_SITES: Final[WeakKeyDictionary[Any, tuple[int, frozenset[str]]]] = WeakKeyDictionary()


def sites(session: Session) -> list[str]:
    """Every site's name, sorted."""
    engine = session.get_bind()
    seen, known = _SITES.get(engine, (0, frozenset()))
    newest = session.exec(select(func.max(Case.id))).one() or 0
    if newest < seen:  # another database has come in its place
        seen, known = 0, frozenset()
    if newest > seen:
        more = session.exec(select(Case.site).distinct().where(col(Case.id) > seen))
        known = known | frozenset(more)
        _SITES[engine] = newest, known
    return sorted(site for site in known if site)
