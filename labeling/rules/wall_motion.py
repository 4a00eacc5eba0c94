"""Decide what a normalised report says about regional wall motion of the left ventricle.

Each statement gives zero or more assertions (present, absent, global only, hedged) with the words they rest
on (`wall_statements`, by the scope of a term in `wall_scope` and the words in `wall_patterns`); the report's
answer follows from them. Conventions: `docs/codebook.md`, section RWMA.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db.labels import WALLS, Rwma, RwmaSeverity
from labeling.rules.sections import Statement
from labeling.rules.wall_patterns import NOT_THE_HEART
from labeling.rules.wall_scope import worst
from labeling.rules.wall_statements import assertions_in
from labeling.rules.walls.assertion import WallAssertion
from labeling.rules.walls.carried_on import carried_on


@dataclass(frozen=True)
class WallMotion:
    """The report's answer: label, grade, walls, the assertion that carries it (None when not stated), the
    one its grade is from where that is another, and the territories of arteries that are named.
    """

    rwma: Rwma
    severity: RwmaSeverity
    walls: tuple[str, ...]
    source: WallAssertion | None
    certainty: float
    is_contradicted: bool = False
    graded_by: WallAssertion | None = None
    territories: tuple[str, ...] = ()


def find_wall_assertions(statements: Sequence[Statement]) -> list[WallAssertion]:
    """Everything the report asserts about LV wall motion, in order."""
    found: list[WallAssertion] = []
    last: list[WallAssertion] = []
    for index, statement in enumerate(statements):
        if statement.section == "previous" or NOT_THE_HEART.search(statement.text):
            continue
        said = assertions_in(statement, _follows(statements, index))
        found += said
        found += carried_on(statement, said or last)
        last = said
    return found


def decide_wall_motion(assertions: Sequence[WallAssertion]) -> WallMotion:
    """Rest before stress; a regional finding beats a blanket normal, unless only the conclusion denies it."""
    rest = [a for a in assertions if not a.is_stress]
    present = [a for a in rest if a.stance == "present"]
    absent = [a for a in rest if a.stance == "absent"]
    is_contradicted = _are_at_odds(present, absent)
    if present and not (is_contradicted and _conclusion_denies(present, absent)):
        return _present(present, is_contradicted)
    # Weak all over is not weak in one region: a global hypokinesia answers "absent" where nothing else does.
    denials = absent or [a for a in rest if a.stance == "global"]
    if denials:
        return _absent(denials, is_contradicted)
    return WallMotion(Rwma.NOT_STATED, RwmaSeverity.NOT_STATED, (), None, 0.9 if not assertions else 0.7)


def _are_at_odds(present: Sequence[WallAssertion], absent: Sequence[WallAssertion]) -> bool:
    """Whether one thing is said to be there and not to be there; "no akinesia" denies no hypokinesia."""
    return any(not denial.leaves_room_for(one) for denial in absent for one in present)


def _conclusion_denies(present: Sequence[WallAssertion], absent: Sequence[WallAssertion]) -> bool:
    return any(a.section == "conclusion" for a in absent) and all(a.section != "conclusion" for a in present)


def _present(present: Sequence[WallAssertion], is_contradicted: bool) -> WallMotion:
    """All walls and the worst grade, resting on the finding that names walls, concludes or comes first."""
    source = max(present, key=lambda a: (bool(a.walls), a.section == "conclusion", -a.start))
    named = {wall for a in present for wall in a.walls}
    walls = tuple(wall for wall in WALLS if wall in named)
    severity = worst(a.severity for a in present)
    is_vague = severity is RwmaSeverity.NOT_STATED and _is_only_named(source)
    certainty = min(source.certainty, 0.7) if is_contradicted or is_vague else source.certainty
    graded_by = source if source.severity is severity else next(a for a in present if a.severity is severity)
    territories = tuple(dict.fromkeys(name for a in present for name in a.territories))
    return WallMotion(
        Rwma.PRESENT, severity, walls, source, certainty, is_contradicted, graded_by, territories
    )


def _is_only_named(source: WallAssertion) -> bool:
    """Whether "RWMA" has nothing said of it: a finding, or a label that no kind of line was told for."""
    return not (source.walls or source.territories) and source.certainty < 0.9


def _absent(denials: Sequence[WallAssertion], is_contradicted: bool) -> WallMotion:
    source = max(denials, key=lambda a: a.section == "conclusion")
    certainty = 0.6 if is_contradicted else source.certainty
    return WallMotion(Rwma.ABSENT, RwmaSeverity.NONE, (), source, certainty, is_contradicted)


def _follows(statements: Sequence[Statement], index: int) -> str:
    return statements[index + 1].text if index + 1 < len(statements) else ""
