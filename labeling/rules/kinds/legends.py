"""Keys to abbreviations, a bare label with its own expansion, and lists of what was studied."""

from __future__ import annotations

import re
from string import ascii_lowercase
from typing import Final

from labeling.rules.kinds.passages import LineKind, Passage, fields_named

_HEADER: Final = re.compile(
    r"(?:(?<=^)|(?<=[\n\v.;(*]))[\s*(\[#-]*(?:list of (?:common )?|standard |common )?"
    r"(?:abbreviations?|abbrev\.?|abbrs?\.?|legends?|keys?(?! (?:findings?|points?|images?|measure))|"
    r"glossary|acronyms?|"
    r"definitions?|explanations?(?: of (?:the )?(?:terms|words))?|in plain (?:words|english|language)|"
    r"terms|terminology|symbols|short ?forms?|full ?forms?|nomenclature|where)"
    r"(?:\s+(?:used|to|for|of|and|in|by|on|this|these|our|your|the|here|page|form|reports?|lab\w*|"
    r"clinic|patients?|relatives|readers|families|hospital|department|centre|center|abbreviations?|"
    r"symbols|letters|signs|terms|acronyms?|expansions?|"
    r"explained))*"
    r"\s*[)\]*]*\s*(?P<mark>[:=-]|(?=[\n\v]|$)|(?=\s[a-z]{2,6}\s*[=:-]))"
)
_ENTRY: Final = re.compile(
    r"(?:^|(?<=[\n\v;,(|.*/:\[-])|(?<=\band)|(?<=\s)(?!\s))\s*(?P<abbr>[a-z][a-z.]{1,7})(?P<sep>\s*(?:=+|:|"
    r"-{1,2}>?|\u2192|,)\s*|"
    r"\s+(?:is|means|stands for|denotes|refers to|indicates|represents|abbreviates|(?:is )?short for)\s+|\s+|"
    r"\s*\(\s*)"
    r"(?=[a-z])"
)
_WORDS: Final = re.compile(r"[a-z][a-z'.]*")
_MOST_WORDS: Final = 8
# What an expansion of our own abbreviations has to speak of.
_OURS: Final = {
    **dict.fromkeys(("pah", "ph", "pht", "phtn"), "hypert"),
    **dict.fromkeys(("rwma", "swma", "wma"), "wall"),
    **dict.fromkeys(("ef", "lvef"), "fraction"),
    **dict.fromkeys(("pasp", "rvsp", "spap"), "pressure"),
}
# "MR  mild / RVSP ..." is a row of a table, no abbreviation spelt out.
_A_VALUE: Final = re.compile(
    r"\b(?:lvef|rvsp|pasp|rwma|pah|tapse|mild|moderate|severe|nil|none|absent|present|\d+)\b"
)
_SMALL: Final = frozenset("of and the in for to by a with about approximately".split())
# What an abbreviation stands for begins with its first letter; to look is cheap, to spell out is not.
_BEGINS: Final = {
    letter: re.compile(rf"(?:(?:{'|'.join(sorted(_SMALL))})[ \v/-]+)*{letter}") for letter in ascii_lowercase
}
_NEGATED: Final = re.compile(
    r"\b(?:no|not|nil|without|mild|moderate|severe|significant|present|absent|of|with)\s*$"
)
_OWN_END: Final = re.compile(r"\s*(?:$|[\n\v;,|.)\]/*]|\band\s+[a-z]{2,6}\s*[=:-]|\s{2}|(?=[a-z]{2,6}\s*=))")
# "Regional wall motion abnormality, e.g. akinesia of a segment".
_EXAMPLE: Final = re.compile(
    r",\s*(?:e\.?\s?g\b|i\.?\s?e\b|graded|such as|for example|that is)[^\n\v;]{0,80}"
)
_REVERSED: Final = re.compile(
    r"(?:^|(?<=[\n\v;,(|.*]))\s*(?P<exp>[a-z][a-z \v]{6,50}?)\s*(?P<sep>=|:|-|"
    r"\()\s*(?P<abbr>[a-z]{2,6})\s*(?P<close>\)?)"
    r"(?=\s*(?:$|[\n\v;,|.)]))"
)
_SPELT_LABEL: Final = re.compile(r"\b(?P<abbr>[a-z]{2,6})\s*(?P<exp>\([a-z][a-z \v-]{6,50}\))(?=\s*[:=-])")
_BARE: Final = (
    r"(?:(?:the\s+)?(?:l\.?v\.?\s*)?e\.?f\.?|lvef|rwma|swma|pah|ph|phtn|pht|pasp|rvsp|spap|tapse|gls|fs|edv|"
    r"esv|"
    r"(?:the\s+)?(?:regional |segmental )?wall[- ]motion(?: abnormality)?|"
    r"(?:the\s+)?(?:left ventricular |lv )?ejection fraction|lv (?:systolic |diastolic )?function|"
    r"(?:the\s+)?pulmonary (?:artery |arterial )?(?:systolic )?(?:pressure|hypertension)|pa pressure|"
    r"chambers?(?: \w+)?|"
    r"valves?(?: \w+)?|clots?|thrombus|pericardium|effusion|diastolic (?:function|dysfunction)|diastology|"
    r"(?:rv|la|lv|chamber) (?:size|dimensions?|function)|septa|ivc|mr|tr|ar|as|ms|pr|vegetations?|e/a|e/e'?)"
)
_LIST: Final = re.compile(rf"{_BARE}(?:\s*(?:,|/|&|;|\||\+|\band\b|\bor\b|\v|,\s*and\b)\s*{_BARE})+")
_STUDIED: Final = (
    r"(?:studied|assessed|measured|evaluated|recorded|reported|included|examined|analysed|analyzed|covered|"
    r"looked (?:for|at)|checked|screened|sought|noted|calculated|determined|monitored|documented|required|"
    r"requested)"
)
_LIST_HEAD: Final = re.compile(
    rf"(?:\b(?:parameters?|variables?|measurements?|items?|protocol|indices|fields?|endpoints?|outcomes?|"
    rf"checklist|scope|"
    rf"contents?|includes?|including|comprises?|consists? of|templates?|headings?)\b[^:.\n]{{0,40}}?[:-]?|"
    rf"\bwe (?:\w+ )?(?:assess|measure|evaluate|report|study|studied|look for|check)\b|"
    rf"\b{_STUDIED}\s*(?:for)?(?:\s+(?:were|was|are|is|the following))?\s*[:-]?|\bto be {_STUDIED}\s*:?|"
    rf"\b(?:assessment|evaluation|study|measurement|estimation|look|screen(?:ing)?) (?:of|for|"
    rf"include[sd]?)\s*:?)\s*$"
)
_LIST_TAIL: Final = re.compile(
    rf"\s*(?:was|were|is|are|to be|will be|being)\s+(?:also\s+|not\s+)?(?:{_STUDIED}|done|performed)"
    # "Effusion; RVSP was measured at 42 mmHg" gives what was measured.
    r"(?!\s*(?:at|as|to be|by [a-z ]{2,20}(?:at|as))?\s*(?:about |approximately |around )?[<>~]?\d)"
)
_NUMBERS_ONLY: Final = re.compile(r"\b(?:lv)?ef\b|\blvef\b|\bejection fraction\b|\bpasp\b|\brvsp\b|\bspap\b")


