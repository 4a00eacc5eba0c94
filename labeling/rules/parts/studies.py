"""Pages that hold several studies, each below a head of its own: only today's is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from labeling.rules.kinds.cells import DATE, lines_of, newest
from labeling.rules.kinds.earlier import other_visits
from labeling.rules.kinds.passages import LineKind, Passage, fields_named

_STUDY: Final = r"(?:report|echo(?:cardiogra\w+)?|study|tte|tee|scan|visit|exam\w*|findings|results?|review)"
_HEAD: Final = re.compile(
    rf"[ *#=_-]*(?:(?:the|today's|current|present|this|latest|new|most recent|previous|prior|old|older|"
    rf"earlier|"
    rf"last|past|first|second|initial|baseline|outside|follow-?up|repeat|"
    rf"2d) ){{0,3}}{_STUDY}\b[^%\n\v]{{0,70}}"
)
_NOW: Final = re.compile(
    r"\b(?:current|present|today(?:'s)?|latest|most recent|this (?:study|admission|visit|echo|report|scan)|"
    r"new|now)"
    r"\b"
)
_THEN: Final = re.compile(
    r"\b(?:old|older|previous|prior|earlier|last|past|outside|brought by|for reference|for comparison|"
    r"archived|"
    r"initial|baseline|before (?:surgery|treatment|chemo\w*)|superseded|historical)\b"
)
# Where the studies end and the report speaks for all of them.
_STOP: Final = re.compile(
    r"[ *#=_-]*(?:opinion|conclusion|impression|comments?|summary|interpretation|advice|plan|recommendation|"
    r"decision|options?|overall|trend|final)s?\b"
)
_RULED: Final = re.compile(r"[ ]*(?:[-=_*#] ?){6,}")
# "2014  CABG, EF 40 %, mild PAH": a line of a timeline.
_YEAR_LINE: Final = re.compile(r"[ *-]*(?:19|20)\d\d\b[ :,-]")


@dataclass(frozen=True)
class _Block:
    """A study: its head, and where its lines end."""

    head: str
    start: int
    end: int


# "Today's report (upper) and the one from 2020 (lower)", with "--- lower ---" over the old one's lines.
_PLACE: Final = r"(?:upper|lower|top|bottom|left|right|first|second|above|below|page \d|sheet \d|[ab12])"
_TODAYS_PLACE: Final = re.compile(
    rf"\b(?:today(?:'s)?|current|present|latest|new)\b[^().\n]{{0,40}}\((?P<place>{_PLACE})\)"
)


def other_study_passages(text: str) -> list[Passage]:
    """The blocks of other days, where a page has several and one is told to be today's."""
    told = _TODAYS_PLACE.search(text)
    if told:
        return _elsewhere(text, told.group("place"))
    blocks = _blocks(text)
    own = _own(blocks)
    if own is None:
        return other_visits(text)
    others = [block for block in blocks if block is not own]
    found = [Passage(block.start, block.end, LineKind.HISTORY, leaves_doubt=False) for block in others]
    return [*found, *_timeline(text, own), *other_visits(text)]


def _elsewhere(text: str, place: str) -> list[Passage]:
    """The blocks below heads of other places than today's."""
    heads = list(re.finditer(rf"(?m)^[ ]*[-=*#_]{{2,}}[ ]*(?P<place>{_PLACE})[ ]*[-=*#_]{{2,}}[ ]*$", text))
    bounds = [*(head.start() for head in heads), len(text)]
    return [
        Passage(head.start(), stop, LineKind.HISTORY, casts_doubt=True)
        for head, stop in zip(heads, bounds[1:], strict=True)
        if head.group("place") != place
    ]


def _blocks(text: str) -> list[_Block]:
    """The heads that say when, each with the lines below it that name a field."""
    lines = lines_of(text)
    heads = [number for number, line in enumerate(lines) if _is_head(text[slice(*line)])]
    found = []
    for at, following in zip_longest(heads, heads[1:]):
        last = at
        for number in range(at + 1, following if following is not None else len(lines)):
            line = text[slice(*lines[number])]
            if _STOP.match(line) or _RULED.match(line) and number > last + 1:
                break
            last = number if line.strip() else last
        block = _Block(text[slice(*lines[at])], lines[at][0], lines[last][1])
        if fields_named(text[lines[at][1] : block.end]):
            found.append(block)
    return found


def _is_head(line: str) -> bool:
    if not _HEAD.fullmatch(line) or fields_named(line) or len(line.split()) > 12:
        return False
    return bool(_NOW.search(line) or _THEN.search(line) or DATE.search(line))


def _own(blocks: list[_Block]) -> _Block | None:
    """The one study that is called today's; else, of studies with heads alike, the one of the newest date."""
    then = [block for block in blocks if _THEN.search(block.head)]
    rest = [block for block in blocks if block not in then]
    now = [block for block in rest if _NOW.search(block.head)]
    if len(now) == 1:
        return now[0]
    return rest[0] if then and len(rest) == 1 else _newest(blocks)


def _newest(blocks: list[_Block]) -> _Block | None:
    dates = [date.group() for block in blocks if (date := DATE.search(block.head))]
    names = {" ".join(re.findall(_STUDY, block.head)) for block in blocks}
    if len(blocks) < 2 or len(names) > 1 or len(dates) < len(blocks):
        return None
    best = newest(dates)
    return None if best is None else blocks[best]


def _timeline(text: str, own: _Block) -> list[Passage]:
    """The lines of other years above and below the study that is called today's."""
    return [
        Passage(start, end, LineKind.HISTORY, leaves_doubt=False)
        for start, end in lines_of(text)
        if not own.start <= start < own.end
        and _YEAR_LINE.match(text, start, end)
        and fields_named(text[start:end])
    ]
