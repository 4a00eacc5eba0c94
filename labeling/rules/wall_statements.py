"""What one statement asserts about wall motion: denied, affirmed, hedged or global only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from labeling.rules.denials.denied_lists import may_be_stated
from labeling.rules.denials.wall_denials import (
    before_label,
    denial_bounds,
    is_answered_no,
    is_denied,
    is_in_absent_list,
)
from labeling.rules.lexicon import TERRITORIES
from labeling.rules.parts.right_heart import OF_BOTH, is_of_the_right, without_the_right_heart
from labeling.rules.sections import Statement
from labeling.rules.wall_patterns import (
    AFFIRMED_AFTER,
    COMPARED,
    HEDGE,
    LEFT_SIDE,
    NEGATED_AFTER,
    NOUN,
    OWN_ANSWER,
    PREVIOUS,
    WALL,
)
from labeling.rules.wall_scope import (
    clause_around,
    clause_bounds,
    grade_after,
    grade_before,
    near,
    walls_in,
    worst,
)
from labeling.rules.walls.assertion import EXCEPTION, OTHER, Stance, WallAssertion, asserted
from labeling.rules.walls.cited import is_cited
from labeling.rules.walls.exceptions import (
    excepts_a_part,
    is_denied_but_for,
    is_of_a_part,
    is_somewhere_after_all,
)
from labeling.rules.walls.kinesia import kinesia_assertions
from labeling.rules.walls.normal_motion import normal_phrases
from labeling.rules.walls.only_a_part import partly_normal_assertions
from labeling.rules.walls.other_walls import moving_badly
from labeling.rules.walls.plain_motion import (
    aneurysm_assertions,
    poor_motion_assertions,
    worse_in_assertions,
)


def assertions_in(statement: Statement, following: str) -> list[WallAssertion]:
    """All that a statement asserts; `following` is the text of the next one, which may name an exception."""
    found = [
        *_noun_assertions(statement),
        *_normal_assertions(statement),
        *kinesia_assertions(statement, following),
        *poor_motion_assertions(statement),
        *worse_in_assertions(statement),
        *aneurysm_assertions(statement),
    ]
    found = found or list(partly_normal_assertions(statement))
    present = [a for a in found if a.stance == "present"]
    if any(a.walls and a.kind.endswith("kinesia") for a in present):
        # "All walls normal except the apex, which is akinetic": the exception says itself how it moves.
        found = [a for a in found if a.kind != EXCEPTION]
    if present and not _is_plain_denial(statement.text):
        # "Anterior wall hypokinetic, other segments contract normally" is one finding, not two; "no akinesia,
        # mild inferior hypokinesia" is two.
        return [a for a in found if a.stance != "absent" or all(map(a.leaves_room_for, present))]
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
        is_cited_one = is_cited(before)
        if _is_right(text, len(before), end) or _is_structural(match.group()) or is_cited_one:
            continue
        stance, certainty = _noun_stance(before, after)
        if stance == "absent":
            kind = OTHER if _OF_OTHERS.search(before) else ""
            yield asserted(statement, denial_bounds(text, start, end), "absent", certainty, kind=kind)
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


_OF_OTHERS = re.compile(r"\b(?:no|without|any) (?:other|further|additional)\s+(?:\w+\s+)?$")


def _is_right(text: str, start: int, end: int) -> bool:
    """Whether a noun is said of the right heart alone."""
    lead = near(without_the_right_heart(text)[:start], 30)
    if LEFT_SIDE.search(text, start, end):
        return False
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
    if is_in_absent_list(after):
        return "absent", 0.9
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


# "Multiple RWMA", "LV dysfunction with RWMA".
_AFFIRMED_BEFORE = re.compile(
    r"(?:\b(?:with|multiple|extensive|gross|several|positive for|has|shows?|showing|there (?:is|are)|due to)|"
    r"\+ve|[\u2713\u2714])\s*$"
)


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
    affirmed = AFFIRMED_AFTER.match(after) is not None or _AFFIRMED_BEFORE.search(before) is not None
    if HEDGE.search(near(before, 60)) or (not affirmed and HEDGE.search(after[:60])):
        return "hedged", 0.8
    return _printed_value(after) or ("present", 0.92 if affirmed else 0.85)


# "RWMA: all walls normal", "RWMA: LV contracts normally".
_ALL_NORMAL = re.compile(
    r"\s*[:=-]\s*(?:(?:all |every )(?:the )?(?:lv )?(?:walls?|segment|areas?)\s*(?:are |is |show "
    r")?(?:normal|ok|"
    r"(?:mov|contract|thicken)\w* (?:normally|well))|lv contracts (?:normally|evenly|"
    r"uniformly))\b(?![^.;\n]{0,3}(?:except|but|"
    r"other than|apart))"
)


def _printed_value(after: str) -> tuple[Stance | None, float] | None:
    """A value behind the noun that is no finding: "RWMA: global", "RWMA: normal", an empty field, a score."""
    if re.match(r"\s*[:=-]\s*(?:mild |moderate |severe )?global\b", after):
        return None, 0.0
    if re.match(
        r"\s*[:=-]\s*(?:nad\b|wnl\b|normal\b(?! (?:rv|ra|la|right|left atri|valve|size))|n\b)", after
    ):
        return "absent", 0.85
    if _ALL_NORMAL.match(after):
        return "absent", 0.9
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
            walls = walls_in(statement.text[start : end + 60])
            yield asserted(statement, (start, end), "present", 0.6, walls=walls, kind=EXCEPTION)
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
