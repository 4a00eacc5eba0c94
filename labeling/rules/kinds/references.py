"""Normal ranges and grading keys: numbers that are nobody's, wherever they are printed around a value."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from labeling.rules.ef_patterns import LABEL
from labeling.rules.kinds.cells import lines_of
from labeling.rules.kinds.passages import LineKind, Passage, fields_named
from labeling.rules.pressures.rvsp_patterns import RVSP_LABEL

_N: Final = r"\d{1,3}(?:[.,]\d{1,2})?"
# No gap gives back its white space: a form's gaps are long, and what was taken out leaves longer ones.
_UNIT: Final = r"(?:\s*+(?:%|mm\s?hg|mmhg))?"
_RANGE: Final = rf"{_N}{_UNIT}\s*+(?:-|to|and|\.{{2,3}})\s*+{_N}{_UNIT}"
_LIMIT: Final = (
    rf"(?:[<>]\s*+(?:or\s)?=?\s?=?|=\s*+[<>]|more than|greater than|less than|above|below|over|under|"
    rf"beyond|from|at least|"
    rf"(?:up ?)?to)\s*+{_N}{_UNIT}(?!\s*-\s*\d)"
)
_OPEN: Final = (
    rf"{_N}{_UNIT}\s*+(?:upwards?\b|\+(?=\s*(?:[,;.)\n]|is\b|=|normal))|(?:and|or|\+) ?(?:up(?:wards?)?|"
    rf"more|above|over|higher|below|less|"
    r"under|lower)\b)"
)
_BOUNDS: Final = rf"(?:{_RANGE}|{_LIMIT}|{_OPEN})"
_WORD: Final = (
    r"(?:n(?:orm(?:al(?:ly)?)?|l|\.?v\.?)?\s*+(?:lv)?(?:ef)?\s*+(?:range|values?|limits?)?|"
    r"ref(?:erence)?\.?\s*+(?:range|values?|interval)?|r\.?r\.?|range|expected|usual(?:ly)?|ideal(?:ly)?|"
    r"m(?:ales?|en)?|f(?:emales?)?|"
    r"women|(?:adult |our )?norms?|adult (?:fe)?males?|adult (?:wo)?men|adults?)\s*+(?:\([a-z]+\))?"
)
_ONE_NAMED: Final = (
    rf"{_WORD}\s*+(?:is|are|of|[.:=-])?\s*+[(\[]?\s*+(?:{_BOUNDS}|{_N}\s?(?:\+/?-|\u00b1)\s?{_N})\s*+[)\]]?"
)
_NAMED: Final = rf"{_ONE_NAMED}(?:\s*+[,;/]?\s*+{_ONE_NAMED})*"
_ONE_LIMIT: Final = (
    rf"[(\[{{]\s*+(?:(?:lower|upper)(?: normal)? limits?(?: of normal)?|lln|uln|cut-?off)\s*+(?:is|"
    rf"[.:=-])?\s*+"
    rf"{_N}{_UNIT}\s*+[)\]}}]"
)
_BRACKETED: Final = rf"[(\[{{]\s*+(?:{_WORD}\s*+[.:=-]?\s*+)?{_BOUNDS}\s*+(?:normal|ref\w*)?\s*+[)\]}}]"
# With the flag of a laboratory between the two: "EF / 55-80 / L / 41".
_GAP: Final = r"[\s:|=,;./-]*+(?:(?:h|l|n|hi|lo|high|low)\s*+[|/,;]\s*+)?"
_PATIENT: Final = (
    r"(?:(?:patient(?:'s)?|(?:this |the )?pts?|hers|his|theirs|yours|ours|mine|"
    r"this (?:lady|man|woman|patient|child)(?:'s)?|"
    r"observed|obs|meas(?:ured|\.)?|value|result|found|today|actual|current(?:ly)?|"
    r"this patient|"
    r"p\.?v\.?|present)\s*+(?:value|result|ef|study)?\s*+[.:=-]*\s*+)?"
)
_ONE: Final = (
    rf"(?:[<>~=]\s*+)?(?:about\s+)?{_N}(?![\d.,]*\s*+(?:-|to)\s*+\d)(?!\s*+(?:mm(?!\s?hg)|cm|ml|m/s|bpm|"
    rf"g\b|kg|/|"
    rf"years?))"
)
_ENDS: Final = (
    r"(?=\s*(?:\(?\*?(?:h|l|hi|lo|high|low|ok|normal|abnormal)\)?\s*)?(?:%|mm\s?hg|mmhg|$|[\n\v|;,.)]))"
)
# Between a label and its value.
_BETWEEN: Final = re.compile(
    rf"\s*+(?:%|\(%\)|percent)?[\s:|=,;/-]*+(?:(?:estimated|est|biplane|simpsons?|teich\w*|calculated|"
    rf"measured|2d|m-mode)\s*+[:|]?\s*+)?"
    rf"(?P<reference>(?P<named>{_NAMED}|[(\[{{]\s*+{_NAMED}\s*+[)\]}}])|{_ONE_LIMIT}|{_BRACKETED}|"
    rf"{_BOUNDS}(?:\s+(?:is |are )?normal(?=\s*[;,.|]))?)"
    rf"(?P<value>{_GAP}{_PATIENT}{_ONE}{_ENDS})?"
)
_GRADE_WORD: Final = (
    r"(?:normal|no(?= (?:pah|ph)\b)|preserved|excellent|very good|good|fair|poor|weak|kept|in between|"
    r"mild|moderate|severe|"
    r"borderline|low normal|"
    r"hyperkinesia|hfref|"
    r"hfmref|hfpef|"
    r"reduced|impaired|(?:green|amber|yellow|orange|red)(?=\s*[=:])|"
    r"(?:grade|score|class|band|category|stage)\s*(?:[0-4]|i{1,3}v?|[a-d]\b)|"
    r"(?<![a-z])i{1,3}v?(?=\s+(?:pasp|rvsp|(?:lv)?ef)\b|\s+(?:[<>]|\d|under\b|over\b|above\b|below\b)))"
)
_QUANTITY: Final = (
    r"(?:(?:lv)?ef|lvef|ejection fraction|rvsp|pasp|spap|pa(?:h|p)?|pressure|mpap|is|if|lv|function|"
    r"dysfunction|abnormal|of|considered|classified|called|defined|regarded|indicates?|means|suggests?|"
    r"as|when)"
)
_FILL: Final = rf"(?:[\s:=(\[,\v-]|{_QUANTITY}\b|reduced|impaired|elevated|%|mmhg)*"
_PAIR: Final = re.compile(
    rf"\b(?P<g1>{_GRADE_WORD})\b{_FILL}(?P<b1>{_BOUNDS})|(?P<b2>{_BOUNDS}){_FILL}\b(?P<g2>{_GRADE_WORD})\b"
)
_LIMITS: Final = re.compile(_BOUNDS)
_REFERENCE_LINE: Final = re.compile(
    r"(?:(?<=^)|(?<=[\n\v.;(*|]))\s*[*(]*(?:ref(?:erence)?s?\.?(?:\s+(?:range|values?|limits?|"
    r"intervals?)s?)?|"
    r"normals?(?:\s+(?:adult|lv|lvef|ef))?\s+(?:range|values?|limits?|reference)s?|"
    r"(?:normal|expected|predicted)(?=\s*:|\s+(?:lv)?ef\b[^:\n\d]{0,25}:)|"
    r"(?:expected|normal|usual) (?:in|for|at) "
    r"(?:an? |the )?[^:\n\d]{2,40}(?=:)|nl range|"
    r"n\.?v\.?|cut-?offs?|"
    r"criteria|guidelines?|as per (?:ase|esc|bse)|(?:ase|esc|bse)(?:/\w+)?\s*(?:\d{4})?\s*(?:guidelines?|"
    r"criteria)?|note|"
    r"interpretation guide)"
    r"\b[^\n.;]*?(?:\d)"
)
# "Men: LVEF 52-72; women: LVEF 54-74; sPAP up to 35 mmHg".
_SEXES: Final = re.compile(
    rf"(?:(?<=^)|(?<=[\n\v]))[^\n\v]{{0,40}}?\b(?:men|males?)\s*[:(][^\n\v]{{0,40}}?{_BOUNDS}[^\n\v]{{0,40}}?"
    rf"\b(?:women|men|females?|males?)\b[^\n\v]{{0,40}}?{_BOUNDS}[^\n\v]{{0,120}}"
)
_GRADING_HEAD: Final = re.compile(
    r"\b(?:type|grad(?:ing|es?)|classification|severity scale|severity|scale|categories|stages|staging|"
    r"criteria|"
    r"cut-?offs?|"
    r"interpretation (?:of|key|guide))\b"
)
_PATIENT_WORD: Final = re.compile(
    r"\b(?:patient|pt|this (?:lady|man|woman|child)|yours|hers|his|theirs|observed|meas(?:ured)?|result|"
    r"today|found|this study|current|actual)\b"
)


_SCORE: Final = (
    r"(?:\d\s*[-=:.)(]?\s*(?:normal|hypokinesia|akinesia|dyskinesia|aneurysm|hyperkinesia|"
    r"normokine(?:sia|tic)|not (?:seen|"
    r"visualised))\)?)"
)
_SCORES: Final = re.compile(rf"{_SCORE}(?:[\s,;/|]*{_SCORE}){{2,}}")
# "RWMA normokinetic 1; hypokinetic 2; akinetic 3".
_SCORED: Final = (
    r"(?:normal|normokinetic|hypokinesia|akinesia|dyskinesia|aneurysm|hyperkinesia)[ :=(]*[0-5]\)?"
)
_SCORES_BEHIND: Final = re.compile(
    rf"(?:\b(?:rwma|wma|wall motion|walls?|segment)(?: (?:score|code)s?)?[ :=]*)?"
    rf"{_SCORED}(?:[\s,;/|]+{_SCORED}){{2,}}(?![\d.])"
)
_DEFINES: Final = re.compile(
    rf"\b(?:(?:lv)?ef|ejection fraction)\s*(?:of\s*)?(?:{_BOUNDS})\s*(?:is|are|was|were|=)\s*(?:an? |"
    rf"the )?(?:\w+ )?"
    r"(?:considered|defined|regarded|taken as|classified|criteri\w+|indication|threshold|cut-?off|required|"
    r"contraindication)"
)


# "Lab scale (PASP): 40 and more counts as PAH".
_COUNTS: Final = re.compile(
    rf"[ ):]*(?:of )?{_BOUNDS}"
    r"\s*(?:counts?|qualif(?:y|ies)|is called|is read) (?:as )?[^.;\n]*"
)
# "Upper limit of normal for sPAP is 35 mmHg", "lower limit for EF 52 %".
_SAID_LIMIT: Final = re.compile(
    rf"\b(?:upper|lower) (?:normal )?limits?(?: of normal)?,? (?:(?:for|of) (?:the )?|(?<=normal ))"
    rf"(?:{LABEL.pattern}|"
    rf"{RVSP_LABEL.pattern})"
    rf"\s*(?:is|=|:|being)?\s*(?:about )?{_N}{_UNIT}"
)
# "LVEF, lower limit 52, upper limit 72".
_TWO_LIMITS: Final = re.compile(
    rf"(?P<limits>[ ,:(]*(?:(?:lower|upper)(?: normal)? limit|min\b\.?|minimum)[ :]*{_N}"
    rf"{_UNIT}[ ,;/]*(?:and )?(?:(?:lower|upper)(?: normal)? limit|max\b\.?|maximum)[ :]*{_N}{_UNIT}\)?)"
)
# "LVEF, which should lie above 55, came out at 33".
_SHOULD: Final = re.compile(
    rf"(?P<limits>\s*,? (?:which|that) (?:should|ought to|would) "
    rf"(?:normally )?(?:be|lie|stay|remain)\s+(?:{_RANGE}|{_LIMIT}|(?:between|at) {_RANGE})\s*,)"
)
# "LVEF, where 60 +/- 5 % is usual at this age, comes to 27 %"; "EF in health 60 +/- 7 %, here 45 %".
_USUAL: Final = re.compile(
    rf"\bwhere (?:about )?(?:up to )?(?:{_RANGE}|{_N}{_UNIT}(?:\s*\+/?-\s*{_N}{_UNIT})?) (?:is|are|would be) "
    r"(?:usual|normal|expected|typical|allowed|the rule)\b[^.,;\n]*,?|"
    rf"\b(?:at your age )?we expect an? (?:lv)?ef (?:of |between )?{_RANGE}|"
    rf"\b(?:normal|healthy) (?:people|persons|adults|hearts?|men|women) (?:have|has|show) "
    rf"(?:an? )?(?:lv)?ef (?:of |between )?"
    rf"{_RANGE}|"
    rf"\bin (?:health|healthy \w+|normals|normal \w+)\b[ :=]*(?:{_RANGE}|"
    rf"{_N}{_UNIT}(?:\s*\+/?-\s*{_N}{_UNIT})?)"
)
# "No sign of HFrEF (EF <= 40 %)": what the word stands for.
_DENIED_CLASS: Final = re.compile(
    rf"\b(?:no|not|without|nor)\b[^.;\n(]{{0,40}}(?P<limit>\(\s*(?:lv)?ef\s*{_LIMIT}\s*\))"
)
# "PAH (normal: absent): absent".
_IN_WORDS: Final = re.compile(
    r"[(\[]\s*(?:normal(?:ly)?|ref\w*|expected)\s*[:=]\s*[a-z ]{2,25}[)\]](?=\s*[:=-])"
)


def reference_passages(text: str) -> list[Passage]:
    """Printed ranges and grading keys."""
    found = _gradings(text)
    found.extend(Passage(m.start(), m.end(), LineKind.GRADING) for m in _SCORES.finditer(text))
    found.extend(
        Passage(m.start(), m.end(), LineKind.GRADING)
        for m in _SCORES_BEHIND.finditer(text)
        if _is_rising(re.findall(r"\d", m.group()))
    )
    found.extend(Passage(m.start(), m.end(), LineKind.GRADING) for m in _DEFINES.finditer(text))
    found.extend(
        Passage(*m.span(), LineKind.REFERENCE) for m in _SEXES.finditer(text) if fields_named(m.group())
    )
    found.extend(Passage(*m.span(), LineKind.REFERENCE) for m in _SAID_LIMIT.finditer(text))
    found.extend(_reference_lines(text))
    found.extend(_values_below(text))
    found.extend(Passage(*m.span(), LineKind.REFERENCE, leaves_doubt=False) for m in _USUAL.finditer(text))
    found.extend(Passage(*m.span("limit"), LineKind.REFERENCE) for m in _DENIED_CLASS.finditer(text))
    found.extend(
        Passage(m.start(), m.end(), LineKind.REFERENCE, leaves_doubt=False) for m in _IN_WORDS.finditer(text)
    )
    for label in (*LABEL.finditer(text), *RVSP_LABEL.finditer(text)):
        found.extend(_between(text, label))
        if counts := _COUNTS.match(text, label.end()):
            found.append(Passage(label.start(), counts.end(), LineKind.GRADING))
        for limits in (_TWO_LIMITS.match(text, label.end()), _SHOULD.match(text, label.end())):
            if limits:
                found.append(Passage(*limits.span("limits"), LineKind.REFERENCE))
    return found


def _is_rising(scores: list[str]) -> bool:
    """Whether each score is higher than the one before: "hypokinesia 4, akinesia 2" counts segments."""
    return all(low < high for low, high in pairwise(scores))


# "NORMAL ADULT VALUES" over "EF 50 - 70 %", "PASP 18 - 30 mmHg".
_VALUES_HEAD: Final = re.compile(
    r"(?:^|(?<=[\n\v]))[ *]*(?:normal|reference|ref\.?|healthy)(?: \w+)? (?:values?|ranges?|"
    r"limits?)[ :]*(?=\n)"
)
_VALUES_LINE: Final = re.compile(
    rf"[\n\v][ *-]*[a-z][a-z0-9 /'.()]{{0,24}}[ :]+(?:{_RANGE}|{_LIMIT}|{_OPEN})[ \w/]{{0,8}}(?=\n|$)"
)


def _values_below(text: str) -> list[Passage]:
    """The lines of names and ranges below a heading that says whose they are: nobody's."""
    found = []
    for head in _VALUES_HEAD.finditer(text):
        end = head.end()
        while line := _VALUES_LINE.match(text, end):
            found.append(Passage(line.start() + 1, line.end(), LineKind.REFERENCE))
            end = line.end()
    return found


