"""What is opened apart: by whose code, and in which words its failing is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from db.apart.limits import ApartLimits
from db.errors import EchoDeskError


class NoProcessError(EchoDeskError):
    """No process can be started; the file is not to blame."""


@dataclass(frozen=True)
class Kind:
    """One kind of foreign files.

    Attributes:
        operations: the module whose `OPERATIONS` a decoding process answers with.
        refused: (code or empty, message, hint) of an error that was found in a file -> that error.
        words: (message, hint) of `too_slow`, `too_much_memory`, `stopped` (it broke down) and `damaged`; a
            message may hold `{seconds}`, `{megabytes}` and, of `damaged`, `{what}` (an exception's name).
        is_kept_warm: whether a process that ended is replaced at once, so that no file waits for its start.
        kept_idle: how many that wait are kept; each keeps the decoders it has loaded, some 60 MB.
    """

    operations: str
    refused: Callable[[str, str, str], EchoDeskError]
    words: Mapping[str, tuple[str, str]]
    is_kept_warm: bool = False
    kept_idle: int = 2

    def error(self, code: str, limits: ApartLimits, what: str = "") -> EchoDeskError:
        """The error of one of `words`."""
        message, hint = self.words[code]
        told = message.format(
            seconds=f"{limits.step_s:g}", megabytes=f"{limits.memory_bytes / 1e6:g}", what=what
        )
        return self.refused(code, told, hint)
