"""What a record on screen is made of: which variant of the draft, which earlier readings, what answers build
on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from db.access.desk_key import drawn_share, opaque_mark
from db.cases import get_case
from db.decisions import DECIDING, Arm, Decision, Purpose
from db.drafts import latest_draft
from db.errors import EchoDeskError
from db.fields.details import with_details_of_others
from db.fields.names import CARD_OF_FIELD, CARDS
from db.fields.sameness import differing_cards
from db.labels import Findings
from db.quality.audit_samples import samples_of_case
from db.queue.items import case_facts, reviews_in_force
from db.queue.leases import find_lease
from db.queue.next_reading import Task
from db.queue.plan import CaseFacts, is_sent_back, newest_of, purpose_of, readings_in_question
from db.queue.practice import find_seed, is_seed_drawn, seed_answer, store_seed
from db.reviews import get_review, reviews_of
from db.tables.drafts import Draft
from db.tables.practice import SeededDraft
from db.tables.queue import Lease
from db.tables.reviews import Review
from review_ui.desk.screens import Screen, Variant

if TYPE_CHECKING:
    from sqlmodel import Session

    from review_ui.desk.context import Desk
    from review_ui.door.sessions import Identity

# Readings whose values a reader of this purpose may know of: those that made the label, or none but their own
# kind.
_SEEN_BY = {
    Purpose.FIRST: (Purpose.FIRST, Purpose.ADJUDICATION),
    Purpose.SECOND: (Purpose.SECOND,),
    Purpose.AUDIT: (Purpose.AUDIT,),
    Purpose.ADJUDICATION: tuple(Purpose),
}
_BLIND = (Purpose.SECOND, Purpose.AUDIT)
_FIRST = (None, Purpose.FIRST.value)


@dataclass(frozen=True)
class Shown:
    """One record as a person sees it.

    Attributes:
        reviews: those in force that this reading may know of, oldest first.
        own: the person's own decision that is shown again, where there is one.
        is_undone: `own` was taken back and waits to be stored anew.
        seeded: the practice draft on screen, or the one just answered.
        entered: what was entered before the draft was shown.
        readings: what an adjudicator chooses between, in an order that tells nothing.
        needs: the cards that have to be answered explicitly.
        lease: this person's hold on the case.
        is_settled: an adjudicator decided the record, so that this reading of it is closed.
        is_sent_back: the readings are asked about although nothing in them calls for it: somebody sent the
            label back.
    """

    task: Task
    draft: Draft
    screen: Screen
    reviews: Sequence[Review]
    own: Review | None = None
    is_undone: bool = False
    seeded: SeededDraft | None = None
    entered: Findings | None = None
    readings: tuple[Review, ...] = ()
    needs: tuple[str, ...] = ()
    lease: Lease | None = None
    is_settled: bool = False
    is_sent_back: bool = False

    @property
    def is_blind(self) -> bool:
        """Whether nothing of the draft may stand on screen, also where the person's own answers do."""
        if self.screen.purpose in _BLIND:
            return True
        if self.own is None:
            return self.screen.variant is Variant.HIDDEN
        # Flagged before anything was entered: the draft was never shown to them.
        return self.own.arm == Arm.HIDDEN.value and self.own.entered is None and self.own.purpose in _FIRST

    @property
    def read(self) -> tuple[Findings, ...]:
        """What the readings say; where they agree, a detail (walls, range, pressure) that only some give is
        in all.
        """
        found = [one.to_findings() for one in self.readings]
        return tuple(with_details_of_others(one, found) for one in found)

    @property
    def base(self) -> Findings:
        """The record that answers build on."""
        if self.own is not None:
            return self.own.to_findings()
        variant = self.screen.variant
        if variant is Variant.HIDDEN:
            return Findings()
        if variant is Variant.REVEALED:
            return self.entered or Findings()
        if variant is Variant.PRACTICE and self.seeded is not None:
            return Findings.model_validate(self.seeded.shown)
        if variant is Variant.READINGS and self.readings:
            return self.read[0]
        return self.draft.to_findings()


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


def look_at(session: Session, desk: Desk, identity: Identity, task: Task) -> Shown:
    """What a person sees of a record now. Only reads.

    Raises:
        EchoDeskError: when there is no draft.
    """
    number = int(task.case.id or 0)
    draft = latest_draft(session, case_id=number)
    if draft is None:
        raise EchoDeskError(f"record {number} has no draft", "Run echodesk extract")
    every = reviews_of(session, case_id=number)
    # Most records that are shown have no decision yet: there is nothing more to ask about those.
    known = (
        known_reviews(session, case_id=number, purpose=task.purpose, sample_id=task.sample_id)
        if every
        else []
    )
    own = _own_decision(known, identity.annotator_id, task.purpose)
    undone = None if own else _undone_decision(session, every, identity.annotator_id, task)
    lease = find_lease(session, case_id=number, annotator_id=identity.annotator_id, now=desk.now())
    shown = _varied(
        session,
        desk,
        identity,
        Shown(task, draft, _plain(task, draft, identity), known, own=own or undone, lease=lease),
    )
    return replace(shown, is_undone=undone is not None)


