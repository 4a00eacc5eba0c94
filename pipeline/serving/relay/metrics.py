"""What the relay says of itself: counts and times as text, and what is wrong."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from pipeline.serving.channels.graph_codes import TOKEN_REFUSED
from pipeline.serving.messages.spoken import LANGUAGES
from pipeline.serving.relay.running import Relay

# Upper ends of the classes of acknowledgement times, seconds.
CLASSES_S: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
_STATES: Final = {
    "inbox_open": "SELECT count(*) FROM inbox WHERE done = 0",
    "photos_held": "SELECT count(*) FROM job WHERE state = 'held'",
    "photos_waiting": "SELECT count(*) FROM job WHERE state IN ('fetch', 'ready', 'leased')",
    "letters_waiting": "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending')",
    "people": "SELECT count(*) FROM person",
}
# Older than this, waiting messages and letters say that something is stuck.
_STUCK_S: Final = 300.0


def begin(state: Any) -> None:
    """Begin to count what is not worth a row."""
    state.refused = 0
    state.times = [0] * (len(CLASSES_S) + 1)
    state.total_s = 0.0


def refused(state: Any) -> None:
    """A request with a wrong signature."""
    state.refused += 1


def acknowledged(state: Any, elapsed_s: float) -> None:
    """A webhook was stored; how long it took."""
    place = next((place for place, most in enumerate(CLASSES_S) if elapsed_s <= most), len(CLASSES_S))
    state.times[place] += 1
    state.total_s += elapsed_s


def problems(relay: Relay) -> list[str]:
    """What a person should look at; empty where all is well."""
    now, found = relay.store.clock(), []
    try:
        with relay.store.write():
            pass
    except sqlite3.Error:
        return ["rows can't be written"]
    refused_token = relay.store.rows.execute(
        "SELECT 1 FROM outbox WHERE state = 'waiting' AND code = ? LIMIT 1", (TOKEN_REFUSED,)
    ).fetchone()
    if refused_token is not None:
        found.append("the messenger refuses the access token")
    for table, condition in (("inbox", "done = 0"), ("outbox", "state = 'waiting'")):
        column = "taken_at" if table == "inbox" else "made_at"
        oldest = relay.store.rows.execute(
            f"SELECT min({column}) FROM {table} WHERE {condition}"  # noqa: S608 - names of ours
        ).fetchone()[0]
        if oldest is not None and oldest < now - _STUCK_S:
            found.append(f"{table}: something waits for more than {_STUCK_S:.0f} s")
    return found


def text(relay: Relay, state: Any) -> str:
    """Everything in the text form that Prometheus reads."""
    rows = relay.store.rows
    lines = [
        f'echodesk_relay_events_total{{event="{row["name"]}"}} {row["count"]}'
        for row in rows.execute("SELECT name, count FROM counter ORDER BY name")
    ]
    lines += [
        f"echodesk_relay_{name} {rows.execute(question).fetchone()[0]}" for name, question in _STATES.items()
    ]
    lines.append(f"echodesk_relay_refused_total {state.refused}")
    lines += _histogram(state)
    lines += [
        f'echodesk_relay_language_reviewed{{language="{code}"}} {int(bool(language.REVIEWED_BY))}'
        for code, language in LANGUAGES.items()
    ]
    lines.append(f"echodesk_relay_problems {len(problems(relay))}")
    return "\n".join(lines) + "\n"


def _histogram(state: Any) -> list[str]:
    name, so_far, lines = "echodesk_relay_acknowledged_seconds", 0, []
    for most, number in zip(CLASSES_S, state.times, strict=False):
        so_far += number
        lines.append(f'{name}_bucket{{le="{most:g}"}} {so_far}')
    total = sum(state.times)
    return [
        *lines,
        f'{name}_bucket{{le="+Inf"}} {total}',
        f"{name}_sum {state.total_s:.6f}",
        f"{name}_count {total}",
    ]
