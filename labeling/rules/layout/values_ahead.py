"""Answers that stand before their names, a line each: "60 % : EF", "42 mmHg RVSP", "None   PAH"."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.normalise import NormalText
from labeling.rules.parts.paired_rows import rewritten

_EF: Final = r"(?:lv)?ef|(?:lv )?ejection fraction|e\.f\.?"
_PRESSURE: Final = r"rvsp|pasp|spap"
_END: Final = r"[ ]*(?=$|[\n\v;,]|\.(?!\d))"
_OPENS: Final = r"(?:^|(?<=[\n\v;])|(?<=\. )|(?<=, ))[ *]*"
_AHEAD: Final = re.compile(
    rf"{_OPENS}(?:(?P<percent>\d{{2}}(?:\.\d)?(?:\s*-\s*\d{{2}})?\s?%)[ ]*[:-]?[ ]*(?P<ef>{_EF})|"
    rf"(?P<mmhg>\d{{2,3}}\s?mm\s?hg)[ ]*[:-]?[ ]*(?P<pressure>{_PRESSURE})|"
    rf"(?P<answer>absent|present|nil|none|mild|moderate|severe)(?:[ ]{{2,}}|[ ]?[:-][ ]?)"
    rf"(?P<field>rwma|pah)(?=[ ]*(?:$|[\n\v]))){_END}",
    re.MULTILINE,
)
_PARTS: Final = (("percent", "ef"), ("mmhg", "pressure"), ("answer", "field"))


def values_ahead_written_out(normal: NormalText) -> NormalText:
    """The text with such answers behind their names; each word keeps its place on the page."""
    for one in reversed(list(_AHEAD.finditer(normal.text))):
        value, name = next(pair for pair in _PARTS if one.group(pair[0]))
        gap = ": " if value == "answer" else " "
        pieces = [
            (one.group(name), *one.span(name)),
            (gap, *one.span(name)),
            (one.group(value), *one.span(value)),
        ]
        normal = rewritten(normal, one.start(value), one.end(name), pieces)
    return normal
