"""What forms and letters print around their answers and that changes none of them.

Numbers of items ("Q2", "C6b"), a name given once more in another language ("presion pulmonar / PA pressure"),
and days of the study itself. All of it is blanked where it stands, so that the rest keeps its places.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from labeling.rules.kinds.passages import FIELD_WORDS, fields_named
from labeling.rules.surroundings.plain_words import FOREIGN
from labeling.rules.surroundings.strange_words import WORD, is_ordinary, turn_of
from labeling.rules.surroundings.turning_words import HARMLESS_TURNS

_LETTER_OF_LIST: Final = re.compile(r"(?:^|(?<=[\n;.]))\s*\(?[a-h][.)](?=\s)")
_ITEM: Final = re.compile(
    r"(?:^|(?<=\n))[ |*]*(?P<code>(?P<letters>[a-z]{0,2})\d{1,2}(?:\.\d{1,2})*(?P<more>[a-z]?))[.):]?"
    r"(?=[ |]+[a-z(])"
)
_LEAST_ITEMS: Final = 3
# A question that its answer follows: "Do all walls thicken equally?   yes".
_ASKED: Final = re.compile(
    r"(?<=\w)\?(?=[ .:_-]{2,}(?:yes|no|none|nil|normal|absent|present|mild|moderate|severe|\d)|\s?\|)"
)
# "39 mmHg  H": a laboratory's flag.
_FLAG: Final = re.compile(r"(?:(?<=mmhg)|(?<=hg)|(?<=%)) +[hln](?= *(?:\n|$|\|))")
_DOCTOR: Final = re.compile(r"\b(?:dr|prof|doctor)\b\.?(?P<name>(?:\s+[^\W\d_][^\W\d_.'-]*\.?){1,4})")
# "RAP 10 -> RVSP 48", "RWMA -> none": an arrow from a name to its value, or to the sum.
_ARROW: Final = re.compile(r"[-=]>")
_SUM_BEHIND: Final = re.compile(r"\s*(?:e?rvsp|e?pasp|spap)\b")
_ANSWERED_AHEAD: Final = re.compile(
    r"\d|\b(?:no|none|nil|absent|present|mild|moderate|severe|normal|yes|improv\w*|reduc\w*)\b"
)
# Two names of one thing before its answer, or the answer in two languages.
_TWO_NAMES: Final = re.compile(
    r"(?:(?<=^)|(?<=[\n|*])|(?<=[\n|*:=,] )|(?<=  )|(?<=\d[.)] ))(?P<one>[^\W\d_][^\n:=|/\d]{0,40}?)\s?/\s?"
    r"(?P<two>[^\W\d_][^\n:=|/\d]{0,40}?)(?=\s*[:=|(,]| {2,}|\s+\d|\s*(?:\n|$))"
)
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH: Final = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_DAYS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\d/.-])(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>(?:19|20)?\d\d)(?![\d%])",
        r"(?<![\d/.-])(?P<year>(?:19|20)\d\d)[/.-](?P<month>\d{1,2})[/.-](?P<day>\d{1,2})(?![\d%])",
        rf"(?<![\d/.-])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s/.-]{_MONTH}(?:[\s,/.-]+(?P<year>(?:19|"
        rf"20)?\d\d))?(?![\w%])",
        rf"\b{_MONTH}[\s-](?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)",
    )
)
# What lies ahead of a page, and says nothing of the day it was written.
_AHEAD: Final = re.compile(
    r"\b(?:valid|until|till|expir\w*|next|review|appointment|follow-?up|due|edd|renew\w*|booked|planned|"
    r"recall)\b"
    r"[^\n]{0,30}\Z"
)
# As long as one illness brings a patient to one place.
_ONE_STAY_DAYS: Final = 45
# A page with more is a register or a diary.
_MOST_DAYS: Final = 40


@lru_cache(maxsize=8)
def without_form_print(text: str) -> str:
    """The text without numbers of items, second names, marks of answered questions, flags; offsets stay."""
    for pattern in (_ASKED, _FLAG):
        text = pattern.sub(lambda found: _blank(found.group()), text)
    text = _arrows_blanked(_names_of_doctors_blanked(text))
    return _second_names_blanked(_item_numbers_blanked(text))


@lru_cache(maxsize=8)
def understood_blanked(text: str) -> str:
    """The text without the fields' own words, the letters of a list, what forms print, and phrases with a
    turning word that turn nothing; all offsets stay.
    """
    text = without_form_print(text)
    for pattern in (*FIELD_WORDS.values(), _LETTER_OF_LIST, HARMLESS_TURNS):
        text = pattern.sub(lambda found: _blank(found.group()), text)
    return text


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _names_of_doctors_blanked(text: str) -> str:
    """Unfamiliar words behind a doctor's title, up to the first that is known."""
    for doctor in _DOCTOR.finditer(text):
        for word in WORD.finditer(text, *doctor.span("name")):
            if is_ordinary(word.group()) or turn_of(word.group()):
                break
            text = text[: word.start()] + " " * len(word.group()) + text[word.end() :]
    return text


def _arrows_blanked(text: str) -> str:
    """Arrows from a field's name to its first answer; those between two answers stay."""
    for arrow in _ARROW.finditer(text):
        lead = text[text.rfind("\n", 0, arrow.start()) + 1 : arrow.start()]
        is_to_value = fields_named(lead) and not _ANSWERED_AHEAD.search(lead)
        if is_to_value or _SUM_BEHIND.match(text, arrow.end()):
            text = text[: arrow.start()] + "  " + text[arrow.end() :]
    return text


