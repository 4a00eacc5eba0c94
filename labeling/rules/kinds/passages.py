"""A passage of a report that is no finding, what kind it is of, and the words that name a field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from db.fields.names import of_fields
from labeling.rules.ef_patterns import LABEL
from labeling.rules.pressures.rvsp_patterns import RVSP_LABEL
from labeling.rules.pulmonary_patterns import TERM
from labeling.rules.wall_patterns import KINESIA, NOUN


class LineKind(StrEnum):
    """What a passage is for; a passage of any of these kinds gives no value.

    A compared value is said, in the same sentence as today's, to be of another day or place.
    """

    BARE_LABEL = "bare_label"
    LEGEND = "legend"
    OPTIONS = "options"
    REFERENCE = "reference"
    GRADING = "grading"
    HISTORY = "history"
    HEADER_ROW = "header_row"
    TARGET = "target"
    COMPARED = "compared"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Passage:
    """A half-open range of the normalised text that is no finding.

    Attributes:
        leaves_doubt: whether a person should look when nothing else answers the fields it names: a mark that
            could not be read, an earlier study, a hedge. A legend leaves none.
        casts_doubt: whether a person should look at the fields it names even where something else answers
            them: of several studies the newest was told by dates that say no year.
    """

    start: int
    end: int
    kind: LineKind
    leaves_doubt: bool = True
    casts_doubt: bool = False


FIELD_WORDS: Final[dict[str, re.Pattern[str]]] = of_fields(
    ef_percent=LABEL,
    rwma=re.compile(rf"{NOUN.pattern}|{KINESIA.pattern}|\bwall[- ]*motion\b"),
    pah=TERM,
    rvsp_mmhg=RVSP_LABEL,
)


def fields_named(text: str) -> frozenset[str]:
    """The fields whose words stand in a text."""
    return _named_in(text) if len(text) <= _REMEMBERED else _search(text)


# Every sorter asks the same of the same lines, and the second engine's are mostly the first one's.
_REMEMBERED: Final = 300


@lru_cache(maxsize=4096)
def _named_in(text: str) -> frozenset[str]:
    return _search(text)


def _search(text: str) -> frozenset[str]:
    return frozenset(field for field, words in FIELD_WORDS.items() if words.search(text))


def blank(text: str, passages: Iterable[Passage]) -> str:
    """The text with every passage replaced by spaces; line ends stay, and so do all offsets."""
    letters = list(text)
    for passage in passages:
        for at in range(passage.start, passage.end):
            if letters[at] not in "\n\v":
                letters[at] = " "
    return "".join(letters)
