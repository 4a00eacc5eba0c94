"""The model servers of one remote reader: which to ask next, which to leave alone, how long to try."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from labeling.readers.remote.reply import ServedModel
from labeling.readers.remote.request import AskFor

# A restart between two requests goes unnoticed, so a server is asked who it is this often.
MEET_AGAIN_S: Final = 60.0
# One that answers is put aside only when this many answers in a row were errors.
ERRORS_IN_A_ROW: Final = 3


@dataclass
class Server:
    """One server as we know it.

    Attributes:
        url: base address, ends in `/v1`.
        in_flight: requests under way.
        not_before_s: monotonic time before which it is not asked.
        gone_since_s: since when it can't be reached; null while it can.
        errors: failed requests since the last good one; cool_downs: how often it was put aside since.
        served: the model it said it serves; null when it has yet to be asked, also after it was gone.
        met_s: when it was last asked.
        serves_another: it serves another model than the others and is not used.
        ask_for: what it has not refused.
    """

    url: str
    in_flight: int = 0
    not_before_s: float = float("-inf")
    gone_since_s: float | None = None
    errors: int = 0
    cool_downs: int = 0
    served: ServedModel | None = None
    met_s: float = float("-inf")
    serves_another: bool = False
    ask_for: AskFor = field(default_factory=AskFor)


class ServerPool:
    """All servers of a reader. Times are monotonic seconds and passed in.

    Args:
        urls: checked base addresses.
        concurrency: most requests under way at one server.
        first_cool_down_s, longest_cool_down_s: how long one that failed is left alone, doubled each time.
    """

    def __init__(
        self, urls: Sequence[str], *, concurrency: int, first_cool_down_s: float, longest_cool_down_s: float
    ) -> None:
        self.servers = [Server(url) for url in urls]
        self._concurrency = concurrency
        self._first_cool_down_s = first_cool_down_s
        self._longest_cool_down_s = longest_cool_down_s

    def take(self, now_s: float) -> Server | None:
        """The least busy server that may be asked now, one request more under way there; null when there is
        none.
        """
        open_ones = [
            server
            for server in self.servers
            if not server.serves_another
            and server.not_before_s <= now_s
            and server.in_flight < self._limit(server)
        ]
        if not open_ones:
            return None
        chosen = min(open_ones, key=lambda server: (server.errors > 0, server.in_flight))
        chosen.in_flight += 1
        # Ties go round: the one just chosen stands last among equals.
        self.servers.remove(chosen)
        self.servers.append(chosen)
        return chosen

    def _limit(self, server: Server) -> int:
        """One request at a time to a server that was gone, until it answers."""
        return 1 if server.gone_since_s is not None else self._concurrency

    def must_meet(self, server: Server, now_s: float) -> bool:
        """Whether it must say who it is before the next request; of several requests, the first asks."""
        if server.served is not None and now_s - server.met_s < MEET_AGAIN_S:
            return False
        server.met_s = now_s
        return True

    def give_back(self, server: Server) -> None:
        """A request to it has ended."""
        server.in_flight -= 1

    def wait_s(self, now_s: float) -> float:
        """How long until another server may be asked; 0 when one only has its hands full."""
        waits = [server.not_before_s - now_s for server in self.servers if not server.serves_another]
        return max(0.0, min(waits, default=0.0))

    def gone_for_s(self, now_s: float) -> float:
        """How long no server at all could be reached, seconds; 0 while one can."""
        usable = [server for server in self.servers if not server.serves_another]
        if not usable or any(server.gone_since_s is None for server in usable):
            return 0.0
        return now_s - max(server.gone_since_s for server in usable if server.gone_since_s is not None)

    @property
    def all_serve_another(self) -> bool:
        """Whether none serves the model this reader began with."""
        return all(server.serves_another for server in self.servers)

    def went_well(self, server: Server) -> None:
        """It answered as it should."""
        server.errors = server.cool_downs = 0
        server.gone_since_s = None

    def answered_with_error(self, server: Server, now_s: float) -> None:
        """It is there and failed; after several in a row it is put aside."""
        server.gone_since_s = None
        server.errors += 1
        if server.errors >= ERRORS_IN_A_ROW:
            self._put_aside(server, now_s)

    def could_not_be_reached(self, server: Server, now_s: float) -> None:
        """It refused or dropped the connection: put aside at once, and asked who and what it is when it is
        back.
        """
        if server.gone_since_s is None:
            server.gone_since_s = now_s
        server.served = None
        server.ask_for = AskFor()
        server.errors += 1
        self._put_aside(server, now_s)

    def asked_for_rest(self, server: Server, now_s: float, rest_s: float) -> None:
        """It named a time before which it wants no requests (Retry-After)."""
        server.not_before_s = max(server.not_before_s, now_s + rest_s)

    def _put_aside(self, server: Server, now_s: float) -> None:
        """Requests that were under way together and fail together count once."""
        if server.not_before_s > now_s:
            return
        cool_down_s = min(
            self._longest_cool_down_s, self._first_cool_down_s * 2.0 ** min(server.cool_downs, 20)
        )
        server.cool_downs += 1
        server.not_before_s = now_s + cool_down_s


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
