"""Connections that nothing comes over end, and no address holds all of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, Final

# Longest a connection may be without a whole request, and a request without its next bytes, seconds.
PATIENCE_S: Final = 30.0
# A request that comes in drops has ended after so many times that.
_PATIENCES_A_REQUEST: Final = 10
# A browser opens six; a ward behind one address has dozens of them.
MOST_PER_ADDRESS: Final = 200


def patient_http(
    *, patience_s: float = PATIENCE_S, most_per_address: int | None = MOST_PER_ADDRESS
) -> type[asyncio.Protocol]:
    """The HTTP protocol for uvicorn's `http`.

    Args:
        patience_s: an idle connection, half-sent headers and a body that has stopped coming end after it.
        most_per_address: connections of one address; one more is closed at once. None behind a proxy, where
            all of them come from one.
    """
    from uvicorn.protocols.http.h11_impl import H11Protocol

    held: Counter[str] = Counter()

    class PatientHttp(H11Protocol):
        # uvicorn types the transport more narrowly than asyncio does.
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._address = self.client[0] if self.client else ""
            held[self._address] += 1
            self.since = self.heard = self.loop.time()
            self._watch = self.loop.call_later(patience_s, self._look)
            if most_per_address is not None and held[self._address] > most_per_address:
                transport.abort()

        def connection_lost(self, exc: Exception | None) -> None:
            self._watch.cancel()
            _give_back(held, self._address)
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            self.heard = self.loop.time()
            super().data_received(data)

        def on_response_complete(self) -> None:
            self.since = self.loop.time()
            super().on_response_complete()

        def _look(self) -> None:
            """End what has waited too long, else look again when it will have."""
            left_s = _left_s(self, patience_s)
            if left_s > 0:
                self._watch = self.loop.call_later(left_s, self._look)
            elif self.transport.is_closing():
                self.transport.abort()  # it does not even take its answer
            else:
                self.transport.close()
                self._watch = self.loop.call_later(patience_s, self._look)

    return PatientHttp


def _give_back(held: Counter[str], address: str) -> None:
    held[address] -= 1
    if not held[address]:
        del held[address]


def _left_s(connection: Any, patience_s: float) -> float:
    """How much longer a connection may go on as it is, seconds."""
    now, cycle = connection.loop.time(), connection.cycle
    if connection.transport.is_closing() or cycle is None or cycle.response_complete:
        return float(connection.since + patience_s - now)
    if not cycle.more_body:  # it is ours to answer
        return patience_s
    longest = connection.since + _PATIENCES_A_REQUEST * patience_s
    return float(min(connection.heard + patience_s, longest) - now)
