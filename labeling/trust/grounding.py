"""Does what a model quotes stand on the page, and do the digits of its value stand there, too?

A quote is looked for among the words each OCR engine recognised. Several places can match (findings and
conclusion, this study and an earlier one): a place whose digits are those of the value is taken before one
that only looks more alike, and the first engine that finds such a place settles it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from db.fields.names import FIELDS
from db.labels import Evidence, Findings
from labeling.readers.base import Grounding, Reading
from labeling.rules.normalise import normalise
from labeling.words.evidence import QuoteMatch, ReportText, find_quote

# Least similarity of a quote and the words on the page, 0-100; see `find_quote`.
MIN_SCORE: Final = 85.0
# Places this much less alike than the best are still candidates.
_SCORE_SLACK = 8.0
_MOST_PLACES = 6
# How many words after a quote may hold the number it stops short of.
_WORDS_BEYOND = 4
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class Place:
    """One place a quote was found.

    Attributes:
        source: which engine's words: an index into the texts searched.
        numbers: as the words there have them.
        digits_agree: null for a value without digits.
    """

    source: int
    match: QuoteMatch
    evidence: Evidence
    numbers: tuple[str, ...] = ()
    digits_agree: bool | None = None


def ground(reading: Reading, texts: Sequence[ReportText]) -> tuple[dict[str, Evidence], dict[str, Grounding]]:
    """Evidence with page and boxes where it was found, and for each quoted field how well.

    Args:
        reading: its evidence holds quotes.
        texts: the words of one or more OCR engines, the one whose boxes are better first.
    """
    evidence, grounding = dict(reading.evidence), {}
    places: dict[str, Place | None] = {}
    for name, item in reading.evidence.items():
        field = "rwma" if name.startswith("rwma") else name
        key = f"{field} {item.quote}"
        if key not in places:
            places[key] = find_place(item.quote, printed_numbers(reading.findings, field, item.quote), texts)
        place = places[key]
        if place is not None:
            found = place.evidence
            evidence[name] = Evidence(quote=item.quote, page=found.page, box=found.box, boxes=found.boxes)
        if name in FIELDS:
            grounding[name] = _grounding(place)
    return evidence, grounding


def find_place(quote: str, numbers: Sequence[str], texts: Sequence[ReportText]) -> Place | None:
    """The best place of a quote, or null.

    Args:
        numbers: the numbers of the value as printed; a place where they stand is preferred.
    """
    places = [place for index, text in enumerate(texts) for place in _places(quote, numbers, text, index)]
    if not places:
        return None
    return max(places, key=lambda place: (place.digits_agree is not False, -place.source, place.match.score))


def printed_numbers(findings: Findings, field: str, quote: str = "") -> tuple[str, ...]:
    """The numbers a value was printed with: both ends of a range; none for a value of words.

    A pressure keeps no bounds: where the quote holds a range with this midpoint, those are its numbers.
    """
    if field == "ef_percent" and findings.ef_percent is not None:
        if findings.ef_low is not None and findings.ef_high is not None:
            return f"{findings.ef_low:g}", f"{findings.ef_high:g}"
        return (f"{findings.ef_percent:g}",)
    if field == "rvsp_mmhg" and findings.rvsp_mmhg is not None:
        quoted = [float(number) for number in numbers_in(quote)]
        for low, high in zip(quoted, quoted[1:], strict=False):
            if low < high and (low + high) / 2 == findings.rvsp_mmhg:
                return f"{low:g}", f"{high:g}"
        return (f"{findings.rvsp_mmhg:g}",)
    return ()


def numbers_in(words: str) -> tuple[str, ...]:
    """The numbers in a text in order, as `60` or `37.5`; number words count."""
    found = _NUMBER.findall(normalise(words).text)
    return tuple(f"{float(number.replace(',', '.')):g}" for number in found)


def digits_stand(wanted: Sequence[str], there: Sequence[str]) -> bool:
    """Whether every wanted number is among those there.

    OCR reads `60%` as `609` or `600`: that is 60. A fraction such as `0.55` is 55.
    """
    return all(any(_is_printed_as(number, one) for one in there) for number in wanted)


def _is_printed_as(wanted: str, there: str) -> bool:
    as_percent = f"{100 * float(there):g}" if there.startswith("0.") else there
    return wanted in (there, as_percent) or _with_misread_percent(there, wanted)


def _with_misread_percent(there: str, wanted: str) -> bool:
    return len(there) == 3 and there[:2] == wanted and there[2] in "09"


def _places(quote: str, numbers: Sequence[str], text: ReportText, source: int) -> list[Place]:
    """Places where the quote stands, best match first."""
    places: list[Place] = []
    searched = text
    for _ in range(_MOST_PLACES):
        match = find_quote(searched, quote, MIN_SCORE)
        if match is None or (places and match.score < places[0].match.score - _SCORE_SLACK):
            break
        there = _numbers_at(text, match) if numbers else ()
        agrees = digits_stand(numbers, there) if numbers else None
        places.append(Place(source, match, text.evidence(match.start, match.end), there, agrees))
        hidden = "\x00" * (match.end - match.start)
        searched = ReportText(searched.text[: match.start] + hidden + searched.text[match.end :], text.words)
    return places


def _numbers_at(text: ReportText, match: QuoteMatch) -> tuple[str, ...]:
    """The numbers in the words found; where there is none, in the few words after them."""
    there = numbers_in(text.text[match.start : match.end])
    if there:
        return there
    beyond = re.match(rf"(?:\s*\S+){{0,{_WORDS_BEYOND}}}", text.text[match.end :])
    return numbers_in(beyond.group()) if beyond else ()


def _grounding(place: Place | None) -> Grounding:
    if place is None:
        return Grounding()
    differ = place.digits_agree is False
    return Grounding(
        quote_score=round(place.match.score, 1),
        is_found=True,
        digits_agree=place.digits_agree,
        page_digits=", ".join(place.numbers) if differ else "",
    )


def with_blind(
    grounding: Mapping[str, Grounding], survived: Mapping[str, bool | None]
) -> dict[str, Grounding]:
    """The same with what the blind check found: field -> whether its value came back, null where that says
    nothing.
    """
    return {
        name: Grounding(
            item.quote_score, item.is_found, item.digits_agree, item.page_digits, survived.get(name)
        )
        for name, item in grounding.items()
    }
