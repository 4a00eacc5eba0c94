"""Findings side by side in one line: "No clot      RWMA present", "1) No LVH 2) RWMA", "no clot / EF 45"."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.kinds.passages import fields_named
from labeling.rules.pulmonary_patterns import WORDED
from labeling.rules.wall_patterns import WALL

_GAP: Final = re.compile(r"(?<=[^\s:=])(?:[ ]{3,}|[ ]+(?P<sign>[/|&+-])[ ]+)(?=[^\s:=])")
_ANSWER: Final = (
    r"(?:nil|none|no|absent|present|normal|intact|trivial|trace|mild|moderate|severe|seen|not (?:seen|"
    r"dilated|present|noted)|dilated|raised|ok|\+|-|\(\+\)|\(-\)|\d{1,3}(?:\.\d)?[ ]?(?:%|mm ?hg|mm|cm)?)"
)
# "No clot", "Mitral - mild MR", "AV: no AS, no AR", "LV not dilated", "Inferior wall hypokinesia".
_WHOLE: Final = re.compile(
    r"(?!no (?:significant|evidence|obvious|definite|regional|segmental|any)[ ]*$)"
    r"[ *-]*(?:\d{1,2}[.)] ?)?(?:[a-z][a-z /]{1,20}[ ]?[:-][ ]?)?(?:"
    r"(?:no|nil|without|mild|moderate|severe|trivial|trace)\b(?:[ ][a-z/]+){1,4}"
    r"(?:, ?no(?:[ ][a-z/]+){1,3})*|"
    rf"[a-z][a-z /.]{{1,30}}[ :=-]+{_ANSWER}|[^:/|]*kinesia\b[^:/|]*|"
    r"rwma (?:in|of|at|involving|seen|noted|present)\b[^:/|]*)(?:[ ]*\([^()]{1,30}\))?[ .]*"
)
# What stands in the next column is no answer, unit, range or remark: it opens with a name of its own.
_OPENS: Final = re.compile(
    r"(?:(?:no|nil|mild|moderate|severe|trivial|trace|normal|global)[ ]+)?(?:lv|rv|ra|la|mr|tr|ar|as|ms|"
    r"clots?|pe|[a-z]v|effusion|pericard\w+|mitral|aortic|tricuspid|ivs|ias)\b"
)
_APART: Final = re.compile(r"[ ]{3,}|[ ]+[/|&+-][ ]+|[\n\v;]|\.\s")
_NUMBER: Final = re.compile(r"(?:(?<=\s)|(?<=^))\(?(?P<number>\d{1,2})[.)][ ]+(?=[a-z(])", re.MULTILINE)


_DENIAL: Final = re.compile(r"[ *-]*(?:no|nil|without)\b")


def parted(text: str) -> str:
    """The text with a semicolon between findings that stand side by side in a line; all offsets stay."""
    letters = list(text)
    for gap in _GAP.finditer(text):
        start = max(text.rfind("\n", 0, gap.start()), text.rfind("\v", 0, gap.start()), -1) + 1
        left = _APART.split("".join(letters[start : gap.start()]))[-1]
        right = _APART.split(text[gap.end() : gap.end() + 80])[0]
        # "No MR / AR / PAH" is one list: behind a sign only a finding with its own answer stands apart, and
        # "akinesia of septum & apex" is one, too.
        sign = gap.group("sign")
        is_apart = _WHOLE.fullmatch(right) if sign else _opens_a_finding(right)
        is_apart = is_apart and (sign not in ("&", "+") or _DENIAL.match(left))
        if _WHOLE.fullmatch(left) and is_apart:
            letters[gap.start()] = ";"
            if sign:
                letters[gap.start("sign")] = " "
    return "".join(_numbers_parted(letters, text))


def _opens_a_finding(cell: str) -> bool:
    is_ours = (
        fields_named(cell)
        or (WALL.search(cell) and re.search("kinesia|aneurysm", cell))
        or WORDED.match(cell)
    )
    return bool(is_ours) or _OPENS.match(cell) is not None


def _numbers_parted(letters: list[str], text: str) -> list[str]:
    """With a semicolon before "2)" and those that follow it in one line."""
    expected, line = 1, -1
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
