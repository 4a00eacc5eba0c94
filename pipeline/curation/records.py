"""What the ranking of label errors looks at: labels, what others say about them, and checks, as plain values.

The command that knows the database, the readers and the checks fills these in; nothing here does.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from db.fields.names import of_fields
from db.fields.sameness import Match
from db.labels import Check

FIELD_NAMES: Final = of_fields(
    ef_percent="ejection fraction",
    rwma="wall motion",
    pah="pulmonary hypertension",
    rvsp_mmhg="pressure",
)


class Voice(StrEnum):
    """Who says it: the draft the label was decided on, another machine reading, or another person."""

    DRAFT = "draft"
    MACHINE = "machine"
    PERSON = "person"


@dataclass(frozen=True)
class Saying:
    """What another reader says about one field of a label.

    Attributes:
        words: its value as it is shown, such as `35-40`, `present (mild)`, `not_stated`.
        reliability: the probability that this reader is right here, 0-1.
        was_shown: the person who decided saw it before answering.
    """

    speaker: Voice
    match: Match
    words: str
    reliability: float
    was_shown: bool = False


@dataclass(frozen=True)
class FieldLabel:
    """One field of one label.

    Attributes:
        words: the label's value as it is shown.
        answer: the class it falls into, for telling common from rare (an EF band of 5 points, a grade).
        checks: the reading's own checks, made on the label.
        quote_checks: the label against the words the draft was read from; they say nothing beyond the draft
            where the draft differs.
    """

    words: str
    answer: str
    sayings: tuple[Saying, ...] = ()
    checks: tuple[Check, ...] = ()
    quote_checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class LabelledRecord:
    """One case with its label.

    Attributes:
        fields: of `FIELDS`, those to be judged.
        ef_percent: the label's number, for the model's prediction; null where there is none.
        rwma_present: true, false, or null where wall motion is not stated or unreadable.
        ef_band, rwma_grade: two classes that go together in a heart, for rare combinations.
        annotator: a number for the person who decided; arm: `shown` or `hidden`, empty where not known.
        active_s: seconds the person worked on it.
        is_adjudicated: a third person decided between two readings, so that the two no longer count.
    """

    case_id: int
    site: str
    fields: Mapping[str, FieldLabel]
    ef_percent: float | None = None
    rwma_present: bool | None = None
    ef_band: str = ""
    rwma_grade: str = ""
    annotator: int = 0
    arm: str = ""
    active_s: float = 0.0
    is_adjudicated: bool = False


@dataclass(frozen=True)
class Prediction:
    """What a trained model says about a case it was not trained on.

    Attributes:
        ef_percent: predicted ejection fraction, percent.
        rwma_probability: of a regional wall-motion abnormality, 0-1.
    """

    ef_percent: float | None = None
    rwma_probability: float | None = None


@dataclass(frozen=True)
class Weighed:
    """What one signal says about one field of one label.

    Attributes:
        weight: natural logarithm of how much likelier this is when the label is wrong than when it is right;
            above 0 is suspicious.
        reason: one plain sentence, empty where there is nothing to say.
    """

    weight: float = 0.0
    reason: str = ""


NOTHING: Final = Weighed()

# (case, field) -> what a signal says; what is missing says nothing.
Signal = Mapping[tuple[int, str], Weighed]


@dataclass(frozen=True)
class NoiseScore:
    """How much a label's field can be trusted, in the form of `db.labels.Check`.

    Attributes:
        name: the signal that speaks loudest against it, or for it where none speaks against.
        score: 0-1, low is suspicious.
        is_issue: more likely wrong than right, if what the weights assume holds.
        reason: one plain sentence.
        weights: signal -> its weight.
    """

    case_id: int
    field: str
    name: str
    score: float
    is_issue: bool
    reason: str
    weights: Mapping[str, float] = dataclasses.field(default_factory=dict)
