"""How well a model reads records it was not taught: right or wrong per field, and the average loss of the
answers.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from db.fields.names import FIELDS, of_fields
from db.labels import Findings
from db.measures.proportions import Rate
from labeling.benchmark.scoring import Gold, is_right
from labeling.finetuning.examples import TrainingExample
from labeling.readers.parse import AnswerError, parse_answer

# What is scored -> the columns that have to be right together. The first four are the fields of a record.
_EF: Final = ("ef_state", "ef_percent")
SCORED: Final[dict[str, tuple[str, ...]]] = of_fields(
    ef_percent=_EF, rwma=("rwma",), pah=("pah",), rvsp_mmhg=("rvsp_mmhg",)
) | {
    "rwma_severity": ("rwma", "rwma_severity"),
    "ef_operator": (*_EF, "ef_operator"),
}


@dataclass(frozen=True)
class FieldHits:
    """Right or wrong, record by record, in the order of the examples; field -> one flag a record.

    Attributes:
        unusable: answers that were not of the agreed form; every field of theirs counts as wrong.
        loss: average over the answers' tokens, natural logarithm, lower is better; NaN where it was not
            computed.
    """

    hits: dict[str, tuple[bool, ...]]
    unusable: int = 0
    loss: float = math.nan

    def rate(self, name: str) -> Rate:
        """Hits of n for one field."""
        return Rate(sum(self.hits[name]), len(self.hits[name]))

    @property
    def field_rate(self) -> Rate:
        """Over the four fields of all records together: what training is stopped by."""
        return Rate(
            sum(sum(self.hits[name]) for name in FIELDS), sum(len(self.hits[name]) for name in FIELDS)
        )

    @property
    def record_rate(self) -> Rate:
        """Records with all four fields right."""
        rows = list(zip(*(self.hits[name] for name in FIELDS), strict=True))
        return Rate(sum(all(row) for row in rows), len(rows))


def score_answers(
    examples: Sequence[TrainingExample], answers: Sequence[str], *, loss: float = math.nan
) -> FieldHits:
    """Compare printed answers with what people decided; one answer for each example, in order."""
    read = [_findings_of(answer) for answer in answers]
    return FieldHits(
        hits=_hits(examples, read),
        unusable=sum(findings is None for findings in read),
        loss=loss,
    )


def usual_answers(train: Sequence[TrainingExample], validation: Sequence[TrainingExample]) -> FieldHits:
    """The naive baseline: the most frequent answer of the training records to every field, whatever the page
    says.
    """
    hits = {}
    for name, columns in SCORED.items():
        kinds = Counter(tuple(getattr(example.findings, column) for column in columns) for example in train)
        usual = max(kinds, key=lambda kind: (kinds[kind], str(kind))) if kinds else None
        hits[name] = tuple(
            tuple(getattr(example.findings, column) for column in columns) == usual for example in validation
        )
    return FieldHits(hits)


def _hits(
    examples: Sequence[TrainingExample], read: Sequence[Findings | None]
) -> dict[str, tuple[bool, ...]]:
    golds = [Gold(str(example.case_id), example.findings) for example in examples]
    return {
        name: tuple(
            findings is not None and all(is_right(gold, findings, column) for column in columns)
            for gold, findings in zip(golds, read, strict=True)
        )
        for name, columns in SCORED.items()
    }


def _findings_of(answer: str) -> Findings | None:
    try:
        return parse_answer(answer).findings
    except AnswerError:
        return None


def table_rows(usual: FieldHits, before: FieldHits, after: FieldHits) -> list[dict[str, Any]]:
    """The before/after table: hits of n with 95 % Wilson intervals, and records that changed either way."""
    rows = [
        {
            "field": name,
            **{
                column: rate_json(measured.rate(name))
                for column, measured in (("usual_answer", usual), ("before", before), ("after", after))
            },
            **_changes(before.hits[name], after.hits[name]),
        }
        for name in SCORED
    ]
    for name, rates in (
        ("four fields together", (usual.field_rate, before.field_rate, after.field_rate)),
        ("records without an error", (usual.record_rate, before.record_rate, after.record_rate)),
    ):
        rows.append(
            {
                "field": name,
                **{
                    column: rate_json(rate)
                    for column, rate in zip(("usual_answer", "before", "after"), rates, strict=True)
                },
                "mended": None,
                "spoilt": None,
            }
        )
    return rows


def rate_json(rate: Rate) -> dict[str, Any]:
    """Hits, n and the interval's ends (0-1, null when n is 0)."""
    low, high = rate.interval
    known = rate.n > 0
    return {
        "hits": rate.hits,
        "n": rate.n,
        "low": round(low, 4) if known else None,
        "high": round(high, 4) if known else None,
    }


def _changes(before: Sequence[bool], after: Sequence[bool]) -> dict[str, int]:
    pairs = list(zip(before, after, strict=True))
    return {
        "mended": sum(not first and then for first, then in pairs),
        "spoilt": sum(first and not then for first, then in pairs),
    }
