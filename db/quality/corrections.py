"""The draft against the final label: which fields people had to correct, and into what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import Session, col

from db.measures.estimate import Estimate
from db.measures.proportions import exact_share
from db.quality.fields import EF_BANDS, FIELDS, PAH_ANSWERS, RWMA_ANSWERS, SEVERITY_ANSWERS
from db.reviews import LABEL
from db.tables.cases import Case
from db.tables.drafts import Draft

GROUPS: Final = ("reader", "layout", "site")
ANSWERS: Final = {"ef": EF_BANDS, "rwma": RWMA_ANSWERS, "severity": SEVERITY_ANSWERS, "pah": PAH_ANSWERS}


@dataclass(frozen=True)
class Kind:
    """One kind of labelled record: where it came from, what the draft said, what the label says.

    Attributes:
        differs: of `FIELDS`, whether draft and label differ, numbers to the last digit.
        pairs: of `ANSWERS`, the answer in the draft and in the label; for EF the band.
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
        place = list(ANSWERS).index(field)
        counted: Counter[tuple[str, str]] = Counter()
        for kind, records in self.kinds.items():
            counted[kind.pairs[place]] += records
        seen = {answer for pair in counted for answer in pair}
        answers = [answer for answer in ANSWERS[field] if answer in seen]
        return answers, [[counted[draft, final] for final in answers] for draft in answers]


def corrections(session: Session) -> Corrections:
    """Count every label against the draft it was decided on; one pass in the database."""
    label = LABEL.c
    ef_differs = func.coalesce(col(Draft.ef_percent), -1.0) != func.coalesce(label.ef_percent, -1.0)
    rvsp_differs = func.coalesce(col(Draft.rvsp_mmhg), -1.0) != func.coalesce(label.rvsp_mmhg, -1.0)
    keys: list[Any] = [
        col(Draft.reader),
        col(Case.layout),
        col(Case.site),
        case((ef_differs | (col(Draft.ef_state) != label.ef_state), 1), else_=0),
        case((rvsp_differs, 1), else_=0),
        _band(col(Draft.ef_percent), col(Draft.ef_state)),
        _band(label.ef_percent, label.ef_state),
        col(Draft.rwma),
        label.rwma,
        col(Draft.rwma_severity),
        label.rwma_severity,
        col(Draft.pah),
        label.pah,
    ]
    named = [key.label(f"k{number}") for number, key in enumerate(keys)]
    rows = session.execute(
        select(*named, func.count())
        .select_from(LABEL)
        .join(Draft, col(Draft.id) == label.draft_id)
        .join(Case, col(Case.id) == label.case_id)
        .group_by(*named)
    ).all()
    kinds: Counter[Kind] = Counter()
    for reader, layout, site, ef, rvsp, *answers, records in rows:
        pairs = tuple(
            (str(draft), str(final)) for draft, final in zip(answers[::2], answers[1::2], strict=True)
        )
        changed = {"ef": bool(ef), "rvsp": bool(rvsp)} | {
            field: draft != final
            for field, (draft, final) in zip(("rwma", "severity", "pah"), pairs[1:], strict=True)
        }
        differs = tuple(changed[field] for field in FIELDS)
        kinds[Kind(str(reader), str(layout), str(site), differs, pairs)] += int(records)
    return Corrections(kinds)


def _rate(kinds: Iterable[tuple[Kind, int]], field: str) -> Estimate:
    place = FIELDS.index(field)
    n = changed = 0
    for kind, records in kinds:
        n += records
        changed += records * kind.differs[place]
    return exact_share(changed, n)


def _band(percent: Any, state: Any) -> ColumnElement[str]:
    """`labels.ef_stratum` in the database."""
    return case(
        (percent.is_(None), state),
        (percent >= 50, "normal"),
        (percent >= 40, "mildly_reduced"),
        (percent >= 30, "moderately_reduced"),
        else_="severely_reduced",
    )
