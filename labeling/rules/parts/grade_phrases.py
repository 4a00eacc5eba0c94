"""Grades that a phrase parts from the pressure: "PAH remains mild", "There is PAH. It is only mild."."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from labeling.rules.kinds.codes import written
from labeling.rules.normalise import NormalText
from labeling.rules.pulmonary_patterns import NEGATED, TERM

_TERM: Final = rf"(?:{TERM.pattern}|\bph\b)"
_GRADE: Final = r"(?:mild|moderate|severe)(?:\s*(?:to|-)\s*(?:moderate|severe))?"
# What says nothing of the grade, and what leads to it.
_PLAIN: Final = (
    r"(?:and|to|it|is|are|this|that|which|has|have|been|the|a|now|still|currently|only|just|merely)\b"
)
_LEADS: Final = (
    r"(?:\b(?:remain(?:s|ed|ing)?|persist(?:s|ed|ing|ent)?|continues|became|becomes?|turned|unchanged|stable|"
    r"same|as before|similar(?: to (?:the )?last \w+)?|no different|no change|albeit|though|although|"
    r"but|too|also|again|likewise|present|yes|there|noted|worse|better|increased|improved|"
    r"if (?:only|at all)|(?:no|not|never) (?:worse|more|higher) than|"
    r"not (?:only |just |merely )?(?:present|mild|moderate|severe)(?= but|,)|"
    r"no longer (?:mild|moderate|severe)(?=[):,])|(?:formerly|once|previously) (?:mild|moderate|severe)(?=,)|"
    r"(?:which|that) was (?:mild|moderate|severe)(?= (?:and |but )?is\b)|"
    r"grew|grown|gone|went|from (?:mild|moderate|severe) to|"
    r"with(?:out| no)? (?:any )?(?:rv|ra|la|right \w+) \w+(?=,))\b|"
    r"\+{1,4}|/(?=\s?(?:mild|moderate|severe)\b)|\b(?:gr|grade)\b\.?\s*(?:i{1,3}v?|[1-4]\+?)(?!\w)|"
    r"\((?:no|not|with|without) [^()\d\n]{1,25}\)|\.\s*(?:it|this)\s+is\b)"
)
_BETWEEN: Final = rf"(?:[\s,:;()-]|{_PLAIN})*{_LEADS}(?:[\s,:;()-]|{_PLAIN}|{_LEADS})*"
# Nothing else is graded: "PAH, but severe TR".
_END: Final = (
    rf"(?:\s+{_TERM})?(?=\s*\)?\s*(?:$|[.;,\n\v]|with\b|and\b|in degree|degree|grade\b|compared|than\b))"
)
_BEHIND: Final = re.compile(rf"{_BETWEEN}(?P<grade>{_GRADE})\b(?P<close>\)?){_END}", re.MULTILINE)
# "PAH - RVSP 65 mmHg, severe", "PAH - (65 mmHg) severe".
_VALUED: Final = re.compile(
    r"[\s:=(,-]*(?P<name>\b(?:rvsp|pasp|spap|pap)\b)?[\s:=(]*(?:of |is )?"
    rf"(?P<value>\d{{2,3}}\s*mm\s?hg)\)?[\s,;-]*\(?(?P<grade>{_GRADE})\b\)?{_END}",
    re.MULTILINE,
)
_GRADED: Final = re.compile(r"\b(?:mild|moderate|severe)\b")
_REACH: Final = 90
# "TR moderate, PAH likewise", "MR is severe. The same is true of PAH."
_ANSWER: Final = rf"(?P<grade>{_GRADE}|none|nil|no|absent)"
_LIKE: Final = re.compile(
    rf"\b(?:mr|tr|ar|as|ms|pr|rwma|clots?|effusion)\b[ ]?[:=-]?[ ]?(?:is )?{_ANSWER}[\s,;.]+(?:and )?"
    rf"(?:(?P<term>{_TERM})\s*:?\s*(?:is )?(?:likewise|as well|the same|ditto)|"
    rf"(?:the )?same (?:is true |goes |holds |applies )?(?:of|for|to) (?:the )?(?P<term2>{_TERM}))"
    r"(?=\s*(?:$|[.;,\n\v]))",
    re.MULTILINE,
)
# "MR and PAH, the former mild, the latter severe".
_LATTER: Final = re.compile(
    rf"(?P<term>{_TERM})[\s,;:(]+the (?:former|first) [a-z]+[\s,;]+(?:and )?the (?:latter|second) (?:is )?"
    rf"(?P<grade>{_GRADE}|nil|none|absent)\b(?=\s*\)?\s*(?:$|[.;,\n\v]))",
    re.MULTILINE,
)
_GONE: Final = re.compile(
    rf"\bneither (?:before|now|then|today|previously) nor (?:now|before|then|today|previously)(?: any)? "
    rf"(?P<term>{_TERM})|"
    rf"(?P<term2>{_TERM})[\s:,]+neither (?:before|now|then|today) nor (?:now|before|then|today)\b|"
    rf"\b(?:nothing|no trace) (?:is |was )?left of (?:the |any )?(?P<term3>{_TERM})"
)
# Each of the rarer phrases has one of these words, and looking for it costs next to nothing.
_RARE: Final = re.compile(r"\b(?:likewise|as well|same|ditto|latter|second|neither|left of)\b")


def grade_phrases_written_out(normal: NormalText) -> NormalText:
    """The text with the grade of a pressure right behind its name where a phrase stands between the two."""
    for start, end, words in sorted(_phrases(normal.text), reverse=True):
        normal = written(normal, start, end, words)
    return normal


def _phrases(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, what stands there); no two overlap."""
    end = 0
    for term in re.finditer(_TERM, text) if _GRADED.search(text) else ():
        behind = _behind(text, term) if term.start() >= end else None
        if behind:
            end = behind.end()
            yield term.start(), end, f"pah: {behind.group('grade')}{_rest_of(behind)}"
    for pattern in (_LIKE, _LATTER) if _RARE.search(text) else ():
        for said in pattern.finditer(text):
            name = next(part for part in ("term", "term2") if said.groupdict().get(part))
            if said.start(name) >= end:
                end = said.end()
                yield said.start(name), end, f"pah: {said.group('grade')}"
    for gone in _GONE.finditer(text) if _RARE.search(text) else ():
        if gone.start() >= end:
            end = gone.end()
            yield *gone.span(), "pah: none"


def _behind(text: str, term: re.Match[str]) -> re.Match[str] | None:
    """The phrase and the grade behind a term that is not denied and has no nearer grade."""
    stop = min(len(text), term.end() + _REACH)
    behind = _BEHIND.match(text, term.end(), stop) or _VALUED.match(text, term.end(), stop)
    if behind is None or (stop < len(text) and behind.end() == stop):
        return None
    before = re.split(r"[\n\v]", text[max(0, term.start() - _REACH) : term.start()])[-1]
    is_asked = re.search(r"\?\s*$", before) is not None
    return None if NEGATED.search(before) or _is_graded_ahead(before) or is_asked else behind


def _rest_of(behind: re.Match[str]) -> str:
    """What else the phrase held: a pressure, as a part of its own, or the end of brackets opened before."""
    said = behind.groupdict()
    if said.get("value"):
        return f"; {said['name'] or 'rvsp'} {said['value']}"
    return ")" if said.get("close") and behind.group().count("(") < behind.group().count(")") else ""


def _is_graded_ahead(before: str) -> bool:
    return re.search(rf"\b{_GRADE}\s+(?:\w+\s+)?$", before) is not None
