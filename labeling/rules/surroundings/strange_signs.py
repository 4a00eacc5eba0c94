"""Signs, numbers and rows of answers around a value that no rule has used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from labeling.rules.kinds.cells import DATE
from labeling.rules.kinds.passages import FIELD_WORDS
from labeling.rules.surroundings.ordinary_words import MEASURED

_EF: Final = "ef_percent"
# What a number is called stands at most so far before it.
_LEAD: Final = 60
# Boxes, arrows, ticks and the like; what chooses or points.
_SIGNS: Final = re.compile(
    r"[\[\]{}?!\u2190-\u21ff\u2500-\u27bf\u2b00-\u2bff\\#@_$]|<\s?-(?!\d)|(?<![<>])-\s?>|<<|"
    r">>|\+\s?/\s?-|\u00b1|"
    r"(?<=[\w%)])\*|(?<![\w])x(?![\w.])"
)
# "N0", "6O": letters and digits in one token, but for the usual ones.
_MIXED: Final = re.compile(r"(?<![\w.])(?=\w*\d)(?=\w*[a-z])\w+")
_USUAL_MIXED: Final = re.compile(
    r"[234]d\w{0,4}|[am]?[2345]c(?:h|v)?|\d+(?:st|nd|rd|th)|"
    r"\d+(?:mm|cm|ml|ms|mmhg|m|s|g|kg|yrs?|yr|y|f|mg|mcg|bpm|hz|l|cc|w|h|hg|mmof|pct)|"
    r"c?m[23]|s[pa]?o2|co2|h2o|cmh2o|[a-z]\d{2,5}|cpt\d|[vsptabelhf]\d|gr\d|\d{2}[mf]|\d{1,3}x|"
    r"2de|fev1|(?:lv)?ef\d\d|\d+echo|svo2|fio2|sglt2"
)
# "No.PAH": two words joined by a dot.
_JOINED: Final = re.compile(r"(?<![\w.])no\.[a-z]{2,}")
_LISTED: Final = re.compile(r"(?<![\w/])[a-z]+(?:\s?/\s?[a-z]+)+(?![\w/])")
_ANSWER: Final = r"(?:yes|no|none|nil|absent|present|mild|moderate|severe|normal|abnormal)"
_SENSE: Final = {"yes": "+", "present": "+", "no": "-", "none": "-", "nil": "-", "absent": "-"}
_ANSWERS: Final = re.compile(rf"\b(?P<one>{_ANSWER})\b(?P<gap>[\s|/()\[\]]*)(?=(?P<two>{_ANSWER})\b)")
_THREE_ANSWERS: Final = re.compile(rf"\b{_ANSWER}\b(?:[\s|/,;]+{_ANSWER}\b){{2}}")
# "No MR/AR/TR/PAH": short names of lesions, read one by one.
_LESIONS: Final = re.compile(
    r"(?:mr|ar|tr|as|ms|pr|ps|ts|ai|pah?|pht|pe|clots?|veg[a-z]*(?![a-z])|thromb[a-z]*(?![a-z])|asd|vsd|"
    r"pda|\s|/)+"
)
# "No RWMA/clot/effusion", "nil: rwma / pah": all of it denied by the word before.
_DENIED_LESIONS: Final = re.compile(rf"(?:{_LESIONS.pattern[3:-2]}|r?wma|effusion|lvh)+")
_DENIAL_BEFORE: Final = re.compile(r"\b(?:no|nil|without|absent)\s*:?\s*$")
_BOTH_WAYS: Final = re.compile(
    r"\byes\b.*\b(?:no|nil|none|absent)\b|\b(?:no|nil|none|absent)\b.*\byes\b", re.DOTALL
)
_DENIED: Final = re.compile(
    r"\b(?:no|not|without|never|nor|neither)\b"
    r"(?:\s+(?!(?:and|but|with|so|although|though|whereas|while)\b)[a-z]+){0,5}\s*$"
)
# "FS (EF): 33 (62)": which number is whose?
_SHARED: Final = re.compile(r"\b(?:fs|shortening)\s*\(\s*(?:lv\s?)?ef\s*\)")

_NUMBER: Final = re.compile(r"(?<![\w.,/-])\d+(?:[.,]\d+)?(?!\w*\d)")
_UNIT_BEHIND: Final = re.compile(
    r"\s*(?:x|by\s+\d|mm(?!\s?hg)|cm|ml|m/s|m/sec|cm/s|ms\b|msec|sec|s\b|bpm|beats|kg|g\b|gms?\b|l\b|"
    r"l/min|cc|"
    r"years?|yrs?|yr\b|y/o|year-old|mg|mcg|wood|wu|m2|sq|/|segment|d\b|ch\b|c\b|chamber|hours?|vessel|"
    r"-?dimensional|cusps|f\b|fr\b|\+)"
)
# "(54-74)" behind a value, "normal < 35": what is usual, told from the value by its form.
_RANGE: Final = re.compile(
    r"\((?:[a-z /]{0,25}\b)?(?:normal|reference|norm)(?: range| values?| limits?)?[ :]*[<>=]*\s*\d+(?:\.\d+)?"
    r"\s*(?:-|to)\s*\d+(?:\.\d+)?\s*%?\s*\)|"
    r"\(\s*(?:normal|norm|ref\w*|n|nl|till|up ?to|max)?\s*[:=]?\s*[<>=]*\s*\d+(?:\.\d+)?\s*(?:-|"
    r"to)?\s*\d*(?:\.\d+)?\s*%?\s*\)|"
    r"\b(?:normal|ref\w*|nl)\s*[:=]?\s*[<>]=?\s*\d+"
)
_BRACKETED_RANGE: Final = re.compile(
    r"\[\s*(?:normal|ref\w*|n|nl)?\s*[.:=]?\s*[<>]?=?\s*\d[\d.]*\s*(?:(?:-|to)\s*\d[\d.]*)?\s*%?\s*\]"
)
# "Thrombus 3 x 4 cm".
_SIZE: Final = re.compile(r"\d+(?:\.\d+)?\s*(?:x\s*\d+(?:\.\d+)?\s*){1,2}(?:mm|cm)\b")
# A column of what is usual behind the value: "EF  47 %     52 - 72   L".
_RANGE_COLUMN: Final = re.compile(
    r"(?:\s{3,}|\|\s*|\b(?:limits?|normal|ref\w*|band|range)\.?[ :]*(?:for (?:age|sex)[ :]*)?)"
    r"(?P<low>\d{1,3}(?:\.\d)?)\s*(?:-|to)\s*(?P<high>\d{1,3}(?:\.\d)?)\s*(?:%|mm\s?hg)?"
    r"(?=\s*[hl*]?\s*(?:$|[\n|,;)]))"
)
_LEAST_WIDE: Final = 10.0
_SAME_POINTS: Final = 2.5
_LIST_NUMBER: Final = re.compile(r"[.)]\s+[a-z]")
_LABEL_BEFORE: Final = re.compile(
    r"\b(?:fs|shortening|fac|gls|strain|tapse|lvid[ds]|ivs[ds]?|l?v?pwd?|edv|esv|e/a|e/e'?|grade|stage|class|"
    r"type|aged?|stenosis|rap?|tr|pg|gradient|score|index|hr|rate|bp|lvedp|la|ao|lvedd|lvesd|group|rvef|"
    r"rv ef|rv ejection fraction|right ventricular ef|regurgitant fraction|mr|ar|ai|mean|pressure|wedge|pcwp|"
    r"mva|ava|ratio|sinus|edp|vmax|v max|velocity|vel|"
    r"pcw|"
    r"edd|esd|lved|lves|lvd|lvs|sat|sats|saturation|spo2|sao2|hct|hb|hgb|urr|peep|fio2|rao|lao|z|z-score|"
    r"weight|wt|"
    r"height|ht|bsa|bmi|pulse|(?:max|mean)\s?pg|pg\s?max|cvp|jvp|lvot|root|gcs|grs|lavi|lvmi|mapse|s'|e'|"
    r"a'|dt|"
    r"ivrt|pht|co|ci|sv|svi|lactate|creat\w*|sodium|potassium|na|k|dil(?:ated|ation)?|dimensions?|diameters?|"
    r"size|thickness|dose|room|bed|lead|page|sheet|item|no|nos|box|level)"
    r"\.?\s*(?:\((?:till|up ?to|n|nl|norm\w*|ref\w*|max)\b[^)\n]{0,12}\)\s*)?"
    r"[:=]?\s*(?:of |is |was |at )?[<>~+-]?\s*$|[a-z]\s?[=:]\s*$"
)
_WORD_BEFORE: Final = re.compile(r"(?<![\w/])(?P<word>[a-z][a-z'/-]*)\s*[:=]?\s*[~+-]?\s*\Z")
_PERCENT_BEHIND: Final = re.compile(r"\s*(?:%|per ?cent|mm\s?hg|(?:-|to)\s*\d+\s*%)")
# A word and its own expansion, and nothing said of it.
_ONLY_SIGNS: Final = re.compile(r"[\s:=().,;/-]*")


def strange_signs(field: str, body: str, before: str) -> Iterator[str]:
    """What stands in a value's statement and is no word.

    Args:
        body: the statement. before: its part before the value.
    """
    yield from (sign.group() for sign in _SIGNS.finditer(_SIZE.sub(" ", _BRACKETED_RANGE.sub(" ", body))))
    yield from (one.group() for one in _MIXED.finditer(body) if not _USUAL_MIXED.fullmatch(one.group()))
    yield from (one.group() for one in _JOINED.finditer(body))
    if field in (_EF, "rvsp_mmhg"):
        found = (_DENIED.search(before[-2 * _LEAD :]), _SHARED.search(body)) if field == _EF else ()
        yield from (one.group() for one in found if one)
    else:
        yield from _rows_of_answers(field, body)


def strange_numbers(
    text: str, start: int, end: int, taken: Sequence[tuple[int, int]], own: tuple[int, int]
) -> Iterator[str]:
    """Numbers of a statement that belong to no value taken, no unit and no label that is known.

    Args:
        taken: the ranges of all values. own: that of the value itself; its number said again is no other one.
    """
    said = set(_NUMBER.findall(text, *own))
    told = _told_ranges(text, max(0, start - _LEAD), min(len(text), end + _LEAD))
    for found in _NUMBER.finditer(text, start, end):
        if _is_said(found, text, said) or any(low <= found.start() <= high for low, high in (*taken, *told)):
            continue
        before = text[max(start, found.start() - _LEAD) : found.start()]
        if not (_is_of_a_list(before, text, found.end()) or _is_named(before, text, found.end())):
            yield found.group()


def _told_ranges(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Dates, and what is usual; looked for around a stretch, as a bracket may end behind it."""
    told = [
        found.span()
        for pattern in (DATE, _RANGE, _BRACKETED_RANGE)
        for found in pattern.finditer(text, start, end)
    ]
    return told + [
        found.span()
        for found in _RANGE_COLUMN.finditer(text, start, end)
        if float(found.group("high")) - float(found.group("low")) >= _LEAST_WIDE
    ]


