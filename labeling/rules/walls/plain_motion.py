"""Walls that move badly in plain words ("moves poorly", "worse at the apex"), and aneurysms of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from db.labels import RwmaSeverity
from labeling.rules.denials.wall_denials import is_answered_no, is_listed_denied, is_negated, own_part
from labeling.rules.sections import Statement
from labeling.rules.wall_patterns import (
    ANEURYSM,
    GRADE,
    HEDGE,
    LEFT_SIDE,
    OTHER_ANEURYSM,
    POOR_MOTION,
    PREVIOUS,
    RIGHT_SIDE,
    SEPTAL_MOTION,
    WALL,
)
from labeling.rules.wall_scope import (
    SUPPLIED,
    clause_bounds,
    grade_before,
    is_right_sided,
    near,
    walls_in,
    with_supplied_before,
)
from labeling.rules.walls.assertion import WallAssertion, asserted
from labeling.rules.walls.other_walls import moving_badly

# No motion at all, as against too little.
_IS_STILL: Final = re.compile(
    r"\bnot (?:mov|contract|thick|squeez)\w*|\bfails?\b|\babsent\b|\bloss\b|^(?:no|without)\b|^bulg"
)


# "Does not move well".
_NOT_FULLY: Final = re.compile(r"\s+(?:well|normally|properly|fully|much|vigorously|enough)\b")


def poor_motion_assertions(statement: Statement) -> Iterator[WallAssertion]:
    """A wall that "moves poorly" or "does not thicken", in plain words."""
    for match in POOR_MOTION.finditer(statement.text):
        text = moving_badly(statement.text)
        before = statement.text[: match.start()]
        bounds = clause_bounds(text, *match.span())
        certainty = 0.88 if WALL.search(text, *bounds) else 0.75
        bounds = bounds if certainty > 0.75 else _with_wall_before(text, bounds)
        bounds = with_supplied_before(text, bounds)
        clause = SUPPLIED.sub(r"\g<artery> territory", text[slice(*bounds)])
        is_of_a_valve = re.search(
            r"\b(?:leaflet|cusp|valve|mitral|aortic|tricuspid|annul|diaphragm\b)", clause
        )
        if is_of_a_valve or not WALL.search(clause) or SEPTAL_MOTION.search(clause):
            continue
        if is_right_sided(text, *match.span(), clause) or _is_not_asserted(before):
            continue
        is_still = _IS_STILL.search(match.group()) and not _NOT_FULLY.match(statement.text, match.end())
        severity = RwmaSeverity.SEVERE if is_still else _grade_of(statement.text, match)
        yield asserted(statement, bounds, "present", certainty, severity=severity, walls=walls_in(clause))


def _grade_of(text: str, match: re.Match[str]) -> RwmaSeverity:
    """The grade within "motility moderately diminished", else the one before it."""
    within = GRADE.search(match.group())
    if within and within.group() in ("mild", "moderate", "severe"):
        return RwmaSeverity(within.group())
    return grade_before(text, match.start())


# "Contraction is diffusely reduced but more so in the septal and apical parts".
_WORSE_IN = re.compile(
    r"\b(?:contract\w*|hypokinesia|motion|function)\b[^.;\n]{0,40}\b(?:global|reduced|impaired|poor|"
    r"depressed)\b"
    r"[^.;\n]{0,30}\b(?:more so|more marked\w*|worse|worst|most|predominantly|especially|particularly|mainly|"
    rf"maximal\w*)\b[^.;,\n\d]{{0,30}}?(?P<walls>{WALL.pattern}(?:[\s,/&]|\band\b|{WALL.pattern})*)"
)
# "All walls weak, the anterior one worst".
_WORST: Final = re.compile(
    r"\b(?:all (?:the )?(?:lv )?(?:walls?|segment)|lv|left ventricular|muscle)\b[^.;,:\n]{0,20}"
    rf"\b(?:weak(?:ly)?|poor(?:ly)?|sluggish(?:ly)?)\b[^.;:\n]{{0,16}}?\b(?P<walls>{WALL.pattern})(?: one|"
    r" walls?)?,? (?:is |the |being )?(?:worst|weakest|most)\b"
)


def worse_in_assertions(statement: Statement) -> Iterator[WallAssertion]:
    """Weak everywhere, and weaker in walls that are named."""
    for match in (*_WORSE_IN.finditer(statement.text), *_WORST.finditer(statement.text)):
        before = statement.text[: match.start()]
        if not (_is_not_asserted(before) or RIGHT_SIDE.search(match.group())):
            yield asserted(statement, match.span(), "present", 0.7, walls=walls_in(match.group("walls")))


def _with_wall_before(text: str, bounds: tuple[int, int]) -> tuple[int, int]:
    """ "Inferior wall thinned (4 mm), bright and non-contractile": the wall stands in the clause before."""
    walls = list(WALL.finditer(text, 0, bounds[0]))
    if not walls or re.search(
        # "Inferior wall: thin, scarred, does not thicken": behind its own label.
        r"[;|]|\w\s*:(?<!wall:)(?<!wall :)(?<!territory:)(?<!segment:)(?<!cap:)(?<!cap :)|\bbut\b|"
        r"\b(?:mitral|aortic|tricuspid|rv)\b",
        text[walls[-1].end() : bounds[0]],
    ):
        return bounds
    return walls[-1].start(), bounds[1]


def _is_not_asserted(before: str) -> bool:
    """Whether the words before deny it, hedge it or cite an earlier study."""
    return bool(is_negated(before) or HEDGE.search(near(before, 40)) or PREVIOUS.search(before))


def aneurysm_assertions(statement: Statement) -> Iterator[WallAssertion]:
    """An aneurysm of the left ventricle, or of a wall of it: a severe regional finding."""
    text = statement.text
    for match in ANEURYSM.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        own = moving_badly(text)
        bounds = clause_bounds(own, *match.span())
        clause = own[slice(*bounds)]
        if OTHER_ANEURYSM.search(own_part(text, *match.span())):
            continue
        if is_listed_denied(before, after) or is_answered_no(after) or HEDGE.search(near(before, 40)):
            continue
        is_of_the_left = LEFT_SIDE.search(clause)
        if is_of_the_left or (WALL.search(clause) and not RIGHT_SIDE.search(clause)):
            yield asserted(
                statement, bounds, "present", 0.85, severity=RwmaSeverity.SEVERE, walls=walls_in(clause)
            )
