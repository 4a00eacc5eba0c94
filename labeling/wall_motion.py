"""Decide what a normalised report says about regional wall motion of the left ventricle.

Each statement gives zero or more assertions (present, absent, global only, hedged) with the words they rest on; the
report's answer follows from them. Conventions: `docs/codebook.md`, section RWMA.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from db.labels import WALLS, Rwma, RwmaSeverity
from labeling.lexicon import WALL_WORDS
from labeling.sections import Statement

Kind = Literal["present", "absent", "global", "hedged"]

_WALL_NAMES = sorted({word for words in WALL_WORDS.values() for word in words}, key=len, reverse=True)
_WALL = re.compile(r"\b(?:" + "|".join(map(re.escape, _WALL_NAMES)) + r")\b")
_REGION = re.compile(_WALL.pattern + r"|\b(?:regional|segmental|segment|focal|wall|walls|territory|scar(?:red)?)\b")
_KINESIA = re.compile(r"\b(?:hypo|a|dys)[- ]?kinesia\b|\bkinesia\b(?<=hypo kinesia)")
_ANEURYSM = re.compile(r"\baneurysm\b")
_NOUN = re.compile(
    r"\br\.?\s?w\.?\s?m\.?\s?a'?s?\b|\br[vwu]{1,2}[mn]i?as?\b|\brw[hn]a\b|\b(?:lv)?wmas?\b|\bsvma\b|"
    r"\b(?:(?:regional|segmental|focal|discrete|localised|localized|lv|left ventricular|resting|ventricular|global|systolic)[\s/]+)*"
    r"(?:wall[- ]*motion|wall[- ]*movement|contraction|contractility|wall)\s+(?:abnormality|defects?|disturbances?|disorders?|anomal(?:y|ies))|"
    r"\b(?:regional|segmental)\s+(?:abnormality|dysfunction|asynergy|defects?)\b|\basynergy\b|"
    r"\babnormal\s+(?:regional|segmental)?\s*wall[- ]*motion\b"
)
_NORMAL = re.compile(
    r"\bnormal\s+(?:(?:lv|left ventricular|resting|global|regional|segmental|and|size|,|biventricular|systolic|function|overall)[\s,]+)*"
    r"wall[- ]*motion\b|"
    r"\bwall[- ]*motion(?:s)?\b(?:\s+(?:study|analysis|score))?[^.;,\n]{0,40}?\b(?:is|was|are|were|appears?|appeared|remains?|:|-|=|reveals?|shows?)\s*"
    r"(?:to be |grossly |entirely |essentially |within |all |also )*(?:normal|intact|preserved|unremarkable|wnl|normal limits)\b|"
    r"\bwall[- ]*motion\s*(?:\([^)]*\)\s*)?[:=-]?\s*(?:normal|intact|wnl|preserved|no abnormality|nad|ok)\b|"
    r"\b(?:all|every|the)?\s*(?:the )?(?:lv |left ventricular |myocardial |visualised |seen |17 |16 )*(?:segment|wall)s?\s+"
    r"(?:are |is |were |was |seen |visualised |appear |appeared |show |showed |showing |that were seen )*(?:to )?(?:mov(?:e|ed|ing|es)|contract(?:s|ed|ing)?|thicken(?:s|ed|ing)?|contraction|kinetics?|normokinetic|with)"
    r"\s*(?:is |are |was )?(?:normal|normally|well|equally|symmetrically|adequately|and thicken normally|and move normally)\b|"
    r"\bnormal\s+(?:contraction|contractility|motion|movement|excursion|kinetics?|thickening and motion)\s+of\s+(?:all|the|every)\b[^.;\n]{0,30}\b(?:segment|wall)s?\b|"
    r"\b(?:regional|segmental)\s+(?:lv\s+|left ventricular\s+|wall\s+)?(?:motion|movement|contractility|contraction|contractions|function|kinetics)\s*"
    r"(?:is|was|are|were|appears?|remains?|:|-|=)?\s*(?:grossly |entirely |well |all )?(?:normal|preserved|intact)\b|"
    r"\bnormal\s+(?:global and\s+)?(?:regional|segmental)\s+(?:lv\s+|wall\s+)?(?:motion|contractility|contraction|function|kinetics)\b|"
    r"\b(?:wall[- ]*motion|motion|contraction|contractility|function|contracts|moves|thickens)\s+(?:is\s+|was\s+|are\s+)?(?:normal|normally|uniform|uniformly|symmetric(?:al(?:ly)?)?|well)"
    r"\s+(?:in|of|across|throughout|over)\s+(?:all|every|the (?:whole|entire)|each)\b|"
    r"\b(?:all|every)\s+(?:the )?(?:lv |left ventricular |visualised |\d\d )*(?:wall|segment)s?[^.;,\n]{0,30}\b(?:normal(?:ly)?|symmetric\w*|equally|uniform(?:ly)?|well)\b(?! visual)|"
    r"\bwall motion score(?: index)?\s*(?:\(wmsi\)\s*)?(?:is|was|of|:|=|-)?\s*1(?:\.0+)?(?![.\d])|\bwmsi\s*(?:is|of|:|=|-)?\s*1(?:\.0+)?(?![.\d])|"
    r"\b(?:normokinesia|normokinetic|normal kinetics)\b"
)
# Plain words for a wall that moves too little; they need a wall beside them to count.
_POOR_MOTION = re.compile(
    r"\b(?:(?:contracts?|moves?|moving|contracting|thickens?|thickening)\s+(?:very\s+)?(?:poorly|sluggishly|weakly)|"
    r"(?:does|do|did)\s+not\s+(?:move|contract|thicken)|fails?\s+to\s+(?:move|contract|thicken)|(?:not|hardly|barely)\s+(?:moving|contracting|thickening|moves?|contracts?)|"
    r"(?:reduced|decreased|impaired|diminished|poor|abnormal|sluggish|absent|restricted)\s+(?:systolic\s+)?(?:motion|excursion|thickening|contractility|contraction|movement)|"
    r"(?:motion|excursion|thickening|contractility|contraction|movement)\s+(?:is|was|are|of [^.;,\n]{3,40} is)\s+(?:mild |moderate |severe )?(?:reduced|decreased|impaired|diminished|poor|abnormal|sluggish|absent))\b"
)
_NEGATOR = re.compile(
    r"\b(?:no|not|without|nil|absent|absence of|free of|free from|negative for|none|never|neither|nor|devoid of|non)\b"
)
_NEGATED_AFTER = re.compile(
    r"^\s*(?:\([^)]*\)\s*)?(?:at rest\s*)?(?:[:=-]+\s*|\(\s*|is |are |was |were |has been |have been )*\s*"
    r"(?:none|nil|absent|no\b(?! (?:longer))|not (?:seen|noted|present|detected|identified|found|evident|observed|demonstrated|appreciated)|negative|ruled out|-ve|\(-\)|-\s*(?:ve)?\s*(?:$|[,;.)]))"
)
_AFFIRMED_AFTER = re.compile(r"^\s*(?:\([^)]*\)\s*)?(?:[:=-]\s*|is |are |was |were )*\s*(?:present|yes|noted|seen|positive|\+|\(\+\)|detected|identified|observed|in\b|of\b|involving|at\b)")
_SCOPE_END = re.compile(
    r"\b(?:but|however|except|excepting|other than|apart from|aside from|besides|although|though|whereas|while|with(?! no\b)|there is|there are|there was|there were|"
    r"shows?|showed|reveals?|revealed|demonstrat\w+|now|only|instead|also|is|are|was|were|has|have|present)\b|[:;.]|\s-\s"
)
_HEDGE = re.compile(
    r"\b(?:could not be|cannot be|can not be|can't be|couldn't be|not be|unable to|cannot|can not|could not|difficult to|not (?:well |adequately |clearly |fully |optimally |completely |properly |reliably )*"
    r"(?:assessed|evaluated|visualised|seen|assessable|interpretable|commented|evaluable)|limited|suboptimal|sub-optimal|inadequate|non-?diagnostic|"
    r"possible|possibly|questionable|query|suspicious|suspected|\?|rule out|r/o|exclude|excluded|may be|might be|may have|would|if|risk of|evaluate for|assess for|to look for|"
    r"look for|to assess|assessment of|for evaluation of|reason)\b|\?"
)
_RIGHT_SIDE = re.compile(
    r"\b(?:rv|r\.v\.?|right ventricular|right-ventricular|right heart|right atrial|ra|rvot|free wall of (?:the )?r|mcconnell'?s?)\b"
)
_LEFT_SIDE = re.compile(r"\b(?:lv|left ventricular|l\.v\.?)\b")
_SEPTAL_MOTION = re.compile(
    r"\b(?:paradoxical|paradoxic|abnormal|asynchronous|dyssynchronous|flattened|bouncing|post-?op(?:erative)?|pacing|paced|lbbb)\b[^.;,\n]{0,25}\b(?:septal|ivs)\b"
    r"|\bseptal\b[^.;,\n]{0,25}\b(?:motion|bounce|flattening|dyssynchrony|flash)\b|\bd[- ]shaped\b"
)
_NOT_THE_HEART = re.compile(
    r"\b(?:tardive|biliary|ciliary|oro-?facial|limb|parkinson\w*|gait|gastric|esophageal|oesophageal|bowel|gallbladder|psychomotor|speech|tremors?|rigidity|chorea)\b"
)
_OTHER_ANEURYSM = re.compile(
    r"\b(?:aorta|aortic|aaa|atrial|interatrial|ias|fossa ovalis|valsalva|sinus(?:es)? of|sov|membranous|vsd|coronary|lad|rca|carotid|cerebral|brain|intracranial|"
    r"berry|abdominal|iliac|femoral|popliteal|pseudo|mycotic|thoracic|ascending|root|artery|septal|ventricular septal)\b"
)
_COMPARED = re.compile(
    r"\b(?:better|improved|improvement in|improving|worse|unchanged|change in)\b[^.;\n]{0,40}\bwall[- ]*motion\b"
)
_PREVIOUS = re.compile(
    r"\b(?:previous(?:ly)?|prior|earlier|last|old)\s+(?:echo\w*|study|report|scan|2d|2-d|tte|exam\w*|angio\w*|test|imaging|noted|described|seen|reported|lv)"
    r"|\b(?:compared (?:to|with))\b"
)
_STRESS = re.compile(r"\b(?:stress[- ]induced|inducible|induced|peak stress|at peak|post[- ]?exercise|with exercise|after exercise|during stress|peak dose|low dose|post stress|stress images|stress imaging|peak exercise)\b")
_STUDY_TITLE = re.compile(r"\bwall[- ]*motion (?:study|analysis|score|index|imaging|assessment|scoring)\b")
_GLOBAL = re.compile(r"\bglobal\b|\ball (?:the )?(?:lv |left ventricular )?(?:wall|segment)s?\b|\bgeneral\b|\bconcentric\b|\bentire lv\b|\bwhole lv\b")
_GRADE = re.compile(r"\b(mild|moderate|severe|gross|significant)\b")
_BETWEEN_GRADE_AND_NOUN = re.compile(
    r"(?:[\s,/&-]|\b(?:to|and|or|of|the|in|global|regional|segmental|focal|lv|left|ventricular|resting|wall|walls|segment|motion|distal|proximal|"
    r"mid|basal|apical|area|areas|region|very|large|small|mild|moderate|severe|whole|entire|half|third|part|portion|aspect|grade|degree|free|"
    r"hypokinesia|akinesia|dyskinesia|"
    + "|".join(re.escape(word) for word in _WALL_NAMES)
    + r")\b)*"
)  # fmt: skip


@dataclass(frozen=True)
class WallAssertion:
    """One thing one statement says about wall motion; offsets are in the normalised text, half-open."""

    kind: Kind
    start: int
    end: int
    section: str
    severity: RwmaSeverity = RwmaSeverity.NOT_STATED
    walls: tuple[str, ...] = ()
    is_stress: bool = False
    certainty: float = 0.9


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
        if statement.section == "previous" or _NOT_THE_HEART.search(statement.text):
            continue
        found.extend(_assertions_in(statement, _follows(statements, index)))
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
        severity = _worst(a.severity for a in present)
        walls = {wall for a in present for wall in a.walls}
        certainty = min(source.certainty, 0.7) if contradicted else source.certainty
        ordered = tuple(wall for wall in WALLS if wall in walls)
        return WallMotion(Rwma.PRESENT, severity, ordered, source, certainty, contradicted)
    if absent or any(a.kind == "global" for a in rest):
        source = max(absent or [a for a in rest if a.kind == "global"], key=lambda a: a.section == "conclusion")
        certainty = 0.6 if contradicted else source.certainty
        return WallMotion(Rwma.ABSENT, RwmaSeverity.NONE, (), source, certainty, contradicted)
    return WallMotion(Rwma.NOT_STATED, RwmaSeverity.NOT_STATED, (), None, 0.9 if not assertions else 0.7)


def _conclusion_denies(present: Sequence[WallAssertion], absent: Sequence[WallAssertion]) -> bool:
    return any(a.section == "conclusion" for a in absent) and all(a.section != "conclusion" for a in present)


_ORDER = [RwmaSeverity.NOT_STATED, RwmaSeverity.MILD, RwmaSeverity.MODERATE, RwmaSeverity.SEVERE]


def _worst(severities: object) -> RwmaSeverity:
    return max(severities, key=_ORDER.index)  # type: ignore[call-overload,no-any-return]


def _follows(statements: Sequence[Statement], index: int) -> str:
    return statements[index + 1].text if index + 1 < len(statements) else ""


def _assertions_in(statement: Statement, following: str) -> list[WallAssertion]:
    text = statement.text
    is_stress = bool(_STRESS.search(text))
    found = [
        *_noun_assertions(statement, is_stress),
        *_normal_assertions(statement, is_stress),
        *_kinesia_assertions(statement, is_stress, following),
        *_poor_motion_assertions(statement, is_stress),
        *_aneurysm_assertions(statement, is_stress),
    ]
    if any(a.kind == "present" for a in found):
        # "Anterior wall hypokinetic, other segments contract normally" is one finding, not two.
        found = [a for a in found if a.kind != "absent" or _is_plain_denial(text)]
        walls = _walls_in(text) if any(a.walls for a in found) else ()
        if not walls:
            return found
    return found


def _is_plain_denial(text: str) -> bool:
    return bool(re.search(r"\bno (?:obvious |definite |significant )?(?:rwma|regional|segmental)\b", text)) and not re.search(
        r"\b(?:other|rest|remaining|else|except|apart)\b", text
    )


def _noun_assertions(statement: Statement, is_stress: bool) -> list[WallAssertion]:
    """"RWMA", "regional wall motion abnormality" and relatives: denied, affirmed or hedged."""
    text = statement.text
    found: list[WallAssertion] = []
    for match in _NOUN.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        clause = _clause_around(text, match.start(), match.end())
        if _is_structural(match.group()) or _RIGHT_SIDE.search(_near(before, 30)) and not _LEFT_SIDE.search(after[:15]):
            continue
        if _PREVIOUS.search(before) or _COMPARED.search(text):
            continue
        kind, certainty = _noun_kind(before, after, clause)
        if kind is None:
            continue
        if kind == "present" and re.search(r"\bglobal\b", match.group()):
            kind = "global"
        severity = _grade_before(text, match.start()) if kind == "present" else RwmaSeverity.NOT_STATED
        walls = _walls_in(clause) if kind == "present" else ()
        start, end = _quote_bounds(text, match.start(), match.end(), kind)
        found.append(
            WallAssertion(kind, statement.start + start, statement.start + end, statement.section, severity, walls,
                          is_stress, certainty)
        )  # fmt: skip
    return found


def _noun_kind(before: str, after: str, clause: str) -> tuple[Kind | None, float]:
    if re.match(r"\s*(?:at rest\s*)?(?:[:=-]\s*)?(?:could|cannot|can not|can't|not (?:well |clearly |adequately )?(?:assess|evaluat|visual))", after):
        return "hedged", 0.8
    if "," in before and re.match(r"\s*(?:is |are )?(?:present|positive|\+|yes\b)", after):
        return "present", 0.85
    if _is_negated(before):
        if re.match(r"\s*(?:except|other than|apart from|but|besides)\b", after):
            return None, 0.0
        return "absent", 0.95
    if _NEGATED_AFTER.match(after):
        return "absent", 0.95
    affirmed = _AFFIRMED_AFTER.match(after) is not None
    if _HEDGE.search(_near(before, 60)) or (not affirmed and _HEDGE.search(after[:60])):
        return "hedged", 0.8
    if re.match(r"\s*(?:\([^)]*\))?\s*[:=-]\s*$", after) or re.match(r"\s*[:=-]\s*(?:normal|n\b)", after):
        return ("absent", 0.85) if "n" in after else (None, 0.0)
    if re.match(r"\s*(?:analysis|score|study|assessment)\b", after):
        return None, 0.0
    return "present", 0.92 if affirmed else 0.85


def _is_structural(noun: str) -> bool:
    """"ventricular wall abnormality" without "motion" speaks of structure."""
    return bool(re.search(r"\bwall\s+(?:abnormality|defect|anomal)", noun)) and "motion" not in noun


def _normal_assertions(statement: Statement, is_stress: bool) -> list[WallAssertion]:
    text = statement.text
    found: list[WallAssertion] = []
    for match in _NORMAL.finditer(text):
        before = text[: match.start()]
        if re.search(r"\b(?:not|other|rest of(?: the)?|remaining|rest|remainder|ab)\s*(?:the )?(?:lv |left ventricular )?$", before):
            continue
        if _RIGHT_SIDE.search(_near(before, 25) + match.group()) and not _LEFT_SIDE.search(match.group()):
            continue
        if _is_only_some_walls(match.group()) or _PREVIOUS.search(before) or re.search(r"\bother|\bremaining|\brest of", match.group()):
            continue
        found.append(
            WallAssertion("absent", statement.start + match.start(), statement.start + match.end(), statement.section,
                          is_stress=is_stress, certainty=0.92)
        )  # fmt: skip
    return found


def _is_only_some_walls(phrase: str) -> bool:
    return bool(_WALL.search(phrase)) and "all" not in phrase


def _kinesia_assertions(statement: Statement, is_stress: bool, following: str) -> list[WallAssertion]:
    """Hypo-, a- and dyskinesia: regional, global only, of the right ventricle, denied or hedged."""
    text = statement.text
    found: list[WallAssertion] = []
    for match in _KINESIA.finditer(text):
        clause_start, clause_end = _clause_bounds(text, match.start(), match.end())
        clause = text[clause_start:clause_end]
        before = text[: match.start()]
        if _is_right_sided(text, match.start(), match.end(), clause) or _PREVIOUS.search(before):
            continue
        kind, certainty = _kinesia_kind(text, match, clause, following)
        if kind is None:
            continue
        severity = RwmaSeverity.NOT_STATED
        walls: tuple[str, ...] = ()
        if kind == "present":
            derived = not match.group().startswith("hypo")
            severity = RwmaSeverity.SEVERE if derived else _grade_of_kinesia(text, match)
            walls = _walls_in(clause)
        start, end = clause_start, clause_end
        found.append(
            WallAssertion(kind, statement.start + start, statement.start + end, statement.section, severity, walls,
                          is_stress, certainty)
        )  # fmt: skip
    return found


def _kinesia_kind(text: str, match: re.Match[str], clause: str, following: str) -> tuple[Kind | None, float]:
    before, after = text[: match.start()], text[match.end() :]
    if _is_negated(before) or _NEGATED_AFTER.match(after):
        return "absent", 0.9
    if _HEDGE.search(_near(before, 40)) or re.match(r"[^,;.]{0,25}\b(?:cannot|can not|could not|not) be (?:excluded|ruled)", after):
        return "hedged", 0.8
    is_global = _GLOBAL.search(clause) is not None
    regional = _region_words(text, match, clause)
    if is_global and not regional:
        if _regional_exception(text[match.end() :] + " " + following):
            return "present", 0.7
        return "global", 0.9
    if regional:
        return "present", 0.95
    if _LEFT_SIDE.search(clause) and not re.search(r"\bsegment|\bwall\b", clause):
        return "global", 0.75
    if re.search(r"\b(?:rwma|regional|wall|segment|lv|left ventricular|ef|lvef|echo|contract\w+)\b", text):
        return ("present", 0.7) if re.search(r"\b(?:rwma|regional|wall|segment)\b", text) else ("global", 0.6)
    return None, 0.0


def _regional_exception(rest: str) -> bool:
    """Global hypokinesia where the report goes on to say that one wall alone still moves, or moves worst."""
    return bool(
        re.search(r"\bonly\b[^.;\n]{0,30}" + _WALL.pattern + r"[^.;\n]{0,25}\b(?:contract|mov)", rest[:160])
        or re.search(r"^[^.;\n]{0,20}\b(?:more (?:marked|pronounced|severe|prominent)|worse|predominant\w*|especially|particularly|most marked|maximal|maximum)\b[^.;\n]{0,40}" + _WALL.pattern, rest)
    )


def _region_words(text: str, match: re.Match[str], clause: str) -> bool:
    """Whether a wall or segment in the clause is what moves badly (and not merely what is spared)."""
    spared = re.sub(
        r"\b(?:sparing|spared|relative(?:ly)? preserv\w+|preserv\w+|with relative|relatively normal|normal|good)\b[^;.\n]*", " ", clause
    )
    spared = re.sub(r"\bsegment\b\s*$", " ", spared) if re.search(r"\ball\b", spared) else spared
    words = re.sub(r"\ball (?:the )?(?:lv |left ventricular )?(?:wall|segment)s?\b", " ", spared)
    words = re.sub(r"\b(?:lv|left ventricular) wall\b(?! of)|\bwall motion\b", " ", words)
    return _REGION.search(words) is not None


def _is_right_sided(text: str, start: int, end: int, clause: str) -> bool:
    """RV hypokinesia: the right ventricle is named nearer than the left one or any LV wall."""
    if not _RIGHT_SIDE.search(clause):
        return False
    if re.search(r"\binferior\b|\banterior\b|\bapical\b|\bseptal\b|\blateral\b", re.sub(r"\brv apical|\bapical rv", "", clause)) and _LEFT_SIDE.search(clause):
        return False
    right = min((min(abs(m.start() - end), abs(start - m.end())) for m in _RIGHT_SIDE.finditer(text)), default=999)
    left = min((min(abs(m.start() - end), abs(start - m.end())) for m in _LEFT_SIDE.finditer(text)), default=999)
    return right <= left


def _poor_motion_assertions(statement: Statement, is_stress: bool) -> list[WallAssertion]:
    """A wall that "moves poorly" or "does not thicken", in plain words."""
    text = statement.text
    found: list[WallAssertion] = []
    for match in _POOR_MOTION.finditer(text):
        start, end = _clause_bounds(text, match.start(), match.end())
        clause = text[start:end]
        if not _WALL.search(clause) or _SEPTAL_MOTION.search(clause) or re.search(r"\b(?:leaflet|cusp|valve|mitral|aortic|tricuspid|annul|diaphragm)", clause):
            continue
        if _is_right_sided(text, match.start(), match.end(), clause) or _is_negated(text[: match.start()]):
            continue
        if _HEDGE.search(_near(text[: match.start()], 40)) or _PREVIOUS.search(text[: match.start()]):
            continue
        is_still = re.search(r"\bnot\b|\bfails?\b|\babsent\b", match.group()) is not None
        severity = RwmaSeverity.SEVERE if is_still else RwmaSeverity.NOT_STATED
        found.append(
            WallAssertion("present", statement.start + start, statement.start + end, statement.section, severity,
                          _walls_in(clause), is_stress, 0.75)
        )  # fmt: skip
    return found


def _aneurysm_assertions(statement: Statement, is_stress: bool) -> list[WallAssertion]:
    text = statement.text
    found: list[WallAssertion] = []
    for match in _ANEURYSM.finditer(text):
        clause = _clause_around(text, match.start(), match.end())
        nearby = text[max(0, match.start() - 45) : match.end() + 40]
        if _OTHER_ANEURYSM.search(nearby) or _is_negated(text[: match.start()]) or _NEGATED_AFTER.match(text[match.end() :]):
            continue
        if _HEDGE.search(_near(text[: match.start()], 40)) or not (_WALL.search(clause) or _LEFT_SIDE.search(clause)):
            continue
        if _RIGHT_SIDE.search(clause) and not _LEFT_SIDE.search(clause):
            continue
        start, end = _clause_bounds(text, match.start(), match.end())
        found.append(
            WallAssertion("present", statement.start + start, statement.start + end, statement.section,
                          RwmaSeverity.SEVERE, _walls_in(clause), is_stress, 0.85)
        )  # fmt: skip
    return found


def _is_negated(before: str) -> bool:
    """Whether a negation in the words before reaches to their end."""
    negators = list(_NEGATOR.finditer(before))
    if not negators:
        return False
    last = negators[-1]
    between = before[last.end() :]
    if re.match(r"\s*(?:only|longer|doubt|change|significant change)\b", between):
        return False
    if _SCOPE_END.search(re.sub(r"\b(?:evidence|sign|signs) (?:was|is) (?:seen|found) of\b", " ", between)):
        return False
    if "," in between:
        # "No clot, effusion or RWMA" reaches over commas; "No clot, RWMA in the apex" is for the words after it.
        return bool(re.search(r"\b(?:or|nor)\b", between)) or len(between.split()) <= 3
    return len(between.split()) <= 12


def _near(before: str, characters: int) -> str:
    return re.split(r"[;:]|\bbut\b", before)[-1][-characters:]


_CLAUSE_CUT = re.compile(r"[;:]|\bbut\b|\bhowever\b|\bwhereas\b|\bwhile\b|\s-\s|\bef\b|\blvef\b|\bejection\b|\|")


def _clause_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch around a word that belongs to it: cut at semicolons, "but", an EF, and commas between topics."""
    low = 0
    for cut in _CLAUSE_CUT.finditer(text, 0, start):
        low = cut.end()
    high = len(text)
    cut_after = _CLAUSE_CUT.search(text, end)
    if cut_after:
        high = cut_after.start()
    low = _comma_before(text, low, start)
    high = _comma_after(text, end, high)
    while low < start and not (text[low].isalnum() or text[low] in "(+"):
        low += 1
    while high > end and text[high - 1] in " ,\n\t(.":
        high -= 1
    return low, high