def _between(text: str, label: re.Match[str]) -> list[Passage]:
    """A range between a label and its number, or one said to be normal with no number at all."""
    match = _BETWEEN.match(text, label.end())
    if match is None:
        return _normal_and_wide(text, label, _IS_RANGE.match(text, label.end()))
    if not (match.group("value") or match.group("named")):
        return _normal_and_wide(text, label, match)
    is_apart = "\n" in text[label.end() : match.start("reference")]
    if is_apart and not (match.group("named") and match.group("value")):
        return []
    if match.group("value"):
        if _is_change(text, match):
            return []
        gap = _NOT_LET_THROUGH.match(text, match.end("reference"))
        end = gap.end() if gap else match.end("reference")
        return [Passage(match.start("reference"), end, LineKind.REFERENCE, leaves_doubt=False)]
    said = match.group("named")
    # "EF normal 55-60 %" is this patient's; "EF (N 55-70)" and "EF normal range 55-70" are nobody's.
    is_sure = re.match(r"[(\[{]|n\b|nl\b|n\.?v|ref|r\.?r|range|normal\s+(?:range|value|limit)|expected", said)
    is_sure = is_sure or _NOT_MEASURED.match(text, match.end("reference"))
    return [Passage(match.start("reference"), match.end("reference"), LineKind.REFERENCE)] if is_sure else []


