"""One thing one statement says about wall motion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from db.labels import RwmaSeverity

Kind = Literal["present", "absent", "global", "hedged"]


@dataclass(frozen=True)
class WallAssertion:
    """One thing one statement says about wall motion; offsets are in the normalised text, half-open."""

    kind: Kind
    start: int
    end: int
    section: str
    severity: RwmaSeverity = RwmaSeverity.NOT_STATED
    walls: tuple[str, ...] = ()
    is_stress: bool = False
    certainty: float = 0.9
