"""A stretch of report text that remembers which of its words carry a finding or an identity."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_UNITS = re.compile(r"\bMM ?HG\b|\bCM/S\b|\bM/S\b|\bMM/S\b")


@dataclass(frozen=True)
class Mark:
    """Words worth finding again on the page.

    Attributes:
        tag: a field of the record (`ef_percent`, `lv_function`, `rwma`, `pah`, `rvsp_mmhg`) or `phi:` and a
            kind.
        quote: the words, verbatim within the phrase.
    """

    tag: str
    quote: str


@dataclass(frozen=True)
class Phrase:
    """Text and its marks; every mark's quote is in the text."""

    text: str
    marks: tuple[Mark, ...] = ()

    def __post_init__(self) -> None:
        for mark in self.marks:
            if mark.quote not in self.text:
                raise ValueError(f"the {mark.tag} quote is not in its phrase")

    def change(self, edit: Callable[[str], str]) -> Phrase:
        """The phrase edited; `edit` must do to any part what it does to that part within the whole."""
        return Phrase(edit(self.text), tuple(Mark(mark.tag, edit(mark.quote)) for mark in self.marks))

    def upper(self) -> Phrase:
        """In capitals, units left alone."""
        return self.change(capitals)

    def with_frame(self, before: str = "", after: str = "") -> Phrase:
        """The phrase with plain text around it."""
        return Phrase(f"{before}{self.text}{after}", self.marks)


def capitals(text: str) -> str:
    """Upper case, except for units of pressure and speed."""
    return _UNITS.sub(lambda unit: "mmHg" if "HG" in unit[0] else unit[0].lower(), text.upper())


def join(phrases: Iterable[Phrase], separator: str = " ") -> Phrase:
    """One phrase out of several."""
    parts = list(phrases)
    return Phrase(
        separator.join(part.text for part in parts), tuple(mark for part in parts for mark in part.marks)
    )


def phi(kind: str, value: str) -> Phrase:
    """An identifying text, such as a name or a phone number."""
    return Phrase(value, (Mark(f"phi:{kind}", value),))


def sentence(phrase: Phrase) -> Phrase:
    """With a capital first letter and a full stop."""
    text = phrase.text
    if not text:
        return phrase
    first = text[0].upper()
    marks = tuple(
        Mark(mark.tag, first + mark.quote[1:]) if text.startswith(mark.quote) else mark
        for mark in phrase.marks
    )
    ending = "" if text.endswith((".", "?")) else "."
    return Phrase(first + text[1:] + ending, marks)
