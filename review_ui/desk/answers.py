"""What a person typed or chose, turned into a label record. The vocabulary and its limits are `db.labels`.

The page has the same small grammar in `assets/values.js` for the preview while typing; a browser test holds
the two together. This one decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from db.fields.details import no_ef, with_answers
from db.fields.names import ANSWERS_ON_CARD, ByColumn
from db.labels import (
    EF_MAX_PERCENT,
    EF_MIN_PERCENT,
    RVSP_MAX_MMHG,
    RVSP_MIN_MMHG,
    WALLS,
    EfOperator,
    EfState,
    Findings,
    Pah,
    Rwma,
    RwmaSeverity,
)
from review_ui import text

# Spelled out, because "white space" is not the same set in every language that reads this.
_BLANKS = " \t\u00a0"
_GAP = f"[{_BLANKS}]*"
_NUMBER = rf"([0-9]{{1,3}}(?:[.,][0-9]{{1,2}})?){_GAP}%?"
_TYPED = re.compile(
    rf"{_GAP}(>=|<=|[<>~=≥≤≈\u02dc\u223c])?{_GAP}{_NUMBER}{_GAP}(?:(?:-|–|—|to){_GAP}{_NUMBER})?{_GAP}"
)
_OPERATORS = {
    None: EfOperator.EQUAL,
    "=": EfOperator.EQUAL,
    ">": EfOperator.ABOVE,
    ">=": EfOperator.ABOVE,
    "≥": EfOperator.ABOVE,
    "<": EfOperator.BELOW,
    "<=": EfOperator.BELOW,
    "≤": EfOperator.BELOW,
    "~": EfOperator.ABOUT,
    "≈": EfOperator.ABOUT,
    # What some keyboards make of a waiting ~.
    "\u02dc": EfOperator.ABOUT,
    "\u223c": EfOperator.ABOUT,
}
_MAX_TYPED = 40
# The naughts of the digits of other scripts, each followed by its 1 to 9; the same list as in values.js.
_NAUGHTS = "\u0660\u06f0\u07c0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0e50\uff10"
_PLAIN = {ord(zero) + digit: str(digit) for zero in _NAUGHTS for digit in range(10)} | {0x066B: "."}

Choice = TypeVar("Choice", bound=StrEnum)


class NotStorable(Exception):
    """An answer that cannot be stored as it stands; `sentence` says calmly why, `field` names its card."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


@dataclass(frozen=True)
class TypedNumber:
    """One typed number or range.

    Attributes:
        value: the number, or the midpoint of the range.
        low, high: the bounds of a range, else null.
        operator: how it was written.
    """

    value: float
    low: float | None
    high: float | None
    operator: EfOperator


def number_words(value: float) -> str:
    """A number as a person writes it: 55, 37.5."""
    return f"{value:g}"


def parse_ef(typed: str) -> TypedNumber:
    """Read a typed ejection fraction, percent.

    Raises:
        NotStorable: where it is no number, out of range, or ambiguous.
    """
    number = _parse_number(typed)
    if number is None:
        raise NotStorable("ef", text.EF_NOT_A_NUMBER)
    if number.low is not None and number.high is not None:
        if number.operator in (EfOperator.ABOVE, EfOperator.BELOW):
            raise NotStorable("ef", text.EF_RANGE_WITH_SIGN)
        if number.low > number.high:
            raise NotStorable("ef", text.EF_ORDER)
    largest = number.value if number.high is None else number.high
    if 0 < largest < 1:
        percent = number_words(round(number.value * 100, 1))
        raise NotStorable("ef", text.EF_AS_FRACTION.format(percent=percent, typed=typed.strip(_BLANKS)))
    if not EF_MIN_PERCENT <= number.value <= EF_MAX_PERCENT or largest > 100:
        low, high = number_words(EF_MIN_PERCENT), number_words(EF_MAX_PERCENT)
        raise NotStorable("ef", text.EF_OUT_OF_RANGE.format(low=low, high=high, typed=typed.strip(_BLANKS)))
    return number


