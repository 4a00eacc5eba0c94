"""The tables of a snapshot: every column with its type, unit and meaning.

Rows are plain JSON values in here; days are text in ISO 8601.
"""

from __future__ import annotations

from typing import Final

from db.decisions import Arm, CorrectionReason, Decision
from db.fields.columns import EF_STATES, FINDINGS, PAH, RWMA, SEVERITIES
from db.fields.names import ANSWERED_COLUMNS, FIELDS, PAH_COLUMNS
from db.fields.strata import EF_BANDS
from db.labels import Light
from db.tabular import Column, Kind
from pipeline.dataset.records import Brought, LabelStatus

# How well a label is founded that people decided here.
STATUSES: Final = tuple(one.value for one in LabelStatus if one is not LabelStatus.BROUGHT_IN)
# The decisions that make a label.
DECISIONS: Final = (Decision.ACCEPT.value, Decision.CORRECT.value)
ARMS: Final = tuple(one.value for one in Arm)
LIGHTS: Final = tuple(one.value for one in Light)
REASONS: Final = tuple(one.value for one in CorrectionReason)

ROW_ID: Final = Column("row_id", Kind.TEXT, "the case, in this snapshot only")
PATIENT_ID: Final = Column("patient_id", Kind.TEXT, "the patient, in this snapshot only")
FOLD: Final = Column("fold", Kind.INTEGER, "cross-validation fold, 0 to 4; all rows of a patient share one")
GROUP_ID: Final = Column(
    "group_id", Kind.TEXT, "rows that must stay in one fold: one patient, or pictures alike"
)
DAYS: Final = Column("days_between", Kind.INTEGER, "date of the ECG minus date of the echo", unit="days")

EF_STRATUM: Final = Column(
    "ef_stratum",
    Kind.TEXT,
    ">=50, 40-49, 30-39, <30 percent, or why there is no number",
    codes=EF_BANDS,
)

_LABELS: Final = (
    ROW_ID,
    PATIENT_ID,
    FOLD,
    GROUP_ID,
    Column("site", Kind.TEXT, "where the report comes from, numbered unless names were asked for"),
    Column("layout", Kind.TEXT, "the report form, where it is known"),
    Column("is_synthetic", Kind.YES_NO, "made by the demo, not by a patient"),
    Column("report_date", Kind.DATE, "of the echo, shifted by a number of days that is the patient's"),
    Column("ecg_date", Kind.DATE, "of the ECG, shifted by the same number of days"),
    DAYS,
    *FINDINGS,
    EF_STRATUM,
    Column(
        "status",
        Kind.TEXT,
        "how well the label is founded",
        codes=(*STATUSES, LabelStatus.BROUGHT_IN.value),
    ),
    Column("decision", Kind.TEXT, "whether the draft stood", codes=DECISIONS),
    Column("reason", Kind.TEXT, "why it was corrected, where the person said", codes=REASONS),
    Column("arm", Kind.TEXT, "whether the draft was in sight from the start", codes=ARMS),
    Column("annotator", Kind.INTEGER, "who decided, numbered in this snapshot only"),
    Column("active_s", Kind.NUMBER, "time worked on the record", unit="s"),
    Column("codebook_version", Kind.TEXT, "of the vocabulary the person decided by"),
    Column("reader", Kind.TEXT, "the program that made the draft"),
    Column("reader_version", Kind.TEXT, "and its version"),
    Column("draft_ef_percent", Kind.NUMBER, "the draft's ejection fraction", unit="percent"),
    Column("draft_ef_state", Kind.TEXT, "the draft's state of it", codes=EF_STATES),
    Column("draft_rwma", Kind.TEXT, "the draft's answer", codes=RWMA),
    Column("draft_rwma_severity", Kind.TEXT, "the draft's grade", codes=SEVERITIES),
    Column("draft_pah", Kind.TEXT, "the draft's word", codes=PAH),
    Column("draft_rvsp_mmhg", Kind.NUMBER, "the draft's pressure", unit="mmHg"),
    *(Column(f"confidence_{name}", Kind.NUMBER, f"of the draft's {name}, 0-1") for name in FIELDS),
    *(Column(f"light_{name}", Kind.TEXT, f"of the draft's {name}", codes=LIGHTS) for name in FIELDS),
    Column("report_images", Kind.INTEGER, "pages of the report", unit="pictures"),
    Column("ecg_images", Kind.INTEGER, "photographs of the ECG", unit="pictures"),
)
NOTE: Final = Column("note", Kind.TEXT, "what the annotator wrote; free text that may name somebody")

# What a table may bring along beside the answers.
OF_PERSON: Final = (
    Column("age_years", Kind.INTEGER, "of the patient; 90 stands for everybody above 89", unit="years"),
    Column("sex", Kind.TEXT, "of the patient", codes=("female", "male", "other")),
    Column("device", Kind.TEXT, "what took the ECG or its photograph, numbered unless names were asked for"),
)
# What only a review here can say.
_OF_REVIEW: Final = ("layout", "decision", "reason", "arm", "annotator", "active_s", "codebook_version")
_OF_DRAFT: Final = ("reader", "draft_", "confidence_", "light_", "report_images")

_ANSWERED: Final = tuple(column for column in FINDINGS if column.name in ANSWERED_COLUMNS)
PAIR_COLUMNS: Final = (
    ROW_ID,
    PATIENT_ID,
    FOLD,
    GROUP_ID,
    Column("image_id", Kind.TEXT, "the photograph, in this snapshot only; equal pictures share one"),
    Column("path", Kind.TEXT, "the photograph's file in this folder, where it was put out"),
    Column("width_px", Kind.INTEGER, "of the stored photograph", unit="px"),
    Column("height_px", Kind.INTEGER, "of the stored photograph", unit="px"),
    DAYS,
    *(column for column in _ANSWERED if column.name not in PAH_COLUMNS),
    EF_STRATUM,
    *(column for column in _ANSWERED if column.name in PAH_COLUMNS),
    *(column for column in _LABELS if column.name in ("status", "site", "is_synthetic")),
)


def label_columns(*, has_notes: bool = False, brought: Brought | None = None) -> tuple[Column, ...]:
    """The columns of `data/labels.*`.

    Args:
        brought: of labels that came in with a table: they have no columns of drafts and reviews.
    """
    if brought is None:
        return (*_LABELS, NOTE) if has_notes else _LABELS
    kept = [one for one in _LABELS if one.name not in _OF_REVIEW and not one.name.startswith(_OF_DRAFT)]
    return (*kept, *brought.columns)
