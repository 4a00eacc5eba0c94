"""Tables whose rows or columns are of several days, states of the heart or ventricles, or hold a range beside
the value: the one row or column that counts is written out as lines, a name with its answer each.

"Visit;PAH;LVEF / Previous;severe;63 / Today;mild;24", "Test,Previous,Current / LVEF,60,52",
"Parameter | Range | Grade | Value", "Finding | Yes | No / RWMA | | x".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from labeling.rules.kinds.cells import VALUE, Cell, is_value, lines_of, newest
from labeling.rules.kinds.columns import kind_of_column
from labeling.rules.kinds.marks import MARK
from labeling.rules.kinds.passages import fields_named
from labeling.rules.layout.grid import SIGNS, Grid, cells_between, grid_at
from labeling.rules.normalise import NormalText
from labeling.rules.parts.paired_rows import Piece, rewritten

_ASIDE: Final = re.compile(
    r"z|z[ -]?scores?|grad(?:e|ing)|class|flags?|h/l|units?|diff(?:erence)?\.?|change|delta|no\.?|nos?|"
    r"s\.? ?no\.?|sr\.? ?no\.?|#|page|index(?:ed)?|method|comments?|remarks?|status|interpretation|sd|"
    r"%|mean|rank|code|id|source|site"
)
_OF_NUMBERS: Final = frozenset(("ef_percent", "rvsp_mmhg"))
# Rows of a CSV file: commas without a blank behind them.
_CSV: Final = re.compile(
    r"(?m)^(?=[^\n]*(?:^|[a-z)%]),)(?:(?![^,\n]*(?:=|\S[ ]{2,}\S))[^,\n\v]{0,40},(?! )){2,}[^,\n\v]{0,40}$"
)
# A column whose cells may be findings themselves.
_SAID: Final = re.compile(r"comments?|remarks?|interpretation|notes?|impression|findings?")
_UNIT: Final = re.compile(r"units?")
_NOW: Final = re.compile(
    r"(?:the )?(?:lv|left (?:ventricle|heart|side)|(?:at )?rest(?:ing)?|now|today(?:'s)?(?: study)?)"
)
_THEN: Final = re.compile(
    r"(?:the )?(?:rv|right (?:ventricle|heart|side)|then|last (?:visit|time|echo)|peak|low dose|high dose|"
    r"recovery|exercise)"
)
# Of a test: beside it the heart before it is at rest.
_STAGE: Final = re.compile(
    r"\d{1,3} ?(?:ug|mcg|micg|watts?|w|mets?)(?:/kg(?:/min)?)?|stage \d|recovery|"
    r"(?:at |on |with |during )?(?:peak )?(?:exercise|stress)|(?:at )?peak"
)
_CHOICE: Final = re.compile(
    r"yes|no|y|n|nil|none|normal|abnormal|present|absent|trivial|trace|minimal|mild|moderate|severe|"
    r"pos(?:itive)?|neg(?:ative)?|n/?a"
)
_IN_FULL: Final = {"pos": "present", "neg": "absent", "positive": "present", "negative": "absent"}
_MARK: Final = re.compile(rf"[+x*v]|{MARK.pattern}")
_BOX: Final = re.compile(r"[\[(].*[\])]")
# "Oct-22" at the head of a column.
_MONTH_AND_YEAR: Final = re.compile(r"([a-z]{3,9})[-' .]{1,2}(\d\d)")
_EMPTY: Final = re.compile(r"[\W_]*(?:n/?[ad])?[\W_]*")
_LETTER: Final = re.compile(r"[a-z]")
# A longer table is the database of a clinic.
_MOST_ROWS: Final = 200
_WITH_VALUE: Final = re.compile(r"\d{2}|\d ?%|[,;]")


Told = tuple[int, int, list[Piece]]


def tables_written_out(normal: NormalText) -> NormalText:
    """The text with what counts of every such table in place of it; each word keeps its place on the page."""
    normal = replace(normal, text=_with_bars(normal.text))
    for start, end, pieces in reversed(_tables(normal.text)):
        normal = rewritten(normal, start, end, pieces)
    return normal


def _with_bars(text: str) -> str:
    """The commas of a file's rows as bars, where one names a field: "LVEF,55,3" has no decimals."""
    if not any(fields_named(row.group().partition(",")[0]) for row in _CSV.finditer(text)):
        return text
    return _CSV.sub(lambda row: row.group().replace(",", "|"), text)


def _tables(text: str) -> list[Told]:
    """(start, end, what stands there) of every table, in order."""
    lines = [line for line in lines_of(text) if text[slice(*line)].strip()]
    found: list[Told] = []
    at = 0
    while at + 1 < len(lines):
        used, told = _table_at(text, lines[at : at + _MOST_ROWS])
        if told:
            found.append(told)
        at += used
    return found


