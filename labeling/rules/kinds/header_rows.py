"""A row of labels over rows of numbers: each number is written behind its label, as a line of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from labeling.rules.kinds.cells import (
    DATE,
    UNIT,
    VALUE,
    Cell,
    cells_of,
    is_value,
    lines_of,
    sign_between,
    split_cells,
)
from labeling.rules.kinds.passages import fields_named
from labeling.rules.kinds.row_heads import ASIDE_ROW, METHOD_ROW, SAYS_WHEN, Row, rows_that_count
from labeling.rules.normalise import NormalText
from labeling.rules.wall_patterns import WALL

# What stands beside an EF at the head of a column; one of these words alone is a label.
_MEASURE: Final = re.compile(
    r"(?:lv)?e\.?f\.?|(?:lv)?(?:edv|esv|sv|svi|edvi|esvi|edd|esd|fs|co|ci|idd?|ids|pwd?|pws|mass)|ivs[ds]?|"
    r"lvi[vd][ds]?|lvpw[ds]?|la|ra|ao|ar|lvot|rvsp|pasp|spap|papsp?|tapse|hr|gls|e|a|e/a|e'|e/e'|dt|mpi|tr|"
    r"trpg|rap|vmax|date|study|view|ivc|rvd|rvidd?|rwt|bsa|mv|av|epss|ef/fs|ejection|fraction|stroke|volume|"
    r"septal|wall|diastole|systole|biplane|simpsons?|teich|method|year|visit|rvef|laef|lavi?|lvmi?|tr[- ]?vel"
)
_SHORT_NAME: Final = re.compile(
    rf"(?:{_MEASURE.pattern}|[a-z]{{2,5}}|[a-z]'?/[a-z]'?)(?:\s*[(\[]?[^\d\s]{{1,6}}[)\]])?"
)
_UNIT_TOKEN: Final = re.compile(rf"[(\[]?\s*{UNIT}\s*[)\]]?|in|\(|\)|:|-")
# What a table says of its last column or row.
_TODAY_NOTE: Final = re.compile(
    r"\s*(?:[(\[]|<\s?-+)\s*(?P<said>today|current|now|present|this \w+|latest)\s*[)\]]?\s*$"
)
# What stands below a field's name in a row of words.
_ANSWER_CELL: Final = re.compile(
    r"(?:yes|no|nil|none|absent|present|normal|mild|moderate|severe|trace|trivial|n/?a|not \w+|-+|"
    rf"[a-z ,/+-]*(?:kinesia|ballooning|wall|{WALL.pattern})[a-z ,/+-]*)|"
    r"[<>~]?\s*\d{1,3}(?:[.,]\d+)?(?:\s*-\s*\d{1,3})?\s*(?:%|mm\s?hg)?"
    r"(?:\s*[,(]\s*(?:normal|mild|moderate|severe|raised|elevated|high|low)\b[a-z ]*\)?)?"
)
# Names of findings that stand beside a pulmonary hypertension at the heads of columns.
_LISTED: Final = re.compile(
    r"pah|ph|phtn|rwma|[mtapi]?[rsi]|clots?|thrombus|pe|(?:pericardial )?effusion|veg\w*|[avi]sd|pda|lvh"
)
_ANSWERS: Final = re.compile(
    r"\b(?:yes|no|nil|none|absent|present|normal|mild|moderate|severe|trace|trivial)\b"
)


@dataclass(frozen=True)
class _Grid:
    labels: list[Cell]
    rows: list[tuple[Cell | None, list[Cell]]]
    start: int
    end: int


def rows_written_out(normal: NormalText) -> NormalText:
    """The text with every header row and its values rewritten as "label value" lines.

    Of several dated rows only the newest is kept, and none where the dates can't be ordered; unlabelled rows
    beside each other are all kept.
    """
    for grid in reversed(_grids(normal.text)):
        normal = _rewritten(normal, grid)
    for grid in reversed(_slashed_pairs(normal.text)):
        normal = _rewritten(normal, grid)
    return normal


_PAIR: Final = re.compile(
    r"\b(?P<a>(?:lv|rv)?e\.?f\.?|fe(?=\s*/\s*fs)|fs|pasp|rvsp|tr\s?pg|trg)\s*[/|]\s*"
    r"(?P<b>(?:lv|rv)?e\.?f\.?|%?fs|rvef|mpap|"
    r"pasp|rvsp|rap)\s*(?:\([^)\n]{0,8}\)\s*)?(?:[:=-]|is|of)?\s*"
    r"(?P<x>\d{1,3}(?:\.\d+)?(?:\s*(?:%|mm\s?hg))?)\s*[/|]\s*(?P<y>\d{1,2}(?:\.\d+)?)(?P<unit>\s*(?:%|"
    r"mm\s?hg))?"
    r"(?![\d/])"
)


def _slashed_pairs(text: str) -> list[_Grid]:
    """ "LVEF/RVEF: 60/45 %": two names, two numbers."""
    found = []
    for match in _PAIR.finditer(text):
        labels = [Cell(match.start(name), match.end(name), match.group(name)) for name in ("a", "b")]
        values = [Cell(match.start(name), match.end(name), match.group(name)) for name in ("x", "y")]
        found.append(_Grid(labels, [(None, values)], match.start(), match.end()))
    return found


def _grids(text: str) -> list[_Grid]:
    ranges = [r for r in lines_of(text) if text[r[0] : r[1]].strip()]
    found: list[_Grid] = []
    index = 0
    while index + 1 < len(ranges):
        labels = _labels(text, *ranges[index])
        rows, used = _rows_below(text, ranges[index + 1 :], labels) if labels else ([], 0)
        if labels and not rows:
            # A gap of one blank parts two of the names.
            labels = _word_labels(text, *ranges[index])
            rows, used = _rows_below(text, ranges[index + 1 :], labels) if labels else ([], 0)
        if not rows:
            labels = _names(text, *ranges[index])
            row = _word_row(text, ranges[index + 1], labels) if labels else None
            rows, used = ([row], 1) if row else ([], 0)
        if rows and not _is_key(labels, rows):
            end = ranges[index + used][1]
            found.append(_Grid(labels, rows, ranges[index][0], end))
        index += 1 + used
    return found


def _is_key(labels: Sequence[Cell], rows: Sequence[Row]) -> bool:
    """Whether every value below a field of ours is a range or a limit: a key to classes, nobody's values."""
    below = [
        VALUE.fullmatch(cell.text.strip())
        for _, cells in rows
        for label, cell in zip(labels[len(labels) - len(cells) :], cells, strict=True)
        if fields_named(label.text)
    ]
    ranged = [one for one in below if one and (one.group("range") or one.group("limit"))]
    return len(rows) > 1 and len(ranged) == len(below)


