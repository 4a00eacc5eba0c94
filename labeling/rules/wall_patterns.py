"""How reports speak of wall motion: nouns, normal and poor motion, negations, hedges, and look-alikes."""

from __future__ import annotations

import re
from functools import lru_cache

from labeling.rules.lexicon import TERRITORIES, WALL_WORDS

# Longest first, so that "anteroseptal" is not read as "anterior"; by the alphabet among equals.
_WALL_NAMES = sorted(
    {word for words in WALL_WORDS.values() for word in words}
    | {f"{artery} territory" for artery in TERRITORIES},
    key=lambda word: (-len(word), word),
)

WALL = re.compile(r"\b(?:" + "|".join(map(re.escape, _WALL_NAMES)) + r")\b")

# "LAD territory", "LAD and RCA territories".
TERRITORY = re.compile(rf"\b({'|'.join(TERRITORIES)})\b(?=[^.;\n]{{0,30}}\bterritor)")

REGION = re.compile(
    WALL.pattern + r"|\b(?:regional|segmental|segment|focal|wall|walls|territory|scar(?:red)?)\b"
)

# Here as in NOUN every choice begins with a word's edge: else all of them are tried at each letter.
KINESIA = re.compile(
    r"\b(?:hypo|a|dys)[- ]?kine(?:sia|tic|sis)\b|\bhypo\b(?:(?<=wall hypo)|(?<=apical hypo)|"
    r"(?<=septal hypo)|(?<=ivs hypo)|(?<=wall - hypo)|(?<=wall: hypo))|"
    r"\bballoon(?:ing|s|ed)\b|\bkinesia\b(?<=hypo kinesia)"
)

ANEURYSM = re.compile(r"\baneurysm\b")

NOUN = re.compile(
    r"\br\.?\s?w\.?\s?m\.?\s?a'?s?\b|\br[vwu]{1,2}(?:[mn]|rn)i?as?\b|\brw[hn]a\b|\brmwa\b|\b(?:lv)?wmas?\b|"
    r"\b(?:l\.)?w\.m\.a\b|\blwmas?\b|"
    r"\bs\.?w\.?m\.?as?\b|\bsvma\b|\brwm\s+abnormality\b|\b(?:lv)?rwmas?\b|"
    r"\b(?:(?:regional|segmental|focal|discrete|localised|localized|lv|left ventricular|"
    r"resting|ventricular|global|systolic)[\s/]+)*"
    r"(?:wall[- ]*motion(?=abnormality)|wall[- ]*motion|wall[- ]*movement|contraction|contractility|wall)"
    r"(?:\s+|(?<=motion))(?:abnormality|defects?|disturbances?|disorders?|anomal(?:y|ies))|"
    r"\b(?:regional|segmental)\s+(?:abnormality|dysfunction|asynergy|defects?|deficits?)\b|\b(?:a|"
    r"dys)synergy\b|"
    r"\basynergy\b|\bregional weakness\b|\bweak (?:part|area|spot|place)s? (?:of|in) (?:the )?(?:lv |heart )?"
    r"(?:wall|muscle)s?\b|"
    r"\b(?:regional|segmental)\s+variations?\s+(?:in|of)\s+(?:\w+\s+)?(?:wall[- ]*motion|contractility|"
    r"contraction)\b|"
    r"\babnormal\s+(?:regional|segmental)?\s*wall[- ]*motion\b|"
    r"\b(?:(?:regional|segmental|lv)\s+)*wall[- ]*motion\s*[:=]\s*(?:abnormal|abn|regional abnormality)\b"
)

_BOTH = r"(?:(?:regional|segmental)\s*(?:/|and|&|,)\s*global|global\s*(?:/|and|&|,)\s*(?:regional|segmental))"
_FUNCTION = (
    r"(?:(?:lv|left ventricular|wall|systolic|myocardial)\s+)*"
    r"(?:function|contractility|contractions?|motion|kinetics|kinesis|kinesia|thickening|performance)"
)

