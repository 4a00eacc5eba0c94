"""Identities in the printed rows of a picture: by label, by form, by title, by repetition."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pipeline.dataset.masking.dates import date_spans
from pipeline.dataset.masking.findings import Certainty, Finding, IdentityKind
from pipeline.dataset.masking.labels import Label, labels_of
from pipeline.dataset.masking.letters import bare, digits_in
from pipeline.dataset.masking.names import is_name_word, person_findings, place_findings, repeated_findings
from pipeline.dataset.masking.numbers import number_spans, pin_spans
from pipeline.dataset.masking.vocabulary import CLINICAL, SECTION, is_known
from pipeline.dataset.masking.words import Row

# Ages: "57 Y / M", "82/F", "(61 years, F)", "61-year-old". In a picture nothing can be grouped, so all are
# hidden: a 91 that was read as 31 would otherwise go out.
_AGE = re.compile(
    r"(?<![\w.])\d{1,3}\s?-?\s?(?:years?|yrs?|y)\b\.?[\s,/()-]{0,4}(?:old\b|of\s+age|m\b|f\b|male|female|[/"
    r"|]\s?[mf]\b)"
    r"|(?<![\w./])\d{1,3}\s?[/|]\s?(?:m|f|male|female)(?!\w)"
    r"|(?<![\w.])\d{1,3}\s?-?\s?(?:y/?o|year-old|yr-old)\b"
    r"|\b(?:aged?|age\s*[:/])\s*:?\s*\d{1,3}\b(?:\s?(?:years?|yrs?|y)\b)?"
    r"|(?<![\w.])(?:9\d|1[0-2]\d)\s?(?:years?|yrs?)\b",
    re.IGNORECASE,
)
# In prose a value after a label is at most this many words.
_LONGEST_VALUE = 6
_TITLES = ("mr", "mrs", "ms", "dr")
_AGE_WORDS = ("y", "yrs", "years", "m", "f", "male", "female")
_HAS_VALUE_LETTERS = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True)
class KnownValues:
    """What a case's papers are known to say, from a list outside the database; all may be empty.

    Attributes:
        names: of patient, relatives, doctors.
        others: ids, phones, addresses, hospitals, dates as printed.
    """

    names: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """What is known about the picture before its rows are read.

    Attributes:
        names: telling words of names, lower case.
        values: other known values, lower case, letters and figures only.
    """

    names: frozenset[str] = frozenset()
    values: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, known: KnownValues) -> Seen:
        """The words of known values worth looking for: three letters or figures at least."""
        names = {bare(word) for value in known.names for word in value.split()}
        others = {bare(word) for value in known.others for word in re.split(r"[\s,;]+", value)}
        return cls(
            frozenset(name for name in names if len(name) >= 3),
            frozenset(
                value for value in others if len(value) >= 3 and not (value.isalpha() and is_known(value))
            ),
        )


def find_in_row(row: Row, seen: Seen, *, in_band: bool) -> list[Finding]:
    """Every identity in one printed row.

    Args:
        in_band: the row stands where a page names people; labels then need no colon and hide all up to the
            next.
    """
    labels = labels_of(row)
    stops = {label.first for label in labels if label.words[0] != "dr"}
    findings = [*_by_form(row), *_by_label(row, labels, in_band=in_band)]
    findings += [*person_findings(row, stops), *place_findings(row)]
    findings += repeated_findings(row, seen.names)
    findings += _known(row, seen.values)
    return [finding for finding in findings if finding.boxes]


def _by_form(row: Row) -> Iterator[Finding]:
    """What its own form gives away."""
    text = row.text
    for start, end in date_spans(text):
        yield Finding.in_row(IdentityKind.DATE, Certainty.CERTAIN, row, row.between(start, end))
    for start, end, kind, certainty in number_spans(text):
        yield Finding.in_row(kind, certainty, row, row.between(start, end))
    for found in _AGE.finditer(text):
        yield Finding.in_row(IdentityKind.AGE, Certainty.LIKELY, row, row.between(*found.span()))


def _by_label(row: Row, labels: Sequence[Label], *, in_band: bool) -> Iterator[Finding]:
    for number, label in enumerate(labels):
        if label.kind is None:
            continue
        end = labels[number + 1].first if number + 1 < len(labels) else len(row.words)
        if in_band:
            places = list(range(label.last + 1, end))
            certainty = Certainty.LIKELY if label.is_marked else Certainty.POLICY
        elif label.is_marked or label.is_speaking:
            places = list(_value_in_prose(row, label, end))
            certainty = Certainty.LIKELY
        else:
            continue
        if any(character.isalnum() for place in places for character in row.words[place].text):
            yield Finding.in_row(label.kind, certainty, row, places)


def _value_in_prose(row: Row, label: Label, end: int) -> Iterator[int]:
    """The words after a label, as far as they can belong to its value."""
    for place in range(label.last + 1, min(end, label.last + 1 + _LONGEST_VALUE)):
        text = row.words[place].text
        is_first = place == label.last + 1
        if not any(character.isalnum() for character in text):
            yield place
        elif not _belongs(text, label.kind, is_first=is_first):
            return
        else:
            yield place


def _belongs(text: str, kind: IdentityKind | None, *, is_first: bool) -> bool:
    """Whether a word after a label can be part of its value."""
    word = bare(text)
    if word in CLINICAL or word in SECTION:
        return False
    if kind is IdentityKind.NAME:
        is_form_word = is_first and is_known(text) and word.rstrip(".") not in _TITLES
        return is_name_word(text) and not is_form_word
    belongs = _BELONGS.get(kind)
    return belongs is not None and belongs(text)  # dates give themselves away


def _is_long_number(text: str) -> bool:
    return digits_in(text) >= 3


# By the kind of its label: whether a word can be part of a value.
_BELONGS: Final[dict[IdentityKind | None, Callable[[str], bool]]] = {
    IdentityKind.ID: _is_long_number,
    IdentityKind.PHONE: _is_long_number,
    IdentityKind.EMAIL: lambda text: "@" in text or "." in text.strip("."),
    IdentityKind.AGE: lambda text: digits_in(text) > 0 or bare(text) in _AGE_WORDS,
    IdentityKind.PLACE: lambda text: not (text[:1].islower() and is_known(text)),
}


def _known(row: Row, values: frozenset[str]) -> Iterator[Finding]:
    """Known values, whole words."""
    for place, word in enumerate(row.words):
        plain = bare(word.text)
        if plain in values or any(len(value) >= 6 and value in plain for value in values):
            yield Finding.in_row(IdentityKind.ID, Certainty.CERTAIN, row, [place])


def post_codes(rows: Sequence[Row]) -> Iterator[Finding]:
    """Post codes on rows that hold an address; elsewhere six figures are a number like any other."""
    for row in rows:
        if any(finding.kind is IdentityKind.PLACE for finding in place_findings(row)):
            for start, end in pin_spans(row.text):
                yield Finding.in_row(IdentityKind.PLACE, Certainty.LIKELY, row, row.between(start, end))


def has_letters(text: str) -> bool:
    """Whether a word has two letters side by side."""
    return bool(_HAS_VALUE_LETTERS.search(text))
