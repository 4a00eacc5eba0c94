"""What every layout prints about the invented patient, as marked phrases."""

from __future__ import annotations

import numpy as np

from pipeline.demo.layouts.sheet import Sheet
from pipeline.demo.people import printed_date
from pipeline.demo.report import Report
from pipeline.demo.wording.phrase import Phrase, join, phi

# How far a signature may run into the foot margin; the foot line itself stays clear.
SIGNATURE_SLACK_PX = 72


def hospital(report: Report, *, capitals: bool = False) -> Phrase:
    """The hospital's name: a place."""
    name = report.plan.person.hospital
    return phi("hospital", name.upper() if capitals else name)


def day(report: Report) -> Phrase:
    """The date of the report."""
    return phi("date", printed_date(report.plan.report_date, report.date_style))


def name(report: Report, *, title: bool = True, capitals: bool = False) -> Phrase:
    """The patient's name."""
    person = report.plan.person
    text = f"{person.title} {person.name}" if title else person.name
    return phi("patient_name", text.upper() if capitals else text)


def age_sex(report: Report, pattern: str = "{a} Y / {s}") -> Phrase:
    """Age and sex."""
    person = report.plan.person
    return phi("age_sex", pattern.format(a=person.age_years, s=person.sex))


def patient_id(report: Report) -> Phrase:
    """The hospital's number for the patient."""
    return phi("patient_id", report.plan.person.patient_id)


def phone(report: Report) -> Phrase:
    """The patient's telephone."""
    return phi("phone", report.plan.person.phone)


def address(report: Report) -> Phrase:
    """Where the patient lives."""
    return phi("address", report.plan.person.address)


def referrer(report: Report) -> Phrase:
    """Who asked for the study."""
    return phi("doctor", report.plan.person.referring_doctor)


def reporter(report: Report) -> Phrase:
    """Who reported it."""
    return phi("doctor", report.plan.person.reporting_doctor)


def labelled(label: str, value: Phrase) -> Phrase:
    """`Label: value`."""
    return join([Phrase(label), value])


def running_head(report: Report, sheet: Sheet) -> None:
    """First line of every page after the first."""
    sheet.text(join([name(report), patient_id(report), Phrase("(continued)")], "   "), scale=0.9)
    sheet.rule(width=1)
    sheet.space(0.5)


def signature(report: Report, sheet: Sheet, rng: np.random.Generator, *, left: float | None = None) -> None:
    """A scribble above the reporting doctor's name; near the foot of a page the name alone.

    The foot margin is used before a page is begun for a signature only.
    """
    x = left if left is not None else sheet.left
    whole, names = sheet.line_px * 4.2, sheet.line_px * 2
    room = sheet.bottom + SIGNATURE_SLACK_PX - sheet.y
    turns = np.arange(160) / 160 * 2 * np.pi * rng.uniform(4, 7)
    height = sheet.line_px * (0.25 + 0.6 * np.abs(np.sin(turns / rng.uniform(5, 9) + rng.uniform(0, 3))))
    across = np.arange(160) * rng.uniform(0.9, 1.4) + 14 * np.sin(turns + rng.uniform(1, 2))
    sheet.bottom += SIGNATURE_SLACK_PX
    if room >= whole or room < names:
        sheet.need(whole)
        sheet.y += sheet.line_px * 2
        down = sheet.y - sheet.line_px * 0.8 + height * np.cos(turns)
        scribble = [(x + 14 + float(dx), float(dy)) for dx, dy in zip(across, down, strict=True)]
        sheet.pen.line(scribble, fill=(38, 46, 120), width=2, joint="curve")
        sheet.y += sheet.line_px * 0.2
    sheet.text(reporter(report), left=x)
    sheet.text("Consultant Cardiologist", left=x, scale=0.9)
    sheet.bottom -= SIGNATURE_SLACK_PX
