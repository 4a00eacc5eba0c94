"""A second chance for pages that can't be read safely: an EF or an RVSP that two readings of it agree on.

Wall motion and pulmonary hypertension are left alone: a word lost turns them into their opposite. What is
found here is never green; it stands beside the piece of the page it was read from, for a person to see.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from db.labels import EfState, Evidence, Findings
from labeling.readers.base import Reading
from labeling.rules.report import read_report_text
from labeling.trust.grounding import printed_numbers
from labeling.trust.light import SECOND_CHANCE_WARNING
from labeling.words import poor_page

if TYPE_CHECKING:
    from labeling.pages.page import Page
    from labeling.words.recognising import Recogniser

# Between the light's red and green.
_CONFIDENCE: Final = 0.6
_LEAST_VIEWS: Final = 2
# What is smaller has lost a digit.
_LEAST_VALUE: Final = 10
# What a field's value stands behind, as printed, and how alike a misread one must be, 0-100.
_ANCHORS: Final = {
    "ef_percent": ("ejection fraction", "lvef", "lv ef"),
    "rvsp_mmhg": (
        "rvsp",
        "pasp",
        "right ventricular systolic pressure",
        "pulmonary artery systolic pressure",
    ),
}
_LEAST_ALIKE: Final = 78.0
_EXACT: Final = {
    "ef_percent": re.compile(r"\be\.?\s?f\b|(?<![a-z])[il1|!]v\s?ef\b", re.IGNORECASE),
    "rvsp_mmhg": re.compile(r"(?!)"),
}
_NUMBER: Final = re.compile(r"\d{2}")
# What a number leaves where its digits are lost: "s0 %", "se percent", "5s mmHg".
_TRACE: Final = re.compile(r"\d|%|\bper\s?cent|mm\s?hg", re.IGNORECASE)


def with_second_chance(
    reading: Reading,
    pages: Sequence[Page],
    unreadable: Sequence[int],
    recogniser: Recogniser | None = None,
) -> Reading:
    """The reading with the values that views of its unreadable pages agree on; the rest stays.

    Args:
        unreadable: numbers of the pages that could not be read.
        recogniser: one taught on such pages; its reading counts as one more, no more than another's.
    """
    found: dict[str, tuple[float, Evidence]] = {}
    for page in pages:
        if page.number in unreadable:
            lines = poor_page.read_lines(
                page, lambda text: bool(_fields_of(text)), runs_on=_runs_on, recogniser=recogniser
            )
            for field, value in _agreed(lines, page.number).items():
                found.setdefault(field, value)
    return _with(reading, found)


def _fields_of(text: str) -> list[str]:
    """The fields that a line names and may have a number for: another view may see its digits."""
    return [field for field in _ANCHORS if is_named(text, field)] if _TRACE.search(text) else []


# How far from its start the next line may have the number, in words.
_WORDS_BETWEEN: Final = 3
_LIST_NUMBER: Final = re.compile(r"^\W{0,2}\d{1,2}[.)]\s")


def _runs_on(line: str, following: str) -> bool:
    """Whether a field's name is broken by the line's end, or its value stands at the start of the next."""
    words, after = line.split(), following.split()
    if not words or not after:
        return False
    if any(_is_broken(words[-1], after[0], field) for field in _ANCHORS):
        return True
    is_open = _TRACE.search(_LIST_NUMBER.sub("", line)) is None and any(
        is_named(line, field) for field in _ANCHORS
    )
    return is_open and _TRACE.search(" ".join(after[:_WORDS_BETWEEN])) is not None


def _is_broken(last: str, first: str, field: str) -> bool:
    """Whether two words, one at each side of a line's end, are nearly the halves of a name of two words."""
    from rapidfuzz import fuzz

    halves = [anchor.split() for anchor in _ANCHORS[field] if anchor.count(" ") == 1 and len(anchor) > 6]
    ends = last.lower().strip(".,:;"), first.lower().strip(".,:;")
    return any(
        all(fuzz.ratio(half, end) >= _LEAST_ALIKE for half, end in zip(pair, ends, strict=True))
        for pair in halves
    )


def is_named(text: str, field: str) -> bool:
    """Whether a line holds the field's name, or nearly; with or without a number."""
    return bool(_anchored(f"{text} 00", field))


def _anchored(text: str, field: str) -> str:
    """The text with what is nearly the field's name spelled right; empty without it, or without a number."""
    from rapidfuzz import fuzz

    if not _NUMBER.search(text):
        return ""
    if _EXACT[field].search(text):
        return text
    best = None
    for anchor in _ANCHORS[field]:
        least = _LEAST_ALIKE if len(anchor) > 6 else 88.0
        place = fuzz.partial_ratio_alignment(anchor, text.lower(), score_cutoff=least)
        if place and place.dest_end > place.dest_start and (best is None or place.score > best[0]):
            best = (place.score, anchor, place.dest_start, place.dest_end)
    if best is None:
        return ""
    _, anchor, start, end = best
    return f"{text[:start]} {anchor} {text[end:]}"


