"""What is true about each demo patient, one JSON object a line.

Keys of a line in `truth.jsonl`:

* `patient_id`, `reports`, `ecg`: as in `manifest.csv`; `is_synthetic` is always true. * `condition` (clean,
phone, harsh), `layout`, `traps`, `is_legible`. * `findings`: the right record for the pictures, as
`db.labels.Findings`; all `unreadable` where nobody can read them. * `printed`: the record for the words on
the paper, whoever can read them. * `also_accept`: other answers that count as right, by field. *
`patient_state`: what the patient really has; the cohort's proportions are exact in these. * `text`: the
report exactly as printed; lines by newline, pages by form feed. * `evidence` and `phi`, `ecg_phi`: marked
words with page and boxes, boxes as shares (0-1) of the picture's width and height. An evidence quote may
stand several times (findings and conclusion). What identifies somebody also has `words`: each word with the
four corners around its ink, as shares, for measuring what a mask covers.
"""

from __future__ import annotations

from typing import Any

from db.fields.names import FIELDS, ByColumn
from db.labels import EfState, Findings, Pah, Rwma
from pipeline.demo.layouts.sheet import Sheet
from pipeline.demo.pictures import Pictures, PlacedMark
from pipeline.demo.report import Report

UNREADABLE = Findings(ef_state=EfState.UNREADABLE, rwma=Rwma.UNREADABLE, pah=Pah.UNREADABLE)


def printed_text(sheet: Sheet) -> str:
    """All lines in the order they were printed; pages separated by a form feed."""
    return "\f".join("\n".join(page.lines) for page in sheet.pages)


def printed_findings(report: Report, sheet: Sheet) -> Findings:
    """The record for the words on the paper, `lv_function` verbatim as printed last (in the conclusion)."""
    words = [mark.quote for mark in sheet.marks if mark.tag == "lv_function"]
    return report.printed.model_copy(update={"lv_function": words[-1] if words else None})


def truth_record(report: Report, sheet: Sheet, pictures: Pictures) -> dict[str, Any]:
    """One patient's line of `truth.jsonl`."""
    plan = report.plan
    printed = printed_findings(report, sheet)
    return {
        "patient_id": plan.person.patient_id,
        "reports": list(pictures.reports),
        "ecg": pictures.ecg,
        "is_synthetic": True,
        "condition": plan.condition,
        "layout": plan.layout,
        "traps": list(report.traps),
        "is_legible": plan.is_legible,
        "findings": (printed if plan.is_legible else UNREADABLE).model_dump(mode="json"),
        "printed": printed.model_dump(mode="json"),
        "also_accept": {name: list(values) for name, values in sorted(report.also_accept.items())},
        "patient_state": {
            "ef_percent": plan.ef_percent,
            "ef_stratum": plan.stratum,
            **ByColumn(rwma_severity=plan.rwma_severity, pah=plan.pah),
        },
        "text": printed_text(sheet),
        "evidence": [_placed(mark, "field", mark.tag) for mark in pictures.marks if mark.tag in FIELDS],
        "phi": _identities(pictures.marks),
        "ecg_phi": _identities(pictures.ecg_marks),
    }


def _is_phi(mark: PlacedMark) -> bool:
    return mark.tag.startswith("phi:")


def _identities(marks: tuple[PlacedMark, ...]) -> list[dict[str, Any]]:
    return [
        _placed(mark, "kind", mark.tag.removeprefix("phi:")) | {"words": _words(mark)}
        for mark in marks
        if _is_phi(mark)
    ]


def _words(mark: PlacedMark) -> list[dict[str, Any]]:
    return [
        {"text": text, "corners": [[round(side, 5) for side in corner] for corner in corners]}
        for text, corners in mark.words
    ]


def _placed(mark: PlacedMark, key: str, name: str) -> dict[str, Any]:
    boxes = [[round(side, 5) for side in box] for box in mark.boxes]
    return {key: name, "quote": mark.quote, "page": mark.page, "boxes": boxes}
