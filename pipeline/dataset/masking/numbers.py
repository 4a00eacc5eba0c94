"""Numbers that identify somebody: phones, hospital and government numbers, post codes; and addresses of the
net.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.dataset.masking.findings import Certainty, IdentityKind
from pipeline.dataset.masking.letters import DIGIT, as_digits, digits_in

Span = tuple[int, int, IdentityKind, Certainty]

_VERHOEFF_TIMES = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_VERHOEFF_TURNS = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)

_D = DIGIT
_EMAIL = re.compile(r"[\w.+-]+\s?[@©®]\s?[\w-]+(?:\s?\.\s?\w+)+|[A-Za-z][\w.+-]{2,}[@©]\w*", re.IGNORECASE)
_WEB = re.compile(
    r"\b(?:https?|htt?p)\s?:?\s?/{1,2}\S+|\bwww\s?[.,]\s?\S+"
    r"|\b[\w-]{2,}(?:\.[\w-]{2,})*\.(?:com|org|net|edu|info|gov|co\.in|ac\.in|in)\b(?:/\S*)?",
    re.IGNORECASE,
)
_ABHA = re.compile(rf"(?<![\w]){_D}{{2}}([\s\-–]){_D}{{4}}\1{_D}{{4}}\1{_D}{{4}}(?!\w)")
_AADHAAR = re.compile(rf"(?<![\w]){_D}{{4}}([\s\-–]?){_D}{{4}}\1{_D}{{4}}(?!\w)")
_HIDDEN_AADHAAR = re.compile(r"(?<!\w)[Xx*]{4}[\s\-–]?[Xx*]{4}[\s\-–]?\d{4}(?!\w)")
_PAN = re.compile(r"\b[A-Z]{3}[PCHFATBLJG][A-Z]\d{4}[A-Z]\b")
_INTERNATIONAL = re.compile(rf"(?<![\w.])(?:\+|00)\s?{_D}{{1,3}}(?:[\s\-().]{{0,2}}{_D}){{7,13}}(?![\w%])")
# Groups of three or more: four measurements in a row have fewer digits each.
_GROUPED = re.compile(r"(?<![\w.,/+])\(?\d{2,5}\)?(?:[\s\-–]\(?\d{3,8}\)?){1,3}(?![\w%]|[.,]\d)")
_LONG = re.compile(rf"(?<![\w.,]){_D}{{6,20}}(?![\w%]|[.,]\d)")
# Letters and figures in one: SYN-227495, OPD/2021/3345, 00012_hr.
_MIXED = re.compile(r"(?<![\w.])(?=[A-Za-z0-9/_\-–.]*[A-Za-z])[A-Za-z0-9]+(?:[/_\-–][A-Za-z0-9]+)*(?!\w)")
_MEASURED = re.compile(
    r"[<>~=+-]?\d+(?:[./x-]\d+)*[-/]?(?:mm|cm|ml|mg|mcg|kg|kgs|mmhg|ms|msec|hz|bpm|yrs?|years?|min|sec|m|g"
    r"|l|cc|mv|cu|dl|hrs?)"
    r"(?:/(?:m2|min|s|sec|mv|kg|ml|l|dl|kgs|bpm))?\d?",
    re.IGNORECASE,
)
_PIN = re.compile(r"(?<![\w.])[1-9O]\d{2}\s?\d{3}(?![\w%]|[.,]\d)")


def has_verhoeff_digit(number: str) -> bool:
    """Whether the last digit of a number is the check digit of the rest.

    Source: Verhoeff 1969, Error Detecting Decimal Codes; the last digit of an Aadhaar number is one.
    """
    check = 0
    for place, digit in enumerate(reversed(number)):
        check = _VERHOEFF_TIMES[check][_VERHOEFF_TURNS[place % 8][int(digit)]]
    return check == 0


def is_aadhaar(text: str) -> bool:
    """Whether twelve digits can be an Aadhaar number: its check digit is right and it begins above 1."""
    digits = "".join(character for character in as_digits(text) if character.isdigit())
    return len(digits) == 12 and digits[0] not in "01" and has_verhoeff_digit(digits)


# Pattern, kind, how sure, and how many true figures a match has at least and at most.
_FORMS: tuple[tuple[re.Pattern[str], IdentityKind, Certainty, int, int], ...] = (
    (_EMAIL, IdentityKind.EMAIL, Certainty.CERTAIN, 0, 99),
    (_WEB, IdentityKind.EMAIL, Certainty.CERTAIN, 0, 99),
    (_ABHA, IdentityKind.ID, Certainty.CERTAIN, 7, 14),
    (_HIDDEN_AADHAAR, IdentityKind.ID, Certainty.CERTAIN, 4, 4),
    (_PAN, IdentityKind.ID, Certainty.CERTAIN, 4, 4),
    (_INTERNATIONAL, IdentityKind.PHONE, Certainty.CERTAIN, 7, 16),
    (_GROUPED, IdentityKind.PHONE, Certainty.CERTAIN, 8, 15),
    (_LONG, IdentityKind.ID, Certainty.CERTAIN, 5, 20),
)


def number_spans(text: str) -> Iterator[Span]:
    """Character spans of identifying numbers and net addresses in one line of text."""
    for pattern, kind, certainty, least, most in _FORMS:
        for found in pattern.finditer(text):
            if least <= digits_in(found[0]) <= most:
                yield (*found.span(), kind, certainty)
    for found in _AADHAAR.finditer(text):
        if digits_in(found[0]) >= 8:
            yield (
                *found.span(),
                IdentityKind.ID,
                Certainty.CERTAIN if is_aadhaar(found[0]) else Certainty.LIKELY,
            )
    yield from _mixed_spans(text)


def _mixed_spans(text: str) -> Iterator[Span]:
    for found in _MIXED.finditer(text):
        if is_mixed_id(found[0]):
            yield (*found.span(), IdentityKind.ID, Certainty.CERTAIN)


def is_mixed_id(text: str) -> bool:
    """Whether letters and figures together look like a number somebody was given: four figures or more."""
    if digits_in(text) < 4 or not any(character.isalpha() for character in text):
        return False
    return _MEASURED.fullmatch(text) is None


def pin_spans(text: str) -> Iterator[tuple[int, int]]:
    """Spans of what can be an Indian post code; only a place beside it tells."""
    for found in _PIN.finditer(text):
        yield found.span()
