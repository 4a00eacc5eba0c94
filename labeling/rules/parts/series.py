"""Several values of one name in a row: one after the other in time, at rest and at work, by two methods."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.ef_patterns import LABEL
from labeling.rules.kinds.cells import DATE, newest
from labeling.rules.kinds.passages import LineKind, Passage
from labeling.rules.pressures.rvsp_patterns import RVSP_LABEL

_N: Final = r"\d{2,3}(?:\.\d)?\s*(?:%|mm\s?hg|mmhg)?"
_NOTE: Final = r"(?:\s*\([^()\n\d]{1,20}\))?"
# "25 % (Jan) > 30 % (Apr) > 41 % (today)"; of two numbers the second may be a limit.
_WHEN: Final = r"(?:(?:(?:19|20)\d\d|this \w+|today|now|at present)[ :]+)?"
_STEPS: Final = re.compile(
    rf"{_WHEN}{_N}{_NOTE}(?:\s*(?:-*>+|=>|\u2192|\.{{2,4}}|:)\s*{_WHEN}{_N}{_NOTE}){{2,}}"
)
_STEP: Final = re.compile(rf"(?P<when>{_WHEN}){_N}(?P<note>{_NOTE})")
_TODAY: Final = re.compile(r"\b(?:today|now|current|present|this \w+|latest)\b")
# "EF 25 > 41 %": no limit, which a value would keep.
_RISING: Final = re.compile(r"(?P<first>\d{2})\s*%?\s*>+\s*(?P<last>\d{2})(?![\d.])")
# "EF rest / peak : 58 / 66 %", "RVSP rest / 25 W / 50 W : 32 / 47 / 63 mmHg", "EF A4C, A2C, BP: 50, 54, 52".
_STAGES: Final = re.compile(
    rf"[ ,(:]*(?P<names>(?:[a-z0-9][a-z0-9 .-]{{0,14}}[/,]\s*)+[a-z0-9][a-z0-9 .-]{{0,14}}?)\)?"
    rf"\s*(?:\(%\)\s*)?[:=]?\s*(?P<values>{_N}(?:\s*[/,]\s*{_N})+)"
)
# "PA pressure normal, BP 130/80" names no two methods.
_CUFF: Final = re.compile(r"\b(?:normal|raised|high|low)\s*,\s*bp\b|\d\s*(?:mm\s?hg|%)")
# Of several methods the biplane one is worth having (docs/codebook.md).
_COUNTS: Final = re.compile(r"\s*(?:(?:at )?(?:rest|resting|baseline|pre)\b|bp\b|bi-?plane|simpson)")
# "52 (Jan), 45 (Apr), 38 (today)".
_NOTED: Final = re.compile(rf"{_N}\s*\([^()\n\d]{{1,20}}\)(?:\s*[,;/]\s*{_N}\s*\([^()\n\d]{{1,20}}\))+")
# "LVEF - 45 % - 52-72": a value and its normal range; which of "30 - 35 - 38" is meant, a person has to say.
_DASHED: Final = re.compile(
    rf"(?:\s*\(?%\)?)?[ :=-]*{_N}(?P<others>\s*-\s*\d{{2,3}}\s*%?\s*-\s*\d{{2,3}}(?![\d/-])\s*(?:%|mm\s?hg)?)"
)
# "EF peak 70, rest 60", "EF: A4C 50, A2C 54, BP 52", "EF pre-op 25, post-op 41".
_STAGE: Final = (
    r"(?:(?:at )?(?:peak|stress|exercise|rest|resting)|a?[24]ch?|bp|bi-?plane|"
    r"(?:pre|post)-?(?:op|crt|pci|ptca|cabg|tavi|tavr|bmv|ptmc)|before|after|"
    r"(?:(?:at|on) )?(?:admission|discharge|diagnosis|presentation)|now|then|"
    r"(?:last|this) (?:year|time|month|visit)|today|currently|at present|"
    r"(?:at |after )?(?:\d{1,2} (?:days?|weeks?|months?|years?)|(?:day|week|month|year) \d{1,2}))"
)
_STAGED: Final = re.compile(
    rf"[ ,(:=]*(?P<stages>{_STAGE}[ :=]*{_N}(?:[ ]*[,;/]?[ ]*(?:and )?{_STAGE}[ :=]*{_N}){{1,3}})(?!\d)"
)
_ONE_STAGE: Final = re.compile(rf"(?P<name>{_STAGE})[ :=]*{_N}")
_KEPT_STAGES: Final = (
    re.compile(r"now|today|currently|at present|this (?:year|time|month|visit)"),
    re.compile(r"(?:(?:at|on) )?discharge"),
    re.compile(r"(?:at )?rest(?:ing)?"),
    re.compile(r"bp|bi-?plane"),
    re.compile(r"post-?\w+|after"),
)
# "EF: 60% (Teich), 52% (Simpson)", "EF 60% by M-mode and 52% by Simpson's".
_TWO_METHODS: Final = re.compile(
    rf"[ :=]*(?P<first>{_N}\s*(?:\(|by |on )\s*(?:teich\w*|m-?mode|visual\w*|eyeball\w*)"
    rf"\s*\)?\s*(?:,|and|&|/)?\s*)"
    rf"(?={_N}\s*(?:\(|by |on )\s*(?:simpson|bi-?plane|bp\b))"
)
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_A_DAY: Final = (
    rf"(?:(?:(?:in|of|on|back in) )?(?:{_MONTH} )?(?:19|20)\d\d|in {_MONTH}|then|once|formerly|initially|"
    r"back then|at that time|in the past|earlier|previously|before|pre-?(?:op\w*|pci|cabg|surgery|treatment)|"
    r"(?:at |on )?(?:the )?(?:admission|diagnosis|presentation|(?:last|first|previous) \w+)|"
    r"(?:\d+|one|two|three|six) (?:years?|months?|weeks?|days?) (?:ago|back|before|earlier))"
)
_OF_NOW: Final = (
    r"(?:now|today|currently|presently|at present|this time|after(?:wards)?|post-?op\w*|"
    r"(?:at|on) (?:discharge|follow-?up)|(?:at|after) (?:\d+|one|two|three|six) (?:days?|weeks?|months?|"
    r"years?))"
)
_PAIR_END: Final = r"(?=\s*\)?\s*(?:$|[\n\v.;,)]))"
# "RVSP 70 then, 45 now", "EF 25 % before PCI, 45 % after".
_THEN_AND_NOW: Final = re.compile(
    rf"[ :=]*(?:was )?(?P<then>{_N}[ (]*,?[ ]*{_A_DAY}\b(?:[ ][a-z]{{2,12}}){{0,2}}[,;.) ]+"
    rf"(?:(?:and|but|is|it is) )?)(?={_N}[ ,(]*{_OF_NOW}\b|{_OF_NOW}[ :]*(?:it is |is )?{_N})"
)
# "EF 45 % now, 25 % then".
_NOW_AND_THEN: Final = re.compile(
    rf"[ :=]*(?:is )?{_N}[ ,(]*{_OF_NOW}\b(?P<then>[,;) ]+(?:(?:and|but|was|it was|from) "
    rf")?{_N}[ ,(]*{_A_DAY}\b)"
    rf"(?:[ ][a-z]{{2,12}}){{0,2}}{_PAIR_END}"
)
# "RVSP was 60 mmHg. Now 40 mmHg.", "PASP was 60 mmHg. It has fallen to 40 mmHg."
_WAS: Final = re.compile(
    rf"[ :=]*(?P<then>(?:was|had been|used to be|was reported as) (?:about )?{_N}(?: in {_MONTH}| last "
    rf"\w+)?[.;,)]?\s+"
    r"(?:(?:it|this|and|but|is|has|have|been|now|today|currently|at present|only|about|fallen|risen|come|"
    r"gone|dropped|"
    r"down|up|to|improved|increased|decreased)[ ,:]+){1,6})"
    rf"(?={_N})"
)
# "At rest and on exercise 25 and 45 mmHg", "by Simpson and by eye 45 and 50 %", "before and after 60 and 40".
_BOTH: Final = re.compile(
    r"[ :=,(]*(?:both )?(?:(?P<first>(?:at |on )?(?:rest|baseline)|(?:by )?(?:simpson\w*(?:'s)?|"
    r"bi-?plane)|now|today)|"
    r"(?:before|then|(?:by )?(?:teich\w*|eye|m-?mode|visual\w*))) and (?:(?:at|on|by|during|after) )?"
    r"(?:after|now|exercise|stress|peak|exertion|teich\w*|eye|m-?mode|visual\w*|simpson\w*(?:'s)?|"
    r"bi-?plane|rest|then|"
    rf"before)(?: [a-z]{{3,10}})?[ :=,)]*(?:are |were |is |was |"
    rf"normal[ :,]+)?(?P<one>{_N})\s*(?P<and>and|&|/|,)\s*"
    rf"(?P<two>{_N})(?![\d.])"
)
# "Increase in RVSP from 30 to 50 mmHg".
_FROM_TO: Final = re.compile(
    rf"\s*(?P<then>(?:(?:went|was|has|reduced|decreased|increased|changed|gone|come|fell|rose|fallen|"
    rf"risen|is)\s+){{0,3}}"
    rf"from {_N}\s+(?:down |up )?to )(?={_N})"
)
# "TR gradient and RVSP 30 and 40 mmHg".
_GRADIENT_AND: Final = re.compile(r"\b(?:tr|gradient|pg|tr(?: peak)? gradient|trpg) and (?:the )?$")
_AND_GRADIENT: Final = re.compile(
    r"(?: ?\(%\))?(?: and | & |/|, ?)(?:the )?(?:tr|gradient|pg|trpg|fs|gls|rv ?ef|mean (?:pap|gradient)|"
    r"rap|bp)\b"
    r"(?: ?\(%\))?[^.;\d\n(-]{0,20}"
)
_TWO_OF: Final = re.compile(
    rf"[ :=,]*(?:are |were |is |was |respectively )*(?P<one>{_N})\s*(?P<and>and|&|/|"
    rf",)\s*(?P<two>-?{_N})(?![\d.])"
)
# "PA pressure now normal (was 60 mmHg)".
_WAS_ASIDE: Final = re.compile(
    r"\((?:it )?(?:was|had been|previously|earlier|formerly|once)\b[^()\n]{0,40}\)"
)
# "RVSP 70 -> 45 mmHg".
_ARROWED: Final = re.compile(
    rf"[ :=]*(?P<then>\d{{2,3}}\s*(?:mm\s?hg)?\s*(?:-+>|=>|\u2192)\s*)(?=\d{{2,3}}\s*(?:mm\s?hg)?{_PAIR_END})"
)
# "RVSP 70 before surgery, now 45".
_THEN_NOW: Final = re.compile(
    rf"[ :=]*(?P<then>{_N}[ ,(]*(?:before|pre-?|at admission|earlier|last)\b[^.;\n\v\d]{{0,30}}?[,;) ]+"
    rf"(?:and |but |is |it )*(?:now|today|currently)[ :]*(?:is )?)(?=\d{{2}})"
)
# "Exercise RVSP 66 (rest 38) mmHg".
_REST_BEHIND: Final = re.compile(
    r"[ :=]*(?P<worked>\d{2,3}\s*\(\s*(?:at )?rest(?:ing)?\s*[:=]?\s*)(?=\d{2,3}\b)"
)
_WORKED: Final = re.compile(r"\b(?:exercise|peak|stress|post-?exercise)\s*$")


def series_passages(text: str) -> list[Passage]:
    """All values of a series but the one that counts: today's, the last, or the one at rest."""
    found = [Passage(*one.span(), LineKind.HISTORY) for one in _WAS_ASIDE.finditer(text)]
    for label in (*LABEL.finditer(text), *RVSP_LABEL.finditer(text)):
        line_end = re.compile(r"[\n\v]|$").search(text, label.end())
        end = min(line_end.start() if line_end else len(text), label.end() + 160)
        if dashed := _DASHED.match(text, label.end(), end):
            found.append(Passage(*dashed.span("others"), LineKind.REFERENCE, casts_doubt=True))
            continue
        steps = _STEPS.search(text, label.end(), end)
        steps = steps or _noted(text, label.end(), end)
        if steps and not re.search(r"[\d.;]", text[label.end() : steps.start()]):
            found.extend(_all_but_todays(text, steps))
        found.extend(_one_before(text, label.end(), end))
        stages = _STAGES.match(text, label.end(), end)
        if stages and not _CUFF.search(stages.group("names")):
            found.extend(_all_but_rest(label.end(), stages))
        found.extend(_of_another_day(text, label.end(), end))
        found.extend(_one_of_two(text, label, end))
        rest = _REST_BEHIND.match(text, label.end(), end)
        worked = _WORKED.search(text, max(0, label.start() - 16), label.start())
        if rest and worked:
            found.append(Passage(*worked.span(), LineKind.HISTORY, leaves_doubt=False))
            found.append(Passage(*rest.span("worked"), LineKind.HISTORY, leaves_doubt=False))
    return found


