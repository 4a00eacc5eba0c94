"""A discharge summary with the echo somewhere in the middle; the long ones run over two pages."""

from __future__ import annotations

import numpy as np

from pipeline.demo.layouts import heading
from pipeline.demo.layouts.sheet import Sheet
from pipeline.demo.proportions import draw, pick
from pipeline.demo.report import Report
from pipeline.demo.wording.phrase import Phrase, join, sentence

_DIAGNOSES = (
    "Coronary artery disease",
    "Type 2 diabetes mellitus",
    "Chronic kidney disease",
    "Bronchial asthma",
)
_COURSE = (
    "The patient was admitted under the cardiology unit and watched on the monitor for two days. ",
    "Treatment was started with tablets and the complaints settled. ",
    "There was no fever during the stay and the wound was dry. ",
    "The family was told about diet, salt and daily walking. ",
    "Blood sugar was checked four times a day and insulin was changed by the physician. ",
)
_MEDICINES = (
    "Tab. Demopril 2.5 mg, morning",
    "Tab. Sampolol 25 mg, morning and night",
    "Tab. Mockstatin 40 mg, night",
    "Tab. Testoplat 75 mg, after lunch",
    "Tab. Placefur 20 mg, morning",
)
_LABS = (
    ("Haemoglobin", "g/dl", 9.8, 14.6, 1),
    ("Total count", "/cu mm", 5200, 10400, 0),
    ("Platelets", "lakh/cu mm", 1.6, 3.9, 1),
    ("Blood urea", "mg/dl", 18, 52, 0),
    ("Serum creatinine", "mg/dl", 0.7, 1.6, 1),
    ("Sodium", "mmol/l", 132, 144, 0),
    ("Potassium", "mmol/l", 3.6, 5.0, 1),
    ("Fasting sugar", "mg/dl", 84, 168, 0),
    ("TSH", "mIU/l", 0.8, 5.2, 1),
)


def print_report(report: Report, rng: np.random.Generator) -> Sheet:
    """Print the summary."""
    family, size = pick(rng, (("times", 30), ("serif", 23), ("sans", 22)))
    sheet = Sheet(family, size, margin_px=100, on_new_page=lambda paper: heading.running_head(report, paper))
    is_long = bool(rng.random() < 0.55)
    sheet.y = 72
    sheet.text(heading.hospital(report), bold=True, scale=1.35, align="centre")
    sheet.text("DISCHARGE SUMMARY", bold=True, scale=1.1, align="centre")
    sheet.space(0.3)
    _patient(report, sheet)
    sheet.space(0.4)
    _section(sheet, "Diagnosis", "; ".join(draw(rng, _DIAGNOSES, 2)) + ".")
    _section(sheet, "History", join(report.history))
    _section(sheet, "On admission", f"Pulse {int(rng.integers(62, 104))}/min, chest clear, no oedema.")
    if is_long:
        _labs(sheet, rng)
    _echo(report, sheet, rng)
    sentences = draw(rng, _COURSE, len(_COURSE) if is_long else 2)
    _section(sheet, "Course in hospital", "".join(sentences).strip())
    if is_long:
        _section(sheet, "Condition at discharge", "Stable, walking on the ward, taking food by mouth.")
    sheet.need(sheet.line_px * 4)
    sheet.text("Medicines at discharge", bold=True)
    for number, medicine in enumerate(draw(rng, _MEDICINES, 5 if is_long else 3), start=1):
        sheet.text(f"{number}. {medicine}", left=sheet.left + 20)
    sheet.space(0.4)
    _section(sheet, "Advice", "Review in the cardiology clinic after two weeks, with this summary.")
    heading.signature(report, sheet, rng)
    return sheet


def _patient(report: Report, sheet: Sheet) -> None:
    top, middle = sheet.y, (sheet.left + sheet.right) / 2
    sheet.y += 10
    rows = (
        (("Name:", heading.name(report)), ("Hospital no.:", heading.patient_id(report))),
        (("Age/Sex:", heading.age_sex(report, "{a} yrs / {s}")), ("Date:", heading.day(report))),
        (("Consultant:", heading.referrer(report)), ("Phone:", heading.phone(report))),
    )
    for (first, value), (second, other) in rows:
        cells = [(sheet.left, heading.labelled(first, value)), (middle, heading.labelled(second, other))]
        sheet.row(cells, scale=0.95)
    sheet.text(heading.labelled("Address:", heading.address(report)), scale=0.95)
    sheet.frame(top, sheet.y + 8)
    sheet.y += 12


def _section(sheet: Sheet, title: str, body: Phrase | str) -> None:
    sheet.need(sheet.line_px * 2.4)
    sheet.text(title, bold=True)
    sheet.text(body)
    sheet.space(0.4)


def _labs(sheet: Sheet, rng: np.random.Generator) -> None:
    sheet.need(sheet.line_px * (len(_LABS) + 2))
    sheet.text("Laboratory", bold=True)
    for label, unit, low, high, decimals in _LABS:
        value = f"{rng.uniform(low, high):.{decimals}f}"
        sheet.row([(sheet.left + 20, label), (sheet.left + 340, f"{value} {unit}")], scale=0.95)
    sheet.space(0.4)


def _echo(report: Report, sheet: Sheet, rng: np.random.Generator) -> None:
    """The echo, as it was copied into the summary."""
    sheet.need(sheet.line_px * 3)
    title = pick(rng, ("Echocardiography", "2D Echo", "Echo report"))
    sheet.text(join([Phrase(f"{title} ("), heading.day(report), Phrase("):")], ""), bold=True)
    found = [sentence(phrase).with_frame(f"{name}: ") for name, phrase in report.observations]
    sheet.text(join([*report.previous, *found]))
    sheet.text(join([Phrase("Impression:"), *(sentence(phrase) for phrase in report.conclusion)]))
    sheet.space(0.4)
