"""The draft against the final label: which fields people had to correct, and into what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlmodel import Session, col

from db.fields.names import ANSWERS, NUMBER_OF_ANSWER, WORD_OF_ANSWER
from db.fields.strata import EF_BANDS, EF_STRATA, STRATUM_FLOORS
from db.label_view import newest_labels
from db.labels import Pah, Rwma, RwmaSeverity
from db.measures.estimate import Estimate
from db.measures.proportions import exact_share
from db.tables.cases import Case
from db.tables.drafts import Draft
from db.tables.reviews import Review

GROUPS: Final = ("reader", "layout", "site")
# The classes an answer falls into, worst function first.
CLASSES: Final[dict[str, tuple[str, ...]]] = {
    "ef": (*reversed(EF_STRATA), *EF_BANDS[len(EF_STRATA) :]),
    "rwma": tuple(Rwma),
    "severity": tuple(RwmaSeverity),
    "pah": tuple(Pah),
}


@dataclass(frozen=True)
class Kind:
    """One kind of labelled record: where it came from, what the draft said, what the label says.

    Attributes:
        differs: of `ANSWERS`, whether draft and label differ, numbers to the last digit.
        pairs: of `CLASSES`, the answer in the draft and in the label; for EF the band.
    """

    reader: str
    layout: str
    site: str
    differs: tuple[bool, ...]
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Corrections:
    """Labelled records by kind; a few thousand kinds, however many records."""

    kinds: Counter[Kind]

    @property
    def records(self) -> int:
        """Labels that had a draft."""
        return self.kinds.total()

    def __add__(self, other: Corrections) -> Corrections:
        """Two parts of one project."""
        return Corrections(self.kinds + other.kinds)

    def rate(self, field: str) -> Estimate:
        """The share of labels that differ from their draft in a field, 0-1, with an exact interval."""
        return _rate(self.kinds.items(), field)

    def rates_by(self, group: str, field: str) -> list[tuple[str, Estimate]]:
        """The same for every reader, layout or site, the largest group first."""
        by_name: dict[str, list[tuple[Kind, int]]] = {}
        for kind, records in self.kinds.items():
            by_name.setdefault(getattr(kind, group), []).append((kind, records))
        rates = [(name, _rate(kinds, field)) for name, kinds in by_name.items()]
        return sorted(rates, key=lambda named: (-named[1].n, named[0]))

    def confusion(self, field: str) -> tuple[Sequence[str], list[list[int]]]:
        """The answers that came up, and how often each draft (row) became each label (column)."""
        place = list(CLASSES).index(field)
        counted: Counter[tuple[str, str]] = Counter()
        for kind, records in self.kinds.items():
            counted[kind.pairs[place]] += records
        seen = {answer for pair in counted for answer in pair}
        answers = [answer for answer in CLASSES[field] if answer in seen]
        return answers, [[counted[draft, final] for final in answers] for draft in answers]


def corrections(session: Session, among: range | None = None) -> Corrections:
    """Count every label against the draft it was decided on; one pass in the database.

    Args:
        among: the cases that are counted.
    """
    label, newest = Review, newest_labels(among)
    differs = answers_differ(Draft, label)
    keys: list[Any] = [
        col(Draft.reader),
        col(Case.layout),
        col(Case.site),
        *(case((differs[answer], 1), else_=0) for answer in ANSWERS),
        *(side for answer in CLASSES for side in (_class_of(answer, Draft), _class_of(answer, label))),
    ]
    named = [key.label(f"k{number}") for number, key in enumerate(keys)]
    rows = session.execute(
        select(*named, func.count())
        .select_from(Review)
        .join(newest, newest.c.review_id == col(Review.id))
        .join(Draft, col(Draft.id) == col(Review.draft_id))
        .join(Case, col(Case.id) == col(Review.case_id))
        .group_by(*named)
    ).all()
    kinds: Counter[Kind] = Counter()
    for reader, layout, site, *rest, records in rows:
        differing, answers = rest[: len(ANSWERS)], rest[len(ANSWERS) :]
        pairs = tuple(
            (str(draft), str(final)) for draft, final in zip(answers[::2], answers[1::2], strict=True)
        )
        kind = Kind(str(reader), str(layout), str(site), tuple(map(bool, differing)), pairs)
        kinds[kind] += int(records)
    return Corrections(kinds)


def answers_differ(one: Any, other: Any) -> dict[str, ColumnElement[bool]]:
    """Answer -> whether two rows differ: `db.fields.sameness.same_answer` without tolerance, as SQL.

    Args:
        one, other: a table or view with the columns of a record, or anything with such attributes.
    """
    found: dict[str, ColumnElement[bool]] = {}
    for answer in ANSWERS:
        conditions = []
        if answer in NUMBER_OF_ANSWER:
            numbers = (getattr(row, NUMBER_OF_ANSWER[answer]) for row in (one, other))
            # No number is negative, so that one that is missing differs from every one that is there.
            first, second = (func.coalesce(number, -1.0) for number in numbers)
            conditions.append(first != second)
        if answer in WORD_OF_ANSWER:
            conditions.append(getattr(one, WORD_OF_ANSWER[answer]) != getattr(other, WORD_OF_ANSWER[answer]))
        found[answer] = or_(*conditions)
    return found


def _rate(kinds: Iterable[tuple[Kind, int]], field: str) -> Estimate:
    place = ANSWERS.index(field)
    n = changed = 0
    for kind, records in kinds:
        n += records
        changed += records * kind.differs[place]
    return exact_share(changed, n)


def _class_of(answer: str, row: Any) -> Any:
    return ef_band_of(row) if answer == "ef" else getattr(row, WORD_OF_ANSWER[answer])


def ef_band_of(row: Any) -> ColumnElement[str]:
    """`db.fields.strata.ef_band` inside the database."""
    bands = [(row.ef_percent >= floor, stratum) for stratum, floor in STRATUM_FLOORS.items()]
    return case((row.ef_percent.is_(None), row.ef_state), *bands)