def _agreed(lines: Sequence[poor_page.PoorLine], page: int) -> dict[str, tuple[float, Evidence]]:
    """Field -> the value that at least two views of a line read; none where lines of the page differ."""
    values: dict[str, dict[float, Evidence]] = {field: {} for field in _ANCHORS}
    before: tuple[str, ...] = ()
    for line in lines:
        is_stress, before = _is_of_stress(line.readings, before), line.readings
        if is_stress:
            continue
        for field in {name: None for text in line.readings[: line.leading] for name in _fields_of(text)}:
            value = _agreed_value(line.readings, field)
            if value is not None:
                values[field].setdefault(value, Evidence(quote=line.readings[0], page=page, box=line.box))
    return {field: next(iter(held.items())) for field, held in values.items() if len(held) == 1}


_STRESS: Final = re.compile(
    r"\b(?:stress\w*|exercis\w*|dobut\w*|treadmill|ergomet\w*|peak|recovery|\d+ ?mets)\b", re.IGNORECASE
)
_REST: Final = re.compile(r"\b(?:rest\w*|baseline|at rest)\b", re.IGNORECASE)


def _is_of_stress(readings: Sequence[str], before: Sequence[str]) -> bool:
    """Whether a line, or the one above that it may go on, speaks of a heart under stress: by any reading."""
    from rapidfuzz import fuzz

    if any(_STRESS.search(text) for text in readings):
        return True
    words = [word for text in readings for word in text.lower().split() if len(word) > 6]
    if any(fuzz.ratio(word, "exercise") >= _LEAST_ALIKE for word in words):
        return True
    is_at_rest = any(_REST.search(text) for text in readings)
    return not is_at_rest and any(_STRESS.search(text) for text in before)


def _is_bound(number: str, text: str) -> bool:
    """Whether a number is one end of a range whose other end stands beside it, misread or not."""
    other = r"(?!is\b)[0-9oslizb]{1,3}"  # digits, and what is read for them
    dash = r"\s?(?:[-\u2013\u2014~]|\bto\b)\s?"
    behind = rf"(?<![\w.]){other}\s?%?{dash}{number}(?!\d)"
    ahead = rf"(?<!\d){number}\s?%?{dash}{other}(?![\w])"
    return re.search(rf"{behind}|{ahead}", text.lower()) is not None


def _agreed_value(readings: Sequence[str], field: str) -> float | None:
    """The value that some view reads behind the field's name, if its digits stand in at least two views and
    no other value's stand in as many.
    """
    claims = {
        value: numbers
        for text in readings
        for value, numbers in _claims(text, field)
        # Of a range that only one view sees whole, one end is no value.
        if len(set(numbers)) > 1 or not any(_is_bound(numbers[0], view) for view in readings)
    }
    votes = Counter(
        {value: sum(_stand(numbers, text) for text in readings) for value, numbers in claims.items()}
    )
    (value, most), (_, second) = [*votes.most_common(2), (0.0, 0), (0.0, 0)][:2]
    return value if most >= _LEAST_VIEWS and second < most else None


def _claims(text: str, field: str) -> list[tuple[float, tuple[str, ...]]]:
    """The value the rules read in a line and the numbers it was printed with; none or one."""
    findings = read_report_text(_anchored(text, field)).findings
    value = findings.ef_percent if field == "ef_percent" else findings.rvsp_mmhg
    if value is None or value < _LEAST_VALUE:
        return []
    numbers = printed_numbers(findings, field, text)
    # A dash that was lost leaves two numbers side by side: a range of which one end would be taken.
    is_lone = len(set(numbers)) > 1 or not re.search(rf"{re.escape(numbers[-1])}\W{{1,4}}\d{{2}}(?!\d)", text)
    return [(value, numbers)] if is_lone else []


# The longest that parts the ends of a range: "50 % to 55".
_BETWEEN: Final = r"\D{1,8}"


def _stand(numbers: Sequence[str], text: str) -> bool:
    """Whether a number stands in a line, or both ends of a range beside each other; a percent sign may have
    become one more digit.
    """
    printed = _BETWEEN.join(rf"(?<!\d){re.escape(number)}\d?(?!\d)" for number in numbers)
    return re.search(printed, text) is not None


def _with(reading: Reading, found: dict[str, tuple[float, Evidence]]) -> Reading:
    changes: dict[str, object] = {}
    taken: dict[str, Evidence] = {}
    if "ef_percent" in found and reading.findings.ef_percent is None:
        value, taken["ef_percent"] = found["ef_percent"]
        changes.update(ef_percent=value, ef_operator="=", ef_state=EfState.STATED)
    if "rvsp_mmhg" in found and reading.findings.rvsp_mmhg is None:
        changes["rvsp_mmhg"], taken["rvsp_mmhg"] = found["rvsp_mmhg"]
    if not taken:
        return reading
    return replace(
        reading,
        findings=Findings(**{**reading.findings.model_dump(), **changes}),
        evidence={**reading.evidence, **taken},
        confidence={**reading.confidence, **dict.fromkeys(taken, _CONFIDENCE)},
        warnings=(*reading.warnings, *(f"{SECOND_CHANCE_WARNING}{field}" for field in taken)),
    )