# A semicolon, or the point of "meas. 44", would end the sentence before the value; a flag stops the label.
_NOT_LET_THROUGH: Final = re.compile(
    r"\s*(?:;|/?\s*meas\.|[|/,;]\s*(?:h|l|n|hi|lo|high|low)\b\s*(?=[|/,;]))\s*"
)
_IS_RANGE: Final = re.compile(rf"\s+(?:(?:is|are|lies|ranges?|between|from)\s+)+(?P<reference>{_BOUNDS})")
# "RVSP  normal < 35 mmHg  not measured".
_NOT_MEASURED: Final = re.compile(
    r"[ :|;,-]*(?:not (?:measur|assess|obtain|record|done|calculat|avail|perform|seen|estimat)\w*|n/?a\b|"
    r"nd\b)"
)


def _normal_and_wide(text: str, label: re.Match[str], match: re.Match[str] | None) -> list[Passage]:
    """ "Normal EF 55-70 %": too wide for what one patient's estimate spans."""
    if match is None:
        return []
    before = text[max(0, label.start() - 30) : label.start()]
    bounds = [float(number.replace(",", ".")) for number in re.findall(_N, match.group("reference"))]
    is_normal = re.search(r"\b(?:normal(?: adult)?|n\.?v\.?|expected|ref(?:erence)?)\s*(?:lv)?\s*$", before)
    if is_normal and len(bounds) == 2 and bounds[1] - bounds[0] >= 12:
        lead = label.start() - len(before) + is_normal.start()
        return [Passage(lead, match.end(), LineKind.REFERENCE)]
    return []


