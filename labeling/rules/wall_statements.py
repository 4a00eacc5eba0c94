"""What one statement asserts about wall motion: denied, affirmed, hedged or global only."""

from __future__ import annotations

import re

from db.labels import RwmaSeverity
from labeling.rules.sections import Statement
from labeling.rules.wall_assertion import Kind, WallAssertion
from labeling.rules.wall_clauses import clause_around, clause_bounds, is_negated, near, quote_bounds, walls_in
from labeling.rules.wall_grades import grade_after, grade_before, worst
from labeling.rules.wall_kinesia import is_right_sided, kinesia_assertions
from labeling.rules.wall_patterns import (
    AFFIRMED_AFTER,
    ANEURYSM,
    COMPARED,
    HEDGE,
    LEFT_SIDE,
    NEGATED_AFTER,
    NORMAL,
    NOUN,
    OTHER_ANEURYSM,
    POOR_MOTION,
    PREVIOUS,
    RIGHT_SIDE,
    SEPTAL_MOTION,
    STRESS,
    WALL,
)


def assertions_in(statement: Statement, following: str) -> list[WallAssertion]:
    text = statement.text
    is_stress = bool(STRESS.search(text))
    found = [
        *_noun_assertions(statement, is_stress),
        *_normal_assertions(statement, is_stress),
        *kinesia_assertions(statement, is_stress, following),
        *_poor_motion_assertions(statement, is_stress),
        *_aneurysm_assertions(statement, is_stress),
    ]
    if any(a.kind == "present" for a in found):
        # "Anterior wall hypokinetic, other segments contract normally" is one finding, not two.
        found = [a for a in found if a.kind != "absent" or _is_plain_denial(text)]
        walls = walls_in(text) if any(a.walls for a in found) else ()
        if not walls:
            return found
    return found


def _is_plain_denial(text: str) -> bool:
    return bool(
        re.search(r"\bno (?:obvious |definite |significant )?(?:rwma|regional|segmental)\b", text)
    ) and not re.search(r"\b(?:other|rest|remaining|else|except|apart)\b", text)


def _noun_assertions(statement: Statement, is_stress: bool) -> list[WallAssertion]:
    """ "RWMA", "regional wall motion abnormality" and relatives: denied, affirmed or hedged."""
    text = statement.text
    found: list[WallAssertion] = []
    for match in NOUN.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        clause = clause_around(text, match.start(), match.end())
        if (
            _is_structural(match.group())
            or RIGHT_SIDE.search(near(before, 30))
            and not LEFT_SIDE.search(after[:15])
        ):
            continue
        if PREVIOUS.search(before) or COMPARED.search(text):
            continue
        kind, certainty = _noun_kind(before, after)
        if kind is None:
            continue
        if kind == "present" and re.search(r"\bglobal\b", match.group()):
            kind = "global"
        severity = RwmaSeverity.NOT_STATED
        if kind == "present":
            severity = worst((grade_before(text, match.start()), grade_after(text, match.end())))
        walls = walls_in(clause) if kind == "present" else ()
        start, end = quote_bounds(text, match.start(), match.end(), kind)
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


def _noun_kind(before: str, after: str) -> tuple[Kind | None, float]:
    if re.match(
        r"\s*(?:at rest\s*)?(?:[:=-]\s*)?(?:could|cannot|can not|can't|not (?:well |clearly |"
        r"adequately )?(?:assess|evaluat|visual))",
        after,
    ):
        return "hedged", 0.8
    if "," in before and re.match(r"\s*(?:is |are )?(?:present|positive|\+|yes\b)", after):
        return "present", 0.85
    if is_negated(before):
        if re.match(r"\s*(?:except|other than|apart from|but|besides)\b", after):
            return None, 0.0
        return "absent", 0.95
    if NEGATED_AFTER.match(after):
        return "absent", 0.95
    affirmed = AFFIRMED_AFTER.match(after) is not None
    if HEDGE.search(near(before, 60)) or (not affirmed and HEDGE.search(after[:60])):
        return "hedged", 0.8
    if re.match(r"\s*[:=-]\s*(?:mild |moderate |severe )?global\b", after):
        return None, 0.0
    if re.match(r"\s*[:=-]\s*(?:normal|n\b)", after):
        return "absent", 0.85
    if re.match(r"\s*(?:\([^)]*\))?\s*(?:[:=-][\s_.]*|_[\s_]*)(?:$|[;,|\n]|pah\b)", after):
        return None, 0.0
    if re.match(r"\s*(?:analysis|score|study|assessment)\b", after):
        return None, 0.0
    return "present", 0.92 if affirmed else 0.85


