"""How reports print a right ventricular or pulmonary pressure: labels, numbers, what stands between."""

from __future__ import annotations

import re

# How reports name the systolic pressure of the right ventricle or the pulmonary artery.
RVSP_LABEL = re.compile(
    r"\b(?:tr\b[^.;\n=]{0,16}(?:\d\.\d{1,2}\s*m/s[^.;\n=]{0,16})?\d{2,3}\s*mm\s?hg\)?\s*(?:\+|"
    r"plus)\s*(?:rap?|cvp|jvp|"
    r"ra pressure)\s*(?:of\s+)?\(?\d{1,2}(?:\s*mm\s?hg)?\)?(?=\s*(?:=|is\b))|(?:tr\s*pg|tr(?:\s+(?:jet|"
    r"peak|max|systolic|pressure|doppler))*(?:\s+(?:gradient|pg|velocity))?)"
    r"\s*(?:of\s+|=\s*)?(?:\d{1,3}(?:\.\d+)?\s*(?:mm\s?hg)?)?\s*(?:\+|plus)\s*(?:an?\s+|the\s+|assumed\s+|"
    r"estimated\s+)*"
    r"(?:rap?|ra\s+(?:mean\s+)?pressure|right atrial(?: pressure)?|cvp|jvp)\s*(?:of\s+|"
    r"\(?)?(?:\d{1,2}\s*(?:mm\s?hg)?)?\)?"
    r"(?=\s*\)?\s*(?:=|:|is\b))|sys(?:t|tolic)?\.?\s+pap?(?=\s*[:=-]?\s*(?:of |is |was )?\d)|(?:pa|"
    r"pulmonary artery)(?=\s*[:=-]?\s*(?:was |of |is )?\d{2,3}\s*/\s*\d)|"
    r"pah\+?(?=\s*\(?\s*\d{2,3}\s*(?:mm|\+\s*\d{1,2}\s*=))|"
    # "Mild pulmonary hypertension, estimated at 42 mmHg", "PAH: mild (42 mmHg)".
    r"(?:pah|pulmonary (?:artery |arterial )?hypertension)(?:,? pressure)?(?=[\s,(:/-]*"
    r"(?:(?:mild|moderate|severe)\b[\s,(]*)?"
    r"(?:(?:is|at|of|estimated|about|approximately)\s+)*\d{2,3}\s*mm\s?hg(?! or ))|"
    r"systolic pressure (?:in|of) the (?:pulmonary artery|right ventricular|rv|lungs?)|"
    r"pap \(systolic(?=\))|(?:pulmonary hypertension|pah)"
    r"\b[^.;\n\d]{0,40}?\bpressure(?! gradient)|"
    r"pap\s*\(\s*s(?:ys\w*)?\s*/\s*(?:mean|m|dia\w*|d)(?=\s*\))|e?rvsp|e?pasp|r\.v\.s\.p|p\.a\.s\.p|"
    r"s\.p\.a\.p|spap|psap|"
    r"s\s?pap|"
    r"papsp?|rvsys(?:tolic)?\s*p|pa\s?sp|systolic\s+pap|"
    r"pap\s+syst(?:olic)?|pap(?=\s*[:=-]?\s*\(?(?:of |is |was )?\d{2,3}\s*(?:/|mm))|rv\s?sp|"
    # "PA syst 34 mmHg", "PA sys pr 46 mmHg", "Pulm art syst pressure 46 mmHg".
    r"(?:p\s?a|pulm(?:onary)?\.?(?:\s+art(?:ery|erial)?\.?)?)\s+sys(?:t(?:olic)?)?\.?(?:\s+pr(?:ess\w*)?\.?)?"
    r"(?=\s*[:=-]?\s*(?:of |is )?\d{2,3}\s*mm)|"
    r"pasys|"
    r"(?:estimated\s+)?(?:systolic\s+)?(?:pas?|p\.a\.|pulmonary\s*(?:arter(?:y|ial))?|"
    r"pulmonary atrial)\s*:?\s*(?:peak\s+)?(?:systolic\s+|syst\.?\s+)?press\w*|"
    r"(?:rv|right\s+ventricular|right\s+systolic\s+ventricular|right\s+heart)"
    r"\s*(?:peak\s+)?(?:end\s+)?(?:systolic\s+|syst\.?\s+)?pressu?r?e?|"
    r"(?:p\s?a|pulmonary\s+artery)\s+systolic|(?:rv|right ventricular) systolic(?=\s+of\s+\d{2}|"
    r"\s*(?:\([^)\n]{0,12}\))?[ :=]*\d{2,3}\s*mm\s?hg)|"
    r"peak\s+systolic\s+(?:pa|rv)\s+pressure|pap(?=\s+(?:mild|moderate|severe)?\s*(?:raised|elevated|"
    r"increased)"
    r"[^.;\n\d]{0,8}\d{2,3}\s*mm\s?hg\s+systolic)|rv\s+peaks(?=\s+at\s+\d{2}))\b"
)