def _is_of_a_list(before: str, text: str, end: int) -> bool:
    """Whether a number counts the items of a list: at the head of a line, or behind a stop."""
    is_behind_a_stop = before.rstrip()[-1:] in (";", ".") and _LIST_NUMBER.match(text, end)
    return not before.strip(" *-(|") or bool(is_behind_a_stop)


def _is_named(before: str, text: str, end: int) -> bool:
    """Whether its unit or its name says what it is of."""
    is_told = _UNIT_BEHIND.match(text, end) or _LABEL_BEFORE.search(before)
    return bool(is_told) or _is_measure_of_its_word(before, text, end)


def _is_said(found: re.Match[str], text: str, said: Iterable[str]) -> bool:
    """Whether it is the value's own number, or a percentage so near that two methods measured one heart."""
    within = _SAME_POINTS if _PERCENT_BEHIND.match(text, found.end()) else 0.0
    number = float(found.group().replace(",", "."))
    return any(abs(number - float(one.replace(",", "."))) <= within for one in said)


def _is_measure_of_its_word(before: str, text: str, end: int) -> bool:
    """Whether a number, no percentage, stands right behind the name of what is measured: "LA 38"."""
    word = _WORD_BEFORE.search(before)
    if word is None or _PERCENT_BEHIND.match(text, end):
        return False
    return word.group("word").split("-")[0] in MEASURED