def legend_passages(text: str) -> list[Passage]:
    """Everything that explains words or names what is studied, and finds nothing."""
    found = _entries(text)
    found.extend(_reversed_entries(text))
    found.extend(_spelt_labels(text))
    found.extend(_below_headers(text, found))
    return found + _lists(text)


def is_expansion(abbr: str, words: str) -> bool:
    """Whether words spell out an abbreviation: their first letters are its letters, in order."""
    letters = abbr.replace(".", "")
    if not re.search(_OURS.get(letters, ""), words):
        return False
    named = [word for word in _WORDS.findall(words) if word not in _SMALL]
    if len(named) < 2 or not letters:
        return False
    initials = "".join(word[0] for word in named)
    if initials == letters:
        return True
    # "PHT: pulmonary hypertension": letters from inside a word as well, every word begun in order.
    return (
        letters[0] == initials[0]
        and _is_within(initials, letters)
        and _is_within(letters, "".join(named))
        and len(letters) <= len(named) + 2
    ) or (
        letters in ("pah", "ph")
        and re.fullmatch(r"pulmonary (?:arter\w+ )?hypertension", words.strip()) is not None
    )


def _is_within(part: str, whole: str) -> bool:
    rest = iter(whole)
    return all(letter in rest for letter in part)


def _entries(text: str) -> list[Passage]:
    """ "RWMA = regional wall motion abnormality", with nothing said of it behind."""
    found: list[Passage] = []
    for match in _ENTRY.finditer(text):
        before = text[max(0, match.start("abbr") - 24) : match.start("abbr")]
        if not _BEGINS[match.group("abbr")[0]].match(text, match.end()) or _NEGATED.search(before):
            continue
        end = _expansion_end(text, match)
        if end is None:
            continue
        is_loose = (
            match.group("sep").strip() == ","
            or not re.search(r"[=:>\u2192]|--?|\b\w+\b", match.group("sep"))
            or "(" in match.group("sep")
        )
        if is_loose and not _is_keyed(text, match.start("abbr"), end):
            continue
        found.append(Passage(match.start("abbr"), end, LineKind.LEGEND, leaves_doubt=False))
    return found


