"""Small benchmark folders and readers that answer from a table, for the tests of the benchmark."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from db.errors import EchoDeskError
from db.labels import EfOperator, EfState, Evidence, Findings, Pah, Rwma, RwmaSeverity
from labeling.pages.page import Page
from labeling.readers.base import Reading

COLUMNS = (
    "file",
    "report_type",
    "ef_value",
    "ef_operator",
    "rwma_present",
    "rwma_severity",
    "pah",
    "rvsp_mmhg",
)


def stated(ef_percent: float | None, pah: Pah = Pah.NOT_STATED) -> Findings:
    """Findings with an EF (or none), no regional abnormality, and a word for the pressure."""
    return Findings(
        ef_percent=ef_percent,
        ef_operator=EfOperator.EQUAL if ef_percent is not None else None,
        ef_state=EfState.STATED if ef_percent is not None else EfState.NOT_STATED,
        rwma=Rwma.ABSENT,
        rwma_severity=RwmaSeverity.NONE,
        pah=pah,
    )


def reading_of(findings: Findings, confidence: float = 0.95) -> Reading:
    """A reading that is sure of itself and names words for every value."""
    names = ("ef_percent", "rwma", "pah", "rvsp_mmhg")
    return Reading(
        findings,
        {name: Evidence(quote="as printed") for name in names},
        dict.fromkeys(names, confidence),
    )


def write_folder(folder: Path, ef_values: Mapping[str, float | None], *, kind: str = "phone") -> Path:
    """`gold.csv`, one text and one page image a report; the picture's grey level is the report's number."""
    (folder / "text").mkdir(parents=True)
    (folder / "images" / kind).mkdir(parents=True)
    with (folder / "gold.csv").open("w", newline="", encoding="utf-8") as handle:
        rows = csv.writer(handle)
        rows.writerow([*COLUMNS, "notes"])
        for number, (name, ef) in enumerate(ef_values.items()):
            stratum = "even" if number % 2 == 0 else "odd"
            printed = "" if ef is None else f"{ef:g}"
            rows.writerow(
                [name, stratum, printed, "=" if printed else "", "no", "none", "not_stated", "", ""]
            )
            (folder / "text" / name).write_text(
                f"Report {number}. LVEF {printed or 'normal'}.", encoding="utf-8"
            )
            page = Image.new("L", (40, 30), number)
            page.save(folder / "images" / kind / f"{Path(name).stem}_p1.png")
    return folder


def number_of(pages: Sequence[Page]) -> int:
    """The report's number, from the grey level of its first page."""
    level = pages[0].image.convert("L").getpixel((0, 0))
    assert isinstance(level, int)
    return level


@dataclass
class TableReader:
    """Answers by report number; an exception in the table is raised. Remembers what it was handed."""

    table: Mapping[int, Reading | Exception]
    name: str = "table"
    version: str = "1"
    seen: list[list[int]] = field(default_factory=list)

    def read_pages(self, pages: Sequence[Page]) -> Reading:
        """The table's answer."""
        self.seen.append([number_of(pages)])
        answer = self.table[number_of(pages)]
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class BatchTableReader(TableReader):
    """The same, several at once; a batch with a number in `breaks` fails as a whole."""

    batch_size: int = 2
    breaks: frozenset[int] = frozenset()

    def read_reports(self, reports: Sequence[Sequence[Page]]) -> list[Reading | Exception]:
        """The table's answers, errors in their places."""
        numbers = [number_of(pages) for pages in reports]
        self.seen.append(numbers)
        if self.breaks & set(numbers):
            raise EchoDeskError("the batch broke", "Try again.")
        return [self.table[number] for number in numbers]
