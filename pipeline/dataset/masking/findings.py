"""What masking finds: a kind of identity, how sure that is, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from pipeline.dataset.masking.words import Box, Row, Word


class IdentityKind(StrEnum):
    """What a mask hides."""

    NAME = "name"
    ID = "id"
    DATE = "date"
    PHONE = "phone"
    EMAIL = "email"
    PLACE = "place"
    AGE = "age"
    SIGNATURE = "signature"
    UNKNOWN = "unknown"


class Certainty(IntEnum):
    """How sure it is that a word identifies somebody.

    `POLICY` it stands where names stand and is not known to be harmless, `LIKELY` its neighbours say so,
    `CERTAIN` its own form says so.
    """

    POLICY = 0
    LIKELY = 1
    CERTAIN = 2


@dataclass(frozen=True)
class Finding:
    """Words, or a stretch of paper, to paint over.

    Attributes:
        boxes: neighbours on one line from left to right; what lies between them is painted too.
        texts: the words, for finding them again elsewhere; empty for a stretch of paper.
    """

    kind: IdentityKind
    certainty: Certainty
    boxes: tuple[Box, ...]
    texts: tuple[str, ...] = ()

    @classmethod
    def of(cls, kind: IdentityKind, certainty: Certainty, words: Sequence[Word]) -> Finding:
        """Words that are neighbours on a row."""
        return cls(kind, certainty, tuple(word.box for word in words), tuple(word.text for word in words))

    @classmethod
    def in_row(cls, kind: IdentityKind, certainty: Certainty, row: Row, places: Sequence[int]) -> Finding:
        """Words of a row by their indices."""
        return cls.of(kind, certainty, [row.words[place] for place in places])
