"""data_dictionary.csv: every column of every table, with type, unit, codes, meaning, missing values and
source.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from db.fields.columns import FINDINGS
from db.fields.names import WORD_OF_ANSWER, ByColumn
from db.tabular import Column, Kind
from pipeline.dataset.frozen import Frozen
from pipeline.dataset.tables import OF_PERSON, PAIR_COLUMNS, label_columns

HEADINGS: Final = ("table", "name", "type", "unit", "codes", "meaning", "missing_values", "source")
TYPES: Final = {
    Kind.INTEGER: "integer",
    Kind.NUMBER: "number",
    Kind.TEXT: "text",
    Kind.YES_NO: "true or false",
    Kind.DATE: "date, ISO 8601",
    Kind.TEXTS: "list of texts; joined by ; in CSV",
}
# Never empty, by how rows are made (`pipeline/dataset/rows.py`).
_ALWAYS: Final = frozenset(
    "row_id patient_id fold group_id is_synthetic ef_stratum status decision annotator active_s "
    "codebook_version report_images ecg_images image_id width_px height_px".split()
) | frozenset(WORD_OF_ANSWER.values())
_EMPTY_TEXT: Final = frozenset(("site", "layout", "reader", "reader_version", "note"))
_MISSING: Final[dict[str, Any]] = {
    "report_date": "the report shows no date that could be read",
    "ecg_date": "no ECG, or its date is not known",
    "days_between": "either date is not known",
    **ByColumn(
        ef_percent="no number; see ef_state",
        ef_low="no range was printed",
        ef_high="no range was printed",
        ef_operator="no number; see ef_state",
        lv_function="no such words, or words that are left out because they may name somebody",
        rwma_walls="an empty list: no wall was named",
        rvsp_mmhg="no pressure was printed",
        pah_derived="no grade was derived",
        pah_derived_table="no grade was derived",
    ),
    "reason": "the draft stood, or no reason was given",
    "arm": "not known",
    "path": "the picture was not put out",
}
# Of labels that came in with a table: what it says itself, beside the findings.
_FROM_TABLE: Final = frozenset(("site", "report_date", "ecg_date", *(one.name for one in OF_PERSON)))
_MISSING_IN_TABLE: Final = {"report_date": "the table gives no date", "ecg_date": "the table gives no date"}
_SOURCES: Final = (
    (
        ("row_id", "patient_id", "group_id", "image_id", "fold", "ef_stratum", "path", "days_between"),
        "made by EchoDesk",
    ),
    (
        ("is_synthetic", "site", "layout", "width_px", "height_px", "report_images", "ecg_images"),
        "noted at intake",
    ),
    (("report_date", "ecg_date"), "noted at intake, shifted"),
    (("reader", "reader_version", "draft_", "confidence_", "light_"), "the machine's draft"),
    (
        ("status", "decision", "reason", "arm", "annotator", "active_s", "codebook_version", "note"),
        "the review",
    ),
)


def dictionary_csv(frozen: Frozen) -> bytes:
    """data_dictionary.csv, UTF-8."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADINGS)
    for name, columns in tables_of(frozen):
        writer.writerows(_line(name, column, is_brought_in=bool(frozen.brought)) for column in columns)
    return stream.getvalue().encode()


def tables_of(frozen: Frozen) -> Iterator[tuple[str, tuple[Column, ...]]]:
    """The tables of a snapshot with their columns."""
    yield "labels", label_columns(has_notes=frozen.has_notes, brought=frozen.brought)
    yield "pairs", PAIR_COLUMNS


def missing_values(column: Column, *, is_brought_in: bool = False) -> str:
    """What an empty cell means; `never missing` where there is none."""
    if is_brought_in and column.name in _FROM_TABLE:
        return str(_MISSING_IN_TABLE.get(column.name, "the table says nothing"))
    if column.name in _MISSING:
        return str(_MISSING[column.name])
    if column.name in _ALWAYS:
        return "never missing"
    if column.name in _EMPTY_TEXT:
        return "empty: not known" if column.name != "note" else "empty: none was written"
    return "no draft was reviewed, or it has no such value"


def source_of(column: Column, *, is_brought_in: bool = False) -> str:
    """Where a value comes from."""
    if is_brought_in and (column.name in _FROM_TABLE or column in FINDINGS):
        return "the table that was brought in" + (", shifted" if column.kind is Kind.DATE else "")
    if is_brought_in and column.name == "status":
        return "made by EchoDesk"
    for names, source in _SOURCES:
        if any(
            column.name == name or (name.endswith("_") and column.name.startswith(name)) for name in names
        ):
            return source
    return "read from the report by a person"


def _line(table: str, column: Column, *, is_brought_in: bool) -> tuple[str, ...]:
    return (
        table,
        column.name,
        TYPES[column.kind],
        column.unit,
        "; ".join(f"'{code}" if code == "=" else code for code in column.codes) if column.codes else "",
        column.meaning,
        missing_values(column, is_brought_in=is_brought_in),
        source_of(column, is_brought_in=is_brought_in),
    )
