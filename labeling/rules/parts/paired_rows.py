"""Names in a row and their answers in the same order: "EF / RWMA / PAH : 55 % / nil / mild"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Final

from labeling.rules.kinds.cells import is_value, lines_of
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
_SIGN: Final = r"(?:[(\[][ ]?[+0yn-][ ]?[)\]]|[+0-](?![\w.+-]))"
_SIGNED: Final = rf"[a-z][a-z]{{1,24}}(?: [a-z]{{2,24}}){{0,2}}[ ]?[:=]?[ ]?{_SIGN}"
_SIGNED_LINE: Final = re.compile(
    rf"(?m)^[ *]*{_SIGNED}(?:[ ]*[,/;|][ ]*{_SIGNED}|[ ]{{1,4}}{_SIGNED}){{1,8}}[ .]*$"
)
_ONE_SIGNED: Final = re.compile(
    r"(?P<name>[a-z][a-z ]+?)[ ]?[:=]?[ ]?(?:[(\[][ ]?(?P<inside>[+0yn-])[ ]?[)\]]|"
    r"(?P<sign>[+0-])(?![\w.+-]))"
)


# What stands in the place of a row: each stretch of words, and where its words were printed.
Piece = tuple[str, int, int]


def paired_rows_written_out(normal: NormalText) -> NormalText:
    """The text with every answer of such a row behind its own name; each word keeps its place on the page."""
    for start, end, pieces in sorted((*_rows(normal.text), *_signs(normal.text)), reverse=True):
        normal = rewritten(normal, start, end, pieces)
    return normal


def rewritten(normal: NormalText, start: int, end: int, pieces: list[Piece]) -> NormalText:
    """The text with pieces in place of `text[start:end]`, each at the place its words were printed at."""
    starts, ends = [*normal.starts[:start]], [*normal.ends[:start]]
    for words, first, last in pieces:
        is_verbatim = normal.text[first:last] == words
        starts += normal.starts[first:last] if is_verbatim else [normal.starts[first]] * len(words)
        ends += normal.ends[first:last] if is_verbatim else [normal.ends[last - 1]] * len(words)
    return replace(
        normal,
        text=normal.text[:start] + "".join(words for words, _, _ in pieces) + normal.text[end:],
        starts=(*starts, *normal.starts[end:]),
        ends=(*ends, *normal.ends[end:]),
    )


def _rows(text: str) -> Iterator[tuple[int, int, list[Piece]]]:
    """(start, end, what stands there) of rows with as many answers as names, a field's among them."""
    for start, end in lines_of(text):
        line = text[start:end]
        is_signed = ":" in line or "=" in line
        if line.count("/") >= 2 or (is_signed and any(line.count(sign) >= 2 for sign in "|,-")):
            for row in _ROW.finditer(text, start, end):
                if fields_named(row.group("names")):
                    yield from _pairs(text, row)


def _pairs(text: str, row: re.Match[str]) -> Iterator[tuple[int, int, list[Piece]]]:
    """The row with each answer behind its name, by the first sign that parts as many names as answers."""
    # "Valves normal, RWMA / PHT: nil / mild": what stands ahead of a comma may be no name.
    starts = (row.start("names"), row.start("names") + row.group("names").rfind(",") + 1)
    for start, sign in product(starts, _PARTED_BY):
        names = _parts(text, start, row.end("names"), sign)
        answers = _parts(text, *row.span("answers"), sign)
        if len(names) == len(answers) > 1 and _is_answered(
            [name[0] for name in names], [a[0] for a in answers]
        ):
            pieces = [piece for pair in zip(names, answers, strict=True) for piece in _answered(*pair)]
            yield start, row.end("answers"), pieces
            return


def _parts(text: str, start: int, end: int, sign: str) -> list[Piece]:
    """The words between the signs of a stretch, each with its place."""
    found, at = [], start
    for stop in [*re.compile(sign).finditer(text, start, end), None]:
        words = text[at : stop.start() if stop else end]
        first = at + len(words) - len(words.lstrip())
        found.append((words.strip(), first, first + len(words.strip())))
        at = stop.end() if stop else end
    return found


def _is_answered(names: list[str], answers: list[str]) -> bool:
    is_plain = all(_NAME.fullmatch(name) and not _NO_NAME.match(name) for name in names)
    return (
        is_plain
        and any(map(fields_named, names))
        and answers not in _OPTIONS
        and all(is_value(answer) or _WORD.fullmatch(answer) for answer in answers)
    )


def _answered(name: Piece, answer: Piece) -> list[Piece]:
    words, first, last = answer
    sign = " " if is_value(words) else ": "
    said = words if is_value(words) else _IN_WORDS.get(words, words)
    return [name, (sign, name[1], name[2]), (said, first, last), ("; ", first, last)]


_IN_WORDS: Final = {"+": "present", "y": "present", "-": "none", "0": "none", "n": "none"}


def _signs(text: str) -> Iterator[tuple[int, int, list[Piece]]]:
    """The same of names with a sign each."""
    for line in _SIGNED_LINE.finditer(text):
        for one in _ONE_SIGNED.finditer(text, *line.span()):
            if fields_named(one.group("name")) & {"rwma", "pah"}:
                # What follows is the next name's.
                said = f"{one.group('name')}: {_IN_WORDS[one.group('inside') or one.group('sign')]};"
                yield *one.span(), [(said, *one.span())]
