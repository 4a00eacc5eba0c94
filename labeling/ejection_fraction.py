"""Find the left ventricle's ejection fraction in a normalised report: every mention, then the one that counts.

A mention is a label, an allowed gap, and a number. Mentions of other organs, earlier studies, reference ranges and
stress images are recognised as what they are; the rest are ranked (conclusion over findings over history, rest over
stress, biplane and estimate over single plane and Teichholz). Conventions: `docs/codebook.md`, section EF.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from db.labels import EF_MAX_PERCENT, EF_MIN_PERCENT, EfOperator
from labeling.sections import Statement

_NUMBER = r"[0-9oilsb]{0,2}[0-9][0-9oilsb]{0,2}(?:[.,][0-9]{1,2})?"
_TOL = r"(?:\+/-|±|\+-)\s*\d+(?:\.\d+)?\s*%?"

LABEL = re.compile(
    r"(?<![a-z])(?:"
    r"(?:l\.?v\.?\s?|rv\s?|la\s?)?e\.?\s?f\.?(?![a-z])|"
    r"(?:l\s?v\s?|r\s?v\s?|la)e[fr](?![a-z])|"
    r"[li1]vef(?![a-z])|lv[- ]e[fs]\b|lve[a-z]\b(?=[^.;\n]{0,40}\d\s*%)|l[uy]ef\b|"
    r"ejection\s*-?\s*fraction|ejectionfraction|eject\.?\s+fraction|ejection\s+frac\b\.?|ejection\s+fr\b\.?"
    r")"
)
_VALUE = re.compile(
    r"\s*(?P<op>(?:=\s*)?(?:>|<|~|=)\s*=?\s*)?"
    rf"(?P<low>{_NUMBER})\s*(?P<p1>%|/o|°|per\s+cent)?\s*"
    r"(?:(?:-|to|and|till|upto|up to|_)\s*(?:>|<|~)?\s*"
    rf"(?P<high>{_NUMBER})\s*(?P<p2>%|/o|°|per\s+cent)?)?"
)
_NUMBER_FIRST = re.compile(
    r"(?<![\d.,/])(?P<low>\d{1,2}(?:\.\d{1,2})?)\s*%?\s*(?:(?:-|to)\s*(?P<high>\d{1,2}(?:\.\d{1,2})?)\s*)?%\s*"
    r"(?:\(?(?:estimated|visual|calculated|biplane|resting|global|left ventricular|lv|est|eyeball|normal|of)\)?\s+){0,3}"
    r"(?:lvef|lv ef|ef\b|(?:lv\s+)?ejection\s+fraction)(?!\s*(?:=|:|-|of|is|was)?\s*[<>~]?\s*\d)"
)

# Units that make the number something else than a fraction of the stroke.
_OTHER_UNIT = re.compile(
    r"\s*(?:mm|cm|ml|m/s|msec|ms\b|bpm|beats|years?|yrs?|yo\b|mg|mcg|gm?\b|kg|cc\b|sq|/min|hours?|days?|weeks?|months?"
    r"|st\b|nd\b|rd\b|th\b|:\d|/\d|\.\d{2,}|\s*x\s*\d)"
)
_OTHER_PERCENT = re.compile(
    r"\s*(?:%|percent)?\s*(?:ostial|proximal|mid|distal|focal|diameter|luminal|residual|eccentric|in-stent|discrete)?"
    r"\s*(?:stenosis|stenosed|stenotic|lesion|occlusion|occluded|narrowing|block|disease|percentile|saturation"
    r"|obstruction|plaque|blockage|predicted|of (?:the )?(?:maximum|max|predicted|target|normal))"
)
# Words that end a label's reach: the number behind them measures something else.
_TOPIC_CHANGE = re.compile(
    r"\b(?:stenosis|lesion|artery|arteries|coronary|valve|gradient|mmhg|mm hg|velocity|area|shortening|fs|lvfs|%fs|"
    r"saturation|spo2|sao2|oxygen|heart rate|bpm|thickness|ivsd?|lvidd?|lvids?|lvpwd?|lvedv|lvesv|edv|esv|edd|esd|"
    r"volume|diameter|mitral|aortic|tricuspid|septal|rvsp|pasp|tapse|e/a|e/e'?|age|year|old|lad|rca|lcx|"
    r"percentile|strain|gls|mass|index|rv|right ventricular|perfusion|stroke|cardiac output|date|dated|dose)\b"
)
_FILLER = re.compile(
    r"(?:[\s:=\-.,()\[\]|*_~<>'\"/]|\b(?:of|is|was|at|by|to|be|the|a|an|about|around|approximately|approximate|approx|circa|"
    r"roughly|nearly|near|almost|estimated|estimate|est|calculated|computed|measured|visual|visually|eyeballing|eyeball|"
    r"teich|teichholz|teicholz|teicholtz|biplane|bi-plane|simpsons?|simpson's|method|mod|moderate|a4c|a2c|4c|2c|4ch|2ch|"
    r"bp|mm|m-mode|mmode|2d|3d|auto|cubed?|value|now|currently|current|today|remains|remained|still|being|appears|"
    r"appeared|normal|low|preserved|reduced|mild|severe|depressed|impaired|borderline|good|fair|poor|in|range|between|"
    r"from|only|just|over|above|below|under|more|less|greater|than|at least|least|equal|lv|lvef|ef|left|"
    r"ventricular|global|systolic|function|percent|percentage|%|with|and|it|which|has|been|shows?|showed|rest|resting|at rest|"
    r"found|noted|seen|reported|as|on|this|study|so|about|quantitative|quantified|assessed|judged|stands|calc|s|"
    r"unchanged|improved|decreased|increased|dropped|declined|fell|come|up|down|well|very|grossly|within|limits|"
    r"considered|lies|lie|runs|running|discs|disks|disk|disc|my|our|eye|e|i|ie|vis|post|since)\b)*"
)

_OTHER_ORGAN = re.compile(r"gall ?bladder|hida|cholecyst|biliary|cck|gb ef|gastric|stomach emptying|bladder")
_RIGHT = re.compile(
    r"(?:\brv|\br\.v\.?|right ventricular|right-ventricular|\brvot|\bsystemic rv|left atrial|\bla|\blaa|\bra|right atrial)"
    r"(?:\s+(?:systolic|global|3d|mod|moderate))*[\s-]*$"
)
_EF_SLOPE = re.compile(r"\s*-?\s*slope|\s+point|\s*-?\s*vel")
_PREVIOUS = re.compile(
    r"(?:\bprevious(?:ly)?|\bprior|\bearlier|\bpast|\bold|\blast|\bbaseline|\bformer|\binitial|\bpre-?op(?:erative)?|"
    r"\bpre-?procedure|\bpre-?pci|\bpre-?treatment|\bhistorical|\bbefore)\b"
)
_PREVIOUS_AFTER = re.compile(
    r"^\s*%?\s*\)?,?\s*\(?(?:on |in |at |from |per |as per |by )?(?:the )?"
    r"(?:previous(?:ly)?|prior|earlier|last|old|past|baseline)\b(?![^.;,\n)]{0,25}\d{1,2}(?:\.\d)?\s*(?:%|-|to\b|\)))"
)
_PREVIOUS_VERB = re.compile(r"\b(?:compared|comparison|versus|vs|against|as against|down from|up from|improved from|from)\b")
_CURRENT = re.compile(r"\b(?:current(?:ly)?|now|today|present(?:ly)?|this study|at present|repeat|latest|presently)\b")
_STRESS = re.compile(
    r"\b(?:peak(?: stress| exercise| dose)?|post[- ]?(?:stress|exercise)|stress|immediate post|exercise|low dose|dobutamine|"
    r"during stress|after exercise|at stress)\b"
)
_REST = re.compile(r"\b(?:rest|resting|at rest|baseline)\b")
_REFERENCE = re.compile(
    r"\b(?:reference|ref|normal (?:range|value|values|limits?|is|ef|lvef|ejection)|nl range|normal\s*[:=]|range\s*[:=]|n\s*[:=]|"
    r"target|goal|cut-?off|threshold|defined as|criteria|if (?:the )?(?:lv)?ef|expected|should be|when|until)\b"
)
_ABOUT = re.compile(r"(?:\babout|\baround|\bapproximat\w*|\bapprox\b|\broughly|\bcirca|\bnearly|\balmost|\bnear|~)")
_MORE = re.compile(r"(?:>|\bmore than|\bgreater than|\babove|\bover|\bat least|\bin excess of|\bexceed\w*|\bnot less than)")
_LESS = re.compile(r"(?:<|\bless than|\bbelow|\bunder|\bnot more than|\bupto|\bup to)")


@dataclass(frozen=True)
class EfMention:
    """One number that claims to be an ejection fraction.

    Attributes:
        start, end: label to number, half-open, in the normalised text.
        number_start, number_end: the digits (and % sign) alone.
        percent: value or midpoint; low, high: printed bounds, percent; operator: how it was printed.
        section: where it stands. rank: higher wins. is_previous, is_stress: kept out unless nothing else is there.
        certainty: 0-1, how sure the wording makes us that this is what it seems.
    """

    start: int
    end: int
    number_start: int
    number_end: int
    percent: float
    low: float | None
    high: float | None
    operator: EfOperator
    section: str
    rank: float
    is_previous: bool
    is_stress: bool
    certainty: float


def find_ef_mentions(text: str, statements: Sequence[Statement]) -> list[EfMention]:
    """Every plausible LVEF mention of a normalised report, in order of appearance."""
    mentions: list[EfMention] = []
    for index, statement in enumerate(statements):
        before = statements[index - 1].text if index else ""
        if _OTHER_ORGAN.search(before + " " + statement.text):
            continue
        mentions.extend(_mentions_in(text, statement, statements, index))
    return mentions


def choose_ef(mentions: Sequence[EfMention]) -> EfMention | None:
    """The mention that counts by the codebook, or None. Earlier studies never count; stress only when alone."""
    usable = [mention for mention in mentions if not mention.is_previous]
    if not usable:
        return None
    best = max(usable, key=lambda mention: (mention.rank, -mention.start))
    others = {m.percent for m in usable if abs(m.rank - best.rank) < 0.5 and not m.is_stress}
    if max(others, default=best.percent) - min(others, default=best.percent) > 5:
        return replace(best, certainty=min(best.certainty, 0.6))
    return best


def _mentions_in(
    text: str, statement: Statement, statements: Sequence[Statement], index: int
) -> list[EfMention]:
    found: list[EfMention] = []
    taken: list[tuple[int, int]] = []
    labels = list(LABEL.finditer(text, statement.start, statement.end))
    for position, label in enumerate(labels):
        limit = labels[position + 1].start() if position + 1 < len(labels) else _reach(statements, index, label.end())
        if _is_other_chamber(text, statement.start, label) or _EF_SLOPE.match(text, label.end()):
            continue
        mention = _after_label(text, statement, label.start(), label.end(), limit)
        if mention is not None:
            found.append(mention)
            taken.append((mention.number_start, mention.number_end))
    for match in _NUMBER_FIRST.finditer(text, statement.start, statement.end):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            mention = _before_label(text, statement, match)
            if mention is not None:
                found.append(mention)
    found.extend(_pronoun_mentions(text, statement, found))
    return sorted(found, key=lambda mention: mention.start)


def _reach(statements: Sequence[Statement], index: int, label_end: int) -> int:
    """How far a label may look: to the end of its statement, or into the next when it ends with the label."""
    statement = statements[index]
    tail = statement.text[label_end - statement.start :]
    if index + 1 < len(statements) and not re.sub(r"\([^)]*\)", "", tail).strip(" :=.-|\n_"):
        following = statements[index + 1]
        if re.match(r"\s*[=:>~<-]?\s*\d{1,2}(?:\.\d+)?\s*(?:%|-|to\b)", following.text):
            return following.end
    return statement.end


def _is_other_chamber(text: str, floor: int, label: re.Match[str]) -> bool:
    name = label.group()
    if name.startswith(("rv", "r v", "la", "ra")):
        return True
    before = text[max(floor, label.start() - 45) : label.start()]
    after = text[label.end() : label.end() + 22]
    if name.startswith("l"):
        return False
    return bool(_RIGHT.search(before) or re.match(r"\s*\(?(?:of|for)?\s*(?:the )?(?:rv\b|right ventric)", after))


def _after_label(text: str, statement: Statement, label_start: int, label_end: int, limit: int) -> EfMention | None:
    window_end = min(limit, label_end + 110)
    position = _skip_reference_notes(text, label_end, window_end)
    while position < window_end:
        match = re.compile(r"\d").search(text, position, window_end)
        if match is None:
            return None
        number_at = _number_start(text, match.start(), label_end)
        value = _VALUE.match(text, _operator_start(text, number_at, label_end))
        if value is None:
            return None
        gap = text[label_end : value.start("low")]
        verdict = _gap_verdict(text, gap, value)
        if verdict == "stop":
            return None
        if verdict == "take":
            mention = _build(text, statement, label_start, value, gap)
            if mention is not None:
                return mention
        position = value.end("low")
    return None


def _skip_reference_notes(text: str, start: int, limit: int) -> int:
    """Pass over "(normal 55-70 %)" printed between label and value."""
    note = re.compile(r"\s*[(\[][^)\]\n]{0,40}(?:normal|ref|range|n\s*[:=>]|nl)[^)\]\n]{0,40}[)\]]").match(text, start, limit)
    return note.end() if note else start


def _number_start(text: str, digit_at: int, floor: int) -> int:
    """Move left over letters the OCR made of digits ("l5", "S5"), never into the label or a word."""
    start = digit_at
    while start > floor and text[start - 1] in "oilsb" and digit_at - start < 2:
        start -= 1
    if start > floor and text[start - 1].isalnum():
        return digit_at
    return start


def _operator_start(text: str, number_at: int, floor: int) -> int:
    start = number_at
    while start > floor and text[start - 1] in " =><~":
        start -= 1
    return start


_DATE = re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b|\b(?:19|20)\d\d\b")


def _gap_verdict(text: str, gap: str, value: re.Match[str]) -> str:
    """`take` the number, `pass` over it to the next one, or `stop` looking."""
    after = text[value.end() : value.end() + 34]
    # "0.45" can hardly be anything but a fraction of the stroke.
    has_percent = bool(value.group("p1") or value.group("p2")) or re.match(r"0[.,]\d", value.group("low")) is not None
    words = _DATE.sub(" ", re.sub(r"\([^)]*\)", " ", gap))
    if _TOPIC_CHANGE.search(words) or _REFERENCE.search(words):
        return "stop"
    if _OTHER_PERCENT.match(after):
        return "stop"
    if not has_percent and _is_date_or_id(text, value):
        return "pass"
    if not has_percent and _OTHER_UNIT.match(after):
        return "stop"
    plain = _FILLER.fullmatch(words) is not None
    if has_percent:
        return "take" if plain or len(words.split()) <= 9 else "stop"
    return "take" if plain and len(words.split()) <= 8 else "stop"


def _is_date_or_id(text: str, value: re.Match[str]) -> bool:
    start, end = value.start("low"), value.end("low")
    around = text[max(0, start - 6) : end + 8]
    return bool(re.search(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{3,}[/-]|(?:19|20)\d\d", around))


def _build(text: str, statement: Statement, label_start: int, value: re.Match[str], gap: str) -> EfMention | None:
    improved = _improved_to(text, value, statement.end)
    if improved is not None and improved.start("low") > value.start("low"):
        return _build(text, statement, label_start, improved, "")
    read = _read_value(value)
    if read is None:
        return None
    percent, low, high, is_repaired = read
    before = text[statement.start : label_start]
    after = text[value.end() : statement.end]
    is_previous = _is_previous(before, gap, after, statement.section)
    is_stress = _is_stress(before, gap, after)
    operator = _operator(text, label_start, value, gap, statement.start)
    rank = _rank(text, statement, label_start, value, before, gap, is_stress)
    has_percent = bool(value.group("p1") or value.group("p2"))
    certainty = 0.97 if has_percent or low is not None else 0.85
    if is_repaired:
        certainty = min(certainty, 0.55)
    end = value.end("p2") if value.group("p2") else value.end("high") if value.group("high") else value.end("low")
    if value.group("p1") and not value.group("high"):
        end = value.end("p1")
    return EfMention(
        label_start, end, value.start("low"), end, percent, low, high, operator, statement.section, rank,
        is_previous, is_stress, certainty,
    )  # fmt: skip


def _read_value(value: re.Match[str]) -> tuple[float, float | None, float | None, bool] | None:
    """(percent, low, high, was repaired) of a matched number or range; None where it can't be an EF."""
    first = _to_percent(value.group("low"), bool(value.group("p1")))
    if first is None:
        return None
    low, repaired = first
    if value.group("high"):
        second = _to_percent(value.group("high"), bool(value.group("p2")))
        if second is not None:
            high, repaired_high = second
            if low < high <= 100 and high - low <= 20 and low >= 1:
                middle = (low + high) / 2
                if EF_MIN_PERCENT <= middle <= EF_MAX_PERCENT:
                    return middle, low, high, repaired or repaired_high
                return None
            if high > low:
                return None
    if not EF_MIN_PERCENT <= low <= EF_MAX_PERCENT:
        return None
    return low, None, None, repaired


