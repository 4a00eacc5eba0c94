"""Walls with a letter each ("Ant N  Inf H  Lat A"), where the report says what its letters mean."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from labeling.rules.kinds.cells import lines_of
from labeling.rules.kinds.codes import written
from labeling.rules.lexicon import TERRITORIES
from labeling.rules.normalise import NormalText
from labeling.rules.wall_patterns import WALL

# Where a report says what its letters mean.
LETTER_KEY: Final = re.compile(
    r"\bn\s*[=:-]\s*norm\w*[^\n\v]{0,40}\bh\s*[=:-]\s*hypo|\(\s*n\s*[/,]\s*h\s*[/,]\s*a(?:\s*[/,]\s*d)?\s*\)|"
    r"\bh\s*[=:-]\s*hypo[^\n\v]{0,30}\ba\s*[=:-]\s*akin|\ba\s*[=:-]\s*akin[^\n\v]{0,30}\bh\s*[=:-]\s*hypo"
)
# Such a key with its brackets, up to the end of its line.
KEY_LINE: Final = re.compile(
    r"\(?\b(?:(?:n\w{0,2}|[01])\s*[=:-]?\s*norm\w*[,;/|\s]+(?:h\w{0,11}|[12])\s*[=:-]?\s*hypo\w*|"
    r"a\s*[=:-]\s*akin\w*[,;/|\s]+h\s*[=:-]\s*hypo\w*)[^\n\v;)]*\)?"
)
_MOTION: Final = {"n": "normal", "h": "hypokinesia", "a": "akinesia", "d": "dyskinesia"}
# A wall as tables name it, whole or short.
_SHORT: Final = (
    r"ant[\s-]?sept?|inf[\s-]?sept?|ant[\s-]?lat|inf[\s-]?lat|ivs|sept?|wall|lat|post|inf|ant|mid|base"
)
WALL_NAME: Final = rf"(?:{WALL.pattern}|{_SHORT})"
_PAIR: Final = re.compile(
    rf"(?<![a-z])(?P<wall>{WALL_NAME}(?:[ -]{WALL_NAME})?)\s*[:=-]?\s*(?P<code>[nhad])(?![a-z])"
)
_ROW: Final = re.compile(
    rf"[ *|-]*(?P<wall>{WALL_NAME}(?:[ -]{WALL_NAME})?)[ |:]+(?P<codes>[nhad-](?:[ |]+[nhad-]){{0,4}})[ |]*"
)
_FEWEST: Final = 3
_SPELT: Final = {
    "antsep": "anteroseptal",
    "antsept": "anteroseptal",
    "infsep": "inferoseptal",
    "infsept": "inferoseptal",
    "antlat": "anterolateral",
    "inflat": "inferolateral",
    "post": "posterior",
    "lat": "lateral",
    "inf": "inferior",
    "ant": "anterior",
    "sep": "septal",
    "sept": "septal",
    "base": "basal",
}


# A line of coded walls: from, to, and each wall with its letter.
_Row = tuple[int, int, list[tuple[str, str]]]


# "Septum   AK", "lateral wall: HK": two letters that mean nothing else behind a wall's name.
_TWO_LETTERS: Final = re.compile(
    rf"(?:{WALL.pattern}|\bwall|\bsegment|\bbase)(?:\s*[:=-]\s*|\s*\(|\s+)(?P<code>ak|hk|dk|nk)\b\)?"
)
# "AK apex", "Severe HK of anterior wall", "Global HK".
_TWO_AHEAD: Final = re.compile(
    rf"(?<![a-z])(?P<code>ak|hk|dk)\b(?=\s*:?\s*(?:(?:of|in) )?(?:the )?{WALL.pattern})|(?<=global "
    rf")(?P<all>hk)\b"
)
# "PW hypokinetic", "IW: HK", "A/S hypokinesia".
_WALL_LETTERS: Final = re.compile(
    r"\b(?P<wall>[pila]w|a/s)\b(?=\s*(?:is |: ?|- ?)?(?:mild |moderate |severe )?"
    r"(?:hk|ak|dk|(?:hypo|a|dys)kinesia)\b)"
)
_BY_LETTERS: Final = {
    "pw": "posterior wall",
    "iw": "inferior wall",
    "lw": "lateral wall",
    "aw": "anterior wall",
    "a/s": "anteroseptal",
}
# "H/K septum", "Apex A/K".
_STROKED: Final = re.compile(r"\b(?P<letter>[had])/k\b")
# "Hypo inf wall", "inf hypo", "LV global hypo", "Globally hypo LV".
_HYPO: Final = re.compile(
    rf"(?P<wall>\b(?:{WALL_NAME}|global|lv)(?: walls?)?(?:[ ]{{1,2}}|[ ]*[:=][ ]*)"
    r"(?:(?<!global )(?:mild|moderate|severe) )?)hypo\b(?!-)|"
    rf"\bhypo[ ]{{1,2}}(?:(?:(?:of|in) )?(?:the )?(?:{WALL_NAME}|(?:{'|'.join(TERRITORIES)})(?= terr))\b|"
    rf"lv\b)|"
    r"\bhypo(?=/(?:a|dys)kinesia)|\bhypo\b(?<=\bno hypo)(?=\s*(?:$|[.;,\n]))"
)
# "R.W.M. : N".
_DOTTED: Final = re.compile(r"\br\.\s?w\.\s?m\.?(?=\s*[:=-])")
# "Sep: normo": a wall, not the month.
_SEPTUM: Final = re.compile(
    r"\bsept?(?=\s*[:=]\s*(?:normo|hypo|akin|dysk|normal)\w*|"
    r"\s*[+&/,]\s*(?:anterior|inferior|lateral|posterior|apical)\b|\s+(?:[hda]k|(?:hypo|a|dys)kinesia)\b)"
)
# "Ant: normo".
_NORMO: Final = re.compile(rf"(?<![a-z]){WALL_NAME}(?: walls?)?\s*[:=]?\s*(?P<word>normo)(?![a-z-])")
# "PA pressure N", "nl RV": normal, where nothing else stands beside it.
_NORMAL: Final = re.compile(
    r"\b(?:pressures?|pasp|rvsp|spap|pap|rv|lv|la|ra|wall motion|wm|size)\s*[:=-]?\s*(?P<n>nl?)"
    r"(?=\s*(?:$|[;,\n\v|)]|\.(?!\w)))|"
    r"\b(?P<ahead>nl?)(?= (?:pa|pasp|rvsp|pulmonary|lv|rv|la|ra|wall motion)\b)"
)
# "HK seen in septum", "No HK", "LAD terr HK": no name and no place is called so in a report of an echo.
_TWO_ALONE: Final = re.compile(r"(?<!dr )(?<!dr\. )\bhk\b(?! ?(?:hospital|clinic|medical|nagar|road|univ))")
# "AK - apex", "DK of the septum".
_TWO_LISTED: Final = re.compile(
    rf"(?<![a-z])(?:ak|dk)\b(?=\s*(?:[-=:(]|seen in|noted in|of|in)\s*(?:the )?{WALL_NAME}\b)"
)
# "Gen. HK", "Glob HK".
_ALL_OVER: Final = re.compile(r"\b(?:gen|glob)\b\.?(?= {1,2}(?:hk\b|hypokinesia))")
_BY_TWO: Final = {"ak": "akinesia", "hk": "hypokinesia", "dk": "dyskinesia", "nk": "normokinesia"}


# "Hypokinesia - inf, inf-lat": a list behind a sign, in short.
_ONE_WALL: Final = rf"\b{WALL_NAME}(?:[ -]{WALL_NAME})?\b"
_LISTED: Final = re.compile(
    rf"(?<=kinesia)\s*[-=(]\s*(?P<walls>{_ONE_WALL}(?:\s*(?:[,/&+]|and\b)\s*{_ONE_WALL})*)\)?"
    r"(?=\s*(?:$|[.;\n\v]|,?\s*(?:lv)?ef\b))"
)


# What each stands for: the whole, or its one group that is there.
_IN_FULL: Final = (
    (_SEPTUM, "septal"),
    (_DOTTED, "wall motion"),
    (_NORMO, "normokinetic"),
    (_NORMAL, "normal"),
    (_ALL_OVER, "global"),
)


# "LAD area akinetic", "RCA-territory sluggish".
_AREA: Final = re.compile(
    rf"\b(?:{'|'.join(TERRITORIES)})(?P<area>[- ](?:area|region|bed|distribution|zone|territory))\b"
)


def _two_letters_written_out(normal: NormalText) -> NormalText:
    if "/k" in normal.text:
        normal = replace(normal, text=_STROKED.sub(r"\g<letter>k ", normal.text))
    if _HAS_SHORT.search(normal.text):
        normal = _short_words_written_out(normal)
    for one in reversed(list(_AREA.finditer(normal.text))):
        normal = written(normal, *one.span("area"), " territory")
    for one in reversed(list(_LISTED.finditer(normal.text))):
        walls = re.sub(_ONE_WALL, lambda wall: spelt(wall.group()), one.group("walls"))
        normal = written(normal, *one.span(), f" in {walls}")
    return normal


# Looking for the short words first costs less than looking for what stands beside them.
_HAS_SHORT: Final = re.compile(r"\b(?:[ahdn]k|hypo|gen|glob|nl?|[pila]w|a/s|normo|sept?|r\.\s?w\.\s?m)\b")


def _short_words_written_out(normal: NormalText) -> NormalText:
    for one in reversed(list(_WALL_LETTERS.finditer(normal.text))):
        normal = written(normal, *one.span(), _BY_LETTERS[one.group()])
    for one in reversed(list(_TWO_LETTERS.finditer(normal.text))):
        normal = written(normal, *one.span("code"), _BY_TWO[one.group("code")])
    for pattern in (_TWO_AHEAD, _TWO_ALONE, _TWO_LISTED):
        for one in reversed(list(pattern.finditer(normal.text))):
            normal = written(normal, *one.span(), _BY_TWO[one.group()])
    for pattern, name in _IN_FULL:
        for one in reversed(list(pattern.finditer(normal.text))):
            normal = written(normal, *one.span(one.lastgroup or 0), name)
    for one in reversed(list(_HYPO.finditer(normal.text))):
        start, end = (one.end("wall"), one.end()) if one.group("wall") else (one.start(), one.start() + 4)
        normal = written(normal, start, end, "hypokinesia")
    return normal


def letters_written_out(normal: NormalText) -> NormalText:
    """The text with letters of walls in words; walls that are normal are left out unless all are."""
    normal = _two_letters_written_out(normal)
    rows = _rows(normal.text) if LETTER_KEY.search(normal.text) else []
    letters = [letter for _, _, walls in rows for _, letter in walls]
    if len(letters) < _FEWEST:
        return normal
    for number, (start, end, walls) in reversed(list(enumerate(rows))):
        words = "; ".join(f"{spelt(wall)} {_MOTION[letter]}" for wall, letter in walls if letter != "n")
        if set(letters) == {"n"} and number == 0:
            words = "wall motion: normal"
        normal = written(normal, start, end, words or ";")
    for key in reversed(list(KEY_LINE.finditer(normal.text))):
        normal = written(normal, *key.span(), ";")
    return normal


def _rows(text: str) -> list[_Row]:
    rows: list[_Row] = []
    for start, end in lines_of(text):
        pairs = list(_PAIR.finditer(text, start, end))
        row = _ROW.fullmatch(text, start, end)
        if row:
            walls = [(row.group("wall"), letter) for letter in re.findall(r"[nhad]", row.group("codes"))]
            rows.append((*row.span(), walls))
        elif len(pairs) >= _FEWEST:
            walls = [(pair.group("wall"), pair.group("code")) for pair in pairs]
            rows.append((pairs[0].start(), pairs[-1].end(), walls))
    return rows


def spelt(wall: str) -> str:
    """The name of a wall whose short form a table prints: "ant sept" is the anteroseptal one."""
    return _SPELT.get(re.sub(r"[ -]", "", wall), wall)
