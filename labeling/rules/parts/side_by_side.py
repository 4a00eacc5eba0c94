"""Findings side by side in one line: "No clot      RWMA present", "1) No LVH 2) RWMA", "no clot / EF 45"."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.kinds.passages import fields_named
from labeling.rules.pulmonary_patterns import WORDED
from labeling.rules.wall_patterns import WALL

_GAP: Final = re.compile(r"(?<=[^\s:=])(?:[ ]{3,}|[ ]*\|[ ]*|[ ]+(?P<sign>[/&+-])[ ]+)(?=[^\s:=])")
_ANSWER: Final = (
    r"(?:nil|none|no|absent|present|normal|intact|trivial|trace|mild|moderate|severe|seen|not (?:seen|"
    r"dilated|present|noted)|dilated|raised|ok|\+|-|\(\+\)|\(-\)|\d{1,3}(?:\.\d)?[ ]?(?:%|mm ?hg|mm|cm)?)"
)
# "No clot", "Mitral - mild MR", "AV: no AS, no AR", "LV not dilated", "Inferior wall hypokinesia".
_WHOLE: Final = re.compile(
    r"(?!no (?:significant|evidence|obvious|definite|regional|segmental|any)[ ]*$)"
    r"[ *-]*(?:\d{1,2}[.)] ?)?(?:[a-z][a-z /]{1,20}[ ]?[:-][ ]?)?(?:"
    r"(?:no|nil|without|mild|moderate|severe|trivial|trace|good|concentric|"
    r"grade [iv1-4]+)\b(?:[ ][a-z/]+){1,4}"
    r"(?:, ?no(?:[ ][a-z/]+){1,3})*|"
    rf"[a-z][a-z /.]{{1,30}}[ :=-]+{_ANSWER}|[^:/|]*kinesia\b[^:/|]*|"
    r"rwma (?:in|of|at|involving|seen|noted|present)\b[^:/|]*)(?:[ ]*\([^()]{1,30}\))?[ .]*"
)
# What stands in the next column is no answer, unit, range or remark: it opens with a name of its own.
_OPENS: Final = re.compile(
    r"(?:(?:no|nil|mild|moderate|severe|trivial|trace|normal|global)[ ]+)?(?:lv|rv|ra|la|mr|tr|ar|as|ms|"
    r"clots?|pe|[a-z]v|effusion|pericard\w+|mitral|aortic|tricuspid|ivs|ias)\b"
)
_APART: Final = re.compile(r"[ ]{3,}|[ ]*\|[ ]*|[ ]+[/&+-][ ]+|[\n\v;]|\.\s")
_NUMBER: Final = re.compile(r"(?:(?<=\s)|(?<=^))\(?(?P<number>\d{1,2})[.)][ ]+(?=[a-z(])", re.MULTILINE)


# "No hypokinesia / akinesia": a name alone goes with the one before it.
_KIND: Final = re.compile(r"\s*(?:hypo|a|dys)kinesia[ .]*")
_DENIAL: Final = re.compile(r"[ *-]*(?:no|nil|without)\b")


def parted(text: str) -> str:
    """The text with a semicolon between findings that stand side by side in a line; all offsets stay.

    For a text that options, ranges and keys were taken out of: one cell in a line is enough.
    """
    letters = list(text)
    last = 0
    for gap in _GAP.finditer(text):
        left = _APART.split(text[last : gap.start()])[-1]
        last = gap.end()
        # Most cells that a gap follows are names and numbers; asking them first costs least.
        if not _WHOLE.fullmatch(left):
            continue
        right = _APART.split(text[gap.end() : gap.end() + 80])[0]
        # "No MR / AR / PAH" is one list: behind a sign only a finding with its own answer stands apart, and
        # "akinesia of septum & apex" is one, too.
        sign = gap.group("sign") or ("|" if "|" in gap.group() else None)
        is_apart = _WHOLE.fullmatch(right) if sign else _opens_a_finding(right)
        is_apart = is_apart and (sign not in ("&", "+") or _DENIAL.match(left))
        is_apart = is_apart and not (sign and _KIND.fullmatch(right))
        if is_apart:
            letters[gap.start() : gap.end()] = ";".ljust(gap.end() - gap.start())
    return "".join(_numbers_parted(letters, text))


def _opens_a_finding(cell: str) -> bool:
    is_ours = (
        fields_named(cell)
        or (WALL.search(cell) and re.search("kinesia|aneurysm", cell))
        or WORDED.match(cell)
    )
    return bool(is_ours) or _OPENS.match(cell) is not None


# What a second item in a line looks like.
_SECOND: Final = (" 2) ", " 2. ", "(2) ")


def _numbers_parted(letters: list[str], text: str) -> list[str]:
    """With a semicolon before "2)" and those that follow it in one line."""
    expected, line = 1, -1
    if not any(second in text for second in _SECOND):
        return letters
    for number in _NUMBER.finditer(text):
        begin = text.rfind("\n", 0, number.start())
        expected = expected if begin == line else 1
        line = begin
        if int(number.group("number")) != expected:
            continue
        if expected > 1:
            letters[number.start() - 1] = ";"
        expected += 1
    return letters


# Lines of nothing but whole findings: "Echo showed no effusion / EF 45 % / akinetic apex".
_LINE: Final = re.compile(r"[^\n\v;]+")
_LEAD: Final = re.compile(
    r"[ *-]*(?:(?:impression|conclusion|opinion|findings?|report|(?:2d )?echo\w*)\s*"
    r"(?:[:-]|(?:show|reveal)(?:s|ed)?\b)\s*)?"
)
_GRADE: Final = r"(?:trivial|trace|mild|moderate|severe)(?: to (?:moderate|severe))?"
# What a finding begins with, before the noun that it is of.
_MODIFIER: Final = (
    rf"(?:no|nil|normal|good|fair|poor|reduced|preserved|dilated|enlarged|concentric|sclerotic|"
    r"thick(?:ened)?|"
    rf"intact|(?:hypo|a|dys)kinesia|raised|elevated|{_GRADE}|grade (?:i{{1,3}}|[123]))"
)
_STATE: Final = (
    r"(?:normal|intact|dilated|enlarged|collapsing|collapses|sclerotic|clear|mild|moderate|severe|"
    r"(?:hypo|a|dys)kinesia)"
)
_FINDING: Final = re.compile(
    rf"(?:{_MODIFIER}[ ]+(?:{_MODIFIER}[ ]+)*(?!{_MODIFIER}$)[a-z][a-z ]{{1,40}}|"
    rf"[a-z][a-z ]{{1,30}}[ ](?:is |are )?{_STATE}|sinus rhythm|"
    rf"(?:rwma|(?:hypo|a|dys)kinesia)[ ](?:in|of|at)[ ](?:the )?(?:{WALL.pattern})(?: wall| segment)?|"
    # A name with its number, or with a number in brackets behind it.
    rf"[a-z][a-z ]{{1,30}}(?:[=:]| of | is | about |[ ])[ ]*[<>~]?\d{{1,3}}(?:\.\d+)?[ ]?"
    r"(?:%|mm ?hg|mm|cm|ml\S*)?|"
    rf"[a-z][a-z ]{{3,40}}[ ]\((?:lv)?ef[ ]?[=:]?[ ]?\d{{2}}[ ]?%\))[ .]*"
)
_SIGNS: Final = tuple(re.compile(rf"(?<=\S)[ ](?P<sign>{sign})[ ](?=\S)") for sign in ("/", r"\|", "-"))
_NO_NOUN: Final = re.compile(rf"\b(?:{_MODIFIER}|{_STATE}|is|are|the|of|in)\b|[\d<>=~%().-]")


def findings_parted(text: str) -> str:
    """The text with semicolons between such findings; all offsets stay.

    For a text whose kinds of line are not yet told: a line is parted whole, or left as it may be options.
    """
    letters = list(text)
    for line in _LINE.finditer(text):
        for sign in _SIGNS:
            for at in _signs_in(text, line, sign):
                letters[at] = ";"
    return "".join(letters)


def _signs_in(text: str, line: re.Match[str], sign: re.Pattern[str]) -> list[int]:
    """Where the signs of a line stand that part whole findings; none if they may part options or cells."""
    lead = _LEAD.match(text, line.start(), line.end())
    start = lead.end() if lead else line.start()
    found = list(sign.finditer(text, start, line.end()))
    if not found or _is_table(text, line):
        return []
    bounds = [start, *(one.end() for one in found)]
    ends = [*(one.start() for one in found), line.end()]
    pieces = [text[low:high].strip() for low, high in zip(bounds, ends, strict=True)]
    whole = all(_FINDING.fullmatch(piece) for piece in pieces)
    return [one.start("sign") for one in found] if whole and _are_of_different_things(pieces) else []


def _is_table(text: str, line: re.Match[str]) -> bool:
    """Whether bars part the cells of a table: the lines beside have them, too."""
    if "|" not in line.group():
        return False
    above = text[text.rfind("\n", 0, max(0, line.start() - 1)) + 1 : line.start()]
    end = text.find("\n", line.end() + 1)
    return "|" in above or "|" in text[line.end() : end if end >= 0 else len(text)]


def _are_of_different_things(pieces: list[str]) -> bool:
    """Whether the pieces are no options: "no PAH / mild PAH" give one field twice."""
    nouns = [" ".join(_NO_NOUN.sub(" ", piece).split()) for piece in pieces]
    fields = [field for piece in pieces for field in fields_named(piece) if field in ("rwma", "pah")]
    return len(set(nouns)) > 1 and len(set(fields)) == len(fields)
