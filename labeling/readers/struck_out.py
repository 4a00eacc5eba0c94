"""Findings that rest on words which somebody struck out: what stands without these words is the draft, or
nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from db.fields.details import no_ef
from db.fields.names import EF_COLUMNS, FIELDS, PAH_DERIVED, RWMA_COLUMNS, ByColumn
from db.fields.words import has_value
from db.labels import Check, EfState, Findings, Pah, Rwma, RwmaSeverity
from labeling.words import rapid_lines

if TYPE_CHECKING:
    from labeling.pages.pixels import Box
    from labeling.readers.base import Reading
    from labeling.words.read_page import OcrPage, Word

STRUCK_OUT: Final = "struck_out"
# Above the score at which a light turns red.
_SCORE: Final = 0.5
_REASON: Final = "A line runs through some of these words. Please see which ones are meant to stand."
_SILENT_REASON: Final = "Words of this report are struck out. Please see whether they speak of this field."
# A stroke that is wider than a field's words by this factor runs through others, too; words below this were
# read badly.
_WIDER: Final = 1.2
_WELL_READ: Final = 0.6
# So much of its width is struck where letters or a number of a word go.
_GONE: Final = 0.4
_PARTS: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d]+|[\W_]+")


def without_struck_values(
    whole: Reading, pages: Sequence[OcrPage], read: Callable[[Sequence[OcrPage]], Reading]
) -> Reading:
    """A reading in which no value rests on struck words; each such field is for a person to see.

    Args:
        whole: of all words of the pages.
        read: reads pages once more, by the same rules.
    """
    fields = [field for field in FIELDS if is_struck(whole, field, pages)]
    if not fields:
        return whole
    left = read([_without_struck_words(page) for page in pages])
    record, evidence, confidence = whole.findings.model_dump(), dict(whole.evidence), dict(whole.confidence)
    for field in fields:
        if has_value(left.findings, field) and field in left.evidence:
            record |= {name: getattr(left.findings, name) for name in _columns_of(field)}
            evidence[field] = left.evidence[field]
            confidence[field] = left.confidence.get(field, 0.0)
        else:
            record |= _unreadable(field)
    return replace(
        whole,
        findings=Findings.model_validate(record),
        evidence=evidence,
        confidence=confidence,
        checks=(*whole.checks, *(struck_check(field) for field in fields)),
    )


def _columns_of(field: str) -> tuple[str, ...]:
    match field:
        case "ef_percent":
            return EF_COLUMNS
        case "rwma":
            return RWMA_COLUMNS
        case "pah":
            return ("pah", *PAH_DERIVED)
        case _:
            return (field,)


def _unreadable(field: str) -> dict[str, Any]:
    """A field without a proposal: what was meant only a person can say."""
    match field:
        case "ef_percent":
            return {**dict.fromkeys(EF_COLUMNS), **no_ef(EfState.UNREADABLE)}
        case "rwma":
            return dict(ByColumn(rwma=Rwma.UNREADABLE, rwma_severity=RwmaSeverity.NOT_STATED, rwma_walls=()))
        case "pah":
            return {"pah": Pah.UNREADABLE, **dict.fromkeys(PAH_DERIVED)}
        case _:
            return {field: None}


def struck_check(field: str) -> Check:
    """What is said of a field whose words a line runs through."""
    return Check.model_validate(
        {"name": STRUCK_OUT, "field": field, "score": _SCORE, "is_issue": True, "reason": _REASON}
    )


def silent_check(field: str) -> Check:
    """What is said of a field without a value where struck words may have spoken of it."""
    return Check.model_validate(
        {"name": STRUCK_OUT, "field": field, "score": _SCORE, "is_issue": True, "reason": _SILENT_REASON}
    )


def is_unexplained(reading: Reading, struck: Box, page: OcrPage) -> bool:
    """Whether struck words may speak of a field that they are no evidence of: they were read badly, or name
    findings, and no field rests on all of them.
    """
    if any(one.page == page.number and _holds(one.box, struck) for one in reading.evidence.values()):
        return False
    struck, *boxes = _across(page, [struck, *(word.box for word in page.words)])
    words = [word for word, box in zip(page.words, boxes, strict=True) if _is_under(box, struck)]
    if not words or min(word.confidence for word in words) < _WELL_READ:
        return True
    return rapid_lines.matters(" ".join(word.text for word in words))


def _holds(box: Box | None, struck: Box) -> bool:
    """Whether a field's words stand where a stroke is that is hardly wider than they are."""
    if box is None or not _meets(box, struck):
        return False
    return struck[2] - struck[0] <= _WIDER * (box[2] - box[0])


def _is_under(box: Box, struck: Box) -> bool:
    middle = (struck[1] + struck[3]) / 2
    return box[1] <= middle <= box[3] and struck[0] < box[2] and box[0] < struck[2]


def is_struck(reading: Reading, field: str, pages: Sequence[OcrPage]) -> bool:
    """Whether the evidence of a field holds the middle of a struck place, or lies in one."""
    evidence = reading.evidence.get(field)
    if evidence is None or evidence.box is None:
        return False
    return any(_meets(evidence.box, box) for box in _struck_on(evidence.page, pages))


def _struck_on(number: int | None, pages: Sequence[OcrPage]) -> Iterator[Box]:
    return (box for page in pages if page.number == number for box in page.struck)


def _meets(box: Box, struck: Box) -> bool:
    return _has_middle(box, struck) or _has_middle(struck, box)


def _has_middle(outer: Sequence[float], box: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _across(page: OcrPage, boxes: Sequence[Box]) -> list[Box]:
    """Boxes as if the lines of the page ran across, from the left."""
    match page.rotation_deg:
        case 90:
            return [(top, left, bottom, right) for left, top, right, bottom in boxes]
        case 180:
            return [(-right, -bottom, -left, -top) for left, top, right, bottom in boxes]
        case 270:
            return [(-bottom, left, -top, right) for left, top, right, bottom in boxes]
        case _:
            return list(boxes)


def _without_struck_words(page: OcrPage) -> OcrPage:
    struck = _across(page, page.struck)
    places = _across(page, [word.box for word in page.words])
    words = (_left_of(word, place, struck) for word, place in zip(page.words, places, strict=True))
    return replace(page, words=tuple(word for word in words if word is not None), struck=())


def _left_of(word: Word, place: Box, struck: Sequence[Box]) -> Word | None:
    """A word without the letters or the number under strokes: an engine may write several as one."""
    for box in struck:
        text = _text_left(word.text, place, box)
        if not text:
            return None
        if text != word.text:
            # What is left still stands between the same edges.
            word = replace(word, text=text)
    return word


def _text_left(text: str, place: Box, struck: Box) -> str:
    left, top, right, bottom = place
    if not top <= (struck[1] + struck[3]) / 2 <= bottom or min(right, struck[2]) <= max(left, struck[0]):
        return text
    letter = (right - left) / len(text)
    kept = "".join(
        part[0]
        for part in _PARTS.finditer(text)
        if _shared(struck, left + letter * part.start(), left + letter * part.end()) < _GONE
    )
    return kept if any(map(str.isalnum, kept)) or kept == text else ""


def _shared(struck: Box, left: float, right: float) -> float:
    """Share of a part of a word that is under a stroke."""
    return max(0.0, min(right, struck[2]) - max(left, struck[0])) / (right - left)