# Here, too, every choice begins with a word's edge.
NORMAL = re.compile(
    r"\b(?:lv|left ventricular|wall) (?:contracts?|moves) (?:uniformly|homogeneously|equally well|equally|"
    r"evenly|alike)"
    r"(?=\s*(?:$|[.;,]))|"
    r"\bwalls? of the (?:lv|left ventricular) contracts? (?:equally|evenly|uniformly|normally)\b|"
    r"\bno (?:significant )?abnormality of (?:the )?(?:regional |segmental )?wall[- ]*motion\b|"
    r"\bno (?:regional )?kinetic (?:disorders?|abnormality|disturbances?)\b|"
    r"\bno regional (?:lv |left ventricular )dysfunction\b|"
    r"\b(?:lv contraction|left ventricular contraction) is (?:uniform|homogeneous|even)\b|"
    r"\b(?<!right ventricular )(?<!rv )kinetics (?:is |are )?(?:preserved|normal)\b|"
    # "Chamber sizes are normal, as are wall motion and ...", "Wall motion, valves and ... are all normal".
    r"\bnormal, as (?:are|is) (?:[a-z ]{3,20}, |[a-z ]{3,20} and )*wall[- ]*motion\b|"
    r"\bwall[- ]*motion(?:, [a-z ]{3,30})*,? and [a-z ]{3,40} (?:are|is) (?:all |both )?normal\b|"
    r"(?:^|[.\n]\s*)normal: (?:[a-z ]{3,30}, ){0,4}wall[- ]*motion\b|"
    r"\b(?:regional |segmental )?wall[- ]*motion, normal\b|\blvwm\s*[:=-]\s*normal\b|"
    r"\bcontractility\s*[:=-]\s*normal in all\b|"
    r"\b(?:contractions?|contractility) (?:is )?(?:regular|even|equal|uniform|normal) "
    r"(?:everywhere|throughout)\b|"
    r"\b(?:motion|movement|contraction) of (?:all )?(?:the )?walls?\s*[:=-]?\s*(?:is |are )?"
    r"(?:normal|good|even|equal|uniform)(?: (?:all (?:round|around|over)|everywhere|throughout))?"
    r"(?=\s*(?:$|[.;,\n]))|"
    r"\b(?:wall[- ]*motion|contraction|contractility) (?:is |was )?(?:not (?:abnormal|disturbed|impaired|"
    r"reduced) in any (?:region|segment|area|wall|part)\b|normal in (?:the )?"
    r"(?=[^.;\n]{0,30}\blad\b)(?=[^.;\n]{0,30}\brca\b)(?=[^.;\n]{0,30}\b(?:lcx|cx|circumflex)\b)"
    r"[^.;\n\d]{0,40}\bterritory\b)|"
    r"\bwalls? (?:is |are )?normal in (?:movement|motion)\b|\bwm\s+n(?:l|ormal)?\b(?=\s*(?:all\b|in\b|$|"
    r"[.;,\n]))|"
    r"\bwall[- ]*motion\s*[:=-]?\s*(?:is |was )?(?:regular|homogeneous|uniform|fine|good|grossly normal)\b|"
    r"\ball (?:of )?(?:the )?(?:lv )?(?:walls?|segments?)\s*[:=-]?\s*(?:are |is )?"
    r"(?:(?:ok|fine|good)(?=\s*(?:$|[.;,\n)]|and\b))|n(?=\s*(?:$|[.;,\n)])))|"
    r"\bgood wall[- ]*motion\b|\bno wall[- ]*motion (?:problem|issue)s?\b|"
    r"\bwalls?\s*:\s*normal motion(?: and thickening)?\b|"
    r"\b(?:wall[- ]*motion|kinetics|contractility|contraction|regional (?:function|motion|wm))\s*[:=-]?\s*"
    r"(?:no (?:regional )?(?:disorder|disturbance|defects?|deficits?|differences?)|none disturbed|no "
    r"abnormality|"
    r"(?:is |are )?(?:regular|homogeneous|uniform|even) in (?:all|every|each)\b)|"
    r"\b(?:no|without|free of)\s+(?:any\s+)?(?:regional|segmental)\s+(?:lv\s+|wall[- ]*motion\s+)?"
    r"(?:disorders?|disturbances?|irregularit(?:y|ies)|differences?)\b|"
    r"\beach of (?:the )?(?:1[67] )?segments? (?:is |are |was )?normal\b|"
    r"\b(?<!other )(?<!remaining )(?<!basal )(?<!mid )(?<!apical )(?<!anterior )(?<!inferior )(?<!lateral )"
    r"(?<!septal )(?<!posterior )(?<!rest of the )(?:lv |left ventricular )?(?:segments?|walls?)\s*:?\s*"
    r"all (?:lv )?(?:normal|regular|(?:contract|move|mov|thicken)\w* (?:normally|well|equally|evenly))\b|"
    r"\bwalls? (?:which |that )?(?:all )?(?:moves?|contracts?)\s+(?:all )?(?:equally well|evenly|"
    r"alike|equally)\b|"
    r"\b(?:lv|left ventricular|it|ventricle|and) contracts? (?:evenly|uniformly|equally|alike) "
    r"(?:in|throughout|over) (?:every|all|each)\b|"
    r"\bwall[- ]*motion[^.:;\n]{0,30}:\s*no (?:regional )?abnormality\b|"
    r"\bwall[- ]*motion (?:is )?(?:equal|even|the same|alike) (?:in|of|across) (?:all|every|each)\b|"
    r"\bzones? of (?:hypo|a|dys)[^:\n]{0,30}:\s*(?:not (?:revealed|found|seen|detected)|"
    r"none|no|nil)\b(?! \w)|"
    r"\b(?:regional|segmental) (?:wall )?(?:motion|contractions?|contractility|function|kinetics)"
    r"\s*[:=-]?\s*(?:is |are )?(?:undisturbed|unimpaired|wnl|within normal limits|regular)\b|"
    r"\bno (?:regional|segmental) (?:wall )?(?:problems?|issues?)\b|"
    r"\b(?:no|without) (?:local|regional|zonal|focal|segmental) (?:disturbances?|impairments?|violations?|"
    r"disorders?) (?:of|in) (?:the )?(?:lv )?(?:myocardial )?(?:contract\w+|kinetics|wall motion)\b|"
    r"\b(?:lv[. ])?(?:regional|segments?)[ ]*[|:=-][ ]*none (?:is |are )?(?:abnormal|affected|involved)\b|"
    r"\bno (?:lv )?(?:wall|segment) is weak\b|\b(?:all|every) (?:wall|segment)s?\s*:?\s*moving,? no "
    r"regional loss\b|"
    r"\b(?:contraction|contractility|motility|motion)\b[^.;\n]{0,30}\b(?:preserved|kept|conserved) in "
    r"(?:every|all)\b|"
    r"\b(?:regional|segmental) (?:contraction|motion|kinetics)\s*[:=-]?\s*(?:is |are )?(?:even|in order)\b|"
    r"\b(?:regional|segmental) kinetics\b[^.;\n]{0,30}\bwithout disorders?\b|\bsegments?\s*:?\s+none "
    r"abnormal\b|"
    r"\bwalls?\s*:\s*all moving\b|\bsegments? all (?:fine|ok|good)\b|"
    r"\bkinesi[as]\s+(?:is |are )?normal in (?:all|every)\b|\bwall[- ]*motion nil abnormal\b|"
    r"\b1[678] (?:of|/|out of) 1[678] segments? (?:scored?|are|is|=|:)\s*1\b(?!\.\d)|"
    r"\bcontraction (?:is |was )?(?:symmetrical|uniform|even|regular),? and normal in (?:every|each|all)\b|"
    r"\b(?:kinetics|contraction|contractility|motion)\s+(?:is |are )?(?:preserved|kept|normal|intact) in "
    r"(?:all|every|each) (?:the )?(?:three )?(?:territor|segment|wall|region)\w*|"
    r"\bnone of the (?:\w+ )?(?:segments?|walls?) (?:lags?|moves? (?:poorly|badly|abnormally)|is abnormal)\b|"
    r"\b(?:regional|segmental) score\s*(?:1[67]\s?/\s?1[67])?\s*=?\s*1(?:\.0+)?(?![\d.])|"
    r"\bsegments? with (?:reduced|abnormal|poor) (?:thickening|motion|contraction)\s*[:=]\s*(?:0|none|"
    r"nil)(?![\d.])|"
    r"\bnot (?:a|one) single (?:segment|wall)\b[^.;,\n]{0,25}\b(?:abnormal\w*|poorly|badly|hypokinesia|"
    r"akinesia)\b|"
    r"\b(?:regional|segmental) (?:kinetics|motion|contraction) without (?:any )?(?:abnormality|defects?|"
    r"disorder)\b|"
    r"\b(?:regional|segmental) motility\s*[:=-]?\s*(?:is )?(?:normal|conserved|preserved|intact)\b|"
    r"\blv\W?regional\s*[:=]\s*normal\b|"
    r"\bno (?:lv )?segments?\b[^.;,\n]{0,20}\b(?:poorly|badly|less)\b|"
    r"\b(?:all|every|the)?\s*(?:lv )?(?:segments?|walls?)\s*:?\s*(?:is |are )?(?:moving|contracting|moves?|"
    r"contracts?)"
    r"\s+(?:normally|well|equally)(?: (?:and|&) \w+)?(?: in all (?:regions|segments?|"
    r"areas))?\b(?=[^,;\n]{0,12}(?:$|[\n.,;]))|"
    r"\ball (?:the )?(?:1[678] )?segments?\s*(?:=|:|scored?|are)\s*1\b(?!\.)|"
    r"\bwall[- ]*motion\b(?: abnormality)?\s*(?:has |have |is |was |now |all |fully |completely )*"
    r"(?:normali[sz]ed|back to normal|returned to normal)\b|"
    r"\b(?:regional|segmental) (?:wall )?function (?:is |was )?(?:normal|preserved|intact)\b|"
    rf"\b(?:normal|good|preserved|intact|satisfactory)\s+(?:(?:lv|left ventricular|resting)\s+)?"
    rf"(?:{_BOTH}|regional|segmental)\s+{_FUNCTION}\b|"
    rf"\b(?:lv\s+|left ventricular\s+)?(?:{_BOTH}|regional|segmental)\s+{_FUNCTION}\s*(?:is|was|are|were|:|-|"
    rf"=|appears?|both)*\s*"
    r"(?:well |grossly |entirely )?(?:normal|preserved|good|intact|maintained|satisfactory)\b|"
    r"\b(?:regional|segmental)\s+walls?\s*(?:are\s+|is\s+|[:=-]\s*)?normal\b|"
    r"\b(?:rwm|wm|wall[- ]*motion)\s*[:=-]\s*(?:wnl|ok|nad|n(?:ormal|l)?)\b(?![./])|"
    r"\brwm\s+(?:is\s+)?(?:normal|wnl|ok)\b|\b(?:good|normal|adequate) contract(?:ion|ility) of (?:all|"
    r"every)\b[^.;\n]{0,30}\b(?:segment|wall)|"
    r"\bkinetics of (?:all )?(?:the )?walls?\s*(?:is |are |: ?)?(?:homogeneous|uniform|normal|"
    r"symmetric\w*)\b|"
    r"\b(?:uniform|homogeneous|symmetric(?:al)?)\s+(?:lv\s+)?(?:contraction|contractility|wall[- ]*motion)\b|"
    r"\bnormal\s+(?:(?:lv|left ventricular|resting|global|regional|segmental|and|size|,|"
    r"wall thickness|thickness|cavity|chamber|"
    r"biventricular|systolic|function|overall)[\s,]+)*"
    r"wall[- ]*motion\b|"
    r"\bwall[- ]*motion(?:s)?\b(?:\s+(?:study|analysis|score))?[^.;,\n]{0,40}?\b(?:is|was|"
    r"are|were|appears?|appeared|remains?|:|-|=|reveals?|shows?)\s*"
    r"(?:to be |now |grossly |entirely |essentially |within |all |also |symmetric and |uniform and )*"
    r"(?:normal|intact|"
    r"preserved|unremarkable|wnl|normal limits)\b|"
    r"\bwall[- ]*motion\s*(?:\([^)]*\)\s*)?[:=-]?\s*(?:normal|intact|wnl|preserved|"
    r"no abnormality|nad|ok)\b|"
    r"\b(?:all|every|the)?\s*(?:the )?(?:lv |left ventricular |myocardial |visualised |"
    r"seen |17 |16 )*(?:segment|wall)s?\s+"
    r"(?:are |is |were |was |seen |visualised |appear |appeared |show |showed |showing |"
    r"that were seen )*(?:to )?(?:mov(?:e|ed|ing|es)|contract(?:s|ed|ing)?|thicken(?:s|ed|"
    r"ing)?|contraction|kinetics?|normokinetic|with(?! normal (?:rv|right)))"
    r"\s*(?:is |are |was )?(?:normal|normally|well|equally|uniformly|evenly|symmetrically|adequately|"
    r"and thicken normally|and move normally)\b|"
    r"\bnormal\s+(?:contraction|contractility|motion|movement|excursion|kinetics?|"
    r"thickening|thickening and motion)\s+of\s+(?:all|the|every)\b[^.;\n]{0,30}\b(?:segment|wall)"
    r"s?\b|"
    r"\b(?:regional|segmental)\s+(?:lv\s+|left ventricular\s+|wall\s+)?(?:motion|movement|"
    r"contractility|contraction|contractions|function|kinetics)\s*"
    r"(?:is|was|are|were|appears?|remains?|:|-|=)?\s*(?:grossly |entirely |well |"
    r"all )?(?:normal|preserved|intact)\b|"
    r"\b(?:every|each|all)\s+(?:visualised\s+)?segment[^.;,\n]{0,25}\bas it should\b|"
    r"\b(?:regional|segmental)\s+motion\s+and\s+thickening\s+(?:is|are|was|were)\s+normal\b|"
    r"\bwall[- ]*motion,?\s+and\s+(?:systolic\s+)?thickening\s*(?:is|are|was|were|:|appears?)\s+normal\b|"
    r"\bnormal\s+(?:global and\s+)?(?:regional|segmental)\s+(?:lv\s+|wall\s+)?(?:motion|"
    r"contractility|contraction|function|kinetics)\b|"
    r"\b(?:wall[- ]*motion|motion|contraction|contractility|function|contracts|moves|"
    r"thickens)\s+(?:is\s+|was\s+|are\s+)?(?:normal|normally|uniform|uniformly|"
    r"symmetric(?:al(?:ly)?)?|well)"
    r"\s+(?:in|of|across|throughout|over)\s+(?:all|every|the (?:whole|entire)|each)\b|"
    r"\b(?:all|every)\s+(?:the )?(?:lv |left ventricular |visualised |\d\d )*(?:wall|area|region|part|"
    r"segment)s?\b[^.;,\n]{0,40}\b(?:normal(?:ly)?|symmetric\w*|equally|uniform(?:ly)?|well)"
    r"\b(?! visual| (?:in )?(?:thick|size))|"
    r"\ball (?:the )?(?:\w+ )?(?:lv )?segments?\s+(?:show|have|demonstrat|display|exhibit)\w*\s+normal\b|"
    r"\b(?:regional )?wall[- ]*motion\s*[:=-]?\s*unremarkable\b|"
    r"\bwall motion score(?: index)?\s*(?:\(wmsi\)\s*)?(?:is|was|of|:|=|"
    r"-)?\s*1(?:\.0+)?(?!\.?\d|\s+\d)|\bwmsi\s*(?:is|of|:|=|-)?\s*1(?:\.0+)?(?!\.?\d|\s+\d)|"
    r"\b(?:contraction|contractility|motion)\s+(?:is|are|was)\s+regional(?:ly)? normal\b|"
    r"\bno\s+(?:lv\s+|wall\s+|visualised\s+)?(?:segment|wall|region|area)"
    r"s?\b[^.;,\n]{0,30}\babnormal(?:ly)?\b|"
    r"\bwm\s*[:=-]?\s*(?:is\s+)?(?:normal|ok|wnl)\b|"
    r"\b(?:normokinesia|normokinetic|eukinesia|normal kinetics)\b"
)


