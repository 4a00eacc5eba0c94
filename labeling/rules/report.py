"""Read EF, RWMA, PAH and RVSP from the text of a report: a pure function, no files, no OCR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from db.labels import Check, EfState, Findings, Pah
from labeling.rules.checks import check_findings
from labeling.rules.ejection_fraction import EfMention, choose_ef, find_ef_mentions
from labeling.rules.normalise import NormalText, normalise
from labeling.rules.pulmonary_hypertension import choose_pah, find_pah_assertions
from labeling.rules.rvsp import choose_rvsp, find_rvsp
from labeling.rules.sections import Statement, split_statements
from labeling.rules.ventricular_function import FunctionWords, find_function_words
from labeling.rules.wall_motion import WallMotion, decide_wall_motion, find_wall_assertions

RULES_VERSION = "1"


@dataclass(frozen=True)
class TextReading:
    """What the rules read in a text.

    Attributes:
        findings: the values.
        spans: field -> half-open character range of the *original* text that holds the evidence.
        number_spans: field (`ef_percent`, `rvsp_mmhg`) -> range of its digits, for checking them against the
            OCR.
        confidence: field -> 0-1 from the wording alone; higher is surer.
        checks: consistency checks between the fields.
    """

    findings: Findings
    spans: Mapping[str, tuple[int, int]]
    number_spans: Mapping[str, tuple[int, int]]
    confidence: Mapping[str, float]
    checks: tuple[Check, ...]


def read_report_text(text: str) -> TextReading:
    """Read one report (all its pages, joined) by the codebook's conventions; never raises on any text."""
    normal = normalise(text)
    statements = split_statements(normal.text)
    words = find_function_words(statements)
    ef = choose_ef(
        find_ef_mentions(normal.text, statements), function_words_at=words.start if words else None
    )
    walls = decide_wall_motion(find_wall_assertions(statements))
    pah = choose_pah(find_pah_assertions(statements))
    rvsp = choose_rvsp(find_rvsp(normal.text, statements))
    spans = _spans(normal, ef, words, walls)
    if pah is not None:
        spans["pah"] = normal.original_span(pah.start, pah.end)
    if rvsp is not None:
        spans["rvsp_mmhg"] = normal.original_span(rvsp.start, rvsp.end)
    findings = Findings(
        ef_percent=ef.percent if ef else None,
        ef_low=ef.low if ef else None,
        ef_high=ef.high if ef else None,
        ef_operator=ef.operator if ef else None,
        ef_state=EfState.STATED if ef else EfState.NOT_STATED,
        lv_function=_verbatim(text, spans.get("lv_function")),
        rwma=walls.rwma,
        rwma_severity=walls.severity,
        rwma_walls=walls.walls,
        pah=pah.pah if pah else Pah.NOT_STATED,
        rvsp_mmhg=rvsp.mmhg if rvsp else None,
    )
    number_spans = {}
    if ef is not None:
        number_spans["ef_percent"] = normal.original_span(ef.number_start, ef.number_end)
    confidence = {
        "ef_percent": ef.certainty if ef else 0.9,
        "rwma": walls.certainty,
        "pah": pah.certainty if pah else 0.9,
        "rvsp_mmhg": rvsp.certainty if rvsp else 0.9,
    }
    checks = check_findings(
        findings, function_band=words.band if words else None, is_contradicted=walls.is_contradicted
    )
    return TextReading(findings, spans, number_spans, confidence, checks)


def _spans(
    normal: NormalText, ef: EfMention | None, words: FunctionWords | None, walls: WallMotion
) -> dict[str, tuple[int, int]]:
    spans: dict[str, tuple[int, int]] = {}
    if ef is not None:
        spans["ef_percent"] = normal.original_span(min(ef.start, ef.number_start), ef.end)
    if words is not None:
        spans["lv_function"] = normal.original_span(words.start, words.end)
    if walls.source is not None:
        spans["rwma"] = normal.original_span(walls.source.start, walls.source.end)
        spans["rwma_severity"] = spans["rwma"]
        if walls.walls:
            spans["rwma_walls"] = spans["rwma"]
    return spans


def _verbatim(text: str, span: tuple[int, int] | None) -> str | None:
    return " ".join(text[span[0] : span[1]].split()) if span else None


__all__ = ["RULES_VERSION", "Statement", "TextReading", "read_report_text"]