def look_back(
    session: Session, desk: Desk, identity: Identity, screen: Screen, *, base_review_id: int | None
) -> Shown:
    """The record as it was on a screen that sends a decision: what was shown then, with what is known now.

    Raises:
        EchoDeskError: when the case or the draft is gone.
    """
    task = _task_of(session, screen)
    draft = session.get(Draft, screen.draft_id)
    if draft is None:
        raise EchoDeskError("the draft of this record cannot be found any more", "Reload the page.")
    in_force = reviews_in_force(session, case_id=screen.case_id)
    lease = session.get(Lease, screen.case_id)
    shown = Shown(
        task,
        draft,
        screen,
        _known(in_force, screen.purpose, task.sample_id),
        own=_base_review(session, screen, base_review_id),
        lease=lease if lease is not None and lease.annotator_id == identity.annotator_id else None,
        is_settled=_is_settled(in_force, screen),
    )
    return _filled(session, desk, shown)


def _base_review(session: Session, screen: Screen, review_id: int | None) -> Review | None:
    """The person's own decision that a screen showed again; one of another reading or a skip is none."""
    own = get_review(session, review_id=review_id) if review_id and screen.variant is Variant.PLAIN else None
    if own is None or own.decision == Decision.SKIP.value:
        return None
    is_this_reading = (own.case_id, own.annotator_id, purpose_of(own), own.sample_id or 0) == (
        screen.case_id,
        screen.annotator_id,
        screen.purpose,
        screen.sample_id,
    )
    return own if is_this_reading else None


def _is_settled(in_force: Sequence[Review], screen: Screen) -> bool:
    """Whether an adjudicator had the last word; only a new audit may still read such a record."""
    adjudication = newest_of(in_force, Purpose.ADJUDICATION, DECIDING)
    if adjudication is None or screen.purpose is Purpose.ADJUDICATION:
        return False
    if screen.purpose is not Purpose.AUDIT:
        return True
    reading = newest_of([one for one in in_force if one.sample_id == screen.sample_id], Purpose.AUDIT)
    return reading is not None and int(reading.id or 0) < int(adjudication.id or 0)


def screens_of(session: Session, *, case_id: int, draft_id: int, annotator_id: int) -> Iterator[Screen]:
    """Every screen this person may have had of a case, the usual ones first: they need nothing from the
    database.
    """

    def screen(purpose: Purpose, variant: Variant, seeded_id: int = 0, sample_id: int = 0) -> Screen:
        return Screen(case_id, draft_id, annotator_id, purpose, variant, seeded_id, sample_id)

    for purpose in Purpose:
        for variant in Variant:
            if variant is not Variant.PRACTICE:
                yield screen(purpose, variant)
    seeded = find_seed(session, case_id=case_id, annotator_id=annotator_id)
    if seeded is not None:
        yield screen(Purpose.FIRST, Variant.PRACTICE, seeded_id=int(seeded.id or 0))
    for number in samples_of_case(session, case_id=case_id):
        for variant in (Variant.HIDDEN, Variant.PLAIN):
            yield screen(Purpose.AUDIT, variant, sample_id=number)


def known_reviews(session: Session, *, case_id: int, purpose: Purpose, sample_id: int | None) -> list[Review]:
    """The decisions in force that a reader for this purpose may know of, oldest first."""
    return _known(reviews_in_force(session, case_id=case_id), purpose, sample_id)


def _known(in_force: Sequence[Review], purpose: Purpose, sample_id: int | None) -> list[Review]:
    found = [one for one in in_force if purpose_of(one) in _SEEN_BY[purpose]]
    return [one for one in found if purpose is not Purpose.AUDIT or one.sample_id == sample_id]


def _plain(task: Task, draft: Draft, identity: Identity) -> Screen:
    sample = task.sample_id or 0
    number, draft_id = int(task.case.id or 0), int(draft.id or 0)
    return Screen(number, draft_id, identity.annotator_id, task.purpose, Variant.PLAIN, sample_id=sample)


