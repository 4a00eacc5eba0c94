"""Lists of choices of which one stands out: behind its label, or a choice a line below it.

"PAH: none / <mild> / moderate", and "RWMA", "Present", "-> Absent" below one another. Where none of several
lines stands out, nobody has chosen yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from labeling.rules.kinds.cells import lines_of
from labeling.rules.kinds.passages import LineKind, Passage, fields_named
from labeling.rules.normalise import NormalText
from labeling.rules.parts.paired_rows import Piece, rewritten
from labeling.rules.wall_patterns import WALL

_WORD: Final = (
    r"(?:yes|no|y|n|nil|none|normal|abnormal|present|absent|mild|moderate|severe|trivial|positive|negative|"
    r"mod|sev)"
)
_OPEN: Final = r"(?P<open>\*\*|[*<({\[_]|-+>|=+>|[\u2713\u2714\u221a\u2611\u25a0\u25cf]|x(?=[ ]))"
_GLYPH: Final = r"[\u2713\u2714\u221a\u2611\u25a0\u25cf]|[x*](?![a-z*])"
# A tick behind a word stands close to it, and away from the next one.
_CLOSE: Final = rf"(?P<close>\*\*|[>)}}\]_]|(?:{_GLYPH})(?=[ ]{{2}}|[ ]*(?:$|[/|,;\n\v])))"
_EMPTY: Final = r"(?:[\u2610\u25a1\u25cb\u25ef]|\[ ?\]|\( ?\))"
_CHOICE: Final = re.compile(rf"(?:{_EMPTY}|{_OPEN})?[ ]*(?P<word>{_WORD})(?![a-z0-9.%])(?:[ ]*{_CLOSE})?")
# Without either a line begins no list: two choices in it, or one at the head of the line below.
_TWO_WORDS: Final = re.compile(rf"\b{_WORD}\b[^\n\v]*?\b{_WORD}\b")
_BELOW: Final = re.compile(rf"[^a-z0-9]*(?:x[ ]+)?{_WORD}\b")
_BETWEEN: Final = re.compile(r"[ ]*[/|,;]?[ ]*")
_TICK: Final = re.compile(_GLYPH)
_PAIRS: Final = {"**": "**", "<": ">", "(": ")", "{": "}", "[": "]", "_": "_"}
_LABEL: Final = re.compile(r"[-*# \d.)]*(?P<name>[a-z][a-z ()/%.'-]{1,44}?)[ ]*[:?=-]*[ ]*")
_NO_LABEL: Final = re.compile(rf"(?:.*\b)?{_WORD}\b.*")


# "RWMA  Nil / Ant / Inf / Lat / Sep / Apex", "Wall motion   normal | hypo | a- | dys", with nothing marked.
_WALL_CHOICES: Final = re.compile(
    r"\b(?:rwma|swma|wall[- ]motion(?: abnormality)?)\s*[:=]?\s*"
    r"(?:no|nil|none|absent|not (?:seen|present|detected|noted)|negative|n|-ve|normal|good|preserved|"
    rf"adequate|wnl|intact)(?:(?:\s*/\s*(?:{WALL.pattern}|sept?|post|lat|inf|ant|lv)){{2,}}|"
    r"(?:\s*[/|]\s*(?:hypo|ak|dys|a-|h-|d-|hypok|aneur)(?:kinesia|ysm\w*)?(?![a-z])){2,}[ ]*(?=$|[\n\v]))"
)


@dataclass(frozen=True)
class _Choice:
    """A word to choose, where it stands, and whether it stands out."""

    word: str
    start: int
    end: int
    stands_out: bool


@dataclass(frozen=True)
class _List:
    """A label's choices.

    Attributes:
        label: where the label's name stands.
        end: where the last line of the list ends.
        lines: how many lines hold choices.
    """

    label: tuple[int, int]
    choices: tuple[_Choice, ...]
    end: int
    lines: int


def choices_written_out(normal: NormalText) -> NormalText:
    """The text with every label's one choice that stands out behind it, in place of the list."""
    for one in reversed(list(_lists(normal.text))):
        chosen = [choice for choice in one.choices if choice.stands_out]
        # "nil / (mild) / moderate" in one line may be a remark on the grade.
        is_remark = one.lines == 1 and any(
            normal.text[choice.end : choice.end + 1] == ")" for choice in chosen
        )
        if len(chosen) == 1 and not is_remark:
            normal = rewritten(normal, one.label[0], one.end, _written(normal.text, one.label, chosen[0]))
    return normal


