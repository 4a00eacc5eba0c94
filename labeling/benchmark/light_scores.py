"""How well the traffic light knows its errors: how many each light holds, and what risk is left at which
coverage.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from db.fields.names import FIELDS
from db.labels import Light
from db.measures.proportions import Rate
from labeling.benchmark.reading import ReportAnswer
from labeling.benchmark.scoring import Gold, is_left_open, is_right

COVERAGES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_ORDER = {Light.GREEN: 0, Light.AMBER: 1, Light.RED: 2}


@dataclass(frozen=True)
class RiskPoint:
    """The error rate among the surest answers; lower is better.

    Attributes:
        coverage: share of the answers that are kept, 0-1; n: how many those are.
        errors: errors among them; a fraction where a tie in sureness is cut through.
    """

    coverage: float
    n: int
    errors: float

    @property
    def risk(self) -> float:
        """Errors over kept answers, NaN when none is kept."""
        return self.errors / self.n if self.n else math.nan


@dataclass(frozen=True)
class LightScores:
    """What the lights held. An answer is one field of one report; four fields a report.

    Attributes:
        by_field: field (and `all`) -> light -> errors of that light's answers. A field left open where the
            report has an answer is an error too: it costs a person's time.
        watched: amber and red answers of all answers; lower is less work.
        errors_watched: amber and red errors of all errors; higher is better.
        wrong_watched: the same for errors that are a wrong value, not a field left open.
        green_errors: errors of the green answers; lower is better.
        risk_by_confidence: answers kept by light first (green, amber, red), then by confidence.
        area_under_risk: mean of the error rates at every coverage; lower is better, 0 is none.
    """

    by_field: dict[str, dict[str, Rate]]
    watched: Rate
    errors_watched: Rate
    wrong_watched: Rate
    green_errors: Rate
    risk_by_confidence: tuple[RiskPoint, ...]
    area_under_risk: float


@dataclass(frozen=True)
class _FieldAnswer:
    field: str
    light: Light
    confidence: float
    is_error: bool
    is_wrong: bool

    @property
    def is_watched(self) -> bool:
        return self.light is not Light.GREEN


def score_lights(pairs: Sequence[tuple[Gold, ReportAnswer]]) -> LightScores:
    """What the lights of these answers held; a report that failed is four errors left open and red."""
    answers = [_field_answer(gold, answer, field) for gold, answer in pairs for field in FIELDS]
    groups = {field: [item for item in answers if item.field == field] for field in FIELDS}
    watched = [item for item in answers if item.is_watched]
    green = [item for item in answers if not item.is_watched]
    ordered = _errors_by_sureness(answers)
    return LightScores(
        by_field={name: _by_light(group) for name, group in {**groups, "all": answers}.items()},
        watched=Rate(len(watched), len(answers)),
        errors_watched=Rate(_count(watched, _is_error), _count(answers, _is_error)),
        wrong_watched=Rate(_count(watched, _is_wrong), _count(answers, _is_wrong)),
        green_errors=Rate(_count(green, _is_error), len(green)),
        risk_by_confidence=tuple(_point(ordered, coverage) for coverage in COVERAGES) if ordered else (),
        area_under_risk=_area(ordered),
    )


def _field_answer(gold: Gold, answer: ReportAnswer, field: str) -> _FieldAnswer:
    reading = answer.reading
    light = Light(answer.light.get(field, Light.RED))
    if reading is None:
        return _FieldAnswer(field, light, 0.0, is_error=True, is_wrong=False)
    is_error = not is_right(gold, reading.findings, field)
    is_wrong = is_error and not is_left_open(reading, field)
    return _FieldAnswer(field, light, float(reading.confidence.get(field, 0.0)), is_error, is_wrong)


def _is_error(answer: _FieldAnswer) -> bool:
    return answer.is_error


def _is_wrong(answer: _FieldAnswer) -> bool:
    return answer.is_wrong


def _count(answers: Iterable[_FieldAnswer], is_counted: Callable[[_FieldAnswer], bool]) -> int:
    return sum(is_counted(answer) for answer in answers)


def _by_light(answers: Sequence[_FieldAnswer]) -> dict[str, Rate]:
    of_light = {light: [item for item in answers if item.light is light] for light in Light}
    return {light.value: Rate(_count(items, _is_error), len(items)) for light, items in of_light.items()}


def _errors_by_sureness(answers: Sequence[_FieldAnswer]) -> list[float]:
    """One number an answer, surest first: 0 right, 1 error; answers that tie share their errors evenly."""
    blocks: dict[tuple[int, float], list[bool]] = {}
    for answer in answers:
        blocks.setdefault((_ORDER[answer.light], -answer.confidence), []).append(answer.is_error)
    ordered = []
    for _, block in sorted(blocks.items()):
        ordered.extend([sum(block) / len(block)] * len(block))
    return ordered


def _point(ordered: Sequence[float], coverage: float) -> RiskPoint:
    n = math.ceil(coverage * len(ordered) - 1e-9)
    return RiskPoint(coverage, n, round(sum(ordered[:n]), 6))


def _area(ordered: Sequence[float]) -> float:
    """Area under the risk-coverage curve. Source: Geifman, Uziel, El-Yaniv 2019, arXiv 1805.08206."""
    errors = total = 0.0
    for kept, error in enumerate(ordered, start=1):
        errors += error
        total += errors / kept
    return total / len(ordered) if ordered else math.nan
