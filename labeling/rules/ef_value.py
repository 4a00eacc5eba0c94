"""Read the number of an ejection fraction: digits, ranges, fractions, changes, other quantities."""

from __future__ import annotations

import re

from db.labels import EF_MAX_PERCENT, EF_MIN_PERCENT
from labeling.rules.ef_patterns import (
    ARROW,
    CHANGE_FROM,
    DATE,
    FILLER,
    NOW,
    OTHER_PERCENT,
    OTHER_UNIT,
    REFERENCE,
    TOPIC_CHANGE,
    VALUE,
)


def skip_reference_notes(text: str, start: int, limit: int) -> int:
    """Pass over "(normal 55-70 %)" printed between label and value."""
    note = re.compile(r"\s*[(\[][^)\]\n]{0,40}(?:normal|ref|range|n\s*[:=>]|nl)[^)\]\n]{0,40}[)\]]").match(
        text, start, limit
    )
    return note.end() if note else start


def number_start(text: str, digit_at: int, floor: int) -> int:
    """Move left over letters the OCR made of digits ("l5", "S5"), never into the label or a word."""
    start = digit_at
    while start > floor and text[start - 1] in "oilsb" and digit_at - start < 2:
        start -= 1
    if start > floor and text[start - 1].isalnum():
        return digit_at
    return start


def operator_start(text: str, number_at: int, floor: int) -> int:
    start = number_at
    while start > floor and text[start - 1] in " =><~":
        start -= 1
    return start


# "Within the normal range at 55-60 %" is said of the patient.
_IN_RANGE = re.compile(r"\b(?:with)?in (?:the )?normal (?:range|limits)\s*(?:at|with|,|of|:|-|\(|$)")


# "EF by biplane (normal >= 55 %) :", "EF normal, N > 55 %", "EF | - | > 55 %": what is normal, and no value.
_ONLY_NORMAL = re.compile(
    r"(?:\(\s*(?:normal|n|nl|ref\w*)\s*[:=]?|[ ,(]n\s*|\|\s*-?\s*\|)\s*[<>]\s*=?\s*(?:[<>]\s*=?\s*)?$"
)
# "Has improved by 10 points to 45 %".
_CHANGED_BY = re.compile(
    r"\b(?:improv|increas|decreas|drop|declin|fell|fall|rose|ris|gain|lost|reduc)\w*\s+by\s*$"
)
_POINTS = re.compile(r"\s*(?:%\s*)?-?points?\b")


def gap_verdict(text: str, gap: str, value: re.Match[str]) -> str:
    """`take` the number, `pass` over it to the next one, or `stop` looking."""
    after = text[value_end(value) : value_end(value) + 34].split("\n")[0]
    unit = text[value_end(value) : value.end() + 34].split("\n")[0]
    words = _IN_RANGE.sub(" ", DATE.sub(" ", re.sub(r"\([^)]*\)", " ", gap)))
    if _is_of_something_else(words, gap + (value.group("op") or ""), after):
        return "stop"
    if _CHANGED_BY.search(words) or _POINTS.match(after):
        return "pass"
    is_plain = FILLER.fullmatch(words) is not None
    if _has_percent(value):
        return "take" if is_plain or len(words.split()) <= 9 else "stop"
    if _is_date_or_id(text, value):
        return "pass"
    is_bare_ef = is_plain and len(words.split()) <= 8 and not OTHER_UNIT.match(unit)
    return "take" if is_bare_ef else "stop"


def _is_of_something_else(words: str, printed: str, after: str) -> bool:
    """Whether a number measures something else, or is what is normal."""
    is_other = TOPIC_CHANGE.search(words) or OTHER_PERCENT.match(after)
    return bool(is_other or REFERENCE.search(words) or _ONLY_NORMAL.search(printed))


def _has_percent(value: re.Match[str]) -> bool:
    """Whether a percent sign is printed; "0.45" can hardly be anything but a fraction of the stroke."""
    return bool(value.group("p1") or value.group("p2") or re.match(r"0[.,]\d", value.group("low")))


def _is_date_or_id(text: str, value: re.Match[str]) -> bool:
    start, end = value.start("low"), value.end("low")
    around = re.split(r"[\n\v]", text[max(0, start - 6) : start])[-1] + text[start : end + 8].split("\n")[0]
    return bool(re.search(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{3,}[/-]|(?:19|20)\d\d", around))


def value_end(value: re.Match[str]) -> int:
    """Where the digits of a value end, or the percent sign behind the last of them."""
    if value.group("p1") and not value.group("high"):
        return value.end("p1")
    last = next((name for name in ("p2", "high") if value.group(name)), "low")
    return value.end(last)


def read_value(value: re.Match[str]) -> tuple[float, float | None, float | None, bool] | None:
    """(percent, low, high, was repaired) of a matched number or range; None where it can't be an EF."""
    first = _to_percent(value.group("low"), bool(value.group("p1")))
    if first is None:
        return None
    low, repaired = first
    if value.group("high"):
        second = _to_percent(value.group("high"), bool(value.group("p2")))
        if second is not None:
            high, repaired_high = second
            if low < high <= 100 and high - low <= 20 and low >= 1:
                middle = (low + high) / 2
                if EF_MIN_PERCENT <= middle <= EF_MAX_PERCENT:
                    return middle, low, high, repaired or repaired_high
                return None
            if high > low:
                return None
    if not EF_MIN_PERCENT <= low <= EF_MAX_PERCENT:
        return None
    return low, None, None, repaired


def _to_percent(digits: str, has_percent: bool) -> tuple[float, bool] | None:
    """Digits as printed -> percent; fractions such as 0.55 become 55; OCR letters and a % read as 9 are
    repaired.
    """
    plain = digits.replace(" ", "").translate(str.maketrans("oilsb", "01158")).replace(",", ".")
    repaired = plain != digits.replace(",", ".")
    try:
        number = float(plain)
    except ValueError:
        return None
    if "." in plain and 0.05 <= number <= 0.9 and not has_percent:
        return round(number * 100, 2), repaired
    if "." not in plain and 100 < number < 1000 and not has_percent and plain[-1] in "096":
        return float(int(number) // 10), True
    return number, repaired


# "Fell from 45-50 % to 30-35 %".
_TO_ANOTHER = re.compile(r"\s*%?\s*to\b[^.;\d\n]{0,30}\d")


def improved_to(text: str, value: re.Match[str], limit: int) -> re.Match[str] | None:
    """For "improved from 30% to 45%" the second value; the pair is two readings, not a range."""
    before = text[max(0, value.start() - 40) : value.start("low")]
    if CHANGE_FROM.search(before):
        if value.group("high") and not _TO_ANOTHER.match(text, value.end()):
            return VALUE.match(text, value.start("high"))
        later = re.compile(r"[^.;\n]{0,60}?\bto\b[^.;\d\n]{0,30}(?=\d)").match(text, value.end(), limit)
        return VALUE.match(text, later.end()) if later else None
    low_end = value.end("p1") if value.group("p1") else value.end("low")
    arrow = ARROW.match(text, low_end)
    if arrow:
        return VALUE.match(text, arrow.end())
    now = NOW.match(text, value.end(), limit)
    return VALUE.match(text, now.end()) if now else None
