"""Two values of one name, one of which is said to be another day's, another place's or a worse method's:
"EF elsewhere 50 %, here 45 %", "EF no longer 30 % but 45 %", "EF 60 % by M-mode, but 48 % by biplane".
"""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.ef_patterns import LABEL, STRESS
from labeling.rules.kinds.passages import LineKind, Passage
from labeling.rules.pressures.rvsp_patterns import RVSP_LABEL

_VALUE: Final = (
    r"(?:[<>~]\s*)?\d{1,3}(?:\.\d)?(?:\s*(?:-|to)\s*\d{1,3})?(?!\d)\s*(?:%|mm\s?hg)?"
    r"(?!\s*(?:mm\b|cm\b|ml\b|m/s|years?\b|days?\b|weeks?\b|months?\b|beats\b|bpm\b|min\b)|"
    r"[/.-]\d|\s*[/+]\s*\d)"
)
_HOSPITAL: Final = r"(?:hospital|cent(?:re|er)|clinic|lab\w*|place)"
_STUDY: Final = r"(?:echo(?:cardiogram)?|study|scan|report|exam\w*|tte|visit|time|year|month|week)"
_OTHER: Final = re.compile(
    r"\b(?:elsewhere|(?:at |in |from |by )?(?:the |an? )?(?:outside|other|another|different|"
    rf"referring) {_HOSPITAL}|"
    r"previous(?:ly)?|before|earlier|prior|formerly|once|initially|used to be|then|first|back then|"
    r"baseline|(?:on|at|in) (?:the )?(?:admission|presentation|baseline|diagnosis)|"
    rf"(?:on |at |in |from |by )?(?:the |his |her )?(?:last|previous|prior|earlier|old|first) {_STUDY}|"
    r"(?:by |on |at |from )?(?:the )?(?:muga|c?mri|cmr|cath\w*|rhc|ct|spect|nuclear|angio\w*|"
    r"ventriculogra\w+))\b"
)
_UNRELIABLE: Final = re.compile(r"\b(?:(?:not|is not|isn't) (?:so )?reliable|unreliable)\b")
_NOT: Final = re.compile(r"\b(?:no longer|not)\s*$")
_HERE: Final = re.compile(
    rf"\b(?:here|now|today|currently|at present|presently|(?:on |in |at |by )?(?:this|our|today's) {_STUDY}|"
    r"we (?:now )?(?:measured?|find|found|get|got|see|saw|make it)|ours|(?:by |on |at )?echo|"
    r"(?:at |on |by )?discharge(?: on day \d{1,2})?|"
    r"(?:has |have |had |is |was )?(?:fell|fallen|risen|rose|dropped|improved|increased|decreased|come|came|"
    r"gone|went|down|up)(?: down| up)? to)\b"
)
# The methods of an EF, the better the higher (docs/codebook.md).
_METHODS: Final = (
    re.compile(r"\b(?:teich\w*|m-?mode|cubed?)\b"),
    re.compile(r"\b(?:a?[24]ch?|single[- ]plane)\b"),
    re.compile(r"\b(?:visual\w*|eye|eyeball\w*)\b"),
    re.compile(r"\b(?:bi-?plane|bp|simpson\w*(?:'s)?|3d|triplane|mod)\b"),
)
_PLAIN: Final = (
    r"(?:is|was|were|are|be|as|of|at|the|it|has|had|been|reported|measured|estimated|given|calculated|said|"
    r"about|around|approximately|roughly|only|just|merely|by|on|and|but|yet|though|although|while|whereas|vs|"
    r"versus|from|rather than|instead of|"
    r"compared|against|to|with|up|down|better|worse|higher|lower|method|value|which|still|an?|again|even|"
    r"no longer|not|reading)"
)
_WORD: Final = "|".join(
    (
        _OTHER.pattern,
        _UNRELIABLE.pattern,
        _HERE.pattern,
        *(method.pattern for method in _METHODS),
        rf"\b{_PLAIN}\b",
    )
)
_SIGNS: Final = r"[\s,:=()/;.]"
# Where the first value's words end and the second's begin.
_JOINT: Final = re.compile(
    r"[,;/]|\.\s|\b(?:but|and|though|although|while|whereas|vs|versus|compared|against)\b"
)
_CONTRAST: Final = re.compile(r"\b(?:but|only|though|although|now|today)\b")
_REACH: Final = 150
_NEXT_LINE: Final = re.compile(r"[\n\v]|$")


def _pattern(names: str) -> re.Pattern[str]:
    words = rf"(?:{_SIGNS}|{_WORD}|\b{names}\b)"
    return re.compile(
        rf"(?P<before>{words}{{0,20}}?)(?P<first>{_VALUE})(?P<between>{words}{{1,20}}?)(?P<second>{_VALUE})"
        rf"(?P<behind>(?:[ (]*(?:{_OTHER.pattern}|{_HERE.pattern}|"
        rf"{'|'.join(method.pattern for method in _METHODS)}|\bby\b|\bon\b|\bat\b|"
        r"\b(?:in|of) (?:[a-z]{3,9}\.? )?(?:19|20)\d\d\b|\)))*+)"
        # "A2C 62 % BP 60 %": the words are a third value's.
        r"(?!\s*[:=]?\s*\d)"
    )