def _rows_below(text: str, lines: Sequence[tuple[int, int]], labels: Sequence[Cell]) -> tuple[list[Row], int]:
    """(rows, lines used up): goals and normal values are used and no row; one note between rows is let be."""
    rows: list[Row] = []
    used = 0
    for number, line in enumerate(lines):
        if ASIDE_ROW.match(text, *line):
            used = number + 1 if rows or number == used else used
            continue
        row = _row(text, line, labels)
        if row is not None:
            rows.append(row)
            used = number + 1
        elif number > used or fields_named(text[slice(*line)]):
            break
    return rows, used if rows else 0


def _labels(text: str, start: int, end: int) -> list[Cell]:
    """The labels of a header row that has one of ours among them; none where the line is something else."""
    line = text[start:end]
    if (
        len(line) > 140
        or not ({"ef_percent", "rvsp_mmhg"} & fields_named(line))
        # "RVD1" and "S3" are names, a number alone is a value.
        or re.search(r"(?<![a-z])\d", _bare(line))
        or _ANSWERS.search(line)
    ):
        return []
    cells = split_cells(text, start, end)
    is_spaced = bool(re.search(r"\S\s{2,}\S|\|", line.strip(" |"))) or sign_between(line) is not None
    if not is_spaced:
        cells = _with_units(text, cells)
        if not all(_MEASURE.fullmatch(_bare(cell.text).strip(" :")) for cell in cells):
            return []
    elif any(len(cell.text.split()) > 5 or cell.text.endswith(":") for cell in cells):
        return []
    return cells if len(cells) >= 2 else []


def _word_labels(text: str, start: int, end: int) -> list[Cell]:
    """The labels of a header row taken word by word; none where one is no short name of a measure."""
    words = re.compile(r"\S+").finditer(text, start, end)
    cells = _with_units(text, [Cell(one.start(), one.end(), one.group()) for one in words])
    return cells if all(_SHORT_NAME.fullmatch(cell.text) for cell in cells) else []


def _names(text: str, start: int, end: int) -> list[Cell]:
    """The cells of a line that holds nothing but names, two of ours among them; else none."""
    line = text[start:end]
    if not re.search(r"\S\s{2,}\S|\|", line.strip(" |")) or ":" in line or _ANSWERS.search(line):
        return []
    cells = cells_of(text, start, end)
    ours = [cell for cell in cells if fields_named(cell.text)]
    is_plain = all(len(cell.text.split()) <= 4 and not re.search(r"\d", _bare(cell.text)) for cell in cells)
    is_listed = bool(ours) and len(cells) > 2 and all(_LISTED.fullmatch(cell.text) for cell in cells)
    return cells if (len(ours) >= 2 or is_listed) and is_plain else []


