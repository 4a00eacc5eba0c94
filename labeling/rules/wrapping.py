"""Which line ends are a sentence running on over its line, and which end what they say."""

from __future__ import annotations

import re

from labeling.rules.layout.wall_lines import has_said_its_wall, wants_its_motion

# The end of a line that its sentence runs over.
SOFT_BREAK = "\v"
_BULLET = re.compile(
    r"\s*(?:[*>\u2022]|-(?!\s*\d)|\(?\d{1,2}[.)](?!\d)|\(?[a-h]\)|[ivx]{1,4}[.)])\s*\S?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\s*[A-Za-z](?:[\w /&(),'-]|\.(?!\s)){0,45}?(?:\s?(?:[:=|]|\.{3,})|\s[;-]\s)")


def join_wrapped_lines(original: str, lowered: str) -> str:
    """Replace newlines inside a wrapped sentence by spaces; lengths stay equal."""
    lines = original.split("\n")
    width = _wrap_width(lines)
    capitals_tell = not _is_written_small(lines)
    out = list(lowered)
    position = 0
    for index, line in enumerate(lines[:-1]):
        position += len(line)
        following = lines[index + 1]
        if following.strip():
            if _is_wrap(lines, index, width, capitals_tell=capitals_tell):
                out[position] = SOFT_BREAK
        elif capitals_tell and index + 2 < len(lines) and _goes_on_after_gap(line, lines[index + 2], width):
            out[position] = SOFT_BREAK
            out[position + len(following) + 1] = SOFT_BREAK
        position += 1
    return "".join("\n" if char == "\f" else char for char in out)


# "A large area of akinesia" has a capital, too.
_CAPITALISED = re.compile(r"\b[A-Z][a-z]|^A (?=[a-z])")


def _is_written_small(lines: list[str]) -> bool:
    """Whether a page was typed without capitals, so that a small letter does not say that a line runs on."""
    begun = [line.strip()[0] for line in lines if line.strip()[:1].isalpha()]
    is_small = sum(map(str.islower, begun)) > 0.5 * len(begun)
    return is_small and sum(len(_CAPITALISED.findall(line)) for line in lines) < 0.1 * len(lines)


# A line that ends in one of these wants the next line, whatever white space the page or the OCR put between.
_WANTS_MORE = frozenset(
    """
    of no the and with without is was to a an estimated approximately about fraction ejection motion
    wall regional segmental pulmonary artery arterial moderate mild severe left right ventricular lv
    systolic any or for by at from in apical basal mid distal proximal anterior inferior lateral
    septal posterior interventricular
    """.split()
)


# Of these only what is no noun wants a field with its value behind it.
_WANTS_A_FIELD = frozenset(
    "of no the and with without is was to a an estimated approximately or for by at in".split()
)


def _goes_on_after_gap(line: str, following: str, width: int) -> bool:
    """Whether a sentence runs on over one empty line, as OCR blocks often break it."""
    ahead, after = line.rstrip(), following.lstrip()
    if not ahead or not after or ahead[-1] in ".;:!?" or "\f" in following or _BULLET.match(following):
        return False
    if len(ahead) < width * 0.6 and not after[0].islower():
        return False
    last_word = ahead.split()[-1].lower().strip(",(")
    if _has_said_no(ahead) or has_said_its_wall(ahead, after):
        return False
    if last_word in _WANTS_MORE:
        return not _GRADED.search(ahead)
    return after[0].islower() and len(after.split()[0]) > 1 and not _LABEL.match(following)


def _wrap_width(lines: list[str]) -> int:
    lengths = sorted(len(line.rstrip()) for line in lines if line.strip())
    return lengths[int(len(lengths) * 0.9)] if lengths else 0


# A label at the end of its line has its value on the next.
_FIELD_LABEL = re.compile(
    r"\b(?:rwma|pah|(?:lv)?ef|rvsp|pasp|spap|wall motion(?: abnormality)?|ejection fraction(?: lv)?|"
    r"pulmonary (?:artery |arterial )?hypertension|"
    r"(?:pa|pulmonary(?: artery)?)(?: systolic)? pressures?|"
    r"(?:anterior|inferior|lateral|septal|posterior)(?: wall)?)(?:\s*[:=-]|\s?\.{3,})$"
)