def _is_change(text: str, match: re.Match[str]) -> bool:
    """ "EF 55-60 %, 2. ..." - the number behind counts a list, or begins another sentence."""
    between = re.sub(r"(?:\.\s*){3,}", " ", text[match.end("reference") : match.end("value")])
    is_listed = re.match(r"[\s.;,]+\d{1,2}$", between) and re.match(r"[.)]", text[match.end("value") :])
    # "EF; normal 52-72; 55": cells of a row.
    is_cell = match.group("named") and re.match(r"\s*[;,]\s*\d\d\s*(?:%|mm\s?hg)?\s*$", between)
    is_row = is_cell and re.match(r"\s*(?:%|mm\s?hg)?\s*(?:$|[\n\v])", text[match.end("value") :])
    is_apart = re.search(r"[.;,\n]", between) and not re.search(_PATIENT_WORD, between) and not is_row
    return bool(is_listed or is_apart)


def _gradings(text: str) -> list[Passage]:
    """Two or more grades, each with its own limits, of one quantity: in a sentence or in lines."""
    found: list[Passage] = []
    for start, end in _blocks(text):
        pairs = list(_PAIR.finditer(text, start, end))
        grades = {pair.group("g1") or pair.group("g2") for pair in pairs}
        headed = _GRADING_HEAD.search(text, start, end) is not None
        if len(grades) < 2 or not (len(pairs) >= 3 or headed or _is_one_quantity(text[start:end], pairs)):
            continue
        lead = re.compile(r"[^;.\n]*$").search(text, start, pairs[0].start())
        low = lead.start() if lead and not re.search(r"\d", lead.group()) else pairs[0].start()
        low = start if _NO_BAND.fullmatch(re.split(r"[\n\v]", text[start:end])[0]) else low
        high = _last_of(text, pairs, end)
        found.append(Passage(low, high, LineKind.GRADING, leaves_doubt=False))
    return found