def _to_percent(digits: str, has_percent: bool) -> tuple[float, bool] | None:
    """Digits as printed -> percent; fractions such as 0.55 become 55; OCR letters and a % read as 9 are repaired."""
    plain = digits.translate(str.maketrans("oilsb", "01158")).replace(",", ".")
    repaired = plain != digits.replace(",", ".")
    try:
        number = float(plain)
    except ValueError:
        return None
    if "." in plain and 0.05 <= number <= 0.9 and not has_percent:
        return round(number * 100, 2), repaired
    if "." not in plain and 100 < number < 1000 and not has_percent and plain[-1] in "096":
        return float(int(number) // 10), True
    return number, repaired


_ARROW = re.compile(
    r"\s*%?\s*(?:->|-->|=>|→|to now|to currently|improved to|increased to|decreased to|reduced to|dropped to)\s*(?=\d)"
)
_CHANGE_FROM = re.compile(
    r"\b(?:improv|increas|decreas|drop|declin|fell|rose|reduc|recover|chang|gone|went|ris|fall|come|came|down|up|deteriorat|worsen)\w*"
    r"\b[^.;]{0,20}\bfrom\b[^.;\d]{0,25}$"
)
_NOW = re.compile(
    r"\s*%?\s*\)?\s*,?\s*(?:and |but |which )?(?:it is |is |has )?(?:now|currently|today|presently|at present)\b[^.;\d\n]{0,24}(?=\d)"
)


def _improved_to(text: str, value: re.Match[str], limit: int) -> re.Match[str] | None:
    """For "improved from 30% to 45%" the second value; the pair is two readings, not a range."""
    before = text[max(0, value.start() - 40) : value.start("low")]
    if _CHANGE_FROM.search(before):
        if value.group("high"):
            return _VALUE.match(text, value.start("high"))
        later = re.compile(r"[^.;\n]{0,60}?\bto\b[^.;\d\n]{0,30}(?=\d)").match(text, value.end(), limit)
        return _VALUE.match(text, later.end()) if later else None
    low_end = value.end("p1") if value.group("p1") else value.end("low")
    arrow = _ARROW.match(text, low_end)
    if arrow:
        return _VALUE.match(text, arrow.end())
    now = _NOW.match(text, value.end(), limit)
    return _VALUE.match(text, now.end()) if now else None


def _is_previous(before: str, gap: str, after: str, section: str) -> bool:
    near = before[-48:]
    near = re.split(r"[,;:(]|\bbut\b|\band\b", near)[-1] if not re.search(r"compared|comparison|vs", near) else near
    if section == "previous" and not _CURRENT.search(near + gap):
        return True
    if _CURRENT.search(near[-24:] + gap):
        return False
    if re.search(r"\b(?:previous|prior|earlier|old|last|baseline|former|initial|past|pre-?op|preoperative)\s*(?:lv|resting|calculated|estimated|echo|2d)?\s*$", near):
        return True
    if re.search(r"\b(?:previously|earlier|before|at that time|in the past)\b", gap):
        return True
    if re.search(r"\b(?:compared (?:to|with)|comparison (?:to|with)|versus|vs\.?|against|down from|up from)\b[^.;]{0,40}$", near):
        return not _CURRENT.search(near)
    if _PREVIOUS_AFTER.match(after) and not re.match(r"^\s*%?\s*,?\s*\(?(?:unchanged|same|similar)", after):
        return True
    return bool(re.match(r"\s*%?\s*,?\s*(?:\(\s*)?(?:in|on|dated?)\s*(?:\w{3,9}[ ,.-]*)?(?:\d{1,2}[/-])?(?:\d{1,2}[/-])?(?:19|20)\d\d\s*\)?\s*,?\s*(?:and |but |which )?(?:now|currently|today|to)\b", after))


def _is_stress(before: str, gap: str, after: str) -> bool:
    near = re.split(r"[;]", before)[-1][-70:]
    stress = [m.end() for m in _STRESS.finditer(near)]
    rest = [m.end() for m in _REST.finditer(near)]
    if re.match(r"\s*%?\s*\(?\s*(?:at )?(?:rest|resting|baseline)\b", after) or _REST.search(gap):
        return False
    if _STRESS.search(gap) or re.match(r"\s*%?\s*\(?\s*(?:at |with |after |post[- ]?|during )(?:peak |maximal )?(?:stress|exercise|dobutamine)", after):
        return True
    return bool(stress) and (not rest or rest[-1] < stress[-1])


def _operator(text: str, label_start: int, value: re.Match[str], gap: str, floor: int) -> EfOperator:
    lead = text[max(floor, label_start - 16) : label_start]
    printed = (value.group("op") or "") + gap
    if re.search(r"[>]", printed) or _MORE.search(printed):
        return EfOperator.ABOVE
    if re.search(r"[<]", printed) or _LESS.search(printed):
        return EfOperator.BELOW
    if _ABOUT.search(printed) or re.search(r"\bapproximat\w*\s*$|\bapprox\.?\s*$", lead):
        return EfOperator.ABOUT
    if re.match(r"\s*\(?\s*(?:approximat\w*|approx\b)", text[value.end() : value.end() + 16]):
        return EfOperator.ABOUT
    return EfOperator.EQUAL


_SECTION_RANK = {"conclusion": 30.0, "findings": 20.0, "body": 20.0, "measurements": 15.0, "history": 10.0, "previous": 0.0}


def _rank(
    text: str, statement: Statement, label_start: int, value: re.Match[str], before: str, gap: str, is_stress: bool
) -> float:
    rank = _SECTION_RANK[statement.section]
    after = re.split(r"[,;](?![^(]*\))", text[value.end() : value.end() + 30])[0]
    context = re.split(r"[,;%]", before)[-1][-40:] + text[label_start : value.end()] + after
    if is_stress:
        rank -= 100
    if re.search(r"\bteich\w*|\bm-?mode\b|\bcube", context):
        rank -= 3
    elif re.search(r"\ba4c\b|\ba2c\b|\b4ch?\b|\b2ch?\b|single[- ]plane", context):
        rank -= 2
    elif re.search(r"\bbi-?plane\b|\bsimpson|\bbp\b|\b3d\b", context):
        rank += 2
    elif re.search(r"\bcalculated\b", context):
        rank -= 1
    if re.search(r"\b(?:previous|prior|earlier|last|outside|old)\b[^.;]{0,60}$", before):
        rank -= 12
    return rank


def _before_label(text: str, statement: Statement, match: re.Match[str]) -> EfMention | None:
    low = float(match.group("low"))
    high = float(match.group("high")) if match.group("high") else None
    if high is not None and not low < high <= low + 20:
        return None
    percent = low if high is None else (low + high) / 2
    if not EF_MIN_PERCENT <= percent <= EF_MAX_PERCENT:
        return None
    before = text[statement.start : match.start()]
    after = text[match.end() : statement.end]
    if _RIGHT.search(re.sub(r"(?:lvef|lv ef|ef|(?:lv )?ejection fraction)$", "", match.group())) or re.match(r"\s*slope", after):
        return None
    lead = before[-28:]
    operator = EfOperator.EQUAL
    if _MORE.search(lead):
        operator = EfOperator.ABOVE
    elif _LESS.search(lead):
        operator = EfOperator.BELOW
    elif _ABOUT.search(lead):
        operator = EfOperator.ABOUT
    is_stress = _is_stress(before, "", after)
    rank = _SECTION_RANK[statement.section] - (100 if is_stress else 0)
    return EfMention(
        match.start(), match.end(), match.start("low"), match.end(), percent,
        low if high is not None else None, high, operator, statement.section, rank,
        _is_previous(before, "", after, statement.section), is_stress, 0.9,
    )  # fmt: skip


_PRONOUN = re.compile(
    r"\bit (?:was|is) (?:again )?(?:visually )?(?:estimated|calculated|measured|found|judged)(?: (?:at|to be|as|about|around))*\s+"
    r"(?P<value>(?=\d))"
)


def _pronoun_mentions(text: str, statement: Statement, found: Sequence[EfMention]) -> list[EfMention]:
    """"The ejection fraction was low normal; it was estimated 50 to 54%": the label is a pronoun."""
    label = LABEL.search(text, statement.start, statement.end)
    if label is None or found:
        return []
    pronoun = _PRONOUN.search(text, label.end(), statement.end)
    if pronoun is None:
        return []
    value = _VALUE.match(text, pronoun.end())
    if value is None or not (value.group("p1") or value.group("p2")):
        return []
    mention = _build(text, statement, label.start(), value, text[pronoun.start() : pronoun.end()])
    return [mention] if mention is not None else []
