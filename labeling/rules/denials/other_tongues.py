"""Denials in other languages around English names: "Keine RWMA", "PAH: yok"."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

# What such a word denies, or stands behind.
_NAME: Final = (
    r"(?:(?:regional|segmental|significant)\s+)?(?:rwma|swma|wma|regional|segmental|wall[- ]*motion|"
    r"(?:hypo|a|dys)kinesia|pah|phtn|pht|ph|pulmonary (?:arterial |artery )?hypertension)\b"
)
_DENIALS: Final = (
    # Words that are a denial and nothing else, before a name or behind it.
    (
        re.compile(
            r"\b(?:kein(?:e[nrs]?|erlei)?|nein|aucune?|nessun[oa]?|ningun[oa]?|nenhuma?|yok|ingen|geen|"
            r"tidak ada|(?:nahin?|no) hai|nahin?)\b"
        ),
        "no",
    ),
    # "Sin RWMA", "pas de PAH", "no se observa RWMA": short words that mean something else elsewhere.
    (
        re.compile(
            r"\b(?:sans|sem|sin|ohne|senza|non|nicht|pas (?:de |d')|no (?:hay|se \w{5,10}))\s*"
            rf"(?={_NAME})"
        ),
        "no ",
    ),
    (re.compile(rf"\b(?:ni|et|und)(?=\s+(?:no )?{_NAME})"), ","),
    # "PAH non presente", "RWMA: ausente", "PH nicht nachweisbar".
    (
        re.compile(
            rf"(?P<name>{_NAME})(?P<gap>\s*[:=-]?\s*)(?:(?:non|nao|no|nicht)\s+(?:presente?|rilevat[ao]|"
            r"nachweisbar|vorhanden|evidenciad[ao]|visto)|ausente|assente|absente|pas|non|no hay|brak|"
            r"senza|nicht)(?=\s*(?:$|[.,;\n\v)]))",
            re.MULTILINE,
        ),
        "nil",
    ),
)


# Looking for their letters first costs next to nothing, and most reports have none of them.
_LETTERS: Final = tuple(
    """
    hai kein nein aucun nessun ningun nenhum yok nahi ingen geen tidak sans sem ohne senza nicht ausente
    assente absente brak
    """.split()
)
_SHORT: Final = re.compile(r"\b(?:sin|non|pas|nao|no (?:hay|se))\b")


def denials_in_english(text: str) -> str:
    """The text with "no" or "nil" over such words; all offsets stay."""
    if not (any(letters in text for letters in _LETTERS) or _SHORT.search(text)):
        return text
    for pattern, word in _DENIALS:
        text = pattern.sub(_over(word), text)
    return text


def _over(word: str) -> Callable[[re.Match[str]], str]:
    def replaced(found: re.Match[str]) -> str:
        kept = found.group("name") + found.group("gap") if "name" in found.groupdict() else ""
        return kept + word.ljust(len(found.group()) - len(kept))

    return replaced
