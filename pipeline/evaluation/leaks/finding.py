"""What one check of the audit answers: caught, clean, or why it can't be decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pipeline.evaluation.leaks.evidence import Evidence


class Outcome(StrEnum):
    """A check that can't be decided for want of a record is not a clean one."""

    CAUGHT = "caught"
    CLEAN = "clean"
    UNDECIDED = "cannot be decided"


@dataclass(frozen=True)
class Answer:
    """What a check found.

    Attributes:
        reason: id of why it can't be decided: `not_recorded`, `no_pictures`, ...; empty otherwise.
        values: counts and names of sets that its sentence tells; never a row or a patient.
    """

    outcome: Outcome
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


Check = Callable[[Evidence], Answer]

CLEAN = Answer(Outcome.CLEAN)


def caught(**values: Any) -> Answer:
    """A leak, and what is told about it."""
    return Answer(Outcome.CAUGHT, values=values)


def undecided(reason: str) -> Answer:
    """What would have to be known is not."""
    return Answer(Outcome.UNDECIDED, reason)


def caught_if(number: int, **values: Any) -> Answer:
    """Caught where something was counted, with the count as `n`."""
    return caught(n=number, **values) if number else CLEAN
