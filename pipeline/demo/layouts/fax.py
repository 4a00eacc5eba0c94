"""A report that came by fax: typewriter face, two tones, specks, and the machine's own line on top."""

from __future__ import annotations

import numpy as np
from PIL import Image

from pipeline.demo.layouts import heading
from pipeline.demo.layouts.sheet import Sheet
from pipeline.demo.proportions import pick
from pipeline.demo.report import Report
from pipeline.demo.wording.phrase import Phrase, join


def print_report(report: Report, rng: np.random.Generator) -> Sheet:
    """Print the fax and send it down the line."""
    sheet = Sheet(
        "mono",
        pick(rng, (22, 23)),
        margin_px=96,
        on_new_page=lambda paper: heading.running_head(report, paper),
    )
    _heading(report, sheet, rng)
    for phrase in [*report.history, *report.previous]:
        sheet.text(phrase)
    sheet.space(0.5)
    for row in report.measurements:
        normal = f"(N {row.normal})" if row.normal else ""
        value = Phrase(f"{row.value} {row.unit}".strip(), row.marks)
        sheet.row([(sheet.left, row.label), (sheet.left + 320, value), (sheet.left + 520, normal)])
    sheet.space(0.5)
    for title, phrase in report.observations:
        sheet.text(phrase.with_frame(f"{title}: "), hang_px=36)
    sheet.space(0.6)
    sheet.text(pick(rng, ("IMPRESSION:", "CONCLUSION:", "FINAL IMPRESSION:")))
    for number, phrase in enumerate(report.conclusion, start=1):
        sheet.text(phrase.with_frame(f"{number}) "), left=sheet.left + 20, hang_px=38)
    sheet.space(1.0)
    sheet.text(heading.reporter(report))
    _send(sheet, rng)
    return sheet


def _heading(report: Report, sheet: Sheet, rng: np.random.Generator) -> None:
    """The machine's line, the hospital, and the patient."""
    sheet.y = 44
    clock = f"{int(rng.integers(8, 19)):02d}:{int(rng.integers(60)):02d}"
    hospital = heading.hospital(report, capitals=True)
    sheet.text(join([heading.day(report), Phrase(f"{clock}  FROM"), hospital, Phrase(" P.01")]), scale=0.8)
    sheet.space(0.8)
    sheet.text(hospital)
    sheet.text("ECHOCARDIOGRAPHY REPORT")
    _rule(sheet)
    for label, value in (
        ("NAME   :", heading.name(report, title=False, capitals=True)),
        ("ID     :", heading.patient_id(report)),
        ("AGE/SEX:", heading.age_sex(report, "{a} YRS/{s}")),
        ("DATE   :", heading.day(report)),
        ("REF    :", heading.referrer(report)),
        ("PHONE  :", heading.phone(report)),
    ):
        sheet.text(heading.labelled(label, value))
    _rule(sheet)


def _rule(sheet: Sheet) -> None:
    """A typed line of hyphens: drawn, because it says nothing."""
    sheet.y += 8
    for x in range(int(sheet.left), int(sheet.right), 14):
        sheet.pen.line([(x, sheet.y), (x + 8, sheet.y)], fill=sheet.ink, width=2)
    sheet.y += 16


def _send(sheet: Sheet, rng: np.random.Generator) -> None:
    """Two tones, a little ragged at the edges, with specks of dirt."""
    for page in sheet.pages:
        grey = np.asarray(page.image.convert("L"), dtype=np.int16)
        ragged = grey + rng.integers(-42, 43, size=grey.shape, dtype=np.int16)
        tones = np.where(ragged > 150, 250, 18).astype(np.uint8)
        for _ in range(int(rng.integers(12, 40))):
            y, x = int(rng.integers(grey.shape[0] - 3)), int(rng.integers(grey.shape[1] - 3))
            # Dirt keeps off the print, so that it never adds a decimal point.
            if grey[max(0, y - 40) : y + 42, max(0, x - 40) : x + 42].min() > 200:
                tones[y : y + 2, x : x + int(rng.integers(1, 3))] = 40
        page.image.paste(Image.fromarray(tones).convert("RGB"))