# Two rows of a table.
_COLUMNS = re.compile(r"^\s*[A-Za-z][\w /%(),?'&.-]{0,72}?\S?(?:\s{3,}|\t)\S")
# "PAH no", "MR mild": a name and its answer are whole, whatever line follows.
_ANSWERED = re.compile(
    r"\W*(?:\w{1,2}[.)]\s*)?(?:RWMA|SWMA|PA?H|PHTN|MR|TR|AR|AS|MS|PR|PS|AI|LVH|RVH|LVDD|(?:LV |"
    r"RV )?dysfunction|"
    r"clots?|effusion|pericardial effusion|thrombus|vegetations?|pulmonary hypertension)"
    r"\s*[:=-]?\s*(?:no|mild|moderate|severe)",
    re.IGNORECASE,
)
# "LA clot: no", "VSD no": the answer of a name, whatever stands below.
_DENIED_LABEL = re.compile(
    r"\w\s*[:=?]+\s*no$|\w\s+-\s+no$|"
    r"\b(?:clots?|thromb(?:us|i)|vsd|asd|pda|effusion|gradient|shunt|sam|mass|vegetations?)\s+no$",
    re.IGNORECASE,
)
# What a "no" at the end of a line opens: "Wall motion: No / segmental abnormality was found".
_OF_THE_NO = re.compile(
    r"(?:(?:obvious|significant|definite|gross|apparent|clear|visible|resting|inducible|new|other|further|"
    r"major|overt|such) )*"
    r"(?:(?:regional|segmental|focal|localised|localized) |(?:wall[- ]motion )?abnormalit(?:y|ies)\b|rwma\b|"
    r"(?:evidence|signs?|features?|suggestion|indication) (?:of|for)\b)",
    re.IGNORECASE,
)
# "PA pressure 60, PAH severe", "TR and PAH: all mild": the line has said its grade, and the next begins anew.
_GRADED = re.compile(
    r"\b(?:RWMA|PA?H|PHTN|MR|TR|AR|AS|MS|pulmonary hypertension|regurgitation|stenosis|all|both)"
    r"\s*[:=-]?\s*(?:all |both )?(?:mild|moderate|severe)$|[:=]\s*(?:mild|moderate|severe)$|"
    r"\s-\s(?:mild|moderate|severe)$|"
    # "TR is mild", "the stenosis was moderate to severe"
    r"(?<!there )(?<!which )\b(?:is|are|was|were|appears?|remains?|looks?)\s+"
    r"(?:(?:mild|moderate|only|now|also) (?:to )?)?(?:mild|moderate|severe)$",
    re.IGNORECASE,
)
# Below this a page has no full lines that could run on, only short ones.
_NARROW = 45


# A line that opens with the name of a field or a chamber and what is said of it is a line of its own, however
# full the one above is.
_FIELD_LINE = re.compile(
    r"(?:LV ?EF|EF|RWMA|PAH|PASP|RVSP|TAPSE|FS)\b\s*(?:[:=\[\u2610-\u2612\u25a1-]|[<>~]?\s*\d)|"
    r"(?:RV|LV|LA|RA) (?:contracts?|moves?|is|was|dilated|of normal)\b|"
    r"(?:RWMA|PAH|PH) (?:is )?(?:mild|moderate|severe|present|absent|nil|none)\b|"
    # "RV normal", "LA 4.3 cm".
    r"(?:RV|RA|LA|LV|IVS|IAS|IVC|MV|AV|TV|PV)\b (?:is |size |are )?(?:normal|intact|dilated|enlarged|\d|"
    r"(?:mild|moderate|severe)(?:ly)? (?:dilated|enlarged))"
)


# "PDA: no" over "Mild PAH", "ASD no" over "VSD no": a name and its answer. "LV: no" over "RWMA" goes on,
# and so does a heading.
_SAID_NO = re.compile(
    r"(?:^|[.;,]\s)[^\w\n]*(?:\d{1,2}[.)]\s*)?"
    r"(?!(?:impression|conclusion|findings?|summary|results?|comments?|report|echo|imp|opinion|remarks?|"
    r"lv|rv|"
    r"left ventric\w+|right ventric\w+|valves?|heart|walls?)\s*(?:[:=]|\s-))"
    r"(?:[a-z][\w ]{1,40}?\s*(?:[:=]|\s-)\s*(?:no|without)|(?:[a-z]{2,12} ){1,2}no)$",
    re.IGNORECASE,
)
_IS_SAID = re.compile(
    r"\b(?:is|are|was|were|has|have|shows?|showed|with|there|and|but|of|in)\b", re.IGNORECASE
)


def _are_apart(ahead: str, after: str) -> bool:
    if "\f" in ahead[-1:] + after[:1] or _are_rows(ahead, after) or has_said_its_wall(ahead, after):
        return True
    return after[:1].isupper() and _has_said_no(ahead)


