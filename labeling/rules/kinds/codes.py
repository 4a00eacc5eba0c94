"""What stands for an answer: coded segments, questions, crosses for boxes, one answer for several names."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from labeling.rules.kinds.cells import lines_of
from labeling.rules.normalise import NormalText
from labeling.rules.wall_patterns import WALL

# Scores of a segment's motion. Source: Cerqueira et al. 2002, doi:10.1161/hc0402.102975.
_MOTION: Final = {"1": "normal", "2": "hypokinesia", "3": "akinesia", "4": "dyskinesia", "5": "aneurysm"}
_KEY: Final = re.compile(
    r"\b2\s*[=:)(-]?\s*hypo\w*\b|\bhypo\w*\s*[=:(-]?\s*2\b|\bwmsi?\b|\b(?:s?wm|wall motion) score"
)
_SCORED: Final = re.compile(r"\b(?:segments?\s+)?scored?\s*(?:as\s+|=\s*)?(?P<code>[2-5])\s*(?=[:=-])")
# "SWM score" over "Mid 1 1 1 2 2 1", "Apical 3 3 2 3".
_RING: Final = re.compile(
    r"(?m)(?:^|\v)[ ]*(?P<ring>basal|base|mid|apical|apex|"
    r"cap)\w*[ :]+(?P<codes>[1-5](?:[ ,]+[1-5]){3,5})[ ]*(?=$|\v)"
)
# "Segment scores" over "1-1-1-2-2-1": which segment each is of is not said.
_UNNAMED: Final = re.compile(
    r"(?m)\bsegment(?:al)? scores?[ :]*(?P<rows>(?:[\n\v]?[ ]*[1-5](?:[ ]*[-/, ][ ]*[1-5]){2,}[ ]*(?=$|\v))+)"
)
_FEWEST_SCORES: Final = 6
_SEGMENT: Final = re.compile(
    rf"\s*(?:[*-]\s*)?(?P<walls>(?:(?:{WALL.pattern}|wall|segment|lv|cap|distal)[\s/-]*)+)"
    r"\s*[:=|-]?\s*(?P<code>[1-5])\s*"
)
_SHORT: Final = r"(?:no|nil|none(?: seen| noted| found)?|yes|absent|present)\b"
_QUESTION: Final = re.compile(
    r"(?P<lead>(?:^|(?<=[\n\v]))[ ]*(?:(?:q(?:uestion)?\s*)?\d{0,2}(?:\.\d{1,2})?\s*[:.)]?\s*)?"
    r"(?:any|is there(?: any)?|are there(?: any)?|(?P<number>what (?:is|was)(?: the)?(?: estimated)?))\s+)"
    r"(?P<what>[^?\n\v]{2,60}?)"
    # "A: no", or the answer in a column of its own.
    r"(?P<sign>\?\s*a(?:ns(?:wer)?)?\s*[:.]|"
    r"(?(number)\?(?=[ ]{2,}(?:between |about )?\d)|(?!))|"
    rf"\?(?=[ ]{{2,}}(?:{_SHORT}|(?:mild|moderate|severe)\b|yes\b[^\n\v]{{0,60}})[ .]*(?:$|[\n\v]))|"
    rf"[ ](?=[ ]{{2,}}{_SHORT}[ .]*(?:$|[\n\v])))"
)
# "Q: pulmonary hypertension (yes/no)? Answer: no".
_ANSWERED: Final = re.compile(
    r"(?P<lead>(?:^|(?<=[\n\v]))[ ]*(?:(?:q(?:uestion|uery)?)?[ ]*\d{0,2}[ ]*[:.)][ ]*)?)(?:any )?"
    r"(?P<what>(?!(?:is|are|was|were|what|which|how|would|do|does|has|have|can|should|"
    r"did)\b)[a-z][a-z ,-]{1,50}?)"
    r"(?P<sign>[ ]*(?:[(\[][ ]*(?:yes|no|y|n)[ ]*/[ ]*(?:yes|no|y|"
    r"n)[ ]*[)\]])?[ ]*\?[ ]*\ba(?:ns(?:wer)?)?[ ]*[:.=-])"
    rf"(?=[ ]*(?:{_SHORT}|(?:mild|moderate|severe)\b|(?:about |approx\w* )?\d))"
)
# "RWMA/PAH/clot - all nil": one answer for several names.
_NAME: Final = (
    r"(?:rwma|swma|(?:regional )?wall[- ]motion abnormality|pah|ph|phtn|pulmonary (?:arterial )?hypertension|"
    r"clots?|thromb(?:us|i)|pe|(?:pericardial )?effusion|vegetations?|shunts?|[vai]sd|pda|lvh|aneurysm|mass|"
    r"mr|tr|ar|sam|stenosis|regurgitation)"
)
_SHARED: Final = re.compile(
    # "RWMA+" is an answer where its line ends.
    rf"\b(?P<names>{_NAME}(?:\s*(?:[/,&]|\+(?!\n)|\band\b)\s*(?:and )?{_NAME}){{1,12}})\s*[:=-]+"
    r"\s*(?:all |both )?"
    r"(?:nil|none|absent|negative|no)\b(?=\s*(?:$|[.;,\n\v])|\s+(?:the|there)\b)",
    re.MULTILINE,
)
# "RWMA and PAH absent", "RWMA, PAH, clot not seen", "Negative for RWMA, PAH, clot".
_OPENS: Final = r"(?:^|(?<=[\n\v;])|(?<=\.\s))[ *-]*"
_CLOSES: Final = r"(?=\s*(?:$|[.;,\n\v]))"
_JOINED: Final = r"\s*(?:[/,&]|\band\b|\bor\b)\s*(?:and |or )?"
_TWO_OR_MORE: Final = (
    rf"(?:both )?(?:{_NAME}\s*(?:[&/]|\band\b)\s*{_NAME}|"
    rf"{_NAME}(?:\s*,\s*{_NAME}){{1,12}}\s*,?\s*(?:&|\band\b)\s*{_NAME}|"
    rf"{_NAME}(?:\s*,\s*{_NAME}){{2,12}})"
)
_SHARED_PLAIN: Final = re.compile(
    rf"{_OPENS}(?:(?:the )?(?:study|echo\w*|scan|exam\w*) (?:is |was )?)?"
    r"(?:negative for|-ve for|absence of|free of|(?:all )?(?:nil|none|absent|negative)[ ]*[:-])\s*(?:any )?"
    rf"(?P<names>{_NAME}(?:{_JOINED}{_NAME}){{0,12}}){_CLOSES}|"
    rf"{_OPENS}(?P<both>{_TWO_OR_MORE})\s+(?:(?:are|is|were|was|have) )?(?:all |both )?"
    rf"(?:nil|none|absent|gone|not (?:seen|noted|present|detected)){_CLOSES}|"
    # "No RWMA clot PAH PE", "No RWMA; clot; PAH; PE".
    rf"\bno (?P<row>{_NAME}(?:[ ]*[ ;][ ]*{_NAME}){{2,8}}){_CLOSES}"
)
# "Request: RWMA? PAH?" over "Reply: neither is present".
_ASKED_TWO: Final = re.compile(
    rf"\b(?P<asked>(?:{_NAME}\s*\?[\s,;/]*(?:and |or )?){{2,6}}|"
    rf"(?:request\w*|questions?|quer(?:y|ies)|asked)\b[^\n\v:?]{{0,20}}[:?]?\s*(?:any )?"
    rf"{_NAME}(?:{_JOINED}{_NAME}){{1,5}}\??)[.\s]*"
    r"(?P<answer>(?:[a-z][a-z ]{0,30}:\s*)?(?:"
    r"(?:neither|none)(?: of (?:them|these|those|the two))?(?: (?:is|was|are|were))? (?:present|seen|"
    r"found|detected)|"
    r"(?:both|all)(?: of (?:them|these|those))?(?: (?:is|was|are|were))? (?:absent|nil|not (?:seen|"
    r"present|found))|"
    r"no to (?:both|all)))"
    rf"{_CLOSES}",
    re.MULTILINE,
)
# "RWMA: ~~Present~~ Absent": struck out by hand or by a program.
_STRUCK: Final = re.compile(r"~~[^~\n\v]{1,40}~~")
# "o normal   * hypokinetic": a full and an empty circle before their options.
_DOT: Final = re.compile(r"(?<!\S)\*(?= ?[a-z])")
_CIRCLE: Final = re.compile(r"(?<!\S)o(?= [a-z])")
_CROSSED: Final = re.compile(r"(?<!\S)x(?!\S)")
_LINED: Final = re.compile(r"(?<!\S)_(?!\S)")


def shared_answers_written_out(normal: NormalText) -> NormalText:
    """The text with an answer beside each of several names that share one."""
    found = (*_SHARED.finditer(normal.text), *_SHARED_PLAIN.finditer(normal.text))
    for asked in reversed(list(_ASKED_TWO.finditer(normal.text))):
        names = re.findall(_NAME, asked.group("asked"))
        normal = written(normal, *asked.span("answer"), ", ".join(f"no {name}" for name in names))
    for shared in sorted(found, key=lambda one: one.end(), reverse=True):
        listed = next(one for one in shared.groupdict().values() if one)
        names = re.findall(_NAME, listed)
        normal = written(normal, *shared.span(), ", ".join(f"no {name}" for name in names))
    return normal


def codes_written_out(normal: NormalText) -> NormalText:
    """The text with scores of segments in words, where the report uses the usual scores."""
    for unnamed in reversed(list(_UNNAMED.finditer(normal.text))):
        scores = re.findall(r"\d", unnamed.group("rows"))
        if len(scores) < _FEWEST_SCORES:  # "Segment scores 1, 2, 3, 4" may be the scale
            continue
        worst = max(scores)
        words = f"segment {_MOTION[worst]}" if worst != "1" else "wall motion: normal"
        normal = written(normal, *unnamed.span(), words)
    if not _KEY.search(normal.text):
        return normal
    found = [(*one.span(), _MOTION[one.group("code")]) for one in _SCORED.finditer(normal.text)]
    for ring in _RING.finditer(normal.text):
        worst = max(ring.group("codes"))
        name = {"base": "basal", "apex": "apical", "cap": "apical"}.get(
            ring.group("ring"), ring.group("ring")
        )
        words = f"{name} segments {_MOTION[worst]}" if worst != "1" else ";"
        found.append((ring.start("ring"), ring.end("codes"), words))
    for start, end in lines_of(normal.text):
        line = _SEGMENT.fullmatch(normal.text, start, end)
        if line:
            found.append((line.end("walls"), line.end("code"), f": {_MOTION[line.group('code')]}"))
    for start, end, words in sorted(found, reverse=True):
        normal = written(normal, start, end, words)
    return normal


# "Clot? No  RWMA? Yes  PAH? Mild".
_ASKED_SHORTLY: Final = re.compile(
    rf"(?<=[a-z])\s?\?(?=[ ]{{1,2}}(?:{_SHORT}|(?:mild|moderate|severe)\b|"
    rf"\d{{2,3}}[ ]?(?:%|mm ?hg))[ .]*(?:$|[\n\v;,]|(?:q\d+[.)] "
    rf"?)?[a-z]+\s?\?))"
)
# "Ejection fraction?   54 %", "Pulmonary hypertension?    No".
_ASKED: Final = re.compile(
    rf"(?m)(?<=[a-z])\?(?=[ ]{{2,}}(?:\d|(?:{_SHORT}|(?:mild|moderate|severe)\b)[ .]*(?:$|\v)))"
)


def answers_beside_names(text: str) -> str:
    """Questions as names with their answers behind them, and crosses and lines as boxes; all offsets stay."""
    if len(_ASKED_SHORTLY.findall(text)) > 1:
        text = _ASKED_SHORTLY.sub(lambda one: ":".rjust(len(one.group())), text)
    text = _ASKED.sub(_as_sign, _ANSWERED.sub(_as_name, _QUESTION.sub(_as_name, text)))
    lines = re.split(r"([\n\v])", text)
    return "".join(map(_with_boxes, lines))


# "Is RVSP above 50 mmHg?   No" asks for a side of a limit.
_OF_A_LIMIT: Final = re.compile(r"(?:^|\s)(?:is|are|was|were|does|do|has|have|can)\b|\d(?![.)\d])")


def _as_sign(asked: re.Match[str]) -> str:
    """A colon for the question mark, unless a word answers what no name alone asks."""
    text = asked.string
    lead = re.split(r"[\n\v]", text[max(0, asked.start() - 90) : asked.start()])[-1]
    is_measured = re.match(r"[ ]+\d", text[asked.end() :]) is not None
    return ":" if is_measured or not _OF_A_LIMIT.search(lead) else "?"


def _as_name(found: re.Match[str]) -> str:
    return f"{' ' * len(found.group('lead'))}{found.group('what')}{':'.ljust(len(found.group('sign')))}"


def _with_boxes(line: str) -> str:
    """A line with crosses before some options and lines before the others as one with boxes, and without what
    is struck out where no bars part the options.
    """
    if "/" not in line:
        line = _STRUCK.sub(lambda one: " " * len(one.group()), line)
    if _DOT.search(line) and _CIRCLE.search(line):
        line = _CIRCLE.sub("\u2610", _DOT.sub("\u2611", line))
    if not (_CROSSED.search(line) and _LINED.search(line)):
        return line
    return _LINED.sub("\u2610", _CROSSED.sub("\u2611", line))


def written(normal: NormalText, start: int, end: int, words: str) -> NormalText:
    """The text with other words in place of a stretch, each of which stands for all of that stretch."""
    return replace(
        normal,
        text=normal.text[:start] + words + normal.text[end:],
        starts=(*normal.starts[:start], *[normal.starts[start]] * len(words), *normal.starts[end:]),
        ends=(*normal.ends[:start], *[normal.ends[end - 1]] * len(words), *normal.ends[end:]),
    )