def open_choices(text: str) -> list[Passage]:
    """The lists over several lines in which nothing, or too much, stands out, and those of walls."""
    below = [
        Passage(one.label[0], one.end, LineKind.OPTIONS)
        for one in _lists(text)
        if one.lines > 1 and len(one.choices) > 2 and fields_named(text[slice(*one.label)])
    ]
    return below + [Passage(*one.span(), LineKind.OPTIONS) for one in _WALL_CHOICES.finditer(text)]


def _written(text: str, label: tuple[int, int], chosen: _Choice) -> list[Piece]:
    place = chosen.start, chosen.end
    return [(text[slice(*label)], *label), (": ", *place), (chosen.word, *place), (";", *place)]


def _lists(text: str) -> Iterator[_List]:
    lines = [line for line in lines_of(text) if text[slice(*line)].strip()]
    at = 0
    while at < len(lines):
        found = _list_at(text, lines[at:])
        if found:
            yield found
            at += sum(line[1] <= found.end for line in lines[at:])
        else:
            at += 1


def _list_at(text: str, lines: Sequence[tuple[int, int]]) -> _List | None:
    """The list that begins with a label in the first line; at least two choices, each another word."""
    start, end = lines[0]
    label = _label(text, start, end) if _may_begin(text, lines) else None
    if label is None:
        return None
    beside = _choices_in(text, label.end(), end)
    if beside is None:
        return None
    choices, used = list(beside), 1
    for line in lines[1:]:
        below = _choices_in(text, *line)
        if not below or {one.word for one in below} & {one.word for one in choices}:
            break
        choices += below
        used += 1
    words = {choice.word for choice in choices}
    if len(choices) < 2 or len(words) < len(choices):
        return None
    return _List(label.span("name"), tuple(choices), lines[used - 1][1], used - (not beside))


def _may_begin(text: str, lines: Sequence[tuple[int, int]]) -> bool:
    return _TWO_WORDS.search(text, *lines[0]) is not None or (
        len(lines) > 1 and _BELOW.match(text, *lines[1]) is not None
    )


def _label(text: str, start: int, end: int) -> re.Match[str] | None:
    """The longest label before a line's choices; None where no field is meant or it is an answer itself."""
    first = next((one for one in _CHOICE.finditer(text, start, end) if not _is_in_word(text, one)), None)
    label = _LABEL.fullmatch(text, start, first.start() if first else end)
    return None if label is None or _NO_LABEL.fullmatch(label.group("name")) else label


def _is_in_word(text: str, choice: re.Match[str]) -> bool:
    at = choice.start("word") if choice.group("open") is None else choice.start("open")
    return at > 0 and text[at - 1].isalnum()


def _choices_in(text: str, start: int, end: int) -> list[_Choice] | None:
    """The choices of a stretch that holds nothing else; None where it does."""
    found: list[_Choice] = []
    at = _behind_gap(text, start, end)
    while at < end:
        one = _CHOICE.match(text, at, end)
        if one is None:
            return None
        opening, closing = one.group("open"), one.group("close")
        is_ticked_behind = closing is not None and _TICK.fullmatch(closing) is not None
        stands_out = opening is not None and not is_ticked_behind and _PAIRS.get(opening, closing) == closing
        if opening is None and is_ticked_behind:
            stands_out = True
        if closing and not stands_out:
            return None
        found.append(_Choice(one.group("word"), one.start("word"), one.end("word"), stands_out))
        at = _behind_gap(text, one.end(), end)
    return found


def _behind_gap(text: str, start: int, end: int) -> int:
    gap = _BETWEEN.match(text, start, end)
    return gap.end() if gap else start