# Every choice above has one of these.
_OF_WALLS = re.compile(r"wall|wm|motion|kine|contract|region|segment|motility|mov|thicken|zone|area|part")


# It takes longest of all, and the second engine's statements are mostly the first one's.
@lru_cache(maxsize=2048)
def normal_phrases(text: str) -> tuple[tuple[int, int], ...]:
    """Where a statement says in so many words that the walls move normally."""
    return tuple(match.span() for match in NORMAL.finditer(text)) if _OF_WALLS.search(text) else ()


# Plain words for a wall that moves too little; they need a wall beside them to count.
POOR_MOTION = re.compile(
    r"\b(?:(?:contracts?|moves?|moving|contracting|thickens?|thickening)"
    r"\s+(?:very\s+)?(?:poorly|sluggishly|weakly)|"
    r"(?:does|do|did)\s+not\s+(?:move|contract|thicken|squeeze)|fails?\s+to\s+(?:move|contract|"
    r"thicken)|non-?contract(?:ile|ing)|non-?moving|motionless|immobile|"
    r"(?:motility|motion)\s+(?:is\s+)?(?:mild|moderate|severe)?\s*(?:diminished|reduced|decreased|impaired)|"
    r"stand(?:s|ing)\s+still|no\s+(?:systolic\s+)?thickening|balloon[- ]shaped|"
    r"thin(?:ned)?,?\s+(?:bright,?\s+)?(?:and\s+)?scarred|hibernating|"
    r"(?:sluggish|lazy|frozen|stunned)\b(?! (?:flow|blood|leaflet|valve|venous))|"
    r"(?:not|hardly|barely)\s+(?:moving|contracting|thickening|squeezing|moves?|contracts?|squeezes?)|"
    r"bulg(?:es|ing)\s+out(?:ward)?s?|"
    r"(?:reduced|decreased|impaired|diminished|poor|abnormal|sluggish|absent|restricted)"
    r"\s+(?:systolic\s+|inward\s+)?(?:motion|excursion|thickening|contractility|contraction|"
    r"movement)|loss\s+of\s+(?:motion|movement|contraction|contractility|thickening)|"
    r"(?:motion|excursion|thickening|contractility|contraction|movement)\s+(?:is|was|are|"
    r"of [^.;,\n]{3,40} is)\s+(?:mild |moderate |severe )?(?:reduced|decreased|impaired|"
    r"diminished|poor|abnormal|sluggish|absent))\b"
)

