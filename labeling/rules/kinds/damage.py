"""Words of a field that a bad scan took apart: no value is read from them, but they speak."""

from __future__ import annotations

import re
from typing import Final

from db.fields.names import of_fields

# Digits and pairs of letters that recognition writes for a letter, within a word.
_LETTERS: Final = (
    (re.compile(r"(?<=[a-z])[1|!](?=[a-z]|\b)|\b[1|!](?=[a-z]{2})"), "l"),
    (re.compile(r"(?<=[a-z])0(?=[a-z]|\b)|\b0(?=[a-z]{2})"), "o"),
    (re.compile(r"(?<=[a-z])5(?=[a-z])|\b5(?=[a-z]{2})"), "s"),
    (re.compile(r"(?<=[a-z])8(?=[a-z])"), "b"),
    (re.compile(r"rn(?=[a-z])"), "m"),
    (re.compile(r"vv"), "w"),
)
_CLOSED: Final = of_fields(
    ef_percent=re.compile(r"(?<![a-z])l[v\u0474]ef(?![a-z]{2})|ejectionfrac|ejecti[o0]n"),
    rwma=re.compile(r"(?<![a-z])(?:no)?r[vw]{1,2}ma(?![a-z]{2})|wallmotion|okinesi|okineti|akineti|akinesi"),
    pah=re.compile(r"pulmonaryh|(?<![a-z])(?:no)?pah(?![a-z]{2})"),
    rvsp_mmhg=re.compile(r"(?<![a-z])(?:rvsp|pasp|pasystolic)(?![a-z]{2})"),
)
_APART: Final = of_fields(
    ef_percent=re.compile(r"\be\s?j\s?e\s?c\s?t\s?i\s?o\s?n\b"),
    rwma=re.compile(r"\br\s?w\s?m\s?a\b|\bw\s?a\s?l\s?l\s+m\s?o\s?t\s?i\s?o\s?n\b"),
    pah=re.compile(r"\bp\s?a\s?h\b"),
    rvsp_mmhg=re.compile(r"\b(?:r\s?v\s?s\s?p|p\s?a\s?s\s?p)\b"),
)


def is_spoken_of_in_damage(field: str, text: str) -> bool:
    """Whether a field's words appear once look-alike letters are put right and gaps in words closed."""
    mended = text
    for pattern, letter in _LETTERS:
        mended = pattern.sub(letter, mended)
    if mended != text and _CLOSED[field].search(mended.replace(" ", "")):
        return not _CLOSED[field].search(text.replace(" ", ""))
    return any(" " in apart.group().replace("wall motion", "") for apart in _APART[field].finditer(text))