def _last_of(text: str, pairs: list[re.Match[str]], end: int) -> int:
    """Where a key ends: with its last pair, its unit and its brackets, or its line unless a value follows."""
    other_sex = re.compile(rf"\s*/\s*{_BOUNDS}").match(text, pairs[-1].end(), end)
    last = other_sex.end() if other_sex else pairs[-1].end()
    rest = text[last:end]
    return last if re.search(r"\b(?:lv)?ef\b|\d", rest) else end


def _is_one_quantity(block: str, pairs: list[re.Match[str]]) -> bool:
    """Whether the pairs grade the same thing: one EF or one pressure, not a valve and a chamber."""
    names = {_quantity_of(pair.group()) for pair in pairs}
    is_plain = len({name for name in names if name}) <= 1
    others = re.search(r"\b(?:mr|tr|ar|as|ms|regurgitation|stenosis|effusion|lvh|gradient)\b", block)
    return is_plain and not others


def _quantity_of(pair: str) -> str:
    if re.search(r"ef|ejection|lv", pair):
        return "ef"
    return "pressure" if re.search(r"pa|rvsp|press", pair) else ""


# "LVEF 58 %, normal" above a key is the patient's; "0   to 35   no PH" is the key's.
_NO_BAND: Final = re.compile(r"(?=[^\n]*\d)[^\n.;]{0,40}\b(?:no|nil) (?:pah|ph)\b[^\n.;]{0,24}")


