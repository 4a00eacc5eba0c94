"""Whether the words around a wall-motion term deny it, or the name before it or behind it."""

from __future__ import annotations

import re

from labeling.rules.denials.denied_lists import ends_in_or, is_stated_anyway
from labeling.rules.wall_patterns import KINESIA, NEGATED_AFTER, NEGATOR, SCOPE_END, WALL

# "No improvement in the apical akinesia", "no thrombus in the akinetic apex": the akinesia is not denied.
_DENIES_ANOTHER = re.compile(
    r"\s*(?:\w+\s+){0,2}(?:improvement|recovery|change|thromb\w+|clots?|progression|deterioration|viability|"
    r"worsening|regression|resolution|mass|flow)\s+(?:\w+\s+){0,2}?"
    r"(?:in|of|at|over|within|on|along|overlying|attached to)\s+"
    rf"(?:(?:the|an?|this|his|her|left|lv|ventricular|entire|old|known|infarcted|whole|dilated|thinned|"
    rf"severe|"
    rf"mild|moderate|large|small|wall|{WALL.pattern})\s*)*"
)


# "No segment is hypokinetic", "none of the walls appears akinetic".
_DENIED_PART = re.compile(
    rf"\s*(?:of )?(?:the |these |those |an? |any )?(?:(?:other|single|one|lv|left|ventricular|visualised|"
    rf"{WALL.pattern})\s+)*"
    r"(?:segment|wall|area|region|territory|part)s?\s+(?:of the (?:lv|left ventricular)\s+)?"
    r"(?:is|are|was|were|appears?|appeared|looks?|looked|seems?|seemed|shows?|showed|has|have|moves?)\s+"
    r"(?:to be |any |an? |frankly |truly |clearly |in )*"
)


# "MR no, wall motion ...", "Clot nil    Inferior wall ...": the label before has its answer.
_LABEL = re.compile(r"(?P<label>[a-z]+)[)\]]?\s*[:=(-]?\s*$")
_VERBS = frozenset(
    "is are was were be shows showed has have had with and or but there of reveals demonstrates".split()
)


def _answers_another(lead: str, negator: str, between: str) -> bool:
    """Whether a negation is the answer of a label before it, parted by a sign or a gap from what follows."""
    label = _LABEL.search(lead)
    is_apart = re.match(r"\s*[),;|]|\s{3,}", between)
    is_answer = negator in ("no", "nil", "none", "absent") and label is not None
    return bool(is_apart and is_answer and label and label.group("label") not in _VERBS)


# "The EF was never above 35 % ...": what is denied is the number.
_LIMIT = re.compile(r"\s*(?:above|below|over|under|more than|less than|exceed\w*|beyond)\s+\d")
_KINESIAS = re.compile(
    rf"(?:{KINESIA.pattern})\s*(?:,(?!\s*(?:mild|moderate|severe|just|only|merely|the)\b|\s*{WALL.pattern})|"
    r"/|\bor\b|\band\b)"
)
# "No MR inferior hypokinesia", "No PE RWMA +": what stands behind the denied name has a place or a sign.
_OTHER_NAME = (
    r"(?:(?:significant|lv|la|pericardial|obvious)\s+)*(?:mr|tr|ar|as|ms|pr|ps|pe|lvh|rvh|clots?|thromb\w+|"
    r"effusion|dilatation|vegetations?|shunts?|asd|vsd|pda|mass|stenosis|regurgitation|pah|"
    r"pulmonary hypertension)"
)
_OTHER_DENIED = re.compile(
    rf"\s+{_OTHER_NAME}(?:\s*[/,&]\s*{_OTHER_NAME})*(?P<rest>\s+(?:(?:mild|moderate|severe|the)\s+)*"
    rf"(?:{WALL.pattern}(?:\s+(?:walls?|segment))?\s*)*)"
)
# "No MR, AR, TR, PAH, RWMA."
_NAMES = re.compile(rf"\s+(?:{_OTHER_NAME}\s*,\s*)+")
_HAS_SIGN = re.compile(r"\s*(?:\(?\s*\+|present\b)")