def _word_row(
    text: str, line: tuple[int, int], labels: Sequence[Cell]
) -> tuple[Cell | None, list[Cell]] | None:
    """A row of answers below names: one for each of ours, in words or numbers; it names no field itself."""
    cells = cells_of(text, *line)
    if len(cells) != len(labels):
        return None
    answers = [cell for label, cell in zip(labels, cells, strict=True) if fields_named(label.text)]
    is_answered = all(_ANSWER_CELL.fullmatch(cell.text.strip()) for cell in answers)
    names_one = DATE.search(text, *line) or any(fields_named(cell.text) - {"rwma"} for cell in cells)
    return (None, cells) if is_answered and not names_one else None


def _bare(label: str) -> str:
    return re.sub(r"[(\[][^)\]]*[)\]]?|%|\b2d\b|\b3d\b|\ba[24]c\b|\b[24]ch?\b|cm2|ml/m2", "", label)


def _with_units(text: str, cells: Sequence[Cell]) -> list[Cell]:
    """Word cells with a unit behind them, and the words of one name, put together."""
    joined: list[Cell] = []
    for cell in cells:
        before = joined[-1].text if joined else ""
        is_part = _UNIT_TOKEN.fullmatch(cell.text) or f"{before} {cell.text}" in (
            "ejection fraction", "stroke volume", "lv ef", "lv ejection", "lv ejection fraction",
        )  # fmt: skip
        if joined and is_part:
            joined[-1] = Cell(joined[-1].start, cell.end, text[joined[-1].start : cell.end])
        else:
            joined.append(cell)
    return joined


def _row(text: str, line: tuple[int, int], labels: Sequence[Cell]) -> Row | None:
    """(row label, values) of a line that fits below the labels, else None."""
    date, start = _date_at(text, line)
    note = _TODAY_NOTE.search(text[slice(*line)])
    end = line[0] + note.start() if note else line[1]
    cells = _parted(text, _with_units(text, split_cells(text, start, end)), labels)
    named = 0 if date else _words_ahead(cells, labels)
    head = (
        Cell(cells[0].start, cells[named - 1].end, text[cells[0].start : cells[named - 1].end])
        if named
        else date
    )
    cells = _below_own(text, cells[named:], labels, head)
    if not cells or len(labels) - len(cells) not in ((0, 1) if head else (0,)):
        return None
    below = list(zip(labels[len(labels) - len(cells) :], cells, strict=True))
    if not (_has_number(below) and all(_fits(label.text, cell.text) for label, cell in below)):
        return None
    if note:
        return Cell(line[0] + note.start("said"), line[0] + note.end("said"), note.group("said")), cells
    return _named_by(cells) or head, cells


# "Simpson 4ch 118", "inferior akinesia moderate": two cells with one blank between them.
_NAME_AND_NUMBER: Final = re.compile(r"(?=[a-z])[^\n]*?[a-z][a-z.)]*(?P<gap> )\d{1,3}(?:\.\d)?")
_WALL_AND_GRADE: Final = re.compile(
    r"(?=[^\n]*(?:normal|kinesia|wall))[a-z][a-z ,/-]*?(?P<gap> )(?:mild|moderate|severe|none|nil|no)"
)


def _parted(text: str, cells: list[Cell], labels: Sequence[Cell]) -> list[Cell]:
    """The cells of a row that lacks one: its first or last is two with a single blank between them."""
    if len(cells) != len(labels) - 1 or len(cells) < 2 or fields_named(labels[0].text):
        return cells
    first = _NAME_AND_NUMBER.fullmatch(cells[0].text)
    last = _WALL_AND_GRADE.fullmatch(cells[-1].text) if "pah" in fields_named(labels[-1].text) else None
    if first and METHOD_ROW.match(cells[0].text):
        return [*_halves(text, cells[0], first.start("gap")), *cells[1:]]
    return [*cells[:-1], *_halves(text, cells[-1], last.start("gap"))] if last else cells


def _halves(text: str, cell: Cell, gap: int) -> list[Cell]:
    at = cell.start + gap
    return [Cell(cell.start, at, text[cell.start : at]), Cell(at + 1, cell.end, text[at + 1 : cell.end])]


def _below_own(text: str, cells: list[Cell], labels: Sequence[Cell], head: Cell | None) -> list[Cell]:
    """The numbers of a method's row with gaps, each at the place of the label that it stands below, and empty
    cells; as they are where one stands below none or below two.
    """
    labels = labels if fields_named(labels[0].text) else labels[1:]
    is_method = head is not None and METHOD_ROW.match(head.text) is not None
    if not is_method or not 0 < len(cells) < len(labels) or not all(is_value(cell.text) for cell in cells):
        return cells
    places = [_place(text, cell, labels) for cell in cells]
    own = {place: cell for place, cell in zip(places, cells, strict=True) if place is not None}
    if len(own) < len(cells):
        return cells
    return [own.get(n, Cell(cells[-1].end, cells[-1].end, "")) for n in range(len(labels))]