def _noted(text: str, start: int, end: int) -> re.Match[str] | None:
    """A row of values each with a day in brackets, one of which is today's."""
    noted = _NOTED.search(text, start, end)
    return noted if noted and len(_TODAY.findall(noted.group())) == 1 else None


def _of_another_day(text: str, start: int, end: int) -> list[Passage]:
    """Of two values, one of which is said to be of now, the other; of two with an arrow, the first."""
    for pattern in (_THEN_AND_NOW, _NOW_AND_THEN, _WAS):
        if pair := pattern.match(text, start, end):
            return [Passage(*pair.span("then"), LineKind.HISTORY, leaves_doubt=False)]
    arrowed = _ARROWED.match(text, start, end)
    return [Passage(*arrowed.span("then"), LineKind.HISTORY, casts_doubt=True)] if arrowed else []


def _one_of_two(text: str, label: re.Match[str], end: int) -> list[Passage]:
    """Of two values joined by "and" for two stages, methods or names, the one that doesn't count."""
    change = _FROM_TO.match(text, label.end(), end)
    if change and _is_change(text, change, label):
        return [Passage(*change.span("then"), LineKind.HISTORY, casts_doubt=True)]
    both = _BOTH.match(text, label.end(), end)
    if both:
        return _without(both, keeps_first=both.group("first") is not None)
    if _GRADIENT_AND.search(text, max(0, label.start() - 24), label.start()):
        two = _TWO_OF.match(text, label.end(), end)
        return _without(two, keeps_first=False) if two else []
    other = _AND_GRADIENT.match(text, label.end(), end)
    two = _TWO_OF.match(text, other.end(), end) if other else None
    if not other or not two:
        return []
    name = Passage(*other.span(), LineKind.HISTORY, leaves_doubt=False)
    return [name, *_without(two, keeps_first=True)]