def _varied(session: Session, desk: Desk, identity: Identity, shown: Shown) -> Shown:
    """Which variant it is; what the person decided before is always shown as it was decided."""
    number, purpose = shown.screen.case_id, shown.task.purpose
    variant, seeded_id = Variant.PLAIN, 0
    if shown.own is None and purpose is Purpose.ADJUDICATION:
        variant = Variant.READINGS
    elif shown.own is None and purpose is not Purpose.FIRST:
        variant = Variant.HIDDEN
    elif shown.own is None and is_hidden_drawn(desk, number):
        variant = Variant.REVEALED if _entered(shown) else Variant.HIDDEN
    elif shown.own is None:
        seeded = _seed_of(session, shown)
        if seeded is not None and seed_answer(session, seeded=seeded) is None:
            variant, seeded_id = Variant.PRACTICE, int(seeded.id or 0)
    screen = Screen(
        number,
        shown.screen.draft_id,
        identity.annotator_id,
        purpose,
        variant,
        seeded_id=seeded_id,
        sample_id=shown.screen.sample_id,
    )
    return _filled(session, desk, replace(shown, screen=screen))


def _filled(session: Session, desk: Desk, shown: Shown) -> Shown:
    """Add what the variant needs: the practice draft, what was entered, the readings, and what must be
    answered.
    """
    from review_ui.desk.cards import cards_needing_an_answer

    variant = shown.screen.variant
    red = cards_needing_an_answer(shown.draft)
    if shown.own is not None:
        is_flagged = shown.own.decision == Decision.FLAG.value  # which answered nothing
        is_adjudication = shown.screen.purpose is Purpose.ADJUDICATION
        asked_of_flag = CARDS if shown.is_blind or is_adjudication else red
        return replace(shown, needs=asked_of_flag if is_flagged else ())
    if variant is Variant.HIDDEN:
        return replace(shown, needs=CARDS)
    if variant is Variant.REVEALED:
        entered = _entered(shown)
        return replace(shown, entered=Findings.model_validate(entered) if entered else None)
    if variant is Variant.READINGS:
        facts = case_facts(session, case_id=shown.screen.case_id)
        readings = _readings(facts, desk)
        sent_back = facts is not None and is_sent_back(facts)
        return replace(shown, readings=readings, needs=_disputed(readings, desk), is_sent_back=sent_back)
    seeded = _seed_of(session, shown)
    if seeded is None or variant is Variant.PRACTICE:
        return replace(shown, seeded=seeded, needs=red)
    if seed_answer(session, seeded=seeded) is None:
        return replace(shown, needs=red)
    # The practice draft was answered and the record itself not yet: that field is asked for again.
    asked = (*red, CARD_OF_FIELD[seeded.field])
    return replace(shown, seeded=seeded, needs=tuple(card for card in CARDS if card in asked))


def _seed_of(session: Session, shown: Shown) -> SeededDraft | None:
    """The person's practice draft of just this draft: beside a newer one more than one field could be
    wrong.
    """
    screen = shown.screen
    if screen.purpose is not Purpose.FIRST:
        return None
    seeded = find_seed(session, case_id=screen.case_id, annotator_id=screen.annotator_id)
    return seeded if seeded is not None and seeded.draft_id == shown.draft.id else None


def _entered(shown: Shown) -> Mapping[str, Any] | None:
    """What this person entered before the draft was shown to them, also where they skipped the record
    since.
    """
    if shown.lease is not None and shown.lease.entered:
        return shown.lease.entered
    own = [one for one in shown.reviews if one.annotator_id == shown.screen.annotator_id and one.entered]
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


def _own_decision(reviews: Sequence[Review], annotator_id: int, purpose: Purpose) -> Review | None:
    """The person's own latest review for this purpose, unless that was a skip."""
    own = [one for one in reviews if one.annotator_id == annotator_id and purpose_of(one) is purpose]
    return own[-1] if own and own[-1].decision != Decision.SKIP.value else None


def _undone_decision(
    session: Session, every: Sequence[Review], annotator_id: int, task: Task
) -> Review | None:
    """The person's newest decision for this reading where they took it back, to be stored anew or changed."""
    own = [
        one
        for one in every
        if (one.annotator_id, purpose_of(one), one.sample_id) == (annotator_id, task.purpose, task.sample_id)
    ]
    if not own or own[-1].decision == Decision.SKIP.value:
        return None
    in_force = {one.id for one in reviews_in_force(session, case_id=int(task.case.id or 0))}
    return own[-1] if own[-1].id not in in_force else None


def _task_of(session: Session, screen: Screen) -> Task:
    case = get_case(session, case_id=screen.case_id)
    if case is None:
        raise EchoDeskError("this record cannot be found any more", "Reload the page.")
    return Task(case, screen.purpose, screen.sample_id or None)
