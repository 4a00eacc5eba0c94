"""Cut a normalised report into statements, each with the section it stands in.

A statement is a sentence, a bullet, a numbered line or a table row: the scope in which a negation, a grade or
a number belongs to its noun.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz import fuzz, process

from labeling.rules.lexicon import HEADINGS
from labeling.rules.normalise import canonical_word

SectionName = Literal["conclusion", "findings", "measurements", "history", "previous", "body"]

_SECTION_OF: dict[str, SectionName] = {
    # The text has canonical words by now ("left ventricular:"), so the headings need them too.
    # The keys of HEADINGS are section names.
    " ".join(canonical_word(word) for word in heading.split()): section  # type: ignore[misc]
    for section, headings in HEADINGS.items()
    for heading in headings
}
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]{0,6}"
_INLINE = re.compile(
    r"(?:(?<=^)|(?<=[\n.;*|]))\s*(?:\d{1,2}[.)]\s*)?\b("
    + "|".join(sorted((re.escape(h) for h in _SECTION_OF), key=len, reverse=True))
    + r")\b\s*(?:\([^)\n]{0,30}\)|"
    # "Last echo, March 2020:", "previous study of 12/03/2019:"
    r",?\s*(?:(?:of|from|in|on|dated?)\s+)?(?:\d{1,2}(?:st|nd|rd|th)?[ .-]*)?(?:" + _MONTH + r"[ .,'-]*)?"
    r"(?:\d{1,2}[/.-]){0,2}(?:19|20)\d\d(?:[/.-]\d{1,2}){0,2})?\s*(?::|\s-\s|\n)"
)
_ABBREVIATIONS = (
    "approx", "est", "dr", "mr", "mrs", "vs", "fig", "e.g", "i.e", "max", "min", "resp", "lt", "rt",
    "syst", "diast", "ca", "avg", "ref", "pt", "st", "prof", "calc", "hosp", "reg", "e", "l.v.e", "eject",
    "vent", "v", "a", "p.h", "p.h.t", "p.a.h",
    "r.v.s.p", "p.a.s.p", "l.v.e.f", "p.a", "ej", "ejec", "ej.fr", "frac",
    "pulmonary", "anterior", "inferior",
    "r.w.m.a", "prev", "prv", "pre", "susp", "assoc", "incl", "esp", "ca", "w.r.t",
)  # fmt: skip
# "Pressure is 53 mmHg. and is raised" goes on.
_BREAK = re.compile(
    r"\n|;|(?<=[a-z0-9%)\]])[.!?](?=\s|$)(?! and (?:is|are|was)\b)|\.(?=\s*\d{1,2}[.)]\s)|\s\*\s"
)
_LAST_NUMBER = 14  # of a list of findings
_LIST_NUMBER = re.compile(r"(?:(?<=\s)|^)\d{1,2}[.)]\s+(?=[a-z(])")


@dataclass(frozen=True)
class Statement:
    """One sentence or line: its half-open range in the normalised text, and the section it belongs to."""

    start: int
    end: int
    text: str
    section: SectionName


def split_statements(text: str) -> list[Statement]:
    """Statements of a normalised text in order; headings set the section of what follows them."""
    return list(_statements_of(text))


# Asked again of the text that nothing was blanked in.
@lru_cache(maxsize=4)
def _statements_of(text: str) -> tuple[Statement, ...]:
    sections = _section_marks(text)
    statements: list[Statement] = []
    for start, end in _pieces(text):
        body = text[start:end]
        if body.strip():
            statements.append(Statement(start, end, body, _section_at(start, end, sections)))
    return tuple(statements)


def _pieces(text: str) -> list[tuple[int, int]]:
    cuts = [0]
    for match in _BREAK.finditer(text):
        if match.group() == "." and _is_abbreviation(text, match.start()):
            continue
        cuts.append(match.end())
    for match in _LIST_NUMBER.finditer(text):
        if match.start() == 0 or text[match.start() - 1].isspace():
            if _number_is_listed(text, match):
                cuts.append(match.start())
    cuts.append(len(text))
    ordered = sorted(set(cuts))
    return list(zip(ordered, ordered[1:], strict=False))


def _number_is_listed(text: str, match: re.Match[str]) -> bool:
    """Whether "2. " opens a list item: it follows a sentence or line end, not a noun that wants a number."""
    before = text[: match.start()].rstrip(" ")
    if before.endswith(":") and int(match.group().strip().rstrip(".)")) > _LAST_NUMBER:
        return False  # "EF: 58. No RWMA"
    return not before or before[-1] in ".;:\n*"


def _is_abbreviation(text: str, dot: int) -> bool:
    word = re.search(r"[a-z.]+$", text[max(0, dot - 8) : dot])
    if word is None:
        # A bare list number ("2.") is not a sentence end of its own.
        number = re.search(r"(?:^|\s)(\d{1,2})$", text[max(0, dot - 3) : dot])
        return number is not None and int(number.group(1)) <= _LAST_NUMBER
    return word.group() in _ABBREVIATIONS


_ANY_HEADING = re.compile(
    r"(?:(?<=^)|(?<=[\n.]))\s*([a-z][a-z /&'-]{2,34}|lv|rv|la|ra|av|mv|tv|pv|ao):(?!\d)"
)


# "Study of 07 May 2025:", on a line of its own.
_DATED_HEADING = re.compile(
    r"(?:(?<=^)|(?<=\n))\s*(?P<name>(?:study|echo\w*|tte|scan|exam\w*|report)\s+(?:of|on|dated|"
    r"from)?\s*\d[^\n:]{3,20})"
    r":[ ]*(?=\n)"
)


def _section_marks(text: str) -> list[tuple[int, SectionName]]:
    marks = [(match.start(1), _announced(text, match)) for match in _INLINE.finditer(text)]
    position = 0
    for line in text.split("\n"):
        name = _misspelt_heading(line)
        if name is not None:
            marks.append((position, name))
        position += len(line) + 1
    known = {position for position, _ in marks}
    # A heading we do not know still ends a history or an earlier study.
    marks.extend((m.start(1), "body") for m in _ANY_HEADING.finditer(text) if m.start(1) not in known)
    marks.extend((m.start("name"), "body") for m in _DATED_HEADING.finditer(text))
    return sorted(marks)


# "Comparison: none": the lines below it are of today.
_NOTHING_THERE = re.compile(
    r"[ ]*(?:none|nil|never|not done|not available|unavailable|n/?a|no (?:prior|previous|earlier|old|"
    r"past|comparison)\b"
    r"[^\n:]*|first (?:study|echo\w*|visit)|-+)"
    r"(?: (?:available|known|here|on (?:file|record|system)|for (?:comparison|review)|given|stated|of note))*"
    r"[ .]*(?=\n|$)"
)


def _announced(text: str, heading: re.Match[str]) -> SectionName:
    """The section below a heading: the report's body where its own line says that there is nothing."""
    name = _SECTION_OF[heading.group(1)]
    is_empty = name in ("previous", "history") and _NOTHING_THERE.match(text, heading.end())
    return "body" if is_empty else name


def _misspelt_heading(line: str) -> SectionName | None:
    """The section a short line of its own announces, allowing a letter or two to be wrong."""
    bare = line.strip(" *:-.=|_#")
    if not 5 <= len(bare) <= 32 or any(char.isdigit() for char in bare):
        return None
    found = process.extractOne(bare, _SECTION_OF.keys(), scorer=fuzz.ratio, score_cutoff=88)
    return _SECTION_OF[found[0]] if found else None


_KEPT = ("conclusion", "findings", "measurements")


def _section_at(start: int, end: int, marks: list[tuple[int, SectionName]]) -> SectionName:
    current: SectionName = "body"
    for position, name in marks:
        if position < end and position <= start + 60 and not (name == "body" and current in _KEPT):
            current = name
        if position >= end:
            break
    return current
