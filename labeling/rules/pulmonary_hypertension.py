"""Read pulmonary hypertension as the printed word. Conventions: `docs/codebook.md`, section PAH."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from db.labels import Pah
from labeling.rules.denials.denied_lists import may_be_stated
from labeling.rules.denials.pulmonary_denials import denied_from, is_pressure_denied, sureness_of_denial
from labeling.rules.pulmonary_patterns import (
    AT_WORK,
    DEGREE_BEHIND,
    GRADE_AFTER,
    GRADE_BEFORE,
    GRADE_HEAD,
    HEDGE_AFTER,
    HEDGE_BEFORE,
    HEIGHT_BEHIND,
    JOINED_BY_BARS,
    NAME_BEFORE,
    NEXT_NORMAL,
    NO_FINDING,
    NO_LONGER,
    NOT_RAISED,
    OTHER_PRESSURE,
    OWN_HEIGHT,
    PRESENT_AND_GRADED,
    PRESSURE_OF_THE_ARTERY,
    PREVIOUS,
    SHARED_GRADE,
    SIGN,
    SINCE_THEN,
    STATED_AHEAD,
    STATED_BEHIND,
    STILL,
    SYSTEMIC,
    TERM,
    WORDED,
)
from labeling.rules.sections import Statement


@dataclass(frozen=True)
class PahAssertion:
    """One printed word (or denial) about pulmonary hypertension; offsets are in the normalised text,
    half-open.
    """

    pah: Pah
    start: int
    end: int
    section: str
    is_worded_as_pressure: bool
    certainty: float


def find_pah_assertions(statements: Sequence[Statement]) -> list[PahAssertion]:
    """Every statement of pulmonary hypertension by word, denials included, hedges left out."""
    found: list[PahAssertion] = []
    for statement in statements:
        if statement.section != "previous":
            found.extend(_terms_in(statement))
            found.extend(_worded_in(statement))
            found.extend(_heights_in(statement))
    return found


def choose_pah(assertions: Sequence[PahAssertion]) -> PahAssertion | None:
    """The term beats the pressure wording, a grade an ungraded mention, the conclusion the rest."""
    if not assertions:
        return None

    def rank(a: PahAssertion) -> tuple[int, int, int, int]:
        by_section = {"conclusion": 3, "findings": 2, "body": 2, "measurements": 2, "history": 0}.get(
            a.section, 1
        )
        return (
            not a.is_worded_as_pressure,
            a.pah is not Pah.PRESENT_UNSPECIFIED,
            by_section,
            _ORDER.index(a.pah),
        )

    return max(assertions, key=rank)


_ORDER = [
    Pah.NOT_STATED,
    Pah.UNREADABLE,
    Pah.PRESENT_UNSPECIFIED,
    Pah.NONE,
    Pah.MILD,
    Pah.MODERATE,
    Pah.SEVERE,
]


_GRADES = {"mild": Pah.MILD, "moderate": Pah.MODERATE, "severe": Pah.SEVERE}


def _terms_in(statement: Statement) -> list[PahAssertion]:
    text = statement.text
    found: list[PahAssertion] = []
    for match in TERM.finditer(text):
        before, after = SINCE_THEN.sub(" ", text[: match.start()]), text[match.end() :]
        before = before.rjust(match.start())
        if PREVIOUS.search(before) or HEDGE_AFTER.match(after) or NO_FINDING.match(after):
            continue
        assertion = _term(statement, match, before, after)
        if assertion is not None:
            found.append(assertion)
    return found


_SIGNS = {"+": Pah.PRESENT_UNSPECIFIED, "-": Pah.NONE}


def _term(statement: Statement, match: re.Match[str], before: str, after: str) -> PahAssertion | None:
    """What is said of one printed term: gone, graded now, signed, denied, graded, valued, or only named."""
    start, end = match.span()
    if gone := _gone(statement, match, before, after):
        return gone
    if re.search(r"\b(?:previous(?:ly)?|prior|earlier|formerly)\b[^.;,\n]{0,30}$", before):
        return _grade_now(statement, match, after)
    # "LVH: mild   PH: nil": a label with its own answer takes none from the label before it.
    is_label = re.match(r"\s*[:=]", after) is not None and GRADE_AFTER.match(after) is not None
    if is_label:
        return _value_behind(statement, match, after, named_from=start)
    head = GRADE_HEAD.match(before)
    if head:
        return _asserted(statement, _GRADES.get(head.group("grade"), Pah.NONE), head.start(), end, 0.7)
    graded = GRADE_BEFORE.search(before)
    sign = None if graded else SIGN.match(after)
    if sign:
        return _signed(statement, match, sign, after)
    negation = denied_from(before, after)
    if negation is not None:
        return _asserted(statement, Pah.NONE, negation, end, sureness_of_denial(before, after))
    if HEDGE_BEFORE.search(before[: graded.start()] if graded else before):
        return None
    said = _still_graded(statement, match, after) or _graded(statement, match, graded, after)
    return _unless_denied(said, before, after)


def _unless_denied(said: PahAssertion | None, before: str, after: str) -> PahAssertion | None:
    """An assertion, unsure where a "no" before it may be meant for it, too: "No MR, PAH present"."""
    if said is None or not may_be_stated(before, after):
        return said
    return replace(said, certainty=min(said.certainty, 0.55))


def _gone(statement: Statement, match: re.Match[str], before: str, after: str) -> PahAssertion | None:
    """ "PAH is no longer seen" is none, "PAH no longer severe" there still; a grade before it stays."""
    gone = NO_LONGER.match(after)
    if gone is None or (gone.group("grade") and GRADE_BEFORE.search(before)):
        return None
    pah, certainty = (Pah.PRESENT_UNSPECIFIED, 0.6) if gone.group("grade") else (Pah.NONE, 0.8)
    return _asserted(statement, pah, match.start(), match.end() + gone.end(), certainty)


def _signed(statement: Statement, match: re.Match[str], sign: re.Match[str], after: str) -> PahAssertion:
    """By the sign behind the term, and the grade behind that: "PAH +, moderate"."""
    closer = _CLOSER.match(after, sign.end()) if "+" in sign.group() else None
    pah = _GRADES[closer.group("grade")] if closer else _SIGNS[sign.group().strip()[0]]
    return _asserted(statement, pah, match.start(), match.end() + (closer or sign).end(), 0.8)


def _still_graded(statement: Statement, match: re.Match[str], after: str) -> PahAssertion | None:
    """The grade behind a term that goes on from an earlier study."""
    still = STILL.match(after)
    if still is None:
        return None
    return _asserted(
        statement,
        _GRADES[still.group("grade") or still.group("to")],
        match.start(),
        match.end() + still.end(),
        0.8,
    )


def _grades_another(lead: str, after: str) -> bool:
    """Whether a grade before a term is the valve's before it: "TR severe PAH mild"."""
    later = GRADE_AFTER.match(after)
    has_grade = later is not None and later.group("low") in _GRADES
    return bool(has_grade and re.search(r"\b(?:mr|tr|ar|ai|as|ms|pr|ps|lvh|rvh)\s*[:=-]?\s*$", lead))