NEGATOR = re.compile(
    r"\b(?:no|not|without|nil|fara|sin|senza|nothing (?:to suggest|to indicate|suggest\w*|in favour of)|"
    r"absent|absence of|"
    r"free of|free from|negative for|none|never|"
    r"neither|nor|devoid of|non)\b"
)

_ANY_PART = r"(?:the|any|all|either|lv|left|ventric\w+|heart|myocardi\w+|wall|segment|region)s?"
NEGATED_AFTER = re.compile(
    # "Asynergy of LV wall: none", "Hypokinesia of any segment: nil".
    rf"^\s*(?:\([^)]*\)\s*)?(?:(?:of|in)(?: (?:{_ANY_PART}))+\b\s*(?=[:=(-]|is |are |was |were )|"
    rf"(?:of|in)(?: (?:{_ANY_PART}|{WALL.pattern}))+\b\s*(?=[:=])|"
    # "Akinetic segments: nil".
    r"(?:segment|walls?|areas?|regions?)\b\s*(?=[:=-]))?"
    r"(?:at rest\s*)?(?:(?:[:=|-]++>?|\.{2,}+)\s*+|\(\s*+|is |are |was |were |has been |"
    r"have been )*\s*(?:confidently |clearly |safely |reliably )?"
    r"(?:0(?=\s*(?:$|[;,.|\n]|(?:lv)?ef\b| of (?:1[678]|the)\b))|none|nil|nad\b|absent|"
    r"no\b(?! (?:longer|better|worse|change))|"
    r"not (?:seen|noted|present|detected|identified|found|evident|observed|demonstrated|appreciated)"
    r"(?! (?:before|previously|earlier))|"
    r"negative|neg\b|ruled out|excluded|-ve|"
    r"\(-\)|-\s*(?:ve)?\s*(?:$|[,;.)]))"
)

