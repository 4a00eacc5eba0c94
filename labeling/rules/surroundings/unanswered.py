"""A second, plain look for words that may answer a field the rules found nothing for.

It knows no kinds of lines but those that name without finding (legends, options, ranges, targets): what the
rules left out as history or as undecided is looked at, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from db.fields.names import of_fields
from db.labels import Findings
from labeling.rules.kinds.passages import LineKind, blank
from labeling.rules.kinds.sort_out import SortedText
from labeling.rules.silence import silent_fields
from labeling.rules.wall_patterns import NOT_THE_HEART

_NO_FINDING: Final = (
    LineKind.REFERENCE,
    LineKind.GRADING,
    LineKind.LEGEND,
    LineKind.OPTIONS,
    LineKind.BARE_LABEL,
    LineKind.TARGET,
)
# A dot behind a short word may be one of an abbreviation: "Pul. art. press. : normal".
_SENTENCE: Final = re.compile(
    r"(?:[^\n\v.]|\.(?!\s)|(?<=\b[pavlefthr])\.|(?<=\b(?:pul|art|reg|seg|ant|inf|lat|sys|est|mod|sev)\b)\.|"
    r"(?<=\b(?:pulm|post|sept|syst|vent|resp|vasc|func|circ)\b)\.|(?<=\bpress)\.)+"
)
_ANSWER: Final = re.compile(
    r"\b(?:mild|moderate|severe|normal|nil|none|no|absent|raised|elevated|high|increased|present|positive|"
    r"negative|yes|ok|wnl|low|significant|unremarkable|borderline)\b"
)
_NEAR: Final = 45
_LINE_REACH: Final = 300
_NOT_MEASURED: Final = re.compile(
    r"\b(?:no (?:estimate|tr\b|measurable)|not (?:measur|estimat|record|assess|obtain)\w*|unmeasur\w*|"
    r"could not|cannot|can not)|\?"
)

# Names of the lungs' pressure and of its disease, in words no rule reads.
_LUNGS: Final = re.compile(
    r"\b(?:pulm\w*|lung|pa|ph|phtn?|paht?|s?pap\w*|pasp|rvsp|hypertension|htn)\b(?<!papillary)|\bph_|"
    r"\bp a\b|\bp\.a\b"
)
_OTHER_LUNGS: Final = re.compile(
    r"\b(?:valves?|parenchyma|lungs|review of systems|regurg\w*|stenos\w*|pr|pv|ps|insufficien\w*|veins?|"
    r"venous (?:flow|return)|embol\w*|oedema|edema|disease|copd|fibrosis|flow|acceleration|trunk|annul\w*|"
    r"bifurcation|sliding|artery (?:dilat\w*|diameter|size|is|normal)|essential|systemic|known|h/o|history|"
    r"diabet\w*|dm|t2dm|hypertensive|cuspid\w*|clear|fields?|function|tissue|wedge|effusion|atresia)\b|"
    r"\bpulmonary\s*[:-]\s*normal\b"
)
# A grade or a denial with the lesion it is of.
_OF_ANOTHER: Final = re.compile(
    r"\b(?:mild|moderate|severe|trivial|trace|no|nil|normal|high|significant)(?:\s*(?:-|to|/)\s*(?:moderate|"
    r"severe))?[\s-]+(?:mr|tr|ar|as|pr|ms|ps|ai|clot|effusion|thrombus|rwma|regional|wall|segment\w*|lvh|"
    r"systolic func\w*|lv|rv|diastolic|hypokinesia|mitral|aortic|tricuspid|concentric|left|la|ra|asd|vsd|pe)"
    r"\b|\barterial hypertension|\b(?:mild|moderate|severe) hypertension, bp|\bright ventricular: normal|"
    r"\bnormal (?:pasp|rvsp|spap) is|\b(?:mr|tr|ar|as|pr|ms|ai|lvh|rv)\s*[:=-]?\s*(?:trivial|trace|mild|"
    r"moderate|"
    r"severe|normal|nil|no)\b(?=\s*[,.;]|\s+with (?:pasp|rvsp|spap)\b)|"
    r"\b(?:rv|ra|la|lv)\s*/\s*(?:pa|rv|ra|lv)\s*[:=-]?\s*normal|"
    r"\bno (?:comment on |measurable |recordable )?(?:pasp|rvsp|spap)\b|\bnormal (?:size|in size|sized)\b|"
    r"\br?wma (?:present|absent|no|nil|none)\b|"
    r"\b(?:right heart|right ventric\w+|rv) (?:is )?normal and (?=rvsp|pasp|spap)"
)
# The short name alone, as a column's head or a key of an export; not the acidity of blood.
_SHORT_NAME: Final = re.compile(
    r"(?<![\w.])(?:ph|pah|phtn?|pht|ph_\w+|p\.?h\.?t?n?|pulm\.?|pap)(?!\w)(?!\s*[:=]?\s*[67]\.\d)"
)
_IS_PRESSURE: Final = re.compile(r"[^.;\n]{0,15}\d")

_MOTION: Final = re.compile(
    r"\b(?:hypo|a|dys)[- ]?kine\w*|\bk[iy]net\w*|\brwma|\bwall motion|\bballooning|\bballoon[- ](?:shaped|"
    r"like)|\b(?:apex|apical|tip)[^.\n]{0,30}\bballoon\w*|"
    r"\b(?:dys|a)synerg\w*|"
    r"\b(?:segs?|segments|contract(?!ures?\b)\w*|motion|moves?|moving|squeez\w*|thickening|regional\w*|"
    r"hypo|wm|"
    r"territor(?:y|ies)|rwm|tako-? ?tsubo)\b|"
    r"\bwalls?\s*[:-]\s*[a-z]|"
    r"\b(?:lv|apical|apex|walls?|septal|anterior|inferior)\b[^.\n]{0,25}\b(?:aneurysm\w*|scarr?\w*|thinned)|"
    r"\b(?:ant\w*|inf\w*|lat\w*|sept\w*|post\w*|apical|basal|walls?)\b[^.\n]{0,20}\b(?:hk|ak|dk)\b"
)
_OTHER_MOTION: Final = re.compile(
    r"\b(?:rv|right|mitral|leaflets?|valves?|annul\w*|thickness|atri\w*|aort\w*|pericard\w*|root|free wall|"
    r"tapse|tricuspid|cusp\w*|contracted|extremit\w*|range of|bowel|st segments?|joint|pupil\w*|limb\w*|eye|"
    r"extraocular|clonic|fetal|breathing|[amtp]v|"
    r"ventricular contractions|premature|ectop\w*|colon|lung|lobe|neck|ecg|ekg|electrocardio\w*|"
    r"nodes?|neurolog\w*|uterus|spine|fracture|(?:septal|ivs) motion|septal bounce|cerebral|stroke|perfusion|"
    r"contract(?:or|s|ed)? (?:with|for)|advice|history|hospital|cent(?:re|er)|ref\w*|dept|department|shunt|"
    r"regional (?:medical|lab\w*|institute|heart|health)|anterior motion|concentric|moving average|"
    r"ias|sinus|coronary arter\w*|surgical|abdom\w*|"
    # Weak, strong or whole all over is the ejection fraction's.
    r"global\w*|everywhere|hyperkinesia|ejection|ef|lvef)\b"
)

# "LV contracts well" tells how strong the whole is, where no part is named and nothing is called even.
_OF_THE_WHOLE: Final = re.compile(
    r"\b(?:lv|left ventricular|left heart|left ventricle|heart|pump)\b[^.\n]{0,40}\b(?:contract\w*|"
    r"squeez\w*)\b|"
    r"\b(?:contract\w*|squeez\w*)\b[^.\n]{0,25}\b(?:lv|left ventricular|left ventricle)\b|"
    r"\b(?:global|overall|total|general) (?:lv )?(?:contract\w*|squeeze)\b"
)
_OF_PARTS: Final = re.compile(
    r"\b(?:all|every\w*|each|any|some|even(?:ly)?|uneven\w*|uniform\w*|symmetr\w*|asymmetr\w*|harmon\w*|"
    r"homogen\w*|segment\w*|walls?|region\w*|territor\w*|part|parts|takes|same|equal\w*|together|throughout|"
    r"local\w*|areas?|scar\w*|quarters?|alike|round|lag\w*|tip|apex|apical|base|basal|mid|side|front|back|"
    r"sept\w*|"
    r"anterior|inferior|lateral|posterior|patch\w*|bits?|rwm\w*|kine\w*|\w+kinesia|thicken\w*|not|no|"
    r"without)\b"
)
# Walls below each other, each with a word, a letter or a score.
_WALL_LINES: Final = re.compile(
    r"(?:(?:^|(?<=[\n\v]))[ ]*(?:(?:basal|mid|apical) )?"
    r"(?:anterior|septal|inferior|lateral|posterior|apical|ant|sept?|inf|lat|post|ivs)\w*(?: wall)?"
    r"[ :.=|-]+(?:[^\n\v\d]{1,20}|(?:[0-5][ |]*){1,4})(?:[\n\v]+|$)){3}"
)

_PRESSURE: Final = re.compile(
    r"\b(?:pa|p\.? ?a\.?|pulm\w*|lung|rvsp|rv sp|pasp|spap|pap\w*|sys\w* pap|rv|right ventric\w*)\b"
    r"(?=[^\n]{0,40}\b(?:syst?\w*|pressures?|sp|pr|press)\b|sp\b|p\b|ap\b)[^\n.;]{0,50}?"
    r"(?<![\d.])(?:[1-9]\d|1\d\d)(?![\d.]*\d| ?(?:%|cm|ml|ms|m/s|mm\b(?! ?hg)|years|yrs|/))"
)
_OTHER_PRESSURE: Final = re.compile(
    r"\b(?:mean|diastolic|gradient|wedge|acceleration|at\b|tapse|diameter|s'|fac|velocity|pcwp|basal|thick|"
    r"vmax)"
)
# A number in mmHg with nothing before it that says of what else it is.
_MMHG: Final = re.compile(r"(?<![\d.])(?P<n>\d{2,3})(?:\.\d)?\s*mm\s?hg(?!\s*\+)")
_MMHG_LEAD: Final = 45
_MMHG_CLAIMED: Final = re.compile(
    r"\b(?:gradient\w*|grad|(?:tr)?pg|mean|bp|blood pressure|cuff|systolic|diastolic|wedge|pcwp|"
    r"lvedp|edp|max|rap?|cvp|jvp|atrial|aort\w*|mitral|lvot|avg|systemic|arterial pressure|mpg|mg|av|ms|as|"
    r"ps|pulmonary valve|pv|"
    r"velocity|m/s|peak|delta|dpap|mpap|right atrium|reached|hypertens\w*|valsalva|standing)\b|"
    r"[/+<>-]\s*$|\d\s*/\s*\d*$|\+\s*\(?(?:ra\w*)?\s*$"
)
_BLOOD_PRESSURE: Final = re.compile(r"\b(?:blood pressure|bp)\b")
_OF_THE_LUNGS: Final = re.compile(r"\b(?:rvsp|pasp|pap|rv|pa|pulm\w*|right ventric\w*)\b")
_GRADIENT: Final = re.compile(r"gradient|mean|diast|pg\b|[/+<>-]\s*$")


def unanswered_fields(text: SortedText, findings: Findings) -> set[str]:
    """The silent fields that something in the report may answer all the same."""
    silent = silent_fields(findings)
    if not silent:
        return set()
    left = blank(text.said, (one for one in text.passages if one.kind in _NO_FINDING))
    return {field for field in silent if _SPOKEN_OF[field](left)}


def _lungs_are_spoken_of(text: str) -> bool:
    if any(_is_height(sentence.group()) for sentence in _SENTENCE.finditer(text)):
        return True
    return any(_is_bare_name(text, name) for name in _SHORT_NAME.finditer(text))


def _is_height(sentence: str) -> bool:
    """Whether a word for a height, a grade or a denial stands near the lungs' pressure, and of no valve."""
    if not _LUNGS.search(sentence) or _OTHER_LUNGS.search(sentence) or _NOT_MEASURED.search(sentence):
        return False
    own = _OF_ANOTHER.sub(" ", sentence)
    answers = [found.start() for found in _ANSWER.finditer(own)]
    if "|" in own and answers:
        return True
    return any(_LUNGS.search(own, max(0, at - _NEAR), at + _NEAR) for at in answers)