def _graded(
    statement: Statement, match: re.Match[str], graded: re.Match[str] | None, after: str
) -> PahAssertion | None:
    """By the grade before the term, its own or that of the list it closes, else by the word behind."""
    if graded and _grades_another(statement.text[: graded.start()], after):
        graded = None
    shared = SHARED_GRADE.search(statement.text[: match.start()])
    if shared and not graded:
        return _shared(statement, shared, match, after)
    if graded and (grade := _GRADES.get(graded.group("high") or graded.group("low"))):
        return _asserted(statement, grade, graded.start(), match.end(), 0.95)
    return _value_behind(statement, match, after, named_from=graded.start() if graded else match.start())


def _shared(
    statement: Statement, shared: re.Match[str], match: re.Match[str], after: str
) -> PahAssertion | None:
    """The grade of a whole list, sure where it has two leaks or more: "Severe AS / PAH" may be the first
    item's alone.
    """
    own = _value_behind(statement, match, after, named_from=match.start())
    if own is None or own.pah is not Pah.PRESENT_UNSPECIFIED or re.match(r"\s*(?:is |: ?)?present\b", after):
        return own
    valves = len(re.findall(r"[,/&+]|\band\b", shared.group()))
    if shared.group("last") == "," and (valves == 1 or re.search(r"\band\b|&", shared.group())):
        # "Severe MS, PAH": the grade is the valve's.
        return replace(own, certainty=min(own.certainty, 0.55))
    grade = _GRADES.get(shared.group("high") or shared.group("low"), Pah.PRESENT_UNSPECIFIED)
    is_list = valves > 1 or JOINED_BY_BARS.search(shared.group()) is not None
    sureness = 0.9 if is_list else 0.7
    return _asserted(statement, grade, shared.start(), match.end(), sureness)


# "PAH +, moderate".
_CLOSER = re.compile(
    r"\s*[,(:-]\s*(?P<grade>mild|moderate|severe)\b(?!\s*(?:to|-)\s*(?:moderate|severe))"
    r"(?=\s*(?:degree|grade)?\s*(?:$|[.;,)\n]))"
)


