"""History, indication, clinical diagnosis and other dates: said of the patient, not found today."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from labeling.rules.kinds.cells import DATE, lines_of, newest, when
from labeling.rules.kinds.elsewhere import has_function_words, is_answered_elsewhere
from labeling.rules.kinds.passages import LineKind, Passage, fields_named
from labeling.rules.sections import Statement

_MARKER: Final = re.compile(
    r"(?<![\w/])(?:h/o|hx(?: of)?|(?:past |previous |known |prior )?history(?: of| -|:)|"
    r"clinical (?:notes?|information|questions?)|"
    r"outside results?|k/?c/?o|kco|"
    r"known (?:case|patient|to have|"
    # "Known PAH, still severe" is of today.
    r"(?:(?:mild|moderate|severe) )?(?:pah|pulmonary|rwma)(?![^.;\n]{0,25}\b(?:still|persist\w*|"
    r"remains?)\b)|cad|ihd|to be)|old "
    r"case(?: of)?|"
    r"(?:referral|gp|doctor'?s?|request) (?:letter|note|form|slip)s?\b|diagnos[ie]s on (?:request|referral|"
    r"the form)|"
    r"present(?:ing|ed|s) with\b|sent (?:because(?: of)?|with|as)\b|"
    r"(?:echo |scan |study )?asked for (?:because|as|for)\b|why (?:scanned|done|asked)\s*:|"
    r"(?:dx|diagnosis) (?:on|at) admission\b|co-?morbid\s*:|(?:problem list|problems|"
    r"co-?morbidit\w+)\s*:|"
    r"(?:clinical|provisional|referral|referring|referred|working|admission|admitting|presumptive|primary|"
    r"pre-?op\w*|"
    r"background|tentative|presenting|previous|initial) (?:diagnos[ie]s|impression|dx)|(?:clinical|admission|"
    r"referral) details?|"
    r"(?:prior|last|previous|old) (?:tte|tee|2d echo)\b|known (?:lv)?ef\b|c/o\b|on rx for\b|sent for\b|"
    r"(?:kindly|please|to) (?:rule out|exclude|look for)\b|(?<![a-z])r/o\b|evaluation of\b|"
    r"(?:chief )?complaints?\s*:|risk factors?\s*:|f/h\s*:|"
    r"pre?v?\.? (?:echo\w*|study|report|scan)\b|(?:echo\w*|study|scan) (?:was )?(?:done )?(?:\d+|one|two|"
    r"three|few) "
    r"(?:yrs?|years?|months?|mths?|weeks?) (?:back|ago)\b|(?:admitted|came|brought|arrived) with\b|seen "
    r"for\b|"
    r"to confirm\b|susp(?:ected|\.)|(?:cxr|x-?ray|ecg|ekg|ct) (?:suggest\w*|shows?|showed)\b|"
    r"cath (?:report|study|data)\b|ward diagnos[ie]s\b|presenting complaints?\b|"
    r"on (?:sildenafil|bosentan|tadalafil|ambrisentan|treatment|drugs?|meds?|therapy) for\b|(?<![a-z] "
    r")known\s*:|"
    r"diagnosed (?:with|as|to have|case)|referred (?:for|with|as|by)|ref(?:erred)? for|"
    r"(?:study |clinical )?(?<!no )indications?\b(?: for)?|reasons? (?:for|of)(?: the)? \w+(?: \w+){0,2} ?|"
    r"request(?:ed)? (?:for|reason)|"
    r"for (?:evaluation|assessment|work-?up|follow-?up) of|to (?:evaluate|assess|look for|r/o)|"
    r"(?:follow-?up|f/u|review) (?:of|for|case of)|family history|treated for|on treatment for)"
)
_TODAY: Final = re.compile(
    r"[.;\n]|\b(?:now|currently|today|at present|present (?:study|echo)|current (?:study|echo)|"
    r"echo(?:cardiogram)? (?:shows?|showed|"
    r"reveals?)|which (?:shows?|showed)|findings?\s*:|impression\s*:|conclusion\s*:)"
)
_CITES_STUDY: Final = re.compile(
    r"\b(?:echo\w*|cath\w*|ventriculogra\w+|angiogra\w+|tte|tee|mri|muga|scan|lvef|ef|ejection|rvsp|imaging|"
    r"study)\b"
)
_PAST: Final = re.compile(
    r"\b(?:in|since|from|on|dated?|of|back in|year|till)\s+(?:\w{3,9}\.?\s+)?(?:19|20)\d\d\b|"
    r"\((?:\w{3,9}\s+)?(?:19|20)\d\d\)|"
    r"\b(?:\d+|one|two|three|few|several|many)\s+(?:years?|yrs?|months?|weeks?|days?)\s+(?:ago|back|earlier|"
    r"prior|before)\b|"
    r"\blast (?:year|month|week|visit|admission)\b|\b(?:previous|prior|earlier|old|last|past|"
    r"outside)\s+(?:\w+\s+)?"
    r"(?:echo\w*|study|report|scan|tte|exam\w*|records?|chart|admission|hospital\w*)\b|\b(?:echo\w*|study|"
    r"report)\s+(?:of|from|in|dated|on|"
    r"done)?\s*(?:\w{3,9}\s+)?(?:19|20)\d\d\b|\bpreviously\b|\bon admission\b|\bin the past\b"
)
_BY_ECHO: Final = re.compile(
    r"\b(?:by|on) (?:\w+ )?echo\w*|\becho\w* (?:show|reveal|demonstrat|with|of today|today|from this|"
    r"this)\w*|\btoday\b|\bnow\b"
)
_HISTORY_HEADING: Final = re.compile(
    r"(?:^|(?<=[\n.;*|]))\s*(?:\d{1,2}[.)]\s*)?"
    r"(?:(?P<indication>[a-z/ ]{0,20}\b(?:indications?|reason|referral|"
    r"clinical (?:details|data|information|"
    r"summary|diagnosis))\b[a-z /]{0,25})|[a-z/& ]{0,30}\b(?:history|pmh|hpi|complaints?|"
    r"diagnosis)\b[a-z /]{0,30})\s*(?::|\s-\s|\n)"
)
# "LV EF (Simpson BP): 53 %" in a line of its own below a history is a measurement of today.
_MEASURED: Final = re.compile(
    r"\s*(?:lv )?(?:lv)?(?:ef|rvsp|pasp|ejection fraction)\b[^:=\n]{0,25}[:=]\s*[<>~]?\d"
)
_OWN: Final = ("findings", "conclusion", "measurements")
_ECHO_WORD: Final = re.compile(
    r"\b(?:lv|left ventric\w+)\s+(?:is|was|size|cavity|systolic|function|normal|dilated|wall|internal|"
    r"chamber|shows)\b|"
    r"\bchambers\b|\bnormal (?:sized? )?(?:lv|left ventricular)\b"
)
_DATED_LINE: Final = re.compile(
    # No step gives back its white space: what was taken out leaves long gaps.
    rf"(?:(?<=^)|(?<=[\n\v;.(|]))\s*+[*-]?\s*+(?:\d\)|\d\.)?\s*+(?:(?:report|echo\w*|study|tte|visit|scan|"
    rf"date|dated|on|in|2d echo|lvef|ef)\s*+"
    rf"(?:no\.?\s*+)?\d?\s*+[(:-]?\s*+(?:dated\s*+)?){{0,12}}(?P<date>{DATE.pattern})"
)
_VALUE_DATE: Final = re.compile(
    rf"\d{{1,3}}(?:\s*-\s*\d{{1,3}})?\s*(?:%|mm\s?hg|mmhg)?\s*(?:\(|\bin\b|\bon\b|@|-|dated|from|as of|"
    rf"\bof\b)\s*(?:on |in |dated )?(?P<date>{DATE.pattern})\)?"
)
_DATE_VALUE: Final = re.compile(
    rf"(?P<date>{DATE.pattern})\s*\)?\s*(?::|-|=|was|is|"
    rf",)?\s*(?:lv)?(?:ef)?\s*[:=-]?\s*\d{{1,3}}(?:\s*-\s*\d{{1,3}})?\s*(?:%|mm\s?hg|mmhg)"
)


# "TTE on 5/5: EF 55 %", "outside results": another study, or this one under its date.
_OTHER_STUDY: Final = re.compile(
    r"\b(?:tte|tee|echo\w*|mri|muga|cath\w*|angio\w*|scan)\s+(?:on|dated|from|done)\s+(?:on\s+)?"
    r"\d{1,2}[/.-]\d{1,2}\b|\boutside (?:results?|echo\w*|reports?|stud\w+)\b|"
    r"\b(?:another|other|outside) hospital\b|\bold (?:report|echo\w*|records?)\b|\bfor information\b"
)


# "Apical akinesia, scar on MRI 2019": the year is the scar's.
_OTHER_NOUN: Final = re.compile(
    r"\s*(?:\w+ ){0,2}(?:scar|mri|cath\w*|angio\w*|pci|stents?|cabg|surgery|icd|mi|infarct\w*|valve)\b"
)


def history_passages(text: str, statements: Sequence[Statement]) -> list[Passage]:
    """What is told of the patient's past or asked of the study, as far as it names a field."""
    has_own = _has_own_findings(statements)
    found: list[Passage] = []
    for statement in statements:
        if not fields_named(statement.text):
            continue
        if statement.section == "history":
            found.extend(_of_history(text, statement, has_own))
        found.extend(_behind_marker(text, statement))
        if _OTHER_STUDY.search(statement.text):
            line_end = text.find("\n", statement.start)
            found.append(_doubt(line_end if line_end >= 0 else len(text)))
        if has_own and _is_of_the_past(statement):
            found.append(Passage(statement.start, statement.end, LineKind.HISTORY))
    return found


