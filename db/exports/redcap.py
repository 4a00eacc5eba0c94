"""Labels for REDCap: the data to import, and the dictionary that makes the form they fit into.

Choices are numbers, as REDCap keeps them; the dictionary says which word each stands for. A flagged record
has no values and its form is unverified.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final

from db.decisions import DECIDING
from db.exports.labelled import LabelledRecord
from db.fields.columns import FINDINGS
from db.labels import EF_MAX_PERCENT, EF_MIN_PERCENT, RVSP_MAX_MMHG, RVSP_MIN_MMHG, WALLS, EfOperator
from db.standings import Status
from db.tabular import Column, Kind, inert

FORM: Final = "echo_report"
_STATUSES: Final = (Status.DECIDED.value, Status.FLAGGED.value)
# REDCap's own numbers for how finished a form is.
_UNVERIFIED, _COMPLETE = "1", "2"

HEADINGS: Final = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)

_RECORD: Final = (
    Column("record_id", Kind.TEXT, "Record"),
    Column("patient_key", Kind.TEXT, "Patient, as a keyed hash"),
    Column("site", Kind.TEXT, "Site"),
    Column("is_synthetic", Kind.YES_NO, "Invented patient"),
    Column("report_date", Kind.DATE, "Date of the echo"),
    Column("ecg_date", Kind.DATE, "Date of the ECG"),
)
_DECISION: Final = (
    Column("status", Kind.TEXT, "How the record stands", codes=_STATUSES),
    Column("decision", Kind.TEXT, "Whether the draft stood", codes=DECIDING),
    Column("review_id", Kind.INTEGER, "Decision"),
    Column("reviewer_id", Kind.INTEGER, "Who decided, as a number"),
    Column("codebook_version", Kind.TEXT, "Version of the codebook"),
    Column("decided_at", Kind.MOMENT, "Decided at, UTC"),
)
COLUMNS: Final = (*_RECORD, *FINDINGS, *_DECISION)

_PERCENT: Final = (f"{EF_MIN_PERCENT:g}", f"{EF_MAX_PERCENT:g}")
_WHOLE: Final = ("0", "100")
_BOUNDS: Final[Mapping[str, tuple[str, str]]] = {
    "ef_percent": _PERCENT,
    "rvsp_mmhg": (f"{RVSP_MIN_MMHG:g}", f"{RVSP_MAX_MMHG:g}"),
}
_VALIDATION: Final = {
    Kind.NUMBER: "number",
    Kind.INTEGER: "integer",
    Kind.DATE: "date_ymd",
    Kind.MOMENT: "datetime_seconds_ymd",
}


def data_csv(records: Sequence[LabelledRecord]) -> bytes:
    """The labels, and the flagged records without values; a row a record."""
    stream = io.StringIO(newline="")
    write = csv.writer(stream, lineterminator="\r\n")
    write.writerow([*(name for column in COLUMNS for name in _names(column)), f"{FORM}_complete"])
    for record in going_out(records):
        values = _values(record)
        cells = [cell for column in COLUMNS for cell in _cells(column, values.get(column.name))]
        write.writerow([*cells, _COMPLETE if record.label is not None else _UNVERIFIED])
    return stream.getvalue().encode()


def dictionary_csv() -> bytes:
    """The data dictionary: one form, a line a field."""
    stream = io.StringIO(newline="")
    write = csv.writer(stream, lineterminator="\r\n")
    write.writerow(HEADINGS)
    for column in COLUMNS:
        row = dict.fromkeys(HEADINGS, "") | _described(column)
        write.writerow([row[heading] for heading in HEADINGS])
    return stream.getvalue().encode()


def going_out(records: Sequence[LabelledRecord]) -> list[LabelledRecord]:
    """Decided or flagged."""
    return [one for one in records if one.standing.status.value in _STATUSES]


@cache
def choices(column: Column) -> Mapping[str, str]:
    """Each answer a column may hold -> its number; empty where it holds none of a few."""
    codes = WALLS if column.kind is Kind.TEXTS else column.codes
    return {code: str(number) for number, code in enumerate(codes, start=1)}


def _values(record: LabelledRecord) -> dict[str, Any]:
    case, label = record.standing.case, record.label
    values: dict[str, Any] = {column.name: getattr(case, column.name, None) for column in _RECORD}
    values |= {"record_id": str(record.number), "status": record.standing.status.value}
    if label is None:
        return values
    return values | label.findings.model_dump(mode="json") | {
        "decision": label.decision.value,
        "review_id": label.review_id,
        "reviewer_id": label.annotator_id,
        "codebook_version": label.codebook_version,
        "decided_at": label.decided_at,
    }  # fmt: skip


def _names(column: Column) -> list[str]:
    if column.kind is Kind.TEXTS:
        return [f"{column.name}___{number}" for number in choices(column).values()]
    return [column.name]


def _cells(column: Column, value: Any) -> list[str]:
    if column.kind is Kind.TEXTS:
        return ["" if value is None else str(int(wall in value)) for wall in choices(column)]
    return [_cell(column, value)]


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.codes:
        return choices(column)[str(value)]
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:g}" if isinstance(value, float) else inert(str(value))


def _described(column: Column) -> dict[str, str]:
    low, high = _BOUNDS.get(column.name, _WHOLE if column.unit == "percent" else ("", ""))
    listed = " | ".join(f"{number}, {_said(code)}" for code, number in choices(column).items())
    return {
        "Variable / Field Name": column.name,
        "Form Name": FORM,
        "Field Type": _field_type(column),
        "Field Label": column.meaning[:1].upper() + column.meaning[1:],
        "Choices, Calculations, OR Slider Labels": listed,
        "Field Note": column.unit,
        "Text Validation Type OR Show Slider Number": _VALIDATION.get(column.kind, ""),
        "Text Validation Min": low,
        "Text Validation Max": high,
    }


def _field_type(column: Column) -> str:
    if column.kind is Kind.TEXTS:
        return "checkbox"
    if column.kind is Kind.YES_NO:
        return "yesno"
    return "radio" if column.codes else "text"


def _said(code: str) -> str:
    """A choice's words: no comma, bar or angle bracket, which REDCap would take for its own."""
    named = {operator.value: operator.name.lower() for operator in EfOperator}
    return named.get(code, code.replace("_", " ").replace(",", ""))
