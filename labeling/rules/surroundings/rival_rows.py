"""Pages and rows that hold several answers side by side, whatever their heads are called."""

from __future__ import annotations

import re
from typing import Final

from db.fields.names import FIELDS
from labeling.rules.ef_patterns import LABEL
from labeling.rules.kinds.cells import cells_of, lines_of
from labeling.rules.pressures.rvsp_patterns import RVSP_LABEL
from labeling.rules.wall_patterns import KINESIA, REGION, RIGHT_SIDE

# "--- lower ---", "=== SECOND STUDY ===".
_RULED_HEAD: Final = re.compile(
    r"(?:^|(?<=\n))[ ]*[-=*#_]{2,}[ ]*[a-z][a-z0-9 .,/'()-]{1,50}?[ ]*[-=*#_]{2,}[ ]*(?=\n|$)"
)
# "(1) Usha, 40 F: ...", "2. Pankaj 66/M": rows of a register, a person each.
_PERSON: Final = re.compile(
    r"(?:^|(?<=\n))[ (]*\d{1,3}[).]\s*[a-z][a-z .']{1,30}?,?\s+\d{1,3}\s*(?:y\w{0,4}\.?)?\s*[/,]?\s*[mf]\b"
)
_MOTION: Final = re.compile(rf"{KINESIA.pattern}|\b(?:normal|normokine\w+|hyperkinesia|aneurysm)\b")
_NOT_MEASURED: Final = re.compile(
    r"[\s:=-]*(?:is |was |were |could |can )?(?:not (?:be )?(?:measur|obtain|estimat|calculat|assess|"
    r"record|avail|"
    r"deriv)|un(?:measur|obtain)|n/a\b)"
)
_CELL_WORDS: Final = 5


def side_by_side(text: str) -> set[str]:
    """The fields that a page answers in several places of the same standing.

    All of them where blocks below ruled heads each give an ejection fraction, or where rows are of several
    people; the wall motion where a row has cells that differ; the pressure where it is called not measurable.
    """
    found: set[str] = set()
    if _blocks_with_ef(text) > 1 or len(_PERSON.findall(text)) > 1:
        found.update(FIELDS)
    if any(_has_motion_cells(text, *line) for line in lines_of(text)):
        found.add(FIELDS[1])
    if any(_NOT_MEASURED.match(text, label.end()) for label in RVSP_LABEL.finditer(text)):
        found.add(FIELDS[-1])
    return found


def _blocks_with_ef(text: str) -> int:
    heads = [head.end() for head in _RULED_HEAD.finditer(text)]
    if len(heads) < 2:
        return 0
    return sum(
        LABEL.search(text, start, end) is not None
        for start, end in zip(heads, [*heads[1:], len(text)], strict=True)
    )


def _has_motion_cells(text: str, start: int, end: int) -> bool:
    """Whether a row of a wall says two things of it, in cells of their own."""
    line = text[start:end]
    if "|" not in line and "  " not in line.strip() or not REGION.search(line) or RIGHT_SIDE.search(line):
        return False
    cells = cells_of(text, start, end)
    if any(len(cell.text.split()) > _CELL_WORDS for cell in cells):
        return False  # sentences with two blanks between
    said = [found.group() for cell in cells if (found := _MOTION.search(cell.text))]
    return len(said) > 1 and len(set(said)) > 1 and KINESIA.search(line) is not None