def _has_own_findings(statements: Sequence[Statement]) -> bool:
    """Whether the report has a part that speaks of today's heart, so that its history need not."""
    own = [
        s
        for s in statements
        if s.section == "body"
        and re.search(r"\d", s.text)
        and {"ef_percent", "rvsp_mmhg"} & fields_named(s.text)
    ]
    own += [
        s for s in statements if s.section in _OWN and (fields_named(s.text) or _ECHO_WORD.search(s.text))
    ]
    undated = [s for s in own if not _PAST.search(s.text)]
    return bool(undated)


def _of_history(text: str, statement: Statement, has_own: bool) -> list[Passage]:
    """A statement below a heading such as HISTORY or INDICATION; a note that cites an echo there is kept."""
    is_past = _PAST.search(statement.text)
    if not _is_below_heading(text, statement):
        return []
    if not has_own and _CITES_STUDY.search(statement.text):
        return []
    if _BY_ECHO.search(statement.text) and not is_past:
        return []
    is_measured = _measured_in_line(text, statement) or _measured_above(text, statement)
    if not is_past and _PLAIN_FINDING.fullmatch(statement.text.strip()) and is_measured:
        return [_doubt(statement.start + len(statement.text.rstrip()))]
    return [Passage(statement.start, statement.end, LineKind.HISTORY)]


