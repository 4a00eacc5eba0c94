"""A label against the words its draft was read from, and against itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from db.fields.names import FieldName
from db.fields.sameness import Match, compare_field
from db.fields.words import has_value
from db.labels import Check, Findings

# A value within half a point of a number in the quote is that number.
SAME_NUMBER: Final = 0.5
QUOTE_SCORE: Final = 0.1
_QUOTES_KEPT: Final = 4096
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")


def label_checks(label: Findings, quotes: Mapping[str, str]) -> tuple[Check, ...]:
    """The reading's own checks made on the label."""
    from labeling.rules.checks import check_findings

    band = function_band(label.lv_function or quotes.get("lv_function", ""))
    return check_findings(label, function_band=band)


@lru_cache(maxsize=_QUOTES_KEPT)
def function_band(words: str) -> str | None:
    """The band the report's words for LV function name, or None."""
    from labeling.rules.normalise import normalise
    from labeling.rules.sections import split_statements
    from labeling.rules.ventricular_function import find_function_words

    found = find_function_words(split_statements(normalise(words).text)) if words else None
    return found.band if found else None


def quote_checks(label: Findings, quotes: Mapping[str, str]) -> list[Check]:
    """The label against the words the draft was read from."""
    numbers: dict[FieldName, tuple[float | None, ...]] = {
        "ef_percent": (label.ef_percent, label.ef_low, label.ef_high),
        "rvsp_mmhg": (label.rvsp_mmhg,),
    }
    words: tuple[FieldName, ...] = ("rwma", "pah")
    found = [_number_in(name, quotes.get(name, ""), values) for name, values in numbers.items()]
    found += [_words_in(name, label, quotes.get(name, "")) for name in words]
    return [check for check in found if check is not None]


def _number_in(name: FieldName, quote: str, stated: Sequence[float | None]) -> Check | None:
    """Whether the label's number, or an end of its range, is among the quoted numbers."""
    if stated[0] is None or not quote:
        return None
    values = [value for value in stated if value is not None]
    printed = [float(digits.replace(",", ".")) for digits in _NUMBER.findall(quote)]
    printed += [100 * number for number in printed if number <= 1]
    # The midpoint of a printed range counts where the label keeps no bounds.
    printed += [(one + other) / 2 for one, other in zip(printed, printed[1:], strict=False)]
    is_there = any(abs(number - value) <= SAME_NUMBER for number in printed for value in values)
    where = "among" if is_there else "not among"
    reason = f"The label's {values[0]:g} is {where} the numbers of the words it was read from."
    return _check_of_quote("number_in_quote", name, reason, agrees=is_there)


@lru_cache(maxsize=_QUOTES_KEPT)
def _read_quote(quote: str) -> Findings:
    """Reports word the same finding the same way again and again."""
    from labeling.rules.report import read_report_text

    return read_report_text(quote).findings


def _words_in(name: FieldName, label: Findings, quote: str) -> Check | None:
    """The quoted words read by the rules, by themselves; None where they say nothing."""
    if not quote:
        return None
    read = _read_quote(quote)
    if not has_value(read, name):
        return None
    agrees = compare_field(name, label, read).match in (Match.SAME, Match.DETAIL)
    reason = (
        f"The words it was read from {'agree with' if agrees else 'do not say'} "
        f"“{getattr(label, name).value}”."
    )
    return _check_of_quote("words_in_quote", name, reason.replace("_", " "), agrees=agrees)


def _check_of_quote(name: str, field: FieldName, reason: str, *, agrees: bool) -> Check:
    score = 1.0 if agrees else QUOTE_SCORE
    return Check(name=name, field=field, score=score, is_issue=not agrees, reason=reason)