def _is_keyed(text: str, start: int, end: int) -> bool:
    """Whether an entry without a sign stands alone on its line, or in a line that says it is a key."""
    line_start = max(text.rfind("\n", 0, start), text.rfind("\v", 0, start)) + 1
    lead = text[line_start:start]
    if not lead.strip(" *-"):
        return "(" not in text[start:end]
    return _HEADER.search(text, max(0, line_start - 1), start) is not None


def _expansion_end(text: str, match: re.Match[str]) -> int | None:
    """Where the words end that spell the abbreviation out; None where they don't, or something follows."""
    at, words = match.end(), 0
    limit = min(len(text), at + 90)
    while words < _MOST_WORDS:
        word = re.compile(r"(?:[ \v/-]+|^)?[a-z][a-z'.]*").match(text, at, limit)
        if word is None:
            return None
        at, words = word.end(), words + 1
        spelt = text[match.end() : at]
        if _A_VALUE.search(spelt):
            return None
        if (
            words >= 2
            and is_expansion(match.group("abbr"), spelt)
            and (spelt[-1] == "." or _OWN_END.match(text, at))
        ):
            more = _EXAMPLE.match(text, at)
            return more.end() if more else at
    return None


def _reversed_entries(text: str) -> list[Passage]:
    """ "Regional wall motion abnormality = RWMA"; in brackets only where the line has several."""
    found = []
    for match in _REVERSED.finditer(text):
        is_open = match.group("sep") == "(" and not match.group("close")  # "ejection fraction (EF) 59 %"
        if is_open or not is_expansion(match.group("abbr"), match.group("exp").strip()):
            continue
        if match.group("sep") != "(" or len(_REVERSED.findall(_line_of(text, match.start("exp")))) > 1:
            found.append(Passage(match.start("exp"), match.end(), LineKind.LEGEND, leaves_doubt=False))
    return found


def _spelt_labels(text: str) -> list[Passage]:
    """ "RWMA (regional wall motion abnormality): nil" - a label that is spelt out before its value."""
    return [
        Passage(*match.span("exp"), LineKind.LEGEND, leaves_doubt=False)
        for match in _SPELT_LABEL.finditer(text)
        if is_expansion(match.group("abbr"), match.group("exp").strip("( )"))
    ]


