"""Which variant of a record a person is given, what is drawn for it, and what it needs from the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from db.access.desk_key import drawn_share, opaque_mark
from db.decisions import Decision, Purpose
from db.drafts import latest_draft
from db.fields.names import CARD_OF_FIELD, CARDS
from db.fields.sameness import differing_cards
from db.labels import Findings
from db.queue.items import case_facts
from db.queue.next_reading import Task
from db.queue.plan import CaseFacts, is_sent_back, readings_in_question
from db.queue.practice import find_seed, is_seed_drawn, seed_answer, store_seed
from db.reviews import reviews_of
from db.tables.drafts import Draft
from db.tables.practice import SeededDraft
from db.tables.reviews import Review
from review_ui.desk.cards import cards_needing_an_answer, unread_cards
from review_ui.desk.context import Desk
from review_ui.desk.marks import Screen, Variant
from review_ui.desk.open_record import OpenRecord, unanswered_cards

if TYPE_CHECKING:
    from sqlmodel import Session

    from review_ui.door.sessions import Identity


def seed_if_drawn(session: Session, desk: Desk, identity: Identity, task: Task) -> None:
    """Make the practice draft of a record about to be shown, where it is drawn for one; in a write
    transaction.
    """
    number, annotator_id = int(task.case.id or 0), identity.annotator_id
    if task.purpose is not Purpose.FIRST or is_hidden_drawn(desk, number):
        return
    if not is_seed_drawn(
        desk.rules.key, case_id=number, annotator_id=annotator_id, share=desk.vigilance_share
    ):
        return
    if find_seed(session, case_id=number, annotator_id=annotator_id) is not None:
        return
    draft = latest_draft(session, case_id=number)
    is_known = any(one.annotator_id == annotator_id for one in reviews_of(session, case_id=number))
    if draft is not None and not is_known:
        store_seed(session, draft=draft, annotator_id=annotator_id, key=desk.rules.key, now=desk.now())


def is_hidden_drawn(desk: Desk, case_id: int) -> bool:
    """Whether a record belongs to the arm whose draft is hidden until values are entered."""
    return drawn_share(desk.rules.key, "hidden", case_id) < desk.blind_share


def plain_screen(task: Task, draft: Draft, identity: Identity) -> Screen:
    """The draft as it is, before anything is drawn."""
    sample = task.sample_id or 0
    number, draft_id = int(task.case.id or 0), int(draft.id or 0)
    return Screen(number, draft_id, identity.annotator_id, task.purpose, Variant.PLAIN, sample_id=sample)


def in_its_variant(session: Session, desk: Desk, opened: OpenRecord) -> OpenRecord:
    """The variant this person is given, with what that needs.

    What they decided before is always shown as it was decided.
    """
    variant, seeded_id = _variant(session, desk, opened)
    screen = replace(opened.screen, variant=variant, seeded_id=seeded_id)
    return with_what_it_needs(session, desk, replace(opened, screen=screen))


def with_what_it_needs(session: Session, desk: Desk, opened: OpenRecord) -> OpenRecord:
    """Add what the variant needs: the practice draft, what was entered, the readings, and what must be
    answered.
    """
    variant = opened.screen.variant
    if opened.own is not None:
        unanswered = unanswered_cards(opened.own, opened.draft) or _unsettled(
            session, desk, opened, opened.own
        )
        asked = {*_asked_again(opened, opened.own), *unanswered}
        again = tuple(card for card in CARDS if card in asked)
        return replace(opened, needs=again, must_enter=unanswered)
    if variant is Variant.HIDDEN:
        return replace(opened, needs=CARDS, must_enter=CARDS)
    if variant is Variant.REVEALED:
        entered = _entered(opened)
        return replace(opened, entered=Findings.model_validate(entered) if entered else None)
    if variant is Variant.READINGS:
        facts = case_facts(session, case_id=opened.screen.case_id)
        readings = _readings(facts, desk)
        sent_back = facts is not None and is_sent_back(facts)
        needs = _disputed(readings, desk)
        return replace(opened, readings=readings, needs=needs, must_enter=needs, is_sent_back=sent_back)
    return _with_unread(_with_practice(session, opened))


def _unsettled(session: Session, desk: Desk, opened: OpenRecord, own: Review) -> tuple[str, ...]:
    """The cards in which an adjudicator's flag left the readings' difference as it stood.

    What stood there was one of the readings; nobody may be told that the adjudicator chose it.
    """
    if own.decision != Decision.FLAG.value or own.purpose != Purpose.ADJUDICATION.value:
        return ()
    readings = _readings(case_facts(session, case_id=opened.screen.case_id), desk)
    if not readings:
        return ()
    stood = replace(opened, readings=readings).read[0]
    answered = differing_cards(own.to_findings(), stood, ef_tolerance_points=0)
    return tuple(card for card in _disputed(readings, desk) if card not in answered)


def _with_unread(opened: OpenRecord) -> OpenRecord:
    """With the cards the machine could not read: a person answers those from the page."""
    unread = unread_cards(opened.draft)
    if opened.seeded is not None and opened.screen.variant is Variant.PRACTICE:
        unread = tuple(card for card in unread if card != CARD_OF_FIELD[opened.seeded.field])
    needs = tuple(card for card in CARDS if card in opened.needs or card in unread)
    return replace(opened, needs=needs, must_enter=unread)


def _variant(session: Session, desk: Desk, opened: OpenRecord) -> tuple[Variant, int]:
    """The variant and, for practice, the number of its draft."""
    purpose = opened.screen.purpose
    if opened.own is not None:
        return Variant.PLAIN, 0
    if purpose is not Purpose.FIRST:
        return (Variant.READINGS if purpose is Purpose.ADJUDICATION else Variant.HIDDEN), 0
    if is_hidden_drawn(desk, opened.screen.case_id):
        return (Variant.REVEALED if _entered(opened) else Variant.HIDDEN), 0
    seeded = _seed_of(session, opened)
    if seeded is not None and seed_answer(session, seeded=seeded) is None:
        return Variant.PRACTICE, int(seeded.id or 0)
    return Variant.PLAIN, 0


def _asked_again(opened: OpenRecord, own: Review) -> tuple[str, ...]:
    """What has to be answered beside the person's own decision: a flag answered nothing."""
    if own.decision != Decision.FLAG.value:
        return ()
    must_answer_all = opened.is_blind or opened.screen.purpose is Purpose.ADJUDICATION
    return CARDS if must_answer_all else cards_needing_an_answer(opened.draft)


