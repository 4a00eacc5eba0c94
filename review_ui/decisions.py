"""Storing one decision: which it is, what record it carries, and what may stand in its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from db.cases import get_case
from db.drafts import get_draft
from db.errors import LeaseLostError
from db.events import lock_chain
from db.labels import Findings
from db.leases import take_lease
from db.models import Decision, Draft, Review
from db.reviews import record_decision, reviews_of
from review_ui import text
from review_ui.answers import AnswerError, apply_answers
from review_ui.desk import Answer, conflict, taken
from review_ui.views import cards_needing_an_answer

if TYPE_CHECKING:
    from sqlmodel import Session

NOTE_MAX_CHARACTERS: Final = 2000

# Which card an answer of the page belongs to.
_CARD_OF: Final = {"ef": "ef", "rwma": "rwma", "rwma_severity": "rwma", "pah": "pah", "rvsp": "pah"}


class DecisionRequest(BaseModel):
    """One decision, as the page sends it.

    Attributes:
        draft_id: the draft that was on screen.
        seen_review_id: the newest review of the case when it was shown, 0 for none: the version check.
        base_review_id: the own review that pre-filled the answers, where it was not the draft.
        request_id: made by the page; the same decision sent twice carries the same one.
        decision: `store` is accept or correct, whichever it turns out to be.
        confirmed: cards answered explicitly by keeping what they say.
        active_s: seconds the person worked on the record.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    case_id: int = Field(ge=1)
    draft_id: int = Field(ge=1)
    seen_review_id: int = Field(ge=0)
    base_review_id: int | None = Field(default=None, ge=1)
    request_id: str = Field(pattern=r"^[A-Za-z0-9-]{8,64}$")
    decision: Literal["store", "flag", "skip"]
    answers: dict[str, Any] = Field(default_factory=dict)
    confirmed: list[Literal["ef", "rwma", "pah"]] = Field(default_factory=list, max_length=3)
    note: str = ""
    active_s: float = Field(default=0.0, ge=0, le=86_400, allow_inf_nan=False)


def store_decision(
    session: Session, request: DecisionRequest, *, annotator_id: int, now: datetime, lease_s: float
) -> Answer | None:
    """Store a decision in the caller's transaction; what stands in its way, or None when it is stored.

    Raises:
        AnswerError: where an answer cannot be stored, or a field still needs one.
    """
    lock_chain(session)  # before reading the version, so that no decision slips in between
    case = get_case(session, case_id=request.case_id)
    draft = get_draft(session, draft_id=request.draft_id)
    if case is None or draft is None or draft.case_id != case.id:
        return {"state": "taken", "sentence": text.UNKNOWN_RECORD, "keys": ""}
    reviews = reviews_of(session, case_id=request.case_id)
    is_repeat = any(review.request_id == request.request_id for review in reviews)
    if not is_repeat and reviews and reviews[-1].id != request.seen_review_id:
        return conflict(reviews[-1])
    decision, findings = _decided(request, draft, _base_review(reviews, request, annotator_id))

    def record() -> None:
        record_decision(
            session,
            case_id=request.case_id,
            draft_id=request.draft_id,
            annotator_id=annotator_id,
            decision=decision,
            findings=findings,
            note=request.note.strip(),
            active_s=request.active_s,
            request_id=request.request_id,
            now=now,
        )

    try:
        record()
    except LeaseLostError:
        # Nobody decided it since it was shown. If nobody else holds it either, it is still theirs to decide.
        if not take_lease(session, case_id=request.case_id, annotator_id=annotator_id, now=now, lease_s=lease_s):
            return taken()
        record()
    return None


def _decided(request: DecisionRequest, draft: Draft, base: Review | None) -> tuple[Decision, Findings]:
    findings = apply_answers(base.to_findings() if base else draft.to_findings(), request.answers)
    if len(request.note.strip()) > NOTE_MAX_CHARACTERS:
        raise AnswerError("note", text.NOTE_TOO_LONG.format(limit=NOTE_MAX_CHARACTERS))
    if request.decision == "skip":
        return Decision.SKIP, findings
    if request.decision == "flag":
        if not request.note.strip():
            raise AnswerError("note", text.NOTE_MISSING)
        return Decision.FLAG, findings
    if base is None:
        _require_answers(request, draft)
    return (Decision.ACCEPT if findings == draft.to_findings() else Decision.CORRECT), findings


def _require_answers(request: DecisionRequest, draft: Draft) -> None:
    """A red field is never accepted by passing over it."""
    answered = {*request.confirmed, *_answered_cards(request.answers)}
    missing = [card for card in cards_needing_an_answer(draft) if card not in answered]
    if missing:
        titles = ", ".join(text.FIELD_TITLES[card] for card in missing)
        raise AnswerError(missing[0], text.FIELDS_UNANSWERED.format(fields=titles))


def _answered_cards(answers: Mapping[str, Any]) -> set[str]:
    return {_CARD_OF[name] for name in answers if name in _CARD_OF}


def _base_review(reviews: Sequence[Review], request: DecisionRequest, annotator_id: int) -> Review | None:
    """The review the answers build on; never somebody else's."""
    for review in reviews:
        if review.id == request.base_review_id and review.annotator_id == annotator_id:
            return review
    return None