def _is_bare_name(text: str, name: re.Match[str]) -> bool:
    line = _line_around(text, name)
    if name.group().startswith("pulm") and _OTHER_LUNGS.search(line):
        return False
    is_number = name.group().startswith("pap") and _IS_PRESSURE.match(text, name.end())
    return not is_number and not _NOT_MEASURED.search(line)


def _walls_are_spoken_of(text: str) -> bool:
    if _WALL_LINES.search(text):
        return True
    return any(
        _MOTION.search(one.group())
        and not _OTHER_MOTION.search(one.group())
        and not NOT_THE_HEART.search(one.group())
        and (_OF_PARTS.search(one.group()) or not _OF_THE_WHOLE.search(one.group()))
        for one in _SENTENCE.finditer(text)
    )


def _pressure_is_spoken_of(text: str) -> bool:
    if any(not _OTHER_PRESSURE.search(_line_around(text, found)) for found in _PRESSURE.finditer(text)):
        return True
    return any(_is_unclaimed(text, found) for found in _MMHG.finditer(text))


def _is_unclaimed(text: str, number: re.Match[str]) -> bool:
    """Whether the clause before a number in mmHg says of nothing else that it is its pressure."""
    start = max(text.rfind(cut, 0, number.start()) for cut in "\n;,") + 1
    lead = text[max(start, number.start() - _MMHG_LEAD) : number.start()]
    if _OF_THE_LUNGS.search(lead):
        return not _GRADIENT.search(lead)
    return not _MMHG_CLAIMED.search(lead) and not _BLOOD_PRESSURE.search(text[max(0, start - 150) : start])


def _line_around(text: str, found: re.Match[str]) -> str:
    """The line of a match; of one without an end what stands near."""
    start = max(text.rfind("\n", 0, found.start()) + 1, found.start() - _LINE_REACH)
    end = text.find("\n", found.end(), found.end() + _LINE_REACH)
    return text[start : end if end >= 0 else found.end() + _LINE_REACH]


_SPOKEN_OF: Final[dict[str, Callable[[str], bool]]] = of_fields(
    ef_percent=lambda _: False,  # `silence` asks after every percentage
    rwma=_walls_are_spoken_of,
    pah=_lungs_are_spoken_of,
    rvsp_mmhg=_pressure_is_spoken_of,
)
