"""What a check of this machine answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How bad it is: WARN works with a limit, FAIL stops a verb."""

    PASS = "PASS"  # noqa: S105 - not a password
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Diagnosis:
    """One check's answer.

    Attributes:
        name: what was looked at.
        found: what is there.
        fix: what to type or change; empty on PASS.
    """

    grade: Grade
    name: str
    found: str
    fix: str = ""
