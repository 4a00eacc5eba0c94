"""Values that a pen or a printed line strikes out on a picture are never the draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest
from ocr_pages import ocr_page
from PIL.Image import Transpose as Turn
from report_drawing import font, page

from labeling.pen import struck
from labeling.pen.struck import is_crossed_out
from labeling.readers.base import ReaderSpec, Reading
from labeling.readers.registry import build_reader
from labeling.readers.rules import reading_of_ocr
from labeling.readers.struck_out import is_unexplained
from labeling.trust.light import light_of_fields
from labeling.words.first_words import read_first

Pen = PIL.ImageDraw.ImageDraw
# Draws over a word: pen, its left and right edge, its middle.
Stroke = Callable[[Pen, float, float, float], None]
LINES = (
    "Echocardiogram of the outpatient department",
    "The left ventricle is mildly dilated with normal wall thickness.",
    "LVEF: 42 % by the biplane method.",
    "RVSP: 38 mmHg.",
    "No clot and no pericardial effusion.",
)
BLUE = (30, 60, 180)
BLACK = (20, 20, 20)


def level(pen: Pen, left: float, right: float, middle: float) -> None:
    pen.line((left - 4, middle, right + 4, middle), fill=BLACK, width=3)


def sloping(pen: Pen, left: float, right: float, middle: float) -> None:
    pen.line((left - 6, middle + 6, right + 6, middle - 6), fill=BLUE, width=3)


def steep(pen: Pen, left: float, right: float, middle: float) -> None:
    pen.line((left - 4, middle + 13, right + 4, middle - 13), fill=BLUE, width=3)


def double(pen: Pen, left: float, right: float, middle: float) -> None:
    for off in (-4, 4):
        pen.line((left - 4, middle + off, right + 4, middle + off), fill=(200, 20, 20), width=3)


def wavy(pen: Pen, left: float, right: float, middle: float) -> None:
    points = [(left - 6 + (right - left + 12) * at / 6, middle + (-2, 2)[at % 2]) for at in range(7)]
    pen.line(points, fill=BLACK, width=3)


def typed(pen: Pen, left: float, right: float, middle: float) -> None:
    """As a word processor strikes out: as long as the digits."""
    pen.line((left + 1, middle, right - 1, middle), fill=BLACK, width=2)


def below(pen: Pen, left: float, right: float, middle: float) -> None:
    pen.line((left - 60, middle + 17, right + 4, middle + 17), fill=BLACK, width=2)


def sheet(stroke: Stroke, *, more: str = "") -> PIL.Image.Image:
    """A report with a stroke over its 42, and perhaps something behind the line."""
    image = PIL.Image.new("RGB", (1240, 700), (250, 250, 250))
    pen, face = PIL.ImageDraw.Draw(image), font(28)
    for row, line in enumerate(LINES):
        text = line.replace(" % by the biplane method.", f" % {more}") if more else line
        pen.text((80, 80 + 70 * row), text, font=face, fill=BLACK)
    left = 80 + pen.textlength("LVEF: ", font=face)
    stroke(pen, left, left + pen.textlength("42", font=face), 80 + 70 * 2 + 19)
    return image


def read_by_panel(image: PIL.Image.Image) -> Reading:
    return build_reader(ReaderSpec("panel", {"primary": {"name": "rules"}})).read_pages([page(image)])


@pytest.mark.tesseract
@pytest.mark.parametrize("stroke", [level, sloping, steep, double, wavy, typed])
def test_a_struck_value_is_no_proposal(stroke: Stroke) -> None:
    reading = read_by_panel(sheet(stroke))

    assert (reading.findings.ef_percent, reading.findings.rvsp_mmhg) == (None, 38)
    lights = light_of_fields(reading)
    assert (lights["ef_percent"], lights["rvsp_mmhg"]) == ("red", "green")
    assert "ef_percent" in reading.evidence, "the page shows where it stands"
    assert any("line runs through" in check.reason for check in reading.checks)


@pytest.mark.tesseract
def test_the_value_written_beside_a_struck_one_is_the_proposal() -> None:
    reading = read_by_panel(sheet(level, more="30 %"))

    assert reading.findings.ef_percent == 30
    assert light_of_fields(reading)["ef_percent"] == "amber"


@pytest.mark.tesseract
def test_a_page_that_is_crossed_out_is_green_in_no_field() -> None:
    image = sheet(lambda *_: None)
    pen = PIL.ImageDraw.Draw(image)
    pen.line((60, 60, 900, 480), fill=BLUE, width=4)
    pen.line((70, 470, 890, 70), fill=BLUE, width=4)

    reading = read_by_panel(image)

    assert "page_note:1:crossed" in reading.warnings
    assert "green" not in light_of_fields(reading).values()


@pytest.mark.parametrize("lines", [[(60, 60, 900, 480)], [(60, 300, 900, 310), (400, 60, 410, 480)], []])
def test_one_line_and_rules_cross_no_page_out(lines: list[tuple[int, int, int, int]]) -> None:
    image = sheet(lambda *_: None)
    for line in lines:
        PIL.ImageDraw.Draw(image).line(line, fill=BLUE, width=4)

    assert not is_crossed_out(np.asarray(image.convert("L")))


@pytest.mark.tesseract
def test_a_line_below_a_value_strikes_nothing() -> None:
    seen = read_first(page(sheet(below)))

    assert seen.struck == ()
    findings = reading_of_ocr([seen]).findings
    assert (findings.ef_percent, findings.rvsp_mmhg) == (42, 38)


def line_of(text: str, stroke: Stroke, *, what: str = "", size_px: int = 28) -> PIL.Image.Image:
    """A report in which a stroke runs through a whole line, or a part of it."""
    image = PIL.Image.new("RGB", (1240, 700), (250, 250, 250))
    pen, face = PIL.ImageDraw.Draw(image), font(size_px)
    for row, line in enumerate((*LINES[:2], "LVEF: 55 % by the biplane method.", text, *LINES[4:])):
        pen.text((80, 80 + 70 * row), line, font=face, fill=BLACK)
    what = what or text
    left = 80 + pen.textlength(text[: text.index(what)], font=face)
    middle = 80 + 70 * 3 + face.getmetrics()[0] - round(0.27 * size_px)
    stroke(pen, left, left + pen.textlength(what, font=face), middle)
    return image


def scribble(pen: Pen, left: float, right: float, middle: float) -> None:
    count = int((right - left) / 14)
    points = [(left + (right - left) * at / count, middle + (9, -9)[at % 2]) for at in range(count + 1)]
    pen.line(points, fill=BLACK, width=2)


@pytest.mark.tesseract
@pytest.mark.parametrize("stroke", [level, sloping, double, wavy, typed, scribble])
@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Moderate pulmonary hypertension.", "pah"),
        ("Inferior wall hypokinesia is seen.", "rwma"),
        ("RVSP: 38 mmHg", "rvsp_mmhg"),
    ],
)
def test_a_struck_line_of_words_is_for_a_person(text: str, field: str, stroke: Stroke) -> None:
    reading = read_by_panel(line_of(text, stroke))

    findings = reading.findings
    assert (findings.pah, findings.rwma, findings.rvsp_mmhg)[("pah", "rwma", "rvsp_mmhg").index(field)] in (
        "not_stated",
        "unreadable",
        None,
    )
    lights = light_of_fields(reading)
    assert lights[field] != "green"
    assert (findings.ef_percent, lights["ef_percent"]) == (55, "green")


@pytest.mark.tesseract
@pytest.mark.parametrize("turn", [Turn.ROTATE_90, Turn.ROTATE_180, Turn.ROTATE_270])
def test_struck_words_of_a_turned_page_are_no_proposal(turn: Turn) -> None:
    image = line_of("Moderate pulmonary hypertension.", typed).transpose(turn)
    value = sheet(sloping).transpose(turn)

    assert light_of_fields(read_by_panel(image))["pah"] != "green"
    reading = read_by_panel(value)
    assert (reading.findings.ef_percent, reading.findings.rvsp_mmhg) == (None, 38)
    assert light_of_fields(reading)["ef_percent"] != "green"


@pytest.mark.tesseract
@pytest.mark.parametrize("size_px", [22, 28, 36])
def test_a_struck_44_is_no_proposal(size_px: int) -> None:
    image = line_of("The LVEF was 44 % before.", typed, what="44", size_px=size_px)

    assert read_first(page(image)).struck


def frame(pen: Pen, left: float, right: float, middle: float) -> None:
    pen.rectangle((left - 6, middle - 22, right + 6, middle + 18), outline=BLACK, width=2)


def touching(pen: Pen, left: float, right: float, middle: float) -> None:
    """An underline that touches the letters' feet."""
    pen.line((left, middle + 8, right, middle + 8), fill=BLACK, width=2)


