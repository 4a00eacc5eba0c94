"""How reports print an ejection fraction: labels, numbers, fillers between them, and look-alikes."""

from __future__ import annotations

import re

_NUMBER = (
    r"(?:[1-9]\s[0-9](?=\s?(?:%|-\s?[1-9]))|[0-9oilsb]{0,2}[0-9](?:(?=ish\b)|[0-9oilsb]{0,2})"
    r"(?:[.,][0-9]{1,2})?)"
)


LABEL = re.compile(
    r"(?<![a-z])(?:"
    r"fev[gi](?![a-z])|(?:lv)?ef(?:simpsons?|teich\w*|biplane|visual)(?![a-z])|"
    r"(?:l\.?v\.?\s?|rv\s?|la\s?)?e\.?\s?f\.?(?![a-z])|"
    r"(?:l\s?v\s?|r\s?v\s?|la)e[fr](?![a-z])|l\s?v\s?e\s?f(?![a-z])|"
    r"[li1]vef(?![a-z])|lv[- ]e[fs]\b|lve[a-z]\b(?=[^.;\n]{0,40}\d\s*%)|l[uy]ef\b|"
    r"ejection\s*-?\s*fraction|ejectionfraction|eject\.?\s+fraction|"
    r"(?:squeez|pump)\w*\s+out\b|(?:\blv|\bleft ventricular)\s+eject(?:s|ed|ing)\b|"
    r"heart\s+(?:is\s+)?pump\w*|(?:\blv|\bleft ventricular)"
    r"\s+(?:systolic\s+)?(?:(?:function|fn|contractility)"
    r"(?=(?:(?!ef\b|ejec)[^.;,\n\d]){0,24}\d{2}(?:\s*(?:-|to)\s*\d{2})?\s*%|"
    r"[\s:=,]+(?:normal|good|fair|poor|preserved|reduced|(?:mild|moderate|severe) reduced),?\s*\d{2}\s*%)|"
    # "Mild LV dysfunction (45 %)", "LVF 45 %".
    r"dysfunction(?=\s*\(\s*\d{2}(?:\s*-\s*\d{2})?\s*%\s*\)))|"
    r"lvf(?=\s*[:=]?\s*\d{2}\s*%)|auto\s?ef\b|"
    r"(?:ejected\s+fraction|fraction\s+ejected)(?:\s+(?:with|at|in|per)\s+(?:each|every)\s+(?:beat|"
    r"stroke))?|"
    r"ejection\s+frac\w*\.?|ejection\s+fr\b\.?|"
    r"(?:lv\s*)?ej(?:e?c?t?(?:io)?n?)?\.?\s*-?\s*fr(?:ac(?:t(?:ion)?)?)?\b\.?(?!\w)|(?:lv\s*)?ej\.?\s?f\b|"
    r"ejec?t?\.?\s+f\b\.?|e\.\s?j\.\s?f\b\.?|"
    r"ej\w{1,8}\.?\s+fr\w{1,7}\b|e[- ]fraction\b|"
    r"injection\s+fraction\b|efx\b|e\.\s?fr\b\.?|(?<![a-z.])f\.e\.(?=\s*[:=]\s*\d)|"
    r"(?<![a-z.])fe(?=\s*[:=]?\s*\d{2}\s*%)|fe\s+v[ei]\b|"
    r"(?<![a-z./])e\s?/\s?f(?=\s*[=:]\s*\d{2}\b)|"
    r"fraction\s+of\s+ejection(?:,?\s+(?:of\s+(?:the\s+)?)?(?:lv|left\s+ventric\w+))?|"
    r"(?:lv|left\s+ventric\w+)\s+ejection(?=\s*[:=]\s*\d|\s+(?:is|of|was)\s+(?:about\s+)?\d)"
    r")"
)


VALUE = re.compile(
    r"\s*(?P<op>(?:=\s*)?(?:>|<|~|=)\s*=?\s*)?"
    rf"(?P<low>{_NUMBER})(?P<ish>-?ish\b)?\s*(?P<plus>\+(?!\s*/?-?\s*\d))?\s*(?P<p1>\|?\s?%|"
    rf"[o0]?\s?/\s?o|°|per\s+cent|"
    rf"p\.\s?c\b\.?|p\.?cnt\b\.?|pct\b)?\s*"
    r"(?:(?:-{1,2}|~|\.{2,}|to|and|&|or(?=\s*\d\d\s*%)|till|upto|up to|_|\\(?=\d\d\s*%)|/(?=\s*\d\d\s*(?:%|$|"
    r"[\s.,;)]))(?!\s*\d+\s*/))\s*(?:>|<|"
    r"~)?\s*"
    rf"(?P<high>{_NUMBER})\s*(?P<p2>%|/o|°|per\s+cent|p\.\s?c\b\.?|p\.?cnt\b\.?|pct\b)?)?"
)


