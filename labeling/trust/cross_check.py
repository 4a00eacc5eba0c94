"""What the page's words say about a reading: grounding, legibility, orders, and the opinions of the rules.

One Tesseract pass a page serves all of it; RapidOCR, where it takes part, gives a second set of words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labeling.readers.base import Opinion, Reading
from labeling.readers.rules import reading_of_ocr
from labeling.rules.report import RULES_VERSION
from labeling.trust.grounding import ground
from labeling.trust.light import ORDERS_WARNING, PAGE_UNREADABLE_WARNING
from labeling.trust.orders import any_orders
from labeling.words.evidence import ReportText, join_words

if TYPE_CHECKING:
    from labeling.pages.opening import Page
    from labeling.words.tesseract import OcrPage

RULES_NAME = "rules"
RAPID_NAME = "rules_rapidocr"

ReadFirst = Callable[["Page"], "OcrPage"]
ReadSecond = Callable[["Page", "OcrPage"], "OcrPage"]


@dataclass(frozen=True)
class ReportWords:
    """The recognised words of one report.

    Attributes:
        first: Tesseract's pages. second: RapidOCR's, empty where it takes no part.
    """

    first: tuple[OcrPage, ...]
    second: tuple[OcrPage, ...] = ()

    @property
    def texts(self) -> tuple[ReportText, ...]:
        """The words of each engine as text, Tesseract's first: its boxes fit the words more closely."""
        return tuple(join_words(pages) for pages in (self.first, self.second) if pages)


def recognise_report(pages: Sequence[Page], first: ReadFirst, second: ReadSecond | None) -> ReportWords:
    """The words of every page, by one engine or two.

    A page the first can't read safely isn't read a second time: whatever it says needs a person.

    Raises:
        EchoDeskError: an engine is missing or fails.
    """
    read = tuple(first(page) for page in pages)
    if second is None:
        return ReportWords(read)
    again = (
        seen if seen.unreadable_reason else second(page, seen) for page, seen in zip(pages, read, strict=True)
    )
    return ReportWords(read, tuple(again))


def check_reading(reading: Reading, words: ReportWords, *, version: str, is_rules: bool) -> Reading:
    """A reading with everything the words say about it; its values stay.

    Args:
        version: of the second engine, which is part of its opinion's identity.
        is_rules: the reading itself is the rules' over Tesseract's words, so they are no second opinion, and
            its quotes need not be looked for.
    """
    texts = words.texts
    opinions: list[Opinion] = []
    if not is_rules:
        seen = reading_of_ocr(words.first)
        opinions.append(opinion_of(seen, reader=RULES_NAME, version=RULES_VERSION))
        evidence, grounding = ground(reading, texts)
        reading = replace(
            reading,
            evidence=evidence,
            grounding=grounding,
            legibility={**seen.legibility, **reading.legibility},
            unreadable_reason=reading.unreadable_reason or seen.unreadable_reason,
        )
    if words.second:
        opinions.append(opinion_of(reading_of_ocr(words.second), reader=RAPID_NAME, version=version))
    quotes = [item.quote for item in reading.evidence.values()]
    illegible = [f"{PAGE_UNREADABLE_WARNING}{page.number}" for page in words.first if page.unreadable_reason]
    warnings = [*reading.warnings, *illegible]
    if any_orders([*(text.text for text in texts), *quotes]) and ORDERS_WARNING not in warnings:
        warnings.append(ORDERS_WARNING)
    return replace(reading, opinions=(*reading.opinions, *opinions), warnings=tuple(warnings))


def opinion_of(reading: Reading, *, reader: str, version: str) -> Opinion:
    """Another reader's reading as an opinion; one that could read no page has no say."""
    has_no_say = bool(reading.unreadable_reason) and not reading.evidence
    return Opinion(
        reader=reader,
        version=version,
        findings=reading.findings,
        confidence=dict(reading.confidence),
        unreadable_reason=reading.unreadable_reason if has_no_say else "",
    )
