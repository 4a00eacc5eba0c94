"""Blocks of a form below the day, the state of the heart or the ventricle that they are of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from labeling.rules.kinds.cells import lines_of
from labeling.rules.kinds.passages import LineKind, Passage, fields_named

_HEAD: Final = re.compile(
    r"[-*#= ]*(?:(?P<now>now|today|current|present|at rest|rest|resting|after|post|post[- ]?op\w*|lv|"
    r"left ventricle|left (?:heart|side))|"
    r"(?P<then>then|previous|prior|before|earlier|last|last (?:visit|time|echo|study)|past|baseline|pre|"
    r"pre[- ]?op\w*|"
    r"(?:at )?(?:peak )?(?:stress|exercise)|(?:at )?peak|recovery|rv|right ventricle|right (?:heart|side)))"
    r"[ ]*(?:[:|,;-]+|(?=\n|\v|$))[ *#=|-]*"
)
_OF_THE_LEFT: Final = frozenset(("ef_percent", "rwma"))


def other_blocks(text: str) -> list[Passage]:
    """The lines below (or behind) heads of other days, of stress and of the right ventricle, where the page
    has such a block of today, of rest or of the left ventricle, too: "Then: EF 57 %", "Now: EF 38 %".
    """
    lines = lines_of(text)
    heads = [(number, head) for number, line in enumerate(lines) if (head := _HEAD.match(text, *line))]
    alone = [one for one in heads if not text[one[1].end() : lines[one[0]][1]].strip()]
    beside = [one for one in heads if one not in alone]
    stops = [*(number for number, _ in alone), len(lines)]
    below = [_block(text, lines[at:stop]) for at, stop in zip(stops, stops[1:], strict=False)]
    return [
        *_others([head for _, head in alone], below, text),
        *_others([head for _, head in beside], [lines[number : number + 1] for number, _ in beside], text),
    ]


def _others(
    heads: Sequence[re.Match[str]], blocks: Sequence[Sequence[tuple[int, int]]], text: str
) -> list[Passage]:
    """What stands below the heads that do not count, where just one does and each has a field below it."""
    own = [head for head in heads if head.group("now")]
    has_fields = all(any(fields_named(text[slice(*line)]) for line in block) for block in blocks)
    if len(own) != 1 or len(heads) < 2 or not has_fields:
        return []
    return [
        passage
        for head, block in zip(heads, blocks, strict=True)
        if head.group("then")
        for passage in _not_counted(text, head, block)
    ]


def _block(text: str, lines: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The lines of a block from its head on, to the next blank one behind the first."""
    block = [lines[0]]
    for line in lines[1:]:
        if text[slice(*line)].strip():
            block.append(line)
        elif len(block) > 1:
            break
    return block


def _not_counted(text: str, head: re.Match[str], block: Sequence[tuple[int, int]]) -> list[Passage]:
    is_right = head.group("then").startswith(("rv", "right"))
    return [
        Passage(start, end, LineKind.HISTORY, leaves_doubt=False)
        for start, end in block
        if not is_right or _OF_THE_LEFT & fields_named(text[start:end])
    ]
