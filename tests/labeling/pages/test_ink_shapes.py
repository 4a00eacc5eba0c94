"""Boxes, rings, strokes and ticks are told from letters, and how full a box is."""

from __future__ import annotations

import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest
from report_drawing import font

from labeling.pages.ink_shapes import Shapes, find_shapes, may_be_tick

LETTER_PX = 24
HEIGHT_PX = 84


def line() -> tuple[PIL.Image.Image, PIL.ImageDraw.ImageDraw]:
    """An empty line; letters 24 px high stand half-way up."""
    image = PIL.Image.new("L", (900, HEIGHT_PX), 245)
    return image, PIL.ImageDraw.Draw(image)


def word(pen: PIL.ImageDraw.ImageDraw, left: int, text: str) -> tuple[float, float, float, float]:
    face = font(28)
    pen.text((left, 26), text, font=face, fill=20)
    return pen.textbbox((left, 26), text, font=face)


def shapes_of(image: PIL.Image.Image) -> Shapes:
    return find_shapes(np.asarray(image), LETTER_PX)


def boxes(pen: PIL.ImageDraw.ImageDraw, *lefts: int) -> None:
    for left in lefts:
        pen.rectangle((left, 30, left + 24, 54), outline=20, width=2)


@pytest.mark.parametrize("mark", ["cross", "tick", "tick reaching out", "filled"])
def test_of_two_boxes_the_marked_one_is_the_fuller(mark: str) -> None:
    image, pen = line()
    boxes(pen, 50, 300)
    if mark == "cross":
        pen.line((303, 33, 321, 51), fill=10, width=3)
        pen.line((303, 51, 321, 33), fill=10, width=3)
    elif mark == "filled":
        pen.rectangle((305, 35, 319, 49), fill=10)
    else:
        pen.line([(303, 42), (310, 50), (332 if "out" in mark else 322, 24)], fill=10, width=4)
    word(pen, 90, "Present")
    word(pen, 345, "Absent")

    empty, marked = shapes_of(image).frames

    assert empty.filled < 0.03 and marked.filled > 0.12
    assert abs(empty.box[0] - 50) < 3 and abs(marked.box[0] - 300) < 3


def test_circles_to_tick_are_frames_where_they_stand_by_themselves() -> None:
    image, pen = line()
    for left in (40, 260):
        pen.ellipse((left, 30, left + 24, 54), outline=20, width=2)
    pen.ellipse((266, 36, 278, 48), fill=10)
    word(pen, 74, "no")
    word(pen, 294, "mild")

    first, second = shapes_of(image).frames

    assert first.filled < 0.03 < 0.3 < second.filled


def test_letters_are_no_frames_rings_or_strokes() -> None:
    image, pen = line()
    word(pen, 20, "OOO DOB E H O Mod Normal N M o 00 Dyskinetic")

    found = shapes_of(image)

    assert (found.frames, found.rings, found.underlines, found.strikes) == ((), (), (), ())
    assert np.array_equal(found.cleared, np.asarray(image))


@pytest.mark.parametrize("shape", ["ellipse", "rectangle"])
def test_a_ring_is_found_and_taken_away_and_its_word_stays(shape: str) -> None:
    image, pen = line()
    word(pen, 40, "Nil")
    left, top, right, bottom = word(pen, 200, "Mild")
    alone = np.asarray(image).copy()
    getattr(pen, shape)((left - 14, top - 12, right + 14, bottom + 12), outline=10, width=3)

    found = shapes_of(image)

    (ring,) = found.rings
    assert ring[0] < left and ring[2] > right
    assert (found.cleared < 100).sum() == pytest.approx((alone < 100).sum(), rel=0.1)


@pytest.mark.parametrize(("below_px", "kind"), [(24, "underlines"), (2, "strikes")])
def test_a_stroke_lies_below_a_word_or_goes_through_it(below_px: int, kind: str) -> None:
    image, pen = line()
    left, _, right, _ = word(pen, 200, "severe")
    pen.line(
        (left - 4, HEIGHT_PX // 2 + below_px, right + 4, HEIGHT_PX // 2 + below_px + 1), fill=10, width=3
    )

    found = shapes_of(image)

    (stroke,) = getattr(found, kind)
    assert stroke[0] < left and stroke[2] > right
    assert len(found.underlines) + len(found.strikes) == 1


def test_a_tick_is_as_wide_as_a_letter_and_a_bar_is_not() -> None:
    assert may_be_tick((0, 0, 26, 24), LETTER_PX)
    assert not may_be_tick((0, 0, 9, 28), LETTER_PX)
    assert not may_be_tick((0, 0, 8, 8), LETTER_PX)
