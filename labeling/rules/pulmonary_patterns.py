"""How reports word pulmonary hypertension: terms, grades, denials, hedges, wording by pressure."""

from __future__ import annotations

import re

# Every choice begins with a word's edge: else all of them are tried at each letter.
TERM = re.compile(
    r"\bpulmonary[\s.-]+(?:art\.?\s+|arter(?:y|ial)\s+)?(?:hypertension|h\.?t\.?n?\b|hyper\s?tension|"
    r"hypertn?\b)|"
    r"\bp\.a\.h\.t(?:\.n)?\b\.?|\bp-\s?hypertension\b|\bp(?<!\.p)\.\s?h\.(?:\s?t\.?)?(?:\s?n\.?)?(?!\w)|"
    r"\bpulm?htn?\b|\bp\.a\.?\s?h\b\.?|\bpahtn?\b|\bp\.?\s?htn\b|"
    r"\bpa\s+ht\b|"
    r"\bpulmonary\s+(?:arter(?:y|ial)\s+|atrial\s+|venous\s+|vascular\s+)?(?:systolic\s+)?hypertension\b|"
    r"\bp\.?a?\.?\s*hypertension\b|\bp\.a\.h\.?|\bpah\b|\bphtn\b|"
    r"\bpht\b(?<!portal hypertension \(pht)(?!\s*[:=]?\s*(?:\d|of|ms|\())|"
    r"\blung\s+(?:arter(?:y|ial)\s+|vascular\s+)?hypertension\b|"
    r"\bpulmonary\s+htn\b|\bpul\.?\s+hypertension\b|"
    r"\bpulmonary\s+(?:arter(?:y|ial)\s+)?h\s?/\s?t(?:\s?n)?\b|\bp-htn?\b|\bpphn\b|\bcteph\b|\bhtap\b|"
    r"\bhtp\b(?!\s*/)|"
    r"\bhipertensi\w+\s+pulmonar\b|\bpulmonale\s+hypertonie\b|"
    r"\bhypertension\s+(?:art\w+\s+pulmonaire|(?:in|of)\s+the\s+(?:lungs|(?:pulmonary|lung|lesser|small)\s+"
    r"(?:circuit|circulation|vessels|bed|vascular\s+bed|arter(?:y|ies))))\b|"
    r"\bportopulmonary\s+(?:ht|hypertension)\b|"
    r"\bpulmonary\s+arterial\s+hypertensive\s+disease\b|\bp\.a\.h\.t\.n\b\.?|"
    r"\bpulmonary\s+hyperten(?:s\b|\.)\.?|"
    r"\bpulm(?:onary)?\.?\s+(?:a(?:rt)?\b\.?\s+)?hypert(?:n|ens)?\b\.?"
)


_PRESSURE = (
    r"(?:pulmonary\s+(?:arter(?:y|ial)\s+|art\.?\s+|atrial\s+)?(?:systolic\s+)?pressure|"
    r"p\.?a\.?\s+(?:systolic\s+)?pressure|pulmonary\s+arter(?:y|ial)\s+(?:systolic\s+)?pr\b\.?|"
    r"(?:pulmonary|lung)\s+artery\s*[:-]\s*pressure|lung\s+(?:arter(?:y|ial)\s+)?(?:systolic\s+)?pressure|"
    r"(?:blood\s+)?pressures?\s+(?:in|of)\s+the\s+(?:lungs?|pulmonary|right ventricular|rv)"
    r"(?:\s+(?:arter(?:y|ies)|circulation|vessels))?|"
    r"pa\s*:\s*pressure|"
    r"systolic\s+pulmonary\s+(?:arter(?:y|ial)\s+)?pressure|(?:pasp|spap|rvsp|pap)s?|right heart pressure|"
    r"(?:rv|right ventricular)\s+systolic\s+pressure|right[- ]sided (?:heart )?pressure)"
)


