"""The label vocabulary: what a record may say, in which units, and where the cut-offs come from.

One module for drafts, reviews, exports and training. "Not stated", "absent" and "unreadable" are three
different answers everywhere. `docs/codebook.md` explains the same vocabulary to annotators; change
`CODEBOOK_VERSION` whenever a meaning changes.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from db.fields.names import FieldName

CODEBOOK_VERSION = "1"

EF_MIN_PERCENT = 5.0
EF_MAX_PERCENT = 90.0
RVSP_MIN_MMHG = 5.0
RVSP_MAX_MMHG = 200.0


class EfState(StrEnum):
    """Whether the report states the left-ventricular ejection fraction as a number."""

    STATED = "stated"
    NOT_STATED = "not_stated"
    UNREADABLE = "unreadable"


class EfOperator(StrEnum):
    """How the number was printed: exactly, above, below, or about."""

    EQUAL = "="
    ABOVE = ">"
    BELOW = "<"
    ABOUT = "~"


class Rwma(StrEnum):
    """Regional wall-motion abnormality of the left ventricle. Global hypokinesia alone is not regional."""

    PRESENT = "present"
    ABSENT = "absent"
    NOT_STATED = "not_stated"
    UNREADABLE = "unreadable"


class RwmaSeverity(StrEnum):
    """Worst grade of the regional abnormality; akinesia, dyskinesia or aneurysm of a segment is severe."""

    NONE = "none"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    NOT_STATED = "not_stated"


class Pah(StrEnum):
    """Pulmonary hypertension as the printed word. A pressure in mmHg alone leaves it `not_stated`."""

    NONE = "none"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    PRESENT_UNSPECIFIED = "present_unspecified"
    NOT_STATED = "not_stated"
    UNREADABLE = "unreadable"


class Light(StrEnum):
    """How much a field needs a person: green none, amber a look, red an answer."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class ReasonCode(StrEnum):
    """Why a field has its light. The desk has a sentence for each in `review_ui/text/`.

    `readers_agree` and `one_reader` say how a green came to be; all others take it away.
    """

    PAGE_UNREADABLE = "page_unreadable"
    SEVERAL_PATIENTS = "several_patients"
    VALUE_UNREADABLE = "value_unreadable"
    NO_EVIDENCE = "no_evidence"
    INVENTED = "invented"
    DIGITS_DIFFER = "digits_differ"
    READERS_DIFFER = "readers_differ"
    SECOND_LOOK_DIFFERS = "second_look_differs"
    FOUND_BY_OTHER = "found_by_other"
    CHECK_FAILED = "check_failed"
    ORDERS_IN_TEXT = "orders_in_text"
    QUOTE_NOT_FOUND = "quote_not_found"
    MISSED_BY_OTHER = "missed_by_other"
    DETAIL_DIFFERS = "detail_differs"
    UNSURE = "unsure"
    OFTEN_WRONG = "often_wrong"
    ONE_READER = "one_reader"
    READERS_AGREE = "readers_agree"


