"""Reports that take back what they said: struck out, "was ... now ...", "35 %, not 53 %", draft and final."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.ef_patterns import LABEL
from labeling.rules.kinds.cells import lines_of
from labeling.rules.kinds.passages import FIELD_WORDS, LineKind, Passage, fields_named
from labeling.rules.pressures.rvsp_patterns import RVSP_LABEL

# "was: ...", and in the next line "now: ...".
_WAS: Final = re.compile(
    r"[ *>-]*(?:was|were|originally|original|previously|old(?: text)?|before|reported|printed|for|instead of|"
    r"delete|wrong|error|from|read)\s*:"
)
_NOW: Final = re.compile(
    r"[ *>-]*(?P<name>(?:now|is|corrected(?: to)?|correct|should (?:be|read)|new(?: text)?|after|"
    r"amended(?: to)?|"
    r"read|replace(?: with)?|insert|to)\s*:)"
)
# Who wrote a line first, and who has the last word.
_DRAFT: Final = re.compile(
    r"[ *>-]*(?:preliminary|prelim|provisional|draft|wet read|resident|trainee|fellow|initial (?:read\w*|"
    r"report)|"
    r"first read\w*|automated|auto|ai|computer|software|machine)\b[^:\n\v]{0,30}:"
)
_FINAL: Final = re.compile(
    r"[ *>-]*(?:final|attending|consultant|confirmed|verified|amended|corrected|over-?read|second read\w*|"
    r"revised|signed|sonographer|expert)\b[^:\n\v]{0,30}:"
)
_TAKES_BACK: Final = re.compile(
    r"\b(?:errat\w+|addend\w+|corrigend\w+|correction|corrected|amended|amendment|typo\w*|typing error|"
    r"interchanged|"
    r"transposed|misprint\w*|mis-?typed|should (?:have )?(?:read|been))\b"
)
_CITES: Final = re.compile(
    r"\b(?:previous|prior|earlier|last|old|outside) (?:echo\w*|study|report|scan|tte|(?:lv)?ef|values?|"
    r"findings?)\b|"
    r"\brequest form\b"
)
_N: Final = r"\d{1,3}(?:\.\d+)?"
_UNIT: Final = r"\s*(?:%|mm\s?hg|mmhg)?"
# "35 %, not 53 %".
_NOT: Final = re.compile(
    rf"[^\d.;\n]{{0,30}}(?P<right>{_N}){_UNIT}\s*,?\s*\(?(?:and |but )?(?P<back>(?:not|instead of|"
    rf"rather than)"
    rf"\s+(?P<wrong>{_N}){_UNIT})"
)
_VALUE: Final = re.compile(rf"[^\d.;\n]{{0,30}}?(?P<value>{_N})(?!\d)")
_ANSWER: Final = re.compile(r"\b(?:no|nil|none|absent|normal|mild|moderate|severe|present|\w+kinesia)\b")
# A correction opens its line.
_LEAD: Final = 30
_LABELS: Final = {"ef_percent": LABEL, "rvsp_mmhg": RVSP_LABEL}


def correction_passages(text: str) -> list[Passage]:
    """What a report said first and took back; a person looks at every field it names."""
    return [*_was_and_now(text), *_drafts(text), *_denied_numbers(text), *_taken_back(text)]


def _was_and_now(text: str) -> list[Passage]:
    found = []
    lines = [line for line in lines_of(text) if text[slice(*line)].strip()]
    for above, below in zip(lines, lines[1:], strict=False):
        now = _NOW.match(text, *below)
        if _WAS.match(text, *above) and now and fields_named(text[slice(*above)]):
            found.append(Passage(*above, LineKind.HISTORY, casts_doubt=True))
            found.append(Passage(*now.span("name"), LineKind.BARE_LABEL, leaves_doubt=False))
    return found


def _drafts(text: str) -> list[Passage]:
    """The lines of a draft whose fields a final line answers, too."""
    lines = lines_of(text)
    final = {
        field for line in lines if _FINAL.match(text, *line) for field in fields_named(text[slice(*line)])
    }
    return [
        Passage(*line, LineKind.HISTORY, casts_doubt=True)
        for line in lines
        if final and _DRAFT.match(text, *line) and fields_named(text[slice(*line)]) <= final
    ]


# "The EF is not 55 % as dictated but 40 %".
_NOT_BUT: Final = re.compile(
    rf"\s*(?:is|was|of|=)?\s*(?P<back>not\s+(?P<wrong>{_N}){_UNIT}[^.;\n\d]{{0,40}}\bbut\b)(?=\s*(?:is |"
    rf"about )?\d)"
)


def _denied_numbers(text: str) -> list[Passage]:
    """ "LVEF is 35 %, not 53 %": the second number here, and where it was printed before."""
    found = []
    for words in _LABELS.values():
        for label in words.finditer(text):
            one = _NOT_BUT.match(text, label.end()) or _NOT.match(text, label.end())
            if one is None:
                continue
            found.append(Passage(*one.span("back"), LineKind.HISTORY, casts_doubt=True))
            found += _printed(text, words, one.group("wrong"), (label.start(), one.end()))
    return found


def _printed(text: str, words: re.Pattern[str], number: str | None, but: tuple[int, int]) -> list[Passage]:
    """Every other place where a field has a number (any, where none is named)."""
    found = []
    for label in words.finditer(text):
        value = _VALUE.match(text, label.end())
        is_elsewhere = label.start() < but[0] or label.start() >= but[1]
        if value and is_elsewhere and number in (None, value.group("value")):
            found.append(Passage(label.start(), value.end(), LineKind.HISTORY, casts_doubt=True))
    return found


def _taken_back(text: str) -> list[Passage]:
    """What stands elsewhere of the fields that a correction gives anew."""
    found = []
    for start, end in lines_of(text):
        head = _TAKES_BACK.search(text, start, min(end, start + _LEAD))
        if head is None or _CITES.search(text, start, end):
            continue
        for field in fields_named(text[head.end() : end]):
            if field in _LABELS and _has_value(text, _LABELS[field], head.end(), end):
                found += _printed(text, _LABELS[field], None, (start, end))
            elif field not in _LABELS and _ANSWER.search(text, head.end(), end):
                found += _said_elsewhere(text, FIELD_WORDS[field], (start, end))
    return found


def _has_value(text: str, words: re.Pattern[str], start: int, end: int) -> bool:
    return any(_VALUE.match(text, label.end(), end) for label in words.finditer(text, start, end))


def _said_elsewhere(text: str, words: re.Pattern[str], but: tuple[int, int]) -> list[Passage]:
    """The clauses outside a line that speak of a field in words."""
    clauses = re.finditer(r"[^,;.\n\v]+", text)
    return [
        Passage(*one.span(), LineKind.HISTORY, casts_doubt=True)
        for one in clauses
        if (one.end() <= but[0] or one.start() >= but[1]) and words.search(one.group())
    ]
