"""Names in a row and their answers in the same order: "EF / RWMA / PAH : 55 % / nil / mild"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

from labeling.rules.kinds.cells import is_value, lines_of
from labeling.rules.kinds.codes import written
from labeling.rules.kinds.passages import fields_named
from labeling.rules.kinds.row_heads import SAYS_WHEN
from labeling.rules.normalise import NormalText

# The names, a sign or the first digit, and the answers, from one end of a sentence to the other.
_ROW: Final = re.compile(
    r"(?:^|(?<=[;\n\v])|(?<=\.\s))[ *]*(?P<names>[a-z][^:=;\d]{3,80}?)"
    r"(?P<sign>[ ]*[:=][ ]*|[ ]+(?=[<>~]?\d))"
    r"(?P<answers>[^:=;]{3,80}?)(?=[ ]*(?:$|[;\n\v]|\.(?:\s|$)))"
)
_PARTED_BY: Final = (r"\s*/\s*", r"\s*\|\s*", r"\s*,\s*", r"\s+-\s+")
_NAME: Final = re.compile(r"[a-z][a-z '.%]{0,30}(?:\([a-z %]{1,8}\))?")
# "LVEF rest / peak: 58 / 66" and "EF, normal 52-72, 55" are of one name.
_NO_NAME: Final = re.compile(
    rf"\s*(?:{SAYS_WHEN.pattern}|normal|ref|range)|.*\b(?:rest|peak|stress|pre|post)\b"
)
_WORD: Final = re.compile(
    r"(?:nil|none|no|absent|trivial|trace|mild|moderate|severe|present|yes|normal|good|preserved|\+|-|0)"
)
# The options of a form, as they are printed where none is chosen.
_OPTIONS: Final = (
    ["yes", "no"], ["present", "absent"], ["absent", "present"], ["+", "-"],
    ["nil", "mild", "moderate"], ["none", "mild", "moderate"], ["nil", "mild", "moderate", "severe"],
    ["none", "mild", "moderate", "severe"],
)  # fmt: skip
# "Clot 0, WMA +, PH 0": a sign behind each name, and nothing else in the line.
_SIGNED: Final = r"[a-z][a-z]{1,24}(?: [a-z]{2,24}){0,2}[ ]?[:=]?[ ]?(?:\([ ]?[+0-][ ]?\)|[+0-](?![\w.+-]))"
_SIGNED_LINE: Final = re.compile(rf"(?m)^[ *]*{_SIGNED}(?:[ ]*[,/;|][ ]*{_SIGNED}|[ ]{_SIGNED}){{1,8}}[ .]*$")
_ONE_SIGNED: Final = re.compile(
    r"(?P<name>[a-z][a-z ]+?)[ ]?[:=]?[ ]?\(?[ ]?(?P<sign>[+0-])[ ]?\)?(?![\w.+-])"
)


def paired_rows_written_out(normal: NormalText) -> NormalText:
    """The text with every answer of such a row behind its own name."""
    for start, end, words in sorted((*_rows(normal.text), *_signs(normal.text)), reverse=True):
        normal = written(normal, start, end, words)
    return normal


def _rows(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, what stands there) of rows with as many answers as names, a field's among them."""
    for start, end in lines_of(text):
        line = text[start:end]
        is_signed = ":" in line or "=" in line
        if line.count("/") >= 2 or (is_signed and any(line.count(sign) >= 2 for sign in "|,-")):
            for row in _ROW.finditer(text, start, end):
                if fields_named(row.group("names")):
                    yield from _pairs(text, row)


def _pairs(text: str, row: re.Match[str]) -> Iterator[tuple[int, int, str]]:
    """The row with each answer behind its name, by the first sign that parts as many names as answers."""
    # "Valves normal, RWMA / PHT: nil / mild": what stands ahead of a comma may be no name.
    starts = (row.start("names"), row.start("names") + row.group("names").rfind(",") + 1)
    for start, sign in product(starts, _PARTED_BY):
        names = re.split(sign, text[start : row.end("names")].strip())
        answers = re.split(sign, row.group("answers").strip())
        if len(names) == len(answers) > 1 and _is_answered(names, answers):
            said = (_answered(name, answer) for name, answer in zip(names, answers, strict=True))
            yield start, row.end("answers"), "; ".join(said)
            return


def _is_answered(names: list[str], answers: list[str]) -> bool:
    is_plain = all(_NAME.fullmatch(name) and not _NO_NAME.match(name) for name in names)
    return (
        is_plain
        and any(map(fields_named, names))
        and answers not in _OPTIONS
        and all(is_value(answer) or _WORD.fullmatch(answer) for answer in answers)
    )


def _answered(name: str, answer: str) -> str:
    return f"{name} {answer}" if is_value(answer) else f"{name}: {_IN_WORDS.get(answer, answer)}"


_IN_WORDS: Final = {"+": "present", "-": "none", "0": "none"}


def _signs(text: str) -> Iterator[tuple[int, int, str]]:
    """The same of names with a sign each."""
    for line in _SIGNED_LINE.finditer(text):
        for one in _ONE_SIGNED.finditer(text, *line.span()):
            if fields_named(one.group("name")) & {"rwma", "pah"}:
                yield *one.span(), f"{one.group('name')}: {_IN_WORDS[one.group('sign')]}"
