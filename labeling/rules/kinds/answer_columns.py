"""Marks below heads like "YES  NO": the answer is the head that a row's mark stands under."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.kinds.cells import lines_of
from labeling.rules.kinds.codes import written
from labeling.rules.kinds.marks import MARK, ticked_of
from labeling.rules.kinds.passages import FIELD_WORDS, fields_named
from labeling.rules.normalise import NormalText

_HEAD: Final = re.compile(
    r"(?<!\w)(?:yes|no|normal|abnormal|present|absent|nil|none|mild|moderate|severe)(?!\w)"
)
_BARE_MARK: Final = re.compile(r"(?<!\S)[x*+](?!\S)")
_PRESSURE: Final = re.compile(r"\b(?:pa|pulmonary(?: artery)?) pressure")


def marks_written_out(normal: NormalText) -> NormalText:
    """The text with every mark below such heads written as ": answer;" behind its row's label."""
    heads: list[tuple[int, int, str]] = []
    found: list[tuple[int, int, str]] = []
    for start, end in lines_of(normal.text):
        line = normal.text[start:end]
        named = _heads(normal, start, end)
        if named:
            heads = named
        elif not line.strip():
            heads = []
        elif heads and (fields_named(line) or _PRESSURE.search(line)):
            found.extend(_answer(normal, start, end, heads))
    for start, end, answer in reversed(found):
        normal = written(normal, start, end, f": {answer};")
    return normal


def _heads(normal: NormalText, start: int, end: int) -> list[tuple[int, int, str]]:
    """(first, last column on the page, word) of a line that has nothing but answers, set apart."""
    line = normal.text[start:end]
    rest = re.sub(
        r"[(\[][^)\]]*[)\]]|\b(?:item|question|parameter|finding|s\.?no)s?\b", " ", _HEAD.sub(" ", line)
    )
    heads = list(_HEAD.finditer(line))
    if len(heads) < 2 or rest.strip(" |") or not re.search(r"\w\s{2,}\w|\|", line):
        return []
    return [(*_columns(normal, start + one.start(), start + one.end()), one.group()) for one in heads]


def _columns(normal: NormalText, start: int, end: int) -> tuple[int, int]:
    """Where a stretch stands in its line as it was printed."""
    left = normal.original.rfind("\n", 0, normal.starts[start]) + 1
    return normal.starts[start] - left, normal.ends[end - 1] - left


def _answer(
    normal: NormalText, start: int, end: int, heads: list[tuple[int, int, str]]
) -> list[tuple[int, int, str]]:
    """(from, to, answer) of the one mark of a row; nothing where it has several, or stands under no head."""
    line = normal.text[start:end]
    marks = list(MARK.finditer(line))
    ticked = ticked_of(marks) or list(_BARE_MARK.finditer(line))
    if len(ticked) != 1:
        return []
    mark = ticked[0]
    if len(marks) == len(heads):
        answer = heads[marks.index(mark)][2]
    else:
        at = sum(_columns(normal, start + mark.start(), start + mark.end())) / 2
        near = [word for low, high, word in heads if low - 2 <= at <= high + 2]
        if len(near) != 1:
            return []
        answer = near[0]
    first = min(one.start() for one in (*marks, mark))
    last = max(one.end() for one in (*marks, mark))
    label = len(line[:first].rstrip())
    named = [one.end() for words in FIELD_WORDS.values() for one in words.finditer(line, 0, label)]
    # "PAH on echo": what stands behind the name is no part of the answer.
    return [(start + max(named, default=label), start + last, answer)]