RVSP_STOP = re.compile(
    r"\b(?:gradient|pg\b|velocity|m/s|wedge|mean|capillary|diastolic|end-diastolic|rap\b|"
    r"ra pressure|right atrial|tapse|ef|lvef|ejection|area|aortic|mitral|"
    r"lvedp|cm\b|diameter|vmax|jvp|ivc|blood pressure|bp\b|acceleration|at\b(?= \d+ ms)|"
    r"time|flow|stenosis)\b"
)

# "RVSP:    LA: 34 mm", "PA pressure normal, MPA 22 mm": a blank, or a word, and the next name's number.
OTHER_MEASURE = re.compile(
    r"\b(?:la|ra|lv|rv|ao|aorta|root|lvot|rvot|[mlr]pa|pv|ivs[ds]?|iv septum|septum|[lr]v?pwd?|pw|l?v?pwt|"
    r"lvid\w*|lved\w*|lves\w*|edd|esd|fs|rvd\d?|rvidd?|asc|arch|annulus|main pulmonary artery|"
    r"bp|cuff|age|left atri\w+|left ventric\w+|right atrium|lad?d|laa|lavi|gls|hr)\b\s*(?:[:=|-]|is\b|was\b|"
    r"measur\w+|"
    r"(?:root|size|diameter|dimension|thickness)\b|\s*$|(?<=\bbp)\s*\d)"
)
# "RVSP by TR jet (normal < 35 mmHg)": what is normal, and no value.
ONLY_NORMAL = re.compile(r"(?:\(\s*(?:normal|n|nl|ref\w*)\s*[:=]?|\|\s*-?\s*\||\bnormal\s*)\s*[<>]\s*=?\s*$")
# "PA pressure normal, ASD 12 mm": behind a comma another name, and none of how the pressure was found.
ANOTHER_NAME = re.compile(
    r"\b(?:normal|raised|high|elevated|increased|nil|mild|moderate|severe|not \w+)[ ,]*,\s*"
    r"(?!(?:(?:and|but|or|it|which|that|i\.?e\.?|with|by|from|of|at|in|to|is|was|the|an?|est\w*|calc\w*|"
    r"meas\w*|"
    r"about|around|approx\w*|max\w*|peak|systolic|doppler|value|rvsp|pasp|spap|pap|mild|moderate|severe|now|"
    r"currently|today|being|amounting|reaching|tr|pressure|jet|cw|pulmonary|pa|artery|"
    r"arterial)\b[ :=~<>.]*)*$)[a-z]"
)
RVSP_VALUE = re.compile(
    r"\s*(?P<op>[<>~])?\s*=?\s*(?P<low>\d[\do]{0,2}(?:[.,]\d{1,2}(?!\d))?)"
    r"\s*(?:mm\s?of\s?hg|mm\s?hg|mmhg|mm)?\s*"
    r"(?:(?:-|to|and)\s*(?P<high>\d[\do]{0,2}(?:[.,]\d{1,2}(?!\d))?)(?!\s*(?:m/s|cm|%))"
    r")?\s*(?P<unit>mm\s?of\s?hg|mm\s?hg|mmhg|mm hq|mmh9|mm\b)?"
)

BAD_UNIT = re.compile(r"\s*(?:kpa\b|m/s|m/sec|cm|ms\b|msec|ml|%|years?|bpm|/min|l/min|mm\s*(?:in|diam))")

