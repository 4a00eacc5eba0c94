"""Marks that count the items of a list: "a) ... b) ...", "(i) ... (ii) ...", "#1 ... #2 ..."."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from labeling.rules.kinds.passages import fields_named

_MARK: Final = re.compile(
    r"(?:^|(?<=\s))(?P<open>[(\[#]?)(?P<item>[a-h]|[ivx]{1,4}|\d{1,2}[a-h]?)(?P<close>[)\].:/-]|(?<=#\d))"
    r"(?=[ ]+[a-z(])",
    re.MULTILINE,
)
_ROMANS: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_LETTERS: Final = "abcdefgh"
# "PAH: (1) nil (2) mild (3) severe" are options.
_OPTION: Final = re.compile(
    r"\W*(?:yes|no|nil|none|absent|present|normal|abnormal|mild|moderate|severe|trivial|not (?:seen|"
    r"assessed)|\d+)\W*"
)


def markers_left_out(text: str) -> str:
    """The text with what counts the items of a list as the end of the item before; all offsets stay."""
    forms: dict[tuple[str, str], list[re.Match[str]]] = {}
    for mark in _MARK.finditer(text):
        forms.setdefault((mark.group("open"), mark.group("close")), []).append(mark)
    letters = list(text)
    for (opening, closing), marks in forms.items():
        is_plain = not opening and closing in ".)"  # "1." and "1)" are known to all rules
        for run in _runs(marks, is_plain=is_plain):
            if _is_of_findings(text, run):
                for mark in run:
                    _take_out(letters, text, mark)
    return "".join(letters)


def _runs(marks: Sequence[re.Match[str]], *, is_plain: bool) -> list[list[re.Match[str]]]:
    """The marks that count on from a first one: by letters, by Roman numbers, by numbers, by both."""
    found: list[list[re.Match[str]]] = []
    for names in (tuple(_LETTERS), _ROMANS, () if is_plain else tuple(map(str, range(1, 15)))):
        run: list[re.Match[str]] = []
        for mark in marks:
            if len(run) < len(names) and mark.group("item") == names[len(run)]:
                run.append(mark)
        found.append(run)
    found.append([mark for mark in marks if re.fullmatch(r"\d{1,2}[a-h]", mark.group("item"))])
    return [run for run in found if len(run) > 1]


def _is_of_findings(text: str, run: Sequence[re.Match[str]]) -> bool:
    """Whether two of the items name something that is looked for, none is a bare option, and no number is
    given twice: a list of patients, or of days.
    """
    ends = [mark.start() for mark in run[1:]]
    last = re.compile(r"\n|$").search(text, run[-1].end())
    items = [
        text[mark.end() : end]
        for mark, end in zip(run, [*ends, last.start() if last else len(text)], strict=True)
    ]
    firsts = [re.split(r"[\n\v]", item)[0] for item in items]
    for field in ("ef_percent", "rvsp_mmhg"):
        if sum(field in fields_named(item) and re.search(r"\d", item) is not None for item in firsts) > 1:
            return False
    return sum(bool(fields_named(item)) for item in firsts) > 1 and not any(map(_OPTION.fullmatch, firsts))


def _take_out(letters: list[str], text: str, mark: re.Match[str]) -> None:
    line_start = max(text.rfind("\n", 0, mark.start()), text.rfind("\v", 0, mark.start())) + 1
    letters[mark.start() : mark.end()] = " " * len(mark.group())
    if text[line_start : mark.start()].strip(" *>-"):
        letters[mark.start()] = ";"
    elif line_start > 0:
        letters[line_start - 1] = "\n"
