"""A machine's summary sheet: measurements in the left column, findings in the right, conclusion below."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.demo.layouts import heading
from pipeline.demo.layouts.sheet import Sheet
from pipeline.demo.proportions import pick
from pipeline.demo.report import Report
from pipeline.demo.wording.phrase import Phrase, join, sentence


def print_report(report: Report, rng: np.random.Generator) -> Sheet:
    """Print the sheet; the columns are printed one after the other, left first."""
    family, size = pick(rng, (("sans", 22), ("times", 28), ("serif", 21)))
    sheet = Sheet(family, size, margin_px=84, on_new_page=lambda paper: heading.running_head(report, paper))
    sheet.y = 70
    sheet.text(heading.hospital(report), bold=True, scale=1.4)
    sheet.text("Echocardiography - transthoracic study", scale=1.0)
    sheet.rule(width=3)
    sheet.space(0.3)
    _patient(report, sheet)
    sheet.rule(width=1)
    sheet.space(0.5)
    _columns(report, sheet)
    sheet.space(0.4)
    sheet.rule(width=1)
    sheet.space(0.3)
    sheet.text(pick(rng, ("Impression", "Conclusion", "Summary")), bold=True, scale=1.1)
    for phrase in report.conclusion:
        sheet.text(sentence(phrase).with_frame("- "), left=sheet.left + 16, hang_px=22)
        sheet.space(0.1)
    sheet.space(0.5)
    heading.signature(report, sheet, rng)
    return sheet


def _patient(report: Report, sheet: Sheet) -> None:
    columns = [sheet.left, sheet.left + 400, sheet.left + 760]
    first = [
        heading.labelled("Patient:", heading.name(report, title=False)),
        heading.labelled("ID:", heading.patient_id(report)),
        heading.labelled("Age/Sex:", heading.age_sex(report, "{a}/{s}")),
    ]
    second = [
        heading.labelled("Ref.:", heading.referrer(report)),
        heading.labelled("Date:", heading.day(report)),
        heading.labelled("Tel:", heading.phone(report)),
    ]
    for cells in (first, second):
        sheet.row(list(zip(columns, cells, strict=True)), scale=0.95)


def _fitting_row(sheet: Sheet, cells: Sequence[tuple[float, Phrase | str]]) -> None:
    """Print a row, a little smaller when a long value with its reference range would run over the gutter."""
    for scale in (0.95, 0.85, 0.75):
        try:
            sheet.row(cells, scale=scale)
        except ValueError:
            if scale == 0.75:
                raise
        else:
            return


def _columns(report: Report, sheet: Sheet) -> None:
    top, gutter = sheet.y, sheet.left + 470
    bounds = (sheet.left, gutter - 24)
    sheet.text("Measurements", bold=True, left=bounds[0], right=bounds[1])
    sheet.space(0.2)
    for row in report.measurements:
        normal = f" ({row.normal})" if row.normal else ""
        value = Phrase(f"{row.value} {row.unit}".strip() + normal, row.marks)
        # The empty cell at the gutter makes sure that nothing runs into the other column.
        _fitting_row(sheet, [(bounds[0], row.label), (bounds[0] + 235, value), (bounds[1], "")])
    sheet.space(0.5)
    for phrase in [*report.history, *report.previous]:
        sheet.text(phrase, left=bounds[0], right=bounds[1], scale=0.95)
        sheet.space(0.15)
    lowest, sheet.y = sheet.y, top
    sheet.text("Findings", bold=True, left=gutter)
    sheet.space(0.2)
    for title, phrase in report.observations:
        sheet.text(title, bold=True, left=gutter, scale=0.95)
        sheet.text(join([sentence(phrase)]), left=gutter + 14)
        sheet.space(0.3)
    sheet.y = max(lowest, sheet.y)
    sheet.pen.line([(gutter - 14, top), (gutter - 14, sheet.y)], fill=(150, 150, 150), width=1)