# "RWMA: present": whatever stands before it answers another label.
OWN_ANSWER = re.compile(
    r"\s*[:=]\s*(?:present|yes\b|positive|noted|seen|none|nil|no\b|absent|normal|mild|moderate|severe|\+|"
    r"regional|\(\+\))"
)

AFFIRMED_AFTER = re.compile(
    r"^\s*(?:\([^)]*\)\s*)?(?:[:=|-]\s*|is |are |was |were )*\s*(?:present|yes|noted|seen|"
    r"positive|\+|\(\+\)|detected|identified|observed|in\b|of\b|involving|at\b)"
)

SCOPE_END = re.compile(
    r"\b(?:but|however|except|excepting|other than|apart from|aside from|besides|although|"
    r"despite|in spite of|though|whereas|while|with(?! no\b)|there is|there are|there was|there were|"
    r"shows?|showed|reveals?|revealed|demonstrat\w+|now|only|instead|also|is|are|was|were|"
    r"has|have|present)\b|[:;.|]|\s-\s"
)

HEDGE = re.compile(
    r"\b(?:could not be|cannot be|can not be|can't be|couldn't be|not be|unable to|cannot|"
    r"can not|could not|difficult to|not (?:well |adequately |clearly |fully |optimally |"
    r"completely |properly |reliably )*"
    r"(?:assessed|evaluated|visualised|seen|assessable|interpretable|commented|evaluable)|"
    r"limited|suboptimal|sub-optimal|inadequate|non-?diagnostic|"
    r"possible|possibly|questionable|query|suspicious|suspected|\?|rule out|r/o|exclude|"
    r"excluded|may be|might be|may have|(?:could|may|might) (?:be(?! seen| noted| appreciated)|represent|"
    r"reflect|"
    r"indicate|suggest|mean)|would|if|risk of|evaluate for|assess for|"
    r"to look for|"
    r"look for|to assess|assessment of|for evaluation of|reason)\b|\?"
)

