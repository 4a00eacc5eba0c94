"""One thing that a statement says about wall motion, with the words it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from db.labels import RwmaSeverity
from labeling.rules.lexicon import TERRITORIES
from labeling.rules.sections import Statement
from labeling.rules.wall_patterns import STRESS, TERRITORY
from labeling.rules.wall_scope import AT_REST, piece_around

# "No other RWMA", and "Hypokinesia: nil" in a list of kinds.
OTHER: Final = "other"
LABELLED_HYPOKINESIA: Final = "hypokinesia:"
# "All walls normal except the apex".
EXCEPTION: Final = "exception"

Stance = Literal["present", "absent", "global", "hedged"]


@dataclass(frozen=True)
class WallAssertion:
    """One thing one statement says about wall motion; offsets are in the normalised text, half-open.

    Attributes:
        kind: the kinesia that is found or denied; `OTHER` for a denial of more than was told,
            `EXCEPTION` for a wall that is excepted from what is normal; else empty.
    """

    stance: Stance
    start: int
    end: int
    section: str
    severity: RwmaSeverity = RwmaSeverity.NOT_STATED
    walls: tuple[str, ...] = ()
    is_stress: bool = False
    certainty: float = 0.9
    territories: tuple[str, ...] = ()
    kind: str = ""

    def leaves_room_for(self, finding: WallAssertion) -> bool:
        """Whether a denial says nothing against a finding: "no akinesia" beside a hypokinesia, "no other"."""
        if self.kind == OTHER:
            return True
        is_of_more = self.kind in ("akinesia", "dyskinesia", LABELLED_HYPOKINESIA)
        return is_of_more and finding.kind != self.kind.removesuffix(":")


def asserted(
    statement: Statement,
    bounds: tuple[int, int],
    stance: Stance,
    certainty: float,
    *,
    severity: RwmaSeverity = RwmaSeverity.NOT_STATED,
    walls: tuple[str, ...] = (),
    kind: str = "",
) -> WallAssertion:
    """An assertion whose `bounds` are in the statement's own text."""
    start, end = statement.start + bounds[0], statement.start + bounds[1]
    is_stress, named = _stress_and_territories(statement.text)
    clause = piece_around(statement.text, *bounds)
    is_stress = STRESS.search(clause) is not None or (is_stress and not AT_REST.search(clause))
    return WallAssertion(
        stance, start, end, statement.section, severity, walls, is_stress, certainty, named, kind
    )


@lru_cache(maxsize=4)
def _stress_and_territories(text: str) -> tuple[bool, tuple[str, ...]]:
    """Whether a statement is about stress, and the territories it names."""
    named = tuple(TERRITORIES[artery] for artery in dict.fromkeys(TERRITORY.findall(text)))
    return STRESS.search(text) is not None, named
