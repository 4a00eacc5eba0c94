"""What the page's words say about a reading: grounding, legibility, orders, and the opinions of the rules.

One Tesseract pass a page serves all of it; RapidOCR, where it takes part, gives a second set of words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from labeling.pages.legibility import reads_crisp
from labeling.readers.base import Opinion, Reading
from labeling.readers.rules import layer_warnings, reading_of_ocr
from labeling.rules.report import RULES_VERSION
from labeling.trust.given_back import with_given_back
from labeling.trust.grounding import ground
from labeling.trust.light import ORDERS_WARNING, PAGE_UNREADABLE_WARNING, SEVERAL_PATIENTS_WARNING
from labeling.trust.page_notes import checks_of
from labeling.trust.several_patients import are_of_several
from labeling.words.evidence import ReportText, join_words
from labeling.words.first_words import without_blank
from labeling.words.ink_marks import with_marks

if TYPE_CHECKING:
    from labeling.pages.page import Page
    from labeling.words.read_page import OcrPage

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

    A page the first can't read safely isn't read a second time, unless its print is crisp and it is this
    engine that makes little of it: whatever else it says needs a person. Nor is one whose words are the
    file's own.

    Raises:
        EchoDeskError: an engine is missing or fails.
    """
    read = without_blank([first(page) for page in pages])
    if second is None or all(seen.is_layer or seen.is_blank for seen in read):
        return ReportWords(read)
    again = (
        replace(with_marks(second(page, seen), seen.marked), struck=seen.struck)
        if _is_read_again(seen)
        else seen
        for page, seen in zip(pages, read, strict=True)
    )
    return ReportWords(read, tuple(again))


def _is_read_again(seen: OcrPage) -> bool:
    if seen.is_layer or seen.is_blank:
        return False
    return not seen.unreadable_reason or reads_crisp(seen.legibility)


def check_reading(reading: Reading, words: ReportWords, *, version: str, is_rules: bool) -> Reading:
    """A reading with everything the words say about it; its values stay.

    But numbers that the rules miss because Tesseract lost their digits come from the second engine's words;
    see `given_back.py`.

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
        reading = replace(reading, warnings=(*reading.warnings, *layer_warnings(words.first)))
    if words.second:
        second = reading_of_ocr(words.second)
        reading, given = with_given_back(reading, second, words.first) if is_rules else (reading, ())
        theirs = opinion_of(second, reader=RAPID_NAME, version=version)
        # Of a number it gave itself it is no witness.
        opinions.append(replace(theirs, fields=[field for field in theirs.fields if field not in given]))
    quotes = [item.quote for item in reading.evidence.values()]
    illegible = [f"{PAGE_UNREADABLE_WARNING}{page.number}" for page in words.first if page.unreadable_reason]
    warnings = [*reading.warnings, *illegible]
    if any_orders([*(text.text for text in texts), *quotes]) and ORDERS_WARNING not in warnings:
        warnings.append(ORDERS_WARNING)
    if are_of_several(join_words([page]).text for page in words.first if not page.unreadable_reason):
        warnings.append(SEVERAL_PATIENTS_WARNING)
    checks = (*reading.checks, *checks_of(reading, words.first))
    return replace(reading, opinions=(*reading.opinions, *opinions), warnings=tuple(warnings), checks=checks)


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


# "AI" alone is aortic insufficiency in these reports, and counts only where it is spoken to or said to be "an
# AI".
_MACHINE = (
    r"(?:artificial intelligence|language model|llm|chat ?bot|chat ?gpt|gpt|claude|gemini|qwen|(?:ocr|"
    r"vision|ai)"
    r" (?:system|engine|model|reader|assistant)|assistant)"
)
_EARLIER = r"(?:previous|prior|above|earlier|preceding|foregoing|system|all|any|other|your|these|the)"
_ORDERS = r"(?:instructions?|prompts?|commands?|directions|rules|guidelines|orders)"
_ANSWER = r"(?:answer|output|reply|respond|return|print|write|report back|state)"
_FINDING = r"(?:l?v?ef|ejection fraction|rwma|pah|rvsp|wall motion|pulmonary hypertension)"

_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:ignore|disregard|forget|override|bypass|do not follow|don't follow)\b(?: \w+){0,3}? "
        + _EARLIER
        + r"(?: \w+){0,2}? "
        + _ORDERS
        + r"\b",
        r"\b(?:ignore|disregard|forget) (?:everything|anything|all|all of)(?: \w+){0,3}? "
        r"(?:above|below|previously|else)\b",
        r"\b(?:ignore|disregard) (?:the |this |all )?(?:image|picture|page|document|text)\b",
        r"\bsystem (?:prompt|message|override)\b|<\|?(?:im_start|im_end|system|endoftext)\|?>|\[/?inst\]",
        r"\b(?:new|updated|additional|secret|hidden) (?:system )?(?:instructions?|prompt) ?(?::|for|to)",
        rf"\byou are (?:now )?(?:an? |the )?(?:\w+ )?(?:{_MACHINE}|ai)\b|\bas (?:an ai|an? {_MACHINE})\b",
        r"\b(?:note|attention|message|instructions?|dear|hey|hello)(?: to| for)?(?: the| any| all)? "
        rf"(?:{_MACHINE}s?|ai) ?(?:[:,]|only|must|should|reading)",
        rf"\b(?:act|pretend|behave) (?:as|like|to be) (?:an? )?(?:\w+ )?{_MACHINE}\b",
        rf"\b{_ANSWER} (?:only |just |exactly |always |instead )?(?:with |in |as )?(?:valid |"
        r"the following )?json\b",
        rf"\b(?:you|the (?:model|assistant|ai)) (?:must|should|shall|have to|are to) (?:\w+ )?{_ANSWER} "
        rf"(?:that |with )?[\"'“]?{_FINDING}",
        rf"\b(?:always|only|instead|just) {_ANSWER}\b(?: with| that| the)? ?[\"'“]?{_FINDING}",
        r"(?:^|[.;:\n] ?)(?:please )?(?:answer|output|reply|respond|return)(?: with|"
        rf" that)?:? [\"'“]?{_FINDING}",
        rf"\b(?:set|change|mark|fill in|enter) (?:the )?(?:value (?:of|for) )?{_FINDING}(?: field| value)? "
        r"(?:to|as|=) ?[\"'“]?(?:\d|none\b|absent|normal|null|present)",
        r"\bdo not (?:report|mention|extract|transcribe|output) (?:the|any|this) (?:ef|ejection|value|"
        r"instruction)",
        r"\bjailbreak|\bprompt injection|\bdeveloper mode\b",
    )
)


def gives_orders(text: str) -> bool:
    """Whether a text speaks to a machine that reads it. Case, line breaks and runs of blanks don't count.

    No such text can change the form of an answer, and prompts say that a page is data; but a model may still
    obey. A page that tries is never trusted without a person. Doctors give orders, too ("ignore artefact",
    "follow up in six months", "please correlate"), to people: what is looked for speaks to a reader of the
    picture or about its answer.
    """
    lines = "\n".join(" ".join(line.split()) for line in text.lower().splitlines())
    joined = " ".join(lines.split())
    return any(pattern.search(lines) or pattern.search(joined) for pattern in _PATTERNS)


def any_orders(texts: Iterable[str]) -> bool:
    """Whether any of several texts does."""
    return any(gives_orders(text) for text in texts)