def _table_at(text: str, lines: Sequence[tuple[int, int]]) -> tuple[int, Told | None]:
    """(lines used up, what stands in place of a table that begins with the first line)."""
    printed, following = text[slice(*lines[0])], text[slice(*lines[1])]
    signs = [(needed, sign) for needed, sign in SIGNS if needed in printed]
    for needed, sign in signs:
        grid = grid_at(text, lines, sign, _with_no_range) if needed in following else None
        pieces = _told(text, grid) if grid else []
        if grid and pieces:
            return len(grid.rows), (grid.start, grid.end, pieces)
    return 1, _limited_row(text, lines[0], [sign for _, sign in signs])


def _with_no_range(row: list[Cell], head: list[Cell]) -> list[Cell]:
    """A row of words with an empty cell below its head's one range; as it is where it holds a limit."""
    ranges = [n for n, cell in enumerate(head) if n and kind_of(cell.text) == "range"]
    if len(ranges) != 1 or any((one := VALUE.fullmatch(c.text)) and one.group("limit") for c in row):
        return row
    at = ranges[0]
    end = row[at - 1].end
    return [*row[:at], Cell(end, end, ""), *row[at:]]


def _told(text: str, grid: Grid) -> list[Piece]:
    head, *rows = grid.rows
    pieces: list[Piece] = []
    if not grid.is_cut:
        pieces = _own_row(text, head, rows) or _own_column(text, grid)
    return pieces or _ticked(text, grid)


def _limited_row(text: str, line: tuple[int, int], signs: Sequence[re.Pattern[str]]) -> Told | None:
    """A row without a head whose value stands behind its limit: "LVEF | >= 55 | 51 | %"."""
    for sign in signs:
        name, *cells = cells_between(text, line, sign)
        value = _behind_limit(cells) if _OF_NUMBERS & fields_named(name.text) else None
        if value:
            pieces = _line(text, name, value)
            return (*line, pieces) if pieces else None
    return None


def _behind_limit(cells: Sequence[Cell]) -> Cell | None:
    """The one plain number of cells whose first, and no other, is a limit or a range."""
    found = [VALUE.fullmatch(cell.text) for cell in cells]
    is_limit = [bool(one and (one.group("range") or one.group("limit"))) for one in found]
    plain = [cell for cell, one, limited in zip(cells, found, is_limit, strict=True) if one and not limited]
    return plain[0] if is_limit[:1] == [True] and sum(is_limit) == len(plain) == 1 else None


def kind_of(name: str) -> str:
    """What a row, a column or a value is of by its name: today, other, stage, range, date, aside, unit; empty
    for others.
    """
    words = name.strip(" :.*")
    if _MONTH_AND_YEAR.fullmatch(words):
        return "date"
    if _ASIDE.fullmatch(words):
        return "unit" if _UNIT.fullmatch(words) else "aside"
    if _NOW.fullmatch(words):
        return "today"
    if _STAGE.fullmatch(words):
        return "stage"
    return "other" if _THEN.fullmatch(words) else kind_of_column(words)


def _is_column(cell: Cell) -> bool:
    """Whether the first cell of a head is no corner, but stands over values."""
    return kind_of(cell.text) in ("today", "other", "range", "date")


def _names_another(name: Cell, cell: Cell) -> bool:
    """Whether a cell names a field that its column's name does not."""
    return bool(fields_named(cell.text) - fields_named(name.text))


def _are_names(cells: Sequence[Cell]) -> bool:
    """Whether cells are names and no answers, a field's among them."""
    return any(fields_named(cell.text) for cell in cells) and not any(
        _WITH_VALUE.search(cell.text) for cell in cells
    )


def _own_row(text: str, head: list[Cell], rows: list[list[Cell]]) -> list[Piece]:
    """The lines of the one row that counts, where the names stand above and the days beside."""
    names = head[1:]
    if len(rows) < 2 or _is_column(head[0]) or fields_named(head[0].text) or not _are_names(names):
        return []
    own = _that_counts([row[0] for row in rows])
    if own is None or any(map(_names_another, names * len(rows), chain(*(row[1:] for row in rows)))):
        return []
    return [
        piece for name, cell in zip(names, rows[own][1:], strict=True) for piece in _line(text, name, cell)
    ]


