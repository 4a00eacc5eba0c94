"""A small language to choose rows by: `site = 'Ward 3' and (ef_percent < 40 or rwma = 'present')`.

A row is chosen where the whole is true; see `filter_language.py` for what can be written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from db.fields.columns import FINDINGS
from db.fields.names import FIELDS
from db.fields.strata import ef_band
from db.tabular import Kind
from pipeline.dataset.filter_language import FilterError, Parser, Test, unquoted
from pipeline.dataset.records import LabelRow

_MAX_CHARACTERS: Final = 2000

COLUMNS: Final[Mapping[str, Kind]] = {
    "site": Kind.TEXT,
    "layout": Kind.TEXT,
    "is_synthetic": Kind.YES_NO,
    "report_date": Kind.DATE,
    "ecg_date": Kind.DATE,
    "days_between": Kind.INTEGER,
    **{column.name: column.kind for column in FINDINGS if column.kind is not Kind.TEXTS},
    "ef_stratum": Kind.TEXT,
    "status": Kind.TEXT,
    "decision": Kind.TEXT,
    "reason": Kind.TEXT,
    "arm": Kind.TEXT,
    "reader": Kind.TEXT,
    "reader_version": Kind.TEXT,
    "codebook_version": Kind.TEXT,
    **{f"confidence_{name}": Kind.NUMBER for name in FIELDS},
    **{f"light_{name}": Kind.TEXT for name in FIELDS},
    "ecg_images": Kind.INTEGER,
}


@dataclass(frozen=True)
class Filter:
    """A filter that was understood.

    Attributes:
        text: as written.
        test: whether values satisfy it; None where a missing value leaves it open.
        columns: the columns it names.
        parts: its tokens as (column they are compared with or "", text), to write it down again.
    """

    text: str
    test: Test
    columns: frozenset[str]
    parts: tuple[tuple[str, str], ...]

    def chooses(self, row: LabelRow) -> bool:
        """Whether a row is chosen."""
        return self.test(values_of(row)) is True

    def rewritten(self, sites: Mapping[str, str]) -> str:
        """The filter in one spelling, with names of sites replaced; a site unknown to the map becomes `?`."""
        said = []
        for column, part in self.parts:
            is_site = column == "site" and part.startswith("'")
            said.append(f"'{sites.get(unquoted(part), '?')}'" if is_site else part)
        return " ".join(said).replace("( ", "(").replace(" )", ")").replace(" ,", ",")


def values_of(row: LabelRow) -> dict[str, Any]:
    """What a filter may ask of a row, by `COLUMNS`."""
    return {
        "site": row.site,
        "layout": row.layout,
        "is_synthetic": row.is_synthetic,
        "report_date": row.report_date,
        "ecg_date": row.ecg_date,
        "days_between": row.days_between,
        **row.findings,
        "ef_stratum": ef_band(row.findings),
        "status": row.status.value,
        "decision": row.decision,
        "reason": row.reason,
        "arm": row.arm,
        "reader": row.reader,
        "reader_version": row.reader_version,
        "codebook_version": row.codebook_version,
        **{f"confidence_{name}": row.confidence.get(name) for name in FIELDS},
        **{f"light_{name}": row.light.get(name) for name in FIELDS},
        "ecg_images": sum(image.role == "ecg" for image in row.images),
    }


def parse_filter(text: str) -> Filter:
    """Understand a filter.

    Raises:
        FilterError: says where it stops making sense; an unknown column is named with those there are.
    """
    if len(text) > _MAX_CHARACTERS:
        raise FilterError("the filter is too long", f"Keep it under {_MAX_CHARACTERS} characters.")
    parser = Parser(text, COLUMNS)
    test = parser.understood()
    return Filter(text, test, frozenset(parser.columns), tuple(parser.parts))
