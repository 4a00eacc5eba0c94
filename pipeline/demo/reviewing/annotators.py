"""The people who review the demo: how each reads a page, what they overlook, and how long they take.

A person either reads the page alone (`read_page`) or looks over a draft (`look_over`). All chance comes from
a generator that is passed in. The rates are invented, of the size published for careful clerks; they measure
nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from db.decisions import CorrectionReason, Role
from db.fields.names import CARDS, FIELD_OF_CARD
from db.labels import EfState, Findings, Light, Pah, Rwma
from db.tables.drafts import Draft
from pipeline.demo.reviewing.slips import PageTruth, answered, card_is_right, slip

# A slip is likelier on a worse picture.
_SLIPS_BY_CAPTURE = {"clean": 1.0, "phone": 1.3, "harsh": 3.0}
_SECONDS_BY_CAPTURE = {"clean": 1.0, "phone": 1.15, "harsh": 1.9}
# A draft that is right beside the page keeps most slips from being made.
_SLIPS_BESIDE_DRAFT = 0.2
# A card the desk asks an answer for is looked at harder than one that only waits to be passed over.
_ANCHORING_WHEN_ASKED = 0.25
# Having entered a value of one's own, one gives it up for a right draft often, and for a wrong one seldom.
_TAKES_RIGHT_DRAFT, _TAKES_WRONG_DRAFT = 0.8, 0.3
_CHANGE_S, _ENTRY_S = 5.5, 4.5
_SPREAD = 0.35


@dataclass(frozen=True)
class Annotator:
    """One simulated person.

    Attributes:
        slips: card -> chance to misread a card of a clean page, 0-1.
        seconds: median active seconds for a record of which nothing is changed.
        anchoring: chance to leave a wrong value that stands in a draft, 0-1.
        noticing: chance to notice a practice draft's wrong value, 0-1.
        reasoning: share of corrections that say why, 0-1.
        skipping, flagging: shares of harsh pages, 0-1; a tenth of that on others.
    """

    name: str
    role: Role
    slips: Mapping[str, float]
    seconds: float
    anchoring: float = 0.08
    noticing: float = 0.95
    reasoning: float = 0.7
    skipping: float = 0.08
    flagging: float = 0.06


def _slips(ef: float, rwma: float, pah: float) -> dict[str, float]:
    return {"ef": ef, "rwma": rwma, "pah": pah}


# Their names say that they are not real.
ANNOTATORS = (
    Annotator("Asha (simulated)", Role.ANNOTATOR, _slips(0.005, 0.010, 0.008), seconds=8.5),
    Annotator("Bela (simulated)", Role.ANNOTATOR, _slips(0.008, 0.013, 0.010), seconds=7.0, noticing=0.92),
    Annotator(
        "Chandra (simulated)", Role.ANNOTATOR, _slips(0.004, 0.008, 0.007), seconds=11.0, anchoring=0.04
    ),
    # In a hurry: fast, easily led by the draft.
    Annotator(
        "Devi (simulated)",
        Role.ANNOTATOR,
        _slips(0.016, 0.025, 0.020),
        seconds=5.0,
        anchoring=0.25,
        noticing=0.8,
    ),
)
ADJUDICATOR = Annotator("Esha (simulated)", Role.ADJUDICATOR, _slips(0.001, 0.003, 0.003), seconds=13.0)
LEAD = Annotator("Farid (simulated)", Role.LEAD, _slips(0.001, 0.003, 0.003), seconds=15.0)
EVERYBODY = (*ANNOTATORS, ADJUDICATOR, LEAD)


def read_page(person: Annotator, page: PageTruth, rng: np.random.Generator) -> Findings:
    """What a person enters from the page alone, without a draft; walls and words cannot be entered."""
    read = Findings()
    for card in CARDS:
        read = answered(read, card, _read_card(person, page, card, rng, share=1.0))
    return read


def look_over(
    person: Annotator, page: PageTruth, drafted: Findings, lights: Mapping[str, str], rng: np.random.Generator
) -> Findings:
    """The record after a person compared a draft with the page; what they do not change stays as drafted."""
    record = drafted
    for card in CARDS:
        is_asked = lights.get(FIELD_OF_CARD[card]) == Light.RED.value
        is_right = card_is_right(page, drafted, card)
        led = person.anchoring * (_ANCHORING_WHEN_ASKED if is_asked else 1.0)
        is_left, is_slip = (
            rng.random() < led,
            rng.random() < _slip_share(person, page, card) * _SLIPS_BESIDE_DRAFT,
        )
        if is_right:
            if is_slip:
                record = answered(record, card, slip(page.findings, card, rng))
        elif not is_left:
            record = answered(record, card, _read_card(person, page, card, rng, share=1.0))
    return record


def compare_with_draft(
    person: Annotator, page: PageTruth, entered: Findings, drafted: Findings, rng: np.random.Generator
) -> Findings:
    """What is stored once a hidden draft is shown beside what the person entered."""
    record = entered
    for card in CARDS:
        draw = rng.random()
        is_entered_right, is_drafted_right = (card_is_right(page, one, card) for one in (entered, drafted))
        if is_entered_right == is_drafted_right:
            continue
        takes = _TAKES_RIGHT_DRAFT if is_drafted_right else person.anchoring * _TAKES_WRONG_DRAFT
        if draw < takes:
            record = answered(record, card, drafted)
    return record


def answer_practice(
    person: Annotator, page: PageTruth, shown: Findings, field: str, rng: np.random.Generator
) -> Findings:
    """What is answered to a practice draft: its wrong value changed to the page's, or left."""
    card = next(card for card, name in FIELD_OF_CARD.items() if name == field)
    if rng.random() >= person.noticing:
        return shown
    return answered(shown, card, page.findings)