# "EF from 40 to 45 %" spans what one estimate spans; a wider step, or one down, is a change.
_ONE_ESTIMATE: Final = 5.0


def _is_change(text: str, change: re.Match[str], label: re.Match[str]) -> bool:
    """Whether "from ... to ..." tells two days: verbs of an EF's change are read with its value."""
    if not change.group("then").startswith("from"):
        return label.re is RVSP_LABEL
    numbers = re.findall(r"\d{2,3}(?:\.\d)?", change.group("then") + text[change.end() : change.end() + 6])
    is_narrow = len(numbers) == 2 and 0 < float(numbers[1]) - float(numbers[0]) <= _ONE_ESTIMATE
    return not is_narrow or re.search(r"\b(?:up|down)\b", change.group("then")) is not None


def _without(two: re.Match[str], *, keeps_first: bool) -> list[Passage]:
    start, end = (two.start("and"), two.end()) if keeps_first else (two.start("one"), two.start("two"))
    words = Passage(two.start(), two.start("one"), LineKind.HISTORY, leaves_doubt=False)
    return [words, Passage(start, end, LineKind.HISTORY, leaves_doubt=False)]


def _all_but_todays(text: str, steps: re.Match[str]) -> list[Passage]:
    """Everything in a row of values up to the one said to be today's, else up to the last, in doubt."""
    values = list(_STEP.finditer(text, *steps.span()))
    today = [value for value in values if _TODAY.search(value.group("when") + value.group("note"))]
    kept = today[0] if len(today) == 1 else values[-1]
    found = [Passage(steps.start(), kept.start(), LineKind.HISTORY, casts_doubt=not today)]
    return [*found, Passage(kept.end(), steps.end(), LineKind.HISTORY, leaves_doubt=False)]


