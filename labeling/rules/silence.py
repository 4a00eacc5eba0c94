"""When silence is no answer: a word of a field, or nearly one, that ends without a value wants a person."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import DamerauLevenshtein

from db.fields.names import of_fields
from db.labels import Findings, Pah, Rwma
from labeling.rules.ef_context import is_other_chamber
from labeling.rules.ef_patterns import (
    EF_SLOPE,
    LABEL,
    NOT_MEASURED,
    OTHER_ORGAN,
    OTHER_PERCENT,
    TOLD_AHEAD,
    TOLD_BEHIND,
    TOPIC_CHANGE,
)
from labeling.rules.kinds.passages import FIELD_WORDS
from labeling.rules.kinds.sort_out import SortedText
from labeling.rules.parts.right_heart import without_the_right_heart
from labeling.rules.surroundings.told_in_words import is_told_in_words
from labeling.rules.wall_patterns import KINESIA, NOT_THE_HEART, RIGHT_SIDE, SEPTAL_MOTION

# A wall and something about how it moves, in whatever words.
_WALL: Final = (
    r"(?:walls?|segments?|apical|septal|ivs|(?:antero|infero|postero)?-?(?:inferior|anterior|lateral|"
    r"posterior|septal|basal)(?= wall| segment| region| area| septal| and)|myocardium)"
)
_MOVES: Final = (
    r"(?:mov\w*|motion|contract(?:s|ing|ed|ion)?|squeez\w*|thickens?(?! to)|bulg\w*|excurs\w*|kine\w*|"
    r"pull\w*|inward\w*|outward\w*|dead|still|weak\w*|sluggish\w*|stun\w*|hibernat\w*|viab\w*)"
)
# A wall that was lost: of the heart's own walls, no septum between the atria and no leaflet.
_DAMAGE: Final = r"(?:scar\w*|infarct\w*|thinn(?:ed|ing)|thin(?=,? (?:and|&|bright|scarred|echogenic)))"
_DAMAGED: Final = (
    r"(?:apical|(?:antero|infero|postero)?-?(?:anterior|inferior|lateral|posterior|septal)|(?<!atrial )ivs|"
    r"wall)\b(?! (?:mitral|leaflet))"
)
_ONE_WALL: Final = (
    r"(?:anterior|inferior|lateral|septal|posterior|apical|basal|ivs|inferolateral|anteroseptal)"
)
_FINE: Final = r"(?:n|ok|fine|normal|good)\b(?! (?:in )?(?:thick|size))"
_WALL_COLUMN: Final = r"(?:ant|sep|inf|lat|post|api?|apex|basal)[a-z]*"
_HEIGHT: Final = r"(?:mild|moderate|severe|high|raised|elevated|increased|normal)"
# Words that speak of a field without being one of its terms; compounds that no rule reads. Every choice
# begins with a word's edge, or all of them are tried at each letter.
_HINTS: Final[dict[str, re.Pattern[str]]] = of_fields(
    ef_percent=re.compile(
        r"\be\.?\s?j\.?\w{0,6}\.?\s*fr\w*|\bej\.?\s?f\b|\bejf\b|\bejec\w*|\bfrac\w*\s*(?:of )?ejec\w*|"
        r"\b(?:lv|left ventricular) (?:systolic )?function\b[^.;\n]{0,20}\d{2}\s*%|"
        r"\b(?:lv|left ventricular|systolic|heart|pump\w*|squeez\w*|contract\w*)\b[^.;\n]{0,60}"
        r"(?<![\d.])[1-8]\d(?:\.\d)?\s*(?:%|per cent)|"
        r"\b(?:bi-?plane|simpson\w*|teich\w*|eyeball\w*)\b[^.;\n]{0,30}(?<![\d.])[1-8]\d(?:\.\d)?\s*%|"
        r"\bmeasured(?: at)?\s*:?\s*\d{2}\s*%|"
        # "LV function: 45"
        r"\b(?:lv|left ventricular) (?:systolic )?function\s*[:=-]?\s*[1-8]\d\b(?!\s*(?:mm|cm|ml|/|\.\d))|"
        r"\b(?:e/f|fe)\b\s*[:=-]?\s*\d{2}\s*%|\bpump(?:ing)? function\b[^.;\n]{0,15}\d|"
        r"\b(?!shorten|regurg|area|collagen|flow|respir|change|inspir|shunt|void|fat|oxygen|scar|plasma|mass|"
        r"volume|sodium|lung|filtration|ejection)\w+ fraction\b[^.;\n]{0,40}(?<![\d.])[1-8]\d\s*%"
    ),
    rwma=re.compile(
        rf"\b{_WALL}\b[^.;\n]{{0,60}}\b{_MOVES}\b|\b{_MOVES}\b[^.;\n]{{0,60}}\b{_WALL}\b|"
        r"\b(?:hypo|akin\w{0,3}|dysk\w{0,4})\.(?=\s|$)|\bhypok\w*|\bballooning\b|\btakotsubo\b|\b(?:dys|"
        r"a)synergy\b|"
        r"\bdyssynergi\w*|"
        r"\bsegment(?:aire|en)\w*|\b[kc]inetique|\bwandbeweg\w*|\bcontractilid\w*|"
        r"\ball (?:the )?(?:\w+ )?segments?\b|\bwall m\w{2,8}\b|"
        r"\bwall\s+(?:contractil\w+|thicken\w+)\b|"
        r"\bregional(?! (?:hospital|medical|cent(?:re|er)|health\w*|institute|lab\w*|referral|office|command|"
        r"authority|board|council|railway|transport|network|cancer|heart|blood|burns|trauma|"
        r"school)\b)(?:ly)?\b|"
        r"\bsegmental\b|\bsegment scor\w+|\bwmsi?\b|"
        r"\b(?:scar(?:red)?|thinned(?: out)?|non-?contractile)\b[^.;\n]{0,30}\b(?:apical|wall|septal|"
        r"anterior|inferior|lateral)|"
        r"\b(?:apical|anterior|inferior|lateral|septal|posterior)\b[^.;\n]{0,20}\b(?:scar(?:red)?|thinned|"
        r"paradox\w*)\b|"
        r"\b(?:wall|septal|apical|ivs)\b[^.;,\n]{0,20}\b(?:sluggish|weak|lazy|hypo|non-?contract\w*)\b|"
        r"\b(?:anterior|inferior|lateral|septal|posterior|apical|basal)\b[\s:-]+(?:hypo|akin|dys)\b|"
        r"\b(?:mild|moderate|severe)\s+(?:hypo|akin|dys)\b|"
        # The names of walls side by side, at the head of a table or down a line of it.
        rf"\b(?:{_WALL_COLUMN}\b(?: {{2,}}|[ ]*\|[ ]*)){{2,}}{_WALL_COLUMN}\b|"
        r"\br\s?w\s?m\s?a\b|\bn\w?[rs]wma|"
        rf"\b{_DAMAGE}\b[^.;\n]{{0,30}}\b(?<!atrial ){_DAMAGED}|"
        rf"\b(?<!atrial ){_DAMAGED}[^.;\n]{{0,20}}\b{_DAMAGE}\b|"
        rf"\b{_WALL_COLUMN}\b(?: walls?)?[^.;,\n]{{0,15}}\b(?:worst|most affected)\b|"
        # "Anterior wall, septum, apex: normal".
        rf"\b{_WALL_COLUMN}\b(?: wall)?(?:(?:\s*[,/&]\s*|\s+and\s+){_WALL_COLUMN}\b(?: walls?)?){{2,}}"
        r"\s*[:=-]*\s*(?:are |all )*normal\b|"
        # In everyday words.
        r"\b(?:muscles?|wall (?:work|play|action)|walls)\b[^.;\n]{0,80}\b(?:together|lazy|patch\w*|"
        r"even(?:ly)?|equal\w*|uniform\w*|everywhere|alike|same|all (?:four )?(?:sides|round|around|over)|"
        r"takes? part|whole|nicely|good|full|well)\b|"
        r"\b(?:anterior|inferior|lateral|septal|posterior|apical)(?: wall)?\s+(?:is |looks |appears "
        r")?(?:abnormal|impaired|"
        r"reduced|poor|bad)\b|\bexcept (?:for )?(?:the )?(?:anterior|inferior|lateral|septal|posterior|"
        r"apical)\b|"
        r"\b(?:lad|rca|lcx|cx) (?:bed|area|territory|region)\b|\bsegment by segment\b|\b(?:16|17|18) "
        r"?(?:/|of|out of) ?(?:16|17|18)\b|\b(?:sixteen|seventeen) "
        r"(?:segments?|normal|scores?)|"
        r"\b(?:part|area|bit|piece)s? of (?:the )?walls?\b|"
        r"\bwalls?\b[^.;\n]{0,30}\b(?:lag\w*|hang\w* back|drop\w*)\b|"
        r"\b(?:no|any|every|each|without an?|a) (?:\w+ )?(?:lv )?(?:segments?|sectors?)\b|\bbeating alike\b|"
        r"\b(?:each|four|both|bad|weak|all(?: the)?) walls?\b|\bwalls? all\b|\b1[678] segments?\b|"
        r"\bnormal in [^.;\n]{0,30}\bmotion\b|\b[ail]w\s*/\s*[ail]w\b|\bonly the [a-z]+ wall is normal\b|"
        r"\blocal (?:wall|kine\w*|contract\w*)\b|\bevery wall\b|"
        # "Walls ok", "LV walls N"; a wall of the chest or of a vessel has its name before.
        r"\bwalls?\b(?:(?<![a-z] wall)|(?<=lv wall)|(?<=the wall)|(?<=all wall))\s*[:=-]?\s*"
        rf"(?:are |is )?{_FINE}|\bleft ventricular walls?\s*[:=-]?\s*(?:are |is )?{_FINE}|"
        # "13 of 17 segments normal", "Abnormal segments: 4", "No wall affected".
        rf"\bsegments?\s*[:=-]?\s*(?:are |is )?(?:abnormal\b|affected\b|involved\b|{_FINE})|"
        r"\b(?:ab)?normal segments?\b|\baffected (?:walls?|segments?)\b|"
        r"\bwalls? (?:are |is )?(?:affected|involved)\b|"
        # "Inferior wall - H", "apex: 3, rest: 1", "inferior wall +".
        rf"\b{_ONE_WALL}(?: walls?)?(?: [hd]\b(?!['/.\d])|\s*[:=-]\s*[adh]\b(?!['/.\d])|\s*\(\s*[han+]\s*\)|"
        r"\s*[:=-]?\s*\+(?!\w))|\b[pila]w(?:\s*[:=-]\s*|\s+)[ha]\b(?!['/.\d])|"
        r"\b(?:others?|remaining)(?: walls?| segments?)?\s*[:=-]?\s*[1in]\b(?![\d./])|"
        r"\brest(?: n\b|\s*[:=-]\s*[1in]\b(?![\d./]))|"
        # "Anterior wall normal, inferior not", "inferior: abnormal".
        rf"\b{_ONE_WALL}(?: walls?| one)?\s*(?:(?:is |are |does )?not\b(?=\s*(?:$|[.;,\n]))|"
        r"(?:is |are )(?:not|far from|anything but|no longer)\b[^.;\n]{0,12}\bnormal\b"
        r"(?! (?:thick|in thick|size))|"
        rf"normal, not (?:the )?{_ONE_WALL}|[:=-]?\s*\n\s*normal\b|"
        rf"\s*[:=(-]?\s*(?:normal|nk)\b\)?,?\s*(?:and )?{_ONE_WALL}(?: walls?)?\s*[:=(-]?\s*(?:normal|nk)\b|"
        r"[:=-]\s*(?:abnormal|impaired|reduced|poor|bad)\b)|"
        r"\binwards?\b|\bstretch(?:es)? of (?:the )?(?:muscle|wall)|"
        r"\b(?:tip|apex|front|back wall|back)\b[^.\n]{0,30}\b(?:still|stone|motionless|"
        r"does (?:all )?the work|lazy|asleep|dead|quiet)\b"
    ),
    pah=re.compile(
        rf"\b(?:pulmonary|pa|pap|rv)\b[^.;\n]{{0,25}}\bpressure\b[^.;\n\d]{{0,25}}\b{_HEIGHT}\b|"
        rf"\bpah?\s*[:=-]\s*(?:nil|no|{_HEIGHT})\b|"
        r"\b(?:pulm|pul|pulmonary)\b\.?[^.;,\n]{0,18}\b(?:ht|htn|hypert\w*|tension)\b|\bp\s?a\s?h\b|"
        r"\b(?:ph|pht\w*|pap|spap|pasp|rvsp|pa pressures?|(?:pulmonary|lung|small|lesser) (?:artery |"
        r"arterial |"
        r"vascular |artery systolic )?(?:pressures?|circulation)|right[- ]sided pressures?|"
        r"rv systolic pressure)\b"
        rf"[^.,;\n]{{0,40}}\b(?:{_HEIGHT}|none|nil|absent|present|low|ok|fine|wnl)\b|"
        r"\b(?:(?<=\|)|(?<=\| )|(?<=\|  ))(?:pulmonary|lung|pa)\b[^|\n]{0,20}\bpressures?\b|"
        r"\b(?:pulmonary|lung|"
        r"pa)(?: artery)? pressures?\s*\||"
        r"\blung (?:vessel|arter\w+|circulation)s?'?\s+pressures?\b|"
        r"\b(?:small|lesser|pulmonary) circulation\b|\blungs?\b[^.\n]{0,40}\bhypertens\w*|"
        r"\b(?:pul\w*|lung)\b\.?[^.;,\n]{0,20}(?:[.|:=-] *){1,3}(?:mild|moderate|severe)|"
        r"\b(?:pa|pulm\w*|lungs?)\b\.?[^;\n]{0,30}\bpress\w*\b[^;\n]{0,25}\b(?:elevat\w*|rais\w*|high|"
        r"physiolog\w*|normal|fine|ok)\b|\b(?:physiolog\w*|normal) pressures?\b|"
        r"\bphtn?\b|\bp\.h\b|\b(?:pa|pulmonary artery|lungs?)\b[^.;,\n]{0,20}\bhypertensive\b|"
        # "Normal right heart size and pressures", "normal" over "PASP of 25".
        r"\bnormal\b[^.;\n]{0,40}\b(?:pa|pulmonary|rv|right (?:ventricular|heart))\b[^.;\n]{0,30}"
        r"\bpressures?\b|"
        r"\b(?:pa|pulmonary|rv|right (?:ventricular|heart))\b[^.;\n]{0,40}\bpressures? (?:is|are) normal\b|"
        r"\bpulmonary artery:? normal[^.;\n]{0,15}\bpressure\b|"
        r"^[ *-]*(?:normal|raised|elevated)\n\s*(?:(?:pa|pulmonary(?: artery)?) pressures?|rvsp|pasp|"
        r"spap)\b|\bnormal (?:rvsp|pasp|spap)\b|"
        r"\b(?:pa|pulmonary artery) pressures?\b[^.;\n]{0,40}\b(?:mild|moderate|severe)|"
        r"\b(?:pa|pulmonary(?: art\w*\.?)?) pressures?\s+(?:is |are )?(?:normal|raised|high|elevated)\b|"
        r"\bhypertension\s*=\s*(?:mild|moderate|severe)|\b(?:pa|pulmonary(?: artery)?) pressures?\s*[:|"
        r"]?\s+(?:\[?x\]?|"
        r"[\u2713\u2714\u221a])\s*$|"
        r"\b(?:supra-?)?systemic (?:pa|pulmonary|rv)\b|\beisenmeng\w*|\bcor pulmonale\b|\bpah\w{1,2}\b",
        re.MULTILINE,
    ),
    rvsp_mmhg=re.compile(
        r"\bpressure systolic\b[^.;\n]{0,30}\b(?:pulmonary|rv)\b[^.;\n]{0,20}(?<![\d.])[1-9]\d\b|"
        r"\bpap\s*[:=-]?\s*\d{2,3}\b|"
        r"\b(?:pa|pulmonary|pap|rv|rvsp|pasp)\b[^.;\n]{0,30}\d{2,3}\s*mm\s?hg|\bsys\w*\.?\s+pap?\b|"
        r"\btr\s?pg\s*\+\s*rap?|\blung (?:arter\w+|pressures?)\b[^.;\n]{0,30}\d{2}|"
        r"\bpa (?:catheter )?pressure\b[^.;\n]{0,40}\d{2}\b|"
        r"\b(?:right(?:[- ]sided?)?|rv|lungs?|tricuspid|tr|leak|pulmon\w*)\b[^.\n]{0,40}"
        r"\b(?:pressure|tension)\b[^.;\n]{0,30}(?<![\d.])[1-9]\d\b|"
        r"\bsystolic pressure\b,? (?:of |in |to |towards )?(?:the )?(?:rv|right|pa|lung)"
        r"[^.;\n]{0,30}(?<![\d.])[1-9]\d\b"
    ),
)
_NEAR: Final[dict[str, tuple[str, ...]]] = of_fields(
    ef_percent=("lvef", "ejection"),
    rwma=("rwma", "swma", "hypokinesia", "akinesia", "dyskinesia"),
    pah=("hypertension",),
    rvsp_mmhg=("rvsp", "pasp"),
)
_NOT_NEAR: Final = frozenset(
    """
    past pass rasp gasp hypertensive hypotension bradykinesia hyperkinesia injection projection rejection
    """.split()
)
# "Rypokinesia": its first letters were misread. Those in front are known, or speak of something else.
_KINESIA: Final = re.compile(
    r"(?!(?:hypo|a|dys|normo|hyper|brady|tele|pharmaco|toxico|psycho|electro|cine|iso)kine)"
    r"[a-z0-9]{1,6}kine(?:sia|sis|tic)s?"
)
# Digits and pairs of letters that recognition writes for a letter, within a word.
_LETTERS: Final = (
    (re.compile(r"(?<=[a-z])[1|!](?=[a-z]|\b)|\b[1|!](?=[a-z]{2})"), "l"),
    (re.compile(r"(?<=[a-z])0(?=[a-z]|\b)|\b0(?=[a-z]{2})"), "o"),
    (re.compile(r"(?<=[a-z])5(?=[a-z])|\b5(?=[a-z]{2})"), "s"),
    (re.compile(r"(?<=[a-z])8(?=[a-z])"), "b"),
    (re.compile(r"rn(?=[a-z])"), "m"),
    (re.compile(r"vv"), "w"),
)
_CLOSED: Final = of_fields(
    ef_percent=re.compile(r"(?<![a-z])l[v\u0474]ef(?![a-z]{2})|ejectionfrac|ejecti[o0]n"),
    rwma=re.compile(r"(?<![a-z])(?:no)?r[vw]{1,2}ma(?![a-z]{2})|wallmotion|okinesi|okineti|akineti|akinesi"),
    pah=re.compile(r"pulmonaryh|(?<![a-z])(?:no)?pah(?![a-z]{2})"),
    rvsp_mmhg=re.compile(r"(?<![a-z])(?:rvsp|pasp|pasystolic)(?![a-z]{2})"),
)
_APART: Final = of_fields(
    ef_percent=re.compile(r"\be\s?j\s?e\s?c\s?t\s?i\s?o\s?n\b"),
    rwma=re.compile(r"\br\s?w\s?m\s?a\b|\bw\s?a\s?l\s?l\s+m\s?o\s?t\s?i\s?o\s?n\b"),
    pah=re.compile(r"\bp\s?a\s?h\b"),
    rvsp_mmhg=re.compile(r"\b(?:r\s?v\s?s\s?p|p\s?a\s?s\s?p)\b"),
)


def spoken_of_in_vain(findings: Findings, text: SortedText) -> set[str]:
    """The fields that are silent though their words stand in the report."""
    silent = silent_fields(findings)
    spoken_of = text.doubted_fields() | text.ranged_fields() if silent else set()
    return {field for field in silent if field in spoken_of or _is_named(field, text.normal.text, findings)}


def silent_fields(findings: Findings) -> set[str]:
    """The fields that the rules found nothing for."""
    silent = of_fields(
        ef_percent=findings.ef_percent is None,
        rwma=findings.rwma is Rwma.NOT_STATED,
        pah=findings.pah is Pah.NOT_STATED,
        rvsp_mmhg=findings.rvsp_mmhg is None,
    )
    return {field for field, is_silent in silent.items() if is_silent}


# A percentage that nothing in its line claims may be the ejection fraction.
_BARE_PERCENT: Final = re.compile(r"(?<![\d.-])[1-8]\d(?:\.\d)?\s*(?:%|per cent\b)(?![^\S\n]*[-/])")
# A percentage with a line of its own, whatever words for the function stand above it.
_LONE_PERCENT: Final = re.compile(r"(?m)^[ *-]*[1-8]\d(?:\.\d)?[ ]*%[ .]*$")
_CLAIMS: Final = re.compile(
    r"\b(?:stenos\w*|calcif\w*|lad|rca|lcx|lm|left main|om\d?|artery|arteries|graft|sat(?:uration|s)?|spo2|"
    r"sao2|"
    r"o2|oxygen|fio2|room air|collaps\w*|fs|shortening|fac|rv|right|la|ra|left atrial|atrial|strain|gls|"
    r"predicted|"
    r"percentile|burden|pac\w+|confidence|variation|hct|hematocrit|occlu\w+|narrow\w*|lesions?|block\w*|"
    r"stents?|"
    r"plaque|mphr|max\w*|heart rate|hr|dose|(?:clot|lesion|viral|"
    r"work) ?load|risk|residual|lv mass|hemoglobin|hba1c|a1c|disease\w*|"
    r"gradient|"
    r"gallbladder|gb|rvef|laef|perfusion|infarct\w*|uptake|viab\w*|trial|patients|people|chance|probab\w*|"
    r"fat|"
    r"body|burn\w*|inspir\w*|respir\w*|myocard\w*|thrombus|mismatch|regurgitant|rf|clearance|emptying|"
    r"carotid\w*|"
    r"dlco|fvc|fev1|lobes?|minutes|neutrophils|urr|time|ostium)\b"
)


def _has_unclaimed_percent(text: str) -> bool:
    for found in _BARE_PERCENT.finditer(text):
        start = max(
            text.rfind("\n", 0, found.start()),
            text.rfind(". ", 0, found.start()),
            text.rfind(";", 0, found.start()),
        )
        stop = re.compile(r"\n|\.\s").search(text, found.end())
        line = text[start + 1 : stop.start() if stop else len(text)]
        if not (_CLAIMS.search(line) or OTHER_ORGAN.search(line)):
            return True
    return False


def _is_named(field: str, text: str, findings: Findings) -> bool:
    for match in FIELD_WORDS[field].finditer(text):
        if not _is_of_something_else(field, text, match, findings):
            return True
    if any(not _is_of_something_else(field, text, match, findings) for match in _HINTS[field].finditer(text)):
        return True
    if any(_is_near(word, field) for word in _long_words(text)):
        return True
    is_silent = findings.lv_function is None or _LONE_PERCENT.search(text) is not None
    is_unclaimed = field == "ef_percent" and is_silent and _has_unclaimed_percent(text)
    return is_unclaimed or _is_spoken_of_in_damage(field, text)


@lru_cache(maxsize=4)
def _long_words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]{4,}", text))


@lru_cache(maxsize=50_000)
def _is_near(word: str, field: str) -> bool:
    """Whether a word is one of the field's with a letter or two wrong."""
    if word in _NOT_NEAR:
        return False
    if field == "rwma" and _KINESIA.fullmatch(word):
        return True
    for target in _NEAR[field]:
        allowed = 1 if len(target) < 8 else 2
        if word != target and abs(len(word) - len(target)) <= allowed:
            if DamerauLevenshtein.distance(word, target, score_cutoff=allowed) <= allowed:
                return len(target) < 8 or word[:2] == target[:2]
    return False


