"""Numbers that the first engine lost and the second one read.

Only an EF and a pulmonary pressure, and only where the first engine's own words of that line name the field,
and hold other digits, none, or the same ones in doubt; or where it read nothing at all where the second is
sure of a name and a number. What the rules turned down in words that were read well stays turned down. What
is given back is never green: the first engine's reading stays beside it as an opinion.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from db.fields.names import EF_PRINTED
from db.fields.words import is_unreadable
from db.labels import Findings
from labeling.readers.base import Opinion, Reading
from labeling.readers.struck_out import STRUCK_OUT
from labeling.rules.report import RULES_VERSION
from labeling.trust.grounding import digits_stand, numbers_in, printed_numbers
from labeling.trust.light import SECOND_CHANCE_WARNING
from labeling.trust.printed_names import is_named

if TYPE_CHECKING:
    from db.labels import Evidence
    from labeling.words.read_page import OcrPage, Word

# Which columns come with a number.
_COLUMNS: Final = {
    "ef_percent": ("ef_percent", *EF_PRINTED, "ef_state"),
    "rvsp_mmhg": ("rvsp_mmhg",),
}
# Between the light's red and green.
_CONFIDENCE: Final = 0.6
# How sure the second engine must be: of digits that the first one lost, and of those it saw, too.
_SURE: Final = 0.8
_SURE_OF_THE_SAME: Final = 0.5
# The same of a line that the first one passed over.
_SURE_ALONE: Final = 0.9
# What is this sure, and no single sign, was read.
_READ: Final = 0.5
_WORD: Final = re.compile(r"\w{2}")
# Far likelier a lost digit than a heart.
_LEAST_EF: Final = 10


def with_given_back(
    reading: Reading, second: Reading, first_pages: Sequence[OcrPage]
) -> tuple[Reading, tuple[str, ...]]:
    """The reading with the numbers the second engine gives back, and their fields.

    Args:
        reading: the rules' over the first engine's words.
        second: the rules' over the second engine's.
        first_pages: the first engine's words.
    """
    given = tuple(field for field in _COLUMNS if _is_given(reading, second, field, first_pages))
    if not given:
        return reading, ()
    changes: dict[str, Any] = {
        name: getattr(second.findings, name) for field in given for name in _COLUMNS[field]
    }
    unreadable = {page.number for page in first_pages if page.unreadable_reason}
    warned = [field for field in given if second.evidence[field].page in unreadable]
    before = Opinion("rules", RULES_VERSION, reading.findings, dict(reading.confidence), fields=given)
    changed = replace(
        reading,
        findings=Findings(**{**reading.findings.model_dump(), **changes}),
        evidence={**reading.evidence, **{field: second.evidence[field] for field in given}},
        confidence={**reading.confidence, **dict.fromkeys(given, _CONFIDENCE)},
        checks=tuple(check for check in reading.checks if check.field not in given),
        opinions=(*reading.opinions, before),
        warnings=(*reading.warnings, *(f"{SECOND_CHANCE_WARNING}{field}" for field in warned)),
    )
    return changed, given


def _is_given(reading: Reading, second: Reading, field: str, first_pages: Sequence[OcrPage]) -> bool:
    evidence = second.evidence.get(field)
    if evidence is None or evidence.box is None or _is_struck_out(reading, field):
        return False
    numbers = printed_numbers(second.findings, field, evidence.quote)
    line = _line_at(first_pages, evidence)
    if not numbers or not _is_lost(reading, field, numbers):
        return False
    sure = second.confidence.get(field, 0.0)
    if _is_passed_over(line) and sure >= _SURE_ALONE:
        return True
    line_text = " ".join(word.text for word in line)
    if not is_named(line_text, field):
        return False
    if not digits_stand(numbers, numbers_in(line_text)):
        return sure >= _SURE
    # The same digits, which the first engine alone was too unsure of; else the rules turned them down.
    is_doubted = is_unreadable(reading.findings, field)
    return is_doubted and sure >= _SURE_OF_THE_SAME


def _is_struck_out(reading: Reading, field: str) -> bool:
    return any((check.name, check.field) == (STRUCK_OUT, field) for check in reading.checks)


def _is_lost(reading: Reading, field: str, numbers: Sequence[str]) -> bool:
    """Whether the first engine has no number, or an EF that lacks the last digit of the other's."""
    ours = getattr(reading.findings, field)
    if ours is None:
        return True
    return field == "ef_percent" and ours < _LEAST_EF and numbers[0].startswith(f"{ours:g}")


def _is_passed_over(line: Sequence[Word]) -> bool:
    """Whether the first engine read nothing there that could be a word or a number."""
    return not any(word.confidence >= _READ and _WORD.search(word.text) for word in line)


def _line_at(pages: Sequence[OcrPage], evidence: Evidence) -> list[Word]:
    """The first engine's words at the height of the evidence, from the left."""
    _, top, _, bottom = evidence.box or (0.0, 0.0, 0.0, 0.0)
    return [
        word
        for page in pages
        if page.number == evidence.page
        for word in page.words
        if top <= (word.box[1] + word.box[3]) / 2 <= bottom
    ]
