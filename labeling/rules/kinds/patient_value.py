"""A range first and the patient's value behind it: "Normal 55-70 %. This patient: 48 %"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from labeling.rules.kinds.passages import LineKind, Passage, fields_named

_NUMERIC: Final = {"ef_percent": "ef", "rvsp_mmhg": "pasp"}
_VALUE: Final = re.compile(
    r"[^.;\n\d]{0,40}[\s;.,|:)\]%-]*(?:(?:this |the |our )?(?:patient(?:'s)?|pts?|obs|subject|hers|his|"
    r"theirs|this pt|measured|"
    r"observed|found|"
    r"(?:today's |the |our )?(?:result|figure|reading)|obtained|(?:in|for) (?:this|the|our) (?:patient|man|"
    r"woman|lady|gentleman|child|case),?(?: it)?|"
    r"actual|yours|ours|here|now|today|currently|"
    r"this (?:lady|man|woman|gentleman|child|patient)(?:'s)?)"
    r"(?: (?:came out|comes|is) at| came to)?(?: (?:in|for) (?:this|the|our) (?:man|woman|patient|lady|"
    r"gentleman|subject|case|child))?"
    r"(?:\s+(?:has|had|value|result|today|here|is|was|now|at|measures|measured|reading))*\s*[:=-]?\s*)"
    r"(?P<n>(?:about |at )?\d{2}(?:\.\d)?(?:\s*-\s*\d{2})?(?!\d)\s*(?:%|mm\s?hg|mmhg)?)(?=\s*"
    r"(?:by (?:biplane|simpson\w*|teich\w*|m-mode|eye|2d|3d)\b)?\s*(?:$|[\n\v.,;|)]))"
)
_BARE_NAME: Final = re.compile(r"[^\n\v\d:]{2,40}:?[ ]*$")
_KINDS: Final = (LineKind.REFERENCE, LineKind.GRADING, LineKind.TARGET)


def name_patient_values(text: str, said: str, passages: Sequence[Passage]) -> tuple[str, list[Passage]]:
    """The findings with the name of the ranged quantity before the patient's value; offsets stay; and
    where a person should look.

    Args:
        text: the findings, all else blank. said: the same before anything was taken out.
    """
    letters = list(text)
    doubts = []
    for passage in passages:
        value = _VALUE.match(text, passage.end) if passage.kind in _KINDS else None
        name = _named(said, passage) if value else None
        if value and name and value.start("n") - passage.end >= len(name) + 1:
            for at in range(passage.end, value.start("n")):
                letters[at] = " "
            begin = value.start("n") - len(name) - 1
            letters[begin : begin + len(name)] = name
            if passage.kind is LineKind.GRADING:  # its last limit may be told of the patient, too
                doubts.append(Passage(passage.end, passage.end, LineKind.GRADING, casts_doubt=True))
    return "".join(letters), doubts


def _named(said: str, passage: Passage) -> str | None:
    """The one numeric quantity that a range is of: named in it or in its line, or in the line above."""
    line = max(said.rfind("\n", 0, passage.start), said.rfind("\v", 0, passage.start)) + 1
    fields = fields_named(said[line : passage.end]) & _NUMERIC.keys()
    if not fields and line > 0:
        above = re.split(r"[\n\v]", said[: line - 1])[-1]
        fields = fields_named(above) & _NUMERIC.keys() if _BARE_NAME.fullmatch(above) else frozenset()
    return _NUMERIC[next(iter(fields))] if len(fields) == 1 else None