def _has_said_no(ahead: str) -> bool:
    """Whether a line ends with a "no" that answers its own name."""
    said = _SAID_NO.search(ahead)
    return said is not None and not _IS_SAID.search(said.group())


# "17.2   LV end-diastolic volume   104": items numbered through the chapters of a form, one answer each.
_ITEM = re.compile(r"\d{1,2}\.\d{1,2}[a-z]?\.?\s+[A-Za-z](?:[ ]?\S)*(?:\s{2,}\S(?:[ ]?\S)*)?")
# "15 Pulmonary hypertension   present" over "16 Valves   normal".
_NUMBERED = re.compile(r"\s*(?P<number>\d{1,2})[ ]+[A-Z]")


def _are_rows(ahead: str, after: str) -> bool:
    if ahead.lstrip().startswith("|") and after.startswith("|") and ahead.endswith("|"):
        return True
    if _ITEM.fullmatch(after.rstrip()) and _ITEM.fullmatch(ahead.strip()):
        return True
    first, second = _NUMBERED.match(ahead), _NUMBERED.match(after)
    if first and second and int(second.group("number")) == int(first.group("number")) + 1:
        return True
    return bool(_COLUMNS.search(ahead) and _COLUMNS.search(after))


# What a line ends with that wants a number: a name, or a word that no sentence ends with.
_PRESSURE_WANTED = re.compile(
    r"\b(?:rvsp|pasp|spap|pap|pressures?(?: (?:of|in) the [a-z ]{4,20})?(?: by (?:the )?tr(?: jet)?)?)"
    r"(?: ?[(\[][a-z ]{2,20}[)\]])?\)?[ .:=,-]*(?:(?:is |was )?normal *[:=])?$",
    re.IGNORECASE,
)
_FRACTION_WANTED = re.compile(
    r"\b(?:lvef|ef|fraction)(?: (?:of the )?(?:lv|left ventricle))?(?: ?[(\[][a-z ]{2,20}[)\]])?[ .:=,-]*$",
    re.IGNORECASE,
)
_NUMBER_WANTED = re.compile(
    r"\b(?:than|above|below|over|under|about|around|approximately|roughly|nearly|almost|only|between|least|"
    r"most|be|being|as|is|was|of|at|to|visually|estimated|calculated|measured)$",
    re.IGNORECASE,
)
_IN_MMHG = re.compile(
    r"(?:- ?)?[<>~]?\s*\d{2,3}(?:\.\d)?(?:\s*(?:-|to|and)\s*\d{2,3})?\s*mm\s?hg\b", re.IGNORECASE
)
_IN_PERCENT = re.compile(
    r"(?:- ?)?[<>~]?\s*\d{2}(?:\.\d)?\s*%?(?:\s*(?:-|to|and)\s*\d{2})?\s*(?:%|per ?cent)", re.IGNORECASE
)
# Names and phrases that a line end cuts through: "Ejection / Fraction..... 62%", "by biplane / Simpson, 45%".
_ONE_NAME = re.compile(
    r"\bejection\v(?:fraction|fr)\b|\bfraction\vlv\b|\bbiplane\vsimpson|\bsimpson'?s\vmethod|"
    r"\bwall\vmotion\b|\b(?:regional|segmental)\vwall\b|\bsystolic\vpressure\b|"
    r"\bpulmonary\v(?:arter|hypertension|pressure)|\b(?:artery|arterial)\v(?:systolic|hypertension|pressure)",
    re.IGNORECASE,
)
# A grade whose noun is on the next line: "PA: Mild / PAH.", "with mild / PAH (PASP = 41 mmHg)".
_NOUN_WANTED = re.compile(
    r"\b(?:mild|mod|moderate|sev|severe|residual|resting|secondary|associated)$", re.IGNORECASE
)
# "RVSP 55 mmHg - moderate / PAH": the grade is no other noun's.
_GRADE_ALONE = re.compile(r"(?:^|[,;-]\s*|\b(?:with|and) )(?:mild|moderate|severe)$", re.IGNORECASE)
_BARE_NOUN = re.compile(
    r"(?:PAH|PH|RWMA|pulmonary hypertension)\s*(?:[.,;]|-\s*\d|\((?!.*\)\s*[:=]))", re.IGNORECASE
)
# "TR is mild", "MR mild": the grade has its noun.
_HAS_NOUN = re.compile(
    r"\b(?:is|are|was|were|appears?|remains?|MR|TR|AR|AS|MS|PR|LVH|RVH|PAH|regurgitation|stenosis|"
    r"dysfunction|hypertrophy|effusion)\s*[:=-]?\s*(?:(?:mild|moderate) (?:to )?)?\w+$",
    re.IGNORECASE,
)
# "Pulmonary hypertension" / "Absent" / the next name, or "LVEF" / "| 67 % | 55 - 70".
_ANSWER_NEXT = re.compile(
    r"(?:absent|none|nil|present|normal|mild|moderate|severe)\b[ .]*(?:$|\()|no[ .]*$|"
    r"(?:yes|present)\s*[,-]\s*(?:in )?(?:the )?(?:mid|basal|apical|anterior|inferior|lateral|septal|"
    r"posterior|apex|"
    r"septum|IVS)\b|"
    r"\|\s*(?:\d|none|nil|no|absent|present|normal|mild|moderate|severe)",
    re.IGNORECASE,
)
_ANSWERED_NAME = re.compile(
    r"(?:^|[:;,]\s)\W*(?:r\.?w\.?m\.?a\.?|pah|ph|(?:regional )?wall motion(?: abnormalit(?:y|ies))?|"
    r"(?:pa|pulmonary(?: artery)?) pressures?|"
    r"pulmonary (?:artery |arterial )?hypertension|l?v?ef|rvsp|pasp|spap)[ .:=-]*$",
    re.IGNORECASE,
)
_OPEN_BRACKET = re.compile(r"\((?=\S)[^()]*$")
_LIST_NUMBER = re.compile(r"\s*\d{1,2}[.)]\s")


