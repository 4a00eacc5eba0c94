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
from labeling.rules.ef_patterns import OTHER_ORGAN, SAYS_HEART
from labeling.rules.report import read_report_text
from labeling.trust.grounding import printed_numbers
from labeling.trust.light import SECOND_CHANCE_WARNING
from labeling.trust.printed_names import LEAST_ALIKE, NAMES, find_name, is_named, with_name
from labeling.trust.weighed_number import is_bound, text_with, weigh
from labeling.words.poor import poor_page

if TYPE_CHECKING:
    from labeling.pages.page import Page
    from labeling.words.poor.seen_line import SeenLine
    from labeling.words.recognising import Recogniser

# Raise it whenever the same page would give other values.
VERSION: Final = "2"
# Between the light's red and green.
_CONFIDENCE: Final = 0.6
_LEAST_VIEWS: Final = 2
_LEAST_SHARE: Final = 0.25
# What is smaller has lost a digit.
_LEAST_VALUE: Final = 10
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


# How far from its start the next line may have the number, in words.
_WORDS_BETWEEN: Final = 3


def _fields_of(text: str) -> list[str]:
    """The fields that a line names; another view may see the number."""
    return [field for field in NAMES if is_named(text, field)]


def _runs_on(line: str, following: str) -> bool:
    """Whether a field's name is broken by the line's end, or its value stands at the start of the next."""
    words, after = line.split(), following.split()
    if not words or not after:
        return False
    if any(_is_broken(words[-1], after[0], field) for field in NAMES):
        return True
    behind = [line[named.end :] for field in NAMES if (named := find_name(line, field))]
    if not behind or any(_TRACE.search(rest) for rest in behind):
        return False
    ends_with_name = any(len(rest.split()) < _WORDS_BETWEEN for rest in behind)
    return ends_with_name or _TRACE.search(" ".join(after[:_WORDS_BETWEEN])) is not None


def _is_broken(last: str, first: str, field: str) -> bool:
    """Whether two words, one at each side of a line's end, are nearly the halves of a name of two words."""
    from rapidfuzz import fuzz

    halves = [anchor.split() for anchor in NAMES[field] if anchor.count(" ") == 1 and len(anchor) > 6]
    ends = last.lower().strip(".,:;"), first.lower().strip(".,:;")
    return any(
        all(fuzz.ratio(half, end) >= LEAST_ALIKE for half, end in zip(pair, ends, strict=True))
        for pair in halves
    )


def _agreed(lines: Sequence[poor_page.PoorLine], page: int) -> dict[str, tuple[float, Evidence]]:
    """Field -> the value that at least two views of a line read; none where lines of the page differ."""
    values: dict[str, dict[float, Evidence]] = {field: {} for field in NAMES}
    before: tuple[str, ...] = ()
    is_elsewhere = False
    for line in lines:
        is_stress, before = _is_of_stress(line.readings, before), line.readings
        is_elsewhere = _is_of_another_organ(line.readings, is_elsewhere)
        if is_stress or is_elsewhere:
            continue
        for field in {name: None for text in line.readings[: line.leading] for name in _fields_of(text)}:
            value = _value(line, field)
            if value is not None:
                values[field].setdefault(value, Evidence(quote=line.readings[0], page=page, box=line.box))
    return {field: next(iter(held.items())) for field, held in values.items() if len(held) == 1}


def _is_of_another_organ(readings: Sequence[str], was_so: bool) -> bool:
    """Whether the page last spoke of a gallbladder or the like, which has an ejection fraction, too."""
    from rapidfuzz import fuzz

    texts = [text.lower() for text in readings]
    if any(SAYS_HEART.search(text) for text in texts):
        return False
    words = {word for text in texts for word in text.split() if len(word) > 6}
    is_gallbladder = any(fuzz.ratio(word, "gallbladder") >= LEAST_ALIKE for word in words)
    return was_so or is_gallbladder or any(OTHER_ORGAN.search(text) for text in texts)


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
    if any(fuzz.ratio(word, "exercise") >= LEAST_ALIKE for word in words):
        return True
    is_at_rest = any(_REST.search(text) for text in readings)
    return not is_at_rest and any(_STRESS.search(text) for text in before)


def _value(line: poor_page.PoorLine, field: str) -> float | None:
    """What the views' chances say together; where they say nothing, what two views read, unless the chances
    speak against it.
    """
    weighed = weigh(line.seen, field)
    if weighed is not None and weighed.is_sure and _is_accepted(line.seen, weighed.value, field):
        return float(weighed.value)
    if line.seen and weighed is None:
        return None
    value, numbers = _agreed_value(line.readings, field)
    is_doubted = weighed is not None and value is not None and weighed.doubts(value, is_range=numbers > 1)
    return None if is_doubted else value


def _is_accepted(views: Sequence[SeenLine], value: int, field: str) -> bool:
    """Whether the rules take the number from at least two views, if it stands in its word's place there."""
    texts = [text for view in views if (text := text_with(view, value, field))]
    accepted = sum(any(number == value for number, _ in _claims(text, field)) for text in texts)
    return accepted >= _LEAST_VIEWS


def _agreed_value(readings: Sequence[str], field: str) -> tuple[float | None, int]:
    """The value that some view reads behind the field's name, if its digits stand in at least two views and
    no other value's stand in as many; and how many numbers it was printed with.
    """
    claims = {
        value: numbers
        for text in readings
        for value, numbers in _claims(text, field)
        # Of a range that only one view sees whole, one end is no value.
        if len(set(numbers)) > 1 or not any(is_bound(numbers[0], view) for view in readings)
    }
    votes = Counter(
        {value: sum(_stand(numbers, text) for text in readings) for value, numbers in claims.items()}
    )
    (value, most), (_, second) = [*votes.most_common(2), (0.0, 0), (0.0, 0)][:2]
    if most < max(_LEAST_VIEWS, _LEAST_SHARE * len(readings)) or second >= most:
        return None, 0
    return value, len(set(claims[value]))


def _claims(text: str, field: str) -> list[tuple[float, tuple[str, ...]]]:
    """The value the rules read in a line and the numbers it was printed with; none or one."""
    findings = read_report_text(with_name(text, field)).findings
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