PLUS_RAP = re.compile(r"\s*\)?\s*(?:\+|plus)\s*(?:estimated\s+)?(?:rap?|ra\b|right atrial|cvp|jvp|mean)")

SUM = re.compile(
    r"\s*(?:\+|plus)\s*(?:(?:an?|the|estimated|assumed)\s+)*(?:rap?|ra pressure|"
    r"right atrial(?: pressure)?|cvp)?\s*(?:of\s*)?"
    r"\(?\d{1,2}\)?\s*(?:mm\s?hg|mmhg)?\s*(?:\(?\s*(?:rap?|cvp|jvp|ra pressure)\s*\)?)?\s*(?:=|is|"
    r",?\s*that is|,?\s*i\.?\s?e\.?|\(\s?=|,?\s*total(?:s|"
    r"ling)?|,?\s*giving|"
    r",?\s*for a total of)\s*(?P<sum>\d{1,3})"
)
# A pressure without what the atrium adds to it is no systolic pressure yet.
WITHOUT_RAP = re.compile(
    r"\b(?:exclud\w+|without|not includ\w+|minus|before adding|plus)\s+(?:the\s+)?"
    r"(?:rap?\b|ra pressure|right atrial|cvp)|"
    r"\b(?:above|over|in excess of|on top of)\s+(?:the\s+)?(?:rap?\b|ra pressure|right atrial|cvp)"
)
CHANGE_FROM = re.compile(
    r"\b(?:fell|fallen|drop\w*|decreas\w*|ris\w+|rose|risen|increas\w*|improv\w*|"
    r"came down|come down|down|up)\s+from\b"
)
CHANGED_TO = re.compile(r"[^.;\n]{0,25}?\bto\s+(?:about\s+|approximately\s+)?(?=\d)")

# "PA pressure by PDA gradient: systemic 78 - 52 = 26 mmHg".
DIFFERENCE = re.compile(
    r"[^.;\n=\d]{0,60}\d{2,3}\s*(?:mm\s?hg)?\s*-\s*\d{1,3}\s*(?:mm\s?hg)?\s*=\s*(?=\d{2,3}\s*mm)"
)
# "PASP = 4V2 + RAP = 36 + 10 = 46 mmHg", "RVSP = TRG (26) + RAP (5) = 31": the result stands last.
FORMULA = re.compile(
    r"(?:\s+by echo)?\s*=(?=[^\n;=]*\+)(?:[^\n;=.,]|\.\d){1,50}=(?:(?:[^\n;=.,]|"
    r"\.\d){1,40}=)?(?=\s*\d{2,3}\s*(?:mm\s?hg\b|$|"
    r"[\n.;,)]))"
)
# A number added to the gradient or the pressure: what was printed is no pressure yet.
PLUS_NUMBER = re.compile(r"\s*(?:\+|plus)\s*\d{1,2}\b")
RAP_NOTE = re.compile(
    r"\s*\(\s*\d{2,3}\s*(?:mm\s?hg)?\s*(?:\+|plus)\s*\d{1,2}\s*(?:mm\s?hg)?\s*\)(?=[\s:=]*\d)|"
    r"\s*,?\s*with \d{1,2}(?:\s*mm\s?hg)? for the ra(?:p| pressure)?\s*,?|"
    r"\s*,?\s*(?:with )?(?:the )?(?:rap|ra pressure)(?: of)? \w+(?:\s*mm\s?hg)? (?:already )?(?:counted|"
    r"included|added)(?: in)?\s*:?|"
    r"\s*[(\[](?!\s*\d{2,3}\s*mm[^)\]\n]*\btr\b)"
    r"(?=[^)\]\n]*\b(?:rap?|ra (?:mean |pressure)|right atri\w+|cvp|jvp|ivc|includ\w*|assum\w*|"
    r"tr)\b)[^)\]\n]{0,60}[)\]]"
)
REFERENCE_NOTE = re.compile(r"\s*[(\[][^)\]\n]{0,30}(?:normal|ref|n\s*[:=<]|range|<)[^)\]\n]{0,30}[)\]]")
