"""What a reader takes and gives: pages in, one reading out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from db.labels import Check, Evidence, Findings

if TYPE_CHECKING:
    from labeling.pages import Page


@dataclass(frozen=True)
class Reading:
    """One machine reading of one whole report (all its pages).

    Attributes:
        findings: the values.
        evidence: record field name -> verbatim evidence; every non-null, stated value has an entry under its
            own name (`ef_percent`, `rwma`, `rwma_severity`, `rwma_walls`, `pah`, `rvsp_mmhg`, `lv_function`).
        confidence: field name (`ef_percent`, `rwma`, `pah`, `rvsp_mmhg`) -> 0-1, higher is surer.
        checks: consistency checks that were run on it.
        unreadable_reason: why the page could not be read (too small, blurred, ...), else empty.
        legibility: measured page quality, name -> number, for the record and for `read --json` debugging.
        warnings: short machine codes such as `orders_in_text`.
    """

    findings: Findings
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    confidence: Mapping[str, float] = field(default_factory=dict)
    checks: Sequence[Check] = ()
    unreadable_reason: str = ""
    legibility: Mapping[str, float] = field(default_factory=dict)
    warnings: Sequence[str] = ()


class Reader(Protocol):
    """A way to read a report. Implementations are picklable by (name, options) and safe to build once a process."""

    @property
    def name(self) -> str:
        """Short stable name, such as `rules`."""

    @property
    def version(self) -> str:
        """Changes whenever the same page could be read differently; part of a draft's identity."""

    def read_pages(self, pages: Sequence[Page]) -> Reading:
        """Read one report from its upright pages, in order."""
