"""Numbers that are aimed at, that decide a treatment or bring a patient back: nobody's value of today."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.kinds.passages import LineKind, Passage, fields_named

_LABEL: Final = (
    r"(?:(?:lv)?ef|ejection fraction|rvsp|pasp|spap|pa(?:sp)? pressure|pulmonary(?: artery)? pressure)"
)
_OF_WHOM: Final = (
    r"(?:the |his |her |their |this |a |an |any |repeat |follow-?up |resting |estimated |calculated |lv |"
    r"left ventricular |patient's |new |at \w+ )*"
)
_IS_TODAYS: Final = r"(?!\bcurrent|\btoday|\bnow\b|\bpresent)"
_NUMBER: Final = (
    r"\d{1,3}(?:\s*(?:-|to)\s*\d{1,3})?\s*(?:%|mm\s?hg|mmhg)?"
    r"(?:\s*or (?:less|more|below|above|lower|higher))?"
)
_ACT: Final = (
    r"(?:refer|call|consider|repeat|discuss|start|stop|hold|implant|admit|review|inform|notify|escalate|"
    r"treat|operate|"
    r"contact|report to|come back|return|send|withhold|add|increase|reduce|intervene|surgery|icd|crt|mdt)"
)
_PLANS: Final = (
    # "ICD at EF 35 % or lower; CRT at EF 35 %".
    re.compile(
        rf"\b(?:icd|crt|arni|lvad|transplant\w*) (?:at|for|from|below|under)\s+(?:an? )?{_LABEL}\s+"
        rf"(?:of )?{_NUMBER}"
    ),
    # "Cardiac resynchronisation: EF 35 or lower with LBBB".
    re.compile(
        r"\b(?:icds?|crt(?:-[dp])?|arni|lvad|transplant\w*|(?:re)?synchroni[sz]ation|defibrillators?|"
        rf"pacemakers?|mra|sacubitril)(?: \w+)?(?:\s*:| (?:if|when|for|with|at))\s*(?:an? )?{_LABEL}\s+"
        rf"(?:of |is )?(?:(?:[<>]|under|below|above|over)\s*=?\s*\d{{2}}|"
        r"\d{2}\s*%?\s*(?:or|and) (?:less|lower|below|under|more|above|over))\s*%?"
    ),
    # "Goal: LVEF above 50 %", "ICD considered with an EF of 35 % or less".
    re.compile(
        r"\b(?:target(?:ed|ing|s)?|(?:stop(?:ping)?|hold(?:ing)?|pause|alert|alarm|action) (?:rule|limit|"
        r"level|line)|goals?|aim(?:s|ing|ed)?|desired|should be|to (?:achieve|reach)|"
        r"icd (?:if|when|for)|\(needs?|\(requires?|"
        r"crt (?:if|when|for)|hop(?:e|ing) (?:for|to|that)|wants?|threshold|eligib\w+|"
        r"(?:must|has to|have to|needs? to|ought to)(?= be| reach| stay| rise)|"
        r"(?:indicated|recommended|considered?|advised?|planned|offered|reserved|given|deferred|"
        r"contraindicated|"
        r"allowed|permitted|accepted|cleared) (?:for|if|when|in|at|with|below|above|under|once|until|"
        r"unless))\b"
        rf"(?:{_IS_TODAYS}[^.;\n]){{0,80}}?\b{_LABEL}\b[^.;,\n\d]{{0,24}}{_NUMBER}"
    ),
    # "sooner if the PASP should reach 50 mmHg", "hold when EF < 50 %", "should the EF fall under 40".
    re.compile(
        rf"\b(?:if|when|whenever|once|until|till|unless|should|provided(?: that)?|in case|where|as long as|"
        rf"so long as|"
        rf"were)\s+{_OF_WHOM}{_LABEL}\b(?:{_IS_TODAYS}[^.;,\n\d]){{0,48}}{_NUMBER}"
    ),
    # "LVEF must be at least 50 % for clearance", "PASP ought to be below 35".
    re.compile(
        rf"\b{_LABEL}\s+(?:must|should|ought to|has to|have to|needs? to|shall|is to|will have to)\s+"
        rf"[^.;,\n\d]{{0,40}}{_NUMBER}"
    ),
    # "GP wonders about heart failure with EF under 40 %": a kind of illness.
    re.compile(
        rf"\b(?:failure|hf|dysfunction|cardiomyopathy) with (?:an? )?(?:reduced )?{_LABEL}\s*"
        rf"(?:[<>]=?|(?:of )?(?:under|below|less than|over|above|at least))\s*{_NUMBER}"
    ),
    # "PASP goal < 40".
    re.compile(
        rf"\b{_LABEL}\s+(?:goal|target|aim|threshold|limit)\s*(?:is|of|[:=])?\s*"
        rf"(?:[<>]=?|above|below|over|under)?\s*{_NUMBER}"
    ),
    # "Advice: repeat echo to see EF > 40 % before surgery".
    re.compile(
        r"\b(?:advi[cs]ed?|plan|recommend\w*|suggest\w*|to see|ensure|make sure|wait (?:for|until)|"
        r"to document)\b"
        rf"(?:{_IS_TODAYS}[^.;\n]){{0,60}}?\b{_LABEL}\s*(?:of |is )?(?:[<>]=?|above|below|over|under|"
        rf"at least)\s*{_NUMBER}"
    ),
    # "PASP above 60: refer", "EF < 35 % -> ICD".
    re.compile(
        rf"\b{_LABEL}\s*(?:of |is )?(?:[<>]=?|above|below|over|under|less than|more than|greater than|"
        rf"at least)\s*"
        rf"{_NUMBER}\s*(?::|-+>|=>|\u2192|=|,|then|\()\s*(?:please |to |we |i |then )?{_ACT}"
    ),
)
# "EF 35 or lower: ICD".
_BOUND_AND_ACT: Final = re.compile(
    rf"\b{_LABEL}\s*(?:of |is )?\d{{2}}\s*%?\s*(?:or|and) (?:less|lower|below|under|more|above|over|"
    rf"higher)\s*(?::|-+>|=>|\u2192|=|,|then)\s*(?:please |to |we |then |an? )?{_ACT}\b"
)
# What stands before a list of limits: all that follows in its sentence is a plan.
_HEAD: Final = (
    r"(?:triggers?|thresholds?|goals?|targets?|aims?|red flags?|action (?:levels?|limits?|points?)|alarm\w*|"
    r"(?:inclusion|exclusion|eligibility|referral|listing|fitness|entry|discharge|surgical|intervention|"
    r"icd|crt) criteri\w+|(?:treatment )?options?(?=:?\s*[\n\v])|choices(?=:?\s*[\n\v])|"
    r"(?:unfit|fit|refer|referral|call|contact|ring|phone|repeat|re-?scan|review|return|admit|escalate|"
    r"operate|intervene|"
    r"stop|hold|withhold|inform|notify|alert)(?: \w+){0,3} (?:if|when|for))"
)
_HEADED: Final = re.compile(
    rf"(?:(?<=^)|(?<=[\n\v.;(*]))\s*+(?:\d{{1,2}}[.)]\s*)?(?:\w+ ){{0,4}}{_HEAD}\b"
    r"(?P<told>[^.;\n]*(?:\.\d[^.;\n]*|;[^.;\n]*[<>\d][^.;\n]*)*)"
)
_LIMIT: Final = re.compile(
    r"[<>]|\b(?:above|below|over|under|less|more|greater|at least|up to|reach|within)\b|\d"
)
# A heading of such a list on a line of its own; its lines follow.
_LISTED: Final = re.compile(
    rf"(?:(?<=^)|(?<=[\n\v]))[ *#-]*(?:\w+ ){{0,2}}{_HEAD}[^\n\v:]{{0,30}}:?\s*?[\n\v]"
    r"(?P<lines>(?:[ ]*+\S[^\n\v]*+(?:[\n\v]|$))+)"
)
_OUR_LIMIT: Final = re.compile(
    rf"{_LABEL}\s*(?:of |is )?(?:[<>]|above|below|over|under|less|more|greater|at least|up to)"
)
_TODAY: Final = re.compile(r"\b(?:today|now|currently|current|at present|this study)\b")


def plan_passages(text: str) -> list[Passage]:
    """Numbers of a plan, a target or a rule of care, wherever they stand; they leave doubt."""
    found = [
        Passage(*stretch, LineKind.TARGET)
        for plan in (*_PLANS, _BOUND_AND_ACT)
        for match in plan.finditer(text)
        for stretch in _with_its_rest(text, match)
    ]
    for head in _HEADED.finditer(text):
        told = head.group("told")
        if fields_named(told) and _LIMIT.search(told) and not _TODAY.search(told):
            found.append(Passage(head.start(), head.end(), LineKind.TARGET))
    for listed in _LISTED.finditer(text):
        found.extend(_listed(text, *listed.span("lines")))
    return found


def _with_its_rest(text: str, plan: re.Match[str]) -> list[tuple[int, int]]:
    """A plan with the other limits of its sentence, and with what is to be done, if that names a field."""
    stop = re.compile(r"[.;](?=\s|$)|\n|\b(?:now|today|currently)\b").search(text, plan.end())
    end = stop.start() if stop else len(text)
    rest = text[plan.end() : end]
    if (
        re.search(rf"\b{_ACT}\b", rest)
        and {"rwma", "pah"} & fields_named(rest)
        and not re.search(r"\d", rest)
    ):
        return [(plan.start(), end)]
    more = re.compile(rf"{_OUR_LIMIT.pattern}\s*{_NUMBER}").finditer(text, plan.end(), end)
    return [plan.span(), *(limit.span() for limit in more)]


def _listed(text: str, start: int, end: int) -> list[Passage]:
    """The lines of a list that say a limit of ours."""
    return [
        Passage(start + line.start(), start + line.end(), LineKind.TARGET)
        for line in re.finditer(r"[^\n\v]+", text[start:end])
        if _OUR_LIMIT.search(line.group()) and not _TODAY.search(line.group())
    ]
