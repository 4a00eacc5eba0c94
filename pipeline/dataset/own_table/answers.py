"""What the cells of a researcher's table say: answers of the record, age and sex. Nothing is guessed.

Words have to be known ones, numbers in range. A column of codes is taken only where it holds 0 and 1 alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from db.fields.names import FIELDS, ByColumn
from db.labels import (
    EF_MAX_PERCENT,
    EF_MIN_PERCENT,
    RVSP_MAX_MMHG,
    RVSP_MIN_MMHG,
    EfOperator,
    EfState,
    Findings,
    Pah,
    Rwma,
    RwmaSeverity,
)
from labeling.intake.cells import is_nothing
from pipeline.dataset.own_table.columns import SEVERITY

EF, RWMA, PAH, RVSP = FIELDS
# Field -> the number codes and signs that stand in its column.
Codes = Mapping[str, frozenset[str]]

# Everybody above 89 is one group, as in public tables of ECGs: so few are so old that it names them.
OLDEST_TOLD: Final = 90
_OLDEST: Final = 120
_QUOTED: Final = 20

_YES: Final = frozenset(("yes", "y", "true", "1", "present", "positive", "pos", "abnormal"))
_NO: Final = frozenset(("no", "n", "false", "0", "absent", "negative", "neg", "none", "nil", "normal"))
_GRADES: Final = {one.value: one for one in (RwmaSeverity.MILD, RwmaSeverity.MODERATE, RwmaSeverity.SEVERE)}
_SILENT: Final = frozenset(
    ("not stated", "not reported", "not assessed", "not done", "not recorded", "missing", ".", "?")
)
_UNREADABLE: Final = frozenset(("unreadable", "illegible"))
_SEXES: Final = {
    **dict.fromkeys(("m", "male", "man"), "male"),
    **dict.fromkeys(("f", "female", "woman"), "female"),
    **dict.fromkeys(("other", "diverse", "intersex"), "other"),
}
_SIGNS: Final = {"<": EfOperator.BELOW, "≤": EfOperator.BELOW, "<=": EfOperator.BELOW,
                 ">": EfOperator.ABOVE, "≥": EfOperator.ABOVE, ">=": EfOperator.ABOVE,
                 "~": EfOperator.ABOUT, "": EfOperator.EQUAL, "=": EfOperator.EQUAL}  # fmt: skip
_NUMBER: Final = r"\d{1,3}(?:[.,]\d+)?"
_EF: Final = re.compile(rf"(?P<sign><=|>=|[<>≤≥~=]?) ?(?P<low>{_NUMBER}) ?(?:(?:-|to) ?(?P<high>{_NUMBER}))?")
_PLAIN_NUMBER: Final = re.compile(_NUMBER)
_CODE: Final = re.compile(r"\d+(?:\.0+)?")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
_NAMED_AGAIN: Final = re.compile(
    r"\b(?:rwmas?|(?:regional )?wall motion abnormalit(?:y|ies)|"
    r"pah|ph|pulmonary (?:arterial )?hypertension)\b"
)


class AnswerError(ValueError):
    """A cell that can't be taken; the text says why, without the row, and `remedy` what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


@dataclass(frozen=True)
class Taken:
    """What a row says.

    Attributes:
        as_written: field -> the word it was taken from, where it is one of a closed list; for the table of
            what was taken as what.
    """

    findings: Findings
    age_years: int | None
    sex: str | None
    as_written: Mapping[str, str]


def codes_in(cells: Iterable[str]) -> frozenset[str]:
    """The number codes and signs of a column: what its words cannot be told by alone."""
    words = {_words(cell) for cell in cells}
    return frozenset(word for word in words if _CODE.fullmatch(word) or word in ("+", "-"))