WORDED = re.compile(
    rf"\b(?:(?P<g1>normal|mild|moderate|severe|raised|elevated|increased|high)(?:\s*(?:-|"
    rf"to)+\s*(?P<g1b>moderate|severe))?\s+"
    rf"(?:(?P<verb>elevated|elevation|increased?|raised|high|rise)\s+)?(?:(?:in|of|the|"
    rf"estimated|resting)\s+)*{_PRESSURE}|"
    rf"{_PRESSURE}s?\s*(?:\([^)]*\)\s*)?(?:is|are|was|were|appears?|appeared|remains?|:|=|-|"
    rf"within the|within|in the|in|at rest|both|to|now|again|still|back|"
    r"returned|fallen|has|have|only|nevertheless|unchanged|and(?= normal)|,|\s|\d|mmhg|mm hg|\()*?\s*"
    r"(?P<neg>not (?:significantly )?)?(?P<g2>normal|unremarkable|wnl|mild|moderate|severe|raised|elevated|"
    r"increased|high)(?:\s*(?:-|"
    r"to)+\s*(?P<g2b>moderate|severe))?\b(?:\s+(?P<verb2>elevated|increased|raised|high|up)"
    r")?)"
)


# "PASP is 45 mmHg, which is mildly elevated", "RVSP of 25 mmHg is within normal limits": the word for the
# height stands behind the number, and closes what is said of it.
HEIGHT_BEHIND = re.compile(
    rf"\b{_PRESSURE}s?\b(?P<gap>(?:[^.;\n\d]|\([^)\n]{{0,30}}\)){{0,45}}?)"
    r"(?<![\d.])\d{2,3}(?:\.\d)?\s*mm\s?hg\)?(?:\.(?= and ))?"
    r"\s*(?:(?:,|which|that|and|so|it|i\.?e\.?|is|are|was|were|therefore|thus|hence|also|still|remains|"
    r"considered|judged|within|in|the)\s*){1,5}"
    r"(?P<neg>not (?:significantly )?)?"
    r"(?:(?P<low>mild|moderate|severe)(?:\s*(?:-|to)\s*(?P<high>moderate|severe))?\s+)?"
    r"(?P<word>elevated|raised|increased|high|normal(?: limits?| range)?|unremarkable)"
    r"(?=\s*(?:[.,;)\n]|$|(?:and|with|but|for|suggest\w*|indicat\w*|consistent|in keeping)\b))"
)
# "Pulmonary artery: normal pressure", "pulmonary circulation: moderate hypertension".
PRESSURE_OF_THE_ARTERY = re.compile(
    r"\b(?:pulmonary artery|pulmonary circulation|pa)\s*[:-]\s*(?:normal (?:in )?size(?: and|,)?\s+)?"
    r"(?:(?P<low>mild|moderate|severe)\s+)?"
    r"(?P<word>(?:elevated|raised|increased|high|normal)(?= pressures?\b)|hypertension\b)"
)
_RIGHT = r"(?:rv|right ventricular|right heart)"
_PARTS = r"(?:(?:size|function|and)(?:\s+|,\s*)){1,4}"
_OTHER_PART = (
    r"(?:(?:lv|rv|la|ra|right heart|left ventricular|right ventricular|biventricular|chambers?|valves?|"
    r"ivc|walls?|"
    r"wall motion|ef)(?:\s+(?:sizes?|systolic function|function|motion))?|sizes?|(?:systolic )?function)"
)
# "No elevation of pulmonary pressures", "RV size, function and systolic pressure are normal".
NOT_RAISED = re.compile(
    rf"\b(?:no|without)\s+(?:(?:any|significant|evidence of|signs? of)\s+)*(?:elevation|rise|increase)\s+"
    rf"(?:of|in)\s+(?:the\s+)?{_PRESSURE}|"
    rf"\b(?:{_RIGHT}|pulmonary artery)(?:\s+|,\s*){_PARTS}(?:systolic )?pressures?\s+"
    r"(?:is|are)\s+(?:all )?normal\b|"
    rf"\bnormal\s+{_RIGHT}\s+{_PARTS}pressures?\b|"
    # "Chamber sizes are normal, as are wall motion and ...", "Normal: valves and ...", "... are all normal".
    rf"\bnormal(?:,? as (?:are|is)|:) (?:[a-z ]{{3,30}}(?:, | and ))+{_PRESSURE}|"
    rf"\b{_PRESSURE}s?\s+(?:(?:is|are|has been|have been)\s+)?no longer (?:raised|elevated|increased|high)\b|"
    rf"\bnormal\s+(?:{_OTHER_PART}(?:,\s*|\s+and\s+|\s*&\s*)(?:and )?){{1,5}}{_PRESSURE}s?\b"
    r"(?!\s*(?:is|was|of|[:=\d(]|raised|elevated|high))|"
    rf"\b{_PRESSURE}s?(?:(?:,|\s+and|\s*&)\s+{_OTHER_PART}){{1,4}}\s*(?::|is|are)?\s*(?:both |all )?normal\b|"
    rf"\b{_PRESSURE} (?:are )?(?:all|both) normal\b|"
    r"\bpulmonary artery\s*[:-]?\s*(?:is )?normal (?:in )?size and pressures?\b|"
    r"\bpulmonary artery\s*[:-]?\s*(?:no hypertension|normal pressures?)\b"
)
# "PAH: yes, mild", "is present and of moderate severity", "(+), severe", "is graded as moderate".
PRESENT_AND_GRADED = re.compile(
    r"\s*(?:(?:[:=-]|is|was|are)\s*)*(?:(?:present|yes|positive|noted|seen|\(\+\))|"
    r"(?:graded|classified|judged|estimated|considered|now)(?: (?:as|to be))?)"
    r"(?:[\s,:(-]|\b(?:and|is|it|which|of|now|severity|grade|degree)\b)*(?P<low>mild|moderate|severe)"
    r"(?:\s*(?:-|to)\s*(?P<high>moderate|severe))?\)?"
    r"(?=\s*(?:$|[.;,)\n]|(?:severity|degree|grade|in degree|in severity|with|and)\b))"
)
# Pressures that are not the systolic one of the lungs at rest.
OTHER_PRESSURE = re.compile(
    r"\b(?:mean|diastolic|wedge|capillary|venous|gradient|tapse|peak exercise|stress|previous\w*|earlier)\b"
)


