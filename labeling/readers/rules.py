"""The embedded reader: one Tesseract pass a page, then our rules on the words.

It needs no GPU and no network, and is the second opinion to any other reader.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from db.fields.details import no_ef
from db.fields.names import FIELDS
from db.labels import EfState, Evidence, Findings, Pah, Rwma, RwmaSeverity
from labeling.readers.base import Reading
from labeling.readers.struck_out import without_struck_values
from labeling.rules.report import RULES_VERSION, TextReading, read_report_text

if TYPE_CHECKING:
    from labeling.pages.page import Page
    from labeling.words.evidence import ReportText
    from labeling.words.read_page import OcrPage

# Below this OCR certainty of its weakest digit word, a number is not passed on: a wrong EF costs more than a
# blank.
MIN_DIGIT_CONFIDENCE = 0.45
# A word field rests on several words, so one doubtful letter matters less than in a number.
MIN_WORD_CONFIDENCE = 0.25
# As `labeling/words/ink_marks.py` writes them.
_MARK = re.compile(r"\[[x ]\]")
# Followed by the page's number and the reason; see `OcrPage.layer_refused`.
TEXT_LAYER_WARNING = "text_layer:"
# Followed by the page's number and the note; see `OcrPage.notes`.
PAGE_NOTE_WARNING = "page_note:"


class RulesReader:
    """Reads report pages with Tesseract and the rules of `labeling/rules/report.py`.

    Args:
        tesseract: the Tesseract program, as a name on PATH or a full path.
    """

    name = "rules"

    def __init__(self, tesseract: str = "tesseract") -> None:
        self._tesseract = tesseract

    @property
    def version(self) -> str:
        """The version of the rules; a change of OCR or rules raises it."""
        return RULES_VERSION

    def read_pages(self, pages: Sequence[Page]) -> Reading:
        """Read one report from its upright pages, in order.

        Raises EchoDeskError when Tesseract is missing.
        """
        from labeling.words.first_words import read_first, without_blank

        return reading_of_ocr(without_blank([read_first(page, tesseract=self._tesseract) for page in pages]))

    def read_text(self, text: str) -> Reading:
        """Read plain text; evidence has quotes but no boxes."""
        from labeling.words.evidence import ReportText

        report = ReportText.from_plain(text)
        read = read_report_text(report.text)
        return Reading(read.findings, _evidence(report, read), dict(read.confidence), read.checks)


def reading_of_ocr(ocr_pages: Sequence[OcrPage]) -> Reading:
    """A reading of recognised pages: rules on the legible ones, `unreadable` where a page may hide the
    answer. No value rests on words that were struck out.
    """
    return without_struck_values(_reading_of_all(ocr_pages), ocr_pages, _reading_of_all)


def _reading_of_all(ocr_pages: Sequence[OcrPage]) -> Reading:
    from labeling.words.evidence import join_words

    legibility = _worst_legibility(ocr_pages)
    warnings = layer_warnings(ocr_pages)
    reasons = [page.unreadable_reason for page in ocr_pages if page.unreadable_reason]
    legible = [page for page in ocr_pages if not page.unreadable_reason]
    if not legible:
        return Reading(
            _all_unreadable(),
            unreadable_reason=reasons[0] if reasons else "",
            legibility=legibility,
            warnings=warnings,
        )
    report = join_words(legible)
    read = read_report_text(report.text)
    if any(page.marked for page in legible):
        read = _with_marks_in_spans(report.text, read)
    certainty = {field: _certainty(report, field, span) for field, span in _decisive_spans(read).items()}
    findings = _without_doubtful(read.findings, certainty)
    if reasons:
        findings = _rest_unreadable(findings)
    evidence = {
        field: item for field, item in _evidence(report, read).items() if _still_stands(findings, field)
    }
    confidence = {
        field: round(value * certainty.get(field, 1.0), 3) for field, value in read.confidence.items()
    }
    reason = reasons[0] if reasons else ""
    return Reading(findings, evidence, confidence, read.checks, reason, legibility, warnings)


def layer_warnings(ocr_pages: Sequence[OcrPage]) -> tuple[str, ...]:
    """A code for every page whose text layer was not believed (`text_layer:2:hidden`), and for what a file
    holds besides its pages (`page_note:2:comment`).
    """
    refused = [
        f"{TEXT_LAYER_WARNING}{page.number}:{page.layer_refused}" for page in ocr_pages if page.layer_refused
    ]
    notes = [f"{PAGE_NOTE_WARNING}{page.number}:{note}" for page in ocr_pages for note in page.notes]
    return (*refused, *notes)


def _with_marks_in_spans(text: str, read: TextReading) -> TextReading:
    """Evidence of an option that ink marks: not its label alone, but the line with all marks."""
    spans = dict(read.spans)
    for field, (start, end) in read.spans.items():
        line = slice(text.rfind("\n", 0, start) + 1, (text + "\n").index("\n", end))
        if not field.startswith("ef") and _MARK.search(text[line]):
            spans[field] = (start, line.stop)
    return replace(read, spans=spans)


def _evidence(report: ReportText, read: TextReading) -> dict[str, Evidence]:
    return {field: report.evidence(*span) for field, span in read.spans.items()}


def _certainty(report: ReportText, field: str, span: tuple[int, int]) -> float:
    """How far the OCR believes the words: the weakest of a number or a marked option, the average of a
    phrase.
    """
    values = [word.confidence for word in report.words_between(*span)]
    if not values:
        return 1.0
    is_marked = _MARK.search(report.text[slice(*span)]) is not None
    return min(values) if field == "ef_percent" or is_marked else sum(values) / len(values)


def _decisive_spans(read: TextReading) -> dict[str, tuple[int, int]]:
    # An ejection fraction rests on its digits alone.
    spans = {field: span for field, span in read.spans.items() if field in FIELDS and field != "ef_percent"}
    return {**spans, **read.number_spans}


def _without_doubtful(findings: Findings, certainty: Mapping[str, float]) -> Findings:
    """Replace values whose words the OCR itself hardly believes by `unreadable`."""
    changes: dict[str, Any] = {}
    if findings.ef_percent is not None and certainty.get("ef_percent", 1.0) < MIN_DIGIT_CONFIDENCE:
        changes |= no_ef(EfState.UNREADABLE)
    if findings.rvsp_mmhg is not None and certainty.get("rvsp_mmhg", 1.0) < MIN_WORD_CONFIDENCE:
        changes.update(rvsp_mmhg=None)
    if certainty.get("rwma", 1.0) < MIN_WORD_CONFIDENCE:
        changes.update(rwma=Rwma.UNREADABLE, rwma_severity=RwmaSeverity.NOT_STATED, rwma_walls=())
    if certainty.get("pah", 1.0) < MIN_WORD_CONFIDENCE:
        changes.update(pah=Pah.UNREADABLE)
    return Findings(**{**findings.model_dump(), **changes}) if changes else findings


def _rest_unreadable(findings: Findings) -> Findings:
    """What was not found may stand on the page that could not be read: unreadable, not `not_stated`."""
    changes: dict[str, Any] = {}
    if findings.ef_state is EfState.NOT_STATED:
        changes["ef_state"] = EfState.UNREADABLE
    if findings.rwma is Rwma.NOT_STATED:
        changes["rwma"] = Rwma.UNREADABLE
    if findings.pah is Pah.NOT_STATED:
        changes["pah"] = Pah.UNREADABLE
    return Findings(**{**findings.model_dump(), **changes}) if changes else findings


def _all_unreadable() -> Findings:
    return Findings(ef_state=EfState.UNREADABLE, rwma=Rwma.UNREADABLE, pah=Pah.UNREADABLE)


def _still_stands(findings: Findings, field: str) -> bool:
    if field == "ef_percent":
        return findings.ef_percent is not None
    if field.startswith("rwma"):
        return findings.rwma in (Rwma.PRESENT, Rwma.ABSENT)
    if field == "pah":
        return findings.pah is not Pah.UNREADABLE
    return field != "rvsp_mmhg" or findings.rvsp_mmhg is not None


def _worst_legibility(ocr_pages: Sequence[OcrPage]) -> dict[str, float]:
    """The measures of the least legible page: the one that limits what can be said of the report."""
    worst: dict[str, float] = {}
    for page in ocr_pages:
        for name, value in page.legibility.items():
            worst[name] = min(worst.get(name, value), value)
    return worst
