"""Walls that share what is said of others: "septum likewise", and those named behind "RWMA: yes."."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from db.labels import RwmaSeverity
from labeling.rules.sections import Statement
from labeling.rules.wall_patterns import KINESIA, LIST_OF_WALLS, WALL
from labeling.rules.wall_scope import walls_in
from labeling.rules.walls.assertion import WallAssertion, asserted
from labeling.rules.walls.other_walls import SOME_WALLS

_ALIKE: Final = re.compile(
    # "Anterior wall hypokinetic, septum likewise", "Inferior: same".
    rf"(?:^|[,;:.]|\band\b)\s*(?P<ahead>{SOME_WALLS})\s*[:=]?\s*(?:is |are )?"
    r"(?:likewise|too|also|as well|ditto|(?:the )?same(?! as normal)|similar(?:ly)?|more so|less so|worse|"
    r"(?P<grade>mild|moderate|severe))"
    r"(?=\s*(?:$|[.,;]| as\b))|"
    # "..., as is the apex", "so is the septum".
    r"\b(?:so (?:is|are)|as (?:is|are)|likewise|same for|same (?:applies|goes|holds) (?:to|for)|"
    rf"similar(?:ly)?)\s+(?P<behind>{SOME_WALLS})(?=\s*(?:$|[.,;]))"
)


def carried_on(statement: Statement, before: Sequence[WallAssertion]) -> Iterator[WallAssertion]:
    """What a statement says of walls by what the one before, or its own beginning, says of others.

    Args:
        before: what was found in the statement, or in the last one where nothing was found in it.
    """
    last = next((one for one in reversed(before) if one.stance != "hedged"), None)
    if last is None or last.stance != "present":
        return
    text = statement.text
    for found in _ALIKE.finditer(text):
        walls = walls_in(found.group("ahead") or found.group("behind"))
        if KINESIA.search(text, 0, found.start()) or not KINESIA.search(text):
            # "Anterior wall mildly hypokinetic, inferior wall severely".
            grade = RwmaSeverity(found.group("grade") or RwmaSeverity.NOT_STATED)
            yield asserted(statement, found.span(), "present", last.certainty, severity=grade, walls=walls)
    if not last.walls and WALL.search(text) and LIST_OF_WALLS.fullmatch(text.strip(" .\n*-")):
        yield asserted(statement, (0, len(text)), "present", last.certainty, walls=walls_in(text))