def taken(text: Mapping[str, str], codes: Codes) -> Taken:
    """The answers of one row.

    Args:
        text: field -> its cell, for the columns there are.

    Raises:
        AnswerError: a cell is none of what its column may hold, or two contradict each other.
    """
    written = {field: _words(text[field]) for field in (RWMA, SEVERITY, PAH) if field in text}
    for field, word in written.items():
        _refuse_codes(field, word, codes.get(field, frozenset()))
    is_present, severity = _wall_motion(written.get(RWMA, ""), written.get(SEVERITY, ""))
    sex = _sex(text.get("sex", ""))
    findings = Findings(
        **ByColumn(
            **_ef(text.get(EF, "")),
            rwma=is_present,
            rwma_severity=severity,
            pah=_pah(written.get(PAH, "")),
            rvsp_mmhg=_pressure(text.get(RVSP, "")),
        )
    )
    told = {**written, **({"sex": _words(text["sex"])} if "sex" in text else {})}
    return Taken(findings, _age(text.get("age_years", "")), sex, told)


def taken_as(field: str, said: Taken) -> str:
    """What a word of a row became, for the table of what was taken as what."""
    found = said.findings
    if field == SEVERITY and _is_silent(said.as_written[SEVERITY]):
        return "nothing"
    if field == "sex":
        return said.sex or "not known"
    if field == PAH:
        return found.pah.value
    if field == RWMA and found.rwma is Rwma.PRESENT and found.rwma_severity is RwmaSeverity.NOT_STATED:
        return "present, without a grade"
    return found.rwma_severity.value if field == SEVERITY else found.rwma.value


def _words(cell: str) -> str:
    """A cell as words are compared: one case, single spaces, plain dashes; 1.0 is 1."""
    folded = _DASHES.sub("-", unicodedata.normalize("NFKC", cell)).casefold().replace("_", " ")
    plain = " ".join(folded.split())
    plain = plain if plain in _SILENT else plain.rstrip(".")
    return re.sub(r"^(\d+)\.0+$", r"\1", plain)


def _is_silent(words: str) -> bool:
    return not words or words in _SILENT or is_nothing(words)


def _refuse_codes(field: str, word: str, codes: frozenset[str]) -> None:
    if word not in codes:
        return
    is_sign = word in ("+", "-")
    if (is_sign and "+" in codes) or (not is_sign and (field == SEVERITY or codes - {"0", "1", "-", "+"})):
        listed = ", ".join(sorted(codes))
        raise AnswerError(
            f"{field} {word!r}: the column holds {listed}, and nothing says what these mean",
            "Write words: " + ("none, mild, moderate or severe." if field != RWMA else "yes or no."),
        )


def _refused(field: str, words: str, known: str) -> AnswerError:
    return AnswerError(f"{field} {words[:_QUOTED]!r} is no answer that is known", f"Write one of: {known}.")


def _bare(words: str) -> str:
    """`no rwma` and `mild pah` without the name of what they speak of; the name alone is yes."""
    bare = " ".join(_NAMED_AGAIN.sub(" ", words).split())
    return "yes" if words and not bare else bare


def _wall_motion(words: str, grade_words: str) -> tuple[Rwma, RwmaSeverity]:
    rwma, of_word = _rwma(words)
    grade = _severity(grade_words)
    if grade is RwmaSeverity.NOT_STATED:
        return rwma, of_word
    if of_word not in (RwmaSeverity.NOT_STATED, grade) or rwma is Rwma.UNREADABLE:
        raise AnswerError(
            f"rwma {words[:_QUOTED]!r} and its severity {grade_words[:_QUOTED]!r} contradict each other",
            "Correct one of them.",
        )
    if grade is RwmaSeverity.NONE and rwma is Rwma.PRESENT:
        raise AnswerError("rwma is present and its severity none", "Correct one of them.")
    return (Rwma.ABSENT if grade is RwmaSeverity.NONE else Rwma.PRESENT), grade


def _rwma(words: str) -> tuple[Rwma, RwmaSeverity]:
    bare = _bare(words)
    if bare in _YES:
        return Rwma.PRESENT, RwmaSeverity.NOT_STATED
    if bare in _NO:
        return Rwma.ABSENT, RwmaSeverity.NONE
    if bare in _GRADES:
        return Rwma.PRESENT, _GRADES[bare]
    if bare in _UNREADABLE:
        return Rwma.UNREADABLE, RwmaSeverity.NOT_STATED
    if _is_silent(bare):
        return Rwma.NOT_STATED, RwmaSeverity.NOT_STATED
    raise _refused(RWMA, words, "yes, no, mild, moderate, severe, unreadable, or nothing")