_NUMBER_NEAR: Final = re.compile(
    r"(?:[^.;\n\d]|\n(?=(?:of|at|about|around|approximately)\b)){0,25}\d{2}(?!\d)"
)


def _is_in_words(text: str, label: re.Match[str], findings: Findings) -> bool:
    """Whether the EF is said in words: a number close behind its name is a value that no rule took."""
    near = _NUMBER_NEAR.match(text, label.end())
    # "EF preserved, IVC collapses > 50 %": another name's.
    is_own = near and not (TOPIC_CHANGE.search(near.group()) or OTHER_PERCENT.match(text, near.end()))
    is_numbered = re.search(r"\d{2}\s*%", label.group()) or is_own
    is_told = TOLD_BEHIND.match(text, label.end()) or TOLD_AHEAD.search(text[: label.start()][-16:])
    is_said = findings.lv_function is not None or is_told is not None
    return is_said and not is_numbered and not _stands_alone(text, label)


# What may stand below a name that is said in words.
_IN_WORDS: Final = re.compile(
    r"[\s:=.-]*(?:is |was )?(?:normal|good|preserved|fair|poor|adequate|low|reduced|mild|moderate|severe|"
    r"impaired|"
    r"depressed|satisfactory|intact|within)\b"
)


def _stands_alone(text: str, label: re.Match[str]) -> bool:
    """Whether a name has its line to itself and no word for an answer below: its number is lost."""
    start, end = text.rfind("\n", 0, label.start()) + 1, text.find("\n", label.end())
    end = end if end >= 0 else len(text)
    rest = text[start : label.start()] + text[label.end() : end]
    return not re.search(r"[a-z0-9]", rest) and not _IN_WORDS.match(text, end)


