"""What the desk shows of one record, from stored rows. Pure: no database, no clock, no gradio."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from db.labels import EfState, Evidence, Findings, Light, Pah, Rwma, RwmaSeverity
from db.models import Case, Decision, Draft, Image, Review
from review_ui import text
from review_ui.answers import number_words
from review_ui.crops import Crop, crop_around, evidence_lines, value_span
from review_ui.reasons import readers_agree, reason_sentence

CARDS: Final = ("ef", "rwma", "pah")

# The record fields a card speaks for; its light is the worst of theirs.
CARD_FIELDS: Final = {"ef": ("ef_percent",), "rwma": ("rwma",), "pah": ("pah", "rvsp_mmhg")}

# Whose evidence a card shows, best first.
CARD_EVIDENCE: Final = {
    "ef": ("ef_percent", "lv_function"),
    "rwma": ("rwma", "rwma_severity", "rwma_walls"),
    "pah": ("pah", "rvsp_mmhg"),
}
_WORST_FIRST = (Light.RED, Light.AMBER, Light.GREEN)


@dataclass(frozen=True)
class PageView:
    """One page image: its number (1-based), its address on this server, its size in pixels."""

    number: int
    url: str
    width_px: int
    height_px: int


@dataclass(frozen=True)
class BoxView:
    """One evidence box: page number, then left, top, width and height as shares (0-1) of the page."""

    page: int
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class FieldView:
    """One card: its light with a word, why it needs a person, a quiet detail, where its evidence stands."""

    name: str
    title: str
    light: str
    word: str
    needs_answer: bool
    reason: str
    detail: str
    quote: str
    boxes: tuple[BoxView, ...]
    crop: Crop | None


@dataclass(frozen=True)
class AgainView:
    """A record the same person decided before: that review's number, its decision, a line about it."""

    review_id: int
    decision: str
    sentence: str
    note: str


@dataclass(frozen=True)
class RecordView:
    """One record on one screen."""

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

    def as_json(self) -> dict[str, Any]:
        """As the browser gets it."""
        return asdict(self)


def build_record(
    *,
    case: Case,
    draft: Draft,
    images: Sequence[Image],
    reviews: Sequence[Review] = (),
    annotator_id: int,
    readers: int = 1,
) -> RecordView:
    """The view of one case.

    Args:
        images: the report's pages in order.
        reviews: all reviews of the case, oldest first.
        annotator_id: whose desk it is; their own latest decision is what they see again.
        readers: how many readers agree where a light is green and the draft itself does not say.
    """
    own = own_decision(reviews, annotator_id)
    shown = own.to_findings() if own else draft.to_findings()
    pages = tuple(
        PageView(number, f"/case/{case.id}/page/{number}", image.width_px, image.height_px)
        for number, image in enumerate(images, start=1)
    )
    sizes = {page.number: (page.width_px, page.height_px) for page in pages}
    return RecordView(
        case_id=case.id or 0,
        draft_id=draft.id or 0,
        title=text.RECORD_TITLE.format(case_id=case.id),
        site=case.site,
        pages=pages,
        fields=tuple(_field(name, draft, sizes, readers, answered=own is not None) for name in CARDS),
        answers=answers_json(shown),
        again=_again(own),
        seen_review_id=max((review.id or 0 for review in reviews), default=0),
        message=text.SKIPPED_EARLIER if own is None and _skipped(reviews, annotator_id) else "",
    )


def own_decision(reviews: Sequence[Review], annotator_id: int) -> Review | None:
    """The person's own latest review of the case, unless that was a skip."""
    own = [review for review in reviews if review.annotator_id == annotator_id]
    return own[-1] if own and own[-1].decision != Decision.SKIP.value else None


def card_light(draft: Draft, card: str) -> Light:
    """How much a card needs a person: the worst light of its fields; a field without a light needs a look."""
    lights = [Light(draft.light.get(field, Light.AMBER)) for field in CARD_FIELDS[card] if _speaks(draft, field)]
    return next(light for light in _WORST_FIRST if light in lights)