def _is_list_of_lesions(body: str, listed: re.Match[str]) -> bool:
    """Whether short names are read one by one: lesions, or anything that is denied as a whole."""
    if _LESIONS.fullmatch(listed.group()):
        return True
    is_denied = _DENIAL_BEFORE.search(body, 0, listed.start()) or listed.group().startswith("no ")
    return bool(is_denied and _DENIED_LESIONS.fullmatch(listed.group()))


def _answer_in_several_ways(listed: str) -> bool:
    """Whether answers side by side differ: "none / nil" says one thing twice, in a form of two languages."""
    return len({_SENSE.get(one, one) for one in re.findall(rf"\b{_ANSWER}\b", listed)}) > 1


def _rows_of_answers(field: str, body: str) -> Iterator[str]:
    """Answers beside one another, of which one at most counts, and names with nothing said of them."""
    words = FIELD_WORDS[field]
    for listed in _LISTED.finditer(body):
        is_read = not words.search(listed.group()) or _is_list_of_lesions(body, listed)
        if not is_read or _answer_in_several_ways(listed.group()):
            yield "/"
    for row in _ANSWERS.finditer(body):
        one, two = (_SENSE.get(row.group(name), row.group(name)) for name in ("one", "two"))
        if one != two and (row.group("gap").strip() or row.group("one") != "no"):
            yield row.group().strip()
    yield from (found.group() for found in (_THREE_ANSWERS.search(body), _BOTH_WAYS.search(body)) if found)
    if len(words.findall(body)) > 1 and _ONLY_SIGNS.fullmatch(words.sub(" ", body)):
        yield "="
