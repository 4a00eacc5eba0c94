"""One thing that a statement says about wall motion, with the words it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from db.labels import RwmaSeverity
from labeling.rules.lexicon import TERRITORIES
from labeling.rules.sections import Statement
from labeling.rules.wall_patterns import STRESS, TERRITORY
from labeling.rules.wall_scope import AT_REST, piece_around

Stance = Literal["present", "absent", "global", "hedged"]


@dataclass(frozen=True)
class WallAssertion:
    """One thing one statement says about wall motion; offsets are in the normalised text, half-open."""

    stance: Stance
    start: int
    end: int
    section: str
    severity: RwmaSeverity = RwmaSeverity.NOT_STATED
    walls: tuple[str, ...] = ()
    is_stress: bool = False
    certainty: float = 0.9
    territories: tuple[str, ...] = ()


def asserted(
    statement: Statement,
    bounds: tuple[int, int],
    stance: Stance,
    certainty: float,
    *,
    severity: RwmaSeverity = RwmaSeverity.NOT_STATED,
    walls: tuple[str, ...] = (),
) -> WallAssertion:
    """An assertion whose `bounds` are in the statement's own text."""
    start, end = statement.start + bounds[0], statement.start + bounds[1]
    is_stress, named = _stress_and_territories(statement.text)
    clause = piece_around(statement.text, *bounds)
    is_stress = STRESS.search(clause) is not None or (is_stress and not AT_REST.search(clause))
    return WallAssertion(
        stance, start, end, statement.section, severity, walls, is_stress, certainty, territories=named
    )


@lru_cache(maxsize=4)
def _stress_and_territories(text: str) -> tuple[bool, tuple[str, ...]]:
    """Whether a statement is about stress, and the territories it names."""
    named = tuple(TERRITORIES[artery] for artery in dict.fromkeys(TERRITORY.findall(text)))
    return STRESS.search(text) is not None, named
