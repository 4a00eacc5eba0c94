"""What a blind re-reading of a random sample says about all labels: errors found, and how many there may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from db.decisions import DECIDING, Decision, Purpose
from db.fields.names import ANSWERS
from db.fields.sameness import same_answer
from db.measures.audit_bound import more_to_read_for, most_errors
from db.tables.audits import AuditItem, AuditSample
from db.tables.reviews import Review
from db.withdrawals import is_in_force

TARGET_SHARE: Final = 0.01


@dataclass(frozen=True)
class FieldBound:
    """One field of one sample.

    Attributes:
        errors: labels that the re-reading (and, where there was one, the adjudication) found wrong.
        read: labels read again so far.
        bound: at most this many labels of the population are wrong, exact one-sided 95 %.
        more_for_target: how many more to read, all right, until the bound is at or below 1 % of the
            population; None where the errors found are more than that already.
    """

    field: str
    errors: int
    read: int
    population: int
    bound: int
    more_for_target: int | None

    @property
    def bound_share(self) -> float:
        """The bound as a share of the population, 0-1."""
        return self.bound / self.population


@dataclass(frozen=True)
class AuditReport:
    """One sample and what it says so far.

    Attributes:
        flagged: re-readings that ended in a flag instead of answers; they do not count as read.
        is_random: where not, the bound would mean nothing and there is none.
    """

    name: str
    drawn_at: datetime
    population: int
    size: int
    read: int
    flagged: int
    is_random: bool
    fields: tuple[FieldBound, ...]


def audit_reports(session: Session, *, ef_tolerance_points: float) -> list[AuditReport]:
    """Every sample, the newest first."""
    samples = session.exec(select(AuditSample).order_by(col(AuditSample.id).desc())).all()
    return [_report(session, sample, ef_tolerance_points) for sample in samples]


def newest_audit(session: Session, *, ef_tolerance_points: float) -> AuditReport | None:
    """The sample drawn last, or None."""
    sample = session.exec(select(AuditSample).order_by(col(AuditSample.id).desc()).limit(1)).first()
    return _report(session, sample, ef_tolerance_points) if sample is not None else None


def _report(session: Session, sample: AuditSample, tolerance: float) -> AuditReport:
    number = int(sample.id or 0)
    items = session.exec(select(AuditItem).where(AuditItem.sample_id == number)).all()
    audited = {
        review.case_id: review
        for review in session.exec(
            select(Review)
            .join(AuditItem, col(AuditItem.review_id) == col(Review.id))
            .where(AuditItem.sample_id == number)
        )
    }
    settled = _newest_by_case(session, number, Purpose.AUDIT)
    readings = {case: review for case, review in settled.items() if review.decision in DECIDING}
    rulings = _newest_by_case(session, number, Purpose.ADJUDICATION)
    flagged = sum(1 for review in settled.values() if review.decision == Decision.FLAG.value)
    bounds = []
    for field in ANSWERS if sample.is_random else ():
        errors = sum(
            _is_error(field, audited[case], reading, rulings.get(case), tolerance)
            for case, reading in readings.items()
        )
        bounds.append(_bound(field, errors, len(readings), sample.population))
    return AuditReport(
        sample.name,
        sample.created_at,
        sample.population,
        len(items),
        len(readings),
        flagged,
        sample.is_random,
        tuple(bounds),
    )


def _newest_by_case(session: Session, sample_id: int, purpose: Purpose) -> dict[int, Review]:
    """The newest settling reading of each drawn case for a purpose."""
    wanted = (
        select(Review)
        .join(AuditItem, col(AuditItem.case_id) == col(Review.case_id))
        .where(
            AuditItem.sample_id == sample_id,
            Review.purpose == purpose.value,
            col(Review.decision).in_((*DECIDING, Decision.FLAG.value)),
            is_in_force(),
        )
        .order_by(col(Review.id))
    )
    if purpose is Purpose.AUDIT:
        wanted = wanted.where(Review.sample_id == sample_id)
    return {review.case_id: review for review in session.exec(wanted)}


def _is_error(field: str, audited: Any, reading: Review, ruling: Review | None, tolerance: float) -> bool:
    """A disagreement is an error, unless an adjudication after it sided with the label that was audited."""
    if same_answer(field, audited, reading, tolerance=tolerance):
        return False
    is_later = (
        ruling is not None and ruling.decision in DECIDING and int(ruling.id or 0) > int(reading.id or 0)
    )
    return not (is_later and same_answer(field, audited, ruling, tolerance=tolerance))


def _bound(field: str, errors: int, read: int, population: int) -> FieldBound:
    counts = {"errors": errors, "size": read, "population": population}
    return FieldBound(
        field, errors, read, population, most_errors(**counts), more_to_read_for(TARGET_SHARE, **counts)
    )


def worst(bounds: Sequence[FieldBound]) -> FieldBound | None:
    """The field with the highest bound."""
    return max(bounds, key=lambda bound: bound.bound, default=None)
