"""Hypo-, a- and dyskinesia: regional, global only, of the right ventricle, denied or hedged."""

from __future__ import annotations

import re

from db.labels import RwmaSeverity
from labeling.rules.sections import Statement
from labeling.rules.wall_assertion import Kind, WallAssertion
from labeling.rules.wall_clauses import clause_bounds, is_negated, near, walls_in
from labeling.rules.wall_grades import grade_of_kinesia
from labeling.rules.wall_patterns import (
    GLOBAL,
    HEDGE,
    KINESIA,
    LEFT_SIDE,
    NEGATED_AFTER,
    PREVIOUS,
    REGION,
    RIGHT_SIDE,
    WALL,
)


def kinesia_assertions(statement: Statement, is_stress: bool, following: str) -> list[WallAssertion]:
    """Hypo-, a- and dyskinesia: regional, global only, of the right ventricle, denied or hedged."""
    text = statement.text
    found: list[WallAssertion] = []
    for match in KINESIA.finditer(text):
        clause_start, clause_end = clause_bounds(text, match.start(), match.end())
        clause = text[clause_start:clause_end]
        before = text[: match.start()]
        if (
            re.search(r"\b(?:leaflet|cusp|annul|diaphragm\b)", clause)
            or is_right_sided(text, match.start(), match.end(), clause)
            or PREVIOUS.search(before)
        ):
            continue
        kind, certainty = _kinesia_kind(text, match, clause, following)
        if kind is None:
            continue
        severity = RwmaSeverity.NOT_STATED
        walls: tuple[str, ...] = ()
        if kind == "present":
            derived = not match.group().startswith("hypo")
            severity = RwmaSeverity.SEVERE if derived else grade_of_kinesia(text, match)
            walls = walls_in(clause)
        start, end = clause_start, clause_end
        found.append(
            WallAssertion(
                kind,
                statement.start + start,
                statement.start + end,
                statement.section,
                severity,
                walls,
                is_stress,
                certainty,
            )
        )
    return found


def _kinesia_kind(text: str, match: re.Match[str], clause: str, following: str) -> tuple[Kind | None, float]:
    before, after = text[: match.start()], text[match.end() :]
    if is_negated(before, over_commas=False) or NEGATED_AFTER.match(after):
        return "absent", 0.9
    if HEDGE.search(near(before, 40)) or re.match(
        r"[^,;.]{0,25}\b(?:cannot|can not|could not|not) be (?:excluded|ruled)", after
    ):
        return "hedged", 0.8
    is_global = GLOBAL.search(clause) is not None
    regional = _region_words(clause)
    if is_global and not regional:
        if _regional_exception(text[match.end() :] + " " + following):
            return "present", 0.7
        return "global", 0.9
    if regional:
        return "present", 0.95
    if LEFT_SIDE.search(clause) and not re.search(r"\bsegment|\bwall\b", clause):
        return "global", 0.75
    if re.search(r"\b(?:rwma|regional|wall|segment|lv|left ventricular|ef|lvef|echo|contract\w+)\b", text):
        return ("present", 0.7) if re.search(r"\b(?:rwma|regional|wall|segment)\b", text) else ("global", 0.6)
    return None, 0.0


def _regional_exception(rest: str) -> bool:
    """Global hypokinesia where the report goes on to say that one wall alone still moves, or moves worst."""
    return bool(
        re.search(r"\bonly\b[^.;\n]{0,30}" + WALL.pattern + r"[^.;\n]{0,25}\b(?:contract|mov)", rest[:160])
        or re.search(
            r"^[^.;\n]{0,20}\b(?:more (?:marked|pronounced|severe|prominent)|worse|predominant\w*|"
            r"especially|particularly|most marked|maximal|maximum)\b[^.;\n]{0,40}" + WALL.pattern,
            rest,
        )
    )


_SPARED = re.compile(
    r"\b(?:sparing|spared|relative(?:ly)? preserv\w+|preserv\w+|with relative|"
    r"relatively normal|normal|good)\b"
    r"(?:(?!\b(?:but|despite|with)\b)[^;.\n])*"
)
_NO_REGION = re.compile(
    r"\b(?:no|without)\s+(?:regional|segmental|focal)\b[^.,;]*|\ball (?:the )?(?:lv |"
    r"left ventricular )?(?:wall|segment)s?\b|"
    r"\b(?:lv|left ventricular) wall\b(?! of)|\bwall motion\b"
)


def _region_words(clause: str) -> bool:
    """Whether a wall or segment in the clause is what moves badly (and not merely what is spared)."""
    spared = _SPARED.sub(" ", clause)
    if re.search(r"\ball\b", spared):
        spared = re.sub(r"\bsegment\b\s*$", " ", spared)
    return REGION.search(_NO_REGION.sub(" ", spared)) is not None


def is_right_sided(text: str, start: int, end: int, clause: str) -> bool:
    """RV hypokinesia: the right ventricle is named nearer than the left one or any LV wall."""
    if re.search(r"\bfree wall\b", clause) and not re.search(r"\blv|\bleft|\blateral|\bposterior", clause):
        return True
    if not RIGHT_SIDE.search(clause):
        return False
    if re.search(
        r"\binferior\b|\banterior\b|\bapical\b|\bseptal\b|\blateral\b",
        re.sub(r"\brv apical|\bapical rv", "", clause),
    ) and LEFT_SIDE.search(clause):
        return False
    right = min(
        (min(abs(m.start() - end), abs(start - m.end())) for m in RIGHT_SIDE.finditer(text)), default=999
    )
    left = min(
        (min(abs(m.start() - end), abs(start - m.end())) for m in LEFT_SIDE.finditer(text)), default=999
    )
    return right <= left
