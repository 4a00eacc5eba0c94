"""What the words around an ejection fraction say: earlier study, stress, other chamber, method, operator."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from db.labels import EfOperator
from labeling.rules.ef_patterns import (
    ABOUT,
    AT_MOST_AHEAD,
    CURRENT,
    DATED_EARLIER,
    LATEST,
    LESS,
    MORE,
    NOT_LESS,
    NOT_MORE,
    OR_LESS,
    OR_MORE,
    OR_SO,
    OTHER_ORGAN,
    PREVIOUS_AFTER,
    REST,
    RIGHT,
    SAYS_HEART,
    STRESS,
)
from labeling.rules.ef_value import value_end
from labeling.rules.sections import Statement

# What must end directly before a value is not looked for further away: a sentence may be a whole page.
LEAD_CHARACTERS = 600


def is_of_another_organ(statements: Sequence[Statement], index: int) -> bool:
    """Whether the text last spoke of a gallbladder, a calf or the like, not of the heart."""
    for statement in reversed(statements[max(0, index - 8) : index + 1]):
        organ = _organ_of(statement.text)
        if organ:
            return organ == "other"
    return False


# Each statement is asked for all that follow it.
@lru_cache(maxsize=1024)
def _organ_of(text: str) -> Literal["heart", "other", ""]:
    if SAYS_HEART.search(text):
        return "heart"
    return "other" if OTHER_ORGAN.search(text) else ""


# "Normal RV - EF 60", "Dilated LA/RA   EF 30%", "LV/RV EF 60": what stands before the name is said already,
# or both ventricles are.
_CHAMBER = r"(?:rv|ra|la|lv|(?:right|left) (?:ventricle|ventricular|atrium|atrial))"
_SAID_BEFORE = re.compile(
    rf"\b(?:normal|dilated|enlarged|good|preserved|mild|moderate|severe|fair)\s+(?:size\s+)?{_CHAMBER}"
    rf"(?:\s*(?:[/&]|and)\s*{_CHAMBER})*(?:\s+-\s+|[ ]{{2,}})$|"
    r"\b(?:lv|left ventric\w+)\s*(?:[/&]|and)\s*(?:the )?(?:rv|right ventric\w+)\s*$|"
    r"\bleads? in (?:the )?(?:rv|right ventric\w+)\s*$"
)


_OF_BOTH = re.compile(r"\b(?:(?:lv|left ventric\w+)\s*(?:[/&]|and)|leads? in)\s*(?:the )?$")


def is_other_chamber(text: str, floor: int, label: re.Match[str]) -> bool:
    name = label.group()
    lead = text[max(floor, label.start() - 160) : label.start()]
    if re.search(r"\bsystemic (?:rv\b|right ventric)", lead):
        return True
    if re.search(r"\b(?:its|whose)\s*$", lead):
        chambers = re.findall(r"\b(rv|right ventric|lv|left ventric)", lead)
        return bool(chambers) and chambers[-1].startswith("r")
    if name.startswith(("rv", "r v", "la", "ra")):
        return _OF_BOTH.search(lead) is None
    before = text[max(floor, label.start() - 45) : label.start()]
    after = text[label.end() : label.end() + 22]
    if name.startswith("l") or _SAID_BEFORE.search(before):
        return False
    return bool(
        RIGHT.search(before) or re.match(r"\s*\(?(?:of|for)?\s*(?:the )?(?:rv\b|right ventric)", after)
    )


# "Compared with the previous study the EF is unchanged at 45 %" is of both.
_OF_BOTH_DAYS = re.compile(
    rf"{CURRENT.pattern}|\b(?:unchanged|no (?:significant |relevant )?change|stable|the same|similar)\b"
)
_THAN_BEFORE = re.compile(r"\b(?:than|as|to) (?:before|previously)\b")


def speaks_of_earlier_study(before: str, gap: str, after: str, section: str) -> bool:
    near = before[-48:]
    near = (
        re.split(r"[,;:(]|\bbut\b|\band\b", near)[-1]
        if not re.search(r"compared|comparison|vs", near)
        else near
    )
    if section == "previous" and not CURRENT.search(near + gap):
        return True
    if _OF_BOTH_DAYS.search(f"{near[-24:]}{gap}"):
        return False
    if re.search(r"\bbaseline\s*(?:lv|echo|2d)?\s*$", near) and STRESS.search(before + after):
        return False
    if re.search(
        r"\b(?:previous|prior|earlier|old|last|baseline|former|initial|past|pre-?op|"
        r"preoperative)\s*(?:lv|resting|calculated|estimated|echo|2d)?\s*$",
        near,
    ):
        return True
    # "EF better than before: 45 %", "EF, as before, 35 %" are of today.
    gap = _THAN_BEFORE.sub(" ", gap)
    if re.search(
        r"\((?:old|previous|prior|earlier|last|then|pre|before)\)|"  # "EF (old) 20 %"
        r"\b(?:previously|earlier|before|at that time|in the past|pre-?\s?op\w*|"
        r"at (?:the time of )?(?:implant\w*|diagnosis|presentation|enrol\w*|listing))\b",
        gap,
    ):
        return True
    if re.search(
        r"\b(?:compared (?:to|with)|comparison (?:to|with)|versus|vs\.?|against|down from|"
        r"up from)\b[^.;]{0,40}$",
        near,
    ):
        return not CURRENT.search(near)
    if PREVIOUS_AFTER.match(after) and not re.match(r"^\s*%?\s*,?\s*\(?(?:unchanged|same|similar)", after):
        return True
    if re.match(
        r"\s*%?\s*\)?,?\s*(?:on admission|at that time|last (?:year|month|week)|\w+ (?:years?|"
        r"months?|weeks?) ago)\b",
        after,
    ):
        return True
    return bool(
        re.match(
            r"\s*%?\s*,?\s*(?:\(\s*)?(?:in|on|dated?)"
            r"\s*(?:\w{3,9}[ ,.-]*)?(?:\d{1,2}[/-])?(?:\d{1,2}[/-])?(?:19|20)"
            r"\d\d\s*\)?\s*,?\s*(?:and |but |which )?(?:now|currently|today|to)\b",
            after,
        )
    )


def cites_earlier_study(before: str) -> bool:
    """Whether the words before a value name an earlier study as its source."""
    lead = before[-LEAD_CHARACTERS:]
    return re.search(r"\b(?:previous|prior|earlier|last|outside|old)\b[^.;]{0,60}$", lead) is not None


def speaks_of_stress(before: str, gap: str, after: str) -> bool:
    near = before.rpartition(";")[2][-70:]
    stress = [m.end() for m in STRESS.finditer(near)]
    rest = [m.end() for m in REST.finditer(near)]
    if re.match(r"\s*%?\s*\(?\s*(?:at )?(?:rest|resting|baseline)\b", after) or REST.search(gap):
        return False
    if STRESS.search(gap) or re.match(
        r"\s*%?\s*\(?\s*(?:at |with |after |post[- ]?|during )(?:peak |maximal )?(?:stress|"
        r"exercise|dobutamine)",
        after,
    ):
        return True
    return bool(stress) and (not rest or rest[-1] < stress[-1])


def printed_operator(text: str, label_start: int, value: re.Match[str], gap: str, floor: int) -> EfOperator:
    lead = text[max(floor, label_start - 40) : label_start]
    printed = (value.group("op") or "") + gap
    behind = _NOT_ITS.split(text[value.end() : value.end() + 24])[0]
    turned = _turned_operator(gap, bool(value.group("plus")), behind)
    if turned is not None:
        return turned
    if re.search(r"[>]", printed) or MORE.search(printed):
        return EfOperator.ABOVE
    if re.search(r"[<]", printed) or LESS.search(printed) or AT_MOST_AHEAD.search(lead):
        return EfOperator.BELOW
    if ABOUT.search(printed) or re.search(r"\bapproximat\w*\s*$|\bapprox\.?\s*$", lead[-16:]):
        return EfOperator.ABOUT
    return EfOperator.ABOUT if value.group("ish") or OR_SO.match(behind) else EfOperator.EQUAL


# What stands behind a line's end is the next line's.
_NOT_ITS = re.compile(r"[\n\v;]")


def _turned_operator(gap: str, has_plus: bool, behind: str) -> EfOperator | None:
    """The operator of "not below 50", "55 or more", "55+" and the like; None where nothing is turned."""
    if NOT_MORE.search(gap):
        return EfOperator.BELOW
    if NOT_LESS.search(gap) or has_plus or OR_MORE.match(behind):
        return EfOperator.ABOVE
    return EfOperator.BELOW if OR_LESS.match(behind) else None


_OTHER_NUMBER = re.compile(r"[,;:\d\n\v]")


def operator_before(lead: str) -> EfOperator:
    """The operator of a number by the words before it."""
    lead = _OTHER_NUMBER.split(lead)[-1]
    turned = _turned_operator(lead, False, "")
    if turned is not None:
        return turned
    if MORE.search(lead):
        return EfOperator.ABOVE
    if LESS.search(lead):
        return EfOperator.BELOW
    return EfOperator.ABOUT if ABOUT.search(lead) else EfOperator.EQUAL


SECTION_RANK = {
    "conclusion": 30.0,
    "findings": 20.0,
    "body": 20.0,
    "measurements": 15.0,
    "history": 10.0,
    "previous": 0.0,
}


def rank_mention(
    text: str,
    statement: Statement,
    label_start: int,
    value: re.Match[str],
    before: str,
    is_stress: bool,
) -> float:
    rank = SECTION_RANK[statement.section]
    after = re.split(r"\n|[,;](?![^(]*\))", text[value_end(value) : value.end() + 30])[0]
    context = re.split(r"[,;%]", before[-40:])[-1] + text[label_start : value_end(value)] + after
    if is_stress:
        rank -= 100
    if re.search(r"\bteich\w*|\bm-?mode\b|\bcube", context):
        rank -= 3
    elif re.search(r"\ba4c\b|\ba2c\b|\b4ch?\b|\b2ch?\b|single[- ]plane", context):
        rank -= 2
    elif re.search(r"\bbi-?plane\b|\(bi\.?\)|\bsimpson|\bbp\b|\b3d\b", context):
        rank += 2
    elif re.search(r"\bcalculated\b", context):
        rank -= 1
    lead = before[-LEAD_CHARACTERS:]
    if cites_earlier_study(lead) or DATED_EARLIER.search(lead):
        rank -= 12
    if LATEST.search(lead):
        rank += 4
    return rank
