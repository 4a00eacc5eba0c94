"""Forms marked with a coloured pen: its strokes are told from the print, whatever they cross."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest
from ocr_pages import ocr_page
from report_drawing import font, letter, page

from labeling.pen import pen_marks
from labeling.readers.base import Reading
from labeling.readers.rules import reading_of_ocr
from labeling.trust.light import light_of_fields
from labeling.words import ink_marks, tesseract, text_layer
from labeling.words.first_words import read_first

Pen = PIL.ImageDraw.ImageDraw
Place = tuple[float, float, float]
BLUE, RED, BLACK = (32, 44, 142), (188, 34, 44), (20, 20, 20)
GRADES = ("Nil", "Mild", "Moderate", "Severe")
FORM = (("RWMA", ("Yes", "No")), ("LV clot", ("Yes", "No")), ("PAH", GRADES))


def form(
    marks: Sequence[tuple[str, str, Callable[..., None]]],
    *,
    has_boxes: bool = False,
    colour: tuple[int, ...] = BLUE,
) -> PIL.Image.Image:
    """A form with three rows of options, parted by bars or each with a box before it.

    Args:
        marks: row, option and what draws the mark: pen, (left, top, width) of the option's word, colour.
    """
    image = PIL.Image.new("RGB", (1240, 800), (252, 252, 252))
    pen, face = PIL.ImageDraw.Draw(image), font(28)
    pen.text((80, 60), "Echocardiogram of the outpatient department", font=face, fill=BLACK)
    places: dict[tuple[str, str], Place] = {}
    for row, (label, options) in enumerate(FORM):
        top, left = 160 + 90 * row, 420.0
        pen.text((80, top), label, font=face, fill=BLACK)
        for option in options:
            if has_boxes:
                pen.rectangle((left - 42, top + 5, left - 16, top + 31), outline=BLACK, width=2)
            width = pen.textlength(option, font=face)
            places[label, option] = (left, top, width)
            pen.text((left, top), option, font=face, fill=BLACK)
            left += width + (110 if has_boxes else 18)
            if not has_boxes and option != options[-1]:
                pen.text((left, top), "/", font=face, fill=BLACK)
                left += 28
    pen.text((80, 450), "LVEF 55 % by the biplane method", font=face, fill=BLACK)
    for label, option, draw in marks:
        draw(pen, places[label, option], colour)
    return image


def ring(pen: Pen, place: Place, colour: tuple[int, ...]) -> None:
    left, top, width = place
    pen.ellipse((left - 14, top - 8, left + width + 12, top + 44), outline=colour, width=4)


def underline(pen: Pen, place: Place, colour: tuple[int, ...]) -> None:
    left, top, width = place
    pen.line(
        (left - 5, top + 36, left + width * 0.6, top + 39, left + width + 6, top + 36), fill=colour, width=4
    )


def strike(pen: Pen, place: Place, colour: tuple[int, ...]) -> None:
    left, top, width = place
    pen.line(
        (left - 6, top + 21, left + width * 0.5, top + 18, left + width + 5, top + 20), fill=colour, width=4
    )


def tick_in_box(pen: Pen, place: Place, colour: tuple[int, ...]) -> None:
    left, top, _ = place
    pen.line((left - 46, top + 16, left - 32, top + 30, left - 2, top - 8), fill=colour, width=4)


def tick_above(pen: Pen, place: Place, colour: tuple[int, ...]) -> None:
    left, top, width = place
    middle = left + width / 2
    pen.line((middle - 9, top - 16, middle - 2, top - 6, middle + 16, top - 30), fill=colour, width=4)


def stray(pen: Pen, place: Place, colour: tuple[int, ...]) -> None:
    left, top, width = place
    pen.line((left + width + 20, top - 140, left + width + 5, top + 120), fill=colour, width=4)


def photographed(image: PIL.Image.Image) -> PIL.Image.Image:
    """Under a yellow lamp, a little turned, saved with loss."""
    turned = image.rotate(1.2, PIL.Image.Resampling.BICUBIC, fillcolor=(252, 252, 252))
    light = np.linspace(1.0, 0.75, turned.width)[None, :, None] * np.array((0.97, 0.88, 0.74))
    kept = io.BytesIO()
    PIL.Image.fromarray((np.asarray(turned) * light).astype(np.uint8)).save(kept, "JPEG", quality=70)
    return PIL.Image.open(kept).convert("RGB")


def read(image: PIL.Image.Image) -> Reading:
    return reading_of_ocr([read_first(page(image))])


@pytest.mark.tesseract
@pytest.mark.parametrize("spoil", [lambda image: image, photographed], ids=["clean", "photographed"])
@pytest.mark.parametrize("colour", [BLUE, RED], ids=["blue", "red"])
@pytest.mark.parametrize("mark", [ring, underline, tick_above])
def test_the_option_a_pen_marks_is_the_value_for_a_person_to_confirm(
    mark: Callable[..., None], colour: tuple[int, ...], spoil: Callable[[PIL.Image.Image], PIL.Image.Image]
) -> None:
    sheet = form([("RWMA", "No", mark), ("PAH", "Moderate", mark)], colour=colour)

    reading = read(spoil(sheet))

    assert (reading.findings.rwma, reading.findings.pah) == ("absent", "moderate")
    lights = light_of_fields(reading)
    assert (lights["rwma"], lights["pah"]) == ("amber", "amber")


@pytest.mark.tesseract
def test_the_only_option_that_is_not_struck_out_is_the_value() -> None:
    struck = [("PAH", grade, strike) for grade in ("Nil", "Moderate", "Severe")]

    reading = read(form([("RWMA", "Yes", strike), *struck]))

    assert (reading.findings.rwma, reading.findings.pah) == ("absent", "mild")
    assert light_of_fields(reading)["pah"] != "green"


@pytest.mark.tesseract
@pytest.mark.parametrize("spoil", [lambda image: image, photographed], ids=["clean", "photographed"])
def test_a_tick_in_one_of_the_boxes_is_the_value(
    spoil: Callable[[PIL.Image.Image], PIL.Image.Image],
) -> None:
    marks = [("RWMA", "No", tick_in_box), ("LV clot", "No", tick_in_box), ("PAH", "Mild", tick_in_box)]

    reading = read(spoil(form(marks, has_boxes=True)))

    assert (reading.findings.rwma, reading.findings.pah) == ("absent", "mild")


@pytest.mark.tesseract
@pytest.mark.parametrize(
    "marks",
    [
        [("PAH", "Mild", ring), ("PAH", "Severe", ring)],
        [("PAH", "Severe", strike)],
        [("PAH", "Mild", stray)],
    ],
    ids=["two rings", "one of four struck out", "a stray line"],
)
def test_several_marks_or_a_stray_line_are_no_value_and_never_green(
    marks: Sequence[tuple[str, str, Callable[..., None]]],
) -> None:
    reading = read(form(marks))

    assert reading.findings.pah in ("not_stated", "unreadable")
    assert light_of_fields(reading)["pah"] != "green"


@pytest.mark.tesseract
def test_ticks_in_the_columns_of_a_table_answer_its_rows() -> None:
    image = PIL.Image.new("RGB", (1240, 800), (252, 252, 252))
    pen, face = PIL.ImageDraw.Draw(image), font(28)
    for left, text in ((90, "Question"), (640, "Yes"), (760, "No"), (900, "Remarks")):
        pen.text((left, 100), text, font=face, fill=BLACK)
    rows = ("LV dilated", "Regional wall motion abnormality", "LV hypertrophy", "Pulmonary hypertension")
    for row, (text, column) in enumerate(zip(rows, (660, 775, 775, 775), strict=True)):
        top = 160 + 64 * row
        pen.text((90, top), text, font=face, fill=BLACK)
        pen.line((column - 14, top + 16, column - 5, top + 30, column + 18, top - 4), fill=BLUE, width=4)
    pen.text((90, 460), "Pericardial fluid", font=face, fill=BLACK)
    pen.text((90, 520), "LVEF 58 % by the biplane method", font=face, fill=BLACK)

    reading = read(image)

    assert (reading.findings.rwma, reading.findings.pah) == ("absent", "none")
    lights = light_of_fields(reading)
    assert "green" not in (lights["rwma"], lights["pah"])


@pytest.mark.tesseract
def test_a_sentence_that_a_pen_went_over_is_for_a_person() -> None:
    image = letter().convert("RGB")
    seen = text_layer.read_words(page(image))
    denial = next(
        one for one, then in zip(seen.words, seen.words[1:], strict=False) if then.text.lower() == "pulmonary"
    )
    left, top, right, bottom = denial.box
    struck = image.copy()
    middle = (top + bottom) / 2
    PIL.ImageDraw.Draw(struck).line((left - 6, middle, right + 160, middle + 2), fill=RED, width=4)

    assert pen_marks.marked_lines(page(image), seen, tesseract="tesseract") == []
    assert [line.words for line in pen_marks.marked_lines(page(struck), seen, tesseract="tesseract")] == [()]
    over = ink_marks.with_marks(seen, pen_marks.marked_lines(page(struck), seen, tesseract="tesseract"))
    assert min(word.confidence for word in over.words if word.line == denial.line) < 0.7


def test_a_page_without_coloured_ink_costs_no_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    def recognise(*_: object, **__: object) -> None:
        raise AssertionError("nothing on this page needs to be recognised again")

    monkeypatch.setattr(tesseract, "recognise", recognise)
    said = ocr_page(["RWMA: Yes / No", "PAH: Nil / Mild / Moderate / Severe"])
    coloured = letter().convert("RGB")
    # A letterhead in colour, where no options are.
    PIL.ImageDraw.Draw(coloured).rectangle((600, 1500, 900, 1560), fill=RED)

    for image in (letter(), letter().convert("RGB"), coloured):
        assert pen_marks.marked_lines(page(image), said, tesseract="none") == []
