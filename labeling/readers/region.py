"""Read one region of a page again, drawn by a person around a line or a number, for the field they are at."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from db.labels import EfState, Findings, Pah, Rwma
from labeling.rules.report import read_report_text

if TYPE_CHECKING:
    import PIL.Image

    from labeling.pages.pixels import Box

# Tesseract reads best where a small letter is about 30 pixels high; a box holds few lines, so make it large.
_LETTER_LINES_PX: Final = 64
_MAX_ENLARGE: Final = 3.0
_BORDER_PX: Final = 24
_MAX_SIDE_PX: Final = 4000
_MIN_SIDE_PX: Final = 4
# The same floor as for a page: a digit the OCR itself hardly believes is not passed on.
_MIN_DIGIT_CONFIDENCE: Final = 0.45
_LONE_NUMBER: Final = re.compile(
    r"\s*[<>=~]*\s*\d{1,2}(?:\.\d+)?\s*(?:(?:-|–|to)\s*\d{1,2}(?:\.\d+)?)?\s*[%9o/]?\s*[.,]?\s*"
)
_LONE_GRADE: Final = re.compile(r"\s*(?:no|none|mild|moderate|severe)\s*[.,]?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class RegionReading:
    """What stands in a region.

    Attributes:
        words: as recognised, in reading order; report text, for the screen alone.
        findings: what the rules read there for the field; None where they found nothing.
    """

    words: str
    findings: Findings | None


def read_region(
    image: PIL.Image.Image, box: Box, field: str, *, tesseract: str = "tesseract"
) -> RegionReading:
    """Read what stands in a box.

    Args:
        box: left, top, right, bottom in pixels of the image; cut to the image.
        field: `ef`, `rwma` or `pah`. A number alone is taken for an EF, a grade alone for a PAH, because the
            person said which field it is.

    Raises:
        EchoDeskError: Tesseract is missing, fails, or takes too long.
    """
    from labeling.words.tesseract import recognise

    left, top = max(0, round(box[0])), max(0, round(box[1]))
    right, bottom = min(image.width, round(box[2])), min(image.height, round(box[3]))
    if right - left < _MIN_SIDE_PX or bottom - top < _MIN_SIDE_PX:
        return RegionReading("", None)
    rows = recognise(_enlarged(image, (left, top, right, bottom)), tesseract=tesseract)
    words = [row["text"].strip() for row in rows]
    sure = [float(row["conf"]) / 100 for row in rows if any(letter.isdigit() for letter in row["text"])]
    said = " ".join(words)
    if not said or (field == "ef" and min(sure, default=1.0) < _MIN_DIGIT_CONFIDENCE):
        return RegionReading(said, None)
    return RegionReading(said, findings_for(words, field))


def findings_for(words: Sequence[str], field: str) -> Findings | None:
    """What the rules read in recognised words for one field; None where nothing."""
    said = " ".join(words)
    found = read_report_text(said).findings
    if field == "ef":
        if found.ef_state is not EfState.STATED and _LONE_NUMBER.fullmatch(said):
            found = read_report_text(f"LVEF {said}").findings
        return found if found.ef_state is EfState.STATED else None
    if field == "rwma":
        return found if found.rwma in (Rwma.PRESENT, Rwma.ABSENT) else None
    if found.pah is Pah.NOT_STATED and found.rvsp_mmhg is None and _LONE_GRADE.fullmatch(said):
        found = read_report_text(f"{said.strip(' .,').replace('none', 'no')} PAH").findings
    return found if found.pah is not Pah.NOT_STATED or found.rvsp_mmhg is not None else None


def _enlarged(image: PIL.Image.Image, box: tuple[int, int, int, int]) -> object:
    """The region in gray, larger, with paper around it: letters at the edge are misread."""
    import numpy
    from PIL import Image, ImageOps

    crop = ImageOps.autocontrast(image.crop(box).convert("L"), cutoff=1)
    factor = min(_MAX_ENLARGE, max(1.0, _LETTER_LINES_PX / crop.height), _MAX_SIDE_PX / max(crop.size))
    size = (max(1, round(crop.width * factor)), max(1, round(crop.height * factor)))
    crop = crop.resize(size, Image.Resampling.LANCZOS)
    gray = numpy.asarray(crop)
    paper = int(numpy.percentile(gray, 90))
    return numpy.ascontiguousarray(numpy.asarray(ImageOps.expand(crop, _BORDER_PX, fill=paper)))
