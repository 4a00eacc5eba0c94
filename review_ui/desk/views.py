"""What the desk shows of one record, from stored rows. Pure: no database, no clock, no gradio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from db.decisions import Decision, Purpose
from db.fields.names import CARD_OF_FIELD, CARDS
from db.fields.sameness import differing_cards
from db.labels import Findings
from db.tables.cases import Image
from db.tables.reviews import Review
from review_ui import text
from review_ui.desk.cards import FieldView, card_words, field_view, hidden_field
from review_ui.desk.screens import Variant
from review_ui.desk.showing import Shown

_LEAVES: Final = frozenset({str, int, float, bool, type(None)})


@dataclass(frozen=True)
class PageView:
    """One page image: its number (1-based), its address on this server, its size in pixels."""

    number: int
    url: str
    width_px: int
    height_px: int


@dataclass(frozen=True)
class AgainView:
    """A record the same person decided before: that review's number, its decision, a line about it.

    `is_undone` where they took it back: it waits to be stored anew.
    """

    review_id: int
    decision: str
    sentence: str
    note: str
    is_undone: bool = False


@dataclass(frozen=True)
class RecordView:
    """One record on one screen.

    Attributes:
        screen: the mark the page sends back with what is answered.
        is_hidden: the draft is not to be seen yet.
        drafted: card -> what the draft says, once a hidden draft is shown; null otherwise.
        differs: the cards in which what was entered differs from it.
        readings: what an adjudicator chooses between, as answers, without names.
        work: what was answered and not stored yet, as the page kept it.
    """

    case_id: int
    draft_id: int
    title: str
    site: str
    pages: tuple[PageView, ...]
    fields: tuple[FieldView, ...]
    answers: Mapping[str, Any]
    again: AgainView | None
    seen_review_id: int
    message: str
    screen: str
    purpose: str
    is_hidden: bool
    drafted: Mapping[str, str] | None
    differs: tuple[str, ...]
    readings: tuple[Mapping[str, Any], ...]
    work: Mapping[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """As the browser gets it."""
        plain: dict[str, Any] = _plain(self)
        return plain


def build_record(shown: Shown, images: Sequence[Image], *, key: bytes, readers: int = 1) -> RecordView:
    """The view of one case.

    Args:
        images: the report's pages in order.
        key: for the screen's mark.
        readers: how many readers agree where a light is green and the draft itself does not say.
    """
    case, variant = shown.task.case, shown.screen.variant
    is_hidden = shown.own is None and variant is Variant.HIDDEN
    is_revealed = shown.own is None and variant is Variant.REVEALED
    drafted = shown.draft.to_findings()
    return RecordView(
        case_id=case.id or 0,
        draft_id=shown.draft.id or 0,
        title=text.RECORD_TITLE.format(case_id=case.id),
        site=case.site,
        pages=_pages(int(case.id or 0), images),
        fields=_blind_fields(shown) if shown.is_blind else _fields(shown, images, readers),
        answers=NO_ANSWERS if is_hidden else answers_json(shown.base),
        again=_again(shown.own, is_undone=shown.is_undone),
        seen_review_id=max((review.id or 0 for review in shown.reviews), default=0),
        message=_message(shown),
        screen=shown.screen.mark(key),
        purpose=shown.screen.purpose.value,
        is_hidden=is_hidden,
        drafted={card: card_words(drafted, card) for card in CARDS} if is_revealed else None,
        differs=differing_cards(shown.base, drafted, ef_tolerance_points=0) if is_revealed else (),
        readings=tuple(answers_json(one) for one in shown.read),
        work=shown.lease.work if shown.lease is not None else None,
    )


# Before anything is entered there is no answer at all: not even "not stated".
NO_ANSWERS: Mapping[str, Any] = {
    "ef": {"state": None, "percent": None, "low": None, "high": None, "operator": None},
    "rwma": None,
    "rwma_severity": None,
    "pah": None,
    "rvsp_mmhg": None,
}


def answers_json(findings: Findings) -> dict[str, Any]:
    """The record as the page's answer controls hold it."""
    return {
        "ef": {
            "state": findings.ef_state.value,
            "percent": findings.ef_percent,
            "low": findings.ef_low,
            "high": findings.ef_high,
            "operator": findings.ef_operator.value if findings.ef_operator else None,
        },
        "rwma": findings.rwma.value,
        "rwma_severity": findings.rwma_severity.value,
        "pah": findings.pah.value,
        "rvsp_mmhg": findings.rvsp_mmhg,
    }


def practice_sentence(shown: Shown) -> tuple[str, str]:
    """The card of a practice draft and the line that tells what it was; calm, and asking again.

    Raises:
        ValueError: without a practice draft.
    """
    if shown.seeded is None:
        raise ValueError("there was no practice draft")
    card = CARD_OF_FIELD[shown.seeded.field]
    wrong = card_words(Findings.model_validate(shown.seeded.shown), card)
    right = card_words(shown.draft.to_findings(), card)
    return card, text.PRACTICE.format(wrong=wrong, right=right)


def _pages(case_id: int, images: Sequence[Image]) -> tuple[PageView, ...]:
    return tuple(
        PageView(number, f"/case/{case_id}/page/{number}", image.width_px, image.height_px)
        for number, image in enumerate(images, start=1)
    )


def _fields(shown: Shown, images: Sequence[Image], readers: int) -> tuple[FieldView, ...]:
    sizes = {number: (image.width_px, image.height_px) for number, image in enumerate(images, start=1)}
    is_practice = shown.screen.variant is Variant.PRACTICE
    findings = shown.base if is_practice else shown.draft.to_findings()
    return tuple(
        field_view(
            name,
            shown.draft,
            findings=findings,
            sizes=sizes,
            needs_answer=name in shown.needs,
            readers=readers,
        )
        for name in CARDS
    )


def _blind_fields(shown: Shown) -> tuple[FieldView, ...]:
    """Cards without the draft: to be answered, or beside the person's own answers."""
    return tuple(
        hidden_field(name, needs_answer=name in shown.needs, is_answered=shown.own is not None)
        for name in CARDS
    )


def _message(shown: Shown) -> str:
    if shown.own is not None:
        return ""
    if shown.seeded is not None and shown.screen.variant is Variant.PLAIN:
        return practice_sentence(shown)[1]
    if shown.screen.purpose is Purpose.ADJUDICATION:
        notes = [one.note for one in shown.readings if one.decision == Decision.FLAG.value and one.note]
        if notes:
            return text.FLAGGED.format(note=notes[-1])
        return text.SENT_BACK if shown.is_sent_back else ""
    annotator_id = shown.screen.annotator_id
    own = [review for review in shown.reviews if review.annotator_id == annotator_id]
    return text.SKIPPED_EARLIER if own and own[-1].decision == Decision.SKIP.value else ""


def _again(own: Review | None, *, is_undone: bool) -> AgainView | None:
    if own is None:
        return None
    note = text.AGAIN_NOTE.format(note=own.note) if own.note else ""
    sentence = text.AGAIN_UNDONE if is_undone else text.AGAIN[own.decision]
    return AgainView(own.id or 0, own.decision, sentence, note, is_undone)


def _plain(value: Any) -> Any:
    """Views as mappings, all the way down.

    Unlike `dataclasses.asdict` it copies nothing: views are frozen.
    """
    if hasattr(value, "__dataclass_fields__"):
        return {
            name: _plain(part) if type(part) not in _LEAVES else part for name, part in vars(value).items()
        }
    return [_plain(part) for part in value] if isinstance(value, tuple) else value
