"""One answer for each of several walls, and numbers of segments: "Ant N, Inf H", "RWMA: apex yes"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from labeling.rules.kinds.codes import written
from labeling.rules.normalise import NormalText
from labeling.rules.parts.letter_codes import KEY_LINE, LETTER_KEY, WALL_NAME, spelt

_BY_LETTER: Final = {"n": "normal", "h": "hypokinesia", "a": "akinesia", "d": "dyskinesia"}
_WALLS_BY_LETTERS: Final = {"iw": "inferior", "lw": "lateral", "aw": "anterior", "pw": "posterior"}
_OTHERS: Final = r"(?:(?:the |all )?(?:rest|others?|remaining)(?: walls?| segment| all)*)"
_NAME: Final = (
    rf"(?:{WALL_NAME}(?:[ -]{WALL_NAME}){{0,2}}(?: walls?| segment)?|[pila]w|(?:lad|rca|lcx)(?: territory)?)"
)
_GRADE: Final = r"(?P<grade>(?:mild|moderate|severe) )?"
# "Inf - H", "apex (A)", "others N".
_NAMES: Final = rf"{_NAME}(?:\s*(?:[&/+]|\band\b)\s*{_NAME}){{0,5}}"
_LETTER: Final = re.compile(
    rf"(?<![a-z])(?P<wall>{_NAMES}|{_OTHERS})(?P<sign>\s*[:=-]+\s*|\s*\(\s*|[ ]+){_GRADE}"
    r"(?P<code>[nhad]k?|nor(?:mal|mokinesia|mokinetic)?|hypo(?:kinesia)?|aki(?:nesia)?|dys(?:kinesia)?)"
    r"(?![a-z0-9'/])(?!\.\w)\)?"
)
# A wall with something else behind it.
_LETTERS_GO_ON: Final = re.compile(rf"[\s\v,;|/*-]*{_NAME}\s*[:=(-]")
_BETWEEN: Final = re.compile(r"[\s\v,;|/.*-]*(?:and\s+)?")
_IS_OTHERS: Final = re.compile(_OTHERS)
# In M-mode these have a thickness that is normal.
_MEASURED: Final = frozenset({"ivs", "pw", "septal", "posterior", "posterior wall", "septal wall"})
_FEWEST: Final = 3
_MANY_WALLS: Final = 4
_KINESIA: Final = re.compile(
    r"(?<!normo)kinesia|\b[had]k\b|bulg|scar|aneurysm|\bweak|abnormal|impaired|reduced"
)
_OF_SIZE: Final = re.compile(
    r"[^\n]*\b(?:thick\w*|sizes?|dimensions?|structure|texture|perfusion|uptake|leaflets?|leads?|"
    r"ecg|valves?)\b"
)
_ONE_NAME: Final = re.compile(rf"(?<![a-z]){_NAME}")
_BY_LETTERS_OF_WALLS: Final = {"pw": "posterior"}

_FINDING: Final = (
    r"(?:rwma|swma|wma|(?:(?:regional|segmental|lv) )*(?:wall motion abnormality|abnormality)|"
    r"abnormal wall motion|(?:hypo|a|dys)kinesia)"
)
_YES: Final = r"yes|y|present|positive|seen|noted|\+(?:ve)?"
_NO: Final = r"no|n|absent|negative|nil|none|not (?:seen|present|noted)|-(?:ve)?"
_ANSWERED: Final = re.compile(
    rf"(?<![a-z])(?P<wall>{_NAME}|{_OTHERS})\s*(?:[:=(]\s*|-\s+)?"
    rf"(?:(?P<yes>{_YES})|(?P<no>{_NO}))(?![a-z0-9])\)?"
)
# "RWMA: anterior no, apex yes", also over lines of walls.
_HEAD: Final = re.compile(rf"\b(?P<name>{_FINDING})(?: at rest)?\s*(?:[:=-]+\s*|[\n\v]\s*|(?<=  ))(?=[a-z(])")

_KIND: Final = r"(?P<kind{0}>normal|normokinetic|normokinesia|hypokinesia|akinesia|dyskinesia|aneurysm)"
_COUNT: Final = re.compile(
    r"(?<![\w./])(?:"
    rf"(?P<ahead>\d{{1,2}})\s+(?:segment\s+)?(?:are\s+|is\s+)?{_KIND.format(1)}(?:\s+segment)?|"
    rf"{_KIND.format(2)}(?:\s+segment)?\s*(?:[:=-]\s*|\(\s*|\s)"
    r"(?P<behind>\d{1,2})(?!\d|[./]\d|/|%|\s*[mc]m)\)?)"
)
_MOST_SEGMENTS: Final = 18
_LEAD: Final = 30

_NORMAL: Final = "wall motion: normal"
_NORMAL_HEAD: Final = re.compile(
    rf"(?<![a-z])(?!\w+kinesia){_FINDING}(?: at rest)?[ ]*(?:[:=-]+[ ]*|[\n\v][ *-]*|[ ]{{2,}})$|"
    rf"(?<![a-z])walls?[ ]*[:=|;-]+[ ]*[\n\v]?[ ]*$"
)
# "IVS/AW/LW/IW/apex - normal", "septum, anterior wall, lateral wall and apex are contracting normally".
_MANY: Final = (
    rf"(?:(?:the )?{_NAME}\s*(?:,\s*(?:and\s+)?|/|&|;|\band\b)\s*){{3,}}(?:the )?{_NAME}(?: walls?)?"
)
_EACH_NORMAL: Final = (
    rf"(?:{_NAME}\s*[:=(-]?\s*(?:is\s+)?(?:normal|nk|normokinetic|normokinesia)\b(?! thick)\)?\s*"
    r"(?:[,;.|\n\v*-]|\band\b)*\s*)"
)
_ALL_NORMAL: Final = re.compile(
    rf"(?<![a-z]){_MANY}\s*(?:[:=-]\s*|(?:are|is)\s+)?(?:all\s+)?(?:normal(?:\s+(?:motion|contraction|"
    rf"contractility|kinetics))?|"
    rf"nk|normokinetic|normokinesia|(?:contract|mov|thicken)\w*\s+(?:normally|well))(?=\s*(?:$|"
    rf"[.;,\n\v)]|walls?))|"
    rf"(?<![a-z]){_EACH_NORMAL}{{3,}}(?<![.;,\n\v*|-])"
)

# From, to, and what stands there.
_Row = tuple[int, int, str]


def single_walls_written_out(normal: NormalText) -> NormalText:
    """The text with walls that have a letter or an answer each, and counted segments, in words."""
    rows = [*_counted(normal.text), *_answered(normal.text), *_all_normal(normal.text)]
    if not LETTER_KEY.search(normal.text):
        lettered = list(_lettered(normal))
        rows += lettered
        rows += [(*key.span(), ";") for key in KEY_LINE.finditer(normal.text)] if lettered else []
    end = len(normal.text)
    for start, stop, words in sorted(rows, reverse=True):
        if stop <= end:
            normal, end = written(normal, start, stop, words), start
    return normal


def _all_normal(text: str) -> Iterator[_Row]:
    """Rows of three walls or more of different names, each or all of them normal, below a head or not."""
    if text.count("normal") + text.count("nk") == 0:
        return
    for found in _ALL_NORMAL.finditer(text):
        names = {spelt(one.group()) for one in _ONE_NAME.finditer(found.group())}
        head = _NORMAL_HEAD.search(text, 0, found.start())
        measured = {_BY_LETTERS_OF_WALLS.get(name, name) for name in names} <= _MEASURED
        lead = text[max(text.rfind("\n", 0, found.start()) + 1, found.start() - _LEAD) : found.start()]
        is_beside_ill = _KINESIA.search(text, max(0, found.start() - _LEAD), found.end() + _LEAD)
        is_of_motion = not (
            is_beside_ill or measured or _OF_SIZE.search(lead) or _OF_SIZE.match(text, found.end())
        )
        if len(names) >= (_FEWEST if head else _MANY_WALLS) and is_of_motion:
            yield head.start() if head else found.start(), found.end(), f"{_NORMAL} "


def _runs(text: str, found: Iterator[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """What stands one behind the other with nothing but signs between."""
    run: list[re.Match[str]] = []
    for one in found:
        if run and not _BETWEEN.fullmatch(text, run[-1].end(), one.start()):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _lettered(normal: NormalText) -> Iterator[_Row]:
    """Rows of walls with letters that can mean nothing else: two walls or more, in capitals."""
    pairs = (one for one in _LETTER.finditer(normal.text) if _is_code(normal, one))
    for run in _runs(normal.text, pairs):
        walls = [one for one in run if not _IS_OTHERS.fullmatch(one.group("wall"))]
        is_said = _is_plain(run, walls) and not _is_column(run)
        if words := _in_words(run, walls) if is_said else "":
            # "RWMA: anterior N, inferior N": what is normal is no finding.
            head = _NORMAL_HEAD.search(normal.text, 0, run[0].start()) if words == _NORMAL else None
            yield head.start() if head else run[0].start(), run[-1].end(), words


def _is_plain(run: list[re.Match[str]], walls: list[re.Match[str]]) -> bool:
    """Whether a row has letters (words alone are read as a sentence is), all others are normal, and its walls
    are neither one on two days nor the two that have a thickness in M-mode.
    """
    names = {one.group("wall") for one in walls}
    others = {one.group("code")[0] for one in run if one not in walls}
    is_short = any(len(one.group("code")) < _FEWEST for one in run)
    is_twice = len(names) == 1 and len(walls) > 1
    return is_short and others <= {"n"} and not names <= _MEASURED and not is_twice


def _in_words(run: list[re.Match[str]], walls: list[re.Match[str]]) -> str:
    """What a row of letters says; nothing where too few stand there."""
    ill = [
        f"{_spelt(one.group('wall'))} {one.group('grade') or ''}{_BY_LETTER[one.group('code')[0]]}"
        for one in walls
        if not one.group("code").startswith("n")
    ]
    if ill:
        return "; ".join(ill) if len(run) > 1 else ""
    goes_on = _LETTERS_GO_ON.match(run[-1].string, run[-1].end())
    return _NORMAL if len(run) >= _FEWEST and not goes_on else ""


def _is_column(run: list[re.Match[str]]) -> bool:
    """Whether each wall has a line and no sign: a person has to say what the letters beside them mean."""
    lines = re.split(r"[\n\v]", run[0].string[run[0].start() : run[-1].end()])
    return len(lines) == len(run) > 1 and not any(one.group("sign").strip() for one in run)


def _is_code(normal: NormalText, pair: re.Match[str]) -> bool:
    """Whether a letter is a capital in the report, as "apex a" has the article; a word may be small."""
    at = normal.starts[pair.start("code")]
    return len(pair.group("code")) > 1 or normal.original[at].isupper()


def _spelt(walls: str) -> str:
    names = re.split(r"\s*(?:[&/+]|\band\b)\s*", walls)
    return " and ".join(_WALLS_BY_LETTERS.get(name) or spelt(name) for name in names)


def _answered(text: str) -> Iterator[_Row]:
    """Walls with yes or no each, below or behind the name of a finding."""
    for head in _HEAD.finditer(text):
        items = (one for one in _ANSWERED.finditer(text, head.end()))
        run = next(_runs(text, items), [])
        if len(run) < 2 or run[0].start() != head.end():
            continue
        walls = [one for one in run if not _IS_OTHERS.fullmatch(one.group("wall"))]
        if any(one.group("yes") for one in run if one not in walls):
            continue
        there = [_spelt(one.group("wall")) for one in walls if one.group("yes")]
        name = head.group("name")
        words = f"{name} present in {' and '.join(there)}" if there else f"no {name}"
        yield head.start(), run[-1].end(), words


def _counted(text: str) -> Iterator[_Row]:
    """Numbers of segments by how they move: two kinds or more, one of them counted as none or normal."""
    if "kinesia" not in text or "segment" not in text:
        return
    for run in _runs(text, _COUNT.finditer(text)):
        numbers = [int(one.group("ahead") or one.group("behind")) for one in run]
        lead = text[max(0, run[0].start() - _LEAD) : run[0].start()]
        is_of_segments = "segment" in lead + text[run[0].start() : run[-1].end() + _LEAD]
        if len(run) > 1 and is_of_segments and not _is_key(numbers) and sum(numbers) <= _MOST_SEGMENTS:
            yield run[0].start(), run[-1].end(), _counts_in_words(run, numbers)


def _is_key(numbers: list[int]) -> bool:
    """ "1 normal, 2 hypokinetic, 3 akinetic" is a scale."""
    return all(after == before + 1 for before, after in pairwise(numbers))


def _counts_in_words(run: list[re.Match[str]], numbers: list[int]) -> str:
    kinds = [one.group("kind1") or one.group("kind2") for one in run]
    ill = [(kind, number) for kind, number in zip(kinds, numbers, strict=True) if not kind.startswith("norm")]
    there = [f"{kind} of {number} segment" for kind, number in ill if number]
    return ", ".join(there) or ("wall motion: normal" if ill else ";")