# Pressure like the body's own, or above it.
SYSTEMIC = re.compile(
    rf"\b(?:supra|near|iso|sub)?[- ]?systemic(?:\s+(?:level|range))?(?:\s+of)?\s+(?:pa\s+pressure|"
    rf"{_PRESSURE})|"
    rf"(?:pa\s+pressure|{_PRESSURE})\s*(?:is|are|was|were|at|:|-|=|\s)*(?:supra|near|"
    rf"iso)?[- ]?systemic\b(?! hyper)"
)


GRADE_BEFORE = re.compile(
    r"(?:\b(?P<low>mild|moderate|severe|trivial|trace|significant|gross)"
    r"(?:\s*(?:-|to|/)+\s*(?P<high>moderate|severe))?)"
    r"(?:\s+(?:degree|grade|form|resting|secondary|associated|"
    r"(?:pre|post)[- ]?capillary|of|the|(?:type|group) \w+|chronic|reactive|passive|fixed|"
    r"primary|significant|persistent|known|arterial|residual|underlying))*\s*$"
)


_VALVE = (
    r"(?:mr|tr|ar|pr|pi|ai|as|ms|ps|lvh|rvh|(?:mitral|tricuspid|aortic|pulmonary)"
    r"(?:\s+(?:valve\s+)?(?:regurgitation|stenosis))?)"
)
# "Moderate TR/PAH": one grade for the whole list.
SHARED_GRADE = re.compile(
    r"\b(?P<low>mild|moderate|severe|trivial|trace|significant)(?:\s*(?:-|to|/)+\s*(?P<high>moderate|"
    r"severe))?"
    r"\s+(?:conc(?:entric)?\s+|central\s+|eccentric\s+|secondary\s+|functional\s+)?"
    rf"{_VALVE}(?:\s*(?:,|/|&|\+|-|\band\b)\s*{_VALVE})*\s*(?P<last>/|&|\+|-|,|\band\b)\s*$"
)
# "Moderate TR/PAH", "severe MS / MR / PAH".
JOINED_BY_BARS = re.compile(r"\b[mtap]r/$|\b[a-z]{2}\s*[/,]\s*[a-z]{2}\s*/\s*$")
# "PAH no longer severe" is there still.
NO_LONGER = re.compile(
    r"\s*,?\s*(?:(?:which )?(?:is|are|was|has been)\s+)?no longer\s+(?:any )?(?:(?P<grade>mild|moderate|"
    r"severe)\b|"
    r"(?:seen|present|there|noted|visible|detect\w+|evident|demonstra\w+|found)\b)"
)

