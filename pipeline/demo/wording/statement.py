"""One thing a report says, with what follows from it for the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.demo.wording.phrase import Phrase


@dataclass(frozen=True)
class Statement:
    """Words for the findings part and for the conclusion, and the truth that follows from them.

    Attributes:
        finding: as written under its heading; None where only the conclusion says it.
        conclusion: as written in the conclusion; None where only the findings say it.
        facts: fields of `db.labels.Findings`.
        also_accept: defensible other answers, by field.
        traps: the traps these words contain.
    """

    finding: Phrase | None
    conclusion: Phrase | None
    facts: Mapping[str, Any]
    also_accept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    traps: tuple[str, ...] = ()
