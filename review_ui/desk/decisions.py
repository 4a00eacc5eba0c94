"""Storing one decision: which it is, what record it carries, and what may stand in its way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from db.decisions import DECIDING, Arm, Decision, Purpose
from db.errors import LeaseLostError
from db.events import lock_chain
from db.fields.details import with_details_of
from db.fields.names import CARDS
from db.fields.sameness import is_as_drafted
from db.labels import Findings
from db.queue.leases import keep_work
from db.queue.practice import store_seed_answer
from db.reviews import ReadingContext, is_stored, record_decision
from review_ui import text
from review_ui.desk import queue
from review_ui.desk.answers import AnswerError, apply_answers
from review_ui.desk.context import Answer, Desk, conflict, refused, taken
from review_ui.desk.requests import DecisionRequest, HeartbeatRequest, ScreenRequest
from review_ui.desk.screens import Screen, Variant, screen_of
from review_ui.desk.showing import Shown, look_back, screens_of

if TYPE_CHECKING:
    from sqlmodel import Session

    from review_ui.door.sessions import Identity

NOTE_MAX_CHARACTERS: Final = 2000

# Which card an answer of the page belongs to.
_ANSWERS_ON: Final = {"ef": ("ef",), "rwma": ("rwma", "rwma_severity"), "pah": ("pah", "rvsp")}
_CARD_OF: Final = {answer: card for card, answers in _ANSWERS_ON.items() for answer in answers}


def store_decision(
    session: Session, desk: Desk, request: DecisionRequest, identity: Identity
) -> Answer | None:
    """Store a decision in the caller's transaction; what stands in its way, or None when it is stored.

    A decision about a practice draft is kept apart from the reviews and answered with `practice`.

    Raises:
        AnswerError: where an answer cannot be stored, or a field still needs one.
    """
    lock_chain(session)  # before reading the version, so that no decision slips in between
    if is_stored(
        session, request_id=request.request_id, case_id=request.case_id, annotator_id=identity.annotator_id
    ):
        return None
    screen = find_screen(session, desk, request, identity)
    if screen is None:
        return refused("", text.OLD_SCREEN)
    queue.check_role(identity, screen.purpose)
    shown = look_back(session, desk, identity, screen, base_review_id=request.base_review_id)
    obstacle = _obstacle(shown, request)
    if obstacle is not None:
        return obstacle
    if screen.variant is Variant.PRACTICE and request.decision != "skip":
        return _answer_practice(session, desk, request, shown)
    decision, findings = _decided(request, shown)
    context = _context(request, shown, decision, findings)

    def record() -> None:
        record_decision(
            session,
            case_id=request.case_id,
            draft_id=request.draft_id,
            annotator_id=identity.annotator_id,
            decision=decision,
            findings=findings,
            note=request.note.strip(),
            active_s=request.active_s,
            request_id=request.request_id,
            now=desk.now(),
            context=context,
            rules=desk.rules,
        )

    try:
        record()
    except LeaseLostError:
        # Nobody decided it since it was shown. If nobody else holds it either, it is still theirs to decide.
        who = identity.annotator_id
        if not queue.take(session, shown.task, annotator_id=who, now=desk.now(), lease_s=desk.lease_s):
            return taken()
        record()
    return None


def find_screen(
    session: Session, desk: Desk, request: ScreenRequest | HeartbeatRequest, identity: Identity
) -> Screen | None:
    """The screen a request speaks of, or None where the person never had it."""
    candidates = screens_of(
        session, case_id=request.case_id, draft_id=request.draft_id, annotator_id=identity.annotator_id
    )
    return screen_of(request.screen, candidates, desk.rules.key)


def require_answers(
    needs: tuple[str, ...],
    answers: Mapping[str, Any],
    confirmed: tuple[str, ...] = (),
    *,
    must_enter: bool = False,
) -> None:
    """Refuse where a card that needs an explicit answer has none: nothing is accepted by passing over it.

    Args:
        must_enter: nothing stood on the cards that could be confirmed, so each needs an answer of its own.
    """
    answered = {name for name in answers if name in CARDS}
    if not must_enter:
        answered |= {*confirmed, *(_CARD_OF[name] for name in answers if name in _CARD_OF)}
    missing = [card for card in needs if card not in answered]
    if missing:
        titles = ", ".join(text.FIELD_TITLES[card] for card in missing)
        raise AnswerError(missing[0], text.FIELDS_UNANSWERED.format(fields=titles))


def changed_since(shown: Shown, seen_review_id: int) -> Answer | None:
    """What was decided since a record was shown, where that matters for this reading; told without what
    others said to whoever has to read for themselves."""
    newest = shown.reviews[-1] if shown.reviews else None
    if shown.is_settled:
        return refused("", text.SETTLED)
    if newest is None or newest.id == seen_review_id:
        return None
    is_own = newest.annotator_id == shown.screen.annotator_id
    is_open = shown.screen.purpose is Purpose.FIRST and shown.screen.variant is not Variant.HIDDEN
    return conflict(newest) if is_own or is_open else taken()


def _obstacle(shown: Shown, request: DecisionRequest) -> Answer | None:
    """What stands in the way of storing: a newer decision, or a screen that cannot be decided on."""
    changed = changed_since(shown, request.seen_review_id)
    if changed is not None or request.decision == "skip":
        return changed
    variant, purpose = shown.screen.variant, shown.screen.purpose
    is_undecidable = (
        # Such a page asks to reveal the draft first.
        (variant is Variant.HIDDEN and purpose is Purpose.FIRST and request.decision == "store")
        # What was entered is gone, or what was to be chosen from.
        or (variant is Variant.REVEALED and shown.entered is None)
        or (variant is Variant.READINGS and not shown.readings)
        # Only their own decision may stand beside the page without the draft.
        or (variant is Variant.PLAIN and purpose is not Purpose.FIRST and shown.own is None)
        or (variant is Variant.PRACTICE and _is_decided_by(shown, shown.screen.annotator_id))
    )
    return refused("", text.OLD_SCREEN) if is_undecidable else None


def _is_decided_by(shown: Shown, annotator_id: int) -> bool:
    return any(
        one.annotator_id == annotator_id and one.decision != Decision.SKIP.value for one in shown.reviews
    )


def _answer_practice(session: Session, desk: Desk, request: DecisionRequest, shown: Shown) -> Answer:
    """Keep what was answered to a practice draft. It is never a review, whatever was answered."""
    if shown.seeded is None:
        return refused("", text.OLD_SCREEN)
    if request.decision == "store":
        require_answers(shown.needs, request.answers, tuple(request.confirmed))
    answered = apply_answers(shown.base, request.answers)
    if request.decision == "flag":
        answered = shown.draft.to_findings()  # whoever flags it has seen that something is wrong
    who, number = shown.screen.annotator_id, request.case_id
    if not queue.take_or_keep(session, shown.task, annotator_id=who, now=desk.now(), lease_s=desk.lease_s):
        return taken()
    keep_work(session, case_id=number, annotator_id=who, work=None)  # it was about the wrong draft
    store_seed_answer(
        session,
        seeded=shown.seeded,
        answered=answered,
        active_s=request.active_s,
        ef_tolerance_points=desk.rules.ef_tolerance_points,
        now=desk.now(),
    )
    return {"state": "practice"}


def _decided(request: DecisionRequest, shown: Shown) -> tuple[Decision, Findings]:
    is_practice = shown.screen.variant is Variant.PRACTICE
    base = shown.draft.to_findings() if is_practice else shown.base  # only a skip gets here
    findings = base if is_practice else apply_answers(base, request.answers)
    if len(request.note.strip()) > NOTE_MAX_CHARACTERS:
        raise AnswerError("note", text.NOTE_TOO_LONG.format(limit=NOTE_MAX_CHARACTERS))
    if request.decision == "skip":
        return Decision.SKIP, findings
    if request.decision == "flag":
        if not request.note.strip():
            raise AnswerError("note", text.NOTE_MISSING)
        return Decision.FLAG, findings
    must_enter = shown.screen.variant in (Variant.HIDDEN, Variant.READINGS)
    require_answers(shown.needs, request.answers, tuple(request.confirmed), must_enter=must_enter)
    drafted = shown.draft.to_findings()
    if shown.screen.variant is Variant.REVEALED:
        findings = with_details_of(drafted, findings)
    by_answers = shown.is_blind or shown.screen.purpose is Purpose.ADJUDICATION
    is_same = is_as_drafted(findings, drafted, by_answers=by_answers)
    return (Decision.ACCEPT if is_same else Decision.CORRECT), findings


def _context(
    request: DecisionRequest, shown: Shown, decision: Decision, findings: Findings
) -> ReadingContext:
    """How the reading came about; a decision over an earlier one of their own keeps how that one did."""
    purpose, own = shown.screen.purpose, shown.own
    reason = request.reason if decision is Decision.CORRECT else None
    if own is not None:
        arm = Arm(own.arm) if own.arm else None
        entered = Findings.model_validate(own.entered) if own.entered else None
        if shown.is_blind and purpose is Purpose.FIRST and decision.value in DECIDING:
            entered = findings  # they flagged it before the draft was shown, and decide without it now
        return ReadingContext(purpose, arm, reason, entered, own.sample_id)
    is_hidden = shown.screen.variant in (Variant.HIDDEN, Variant.REVEALED)
    arm = None if purpose is Purpose.ADJUDICATION else (Arm.HIDDEN if is_hidden else Arm.SHOWN)
    return ReadingContext(purpose, arm, reason, shown.entered, shown.screen.sample_id or None)
