"""Two columns headed by the ventricles: what stands in the right one's is no finding of the left."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.kinds.cells import Cell, cells_of, lines_of
from labeling.rules.kinds.passages import LineKind, Passage, fields_named

_OF: Final = r"(?:\s*[(:-]?\s*(?:findings?|study|function|chamber|side)\)?)?\s*:?"
_RIGHT: Final = re.compile(
    rf"(?:the )?(?:right (?:ventric\w+|heart|side)|rv|rt\.? ?(?:ventric\w+|heart)){_OF}"
)
_LEFT: Final = re.compile(rf"(?:the )?(?:left (?:ventric\w+|heart|side)|lv|lt\.? ?(?:ventric\w+|heart)){_OF}")
_ANY_HEAD: Final = re.compile(r"(?:^|[\n\v|]|[ ]{2})[ *]*(?:the )?(?:right (?:ventric|heart|side)|rv\b|rt\b)")
_OF_THE_LEFT: Final = frozenset(("ef_percent", "rwma"))


def right_columns(text: str) -> list[Passage]:
    """The cells below the right ventricle's head that name an EF or a wall."""
    found: list[Passage] = []
    if not _ANY_HEAD.search(text):
        return found
    right: int | None = None
    for start, end in lines_of(text):
        cells = _cells(text, start, end)
        head = _side_of_the_right(cells)
        if head is not None:
            right = head
        elif not text[start:end].strip():
            right = None
        elif right is not None and len(cells) == 2 and fields_named(cells[right].text) & _OF_THE_LEFT:
            found.append(Passage(cells[right].start, cells[right].end, LineKind.HISTORY, leaves_doubt=False))
    return found


def _cells(text: str, start: int, end: int) -> list[Cell]:
    """The cells of a line that is parted by a bar or by wide gaps; none of another."""
    if not re.search(r"\S\s{3,}\S|\S\s*\|\s*\S", text[start:end]):
        return []
    return [cell for cell in cells_of(text, start, end) if cell.text.strip(" ,;")]


def _side_of_the_right(cells: list[Cell]) -> int | None:
    """Which of two heads is the right ventricle's, where the other is the left one's."""
    if len(cells) != 2:
        return None
    names = [cell.text.strip(" ,;*") for cell in cells]
    for side in (0, 1):
        if _RIGHT.fullmatch(names[side]) and _LEFT.fullmatch(names[1 - side]):
            return side
    return None