def _blocks(text: str) -> list[tuple[int, int]]:
    """Sentences, and runs of lines that each hold a grade with its limits, with the head above them."""
    blocks: list[tuple[int, int]] = []
    is_open = False
    above: tuple[int, int] | None = None
    for start, end in lines_of(text):
        is_graded = _PAIR.search(text, start, end) and len(text[start:end].split()) <= 9
        if is_graded and is_open:
            blocks[-1] = (blocks[-1][0], end)
        elif is_graded:
            # "0   to 35   no PH" is the first band of a key whose others have grades.
            if above and _NO_BAND.fullmatch(text[slice(*above)]):
                start = above[0]
            is_headed = above is not None and _GRADING_HEAD.search(text, *above)
            blocks.append((above[0] if above and is_headed else start, end))
        if text[start:end].strip():
            above, is_open = (start, end), bool(is_graded)
    sentences = [(m.start(), m.end()) for m in re.finditer(r"(?:[^.\n]|\.(?=\d))+", text)]
    return blocks + sentences


# Of "Reference limits: LVEF >= 55 %; RVSP up to 35 mmHg" what stands behind the semicolon.
_ANOTHER_LIMIT: Final = re.compile(rf";[^\d;.\n]*{_BOUNDS}[^\d;.\n]*(?=[;.\n]|$)")


def _reference_lines(text: str) -> list[Passage]:
    """ "Normal values for adults: LVEF 52-72 %": a sentence that says of itself what its numbers are."""
    found = []
    for match in _REFERENCE_LINE.finditer(text):
        is_enclosed = text[: match.start()].endswith("(")
        stop = re.compile(r"\n|\.(?=\s|$)|;|\)" if is_enclosed else r"\n|\.(?=\s|$)|;").search(
            text, match.end()
        )
        end = stop.start() if stop else len(text)
        while more := _ANOTHER_LIMIT.match(text, end):
            end = more.end()
        patient = _PATIENT_WORD.search(text, match.start(), end)
        end = patient.start() if patient else end
        is_note = re.match(r"\s*[*(]*note", match.group())
        if (_PAIR if is_note else _LIMITS).search(text, match.start(), end):
            found.append(Passage(match.start(), end, LineKind.REFERENCE, leaves_doubt=False))
    return found