# "Findings, severe: TR, RA dilatation, PAH": a list below its grade.
GRADE_HEAD = re.compile(
    r"^[ *-]*(?:findings?,?[ ]*)?(?P<grade>mild|moderate|severe|none|nil|"
    r"absent)[ ]*:(?:[ ]*[a-z][a-z ]{0,24}[,/])*[ ]*$"
)

GRADE_AFTER = re.compile(
    r"^\s*\)?\s*(?:\((?:pah|ph|phtn|rvsp|pasp)?\)\s*)?(?:\s*(?:leve|ligera|lieve|moderada|moderata|"
    r"severa|grave|usoara|nu|non?)\s*/\s*)?"
    r"(?:\(?\s*(?:[1-4]\s?\+|grade (?:i{1,3}v?|[1-4]))\s*/\s*(?=(?:mild|moderate|"
    r"severe)\b))?(?:\(?\s*(?:rvsp|pasp|spap|pap)"
    r"[^)]{0,22}\)\s*)?(?:\bis\b|\bwas\b|\bappears\b|\bof\b|\bgrade\b|\bdegree\b|"
    r"\bnoted\b|\bseen\b|\bas (?:known|before)\b|\bat (?:baseline|rest)\b|\bboth\b|\blikewise\b|\balso\b|"
    r"\b(?:only|just|merely|quite|rather|fairly|barely|very|still|again|known|worse|better|now|"
    r"unchanged|improved|worsened|has|though|although|same|similar|to)\b|\bas before\b|"
    r"\b(?:no|not|without)\b(?=\s+(?:better|worse|improved|change|progress)\b)|\b(?:change|progress)\b|"
    r"\bthan (?:before|last \w+)\b|\b(?:not|"
    r"no) more than\b|"
    r"\bat (?:least|most|best|worst)\b|\bwhich is\b|"
    r"[\s:=,(\[|^>-]|\bseverity\b|\bpulmonary hypertension\b)*\s*"
    r"(?P<low>mild|moderate|severe|nil|nad|none|absent|present|yes|"
    r"no(?! (?:other|further|additional|better|worse|longer|change)\b)|"
    r"trivial|significant|"
    r"[yn](?=\s*(?:$|[;,.|(])))"
    r"\b(?:\s*(?:-|to|/)+\s*(?P<high>moderate|severe))?"
    r"(?!\s*(?:tr\b|mr\b|ar\b|as\b(?! (?:before|known|earlier|previously)\b)|ms\b|lvh|lv\b|rv\b|la\b|"
    r"ra\b|mitral|aortic|tricuspid|"
    r"regurg|stenosis|pulmonary|dysfunction|dilat|evidence|clot|effusion|pe\b|pericardial|"
    r"vegetation|thrombus|\w+ (?:regurg|stenosis|dysfunction)))"
)


