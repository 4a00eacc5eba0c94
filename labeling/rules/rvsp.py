"""Read RVSP / PASP as the printed number, mmHg; gradients, wedge, mean and atrial pressures are left out.

Source for keeping number and word apart: the same pressure is graded differently by different laboratories.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from db.labels import RVSP_MAX_MMHG, RVSP_MIN_MMHG
from labeling.rules.ef_context import speaks_of_stress
from labeling.rules.normalise import NormalText
from labeling.rules.pressures.pressure_sums import summed_pressures
from labeling.rules.pressures.rvsp_patterns import (
    ANOTHER_NAME,
    BAD_UNIT,
    CHANGE_FROM,
    CHANGED_TO,
    DIFFERENCE,
    FORMULA,
    ONLY_NORMAL,
    OTHER_MEASURE,
    PLUS_NUMBER,
    PLUS_RAP,
    RAP_NOTE,
    REFERENCE_NOTE,
    RVSP_LABEL,
    RVSP_STOP,
    RVSP_VALUE,
    SUM,
    WITHOUT_RAP,
)
from labeling.rules.sections import Statement


@dataclass(frozen=True)
class RvspMention:
    """One printed pressure, mmHg; a range keeps its midpoint."""

    mmhg: float
    start: int
    end: int
    section: str
    rank: float
    certainty: float


def find_rvsp(text: str, statements: Sequence[Statement]) -> list[RvspMention]:
    """Every printed RVSP / PASP in mmHg; gradients, wedge, mean and atrial pressures are left out."""
    found: list[RvspMention] = []
    for statement in statements:
        if statement.section == "previous":
            continue
        for label in RVSP_LABEL.finditer(text, statement.start, statement.end):
            mention = _rvsp_after(text, statement, label) or _rvsp_before(text, statement, label)
            if mention is not None:
                found.append(_as_printed(text, statement, label, mention))
        found.extend(_by_bare_name(text, statement))
        if not found or found[-1].start < statement.start:
            found.extend(_by_sum(text, statement))
    return found


def _by_sum(text: str, statement: Statement) -> list[RvspMention]:
    """The sums of a gradient and an atrial pressure where no name of the pressure led to a number."""
    rank = _SECTION_RANK.get(statement.section, 5.0) - 4
    return [
        RvspMention(mmhg, start, end, statement.section, rank, 0.9)
        for mmhg, start, end in summed_pressures(text, statement.start, statement.end)
    ]


# "Right ventricle: normal size. Systolic pressure 36 mmHg": whose pressure it is was said before, and not
# in its own name, as that of the "pulmonary artery", the "RV" or the "blood" is.
_BARE_NAME = re.compile(
    r"\bsystolic pressure(?<!(?:ry|ar|al|rt|od|pa|rv|ap) systolic pressure)"
    r"(?=(?:[\s,:=-]|\b(?:is|was|being|of|at|as|to|be|estimated|calculated|measured|about|approximately|"
    r"around)\b)*\d{2,3}(?:\.\d)?\s*mm\s?hg)"
)
_OWNER = re.compile(
    r"\b(?:(?P<lungs>right ventricular|rv|right heart|pulmonary(?! valve)|pah|ph|pa|tricuspid|tr)|"
    r"left ventricular|lv|aort\w*|ao|mitral|pulmonary valve|blood|bp|cuff|arm|brachial|systemic|"
    r"pulse|heart rate|vital\w*|patient)\b"
)
_OWNER_REACH = 160
# From here on a pressure named by the sentence before may be the arm's.
_OF_THE_ARM_MMHG = 90


def _by_bare_name(text: str, statement: Statement) -> list[RvspMention]:
    """Systolic pressures of the right ventricle or the lungs, where these were named last before them."""
    found: list[RvspMention] = []
    for label in _BARE_NAME.finditer(text, statement.start, statement.end):
        owners = list(_OWNER.finditer(text, max(0, label.start() - _OWNER_REACH), label.start()))
        mention = _rvsp_after(text, statement, label) if owners and owners[-1].group("lungs") else None
        if mention and (mention.mmhg < _OF_THE_ARM_MMHG or owners[-1].start() >= statement.start):
            found.append(replace(mention, rank=mention.rank - 4))
    return found


def choose_rvsp(mentions: Sequence[RvspMention]) -> RvspMention | None:
    """Conclusion first, then the most explicit label, then the first printed."""
    return max(mentions, key=lambda m: (m.rank, -m.start), default=None)


# "Normal RVSP of 25 mmHg", "normal PA pressure, estimated at 25 mmHg": the patient's. "Normal RVSP: 25 mmHg"
# may be what is normal.
_OF_NORMAL_HEIGHT = re.compile(
    r"\s*(?:(?:of |at |\(|,|with a value of )\s*(?:estimated at )?|(?P<sign>[:=-]|(?<=[ep]) )\s*)"
    r"\d{2,3}(?:\.\d)?\s*mm\s?hg(?! or |\s*-)"
)


def _rvsp_after(text: str, statement: Statement, label: re.Match[str]) -> RvspMention | None:
    before = text[max(statement.start, label.start() - 30) : label.start()]
    if re.search(r"\b(?:mean|wedge|capillary|diastolic|previous(?:ly)?|prior)\s*$", before):
        return None
    if re.search(r"\b(?<!\d )(?<!\d)normal\s*$", before) and not _OF_NORMAL_HEIGHT.match(text, label.end()):
        return None
    formula = FORMULA.match(text, label.end(), statement.end)
    if formula:
        value = RVSP_VALUE.match(text, formula.end())
        return _build_rvsp(text, statement, label, value, "") if value else None
    position = _behind_notes(text, label.end(), statement.end)
    digit = re.compile(r"\d").search(text, position, min(statement.end, position + 75))
    if digit is None:
        return None
    gap = text[position : digit.start()]
    if _gap_leads_elsewhere(gap, text[digit.start() : digit.start() + 12]):
        return None
    value_at = _value_start(text, digit.start(), position)
    if CHANGE_FROM.search(gap):
        later = CHANGED_TO.match(text, digit.end(), statement.end)
        value_at = later.end() if later else value_at
    value = RVSP_VALUE.match(text, value_at)
    around = text[label.end() : min(statement.end, (value or digit).end() + 40)]
    if WITHOUT_RAP.search(re.split(r"[.;\n]\s", around)[0]):
        return None
    return _build_rvsp(text, statement, label, value, gap) if value else None


# "4 x 3.1 x 3.1 + 15 = 53 mmHg (sPAP)".
_RESULT_AHEAD = re.compile(r"=\s*(?P<value>\d{2,3})\s*mm\s?hg\s*\(\s*$")
# "Sum = 36 = RVSP".
_SUM_AHEAD = re.compile(r"(?:sum|total|together)[ :=]*(?P<value>\d{2,3})\s*(?:mm\s?hg)?\s*=\s*$")


def _as_printed(text: str, statement: Statement, label: re.Match[str], mention: RvspMention) -> RvspMention:
    """A mention, unsure and behind all others where it may be what is normal: "Normal RVSP: 25 mmHg"."""
    value = _OF_NORMAL_HEIGHT.match(text, label.end())
    before = text[statement.start : label.start()].rstrip()
    if value is None or not value.group("sign") or not before.endswith("normal"):
        return mention
    return replace(mention, rank=mention.rank - 50, certainty=min(mention.certainty, 0.55))


def _rvsp_before(text: str, statement: Statement, label: re.Match[str]) -> RvspMention | None:
    """The result of a sum whose name stands behind it."""
    result = _RESULT_AHEAD.search(text, statement.start, label.start())
    total = _SUM_AHEAD.search(text, statement.start, label.start())
    behind = text[label.end() : statement.end]
    is_total = total is not None and not re.match(r"\s*[=:]?\s*\d", behind)
    result = total if is_total else result
    if result is None or not (is_total or re.match(r"\s*\)", behind)):
        return None
    value = RVSP_VALUE.match(text, result.start("value"))
    mention = _build_rvsp(text, statement, label, value, "") if value else None
    return replace(mention, start=result.start("value"), end=label.end()) if mention else None


def _behind_notes(text: str, start: int, end: int) -> int:
    """Where a value may begin: behind a range or an atrial pressure in brackets, and behind a difference."""
    note = REFERENCE_NOTE.match(text, start, end) or RAP_NOTE.match(text, start, end)
    position = note.end() if note else start
    difference = DIFFERENCE.match(text, position, end)
    return difference.end() if difference else position


def _gap_leads_elsewhere(gap: str, number: str) -> bool:
    """Whether the words between label and number make it the number of something else."""
    plain = re.sub(r"\([^)]*\)", " ", gap)
    if OTHER_MEASURE.search(plain) or ANOTHER_NAME.search(plain) or ONLY_NORMAL.search(gap):
        return True
    if RVSP_STOP.search(gap) or len(gap.split()) > 10 or re.search(r"-{2,}|\blvid", gap):
        return True
    if re.search(r"\b(?:to|of) (?:normal|mild|moderate|severe)\b.*,", gap):
        return True
    if re.search(r"[,;]\s*(?:grade|type|stage|class)\b", gap):
        return True
    return re.search(r"tr\s*$|tr jet\s*$", gap) is not None and "m/s" in number


def _to_number(digits: str) -> float:
    """Digits as printed, a decimal comma and an O for a zero put right."""
    return float(digits.replace("o", "0").replace(",", "."))


def _value_start(text: str, digit: int, floor: int) -> int:
    start = digit
    while start > floor and text[start - 1] in "<>~= ":
        start -= 1
    return start


def _build_rvsp(
    text: str, statement: Statement, label: re.Match[str], value: re.Match[str], gap: str
) -> RvspMention | None:
    pressure = _pressure(text, value)
    if pressure is None:
        return None
    mmhg, end, is_sum = pressure
    name = label.group()
    has_unit = is_sum or bool(value.group("unit")) or "mm" in value.group()
    if not has_unit and _needs_unit(text, name, value):
        return None
    is_of_the_chamber = _is_of_the_chamber(text, label, value, gap)
    if (is_of_the_chamber and not has_unit) or re.search(r"\bmean\b|\bdiastolic\b", gap):
        return None
    if not RVSP_MIN_MMHG <= mmhg <= RVSP_MAX_MMHG:
        return None
    rank = _SECTION_RANK.get(statement.section, 5.0) + _name_rank(name)
    certainty = 0.95 if has_unit or _stands_plainly(text, label, value) else _WITHOUT_UNIT
    # "Estimated peak PA pressure": of the beat, not of a test.
    before = re.sub(r"\bpeak\s*$", "", text[statement.start : label.start()])
    is_at_work = speaks_of_stress(before, gap, text[value.end() : statement.end])
    mention = RvspMention(mmhg, label.start(), end, statement.section, rank, certainty)
    return _behind_all(mention, is_at_work=is_at_work, is_of_the_chamber=is_of_the_chamber)


def _behind_all(mention: RvspMention, *, is_at_work: bool, is_of_the_chamber: bool) -> RvspMention:
    """A pressure, unsure and behind all others where it is one at work or is called the ventricle's alone."""
    if not (is_at_work or is_of_the_chamber):
        return mention
    return replace(mention, rank=mention.rank - 100, certainty=min(mention.certainty, 0.6))