def _severity(words: str) -> RwmaSeverity:
    bare = _bare(words)
    if bare in _GRADES:
        return _GRADES[bare]
    if bare in _NO - {"0"}:
        return RwmaSeverity.NONE
    if _is_silent(bare):
        return RwmaSeverity.NOT_STATED
    raise _refused(SEVERITY, words, "none, mild, moderate, severe, or nothing")


def _pah(words: str) -> Pah:
    bare = _bare(words)
    if bare in _NO:
        return Pah.NONE
    if bare in _YES:
        return Pah.PRESENT_UNSPECIFIED
    if bare in _GRADES:
        return Pah(bare)
    if bare in _UNREADABLE:
        return Pah.UNREADABLE
    if _is_silent(words):
        return Pah.NOT_STATED
    raise _refused(PAH, words, "yes, none, mild, moderate, severe, unreadable, or nothing")


def _ef(cell: str) -> ByColumn:
    words = _words(cell)
    if words in _UNREADABLE:
        return ByColumn(ef_state=EfState.UNREADABLE)
    if _is_silent(words):
        return ByColumn()
    match = _EF.fullmatch(words.replace("%", "").replace("percent", "").strip())
    if match is None:
        raise AnswerError(
            f"{EF} {words[:_QUOTED]!r} is no ejection fraction", "Write percent: 55, 37.5, 50-55, <30 or >55."
        )
    low, high = _number(match["low"]), _number(match["high"] or match["low"])
    is_range = match["high"] is not None
    if is_range and (match["sign"] not in ("", "~") or low >= high):
        raise AnswerError(f"{EF} {words[:_QUOTED]!r} is no range", "Write the lower end first: 50-55.")
    value = (low + high) / 2
    if 0 < high <= 1:
        raise AnswerError(
            f"{EF} {match['low']} is a share, or no ejection fraction; labels are in percent",
            f"Multiply the column by 100: {low:g} becomes {100 * low:g}.",
        )
    if not EF_MIN_PERCENT <= value <= EF_MAX_PERCENT or high > 100:
        raise AnswerError(
            f"{EF} {words[:_QUOTED]!r} is outside {EF_MIN_PERCENT:g}-{EF_MAX_PERCENT:g} %",
            "Correct it, or empty the cell.",
        )
    return ByColumn(
        ef_percent=value,
        ef_low=low if is_range else None,
        ef_high=high if is_range else None,
        ef_operator=_SIGNS[match["sign"]],
        ef_state=EfState.STATED,
    )


def _number(digits: str) -> float:
    return float(digits.replace(",", "."))


def _pressure(cell: str) -> float | None:
    words = _words(cell)
    if _is_silent(words):
        return None
    digits = words.removesuffix("mmhg").strip()
    value = _number(digits) if _PLAIN_NUMBER.fullmatch(digits) else 0.0
    if not RVSP_MIN_MMHG <= value <= RVSP_MAX_MMHG:
        raise AnswerError(
            f"{RVSP} {words[:_QUOTED]!r} is no pressure of {RVSP_MIN_MMHG:g}-{RVSP_MAX_MMHG:g} mmHg",
            "Write one number, or empty the cell.",
        )
    return value


def _age(cell: str) -> int | None:
    """Whole years; everybody above 89 is 90."""
    words = _words(cell)
    if _is_silent(words):
        return None
    digits = re.sub(r" ?(?:years?|yrs?|y)(?: old)?$", "", words)
    age = int(_number(digits)) if _PLAIN_NUMBER.fullmatch(digits) else _OLDEST + 1
    if age > _OLDEST:
        raise AnswerError(f"age {words[:_QUOTED]!r} is no age in years", "Write years, such as 57.")
    return min(age, OLDEST_TOLD)


def _sex(cell: str) -> str | None:
    words = _words(cell)
    if words in _SEXES:
        return _SEXES[words]
    if _is_silent(words):
        return None
    raise _refused("sex", words, ", ".join(sorted(_SEXES)))


def as_plain(findings: Findings) -> dict[str, Any]:
    """The columns of a record as rows of a snapshot have them."""
    return findings.model_dump(mode="json")
