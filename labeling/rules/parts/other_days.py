"""Lines and sentences that open with another day, another person or another slip, and give their values."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.kinds.passages import LineKind, Passage, fields_named

_STUDY: Final = r"(?:study|echo\w*|report|scan|tte|exam\w*|visit|figures?|values?|results?|record|admission)"
_EVENT: Final = (
    r"(?:tavi|tavr|avr|mvr|cabg|surgery|closure|dialysis|treatment|pci|ptca|crt|therapy|chemo\w*|lysis|"
    r"procedure|operation|device|transplant\w*|ablation|valve\w*|balloon\w*|delivery|discharge)"
)
_LEAD: Final = re.compile(
    rf"(?:(?<=^)|(?<=[\n\v.(;]))[ *-]*(?:(?:prev(?:ious)?\.?|prior|earlier|last|old|outside|"
    rf"yesterday(?:'s)?) "
    rf"{_STUDY}|(?:the )?(?:day )?before {_EVENT}|pre-?{_EVENT}|pre-?harvest|for comparison|donor {_STUDY}|"
    rf"donor heart|recipient's old heart|yesterday's {_STUDY}|slip \d+)\b(?P<head>[^:\n\v;]{{0,60}}?)"
    r"(?::|,|-|(?=\s(?:lv)?ef\b))(?P<told>[^\n\v]*)"
)
# "... at that time his ejection fraction was 30 %", "whose EF had been 28 %".
_BACK_THEN: Final = re.compile(
    r"\b(?:at (?:that|the) time|back then|in those days|(?:whose|which|that|the|her|his|"
    r"their) [^.;\n\v]{0,40}?"
    r"had been)\b(?P<told>(?:[^.;\n]|\.(?=\d))*)"
)
_BACK: Final = re.compile(
    r"(?:(?<=[.;)])|,)\s*(?:(?:it |and |but )*(?:is|are|has) )?(?:now|today|currently|after|at present|"
    r"this (?:study|visit|echo\w*))\b"
)


def other_day_passages(text: str) -> list[Passage]:
    """What such a line tells, where a field it names is spoken of outside it, too: there is a "
    "study of today."""
    found: list[Passage] = []
    for told in (*_LEAD.finditer(text), *_BACK_THEN.finditer(text)):
        back = _BACK.search(text, told.start("told"), told.end())
        end = back.start() if back else told.end()
        elsewhere = fields_named(f"{text[: told.start()]}\n{text[end:]}")
        if fields_named(text[told.start() : end]) & elsewhere:
            found.append(Passage(told.start(), end, LineKind.HISTORY, casts_doubt=True))
    return found
