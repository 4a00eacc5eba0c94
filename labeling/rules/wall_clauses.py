"""Scope: which words of a statement belong to a wall-motion term, and whether a negation reaches it."""

from __future__ import annotations

import re

from db.labels import WALLS
from labeling.rules.lexicon import WALL_WORDS
from labeling.rules.wall_assertion import Kind
from labeling.rules.wall_patterns import CLAUSE_CUT, LIST_OF_WALLS, NEGATED_AFTER, NEGATOR, SCOPE_END, WALL


def is_negated(before: str, *, over_commas: bool = True) -> bool:
    """Whether a negation in the words before reaches to their end.

    Without `over_commas` a comma ends its reach unless "or" carries it on: "no PAH, hypokinesia of the apex".
    """
    negators = list(NEGATOR.finditer(before))
    if not negators:
        return False
    last = negators[-1]
    between = before[last.end() :]
    if re.match(r"\s*(?:only|longer|doubt|change|significant change)\b", between):
        return False
    if SCOPE_END.search(re.sub(r"\b(?:evidence|sign|signs) (?:was|is) (?:seen|found) of\b", " ", between)):
        return False
    if "," in between:
        # "No clot, effusion or RWMA" reaches over commas; "No clot, RWMA in the apex" is for the words after
        # it.
        return bool(re.search(r"\b(?:or|nor)\b", between)) or (over_commas and len(between.split()) <= 3)
    return len(between.split()) <= 12


def near(before: str, characters: int) -> str:
    return re.split(r"[;:]|\bbut\b", before)[-1][-characters:]


def clause_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch around a word that belongs to it: cut at semicolons, "but", an EF, and commas between
    topics.
    """
    low = 0
    for cut in CLAUSE_CUT.finditer(text, 0, start):
        low = cut.end()
    high = len(text)
    cut_after = CLAUSE_CUT.search(text, end)
    if cut_after:
        high = cut_after.start()
    low = _comma_before(text, low, start)
    high = _comma_after(text, end, high)
    low = _label_before(text, low, start)
    while low < start and not (text[low].isalnum() or text[low] in "(+"):
        low += 1
    while high > end and text[high - 1] in " ,\n\t(.":
        high -= 1
    return low, high


def _label_before(text: str, low: int, start: int) -> int:
    """For "Apex: akinetic" the wall before the colon belongs to the clause."""
    label = re.search(
        rf"(?:^|[.;,\n])\s*(?P<wall>{WALL.pattern}(?:\s+(?:wall|segment|and|/|{WALL.pattern})"
        rf")*)\s*(?::|-)\s*$",
        text[:low],
    )
    return label.start("wall") if label and not text[low:start].strip(" ").count(":") else low


def _comma_before(text: str, low: int, start: int) -> int:
    for comma in reversed([m.start() for m in re.finditer(",", text[low:start])]):
        if not LIST_OF_WALLS.fullmatch(text[low + comma + 1 : start]):
            break
        inner = text[: low + comma].rsplit(",", 1)[-1]
        if not WALL.search(inner):
            return low + comma + 1
    else:
        return low
    commas = [m.start() for m in re.finditer(",", text[low:start])]
    return low + commas[-1] + 1 if commas else low


def _comma_after(text: str, end: int, high: int) -> int:
    position = end
    while True:
        comma = text.find(",", position, high)
        if comma < 0:
            return high
        following = text.find(",", comma + 1, high)
        piece = text[comma + 1 : following if following >= 0 else high]
        if not LIST_OF_WALLS.fullmatch(piece) or re.search(r"kinesia", piece):
            return comma
        position = comma + 1


def clause_around(text: str, start: int, end: int) -> str:
    low, high = clause_bounds(text, start, end)
    return text[low:high]


def walls_in(clause: str) -> tuple[str, ...]:
    named = {
        wall
        for wall, words in WALL_WORDS.items()
        if any(re.search(rf"\b{re.escape(word)}\b", clause) for word in words)
    }
    for compound, parts in (
        ("anteroseptal", ("septal", "anterior")),
        ("inferoseptal", ("septal", "inferior")),
    ):
        if compound in named and re.search(rf"\b{parts[1]} {parts[0]}\b", clause):
            named -= set(parts)
    return tuple(wall for wall in WALLS if wall in named)


def quote_bounds(text: str, start: int, end: int, kind: Kind) -> tuple[int, int]:
    """Widen a noun to the words that decide it: the negation before, the walls after."""
    if kind == "absent":
        negators = list(NEGATOR.finditer(text, max(0, start - 60), start))
        after = NEGATED_AFTER.match(text[end:])
        return (negators[-1].start() if negators else start), (
            end + after.end() if after and not negators else end
        )
    if kind == "present":
        low, high = clause_bounds(text, start, end)
        return low, high
    return start, end