NUMBER_FIRST = re.compile(
    r"(?<![\d.,/])(?P<low>\d{1,2}(?:\.\d{1,2})?)\s*%?\s*(?:(?:-|to)"
    r"\s*(?P<high>\d{1,2}(?:\.\d{1,2})?)\s*)?%(?![ ]{4})\s*"
    r"(?:\(?(?:estimated|visual|calculated|biplane|resting|global|left ventricular|lv|est|"
    r"eyeball|normal|of)\)?\s+){0,3}\(?"
    r"(?:lvef|lv ef|ef\b|(?:lv\s+)?ejection\s+fraction)(?!\s*(?:=|:|-|of|is|was)?\s*[<>~]?\s*\d)"
)


# Units that make the number something else than a fraction of the stroke.
OTHER_UNIT = re.compile(
    r"\s*(?:mm|cm|ml|m/s|msec|ms\b|bpm|beats|years?|yrs?|yo\b|mg|mcg|gm?\b|kg|cc\b|sq|"
    r"/min|hours?|min(?:ute)?s?\b|days?|weeks?|months?"
    r"|st\b|nd\b|rd\b|th\b|:\d|/\d|\.\d{2,}|\s*x\s*\d)"
)


OTHER_PERCENT = re.compile(
    r"\s*(?:%|percent)?\s*(?:ostial|proximal|mid|distal|focal|diameter|luminal|residual|"
    r"eccentric|in-stent|discrete)?"
    r"\s*(?:(?:lad|lcx|rca|lmca|om|d1|pda|lm|ivc|respiratory) )?(?:collaps\w*|variation|stenosis|"
    r"stenosed|stenotic|lesion|occlusion|occluded|"
    r"narrowing|block|disease|"
    r"percentile|saturation"
    r"|fio2|inspired|"
    r"obstruction|plaque|blockage|predicted|of (?:the )?(?:maximum|max|predicted|target|normal))"
)


# Words that end a label's reach: the number behind them measures something else.
TOPIC_CHANGE = re.compile(
    r"\b(?:stenosis|lesion|artery|arteries|coronary|valve|gradient|mmhg|mm hg|velocity|"
    r"area|shortening|fs|lvfs|%fs|"
    r"saturation|spo2|sao2|oxygen|heart rate|bpm|thickness|ivsd?|lvidd?|lvids?|lvpwd?|"
    r"lvedv|lvesv|edv|esv|edd|esd|"
    r"volume|diameter|mitral|aortic|tricuspid|septal|rvsp|pasp|tapse|e/a|e/e'?|age|year|old|lad|rca|lcx|"
    r"percentile|strain|gls|mass|index|rv|right ventricular|perfusion|stroke|ivc|collaps\w*|fac|ha?ematocrit|"
    r"hct|emptying|regurgitant|inspirat\w*|carotid|plaque|variation|respiratory|"
    r"cardiac output|date|dated|dose|fio2|[mat]r rf|lmca|rf(?=\s*$))\b"
)