def _with_practice(session: Session, opened: OpenRecord) -> OpenRecord:
    """The draft or the practice draft in its place, with the red cards to be answered."""
    red = cards_needing_an_answer(opened.draft)
    seeded = _seed_of(session, opened)
    if seeded is None or opened.screen.variant is Variant.PRACTICE:
        return replace(opened, seeded=seeded, needs=red)
    if seed_answer(session, seeded=seeded) is None:
        return replace(opened, needs=red)
    # The practice draft was answered and the record itself not yet: that field is asked for again.
    asked = (*red, CARD_OF_FIELD[seeded.field])
    return replace(opened, seeded=seeded, needs=tuple(card for card in CARDS if card in asked))


def _seed_of(session: Session, opened: OpenRecord) -> SeededDraft | None:
    """The person's practice draft of just this draft: beside a newer one more than one field could be
    wrong.
    """
    screen = opened.screen
    if screen.purpose is not Purpose.FIRST:
        return None
    seeded = find_seed(session, case_id=screen.case_id, annotator_id=screen.annotator_id)
    return seeded if seeded is not None and seeded.draft_id == opened.draft.id else None


def _entered(opened: OpenRecord) -> Mapping[str, Any] | None:
    """What this person entered before the draft was shown to them, also where they skipped the record
    since.
    """
    if opened.lease is not None and opened.lease.entered:
        return opened.lease.entered
    who = opened.screen.annotator_id
    own = [one for one in opened.reviews if one.annotator_id == who and one.entered]
    return own[-1].entered if own else None


def _readings(facts: CaseFacts | None, desk: Desk) -> tuple[Review, ...]:
    asked = readings_in_question(facts, desk.rules) if facts is not None else []
    return tuple(sorted(asked, key=lambda one: opaque_mark(desk.rules.key, "order", one.id)))


def _disputed(readings: Sequence[Review], desk: Desk) -> tuple[str, ...]:
    """The cards in which readings differ; all of them where there is nothing to compare or nothing
    differs.
    """
    differing: set[str] = set()
    for one in readings[1:]:
        tolerance = desk.rules.ef_tolerance_points
        differing |= set(
            differing_cards(readings[0].to_findings(), one.to_findings(), ef_tolerance_points=tolerance)
        )
    return tuple(card for card in CARDS if card in differing) or CARDS
