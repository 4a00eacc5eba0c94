"""Read pulmonary hypertension as the printed word, and RVSP / PASP as the printed number, apart from each other.

Conventions: `docs/codebook.md`, sections PAH and RVSP. Source for keeping them apart: the same pressure is graded
differently by different laboratories.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from db.labels import RVSP_MAX_MMHG, RVSP_MIN_MMHG, Pah
from labeling.sections import Statement

_TERM = re.compile(
    r"\bpulmonary\s+(?:arter(?:y|ial)\s+|atrial\s+|venous\s+|vascular\s+)?(?:systolic\s+)?hypertension\b|"
    r"\bp\.?a\.?\s?hypertension\b|\bp\.a\.h\.?|\bpah\b|\bphtn\b|"
    r"\bpht\b(?!\s*[:=]?\s*(?:\d|of|ms|\())|\bpulmonary\s+htn\b|\bpul\.?\s+hypertension\b"
)
_PRESSURE = (
    r"(?:pulmonary\s+(?:arter(?:y|ial)\s+|atrial\s+)?(?:systolic\s+)?pressure|p\.?a\.?\s+(?:systolic\s+)?pressure|"
    r"systolic\s+pulmonary\s+(?:arter(?:y|ial)\s+)?pressure|(?:pasp|spap|rvsp|pap)s?|right heart pressure|"
    r"(?:rv|right ventricular)\s+systolic\s+pressure|right[- ]sided (?:heart )?pressure)"
)
_WORDED = re.compile(
    rf"\b(?:(?P<g1>normal|mild|moderate|severe|raised|elevated|increased|high)(?:\s*(?:-|to)+\s*(?P<g1b>moderate|severe))?\s+"
    rf"(?:(?P<verb>elevated|elevation|increased?|raised|high|rise)\s+)?(?:(?:in|of|the|estimated|resting)\s+)*{_PRESSURE}|"
    rf"{_PRESSURE}\s*(?:\([^)]*\)\s*)?(?:is|are|was|were|appears?|appeared|remains?|:|=|-|within|at rest|both|,|\s|\d|mmhg|mm hg|\()*?\s*"
    r"(?P<g2>normal|mild|moderate|severe|raised|elevated|increased|high)(?:\s*(?:-|to)+\s*(?P<g2b>moderate|severe))?\b(?:\s+(?P<verb2>elevated|increased|raised|high))?)"
)
_GRADE_BEFORE = re.compile(
    r"(?:\b(?P<low>mild|moderate|severe|trivial|trace|borderline|significant|gross)(?:\s*(?:-|to|/)+\s*(?P<high>moderate|severe))?)"
    r"(?:\s+(?:degree|grade|form|resting|secondary|associated|precapillary|post-?capillary|of|the|(?:type|group) \w+|chronic|reactive|passive|fixed|"
    r"primary|significant|persistent|known|arterial|residual|underlying))*\s*$"
)
_GRADE_AFTER = re.compile(
    r"^\s*(?:\((?:pah|ph|phtn|rvsp|pasp)?\)\s*)?(?:\(?\s*(?:rvsp|pasp|spap|pap)[^)]{0,22}\)\s*)?(?:\bis\b|\bwas\b|\bappears\b|\bof\b|\bgrade\b|\bdegree\b|[\s:=,(-])*\s*"
    r"(?P<low>mild|moderate|severe|nil|none|absent|present|yes|no|trivial|significant)\b(?:\s*(?:-|to|/)+\s*(?P<high>moderate|severe))?"
    r"(?!\s*(?:tr\b|mr\b|ar\b|as\b|ms\b|lvh|lv\b|rv\b|la\b|ra\b|mitral|aortic|tricuspid|regurg|stenosis|pulmonary|dysfunction|dilat|evidence|clot|effusion|pe\b|pericardial|vegetation|thrombus|\w+ (?:regurg|stenosis|dysfunction)))"
)
_NEGATED = re.compile(
    r"\b(?:no|without|nil|absence of|negative for|free of|not|nor|denies)\b(?:\s+(?:any|evidence|of|obvious|definite|significant|sign|signs|suggestion|clear|echo(?:cardiographic)?|"
    r"features|feature|resting|overt|frank|gross|clinically|for|to|suggest|suggestive|indicate|doppler|indirect|known|history|residual|associated|"
    r"mild|moderate|severe|pulmonary|the|a|an|have|has|hemodynamically|haemodynamically|appreciable|demonstrable))*\s*$"
)
_NEGATED_LIST = re.compile(r"\b(?:no|without|nil)\b(?P<list>[^.;:\n]{1,90})$")
_HEDGE_BEFORE = re.compile(
    r"(?:cannot|can not|could not|can't|unable to)\s+(?:be\s+)?(?:rule|exclude|assess|estimate|evaluate)\w*(?:\s+out)?[^.;\n]{0,25}$|"
    r"\b(?:possib\w+|potential|questionable|query|suspected|suspicion|suspicious|concern(?:ing)?|rule out|r/o|to exclude|exclude|ruling out|may be|may have|might|"
    r"risk|risks|evaluat\w+|assess\w*|screen\w*|work-?up|look for|check for|if|can be seen (?:with|in)|seen (?:with|in)|associated with|develop\w*|cause\w*|"
    r"lead(?:s|ing)? to|due to|secondary to|consider|think|thought|whether|borderline|family history|mother|father|sister|brother|treatment (?:of|for)|"
    r"indicated for|medication for|drugs? for|\?)\b[^.;\n]{0,32}$|\?\s*$"
)
_HEDGE_AFTER = re.compile(
    r"^\s*(?:\([^)]*\)\s*)?[^.;,\n]{0,18}\b(?:cannot|can not|could not|can't|not)\s+(?:be\s+)?(?:\w+ly\s+)?(?:excluded|ruled|assessed|estimated|evaluated|determined|measured)|^\s*\?|^\s*(?:is|are)? ?(?:possible|suspected|questionable)"
)
_WORST = re.compile(r"portal|ocular|intracranial|venous hypertension of")
_PREVIOUS = re.compile(r"\b(?:previous(?:ly)?|prior|earlier|last|old)\s+(?:echo\w*|study|report|scan|tte|exam\w*)\b")

_RVSP_LABEL = re.compile(
    r"\b(?:rvsp|pasp|spap|s\s?pap|papsp?|rvsys(?:tolic)?\s*p|pa\s?sp|systolic\s+pap|pap\s+systolic|pap(?=\s*[:=-]?\s*(?:of |is |was )?\d{2,3}\s*(?:/|mm))|rv\s?sp|pasys|"
    r"(?:estimated\s+)?(?:systolic\s+)?(?:pa|p\.a\.|pulmonary\s*(?:arter(?:y|ial))?|pulmonary atrial)\s*(?:peak\s+)?(?:systolic\s+|syst\.?\s+)?press\w*|"
    r"(?:rv|right\s+ventricular|right\s+systolic\s+ventricular|right\s+heart)\s*(?:peak\s+)?(?:end\s+)?(?:systolic\s+|syst\.?\s+)?pressu?r?e?|"
    r"(?:pa|pulmonary\s+artery)\s+systolic|peak\s+systolic\s+(?:pa|rv)\s+pressure)\b"
)
_RVSP_STOP = re.compile(
    r"\b(?:gradient|pg\b|velocity|m/s|wedge|mean|capillary|diastolic|end-diastolic|rap\b|ra pressure|right atrial|tapse|ef|lvef|ejection|area|aortic|mitral|"
    r"lvedp|cm\b|diameter|vmax|jvp|ivc|blood pressure|bp\b|acceleration|at\b(?= \d+ ms)|time|flow|stenosis)\b"
)
_RVSP_VALUE = re.compile(
    r"(?P<op>[<>~])?\s*=?\s*(?P<low>\d{1,3}(?:\.\d{1,2})?)\s*(?:mm\s?of\s?hg|mm\s?hg|mmhg|mm)?\s*"
    r"(?:(?:-|to|and)\s*(?P<high>\d{1,3}(?:\.\d{1,2})?)(?!\s*(?:m/s|cm|%)))?\s*(?P<unit>mm\s?of\s?hg|mm\s?hg|mmhg|mm hq|mmh9|mm\b)?"
)
_BAD_UNIT = re.compile(r"\s*(?:m/s|m/sec|cm|ms\b|msec|ml|%|years?|bpm|/min|l/min|mm\s*(?:in|diam))")
_PLUS_RAP = re.compile(r"\s*(?:\+|plus)\s*(?:estimated\s+)?(?:rap?|ra\b|right atrial|cvp|jvp|mean)")
_SUM = re.compile(r"\s*(?:\+|plus)\s*\d{1,2}\s*(?:mm\s?hg|mmhg)?\s*(?:=|is)\s*(?P<sum>\d{1,3})")
_REFERENCE_NOTE = re.compile(r"\s*[(\[][^)\]\n]{0,30}(?:normal|ref|n\s*[:=<]|range|<)[^)\]\n]{0,30}[)\]]")


@dataclass(frozen=True)
class PahAssertion:
    """One printed word (or denial) about pulmonary hypertension; offsets are in the normalised text, half-open."""

    pah: Pah
    start: int
    end: int
    section: str
    is_worded_as_pressure: bool
    certainty: float


@dataclass(frozen=True)
class RvspMention:
    """One printed pressure, mmHg; a range keeps its midpoint."""

    mmhg: float
    start: int
    end: int
    section: str
    rank: float
    certainty: float


def find_pah_assertions(statements: Sequence[Statement]) -> list[PahAssertion]:
    """Every statement of pulmonary hypertension by word, denials included, hedges left out."""
    found: list[PahAssertion] = []
    for statement in statements:
        if statement.section != "previous":
            found.extend(_terms_in(statement))
            found.extend(_worded_in(statement))
    return found


def choose_pah(assertions: Sequence[PahAssertion]) -> PahAssertion | None:
    """The term beats the pressure wording, the conclusion beats the rest, a grade beats an ungraded mention."""
    if not assertions:
        return None

    def rank(a: PahAssertion) -> tuple[int, int, int, int]:
        by_section = {"conclusion": 3, "findings": 2, "body": 2, "measurements": 2, "history": 0}.get(a.section, 1)
        return (not a.is_worded_as_pressure, a.pah is not Pah.PRESENT_UNSPECIFIED, by_section, _ORDER.index(a.pah))

    return max(assertions, key=rank)


_ORDER = [Pah.NOT_STATED, Pah.UNREADABLE, Pah.PRESENT_UNSPECIFIED, Pah.NONE, Pah.MILD, Pah.MODERATE, Pah.SEVERE]
_GRADES = {"mild": Pah.MILD, "moderate": Pah.MODERATE, "severe": Pah.SEVERE}


def _terms_in(statement: Statement) -> list[PahAssertion]:
    text = statement.text
    found: list[PahAssertion] = []
    for match in _TERM.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        if _PREVIOUS.search(before) or _HEDGE_AFTER.match(after):
            continue
        assertion = _term(statement, match, before, after)
        if assertion is not None:
            found.append(assertion)
    return found


def _term(statement: Statement, match: re.Match[str], before: str, after: str) -> PahAssertion | None:
    offset = statement.start
    negation = _negation_start(before)
    if negation is not None:
        return PahAssertion(Pah.NONE, offset + negation, offset + match.end(), statement.section, False, 0.95)
    graded = _GRADE_BEFORE.search(before)
    hedged_before = before[: graded.start()] if graded else before
    if _HEDGE_BEFORE.search(hedged_before):
        return None
    if graded and (grade := _GRADES.get(graded.group("high") or graded.group("low"))):
        return PahAssertion(grade, offset + graded.start(), offset + match.end(), statement.section, False, 0.95)
    later = _GRADE_AFTER.match(after)
    if later:
        word = later.group("high") or later.group("low")
        pah = Pah.NONE if word in ("nil", "none", "absent", "no") else _GRADES.get(word, Pah.PRESENT_UNSPECIFIED)
        end = offset + match.end() + later.end()
        return PahAssertion(pah, offset + match.start(), end, statement.section, False, 0.9)
    if re.match(r"\s*(?:\([^)]*\)\s*)?(?:[:=-]+\s*|is |was |are )*(?:not (?:seen|noted|present|detected|found|evident)|-ve|negative|\(-\)|ruled out|excluded)", after):
        return PahAssertion(Pah.NONE, offset + match.start(), offset + match.end(), statement.section, False, 0.9)
    if re.match(r"\s*[:=]\s*$", after):
        return None
    start = graded.start() if graded else match.start()
    return PahAssertion(Pah.PRESENT_UNSPECIFIED, offset + start, offset + match.end(), statement.section, False, 0.8)


def _negation_start(before: str) -> int | None:
    """Where a negation that reaches the end of `before` starts: "no PAH", "no MR/AR/PAH", "no clot, vegetation or PAH"."""
    direct = _NEGATED.search(before)
    if direct:
        return direct.start()
    listed = _NEGATED_LIST.search(before)
    if listed is None:
        return None
    items = listed.group("list")
    if re.search(r"\b(?:but|with|however|except|is|was|are|mild|moderate|severe|significant change|there|grade)\b", items):
        return None
    last = re.split(r"[,/&]|\band\b|\bor\b|\bnor\b", items)[-1].strip()
    pieces = re.split(r"[,/&]|\bor\b|\bnor\b|\band\b", items)
    if last == "" and all(len(piece.split()) <= 4 for piece in pieces):
        return listed.start()
    return None


def _worded_in(statement: Statement) -> list[PahAssertion]:
    """"Normal pulmonary artery pressures", "mildly elevated PASP": the word is printed of the pressure."""
    text = statement.text
    found: list[PahAssertion] = []
    for match in _WORDED.finditer(text):
        before = text[: match.start()]
        if _HEDGE_BEFORE.search(before) or re.search(r"\b(?:venous|wedge|capillary)\b", match.group()):
            continue
        word = match.group("g1b") or match.group("g2b") or match.group("g1") or match.group("g2")
        pah = _worded_grade(word, before, match, text[match.end() :])
        if pah is None:
            continue
        found.append(PahAssertion(pah, statement.start + match.start(), statement.start + match.end(), statement.section, True, 0.8))
    return found


def _worded_grade(word: str, before: str, match: re.Match[str], after: str) -> Pah | None:
    raised = match.group("verb") or match.group("verb2") or re.match(r"\s*(?:elevat|rais|increas|high)", after)
    if re.search(r"\b(?:no|not|without)\s+(?:significant(?:ly)?\s+|evidence of\s+)?$", before):
        return Pah.NONE if word in ("raised", "elevated", "increased", "high") or raised else None
    if word == "normal":
        if re.match(r"\s*(?:range|value|<|is|:|up to|\d)", after) or re.search(r"\b(?:ab|upper|high)\s*-?\s*$", before):
            return None
        return Pah.NONE
    if word in _GRADES:
        return _GRADES[word] if raised else None
    return Pah.PRESENT_UNSPECIFIED if word in ("raised", "elevated", "increased") else None


def find_rvsp(text: str, statements: Sequence[Statement]) -> list[RvspMention]:
    """Every printed RVSP / PASP in mmHg; gradients, wedge, mean and atrial pressures are left out."""
    found: list[RvspMention] = []
    for statement in statements:
        if statement.section == "previous":
            continue
        for label in _RVSP_LABEL.finditer(text, statement.start, statement.end):
            mention = _rvsp_after(text, statement, label)
            if mention is not None:
                found.append(mention)
    return found


def choose_rvsp(mentions: Sequence[RvspMention]) -> RvspMention | None:
    """Conclusion first, then the most explicit label, then the first printed."""
    return max(mentions, key=lambda m: (m.rank, -m.start), default=None)


def _rvsp_after(text: str, statement: Statement, label: re.Match[str]) -> RvspMention | None:
    name = label.group()
    before = text[max(statement.start, label.start() - 30) : label.start()]
    if re.search(r"\b(?:mean|wedge|capillary|diastolic|previous(?:ly)?|prior|normal)\s*$", before) and not re.search(r"\d\s*normal\s*$", before):
        return None
    position = label.end()
    note = _REFERENCE_NOTE.match(text, position, statement.end)
    if note:
        position = note.end()
    digit = re.compile(r"\d").search(text, position, min(statement.end, position + 75))
    if digit is None:
        return None
    gap = text[position : digit.start()]
    if _RVSP_STOP.search(gap) or re.search(r"\b(?:to|of) (?:normal|mild|moderate|severe)\b.*,", gap) or len(gap.split()) > 10:
        return None
    if re.search(r"[,;]\s*(?:grade|type|stage|class)\b", gap) or re.search(r"tr\s*$|tr jet\s*$", gap) and "m/s" in text[digit.start() : digit.start() + 12]:
        return None
    value = _RVSP_VALUE.match(text, _value_start(text, digit.start(), position))
    return _build_rvsp(text, statement, label, name, value, gap) if value else None


def _value_start(text: str, digit: int, floor: int) -> int:
    start = digit
    while start > floor and text[start - 1] in "<>~= ":
        start -= 1
    return start


def _build_rvsp(
    text: str, statement: Statement, label: re.Match[str], name: str, value: re.Match[str], gap: str
) -> RvspMention | None:
    after = text[value.end() : value.end() + 30]
    total = _SUM.match(after)
    if total:
        low, high, end = float(total.group("sum")), None, value.end() + total.end()
    else:
        if _PLUS_RAP.match(after) or (_BAD_UNIT.match(text, value.end("low")) and not value.group("unit")):
            return None
        low = float(value.group("low"))
        high = float(value.group("high")) if value.group("high") else None
        end = value.end()
    has_unit = bool(value.group("unit")) or "mm" in value.group() or total is not None
    is_vague = re.match(r"(?:right heart|rv\s*pressu|right\s+ventricular\s+pressu|pa\s+press|pulmonary\s+press)", name) is not None
    explicit = "systolic" in name or re.match(r"rvsp|pasp|spap", name) is not None
    if not has_unit and (is_vague and not re.search(r"pulmonary|pa\b", name) or _is_year_or_list(text, value)):
        return None
    slash = re.match(r"\s*/\s*\d", text[value.end("low") :])
    if slash is None and re.match(r"(?:rv|right\s+ventricular)", name) and "systolic" not in name and name != "rvsp" and not re.match(r"rv\s?sp", name):
        return None
    if high is not None and not low < high <= low + 25:
        high, end = None, value.end("low")
    mmhg = low if high is None else (low + high) / 2
    if not RVSP_MIN_MMHG <= mmhg <= RVSP_MAX_MMHG:
        return None
    rank = {"conclusion": 30.0, "findings": 20.0, "body": 20.0, "measurements": 15.0, "history": 10.0}.get(statement.section, 5.0)
    rank += 4 if explicit else 2 if re.search(r"pulmonary|pa\b|pap", name) else 0
    if re.search(r"\bmean\b|\bdiastolic\b", gap):
        return None
    return RvspMention(mmhg, label.start(), end, statement.section, rank, 0.95 if has_unit else 0.75)


def _is_year_or_list(text: str, value: re.Match[str]) -> bool:
    return bool(re.match(r"(?:19|20)\d\d", text[value.start("low") : value.start("low") + 4]) or text[value.end() : value.end() + 1] in ".)" and text[value.end() : value.end() + 3].strip(".)") == "" and float(value.group("low")) < 10)