def _is_torn(lines: list[str], index: int) -> bool:
    """Whether a line ends within a name, within a bracket, or between a name and what it wants."""
    ahead, after = lines[index].rstrip(), lines[index + 1].lstrip()
    is_range = re.search(r"\d\s*-$", ahead) and after[0].isdigit()
    if is_range or _ONE_NAME.search(f"{ahead.split()[-1]}\v{after[:24]}"):
        return True
    if _OPEN_BRACKET.search(ahead):
        return 0 <= after.find(")") < 60 and "(" not in after[: after.find(")")]
    if _wants_its_noun(lines, index, ahead, after):
        return True
    return not _is_stacked(lines, index) and _wants_what_follows(ahead, after)


def _wants_its_noun(lines: list[str], index: int, ahead: str, after: str) -> bool:
    """Whether a line ends with a grade or a motion, and the next begins with what it is of."""
    if wants_its_motion(ahead, after):
        return True
    if not _NOUN_WANTED.search(ahead) or _HAS_NOUN.search(ahead):
        return False
    is_last = after in ("PAH", "RWMA") and not _is_stacked(lines, index)
    return bool(_BARE_NOUN.match(after) or (is_last and _GRADE_ALONE.search(ahead)))


# "No clot, RWMA" over "+"; "Fair LV function, EF" over "45. Inferior RWMA."
_IS_SIGN = re.compile(r"[(]?[+-]{1,3}[)]?\s*")
_BARE_FRACTION = re.compile(r"[1-8]\d(?:\.\d)?(?=\s*(?:$|[.,;]\s|[.,;]$|no\b))", re.IGNORECASE)


def _wants_what_follows(ahead: str, after: str) -> bool:
    """Whether a line ends with a name or a word, and the next begins with the number or answer it wants."""
    if _IN_MMHG.match(after):
        return bool(_PRESSURE_WANTED.search(ahead) or _NUMBER_WANTED.search(ahead))
    if _IN_PERCENT.match(after):
        return bool(_FRACTION_WANTED.search(ahead) or _NUMBER_WANTED.search(ahead))
    if _IS_SIGN.fullmatch(after) and _ANSWERED_NAME.search(ahead):
        return True
    if _BARE_FRACTION.match(after) and len(ahead.split()) > 1:
        return _FRACTION_WANTED.search(ahead) is not None
    return bool(_ANSWER_NEXT.match(after) and _ANSWERED_NAME.search(ahead))


def _is_stacked(lines: list[str], index: int) -> bool:
    """Whether names stand below each other, and below them their values: whose one is, their order tells."""
    below = lines[index + 2].lstrip() if index + 2 < len(lines) else ""
    is_value = (below[:1].isdigit() and not _LIST_NUMBER.match(below)) or _ANSWER_NEXT.match(below)
    above = lines[index - 1].strip() if index else ""
    return bool(is_value or _ANSWERED_NAME.search(above))