def _item_numbers_blanked(text: str) -> str:
    """Numbers with a letter that open three lines or more; plain numbers are no strange words."""
    items = list(_ITEM.finditer(text))
    how_often = Counter(item.group("letters") for item in items)
    for item in items:
        is_lettered = item.group("letters") or item.group("more")
        if is_lettered and how_often[item.group("letters")] >= _LEAST_ITEMS:
            start, end = item.span("code")
            text = text[:start] + " " * (end - start) + text[end:]
    return text


def _second_names_blanked(text: str) -> str:
    """Where one of two names is understood and the other has words of another tongue, and none that turns."""
    for names in _TWO_NAMES.finditer(text):
        for known, other in (("one", "two"), ("two", "one")):
            if _is_known(names.group(known)) and _is_in_other_words(names.group(other)):
                start, end = names.span(other)
                text = text[:start] + " " * (end - start) + text[end:]
                break
    return text


def _is_known(name: str) -> bool:
    if fields_named(name):
        return True
    words = WORD.findall(name)
    return bool(words) and all(is_ordinary(word) for word in words)


def _is_in_other_words(name: str) -> bool:
    words = WORD.findall(name)
    return not any(turn_of(word) for word in words) and any(
        word in FOREIGN or not is_ordinary(word) for word in words
    )


def of_this_stay_blanked(plain: str, text: str) -> str:
    """A text without the dates that a value's words may bear: those of the days the page is about.

    So is a date with another one on the page that lies within one stay of it, and none long after it: an old
    study quoted in a letter has a date far before the letter's. No line may tell of a study of another day.

    Args:
        plain: what is left of the report. text: all of it, with the same offsets.
    """
    days = _days_in(text)
    if len(days) > _MOST_DAYS:
        return plain
    for start, end, day in days:
        others = [one for one in days if one[0] != start]
        before = text[max(0, start - 60) : start]
        is_headed = _STUDY_BEFORE.search(before) and _FINDINGS_BEHIND.match(text, end)
        is_the_day = not others and (is_headed or _DATE_LABEL.search(before))
        if is_the_day or others and _is_of_this_stay(text, (start, day), others):
            plain = plain[:start] + " " * (end - start) + plain[end:]
    return plain


# "Echo (12/01/2026): LVEF 60 %" on a page without another date.
_STUDY_BEFORE: Final = re.compile(
    r"\b(?:echo\w*|tte|tee|study|scan)\W{0,3}(?:(?:on|of|dated|done|performed|date)\W{0,3}){0,2}\Z"
)
_DATE_LABEL: Final = re.compile(
    r"(?:^|[\n|]|  ) *(?:date|dated|dt)(?: of (?:the )?(?:study|echo\w*|exam\w*|scan|test|report|"
    r"acquisition))?"
    r"\s*[:.|-]?\s*\Z"
)
_STUDY: Final = re.compile(r"\b(?:echo\w*|tte|tee|study|scan\w*)\b")
_FINDINGS_BEHIND: Final = re.compile(r"\s*\)?\s*[:-]|\s*\)")
Dated = tuple[int, int, datetime.date]


@lru_cache(maxsize=8)
def _days_in(text: str) -> tuple[Dated, ...]:
    """Every day that a text names, each with its half-open range; one without a year is of the year that
    another date says.
    """
    found = sorted(
        ((one.start(), one.end(), one) for pattern in _DAYS for one in pattern.finditer(text)),
        key=lambda one: one[0],
    )
    years = [_year_of(one) for *_, one in found if one.group("year")]
    dated = []
    for start, end, one in found:
        day = _day_of(one, _year_of(one) if one.group("year") else max(years, default=0))
        if day is not None:
            dated.append((start, end, day))
    return tuple(dated)


def _year_of(found: re.Match[str]) -> int:
    year = int(found.group("year"))
    return year if year > 99 else 2000 + year


def _day_of(found: re.Match[str], year: int) -> datetime.date | None:
    """The day a date says, day before month if it can be; null where it is none."""
    first, named = int(found.group("day")), found.groupdict()
    second = _MONTHS.index(named["name"]) + 1 if named.get("name") else int(named["month"])
    for day, month in ((first, second), (second, first)):
        try:
            return datetime.date(year, month, day)
        except ValueError:
            continue
    return None


def _is_of_this_stay(text: str, own: tuple[int, datetime.date], others: Sequence[Dated]) -> bool:
    at, day = own
    away = [
        (other - day).days for start, _, other in others if not _AHEAD.search(text, max(0, start - 40), start)
    ]
    if not any(abs(days) <= _ONE_STAY_DAYS for days in away) or max(away) > _ONE_STAY_DAYS:
        return False
    own_line = _line_of(text, at)
    rest = {(_line_of(text, start), other) for start, _, other in others}
    return not any(
        line == own_line or other != day and _tells_of_a_study(text[slice(*line)]) for line, other in rest
    )


def _tells_of_a_study(line: str) -> bool:
    return bool(fields_named(line)) or _STUDY.search(line) is not None


def _line_of(text: str, at: int) -> tuple[int, int]:
    end = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, end if end >= 0 else len(text)