def _denies_the_name_before(between: str, after: str) -> bool:
    """Whether only another name is denied, and the term is of a wall or has an answer of its own."""
    other = _OTHER_DENIED.fullmatch(between)
    return other is not None and bool(WALL.search(other.group("rest")) or _HAS_SIGN.match(after))


def _is_in_list(between: str, after: str) -> bool:
    """Whether commas carry a denial on: "No clot, effusion, RWMA", but not "No clot, RWMA in the apex"."""
    is_short = len(between.split()) <= 3 or _NAMES.fullmatch(between) is not None
    return is_short and not is_stated_anyway(between, after)


# "Apex (no clot) akinetic": what is denied stands in brackets.
_BRACKETED = re.compile(r"\([^()\n]{2,40}\)")
# "No clot and apex akinetic", "LV not dilated and apex akinetic": what is denied ends before "and".
_AND_A_WALL = re.compile(
    rf"(?P<other>[^,;]*?)\s+(?:and|&)\s+(?:(?:the|mid|distal|also)\s+)*{WALL.pattern}"
    rf"(?:\s*(?:,|&|/|\band\b|walls?|segment|{WALL.pattern}))*"
    r"(?:\s+(?:is|are|was|were|mild|moderate|severe))*\s*"
)


def denies_another(before: str) -> str:
    """The word that denies only what stands before "and" and a wall; empty where there is none."""
    negators = list(NEGATOR.finditer(before))
    found = _AND_A_WALL.fullmatch(before, negators[-1].end()) if negators else None
    if found is None or WALL.search(found.group("other")) or KINESIA.search(found.group("other")):
        return ""
    return negators[-1].group()


def is_negated(before: str, after: str = "", *, over_commas: bool = True) -> bool:
    """Whether a negation in the words before reaches to their end.

    Without `over_commas` a comma ends its reach unless "or" carries it on: "no PAH, hypokinesia of the apex".
    So it does where the words `after` say that what is named is there.
    """
    before = _BRACKETED.sub(lambda found: " " * len(found.group()), before) if ")" in before else before
    negators = list(NEGATOR.finditer(before))
    if not negators:
        return False
    last = negators[-1]
    # "No hypokinetic, akinetic or dyskinetic segments" is one list.
    between = _KINESIAS.sub(" ", before[last.end() :])
    if _LIMIT.match(between) or _answers_another(before[: last.start()], last.group(), before[last.end() :]):
        return False
    if re.match(r"\s*(?:only|longer|doubt|change|significant change)\b", between):
        return False
    if _DENIES_ANOTHER.fullmatch(between) or _denies_the_name_before(between, after):
        return False
    if _DENIED_PART.fullmatch(between):
        return True
    # "The study did not show any RWMA"
    between = re.sub(r"^\s*(?:show|reveal|demonstrate)\s+(?=(?:any|an?|evidence)\b)", " ", between)
    if SCOPE_END.search(re.sub(r"\b(?:evidence|sign|signs) (?:was|is) (?:seen|found) of\b", " ", between)):
        return False
    if "," in between:
        return ends_in_or(between) or (over_commas and _is_in_list(between, after))
    return len(between.split()) <= 12


# "Apex akinetic" above "no clot", "Apex akinetic - no clot", "RWMA (+) no MR": this "no" is the next noun's.
_NEXT_DENIAL = re.compile(
    r"(?:\s*(?:\(\+\)|\+(?!\w)))?(?P<gap>\s+(?:[-|]\s+)?|\s*\()(?:no|nil) (?!(?:more|longer|doubt|such|hai|"
    r"weak|abnormal|rwma|wma|regional|segmental|wall|segment|hypo\w*|akine\w*|dyskine\w*)\b)"
    r"(?!(?:evidence|signs?)(?: of (?:it|this|any))?\s*(?:$|[.;,)]))[a-z]{2}"
)


def is_answered_no(after: str, *, is_label: bool = False) -> bool:
    """Whether the words behind a term deny it, and not the term that follows.

    Behind a label a dash brings its answer: "RWMA - no   RV - dilated".
    """
    if not NEGATED_AFTER.match(after):
        return False
    next_denial = _NEXT_DENIAL.match(after)
    return next_denial is None or (is_label and "-" in next_denial.group("gap"))