@pytest.mark.tesseract
@pytest.mark.parametrize("stroke", [frame, touching, below])
@pytest.mark.parametrize(
    "text", ["Moderate pulmonary hypertension.", "IMPRESSION AND PLAN", "LVEF: 44 %", "RVSP: 44 mmHg"]
)
def test_frames_and_underlines_strike_nothing(text: str, stroke: Stroke) -> None:
    assert read_first(page(line_of(text, stroke))).struck == ()


@pytest.mark.tesseract
@pytest.mark.parametrize("digits", ["44", "35", "88", "66-99", "47 %"])
def test_digits_side_by_side_are_no_line(digits: str) -> None:
    image = PIL.Image.new("L", (900, 120), 250)
    PIL.ImageDraw.Draw(image).text((80, 40), f"LVEF: {digits}", font=font(28), fill=20)

    assert read_first(page(image.convert("RGB"))).struck == ()


def test_struck_words_that_were_read_well_and_name_no_finding_concern_no_field() -> None:
    seen = ocr_page(["Trivial aortic regurgitation.", "LVEF: 55 %"])
    left, top, _, bottom = seen.words[0].box
    struck = (left, top, seen.words[2].box[2], bottom)
    reading = reading_of_ocr([seen])

    assert not is_unexplained(reading, struck, seen)
    doubted = replace(seen, words=tuple(replace(word, confidence=0.3) for word in seen.words))
    assert is_unexplained(reading, struck, doubted)
    on_value = seen.words[-3].box[0], seen.words[-3].box[1], seen.words[-1].box[2], seen.words[-1].box[3]
    assert not is_unexplained(reading, on_value, seen), "told at its own field"


