"""A small workspace with hand-drawn report pages, for tests of the desk and for its screenshots."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from sqlmodel import col, select

from db.cases import register_case
from db.drafts import store_draft
from db.labels import Evidence, Findings
from db.store.engine import Database, open_database
from db.store.images import ImageStore
from db.tables.cases import Case
from db.tables.drafts import Draft
from db.tables.findings import findings_columns
from db.workspace import Workspace

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PAGE_SIZE = (1240, 1754)
_PAPER = "#fbfaf7"

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class PrintedLine:
    """One line of a page.

    Attributes:
        text: where it holds `|`, each part stands in its own column.
        gap: distance from the line before, pixels.
        columns: left edges of the columns; the last one is the right edge of a ruled table.
        ruled: whether the columns are drawn as a table row.
        underline: width of a line under the text, pixels; 0 for none.
    """

    text: str
    size: int = 27
    bold: bool = False
    gap: int = 18
    colour: str = "#15191d"
    columns: tuple[int, ...] = (75,)
    ruled: bool = False
    underline: int = 0


@dataclass(frozen=True)
class SampleRecord:
    """One case to seed: its pages, what the reader drafted, and the words it quoted."""

    pages: Sequence[Sequence[PrintedLine]]
    findings: Findings
    quotes: Mapping[str, str] = field(default_factory=dict)
    light: Mapping[str, str] = field(default_factory=dict)
    checks: Sequence[Mapping[str, Any]] = ()
    unreadable_reason: str = ""
    reasons: Mapping[str, Any] | None = None
    opinions: Sequence[Mapping[str, Any]] = ()
    site: str = "Site 2"
    scale: float = 1.0


@dataclass
class SeededDesk:
    """An open workspace with cases and drafts."""

    workspace: Workspace
    database: Database
    store: ImageStore
    case_ids: list[int]


def letter(*body: str, number: int = 412) -> list[PrintedLine]:
    """A typed report letter with its heading; lines starting with `#` are headings."""
    lines = [
        PrintedLine("TEST VALLEY HOSPITAL", size=38, bold=True, gap=60, colour="#173a5a"),
        PrintedLine("Echocardiography laboratory", size=22, gap=10, colour="#50565c", underline=1090),
        PrintedLine(f"Name: XXXXX XXXXX|UHID: SYN-{number:05d}", size=25, gap=42, columns=(75, 690)),
        PrintedLine("Age/Sex: 61 / M|Date: 14-08-2025", size=25, gap=14, columns=(75, 690)),
        PrintedLine("2D ECHO & COLOUR DOPPLER REPORT", size=27, bold=True, gap=40),
    ]
    for text in body:
        is_heading = text.startswith("#")
        if "|" in text:
            lines.append(PrintedLine(text, size=25, gap=23, columns=(75, 320, 640, 880, 1165), ruled=True))
            continue
        lines.append(PrintedLine(text.lstrip("# "), bold=is_heading, gap=46 if is_heading else 18))
    return lines


def desk_record() -> SampleRecord:
    """A red EF, clear wall motion, an amber pressure."""
    page = letter(
        "LA|3.9 cm|LVIDd|5.6 cm",
        "AO|3.1 cm|LVIDs|4.6 cm",
        "IVSd|1.0 cm|LVEF|35 - 40 %",
        "PWd|1.0 cm|RVSP|48 mmHg",
        "# Findings:",
        "Enlarged left ventricle. The inferior and inferolateral walls move less,",
        "all others well. LV systolic function is moderately reduced.",
        "Mild mitral regurgitation. Mild tricuspid regurgitation.",
        "No clot, no vegetation, no pericardial effusion.",
        "# Impression:",
        "1. RWMA present: inferior and inferolateral hypokinesia.",
        "2. Moderate LV systolic dysfunction, LVEF 35 - 40 %.",
        "3. Mild PAH (RVSP 48 mmHg).",
        "4. Mild MR, mild TR.",
    )
    return SampleRecord(
        pages=[page],
        findings=findings(
            ef_percent=37.5,
            ef_low=35,
            ef_high=40,
            ef_operator="=",
            ef_state="stated",
            rwma="present",
            rwma_walls=("inferior", "inferolateral"),
            pah="mild",
            rvsp_mmhg=48,
        ),
        quotes={
            "ef_percent": "LVEF 35 - 40 %.",
            "rwma": "1. RWMA present: inferior and inferolateral hypokinesia.",
            "pah": "3. Mild PAH (RVSP 48 mmHg).",
        },
        light={"ef_percent": "red", "rwma": "green", "pah": "amber", "rvsp_mmhg": "green"},
        checks=[
            issue("readers_differ", "ef_percent", "One reading is 35 – 40, another 85 – 40."),
            issue("pah_against_mmhg", "pah", "48 mmHg does not usually go with mild PAH."),
        ],
    )


def cross_checked_record() -> SampleRecord:
    """The same page read by two readers: they differ about EF and the walls, and agree about the pressure."""
    record = desk_record()
    agree = [{"code": "readers_agree", "values": {"readers": "2"}}]
    differ = {"ours": "35-40", "theirs": "85-40", "reader": "rules_rapidocr"}
    walls = {"ours": "present", "theirs": "present", "detail": "walls", "reader": "rules_rapidocr"}
    return replace(
        record,
        light={"ef_percent": "red", "rwma": "amber", "pah": "green", "rvsp_mmhg": "green"},
        checks=(),
        reasons={
            "ef_percent": [{"code": "readers_differ", "values": differ}],
            "rwma": [{"code": "detail_differs", "values": walls}],
            "pah": agree,
            "rvsp_mmhg": agree,
        },
        opinions=[{"reader": "rules_rapidocr", "version": "1-1"}],
    )


def clean_record(number: int, *, ef_percent: float = 60) -> SampleRecord:
    """A record without a doubt: EF a number, no wall-motion abnormality, no pulmonary hypertension."""
    page = letter(
        "# Findings:",
        "Normal chamber dimensions. Valves structurally normal.",
        "No clot, no vegetation, no pericardial effusion.",
        "# Impression:",
        f"LVEF {ef_percent:g} %.",
        "No regional wall motion abnormality.",
        "No PAH.",
        number=number,
    )
    return SampleRecord(
        pages=[page],
        findings=findings(
            ef_percent=ef_percent,
            ef_operator="=",
            ef_state="stated",
            rwma="absent",
            rwma_severity="none",
            pah="none",
        ),
        quotes={
            "ef_percent": f"LVEF {ef_percent:g} %.",
            "rwma": "No regional wall motion abnormality.",
            "pah": "No PAH.",
        },
        light={"ef_percent": "green", "rwma": "green", "pah": "green"},
        scale=0.5,
    )


def two_page_record() -> SampleRecord:
    """A report whose impression stands on its second page; EF in words only."""
    first = letter("# Findings:", "Concentric LV hypertrophy.", "Sclerotic aortic valve.", number=77)
    second = letter(
        "# Impression:", "Good LV systolic function.", "No RWMA.", "Trivial TR, no PAH.", number=77
    )
    return SampleRecord(
        pages=[first, second],
        findings=findings(
            lv_function="Good LV systolic function", rwma="absent", rwma_severity="none", pah="none"
        ),
        quotes={"lv_function": "Good LV systolic function.", "rwma": "No RWMA.", "pah": "no PAH."},
        light={"ef_percent": "amber", "rwma": "green", "pah": "green"},
    )


def findings(**values: Any) -> Findings:
    """A label record from plain values."""
    return Findings.model_validate(values)


def issue(name: str, about: str, reason: str) -> dict[str, Any]:
    """A consistency check that asks for a person."""
    return {"name": name, "field": about, "score": 0.2, "is_issue": True, "reason": reason}


def seed_desk(root: Path, records: Sequence[SampleRecord], *, lease_s: float = 180.0) -> SeededDesk:
    """Make a workspace with these records: page images, cases and one draft each."""
    return seed_records(Workspace(workspace=root, lease_s=lease_s), records)


def seed_records(workspace: Workspace, records: Sequence[SampleRecord]) -> SeededDesk:
    """Put records into an empty workspace, whatever its database."""
    database = open_database(workspace)
    store = ImageStore(workspace.images)
    case_ids = [_seed(database, store, record, number) for number, record in enumerate(records, start=1)]
    return SeededDesk(workspace, database, store, case_ids)


def reopen_desk(root: Path) -> SeededDesk:
    """Open a workspace that was seeded before."""
    workspace = Workspace(workspace=root)
    database = open_database(workspace)
    with database.read() as session:
        case_ids = list(session.exec(select(col(Case.id)).order_by(col(Case.id))))
    return SeededDesk(workspace, database, ImageStore(workspace.images), [number or 0 for number in case_ids])


def _seed(database: Database, store: ImageStore, record: SampleRecord, number: int) -> int:
    drawn = [draw_page(lines, record.quotes.values(), scale=record.scale) for lines in record.pages]
    original = hashlib.sha256(f"report {number}".encode()).hexdigest()
    stored = []
    for page, (image, _) in enumerate(drawn, start=1):
        corner = (image.width - 80, image.height - 40)
        ImageDraw.Draw(image).text(corner, f"{number}/{page}", fill="#9a9fa4", font=_font(16, bold=False))
        stored.append(store.put(image, original_sha256=original, page=page, lossy=False))
    with database.write() as session:
        case, _ = register_case(
            session,
            patient_key=hashlib.sha256(f"patient {number}".encode()).hexdigest(),
            site=record.site,
            is_synthetic=True,
            report_images=stored,
            ecg_images=[],
            report_date=None,
            ecg_date=None,
            now=NOW,
        )
        case.priority = float(
            100_000 - 1_000 * number
        )  # records come in the order given, whatever their lights
        draft = Draft(
            case_id=int(case.id or 0),
            report_sha256=case.report_sha256,
            reader="rules",
            reader_version="1",
            code_version="test",
            evidence={
                name: _evidence(quote, [boxes for _, boxes in drawn]) for name, quote in record.quotes.items()
            },
            confidence=dict.fromkeys(record.light, 0.9),
            light=dict(record.light),
            checks=[dict(check) for check in record.checks],
            unreadable_reason=record.unreadable_reason,
            reasons=dict(record.reasons) if record.reasons is not None else None,
            opinions=[dict(opinion) for opinion in record.opinions] or None,
            created_at=NOW,
            **findings_columns(record.findings),
        )
        store_draft(session, draft=draft, actor="rules", now=NOW)
        return int(case.id or 0)


def _evidence(quote: str, boxes_of_pages: Sequence[Mapping[str, Box]]) -> dict[str, Any]:
    for page, boxes in enumerate(boxes_of_pages, start=1):
        if quote in boxes:
            return Evidence(quote=quote, page=page, box=boxes[quote], boxes=(boxes[quote],)).model_dump(
                mode="json"
            )
    return Evidence(quote=quote).model_dump(mode="json")


def draw_page(
    lines: Sequence[PrintedLine], quotes: Any = (), *, scale: float = 1.0
) -> tuple[Image.Image, dict[str, Box]]:
    """Draw a page; also where each quote that stands on one line is, in pixels."""
    image = Image.new("RGB", (round(PAGE_SIZE[0] * scale), round(PAGE_SIZE[1] * scale)), _PAPER)
    brush = ImageDraw.Draw(image)
    boxes: dict[str, Box] = {}
    top = 0.0
    for line in lines:
        font = _font(round(line.size * scale), bold=line.bold)
        top += line.gap * scale
        if line.ruled:
            _rule(brush, line, top, scale)
        inset = 14 * scale if line.ruled else 0
        for text, column in zip(line.text.split("|"), line.columns, strict=False):
            left = column * scale + inset
            brush.text((left, top), text, fill=line.colour, font=font)
            for quote in [quote for quote in quotes if quote in text]:
                start = left + font.getlength(text[: text.find(quote)])
                boxes[quote] = (start, top, start + font.getlength(quote), top + line.size * scale * 1.15)
        top += line.size * scale
        if line.underline:
            top += 14 * scale
            edges = (75 * scale, top, (75 + line.underline) * scale, top)
            brush.line(edges, fill="#173a5a", width=max(1, round(3 * scale)))
    return image, boxes


def _rule(brush: ImageDraw.ImageDraw, line: PrintedLine, top: float, scale: float) -> None:
    """The frame of one table row."""
    upper, lower = top - 11 * scale, top + (line.size + 12) * scale
    for left, right in itertools.pairwise(line.columns):
        brush.rectangle((left * scale, upper, right * scale, lower), outline="#8f959b")


def _font(size: int, *, bold: bool) -> Any:
    name = "LiberationSans-Bold.ttf" if bold else "LiberationSans-Regular.ttf"
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return ImageFont.load_default(size)