FILLER = re.compile(
    r"(?:[\s:=\-.,()\[\]|*_~<>^%'\"/]|\b(?:of|is|was|at|by|to|be|the|a|an|about|around|"
    r"approximately|approximate|approx|circa|ca|c|fn|"
    r"roughly|nearly|near|almost|estimated|estimate|est|calculated|computed|measured|"
    r"visual|visually|eyeballing|eyeball|"
    r"teich|teichholz|teicholz|teicholtz|biplane|bi-plane|simpsons?|simpson's|method|mod|"
    r"moderate|a4c|a2c|4c|2c|4ch|2ch|"
    r"bp|mm|m-mode|mmode|2d|3d|auto|cubed?|value|now|currently|current|today|remains|"
    r"remained|still|being|appears|"
    r"appeared|normal|low|preserved|reduced|mild|severe|depressed|impaired|borderline|"
    r"good|fair|poor|in|range|between|"
    r"from|only|just|over|above|below|under|more|less|greater|than|at least|least|equal|lv|lvef|ef|left|"
    r"ventricular|global|systolic|function|percent|percentage|%|with|and|it|which|has|"
    r"been|shows?|showed|rest|resting|at rest|"
    r"found|noted|seen|reported|as|on|this|study|so|about|quantitative|quantified|"
    r"assessed|judged|stands|calc|s|"
    r"not|no|does|did|do|exceeds?|exceeding|lower|higher|maximum|minimum|most|unchanged|improved|decreased|"
    r"increased|dropped|declined|fell|come|up|down|well|very|"
    r"grossly|within|limits|"
    r"considered|result|reading|out|lies|lie|runs|running|discs|disks|disk|disc|my|our|eye|e|i|ie|vis|post|"
    r"since|went|gone|rose|came|jumped|had|echo|echocardiogram|ln|our|averaged|average|"
    r"averages|fails?|failed|reach|reaches|hovering|hovers|swings?|varies|somewhere)\b)*"
)


# The later values of a panel ("4C 47%, 2C 51%, BP 49%"); only the biplane one is worth having.
PANEL_VALUE = re.compile(
    r"[,;/|]\s*(?:and\s+)?(?:bp|bi-?plane|simpson(?:'?s)?(?:\s+bi-?plane)?|mod bp)\s*[:=-]?\s*(?=\d)|"
    r"\band\s+(?=\d{1,2}\s*%\s*(?:at )?(?:rest|now|today|currently|last week|yesterday|"
    r"this (?:week|month|visit))\b)"
)
SAYS_HEART = re.compile(r"\blv|\bleft ventric|\becho|\bcardiac|\bheart\b")
OTHER_ORGAN = re.compile(
    r"gall ?bladder|hida|cholecyst|biliary|\bcalf\b|muscle pump|plethysmograph|cck|gb ef|"
    r"\bgastric|stomach emptying|bladder"
)


RIGHT = re.compile(
    r"(?:\brv|\br\.v\.?|right ventricular|right-ventricular|\brvot|\bsystemic rv|"
    r"left atrial|\bla|\blaa|\bra|right atrial)"
    r"(?:\s+(?:systolic|global|3d|mod|moderate))*[\s-]*$"
)


EF_SLOPE = re.compile(r"\s*-?\s*slope|\s+point|\s*-?\s*vel")


PREVIOUS_AFTER = re.compile(
    r"^\s*%?\s*\)?,?\s*\(?(?:on |in |at |from |per |as per |by )?(?:the )?"
    r"(?:previous(?:ly)?|prior|earlier|last|old|past|baseline)"
    r"\b(?![^.;,\n)]{0,25}\d{1,2}(?:\.\d)?\s*(?:%|-|to\b|\)))"
)


CURRENT = re.compile(
    r"\b(?:current(?:ly)?|now|today|present(?:ly)?|this study|at present|repeat|latest|"
    r"presently)\b"
)


STRESS = re.compile(
    # but "peak gradient 40 mmHg", "peak right ventricular systolic pressure"
    r"\b(?:peak(?: stress| exercise| dose)?"
    r"(?! (?:gradient|velocity|pg|pressure|systolic|pa|rv|right|tr|aortic|mitral|instantaneous|strain|e)\b)|"
    r"post[- ]?(?:stress|exercise)|stress|"
    r"immediate post|(?<!pre-)(?<!pre )exercise|low dose|dobutamine|"
    r"during stress|after exercise|at stress)\b"
)


REST = re.compile(r"\b(?:pre[- ]?exercise|rest|resting|at rest|baseline)\b")


