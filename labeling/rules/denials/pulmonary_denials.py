"""Whether the words around a name of pulmonary hypertension deny it, or the name before it."""

from __future__ import annotations

import re

from labeling.rules.denials.denied_lists import ends_in_or, is_stated_anyway, may_be_stated
from labeling.rules.pulmonary_patterns import NEGATED, NEGATED_LIST

# "Clot nil    PH mild", "AR no. PAH mild", "RWMA is nil PAH is mild": the word before answers its own label.
_OWN_ANSWER = re.compile(
    r"(?P<label>[a-z]+)[)\]]?\s*[:=(-]*\s*\b(?:no|nil|none|absent)\b(?P<apart>[\s).,;|]*)$"
)
_OWN_GRADE = re.compile(
    r"\s*(?:is )?[:=(-]?(?:[\s,:]*\b(?:only|still|now|again|just|merely|at (?:least|most)|barely|quite|"
    r"rather|known|"
    r"worse|better|remains|is)\b[\s,:]*)*,?\s*(?:mild|moderate|severe)\b(?! (?:mr|tr|ar|ai|pr|as|ms|lvh|"
    r"la|ra|lv|rv|"
    r"mitral|aortic|tricuspid|diastolic)\b)"
)
_NO_LABELS = frozenset("is are was were shows showed has have had with and or but there of".split())


def _denies_another(before: str, after: str) -> bool:
    """Whether the negation before a term is another label's answer: it is parted from the term, or the term
    has a grade of its own.
    """
    # "PAH mild AR nil": whose the grade is may be open, but the denial is not this term's.
    has_grade = _OWN_GRADE.match(after) is not None
    answer = _OWN_ANSWER.search(before)
    if answer is None:
        return has_grade and not NEGATED.search(before)
    is_label = answer.group("label") not in _NO_LABELS
    is_apart = re.search(r"[).,;|]|\s{3,}", answer.group("apart")) is not None
    is_said = answer.group("label") in ("is", "are") and not re.search(r"\bno\b", answer.group())
    return bool((is_label and is_apart) or (has_grade and (is_label or is_said)))


def denied_from(before: str, after: str) -> int | None:
    """Where the negation of a term starts; None where nothing denies it, or what does is another's."""
    return None if _denies_another(before, after) else _negation_start(before, after)


# What ends the reach of a "no" over the names behind it.
_OF_ITS_OWN = re.compile(
    r"\b(?:but|with|however|except|despite|is|was|are|were|significant change|there|grade)\b"
)
# What counts as no word of a list: "evidence of regional wall motion abnormality".
_LONG_NAME = re.compile(
    r"\b(?:evidence|signs?) of (?:any )?|\b(?:regional |segmental )?wall[- ]motion (?=abnormalit)|"
    r"\b(?:significant|left ventricular|valv\w+|pericardial) "
)
_GRADED_NAME = re.compile(r"\b(?:mild|moderate|severe)\b")


def _negation_start(before: str, after: str) -> int | None:
    """Where a negation that reaches the end of `before` starts: "no PAH", "no MR/AR/PAH", "no clot or
    significant PAH".
    """
    direct = NEGATED.search(before)
    if direct:
        return direct.start()
    listed = NEGATED_LIST.search(before)
    if listed is None:
        return None
    items = listed.group("list")
    if _OF_ITS_OWN.search(items) or is_stated_anyway(items, after):
        return None
    if ends_in_or(items):
        return listed.start()
    pieces = re.split(r"[,/&]|\bor\b|\bnor\b|\band\b", items)
    if _GRADED_NAME.search(items) or pieces[-1].strip():
        return None
    is_short = all(len(_LONG_NAME.sub("", piece).split()) <= 4 for piece in pieces)
    return listed.start() if is_short else None


_PRESSURE_DENIED = re.compile(
    r"\b(?:no|not|without|nothing)\s+(?:(?:significant(?:ly)?|evidence of|signs? of|to suggest|"
    r"to indicate|suggesting|a|an)\s+)*$"
)


def is_pressure_denied(before: str) -> bool:
    """Whether what follows is denied, alone or as the last of several things: "no effusion or raised
    pressure".
    """
    if _PRESSURE_DENIED.search(before):
        return True
    listed = NEGATED_LIST.search(before)
    return (
        listed is not None
        and not _OF_ITS_OWN.search(listed.group("list"))
        and ends_in_or(listed.group("list"))
    )


# "No severe PAH" may leave a mild one.
_ONE_GRADE = re.compile(r"\b(?:no|not|without) (?:an?y? )?severe $")


def sureness_of_denial(before: str, after: str) -> float:
    """How sure a denial is, 0-1: unsure where it may be of another name, or of one grade alone."""
    is_open = may_be_stated(before, after) or _ONE_GRADE.search(before)
    return 0.5 if is_open else 0.95
