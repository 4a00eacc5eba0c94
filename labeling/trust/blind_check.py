"""Asks a model again with its evidence painted over: a value it gives without having seen it, it invented.

A value that stands on the page a second time proves nothing when it comes back, and is left undecided: where
its digits are printed anywhere else, or where the rules read the same value from the words that are left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from db.fields.names import FIELDS
from db.fields.sameness import Match, compare_field
from db.fields.words import has_value
from db.labels import Evidence, Findings
from labeling.rules.report import read_report_text
from labeling.trust.grounding import numbers_in, printed_numbers
from labeling.words.evidence import ReportText, TextWord

if TYPE_CHECKING:
    from PIL.Image import Image

    from labeling.pages.page import Page
    from labeling.pages.pixels import Box
    from labeling.readers.base import Reading

# Painted beyond the box, in its heights: descenders, accents and a loosely set box must not give the words
# away.
_ABOVE_AND_BELOW = 0.35
_BESIDE = 0.6


def covered_boxes(evidence: Evidence) -> tuple[Box, ...]:
    """What has to be painted over so that a quote can't be read, pixels of its page."""
    boxes = evidence.boxes or ((evidence.box,) if evidence.box else ())
    covered = []
    for left, top, right, bottom in boxes:
        height = bottom - top
        covered.append(
            (
                left - _BESIDE * height,
                top - _ABOVE_AND_BELOW * height,
                right + _BESIDE * height,
                bottom + _ABOVE_AND_BELOW * height,
            )
        )
    return tuple(covered)


def blinded_fields(reading: Reading) -> tuple[str, ...]:
    """The fields that can be tried: they have a value, and its words were found on the page."""
    return tuple(
        field
        for field in FIELDS
        if has_value(reading.findings, field)
        and field in reading.evidence
        and reading.evidence[field].box is not None
    )


def blinded_pages(reading: Reading, pages: Sequence[Page]) -> list[Page]:
    """The pages with the evidence of every such field painted over; the others are the same objects."""
    from labeling.pages.page import Page

    boxes = _hidden_boxes(reading)
    return [
        Page(page.number, _painted(page.image, boxes[page.number]), page.lossy)
        if page.number in boxes
        else page
        for page in pages
    ]


def _hidden_boxes(reading: Reading) -> dict[int, list[Box]]:
    """Page number -> what is painted over on it."""
    boxes: dict[int, list[Box]] = {}
    for field in blinded_fields(reading):
        evidence = reading.evidence[field]
        boxes.setdefault(evidence.page, []).extend(covered_boxes(evidence))
    return boxes


def _painted(image: Image, boxes: Sequence[Box]) -> Image:
    """A copy with each box in the colour of the paper around it."""
    from PIL import ImageDraw

    painted = image.copy()
    draw = ImageDraw.Draw(painted)
    for left, top, right, bottom in boxes:
        x, y = max(0, int(left)), max(0, int(top))
        x_end, y_end = min(image.width, int(right) + 1), min(image.height, int(bottom) + 1)
        if x < x_end and y < y_end:
            draw.rectangle((x, y, x_end - 1, y_end - 1), fill=_paper(image, (x, y, x_end, y_end)))
    return painted


def _paper(image: Image, box: tuple[int, int, int, int]) -> tuple[int, ...] | int:
    """The usual colour of the lighter half of the pixels in a box."""
    import numpy as np

    pixels = np.asarray(image.crop(box))
    if pixels.ndim == 2:
        return int(np.median(pixels[pixels >= np.median(pixels)]))
    brightness = pixels.mean(axis=2)
    lighter = pixels[brightness >= np.median(brightness)]
    return tuple(int(value) for value in np.median(lighter, axis=0))


def survived(reading: Reading, again: Findings, texts: Sequence[ReportText]) -> dict[str, bool | None]:
    """Field -> whether its value came back though its words were hidden.

    Args:
        reading: with evidence boxes.
        again: what the model said of the painted pages.
        texts: the words of the unpainted pages, of each OCR engine.

    Returns:
        Null where the value came back but may have been read elsewhere; fields that were not tried are left
        out.
    """
    left = [visible_text(reading, text) for text in texts]
    answers: dict[str, bool | None] = {}
    for field in blinded_fields(reading):
        came_back = compare_field(field, reading.findings, again).match in (Match.SAME, Match.DETAIL)
        answers[field] = (None if _stands_elsewhere(reading, field, left) else True) if came_back else False
    return answers


def visible_text(reading: Reading, text: ReportText) -> str:
    """The words that are not painted over, line breaks kept."""
    hidden = _hidden_boxes(reading)
    characters = list(text.text)
    for word in text.words:
        if any(_lies_in(word, box) for box in hidden.get(word.page, ())):
            characters[word.start : word.end] = " " * (word.end - word.start)
    return "".join(characters)


def _lies_in(word: TextWord, box: Box) -> bool:
    if word.box is None:
        return False
    x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _stands_elsewhere(reading: Reading, field: str, left: Sequence[str]) -> bool:
    numbers = printed_numbers(reading.findings, field, reading.evidence[field].quote)
    for text in left:
        if numbers and set(numbers) <= set(numbers_in(text)):
            return True
        same = compare_field(field, reading.findings, read_report_text(text).findings).match
        if same in (Match.SAME, Match.DETAIL):
            return True
    return False