# "Clot: nil   ", "LVH: severe | ".
_ANOTHER_ANSWER = re.compile(
    r"[:=]\s*(?:nil|none|no|absent|normal|trivial|trace|mild|moderate|severe|present|yes)"
    r"(?P<apart>\s{2,}|\s*[,|\t]\s*|\s*)$"
)


def before_label(before: str, *, is_apart: bool = False) -> str:
    """The words before a label with an answer of its own: none, where they end in another label's answer.

    Args:
        is_apart: only where more than a space stands between: "Findings: no hypokinesia: ..." denies it.
    """
    answer = _ANOTHER_ANSWER.search(before)
    return "" if answer and (len(answer.group("apart")) > 1 or not is_apart) else before


# What an aneurysm of another part is called by, within its own part of the sentence.
_PARTS = re.compile(r"[,;|(]|\s{3,}|\bwith\b|\bno\b|\s-\s")


def own_part(text: str, start: int, end: int) -> str:
    """A term with the words beside it, up to the next sign, gap or "with"."""
    before, after = text[max(0, start - 45) : start], text[end : end + 40]
    return _PARTS.split(before)[-1] + text[start:end] + _PARTS.split(after)[0]


def denial_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """A denied noun with the words that deny it: the negation before it, else the one behind it."""
    negators = list(NEGATOR.finditer(text, max(0, start - 60), start))
    if negators:
        return negators[-1].start(), end
    after = NEGATED_AFTER.match(text[end:])
    return start, end + after.end() if after else end


# "Findings, none: RWMA, clot", "all nil: MR, RWMA": a list of what is not there.
_DENIED_LIST = re.compile(
    r"[ *-]*(?:findings?,?[ ]*)?(?:all[ ]+)?(?:none(?: of(?: the following)?)?|nil|absent)[ ]*(?::|- "
    r")(?:[ ]*[a-z][a-z ]{0,24}[,/])*[ ]*$"
)
# "RWMA, PAH and clot are absent", "RWMA/PAH/clot - nil".
_NAME = (
    r"(?:(?:significant|lv|la|pericardial|mitral|valvular|intracardiac)\s+)*(?:[mtap]r|[amp]s|p\.?e|"
    r"clots?|thromb\w+|effusion|"
    r"vegetations?|shunts?|asd|vsd|pda|mass(?:es)?|stenosis|regurgitation|pah|pht\w*|ph|pulmonary "
    r"(?:arter\w+ )?hypertension|"
    r"aneurysm|lvh|dysfunction|rwma)"
)
_LISTED_NIL = re.compile(
    rf"(?P<names>(?:\s*(?:,|/|&|,?\s*\b(?:and|or))\s*{_NAME}\b){{1,8}})\s*"
    r"(?:(?:[:=]|-(?= |>))\s*|\s(?:are|were|is|was)\s+)(?:all |both |each )?"
    r"(?:nil|none|absent|not (?:seen|present|noted|found)|negative)(?=\s*(?:$|[.;,\n)]|[a-z]))"
)


def is_in_absent_list(after: str) -> bool:
    """Whether a noun opens a list of names that one denial closes: "RWMA, PAH and clot are absent"."""
    found = _LISTED_NIL.match(after)
    # "RWMA, PAH: nil" may deny the last alone.
    return found is not None and (
        len(re.findall(r"[,/&]|\b(?:and|or)\b", found.group("names"))) > 1
        or not re.search(r"[:=-]", found.group()[len(found.group("names")) :])
    )


def is_denied(before: str, after: str) -> bool:
    """Whether the words before a noun deny it, or head the list it stands in."""
    return is_negated(before, after) or _DENIED_LIST.match(before) is not None


# "No dilatation, aneurysm or hypokinesia".
_LIST_GOES_ON = re.compile(r"\s*(?:,[^.,;\n]{1,30}){0,3}\s*,?\s*\b(?:or|nor)\b")


def is_listed_denied(before: str, after: str) -> bool:
    """Whether a negation reaches a noun, over commas only where the list ends in "or"."""
    is_in_list = _LIST_GOES_ON.match(after) is not None
    return is_negated(before, after, over_commas=is_in_list)
