"""The one-page table report: boxed patient block, M-mode table, findings, IMPRESSION in capitals."""

from __future__ import annotations

import numpy as np

from pipeline.demo.layouts import heading
from pipeline.demo.layouts.sheet import Sheet
from pipeline.demo.proportions import pick
from pipeline.demo.report import Report
from pipeline.demo.wording.phrase import Phrase, join

_TITLES = (
    "2D ECHO & COLOUR DOPPLER REPORT",
    "2D ECHOCARDIOGRAPHY REPORT",
    "ECHOCARDIOGRAPHY REPORT (2D ECHO)",
)


def print_report(report: Report, rng: np.random.Generator) -> Sheet:
    """Print the table report."""
    family, size = pick(rng, (("sans", 23), ("serif", 23), ("times", 29)))
    sheet = Sheet(family, size, margin_px=92, on_new_page=lambda paper: heading.running_head(report, paper))
    sheet.y = 72
    sheet.text(heading.hospital(report, capitals=True), bold=True, scale=1.35, align="centre")
    sheet.space(0.3)
    _patient_block(report, sheet)
    sheet.space(0.5)
    sheet.text(pick(rng, _TITLES), bold=True, scale=1.1, align="centre")
    sheet.space(0.2)
    for phrase in [*report.history, *report.previous]:
        sheet.text(phrase, scale=0.95)
    sheet.space(0.4)
    _measurements(report, sheet)
    sheet.space(0.5)
    for title, phrase in report.observations:
        sheet.text(phrase.with_frame(f"{title.upper()} : "), hang_px=40)
        sheet.space(0.12)
    sheet.space(0.4)
    _impression(report, sheet, rng)
    sheet.space(0.3)
    heading.signature(report, sheet, rng, left=sheet.right - 330)
    return sheet


def _patient_block(report: Report, sheet: Sheet) -> None:
    top, left, middle = sheet.y, sheet.left, (sheet.left + sheet.right) / 2 + 10
    sheet.y += 10
    pairs = (
        (("NAME :", heading.name(report, capitals=True)), ("UHID :", heading.patient_id(report))),
        (("AGE / SEX :", heading.age_sex(report)), ("DATE :", heading.day(report))),
        (("REF. BY :", heading.referrer(report)), ("MOBILE :", heading.phone(report))),
    )
    for (first, value), (second, other) in pairs:
        cells = [(left, heading.labelled(first, value)), (middle, heading.labelled(second, other))]
        sheet.row(cells, scale=0.95)
    sheet.frame(top, sheet.y + 8)
    sheet.y += 12


def _measurements(report: Report, sheet: Sheet) -> None:
    """The M-mode rows as a ruled table."""
    has_normals = any(row.normal for row in report.measurements)
    columns = [sheet.left + 10, sheet.left + 330, sheet.left + 560]
    head = ["M-MODE", "VALUE", "NORMAL RANGE" if has_normals else ""]
    top, right = sheet.y, sheet.left + (860 if has_normals else 540)
    sheet.y += 6
    sheet.row(list(zip(columns, head, strict=True)), bold=True, scale=0.92)
    for row in report.measurements:
        sheet.pen.line([(sheet.left - 2, sheet.y), (right, sheet.y)], fill=(120, 120, 120), width=1)
        sheet.y += 3
        value = Phrase(f"{row.value} {row.unit}".strip(), row.marks)
        unit = row.unit or "%"
        normal = f"{row.normal} {unit}" if row.normal else ""
        sheet.row([(columns[0], row.label), (columns[1], value), (columns[2], normal)], scale=0.92)
    sheet.frame(top, sheet.y + 4, left=sheet.left - 2, right=right)
    for x in columns[1 : 3 if has_normals else 2]:
        sheet.pen.line([(x - 14, top), (x - 14, sheet.y + 4)], fill=(120, 120, 120), width=1)
    sheet.y += 12


def _impression(report: Report, sheet: Sheet, rng: np.random.Generator) -> None:
    sheet.need(sheet.line_px * 4)
    sheet.text(pick(rng, ("IMPRESSION :", "FINAL IMPRESSION :", "IMPRESSION")), bold=True, scale=1.05)
    sheet.space(0.1)
    if rng.random() < 0.3:
        sheet.text(join(report.conclusion, ", "), bold=True)
        return
    bullet = pick(rng, ("* ", "- ", ""))
    for phrase in report.conclusion:
        sheet.text(phrase.with_frame(bullet), left=sheet.left + 24, hang_px=24, bold=True)
        sheet.space(0.1)