_TWO: Final = (
    (LABEL, _pattern(r"(?:lv)?ef")),
    (RVSP_LABEL, _pattern(r"(?:rvsp|pasp|spap|pap)")),
)
# "RVSP 60, then 50, now 40 mmHg", "EF 30, 35 and now 45 %".
_ROW: Final = re.compile(
    rf"[ :=]*(?:(?:first|initially|was)\s+)?(?P<others>{_VALUE}(?:\s*,\s*(?:then )?{_VALUE})+\s*,?\s*"
    rf"(?:and )?(?:now|today|currently)\s+(?:is |only )?)(?={_VALUE})"
)
# "RVSP 60 and 40 mmHg before and after balloon".
_BEFORE_AND_AFTER: Final = re.compile(
    rf"[ :=]*(?P<others>{_VALUE}\s*(?:and|&|/|,)\s*)(?={_VALUE}\s*\(?(?:before and after|pre and post|"
    rf"then and now|pre/post)\b)"
)
# "EF has improved from 35 % (March) to 50 %", "PASP decreased to 40 mmHg (from 65)".
_MOVED: Final = (
    r"(?:(?:has|have|had)\s+)?(?:now |since )?(?:improved|increased|decreased|declined|reduced|dropped|"
    r"fallen|fell|risen|rose|worsened|deteriorated|recovered|come|came|gone|went)(?:\s+(?:up|down))?"
)
_AT_WORK: Final = (
    rf"(?!{_VALUE}\s*\)?\s*(?:on|with|at|during|after|under) (?:peak |low dose )?(?:exercise|stress|"
    r"exertion|effort|dobutamine))"
)
_CHANGED: Final = re.compile(
    rf"[\s:,]*(?P<others>{_MOVED}\s+from\s+(?:about )?{_VALUE}(?:\s*\([^()\d\n]{{1,15}}\))?\s+"
    rf"to\s+(?:about )?){_AT_WORK}(?={_VALUE})"
)
_CHANGED_TO: Final = re.compile(
    rf"[\s:,]*(?P<lead>(?:{_MOVED}\s+to|(?:up|down)\s+to)\s+(?:about )?){_VALUE}"
    rf"(?P<others>\s*,?\s*\(?\s*from\s+(?:about )?{_AT_WORK}{_VALUE}\)?)"
)
# "The ejection fraction, which was 35 % in 2021, has recovered to 50 %".
_WHICH_WAS: Final = re.compile(
    rf"\s*(?P<others>,\s*(?:which|that)\s+(?:was|had been|used to be)\s+(?:about )?{_VALUE}"
    rf"[^.;,\n\d]{{0,20}}(?:(?:19|20)\d\d)?[^.;,\n\d]{{0,12}},\s*"
    rf"(?:(?:{_MOVED}|is|it|now|today|currently|to|about|only|at)\s+)+)"
    rf"{_AT_WORK}(?={_VALUE})"
)
# "PASP rises from 30 to 60 mmHg on exercise".
_WORKED: Final = re.compile(
    rf"\s*(?P<lead>(?:rises|rose|increases|increased|goes|went|climbs|climbed)\s+(?:up )?from\s+){_VALUE}"
    rf"(?P<others>\s*to\s*(?:about )?{_VALUE}\s*(?:on|with|at|during|after) (?:peak )?(?:exercise|stress|"
    r"exertion|effort))"
)


# One of these is beside one of two values; a report that has none is not searched.
_ANY: Final = re.compile(
    rf"{_OTHER.pattern}|{_HERE.pattern}|\b(?:no longer|not)\s+\d|{_METHODS[0].pattern}|{_METHODS[1].pattern}|"
    r"[,(]\s*(?:(?:it|which) )?(?:was|were) (?:about )?\d|\bto (?:about )?\d|"
    r"\b(?:(?:down|up) from|rather than|unreliable|pre and post|exercise|stress|exertion|effort)\b"
)


_TWO_NUMBERS: Final = re.compile(r"\d[^\d.][^\n\v]*\d")


def two_value_passages(text: str) -> list[Passage]:
    """Of two values of a name the one that doesn't count, with the words that say so."""
    found: list[Passage] = []
    if not _ANY.search(text):
        return found
    for names, pattern in _TWO:
        for label in names.finditer(text):
            stop = _NEXT_LINE.search(text, label.end())
            end = min(stop.start() if stop else len(text), label.end() + _REACH)
            is_taken = found and label.start() < found[-1].end
            if is_taken or not _TWO_NUMBERS.search(text, label.end(), end):
                continue
            found.extend(
                _of_several(text, label.end(), end)
                or _of_a_change(text, label.end(), end)
                or _of_two(text, label, end, names, pattern)
            )
    return found