# "Normal EF is 55-70%" teaches, it does not report.
# Rules of care quote thresholds, not this patient's value.
THRESHOLD = re.compile(
    r"\b(?:if|when|whenever|indicated|criteri\w+|threshold|candidates?|requires?|until|"
    r"provided|should)\b[^.;,\n]{0,30}$"
)
# Words that tie a value to the latest study.
LATEST = re.compile(
    r"\b(?:now|current(?:ly)?|today(?:'s)?|yesterday(?:'s)?|latest|most recent|"
    r"repeat(?:ed)?|follow-?up|discharge|this admission|present)\b"
    r"[^.;\n]{0,70}$"
)
DATED_EARLIER = re.compile(
    r"\b(?:in|from|of|dated?)?\s*(?:\w{3,9}\s+)?(?:19|20)\d\d\b[^.;\n]{0,40}$|\byears? ago\b[^.;\n]{0,40}$"
)
NORMAL_RANGE = re.compile(
    r"\bnormal\s+(?:lv\s+|lvef|ef|ejection fraction|range|\s)+(?:(?:by|in|for|at|of) (?:\w+ ){1,3})?"
    r"(?:is|are|ranges?|lies|:|=|>)\s*[>\d]?|"
    r"\b(?:means|denotes|refers to|defined as|defined by)\b"
)
REFERENCE = re.compile(
    r"\b(?:reference|ref|normally|usually|typically|"
    r"normal (?:range|value|values|limits?|is|ef|lvef|ejection)|"
    r"nl range|normal\s*[:=]|range\s*[:=]|n\s*[:=]|"
    r"target|goal|cut-?off|threshold|defined as|criteria|if (?:the )?(?:lv)?ef|expected|"
    r"should be|when|until)\b"
)


ABOUT = re.compile(
    r"(?:\babout|\baround|\bapproximat\w*|\bapprox\b|\broughly|\bcirca|\bnearly|\balmost|"
    r"\bnear|~|\bsome(?=\s*$)|\bclose(?:r)? to\b|\bmore (?:like|or less)\b|\bgive or take\b|"
    r"\bin the (?:region|neighbou?rhood|vicinity|area|ballpark) of\b|\b[io]n the order of\b|"
    r"\bof the order of\b|\bapproach\w*|\bborder\w* on\b|\btouch\w*|"
    r"\b(?:barely|hardly|scarcely)(?: (?:reach|touch)\w*)?(?=\s*$))"
)


MORE = re.compile(
    r"(?:>|\bmore than|\bgreater than|\b(?:better|higher) than|\bbeyond|\babove|\bover\b|\bat least|"
    r"\bin excess of|\bexceed\w*|\bnot less than|\bupwards? of|\bnorth of|\b(?:easily|comfortably)(?=\s*$)|"
    r"\btops(?=\s*$)|\bwell past|\ba good(?=\s*$))"
)


LESS = re.compile(
    r"(?:<|\bless than|\b(?:worse|lower) than|\bbelow|\bunder|\bnot more than|\bupto|\bup to\b|\bsouth of|"
    r"\bshort of|\bshy of|\bnot quite)"
)


DATE = re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b|\b(?:19|20)\d\d\b")


# "Not below 50" is 50 or more, "does not exceed 30" is 30 or less.
NOT_LESS = re.compile(
    r"(?:\b(?:not|no|nothing|never|cannot)|n't)\s+(?:\w+\s+)?(?:below|less|under|lower|worse|fall\w*|<)|"
    r"\bat (?:the )?(?:very )?(?:least|worst)\b|\bmin(?:imum)?\b|>"
)
NOT_MORE = re.compile(
    r"(?:\b(?:not|no|nothing|never|cannot)|n't)\s+(?:\w+\s+)?(?:above|more than|over|greater|higher|better|"
    r"exceed\w*|beyond|reach\w*|>)|\bno more\b|\bnot even\b|"
    r"\bat (?:the )?(?:very )?(?:most|best)\b|\bfail(?:s|ed)? to (?:reach|exceed)|"
    r"\bmax(?:imum)?\b"
)
OR_MORE = re.compile(
    r"\s*(?:\+(?!\s*/?-?\s*\d)|(?:or|and|&)\s+(?:more|above|higher|greater|over|better|up|upwards?)\b|plus\b|"
    r"[,(]?\s*(?:at (?:the )?(?:very )?(?:least|worst)|min(?:imum)?(?=\s*(?:$|[.,;)])))\b)"
)
OR_LESS = re.compile(
    r"\s*(?:(?:or|and|&)\s+(?:less|below|lower|under|worse)\b|"
    r"[,(]?\s*(?:(?:at (?:the )?(?:very )?(?:most|best)|max(?:imum)?|tops)(?=\s*(?:$|[.,;)])))\b)"
)
# "50 % or so", "45 %, give or take".
OR_SO = re.compile(
    r"\s*[,(]?\s*(?:approximat\w*|approx\b|or (?:so|thereabouts|about|near(?:ly)?)\b|or there ?about\b|"
    r"roughly\b|give or take\b|more or less\b|-?ish\b)"
)
# "At best the EF is 30 %".
AT_MOST_AHEAD = re.compile(
    r"\bat (?:the )?(?:very )?(?:best|most)\b[\s,]*(?:(?:the|his|her|an?|estimated|calculated|visual)\s+)*$"
)
# Whether 30 was reached or not, a person may see it either way.
JUST = re.compile(r"\b(?:barely|hardly|scarcely)(?: (?:reach|touch)\w*)?\s*$")
# "Form EF-60", "ward EF-35": what a form, a room or a device is called.
PLACE = re.compile(
    r"\b(?:form|ward|bed|room|bay|block|unit|model|serial|rev|version|ref|code|desk|machine|probe|lab|card|"
    r"file|chart|slot)\.?\s*(?:no\.?|number)?\s*:?\s*$"
)
NO_REDUCED = re.compile(
    r"\b(?:no|without|not)\s+(?:any\s+)?(?:evidence of\s+|signs? of\s+)?(?:a\s+)?(?:mild |moderate |severe )?"
    r"(?:reduced|reduction in|low|depressed|impaired|decreased|fall in|drop in)\s+(?:the\s+)?(?:lv\s*)?$"
)