def _line_of(text: str, at: int) -> str:
    end = text.find("\n", at)
    return text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)]


def _below_headers(text: str, entries: list[Passage]) -> list[Passage]:
    """What stands behind and below the heading of a key, as far as it looks like entries."""
    found = []
    for header in _HEADER.finditer(text):
        end = text.find("\n", header.end())
        end = len(text) if end < 0 else end
        rest = text[header.end() : end]
        explains = any(header.end() <= one.start <= end for one in entries) or "=" in rest
        is_numbered = re.search(r"\b(?:lv)?ef\s*(?:[<>]|\d+\s*-)", rest) is not None
        if rest.strip() and not explains and not is_numbered:
            continue
        if rest.strip():
            found.append(Passage(header.end(), end, LineKind.LEGEND, leaves_doubt=_says_more(rest)))
        found.extend(_lines_below(text, end, entries))
    return found


def _says_more(rest: str) -> bool:
    return re.search(r"\b(?:no|nil|not|mild|moderate|severe|present|absent)\b|\d\s*%", rest) is not None


# "Akinesia: a wall that does not move."
_EXPLAINED: Final = re.compile(
    r"[\s*-]*[a-z][a-z /]{1,30}?(?:\s*[:=-]\s*|\s{2,})(?:an?|the|any|parts?|mean|high|raised|area|when|"
    r"how)\b[^\n]{3,90}"
)


# "EF    ejection fraction of the left ventricle, usual 55 and more", below the heading of a key.
_OURS_SPELT: Final = re.compile(
    r"[\s*-]*(?:(?:lv)?ef|rwma|swma|wma|pah?|ph|phtn|pht|pasp|rvsp|spap)\s*[=:-]*\s+"
    r"(?:ejection|left ventric|regional|segmental|wall|pulmonary|right ventric|systolic)[^\n]*"
)


def _lines_below(text: str, end: int, entries: list[Passage]) -> list[Passage]:
    found = []
    while end < len(text):
        start = end + 1
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end]
        is_entry = any(start <= one.start < end for one in entries) or _OURS_SPELT.fullmatch(line) is not None
        is_like_one = re.fullmatch(
            r"[\s*-]*[a-z][a-z./]{0,8}\s*(?:=|:|-|\s\s)\s*[a-z][a-z ,/()-]{3,60}\.?\s*", line
        )
        is_told = _EXPLAINED.fullmatch(line) is not None
        if line.strip() and not (is_entry or is_told or (is_like_one and not _says_more(line))):
            break
        if line.strip():
            found.append(Passage(start, end, LineKind.LEGEND, leaves_doubt=not is_entry))
    return found


def _lists(text: str) -> list[Passage]:
    """ "Parameters studied: LVEF, RWMA, PASP", and a line of nothing but names that want numbers."""
    found = []
    for match in _LIST.finditer(text):
        if not fields_named(match.group()):
            continue
        line_start = text.rfind("\n", 0, match.start()) + 1
        lead = re.split(r"[.;]\s", text[line_start : match.start()])[-1]
        is_headed = _LIST_HEAD.search(lead) and not re.search(r"\b(?:no|not|normal)\b", lead)
        closes = re.match(
            r"(?:\s+(?:in|for|of) (?:all|every|each)[^.\n]{0,30})?\s*(?:$|[\n.;)])", text[match.end() :]
        )
        is_all = not lead.strip(" *-(:") and closes and _NUMBERS_ONLY.search(match.group())
        if (is_headed and closes) or is_all or _LIST_TAIL.match(text, match.end()):
            tail = _LIST_TAIL.match(text, match.end())
            found.append(Passage(match.start(), tail.end() if tail else match.end(), LineKind.BARE_LABEL))
    return found
