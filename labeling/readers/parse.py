"""From what a language model printed to values: strict, what does not fit gets a name and is never mended
silently.

A grammar guarantees the form of an answer where there is one; a remote server or a model without xgrammar may
print anything at all, so nothing here trusts that it did not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from db.fields.names import ByColumn
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
from labeling.readers.answer_schema import (
    CLOSED_KEYS,
    EF_NUMBER,
    QUOTE_KEYS,
    QUOTE_MAX_CHARACTERS,
    RVSP_NUMBER,
    answer_schema,
    number_pattern,
)

_KEYS = tuple(answer_schema()["properties"])
_TEXT_KEYS = (*QUOTE_KEYS.values(), "lv_function")


class AnswerError(ValueError):
    """The answer is not of the agreed form. `code` is stable; the message never holds report text."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class ParsedAnswer:
    """An answer of the agreed form.

    Attributes:
        findings: the values; a null in a closed field is `unreadable`: the model could not tell.
        quotes: record field -> the words it claims to have read, whitespace runs as one space.
        printed: `ef_percent` and `rvsp_mmhg` -> the number as it was printed, such as `50-55`.
        problems: names of what did not agree within the answer, with the field: `ef_percent: range_order`.
            Values a problem touches are left out (unreadable), so each of these sends its field to a person.
    """

    findings: Findings
    quotes: Mapping[str, str] = field(default_factory=dict)
    printed: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[tuple[str, str], ...] = ()


def parse_answer(raw_text: str) -> ParsedAnswer:
    """Read one answer.

    Args:
        raw_text: exactly one JSON object of `answer_schema()`, blanks around it allowed.

    Raises:
        AnswerError: it is not one JSON object, lacks a key, has another one, or a value outside the schema.
    """
    answer = _object_of(raw_text)
    _check_form(answer)
    problems: list[tuple[str, str]] = []
    ef = _ef(answer, problems)
    walls = _walls(answer, problems)
    findings = Findings(
        **ef,
        lv_function=_text(answer["lv_function"]),
        **walls,
        pah=_choice(Pah, answer["pah"], Pah.UNREADABLE),
        rvsp_mmhg=_rvsp(answer, problems),
    )
    quotes = {name: text for name, key in QUOTE_KEYS.items() if (text := _text(answer[key]))}
    printed = {
        name: str(answer[key])
        for name, key in (("ef_percent", "ef"), ("rvsp_mmhg", "rvsp"))
        if answer[key] is not None
    }
    return ParsedAnswer(findings, quotes, printed, tuple(problems))


def _object_of(raw_text: str) -> dict[str, Any]:
    try:
        answer = json.loads(raw_text, object_pairs_hook=_without_repeats)
    except ValueError as error:
        code = error.code if isinstance(error, AnswerError) else "not_json"
        raise AnswerError(code) from None
    if not isinstance(answer, dict):
        raise AnswerError("not_an_object")
    return answer


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    answer = dict(pairs)
    if len(answer) != len(pairs):
        raise AnswerError("key_twice")
    return answer


def _check_form(answer: Mapping[str, Any]) -> None:
    if set(answer) - set(_KEYS):
        raise AnswerError("unknown_key")
    for key in _KEYS:
        if key not in answer:
            raise AnswerError(f"missing_{key}")
        if answer[key] is not None and not _is_of_form(key, answer[key]):
            raise AnswerError(f"bad_{key}")


def _is_of_form(key: str, value: Any) -> bool:
    if key == "rwma_walls":
        return isinstance(value, list) and len(value) <= len(WALLS) and all(wall in WALLS for wall in value)
    if not isinstance(value, str):
        return False
    if key in CLOSED_KEYS:
        return value in CLOSED_KEYS[key]
    if key in _TEXT_KEYS:
        return len(value) <= QUOTE_MAX_CHARACTERS
    return re.fullmatch(number_pattern(EF_NUMBER if key == "ef" else RVSP_NUMBER), value) is not None


def _text(value: str | None) -> str | None:
    return (" ".join(value.split()) or None) if value is not None else None


def _choice(kind: Any, value: str | None, missing: Any) -> Any:
    return kind(value) if value is not None else missing


def _numbers(printed: str, low: float, high: float) -> tuple[float, float] | None:
    """Both ends of a printed number or range; None when it runs backwards or leaves the limits."""
    ends = [float(part) for part in printed.split("-")]
    first, last = ends[0], ends[-1]
    return (first, last) if low <= first <= last <= high else None


