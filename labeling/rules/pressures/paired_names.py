"""Two names with their two values behind them: "EF and PASP 45 % and 40 mmHg", "EF: RV 30 %, LV 50 %"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from labeling.rules.kinds.passages import fields_named
from labeling.rules.normalise import NormalText
from labeling.rules.parts.paired_rows import Piece, rewritten

_NAME: Final = (
    r"(?:(?:lv|rv|la)?ef|(?:lv |rv )ef|(?:lv )?ejection fraction|rvsp|pasp|spap|(?:pa|pulmonary(?: artery)?)"
    r"(?: systolic)? "
    r"pressure|rap|mpap|fs|bp|tapse|(?:(?:mean|peak|mv|ms|mitral|tr|av|aortic) )+gradient|gradient)"
)
_PLAIN: Final = (
    r"(?:(?:is|are|was|were|has|have|both|only|at|of|now|today|currently|about|unchanged|changed|stable|the|"
    r"same|normal|up|down|remains?|estimated|measured|improved|respectively)\b|[\s,:=(]|\(%\)|\(mm ?hg\))"
)
_VALUE: Final = r"\d{1,3}(?:\.\d)?(?!\d)(?:\s*(?:%|mm\s?hg))?"
_END: Final = r"(?![\d/.-]*\d|\s*(?:mm\b(?! ?hg)|cm|ml|m/s|years?|bpm|to \d))"
_TWO: Final = re.compile(
    rf"\b(?:(?:both|neither) )?(?P<a>{_NAME}) (?:and|nor|&) (?P<b>{_NAME})\b(?P<words>{_PLAIN}{{1,14}})"
    rf"(?P<x>{_VALUE})\s*(?:and|,|&)\s*(?P<y>{_VALUE}){_END}(?P<rest>,? respectively\b)?"
)
# "LVEF and RVEF both 50 %".
_SAME: Final = re.compile(
    rf"\b(?P<a>(?:lv|rv)?ef) (?:and|&) (?P<b>(?:lv|rv)?ef)\b(?P<words>{_PLAIN}{{1,14}})(?P<x>{_VALUE}){_END}"
    r"(?!\s*(?:and|,|&)\s*\d)"
)
# "EF: RV 30 %, LV 50 %", "EF of the RV 30 %, of the LV 50 %", "RVEF only 30 %, LV better at 50 %".
_CHAMBER: Final = r"(?:lv|rv|left ventricular|right ventricular)"
_TWO_VENTRICLES: Final = re.compile(
    rf"\b(?:(?:ef|ejection fraction)[\s:=(]*(?:of )?(?:the )?(?P<a>{_CHAMBER})|(?P<c>lv|rv)\s?ef)"
    rf"[\s:=]*(?:is |was |only |at )*"
    rf"(?P<x>{_VALUE})[\s,;/]*(?:and )?(?:that )?(?:of )?(?:the )?"
    rf"(?P<b>{_CHAMBER})[\s:=]*(?:(?:is|was|only|better|worse|at)\s+)*(?P<y>{_VALUE}){_END}"
)


def paired_names_written_out(normal: NormalText) -> NormalText:
    """The text with every value behind its own name; each word keeps its place on the page."""
    text = normal.text
    if "ef" not in text and "sp" not in text and "press" not in text:
        return normal
    for start, end, pieces in sorted((*_named(text), *_of_ventricles(text)), reverse=True):
        normal = rewritten(normal, start, end, pieces)
    return normal


def _named(text: str) -> Iterator[tuple[int, int, list[Piece]]]:
    for two in (*_TWO.finditer(text), *_SAME.finditer(text)):
        if not fields_named(f"{two.group('a')} {two.group('b')}") & {"ef_percent", "rvsp_mmhg"}:
            continue
        second = "y" if "y" in two.groupdict() else "x"
        pieces: list[Piece] = []
        is_normal = re.search(r"\bnormal\b", two.group("words")) is not None
        for name, value in (("a", "x"), ("b", second)):
            first, last = two.span(value)
            pieces += [
                (two.group(name), *two.span(name)),
                (" normal " if is_normal else " ", *two.span(name)),
                (two.group(value), first, last),
                (f"{_unit_behind(two, value, second)}; ", first, last),
            ]
        yield two.start(), two.end(), pieces


def _unit_behind(two: re.Match[str], value: str, second: str) -> str:
    """The unit of both, where only the second value is printed with one: "RAP and PASP 10 and 40 mmHg"."""
    unit = re.search(r"%|mm\s?hg", two.group(second))
    is_bare = re.fullmatch(r"[\d.]+\s*", two.group(value)) is not None
    is_alike = two.group("a").endswith("ef") == two.group("b").endswith("ef")
    return f" {unit.group()}" if unit and is_bare and is_alike else ""


def _of_ventricles(text: str) -> Iterator[tuple[int, int, list[Piece]]]:
    for two in _TWO_VENTRICLES.finditer(text):
        side = "a" if two.group("a") else "c"
        if two.group(side)[0] == two.group("b")[0]:
            continue
        pieces: list[Piece] = []
        for name, value in ((side, "x"), ("b", "y")):
            chamber = "lvef " if two.group(name).startswith("l") else "rvef "
            pieces += [
                (chamber, *two.span(name)),
                (two.group(value), *two.span(value)),
                ("; ", *two.span(value)),
            ]
        yield two.start(), two.end(), pieces