# Where an infarct shows itself in a tracing.
_ECG: Final = re.compile(r"\b(?:e[ck]gs?|[qr][- ]waves?|leads|v[1-6]|st[- ]elevations?)\b")


def _is_of_something_else(field: str, text: str, match: re.Match[str], findings: Findings) -> bool:
    """Whether a field's word is plainly of another chamber, organ or quantity, or said in words elsewhere."""
    start = max(text.rfind("\n", 0, match.start()), text.rfind(". ", 0, match.start())) + 1
    stop = re.compile(r"\n|\.\s").search(text, match.end())
    sentence = text[start : stop.start() if stop else len(text)]
    if field == "ef_percent":
        label = LABEL.match(text, match.start())
        is_slope = EF_SLOPE.match(text, match.end()) is not None
        # "Severe PH with normal RV EF 60": what is normal is the right ventricle.
        is_said = re.search(r"\b(?:normal|good|dilated)\s+$", text[start : match.start()]) is not None
        is_other = label is not None and is_other_chamber(text, start, label) and not is_said
        is_other |= NOT_MEASURED.match(text, match.end()) is not None
        return (
            is_slope or is_other or bool(OTHER_ORGAN.search(sentence)) or _is_in_words(text, match, findings)
        )
    if field == "rvsp_mmhg":
        return is_told_in_words(text, sentence, start + len(sentence))
    if field == "pah":
        return _OF_THE_VALVE.search(sentence) is not None and not _OF_THE_PRESSURE.search(sentence)
    return field == "rwma" and _is_no_wall_of_the_left(sentence)


