"""A language model's answer -> a reading. The same for a model in this process and one behind a server."""

from __future__ import annotations

from collections.abc import Mapping

from db.errors import EchoDeskError
from db.labels import Check, Evidence
from labeling.readers.base import Generation, Reading
from labeling.readers.parse import AnswerError, ParsedAnswer, parse_answer
from labeling.rules.checks import check_findings

# What an annotator is told when an answer contradicts itself; the value is then left open.
_PROBLEMS = {
    "stated_without_number": "The reader says there is a number and gives none.",
    "number_though_not_stated": "The reader gives a number and says that none is stated.",
    "range_order": "The reader's range runs from the larger to the smaller number.",
    "absent_with_grade_or_wall": "The reader says absent and names a grade or a wall.",
    "present_with_grade_none": "The reader says present and grades it “none”.",
    "grade_or_wall_though_not_stated": "The reader says not stated and names a grade or a wall.",
}


def reading_of_answer(raw_text: str, *, generation: Generation, confidence: Mapping[str, float]) -> Reading:
    """The reading an answer stands for. Its evidence has quotes and no boxes: it has yet to be found on the
    page.

    Args:
        raw_text: what the model printed.
        generation: how; stored with it.
        confidence: record field -> probability of the value it chose, 0-1; fields it could not weigh are left
            out.

    Raises:
        EchoDeskError: the answer is not of the agreed form; the message holds a code and no report text.
    """
    try:
        answer = parse_answer(raw_text)
    except AnswerError as error:
        end = "" if generation.is_complete else ", cut off at the length limit"
        raise EchoDeskError(
            f"the model's answer is not of the agreed form ({error.code}{end})",
            "Try again with --retry-failed; if it goes on, install xgrammar or name another model.",
        ) from None
    checks = [
        # `field` is one of the record's.
        Check(
            name=f"answer_{code}",
            field=field,  # type: ignore[arg-type]
            score=0.0,
            is_issue=True,
            reason=_PROBLEMS[code],
        )
        for field, code in answer.problems
    ]
    return Reading(
        findings=answer.findings,
        evidence=_evidence(answer),
        confidence=dict(confidence),
        checks=(*checks, *check_findings(answer.findings)),
        generation=generation,
    )


def _evidence(answer: ParsedAnswer) -> dict[str, Evidence]:
    evidence = {field: Evidence(quote=quote) for field, quote in answer.quotes.items()}
    if "rwma" in evidence:
        evidence["rwma_severity"] = evidence["rwma"]
        if answer.findings.rwma_walls:
            evidence["rwma_walls"] = evidence["rwma"]
    if answer.findings.lv_function:
        evidence["lv_function"] = Evidence(quote=answer.findings.lv_function)
    return evidence