class LightReason(BaseModel):
    """One reason for one field's light.

    Attributes:
        values: what the sentence is filled with: `ours` and `theirs` (values as printed), `reader`, `readers`
            (how many), `check` (a check's name), `detail` (`walls`, `severity`, `operator`, `range`), `page`
            (the number as the page has it), `percent`. Never a quote.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: ReasonCode
    values: dict[str, str] = Field(default_factory=dict)


# Canonical wall and segment names, in the order a report lists them.
WALLS = (
    "anterior",
    "anteroseptal",
    "septal",
    "inferoseptal",
    "inferior",
    "inferolateral",
    "posterior",
    "lateral",
    "anterolateral",
    "apical",
    "basal",
    "mid",
)


class Findings(BaseModel):
    """What one report says (or one person decided it says) about EF, RWMA and PAH.

    Attributes:
        ef_percent: left-ventricular ejection fraction, percent, 5-90; the midpoint of a printed range.
        ef_low, ef_high: printed range bounds, percent; null when a single number was printed.
        ef_operator: how the number was printed; null when there is none.
        ef_state: `stated` exactly when `ef_percent` is set.
        lv_function: the report's own words for LV systolic function when it uses words, else null.
        rwma, rwma_severity, rwma_walls: severity is `none` exactly when `rwma` is `absent`.
        pah: the printed word.
        rvsp_mmhg: right-ventricular / pulmonary artery systolic pressure as printed, mmHg, 5-200; the
            midpoint of a range.
        pah_derived, pah_derived_table: a grade computed from `rvsp_mmhg` by the named table; off by default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ef_percent: float | None = Field(default=None, ge=EF_MIN_PERCENT, le=EF_MAX_PERCENT)
    ef_low: float | None = Field(default=None, ge=0, le=100)
    ef_high: float | None = Field(default=None, ge=0, le=100)
    ef_operator: EfOperator | None = None
    ef_state: EfState = EfState.NOT_STATED
    lv_function: str | None = None
    rwma: Rwma = Rwma.NOT_STATED
    rwma_severity: RwmaSeverity = RwmaSeverity.NOT_STATED
    rwma_walls: tuple[str, ...] = ()
    pah: Pah = Pah.NOT_STATED
    rvsp_mmhg: float | None = Field(default=None, ge=RVSP_MIN_MMHG, le=RVSP_MAX_MMHG)
    pah_derived: Pah | None = None
    pah_derived_table: str | None = None

    @field_validator("rwma_walls")
    @classmethod
    def _known_walls(cls, walls: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [wall for wall in walls if wall not in WALLS]
        if unknown:
            raise ValueError(f"unknown wall {unknown[0]!r}; known: {', '.join(WALLS)}")
        return tuple(wall for wall in WALLS if wall in walls)

    @model_validator(mode="after")
    def _fields_agree(self) -> Self:
        if (self.ef_state is EfState.STATED) != (self.ef_percent is not None):
            raise ValueError("ef_state is 'stated' exactly when ef_percent has a number")
        if (self.ef_operator is None) != (self.ef_percent is None):
            raise ValueError("ef_operator goes with ef_percent")
        if (self.ef_low is None) != (self.ef_high is None):
            raise ValueError("ef_low and ef_high come together")
        if self.ef_low is not None and self.ef_high is not None and self.ef_low > self.ef_high:
            raise ValueError("ef_low is above ef_high")
        if (self.rwma is Rwma.ABSENT) != (self.rwma_severity is RwmaSeverity.NONE):
            raise ValueError("rwma_severity is 'none' exactly when rwma is 'absent'")
        if self.rwma is not Rwma.PRESENT and self.rwma_walls:
            raise ValueError("rwma_walls are named only when rwma is 'present'")
        if (self.pah_derived is None) != (self.pah_derived_table is None):
            raise ValueError("pah_derived names its table")
        return self


class Evidence(BaseModel):
    """The words a value was read from.

    Attributes:
        quote: verbatim from the report text or the OCR words, whitespace runs as one space.
        page: 1-based page of the report.
        box: (left, top, right, bottom) in pixels of the upright stored page image, around all of the quote;
            null for text input.
        boxes: one such box a printed line, for quotes that wrap.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    quote: str
    page: int = Field(default=1, ge=1)
    box: tuple[float, float, float, float] | None = None
    boxes: tuple[tuple[float, float, float, float], ...] = ()


# The name of the check that says why the surroundings of a value are not understood.
SURROUNDINGS: Final = "surroundings"


class Check(BaseModel):
    """One consistency check's answer.

    Attributes:
        name: stable identifier, such as `ef_against_words`.
        field: the field it speaks about.
        score: 0-1, low is suspicious.
        is_issue: whether a person should look.
        reason: one plain sentence for the annotator; may quote the value, never a name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    field: FieldName
    score: float = Field(ge=0, le=1)
    is_issue: bool
    reason: str
