"""A letter to the referring doctor: letterhead, running prose, numbered conclusion, signature."""

from __future__ import annotations

import numpy as np

from pipeline.demo.layouts import heading
from pipeline.demo.layouts.sheet import Sheet
from pipeline.demo.proportions import pick
from pipeline.demo.report import Report
from pipeline.demo.wording.phrase import Phrase, join, sentence

_COLOURS = ((26, 62, 120), (120, 26, 40), (20, 90, 74), (30, 30, 30))


def print_report(report: Report, rng: np.random.Generator) -> Sheet:
    """Print the letter; long ones run on to a second page."""
    family, size = pick(rng, (("times", 30), ("serif", 24), ("times", 32)))
    sheet = Sheet(family, size, margin_px=118, on_new_page=lambda paper: heading.running_head(report, paper))
    _letterhead(report, sheet, pick(rng, _COLOURS))
    sheet.text(join([Phrase("Date:"), heading.day(report)]))
    sheet.text(join([Phrase("To:"), heading.referrer(report)]))
    sheet.space()
    subject = [Phrase("Re:"), heading.name(report), heading.age_sex(report, "({a} years, {s}),")]
    sheet.text(join([*subject, Phrase("hospital no."), heading.patient_id(report)]), bold=True)
    sheet.text(join([heading.address(report), Phrase("Tel."), heading.phone(report)]), scale=0.92)
    sheet.space()
    sheet.text("Dear colleague,")
    sheet.space(0.4)
    opening = "Thank you for sending this patient for echocardiography."
    sheet.text(join([Phrase(opening), *report.history, *report.previous]))
    sheet.space(0.5)
    for title, phrase in report.observations:
        sheet.text(join([Phrase(f"{title}:"), sentence(phrase)]))
        sheet.space(0.25)
    sheet.space(0.4)
    _conclusion(report, sheet, pick(rng, ("Conclusion", "Summary", "In conclusion")))
    sheet.space(0.6)
    sheet.text("With kind regards,")
    heading.signature(report, sheet, rng)
    return sheet


def _letterhead(report: Report, sheet: Sheet, colour: tuple[int, int, int]) -> None:
    ink, sheet.ink = sheet.ink, colour
    sheet.y = 70
    sheet.text(heading.hospital(report), bold=True, scale=1.5, align="centre")
    sheet.text("Department of Cardiology - Echocardiography Laboratory", scale=0.85, align="centre")
    sheet.rule(width=3)
    sheet.ink = ink
    sheet.space(0.7)


def _conclusion(report: Report, sheet: Sheet, title: str) -> None:
    sheet.need(sheet.line_px * 3)
    sheet.text(f"{title}:", bold=True)
    for number, phrase in enumerate(report.conclusion, start=1):
        sheet.text(sentence(phrase).with_frame(f"{number}. "), left=sheet.left + 20, hang_px=34)