def _is_wrap(lines: list[str], index: int, width: int, *, capitals_tell: bool) -> bool:
    """Whether the line behind `index` goes on with its sentence (as against starting a new one)."""
    following = lines[index + 1]
    ahead = lines[index].rstrip()
    after = following.lstrip()
    if not ahead or not after or _are_apart(ahead, after):
        return False
    if _FIELD_LABEL.search(ahead.lower()):
        return not _LABEL.match(following)
    if _is_torn(lines, index):
        return True
    is_lower = capitals_tell and after[0].islower() and not _begins_anew(ahead, after, width)
    if _is_whole(ahead, following):
        return False
    if ahead[-1] == "." or _LABEL.match(following):
        return is_lower
    return is_lower or _sentence_is_open(ahead, after, width)


# How a finding begins in a list whose lines have no capitals.
_ANEW = re.compile(
    r"(?:no|nil|mild|moderate|severe|trivial|trace|normal|mr|tr|ar|pah|ph|rwma|l?v?ef|rvsp|pasp)\b"
)


_BARE_FIELD = re.compile(
    r"\W*(?:r\.?w\.?m\.?a\.?|pah|ph|l?v?ef|rvsp|pasp|wall motion|pulmonary hypertension|[a-z]r|thrombus|"
    r"clot)\W*",
    re.IGNORECASE,
)


# No finding begins with one of these, and no line that is whole ends with one of those.
_RUNS_ON = re.compile(
    r"(?:of|or|in|at|on|by|to|is|was|are|were|has|have|had|being|which|than|as|estimated|involv\w+)\b"
)
_IS_OPEN = re.compile(
    r"\b(?:has|have|had|be|been|being|are|were|than|as|all|within|which|"
    r"(?:mild|moderate|severe|slight|marked)ly|^normal)$",
    re.IGNORECASE,
)
# "No thrombus," or "No pericardial" over the rest of what is denied.
_WANTS_NOUN = re.compile(
    r"^\W*(?:no|without)\b.*(?:,|\b(?:pericardial|mitral|aortic|tricuspid|valvular|intracardiac|significant|"
    r"obvious|definite|evidence|signs?|features))$",
    re.IGNORECASE,
)


def _begins_anew(ahead: str, after: str, width: int) -> bool:
    """Whether a line without a capital is a finding of its own, below one that ended well before its edge."""
    is_open = _RUNS_ON.match(after) or _IS_OPEN.search(ahead) or _WANTS_NOUN.search(ahead)
    if _BARE_FIELD.fullmatch(ahead) or is_open:
        return False
    if (
        _ANEW.match(ahead.lstrip().lower())
        and len(ahead.split()) <= 3
        and _last_word(ahead) not in _WANTS_MORE
    ):
        return len(ahead) < width * 0.7
    is_short = len(ahead) + 1 + len(after.split()[0]) < width * 0.7
    return bool(
        is_short and _ANEW.match(after) and _last_word(ahead) not in _WANTS_MORE and ahead[-1].isalnum()
    )


def _last_word(line: str) -> str:
    """The last word of a line, without what stands around it."""
    return re.sub(r"\W", "", line.split()[-1].lower())


def _is_whole(ahead: str, following: str) -> bool:
    """Whether a line has said what it says, however the next one begins."""
    is_answered = _ANSWERED.fullmatch(ahead) and _LABEL.match(following)
    runs_on = _BARE_FIELD.fullmatch(following) or _OF_THE_NO.match(following.lstrip())
    is_denied = _DENIED_LABEL.search(ahead) and not runs_on
    return bool(is_answered or is_denied or ahead[-1] in ";:!?" or _BULLET.match(following))


# Only a sentence begins with one of these and a capital.
_NEW_SENTENCE = re.compile(r"(?:The|There|No|It|All|This) [a-z]")


def _sentence_is_open(ahead: str, after: str, width: int) -> bool:
    """Whether a line without a full stop, before one that starts with a capital or a digit, was only full."""
    if _ANSWERED.fullmatch(ahead) or _GRADED.search(ahead):
        return False
    if _NEW_SENTENCE.match(after) and _last_word(ahead) not in _WANTS_MORE:
        return False
    if _FIELD_LINE.match(after) and ahead.split()[-1].lower() not in _WANTS_A_FIELD:
        return False
    if after[0] in "(%,:=" or ahead.split()[-1].lower() in _WANTS_MORE:
        return True
    if re.search(r"(?:[)%]|mm ?hg)$", ahead.lower()):
        return False
    first_word = after.split()[0]
    return (width >= _NARROW or after[0] == "|") and len(ahead) + 1 + len(first_word) >= width * 0.88
