"""Labels with everything that speaks for or against them: what `echodesk suspects` ranks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from db.decisions import Purpose
from db.fields.names import FIELDS
from db.fields.sameness import compare_field
from db.fields.strata import ef_stratum
from db.fields.words import in_words
from db.labels import Findings
from pipeline.curation.quotes import label_checks, quote_checks
from pipeline.curation.records import FieldLabel, LabelledRecord, Saying, Voice

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.tables.drafts import Draft

# How often a reader is right where it is as sure as it can be, by the light of the field; a calibrated
# confidence counts as it is below that.
MOST_BY_LIGHT: Final = {"green": 0.97, "amber": 0.8, "red": 0.6}
UNSURE: Final = 0.8
PERSON_IS_RIGHT: Final = 0.97
EF_BIN_POINTS: Final = 5
RVSP_BIN_MMHG: Final = 10


@dataclass(frozen=True)
class Heard:
    """One reading of the same report by somebody else.

    Attributes:
        reliability: field -> probability that it is right, 0-1.
        fields: those it speaks about.
    """

    speaker: Voice
    findings: Findings
    reliability: Mapping[str, float]
    fields: Sequence[str] = FIELDS
    was_shown: bool = False


@dataclass(frozen=True)
class Circumstances:
    """How a label came about; as in `LabelledRecord`."""

    case_id: int
    site: str = ""
    annotator: int = 0
    arm: str = ""
    active_s: float = 0.0
    is_adjudicated: bool = False


def labelled_records(session: Session) -> list[LabelledRecord]:
    """Every current label with its draft, other machine readings and other people's readings, by case."""
    from sqlmodel import col, select

    from db.label_view import current_labels
    from db.tables.drafts import Draft
    from db.tables.reviews import Review

    labels = current_labels(session)
    drafts = {int(draft.id or 0): draft for draft in session.exec(select(Draft))}
    newest: dict[int, list[Draft]] = defaultdict(list)
    for draft in drafts.values():
        newest[draft.case_id].append(draft)
    times = dict(session.exec(select(col(Review.id), col(Review.active_s))).all())
    people = _people(session)
    records = []
    for label in labels:
        shown = drafts.get(label.draft_id or 0)
        others = [one for one in newest[label.case_id] if one is not shown]
        heard = _machines(shown, others, was_shown=(label.arm or "shown") == "shown")
        heard += [
            Heard(Voice.PERSON, found, _even(PERSON_IS_RIGHT)) for found in people.get(label.case_id, ())
        ]
        context = Circumstances(
            label.case_id,
            label.site,
            label.annotator_id,
            label.arm or "",
            float(times.get(label.review_id) or 0.0),
            label.purpose is Purpose.ADJUDICATION,
        )
        records.append(labelled_record(label.findings, heard, quotes_of(shown), context))
    return records


def _people(session: Session) -> dict[int, list[Findings]]:
    """The newest second and audit reading of every case that is in force."""
    from sqlmodel import col, select

    from db.label_view import newest_readings
    from db.tables.reviews import Review

    found: dict[int, list[Findings]] = defaultdict(list)
    for purpose in (Purpose.SECOND, Purpose.AUDIT):
        newest = newest_readings(purpose)
        for review in session.exec(select(Review).join(newest, col(Review.id) == newest.c.review_id)):
            found[review.case_id].append(review.to_findings())
    return found


def _machines(shown: Draft | None, others: Iterable[Draft], *, was_shown: bool) -> list[Heard]:
    """The draft decided on and its other opinions; drafts of other readers, of each the newest version."""
    heard = []
    if shown is not None:
        if _could_read(shown):
            reliability = _by_light(shown.confidence, shown.light)
            heard.append(Heard(Voice.DRAFT, shown.to_findings(), reliability, was_shown=was_shown))
        heard += [_opinion(one) for one in shown.opinions or () if not one.get("unreadable_reason")]
    newest = {one.reader: one for one in sorted(others, key=lambda draft: int(draft.id or 0))}
    if shown is not None:
        newest.pop(shown.reader, None)
    heard += [
        Heard(Voice.MACHINE, one.to_findings(), _by_light(one.confidence, one.light))
        for one in newest.values()
        if _could_read(one)
    ]
    return heard