# "History: smoker. No RWMA. No PAH. EF 63 %.": a history that ends in an EF of its own has come to the study.
_PLAIN_FINDING: Final = re.compile(
    r"\s*(?:no (?:rwma|pah)|(?:mild|moderate|severe) pah|(?:rwma|pah)\s*:\s*\w+)[ .]*"
)


# "LV size and function normal, LVEF 58%", a line of its own.
_EF_LINE: Final = re.compile(
    r"[ *-]*(?:[^\n]*kinesia, )?(?:(?:lv|left ventric\w+)\b[^\n]*\b)?(?:lv)?ef\b\W*\d\d\b[^\n]*"
)


def _measured_above(text: str, statement: Statement) -> bool:
    """Whether one of three lines above opens with the left ventricle and gives its EF, of no other day."""
    above = text[: text.rfind("\n", 0, statement.start + 1) + 1].split("\n")[-4:-1]
    return any(_EF_LINE.fullmatch(line) and not _PAST.search(line) for line in above)


def _measured_in_line(text: str, statement: Statement) -> bool:
    """Whether a sentence of the same line, behind this one, is nothing but an EF or a pressure."""
    start = statement.start + len(statement.text.rstrip())
    stop = re.compile(r"\n|$").search(text, start)
    rest = text[start : stop.start() if stop else len(text)]
    return any(
        re.fullmatch(r"\s*(?:lv)?(?:ef|rvsp|pasp)\s*[:=]?\s*\d{2}\s*(?:%|mm\s?hg)\s*", sentence)
        for sentence in re.split(r"\.(?!\d)", rest)
    )


