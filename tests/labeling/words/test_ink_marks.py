"""Forms marked by ink: the marked option is the value, several or none are nobody's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import PIL.Image
import PIL.ImageDraw
import pytest
from ocr_pages import ocr_page
from report_drawing import font, letter, page

from labeling.pages.ink_shapes import Frame
from labeling.readers.rules import reading_of_ocr
from labeling.trust.light import light_of_fields
from labeling.words import first_words, ink_marks, tesseract, text_layer
from labeling.words.first_words import read_first
from labeling.words.ink_lines import may_list_options
from labeling.words.ink_options import by_frames
from labeling.words.read_page import MarkedLine, OcrPage, Word

Pen = PIL.ImageDraw.ImageDraw
Mark = Callable[[Pen, int, int, float], None]
BLUE = (60, 110, 200)
INK = (20, 20, 20)
OPTIONS = ("Nil", "Mild", "Moderate", "Severe")


def form(
    mark: Callable[[Pen, int, int, float], None],
    *,
    chosen: Sequence[str],
    has_boxes: bool,
    tint: tuple[int, int, int] | None = None,
    rim: tuple[int, int, int] | int = 20,
    is_round: bool = False,
) -> PIL.Image.Image:
    """A form with a row of options for wall motion and one for PAH.

    Args:
        mark: draws a mark at an option: pen, left, top of its word, its width.
        tint: colour of the field that the options stand on. rim: colour of the boxes.
    """
    image = PIL.Image.new("L" if tint is None else "RGB", (1240, 700), 250 if tint is None else (250,) * 3)
    pen, face = PIL.ImageDraw.Draw(image), font(30)
    pen.text((80, 60), "Echocardiogram of the outpatient department", font=face, fill=INK if tint else 20)
    for top, label, options in ((160, "RWMA", ("Present", "Absent")), (240, "PAH", OPTIONS)):
        if tint is not None:
            pen.rectangle((60, top - 14, 1200, top + 52), fill=tint)
        pen.text((80, top), label, font=face, fill=INK if tint else 20)
        left = 380
        for option in options:
            width = pen.textlength(option, font=face)
            if has_boxes:
                frame = (left - 42, top + 4, left - 14, top + 32)
                draw = pen.ellipse if is_round else pen.rectangle
                draw(frame, outline=rim if tint else 20, width=2)
            if option in chosen:
                mark(pen, left, top, width)
            pen.text((left, top), option, font=face, fill=INK if tint else 20)
            left += round(width) + (100 if has_boxes else 40)
            if not has_boxes and option != options[-1]:
                pen.text((left - 22, top), "/", font=face, fill=20)
                left += 24
    pen.text((80, 330), "LVEF 55 % by the biplane method", font=face, fill=INK if tint else 20)
    return image


def cross(pen: Pen, left: int, top: int, width: float) -> None:
    pen.line((left - 36, top + 9, left - 18, top + 27), fill=10, width=3)
    pen.line((left - 36, top + 27, left - 18, top + 9), fill=10, width=3)


def dot(pen: Pen, left: int, top: int, width: float) -> None:
    pen.ellipse((left - 34, top + 12, left - 22, top + 24), fill=(20, 20, 20))


def blue_dot(pen: Pen, left: int, top: int, width: float) -> None:
    pen.ellipse((left - 35, top + 11, left - 21, top + 25), fill=BLUE)


def orange(pen: Pen, left: int, top: int, width: float) -> None:
    pen.rectangle((left - 37, top + 9, left - 19, top + 27), fill=(240, 150, 40))


def ring(pen: Pen, left: int, top: int, width: float) -> None:
    pen.ellipse((left - 13, top - 7, left + width + 13, top + 46), outline=10, width=3)


def underline(pen: Pen, left: int, top: int, width: float) -> None:
    pen.line((left - 3, top + 41, left + width + 3, top + 42), fill=10, width=3)


@pytest.mark.tesseract
@pytest.mark.parametrize(
    ("mark", "has_boxes", "light"),
    [(cross, True, "green"), (ring, False, "amber"), (underline, False, "amber")],
)
def test_the_marked_option_is_the_value(mark: Mark, has_boxes: bool, light: str) -> None:
    sheet = form(mark, chosen=("Absent", "Moderate"), has_boxes=has_boxes)

    reading = reading_of_ocr([read_first(page(sheet))])

    assert (reading.findings.rwma, reading.findings.pah, reading.findings.ef_percent) == (
        "absent",
        "moderate",
        55,
    )
    lights = light_of_fields(reading)
    assert (lights["rwma"], lights["pah"]) == (light, light)
    box = reading.evidence["pah"].box
    assert box is not None and box[0] < 200 and box[2] > 900  # the label and all options


@pytest.mark.tesseract
@pytest.mark.parametrize(
    ("mark", "tint", "rim", "light"),
    [
        (cross, (170, 170, 170), INK, "green"),
        (dot, (150, 180, 220), INK, "green"),
        (dot, (205, 225, 250), INK, "green"),
        (blue_dot, (205, 225, 250), BLUE, "amber"),
        (orange, (205, 225, 250), INK, "amber"),
    ],
    ids=["grey", "blue", "pale blue", "all in blue", "filled with a light colour"],
)
def test_marks_on_a_coloured_field_are_read(
    mark: Mark, tint: tuple[int, int, int], rim: tuple[int, int, int], light: str
) -> None:
    sheet = form(
        mark, chosen=("Absent", "Moderate"), has_boxes=True, tint=tint, rim=rim, is_round=mark is not cross
    )

    reading = reading_of_ocr([read_first(page(sheet))])

    assert (reading.findings.rwma, reading.findings.pah) == ("absent", "moderate")
    lights = light_of_fields(reading)
    assert (lights["rwma"], lights["pah"]) == (light, light)


@pytest.mark.parametrize(("gap_px", "side"), [(20, 28), (46, 28)])
def test_options_belong_to_the_frames_they_are_nearest_to(gap_px: int, side: int) -> None:
    frames = [Frame((left, 30.0, left + side, 58.0), 0.0) for left in (35.0, 313.0, 591.0)]
    said = [(word, (one.box[2] + gap_px, 33.0, one.box[2] + gap_px + 90, 58.0))
            for word, one in zip(("none", "mild", "severe"), frames, strict=True)]  # fmt: skip

    assert [[word for word, _ in group] for group in by_frames(frames, said, 24.0)] == [
        ["none"], ["mild"], ["severe"]
    ]  # fmt: skip


@pytest.mark.tesseract
@pytest.mark.parametrize("chosen", [(), ("Present", "Absent", "Mild", "Severe")])
def test_no_mark_or_several_are_no_value_and_never_green(chosen: Sequence[str]) -> None:
    reading = reading_of_ocr([read_first(page(form(cross, chosen=chosen, has_boxes=True)))])

    assert (reading.findings.rwma, reading.findings.pah) == ("not_stated", "not_stated")
    lights = light_of_fields(reading)
    assert "green" not in (lights["rwma"], lights["pah"])


def test_a_page_without_forms_costs_no_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    def recognise(*_: object, **__: object) -> None:
        raise AssertionError("nothing on this page needs to be recognised again")

    monkeypatch.setattr(tesseract, "recognise", recognise)
    said = ocr_page(["RWMA: Nil.", "No PAH.", "Mild pulmonary hypertension with a normal left ventricle."])

    assert ink_marks.marked_lines(page(letter()), said, tesseract="none") == []


def test_what_marked_lines_cost_the_engine_is_the_engines_time(monkeypatch: pytest.MonkeyPatch) -> None:
    said = replace(ocr_page(["LVEF 50 %"]), elapsed_s=0.75)
    waited = iter((2.0, 2.5))
    monkeypatch.setattr(text_layer, "read_words", lambda *_, **__: said)
    monkeypatch.setattr(first_words, "seconds_spent", lambda: next(waited))

    assert read_first(page(letter())).elapsed_s == 1.25


def test_marked_words_stand_behind_their_label_whatever_the_engine_made_of_the_options() -> None:
    said = ocr_page(["RWMA", "LVEF 50 %"])
    label = said.words[0]
    stray = Word("OYes", (300.0, label.box[1], 380.0, label.box[3]), 0.9, 9, 9)
    marked = MarkedLine(
        (200.0, label.box[1] - 5, 600.0, label.box[3] + 5), (Word("[x]", stray.box, 0.97, 0, 0),)
    )

    words = ink_marks.with_marks(OcrPage(1, (*said.words, stray)), [marked]).words

    assert [word.text for word in words] == ["RWMA", "[x]", "LVEF", "50", "%"]
    assert words[1].line == label.line


def test_a_line_with_ink_that_is_not_understood_is_for_a_person() -> None:
    said = ocr_page(["RWMA Yes", "LVEF 50 %"])
    label = said.words[0]

    read = ink_marks.with_marks(said, [MarkedLine((label.box[2] + 1, label.box[1], 900.0, label.box[3]), ())])

    assert [word.confidence < 0.7 for word in read.words] == [True, True, False, False, False]


@pytest.mark.tesseract
@pytest.mark.parametrize(
    "line",
    [
        "Wall motion : global hypokinesia",
        "Wall motion: global hypokinesia, mild",
        "Wall motion scoring (1 = normal, 2 = hypokinesis, 3 = akinesis)",
    ],
)
def test_letters_of_one_width_are_no_ticks(line: str) -> None:
    image = PIL.Image.new("L", (1240, 500), 250)
    pen, face = PIL.ImageDraw.Draw(image), font(19, "DejaVuSansMono")
    for row, text in enumerate(("Echocardiogram of the outpatient department", "LVEF : 28 %", line)):
        pen.text((90, 90 + 28 * row), text, font=face, fill=25)

    read = read_first(page(image))

    assert read.marked == ()
    assert "[x]" not in [word.text for word in read.words]


def _words(text: str, lefts: Sequence[float]) -> list[Word]:
    return [
        Word(part, (left, 100.0, left + 40, 120.0), 0.9, 0, 0)
        for part, left in zip(text.split(), lefts, strict=True)
    ]


@pytest.mark.parametrize(
    ("lefts", "on_form", "is_looked_at"),
    [((80, 220), True, True), ((80, 220), False, False), ((80, 130), True, False)],
)
def test_a_single_answer_far_from_its_label_is_looked_at_on_a_form(
    lefts: tuple[float, float], on_form: bool, is_looked_at: bool
) -> None:
    # Where others list options, a ring may have taken "Yes /" out of "RWMA: Yes / No".
    assert may_list_options(_words("RWMA: No", lefts), on_form=on_form) is is_looked_at