def _own_column(text: str, grid: Grid) -> list[Piece]:
    """The lines of the one column that counts, where the names stand beside and the days above."""
    head, *rows = grid.rows
    own = _that_counts(head[1:]) if len(head) > 2 and not _is_column(head[0]) else None
    if own is None or not _are_labels(head, rows):
        return []
    kinds = [kind_of(cell.text) for cell in head]
    if grid.is_spaced and _is_told_by_columns(head, rows, kinds):
        return []
    unit = kinds.index("unit") if "unit" in kinds[1:] else None
    pieces: list[Piece] = []
    for row in rows:
        pieces += _line(text, row[0], row[own + 1], row[unit] if unit is not None else None)
        pieces += _remarks(text, head, row)
    return pieces


def _is_told_by_columns(head: Sequence[Cell], rows: Sequence[Sequence[Cell]], kinds: list[str]) -> bool:
    """Whether `kinds/columns.py` knows a table between gaps: no cell is empty or of another kind."""
    is_whole = all(cell.text for row in rows for cell in row)
    has_months = any(_MONTH_AND_YEAR.fullmatch(cell.text) for cell in head)
    return is_whole and not has_months and not {"aside", "unit", "stage"} & set(kinds[1:])


def _remarks(text: str, head: Sequence[Cell], row: Sequence[Cell]) -> list[Piece]:
    """The cells below "comment" and the like that name a field, as they are printed."""
    return [
        piece
        for name, cell in zip(head, row, strict=True)
        if _SAID.fullmatch(name.text.strip(" :.*")) and fields_named(cell.text)
        for piece in ((text[cell.start : cell.end], cell.start, cell.end), ("\n", cell.start, cell.end))
    ]


def _are_labels(head: Sequence[Cell], rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether the fields are named beside a table and not above it."""
    return not any(fields_named(cell.text) for cell in head) and any(
        fields_named(row[0].text) for row in rows
    )


def _that_counts(names: Sequence[Cell]) -> int | None:
    """Which of several rows or columns is today's, the left ventricle's, at rest, the value beside its range;
    None where that is not told, or one has a name of another kind.
    """
    kinds = [kind_of(name.text) for name in names]
    dates = [n for n, kind in enumerate(kinds) if kind == "date"]
    today = [n for n, kind in enumerate(kinds) if kind == "today"]
    if not today and not dates and "stage" in kinds:
        today = [n for n, name in enumerate(names) if name.text.strip(" :.*") == "baseline"]
    if "" in kinds or len(today) > 1:
        return None
    return today[0] if today else _newest([names[n].text for n in dates], dates)


def _newest(days: Sequence[str], places: Sequence[int]) -> int | None:
    """The place of the one day, or of the newest; None where there is none, or they can't be ordered."""
    best = newest([_MONTH_AND_YEAR.sub(r"\1 20\2", day) for day in days]) if len(days) > 1 else 0
    return places[best] if places and best is not None else None


def _ticked(text: str, grid: Grid) -> list[Piece]:
    """Each name with the head that its row's one mark stands under."""
    head, *rows = grid.rows
    names = {cell.text for cell in head}
    if not all(map(_CHOICE.fullmatch, names - {head[0].text})) or len(names) < len(head):
        return []
    if grid.is_spaced and (_CHOICE.fullmatch(head[0].text) or _has_boxes(rows)):
        return []  # those are told by their places (`kinds/answer_columns.py`)
    pieces: list[Piece] = []
    for row in rows:
        marked = [n for n, cell in enumerate(row) if n and _is_ticked(cell.text)]
        if len(marked) == 1:
            mark = row[marked[0]]
            said = head[marked[0]].text
            pieces += _line(text, row[0], Cell(mark.start, mark.end, _IN_FULL.get(said, said)))
    return pieces


def _has_boxes(rows: Sequence[Sequence[Cell]]) -> bool:
    return any(_BOX.fullmatch(cell.text) for row in rows for cell in row)


def _is_ticked(cell: str) -> bool:
    found = _MARK.fullmatch(cell)
    return found is not None and not found.group("empty")


def _line(text: str, name: Cell, answer: Cell, unit: Cell | None = None) -> list[Piece]:
    """One name with its answer; nothing where the cell is empty."""
    if _EMPTY.fullmatch(answer.text) or not _LETTER.search(name.text):
        return []
    sign = " " if is_value(answer.text) else ": "
    pieces = [
        (text[name.start : name.end].rstrip(" :"), name.start, name.end),
        (sign, answer.start, answer.end),
        (answer.text, answer.start, answer.end),
    ]
    if unit is not None and is_value(answer.text) and not _EMPTY.fullmatch(unit.text):
        pieces.append((f" {unit.text}", unit.start, unit.end))
    return [*pieces, ("\n", answer.start, answer.end)]