def _place(text: str, cell: Cell, labels: Sequence[Cell]) -> int | None:
    """Which of the labels above a cell stands below, if that is one."""
    above, line = (_line_start(text, one.start) for one in (labels[0], cell))
    left, right = cell.start - line - 1, cell.end - line + 1
    over = [n for n, one in enumerate(labels) if one.start - above < right and left < one.end - above]
    return over[0] if len(over) == 1 else None


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\v", 0, at)) + 1


def _named_by(cells: Sequence[Cell]) -> Cell | None:
    """The one cell that says of which date or method its row is."""
    for kind in (DATE, METHOD_ROW):
        named = [cell for cell in cells if kind.fullmatch(cell.text)]
        if len(named) == 1:
            return named[0]
    return None


def _words_ahead(cells: Sequence[Cell], labels: Sequence[Cell]) -> int:
    """How many cells before the values are the name of the row."""
    if len(cells) == len(labels) and fields_named(labels[0].text) and not METHOD_ROW.match(cells[0].text):
        return 0  # the first column is a field, and its words are an answer
    words = [cell for cell in cells if not is_value(cell.text)]
    if 0 < len(words) <= 3 and words == list(cells[: len(words)]):
        return len(words)
    return int(len(cells) == len(labels) and _is_row_name(labels[0], cells[0]))


def _has_number(below: Sequence[tuple[Cell, Cell]]) -> bool:
    return any(is_value(cell.text) and fields_named(label.text) for label, cell in below)


def _is_row_name(label: Cell, cell: Cell) -> bool:
    return not fields_named(label.text) and not is_value(cell.text) and not fields_named(cell.text)


def _fits(label: str, cell: str) -> bool:
    """Whether a cell can stand below a label: a number, an answer below ours, a few words below others."""
    ours = fields_named(label)
    if is_value(cell) or cell in "-":
        return True
    if ours:
        return not ours & {"ef_percent", "rvsp_mmhg"} and (
            _ANSWER_CELL.fullmatch(cell.strip()) is not None or len(cell.split()) <= 2
        )
    # Below "Wall" a wall and how it moves.
    return len(cell.split()) <= 3 and fields_named(cell) <= ({"rwma"} if "wall" in label else set())


def _date_at(text: str, line: tuple[int, int]) -> tuple[Cell | None, int]:
    """(the date a line begins with, where the rest begins)."""
    indent = len(text[slice(*line)]) - len(text[slice(*line)].lstrip())
    named = DATE.match(text, line[0] + indent, line[1])
    if named is None:
        return None, line[0]
    sign = re.compile(r"[ ]*[,;]").match(text, named.end())
    return Cell(named.start(), named.end(), named.group()), sign.end() if sign else named.end()


def _is_filled(below: tuple[Cell, Cell]) -> bool:
    return below[1].text != ""


def _rewritten(normal: NormalText, grid: _Grid) -> NormalText:
    rows = rows_that_count(grid.rows)
    text, starts, ends = (
        [normal.text[: grid.start]],
        [*normal.starts[: grid.start]],
        [*normal.ends[: grid.start]],
    )

    def write(words: str, start: int, end: int) -> None:
        is_verbatim = end - start == len(words)
        text.append(words)
        starts.extend(normal.starts[start:end] if is_verbatim else [normal.starts[start]] * len(words))
        ends.extend(normal.ends[start:end] if is_verbatim else [normal.ends[end - 1]] * len(words))

    for label in [] if rows else grid.labels:  # named, and left to a person
        write(normal.text[label.start : label.end], label.start, label.end)
        write("\n", label.start, label.end)
    for head, values in rows:
        says_when = head and len(rows) > 1 and SAYS_WHEN.match(head.text)
        labels = grid.labels[len(grid.labels) - len(values) :]
        for label, value in filter(_is_filled, zip(labels, values, strict=True)):
            write(normal.text[label.start : label.end], label.start, label.end)
            write(" " if is_value(value.text) else ": ", label.start, label.end)
            if head and says_when and is_value(value.text):
                write(head.text + " ", label.start, head.end)
            write(value.text, value.start, value.end)
            write("\n", value.start, value.end)
    text.append(normal.text[grid.end :])
    starts.extend(normal.starts[grid.end :])
    ends.extend(normal.ends[grid.end :])
    return replace(normal, text="".join(text), starts=tuple(starts), ends=tuple(ends))