RIGHT_SIDE = re.compile(
    r"\b(?:rv|r\.v\.?|right ventricular|right-ventricular|right heart|right atrial|ra|"
    r"rvot|free wall of (?:the )?r|mcconnell'?s?)\b"
)

LEFT_SIDE = re.compile(r"\b(?:lv|left ventricular|l\.v\.?)\b")

# A septum that moves oddly for an electrical or surgical cause: no regional abnormality by itself.
SEPTAL_MOTION = re.compile(
    r"\b(?:paradoxical|paradoxic|abnormal|asynchronous|dyssynchronous|flattened|bouncing|"
    r"post-?op(?:erative)?|pacing|paced|lbbb)\b[^.;,\n]{0,25}\b(?:septal|ivs)\b"
    r"|\bmotion of the (?:inter)?(?:ventricular )?septal\b|"
    r"(?<!anterior )(?<!inferior )\bseptal\b[^.;,\n]{0,25}\b"
    r"(?:motion|bounce|flattening|dyssynchrony|flash)\b|\bd[- ]shaped\b"
)

# Akinesia of a gallbladder, dyskinesia of a limb: statements to pass over.
NOT_THE_HEART = re.compile(
    r"\b(?:tardive|biliary|ciliary|oro-?facial|limb|parkinson\w*|gait|gastric|esophageal|"
    r"oesophageal|bowel|gallbladder|psychomotor|speech|tremors?|rigidity|chorea)\b"
)

