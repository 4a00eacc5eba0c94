"""What stands beside a report on its page: names, codes, remarks in brackets, clauses, figures of a program.

None of it is a finding, though it is full of a report's words.
"""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.kinds.cells import lines_of
from labeling.rules.kinds.passages import LineKind, Passage, fields_named

_SHORT_NAME: Final = r"(?:rwma|pah|ph|phtn|lvef|ef|pasp|rvsp)"
# "PAH Echo Laboratory", "RWMA records", "copy to PAH clinic": a house or a paper is called so.
_NAMED: Final = re.compile(
    rf"(?:\b(?:copy|copies|refer(?:red)?|sent?|cc) to (?:the )?)?\b{_SHORT_NAME}\s+"
    r"(?:(?:echo\w*|heart|cardiac|imaging|specialist|regional|national)\s+){0,2}"
    r"(?:clinics?|laborator\w+|lab|hospital|records?|forms?(?=\s*(?:no\b|\d))|department|dept|campus|"
    r"foundation|trust|associat\w+|society|ltd|limited|inc|pvt|desk|office|network|charity|helpline|hotline|"
    r"newsletter|cent(?:re|er)s?|services?|nurses?|registry|pathway|handbook|leaflet|booklet)\b"
)
# A pressure half time: "MVA by PHT 1.2 cm2", "AR PHT 420 ms", "PHT) 180 ms".
_HALF_TIME: Final = re.compile(
    r"\bpressure[- ]half\b|\bhalf[- ]time\b|\bby pht\b|\bpht\b\)?\s*(?:method|[:=-]?\s*\d{2,3}\s*ms)"
)
_PHT: Final = re.compile(
    r"(?<!mild )(?<!moderate )(?<!severe )(?<!no )\bpht\b(?!\s*[:=-]?\s*(?:no|nil|mild|mod|sev))"
)
# A code of the classification of diseases, and what it stands for.
_CODE: Final = re.compile(r"\b[a-tv-z]\d{2}(?:\.\d{1,3}[a-z]?)?\b[ ]*[(:=-]*[ ]*(?=[a-z])[^;\n\v)\d]{3,80}")
_CODED: Final = re.compile(
    r"\b(?:icd(?:-?\s?1\d)?|cpt|dx|diagnos\w+|codes?|billing|reasons?|ordering|order|indications?|request\w*|"
    r"referr\w+|coded|claim)\b"
)
# "Reason code list: AKINESIA / EF<40 / ...", "Indication code: heart block; EF <= 50 %".
# "Morbid features guide: stage D = PH, EF < 50".
_GUIDE: Final = re.compile(
    r"(?:(?<=^)|(?<=[\n\v]))[^\n\v:]{0,40}\b(?:guide|reckoner|crib|score ?card)\b[^\n\v:]{0,30}:[^\n\v]*"
)
_CODE_LINE: Final = re.compile(
    r"(?:(?<=^)|(?<=[\n\v]))[ *#-]*(?:\w+ ){0,2}(?:reason|indication|order\w*|billing|request\w*|referral|"
    r"diagnosis|icd|drop-?down|menu)(?: \w+)? (?:codes?|dx|list|options?|menu)\b[^:\n\v]{0,30}:[^\n\v]*"
)
# "GREEN normal | YELLOW EF 45-54 | RED EF under 45, severe PAH": a code of colours.
_COLOUR: Final = r"(?:green|yellow|amber|orange|red|blue|black|white|pink)"
_COLOURS: Final = re.compile(
    rf"(?:(?<=^)|(?<=[\n\v:]))[ *#-]*{_COLOUR}\b[^|/;\n\v]{{1,60}}(?:[|/;]\s*{_COLOUR}\b[^|/;\n\v]{{1,60}})+"
)
# "Clause 4.2: Heart failure claims need EF below 40 %".
_CLAUSE: Final = re.compile(
    r"(?:(?<=^)|(?<=[\n\v]))[ *#-]*(?:clause|article|rule|paragraph|para|assessor|insurer|insurance|"
    r"underwriter|"
    r"tpa|policy|claims? (?:rule|condition|need)|eligibility|criteri\w+ for|payer|"
    r"norma\b|requirements? (?:for|of) (?:\w+ )?(?:divers?|pilots?|drivers?|crew|seafarers?|athletes?|"
    r"recruits?|fitness)|"
    r"(?:minimum|requirements?|required|conditions?|needed|standards?) (?:for|of|by) (?:the )?"
    r"(?:listing|entry|service|duty|payer|enrol\w*|admission|licen[cs]\w*|certificat\w+)|"
    # "Standard: unfit for the mine if LVEF < 50 %, any WMA or PHT"
    r"(?:standards?|rule|policy|criteria)\s*:\s*(?:un)?fit)\b[^\n\v]*"
)
# "Key to PAH: RVSP < 35 nil, 35-45 mild".
_KEY: Final = re.compile(
    r"(?:(?<=^)|(?<=[\n\v]))[ *#(-]*(?:keys?|legends?|scales?|grading|cut-?offs?|bands?)\s+"
    r"(?:to|for|of|used for)\s+[^:\n\v]{2,30}:[^\n\v]*"
)
# "Model confidence EF 95 %   RWMA 88 %", "Training range: EF 15-80 %".
_METRIC: Final = re.compile(
    r"(?:(?<=^)|(?<=[\n\v]))[ *#-]*(?:(?:ai|model|software|algorithm|reader|program|auto\w*|image) ){0,2}"
    r"(?:confidence|certainty|accuracy|sensitivity|specificity|auc|agreement|reliability|probabilit\w+|"
    r"training|validation|calibration|quality(?! (?:was|is)\b)|limits of agreement|"
    r"repeatability|reproducibility|"
    r"inter-?observer|intra-?observer)\b(?:[^\n\v.]|\.(?!\s+[a-z]))*"
)
# "Copied forward from 2022: ...".
# "Camp tally at 4 pm: 68 seen, 5 severe PAH".
_TALLY: Final = re.compile(
    r"(?:(?<=^)|(?<=[\n\v]))[^\n\v:]{0,30}\b(?:tally|census|statistics|totals?|head "
    r"?count)\b[^\n\v:]{0,30}:[^\n\v]*"
)
_COPIED: Final = re.compile(
    r"(?:(?<=^)|(?<=[\n\v]))[^\n\v:]{0,40}\b(?:copied|carried|pulled|pasted|repeated|quoted)\s+"
    r"(?:forward |over |in )?from\b[^\n\v]*"
)
_ASKED_ASIDE: Final = re.compile(
    r"\((?=[^()\n]*\b(?:kindly|please|pls|re-?assess|ref(?:erring)?\.? (?:unit|hospital|doctor|ward|"
    r"centre))\b)"
    r"[^()\n]{8,200}\)"
)
_BRACKETED: Final = re.compile(r"\[(?P<said>[^\[\]\n]{8,160})\]|\{(?P<braced>[^{}\n]{8,160})\}")
# "Zones of hypo-, akinesia: hypokinesia of the basal segment": what is asked stands before what was found.
_ASKED_KINESIAS: Final = re.compile(
    r"\b(?:zones?|areas?|foci|regions?|segments?|signs?|places?) (?:of|with) (?:hypo|a|"
    r"dys)(?:kinesia)?-?[ ]?(?:,|/|"
    r"and|or|&)[^:\n\v\d]{0,30}?kinesia\s*:(?=[^\n\v]*kinesia)"
)
# What a remark says, and a finding does not.
_REMARK: Final = re.compile(
    r"\b(?:if|would|could|should|might|what|why|when|how|look for|think of|remember|note that|means?|would|"
    r"stapled|misfiled|ignore|next patient|old|previous|prior|earlier|teaching|student|example|see also)\b|\?"
)


