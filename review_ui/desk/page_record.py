"""One record as the page gets it: a picture of stored rows. Pure: no database, no clock, no gradio."""

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
from review_ui.desk.cards import Card, card_words, detail_words, draft_card, hidden_card
from review_ui.desk.marks import Variant
from review_ui.desk.open_record import OpenRecord, unanswered_cards

_ANSWERS_OF_CARD: Final = {
    "ef": ("ef",),
    "rwma": ("rwma", "rwma_severity", "rwma_walls"),
    "pah": ("pah", "rvsp_mmhg"),
}
_LEAVES: Final = frozenset({str, int, float, bool, type(None)})


@dataclass(frozen=True)
class PageImage:
    """One page image: its number (1-based), its address on this server, its size in pixels."""

    number: int
    url: str
    width_px: int
    height_px: int


@dataclass(frozen=True)
class EarlierDecision:
    """A record the same person decided before: that review's number, its decision, a line about it.

    `is_undone` where they took it back: it waits to be stored anew. `written` is the note alone.
    """

    review_id: int
    decision: str
    sentence: str
    note: str
    is_undone: bool = False
    written: str = ""


@dataclass(frozen=True)
class PageRecord:
    """One record on one screen.

    Attributes:
        screen: the mark the page sends back with what is answered.
        is_hidden: the draft is not to be seen yet.
        drafted: card -> what the draft says, once a hidden draft is shown; null otherwise.
        differs: the cards in which what was entered differs from it.
        readings: what an adjudicator chooses between, as answers, without names.
        said_by_one: the cards in which these agree, and walls, range or pressure stand in one of them alone.
        work: what was answered and not stored yet, as the page kept it.
    """

    case_id: int
    draft_id: int
    title: str
    site: str
    pages: tuple[PageImage, ...]
    fields: tuple[Card, ...]
    answers: Mapping[str, Any]
    again: EarlierDecision | None
    seen_review_id: int
    message: str
    screen: str
    purpose: str
    is_hidden: bool
    drafted: Mapping[str, str] | None
    differs: tuple[str, ...]
    readings: tuple[Mapping[str, Any], ...]
    said_by_one: tuple[str, ...]
    work: Mapping[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """As the browser gets it."""
        plain: dict[str, Any] = _plain(self)
        return plain


def page_record(opened: OpenRecord, images: Sequence[Image], *, key: bytes) -> PageRecord:
    """One record as it stands on a page.

    Args:
        images: the report's pages in order.
        key: for the screen's mark.
    """
    case = opened.task.case
    is_hidden = opened.own is None and opened.screen.variant is Variant.HIDDEN
    drafted, differs = _beside_entered(opened)
    return PageRecord(
        case_id=case.id or 0,
        draft_id=opened.draft.id or 0,
        title=text.RECORD_TITLE.format(case_id=case.id),
        site=case.site,
        pages=_pages(int(case.id or 0), images),
        fields=_blind_fields(opened) if opened.is_blind else _fields(opened, images),
        answers=NO_ANSWERS if is_hidden else answers_json(opened.base),
        again=_again(opened.own, is_undone=opened.is_undone),
        seen_review_id=max((review.id or 0 for review in opened.reviews), default=0),
        message=_message(opened),
        screen=opened.screen.mark(key),
        purpose=opened.screen.purpose.value,
        is_hidden=is_hidden,
        drafted=drafted,
        differs=differs,
        readings=tuple(_reading(opened, number) for number in range(len(opened.readings))),
        said_by_one=_said_by_one(opened),
        work=opened.lease.work if opened.lease is not None else None,
    )


# Before anything is entered there is no answer at all: not even "not stated".
NO_ANSWERS: Mapping[str, Any] = {
    "ef": {"state": None, "percent": None, "low": None, "high": None, "operator": None},
    "rwma": None,
    "rwma_severity": None,
    "rwma_walls": [],
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
        "rwma_walls": list(findings.rwma_walls),
        "pah": findings.pah.value,
        "rvsp_mmhg": findings.rvsp_mmhg,
    }


def _reading(opened: OpenRecord, number: int) -> dict[str, Any]:
    """One reading as answers, without those that a flag left open."""
    said = answers_json(opened.read[number])
    for card in unanswered_cards(opened.readings[number], opened.draft):
        said |= {name: NO_ANSWERS[name] for name in _ANSWERS_OF_CARD[card]}
    return said


def _said_by_one(opened: OpenRecord) -> tuple[str, ...]:
    pairs = [
        (answers_json(one.to_findings()), answers_json(completed))
        for one, completed in zip(opened.readings, opened.read, strict=True)
    ]
    return tuple(
        card
        for card, names in _ANSWERS_OF_CARD.items()
        if any(own[name] != completed[name] for own, completed in pairs for name in names)
    )


def practice_sentence(opened: OpenRecord) -> tuple[str, str]:
    """The card of a practice draft and the line that tells what it was; calm, and asking again.

    Raises:
        ValueError: without a practice draft.
    """
    if opened.seeded is None:
        raise ValueError("there was no practice draft")
    card = CARD_OF_FIELD[opened.seeded.field]
    wrong = card_words(Findings.model_validate(opened.seeded.shown), card)
    right = card_words(opened.draft.to_findings(), card)
    return card, text.PRACTICE.format(wrong=wrong, right=right)


def _beside_entered(opened: OpenRecord) -> tuple[dict[str, str] | None, tuple[str, ...]]:
    """What a hidden draft says once values were entered, by card, and the cards in which those differ."""
    if opened.own is not None or opened.screen.variant is not Variant.REVEALED:
        return None, ()
    drafted = opened.draft.to_findings()
    # What goes along with an answer stands beside it: nothing is stored that was not on the screen.
    said = {card: _with_detail(card_words(drafted, card), detail_words(drafted, card)) for card in CARDS}
    return said, differing_cards(opened.base, drafted, ef_tolerance_points=0)


def _with_detail(answer: str, detail: str) -> str:
    return f"{answer} ({detail})" if detail else answer


def _pages(case_id: int, images: Sequence[Image]) -> tuple[PageImage, ...]:
    return tuple(
        PageImage(number, f"/case/{case_id}/page/{number}", image.width_px, image.height_px)
        for number, image in enumerate(images, start=1)
    )


def _fields(opened: OpenRecord, images: Sequence[Image]) -> tuple[Card, ...]:
    sizes = {number: (image.width_px, image.height_px) for number, image in enumerate(images, start=1)}
    is_practice = opened.screen.variant is Variant.PRACTICE
    findings = opened.base if is_practice else opened.draft.to_findings()
    return tuple(
        draft_card(
            name,
            opened.draft,
            findings=findings,
            sizes=sizes,
            needs_answer=name in opened.needs,
            must_enter=name in opened.must_enter,
        )
        for name in CARDS
    )


def _blind_fields(opened: OpenRecord) -> tuple[Card, ...]:
    """Cards without the draft: to be answered, or beside the person's own answers."""
    return tuple(
        hidden_card(
            name,
            needs_answer=name in opened.needs,
            is_answered=opened.own is not None and name not in opened.must_enter,
            must_enter=opened.own is not None and name in opened.must_enter,
        )
        for name in CARDS
    )


def _message(opened: OpenRecord) -> str:
    if opened.own is not None:
        return ""
    if opened.seeded is not None and opened.screen.variant is Variant.PLAIN:
        return practice_sentence(opened)[1]
    if opened.screen.purpose is Purpose.ADJUDICATION:
        notes = [one.note for one in opened.readings if one.decision == Decision.FLAG.value and one.note]
        if notes:
            return text.FLAGGED.format(note=notes[-1])
        return text.SENT_BACK if opened.is_sent_back else ""
    annotator_id = opened.screen.annotator_id
    own = [review for review in opened.reviews if review.annotator_id == annotator_id]
    return _skipped(own[-1].note) if own and own[-1].decision == Decision.SKIP.value else ""


def _skipped(code: str) -> str:
    """What happened to a record that comes back, and what can be done; a skip keeps its reason as a code."""
    words = text.ANSWER_WORDS["skip"].get(code)
    reason = text.SKIPPED_REASON.format(reason=words) if words else ""
    return text.SKIPPED_EARLIER.format(reason=reason)


def _again(own: Review | None, *, is_undone: bool) -> EarlierDecision | None:
    if own is None:
        return None
    note = text.AGAIN_NOTE.format(note=own.note) if own.note else ""
    is_flag = own.decision == Decision.FLAG.value
    undone = text.AGAIN_UNDONE_FLAG if is_flag else text.AGAIN_UNDONE
    sentence = undone if is_undone else text.AGAIN[own.decision]
    return EarlierDecision(own.id or 0, own.decision, sentence, note, is_undone, own.note)


def _plain(value: Any) -> Any:
    """Dataclasses as mappings, all the way down.

    Unlike `dataclasses.asdict` it copies nothing: these are frozen.
    """
    if hasattr(value, "__dataclass_fields__"):
        return {
            name: _plain(part) if type(part) not in _LEAVES else part for name, part in vars(value).items()
        }
    return [_plain(part) for part in value] if isinstance(value, tuple) else value