def settle(
    person: Annotator, page: PageTruth, base: Findings, disputed: tuple[str, ...], rng: np.random.Generator
) -> Findings:
    """What an adjudicator stores: the first reading shown, and their own answer where readings differ."""
    record = base
    for card in disputed:
        record = answered(record, card, _read_card(person, page, card, rng, share=1.0))
    return record


def active_seconds(
    person: Annotator, page: PageTruth, rng: np.random.Generator, *, changed: int = 0, entered: int = 0
) -> float:
    """How long a person works on a record, seconds.

    Args:
        changed: how many cards of a draft they change.
        entered: how many cards they fill in without a draft.
    """
    middle = person.seconds * _SECONDS_BY_CAPTURE[page.condition] + _CHANGE_S * changed + _ENTRY_S * entered
    return round(float(middle * np.exp(rng.normal(0.0, _SPREAD))), 1)


def share_by_capture(share: float, page: PageTruth) -> float:
    """A share that holds on harsh pages; elsewhere it is a tenth."""
    return share if page.condition == "harsh" else share / 10


def correction_reason(drafted: Findings, stored: Findings, cards: tuple[str, ...]) -> CorrectionReason:
    """Why the draft was wrong, as a person would say it of the first card that they changed."""
    card = cards[0] if cards else "ef"
    before, after = (_state(one, card) for one in (drafted, stored))
    if after == "unreadable":
        return CorrectionReason.UNCLEAR_REPORT
    if before in ("not_stated", "unreadable"):
        return CorrectionReason.MISSED
    if after == "not_stated":
        return CorrectionReason.NOT_IN_REPORT
    if card == "ef":
        return CorrectionReason.MISREAD
    if {before, after} & {Rwma.ABSENT.value, Pah.NONE.value} and before != after:
        return CorrectionReason.NEGATION
    return CorrectionReason.GRADE


def drafted_lights(draft: Draft) -> Mapping[str, str]:
    """Field -> light of a draft."""
    return {name: str(light) for name, light in draft.light.items()}


def _read_card(
    person: Annotator, page: PageTruth, card: str, rng: np.random.Generator, *, share: float
) -> Findings | Mapping[str, Any]:
    if rng.random() < _slip_share(person, page, card) * share:
        return slip(page.findings, card, rng)
    return page.findings


def _slip_share(person: Annotator, page: PageTruth, card: str) -> float:
    return person.slips[card] * _SLIPS_BY_CAPTURE[page.condition]


def _state(findings: Findings, card: str) -> str:
    if card == "ef":
        return EfState(findings.ef_state).value
    return findings.rwma.value if card == "rwma" else findings.pah.value
