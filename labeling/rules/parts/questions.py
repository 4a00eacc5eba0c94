"""Questions with a limit in them: "EF below 40 %? No, 54 %" - the limit is nobody's value."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.ef_patterns import LABEL
from labeling.rules.kinds.passages import LineKind, Passage, fields_named
from labeling.rules.pressures.rvsp_patterns import RVSP_LABEL

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
    """The text with "ef" for the name of a number that stands below the ventricle's function; offsets
    stay.
    """
    return _BELOW.sub(
        lambda one: (
            one.group()[: -len(one.group("name"))]
            + "ef".ljust(len(one.group("name")))[: len(one.group("name"))]
        ),
        text,
    )


# "LVEF measured?   yes - 52 %": the number answers more than was asked.
_MEASURED: Final = re.compile(
    r"\s*(?:measured|assessed|calculated|estimated|known|recorded|done)\s*\?\s*(?:yes|y)?[ :,-]*(?=\d)"
)
# "Is there RWMA, is there PAH?", with no answer beside it.
_IS_THERE: Final = re.compile(
    r"(?:\b(?:is|are|was|were) there (?:an?y? )?|\bany )[^.?;:\n\v]{2,120}\?"
    r"(?!\W*(?:(?:a(?:ns(?:wer)?)?|answer)\W+)?(?:no|yes|nil|none|absent|present|mild|moderate|severe|n|y)\b)"
)


def question_passages(text: str) -> list[Passage]:
    """The limits between a field's name and a question mark, the answer behind keeps the name; and what was
    only asked.
    """
    labels = (*LABEL.finditer(text), *RVSP_LABEL.finditer(text))
    asked_of = [
        Passage(label.end(), asked.end(), LineKind.REFERENCE, leaves_doubt=False)
        for label in labels
        if (asked := _MEASURED.match(text, label.end())) is not None
    ]
    only_asked = [
        Passage(*asked.span(), LineKind.UNDECIDED)
        for asked in _IS_THERE.finditer(text)
        if fields_named(asked.group())
    ]
    return (
        asked_of
        + only_asked
        + [
            Passage(label.end(), asked.end(), LineKind.REFERENCE)
            for label in labels
            if (asked := _ASKED.match(text, label.end())) is not None
        ]
    )