# "RVSP 33", "PASP (mmHg): 28", "PA 48/22 (31)": nothing but a sign, a row of dots or the unit before it.
_PLAIN_GAP = re.compile(r"[ :=|.-]*(?:(?:in +|[(\[,] *)?mm ?hg *[)\]]?|is|of|was)?[ :=|.-]*")
_PLAIN_END = re.compile(
    r"(?:\s*/\s*(?P<diastolic>\d{1,2})(?![\d./-]))?"
    r"(?=[ ]*(?:\n|$|[.,;](?![\d.])|\||[ ]{2}|\)|\(?mean\b|\((?![^)\n]*(?:\+|excl|with|plus|ra\b|cvp|jvp))))"
)
_PLAIN_MIN_MMHG = 12
_WITHOUT_UNIT = 0.75


def _stands_plainly(text: str, label: re.Match[str], value: re.Match[str]) -> bool:
    """Whether a number without its unit stands right behind its name, and nothing goes on with it."""
    digits = value.group("low")
    if value.group("high") or value.group("op") or not digits.isdigit() or int(digits) < _PLAIN_MIN_MMHG:
        return False
    gap = text[label.end() : value.start("low")]
    end = _PLAIN_END.match(text, value.end("low"))
    if end is None or not _PLAIN_GAP.fullmatch(gap):
        return False
    lower = end.group("diastolic")
    return lower is None or int(lower) < int(digits)


