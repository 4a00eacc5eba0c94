"""How many errors the labels of a snapshot may still hold, by the newest audit sample; or why nobody knows.

The sample was drawn from all labels there were; the snapshot may hold other ones. So the bound is worked out
for the labels that are both: drawn from, and frozen as they were. What the re-reading found wrong always
counts, wherever the record went afterwards, so that leaving corrected records out cannot make the rest look
better than it is.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Protocol

from sqlmodel import Session, col, select

from db.fields.names import ANSWERS
from db.fields.sameness import same_answer
from db.measures.audit_bound import most_errors
from db.measures.estimate import CONFIDENCE
from db.quality.audit import Reread, reread_records, wrong_answers
from db.quality.audit_samples import Draw, labels_at_draw, list_samples
from db.tables.audits import AuditSample
from db.tables.reviews import Review

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


def certificate(
    session: Session, rows: Sequence[FrozenLabel], *, ef_tolerance_points: float
) -> dict[str, Any]:
    """`is_certified` and either `fields` with their bounds, or the `reason` why there are none."""
    samples = list_samples(session)
    if not samples:
        return _refused("no audit sample was drawn")
    sample = samples[-1]
    number = int(sample.id or 0)
    draw, drawn = labels_at_draw(session, sample_id=number), reread_records(session, sample_id=number)
    reason = refusal(sample, draw, drawn)
    if reason:
        return _refused(reason, sample=number)
    assert draw is not None  # noqa: S101 - refused otherwise
    return _bounds(rows, sample, _as_drawn(session, rows, draw), drawn, ef_tolerance_points)


def _as_drawn(session: Session, rows: Sequence[FrozenLabel], draw: Draw) -> set[int]:
    """Cases whose frozen label says what the drawn one said: the same decision, or another with the same
    answers.
    """
    by_case = {row.case_id: row for row in rows}
    drawn = {case: review for case, review in draw.labels if case in by_case}
    same = {case for case, review in drawn.items() if by_case[case].review_id == review}
    others = [review for case, review in drawn.items() if case not in same]
    for start in range(0, len(others), 500):
        wanted = select(Review).where(col(Review.id).in_(others[start : start + 500]))
        for review in session.exec(wanted):
            now = SimpleNamespace(**by_case[review.case_id].findings)
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
    # Patients who withdrew since are drawn again as they were, and then left out.
    if draw is None or items != [one for one in _drawn_again(sample, draw) if one not in draw.taken_out]:
        return "drawing the newest audit sample again with its seed does not give the records it holds"
    waiting = sum(one.reading is None for one in drawn.values())
    if waiting:
        return f"{waiting} of {len(drawn)} records of the newest audit sample still wait to be re-read"
    return ""


def _drawn_again(sample: AuditSample, draw: Draw) -> list[tuple[int, int]]:
    if len(draw.labels) != sample.population:
        return []
    draws = random.Random(sample.seed)  # noqa: S311 - a repeatable draw
    return sorted(draws.sample(list(draw.labels), sample.size))


def _refused(reason: str, **more: int) -> dict[str, Any]:
    return {"is_certified": False, "reason": reason, **more}


def _bounds(
    rows: Sequence[FrozenLabel],
    sample: AuditSample,
    as_drawn: set[int],
    drawn: Mapping[int, Reread],
    tolerance: float,
) -> dict[str, Any]:
    wrong = {case: wrong_answers(one, tolerance=tolerance) for case, one in drawn.items()}
    now = {row.case_id for row in rows}
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
        "rows": len(rows),
        "not_covered": len(rows) - len(covered & now),
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