ARROW = re.compile(
    r"\s*%?\s*(?:->|-->|=>|→|to now|to currently|improved to|increased to|decreased to|"
    r"reduced to|dropped to)\s*(?=\d)"
)


CHANGE_FROM = re.compile(
    r"\b(?:improv|increas|decreas|drop|declin|fell|rose|reduc|recover|chang|gone|went|ris|"
    r"fall|come|came|down|up|deteriorat|worsen)\w*"
    r"\b[^.;]{0,20}\bfrom\b[^.;\d]{0,25}$"
)


NOW = re.compile(
    r"\s*%?\s*\)?[^.;\n\d]{0,45}?\b(?:now|currently|today|presently|at present)"
    r"\b(?! \d+ ?(?:years?|yrs?|months?|weeks?|days?))"
    # "51 % today, no RWMA, GLS -16": the number behind has a name of its own.
    r"(?:(?!\b(?:no|gls|tapse|fs|la|lv[ie]dd?|rvsp|pasp|hr|bp|mr|tr)\b)[^.;\d\n]){0,24}"
    r"(?=\d{1,2}(?:\.\d+)?\s*(?:%|-|to\b|[.;,)]|$))"
)


PRONOUN = re.compile(
    r"\bit (?:was|is|came out at|comes to|averages|averaged)(?: (?:again|visually|"
    r"estimated|calculated|measured|found|"
    r"judged|at|to|be|as|about|around|approximately))*\s+"
    r"(?P<value>(?=\d))"
)
# "EF not measured", "LVEF could not be calculated (poor window)": the report says that there is none.
NOT_MEASURED = re.compile(
    r"[\s:=,-]*(?:(?:is|was|has|have|could|can)\s+)?(?:not\s+(?:(?:be|been|formally|reliably|separately)\s+)*"
    r"(?:measured|assessed|calculated|estimated|determined|done|obtained|quantified|quantifiable|recorded|"
    r"reported|given|available|measurable|possible|performed|mentioned)|cannot\s+be\s+(?:measured|assessed|"
    r"calculated|estimated|determined)|unmeasurable|unobtainable)\b"
    # "... today; eyeball 45" gives one after all.
    r"(?![^.;\n]{0,60}\d\d|.{0,120}?(?:\d\d\s*%|\b(?:eye\w*|visual\w*|approx\w*|about|around|look\w*|"
    r"seems?|judged|guess\w*)\b))",
    re.DOTALL,
)
# "EF preserved", "Normal LVEF, no RWMA": told in a word, with no number near.
TOLD_BEHIND = re.compile(
    r"[\s:=.-]*(?:is |was )?(?:normal|good|preserved|fair|poor|adequate|reduced|impaired|depressed|"
    r"satisfactory|intact|excellent|maintained|(?:mild|moderate|severe) (?:reduced|impaired|depressed))\b"
    r"(?=\s*(?:$|[.;,\n\v)]|and\b|with\b))(?![^\n.;,]{0,20}\d)"
)
TOLD_AHEAD = re.compile(r"\b(?:normal|good|preserved|reduced|impaired|poor) $")