NEGATED = re.compile(
    r"(?:\bpas d'?e?\s?'?|\b(?:sin|senza|keine?|fara)\b)\s*$|(?:^|[.;,\n]\s*)absent\s+$|"
    r"\b(?:no|nothing|without|nil|neither|(?:failed|unable) to (?:find|show|demonstrate)|did not (?:find|"
    r"show)|"
    r"absence of|negative for|free of|not(?: in(?=\s*$))?|nor|denies|"
    r"(?<!not )(?<!never )(?:rules out|excludes|refutes))\b(?:\s+(?:any|"
    r"evidence|indications?|hint|of|e/o|s/o|f/s/o|obvious|definite|significant|sign|signs|suggestion|clear|"
    r"echo(?:cardiographic)?|traces?|suspicion|relevant|noteworthy|notable|more|longer|"
    r"features|feature|resting|overt|frank|gross|clinically|for|to|suggest|suggestive|"
    r"indicate|doppler|indirect|known|history|residual|associated|"
    r"mild|moderate|severe|pulmonary|the|a|an|have|has|hemodynamically|haemodynamically|"
    r"appreciable|demonstrable|is|was|there))*\s*$"
)


NEGATED_LIST = re.compile(
    r"\b(?:no|without|nil|nothing (?:to suggest|to indicate|suggestive of)|"
    r"(?:did|does) not (?:show|reveal|demonstrate|disclose)|negative for|absence of|free of)\b"
    r"(?P<list>[^.;:\n]{1,90})$"
)


HEDGE_BEFORE = re.compile(
    r"(?:cannot|can not|could not|can't|unable to)\s+(?:be\s+)?(?:rule|exclude|assess|"
    r"estimate|evaluate)\w*(?:\s+out)?[^.;\n]{0,25}$|"
    r"\b(?:possib\w+|potential|doubtful|equivocal|uncertain|questionable|query|suspected|suspicion|"
    r"suspicious|"
    r"concern(?:ing)?|rule out|r/o|to exclude|exclude|ruling out|may be|may have|"
    r"may reflect|may indicate|may suggest|might|"
    r"probability|likelihood|risk|risks|evaluat\w+|assess(?!ment\s*:)\w*|screen\w*(?!\w|\s*:)|work-?up|"
    r"look for|check for|if|"
    r"may well be|associated with|develop\w*|cause\w*|"
    r"lead(?:s|ing)? to|consider|think|thought|whether|borderline|"
    r"family history|mother|father|sister|brother|treatment (?:of|for)|"
    r"probabl[ey]|likely|unlikely|"
    r"indicated for|medication for|drugs? for|\?)\b[^.;\n]{0,32}$|"
    r"\b(?:can be )?seen (?:with|in)\b[^.;\n]{0,70}$|\?\s*$"
)


HEDGE_AFTER = re.compile(
    r"^\s*(?:\([^)]*\)\s*)?[^.;,\n]{0,18}\b(?:cannot|can not|could not|can't|not)"
    r"\s+(?:be\s+)?(?:\w+ly\s+)?(?:excluded|ruled|assessed|estimated|evaluated|determined|"
    r"measured|reported|mentioned|commented|addressed|documented)|"
    r"^\s*[:=-]?\s*(?:can't|cannot|can not|unable)\b|^\s*\?|^\s*(?:is|"
    r"are|seems|appears)? ?(?:very |most |quite |rather )?(?:possible|suspected|questionable|(?:un)?likely|"
    r"(?:im)?probable)\b"
)


# "Since the last study PAH is no longer present" tells of this one.
SINCE_THEN = re.compile(
    r"\b(?:since|(?:as )?(?:compared|in comparison) (?:to|with)) (?:the |his |her )?(?:previous|prior|"
    r"earlier|last|old)\s+(?:echo\w*|study|report|scan|tte|exam\w*|one|visit)\b(?![^,;\n]{0,25}[(:])"
)
PREVIOUS = re.compile(
    r"\b(?:previous(?:ly)?|prior|earlier|last|old)\s+(?:echo\w*|study|report|scan|tte|"
    r"exam\w*)\b"
)


