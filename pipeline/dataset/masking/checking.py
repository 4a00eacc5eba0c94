"""Whether a picture can be checked at all, and whether a second reading of the painted picture finds anything
left.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from rapidfuzz.distance import OSA

from pipeline.dataset.masking.ecg_rows import is_print
from pipeline.dataset.masking.findings import Finding
from pipeline.dataset.masking.letters import bare
from pipeline.dataset.masking.painting import Mask
from pipeline.dataset.masking.patterns import Seen
from pipeline.dataset.masking.policy import Layout, find
from pipeline.dataset.masking.words import Box, PageWords, Word, area, overlap, rows_of


class Refusal(StrEnum):
    """Why a picture does not go out."""

    UNDECODABLE = "the picture can't be decoded"
    UNREADABLE = "too little can be read to know what is on it"
    ENGINES_DIFFER = "two engines read too different words"
    EVIDENCE = "a mask would cover the words a label was read from"
    STILL_READABLE = "something that identifies is still readable after painting"
    FAILED = "an engine failed on it"


# Set on the demo cohort; see docs/deidentification.md.
LEAST_WORDS = {"report": 20, "ecg": 4}
LEAST_AGREEMENT = {"report": 0.6, "ecg": 0.6}
_SURE = 0.8
# A read word counts as painted when this share of its box is.
_COVERED = 0.5


def reason_uncheckable(first: PageWords, second: PageWords, role: str) -> Refusal | None:
    """Why nothing can be promised about a picture, from what two engines read of it; null where something
    can.
    """
    if role == "report" and (first.unreadable_reason or second.unreadable_reason):
        return Refusal.UNREADABLE
    sure = sure_words(second, role)
    if len(sure) < LEAST_WORDS[role]:
        return Refusal.UNREADABLE
    return Refusal.ENGINES_DIFFER if agreement(first, sure) < LEAST_AGREEMENT[role] else None


def sure_words(page: PageWords, role: str) -> list[Word]:
    """Words long enough to compare that an engine is sure of; of an ECG only print, not traces."""
    words = printed(page) if role == "ecg" else page.words
    return [word for word in words if word.confidence >= _SURE and len(bare(word.text)) >= 3]


def printed(page: PageWords) -> tuple[Word, ...]:
    """The words of an ECG that are print and no trace."""
    return tuple(word for row in rows_of(page.words) if is_print(row) for word in row.words)


def agreement(other: PageWords, sure: Sequence[Word]) -> float:
    """Share of the words that the other engine read alike in the same place, 0-1; one letter may differ."""
    if not sure:
        return 0.0
    hits = sum(any(_is_same(word, candidate) for candidate in other.words) for word in sure)
    return hits / len(sure)


def _is_same(word: Word, other: Word) -> bool:
    if overlap(word.box, other.box) < 0.3 * min(area(word.box), area(other.box)):
        return False
    one, two = bare(word.text), bare(other.text)
    return OSA.distance(one, two, score_cutoff=1) <= 1 or one in two or two in one


def still_found(
    page: PageWords, mask: Mask, layout: Layout, seen: Seen, barriers: Sequence[Box]
) -> list[Finding]:
    """What an engine can still read in the painted picture that identifies somebody."""
    return find([word for word in page.words if not is_painted(word.box, mask)], layout, seen, barriers)


def is_painted(box: Box, mask: Mask) -> bool:
    """Whether most of a box is painted."""
    left, top, right, bottom = (max(0, round(side)) for side in box)
    window = mask[top:bottom, left:right]
    return bool(window.size) and float(np.count_nonzero(window)) > _COVERED * window.size
