"""Lines as a grid: rows of as many cells each, between bars, semicolons, commas or gaps."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from labeling.rules.kinds.cells import Cell
from labeling.rules.kinds.passages import fields_named

# Two blanks may stand where a dot was: "est  pasp".
GAP: Final = re.compile(r"[ ]{3,}|(?<![ |\n]est)[ ]{2}")
# What a line must hold, and what parts its cells. A semicolon behind a name in capitals may have been taken
# for its colon.
SIGNS: Final = (
    ("|", re.compile(r"\|")),
    (";", re.compile(r";|:(?=[^:;|]*;)")),
    (", ", re.compile(r",[ ]+")),
    ("  ", GAP),
)
_MOST_COLUMNS: Final = 9

Line = tuple[int, int]
Row = list[Cell]


@dataclass(frozen=True)
class Grid:
    """Rows of as many cells each; the first is the head.

    Attributes:
        start: where the head's line begins.
        end: where the last row's line ends.
        is_cut: whether a row with another number of cells follows: what it says is not understood.
        is_spaced: whether nothing but gaps parts its cells.
    """

    rows: list[list[Cell]]
    start: int
    end: int
    is_cut: bool
    is_spaced: bool


def grid_at(
    text: str, lines: Sequence[Line], sign: re.Pattern[str], filled: Callable[[Row, Row], Row]
) -> Grid | None:
    """The grid that lines parted by a sign make up, as far as they have as many cells; at least two rows.

    Args:
        filled: gives a row between gaps that lacks a cell, and its head, with the empty cell in its place.
    """
    is_bordered = all(text[slice(*line)].lstrip().startswith("|") for line in lines[:2])

    def row(line: Line, wanted: int) -> list[Cell]:
        return _ended(cells_between(text, line, sign, is_bordered=is_bordered), wanted, sign)

    head = _head(cells_between(text, lines[0], sign, is_bordered=is_bordered))
    second = row(lines[1], len(head))
    if len(head) == len(second) - 1 and not fields_named(head[0].text):
        # The corner above the names is empty, and was not printed.
        head = [Cell(head[0].start, head[0].start, ""), *head]
    if not 2 <= len(head) <= _MOST_COLUMNS or len(head) != len(second):
        return None
    rows = [head, second]
    for line in lines[2:]:
        following = row(line, len(head))
        if sign is GAP and len(following) == len(head) - 1:
            following = filled(following, head)
        if len(following) != len(head):
            break
        rows.append(following)
    end = lines[len(rows) - 1][1]
    return Grid(rows, lines[0][0], end, _goes_on(text, lines[len(rows) :], end, sign), sign is GAP)


def _head(cells: list[Cell]) -> list[Cell]:
    return cells[:-1] if len(cells) > 1 and not cells[-1].text else cells


def _goes_on(text: str, lines: Sequence[Line], end: int, sign: re.Pattern[str]) -> bool:
    """Whether the line right below a grid has cells, too."""
    return bool(lines) and lines[0][0] == end + 1 and len(cells_between(text, lines[0], sign)) > 1


def _ended(row: list[Cell], wanted: int, sign: re.Pattern[str]) -> list[Cell]:
    """A row without the empty cell behind its last sign, or with the one whose sign was left out."""
    if len(row) == wanted + 1 and not row[-1].text:
        return row[:-1]
    if len(row) == wanted - 1 and sign is not GAP and len(row) > 1:
        return [*row, Cell(row[-1].end, row[-1].end, "")]
    return row


def cells_between(text: str, line: Line, sign: re.Pattern[str], *, is_bordered: bool = True) -> list[Cell]:
    """The cells of a line between signs, empty ones too but for what stands outside of borders."""
    start, end = line
    printed = text[start:end]
    end -= len(printed) - len(printed.rstrip())
    start += len(printed) - len(printed.lstrip())
    if is_bordered and text[start : start + 1] == "|":
        start += 1
    cells, at = [], start
    for stop in [*sign.finditer(text, start, max(start, end)), None]:
        piece = text[at : stop.start() if stop else end]
        left = at + len(piece) - len(piece.lstrip())
        cells.append(Cell(left, left + len(piece.strip()), piece.strip()))
        at = stop.end() if stop else end
    return cells
