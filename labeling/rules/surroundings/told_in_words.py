"""Pressures told in words, with no number of their own: "PASP normal", "PA pressure normal, MPA 22 mm"."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.pressures.rvsp_patterns import RVSP_LABEL

# What may be said of a pressure that has no number.
_PRESSURE_IN_WORDS: Final = re.compile(
    r"\b(?:normal|not|no|un(?:obtain|measur|rais|elevat|record)\w*|elevated|raised|high|low|mild|moderate|"
    r"severe|within|wnl|n\.?m\.?|n/a|insufficient|inadequate|cannot|could|nil|none|unknown)(?![\w/])|"
    r"[a-z)]\s*:?\s*-{2,}"
)
_ITEM_NUMBER: Final = re.compile(r"^[\s|*(]*[a-z]{0,2}\d{1,2}(?:\.\d{1,2})?[a-z]?[.):]?\s+(?=[a-z])")
# The number of the next item of a list is none.
_NUMBER_BELOW: Final = re.compile(r"\s*[|:=~<>(]*\s*(?!\d{1,2}[.)]\s+[a-z])\d")


# "PA pressure normal, MPA 22 mm": behind the comma stands another name with its number.
_NEXT_NAME: Final = re.compile(
    r"\s*(?:and |no |small |mild |trivial )*(?:la|ra|ao|[mrl]pa|ivc|[avi]sd|pda|pfo|effusion|pe|hr|bp|cvp|"
    r"tapse|l?v?ef|fs|ivsd?|pwd?|gls|mva|ava|aort\w*|root|asc\w*|lv\w*|rv(?!sp)\w*|tr|mr|ar)\b[ :=]*[^,;]*\d"
)


_COMMA: Final = re.compile(r"[,;]")


def _own_clause(sentence: str) -> str:
    """What a sentence says of the pressure itself, where other names with their numbers follow it."""
    label = RVSP_LABEL.search(sentence)
    if label is None:
        return sentence
    comma = _COMMA.search(sentence, label.end())
    end = comma.start() if comma else len(sentence)
    if re.search(r"\d", sentence[end:]) and not _NEXT_NAME.match(sentence, end + 1):
        return sentence
    before = sentence.rfind(",", 0, label.start()) + 1
    is_apart = before and not re.search(r"mm\s?hg\s*$", sentence[: before - 1])
    return sentence[before if is_apart else 0 : end]


def is_told_in_words(text: str, sentence: str, end: int) -> bool:
    """Whether a pressure is told in words and no number stands near that could be its own.

    Args:
        sentence: of `text`, which ends at `end`.
    """
    sentence = _own_clause(_ITEM_NUMBER.sub("", sentence))
    if re.search(r"\d", sentence) or _NUMBER_BELOW.match(text, end):
        return False
    return _PRESSURE_IN_WORDS.search(sentence) is not None
