"""Answers that stand at a field's words and that its value does not use, whatever kind of line they are on.

"Asynergy of LV wall: none" read as present, a grade behind a finding read as ungraded, a number behind a
second label: where the rules took one answer and another was left over, a person should look.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol

from db.fields.names import of_fields
from db.labels import Findings, Pah, Rwma, RwmaSeverity
from labeling.rules.ef_context import is_other_chamber
from labeling.rules.ef_patterns import EF_SLOPE, LABEL
from labeling.rules.parts.right_heart import without_the_right_heart
from labeling.rules.pressures.rvsp_patterns import RVSP_LABEL
from labeling.rules.pulmonary_patterns import TERM
from labeling.rules.surroundings.clauses import Span
from labeling.rules.wall_patterns import KINESIA, NOT_THE_HEART, POOR_MOTION
from labeling.rules.walls.other_walls import moving_badly

_SENTENCE: Final = re.compile(r"(?:[^\n.]|\.(?!\s))+")
_WALL: Final = re.compile(
    r"\b(?:walls?|segment\w*|septum|septal|apex|apical|anterior|inferior|lateral|posterior|basal|"
    r"anteroseptal|inferolateral|ivs|regional\w*)\b"
)
_OTHER_WALL: Final = re.compile(
    r"\b(?:rv|right|mitral|leaflet|valve|annul\w*|thickness|atri\w*|aort\w*|pericard\w*|root|free wall)\b"
)
# A denial that closes a cell, a clause or a line of its own.
_CLOSING_DENIAL: Final = re.compile(
    r"(?:[:=-]\s*|\s{2,}|\|\s*|\b(?:is|are|was|were) )(?:none|nil|no|absent|normal|nad|negative|preserved|"
    r"intact|homogen\w*|uniform|good|satisfactory|not seen|not present|unremarkable)\b[^\n;.|,]{0,25}\s*"
    r"(?=$|\n|[;.|,])"
)
_DENIAL: Final = re.compile(
    r"\b(?:no|nil|without|absent|none|normal\w*|preserved|homogen\w*|uniform\w*|symmetric\w*|well|intact)\b"
)
_EXCEPTED: Final = re.compile(
    r"\b(?:other than|except\w*|apart from|but|no (?:vsd|mr|tr|ar|clot|thrombus|pe|effusion|pah|asd)|normal "
    r"size|normal in size)\b"
)
# What is normal or absent beside a wall that is ill, and has a name of its own.
_OF_ANOTHER: Final = re.compile(
    r"\b(?:no|nil|without|w/o|normal|preserved|good|intact|not)\s+"
    r"(?:(?:significant|any|lv|left ventricular|apical|mural|other|biventricular|systolic|diastolic|global|"
    r"overall)\s+)*"
    r"(?:pulmonary (?:artery |arterial )?(?:hypertension|pressures?)|pah|pht\w*|ph|pa pressures?|"
    r"(?:pericardial )?effusion|clots?|thrombus|vegetations?|valves?|function|pericardium|"
    r"chambers?(?: sizes?)?|thickness|sized?(?: lv)?|cavity|dimensions?|lvh|dilat\w+|thinn(?:ing|ed)|"
    r"aneurysm|"
    r"(?:a|dys)kinesia|[mta]r|as|pe|mitral valve|aortic valve|ias|aorta)\b|"
    r"\b(?:pulmonary (?:artery )?pressures?|pa pressures?|valves?|function|size|cavity|aorta|ias|pericardium|"
    r"chambers?|ivc|inferior vena cava)\s*(?:is|are|was|were|[:-])?\s+(?:normal|good|preserved|intact)\b|"
    r"\b(?:pah|ph|clots?|thrombus|[mta]r|as|pe|effusion)\s*[:=-]\s*(?:nil|no|none|absent|normal|"
    r"not seen)\b|"
    # What the other walls do.
    r"\b(?:rest|remaining|remainder|others?)\b[^.;\n]{0,40}\b(?:normal\w*|well|preserved|good)\b|"
    r"\b(?:normal|good|preserved)\b[^.;\n]{0,25}\b(?:of|in) (?:the )?(?:rest|remaining|other)\b"
)
_MOTION: Final = re.compile(r"\w*kine\w*|\bhypo\b|\bmotion\b|\bmov\w*|\bcontract\w*|\bwm\b|\bscar\w*|\brwma")
_GRADE: Final = re.compile(r"\b(?:mild|moderate|severe|marked|slight|profound)\w*\b")
_LESIONS: Final = (
    r"mr|tr|ar|as|ms|pr|mitral|aortic|tricuspid|regurg\w*|stenosis|lvh|dilat\w*|enlarg\w*|lv dysf\w*|"
    r"lvsd|lvdd|dysfn|(?:double|triple|three|two|single)[ -]vessel|vessel|cad|"
    r"lv systolic|systolic|diastolic|dysfunction|la|lae|effusion|reduc\w*|impair\w*|lv|concentric|global|"
    r"calcif\w*|thick\w*|hypertroph\w*|rv|sclero\w*|depress\w*|elevat\w*|rais\w*|"
    r"increas\w*|left|right|biatrial|atrial|ai|"
    r"mac|copd"
)
_VALVES: Final = "mr|tr|ar|as|ms|pr|lvh"


def _grades_of(lesions: str, labels: str) -> re.Pattern[str]:
    """A grade before one of `lesions`, or behind one of `labels`."""
    return re.compile(
        r"\b(?:mild|moderate|severe|marked|slight|trivial)(?:\s*(?:-|to|/)\s*(?:moderate|severe))?[\s-]+"
        rf"(?:\w+\s+){{0,2}}?(?:{lesions})\b|"
        rf"\b(?:{labels})\s*(?:[:=-]|is|are|was|were)?\s*(?:mild|moderate|severe)\b"
    )


_GRADE_OF_ANOTHER: Final = _grades_of(
    rf"{_LESIONS}|pah?|ph|pulmonary", f"{_VALVES}|pah|pulmonary hypertension|regurgitation|stenosis"
)
# The same, where the lungs' own pressure is asked about.
_OTHER_GRADE: Final = _grades_of(_LESIONS, _VALVES)
# A wall that is ill in plain words.
_ILL: Final = re.compile(
    r"\b(?:scar\w*|aneurysm\w*|sluggish|lazy|immobile|fails? to|not (?:mov|thicken|contract)\w*|"
    r"infarct(?:ed)?|stunn\w*|hibernat\w*|non-?viable|(?:reduced|poor|impaired|decreased|diminished|"
    r"weak) (?:motion|"
    r"contract\w*|thicken\w*|excursion|movement))\b"
)
_DENIED: Final = re.compile(r"\b(?:no|without|nil|not seen|ias|atrial|septal aneurysm)\b")
# The sign stands on the term's own line, or the answer alone on the next: above "- No clot" a "Mild PAH" has
# none.
_OWN_ANSWER: Final = re.compile(
    r"(?:[^\S\n]*(?:[:=|-]+\s*|[^\S\n]{2,})|\s*\n[ *-]*(?=[a-z]+[ .]*(?:\n|$)))"
    r"(?P<low>nil|none|no|absent|normal|mild|moderate|severe|present|yes)\b"
    r"(?:\s*(?:-|to|/)+\s*(?P<high>moderate|severe))?"
)
_ANSWER_BEFORE: Final = re.compile(
    r"\b(?:mild|moderate|severe|nil|no|normal|raised|elevated|high|increased|significant|borderline)\b"
    r"[^\n.;]{0,25}$"
)
# "Mild to no PAH".
_GRADE_TO_NONE: Final = re.compile(r"\b(?:mild|moderate|severe|trivial)\s*(?:-|to|/|or)\s*no\s*\Z")
_ANSWER_BEHIND: Final = re.compile(
    r"[\s:=|-]*(?:mild|moderate|severe|nil|none|no|absent|present|positive|negative|yes|significant)\b"
)
_PAH_SAID: Final = {
    **dict.fromkeys(("nil", "no", "none", "absent", "normal"), Pah.NONE),
    **dict.fromkeys(("present", "yes"), Pah.PRESENT_UNSPECIFIED),
    "mild": Pah.MILD,
    "moderate": Pah.MODERATE,
    "severe": Pah.SEVERE,
}
_NUMBER_BEHIND: Final = re.compile(
    r"[^\n.;\d]{0,25}(?<![\d.])(?P<n>[1-9]\d)(?![\d.]*\d)(?!\s*(?:cm|ml|m/s|mm/s|ms)\b)"
)
_SAME_POINTS: Final = 2.5
_SAME_MMHG: Final = 3.0
# A pressure that is printed as a bound; the record has no sign for it.
_BOUND: Final = re.compile(
    r"\b(?:up ?to|less than|below|under|over|above|at least|not (?:more|less|below|above|exceeding)|"
    r"no (?:lower|higher|more|less)|exceed\w*|greater than|more than|at most|or (?:more|less)|limit)\b|"
    r"[<>\u2264\u2265]"
)
_BEHIND: Final = 12
# "35%-to-40%": a number that goes on as a range.
_GOES_ON: Final = re.compile(
    r"\s*(?:%|mm\s?hg)?\s*(?:[-\u2013]+\s*to\s*[-\u2013]*|to|[-\u2013]+|"
    r"or)\s*[-\u2013]?\s*\d{2}(?:\.\d)?\s*(?:%|mm|$|[\n.,;)])"
)


class Said(Protocol):
    """What the rules found at one place; offsets in the normalised text, half-open."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