def _could_read(draft: Draft) -> bool:
    return not draft.unreadable_reason or bool(draft.evidence)


def _opinion(stored: Mapping[str, Any]) -> Heard:
    findings = Findings.model_validate(stored["findings"])
    reliability = {name: float(stored.get("confidence", {}).get(name) or UNSURE) for name in FIELDS}
    return Heard(Voice.MACHINE, findings, reliability, tuple(stored.get("fields") or FIELDS))


def _by_light(confidence: Mapping[str, Any], light: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: min(float(confidence.get(name) or UNSURE), MOST_BY_LIGHT.get(str(light.get(name)), UNSURE))
        for name in FIELDS
    }


def _even(reliability: float) -> dict[str, float]:
    return dict.fromkeys(FIELDS, reliability)


def quotes_of(draft: Draft | None) -> dict[str, str]:
    """Field -> the words the draft was read from; `lv_function` its words for the function."""
    if draft is None:
        return {}
    quotes = {name: str(found.get("quote", "")) for name, found in draft.evidence.items()}
    if draft.lv_function:
        quotes["lv_function"] = draft.lv_function
    return quotes


def labelled_record(
    label: Findings, heard: Sequence[Heard], quotes: Mapping[str, str], context: Circumstances
) -> LabelledRecord:
    """One label as the ranking takes it."""
    own, quoted = label_checks(label, quotes), quote_checks(label, quotes)
    fields = {
        name: FieldLabel(
            words=in_words(label, name).replace("_", " "),
            answer=answer_class(label, name),
            sayings=tuple(_saying(name, label, one) for one in heard if name in one.fields),
            checks=tuple(one for one in own if one.field == name),
            quote_checks=tuple(one for one in quoted if one.field == name),
        )
        for name in FIELDS
    }
    is_stated = label.rwma.value in ("present", "absent")
    return LabelledRecord(
        case_id=context.case_id,
        site=context.site,
        fields=fields,
        ef_percent=label.ef_percent,
        rwma_present=label.rwma.value == "present" if is_stated else None,
        ef_band=_band(label),
        rwma_grade=label.rwma_severity.value if is_stated else "",
        annotator=context.annotator,
        arm=context.arm,
        active_s=context.active_s,
        is_adjudicated=context.is_adjudicated,
    )


def _saying(name: str, label: Findings, other: Heard) -> Saying:
    match = compare_field(name, label, other.findings).match
    words = in_words(other.findings, name)
    return Saying(other.speaker, match, words, other.reliability.get(name, UNSURE), other.was_shown)


def answer_class(label: Findings, name: str) -> str:
    """The class of a field's value whose frequency is counted: EF by 5 points, the pressure by 10 mmHg."""
    if name == "ef_percent":
        if label.ef_percent is None:
            return label.ef_state.value
        low = int(label.ef_percent // EF_BIN_POINTS) * EF_BIN_POINTS
        return f"{low}-{low + EF_BIN_POINTS - 1}"
    if name == "rwma":
        graded = label.rwma.value == "present" and label.rwma_severity.value != "not_stated"
        return f"{label.rwma.value}, {label.rwma_severity.value}" if graded else label.rwma.value
    if name == "pah":
        return label.pah.value
    if label.rvsp_mmhg is None:
        return "not_stated"
    low = int(label.rvsp_mmhg // RVSP_BIN_MMHG) * RVSP_BIN_MMHG
    return f"{low}-{low + RVSP_BIN_MMHG - 1}"


def _band(label: Findings) -> str:
    return "" if label.ef_percent is None else ef_stratum(label.ef_percent)
