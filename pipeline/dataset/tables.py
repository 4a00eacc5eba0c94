"""The tables of a snapshot: every column with its type, unit and meaning, and how rows become files.

Rows are plain JSON values in here; days are text in ISO 8601.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

Row = Mapping[str, Any]


class Kind(StrEnum):
    """The type of a column."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    YES_NO = "yes_no"
    DATE = "date"
    TEXTS = "texts"


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        unit: `percent`, `mmHg`, `days`, ...; empty where there is none.
        codes: the answers it may hold; empty where they are open.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    codes: tuple[str, ...] = ()


EF_STATES: Final = ("stated", "not_stated", "unreadable")
EF_OPERATORS: Final = ("=", ">", "<", "~")
EF_STRATA: Final = ("normal", "mildly_reduced", "moderately_reduced", "severely_reduced")
RWMA: Final = ("present", "absent", "not_stated", "unreadable")
SEVERITIES: Final = ("none", "mild", "moderate", "severe", "not_stated")
PAH: Final = ("none", "mild", "moderate", "severe", "present_unspecified", "not_stated", "unreadable")
STATUSES: Final = ("single", "double_read", "adjudicated", "in_conflict")
DECISIONS: Final = ("accept", "correct")
ARMS: Final = ("shown", "hidden")
LIGHTS: Final = ("green", "amber", "red")
REASONS: Final = (
    "misread", "wrong_place", "missed", "not_in_report", "negation", "grade", "unclear_report", "other",
)  # fmt: skip
LIT_FIELDS: Final = ("ef_percent", "rwma", "pah", "rvsp_mmhg")

ROW_ID: Final = Column("row_id", Kind.TEXT, "the case, in this snapshot only")
PATIENT_ID: Final = Column("patient_id", Kind.TEXT, "the patient, in this snapshot only")
FOLD: Final = Column("fold", Kind.INTEGER, "cross-validation fold, 0 to 4; all rows of a patient share one")
GROUP_ID: Final = Column(
    "group_id", Kind.TEXT, "rows that must stay in one fold: one patient, or pictures alike"
)
DAYS: Final = Column("days_between", Kind.INTEGER, "date of the ECG minus date of the echo", unit="days")

FINDINGS: Final = (
    Column("ef_percent", Kind.NUMBER, "ejection fraction as printed; midpoint of a range", unit="percent"),
    Column("ef_low", Kind.NUMBER, "lower end of a printed range", unit="percent"),
    Column("ef_high", Kind.NUMBER, "upper end of a printed range", unit="percent"),
    Column("ef_operator", Kind.TEXT, "how the number was printed", codes=EF_OPERATORS),
    Column("ef_state", Kind.TEXT, "whether the report states a number", codes=EF_STATES),
    Column(
        "lv_function",
        Kind.TEXT,
        "the report's words for left ventricular function, where all are known words",
    ),
    Column("rwma", Kind.TEXT, "regional wall-motion abnormality", codes=RWMA),
    Column("rwma_severity", Kind.TEXT, "its worst grade", codes=SEVERITIES),
    Column("rwma_walls", Kind.TEXTS, "walls and segments named"),
    Column("pah", Kind.TEXT, "pulmonary hypertension by the printed word", codes=PAH),
    Column("rvsp_mmhg", Kind.NUMBER, "right ventricular systolic pressure as printed", unit="mmHg"),
    Column("pah_derived", Kind.TEXT, "grade derived from the pressure, where that was asked for", codes=PAH),
    Column("pah_derived_table", Kind.TEXT, "the table it was derived by"),
)
EF_STRATUM: Final = Column(
    "ef_stratum",
    Kind.TEXT,
    ">=50, 40-49, 30-39, <30 percent, or why there is no number",
    codes=EF_STRATA + EF_STATES[1:],
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
    Column("status", Kind.TEXT, "how well the label is founded", codes=STATUSES),
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
    *(Column(f"confidence_{name}", Kind.NUMBER, f"of the draft's {name}, 0-1") for name in LIT_FIELDS),
    *(Column(f"light_{name}", Kind.TEXT, f"of the draft's {name}", codes=LIGHTS) for name in LIT_FIELDS),
    Column("report_images", Kind.INTEGER, "pages of the report", unit="pictures"),
    Column("ecg_images", Kind.INTEGER, "photographs of the ECG", unit="pictures"),
)
NOTE: Final = Column("note", Kind.TEXT, "what the annotator wrote; free text that may name somebody")

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
    *(column for column in FINDINGS if column.name in ("ef_percent", "ef_state", "rwma", "rwma_severity")),
    EF_STRATUM,
    *(column for column in FINDINGS if column.name in ("pah", "rvsp_mmhg")),
    *(column for column in _LABELS if column.name in ("status", "site", "is_synthetic")),
)


