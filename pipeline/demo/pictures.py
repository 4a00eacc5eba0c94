"""The files of one patient: report pages as pictures or a PDF, the ECG as a photograph, and where the words
lie.
"""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.demo.layouts.sheet import PAPER_DPI, Box, MarkedBox, Sheet
from pipeline.demo.people import printed_date
from pipeline.demo.proportions import pick
from pipeline.demo.report import Report
from pipeline.imaging.capture import Condition, Photo, photograph
from pipeline.imaging.paper import GRIDS, SIX_BY_TWO, THREE_BY_FOUR, draw_ecg_page
from pipeline.waveforms.dipole import HeartState, simulate_ecg

REPORT_FOLDER = "reports"
ECG_FOLDER = "ecgs"
SAMPLING_RATE_HZ = 500.0
Corners = tuple[tuple[float, float], ...]
_PDF_SHARE = 0.4
# A PDF names the second it was made; a fixed one keeps the bytes the same.
_PDF_TIME = time.struct_time((2026, 4, 1, 0, 0, 0, 0, 91, 0))


@dataclass(frozen=True)
class PlacedMark:
    """Marked words in the finished pictures.

    Attributes:
        tag: a field of the record, or `phi:` and a kind.
        page: 1-based page of the report.
        boxes: one for each printed line, as shares (0-1) of the picture's width and height.
        words: every word and the four corners around its ink, as shares, clockwise from the top left.
    """

    tag: str
    quote: str
    page: int
    boxes: tuple[Box, ...]
    words: tuple[tuple[str, Corners], ...]

    @classmethod
    def on(cls, photo: Photo, mark: MarkedBox) -> PlacedMark:
        """A mark of the page, in the picture taken of it."""
        boxes = tuple(photo.box(*box) for box in mark.boxes)
        words = tuple((word, _corners(photo, box)) for word, box in mark.words)
        return cls(mark.tag, mark.quote, mark.page, boxes, words)


def _corners(photo: Photo, box: Box) -> Corners:
    return tuple((float(x), float(y)) for x, y in photo.corners(*box))


@dataclass(frozen=True)
class Pictures:
    """Relative paths of what was written, and the marks in it."""

    reports: tuple[str, ...]
    ecg: str
    marks: tuple[PlacedMark, ...]
    ecg_marks: tuple[PlacedMark, ...]


def write_pictures(folder: Path, report: Report, sheet: Sheet, rng: np.random.Generator) -> Pictures:
    """Capture and store one patient's pages and ECG below `folder`, which has both subfolders."""
    plan = report.plan
    condition = Condition(plan.condition) if plan.is_legible else Condition.ILLEGIBLE
    photos = [photograph(np.array(page.image), rng, condition) for page in sheet.pages]
    reports = _store_report(folder, plan.number, photos, condition, rng)
    ecg_name = f"{ECG_FOLDER}/ecg_{plan.number:05d}.jpg"
    ecg_photo, ecg_marks = _ecg(report, rng)
    (folder / ecg_name).write_bytes(ecg_photo.jpeg())
    marks = tuple(PlacedMark.on(photos[mark.page - 1], mark) for mark in sheet.marks)
    return Pictures(reports, ecg_name, marks, ecg_marks)


def _store_report(
    folder: Path, number: int, photos: Sequence[Photo], condition: Condition, rng: np.random.Generator
) -> tuple[str, ...]:
    """Scans become a PDF or PNG pages; photographs one JPEG a page. File names never carry an identity."""
    stem = f"{REPORT_FOLDER}/report_{number:05d}"
    if condition is Condition.CLEAN and rng.random() < _PDF_SHARE:
        (folder / f"{stem}.pdf").write_bytes(_pdf(photos))
        return (f"{stem}.pdf",)
    suffix = "png" if condition is Condition.CLEAN else "jpg"
    names = []
    for page, photo in enumerate(photos, start=1):
        name = f"{stem}.{suffix}" if len(photos) == 1 else f"{stem}_page{page}.{suffix}"
        (folder / name).write_bytes(_png(photo) if suffix == "png" else photo.jpeg())
        names.append(name)
    return tuple(names)


def _png(photo: Photo) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(photo.image).save(buffer, "PNG", compress_level=2, dpi=(PAPER_DPI, PAPER_DPI))
    return buffer.getvalue()


def _pdf(photos: Sequence[Photo]) -> bytes:
    first, *others = [Image.fromarray(photo.image) for photo in photos]
    buffer = io.BytesIO()
    first.save(
        buffer,
        "PDF",
        save_all=True,
        append_images=others,
        resolution=PAPER_DPI,
        quality=photos[0].jpeg_quality,
        title="SYNTHETIC DEMO DATA",
        creationDate=_PDF_TIME,
        modDate=_PDF_TIME,
    )
    return buffer.getvalue()


def _ecg(report: Report, rng: np.random.Generator) -> tuple[Photo, tuple[PlacedMark, ...]]:
    plan, person = report.plan, report.plan.person
    rate = float(np.clip(rng.normal(76 + max(0.0, 45 - plan.ef_percent) * 0.6, 11), 48, 128))
    state = HeartState(plan.ef_percent, plan.rwma_severity, report.printed.rwma_walls, plan.pah, rate)
    signal = simulate_ecg(state, rng, sampling_rate_hz=SAMPLING_RATE_HZ)
    lines = (
        ("patient_name", f"Name: {person.name}"),
        ("patient_id", f"ID: {person.patient_id}"),
        ("age_sex", f"Age/Sex: {person.age_years} / {person.sex}"),
        ("date", f"Date: {printed_date(plan.ecg_date, report.date_style)}"),
        ("", f"HR {rate:.0f} bpm"),
        ("", "0.5-40 Hz  AC 50 Hz"),
        ("hospital", person.hospital),
        ("doctor", f"Ref: {person.referring_doctor}"),
    )
    page = draw_ecg_page(
        signal,
        SAMPLING_RATE_HZ,
        layout=SIX_BY_TWO if rng.random() < 0.1 else THREE_BY_FOUR,
        grid=pick(rng, tuple(GRIDS)),
        header=[text for _, text in lines],
        footer="SYNTHETIC DEMO DATA",
    )
    photo = photograph(page.image, rng, plan.condition)
    marks = tuple(
        PlacedMark.on(photo, MarkedBox(f"phi:{kind}", text, 1, (box,), words))
        for (kind, text), box, words in zip(lines, page.header_boxes, page.header_words, strict=True)
        if kind
    )
    return photo, marks
