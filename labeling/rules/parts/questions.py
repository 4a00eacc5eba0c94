"""Questions with a limit in them: "EF below 40 %? No, 54 %" - the limit is nobody's value."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.ef_patterns import LABEL
from labeling.rules.kinds.passages import LineKind, Passage
from labeling.rules.rvsp import RVSP_LABEL

_ASKED: Final = re.compile(
    r"\s*(?:of |is |was |being )?(?:[<>]\s*=?|=\s*[<>]|less than|more than|greater than|above|below|over|"
    r"under|"
    r"at least|up to|between)?\s*\d{1,3}(?:\s*(?:-|to|and)\s*\d{1,3})?\s*(?:%|mm\s?hg|mmhg)?"
    r"(?:\s*or (?:less|more|below|above|lower|higher))?\s*\?"
)


# "LV function: <normal>  reduced", and below it "Number: 60 %".
_BELOW: Final = re.compile(
    r"\b(?:lv|left ventricular|systolic|pump)(?: \w+)? function\b[^\n\v\d]{0,80}[\n\v][ *-]*"
    r"(?P<name>number|value|percent(?:age)?|figure|in numbers|%)(?=\s*[:=]\s*\d{2}(?:\s*-\s*\d{2})?\s*%)"
)


def numbers_named(text: str) -> str:
    """The text with "ef" for the name of a number that stands below the ventricle's function; "
    "offsets stay."""
    return _BELOW.sub(
        lambda one: (
            one.group()[: -len(one.group("name"))]
            + "ef".ljust(len(one.group("name")))[: len(one.group("name"))]
        ),
        text,
    )


def question_passages(text: str) -> list[Passage]:
    """The limits between a field's name and a question mark; the answer behind keeps the name."""
    return [
        Passage(label.end(), asked.end(), LineKind.REFERENCE)
        for label in (*LABEL.finditer(text), *RVSP_LABEL.finditer(text))
        if (asked := _ASKED.match(text, label.end())) is not None
    ]
