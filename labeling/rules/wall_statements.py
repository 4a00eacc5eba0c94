"""What one statement asserts about wall motion: denied, affirmed, hedged or global only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from db.labels import RwmaSeverity
from labeling.rules.denials.denied_lists import may_be_stated
from labeling.rules.denials.wall_denials import (
    before_label,
    denial_bounds,
    is_answered_no,
    is_denied,
    is_denied_but_for,
    is_listed_denied,
    is_negated,
    own_part,
)
from labeling.rules.lexicon import TERRITORIES
from labeling.rules.parts.right_heart import is_of_the_right, without_the_right_heart
from labeling.rules.sections import Statement
from labeling.rules.wall_patterns import (
    AFFIRMED_AFTER,
    ANEURYSM,
    COMPARED,
    GLOBAL,
    HEDGE,
    KINESIA,
    LEFT_SIDE,
    NEGATED_AFTER,
    NO_REGION,
    NOUN,
    OTHER_ANEURYSM,
    OWN_ANSWER,
    POOR_MOTION,
    PREVIOUS,
    REGION,
    RIGHT_SIDE,
    SEPTAL_MOTION,
    SPARED,
    STRESS,
    TERRITORY,
    WALL,
    normal_phrases,
)
from labeling.rules.wall_scope import (
    AT_REST,
    SUPPLIED,
    clause_around,
    clause_bounds,
    excepts_a_part,
    excepts_a_wall,
    grade_after,
    grade_before,
    grade_of_kinesia,
    is_of_a_part,
    is_right_sided,
    near,
    piece_around,
    walls_in,
    with_supplied_before,
    worst,
)

Stance = Literal["present", "absent", "global", "hedged"]


_THERE_IS = re.compile(r"\bthere (?:is|are)\b|\bnow\b")


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


def assertions_in(statement: Statement, following: str) -> list[WallAssertion]:
    """All that a statement asserts; `following` is the text of the next one, which may name an exception."""
    found = [
        *_noun_assertions(statement),
        *_normal_assertions(statement),
        *_kinesia_assertions(statement, following),
        *_poor_motion_assertions(statement),
        *_worse_in_assertions(statement),
        *_aneurysm_assertions(statement),
    ]
    if any(a.stance == "present" for a in found) and not _is_plain_denial(statement.text):
        # "Anterior wall hypokinetic, other segments contract normally" is one finding, not two.
        return [a for a in found if a.stance != "absent"]
    return found


def _is_plain_denial(text: str) -> bool:
    return bool(
        re.search(r"\bno (?:obvious |definite |significant )?(?:rwma|regional|segmental)\b", text)
    ) and not re.search(r"\b(?:other|rest|remaining|else|except|apart)\b", text)


def _asserted(
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


def _noun_assertions(statement: Statement) -> Iterator[WallAssertion]:
    """ "RWMA", "regional wall motion abnormality" and relatives."""
    text = statement.text
    if COMPARED.search(text):
        return
    for match in NOUN.finditer(text):
        start, end = match.span()
        before, after = text[:start], text[end:]
        if OWN_ANSWER.match(after):
            before = before_label(before)
        lead = near(without_the_right_heart(text)[: len(before)], 30)
        is_right = is_of_the_right(lead) and not LEFT_SIDE.search(after[:15])
        # "Compared with 2021 ... there is no RWMA now": what is there is of today.
        is_cited = PREVIOUS.search(_THERE_IS.split(before)[-1])
        if is_right or _is_structural(match.group()) or is_cited:
            continue
        stance, certainty = _noun_stance(before, after)
        if stance == "absent":
            yield _asserted(statement, denial_bounds(text, start, end), "absent", certainty)
        elif stance == "present" and not re.search(r"\bglobal\b", match.group()):
            severity = worst((grade_before(before, len(before)), grade_after(text, end)))
            bounds = clause_bounds(text, start, end)
            walls = walls_in(clause_around(text, start, end))
            yield _asserted(statement, bounds, "present", certainty, severity=severity, walls=walls)
        elif stance is not None:
            # A global abnormality is not a regional one, and a hedge asserts nothing.
            neither: Stance = "global" if stance == "present" else stance
            yield _asserted(statement, (start, end), neither, certainty)


def _is_structural(noun: str) -> bool:
    """ "Ventricular wall abnormality" speaks of structure, a regional one, or one of motion, does not."""
    is_of_a_wall = re.search(r"\bwall\s+(?:abnormality|defect|anomal)", noun) is not None
    return is_of_a_wall and not re.search(r"motion|\bregional|\bsegmental", noun)


def _denied_stance(before: str, after: str) -> tuple[Stance | None, float] | None:
    """What a denial on either side makes of the noun; None where there is none."""
    if is_denied(before, after):
        # "No new RWMA" may leave an old one.
        is_of_new = re.search(r"\b(?:new|further|other|additional|fresh|more|change|interval)\s*$", before)
        certainty = 0.7 if is_of_new else 0.5 if may_be_stated(before, after) else 0.95
        return (None, 0.0) if is_denied_but_for(before, after) else ("absent", certainty)
    if is_answered_no(after, is_label=True):
        return "absent", 0.95
    if NEGATED_AFTER.match(after):
        # "RWMA no PAH": whose the denial is, a person has to say; "RWMA (+) no PAH" has its own answer.
        return "present", 0.92 if re.match(r"\s*\(?\+", after) else 0.5
    return None


def _noun_stance(before: str, after: str) -> tuple[Stance | None, float]:
    """What the words on both sides make of the noun, and how sure they are; None asserts nothing."""
    if re.match(
        r"\s*(?:at rest\s*)?(?:[:=-]\s*)?(?:could(?! be (?:seen|found|detected|demonstrated)\b)|"
        r"cannot|can not|can't|not (?:well |clearly |adequately )?(?:assess|evaluat|visual))",
        after,
    ):
        return "hedged", 0.8
    if "," in before and re.match(r"\s*(?:[:=]\s*|is |are )?(?:present|positive|\+|yes\b)", after):
        return "present", 0.92
    if denied := _denied_stance(before, after):
        return denied
    affirmed = AFFIRMED_AFTER.match(after) is not None
    if HEDGE.search(near(before, 60)) or (not affirmed and HEDGE.search(after[:60])):
        return "hedged", 0.8
    return _printed_value(after) or ("present", 0.92 if affirmed else 0.85)


def _printed_value(after: str) -> tuple[Stance | None, float] | None:
    """A value behind the noun that is no finding: "RWMA: global", "RWMA: normal", an empty field, a score."""
    if re.match(r"\s*[:=-]\s*(?:mild |moderate |severe )?global\b", after):
        return None, 0.0
    if re.match(
        r"\s*[:=-]\s*(?:nad\b|wnl\b|normal\b(?! (?:rv|ra|la|right|left atri|valve|size))|n\b)", after
    ):
        return "absent", 0.85
    if re.match(r"\s*(?:\([^)]*\))?\s*(?:[:=-][\s_.]*|_[\s_]*)(?:$|[;,|\n]|pah\b)", after):
        return None, 0.0
    if re.match(
        r"\s*(?:analysis|score|study|assessment)\b|\s*[:=-]\s*(?:see|refer|as (?:below|above|per))\b", after
    ):
        return None, 0.0
    return None


def _normal_assertions(statement: Statement) -> Iterator[WallAssertion]:
    """ "All segments contract normally" and relatives."""
    for start, end in normal_phrases(statement.text):
        before, phrase = statement.text[:start], statement.text[start:end]
        lead = near(without_the_right_heart(statement.text)[:start], 25)
        is_right = is_of_the_right(lead, phrase) and not LEFT_SIDE.search(phrase)
        if is_right or _is_of_the_rest(before, phrase) or PREVIOUS.search(before):
            continue
        if excepts_a_part(statement.text, start, end) or is_of_a_part(statement.text, start, end):
            # "All walls normal except the apex": which wall, and how it moves, is for a person to see.
            yield _asserted(
                statement, (start, end), "present", 0.6, walls=walls_in(statement.text[start : end + 60])
            )
        else:
            yield _asserted(statement, (start, end), "absent", 0.92)


def _is_of_the_rest(before: str, phrase: str) -> bool:
    """Whether only the other walls are normal ("remaining segments"), or only the one that is named."""
    if re.search(r"\bother|\bremaining|\brest of", phrase) or re.search(
        r"\b(?:not|other|rest of(?: the)?|remaining|rest|remainder|ab)\s*(?:the )?(?:lv |"
        r"left ventricular )?$",
        before,
    ):
        return True
    spoken_of = before[-25:].rsplit(",", 1)[-1] + phrase
    is_of_all = re.search(r"\ball\b", spoken_of) is not None or all(
        artery in phrase for artery in TERRITORIES
    )
    return WALL.search(spoken_of) is not None and not is_of_all


# "RV free wall: severely hypokinetic".
_RIGHT_LABEL = re.compile(
    r"\b(?:rv|right ventricular)\b[^:;.,\n]{0,25}:\s*(?:(?:mild|moderate|severe|is|global)\s+)*\Z"
)


def _kinesia_assertions(statement: Statement, following: str) -> Iterator[WallAssertion]:
    """Hypo-, a- and dyskinesia; weak all over is no regional finding, unless an exception is named."""
    text = statement.text
    for match in KINESIA.finditer(text):
        bounds = clause_bounds(text, *match.span())
        clause = text[slice(*bounds)]
        is_of_a_valve = re.search(r"\b(?:leaflet|cusp|annul|diaphragm\b)", clause)
        is_ballooning = match.group().startswith("balloon")
        if is_ballooning and re.search(r"\b(?:atrial|ias|valves?|mitral|fossa|no|without)\b", clause):
            continue
        if (
            is_of_a_valve
            or is_right_sided(text, *match.span(), clause)
            or PREVIOUS.search(text[: match.start()])
        ):
            continue
        if _RIGHT_LABEL.search(text[: match.start()]) and not LEFT_SIDE.search(clause):
            continue
        stance, certainty = _kinesia_stance(text, match, clause, following)
        if stance == "present":
            # Akinesia and dyskinesia are severe by what they are (docs/codebook.md); hypokinesia is graded.
            is_hypo = match.group().startswith("hypo")
            severity = grade_of_kinesia(text, match) if is_hypo else RwmaSeverity.SEVERE
            severity = RwmaSeverity.NOT_STATED if is_ballooning else severity
            yield _asserted(statement, bounds, stance, certainty, severity=severity, walls=walls_in(clause))
        elif stance is not None:
            yield _asserted(statement, bounds, stance, certainty)


def _kinesia_stance(
    text: str, match: re.Match[str], clause: str, following: str
) -> tuple[Stance | None, float]:
    """Denied, hedged, regional or global only; None where nothing says that it is of the left ventricle."""
    before, after = text[: match.start()], text[match.end() :]
    before = before_label(before, is_apart=True) if re.match(r"\s*[:=]", after) else before
    if is_negated(before, over_commas=False) or is_answered_no(after):
        return "absent", 0.9
    if HEDGE.search(near(before, 40)) or re.match(
        r"[^,;.]{0,25}\b(?:cannot|can not|could not|not) be (?:excluded|ruled)", after
    ):
        return "hedged", 0.8
    if _names_a_region(clause):
        return "present", 0.95
    if GLOBAL.search(clause):
        return ("present", 0.7) if excepts_a_wall(after + " " + following) else ("global", 0.9)
    if LEFT_SIDE.search(clause) and not re.search(r"\bsegment|\bwall\b", clause):
        return "global", 0.75
    if re.search(r"\b(?:rwma|regional|wall|segment|lv|left ventricular|ef|lvef|echo|contract\w+)\b", text):
        return ("present", 0.7) if re.search(r"\b(?:rwma|regional|wall|segment)\b", text) else ("global", 0.6)
    return None, 0.0


def _names_a_region(clause: str) -> bool:
    """Whether a wall or segment in the clause is what moves badly (and not merely what is spared)."""
    moving_badly = SPARED.sub(" ", without_the_right_heart(clause))
    if re.search(r"\ball\b", moving_badly):
        moving_badly = re.sub(r"\bsegment\b\s*$", " ", moving_badly)
    return REGION.search(NO_REGION.sub(" ", moving_badly)) is not None


def _poor_motion_assertions(statement: Statement) -> Iterator[WallAssertion]:
    """A wall that "moves poorly" or "does not thicken", in plain words."""
    text = statement.text
    for match in POOR_MOTION.finditer(text):
        before = text[: match.start()]
        bounds = clause_bounds(text, *match.span())
        bounds = bounds if WALL.search(text, *bounds) else _with_wall_before(text, bounds)
        bounds = with_supplied_before(text, bounds)
        clause = SUPPLIED.sub(r"\g<artery> territory", text[slice(*bounds)])
        is_of_a_valve = re.search(
            r"\b(?:leaflet|cusp|valve|mitral|aortic|tricuspid|annul|diaphragm\b)", clause
        )
        if is_of_a_valve or not WALL.search(clause) or SEPTAL_MOTION.search(clause):
            continue
        if is_right_sided(text, *match.span(), clause) or _is_not_asserted(before):
            continue
        is_still = re.search(r"\bnot\b|\bfails?\b|\babsent\b|\bloss\b", match.group())
        severity = RwmaSeverity.SEVERE if is_still else grade_before(text, match.start())
        yield _asserted(statement, bounds, "present", 0.75, severity=severity, walls=walls_in(clause))


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


def _worse_in_assertions(statement: Statement) -> Iterator[WallAssertion]:
    """Weak everywhere, and weaker in walls that are named."""
    for match in (*_WORSE_IN.finditer(statement.text), *_WORST.finditer(statement.text)):
        before = statement.text[: match.start()]
        if not (_is_not_asserted(before) or RIGHT_SIDE.search(match.group())):
            yield _asserted(statement, match.span(), "present", 0.7, walls=walls_in(match.group("walls")))


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


def _aneurysm_assertions(statement: Statement) -> Iterator[WallAssertion]:
    """An aneurysm of the left ventricle, or of a wall of it: a severe regional finding."""
    text = statement.text
    for match in ANEURYSM.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        bounds = clause_bounds(text, *match.span())
        clause = text[slice(*bounds)]
        if OTHER_ANEURYSM.search(own_part(text, *match.span())):
            continue
        if is_listed_denied(before, after) or is_answered_no(after) or HEDGE.search(near(before, 40)):
            continue
        is_of_the_left = LEFT_SIDE.search(clause)
        if is_of_the_left or (WALL.search(clause) and not RIGHT_SIDE.search(clause)):
            yield _asserted(
                statement, bounds, "present", 0.85, severity=RwmaSeverity.SEVERE, walls=walls_in(clause)
            )
