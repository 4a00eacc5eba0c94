"""The one exception the command line prints as a sentence instead of a traceback, and a remedy many name."""

from __future__ import annotations


class EchoDeskError(Exception):
    """Something the user can put right.

    Args:
        message: what is wrong, in one line, naming the file or setting, never a patient or report text.
        hint: what to do next, or empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class WrongUse(EchoDeskError):
    """What was asked for cannot be done as it was asked: the command ends with exit code 2 instead of 1."""


class LeaseLostError(EchoDeskError):
    """The person no longer holds the case they decided on; somebody else may have it now."""


def pip_install(extra: str) -> str:
    """What to type for an optional set: it works in a clone as well as where a wheel is installed."""
    return f"pip install 'echodesk[{extra}]'"