def below_its_name(mention: RvspMention | None, normal: NormalText) -> RvspMention | None:
    """A pressure with less certainty where its number is printed below its name without a unit: in a table
    that was read column by column it may be another row's.
    """
    if mention is None:
        return None
    start, end = normal.original_span(mention.start, mention.end)
    words = normal.original[start:end].lower()
    is_below = len(words.splitlines()) > 1 and "mm" not in words
    return replace(mention, certainty=min(mention.certainty, _WITHOUT_UNIT)) if is_below else mention


_SECTION_RANK = {"conclusion": 30.0, "findings": 20.0, "body": 20.0, "measurements": 15.0, "history": 10.0}


def _name_rank(name: str) -> int:
    """How plainly a label says systolic pulmonary pressure."""
    if "systolic" in name or re.match(r"rvsp|pasp|spap", name):
        return 4
    return 2 if re.search(r"pulmonary|pa\b|pap", name) else 0


def _pressure(text: str, value: re.Match[str]) -> tuple[float, int, bool] | None:
    """(mmHg, where it ends, whether it is the printed sum of gradient and atrial pressure), or None.

    A range counts as its midpoint; a gradient "+ RAP" without a sum is not the pressure yet.
    """
    after = text[value.end() : value.end() + 30]
    total = SUM.match(after)
    if total:
        return float(total.group("sum")), value.end() + total.end(), True
    has_bad_unit = BAD_UNIT.match(text, value.end("low")) and not value.group("unit")
    if has_bad_unit or PLUS_RAP.match(after) or PLUS_NUMBER.match(after):
        return None
    low = _to_number(value.group("low"))
    if not value.group("high"):
        return low, value.end(), False
    high = _to_number(value.group("high"))
    if not low < high <= low + 25:
        return low, value.end("low"), False
    return (low + high) / 2, value.end(), False


