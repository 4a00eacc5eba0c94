"""Storing one decision: which it is, what record it carries, and what may stand in its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from db.cases import is_taken_out
from db.decisions import DECIDING, SETTLING, Arm, Decision, Purpose, Role
from db.errors import LeaseLostError
from db.events import lock_chain
from db.fields.details import with_details_of
from db.fields.names import CARD_OF_ANSWER, CARDS
from db.fields.sameness import is_as_drafted
from db.labels import Findings
from db.queue.known import look_at_decided
from db.queue.leases import keep_work
from db.queue.next_reading import take_task
from db.queue.plan import purpose_of
from db.queue.practice import store_seed_answer
from db.queue.second_people import choose_second
from db.reviews import ReadingContext, is_stored, record_decision
from db.tables.people import User
from db.tables.reviews import Review
from review_ui import text
from review_ui.desk import queue
from review_ui.desk.answers import NotStorable, apply_answers
from review_ui.desk.context import Desk
from review_ui.desk.marks import Screen, Variant, marked_screen, possible_screens
from review_ui.desk.open_record import OpenRecord
from review_ui.desk.opening import RecordGone, record_then
from review_ui.desk.page_answers import PageAnswer, conflict, refused, taken
from review_ui.desk.requests import DecisionRequest, HeartbeatRequest, ScreenRequest
from review_ui.door.policy import admit

if TYPE_CHECKING:
    from sqlmodel import Session

    from review_ui.door.sessions import Identity

NOTE_MAX_CHARACTERS: Final = 2000


def store_decision(
    session: Session, desk: Desk, request: DecisionRequest, identity: Identity
) -> PageAnswer | None:
    """Store a decision in the caller's transaction; what stands in its way, or None when it is stored.

    A decision about a practice draft is kept apart from the reviews and answered with `practice`.

    Raises:
        NotStorable: where an answer cannot be stored, or a field still needs one.
    """
    lock_chain(session)  # before reading the version, so that no decision slips in between
    look_at_decided(
        session,
        case_id=request.case_id,
        draft_id=request.draft_id,
        annotator_id=identity.annotator_id,
        request_id=request.request_id,
    )
    if is_stored(
        session, request_id=request.request_id, case_id=request.case_id, annotator_id=identity.annotator_id
    ):
        return None
    identity = _as_now(session, identity)
    screen = find_screen(session, desk, request, identity)
    if screen is None:
        return refused("", text.OLD_SCREEN)
    queue.check_role(identity, screen.purpose)
    opened = record_then(session, desk, identity, screen, base_review_id=request.base_review_id)
    obstacle = _obstacle(opened, request)
    is_newer = obstacle is not None or bool(_since(opened, request.seen_review_id))
    if is_newer and _is_said_already(request, opened):
        return None
    if obstacle is not None:
        return obstacle
    if screen.variant is Variant.PRACTICE and request.decision != "skip":
        return _answer_practice(session, desk, request, opened)
    decision, findings = _decided(request, opened)
    context = _context(request, opened, decision, findings)
    if _is_beside_another(opened, decision):
        choose_second(session, case_id=request.case_id, chosen_by="conflict", actor="desk", now=desk.now())
        context = replace(context, purpose=Purpose.SECOND)

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
        if not take_task(session, opened.task, annotator_id=who, now=desk.now(), lease_s=desk.lease_s):
            return taken()
        record()
    return None


def find_screen(
    session: Session, desk: Desk, request: ScreenRequest | HeartbeatRequest, identity: Identity
) -> Screen | None:
    """The screen a request speaks of, or None where the person never had it.

    Raises:
        RecordGone: the record was taken out.
    """
    if is_taken_out(session, case_id=request.case_id):
        raise RecordGone
    candidates = possible_screens(
        session, case_id=request.case_id, draft_id=request.draft_id, annotator_id=identity.annotator_id
    )
    return marked_screen(request.screen, candidates, desk.rules.key)


def require_answers(
    needs: tuple[str, ...],
    answers: Mapping[str, Any],
    confirmed: tuple[str, ...] = (),
    *,
    must_enter: tuple[str, ...] = (),
) -> None:
    """Refuse where a card that needs an explicit answer has none: nothing is accepted by passing over it.

    Args:
        must_enter: cards on which nothing stood that could be confirmed; each needs an answer of its own.
    """
    answered = {name for name in answers if name in CARDS}
    kept = {*confirmed, *(CARD_OF_ANSWER[name] for name in answers if name in CARD_OF_ANSWER)}
    answered |= kept - {*must_enter}
    missing = [card for card in needs if card not in answered]
    if missing:
        titles = ", ".join(text.FIELD_TITLES[card] for card in missing)
        raise NotStorable(missing[0], text.FIELDS_UNANSWERED.format(fields=titles))


def changed_since(opened: OpenRecord, seen_review_id: int) -> PageAnswer | None:
    """What was decided since a record was shown, where that matters for this reading.

    Whoever has to read for themselves is not told what others said.
    """
    newest = opened.reviews[-1] if opened.reviews else None
    if opened.is_settled:
        return refused("", text.SETTLED)
    if newest is None or newest.id == seen_review_id:
        return None
    since = _since(opened, seen_review_id)
    if since and all(one.decision == Decision.SKIP.value for one in since):
        return None  # a skip answers nothing, so there is nothing to hold beside it
    is_own = newest.annotator_id == opened.screen.annotator_id
    is_open = opened.screen.purpose is Purpose.FIRST and opened.screen.variant is not Variant.HIDDEN
    return conflict(newest, is_own=is_own) if is_own or is_open else taken()


def _since(opened: OpenRecord, seen_review_id: int) -> list[Review]:
    return [one for one in opened.reviews if (one.id or 0) > seen_review_id]


def _obstacle(opened: OpenRecord, request: DecisionRequest) -> PageAnswer | None:
    """What stands in the way of storing: a newer decision, or a screen that cannot be decided on."""
    changed = changed_since(opened, request.seen_review_id)
    if changed is not None or request.decision == "skip":
        return changed
    is_undecidable = _is_undecidable(opened, is_storing=request.decision == "store")
    return refused("", text.OLD_SCREEN) if is_undecidable else None


def _as_now(session: Session, identity: Identity) -> Identity:
    """The person with the role they have now: it may have been changed a moment ago.

    Raises:
        NotAllowed: nobody with that role decides.
    """
    user = session.get(User, identity.annotator_id)
    now = identity if user is None else replace(identity, role=Role(user.role))
    admit(now, "decide")
    return now


def _is_said_already(request: DecisionRequest, opened: OpenRecord) -> bool:
    """Whether the newest decision is this very one, stored by the same person from another tab."""
    newest = opened.reviews[-1] if opened.reviews else None
    if opened.screen.variant is Variant.PRACTICE:  # what is answered there is compared, and never a review
        return False
    if newest is None or opened.is_settled or newest.annotator_id != opened.screen.annotator_id:
        return False
    try:
        decision, findings = _decided(request, opened)
    except NotStorable:
        return False
    asked = (decision.value, findings, request.note.strip(), opened.screen.purpose)
    return asked == (newest.decision, newest.to_findings(), newest.note, purpose_of(newest))


def _is_undecidable(opened: OpenRecord, *, is_storing: bool) -> bool:
    """Whether a screen holds nothing, or nothing any more, that this decision could be about."""
    variant, is_first = opened.screen.variant, opened.screen.purpose is Purpose.FIRST
    if variant is Variant.HIDDEN:
        return is_first and is_storing  # such a page asks to reveal the draft first
    if variant is Variant.REVEALED:
        return opened.entered is None  # what was entered is gone
    if variant is Variant.READINGS:
        return not opened.readings  # what was to be chosen from is gone
    if variant is Variant.PRACTICE:
        return _is_decided_by(opened, opened.screen.annotator_id)
    # Where the draft must not be seen, only their own decision may stand beside the page.
    return not is_first and opened.own is None


def _is_beside_another(opened: OpenRecord, decision: Decision) -> bool:
    """Whether two people have now read a record as its first reader, because the hold of one ended.

    The one who stores later is the second reader: where they differ, an adjudicator decides, and neither
    silently replaces the other.
    """
    if opened.screen.purpose is not Purpose.FIRST or opened.own is not None or decision is Decision.SKIP:
        return False
    before = [one for one in opened.reviews if one.decision in SETTLING]
    return bool(before) and before[-1].annotator_id != opened.screen.annotator_id


def _is_decided_by(opened: OpenRecord, annotator_id: int) -> bool:
    return any(
        one.annotator_id == annotator_id and one.decision != Decision.SKIP.value for one in opened.reviews
    )


def _answer_practice(
    session: Session, desk: Desk, request: DecisionRequest, opened: OpenRecord
) -> PageAnswer:
    """Keep what was answered to a practice draft. It is never a review, whatever was answered."""
    if opened.seeded is None:
        return refused("", text.OLD_SCREEN)
    if request.decision == "store":
        require_answers(opened.needs, request.answers, tuple(request.confirmed), must_enter=opened.must_enter)
    answered = apply_answers(opened.base, request.answers)
    if request.decision == "flag":
        answered = opened.draft.to_findings()  # whoever flags it has seen that something is wrong
    who, number = opened.screen.annotator_id, request.case_id
    if not queue.take_or_keep(session, opened.task, annotator_id=who, now=desk.now(), lease_s=desk.lease_s):
        return taken()
    keep_work(session, case_id=number, annotator_id=who, work=None)  # it was about the wrong draft
    store_seed_answer(
        session,
        seeded=opened.seeded,
        answered=answered,
        active_s=request.active_s,
        ef_tolerance_points=desk.rules.ef_tolerance_points,
        now=desk.now(),
    )
    return {"state": "practice"}


def _decided(request: DecisionRequest, opened: OpenRecord) -> tuple[Decision, Findings]:
    is_practice = opened.screen.variant is Variant.PRACTICE
    base = opened.draft.to_findings() if is_practice else opened.base  # only a skip gets here
    findings = base if is_practice else apply_answers(base, request.answers)
    if len(request.note.strip()) > NOTE_MAX_CHARACTERS:
        raise NotStorable("note", text.NOTE_TOO_LONG.format(limit=NOTE_MAX_CHARACTERS))
    if request.decision == "skip":
        return Decision.SKIP, findings
    if request.decision == "flag":
        if not request.note.strip():
            raise NotStorable("note", text.NOTE_MISSING)
        return Decision.FLAG, findings
    require_answers(opened.needs, request.answers, tuple(request.confirmed), must_enter=opened.must_enter)
    drafted = opened.draft.to_findings()
    if opened.screen.variant is Variant.REVEALED:
        findings = with_details_of(drafted, findings)
    by_answers = opened.is_blind or opened.screen.purpose is Purpose.ADJUDICATION
    is_same = is_as_drafted(findings, drafted, by_answers=by_answers)
    return (Decision.ACCEPT if is_same else Decision.CORRECT), findings


def _context(
    request: DecisionRequest, opened: OpenRecord, decision: Decision, findings: Findings
) -> ReadingContext:
    """How the reading came about; a decision over an earlier one of their own keeps how that one did."""
    purpose, own = opened.screen.purpose, opened.own
    reason = request.reason if decision is Decision.CORRECT else None
    if own is not None:
        arm = Arm(own.arm) if own.arm else None
        entered = Findings.model_validate(own.entered) if own.entered else None
        if opened.is_blind and purpose is Purpose.FIRST and decision.value in DECIDING:
            entered = findings  # they flagged it before the draft was opened, and decide without it now
        return ReadingContext(purpose, arm, reason, entered, own.sample_id)
    is_hidden = opened.screen.variant in (Variant.HIDDEN, Variant.REVEALED)
    arm = None if purpose is Purpose.ADJUDICATION else (Arm.HIDDEN if is_hidden else Arm.SHOWN)
    return ReadingContext(purpose, arm, reason, opened.entered, opened.screen.sample_id or None)