# "Elevated pulmonary artery pressure, moderate degree", "raised pulmonary pressures, moderate (52 mmHg)".
DEGREE_BEHIND = re.compile(
    r"\s*[,(-]?\s*(?:of |to )?(?:an? |the )?(?P<grade>mild|moderate|severe)(?:ly)? (?:(?:degree|grade|extent|"
    r"severity)\b|\(\d{2,3} ?mm)|"
    # "Raised a little (mild), 39 mmHg".
    r"(?: an? (?:little|bit))?\s*\(\s*(?P<bracketed>mild|moderate|severe)\s*\)"
)


# "PAH clinic on Monday".
NO_FINDING = re.compile(
    r"\s+(?:clinic|cent(?:re|er)|services?|nurse|program\w*|team|registry|ward|unit|study)\b"
)
# "PAH persists, now mild", "Known PAH, still severe".
STILL = re.compile(
    r"\s*(?:has |had |is )?(?:come|gone|fallen|risen|improved|decreased|increased|down|up) "
    r"(?:down |up )?to (?P<to>mild|"
    r"moderate|severe)\b|(?:\s*,|[^.;,\n]{0,12}\b(?:persists?|remains|continues|persistent)\b,?)\s*(?:is "
    r"|but |and )*"
    r"(?:now|still|currently|today)\s+(?:only |is )?(?P<grade>mild|moderate|severe)\b(?! (?:tr|mr|ar|as|"
    r"lv|rv))"
)
# Whose word stands before a pressure, and the height behind it.
NAME_BEFORE = re.compile(
    r"\b(?:rv|ra|lv|la|[tmap]v|valves?|function|size|tr|mr|ar|as|ms|ivc|effusion|right ventric\w+)"
    r"(?: is| are|:)?\s*$"
)
OWN_HEIGHT = re.compile(
    r"\s*(?:is |are |was |:)?\s*(?:(?P<grade>mild|moderate|severe)\s+)?"
    r"(?P<height>raised|elevated|increased|high|normal)\b"
)
# "PASP increased 20 mmHg with exercise".
AT_WORK = re.compile(
    r"\s*(?:(?:by|to|from)\s+[^.;,\n]{0,20})?(?:\d{1,3}\s*(?:mm\s?hg)?\s*)?(?:to \d{2,3}\s*(?:mm\s?hg)?\s*)?"
    r"(?:with|on|at|during|after) (?:peak )?(?:exercise|stress|exertion|effort)\b"
)
# "There is PAH", "PAH with PASP of 48 mmHg", "PAH with severe TR", "has PAH on this study": a finding.
STATED_AHEAD = re.compile(
    r"\bthere (?:is|was)(?: now)?(?: evidence of)? $|\becho (?:shows?|showed|reveals?) $"
)
STATED_BEHIND = re.compile(
    r"\s*(?:with|,|\()\s*(?:an? )?(?:estimated )?(?:rvsp|pasp|spap|pap)\b[^.;\n\d]{0,20}\d{2,3}\b|"
    r"\s*with (?:(?:mild|moderate|severe) )?(?:tr\b|tricuspid|dilated r|r\w+ dilat|(?:mild|moderate|severe) "
    r"dilated r)|\s+on this (?:study|echo\w*|scan)\b"
)
# "PASP 30 mmHg, normal LV function": the word is the next name's.
NEXT_NORMAL = re.compile(r"\d[^,]*,\s*(?:normal|unremarkable)$")
# "PAH-", "PAH +".
SIGN = re.compile(
    r"(?:\+{1,3}|-(?!\s*,?(?:pasp|rvsp|spap)|\s*(?:\+|mild|moderate|severe|trivial|nil|no\b|none|absent|"
    r"present|yes|significant|pasp|"
    r"rvsp|\d)))"
    r"(?=\s|$|[,.;+])|\s[+-](?=\s*(?:[;,](?!pasp|rvsp|spap)|$))"
)
