"""How far around a value its words reach: its clause, the clauses beside it, the opening of its sentence,
the sentences before and behind, and the headings over it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from labeling.rules.sections import Statement

Span = tuple[int, int]

_CUT: Final = re.compile(
    r"[,;|](?!\d)|\s-+\s|\s{3,}|\b(?:but|however|while|whereas|although|though|and|with|which|who|where)\b"
)
_OPENING: Final = re.compile(r"[^,:;|]{0,80}[,:]")
_HEAD_LINE: Final = re.compile(r"[ *#=_>-]*(?P<head>[a-z][a-z0-9 /&'(),.+-]{1,60}?)[ *#=_-]*:?[ =_*-]*")
_INLINE_HEAD: Final = re.compile(r"(?:^|(?<=[\n.;]))[ ]*(?P<head>[a-z][a-z /&'()-]{2,44}):(?!\d)")
_SHORT_WORDS: Final = 30
# Above the lines that say who the patient is stands the letterhead, and no heading of a value.
_PATIENT_LINE: Final = re.compile(
    r"[ *|]*(?:patient|name|pt|age|sex|gender|dob|date|id|mrn|uhid|ref\w*|dr|doctor|consultant|hospital|"
    r"address|phone|tel|ward|bed|ip|op|reg)\b[^:\n]{0,25}:"
)
# "Dear Sister Ancilla," opens a letter and heads no values.
_ADDRESS: Final = ("dear", "respected", "to", "attn")
_HEAD_WORDS: Final = 7
_BARE_HEAD_WORDS: Final = 4
_LINES_ABOVE: Final = 25
_LETTERS_ABOVE: Final = 1500


@dataclass(frozen=True)
class Reach:
    """What stands around one value; half-open ranges of the normalised text.

    Attributes:
        statements: the sentences or lines the value was taken from.
        clause: the part of them that holds the value.
        near: the clause and those directly beside it.
        framing: what can frame it: those clauses and the opening of a long sentence, all of a short one.
        neighbours: the statements before and behind.
        headings: the words over it.
        answered: the nearest label over it that has an answer of its own behind it, in its line.
        head: what opens its line where semicolons part the line: "Listing criteria: EF > 40 %; no PAH".
    """

    statements: tuple[Statement, ...]
    clause: Span
    near: Span
    framing: tuple[Span, ...]
    neighbours: tuple[Statement, ...]
    headings: tuple[Span, ...]
    answered: tuple[Span, ...]
    head: Span


def reach_of(text: str, statements: Sequence[Statement], span: Span) -> Reach | None:
    """Everything around a value that can say whose, when or whether; None where no statement holds it."""
    own = [n for n, one in enumerate(statements) if one.start < span[1] and span[0] < one.end]
    if not own:
        return None
    start, end = statements[own[0]].start, statements[own[-1]].end
    clause, near = _clause_in(text, start, end, span)
    opening = _OPENING.match(text, start, clause[0])
    framing: tuple[Span, ...] = (near, opening.span()) if opening else (near,)
    if len(text[start:end].split()) <= _SHORT_WORDS:
        framing = ((start, end),)
    beside = [n for n in (own[0] - 1, own[-1] + 1) if 0 <= n < len(statements)]
    return Reach(
        tuple(statements[n] for n in own),
        clause,
        near,
        framing,
        tuple(statements[n] for n in beside),
        *_headings_over(text, start),
        _head_of_line(text, start),
    )


def _head_of_line(text: str, start: int) -> Span:
    line = text.rfind("\n", 0, start) + 1
    stop = text.find(";", line, start)
    return (line, stop if stop >= 0 else line)


def _clause_in(text: str, start: int, end: int, span: Span) -> tuple[Span, Span]:
    """The clause of a sentence that holds a range, and the same with the clauses beside it."""
    cuts = [cut.span() for cut in _CUT.finditer(text, start, end)]
    before = [start, *(cut[1] for cut in cuts if cut[1] <= span[0])]
    behind = [*(cut[0] for cut in cuts if cut[0] >= span[1]), end]
    return (before[-1], behind[0]), (before[-2:][0], behind[:2][-1])


def _headings_over(text: str, start: int) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The nearest line that is a heading with the nearest heading within a paragraph; and the nearest label
    that is answered in a line of its own.
    """
    found = []
    position = text.rfind("\n", 0, start)
    for _ in range(_LINES_ABOVE):
        if position < 0:
            break
        top = text.rfind("\n", 0, position) + 1
        if _PATIENT_LINE.match(text, top, position):
            break
        head = _HEAD_LINE.fullmatch(text, top, position)
        if head and _is_heading(text[top:position]):
            found.append(head.span("head"))
            break
        position = top - 1
    inline = list(_INLINE_HEAD.finditer(text, max(0, start - _LETTERS_ABOVE), start))
    nearest = tuple(head.span("head") for head in inline[-1:])
    if nearest and _is_answered(text, nearest[0][1], start):
        return tuple(found), nearest
    return (*found, *nearest), ()


def _is_answered(text: str, label_end: int, start: int) -> bool:
    """Whether a label's line ends before the value, with words of its own behind the label."""
    end = text.find("\n", label_end)
    return 0 <= end <= start and re.search(r"\w", text[label_end:end]) is not None


def _is_heading(line: str) -> bool:
    words, bare = line.split(), line.rstrip()
    if re.search(r"\d|%", line) or len(words) > _HEAD_WORDS or words[0] in _ADDRESS:
        return False
    return bare.endswith(":") or len(words) <= _BARE_HEAD_WORDS and bare[-1] not in ".,;"
