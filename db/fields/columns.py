"""The columns of a record as tables have them: type, unit, meaning, and the answers each may hold."""

from __future__ import annotations

from typing import Final

from db.labels import EfOperator, EfState, Pah, Rwma, RwmaSeverity
from db.tabular import Column, Kind

EF_STATES: Final = tuple(one.value for one in EfState)
RWMA: Final = tuple(one.value for one in Rwma)
SEVERITIES: Final = tuple(one.value for one in RwmaSeverity)
PAH: Final = tuple(one.value for one in Pah)

FINDINGS: Final = (
    Column("ef_percent", Kind.NUMBER, "ejection fraction as printed; midpoint of a range", unit="percent"),
    Column("ef_low", Kind.NUMBER, "lower end of a printed range", unit="percent"),
    Column("ef_high", Kind.NUMBER, "upper end of a printed range", unit="percent"),
    Column(
        "ef_operator", Kind.TEXT, "how the number was printed", codes=tuple(one.value for one in EfOperator)
    ),
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
