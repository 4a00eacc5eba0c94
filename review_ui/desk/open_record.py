"""A record that a person has open: which variant of the draft it is, which earlier readings it may know of,
what answers build on.

Pure: `review_ui/desk/opening.py` gathers it from the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from db.decisions import Arm, Decision, Purpose
from db.fields.details import with_details_of_others
from db.fields.names import CARDS
from db.fields.sameness import differing_cards
from db.labels import Findings
from db.queue.next_reading import Task
from db.tables.drafts import Draft
from db.tables.practice import SeededDraft
from db.tables.queue import Lease
from db.tables.reviews import Review
from review_ui.desk.cards import unread_cards
from review_ui.desk.marks import Screen, Variant

_BLIND: Final = (Purpose.SECOND, Purpose.AUDIT)
# Reviews from before readings had purposes carry none: they were first readings.
_FIRST: Final = (None, Purpose.FIRST.value)


@dataclass(frozen=True)
class OpenRecord:
    """One record as a person sees it.

    Attributes:
        reviews: those in force that this reading may know of, oldest first.
        own: the person's own decision that is shown again, where there is one.
        is_undone: `own` was taken back and waits to be stored anew.
        seeded: the practice draft on screen, or the one just answered.
        entered: what was entered before the draft was shown.
        readings: what an adjudicator chooses between, in an order that tells nothing.
        needs: the cards that have to be answered explicitly.
        must_enter: those of them on which nothing stands that could be confirmed.
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
    must_enter: tuple[str, ...] = ()
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
        return _is_undrafted(self.own)

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


def unanswered_cards(review: Review, draft: Draft) -> tuple[str, ...]:
    """The cards of a flagged record that hold what stood there before anybody answered.

    A flag may leave cards open. They are stored as the machine left them, and nobody may be told that a
    person read them so: cards that it could not read, and all cards where no draft was shown. Of decisions,
    none; an adjudicator's flag lies beside readings and no draft (`variants.py`).
    """
    if review.decision != Decision.FLAG.value or review.purpose == Purpose.ADJUDICATION.value:
        return ()
    is_blind = review.purpose in {one.value for one in _BLIND} or _is_undrafted(review)
    stood, open_cards = (Findings(), CARDS) if is_blind else (draft.to_findings(), unread_cards(draft))
    answered = differing_cards(review.to_findings(), stood, ef_tolerance_points=0)
    return tuple(card for card in open_cards if card not in answered)


def _is_undrafted(review: Review) -> bool:
    """Whether it was flagged before anything was entered, so that the draft was never shown."""
    return review.arm == Arm.HIDDEN.value and review.entered is None and review.purpose in _FIRST
