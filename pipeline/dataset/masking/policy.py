"""Where on a picture people are named, and what is painted there: the bands of a report, the strips of an
ECG.

In a band a word stays only where it is known to be harmless. Elsewhere it goes only where a pattern finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from pipeline.dataset.masking.ecg_rows import (
    is_of_ecg,
    is_of_header,
    is_print,
    is_read,
    is_sure,
    leads_of,
    whole_strips,
)
from pipeline.dataset.masking.findings import Certainty, Finding, IdentityKind
from pipeline.dataset.masking.labels import Label, labels_of, split_glued
from pipeline.dataset.masking.letters import bare
from pipeline.dataset.masking.names import name_tokens, wrapped_finding
from pipeline.dataset.masking.patterns import Seen, find_in_row, has_letters, post_codes
from pipeline.dataset.masking.vocabulary import CLINICAL, PLAIN, SECTION, is_known
from pipeline.dataset.masking.words import Box, Row, Word, area, around, overlap, rows_of

_IDENTIFYING = frozenset(
    {IdentityKind.NAME, IdentityKind.ID, IdentityKind.AGE, IdentityKind.PHONE, IdentityKind.DATE}
)
# One of these alone, with its colon, makes a row one that names somebody.
_TELLING = frozenset("name patient uhid mrn age age/sex ipd opd mobile".split())
# An empty field, or one whose value no engine saw: painted this many letter heights to the right.
_FIELD_WIDTH = 14.0
# mm/s and mm/mV, as far as an engine gets them right, and page numbers.
_SCALE = re.compile(r"\d*\.?\d*mm/(?:s|sec|m[vy]+)")
_PAGE_WORDS = frozenset(("page", "pg", "of"))
# How high a signature stands above the name, in letter heights.
_SIGNATURE_HEIGHT = 3.2
_SIGNATURE_WIDTH = 12.0


@dataclass(frozen=True)
class Layout:
    """What kind of picture it is.

    Attributes:
        role: `report` or `ecg`.
        evidence: boxes of the words a label was read from; they stand in the body of a report by definition.
        leads: of an ECG, from the top of its highest lead name to the foot of its lowest; null where none was
            read.
    """

    role: str
    evidence: tuple[Box, ...] = ()
    leads: tuple[float, float] | None = None

    @classmethod
    def of(cls, role: str, evidence: Sequence[Box], words: Iterable[Word]) -> Layout:
        """From what all engines read in the picture before it was painted."""
        return cls(role, tuple(evidence), leads_of(words) if role == "ecg" else None)


def find(words: Sequence[Word], layout: Layout, seen: Seen, barriers: Sequence[Box] = ()) -> list[Finding]:
    """Everything to paint in a picture, from one engine's words.

    Args:
        barriers: what is painted already.
    """
    if layout.role == "ecg":
        return find_in_ecg(words, layout, seen, barriers)
    return find_in_report(words, layout, seen, barriers)


def find_in_report(
    words: Sequence[Word], layout: Layout, seen: Seen, barriers: Sequence[Box] = ()
) -> list[Finding]:
    """Everything to paint in a report page."""
    rows = rows_of(split_glued(tuple(words)), barriers)
    body = [index for index, row in enumerate(rows) if is_body(row, layout.evidence)]
    first, last = (body[0], body[-1]) if body else (len(rows), len(rows))
    bands = [index < first or index > last or names_somebody(row) for index, row in enumerate(rows)]
    findings = _with_repetitions(rows, bands, seen)
    findings += post_codes(rows)
    findings += [name for row, below in pairwise(rows) if (name := wrapped_finding(row, below)) is not None]
    taken = _boxes(findings)
    for index, row in enumerate(rows):
        if bands[index]:
            findings += unknown_runs(row, taken)
            findings += empty_fields(row, barriers)
    signed = [row for index, row in enumerate(rows) if index > last and _has_name(row, seen)]
    findings += [scribble for row in signed if (scribble := signature_above(row, rows)) is not None]
    return findings


def _with_repetitions(rows: Sequence[Row], bands: Sequence[bool], seen: Seen) -> list[Finding]:
    """What the patterns find; then once more with the names they found."""
    found = [find_in_row(row, seen, in_band=band) for row, band in zip(rows, bands, strict=True)]
    names = seen.names | name_tokens(finding for findings in found for finding in findings)
    if names != seen.names:
        again = Seen(names, seen.values)
        found = [find_in_row(row, again, in_band=band) for row, band in zip(rows, bands, strict=True)]
    return [finding for findings in found for finding in findings]


def _boxes(findings: Iterable[Finding]) -> set[Box]:
    return {box for finding in findings for box in finding.boxes}


def _has_name(row: Row, seen: Seen) -> bool:
    return any(finding.kind is IdentityKind.NAME for finding in find_in_row(row, seen, in_band=True))


def is_body(row: Row, evidence: Sequence[Box]) -> bool:
    """Whether a row speaks about a heart: by its words, by a heading, or because a label was read from it."""
    if names_somebody(row):
        return False
    if any(overlap(word.box, box) > 0.5 * area(word.box) for word in row.words for box in evidence):
        return True
    plain = [bare(word.text) for word in row.words]
    return plain[0] in SECTION or sum(word in CLINICAL for word in plain) >= 2 or is_prose(row)


def is_prose(row: Row) -> bool:
    """Whether a row is running text: many small words without a capital, and no entry of a form."""
    small = [word.text for word in row.words if word.text[:1].islower() and bare(word.text) in PLAIN]
    return (
        len(row.words) >= 6
        and len(small) >= 0.3 * len(row.words)
        and not any(one.is_marked for one in labels_of(row))
    )


def names_somebody(row: Row) -> bool:
    """Whether a row holds entries of a patient block: two labels, or one that can mean nothing else."""
    marked = [label for label in labels_of(row) if label.kind in _IDENTIFYING and label.is_marked]
    return len({label.kind for label in marked}) >= 2 or any(label.words[0] in _TELLING for label in marked)


def unknown_runs(row: Row, taken: set[Box]) -> list[Finding]:
    """Neighbouring words of a band, found already or not known to be harmless, as one stretch each."""
    flags = [word.box in taken or _is_unknown(word) for word in row.words]
    for place, word in enumerate(row.words[1:], start=1):
        if word.box not in taken and bare(row.words[place - 1].text) in _PAGE_WORDS and len(word.text) <= 2:
            flags[place] = False  # "Page 1 of 2"
    runs = []
    for is_hidden, group in groupby(enumerate(row.words), key=lambda pair: flags[pair[0]]):
        words = [word for _, word in group]
        if is_hidden and any(word.box not in taken for word in words):
            runs.append(Finding.of(IdentityKind.UNKNOWN, Certainty.POLICY, words))
    return runs


def _is_unknown(word: Word) -> bool:
    plain = bare(word.text)
    return bool(plain) and not is_known(word.text) and not _SCALE.fullmatch(plain)


def empty_fields(row: Row, barriers: Sequence[Box]) -> list[Finding]:
    """The paper after a label that no word follows: its value may be there and unread."""
    labels = labels_of(row)
    found = []
    for number, label in enumerate(labels):
        following = labels[number + 1].first if number + 1 < len(labels) else len(row.words)
        if label.kind in _IDENTIFYING and label.is_marked and following == label.last + 1:
            end = row.words[following].box[0] if following < len(row.words) else None
            box = _field(row, label, end)
            if box[2] > box[0] and not any(overlap(box, barrier) > 0 for barrier in barriers):
                found.append(Finding(label.kind or IdentityKind.UNKNOWN, Certainty.POLICY, (box,)))
    return found


def _field(row: Row, label: Label, end: float | None) -> Box:
    last = row.words[label.last]
    right = last.box[2] + _FIELD_WIDTH * last.height if end is None else end - 0.5 * last.height
    return (last.box[2] + 0.4 * last.height, last.box[1], right, last.box[3])


def signature_above(row: Row, rows: Sequence[Row]) -> Finding | None:
    """The paper above a doctor's name at the end, up to the next print."""
    left, top, right, bottom = around(word.box for word in row.words)
    height = sorted(word.height for word in row.words)[len(row.words) // 2]
    box = (left - height, top - _SIGNATURE_HEIGHT * height, max(right, left + _SIGNATURE_WIDTH * height), top)
    above = [
        word.box[3]
        for other in rows
        if other is not row
        for word in other.words
        if has_letters(word.text) and word.middle < top and word.box[2] > box[0] and word.box[0] < box[2]
    ]
    highest = max([box[1], *(edge + 0.3 * height for edge in above if is_above(edge, top, height))])
    if top - highest < 0.8 * height:
        return None
    return Finding(IdentityKind.SIGNATURE, Certainty.POLICY, ((box[0], highest, box[2], bottom),))


def is_above(edge: float, top: float, height: float) -> bool:
    """Whether print that ends at `edge` lies above a line, not on it."""
    return edge < top + 0.4 * height


def find_in_ecg(
    words: Sequence[Word], layout: Layout, seen: Seen, barriers: Sequence[Box] = ()
) -> list[Finding]:
    """Everything to paint in an ECG: the strip above the leads wholly, the line below, and any identity
    between.
    """
    has_leads = layout.leads is not None
    top, bottom = layout.leads or (float("inf"), float("inf"))
    sure = tuple(word for word in words if is_sure(word, top, bottom))
    rows = [row for row in rows_of(split_glued(sure), barriers) if is_read(row)]
    heads = [row for row in rows if row.middle < top and is_of_header(row, has_leads=has_leads)]
    feet = [row for row in rows if row.middle > bottom and is_print(row)]
    findings = _with_repetitions(rows, [row in heads or row in feet for row in rows], seen)
    taken = _boxes(findings)
    for row in feet:
        findings += unknown_runs(row, taken)
        findings += empty_fields(row, barriers)
    if any(_tells_in_ecg(row, taken) for row in heads):
        findings += whole_strips(heads, are_above_leads=has_leads)
    return findings


def _tells_in_ecg(row: Row, taken: set[Box]) -> bool:
    """Whether a row holds anything but what every ECG prints."""
    return any(word.box in taken or not is_of_ecg(word) for word in row.words)