def _is_structural(noun: str) -> bool:
    """ "ventricular wall abnormality" without "motion" speaks of structure."""
    return bool(re.search(r"\bwall\s+(?:abnormality|defect|anomal)", noun)) and "motion" not in noun


def _normal_assertions(statement: Statement, is_stress: bool) -> list[WallAssertion]:
    text = statement.text
    found: list[WallAssertion] = []
    for match in NORMAL.finditer(text):
        before = text[: match.start()]
        if re.search(
            r"\b(?:not|other|rest of(?: the)?|remaining|rest|remainder|ab)\s*(?:the )?(?:lv |"
            r"left ventricular )?$",
            before,
        ):
            continue
        if RIGHT_SIDE.search(near(before, 25) + match.group()) and not LEFT_SIDE.search(match.group()):
            continue
        if (
            _is_only_some_walls(before[-25:].rsplit(",", 1)[-1] + match.group())
            or PREVIOUS.search(before)
            or re.search(r"\bother|\bremaining|\brest of", match.group())
        ):
            continue
        found.append(
            WallAssertion(
                "absent",
                statement.start + match.start(),
                statement.start + match.end(),
                statement.section,
                is_stress=is_stress,
                certainty=0.92,
            )
        )
    return found


def _is_only_some_walls(phrase: str) -> bool:
    return bool(WALL.search(phrase)) and "all" not in phrase


def _poor_motion_assertions(statement: Statement, is_stress: bool) -> list[WallAssertion]:
    """A wall that "moves poorly" or "does not thicken", in plain words."""
    text = statement.text
    found: list[WallAssertion] = []
    for match in POOR_MOTION.finditer(text):
        start, end = clause_bounds(text, match.start(), match.end())
        clause = text[start:end]
        if (
            not WALL.search(clause)
            or SEPTAL_MOTION.search(clause)
            or re.search(r"\b(?:leaflet|cusp|valve|mitral|aortic|tricuspid|annul|diaphragm\b)", clause)
        ):
            continue
        if is_right_sided(text, match.start(), match.end(), clause) or is_negated(text[: match.start()]):
            continue
        if HEDGE.search(near(text[: match.start()], 40)) or PREVIOUS.search(text[: match.start()]):
            continue
        is_still = re.search(r"\bnot\b|\bfails?\b|\babsent\b", match.group()) is not None
        severity = RwmaSeverity.SEVERE if is_still else RwmaSeverity.NOT_STATED
        found.append(
            WallAssertion(
                "present",
                statement.start + start,
                statement.start + end,
                statement.section,
                severity,
                walls_in(clause),
                is_stress,
                0.75,
            )
        )
    return found


def _aneurysm_assertions(statement: Statement, is_stress: bool) -> list[WallAssertion]:
    text = statement.text
    found: list[WallAssertion] = []
    for match in ANEURYSM.finditer(text):
        clause = clause_around(text, match.start(), match.end())
        nearby = text[max(0, match.start() - 45) : match.end() + 40]
        if (
            OTHER_ANEURYSM.search(nearby)
            or is_negated(text[: match.start()])
            or NEGATED_AFTER.match(text[match.end() :])
        ):
            continue
        if HEDGE.search(near(text[: match.start()], 40)) or not (
            WALL.search(clause) or LEFT_SIDE.search(clause)
        ):
            continue
        if RIGHT_SIDE.search(clause) and not LEFT_SIDE.search(clause):
            continue
        start, end = clause_bounds(text, match.start(), match.end())
        found.append(
            WallAssertion(
                "present",
                statement.start + start,
                statement.start + end,
                statement.section,
                RwmaSeverity.SEVERE,
                walls_in(clause),
                is_stress,
                0.85,
            )
        )
    return found