def _ef(answer: Mapping[str, Any], problems: list[tuple[str, str]]) -> Mapping[str, Any]:
    state = _choice(EfState, answer["ef_state"], None)
    printed, operator = answer["ef"], answer["ef_operator"]
    unreadable = {"ef_state": EfState.UNREADABLE}
    if printed is None:
        if state is EfState.STATED:
            problems.append(("ef_percent", "stated_without_number"))
        return {"ef_state": state} if state not in (None, EfState.STATED) else unreadable
    if state in (EfState.NOT_STATED, EfState.UNREADABLE):
        problems.append(("ef_percent", "number_though_not_stated"))
        return unreadable
    ends = _numbers(printed, EF_MIN_PERCENT, EF_MAX_PERCENT)
    if ends is None:
        problems.append(("ef_percent", "range_order"))
        return unreadable
    is_range = "-" in printed
    return ByColumn(
        ef_percent=(ends[0] + ends[1]) / 2,
        ef_low=ends[0] if is_range else None,
        ef_high=ends[1] if is_range else None,
        ef_operator=_choice(EfOperator, operator, EfOperator.EQUAL),
        ef_state=EfState.STATED,
    )


def _walls(answer: Mapping[str, Any], problems: list[tuple[str, str]]) -> Mapping[str, Any]:
    rwma = _choice(Rwma, answer["rwma"], Rwma.UNREADABLE)
    severity = _choice(RwmaSeverity, answer["rwma_severity"], RwmaSeverity.NOT_STATED)
    walls = tuple(dict.fromkeys(answer["rwma_walls"] or ()))
    graded = severity not in (RwmaSeverity.NONE, RwmaSeverity.NOT_STATED)
    if rwma is Rwma.ABSENT:
        if graded or walls:
            problems.append(("rwma", "absent_with_grade_or_wall"))
            return {"rwma": Rwma.UNREADABLE}
        return {"rwma": rwma, "rwma_severity": RwmaSeverity.NONE}
    if rwma is Rwma.PRESENT:
        if severity is RwmaSeverity.NONE:
            problems.append(("rwma", "present_with_grade_none"))
            return {"rwma": Rwma.UNREADABLE}
        return ByColumn(rwma=rwma, rwma_severity=severity, rwma_walls=walls)
    if graded or walls:
        problems.append(("rwma", "grade_or_wall_though_not_stated"))
        return {"rwma": Rwma.UNREADABLE}
    return {"rwma": rwma}


def _rvsp(answer: Mapping[str, Any], problems: list[tuple[str, str]]) -> float | None:
    if answer["rvsp"] is None:
        return None
    ends = _numbers(answer["rvsp"], RVSP_MIN_MMHG, RVSP_MAX_MMHG)
    if ends is None:
        problems.append(("rvsp_mmhg", "range_order"))
        return None
    return (ends[0] + ends[1]) / 2


def answer_text(
    findings: Findings, quotes: Mapping[str, str], printed: Mapping[str, str] | None = None
) -> str:
    """The answer a perfect reader would print for a record: what fine-tuning teaches and tests compare with.

    Args:
        quotes: record field -> words; cut to the schema's length, quotation marks and backslashes left out,
            which the grammar has no place for.
        printed: the number as printed, where it is known to differ from the record's own (`37.5` from
            `35-40`).
    """
    given = printed or {}
    answer: dict[str, Any] = {
        "ef_quote": _as_quote(quotes.get("ef_percent")),
        "ef_state": findings.ef_state.value,
        "ef_operator": findings.ef_operator.value if findings.ef_operator else None,
        "ef": given.get("ef_percent") or _printed_ef(findings),
        "lv_function": _as_quote(findings.lv_function),
        "rwma_quote": _as_quote(quotes.get("rwma")),
        "rwma": findings.rwma.value,
        "rwma_severity": findings.rwma_severity.value,
        "rwma_walls": list(findings.rwma_walls),
        "pah_quote": _as_quote(quotes.get("pah")),
        "pah": findings.pah.value,
        "rvsp_quote": _as_quote(quotes.get("rvsp_mmhg")),
        "rvsp": given.get("rvsp_mmhg")
        or (f"{findings.rvsp_mmhg:g}" if findings.rvsp_mmhg is not None else None),
    }
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def _printed_ef(findings: Findings) -> str | None:
    if findings.ef_percent is None:
        return None
    if findings.ef_low is not None and findings.ef_high is not None:
        return f"{findings.ef_low:g}-{findings.ef_high:g}"
    return f"{findings.ef_percent:g}"


def _as_quote(words: str | None) -> str | None:
    if not words:
        return None
    plain = words.replace('"', "").replace("\\", "")
    return " ".join(plain.split())[:QUOTE_MAX_CHARACTERS] or None