def test_a_line_is_looked_for_only_where_ink_is_as_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(7)
    pieces = []
    for number in range(24):
        ink = np.zeros((30, 110), bool)
        for left in range(2, 100, 14 if number % 3 else 9):
            top, wide = int(random.integers(2, 10)), int(random.integers(4, 12))
            ink[top : top + int(random.integers(8, 18)), left : left + wide] = True
        if number % 2:
            columns = np.arange(5, 5 + int(random.integers(12, 100)))
            ink[np.rint(14 + random.uniform(-0.1, 0.1) * columns).astype(int), columns] = True
        pieces.append(ink)

    quick = [struck._longest_run(ink, 16.0) for ink in pieces]

    monkeypatch.setattr(struck, "outer_boxes", lambda _: [(0, 0, 10_000, 1)])
    assert quick == [struck._longest_run(ink, 16.0) for ink in pieces]
    assert None in quick
    assert any(quick)


@pytest.mark.tesseract
def test_a_signature_strikes_nothing() -> None:
    image = sheet(lambda *_: None)
    pen = PIL.ImageDraw.Draw(image)
    pen.text((500, 560), "Dr. A. Example", font=font(28), fill=BLACK)
    rng = np.random.default_rng(0)
    turns = np.linspace(0, 2 * np.pi * rng.uniform(4, 7), 160)
    across = 510 + np.arange(160) * rng.uniform(0.9, 1.4) + 14 * np.sin(turns + 1.5)
    height = rng.uniform(15, 32) * (0.4 + 0.6 * np.abs(np.sin(turns / 6)))
    curve = np.column_stack([across, 515 + height * np.cos(turns)])
    pen.line([(float(x), float(y)) for x, y in curve], fill=BLACK, width=2, joint="curve")
    assert read_first(page(image), tesseract="tesseract").struck == ()
