"""Rows of an ECG as engines read them: print or traces, the leads, the header and how wide it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.dataset.masking.findings import Certainty, Finding, IdentityKind
from pipeline.dataset.masking.letters import bare, digits_in
from pipeline.dataset.masking.vocabulary import ECG, FORM, LEADS
from pipeline.dataset.masking.words import Box, Row, Word

# An engine that reads a trace as letters is not as sure of it as of print.
_PRINT_CONFIDENCE, _TRACE_CONFIDENCE, _NOISE_CONFIDENCE = 0.75, 0.6, 0.3
# A row of this share of the header's width says how the page lies.
_LEAST_SPAN = 0.5
# What traces are read as.
_TRACE_LIKE = frozenset("ii iii st pp as ms rr mm ml nil na re in is it of to 10 25 50".split())


def leads_of(words: Iterable[Word]) -> tuple[float, float] | None:
    """Where the names of leads stand; null with fewer than three."""
    leads = [word for word in words if bare(word.text) in LEADS and word.confidence >= _TRACE_CONFIDENCE]
    if len({bare(word.text) for word in leads}) < 3:
        return None
    return min(word.box[1] for word in leads), max(word.box[3] for word in leads)


def is_sure(word: Word, top: float, bottom: float) -> bool:
    """Whether a word counts: among the leads, from `top` to `bottom`, traces are read as letters too.

    An engine is seldom sure of those.
    """
    is_among_traces = top <= word.middle <= bottom
    return word.confidence >= (_TRACE_CONFIDENCE if is_among_traces else _NOISE_CONFIDENCE)


def is_read(row: Row) -> bool:
    """Whether an engine was sure of any word of a row."""
    return any(word.confidence >= _TRACE_CONFIDENCE for word in row.words)


def is_of_header(row: Row, *, has_leads: bool) -> bool:
    """Whether a row above the leads is of the header: print; where leads are known, any spelt word."""
    return not _has_lead(row) and (is_print(row) or (has_leads and _is_spelt(row)))


def _is_spelt(row: Row) -> bool:
    """Whether a row has a word, if a doubtful one: above known leads no traces could be mistaken for it."""
    return any(
        word.confidence >= _TRACE_CONFIDENCE and len(bare(word.text)) >= 4 and _is_varied(word.text)
        for word in row.words
    )


def _has_lead(row: Row) -> bool:
    return any(bare(word.text) in LEADS for word in row.words)


def is_of_ecg(word: Word) -> bool:
    return bare(word.text) in ECG or not any(character.isalnum() for character in word.text)


def whole_strips(heads: Sequence[Row], *, are_above_leads: bool) -> list[Finding]:
    """The printed rows of the header, each as wide as all of it: an entry that no engine read has a neighbour
    they did.

    Where it is not known where the leads are, or how the page lies, each is as wide as its words: anything
    wider might cover a trace.
    """
    words = [word for row in heads for word in row.words]
    left, right = min(word.box[0] for word in words), max(word.box[2] for word in words)
    slope = _slope(heads, right - left) if are_above_leads else None
    strips = []
    for row in heads:
        boxes = [word.box for word in row.words]
        if slope is not None:
            last = row.words[-1]
            boxes = [_moved(row.words[0], left, slope), *boxes, _moved(last, right - last.height, slope)]
        texts = tuple(word.text for word in row.words)
        strips.append(Finding(IdentityKind.UNKNOWN, Certainty.POLICY, tuple(boxes), texts))
    return strips


def _slope(rows: Sequence[Row], width: float) -> float | None:
    """How far print falls for each pixel to the right, from the longest row; null where none is long enough
    to say.
    """
    longest = max(rows, key=lambda row: row.words[-1].box[0] - row.words[0].box[0])
    first, last = longest.words[0], longest.words[-1]
    across = last.box[0] - first.box[0]
    return (last.middle - first.middle) / across if across >= _LEAST_SPAN * width else None


def _moved(word: Word, left: float, slope: float) -> Box:
    """A box as high as a word and as wide as high, further along its line."""
    middle = word.middle + slope * (left - word.box[0])
    return (left, middle - word.height / 2, left + word.height, middle + word.height / 2)


def is_print(row: Row) -> bool:
    """Whether a row of an ECG is print: words forms know, or letters an engine is sure of; traces give
    neither.
    """
    clear = [bare(word.text) for word in row.words if word.confidence >= _TRACE_CONFIDENCE]
    if any(_is_of_forms(plain) for plain in clear):
        return True
    spelt = [word for word in row.words if len(bare(word.text)) >= 3]
    sure = [word for word in spelt if word.confidence >= _PRINT_CONFIDENCE and _is_varied(word.text)]
    return bool(sure) and 2 * len(sure) >= len(spelt)


def _is_of_forms(plain: str) -> bool:
    return len(plain) >= 2 and plain in FORM | ECG and plain not in _TRACE_LIKE


def _is_varied(text: str) -> bool:
    """Whether a word has more than a few letters over and over, as beats read as "nnhhnn" do."""
    plain = bare(text)
    return len(set(plain)) >= max(3, len(plain) / 2) and (
        any(c in "aeiouy" for c in plain) or digits_in(plain) >= 2
    )