def _needs_unit(text: str, name: str, value: re.Match[str]) -> bool:
    """Whether a number without mmHg is not enough: a vague label, a year, the number of a list."""
    is_vague = re.match(
        r"(?:right heart|rv\s*pressu|right\s+ventricular\s+pressu|pa\s+press|"
        r"pulmonary\s+press)",
        name,
    )
    if is_vague and not re.search(r"pulmonary|pa\b", name):
        return True
    return _is_year_or_list(text, value)


def _is_of_the_chamber(text: str, label: re.Match[str], value: re.Match[str], gap: str) -> bool:
    """Whether "RV pressure" is a bare chamber pressure: not systolic by name, "120/80" or the TR jet."""
    name = label.group()
    if re.match(r"\s*/\s*\d", text[value.end("low") :]):
        return False
    if not re.match(r"(?:rv|right\s+ventricular)", name) or "systolic" in name or re.match(r"rv\s?sp", name):
        return False
    if "peaks" in name:
        return False
    is_estimated = re.search(r"\bestimated\s*$", text[: label.start()]) or re.search(r"\bestimate", gap)
    return not (is_estimated or re.search(r"\btr\b", gap))


def _is_year_or_list(text: str, value: re.Match[str]) -> bool:
    return bool(
        re.match(r"(?:19|20)\d\d", text[value.start("low") : value.start("low") + 4])
        or text[value.end() : value.end() + 1] in ".)"
        and text[value.end() : value.end() + 3].strip(".)") == ""
        and _to_number(value.group("low")) < 10
    )
