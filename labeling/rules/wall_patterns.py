"""How reports speak of wall motion: nouns, normal and poor motion, negations, hedges, and look-alikes."""

from __future__ import annotations

import re

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
    r"\b(?:regional|segmental)\s+(?:(?:lv|left ventricular|systolic|contractile)\s+)*"
    r"(?:abnormality|dysfunction|asynergy|defects?|deficits?)\b|\b(?:a|"
    r"dys)synergy\b|"
    r"\basynergy\b|\bregional weakness\b|\bweak (?:part|area|spot|place)s? (?:of|in) (?:the )?(?:lv |heart )?"
    r"(?:wall|muscle)s?\b|"
    r"\b(?:regional|segmental)\s+variations?\s+(?:in|of)\s+(?:\w+\s+)?(?:wall[- ]*motion|contractility|"
    r"contraction)\b|"
    r"\babnormal\s+(?:regional|segmental)?\s*wall[- ]*motion\b|"
    r"\b(?:(?:regional|segmental|lv)\s+)*wall[- ]*motion\s*[:=]\s*(?:abnormal|abn|regional abnormality)\b"
)

# Plain words for a wall that moves too little; they need a wall beside them to count.
POOR_MOTION = re.compile(
    r"\b(?:(?:contracts?|moves?|moving|contracting|thickens?|thickening)"
    r"\s+(?:very\s+)?(?:poorly|sluggishly|weakly|badly|feebly|only (?:slightly|minimally|little|mild(?! "
    r"(?:reduced|"
    r"impaired)))|less(?:\s+well)?(?:\s+than\b(?! normal thick))?|abnormally)|"
    r"(?:does|do|did)\s+not\s+(?:move|contract|thicken|squeeze)|fails?\s+to\s+(?:move|contract|"
    r"thicken)|non-?contract(?:ile|ing)|non-?moving|motionless|immobile|"
    r"(?:motility|motion|contractility|contraction|excursion|(?<!wall )thickening)\s*[:=-]?\s*(?:is\s+)?"
    r"(?:mild|moderate|severe)?\s*(?:diminished|reduced|decreased|impaired)|"
    r"(?:hardly any|barely any|almost no|virtually no|no|without(?: any)?|little)\s+(?:systolic\s+|"
    r"visible\s+)?"
    r"(?:wall\s+)?(?:motion|contraction|excursion|inward motion)\s+(?:of|at|in)\b|"
    r"(?:without|almost without)\s+(?:any\s+)?(?:systolic\s+)?(?:motion|contraction|thickening|excursion)"
    r"(?=\s*(?:$|[.;,\n]))|"
    r"wall[- ]*motion\s*[:=-]?\s*(?:(?:is|was|remains|still|but|now|also)\s+)*abnormal\s+(?:in|at|of)\b|"
    r"(?:(?<=wall )|(?<=segment )|(?<=apical )|(?<=septal ))(?:is\s+|are\s+)(?:weak(?:er)?|"
    r"not\s+(?:quite\s+)?normal|"
    r"no longer normal|anything but normal|far from normal|abnormal)(?!\s+(?:thick|in thick|in size|size))|"
    r"stand(?:s|ing)\s+still|no\s+(?:systolic\s+)?thickening|balloon[- ]shaped|"
    r"thin(?:ned)?,?\s+(?:bright,?\s+)?(?:and\s+)?scarred|hibernating|"
    r"(?:sluggish|lazy|frozen|stunned)\b(?! (?:flow|blood|leaflet|valve|venous))|"
    r"(?:not|hardly|barely|scarcely|neither moves? nor)\s+(?:moving|contracting|thickening|squeezing|"
    r"moves?|contracts?|squeezes?)|"
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
    r"not (?:seen|there|noted|present|detected|identified|found|evident|observed|demonstrated|appreciated)"
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
    r"^\s*(?:\([^)]*\)\s*)?(?:[:=|,]\s*|-++>?\s*|is |are |was |were )*\s*(?:present|yes|y\b(?!\w)|noted|seen|"
    r"positive|\+|\(\+\)|detected|identified|observed|in\b|of\b|involving|at\b|\(present\)|as "
    r"(?:described|above|below|noted|mentioned)\b|"
    r"(?:is |are |was )?(?:still|again|persist\w*|remain\w*|unchanged)\b|(?:multiple|several|\d{1,2}) "
    r"segment|"
    r"with (?:(?:lv)?ef|(?:mild|moderate|severe) (?:lv|left)|lv (?:systolic )?dysf)|"
    # "RWMA & PAH present".
    r"(?:,|/|&|and)\s*(?:\w+ ){0,2}\w+\s*(?:both\s+)?(?:are\s+|:\s*)?(?:present|\+|positive)(?=\s*(?:$|"
    r"[.;,\n])))"
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
    r"peak)\b[^:,;]{0,20}(?::|\s-\s)"
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
    r"half|entire|third|part|parts|involving|confined|limited|restricted|predominantly|mainly|territory|"
    r"hypokinesia|akinesia|dyskinesia|is|are|"
    + "|".join(re.escape(word) for word in _WALL_NAMES)
    + r")\b)*"
)  # fmt: skip

# What is said to move well, up to the end of its part of the sentence: its walls are not the ones that fail.
SPARED = re.compile(
    r"\b(?:sparing|spared|relative(?:ly)? preserv\w+|preserv\w+|with relative|"
    r"relatively normal|normal(?! (?:valves?|pericardium|chambers?|aorta|[mta]v|mitral|aortic)\b)|good)\b"
    # "The RV is normal and the apex is akinetic": behind "and" another part may move badly.
    r"(?:(?!\b(?:but|despite|except\w*|other than|apart from|with|shows?|showing|there|and (?:the "
    r")?\w+(?: walls?| segment)? (?:is|are))\b)"
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
    # "Hypokinesia mild, EF 52", "hypokinesia, mild at most".
    r"(?:[,:-]\s*)?(?:(?:only|but|at most|still|now|just|is|which|rather)\s+)*(?P<bare>mild|moderate|severe)"
    r"(?=\s*(?:$|[.,;\n)]|(?:only|at most|now|at least|as before)\b))|"
    r"[,:-]\s*(?:of )?(?:(?:mild|moderate)\s*(?:-|to|/)\s*(?P<high>moderate|severe)|"
    r"(?P<grade>mild|moderate|severe))"
    r"(?:\s+(?:degree|grade|only|in (?:degree|severity))\b|\s*(?:[.;\n]|$)))"
)