def label_columns(*, has_notes: bool = False) -> tuple[Column, ...]:
    """The columns of `data/labels.*`."""
    return (*_LABELS, NOTE) if has_notes else _LABELS


def csv_bytes(rows: Sequence[Row], columns: Sequence[Column]) -> bytes:
    """UTF-8 with a header; lists joined by `;`, yes/no as `true`/`false`, no cell that a spreadsheet would
    run.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    names = [column.name for column in columns]
    writer.writerow(names)
    writer.writerows(
        zip(*(_told([row[column.name] for row in rows], column.kind) for column in columns), strict=True)
    )
    return stream.getvalue().encode()


def _told(values: list[Any], kind: Kind) -> list[str]:
    """A column's cells; most columns hold a few answers again and again."""
    cell = _CELLS[kind]
    if kind is Kind.TEXTS:
        return [cell(value) for value in values]
    answers = {value: cell(value) for value in set(values)}
    return [answers[value] for value in values]


def jsonl_bytes(rows: Sequence[Row], columns: Sequence[Column] | None = None) -> bytes:
    """One JSON object a line; what is absent is null."""
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    names = None if columns is None else [column.name for column in columns]
    lines = [encode(row if names is None else {name: row[name] for name in names}) for row in rows]
    return "".join(f"{line}\n" for line in lines).encode()


def parquet_bytes(jsonl: bytes, columns: Sequence[Column]) -> bytes:
    """The rows of a JSON-lines file with typed columns, one row group; the same rows give the same bytes.

    Made from the other file rather than from Python values: that is faster, and the two cannot differ.
    """
    import pyarrow
    import pyarrow.json
    import pyarrow.parquet

    types = {
        Kind.INTEGER: pyarrow.int64(),
        Kind.NUMBER: pyarrow.float64(),
        Kind.TEXT: pyarrow.string(),
        Kind.YES_NO: pyarrow.bool_(),
        Kind.DATE: pyarrow.string(),
        Kind.TEXTS: pyarrow.list_(pyarrow.string()),
    }
    written = pyarrow.schema([(column.name, types[column.kind]) for column in columns])
    wanted = pyarrow.schema(
        [
            (column.name, pyarrow.date32() if column.kind is Kind.DATE else types[column.kind])
            for column in columns
        ]
    )
    if jsonl:
        table = pyarrow.json.read_json(
            io.BytesIO(jsonl),
            read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(jsonl) + 1),
            parse_options=pyarrow.json.ParseOptions(
                explicit_schema=written, unexpected_field_behavior="error"
            ),
        ).select(wanted.names)
    else:
        table = written.empty_table()
    stream = io.BytesIO()
    pyarrow.parquet.write_table(
        table.cast(wanted),
        stream,
        compression="zstd",
        row_group_size=max(1, table.num_rows),
        store_schema=False,
    )
    return stream.getvalue()


def read_jsonl(data: bytes) -> list[dict[str, Any]]:
    """The rows of a file made by `jsonl_bytes`; dates stay text."""
    return [json.loads(line) for line in data.decode().split("\n") if line]


def _number(value: float | None) -> str:
    return "" if value is None else repr(float(value)).removesuffix(".0")


def _yes_no(value: bool | None) -> str:
    return "" if value is None else "true" if value else "false"


def _text(value: str | None) -> str:
    return "" if value is None else _inert(value)


# What a spreadsheet starts a formula or a command with, also in the wide and small forms some imports fold.
_FORMULA: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212\u207a\u207b\u207c")
_INVISIBLE: Final = " \u00a0\u200b\u200c\u200d\u2060\ufeff\0"


def _inert(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would otherwise run it; a lone sign is no
    formula.
    """
    if text[:1].isalnum() or text in EF_OPERATORS:
        return text
    return f"'{text}" if text.lstrip(_INVISIBLE).startswith(_FORMULA) else text


_CELLS: Final[Mapping[Kind, Callable[[Any], str]]] = {
    Kind.INTEGER: lambda value: "" if value is None else str(value),
    Kind.NUMBER: _number,
    Kind.TEXT: _text,
    Kind.YES_NO: _yes_no,
    Kind.DATE: _text,
    Kind.TEXTS: lambda value: "" if value is None else _inert(";".join(value)),
}
