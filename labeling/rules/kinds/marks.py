"""Boxes, ticks and crosses as they are printed, and which of them choose."""

from __future__ import annotations

import re
from typing import Final

_TICK_GLYPH: Final = (
    r"[\u2611\u2612\u2713\u2714\u2705\u221a\u25c9\u25a0\u2b1b\U0001f5f9\u2717\u2718\u2715\u2716]"
)
_CROSS: Final = re.compile(r"[\u2612\u2717\u2718\u2715\u2716]")
# Without a box around it a cross may say "not this".
_BARE_CROSS: Final = re.compile(r"[\u2717\u2718\u2715\u2716]")
MARK: Final = re.compile(
    rf"(?P<tick>[\[({{]\s?(?:x|v|\*|{_TICK_GLYPH})\s?[\])}}]|{_TICK_GLYPH}|"
    r"(?P<on_line>(?<!\w)_+[xv]_+(?!\w)))|"
    r"(?P<line>(?<![\w_])_{2,4}(?=\s|$))|"
    r"(?P<empty>\[[\s_.-]*\]|\([\s_]*\)|\{\s*\}|[\u2610\u25a1\u25cb\u25ef\u25a2\u2b1c\u274f\u2751])"
)


def marks_of(text: str, low: int, high: int) -> list[re.Match[str]]:
    """The marks of a group; lines to write on are empty boxes only where one of them has a cross on it."""
    marks = list(MARK.finditer(text, low, high))
    if any(mark.group("on_line") for mark in marks):
        return marks
    return [mark for mark in marks if not mark.group("line")]


def ticked_of(marks: list[re.Match[str]]) -> list[re.Match[str]]:
    """The marks that choose: of ticks and crosses beside each other the ticks, else crosses in boxes."""
    made = [mark for mark in marks if mark.group("tick")]
    ticks = [mark for mark in made if not _CROSS.search(mark.group())]
    return ticks or [mark for mark in made if not _BARE_CROSS.fullmatch(mark.group())]
