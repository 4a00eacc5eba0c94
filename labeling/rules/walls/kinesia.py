"""Hypo-, a- and dyskinesia in a statement: denied, of a region, all over, or of another part of the heart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from db.labels import RwmaSeverity
from labeling.rules.denials.wall_denials import before_label, denies_another, is_answered_no, is_negated
from labeling.rules.parts.right_heart import without_the_right_heart
from labeling.rules.sections import Statement
from labeling.rules.wall_patterns import GLOBAL, HEDGE, KINESIA, LEFT_SIDE, NO_REGION, REGION, SPARED, WALL
from labeling.rules.wall_scope import clause_bounds, grade_of_kinesia, is_right_sided, near, walls_in
from labeling.rules.walls.assertion import LABELLED_HYPOKINESIA, Stance, WallAssertion, asserted
from labeling.rules.walls.cited import is_cited
from labeling.rules.walls.exceptions import excepts_a_wall, excepts_a_wall_of_none, moves_oddly
from labeling.rules.walls.other_walls import leaves_walls_out, moving_badly, spares_a_wall_first

# "RV free wall: severely hypokinetic".
_RIGHT_LABEL = re.compile(
    r"\b(?:rv|right ventricular)\b[^:;.,\n]{0,25}:\s*(?:(?:(?:mild|moderate|severe|is|global|dilated|"
    r"enlarged|and|"
    r"normal|sized?|in|not|with),?\s+)*)\Z"
)


def kinesia_assertions(statement: Statement, following: str) -> Iterator[WallAssertion]:
    """Hypo-, a- and dyskinesia; weak all over is no regional finding, unless an exception is named."""
    for match in KINESIA.finditer(statement.text):
        found = _kinesia_at(statement, match, moving_badly(statement.text), following)
        if found is None and moving_badly(statement.text) != statement.text:
            # "Septal hypertrophy with hypokinesia": whose it is, a person has to say.
            found = _kinesia_at(statement, match, statement.text, following)
            found = replace(found, certainty=0.6) if found else None
        if found is not None:
            yield found


# "Inferior wall hypokinesia and mitral annular calcification": behind the kinesia of a wall, another finding.
_VALVE_BESIDE = re.compile(
    rf"(?<=kinesia)(?:\s+(?:of|in|at)\s+(?:the\s+)?(?:{WALL.pattern}\s*)+(?:wall|segment)?)?\s*(?:,|and|"
    rf"with)\s[^.;\n]*\b"
    r"(?:leaflet|cusp|annul)\w*"
)


def _kinesia_at(statement: Statement, match: re.Match[str], own: str, following: str) -> WallAssertion | None:
    """What a kinesia asserts by the words of `own`, the statement or as much of it as may be its own."""
    text = statement.text
    bounds = clause_bounds(own, *match.span())
    clause = own[slice(*bounds)]
    if _is_of_another_part(text, match, own, clause):
        return None
    stance, certainty = _kinesia_stance(text, match, clause, following)
    kind = _kind_of(match, stance)
    if stance == "present":
        # Akinesia and dyskinesia are severe by what they are (docs/codebook.md); hypokinesia is graded.
        walls, severity = walls_in(clause), _severity_of(text, match)
        if walls == ("septal",) and moves_oddly(text, *bounds):
            # "Septum dyskinetic (LBBB)": whether that is regional, a person has to say.
            certainty = min(certainty, 0.7)
        return asserted(statement, bounds, stance, certainty, severity=severity, walls=walls, kind=kind)
    return asserted(statement, bounds, stance, certainty, kind=kind) if stance is not None else None


def _is_of_another_part(text: str, match: re.Match[str], own: str, clause: str) -> bool:
    """Whether a kinesia is a valve's, the right heart's, an atrium's, or of an earlier study."""
    if match.group().startswith("balloon") and re.search(
        r"\b(?:atrial|ias|valves?|mitral|fossa|no|without)\b", clause
    ):
        return True
    if re.search(r"\b(?:leaflet|cusp|annul|diaphragm\b)", _VALVE_BESIDE.sub(" ", clause)):
        return True
    before = text[: match.start()]
    if is_right_sided(own, *match.span(), clause) or is_cited(before):
        return True
    return _RIGHT_LABEL.search(before) is not None and not LEFT_SIDE.search(clause)


def _severity_of(text: str, match: re.Match[str]) -> RwmaSeverity:
    """The grade of a hypokinesia; the others are severe, and a ballooning has none."""
    if match.group().startswith("balloon"):
        return RwmaSeverity.NOT_STATED
    return grade_of_kinesia(text, match) if match.group().startswith("hypo") else RwmaSeverity.SEVERE


def _kind_of(match: re.Match[str], stance: Stance | None) -> str:
    """What is found or denied; of a hypokinesia that is denied, whether it stands in a list of kinds."""
    is_listed = stance == "absent" and _IS_LABEL.match(match.string, match.end())
    return LABELLED_HYPOKINESIA if is_listed and match.group().startswith("hypo") else match.group()


_IS_LABEL = re.compile(r"(?:\s+(?:segment|walls?|areas?))?\s*[:=-]")


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


# "No akinesia/dyskinesia, hypokinesia of the inferior wall", "no akinesia of the apex, only hypokinesia".
_LIST_CLOSED = re.compile(r"(?:/|\bor\b)\s*\w+kinesia,\s*$")
_OF_A_WALL = re.compile(rf"\s+(?:of|in|at)\s+(?:the\s+)?{WALL.pattern}")


def _begins_anew(before: str, after: str) -> bool:
    """Whether a kinesia behind a list of denied ones is there itself."""
    return _LIST_CLOSED.search(before) is not None and _OF_A_WALL.match(after) is not None


def _kinesia_answer(before: str, after: str) -> tuple[Stance, float] | None:
    """What a denial, a yes or a doubt on either side makes of it; None where there is none."""
    if _NOT_GLOBAL.search(f"{before} {after}"):
        return "present", 0.6
    if (is_negated(before, over_commas=False) and not _begins_anew(before, after)) or is_answered_no(after):
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
