"""A box drawn on a page is read for the field the person is at."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw, ImageFont

from db.labels import Pah, Rwma
from labeling.readers.region import findings_for, read_region


def page_with(text: str, *, size: int = 27) -> Image.Image:
    image = Image.new("RGB", (1240, 400), "#fbfaf7")
    font = ImageFont.load_default(size)
    ImageDraw.Draw(image).text((75, 180), text, fill="#15191d", font=font)
    return image


@pytest.mark.parametrize(
    ("said", "low", "high", "percent"),
    [
        ("LVEF 35 - 40 %", 35, 40, 37.5),
        ("35-40 %", 35, 40, 37.5),
        ("62", None, None, 62),
        (">55 %.", None, None, 55),
    ],
)
def test_a_number_alone_is_an_ejection_fraction_where_that_was_asked(
    said: str, low: float | None, high: float | None, percent: float
) -> None:
    found = findings_for(said.split(), "ef")
    assert found is not None
    assert (found.ef_low, found.ef_high, found.ef_percent) == (low, high, percent)


@pytest.mark.parametrize(
    "said", ["", "Mild mitral regurgitation", "2. Right coronary artery", "RVSP 48 mmHg", "14-08-2025"]
)
def test_nothing_is_made_up_for_an_ejection_fraction(said: str) -> None:
    assert findings_for(said.split(), "ef") is None


def test_walls_and_pressure_are_read_for_their_own_field() -> None:
    present = findings_for("RWMA present: inferior hypokinesia".split(), "rwma")
    assert present is not None
    assert present.rwma is Rwma.PRESENT
    assert findings_for("LVEF 60 %".split(), "rwma") is None
    grade = findings_for(["Mild"], "pah")
    assert grade is not None
    assert grade.pah is Pah.MILD
    both = findings_for("Mild PAH (RVSP 48 mmHg)".split(), "pah")
    assert both is not None
    assert (both.pah, both.rvsp_mmhg) == (Pah.MILD, 48)
    assert findings_for("Mild TR".split(), "pah") is None


@pytest.mark.tesseract
@pytest.mark.parametrize("size", [16, 27, 48])
def test_a_printed_line_is_read_from_its_box(size: int) -> None:
    image = page_with("2. Moderate LV systolic dysfunction, LVEF 35 - 40 %.", size=size)
    reading = read_region(image, (60, 170, 1200, 190 + size * 1.4), "ef")
    assert reading.findings is not None
    assert (reading.findings.ef_low, reading.findings.ef_high) == (35, 40)
    assert "LVEF" in reading.words


@pytest.mark.tesseract
def test_empty_paper_and_boxes_beside_the_page_read_as_nothing() -> None:
    image = page_with("LVEF 60 %")
    assert read_region(image, (700, 10, 1100, 120), "ef").findings is None
    for box in ((0, 0, 0, 0), (5000, 5000, 6000, 6000), (-50, -50, -10, -10), (10, 10, 12, 300)):
        assert read_region(image, box, "ef") == read_region(image, box, "pah")
        assert read_region(image, box, "ef").findings is None
