"""Options marked with a coloured pen: each such line of a page, with its marks as printed ones.

The pen is taken off the page, the lines that it is on are recognised again, and what it drew is told by its
place. Only lines that list options count, so a signature, a stamp or a coloured letterhead changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from labeling.pages import geometry
from labeling.pages.ink_shapes import INK_LEVEL, find_shapes
from labeling.pages.pixels import union_box
from labeling.pen.options import Option, in_columns, listed
from labeling.pen.pen_ink import pen_mask
from labeling.pen.pen_lines import (
    Label,
    Level,
    Row,
    band_of,
    closer,
    labelled_lines,
    levelled,
    moved,
    places_of,
    row_of,
)
from labeling.pen.strokes import (
    LinePlace,
    Marks,
    Stroke,
    is_crossed,
    marked_columns,
    read_marks,
    through_middle,
)
from labeling.words import ink_lines, ink_marks
from labeling.words.ink_options import PLAIN, TO_BE_SEEN, Said
from labeling.words.prepared import PageLight
from labeling.words.read_page import MarkedLine, OcrPage, Word

if TYPE_CHECKING:
    from labeling.pages.page import Page
    from labeling.pages.pixels import Box, Gray, Matrix

_IS_MARKED: Final = "[x]"
_IS_EMPTY: Final = "[ ]"
# Share of a word's box that the pen covers where it goes over it, and that its print has then.
_OVER: Final = 0.04


def marked_lines(
    page: Page, read: OcrPage, *, tesseract: str, light: PageLight | None = None
) -> list[MarkedLine]:
    """The lines of a page with options marked by a coloured pen.

    Args:
        read: its words. A page that was turned or is unreadable has no such line.
        light: of this page, where others look at it, too.
    """
    read = ink_lines.as_high_as_print(read)
    labelled = [] if read.unreadable_reason or read.rotation_deg else labelled_lines(read)
    light = light or PageLight(page.image)
    mask = pen_mask(light, places_of(labelled, read)) if labelled else None
    if mask is None:
        return []
    level = levelled(light.flat, read, mask)
    rows = [row for label in labelled if (row := row_of(label, level)) is not None]
    found = _found_in(rows, level, tesseract) if rows else []
    doubted = [line for label in labelled if (line := _written_over(label, level, found)) is not None]
    return [_on_page(line, level.matrix, page.image.size) for line in (*found, *doubted)]


def _found_in(rows: Sequence[Row], level: Level, tesseract: str) -> list[MarkedLine]:
    """The lines that list options, each with its marks, on the level page."""
    found = dict(zip(rows, _looked_at(rows, level, tesseract), strict=True))
    # Where a row of dots or a far label made the engine lose the options, from close before the strokes.
    lost = {row: close for row in rows if found[row] is None and (close := closer(row)).start > row.start}
    if lost:
        found.update(zip(lost, _looked_at(list(lost.values()), level, tesseract), strict=True))
    return [line for line in found.values() if line is not None]


def _written_over(label: Label, level: Level, found: Sequence[MarkedLine]) -> MarkedLine | None:
    """A line of which nothing was told, where the pen went over its print: for a person to see."""
    boxes = {id(word): box for word, box in level.words}
    whole = union_box(boxes[id(word)] for word in (*label[0], *label[1]))
    middle = (whole[1] + whole[3]) / 2
    if any(line.box[1] < middle < line.box[3] for line in found):
        return None
    for word in (*label[0], *label[1]):
        left, top, right, bottom = map(round, boxes[id(word)])
        drawn = level.strokes.labels[max(0, top) : bottom, max(0, left) : right] > 0
        printed = (level.flat[max(0, top) : bottom, max(0, left) : right] < INK_LEVEL) & ~drawn
        if drawn.size and drawn.mean() > _OVER and printed.mean() > _OVER:
            return MarkedLine(whole, ())
    return None


def _looked_at(rows: Sequence[Row], level: Level, tesseract: str) -> list[MarkedLine | None]:
    """What the pen marks in each line, on the level page."""
    frames, pieces = zip(*(_frames_apart(row, level) for row in rows), strict=True)
    said = ink_marks.recognised(pieces, tesseract)
    return [
        _marked(row, level, [(text, moved(box, row)) for text, box in words], boxes)
        for row, boxes, words in zip(rows, frames, said, strict=True)
    ]


def _frames_apart(row: Row, level: Level) -> tuple[list[Box], Gray]:
    """The printed boxes of a line, on the level page, and the picture of its words without them.

    A box that its tick runs along is whole only where the tick is, too.
    """
    px = row.place.letter_px
    shapes = find_shapes(band_of(row, level.flat), px)
    whole = find_shapes(band_of(row, level.inked), px)
    boxes = [frame.box for frame in shapes.frames]
    for frame in whole.frames:
        left, top, right, bottom = map(int, frame.box)
        is_new = all(frame.box[0] >= box[2] or frame.box[2] <= box[0] for box in boxes)
        if is_new and not level.strokes.draws(moved(frame.box, row)):
            boxes.append(frame.box)
            shapes.cleared[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2] = 255
    return sorted(moved(box, row) for box in boxes), shapes.cleared


def _marked(row: Row, level: Level, said: Sequence[Said], frames: Sequence[Box]) -> MarkedLine | None:
    """The line written out, on the level page; without words where its strokes are not understood, and None
    where it lists no options.
    """
    import numpy as np

    px = row.place.letter_px
    crossing = [] if len(frames) > 1 else through_middle(level.strokes, row.drawn, row.place)
    options = listed(said, px, lambda box: is_crossed(level.strokes, row.drawn, box, px), crossing)
    if not options:
        return _in_table(row, level)
    middle = float(np.median([(option.box[1] + option.box[3]) / 2 for option in options]))
    place = LinePlace(middle, px)
    drawn = _among(row.drawn, options, frames, place)
    if not drawn:
        return None
    marks = read_marks(level.strokes, drawn, options, frames, place, crossing)
    ends = [
        *(option.box[2] for option in options),
        *(one.box[2] for one in drawn),
        *(box[2] for box in frames),
    ]
    return _line(row.left, max(ends), options, marks, place)


def _in_table(row: Row, level: Level) -> MarkedLine | None:
    """The same for a row of a table whose columns are headed by the options."""
    place = row.place
    heads = [(word.text, box) for word, box in level.words]
    top, bottom = _rows_of(place)
    options = [
        replace(one, box=(one.box[0], top, one.box[2], bottom))
        for one in in_columns(heads, row.left, place.middle - place.letter_px, place.letter_px)
    ]
    drawn = _among(row.drawn, options, [], place) if options else []
    if not drawn:
        return None
    ends = [*(option.box[2] for option in options), *(one.box[2] for one in drawn)]
    return _line(row.left, max(ends), options, marked_columns(drawn, options, place), place)


def _line(
    left: float, right: float, options: Sequence[Option], marks: Marks | None, place: LinePlace
) -> MarkedLine:
    half = 0.9 * place.letter_px
    whole = (left, place.middle - half, right + place.letter_px, place.middle + half)
    return MarkedLine(whole, _written(options, marks, place) if marks else ())


def _rows_of(place: LinePlace) -> tuple[float, float]:
    return place.middle - place.letter_px / 2, place.middle + place.letter_px / 2


def _among(
    drawn: Sequence[Stroke], options: Sequence[Option], frames: Sequence[Box], place: LinePlace
) -> list[Stroke]:
    """The strokes from the first option to the last, with what may stand beside them."""
    edges = [*(option.box for option in options), *frames]
    left = min(box[0] for box in edges) - 3 * place.letter_px
    right = max(box[2] for box in edges) + 3 * place.letter_px
    return [one for one in drawn if one.box[2] > left and one.box[0] < right]


def _written(options: Sequence[Option], marks: Marks, place: LinePlace) -> tuple[Word, ...]:
    sure = PLAIN if marks.is_plain else TO_BE_SEEN
    top, bottom = _rows_of(place)
    found = [Word(":", (0.0, top, 1.0, bottom), sure, 0, 0)]
    for option, state in zip(options, marks.states, strict=True):
        if not option.text:  # struck out beyond reading
            continue
        left = option.box[0]
        mark = (left - place.letter_px, top, left - 1, bottom)
        found.append(Word(_IS_MARKED if state else _IS_EMPTY, mark, sure, 0, 0))
        found.append(Word(option.text, option.box, sure, 0, 0))
    # Closed, so that a line's last "no" is not taken for the first word of the next.
    found[-1] = replace(found[-1], text=f"{found[-1].text}.")
    first = found[1].box
    return (replace(found[0], box=(first[0] - 1, top, first[0], bottom)), *found[1:])


def _on_page(line: MarkedLine, matrix: Matrix, size: tuple[int, int]) -> MarkedLine:
    import numpy as np

    back = np.linalg.inv(matrix)

    def given(box: Box) -> Box:
        return geometry.map_box(box, back, size)

    return MarkedLine(given(line.box), tuple(replace(word, box=given(word.box)) for word in line.words))


def with_pen(
    page: Page, read: OcrPage, by_shape: Sequence[MarkedLine], tesseract: str, light: PageLight | None = None
) -> list[MarkedLine]:
    """The lines marked by shape alone and those marked by a coloured pen, each line once.

    Where the pen's strokes are not understood, what was told by shape stays, for a person to see.
    """
    by_colour = _told_by_colour(marked_lines(page, read, tesseract=tesseract, light=light), by_shape)
    kept = [line for line in by_shape if not any(_is_same(line, one) for one in by_colour if one.words)]
    for number, line in enumerate(kept):
        if any(_is_same(line, one) for one in by_colour):
            doubted = tuple(replace(word, confidence=min(word.confidence, TO_BE_SEEN)) for word in line.words)
            kept[number] = replace(line, words=doubted)
    return [*kept, *(one for one in by_colour if one.words or not any(_is_same(line, one) for line in kept))]


def _told_by_colour(by_colour: Sequence[MarkedLine], by_shape: Sequence[MarkedLine]) -> list[MarkedLine]:
    """The lines marked by colour; without words where it is the same in every box and the shape tells one:
    coloured rims and grounds of printed boxes are no marks.
    """
    told = [line for line in by_shape if _is_one_of_several(line)]
    return [
        replace(one, words=())
        if _is_the_same_for_all(one) and any(_is_same(one, line) for line in told)
        else one
        for one in by_colour
    ]


def _is_one_of_several(line: MarkedLine) -> bool:
    return [word.text for word in line.words].count(_IS_MARKED) == 1


def _is_the_same_for_all(line: MarkedLine) -> bool:
    return len({word.text for word in line.words} & {_IS_MARKED, _IS_EMPTY}) == 1


def _is_same(one: MarkedLine, other: MarkedLine) -> bool:
    middle = (other.box[1] + other.box[3]) / 2
    return one.box[1] < middle < one.box[3] and one.box[0] < other.box[2] and other.box[0] < one.box[2]