def _is_below_heading(text: str, statement: Statement) -> bool:
    """Whether a statement belongs to its heading still: an indication's sentence, a history's paragraph."""
    lead = text[max(0, statement.start - 1500) : statement.end]
    headings = list(_HISTORY_HEADING.finditer(lead))
    if not headings:
        return True
    last = headings[-1]
    between = (
        lead[last.end() : len(lead) - len(statement.text)]
        if last.end() <= len(lead) - len(statement.text)
        else ""
    )
    if last.group("indication"):
        return not between.strip()
    # "TR mild; RVSP 41 mmHg; PAH mild": what stands beside a measurement in its line is of the study, too.
    beside = text[text.rfind("\n", 0, statement.start) + 1 : statement.start].split(";")
    is_measured = any(map(_MEASURED.match, (statement.text, *beside)))
    if "\n" in between and is_measured and not _PAST.search(statement.text):
        return False
    return re.search(r"\S[^\n]*\n\s*\n", between) is None


def _behind_marker(text: str, statement: Statement) -> list[Passage]:
    """From "h/o", "k/c/o", "clinical diagnosis:" and the like to the end of what is told."""
    found = []
    for marker in _MARKER.finditer(statement.text):
        stop = _TODAY.search(statement.text, marker.end())
        end = stop.start() if stop else len(statement.text)
        told = statement.text[marker.end() : end]
        cites = _CITES_STUDY.search(told) and re.search(r"\d", told)
        begin, stopped = statement.start + marker.start(), statement.start + end
        is_list = re.match(r"(?:problem|co-?morbid)", marker.group()) is not None
        named = fields_named(told) or "pah" in fields_named(marker.group())
        if named and (is_list or not cites):
            found.append(Passage(begin, stopped, LineKind.HISTORY))
        elif named and _is_told_today(text, begin, stopped):
            found.append(Passage(begin, stopped, LineKind.HISTORY, casts_doubt=True))
        elif named:
            # A study is cited, perhaps today's own: read, and looked at by a person.
            found.append(_doubt(stopped))
    return found


def _is_told_today(text: str, start: int, end: int) -> bool:
    """Whether what a history cites is answered outside it, in all fields or with every number."""
    return is_answered_elsewhere(text, start, end) or _is_measured_elsewhere(text, start, end)


_NUMERIC: Final = frozenset(("ef_percent", "rvsp_mmhg"))


_EARLIER_ECHO: Final = re.compile(
    r"(?:pre?v?(?:ious)?\.?|prior|last|old|earlier) (?:2d )?(?:echo\w*|study|report|scan|tte|tee)\b"
)


def _is_measured_elsewhere(text: str, start: int, end: int) -> bool:
    """Whether every number that a history cites is measured outside it, too, or the function is told there in
    words: there is a study of today.
    """
    named = fields_named(text[start:end]) & _NUMERIC
    outside = re.split(r"[\n\v]", f"{text[:start]}\n{text[end:]}")
    measured = fields_named("\n".join(line for line in outside if re.search(r"\d", line)))
    if has_function_words("\n".join(outside)):
        measured |= {"ef_percent"}
    # "Prev. echo: RVSP 80 mmHg" above today's EF: today has no pressure.
    is_earlier = _EARLIER_ECHO.match(text, start, end) is not None and "ef_percent" in measured
    return bool(named) and (named <= measured or is_earlier)


