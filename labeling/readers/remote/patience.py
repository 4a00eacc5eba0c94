"""How long and how often a report is sent to model servers before it is given up."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Patience:
    """How long and how often a report is tried.

    Attributes:
        timeout_s: one request, from the first byte sent to the last received.
        connect_timeout_s: until a server takes the connection.
        max_retries: more requests after the first for 429, 5xx, timeouts and dropped connections.
        max_bad_answers: more requests after an answer that is not of the agreed form.
        give_up_s: one report in all, waiting included; also how long a server may be gone while it restarts.
        start_s: how long the first contact may take.
        first_wait_s, longest_wait_s: bounds of the wait before a retry, doubled each time; the wait itself is
            drawn evenly between nothing and that, so that workers don't come back all at once.
        first_cool_down_s, longest_cool_down_s: how long a server that can't be reached is left alone, doubled
            each time it still can't.
        longest_rest_s: most that is waited because a server asked for it.
    """

    timeout_s: float = 120.0
    connect_timeout_s: float = 5.0
    max_retries: int = 5
    max_bad_answers: int = 2
    give_up_s: float = 280.0
    start_s: float = 20.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0
    first_cool_down_s: float = 0.5
    longest_cool_down_s: float = 15.0
    longest_rest_s: float = 120.0

    def wait_s(self, times: int, rng: random.Random) -> float:
        """The wait before retry number `times` (1 for the first): exponential, with full jitter."""
        return rng.uniform(0.0, min(self.longest_wait_s, self.first_wait_s * 2.0 ** min(times - 1, 20)))


@dataclass
class Tries:
    """What one report has been through.

    Attributes:
        began_s: monotonic seconds. requests: all that were sent; retries, bad_answers: those that were
            counted.
        lacks: server address -> what it was asked without, after it refused.
        bounded: an answer ran too long, so the length of quotes is now part of the schema.
    """

    began_s: float
    requests: int = 0
    retries: int = 0
    bad_answers: int = 0
    lacks: dict[str, frozenset[str]] = field(default_factory=dict)
    bounded: bool = False
