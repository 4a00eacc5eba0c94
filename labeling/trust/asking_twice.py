"""A language model asked a second time: in other words, or about the place it quoted alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from db.fields.names import ByColumn, FieldName
from db.labels import EfOperator, EfState, Findings, Pah, Rwma, RwmaSeverity
from labeling.readers.base import FieldAnswer, Opinion, Outcome, Reading
from labeling.trust.blind_check import blinded_fields

if TYPE_CHECKING:
    from PIL.Image import Image

    from labeling.pages.page import Page

# Around the quoted words, in heights of their line: enough to read them in, too little for another finding.
_ABOVE_AND_BELOW = 0.8
_BESIDE = 3.0


@runtime_checkable
class ReadsAgain(Protocol):
    """A reader that can be asked for whole reports with another prompt."""

    def read_again(self, reports: Sequence[Sequence[Page]], prompt_id: str) -> list[Outcome]: ...


@runtime_checkable
class AsksFields(Protocol):
    """A reader that can be asked about one field in a piece of a page."""

    def ask_fields(
        self, questions: Sequence[tuple[FieldName, Image]]
    ) -> Sequence[FieldAnswer | Exception]: ...


def crops_of(reading: Reading, pages: Sequence[Page]) -> list[tuple[FieldName, Image]]:
    """Each field with a value whose words were found, and the piece of the page around them."""
    images = {page.number: page.image for page in pages}
    crops: list[tuple[FieldName, Image]] = []
    for field in blinded_fields(reading):
        evidence = reading.evidence[field]
        image = images.get(evidence.page)
        if image is None or evidence.box is None:
            continue
        left, top, right, bottom = evidence.box
        height = (evidence.boxes[0][3] - evidence.boxes[0][1]) if evidence.boxes else bottom - top
        crop = image.crop(
            (
                max(0, round(left - _BESIDE * height)),
                max(0, round(top - _ABOVE_AND_BELOW * height)),
                min(image.width, round(right + _BESIDE * height)),
                min(image.height, round(bottom + _ABOVE_AND_BELOW * height)),
            )
        )
        crops.append((cast("FieldName", field), crop))
    return crops


def opinion_of_answer(
    reading: Reading, field: FieldName, answer: FieldAnswer | Exception, *, reader: str, version: str
) -> Opinion | None:
    """What a second look at the quoted place makes of one field; null when it gave no answer at all."""
    if isinstance(answer, Exception):
        return None
    return Opinion(
        reader=f"{reader}_crop",
        version=version,
        findings=_findings_of(reading.findings, field, answer.value),
        confidence={field: float(answer.probability)},
        fields=(field,),
    )


def _findings_of(ours: Findings, field: FieldName, value: str | None) -> Findings:
    """The record with this one answer; what the question did not ask for (grade, walls, sign) is taken from
    ours.
    """
    if field == "ef_percent":
        return Findings(**_ef(ours, value))
    if field == "rwma":
        rwma = Rwma(value) if value is not None else Rwma.UNREADABLE
        if rwma is ours.rwma:
            return Findings(rwma=rwma, rwma_severity=ours.rwma_severity, rwma_walls=ours.rwma_walls)
        severity = RwmaSeverity.NONE if rwma is Rwma.ABSENT else RwmaSeverity.NOT_STATED
        return Findings(rwma=rwma, rwma_severity=severity)
    if field == "pah":
        return Findings(pah=Pah(value) if value is not None else Pah.UNREADABLE)
    return Findings(rvsp_mmhg=_middle(value) if value is not None else ours.rvsp_mmhg)


def _ef(ours: Findings, value: str | None) -> ByColumn:
    if value is None:
        return ByColumn(ef_state=EfState.UNREADABLE)
    ends = [float(part) for part in value.split("-")]
    is_range = len(ends) == 2
    return ByColumn(
        ef_percent=(ends[0] + ends[-1]) / 2,
        ef_low=ends[0] if is_range and ends[0] <= ends[1] else None,
        ef_high=ends[1] if is_range and ends[0] <= ends[1] else None,
        ef_operator=ours.ef_operator or EfOperator.EQUAL,
        ef_state=EfState.STATED,
    )


def _middle(value: str) -> float:
    ends = [float(part) for part in value.split("-")]
    return (ends[0] + ends[-1]) / 2