def _doubt(at: int) -> Passage:
    """Takes nothing out; has a person look at the fields named in the line up to here."""
    return Passage(at, at, LineKind.HISTORY, casts_doubt=True)


def _is_of_the_past(statement: Statement) -> bool:
    """Whether a statement is of an earlier study alone and doesn't come to speak of today."""
    past = _PAST.search(statement.text)
    if past is None or not {"rwma", "pah"} & fields_named(statement.text):
        return False
    if re.search(
        r"\b(?:compared|comparison|than|unchanged|as before|similar|improved|worsened|no change)\b",
        statement.text,
    ):
        return False
    behind = statement.text[: past.start()].rpartition(",")
    if {"rwma", "pah"} & fields_named(behind[0]) and _OTHER_NOUN.match(behind[2]):
        return False
    return not re.search(r"\b(?:now|currently|today|at present|current|this study|present)\b", statement.text)


def superseded_passages(text: str) -> list[Passage]:
    """Of several dated lines or values that name a field all but the newest; all where that can't be told."""
    found: list[Passage] = []
    dated = _dated_lines(text)
    if len(dated) > 1:
        found.extend(_all_but_newest([(start, end, date) for start, end, date in dated]))
    for start, end in lines_of(text):
        if {"ef_percent", "rvsp_mmhg"} & fields_named(text[start:end]):
            found.extend(_dated_values(text, start, end))
    return found


# "Visit 3 (this visit): EF 48 %", with the other visits in lines of their own.
_NUMBERED_STUDY: Final = re.compile(
    r"(?:^|(?<=[\n\v]))[ *-]*(?:visit|study|echo\w*|scan|tte|report|exam\w*|no\.?|#)\s*#?(?:\d{1,2}|[a-d])\b"
    r"(?P<said>[^:\n\v]{0,30})[:\n\v-]"
)
_THIS_STUDY: Final = re.compile(r"\b(?:this|today|current|present|latest|now|newest)\b")


def other_visits(text: str) -> list[Passage]:
    """The lines of numbered visits where one of them says that it is this one."""
    marks = list(_NUMBERED_STUDY.finditer(text))
    own = [mark for mark in marks if _THIS_STUDY.search(mark.group("said"))]
    if len(own) != 1:
        return []
    found = []
    for mark in marks:
        line_end = text.find("\n", mark.end())
        end = line_end if line_end >= 0 else len(text)
        if mark is not own[0] and fields_named(text[mark.start() : end]):
            found.append(Passage(mark.start(), end, LineKind.HISTORY, leaves_doubt=False))
    return found


def _dated_lines(text: str) -> list[tuple[int, int, str]]:
    """(start, end, date) of the stretches that begin with a date and name a field."""
    marks = list(_DATED_LINE.finditer(text))
    found = []
    for mark, following in zip_longest(marks, marks[1:]):
        line_end = text.find("\n", mark.end())
        end = min(line_end if line_end >= 0 else len(text), following.start() if following else len(text))
        if fields_named(text[mark.start() : end]):
            found.append((mark.start(), end, mark.group("date")))
    return found


def _dated_values(text: str, start: int, end: int) -> list[Passage]:
    for pattern in (_VALUE_DATE, _DATE_VALUE):
        pairs = [(m.start(), m.end(), m.group("date")) for m in pattern.finditer(text, start, end)]
        if len(pairs) > 1:
            return _all_but_newest(pairs)
    return []


def _all_but_newest(dated: list[tuple[int, int, str]]) -> list[Passage]:
    best = newest([date for _, _, date in dated])
    same = len({date for _, _, date in dated}) == 1
    if same:
        return []
    is_vague = any((when(date) or (0,))[0] == 0 for _, _, date in dated)
    return [
        Passage(start, end, LineKind.HISTORY, casts_doubt=is_vague)
        for n, (start, end, _) in enumerate(dated)
        if n != best
    ]