def aside_passages(text: str) -> list[Passage]:
    """Everything of these kinds that names a field; a person should look where nothing else answers it."""
    found = [Passage(*one.span(), LineKind.BARE_LABEL, leaves_doubt=False) for one in _NAMED.finditer(text)]
    found += [
        Passage(*one.span(), LineKind.BARE_LABEL, leaves_doubt=False)
        for one in _ASKED_KINESIAS.finditer(text)
    ]
    if _HALF_TIME.search(text):
        found += [
            Passage(*one.span(), LineKind.BARE_LABEL, leaves_doubt=False) for one in _PHT.finditer(text)
        ]
    for pattern, kind in (
        (_KEY, LineKind.GRADING),
        (_COLOURS, LineKind.GRADING),
        (_GUIDE, LineKind.GRADING),
        (_CODE_LINE, LineKind.HISTORY),
        (_CLAUSE, LineKind.TARGET),
        (_COPIED, LineKind.HISTORY),
        (_METRIC, LineKind.LEGEND),
        (_TALLY, LineKind.LEGEND),
    ):
        found += [Passage(*one.span(), kind) for one in pattern.finditer(text) if fields_named(one.group())]
    return found + _coded(text) + _remarks(text)


def _coded(text: str) -> list[Passage]:
    """The names of diseases behind their codes, in lines that list what was asked or billed."""
    found = []
    is_listed = False
    for start, end in lines_of(text):
        codes = list(_CODE.finditer(text, start, end))
        # A list of codes goes on in lines that begin with one.
        goes_on = is_listed and codes and not text[start : codes[0].start()].strip(" *-")
        is_listed = bool(codes) and bool(goes_on or _CODED.search(text, start, end) or len(codes) > 1)
        if not is_listed:
            continue
        for one in codes:
            stop = end if goes_on else one.end()
            if fields_named(text[one.start() : stop]):
                found.append(Passage(one.start(), stop, LineKind.HISTORY))
    return found


def _remarks(text: str) -> list[Passage]:
    """Brackets behind a finding that speak of the same field and find nothing."""
    found = [
        Passage(*one.span(), LineKind.HISTORY)
        for one in _ASKED_ASIDE.finditer(text)
        if fields_named(one.group())
    ]
    for one in _BRACKETED.finditer(text):
        said = one.group("said") or one.group("braced")
        if fields_named(said) and _REMARK.search(said):
            found.append(Passage(*one.span(), LineKind.HISTORY))
    return found