def _value_behind(
    statement: Statement, match: re.Match[str], after: str, named_from: int
) -> PahAssertion | None:
    """The word behind the term ("PAH: mild"), else that it is named at all; None for an empty field."""
    start, end = match.span()
    graded = PRESENT_AND_GRADED.match(after)
    if graded:
        grade = _GRADES[graded.group("high") or graded.group("low")]
        return _asserted(statement, grade, start, end + graded.end(), 0.9)
    later = GRADE_AFTER.match(after)
    # "PAH no ..." starts the next finding's denial; "PAH: no", and "PAH no" at the end, answer this one.
    if later and (later.group("low") != "no" or re.match(r"\s*[:=(|)-]|\s+no\s*(?:[|.,;]|$)", after)):
        word = later.group("high") or later.group("low")
        is_denied = word in ("nil", "nad", "none", "absent", "no", "n")
        pah = Pah.NONE if is_denied else _GRADES.get(word, Pah.PRESENT_UNSPECIFIED)
        return _asserted(statement, pah, start, end + later.end(), 0.9)
    if re.match(
        r"\s*[:=]?\s*0(?=\s*(?:$|[;,.\n](?!\d)))|\s*(?:\([^)]*\)\s*)?(?:[:=-]++\s*+|is |was |are |has been |"
        r"confidently |clearly )*(?:not (?:seen|noted|present|"
        r"detected|found|evident)|no (?:evidence|signs?|indication)\b(?! of| for)|-ve|neg\b|negative|"
        r"\(-\)|ruled out|excluded)",
        after,
    ):
        return _asserted(statement, Pah.NONE, start, end, 0.9)
    if re.match(r"\s*[:=]?[\s_.-]*$|\s*[:=][\s_]*[;,|\n]", after) and re.match(r"\s*[:=_]", after):
        return None
    # A term with nothing said of it: a finding, or a label that no kind of line was told for.
    sureness = 0.8 if named_from < start or _is_stated(statement.text[:start], after) else 0.7
    return _asserted(statement, Pah.PRESENT_UNSPECIFIED, named_from, end, sureness)


def _is_stated(before: str, after: str) -> bool:
    return STATED_AHEAD.search(before) is not None or STATED_BEHIND.match(after) is not None


def _asserted(
    statement: Statement, pah: Pah, start: int, end: int, certainty: float, *, by_pressure: bool = False
) -> PahAssertion:
    """An assertion whose range is in the statement's own text."""
    offset = statement.start
    return PahAssertion(pah, offset + start, offset + end, statement.section, by_pressure, certainty)


def _grade_now(statement: Statement, match: re.Match[str], after: str) -> PahAssertion | None:
    """ "Previously severe pulmonary hypertension, now mild": only the present grade counts."""
    now = re.match(
        r"[^.;\n]{0,30}?\b(?:now|currently|today)\s+(?:is\s+|only\s+)?"
        r"(mild|moderate|severe|resolved|absent|none)\b",
        after,
    )
    if now is None:
        return None
    pah = _GRADES.get(now.group(1), Pah.NONE)
    return _asserted(statement, pah, match.start(), match.end() + now.end(), 0.8)


def _worded_in(statement: Statement) -> list[PahAssertion]:
    """ "Normal pulmonary artery pressures", "mildly elevated PASP": the word is printed of the pressure."""
    text = statement.text
    found: list[PahAssertion] = []
    for match in WORDED.finditer(text):
        before = text[: match.start()]
        if HEDGE_BEFORE.search(before) or re.search(r"\b(?:venous|wedge|capillary)\b", match.group()):
            continue
        if AT_WORK.match(text, match.end()):
            continue
        pah = _height(match, before, text[match.end() :])
        if pah is not None:
            # "PA pressure: severe" is the answer of a form.
            is_answer = pah in _GRADES.values() and not _is_raised(match, text[match.end() :])
            certainty = 0.7 if is_answer else 0.8
            found.append(_asserted(statement, pah, *match.span(), certainty, by_pressure=True))
    for match in SYSTEMIC.finditer(text):
        if not HEDGE_BEFORE.search(text[: match.start()]) and not re.search(r"\b(?:no|not)\b", match.group()):
            found.append(_asserted(statement, Pah.PRESENT_UNSPECIFIED, *match.span(), 0.7, by_pressure=True))
    return found


