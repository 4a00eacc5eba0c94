"""What the messenger's error codes mean for a letter. Source: its list of error codes, 2026-08."""

from __future__ import annotations

from typing import Final

from pipeline.serving.channels.base import End, Outcome

TOKEN_REFUSED: Final = 190
# An id that is not taken for this kind of message; the 24 hours are over.
_FINAL: Final = {131062: End.BY_PHONE, 131047: End.CLOSED}
_TOO_FAST: Final = frozenset({4, 80007, 130429, 131048, 133016})
# Nobody there, or an id that isn't taken.
ADDRESS_REFUSED: Final = (131026, 131062)
# Too fast for this one person (131056), and troubles of the messenger's own.
_ANOTHER_TIME: Final = frozenset({1, 2, 131000, 131016, 131056, 131057, 133004})
# A token that was refused is not taken a second later: a person has to renew it.
_TOKEN_PAUSE_S: Final = 60.0
_RATE_PAUSE_S: Final = 5.0


def outcome_of(code: int, *, status: int = 0, after_s: float = 0.0) -> Outcome:
    """From the code in the answer (or in a failed status), the HTTP status, and `Retry-After`."""
    if code == TOKEN_REFUSED or status == 401:
        return Outcome(End.PAUSE, code=TOKEN_REFUSED, after_s=max(after_s, _TOKEN_PAUSE_S))
    if code in _FINAL:
        return Outcome(_FINAL[code], code=code)
    if code in _TOO_FAST or status == 429:
        return Outcome(End.PAUSE, code=code or status, after_s=max(after_s, _RATE_PAUSE_S))
    if code in _ANOTHER_TIME or status >= 500:
        return Outcome(End.RETRY, code=code or status, after_s=after_s)
    return Outcome(End.REFUSED, code=code or status)