def _one_before(text: str, start: int, end: int) -> list[Passage]:
    """The values of a row of two that one of now, at rest or by the better method follows or precedes."""
    rising = _RISING.search(text, start, end)
    if rising and int(rising.group("first")) < int(rising.group("last")):
        between = text[start : rising.start()]
        if not re.search(r"[\d.;]", between):
            return [Passage(rising.start(), rising.start("last"), LineKind.HISTORY, casts_doubt=True)]
    two = _TWO_METHODS.match(text, start, end)
    if two:
        return [Passage(*two.span("first"), LineKind.HISTORY, leaves_doubt=False)]
    then = _THEN_NOW.match(text, start, end)
    if then:
        return [Passage(*then.span("then"), LineKind.HISTORY, casts_doubt=True)]
    staged = _STAGED.match(text, start, end)
    return _all_but_kept(text, staged) if staged else []


def _all_but_kept(text: str, staged: re.Match[str]) -> list[Passage]:
    """Every stage but the one at rest, the biplane one, or the one afterwards."""
    stages = list(_ONE_STAGE.finditer(text, *staged.span("stages")))
    for kept in _KEPT_STAGES:
        ours = [stage for stage in stages if kept.fullmatch(stage.group("name"))]
        if len(ours) == 1:
            return [
                Passage(
                    stage.start(),
                    stage.end("name" if stage is ours[0] else 0),
                    LineKind.HISTORY,
                    leaves_doubt=False,
                )
                for stage in stages
            ]
    return []


def _all_but_rest(name_end: int, stages: re.Match[str]) -> list[Passage]:
    """The names of the stages and every value but the one at rest, or by the biplane method."""
    names = re.split("[/,]", stages.group("names"))
    values = list(re.finditer(_N, stages.group("values")))
    rest = [at for at, name in enumerate(names) if _COUNTS.match(name)]
    if all(DATE.fullmatch(name.strip(" (")) for name in names):
        latest = newest([name.strip(" (") for name in names])
        rest = [] if latest is None else [latest]
    if len(names) != len(values) or len(rest) != 1:
        return []
    offset = stages.start("values")
    kept = values[rest[0]]
    return [
        Passage(name_end, offset + kept.start(), LineKind.HISTORY, leaves_doubt=False),
        Passage(offset + kept.end(), stages.end(), LineKind.HISTORY, leaves_doubt=False),
    ]
