"""What blind re-readings of a random sample say about all labels: errors found, and how many there may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from db.decisions import DECIDING, SETTLING, Arm, Decision, Purpose
from db.fields.names import ANSWERS
from db.fields.sameness import same_answer
from db.measures.audit_bound import more_to_read_for, most_errors
from db.quality.audit_samples import labels_taken_out
from db.queue.plan import newest_of
from db.tables.audits import AuditItem, AuditSample
from db.tables.reviews import Review
from db.withdrawals import is_in_force

TARGET_SHARE: Final = 0.01


@dataclass(frozen=True)
class Reread:
    """One record of a sample.

    Attributes:
        audited: the label that was drawn.
        reading: its blind re-reading, or None while it waits; a flag is a reading that confirms nothing.
        ruling: what an adjudicator decided afterwards.
        knew: whether the person who re-read it had read the record before, or saw the draft.
    """

    audited: Review
    reading: Review | None = None
    ruling: Review | None = None
    knew: bool = False

    @property
    def is_flagged(self) -> bool:
        """Whether the re-reading ended in a flag instead of answers."""
        return self.reading is not None and self.reading.decision == Decision.FLAG.value

    def is_confirmed(self, answer: str, tolerance: float) -> bool:
        """Whether the re-reading gives the drawn label's answer."""
        if self.reading is None or self.is_flagged:
            return False
        return same_answer(answer, self.audited, self.reading, tolerance=tolerance)

    def is_upheld(self, answer: str, tolerance: float) -> bool:
        """Whether an adjudicator who saw both sided with the drawn label."""
        return self.ruling is not None and same_answer(answer, self.audited, self.ruling, tolerance=tolerance)


@dataclass(frozen=True)
class FieldBound:
    """One field of one sample.

    Attributes:
        errors: labels that the re-reading did not confirm and no adjudication sided with.
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
        population: labels it was drawn from, without those of patients who withdrew their consent since.
        size: records drawn that are still there.
        flagged: re-readings that ended in a flag instead of answers; they confirm nothing.
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
    drawn = reread_records(session, sample_id=number)
    population = sample.population - len(labels_taken_out(session).get(number, ()))
    wrong = [wrong_answers(one, tolerance=tolerance) for one in drawn.values() if one.reading is not None]
    return AuditReport(
        name=sample.name,
        drawn_at=sample.created_at,
        population=population,
        size=len(drawn),
        read=len(wrong),
        flagged=sum(one.is_flagged for one in drawn.values()),
        is_random=sample.is_random,
        fields=tuple(
            _bound(answer, sum(answer in found for found in wrong), len(wrong), population)
            for answer in (ANSWERS if sample.is_random and population else ())
        ),
    )


def wrong_answers(one: Reread, *, tolerance: float) -> frozenset[str]:
    """The answers in which a drawn label is wrong, of a record that was read again.

    Wrong is what the re-reading does not confirm, unless an adjudicator sided with the label afterwards. A
    flag confirms nothing: whoever cannot say what a report says has not found the label right, and leaving
    such records out would make the hard ones count for nothing.
    """
    return frozenset(
        answer
        for answer in ANSWERS
        if not (one.is_confirmed(answer, tolerance) or one.is_upheld(answer, tolerance))
    )


def reread_records(session: Session, *, sample_id: int) -> dict[int, Reread]:
    """Every record of a sample, by case."""
    items = session.exec(select(AuditItem).where(AuditItem.sample_id == sample_id)).all()
    wanted = (
        select(Review, is_in_force())
        .join(AuditItem, col(AuditItem.case_id) == col(Review.case_id))
        .where(AuditItem.sample_id == sample_id)
        .order_by(col(Review.id))
    )
    everything: dict[int, list[Review]] = {item.case_id: [] for item in items}
    in_force: dict[int, list[Review]] = {item.case_id: [] for item in items}
    for review, counts in session.exec(wanted):
        everything[review.case_id].append(review)
        if counts:
            in_force[review.case_id].append(review)
    return {item.case_id: _reread(item, everything[item.case_id], in_force[item.case_id]) for item in items}


def _reread(item: AuditItem, everything: Sequence[Review], in_force: Sequence[Review]) -> Reread:
    audited = next(one for one in everything if one.id == item.review_id)
    of_sample = [one for one in in_force if one.sample_id == item.sample_id]
    reading = newest_of(of_sample, Purpose.AUDIT)
    if reading is None:
        return Reread(audited)
    later = [one for one in in_force if _number(one) > _number(reading)]
    ruling = newest_of(later, Purpose.ADJUDICATION, DECIDING)
    return Reread(audited, reading, ruling, _knew(reading, everything))


def _knew(reading: Review, everything: Sequence[Review]) -> bool:
    """Whether they saw the draft, or had decided the record in another reading before."""

    def is_other_reading(one: Review) -> bool:
        is_theirs = one.annotator_id == reading.annotator_id and one.decision in SETTLING
        return is_theirs and (one.purpose, one.sample_id) != (reading.purpose, reading.sample_id)

    before = [one for one in everything if _number(one) < _number(reading)]
    return reading.arm == Arm.SHOWN.value or any(map(is_other_reading, before))


def _number(review: Review) -> int:
    return int(review.id or 0)


def _bound(field: str, errors: int, read: int, population: int) -> FieldBound:
    counts = {"errors": errors, "size": read, "population": population}
    return FieldBound(
        field, errors, read, population, most_errors(**counts), more_to_read_for(TARGET_SHARE, **counts)
    )


def worst(bounds: Sequence[FieldBound]) -> FieldBound | None:
    """The field with the highest bound."""
    return max(bounds, key=lambda bound: bound.bound, default=None)
