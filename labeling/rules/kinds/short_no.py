"""The shortest word that turns a finding round: "N0 RWMA", "No.PAH", "N O RWMA", and what may be it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from labeling.rules.kinds.passages import LineKind, Passage

_TERM: Final = (
    r"(?:(?:obvious|definite|significant|evidence of|e/o|gross|regional|segmental|resting|lv)\s+)*"
    r"(?:r\.?\s?w\.?\s?m\.?\s?a\b|swma\b|wma\b|lvwma\b|regional\b|segmental\b|wall[- ]*motion|asynergy|"
    r"(?:hypo|a|dys)kinesia\b|p\.?\s?a\.?\s?h\b|p\.?\s?h\.?\s?t\b|phtn\b|pulmonary\b|pa\s+hypertension\b)"
)
_TERM_NAME: Final = (
    r"(?:rwma|swma|(?:regional |segmental )?wall[- ]motion(?: abnormality)?|pah|phtn|"
    r"pulmonary (?:arterial |artery )?hypertension)"
)
_LABEL: Final = (
    r"\b(?:rwma|swma|wma|(?:regional |segmental )?wall[- ]motion(?: abnormality)?|pah|phtn|pht|"
    r"pulmonary (?:arterial |artery )?hypertension)\s*[:=-]+\s*"
)
# Answers and what goes with them: one of these before a stroke is an option, no translation.
_ENGLISH: Final = tuple(
    """
    none nil not absent present yes normal abnormal mild moderate severe trivial trace borderline positive
    negative possible probable significant global regional hypokinesia akinesia dyskinesia good fair poor
    detected seen reduced preserved high low raised resting
    """.split()
)
_SURE: Final = (
    # "N0", "N O", "n.o."; a zero for the o, a gap or dots between the letters.
    re.compile(r"(?<![\w.])n(?:[0°º]|\s[o0]|\.\s?[o0])(?!\w)\.?(?!\d)"),
    # "No.", "No:", "No-", "No," before what it denies: no number follows, so it is not "number".
    re.compile(rf"(?<![\w])no\s?[.:;,'`*_-]+(?=[^\S\n]*{_TERM})"),
    re.compile(rf"(?<![\w])(?:no|n[0°º])(?={_TERM})"),
    re.compile(r"(?<![\w])(?:n[i1l|!]\s?[l1i|!]|ni[1|!t])(?![\w])"),
    # "Without: RWMA / thrombus / shunt", at the head of its line.
    re.compile(
        r"(?m)(?:(?<=^)|(?<=\v))(?:without|absent|not seen|negative(?: for)?|excluded)\s?:"
        rf"(?=[^:\n\v]{{0,60}}{_TERM})"
    ),
    # Without, in ward shorthand.
    re.compile(r"(?<![\w/])w/o(?![\w])"),
    re.compile(
        r"\b(?:is|are|was|were|do|does|did|has|have|had)\s?n\s?'\s?t\b|"
        r"(?<![\w.])n[0\u00b0]t(?!\w)"
    ),
    # Capitals set apart, and an H taken apart.
    re.compile(r"(?<!\w)(?:p\sa\sh|pa[i1l|]\s?-\s?[i1l|])(?!\w)"),
    re.compile(r"(?<!\w)r\sw\sm\sa(?!\w)"),
    re.compile(r"(?<!\w)p\.?\sh\.?\st\b\.?"),
    # "N-O  R-W-M-A", "-no-", "ab sent".
    re.compile(r"(?<![\w-])n-o(?![\w-])|(?<![\w-])-\s?no\s?-(?![\w-])"),
    re.compile(r"(?<![\w-])r-w-m-a(?![\w-])"),
    re.compile(r"(?<![\w-])p-a-h(?![\w-])"),
    re.compile(r"(?<!\w)ab\s?sent(?!\w)"),
)
_REPLACED: Final = (
    *("no", "no", "no", "nil", "no", "no", "not", "pah", "rwma", "pht"),
    *("no", "rwma", "pah", "absent"),
)

_WORDS: Final = frozenset(
    """
    no nil not nor non lv rv la ra ias ivs of and or the has had mr tr ar as ms ps pr ai pi in is are was a an
    to for any see new old mid lad rca lcx lcb om ant inf lat post sep bas due cad ihd dcm hcm cm ef fs chf
    mi ami wth with wit but if few two one all its at by on ra be o h s w c re st dd i ii iii iv v vs x sp mod
    sev mil pos neg ve big yes y q echo tte tee 2d our we she he it his her per via pap pa ap pt pts so t
    end low mm m cc tap s/o c/o h/o k/c d/t r/o w/o e/o cor pul art sys dys hyp rt lt max min gr on max
    now own yet may can did who how lvh low day off out use rwm its his her our cut
    ml cm cms kg ms hr hz
    wm hg reg mmhg nb ms
    set sub mvp pda asd vsd acs nsr svt cor del abn wma cp ct mri dm htn ckd ccf lbb af pe gls avr mvr s1 s2 n
    """.split()
)
_TOKEN_BEFORE: Final = re.compile(
    # but no name in a list: "No TR, PAH, RWMA."
    r"(?:^|(?<=[\s.;:,(|/]))(?!(?:pah|pht|rwma|swma),)(?P<token>[\w°*@&#$|!\[\](){}\\]{1,4})"
    rf"(?P<gap>[.:;,]?[^\S\n]+)(?={_TERM})"
)
_TOKEN_BEHIND: Final = re.compile(
    rf"{_LABEL}(?P<token>[\w°*@&#$!|\[\]()/]{{1,3}})(?=\s*(?:$|[.;,\n\v|]))", re.MULTILINE
)
_ANSWERS: Final = frozenset("no nil n y yes ve tiv nad wnl ok mod + - -ve +ve na n/a neg pos".split())


# "EF  L 36  {52-72}": low and high, and the range in braces.
_FLAG: Final = re.compile(r"(?<=[a-z)%])(?P<gap>[ ]{1,6})[hl](?=[ ]{1,3}-?\d{1,3}(?:\.\d)?[ ]{1,6}[\[({<])")
_BRACED: Final = re.compile(r"\{(?P<range>[ <>=]*\d[\d. ]*(?:(?:-|to)[ ]*-?[\d. ]+)?)\}")
# "35%-to-40%", "45-to-50".
_TO: Final = re.compile(r"(?<=[\d%])[ ]?-[ ]?to[ ]?-[ ]?(?=\d)")


# The name of the pressure alone on its line, and its number alone on the next; of several numbers below each
# other none is the nearest name's.
_ALONE: Final = re.compile(
    r"(?m)(?P<name>^[ ]*(?:e?rvsp|e?pasp|spap|(?:pa|rv|pulmonary artery) systolic pressure)"
    r"(?: (?:by|from|on) (?:the )?(?:tr|doppler|cw)(?: jet| doppler)?)?[ ]*:?[ ]*)[\n\v]"
    r"(?=[ ]*(?:(?:is|about|of|approximately|around)[ ]){0,2}\d{2,3}[ ]*(?:mm ?hg)?[ .]*$"
    r"(?![\n\v][ ]*\d{2,3}[ ]*(?:mm ?hg|%)?[ ]*$))"
)


# "EF, mean of 7 beats: 47 %": how often it was measured.
_MEAN_OF: Final = re.compile(
    r",?\s?\(?(?:mean|averaged?|median) (?:of|over) (?:\d{1,2}|two|three|four|five) "
    r"(?:beats|cycles|measure\w+|readings|views|planes)\)?(?=\s*[:=]?\s*\d)"
)
# "RWMA: tiada / none": the same answer in another language first, which is a word that nothing here knows.
_TWO_TONGUES: Final = re.compile(
    rf"(?P<label>{_LABEL})(?P<word>(?!(?:{'|'.join(_ENGLISH)})\b)[^\W\d_]{{3,14}}\s?/)"
    r"(?=\s?(?:none|nil|no|absent|normal|mild|moderate|severe|present)\s*(?:$|[\n\v.;,]))",
    re.MULTILINE,
)
# "Pulmonary hypertension / irtifa' daght al-ri'a: no": the name in another language behind it.
_TWO_NAMES: Final = re.compile(
    rf"(?P<name>\b{_TERM_NAME})"
    rf"(?P<other>\s*/(?:(?!\b(?:{'|'.join(_ENGLISH)}|{_TERM_NAME}|pht?)\b)[^:|\n\v\d/]){{3,40}})"
    # but not of several names with as many answers
    r"(?=\s*[:|](?![^\n\v/]{1,20}/\s*(?:nil|no|none|absent|present|yes|mild|moderate|severe|\d)\b))"
)


def printed_plainly(text: str) -> str:
    """Flags of a laboratory left out, braces as brackets, "-to-" as "to", a number behind its name, an answer
    in one language; all offsets stay.
    """
    text = _MEAN_OF.sub(lambda found: " " * len(found.group()), text)
    text = _TWO_NAMES.sub(lambda found: found.group("name") + " " * len(found.group("other")), text)
    text = _TWO_TONGUES.sub(lambda found: found.group("label") + " " * len(found.group("word")), text)
    text = _ALONE.sub(lambda found: f"{found.group('name')} ", text)
    text = _FLAG.sub(lambda found: " " * len(found.group()), text)
    text = _BRACED.sub(lambda found: f"({found.group('range')})", text)
    return _TO.sub(lambda found: "to".center(len(found.group())), text)


def mend_short_no(text: str) -> str:
    """Write every sure "no" and "nil" plainly; all offsets stay."""
    for pattern, word in zip(_SURE, _REPLACED, strict=True):
        text = pattern.sub(_in_place_of(word), text)
    return text


# "AR no. Hypokinesia ...": the label before it has its answer; a heading has none.
_LABEL_AHEAD: Final = re.compile(r"(?P<label>[a-z]+)[)\]]?\s*[:=(-]?\s*$")
_HEADINGS: Final = frozenset(
    "conc concl imp diag dx rep findings finding impression conclusion summary echo result results final "
    "diagnosis comment comments and or but is "
    "are was were with there has have shows shows".split()
)


def _is_answer(text: str, at: int) -> bool:
    """Whether a "no" answers the label before it on its line, and denies nothing behind it."""
    lead = re.split(r"[\n\v,;|]|\.\s", text[max(0, at - 60) : at])[-1]
    label = _LABEL_AHEAD.search(lead)
    return label is not None and label.group("label") not in _HEADINGS


def _in_place_of(word: str) -> Callable[[re.Match[str]], str]:
    """Writes a word over a match and fills the rest with spaces."""
    return lambda found: (
        found.group()
        if found.group()[-1:] in ".:;," and _is_answer(found.string, found.start())
        else word.ljust(len(found.group()))
    )


def doubtful_tokens(text: str) -> list[Passage]:
    """Findings behind or before a token of one to three letters that is no word: it may have been a "no"."""
    found = []
    for match in _TOKEN_BEFORE.finditer(text):
        opens = (
            not text[: match.start("token")].rstrip(" ")
            or text[: match.start("token")].rstrip(" ")[-1] in ".;:,(|/\n"
        )
        opens = opens and (len(match.group("token")) < 4 or not match.group("token").isalnum())
        is_short = len(match.group("token")) < 3 and not match.group("gap").strip()
        if (opens or is_short) and _is_no_word(match.group("token")):
            end = _end_of_clause(text, match.end())
            found.append(Passage(match.start("token"), end, LineKind.UNDECIDED))
    for match in _TOKEN_BEHIND.finditer(text):
        token = match.group("token")
        if token not in _ANSWERS and not token.isdigit() and token[0] not in "+-(":
            found.append(Passage(match.start(), match.end(), LineKind.UNDECIDED))
    return found


def _is_no_word(token: str) -> bool:
    bare = token.strip("()[]*|")
    if not any(letter.isalpha() for letter in token) or bare.isdigit():
        return (token[:1] in "°@#$!") or token in ("00", "0")
    # "Q3" and "C6b" are numbers of rows.
    return bare not in _WORDS and not re.fullmatch(
        r"[a-z]\)?|\d+[a-z]{0,2}|[a-gq][1-9]\d?[a-z]?|c?m[23]", bare
    )


def _end_of_clause(text: str, start: int) -> int:
    stop = re.compile(r"[.;,\n\v]|\bbut\b|\bwith\b").search(text, start)
    return stop.start() if stop else len(text)