def _heights_in(statement: Statement) -> list[PahAssertion]:
    """ "PASP is 45 mmHg, which is mildly elevated", "Pulmonary artery: normal pressure"."""
    text = statement.text
    found: list[PahAssertion] = []
    behind = HEIGHT_BEHIND.finditer(text) if "hg" in text else ()
    for height in (*behind, *PRESSURE_OF_THE_ARTERY.finditer(text)):
        said = height.groupdict()
        before = text[: height.start()]
        is_other = OTHER_PRESSURE.search(f"{before[-25:]} {said.get('gap') or ''}") or PREVIOUS.search(before)
        if is_other or HEDGE_BEFORE.search(before):
            continue
        pah = _height_said(said)
        if pah is not None:
            found.append(_asserted(statement, pah, height.start(), height.end(), 0.8, by_pressure=True))
    return found + [
        _asserted(statement, Pah.NONE, denial.start(), denial.end(), 0.8, by_pressure=True)
        for denial in NOT_RAISED.finditer(text)
    ]


_RAISED = ("raised", "elevated", "increased")


def _height_said(said: Mapping[str, str | None]) -> Pah | None:
    """What a word for the height stands for; None for "is not normal", which does not say how high it is."""
    is_raised = (said["word"] or "").startswith((*_RAISED, "high", "hypertension"))
    if said.get("neg"):
        return Pah.NONE if is_raised else None
    grade = _GRADES.get(said.get("high") or said["low"] or "", Pah.PRESENT_UNSPECIFIED)
    return grade if is_raised else Pah.NONE


def _is_raised(match: re.Match[str], after: str) -> bool:
    verb = match.group("verb") or match.group("verb2")
    return bool(verb or re.match(r"\s*(?:elevat|rais|increas|high)", after))


def _height(match: re.Match[str], before: str, after: str) -> Pah | None:
    """The grade by the pressure's own word: the one behind it where the one before is another name's."""
    word = match.group("g1b") or match.group("g2b") or match.group("g1") or match.group("g2")
    return _own_height(match, before, after) or _worded_grade(word, before, match, after)


def _own_height(match: re.Match[str], before: str, after: str) -> Pah | None:
    """Of "RV normal PA pressure raised": where the word before is another name's, the height behind it."""
    own = OWN_HEIGHT.match(after) if match.group("g1") and NAME_BEFORE.search(before) else None
    if own is None:
        return None
    grade = _GRADES.get(own.group("grade") or "", Pah.PRESENT_UNSPECIFIED)
    return Pah.NONE if own.group("height") == "normal" else grade


def _worded_grade(word: str, before: str, match: re.Match[str], after: str) -> Pah | None:
    """The grade a wording by pressure stands for; None where it only describes or denies another word."""
    is_raised = _is_raised(match, after)
    is_word_for_raised = word in (*_RAISED, "high")
    if is_pressure_denied(before):
        return Pah.NONE if is_word_for_raised or is_raised else None
    if match.group("neg"):
        return Pah.NONE if is_word_for_raised else None
    if word in ("normal", "unremarkable", "wnl"):
        return None if _is_reference_value(before, match.group(), after) else Pah.NONE
    if word in _GRADES:
        is_answer = re.search(rf"pressure\s*[:=]\s*{word}$", match.group()) and not re.match(r"\s*\w", after)
        return _GRADES[word] if is_raised or is_answer else None
    return _raised_grade(after) if word in _RAISED else None


def _raised_grade(after: str) -> Pah:
    """The degree behind a raised pressure, if one is printed."""
    behind = DEGREE_BEHIND.match(after)
    grade = behind.group("grade") or behind.group("bracketed") if behind else ""
    return _GRADES.get(grade, Pah.PRESENT_UNSPECIFIED)


def _is_reference_value(before: str, wording: str, after: str) -> bool:
    """Whether "normal" belongs to a reference range or to another word ("abnormal", "upper normal")."""
    if re.search(r"\b(?:with)?in (?:the )?normal$", wording):
        return False
    if NEXT_NORMAL.search(wording) and re.match(r"\s+(?!limits?\b|range\b|and\b|in\b|for\b)[a-z]", after):
        return True
    # "PASP normal: 26 mmHg" gives the patient's, "normal PASP: 26 mmHg" may not.
    if not wording.startswith("normal") and re.match(r"\s*[:=-]\s*\d{2,3}\s*mm\s?hg(?! or |\s*-)", after):
        return False
    is_range = re.match(
        r"\s*(?:range|value|limits?\s*(?:[:=<>\d]|is\b|are\b|for\b)|below|under|above|less|at most|<|is|"
        r":(?!\s*(?:rvsp|pasp|spap|pap)\b)|=|-\s*\d|up to|\d)",
        after,
    )
    return bool(is_range or re.search(r"\b(?:ab|upper|high)\s*-?\s*$", before))