_LIST_OF_WALLS = re.compile(
    r"(?:[\s,/&()-]|\b(?:and|or|of|the|in|to|with|mild|moderate|severe|wall|walls|segment|regional|distal|proximal|lv|left|ventricular|"
    r"half|entire|third|part|parts|involving|territory|hypokinesia|akinesia|dyskinesia|is|are|"
    + "|".join(re.escape(word) for word in _WALL_NAMES)
    + r")\b)*"
)  # fmt: skip


def _comma_before(text: str, low: int, start: int) -> int:
    for comma in reversed([m.start() for m in re.finditer(",", text[low:start])]):
        if not _LIST_OF_WALLS.fullmatch(text[low + comma + 1 : start]):
            break
        inner = text[:low + comma].rsplit(",", 1)[-1]
        if not _WALL.search(inner):
            return low + comma + 1
    else:
        return low
    commas = [m.start() for m in re.finditer(",", text[low:start])]
    return low + commas[-1] + 1 if commas else low


def _comma_after(text: str, end: int, high: int) -> int:
    position = end
    while True:
        comma = text.find(",", position, high)
        if comma < 0:
            return high
        following = text.find(",", comma + 1, high)
        piece = text[comma + 1 : following if following >= 0 else high]
        if not _LIST_OF_WALLS.fullmatch(piece) or re.search(r"kinesia", piece):
            return comma
        position = comma + 1


