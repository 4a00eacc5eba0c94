"""Which readings a case needs, decided from what has been read so far. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from db.decisions import DECIDING, SETTLING, Decision, Purpose, QueueState
from db.fields.names import CARD_FIELDS
from db.fields.sameness import differing_cards
from db.fields.strata import is_rare
from db.labels import Light
from db.tables.drafts import Draft
from db.tables.reviews import Review

# What a person is needed for most comes first; a priority that `echodesk enqueue` gave is added.
_LIGHT_POINTS = {Light.RED: 100.0, Light.AMBER: 40.0, Light.GREEN: 0.0}
_ISSUE_POINTS = 5.0
_MOST_ISSUES = 4
_RARE_POINTS = 15.0
_PURPOSE_POINTS = {
    Purpose.FIRST: 0.0,
    Purpose.SECOND: 30.0,
    Purpose.AUDIT: 1_000.0,
    Purpose.ADJUDICATION: 2_000.0,
}


@dataclass(frozen=True)
class ReadingRules:
    """The settings a decision is stored by.

    Attributes:
        ef_tolerance_points: two ejection fractions this close are the same answer, percentage points.
        second_reading_share: of the cases, 0-1, that are read twice.
        key: for the draws (`db.access.desk_key`).
    """

    ef_tolerance_points: float = 2.0
    second_reading_share: float = 0.0
    key: bytes = b""


@dataclass(frozen=True)
class AuditFacts:
    """One audit of a case: the label that was drawn, and its blind re-reading where there is one."""

    audited: Review
    reading: Review | None


@dataclass(frozen=True)
class CaseFacts:
    """What is known of one case.

    Attributes:
        draft: the newest.
        reviews: those in force, oldest first.
        is_second_chosen: whether it is to be read twice.
        audits: by sample number.
        sent_back_after: the newest review when its label was last sent back to an adjudicator; null where it
            never was.
    """

    draft: Draft
    reviews: Sequence[Review]
    is_second_chosen: bool = False
    audits: Mapping[int, AuditFacts] = field(default_factory=dict)
    sent_back_after: int | None = None


@dataclass(frozen=True)
class WantedReading:
    """One reading a case needs or has had; see `db.tables.queue.QueueItem`."""

    purpose: Purpose
    sample_key: int
    state: QueueState
    barred: tuple[int, ...] = ()


def purpose_of(review: Review) -> Purpose:
    """Why a review was made; those older than second readings are first ones."""
    return Purpose(review.purpose or Purpose.FIRST)


def newest_of(
    reviews: Sequence[Review], purpose: Purpose, decisions: Sequence[str] = SETTLING
) -> Review | None:
    """The newest review for a purpose with one of these decisions, of reviews given oldest first."""
    found = [one for one in reviews if purpose_of(one) is purpose and one.decision in decisions]
    return found[-1] if found else None


def readings_in_question(facts: CaseFacts, rules: ReadingRules) -> list[Review]:
    """The readings an adjudicator has still to choose between, oldest first; empty where nothing is to be
    decided.
    """
    settled = _settled(facts)
    asked = [question for question in _questions(facts, rules) if max(map(_number, question)) > settled]
    if is_sent_back(facts):
        asked.append(_of_label(facts))
    found = {_number(one): one for question in asked for one in question}
    return [found[number] for number in sorted(found)]


def is_sent_back(facts: CaseFacts) -> bool:
    """Whether the label was sent back and no adjudicator has answered since."""
    if facts.sent_back_after is None or _settled(facts) > facts.sent_back_after:
        return False
    return bool(_of_label(facts))


def readings_wanted(facts: CaseFacts, rules: ReadingRules) -> list[WantedReading]:
    """Every reading the case needs or has had, in the order of `Purpose`; nobody reads what they know the
    answer of.
    """
    first, second = newest_of(facts.reviews, Purpose.FIRST), newest_of(facts.reviews, Purpose.SECOND)
    adjudication = newest_of(facts.reviews, Purpose.ADJUDICATION, DECIDING)
    is_settled = adjudication is not None
    wanted = [WantedReading(Purpose.FIRST, 0, _state(first is not None or is_settled), _people([second]))]
    if facts.is_second_chosen and first is not None and first.decision in DECIDING:
        is_read = _other_reading(facts, first) is not None or is_settled
        firsts = [
            one for one in facts.reviews if purpose_of(one) is Purpose.FIRST and one.decision in SETTLING
        ]
        wanted.append(WantedReading(Purpose.SECOND, 0, _state(is_read), _people(firsts)))
    questions = _questions(facts, rules)
    if questions:
        asked = readings_in_question(facts, rules)
        flagged = newest_of(facts.reviews, Purpose.ADJUDICATION, (Decision.FLAG.value,))
        barred = _people([*(asked or questions[-1]), flagged])
        wanted.append(WantedReading(Purpose.ADJUDICATION, 0, _state(not asked), barred))
    for number, audit in sorted(facts.audits.items()):
        for_label = [one for one in facts.reviews if _read_for_label(one)]
        barred = _people([*for_label, audit.audited])
        wanted.append(WantedReading(Purpose.AUDIT, number, _state(audit.reading is not None), barred))
    return wanted


def _questions(facts: CaseFacts, rules: ReadingRules) -> list[tuple[Review, ...]]:
    """What is or was to be adjudicated: a flag, two readings that differ, or a label that was sent back."""
    asked: list[tuple[Review, ...]] = []
    first = newest_of(facts.reviews, Purpose.FIRST)
    if first is not None:
        second = _other_reading(facts, first)
        if first.decision == Decision.FLAG.value:
            asked.append((first,))
        if second is not None and _differ(first, second, rules):
            asked.append((first, second))
    asked += _contradicted(facts, rules)
    if facts.sent_back_after is not None and _of_label(facts):
        asked.append(_of_label(facts))
    return asked


def _contradicted(facts: CaseFacts, rules: ReadingRules) -> list[tuple[Review, ...]]:
    """Labels with the audit reading that differs from them; one that was taken back is read anew anyway."""
    in_force = {one.id for one in facts.reviews}
    audits = [audit for _, audit in sorted(facts.audits.items()) if audit.audited.id in in_force]
    return [
        (one.audited, one.reading)
        for one in audits
        if one.reading is not None and _differ(one.audited, one.reading, rules)
    ]


def _settled(facts: CaseFacts) -> int:
    """Number of the newest adjudication; 0 where there is none."""
    adjudication = newest_of(facts.reviews, Purpose.ADJUDICATION, DECIDING)
    return _number(adjudication) if adjudication is not None else 0


def _of_label(facts: CaseFacts) -> tuple[Review, ...]:
    """The readings that a label rests on, oldest first; none where the first was taken back."""
    first = newest_of(facts.reviews, Purpose.FIRST)
    second = _other_reading(facts, first) if first is not None else None
    found = (first, second, newest_of(facts.reviews, Purpose.ADJUDICATION, DECIDING))
    return tuple(sorted((one for one in found if one is not None), key=_number))


def _other_reading(facts: CaseFacts, first: Review) -> Review | None:
    """The second reading of a first one: a person who decided both has read the record once."""
    others = [one for one in facts.reviews if one.annotator_id != first.annotator_id]
    return newest_of(others, Purpose.SECOND)


def _people(reviews: Sequence[Review | None]) -> tuple[int, ...]:
    """Whose reviews these are, each once; of more than two the last two (`reading_statements` bars
    the rest).
    """
    people = [one.annotator_id for one in reversed(reviews) if one is not None]
    return tuple(dict.fromkeys(people))[:2][::-1]


def _number(review: Review) -> int:
    return int(review.id or 0)


def priority_of(draft: Draft, purpose: Purpose, given: float) -> float:
    """How early a reading is given out, higher first.

    By its purpose, the draft's worst light, its failed checks, whether it is a rare finding, and the priority
    that `echodesk enqueue` gave.
    """
    issues = sum(1 for check in draft.checks if check.get("is_issue"))
    rare = _RARE_POINTS if is_rare(draft.to_findings()) else 0.0
    by_draft = _LIGHT_POINTS[worst_light(draft)] + _ISSUE_POINTS * min(issues, _MOST_ISSUES) + rare
    return _PURPOSE_POINTS[purpose] + by_draft + given


def worst_light(draft: Draft) -> Light:
    """The light that needs a person most; a field without a light needs a look, as on the desk."""
    found = {*draft.light.values(), *(draft.light.get(field, Light.AMBER.value) for field in CARD_FIELDS)}
    return next((light for light in (Light.RED, Light.AMBER) if light.value in found), Light.GREEN)


def _read_for_label(review: Review) -> bool:
    return review.decision in DECIDING and purpose_of(review) is not Purpose.AUDIT


def _state(is_done: bool) -> QueueState:
    return QueueState.DONE if is_done else QueueState.WAITING


def _differ(one: Review, other: Review, rules: ReadingRules) -> bool:
    if Decision.FLAG.value in (one.decision, other.decision):
        return True
    tolerance = rules.ef_tolerance_points
    return bool(differing_cards(one.to_findings(), other.to_findings(), ef_tolerance_points=tolerance))
