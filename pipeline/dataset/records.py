"""What a snapshot is made of, as plain values: a row for every labelled case, the counts, the quality of the
labels.

`snapshot.py` reads these from the database; everything after it works on them alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from db.tabular import Column


class LabelStatus(StrEnum):
    """How well a label is founded.

    `single` one reading, `double_read` a second reading agrees, `adjudicated` an adjudicator decided,
    `in_conflict` readings differ, or the label was sent back, and nobody has decided yet. `brought_in` is a
    label that came in with a table: nobody has read it here.
    """

    SINGLE = "single"
    DOUBLE_READ = "double_read"
    ADJUDICATED = "adjudicated"
    IN_CONFLICT = "in_conflict"
    BROUGHT_IN = "brought_in"


@dataclass(frozen=True)
class ImageRef:
    """One stored picture of a case.

    Attributes:
        role: `report` or `ecg`.
        page: 1-based, in page order.
        perceptual_hash: hex; near duplicates lie few bits apart.
    """

    sha256: str
    role: str
    page: int
    width_px: int
    height_px: int
    media_type: str
    perceptual_hash: str


@dataclass(frozen=True)
class LabelRow:
    """One case with its label.

    Attributes:
        case_id, patient_key: of the database; they never leave it.
        findings: the label's columns, as in `db.labels.Findings`, plain JSON values.
        draft: the columns of the draft that was reviewed, or null.
        confidence: field -> 0-1 of that draft.
        light: field -> `green`, `amber`, `red` of that draft.
        evidence: field -> page and boxes (pixels) of that draft, without quotes.
        annotator: a number that stands for the person in this snapshot only.
        reason: why the draft was corrected, where the person said so.
        arm: `shown` or `hidden`, null where it is not known.
        decided_at: UTC.
        person: values of the columns that a table brought along beside the answers (`Brought.columns`).
    """

    case_id: int
    patient_key: str
    site: str
    layout: str
    is_synthetic: bool
    report_date: date | None
    ecg_date: date | None
    findings: Mapping[str, Any]
    status: LabelStatus
    review_id: int
    decision: str
    reason: str | None
    arm: str | None
    annotator: int
    active_s: float
    decided_at: datetime
    codebook_version: str
    note: str = ""
    draft_id: int | None = None
    reader: str = ""
    reader_version: str = ""
    draft: Mapping[str, Any] | None = None
    confidence: Mapping[str, float] = field(default_factory=dict)
    light: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    images: Sequence[ImageRef] = ()
    person: Mapping[str, Any] = field(default_factory=dict)

    @property
    def days_between(self) -> int | None:
        """Date of the ECG minus date of the echo, days; None where either is not known."""
        if self.ecg_date is None or self.report_date is None:
            return None
        return (self.ecg_date - self.report_date).days


@dataclass(frozen=True)
class Exclusion:
    """One step of the flow diagram: why cases were left out, and how many."""

    reason: str
    cases: int


@dataclass(frozen=True)
class TakenAs:
    """How one written answer of a table was understood, and in how many rows."""

    column: str
    written: str
    taken: str
    rows: int


@dataclass(frozen=True)
class Brought:
    """Labels that came in with a table as they are: nobody drafted, read or reviewed them here.

    Attributes:
        table_sha256: of the table's bytes.
        columns: beside the answers, of the patient and the machine: those of `tables.OF_PERSON` that the
            table has.
        taken: how each written answer was understood.
    """

    table_sha256: str
    columns: Sequence[Column] = ()
    taken: Sequence[TakenAs] = ()


@dataclass(frozen=True)
class Collected:
    """Everything a snapshot is frozen from.

    Attributes:
        rows: by case number.
        registered: cases in the database before anything was left out.
        exclusions: in the order they were applied; `registered` minus all of them is `len(rows)`.
        quality: the figures of the labels (agreement, vigilance, audit, blind arm), as plain JSON with n and
            intervals.
        as_of: the newest event's time, UTC; stands for "now" inside the snapshot.
        head: hash of the newest event.
        brought: of labels that came in with a table; None where people decided them here.
    """

    rows: Sequence[LabelRow]
    registered: int
    exclusions: Sequence[Exclusion]
    quality: Mapping[str, Any]
    as_of: datetime
    head: str
    codebook_version: str
    brought: Brought | None = None
