"""From recognised words to report text and back: every character of the text knows its place on the page."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from db.labels import Evidence
from labeling.pages.pixels import Box, union_box
from labeling.words.read_page import OcrPage


@dataclass(frozen=True)
class TextWord:
    """One word of the report text and where it stands.

    Attributes:
        start, end: character span in `ReportText.text`, end exclusive.
        page: 1-based page number.
        line: running number of the printed line in the whole report, from 0.
        box: pixels of the upright page image, or null for plain text.
        confidence: 0-1; 1 for plain text.
    """

    start: int
    end: int
    page: int
    line: int
    box: Box | None
    confidence: float


@dataclass(frozen=True)
class ReportText:
    """The text of one report with the place of every word.

    Pages are joined by form feeds, blocks by a blank line, printed lines by a newline, words by one space.
    """

    text: str
    words: tuple[TextWord, ...] = ()

    @classmethod
    def from_plain(cls, text: str) -> ReportText:
        """A report that came as text: quotes but no boxes, page 1 throughout."""
        return cls(text)

    def words_between(self, start: int, end: int) -> tuple[TextWord, ...]:
        """The words that share at least one character with the span."""
        first = bisect_right(self.words, start, key=lambda word: word.end)
        found = []
        for word in self.words[first:]:
            if word.start >= end:
                break
            found.append(word)
        return tuple(found)

    def evidence(self, start: int, end: int) -> Evidence:
        """The quote of a span with its boxes; whitespace runs become one space.

        A span over a page break is boxed on the page of its first word only.

        Raises:
            ValueError: the span is outside the text or holds no character other than blanks.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"span {start}-{end} is outside a text of {len(self.text)} characters")
        quote = " ".join(self.text[start:end].split())
        if not quote:
            raise ValueError(f"span {start}-{end} holds only blanks")
        words = self.words_between(start, end)
        if not words:
            return Evidence(quote=quote)
        page = words[0].page
        lines: dict[int, list[Box]] = {}
        for word in words:
            if word.page == page and word.box is not None:
                lines.setdefault(word.line, []).append(word.box)
        boxes = tuple(union_box(boxes) for boxes in lines.values())
        return Evidence(quote=quote, page=page, box=union_box(boxes) if boxes else None, boxes=boxes)


def join_words(pages: Sequence[OcrPage]) -> ReportText:
    """Join the words of a report's pages into one text, in reading order."""
    parts: list[str] = []
    words: list[TextWord] = []
    length = 0
    line = -1
    for page_index, page in enumerate(pages):
        if page_index:
            parts.append("\f")
            length += 1
        previous = None
        for word in page.words:
            if previous is None:
                gap = ""
                line += 1
            elif word.block != previous.block:
                gap = "\n\n"
                line += 1
            elif word.line != previous.line:
                gap = "\n"
                line += 1
            else:
                gap = " "
            start = length + len(gap)
            length = start + len(word.text)
            parts.extend((gap, word.text))
            words.append(TextWord(start, length, page.number, line, word.box, word.confidence))
            previous = word
    return ReportText("".join(parts), tuple(words))


class QuoteMatch(NamedTuple):
    """Where a quote stands in the report text: character span, and 0-100 how well it matches (100 is
    verbatim).
    """

    start: int
    end: int
    score: float


def find_quote(report: ReportText, quote: str, min_score: float = 85.0) -> QuoteMatch | None:
    """Find the words a reader claims to have seen; null when nothing on the report is like them.

    Case and line breaks don't count. The span is widened to whole words.

    Args:
        report: the text to search.
        quote: the claimed words.
        min_score: least similarity, 0-100, as rapidfuzz's `partial_ratio` counts it.
    """
    from rapidfuzz import fuzz

    wanted = " ".join(quote.split())
    if not wanted or len(wanted) > 2 * len(report.text):
        return None
    # Replaced character by character, so that positions stay those of the report's own text.
    searched = "".join(" " if character.isspace() else _lower(character) for character in report.text)
    found = fuzz.partial_ratio_alignment("".join(map(_lower, wanted)), searched, score_cutoff=min_score)
    if found is None or found.dest_end <= found.dest_start:
        return None
    start, end = _whole_words(report.text, found.dest_start, found.dest_end)
    return QuoteMatch(start, end, float(found.score)) if start < end else None


def _lower(character: str) -> str:
    lowered = character.lower()
    return lowered if len(lowered) == 1 else character


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span widened to the edges of the words it touches, without blanks at its ends."""
    inside = text[start:end]
    start += len(inside) - len(inside.lstrip())
    end -= len(inside) - len(inside.rstrip())
    if start >= end:
        return start, start
    before = re.search(r"\S*\Z", text[:start])
    after = re.match(r"\S*", text[end:])
    return start - len(before.group() if before else ""), end + len(after.group() if after else "")
