"""What one statement asserts about wall motion: denied, affirmed, hedged or global only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from db.labels import RwmaSeverity
from labeling.rules.denials.denied_lists import may_be_stated
from labeling.rules.denials.wall_denials import (
    before_label,
    denial_bounds,
    denies_another,
    is_answered_no,
    is_denied,
    is_negated,
)
from labeling.rules.lexicon import TERRITORIES
from labeling.rules.parts.right_heart import OF_BOTH, is_of_the_right, without_the_right_heart
from labeling.rules.sections import Statement
from labeling.rules.wall_patterns import (
    AFFIRMED_AFTER,
    COMPARED,
    GLOBAL,
    HEDGE,
    KINESIA,
    LEFT_SIDE,
    NEGATED_AFTER,
    NO_REGION,
    NOUN,
    OWN_ANSWER,
    PREVIOUS,
    REGION,
    SPARED,
    WALL,
    normal_phrases,
)
from labeling.rules.wall_scope import (
    clause_around,
    clause_bounds,
    grade_after,
    grade_before,
    grade_of_kinesia,
    is_right_sided,
    near,
    walls_in,
    worst,
)
from labeling.rules.walls.assertion import Stance, WallAssertion, asserted
from labeling.rules.walls.exceptions import (
    excepts_a_part,
    excepts_a_wall,
    excepts_a_wall_of_none,
    is_denied_but_for,
    is_of_a_part,
    is_somewhere_after_all,
)
from labeling.rules.walls.other_walls import leaves_walls_out, moving_badly, spares_a_wall_first
from labeling.rules.walls.plain_motion import (
    aneurysm_assertions,
    poor_motion_assertions,
    worse_in_assertions,
)

_THERE_IS = re.compile(r"\bthere (?:is|are)\b|\bnow\b")


def assertions_in(statement: Statement, following: str) -> list[WallAssertion]:
    """All that a statement asserts; `following` is the text of the next one, which may name an exception."""
    found = [
        *_noun_assertions(statement),
        *_normal_assertions(statement),
        *_kinesia_assertions(statement, following),
        *poor_motion_assertions(statement),
        *worse_in_assertions(statement),
        *aneurysm_assertions(statement),
    ]
    if any(a.stance == "present" for a in found) and not _is_plain_denial(statement.text):
        # "Anterior wall hypokinetic, other segments contract normally" is one finding, not two.
        return [a for a in found if a.stance != "absent"]
    return found


def _is_plain_denial(text: str) -> bool:
    return bool(
        re.search(r"\bno (?:obvious |definite |significant )?(?:rwma|regional|segmental)\b", text)
    ) and not re.search(r"\b(?:other|rest|remaining|else|except|apart)\b", text)


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
        # "Compared with 2021 ... there is no RWMA now": what is there is of today.
        is_cited = PREVIOUS.search(_THERE_IS.split(before)[-1])
        if _is_right(text, len(before), end) or _is_structural(match.group()) or is_cited:
            continue
        stance, certainty = _noun_stance(before, after)
        if stance == "absent":
            yield asserted(statement, denial_bounds(text, start, end), "absent", certainty)
        elif stance == "present" and not re.search(r"\bglobal\b", match.group()):
            severity = worst((grade_before(before, len(before)), grade_after(text, end)))
            own = moving_badly(text)
            bounds = clause_bounds(own, start, end)
            walls = walls_in(clause_around(own, start, end))
            yield asserted(statement, bounds, "present", certainty, severity=severity, walls=walls)
        elif stance is not None:
            # A global abnormality is not a regional one, and a hedge asserts nothing.
            neither: Stance = "global" if stance == "present" else stance
            yield asserted(statement, (start, end), neither, certainty)


def _is_right(text: str, start: int, end: int) -> bool:
    """Whether a noun is said of the right heart alone."""
    lead = near(without_the_right_heart(text)[:start], 30)
    return is_of_the_right(lead) and not (LEFT_SIDE.search(text, end, end + 15) or OF_BOTH.search(lead))


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
        return _but_for(before, after) or ("absent", certainty)
    if is_answered_no(after, is_label=True):
        return _but_for("", after) or ("absent", 0.95)
    if NEGATED_AFTER.match(after):
        # "RWMA no PAH": whose the denial is, a person has to say; "RWMA (+) no PAH" has its own answer.
        return "present", 0.92 if re.match(r"\s*\(?\+", after) else 0.5
    return None


def _but_for(before: str, after: str) -> tuple[Stance | None, float] | None:
    """What a denial with an exception leaves: a wall for a person to see, or nothing; None without one."""
    if not is_denied_but_for(before, after):
        return None
    return ("present", 0.6) if is_somewhere_after_all(after) else (None, 0.0)


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


# "Wall motion:     Valves: Normal": what is normal has a label of its own.
_ANOTHER_LABEL = re.compile(
    r"motion\s*[:=-]\s*(?:-\s*)?(?:[a-z]+ ){0,3}"
    r"(?:valves?|size|pericardium|thickness|atri\w+|rv|la|ra|aort\w+)\s*[:=-]"
)


def _normal_assertions(statement: Statement) -> Iterator[WallAssertion]:
    """ "All segments contract normally" and relatives."""
    for start, end in normal_phrases(statement.text):
        before, phrase = statement.text[:start], statement.text[start:end]
        lead = near(without_the_right_heart(statement.text)[:start], 25)
        is_of_both = LEFT_SIDE.search(phrase) or OF_BOTH.search(lead + phrase)
        is_right = is_of_the_right(lead, phrase) and not is_of_both
        if (
            is_right
            or _ANOTHER_LABEL.search(phrase)
            or _is_of_the_rest(before, phrase)
            or PREVIOUS.search(before)
        ):
            continue
        if excepts_a_part(statement.text, start, end) or is_of_a_part(statement.text, start, end):
            # "All walls normal except the apex": which wall, and how it moves, is for a person to see.
            yield asserted(
                statement, (start, end), "present", 0.6, walls=walls_in(statement.text[start : end + 60])
            )
        else:
            yield asserted(statement, (start, end), "absent", 0.92)


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
    for match in KINESIA.finditer(statement.text):
        found = _kinesia_at(statement, match, moving_badly(statement.text), following)
        if found is None and moving_badly(statement.text) != statement.text:
            # "Septal hypertrophy with hypokinesia": whose it is, a person has to say.
            found = _kinesia_at(statement, match, statement.text, following)
            found = replace(found, certainty=0.6) if found else None
        if found is not None:
            yield found


def _kinesia_at(statement: Statement, match: re.Match[str], own: str, following: str) -> WallAssertion | None:
    """What a kinesia asserts by the words of `own`, the statement or as much of it as may be its own."""
    text = statement.text
    bounds = clause_bounds(own, *match.span())
    clause = own[slice(*bounds)]
    is_of_a_valve = re.search(r"\b(?:leaflet|cusp|annul|diaphragm\b)", clause)
    is_ballooning = match.group().startswith("balloon")
    if is_ballooning and re.search(r"\b(?:atrial|ias|valves?|mitral|fossa|no|without)\b", clause):
        return None
    if is_of_a_valve or is_right_sided(own, *match.span(), clause) or PREVIOUS.search(text[: match.start()]):
        return None
    if _RIGHT_LABEL.search(text[: match.start()]) and not LEFT_SIDE.search(clause):
        return None
    stance, certainty = _kinesia_stance(text, match, clause, following)
    if stance == "present":
        # Akinesia and dyskinesia are severe by what they are (docs/codebook.md); hypokinesia is graded.
        is_hypo = match.group().startswith("hypo")
        severity = grade_of_kinesia(text, match) if is_hypo else RwmaSeverity.SEVERE
        severity = RwmaSeverity.NOT_STATED if is_ballooning else severity
        return asserted(statement, bounds, stance, certainty, severity=severity, walls=walls_in(clause))
    return asserted(statement, bounds, stance, certainty) if stance is not None else None


# "To confirm inferior wall hypokinesia", "hypokinesia rather than akinesia": nothing that was seen today.
_ASKED = re.compile(
    r"\b(?:(?:evaluation of|to confirm|susp\w*\.?|seen for|came with)\s*:?\s*"
    rf"(?:(?:mild|moderate|severe|the|an?|and|walls?|segment)\s+|{WALL.pattern}\s+)*|rather than\s+|"
    r"instead of\s+)$"
)
# "Hypokinesia not global but regional", "no global hypokinesia, only regional".
_NOT_GLOBAL = re.compile(r"\b(?:not|no) global\b[^.;\n]{0,30}\b(?:but|only) (?:regional|segmental)\b")
# "Hypokinesia: yes".
_YES = re.compile(r"\s*[:=]\s*(?:yes|present|\(?\+)")


def _kinesia_stance(
    text: str, match: re.Match[str], clause: str, following: str
) -> tuple[Stance | None, float]:
    """Denied, hedged, regional or global only; None where nothing says that it is of the left ventricle."""
    before, after = text[: match.start()], text[match.end() :]
    before = before_label(before, is_apart=True) if re.match(r"\s*[:=]", after) else before
    if answer := _kinesia_answer(before, after):
        return answer
    if _names_a_region(_of_the_whole(clause, match.group())):
        return "present", 0.95
    is_global = GLOBAL.search(clause) is not None
    is_worse = spares_a_wall_first(following) or is_global and excepts_a_wall(f"{after} {following}")
    if uneven := leaves_walls_out(text) or 0.7 * is_worse:
        return "present", uneven
    if is_global:
        return "global", 0.9
    if LEFT_SIDE.search(clause) and not re.search(r"\bsegment|\bwall\b", clause):
        return "global", 0.75
    if re.search(r"\b(?:rwma|regional|wall|segment|lv|left ventricular|ef|lvef|echo|contract\w+)\b", text):
        return ("present", 0.7) if re.search(r"\b(?:rwma|regional|wall|segment)\b", text) else ("global", 0.6)
    return None, 0.0


def _kinesia_answer(before: str, after: str) -> tuple[Stance, float] | None:
    """What a denial, a yes or a doubt on either side makes of it; None where there is none."""
    if _NOT_GLOBAL.search(f"{before} {after}"):
        return "present", 0.6
    if is_negated(before, over_commas=False) or is_answered_no(after):
        # "No hypokinesia except at the apex"; "no clot and apex akinetic" is doubtful, "LV not dilated and
        # apex akinetic" is not.
        if other := denies_another(before):
            return "present", 0.6 if other in ("no", "without", "nor", "neither", "none") else 0.9
        return ("present", 0.6) if excepts_a_wall_of_none(after) else ("absent", 0.9)
    if _YES.match(after):
        return "present", 0.85
    if _ASKED.search(before[-80:]):
        return "hedged", 0.8
    if HEDGE.search(near(before, 40)) or re.match(
        r"[^,;.]{0,25}\b(?:cannot|can not|could not|not) be (?:excluded|ruled)", after
    ):
        return "hedged", 0.8
    return None


# "Global hypokinesia with a thin septum", "... seen in apical views": no region of the kinesia.
_ALL_OVER = re.compile(r"\bglobal\s+(?:(?:lv|left ventricular|mild|moderate|severe|to|-)\s+)*$")
_REGIONAL = re.compile(r"\b(?:regional|segmental|focal|scar\w*)\b")
_EQUALLY = re.compile(r"\b(?:all|both)\s+(?:equally|alike|uniformly)\b")


def _of_the_whole(clause: str, kinesia: str) -> str:
    """Of a clause with a kinesia all over, what may name a region of it; of any other, all."""
    ahead, _, behind = clause.partition(kinesia)
    if _EQUALLY.search(ahead):
        return ""
    if not _ALL_OVER.search(ahead) or re.match(r"\s+(?:of|in)\b", behind):
        return clause
    return " ".join(_REGIONAL.findall(NO_REGION.sub(" ", ahead + behind)))


def _names_a_region(clause: str) -> bool:
    """Whether a wall or segment in the clause is what moves badly (and not merely what is spared)."""
    moving_badly = SPARED.sub(" ", without_the_right_heart(clause))
    if re.search(r"\ball\b", moving_badly):
        moving_badly = re.sub(r"\bsegment\b\s*$", " ", moving_badly)
    return REGION.search(NO_REGION.sub(" ", moving_badly)) is not None
