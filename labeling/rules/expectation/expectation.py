"""Fields whose answer is not what reports worded like this one usually say.

The rules know what they were told; what they were not told they may read wrongly without a doubt. This judge
knows no rule: it learned from invented reports with their answers (`labeling/finetuning/expectation/`) which
wordings go with which answers. It never gives a value. Where it holds the reader's answer for all but
impossible, a person looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from db.fields.names import of_fields
from db.labels import Findings
from labeling.rules.expectation import weights
from labeling.rules.expectation.numbers import IMPROBABLE_NUMBER, chance_of_number, head_of
from labeling.rules.expectation.wording import folded, lines_of, pieces_of, plain, surroundings_of

if TYPE_CHECKING:
    from labeling.rules.expectation.wording import Pieces

# Below this chance of the reader's answer a person looks: by all that stands around the field's words, and by
# their own lines, which a long page drowns. docs/decisions.md says what other bounds would do.
IMPROBABLE: Final = 0.02
IMPROBABLE_BY_LINES: Final = 0.01
A_NUMBER: Final = "a number"
NO_NUMBER: Final = "no number"
# Field -> the columns that are judged of it.
JUDGED: Final[Mapping[str, tuple[str, ...]]] = of_fields(
    ef_percent=("ef_percent",), rwma=("rwma",), pah=("pah",), rvsp_mmhg=("rvsp_mmhg",)
)


def answer_of(value: object) -> str:
    """What is judged of a value: the word it is, or whether there is a number."""
    if isinstance(value, StrEnum):
        return value.value
    return value if isinstance(value, str) else NO_NUMBER if value is None else A_NUMBER


def unexpected_fields(text: str, findings: Findings, among: Iterable[str]) -> set[str]:
    """Those of the fields whose answer the text's wording makes all but impossible."""
    small = plain(text)
    heads, wording = weights.shipped().heads, folded(small)
    return {
        field
        for field in among
        if _is_improbable(field, wording, findings, heads)
        or _is_another_number(field, small, findings, heads)
    }


def _is_another_number(field: str, small: str, findings: Findings, heads: Mapping[str, weights.Head]) -> bool:
    """Whether the wording around a field's number says that it is of something else."""
    for column in JUDGED[field]:
        head, value = heads.get(head_of(column)), getattr(findings, column)
        if head and value is not None and chance_of_number(head, small, column, value) < IMPROBABLE_NUMBER:
            return True
    return False


def _is_improbable(field: str, wording: str, findings: Findings, heads: Mapping[str, weights.Head]) -> bool:
    around, lines = surroundings_of(field, wording), lines_of(field, wording)
    if not around:
        # Nothing in the text speaks of it: there is nothing to judge by.
        return False
    judged = [(heads[column], getattr(findings, column)) for column in JUDGED[field] if column in heads]
    return any(
        chance_of(head, pieces, value) < bound
        for pieces, bound in ((pieces_of(around), IMPROBABLE), (pieces_of(lines), IMPROBABLE_BY_LINES))
        for head, value in judged
    )


def chance_of(head: weights.Head, pieces: Pieces, value: object) -> float:
    """The chance of a value, 0-1; 1 for an answer that the head never learned."""
    return head.chances(*pieces).get(answer_of(value), 1.0)
