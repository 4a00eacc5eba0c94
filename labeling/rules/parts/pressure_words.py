"""Short and scattered words for how high a pulmonary pressure is: "PASP: N", "PA pressure ok", "↑ PAP"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from labeling.rules.kinds.codes import written
from labeling.rules.normalise import NormalText

_PRESSURE: Final = (
    r"(?:(?:pa|p\.a\.|pulmonary(?:\s+art(?:ery|erial)?)?|pulm|rv|right ventricular)(?: systolic)?"
    r"\s+pressures?|(?:pa\s?sp|spap|pap|rvsp)s?)"
)
_IS: Final = r"\s*(?:[:=-]\s*|is |are |was |were |appears? )?"
_HEIGHT: Final = r"(?:(?:mild|moderate|severe) )?(?:raised|elevated|increased|high|normal)"
_END: Final = r"(?=\s*(?:$|\.(?!\w)|[,;|)\n\v]|\s-\s|(?:l?v?ef|no|rwma)\b))"
# "PASP: N", "PA pressures nl", "PAP ok", "PA pressure within normal range".
_NORMAL_BEHIND: Final = re.compile(
    rf"\b{_PRESSURE}{_IS}(?P<word>n|nl|ok|okay|fine|wnl|(?:with)?in (?:the )?(?:normal|"
    rf"physiological) (?:limits|range|bounds)|physiological)\b{_END}"
)
# "N PA pressure", "nl PAP".
_NORMAL_AHEAD: Final = re.compile(rf"(?<![a-z.])(?P<word>n|nl)(?= {_PRESSURE}\b)")
# "Pulm pr normal", "PA pr. raised": with any other word behind it, "pr" is a valve's leak.
_PR: Final = re.compile(
    rf"\b(?:pa|pulm|pulmonary(?:\s+art(?:ery)?)?|p\.a\.)\s+(?P<word>pr\b\.?|press(?:ure)?\.)"
    rf"(?={_IS}(?:(?:{_HEIGHT}|nl?|ok|wnl)\b|\d{{2,3}} ?mm))"
)
# "High PA pressure", "PASP high", "PA pressure mildly ↑".
_HIGH: Final = re.compile(
    rf"\b(?P<ahead>high)(?= {_PRESSURE}\b)|(?P<arrow>\u2191)(?=\s?{_PRESSURE}\b)|"
    rf"\b{_PRESSURE}{_IS}(?:(?:mild|moderate|severe) ?)?(?:(?P<behind>high)(?:{_END}|(?=\s+\d{{2,3}}\s?mm))|"
    r"(?P<late>\u2191))"
)
# "RV normal PA pressure raised", "TR severe PASP high": the word before is the chamber's, or the valve's.
_OWN_WORD: Final = re.compile(
    r"\b(?:rv|ra|la|lv|av|mv|tv|pv|valves?|function|mr|tr|ar|as|ms|pr|size|ias|ivs)\s*[:=-]?\s*"
    r"(?:normal|mild|moderate|severe|trivial|intact)"
    rf"(?P<gap>\s)\s*(?={_PRESSURE}{_IS}(?:{_HEIGHT}\b|\d))"
)
# "Hypertension, pulmonary: severe".
_TURNED: Final = re.compile(r"\b(?P<word>hypertension, pulmonary)(?=\s*[:=-])")
# A word and the pressure on two lines of their own; a word behind a soft break answers the line above.
_TWO_LINES: Final = re.compile(
    rf"(?:(?:^|(?<=\n)){_HEIGHT}(?P<first>[\n\v])(?={_PRESSURE}\b)|"
    rf"\b{_PRESSURE}(?: is| are)?[ ]*(?P<second>[\n\v])(?={_HEIGHT}[ ]*(?:$|[.;\n\v]))|"
    r"\bpulmonary artery[ ]*:?[ ]*(?P<third>[\n\v])(?=[ *-]*(?:normal |raised |elevated )?pressures?\b))"
)


# In this order: a name first, then what is said of it.
_SPELT: Final = (
    (_PR, "pressure"),
    (_TURNED, "pulmonary hypertension"),
    (_NORMAL_BEHIND, "normal"),
    (_NORMAL_AHEAD, "normal"),
    (_HIGH, " raised"),
)


# What any of these looks for: a line without it, between lines without it, is not searched.
_NAMED: Final = re.compile(r"press|pap|p\s?asp|pa\ssp|rvsp|pr\b|hypertension,")


def pressure_words_spelt(normal: NormalText) -> NormalText:
    """The text with such words as the rules know them, each beside its own pressure."""
    letters = list(normal.text)
    for start, end in _lines_around(normal.text):
        for own in _OWN_WORD.finditer(normal.text, start, end):
            letters[own.start("gap")] = ","
        for lines in _TWO_LINES.finditer(normal.text, start, end):
            letters[lines.start(lines.lastgroup or 0)] = " "
    normal = replace(normal, text="".join(letters))
    for pattern, word in _SPELT:
        for start, end in reversed(_lines_around(normal.text)):
            for one in reversed(list(pattern.finditer(normal.text, start, end))):
                normal = written(normal, *one.span(one.lastgroup or 0), word)
    return normal


def _lines_around(text: str) -> list[tuple[int, int]]:
    """The lines that name a pressure, each with the one before and the one behind; ranges do not overlap."""
    found: list[tuple[int, int]] = []
    for named in _NAMED.finditer(text):
        if found and named.end() <= found[-1][1]:
            continue
        before = text.rfind("\n", 0, max(0, text.rfind("\n", 0, named.start()))) + 1
        behind = text.find("\n", named.end())
        behind = text.find("\n", behind + 1) if behind >= 0 else -1
        start = max(before, found[-1][1] if found else 0)
        found.append((start, behind if behind >= 0 else len(text)))
    return found