def cards_needing_an_answer(draft: Draft) -> tuple[str, ...]:
    """The cards that a person has to answer explicitly before the record can be accepted."""
    return tuple(card for card in CARDS if card_light(draft, card) is Light.RED)


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


def summary(findings: Findings) -> str:
    """A record in one line: EF 37.5 %, RWMA present (mild), PAH none."""
    ef_words = text.ANSWER_WORDS["ef"].get(findings.ef_state.value, "")
    if findings.ef_percent is not None:
        ef_words = f"{number_words(findings.ef_percent)} %"
    rwma = text.ANSWER_WORDS["rwma"][findings.rwma.value]
    if findings.rwma is Rwma.PRESENT and findings.rwma_severity is not RwmaSeverity.NOT_STATED:
        rwma = f"{rwma} ({text.ANSWER_WORDS['rwma_severity'][findings.rwma_severity.value]})"
    return f"EF {ef_words}, RWMA {rwma}, PAH {text.ANSWER_WORDS['pah'][findings.pah.value]}"


def _speaks(draft: Draft, field: str) -> bool:
    """A pressure that is not in the report has nothing to say about the card it shares with the word."""
    return field != "rvsp_mmhg" or draft.rvsp_mmhg is not None or field in draft.light


def _field(name: str, draft: Draft, sizes: Mapping[int, tuple[int, int]], readers: int, *, answered: bool) -> FieldView:
    light = card_light(draft, name)
    findings = draft.to_findings()
    evidence = _evidence(draft, name)
    detail = _detail(findings, name)
    fields = [field for field in CARD_FIELDS[name] if _speaks(draft, field)]
    several = light is Light.GREEN and (readers > 1 or readers_agree(draft, fields))
    return FieldView(
        name=name,
        title=text.FIELD_TITLES[name],
        light=light.value,
        word=text.GREEN_WITH_SEVERAL_READERS if several else text.LIGHT_WORDS[light.value],
        needs_answer=light is Light.RED and not answered,
        reason=reason_sentence(draft, fields, light) or (text.UNSURE if light is Light.AMBER and not detail else ""),
        detail=detail,
        quote=evidence[0].quote if evidence else "",
        boxes=tuple(_boxes(evidence, sizes)),
        crop=_crop(evidence, findings, name, sizes),
    )


def _evidence(draft: Draft, card: str) -> list[Evidence]:
    stored = [draft.evidence.get(field) for field in CARD_EVIDENCE[card]]
    return [Evidence.model_validate(one) for one in stored if one]


def _boxes(evidence: Iterable[Evidence], sizes: Mapping[int, tuple[int, int]]) -> list[BoxView]:
    boxes: dict[BoxView, None] = {}
    for one in evidence:
        if one.page not in sizes:
            continue
        width, height = sizes[one.page]
        for left, top, right, bottom in evidence_lines(one):
            box = BoxView(
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
    return ("regional", "rwma", "wall motion", *findings.rwma_walls)


def _detail(findings: Findings, card: str) -> str:
    """A quiet line with what the report says beside the answer."""
    if card == "ef":
        words = findings.lv_function if findings.ef_state is EfState.NOT_STATED else None
        return text.IN_WORDS.format(words=words) if words else ""
    if card == "rwma":
        if findings.rwma is not Rwma.PRESENT:
            return ""
        walls = ", ".join(findings.rwma_walls)
        graded = findings.rwma_severity is not RwmaSeverity.NOT_STATED
        parts = [walls[:1].upper() + walls[1:], "" if graded else text.SEVERITY_NOT_GRADED]
        return " · ".join(part for part in parts if part)
    return ""


def _skipped(reviews: Sequence[Review], annotator_id: int) -> bool:
    own = [review for review in reviews if review.annotator_id == annotator_id]
    return bool(own) and own[-1].decision == Decision.SKIP.value


def _again(own: Review | None) -> AgainView | None:
    if own is None:
        return None
    note = text.AGAIN_NOTE.format(note=own.note) if own.note else ""
    return AgainView(review_id=own.id or 0, decision=own.decision, sentence=text.AGAIN[own.decision], note=note)