def parse_rvsp(typed: str) -> float | None:
    """Read a typed pressure, mmHg; a range gives its midpoint, an empty text none.

    Raises:
        NotStorable: where it is no plain number or out of range.
    """
    if not typed.strip(_BLANKS):
        return None
    number = _parse_number(typed)
    if number is None or number.operator is not EfOperator.EQUAL:
        raise NotStorable("pah", text.RVSP_NOT_A_NUMBER)
    if number.low is not None and number.high is not None and number.low > number.high:
        raise NotStorable("pah", text.EF_ORDER)
    if not RVSP_MIN_MMHG <= number.value <= RVSP_MAX_MMHG:
        low, high = number_words(RVSP_MIN_MMHG), number_words(RVSP_MAX_MMHG)
        raise NotStorable(
            "pah", text.RVSP_OUT_OF_RANGE.format(low=low, high=high, typed=typed.strip(_BLANKS))
        )
    return number.value


def apply_answers(base: Findings, answers: Mapping[str, Any]) -> Findings:
    """The record after a person's answers; a field without an answer keeps what `base` says.

    Args:
        base: the record that was shown: the draft, or the person's own earlier decision.
        answers: from the browser, so anything may be in it. `ef` is `{"text": ...}` or `{"state": ...}`;
            `rwma`, `rwma_severity` and `pah` are values of the vocabulary, `rwma_walls` is a list of them;
            `rvsp` is `{"text": ...}`.

    Raises:
        NotStorable: where an answer cannot be stored.
    """
    given: dict[str, Any] = {}
    if "ef" in answers:
        given |= _ef_columns(answers["ef"])
    if not answers.keys().isdisjoint(ANSWERS_ON_CARD["rwma"]):
        given |= _rwma_columns(base, answers)
    if "pah" in answers:
        given["pah"] = _one_of(Pah, answers["pah"], "pah")
    if "rvsp" in answers:
        given["rvsp_mmhg"] = parse_rvsp(_typed_text(answers["rvsp"], "pah"))
    return with_answers(base, given)


def _parse_number(typed: str) -> TypedNumber | None:
    match = _TYPED.fullmatch(typed.translate(_PLAIN)) if len(typed) <= _MAX_TYPED else None
    if match is None:
        return None
    sign, first, second = match.groups()
    low = float(first.replace(",", "."))
    if second is None:
        return TypedNumber(low, None, None, _OPERATORS[sign])
    high = float(second.replace(",", "."))
    return TypedNumber((low + high) / 2, low, high, _OPERATORS[sign])


def _ef_columns(answer: Any) -> ByColumn:
    if isinstance(answer, Mapping) and "state" in answer:
        state = _one_of(EfState, answer["state"], "ef")
        if state is EfState.STATED:
            raise NotStorable("ef", text.EF_NOT_A_NUMBER)
        return no_ef(state)
    number = parse_ef(_typed_text(answer, "ef"))
    return ByColumn(
        ef_percent=number.value,
        ef_low=number.low,
        ef_high=number.high,
        ef_operator=number.operator,
        ef_state=EfState.STATED,
    )


def _rwma_columns(base: Findings, answers: Mapping[str, Any]) -> ByColumn:
    rwma = _one_of(Rwma, answers.get("rwma", base.rwma), "rwma")
    if rwma is Rwma.ABSENT:
        return ByColumn(rwma=rwma, rwma_severity=RwmaSeverity.NONE)
    if rwma is not Rwma.PRESENT:
        return ByColumn(rwma=rwma, rwma_severity=RwmaSeverity.NOT_STATED)
    kept = base.rwma_severity if base.rwma is Rwma.PRESENT else RwmaSeverity.NOT_STATED
    severity = _one_of(RwmaSeverity, answers.get("rwma_severity", kept), "rwma")
    if severity is RwmaSeverity.NONE:
        raise NotStorable("rwma", text.NOT_AN_ANSWER)
    found = ByColumn(rwma=rwma, rwma_severity=severity)
    if "rwma_walls" in answers:
        found["rwma_walls"] = _walls(answers["rwma_walls"])
    return found


def _walls(answer: Any) -> tuple[str, ...]:
    """Walls in the order of the vocabulary, each once."""
    if not isinstance(answer, list) or not all(isinstance(wall, str) and wall in WALLS for wall in answer):
        raise NotStorable("rwma", text.NOT_AN_ANSWER)
    return tuple(wall for wall in WALLS if wall in answer)


def _typed_text(answer: Any, field: str) -> str:
    typed = answer.get("text") if isinstance(answer, Mapping) else None
    if not isinstance(typed, str):
        raise NotStorable(field, text.NOT_AN_ANSWER)
    return typed


def _one_of(choices: type[Choice], answer: Any, field: str) -> Choice:
    try:
        return choices(answer)
    except ValueError:
        raise NotStorable(field, text.NOT_AN_ANSWER) from None