def _of_several(text: str, start: int, end: int) -> list[Passage]:
    for pattern in (_ROW, _BEFORE_AND_AFTER):
        if several := pattern.match(text, start, end):
            return [_left_out(*several.span("others"))]
    worked = _WORKED.match(text, start, end)
    return [_left_out(*worked.span(part)) for part in ("lead", "others")] if worked else []


def _of_a_change(text: str, start: int, end: int) -> list[Passage]:
    """What a value was before it changed, where nobody worked and no older study is compared with."""
    tried = (pattern.match(text, start, end) for pattern in (_CHANGED, _WHICH_WAS, _CHANGED_TO))
    changed = next((one for one in tried if one), None)
    if changed is None or STRESS.search(text) or re.search(r"\bcompar", text[max(0, start - 60) : start]):
        return []
    parts = [part for part in ("lead", "others") if changed.groupdict().get(part)]
    return [_left_out(*changed.span(part), LineKind.COMPARED) for part in parts]


def _left_out(start: int, end: int, kind: LineKind = LineKind.HISTORY) -> Passage:
    return Passage(start, end, kind, leaves_doubt=False)


def _of_two(
    text: str, label: re.Match[str], end: int, names: re.Pattern[str], pattern: re.Pattern[str]
) -> list[Passage]:
    two = pattern.match(text, label.end(), end)
    if two is None:
        return []
    lead = _lead_of(text, label)
    joints = [joint.start() for joint in _JOINT.finditer(two.group("between"))] or [0]
    for at in reversed(joints):
        first = f"{lead} {two.group('before')} {two.group('between')[:at]}"
        second = f"{two.group('between')[at:]} {two.group('behind')}"
        if _is_second_meant(first, second):
            is_plain = _OTHER.search(first) is not None and _HERE.search(second) is not None
            kind = LineKind.COMPARED if is_plain else LineKind.HISTORY
            return _before_second(text, label, names, two, kind)
        if _is_second_meant(second, first) or _is_aside(second, first):
            words = [_left_out(label.end(), two.start("first"))] if _HERE.search(two.group("before")) else []
            kind = LineKind.COMPARED if _is_said_aside(second) else LineKind.HISTORY
            return [*words, _left_out(two.start("between") + at, two.end("behind"), kind)]
    return []


def _before_second(
    text: str, label: re.Match[str], names: re.Pattern[str], two: re.Match[str], kind: LineKind
) -> list[Passage]:
    """All from a name to its second value, with the words of another day before the name."""
    own = names.search(text, two.start("between"), two.start("second"))
    if own:  # the second value has the name once more
        return [_left_out(label.start(), own.start(), kind)]
    lead = _lead_of(text, label)
    aside = _OTHER.search(lead)
    words = [_left_out(label.start() - len(lead) + aside.start(), label.start())] if aside else []
    return [*words, _left_out(label.end(), two.start("second"), kind)]


def _lead_of(text: str, label: re.Match[str]) -> str:
    return re.split(r"[.;,\n\v\d]", text[max(0, label.start() - 40) : label.start()])[-1]


def _is_aside(said: str, other: str) -> bool:
    """Whether the words around a value are of another day or place alone, and those of the other are not."""
    if _OTHER.search(other) or _HERE.search(_OTHER.sub(" ", said)):
        return False
    return _is_said_aside(said)


# "EF 45 %, was 30 %", "EF 35 %, down from 50 %".
_WAS_IT: Final = re.compile(
    r"^[\s,;(]*(?:(?:it|which|and) )?(?:was|were|had been|(?:down|up) from|rather than)\b"
)


def _is_said_aside(said: str) -> bool:
    """Whether the words of a value say plainly that it is of another day or place."""
    return _OTHER.search(said) is not None or _WAS_IT.search(said) is not None


def _is_second_meant(first: str, second: str) -> bool:
    """Whether the words around one value say that it doesn't count, and those of another that it does."""
    if _UNRELIABLE.search(first) or _UNRELIABLE.search(second):
        return _UNRELIABLE.search(second) is None
    if _OTHER.search(second):
        return False
    is_here = _HERE.search(second) is not None
    if _OTHER.search(first) or _NOT.search(first.rstrip()):
        return is_here or _CONTRAST.search(second) is not None
    return _is_better(first, second) or (is_here and re.search(r"\bwas\b", first) is not None)


def _is_better(first: str, second: str) -> bool:
    """Whether the second value's method is the better one of two."""
    ranks = [[n for n, method in enumerate(_METHODS) if method.search(side)] for side in (first, second)]
    return all(ranks) and max(ranks[0]) < max(ranks[1])
