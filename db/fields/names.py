"""What the fields of a record are called, in which order they come, and what they are grouped by.

A record has columns (`db.labels.Findings`). Four of them, the *fields*, carry evidence, confidence and a
light of their own. The desk asks for them on three *cards*. Quality is counted over five *answers*. Whoever
needs these names takes them from here, so that a new field is missed nowhere (`tests/test_house_fields.py`).
"""

from __future__ import annotations

from typing import Any, Final, Literal, TypedDict, TypeVar

T = TypeVar("T")

FieldName = Literal["ef_percent", "rwma", "pah", "rvsp_mmhg"]

# The fields that carry evidence, confidence and a light of their own.
FIELDS: Final = ("ef_percent", "rwma", "pah", "rvsp_mmhg")

# The cards of the desk, and the field that each of them cannot do without.
CARDS: Final = ("ef", "rwma", "pah")
FIELD_OF_CARD: Final = {"ef": "ef_percent", "rwma": "rwma", "pah": "pah"}
CARD_FIELDS: Final = tuple(FIELD_OF_CARD.values())
CARD_OF_FIELD: Final = {field: card for card, field in FIELD_OF_CARD.items()}

# The columns of each card; together they are the record.
EF_RANGE: Final = ("ef_low", "ef_high")
EF_PRINTED: Final = (*EF_RANGE, "ef_operator")
EF_NUMBERS: Final = ("ef_percent", *EF_RANGE)
EF_COLUMNS: Final = ("ef_percent", *EF_PRINTED, "ef_state", "lv_function")
RWMA_COLUMNS: Final = ("rwma", "rwma_severity", "rwma_walls")
PAH_DERIVED: Final = ("pah_derived", "pah_derived_table")
PAH_COLUMNS: Final = ("pah", "rvsp_mmhg", *PAH_DERIVED)
COLUMNS_OF_CARD: Final[dict[str, tuple[str, ...]]] = {
    "ef": EF_COLUMNS,
    "rwma": RWMA_COLUMNS,
    "pah": PAH_COLUMNS,
}
COLUMNS: Final = (*EF_COLUMNS, *RWMA_COLUMNS, *PAH_COLUMNS)

# The fields of each card.
FIELDS_OF_CARD: Final = {
    card: tuple(name for name in columns if name in FIELDS) for card, columns in COLUMNS_OF_CARD.items()
}

# What a reader can find on a page; a derived grade is worked out afterwards.
READ_COLUMNS: Final = tuple(name for name in COLUMNS if name not in PAH_DERIVED)

# The answers that quality is told for, and the benchmark scores; how each is named in the record, besides the
# number where it has one.
ANSWERS: Final = ("ef", "rwma", "severity", "pah", "rvsp")
WORD_OF_ANSWER: Final = {"ef": "ef_state", "rwma": "rwma", "severity": "rwma_severity", "pah": "pah"}
NUMBER_OF_ANSWER: Final = {"ef": "ef_percent", "rvsp": "rvsp_mmhg"}
COLUMN_OF_ANSWER: Final = WORD_OF_ANSWER | NUMBER_OF_ANSWER
ANSWER_COLUMNS: Final = tuple(COLUMN_OF_ANSWER[answer] for answer in ANSWERS)
# All that says what the answers are: words and numbers, in the order of the record.
ANSWERED_COLUMNS: Final = tuple(
    name for name in COLUMNS if name in WORD_OF_ANSWER.values() or name in NUMBER_OF_ANSWER.values()
)


class ByColumn(TypedDict, total=False):
    """One thing for some columns of a record: the values they are to have, or words about them."""

    ef_percent: Any
    ef_low: Any
    ef_high: Any
    ef_operator: Any
    ef_state: Any
    lv_function: Any
    rwma: Any
    rwma_severity: Any
    rwma_walls: Any
    pah: Any
    rvsp_mmhg: Any
    pah_derived: Any
    pah_derived_table: Any


def of_fields(*, ef_percent: T, rwma: T, pah: T, rvsp_mmhg: T) -> dict[str, T]:
    """One thing for every field, in their order; the type checker tells where a field has none."""
    return dict(zip(FIELDS, (ef_percent, rwma, pah, rvsp_mmhg), strict=True))


def of_card_fields(*, ef: T, rwma: T, pah: T) -> dict[str, T]:
    """One thing for every field of `CARD_FIELDS`, in their order."""
    return dict(zip(CARD_FIELDS, (ef, rwma, pah), strict=True))


def of_answers(*, ef: T, rwma: T, severity: T, pah: T, rvsp: T) -> dict[str, T]:
    """One thing for every column of `ANSWER_COLUMNS`, in their order."""
    return dict(zip(ANSWER_COLUMNS, (ef, rwma, severity, pah, rvsp), strict=True))


# Card of the desk -> what is answered on it.
ANSWERS_ON_CARD: Final = {
    "ef": ("ef",),
    "rwma": ("rwma", "rwma_severity", "rwma_walls"),
    "pah": ("pah", "rvsp"),
}
CARD_OF_ANSWER: Final = {answer: card for card, answers in ANSWERS_ON_CARD.items() for answer in answers}
