"""Which variant of a record stood on a screen: an opaque mark that only the server can read.

The page sends the mark back with a decision, so a practice draft or a hidden one can never be taken for the
draft itself, whatever happened on the page in between.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from db.access.desk_key import opaque_mark
from db.decisions import Purpose
from db.quality.audit_samples import samples_of_case
from db.queue.practice import find_seed

if TYPE_CHECKING:
    from sqlmodel import Session


class Variant(StrEnum):
    """What stood beside the page.

    `plain` the draft, `hidden` nothing, `revealed` the draft after values were entered, `practice` a wrong
    draft, `readings` what others read, for adjudication.
    """

    PLAIN = "plain"
    HIDDEN = "hidden"
    REVEALED = "revealed"
    PRACTICE = "practice"
    READINGS = "readings"


@dataclass(frozen=True)
class Screen:
    """One record as it is put on a screen.

    Attributes:
        seeded_id: of the practice draft, 0 for none.
        sample_id: of the audit, 0 for none.
    """

    case_id: int
    draft_id: int
    annotator_id: int
    purpose: Purpose
    variant: Variant
    seeded_id: int = 0
    sample_id: int = 0

    def mark(self, key: bytes) -> str:
        """What the page is given to send back: 32 hex digits."""
        return opaque_mark(
            key,
            self.case_id,
            self.draft_id,
            self.annotator_id,
            self.purpose.value,
            self.variant.value,
            self.seeded_id,
            self.sample_id,
        )


def marked_screen(mark: str, candidates: Iterable[Screen], key: bytes) -> Screen | None:
    """The screen a mark was made for, or None where it is none of these; no further ones are asked for."""
    return next(
        (one for one in candidates if hmac.compare_digest(one.mark(key).encode(), mark.encode())), None
    )


def possible_screens(session: Session, *, case_id: int, draft_id: int, annotator_id: int) -> Iterator[Screen]:
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
