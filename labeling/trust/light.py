"""The traffic light: how much each field of a reading needs a person, and why.

The values are always the reader's own. Other readers' opinions, the words on the page, the consistency checks
and the reader's certainty only decide how far a value is trusted. `docs/agreement.md` holds the table;
without a calibration a light is a rule and says nothing about how often green is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from db.fields.names import FIELDS
from db.fields.sameness import Match, compare_field
from db.fields.words import has_value, in_words, is_unreadable
from db.labels import SURROUNDINGS, Light, LightReason, ReasonCode
from labeling.readers.base import Opinion, Reading

GREEN_MIN_CONFIDENCE = 0.80
AMBER_MIN_CONFIDENCE = 0.50
RED_MAX_CHECK_SCORE = 0.25
# With a calibration: the least lower bound of the probability of being right at which a field may be green.
GREEN_MIN_PROBABILITY: Final = 0.95

ORDERS_WARNING: Final = "orders_in_text"
SEVERAL_PATIENTS_WARNING: Final = "several_patients"
# Followed by the page's number.
PAGE_UNREADABLE_WARNING: Final = "page_unreadable:"
# Followed by the field: its value is what views of a poor page agree on.
SECOND_CHANCE_WARNING: Final = "second_chance:"
# Readers that are the same model looking again, by the end of their names.
SECOND_LOOKS: Final = ("_prompt", "_crop")

# What a reason makes of a light; those that only explain a green are missing.
LIGHT_OF: Final[Mapping[ReasonCode, Light]] = {
    ReasonCode.PAGE_UNREADABLE: Light.RED,
    ReasonCode.SEVERAL_PATIENTS: Light.RED,
    ReasonCode.VALUE_UNREADABLE: Light.RED,
    ReasonCode.NO_EVIDENCE: Light.RED,
    ReasonCode.INVENTED: Light.RED,
    ReasonCode.DIGITS_DIFFER: Light.RED,
    ReasonCode.READERS_DIFFER: Light.RED,
    ReasonCode.SECOND_LOOK_DIFFERS: Light.RED,
    ReasonCode.FOUND_BY_OTHER: Light.RED,
    ReasonCode.CHECK_FAILED: Light.RED,
    ReasonCode.ORDERS_IN_TEXT: Light.AMBER,
    ReasonCode.QUOTE_NOT_FOUND: Light.AMBER,
    ReasonCode.MISSED_BY_OTHER: Light.AMBER,
    ReasonCode.DETAIL_DIFFERS: Light.AMBER,
    ReasonCode.UNSURE: Light.AMBER,
    ReasonCode.OFTEN_WRONG: Light.AMBER,
}
_SEVERITY: Final = {Light.GREEN: 0, Light.AMBER: 1, Light.RED: 2}
_ORDER: Final = {code: number for number, code in enumerate(ReasonCode)}

# The score of a field lies in the band of its agreement, and within it where the confidence puts it (0 at the
# lower end, 1 at the upper); bands do not overlap, so agreement comes before confidence.
SCORE_BANDS: Final[Mapping[str, tuple[float, float]]] = {
    "agree": (0.75, 1.0),
    "one_reader": (0.5, 0.75),
    "doubt": (0.25, 0.5),
    "contradicted": (0.0, 0.25),
}


class Calibration(Protocol):
    """Knows from reviewed records how often a score was right; see `labeling/trust/calibration.py`."""

    def probability(self, field: str, score: float) -> tuple[float, float] | None:
        """Bounds of the probability that a field of this score is right; null where it is not calibrated."""


@dataclass(frozen=True)
class FieldLight:
    """One field's light.

    Attributes:
        reasons: the gravest first.
        score: 0-1, higher is more trustworthy; an order, not a probability.
        probability: lower and upper probability of being right, 0-1; null without a calibration.
    """

    light: Light
    reasons: tuple[LightReason, ...]
    score: float
    probability: tuple[float, float] | None = None


def light_of_fields(reading: Reading) -> dict[str, Light]:
    """Field name -> light, without a calibration."""
    return {field: decided.light for field, decided in decide_lights(reading).items()}


def decide_lights(reading: Reading, calibration: Calibration | None = None) -> dict[str, FieldLight]:
    """Field name -> light with its reasons, by the table of docs/agreement.md."""
    return {field: _decide(reading, field, calibration) for field in FIELDS}


def _decide(reading: Reading, field: str, calibration: Calibration | None) -> FieldLight:
    weighed = [
        *_from_page(reading, field),
        *_from_checks(reading, field),
        *_from_grounding(reading, field),
        *_from_opinions(reading, field),
    ]
    if not any(light is Light.RED for light, _ in weighed):
        weighed.extend(_from_confidence(reading, field))
    score = _score(reading, field, weighed)
    probability = calibration.probability(field, score) if calibration else None
    if probability is not None and probability[0] < GREEN_MIN_PROBABILITY:
        weighed.append(_reason(ReasonCode.OFTEN_WRONG, percent=f"{100 * probability[0]:.0f}"))
    weighed.sort(key=lambda item: (-_SEVERITY[item[0]], _ORDER[item[1].code]))
    light = weighed[0][0] if weighed else Light.GREEN
    return FieldLight(light, tuple(reason for _, reason in weighed), score, probability)


Weighed = tuple[Light, LightReason]


def _reason(code: ReasonCode, light: Light | None = None, /, **values: str) -> Weighed:
    return light or LIGHT_OF.get(code, Light.GREEN), LightReason(code=code, values=values)


def _from_page(reading: Reading, field: str) -> list[Weighed]:
    """What the page itself and the missing of evidence say."""
    found: list[Weighed] = []
    value = has_value(reading.findings, field)
    if reading.unreadable_reason and not (value and _is_grounded(reading, field)):
        found.append(_reason(ReasonCode.PAGE_UNREADABLE))
    elif is_unreadable(reading.findings, field):
        found.append(_reason(ReasonCode.VALUE_UNREADABLE))
    if value and field not in reading.evidence:
        found.append(_reason(ReasonCode.NO_EVIDENCE))
    if SEVERAL_PATIENTS_WARNING in reading.warnings:
        found.append(_reason(ReasonCode.SEVERAL_PATIENTS))
    if ORDERS_WARNING in reading.warnings:
        found.append(_reason(ReasonCode.ORDERS_IN_TEXT))
    return found


def _is_grounded(reading: Reading, field: str) -> bool:
    """Whether its words were found on a legible page; evidence that comes from the words themselves was
    found.
    """
    evidence, grounding = reading.evidence.get(field), reading.grounding.get(field)
    if f"{SECOND_CHANCE_WARNING}{field}" in reading.warnings:
        return True
    if evidence is None or f"{PAGE_UNREADABLE_WARNING}{evidence.page}" in reading.warnings:
        return False
    return grounding is None or grounding.is_found


def _from_checks(reading: Reading, field: str) -> list[Weighed]:
    return [
        _reason(
            ReasonCode.CHECK_FAILED,
            Light.RED if check.score <= RED_MAX_CHECK_SCORE else Light.AMBER,
            check=check.name,
        )
        for check in reading.checks
        if check.field == field and check.is_issue
    ]


def _from_grounding(reading: Reading, field: str) -> list[Weighed]:
    grounding = reading.grounding.get(field)
    if grounding is None or not has_value(reading.findings, field) or field not in reading.evidence:
        return []
    found: list[Weighed] = []
    if grounding.survives_blind:
        found.append(_reason(ReasonCode.INVENTED))
    if not grounding.is_found:
        agrees = any(
            _match(reading, opinion, field) in (Match.SAME, Match.DETAIL) for opinion in _others(reading)
        )
        found.append(_reason(ReasonCode.QUOTE_NOT_FOUND, Light.AMBER if agrees else Light.RED))
    elif grounding.digits_agree is False:
        ours = in_words(reading.findings, field)
        found.append(_reason(ReasonCode.DIGITS_DIFFER, ours=ours, page=grounding.page_digits))
    return found


def _from_opinions(reading: Reading, field: str) -> list[Weighed]:
    """One reason for each way in which another reader differs; how many agree where none does."""
    found: dict[ReasonCode, Weighed] = {}
    agreeing = 0
    for opinion in reading.opinions:
        if field not in opinion.fields or opinion.unreadable_reason:
            continue
        match, detail = compare_field(field, reading.findings, opinion.findings)
        agreeing += match is Match.SAME and not is_second_look(opinion)
        code = _code_of(match, is_second_look(opinion))
        if code is None:
            continue
        ours, theirs = in_words(reading.findings, field), in_words(opinion.findings, field)
        more = {"detail": detail} if detail else {}
        found.setdefault(code, _reason(code, None, reader=opinion.reader, ours=ours, theirs=theirs, **more))
    if found or is_unreadable(reading.findings, field):
        return list(found.values())
    if agreeing:
        return [_reason(ReasonCode.READERS_AGREE, readers=str(agreeing + 1))]
    return [_reason(ReasonCode.ONE_READER)]


def is_second_look(opinion: Opinion) -> bool:
    """Whether it is the same model asked again: it can contradict itself, but not vouch for itself."""
    return opinion.reader.endswith(SECOND_LOOKS)


def _code_of(match: Match, is_second: bool) -> ReasonCode | None:
    if is_second and match in (Match.DIFFERENT, Match.FOUND_BY_OTHER, Match.MISSED_BY_OTHER):
        return ReasonCode.SECOND_LOOK_DIFFERS
    codes = {
        Match.DIFFERENT: ReasonCode.READERS_DIFFER,
        Match.FOUND_BY_OTHER: ReasonCode.FOUND_BY_OTHER,
        Match.MISSED_BY_OTHER: ReasonCode.MISSED_BY_OTHER,
        Match.DETAIL: ReasonCode.DETAIL_DIFFERS,
    }
    return codes.get(match)


def _from_confidence(reading: Reading, field: str) -> list[Weighed]:
    confidence = trusted_confidence(reading, field)
    if confidence is None:
        # A model that could not weigh its answer: other readers may vouch for it.
        return [] if _agreeing(reading, field) else [_reason(ReasonCode.UNSURE)]
    if confidence < AMBER_MIN_CONFIDENCE:
        return [_reason(ReasonCode.UNSURE, Light.RED)]
    if confidence >= GREEN_MIN_CONFIDENCE:
        return []
    # What stands around the value says why, where the rules know.
    is_told = any((check.name, check.field) == (SURROUNDINGS, field) for check in reading.checks)
    return [_reason(ReasonCode.UNSURE, None, **({"check": SURROUNDINGS} if is_told else {}))]


def trusted_confidence(reading: Reading, field: str) -> float | None:
    """How sure the reading is of a field, 0-1; null where a model could not weigh it.

    The rules' doubt is partly the OCR's. Where the same rules read the same from another engine's words, that
    engine's certainty counts as well, whichever is higher; a language model's own doubt stays. Silence is as
    sure as the less sure engine: one may see a field's name that the other made something else of.
    """
    if reading.generation is not None:
        return reading.confidence.get(field)
    own = reading.confidence.get(field, 0.0)
    others = [one.confidence[field] for one in _agreeing(reading, field) if field in one.confidence]
    return max([own, *others]) if has_value(reading.findings, field) else min([own, *others])


def _others(reading: Reading) -> list[Opinion]:
    """The opinions that could read and are not the same model again."""
    return [one for one in reading.opinions if not one.unreadable_reason and not is_second_look(one)]


def _agreeing(reading: Reading, field: str) -> list[Opinion]:
    return [one for one in _others(reading) if _match(reading, one, field) is Match.SAME]


def _match(reading: Reading, opinion: Opinion, field: str) -> Match:
    if field not in opinion.fields:
        return Match.NO_SAY
    return compare_field(field, reading.findings, opinion.findings).match


def _score(reading: Reading, field: str, weighed: Sequence[Weighed]) -> float:
    lights = {light for light, _ in weighed}
    codes = {reason.code for _, reason in weighed}
    if Light.RED in lights:
        band = "contradicted"
    elif codes & set(LIGHT_OF) - {ReasonCode.UNSURE}:
        band = "doubt"
    else:
        band = "agree" if ReasonCode.READERS_AGREE in codes else "one_reader"
    low, high = SCORE_BANDS[band]
    confidence = min(1.0, max(0.0, trusted_confidence(reading, field) or 0.0))
    return round(low + (high - low) * confidence, 6)
