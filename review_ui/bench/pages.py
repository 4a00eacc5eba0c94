"""A few invented report pages for measurements: JPEG, the size of a photographed page, with where each line
stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from db.fields.names import ByColumn, of_card_fields
from db.files.manifest import sha256_of
from db.labels import Findings
from db.store.images import ImageStore, StoredImage
from review_ui.desk.crops import PixelBox

PAGE_SIZE_PX: Final = (1240, 1754)
_LEFT_PX, _TOP_PX, _LINE_PX, _LETTER_PX = 90, 420, 62, 30
_FILLER: Final = (
    "Normal chamber dimensions. Valves structurally normal.",
    "Mild mitral regurgitation. Trivial tricuspid regurgitation.",
    "No clot, no vegetation, no pericardial effusion.",
    "Inferior vena cava normal in size and collapsing.",
)


@dataclass(frozen=True)
class InventedPage:
    """One page: the stored picture, what it says, and field -> (line as printed, its box in pixels)."""

    stored: StoredImage
    findings: Findings
    lines: dict[str, tuple[str, PixelBox]]


def invented_findings(number: int) -> Findings:
    """What page `number` says: every ejection fraction of the usual range comes up, and each grade of
    pressure.
    """
    has_rwma = number % 4 == 0
    return Findings.model_validate(
        ByColumn(
            ef_percent=25 + (number * 7) % 45,
            ef_operator="=",
            ef_state="stated",
            rwma="present" if has_rwma else "absent",
            rwma_severity="mild" if has_rwma else "none",
            rwma_walls=["inferior"] if has_rwma else [],
            pah=("none", "none", "mild", "moderate")[number % 4],
        )
    )


def draw_pages(store: ImageStore, count: int) -> list[InventedPage]:
    """Draw pages and put them in a store."""
    return [_draw(store, number) for number in range(count)]


def _draw(store: ImageStore, number: int) -> InventedPage:
    from PIL import Image, ImageDraw, ImageFont

    findings = invented_findings(number)
    printed = _printed(findings)
    image = Image.effect_noise(PAGE_SIZE_PX, 8).point(lambda grey: 232 + (grey - 128) // 4).convert("RGB")
    brush, font = ImageDraw.Draw(image), ImageFont.load_default(_LETTER_PX)
    brush.text((_LEFT_PX, 150), f"INVENTED HOSPITAL, page {number}", fill="#173a5a", font=font)
    boxes: dict[str, tuple[str, PixelBox]] = {}
    for place, (field, line) in enumerate([*(("", words) for words in _FILLER * 3), *printed.items()]):
        top = float(_TOP_PX + place * _LINE_PX)
        brush.text((_LEFT_PX, top), line, fill="#15191d", font=font)
        if field:
            boxes[field] = (
                line,
                (_LEFT_PX, top, _LEFT_PX + float(font.getlength(line)), top + _LETTER_PX * 1.2),
            )
    original = sha256_of(f"invented page {number}".encode())
    return InventedPage(store.put(image, original_sha256=original, lossy=True), findings, boxes)


def _printed(findings: Findings) -> dict[str, str]:
    walls = (
        "Regional wall motion abnormality of the inferior wall, mild." if findings.rwma_walls else "No RWMA."
    )
    pressure = "No PAH." if findings.pah.value == "none" else f"{findings.pah.value.capitalize()} PAH."
    return of_card_fields(ef=f"LVEF {findings.ef_percent:g} %.", rwma=walls, pah=pressure)