# Aneurysms of vessels, septa and the atria are not of the left ventricular wall.
OTHER_ANEURYSM = re.compile(
    r"\b(?:aorta|aortic|aaa|atrial|interatrial|ias|fossa ovalis|valsalva|sinus(?:es)? of|"
    r"sov|membranous|vsd|coronary|lad|rca|carotid|cerebral|brain|intracranial|"
    r"berry|abdominal|iliac|femoral|popliteal|pseudo|mycotic|thoracic|ascending|root|"
    r"artery|septal|ventricular septal)\b"
)

COMPARED = re.compile(
    r"\b(?:better|improved|improvement in|improving|worse|unchanged|change in)"
    r"\b[^.;\n]{0,40}\bwall[- ]*motion\b"
)

PREVIOUS = re.compile(
    r"\b(?:previous(?:ly)?|prior|earlier|last|old)\s+(?:echo\w*|study|report|scan|2d|2-d|"
    r"tte|exam\w*|angio\w*|test|imaging|noted|described|seen|reported|lv)"
    r"|\b(?:compared (?:to|with))\b"
)

STRESS = re.compile(
    r"\b(?:stress[- ]induced|inducible|induced|peak stress|at peak|post[- ]?exercise|"
    r"with exercise|after exercise|during stress|peak dose|low dose|post stress|"
    r"stress images|stress imaging|peak exercise)\b|"
    r"^\s*(?:at |post[- ]?|immediate )?(?:peak |immediate )?(?:stress|exercise|dobutamine|"
    r"peak)\b[^:,;]{0,20}:"
)