def _clause_around(text: str, start: int, end: int) -> str:
    low, high = _clause_bounds(text, start, end)
    return text[low:high]


def _walls_in(clause: str) -> tuple[str, ...]:
    named = {
        wall
        for wall, words in WALL_WORDS.items()
        if any(re.search(rf"\b{re.escape(word)}\b", clause) for word in words)
    }
    for compound, parts in (("anteroseptal", ("septal", "anterior")), ("inferoseptal", ("septal", "inferior"))):
        if compound in named and re.search(rf"\b{parts[1]} {parts[0]}\b", clause):
            named -= set(parts)
    return tuple(wall for wall in WALLS if wall in named)


def _grade_before(text: str, start: int) -> RwmaSeverity:
    """The grade word that modifies the noun starting at `start`, if nothing but wall words stands between."""
    worst = RwmaSeverity.NOT_STATED
    for match in _GRADE.finditer(text, max(0, start - 90), start):
        between = text[match.end() : start]
        if match.group() in ("gross", "significant") or not _BETWEEN_GRADE_AND_NOUN.fullmatch(between):
            continue
        worst = max(worst, RwmaSeverity(match.group()), key=_ORDER.index)
    return worst


def _grade_of_kinesia(text: str, match: re.Match[str]) -> RwmaSeverity:
    before = text[: match.start()]
    graded = RwmaSeverity.NOT_STATED
    for grade in _GRADE.finditer(before, max(0, match.start() - 70)):
        between = before[grade.end() :]
        if grade.group() in ("gross", "significant") or not _BETWEEN_GRADE_AND_NOUN.fullmatch(between):
            continue
        if re.search(r"kinesia|global", between):
            continue
        graded = max(graded, RwmaSeverity(grade.group()), key=_ORDER.index)
    if graded is RwmaSeverity.NOT_STATED:
        after = re.match(r"\s*[,(-]*\s*(?:of )?(mild|moderate|severe)(?:\s+(?:degree|grade|in (?:degree|severity)))?\s*(?:\)|$|[.;])", text[match.end() :])
        if after:
            return RwmaSeverity(after.group(1))
    return graded


def _quote_bounds(text: str, start: int, end: int, kind: Kind) -> tuple[int, int]:
    """Widen a noun to the words that decide it: the negation before, the walls after."""
    if kind == "absent":
        negators = [m for m in _NEGATOR.finditer(text, max(0, start - 60), start)]
        after = _NEGATED_AFTER.match(text[end:])
        return (negators[-1].start() if negators else start), (end + after.end() if after and not negators else end)
    if kind == "present":
        low, high = _clause_bounds(text, start, end)
        return low, high
    return start, end
