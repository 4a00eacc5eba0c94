"""One card of the desk, from a stored draft: its light, why it needs a person, and where its evidence stands.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from db.fields.names import CARDS, FIELD_OF_CARD, FIELDS_OF_CARD, RWMA_COLUMNS
from db.fields.words import is_unreadable
from db.labels import EfState, Evidence, Findings, Light, Pah, Rwma, RwmaSeverity
from db.tables.drafts import Draft
from review_ui import text
from review_ui.desk.answers import number_words
from review_ui.desk.crops import Crop, crop_around, evidence_lines, value_span
from review_ui.desk.reasons import readers_agree, reason_sentence
from review_ui.text import reasons

# Whose evidence a card shows, best first.
EVIDENCE_OF_CARD: Final = {
    "ef": ("ef_percent", "lv_function"),
    "rwma": RWMA_COLUMNS,
    "pah": FIELDS_OF_CARD["pah"],
}
# In the name of every check that compares a value with other words of the same report
# (`labeling/rules/checks.py`).
AGAINST: Final = "_against_"
_WORST_FIRST = (Light.RED, Light.AMBER, Light.GREEN)


@dataclass(frozen=True)
class BoxShares:
    """One evidence box: page number, then left, top, width and height as shares (0-1) of the page."""

    page: int
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Card:
    """One card: its light with a word, why it needs a person, a quiet detail, where its evidence stands.

    `others` is what further readers made of it, shown on demand; `consistency` the sentences of checks that
    hold a value against other words of the report ("EF 35, but the text says good function"). `must_enter`
    where the draft is unreadable: nothing is chosen beforehand, for a person often can read it.
    """

    name: str
    title: str
    light: str
    word: str
    needs_answer: bool
    reason: str
    detail: str
    quote: str
    boxes: tuple[BoxShares, ...]
    crop: Crop | None
    others: tuple[OtherReading, ...] = ()
    consistency: tuple[str, ...] = ()
    must_enter: bool = False


@dataclass(frozen=True)
class OtherReading:
    """What another reader made of the same report for one card, in words."""

    reader: str
    value: str


def card_light(draft: Draft, card: str) -> Light:
    """How much a card needs a person: the worst light of its fields; a field without a light needs a look."""
    lights = [
        Light(draft.light.get(field, Light.AMBER)) for field in FIELDS_OF_CARD[card] if _speaks(draft, field)
    ]
    return next(light for light in _WORST_FIRST if light in lights)


def cards_needing_an_answer(draft: Draft) -> tuple[str, ...]:
    """The cards that a person has to answer explicitly before the record can be accepted."""
    return tuple(card for card in CARDS if card_light(draft, card) is Light.RED)


def unread_cards(draft: Draft) -> tuple[str, ...]:
    """The cards whose answer the machine could not read: nothing stands there that could be confirmed."""
    findings = draft.to_findings()
    return tuple(card for card in CARDS if is_unreadable(findings, FIELD_OF_CARD[card]))


def card_words(findings: Findings, card: str) -> str:
    """What a record says for one card, in words: 37.5 %, present (mild), mild, 48 mmHg."""
    if card == "ef":
        ef_words = text.ANSWER_WORDS["ef"].get(findings.ef_state.value, "")
        return f"{number_words(findings.ef_percent)} %" if findings.ef_percent is not None else ef_words
    if card == "rwma":
        rwma = text.ANSWER_WORDS["rwma"][findings.rwma.value]
        if findings.rwma is Rwma.PRESENT and findings.rwma_severity is not RwmaSeverity.NOT_STATED:
            return f"{rwma} ({text.ANSWER_WORDS['rwma_severity'][findings.rwma_severity.value]})"
        return rwma
    pah = text.ANSWER_WORDS["pah"][findings.pah.value]
    return pah if findings.rvsp_mmhg is None else f"{pah}, {number_words(findings.rvsp_mmhg)} mmHg"


def findings_in_words(findings: Findings) -> str:
    """A record in one line: EF 37.5 %, RWMA present (mild), PAH none."""
    pah = text.ANSWER_WORDS["pah"][findings.pah.value]
    return f"EF {card_words(findings, 'ef')}, RWMA {card_words(findings, 'rwma')}, PAH {pah}"


def _speaks(draft: Draft, field: str) -> bool:
    """A pressure that is not in the report has nothing to say about the card it shares with the word."""
    return field != "rvsp_mmhg" or draft.rvsp_mmhg is not None or field in draft.light


def draft_card(
    name: str,
    draft: Draft,
    *,
    findings: Findings,
    sizes: Mapping[int, tuple[int, int]],
    needs_answer: bool,
    must_enter: bool = False,
    readers: int = 1,
) -> Card:
    """One card of a draft.

    Args:
        findings: the record that stands on screen for it; the draft's own except in practice.
        sizes: page number -> width and height of its image in pixels.
        readers: how many readers agree where a light is green and the draft itself does not say.
    """
    light = card_light(draft, name)
    evidence = _evidence(draft, name)
    detail = detail_words(findings, name, has_walls=False)
    fields = [field for field in FIELDS_OF_CARD[name] if _speaks(draft, field)]
    several = light is Light.GREEN and (readers > 1 or readers_agree(draft, fields))
    return Card(
        name=name,
        title=text.FIELD_TITLES[name],
        light=light.value,
        word=text.GREEN_WITH_SEVERAL_READERS if several else text.LIGHT_WORDS[light.value],
        needs_answer=needs_answer or must_enter,
        must_enter=must_enter,
        reason=reason_sentence(draft, fields, light)
        or (reasons.UNSURE if light is Light.AMBER and not detail else ""),
        detail=detail,
        quote=evidence[0].quote if evidence else "",
        boxes=tuple(_boxes(evidence, sizes)),
        crop=_crop(evidence, draft.to_findings(), name, sizes),
        others=tuple(_others(draft, name)),
        consistency=tuple(dict.fromkeys(_contradictions(draft, fields))),
    )


def _contradictions(draft: Draft, fields: Sequence[str]) -> Iterable[str]:
    for check in draft.checks:
        is_of_text = AGAINST in str(check.get("name", ""))
        if is_of_text and check.get("is_issue") and check.get("field") in fields and check.get("reason"):
            yield str(check["reason"])


def _evidence(draft: Draft, card: str) -> list[Evidence]:
    stored = [draft.evidence.get(field) for field in EVIDENCE_OF_CARD[card]]
    return [Evidence.model_validate(one) for one in stored if one]


def _boxes(evidence: Iterable[Evidence], sizes: Mapping[int, tuple[int, int]]) -> list[BoxShares]:
    boxes: dict[BoxShares, None] = {}
    for one in evidence:
        if one.page not in sizes:
            continue
        width, height = sizes[one.page]
        for left, top, right, bottom in evidence_lines(one):
            box = BoxShares(
                page=one.page,
                left=round(left / width, 5),
                top=round(top / height, 5),
                width=round((right - left) / width, 5),
                height=round((bottom - top) / height, 5),
            )
            boxes.setdefault(box)
    return list(boxes)


def _crop(
    evidence: Sequence[Evidence], findings: Findings, card: str, sizes: Mapping[int, tuple[int, int]]
) -> Crop | None:
    if not evidence or evidence[0].page not in sizes:
        return None
    span = value_span(evidence[0].quote, _hints(findings, card))
    return crop_around(evidence[0], span, sizes[evidence[0].page])


def _hints(findings: Findings, card: str) -> tuple[str, ...]:
    """How the value may stand in its quote, surest first."""
    if card == "ef":
        numbers = (findings.ef_low, findings.ef_percent)
        return tuple(number_words(number) for number in numbers if number is not None)
    if card == "pah":
        rvsp = (number_words(findings.rvsp_mmhg),) if findings.rvsp_mmhg is not None else ()
        word = () if findings.pah in (Pah.NOT_STATED, Pah.UNREADABLE) else (findings.pah.value,)
        return (*word, "no ", "pah", "pulmonary", *rvsp)
    # "Akinetic", "hypokinesia", ...; the heading alone would say nothing.
    return ("kine", "regional", "rwma", *findings.rwma_walls, "wall motion")


def detail_words(findings: Findings, card: str, *, has_walls: bool = True) -> str:
    """A quiet line with what the report says beside the answer.

    Args:
        has_walls: False for the card itself, where the walls are an answer.
    """
    if card == "ef":
        words = findings.lv_function if findings.ef_state is EfState.NOT_STATED else None
        return text.IN_WORDS.format(words=words) if words else ""
    if card == "rwma":
        if findings.rwma is not Rwma.PRESENT:
            return ""
        walls = ", ".join(findings.rwma_walls) if has_walls else ""
        graded = findings.rwma_severity is not RwmaSeverity.NOT_STATED
        parts = [walls[:1].upper() + walls[1:], "" if graded else text.SEVERITY_NOT_GRADED]
        return " · ".join(part for part in parts if part)
    return ""


def hidden_card(
    name: str, *, needs_answer: bool = True, is_answered: bool = False, must_enter: bool = False
) -> Card:
    """A card of a draft that is not to be seen: nothing of it, whether or not it was answered."""
    return Card(
        name=name,
        title=text.FIELD_TITLES[name],
        light=(Light.AMBER if needs_answer or not is_answered else Light.GREEN).value,
        word=text.DESK["entered" if is_answered else "to_answer"],
        needs_answer=needs_answer,
        reason="",
        detail="",
        quote="",
        boxes=(),
        crop=None,
        must_enter=must_enter,
    )


def _others(draft: Draft, card: str) -> Iterable[OtherReading]:
    for opinion in draft.opinions or ():
        speaks = set(opinion.get("fields") or FIELDS_OF_CARD[card]) & set(FIELDS_OF_CARD[card])
        if opinion.get("unreadable_reason") or not speaks or not opinion.get("findings"):
            continue
        yield OtherReading(
            str(opinion.get("reader", "")), card_words(Findings.model_validate(opinion["findings"]), card)
        )