# "RV free wall and inferior wall hypokinetic", "RV hypokinesia without LV wall motion abnormality".
_LEFT_TOO: Final = re.compile(r"\b(?:inferior|anterior|lateral|posterior|lv wall|left ventricular wall)\b")


def _is_no_wall_of_the_left(sentence: str) -> bool:
    is_right = RIGHT_SIDE.search(sentence) and RIGHT_SIDE.search(without_the_right_heart(sentence))
    is_left_too = _LEFT_TOO.search(sentence) and KINESIA.search(sentence)
    is_of_another = (is_right and not is_left_too) or NOT_THE_HEART.search(sentence)
    is_of_the_ecg = _ECG.search(sentence) and not FIELD_WORDS["rwma"].search(sentence)
    return bool(is_of_another or is_of_the_ecg or SEPTAL_MOTION.search(sentence))


# "Pulmonary valve: mild stenosis", "RV / PA: normal size".
_OF_THE_VALVE: Final = re.compile(
    r"\b(?:valves?|leaflets?|cusps?|regurg\w*|stenos\w*|ps|pr|size|sized|trunk|diameter|annul\w*|branch\w*)\b"
)
_OF_THE_PRESSURE: Final = re.compile(
    r"press|tension|hypert|\b(?:pah?|ph|pht\w*|pap|pasp|rvsp|spap|eisenm\w*|cor pulm\w*|"
    r"circulation)\b(?!:| ?normal)"
)


@lru_cache(maxsize=4)
def _mended(text: str) -> str:
    for pattern, letter in _LETTERS:
        text = pattern.sub(letter, text)
    return text


def _is_spoken_of_in_damage(field: str, text: str) -> bool:
    """Whether a field's words appear once look-alike letters are put right and gaps in words closed."""
    mended = _mended(text)
    if mended != text and _CLOSED[field].search(mended.replace(" ", "")):
        return not _CLOSED[field].search(text.replace(" ", ""))
    return any(" " in apart.group().replace("wall motion", "") for apart in _APART[field].finditer(text))
