"""Read EF, RWMA, PAH and RVSP from the text of a report: the same text gives the same answers; no OCR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from db.fields.names import FIELDS, of_fields
from db.labels import Check, EfState, Findings, Pah
from labeling.rules.checks import check_findings, check_surroundings
from labeling.rules.ejection_fraction import EfMention, choose_ef, find_ef_mentions
from labeling.rules.expectation.expectation import unexpected_fields
from labeling.rules.kinds.sort_out import SortedText, sort_out
from labeling.rules.normalise import NormalText, normalise
from labeling.rules.pulmonary_hypertension import PahAssertion, choose_pah, find_pah_assertions
from labeling.rules.rvsp import RvspMention, below_its_name, choose_rvsp, find_rvsp
from labeling.rules.sections import split_statements
from labeling.rules.silence import spoken_of_in_vain
from labeling.rules.surroundings.doubts import doubts_by_field
from labeling.rules.surroundings.rivals import rival_fields
from labeling.rules.surroundings.sentences import Doubt, DoubtKind
from labeling.rules.surroundings.small_print import below_the_signature
from labeling.rules.surroundings.spare_answers import Said, bounded_fields, fields_with_spare_answers
from labeling.rules.surroundings.unanswered import unanswered_fields
from labeling.rules.ventricular_function import FunctionWords, find_function_words
from labeling.rules.wall_motion import WallMotion, decide_wall_motion, find_wall_assertions
from labeling.rules.walls.assertion import WallAssertion

RULES_VERSION = "13"
# How sure a reading is of a field that a person should look at: below the light's green, above its red.
DOUBTED: Final = 0.6


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
    sorted_text = sort_out(normalise(text))
    normal = sorted_text.normal
    found = _found_in(normal)
    spans = {field: normal.original_span(*span) for field, span in found.spans().items()}
    number_spans = {}
    if found.ef is not None:
        number_spans["ef_percent"] = normal.original_span(found.ef.number_start, found.ef.number_end)
    findings = found.findings(lv_function=_verbatim(text, spans.get("lv_function")))
    checks = check_findings(
        findings,
        function_band=found.words.band if found.words else None,
        is_contradicted=found.walls.is_contradicted,
        territories=found.walls.territories,
    )
    doubts = _doubts(sorted_text, findings, found)
    trusted = [field for field in FIELDS if field not in doubts]
    doubts |= dict.fromkeys(unexpected_fields(text, findings, trusted), Doubt(DoubtKind.EXPECTATION))
    confidence = {
        field: min(value, DOUBTED) if field in doubts else value
        for field, value in found.confidence().items()
    }
    checks = (*checks, *check_surroundings({field: doubt.sentence for field, doubt in doubts.items()}))
    return TextReading(findings, spans, number_spans, confidence, checks)


def _doubts(text: SortedText, findings: Findings, found: _Found) -> dict[str, Doubt]:
    """Why a person should look at a field, whatever its value: the first reason of each."""
    doubts = doubts_by_field(text, findings, found.spans())
    rivals = rival_fields(
        text.normal.text, findings, found.ef_said, found.walls_said, found.pah_said, found.rvsp_said
    )
    left, spans = text.normal.text, found.spans()
    said: dict[str, Sequence[Said]] = of_fields(
        ef_percent=found.ef_said, rwma=found.walls_said, pah=found.pah_said, rvsp_mmhg=found.rvsp_said
    )
    for kind, fields in (
        (DoubtKind.OTHER_ANSWER, text.unsure_fields()),
        (DoubtKind.TWO_ANSWERS, rivals),
        (DoubtKind.SILENCE, spoken_of_in_vain(findings, text) | unanswered_fields(text, findings)),
        (DoubtKind.SPARE_ANSWER, fields_with_spare_answers(left, findings, spans, said)),
        (DoubtKind.BOUND, bounded_fields(left, spans)),
        (DoubtKind.SMALL_PRINT, below_the_signature(left, spans)),
    ):
        for field in fields:
            doubts.setdefault(field, Doubt(kind))
    return doubts


@dataclass(frozen=True)
class _Found:
    """The mention of each field that counts, None where there is none; offsets in the normalised text."""

    ef: EfMention | None
    words: FunctionWords | None
    walls: WallMotion
    pah: PahAssertion | None
    rvsp: RvspMention | None
    walls_said: Sequence[WallAssertion]
    ef_said: Sequence[EfMention]
    pah_said: Sequence[PahAssertion]
    rvsp_said: Sequence[RvspMention]

    def findings(self, *, lv_function: str | None) -> Findings:
        ef, walls = self.ef, self.walls
        return Findings(
            ef_percent=ef.percent if ef else None,
            ef_low=ef.low if ef else None,
            ef_high=ef.high if ef else None,
            ef_operator=ef.operator if ef else None,
            ef_state=EfState.STATED if ef else EfState.NOT_STATED,
            lv_function=lv_function,
            rwma=walls.rwma,
            rwma_severity=walls.severity,
            rwma_walls=walls.walls,
            pah=self.pah.pah if self.pah else Pah.NOT_STATED,
            rvsp_mmhg=self.rvsp.mmhg if self.rvsp else None,
        )

    def confidence(self) -> dict[str, float]:
        """By field; a field nothing is said of is "not stated" with 0.9."""
        return of_fields(
            ef_percent=self.ef.certainty if self.ef else 0.9,
            rwma=self.walls.certainty,
            pah=self.pah.certainty if self.pah else 0.9,
            rvsp_mmhg=self.rvsp.certainty if self.rvsp else 0.9,
        )

    def spans(self) -> dict[str, tuple[int, int]]:
        """By field: the words it rests on; severity and walls rest on those of the wall motion."""
        spans: dict[str, tuple[int, int]] = {}
        if self.ef is not None:
            spans["ef_percent"] = (min(self.ef.start, self.ef.number_start), self.ef.end)
        if self.words is not None:
            spans["lv_function"] = (self.words.start, self.words.end)
        if self.walls.source is not None:
            carried = ("rwma", "rwma_severity", *(("rwma_walls",) if self.walls.walls else ()))
            spans.update(dict.fromkeys(carried, (self.walls.source.start, self.walls.source.end)))
            if self.walls.graded_by is not None:
                spans["rwma_severity"] = (self.walls.graded_by.start, self.walls.graded_by.end)
        if self.pah is not None:
            spans["pah"] = (self.pah.start, self.pah.end)
        if self.rvsp is not None:
            spans["rvsp_mmhg"] = (self.rvsp.start, self.rvsp.end)
        return spans


def _found_in(normal: NormalText) -> _Found:
    statements = split_statements(normal.text)
    words = find_function_words(statements)
    mentions = find_ef_mentions(normal.text, statements)
    walls_said = find_wall_assertions(statements)
    pah_said = find_pah_assertions(statements)
    rvsp_said = find_rvsp(normal.text, statements)
    return _Found(
        ef=choose_ef(mentions, function_words_at=words.start if words else None),
        words=words,
        walls=decide_wall_motion(walls_said),
        walls_said=walls_said,
        pah=choose_pah(pah_said),
        rvsp=below_its_name(choose_rvsp(rvsp_said), normal),
        ef_said=mentions,
        pah_said=pah_said,
        rvsp_said=rvsp_said,
    )


def _verbatim(text: str, span: tuple[int, int] | None) -> str | None:
    return " ".join(text[span[0] : span[1]].split()) if span else None
