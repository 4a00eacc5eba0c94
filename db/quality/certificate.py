"""How many errors the rows of a snapshot may still hold, by the newest audit sample; or why that cannot be
said.

The sample was drawn from all labels there were; the snapshot may hold other ones. So the bound is worked out
for the labels that are both: drawn from, and frozen as they were. What the re-reading found wrong always
counts, wherever the record went afterwards, so that leaving corrected records out cannot make the rest look
better than it is.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Protocol

from sqlmodel import Session, col, select

from db.fields.names import ANSWERS
from db.fields.sameness import same_answer
from db.measures.audit_bound import most_errors
from db.measures.estimate import CONFIDENCE
from db.quality.audit_draws import Draw, labels_at_draw
from db.quality.audit_samples import list_samples
from db.tables.audits import AuditItem, AuditSample
from db.tables.reviews import Review
from db.withdrawals import is_in_force

_SETTLING = ("accept", "correct", "flag")
METHOD = "exact hypergeometric upper limit, one-sided"


class FrozenLabel(Protocol):
    """One row of a snapshot, as far as the bound asks.

    Attributes:
        findings: the label's columns, as in `db.labels.Findings`, plain values.
    """

    @property
    def case_id(self) -> int: ...
    @property
    def review_id(self) -> int: ...
    @property
    def findings(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Reread:
    """One record of the sample.

    Attributes:
        audited: the label that was drawn.
        reading: its blind re-reading, or None while it waits; a flag is a reading that confirms nothing.
        ruling: what an adjudicator decided afterwards.
        knew: whether the person who re-read it had read the record before, or saw the draft.
    """

    audited: Review
    reading: Review | None
    ruling: Review | None
    knew: bool


def certificate(
    session: Session, labels: Sequence[FrozenLabel], *, ef_tolerance_points: float
) -> dict[str, Any]:
    """`is_certified` and either `fields` with their bounds, or the `reason` why there are none.

    Args:
        labels: the rows of the snapshot.
    """
    samples = list_samples(session)
    if not samples:
        return _refused("no audit sample was drawn")
    sample = samples[-1]
    number = int(sample.id or 0)
    draw, drawn = labels_at_draw(session, sample_id=number), _reread(session, number)
    reason = refusal(sample, draw, drawn)
    if reason:
        return _refused(reason, sample=number)
    assert draw is not None  # noqa: S101 - refused otherwise
    return _bounds(labels, sample, _as_drawn(session, labels, draw), drawn, ef_tolerance_points)


def _as_drawn(session: Session, labels: Sequence[FrozenLabel], draw: Draw) -> set[int]:
    """Cases whose frozen label says what the drawn one said: the same decision, or another with the same
    answers.
    """
    rows = {row.case_id: row for row in labels}
    drawn = {case: review for case, review in draw.labels if case in rows}
    same = {case for case, review in drawn.items() if rows[case].review_id == review}
    others = [review for case, review in drawn.items() if case not in same]
    for start in range(0, len(others), 500):
        wanted = select(Review).where(col(Review.id).in_(others[start : start + 500]))
        for review in session.exec(wanted):
            now = SimpleNamespace(**rows[review.case_id].findings)
            if all(same_answer(field, review, now, tolerance=0) for field in ANSWERS):
                same.add(review.case_id)
    return same


def refusal(sample: AuditSample, draw: Draw | None, drawn: Mapping[int, Reread]) -> str:
    """Why a sample certifies nothing; empty where it does."""
    if not sample.is_random:
        return "the newest audit sample was not drawn at random"
    if not sample.is_blind or any(one.knew for one in drawn.values()):
        return "the newest audit sample was not re-read blindly"
    items = sorted((case, int(one.audited.id or 0)) for case, one in drawn.items())
    if draw is None or items != _drawn_again(sample, draw):
        return "drawing the newest audit sample again with its seed does not give the records it holds"
    waiting = sum(one.reading is None for one in drawn.values())
    if waiting:
        return f"{waiting} of {len(drawn)} records of the newest audit sample still wait to be re-read"
    return ""


def _drawn_again(sample: AuditSample, draw: Draw) -> list[tuple[int, int]]:
    if len(draw.labels) != sample.population:
        return []
    return sorted(random.Random(sample.seed).sample(list(draw.labels), sample.size))  # noqa: S311 - a repeatable draw


def _refused(reason: str, **more: int) -> dict[str, Any]:
    return {"is_certified": False, "reason": reason, **more}


def _bounds(
    labels: Sequence[FrozenLabel],
    sample: AuditSample,
    as_drawn: set[int],
    drawn: Mapping[int, Reread],
    tolerance: float,
) -> dict[str, Any]:
    wrong = {case: frozenset(_errors(one, tolerance)) for case, one in drawn.items()}
    now = {row.case_id for row in labels}
    covered = as_drawn | {case for case, fields in wrong.items() if fields}
    read = [case for case in drawn if case in covered]
    if not read:
        return _refused(
            "no record of the newest audit sample is in this snapshot", sample=int(sample.id or 0)
        )
    return {
        "is_certified": True,
        "reason": "",
        "sample": int(sample.id or 0),
        "method": METHOD,
        "confidence": CONFIDENCE,
        "rows": len(labels),
        "not_covered": len(labels) - len(covered & now),
        "population": len(covered),
        "read": len(read),
        "fields": [_field(field, read, wrong, as_drawn, len(covered)) for field in ANSWERS],
    }


def _field(
    field: str, read: list[int], wrong: Mapping[int, frozenset[str]], as_drawn: set[int], population: int
) -> dict[str, Any]:
    """One field's bound: errors there may have been when the sample was drawn, and what is left of them.

    An error that was found is put right where its record has another label now, or is not in the snapshot.
    """
    found = [case for case in read if field in wrong[case]]
    bound = most_errors(errors=len(found), size=len(read), population=population)
    put_right = sum(case not in as_drawn for case in found)
    return {
        "field": field,
        "errors": len(found),
        "read": len(read),
        "population": population,
        "bound": bound,
        "bound_share": bound / population,
        "put_right": put_right,
        "residual": bound - put_right,
        "residual_share": (bound - put_right) / population,
    }


def _errors(one: Reread, tolerance: float) -> Iterable[str]:
    """The fields in which the drawn label was wrong: the re-reading differs and no ruling sided with the
    label.
    """
    for field in ANSWERS:
        is_confirmed = (
            one.reading is not None
            and one.reading.decision != "flag"
            and same_answer(field, one.audited, one.reading, tolerance=tolerance)
        )
        is_upheld = one.ruling is not None and same_answer(
            field, one.audited, one.ruling, tolerance=tolerance
        )
        if not is_confirmed and not is_upheld:
            yield field


def _reread(session: Session, sample_id: int) -> dict[int, Reread]:
    """Every record of a sample by case."""
    items = session.exec(select(AuditItem).where(AuditItem.sample_id == sample_id)).all()
    wanted = select(Review).join(AuditItem, col(AuditItem.case_id) == col(Review.case_id))
    by_case: dict[int, list[Review]] = {item.case_id: [] for item in items}
    for review in session.exec(wanted.where(AuditItem.sample_id == sample_id).order_by(col(Review.id))):
        by_case[review.case_id].append(review)
    in_force = set(
        session.exec(
            select(Review.id)
            .join(AuditItem, col(AuditItem.case_id) == col(Review.case_id))
            .where(AuditItem.sample_id == sample_id, is_in_force())
        )
    )
    found = {}
    for item in items:
        everything = by_case[item.case_id]
        counting = [one for one in everything if one.id in in_force]
        found[item.case_id] = _one(item.review_id, everything, counting, sample_id)
    return found


def _one(audited_id: int, everything: list[Review], in_force: list[Review], sample_id: int) -> Reread:
    audited = next(review for review in everything if review.id == audited_id)
    readings = [one for one in in_force if _is_rereading(one, sample_id)]
    if not readings:
        return Reread(audited, None, None, knew=False)
    reading = readings[-1]
    rulings = [one for one in in_force if _rules_on(one, reading)]
    return Reread(audited, reading, rulings[-1] if rulings else None, _knew(reading, everything))


def _is_rereading(one: Review, sample_id: int) -> bool:
    return one.purpose == "audit" and one.sample_id == sample_id and one.decision in _SETTLING


def _rules_on(one: Review, reading: Review) -> bool:
    """Whether an adjudicator decided it, after the re-reading."""
    is_ruling = one.purpose == "adjudication" and one.decision in ("accept", "correct")
    return is_ruling and int(one.id or 0) > int(reading.id or 0)


def _knew(reading: Review, everything: list[Review]) -> bool:
    """Whether the draft stood beside the page, or the person had decided the record in another reading
    before.
    """

    def is_other(one: Review) -> bool:
        is_theirs = one.annotator_id == reading.annotator_id and one.decision in _SETTLING
        return is_theirs and (one.purpose, one.sample_id) != (reading.purpose, reading.sample_id)

    before = [one for one in everything if int(one.id or 0) < int(reading.id or 0)]
    return reading.arm == "shown" or any(is_other(one) for one in before)