GLOBAL = re.compile(
    r"\bglobal\b|\ball (?:the )?(?:lv |left ventricular )?(?:wall|segment)s?\b|"
    r"\bgeneral\b|\bconcentric\b|\bentire lv\b|\bwhole lv\b|\b(?:every|each) (?:lv )?(?:wall|segment)\b"
)

GRADE = re.compile(r"\b(mild|moderate|severe|gross|significant)\b")

BETWEEN_GRADE_AND_NOUN = re.compile(
    r"(?:[\s,/&-]|\b(?:to|and|or|of|the|in|global|regional|segmental|focal|lv|left|"
        r"ventricular|resting|wall|walls|segment|motion|distal|proximal|"
    r"mid|basal|apical|area|areas|region|very|large|small|mild|moderate|severe|whole|"
        r"entire|half|third|part|portion|aspect|grade|degree|free|residual|persistent|"
    r"hypokinesia|akinesia|dyskinesia|"
    + "|".join(re.escape(word) for word in _WALL_NAMES)
    + r")\b)*"
)  # fmt: skip

CLAUSE_CUT = re.compile(
    r"[;:]|\bbut\b|\bhowever\b|\bwhereas\b|\bwhile\b|\s-\s|\bef\b|\blvef\b|\bejection\b|\|"
)

LIST_OF_WALLS = re.compile(
    r"(?:[\s,./&()-]|\b(?:and|or|of|which|that|the|in|to|with|mild|moderate|severe|wall|walls|segment|"
        r"regional|distal|proximal|lv|left|ventricular|"
    r"half|entire|third|part|parts|involving|territory|hypokinesia|akinesia|dyskinesia|is|are|"
    + "|".join(re.escape(word) for word in _WALL_NAMES)
    + r")\b)*"
)  # fmt: skip

# What is said to move well, up to the end of its part of the sentence: its walls are not the ones that fail.
SPARED = re.compile(
    r"\b(?:sparing|spared|relative(?:ly)? preserv\w+|preserv\w+|with relative|"
    r"relatively normal|normal|good)\b"
    # "The RV is normal and the apex is akinetic": behind "and" another part may move badly.
    r"(?:(?!\b(?:but|despite|with|shows?|showing|there|and (?:the )?\w+(?: walls?| segment)? (?:is|are))\b)"
    r"[^;.\n])*"
)

# Words that look like a region but name none.
NO_REGION = re.compile(
    r"\b(?:no|without|rather than|more than|instead of)\s+(?:regional|segmental|focal)\b[^.,;]*|"
    r"\ball (?:the )?(?:lv |"
    r"left ventricular )?(?:wall|segment)s?\b|\b(?:every|each) (?:lv )?(?:wall|segment)\b|"
    r"\b(?:lv|left ventricular) wall\b(?! of)|\bwall motion\b"
)

GRADE_BEHIND = re.compile(
    r"\s*(?:is |was |are |were )?(?:noted|seen|present|observed)?\s*"
    r"(?:\(\s*(?P<enclosed>mild|moderate|severe)(?:\s+degree)?\s*\)|"
    r"[,:-]\s*(?:of )?(?:(?:mild|moderate)\s*(?:-|to|/)\s*(?P<high>moderate|severe)|"
    r"(?P<grade>mild|moderate|severe))"
    r"(?:\s+(?:degree|grade|only|in (?:degree|severity))\b|\s*(?:[.;\n]|$)))"
)
