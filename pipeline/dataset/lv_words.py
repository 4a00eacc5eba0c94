"""The report's words for left ventricular function, let out only where every word is a known clinical one."""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = frozenset(
    """
    a abnormal adequate and are at at-rest borderline by calculated compromised contractility decreased
    depressed diffuse diminished dysfunction ef ejection estimated excellent fair fraction fractions function
    functions functioning global globally good grossly has heart hyperdynamic hyperkinetic hypokinesia
    hypokinesis hypokinetic i ii iii impaired impairment in increased intact is left low lower lv lvef lvsf
    maintained mild mildly moderate moderately moderate-to-severe near normal normally no of overall
    performance poor preserved qualitatively rest reduced reduction regional resting satisfactory segmental
    severe severely significant slightly sub-optimal suboptimal supranormal systolic the to upper ventricle
    ventricular very visual visually was well within limits with
    """.split()
)
_WORD: Final = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")


def known_words(text: str | None) -> str | None:
    """The text where it holds nothing but known words and commas; otherwise None."""
    if text is None:
        return None
    rest = _WORD.sub("", text).strip(" \t\n,.;:()/-")
    words = _WORD.findall(text.lower())
    is_known = all(word in _WORDS or all(part in _WORDS for part in word.split("-")) for word in words)
    return text if words and is_known and not rest else None
