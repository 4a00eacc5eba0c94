"""Decide what a normalised report says about regional wall motion of the left ventricle.

Each statement gives zero or more assertions (present, absent, global only, hedged) with the words they rest
on; the report's answer follows from them. Conventions: `docs/codebook.md`, section RWMA.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db.labels import WALLS, Rwma, RwmaSeverity
from labeling.rules.sections import Statement
from labeling.rules.wall_assertion import WallAssertion
from labeling.rules.wall_grades import worst
from labeling.rules.wall_patterns import NOT_THE_HEART
from labeling.rules.wall_statements import assertions_in


@dataclass(frozen=True)
class WallMotion:
    """The report's answer: label, grade, walls, and the assertion that carries it (None when not stated)."""

    rwma: Rwma
    severity: RwmaSeverity
    walls: tuple[str, ...]
    source: WallAssertion | None
    certainty: float
    is_contradicted: bool = False


def find_wall_assertions(statements: Sequence[Statement]) -> list[WallAssertion]:
    """Everything the report asserts about LV wall motion, in order."""
    found: list[WallAssertion] = []
    for index, statement in enumerate(statements):
        if statement.section == "previous" or NOT_THE_HEART.search(statement.text):
            continue
        found.extend(assertions_in(statement, _follows(statements, index)))
    return found


def decide_wall_motion(assertions: Sequence[WallAssertion]) -> WallMotion:
    """Rest before stress; a regional finding beats a blanket normal, unless only the conclusion denies it."""
    rest = [a for a in assertions if not a.is_stress]
    present = [a for a in rest if a.kind == "present"]
    absent = [a for a in rest if a.kind == "absent"]
    contradicted = bool(present and absent)
    if present and absent and _conclusion_denies(present, absent):
        present = []
    if present:
        source = max(present, key=lambda a: (bool(a.walls), a.section == "conclusion", -a.start))
        severity = worst(a.severity for a in present)
        walls = {wall for a in present for wall in a.walls}
        certainty = min(source.certainty, 0.7) if contradicted else source.certainty
        ordered = tuple(wall for wall in WALLS if wall in walls)
        return WallMotion(Rwma.PRESENT, severity, ordered, source, certainty, contradicted)
    if absent or any(a.kind == "global" for a in rest):
        source = max(
            absent or [a for a in rest if a.kind == "global"], key=lambda a: a.section == "conclusion"
        )
        certainty = 0.6 if contradicted else source.certainty
        return WallMotion(Rwma.ABSENT, RwmaSeverity.NONE, (), source, certainty, contradicted)
    return WallMotion(Rwma.NOT_STATED, RwmaSeverity.NOT_STATED, (), None, 0.9 if not assertions else 0.7)


def _conclusion_denies(present: Sequence[WallAssertion], absent: Sequence[WallAssertion]) -> bool:
    return any(a.section == "conclusion" for a in absent) and all(a.section != "conclusion" for a in present)


def _follows(statements: Sequence[Statement], index: int) -> str:
    return statements[index + 1].text if index + 1 < len(statements) else ""