class _Taken:
    """The stretches that the rules took something from; asked a thousand times on a long line."""

    def __init__(self, said: Sequence[Said]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted((one.start, one.end) for one in said):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(end, self._ends[-1])
            else:
                self._starts.append(start)
                self._ends.append(end)

    def meet(self, start: int, end: int) -> bool:
        """Whether one of them touches a range."""
        last = bisect_right(self._starts, end) - 1
        return last >= 0 and self._ends[last] >= start


def fields_with_spare_answers(
    text: str, findings: Findings, spans: Mapping[str, Span], said: Mapping[str, Sequence[Said]]
) -> set[str]:
    """The fields with a value beside whose words another answer was left over.

    Args:
        text: the report after everything that is no finding was taken out.
        spans: by field, the words its value rests on.
        said: by field, all that the rules found.
    """
    checks: dict[str, Callable[[], bool]] = of_fields(
        ef_percent=lambda: _has_spare_number(
            _ef_labels(text), text, findings.ef_percent, said["ef_percent"], _SAME_POINTS
        ),
        rwma=lambda: _has_spare_motion(text, findings, spans.get("rwma"), said["rwma"]),
        pah=lambda: _has_spare_grade(text, findings.pah, said["pah"]),
        rvsp_mmhg=lambda: _has_spare_number(
            _pressure_labels(text), text, findings.rvsp_mmhg, said["rvsp_mmhg"], _SAME_MMHG
        ),
    )
    found = {field for field, has_spare in checks.items() if has_spare()}
    ending = ("rvsp_mmhg",) if findings.ef_high is not None else ("ef_percent", "rvsp_mmhg")
    return found | {field for field in ending if field in spans and _GOES_ON.match(text, spans[field][1])}


def bounded_fields(text: str, spans: Mapping[str, Span]) -> set[str]:
    """The pressure, where it is printed as a bound: the record has no sign for that."""
    span = spans.get("rvsp_mmhg")
    if span is None:
        return set()
    printed = re.sub(r"[(\[][^)\]\n]*[)\]]?", " ", text[span[0] : span[1] + _BEHIND].split("\n")[0])
    return {"rvsp_mmhg"} if _BOUND.search(printed) else set()


def _ef_labels(text: str) -> Iterator[re.Match[str]]:
    for label in LABEL.finditer(text):
        is_of_the_right = is_other_chamber(text, text.rfind("\n", 0, label.start()) + 1, label)
        if not is_of_the_right and not EF_SLOPE.match(text, label.end()) and text[label.start() - 1] != "-":
            yield label


def _pressure_labels(text: str) -> Iterator[re.Match[str]]:
    """The names of the pressure, but none that "mean" or "diastolic" makes another's."""
    for label in RVSP_LABEL.finditer(text):
        if not re.search(r"\b(?:mean|diastolic|wedge)\s*$", text[max(0, label.start() - 12) : label.start()]):
            yield label


def _has_spare_number(
    labels: Iterator[re.Match[str]], text: str, value: float | None, said: Sequence[Said], within: float
) -> bool:
    """Whether a label that the rules took nothing from has another number behind it."""
    if value is None:
        return False
    taken = _Taken(said)
    for label in labels:
        number = _NUMBER_BEHIND.match(text, label.end())
        if number is None or abs(float(number.group("n")) - value) <= within:
            continue
        if not taken.meet(label.start(), label.end()):
            return True
    return False


def _has_spare_grade(text: str, value: Pah, said: Sequence[Said]) -> bool:
    """Whether a term has an answer of its own that the value is not, or one that the rules passed over."""
    if value is Pah.NOT_STATED:
        return False
    if value is Pah.PRESENT_UNSPECIFIED and any(_is_graded(text, one) for one in said):
        return True
    taken = _Taken(said)
    return any(_is_otherwise(text, term, value, taken) for term in TERM.finditer(text))


def _is_otherwise(text: str, term: re.Match[str], value: Pah, taken: _Taken) -> bool:
    own = _OWN_ANSWER.match(text, term.end())
    if _GRADE_TO_NONE.search(text, max(0, term.start() - 20), term.start()):
        return True
    if own and not _agrees(_PAH_SAID[own.group("high") or own.group("low")], value):
        return True
    if taken.meet(*term.span()):
        return False
    lead = text[max(text.rfind("\n", 0, term.start()) + 1, term.start() - 40) : term.start()]
    return bool(_ANSWER_BEFORE.search(lead) or _ANSWER_BEHIND.match(text, term.end()))


def _is_graded(text: str, said: Said) -> bool:
    """Whether a grade of nothing else stands in the line of a hypertension that has none."""
    end = text.find("\n", said.end)
    line = text[text.rfind("\n", 0, said.start) + 1 : end if end >= 0 else len(text)]
    return _GRADE.search(_OTHER_GRADE.sub(" ", line)) is not None


def _agrees(said: Pah, value: Pah) -> bool:
    return said is value or said is Pah.PRESENT_UNSPECIFIED and value is not Pah.NONE


def _has_spare_motion(text: str, findings: Findings, span: Span | None, said: Sequence[Said]) -> bool:
    if findings.rwma is Rwma.NOT_STATED or span is None:
        return False
    if findings.rwma is Rwma.ABSENT and any(_is_ill(one.group()) for one in _SENTENCE.finditer(text)):
        return True
    if findings.rwma is Rwma.PRESENT and (_is_denied(text, span) or _has_spare_wall_grade(text, findings)):
        return True
    taken = _Taken(said)
    return any(_is_passed_over(text, term, taken) for term in KINESIA.finditer(text))


# "Apex akinetic, rest hypokinetic".
_OF_THE_REST: Final = re.compile(r"\b(?:rest|others?|remaining|remainder)\b[^.;,\n]{0,25}\Z")


def _is_passed_over(text: str, term: re.Match[str], taken: _Taken) -> bool:
    """Whether the rules took nothing from a kinesia that no other organ or chamber claims."""
    if taken.meet(*term.span()):
        return False
    start = text.rfind("\n", 0, term.start()) + 1
    around = text[max(start, term.start() - 60) : term.end() + 30]
    if _OF_THE_REST.search(text, max(start, term.start() - 60), term.start()):
        return False
    return not (_OTHER_WALL.search(around) or NOT_THE_HEART.search(around))


def _of_the_finding(text: str) -> str:
    """A stretch without what other names in it have for an answer; no motion at all is no denial."""
    return _POOR_MOTION.sub(" ", _OF_ANOTHER.sub(" ", without_the_right_heart(text)))


# "... hypokinesia with no | clot at apex": the name of what is denied stands behind the finding.
_OPENS_ANOTHER: Final = re.compile(r"\b(?:with |and )?(?:no|without|normal)\s*$")
_POOR_MOTION: Final = re.compile(rf"(?:{POOR_MOTION.pattern})(?:\s+(?:well|normally|properly))?")


def _is_denied(text: str, span: Span) -> bool:
    """Whether the words of a finding, or what closes their sentence, deny it."""
    end = text.find("\n", span[1])
    line = moving_badly(text[span[0] : end if end >= 0 else len(text)])
    own = _of_the_finding(line[: span[1] - span[0]])
    if _DENIAL.search(_OPENS_ANOTHER.sub(" ", own)) and not _EXCEPTED.search(own):
        return True
    behind = _of_the_finding(line[span[1] - span[0] :])
    stop = re.search(r"[.;,]\s", behind)
    return _CLOSING_DENIAL.search(own + (behind[: stop.start()] if stop else behind)) is not None


def _has_spare_wall_grade(text: str, findings: Findings) -> bool:
    """Whether a sentence on how walls move has a grade, and the finding has none."""
    if findings.rwma_severity is not RwmaSeverity.NOT_STATED:
        return False
    return any(
        _MOTION.search(one.group())
        and _WALL.search(one.group())
        and not _OTHER_WALL.search(one.group())
        and _GRADE.search(_GRADE_OF_ANOTHER.sub(" ", one.group()))
        for one in _SENTENCE.finditer(text)
    )


def _is_ill(sentence: str) -> bool:
    """Whether a sentence calls a wall of the left ventricle ill in plain words."""
    if not _ILL.search(sentence) or not _WALL.search(sentence):
        return False
    return not (_OTHER_WALL.search(sentence) or _DENIED.search(sentence))
