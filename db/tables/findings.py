"""The columns of a label record, the same in drafts and reviews."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from db.labels import EfState, Findings, Pah, Rwma, RwmaSeverity


class FindingsColumns(SQLModel):
    """The label record as columns; see `labels.Findings` for meaning and units."""

    ef_percent: float | None = None
    ef_low: float | None = None
    ef_high: float | None = None
    ef_operator: str | None = None
    ef_state: str = EfState.NOT_STATED.value
    lv_function: str | None = None
    rwma: str = Rwma.NOT_STATED.value
    rwma_severity: str = RwmaSeverity.NOT_STATED.value
    rwma_walls: list[str] = Field(default_factory=list, sa_type=JSON)
    pah: str = Pah.NOT_STATED.value
    rvsp_mmhg: float | None = None
    pah_derived: str | None = None
    pah_derived_table: str | None = None

    def to_findings(self) -> Findings:
        """The same record as the validated value object."""
        return Findings.model_validate({name: getattr(self, name) for name in Findings.model_fields})


def findings_columns(findings: Findings) -> dict[str, Any]:
    """Column name -> value for a table with `FindingsColumns`, enums as their strings."""
    return findings.model_dump(mode="json")
