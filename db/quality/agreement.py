"""How far two readings of the same report agree: people with each other, with the draft and with the final
label.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from db.decisions import Purpose
from db.fields.sameness import same_answer
from db.fields.strata import GRADES
from db.label_view import newest_labels, newest_readings
from db.labels import Rwma
from db.measures.alpha import Level, alpha_of_answers, alpha_of_numbers
from db.measures.bland_altman import Limits, bland_altman
from db.measures.bootstrap import SumMeasure, bootstrap
from db.measures.estimate import Estimate
from db.measures.intraclass import icc21
from db.measures.kappa import kappa
from db.measures.proportions import exact_share
from db.quality.corrections import CLASSES
from db.tables.drafts import Draft
from db.tables.reviews import Review

READERS: Final = ("first", "second", "draft", "final")
MEASURES: Final = (
    "ef_icc",
    "ef_alpha",
    "rwma_kappa",
    "severity_kappa",
    "severity_alpha",
    "pah_alpha",
)


class Answer(NamedTuple):
    """What one reader made of one report."""

    ef_percent: float | None
    ef_state: str
    rwma: str
    rwma_severity: str
    pah: str


@dataclass(frozen=True)
class TwiceRead:
    """One record with two blind readings, by reader."""

    case_id: int
    answers: dict[str, Answer]


@dataclass(frozen=True)
class PairReport:
    """Two readers on the records that both have read.

    Attributes:
        measures: by name of `MEASURES`, each with a bootstrap interval over records and its own n.
        same: of `CLASSES` (nobody need enter the pressure from a page alone): the share of records with the
            same answer, 0-1.
        limits: of EF, first minus second reader, percentage points.
        ef_pairs: (reading of the first, of the second) where both give a number.
    """

    readers: tuple[str, str]
    records: int
    measures: dict[str, Estimate]
    same: dict[str, Estimate]
    limits: Limits
    ef_pairs: tuple[tuple[float, float], ...]


def twice_read(session: Session, among: range | None = None) -> list[TwiceRead]:
    """Every record with a first and a second reading in force, with its draft and its label.

    Args:
        among: the cases that are looked at.
    """
    first, second = newest_readings(Purpose.FIRST, among), newest_readings(Purpose.SECOND, among)
    label = newest_labels(among)
    one, other, final = aliased(Review), aliased(Review), aliased(Review)
    rows = session.execute(
        select(first.c.case_id, *_columns(one), *_columns(other), *_columns(Draft), *_columns(final))
        .select_from(second)
        .join(first, first.c.case_id == second.c.case_id)
        .join(one, col(one.id) == first.c.review_id)
        .join(other, col(other.id) == second.c.review_id)
        .outerjoin(Draft, col(Draft.id) == col(one.draft_id))
        .outerjoin(label, label.c.case_id == first.c.case_id)
        .outerjoin(final, col(final.id) == label.c.review_id)
        .order_by(first.c.case_id)
    ).all()
    found = []
    for case_id, *columns in rows:
        given = {reader: columns[place * 5 : place * 5 + 5] for place, reader in enumerate(READERS)}
        answers = {reader: Answer(*values) for reader, values in given.items() if values[1] is not None}
        found.append(TwiceRead(int(case_id), answers))
    return found


def pair_reports(records: Sequence[TwiceRead], *, seed: int = 1) -> list[PairReport]:
    """Every pair of `READERS`, two people first."""
    return [pair_report(records, pair, seed=seed) for pair in itertools.combinations(READERS, 2)]


def pair_report(records: Sequence[TwiceRead], readers: tuple[str, str], *, seed: int = 1) -> PairReport:
    """How far two readers agree.

    Args:
        seed: of the bootstrap.
    """
    pairs = Counter(
        (record.answers[readers[0]], record.answers[readers[1]])
        for record in records
        if _has(record, readers)
    )
    ef_pairs = tuple(
        (one.ef_percent, other.ef_percent)
        for one, other in pairs.elements()
        if one.ef_percent is not None and other.ef_percent is not None
    )
    return PairReport(
        readers,
        pairs.total(),
        {name: bootstrap(_MEASURES[name](pairs), seed=seed) for name in MEASURES},
        {name: _same(pairs, name) for name in CLASSES},
        bland_altman([one for one, _ in ef_pairs], [other for _, other in ef_pairs]),
        ef_pairs,
    )


# How often each pair of answers came up: a few hundred kinds, however many records.
Pairs = Counter[tuple[Answer, Answer]]


def _has(record: TwiceRead, readers: tuple[str, str]) -> bool:
    return readers[0] in record.answers and readers[1] in record.answers


def _columns(source: Any) -> tuple[Any, ...]:
    return source.ef_percent, source.ef_state, source.rwma, source.rwma_severity, source.pah


def _same(pairs: Pairs, name: str) -> Estimate:
    same = sum(
        records for (one, other), records in pairs.items() if same_answer(name, one, other, tolerance=0)
    )
    return exact_share(same, pairs.total())


def _kinds(
    pairs: Pairs, answer_of: Callable[[Answer], Any], *, of: Sequence[str] | None = None
) -> Counter[Any]:
    """Pairs of one field's answers that are both given (and both one of some grades)."""
    counted: Counter[Any] = Counter()
    for (one, other), records in pairs.items():
        kind = answer_of(one), answer_of(other)
        if all(answer is not None and (of is None or answer in of) for answer in kind):
            counted[kind] += records
    return counted


def _ef(answer: Answer) -> float | None:
    return answer.ef_percent


def _ef_icc(pairs: Pairs) -> SumMeasure:
    kinds = _kinds(pairs, _ef)
    return icc21(list(kinds), counts=list(kinds.values()))


def _ef_alpha(pairs: Pairs) -> SumMeasure:
    kinds = _kinds(pairs, _ef)
    return alpha_of_numbers(list(kinds), counts=list(kinds.values()))


def _rwma_kappa(pairs: Pairs) -> SumMeasure:
    kinds = _kinds(pairs, lambda answer: answer.rwma)
    first, second = [one for one, _ in kinds], [other for _, other in kinds]
    return kappa(first, second, answers=tuple(Rwma), counts=list(kinds.values()))


def _severity_kappa(pairs: Pairs) -> SumMeasure:
    kinds = _kinds(pairs, lambda answer: answer.rwma_severity, of=GRADES)
    first, second = [one for one, _ in kinds], [other for _, other in kinds]
    return kappa(first, second, answers=GRADES, is_graded=True, counts=list(kinds.values()))


def _severity_alpha(pairs: Pairs) -> SumMeasure:
    kinds = _kinds(pairs, lambda answer: answer.rwma_severity, of=GRADES)
    return alpha_of_answers(list(kinds), answers=GRADES, level=Level.ORDINAL, counts=list(kinds.values()))


def _pah_alpha(pairs: Pairs) -> SumMeasure:
    kinds = _kinds(pairs, lambda answer: answer.pah, of=GRADES)
    return alpha_of_answers(list(kinds), answers=GRADES, level=Level.ORDINAL, counts=list(kinds.values()))


_MEASURES: Final[dict[str, Callable[[Pairs], SumMeasure]]] = {
    "ef_icc": _ef_icc,
    "ef_alpha": _ef_alpha,
    "rwma_kappa": _rwma_kappa,
    "severity_kappa": _severity_kappa,
    "severity_alpha": _severity_alpha,
    "pah_alpha": _pah_alpha,
}
