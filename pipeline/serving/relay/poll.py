"""The model host's door: it pulls photos by long poll and brings answers; every request is signed."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from pipeline.serving.relay import jobs, links
from pipeline.serving.relay.running import Relay
from pipeline.serving.relay.signature import MOST_SKEW_S, Signed, is_signed
from pipeline.serving.relay.store import count
from pipeline.serving.screened import Screened

MOST_AT_ONCE = 8
LONGEST_WAIT_S = 50.0
# How often a waiting host looks for leases that have run out meanwhile.
_LOOK_S = 1.0


class Refusal(Exception):
    """A request is not served; `status` is HTTP's."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


def let_in(relay: Relay, method: str, path: str, body: bytes, given: Signed) -> None:
    """Check who asks. The nonce is noted before anything is done, so a copy of a request does nothing; and
    what was signed before this relay started is refused, so nonces need not outlive it.

    Raises:
        Refusal: 401, the signature is wrong, too old, or was there before.
    """
    secret, now = relay.settings.worker_secret.get_secret_value(), relay.store.clock()
    if not is_signed(secret, method, path, body, given, now=now):
        raise Refusal(401)
    # A clock that was set back since the start would have nothing read until it comes there again.
    relay.started_at = min(relay.started_at, now)
    if float(given.timestamp) < relay.started_at or given.nonce in relay.seen:
        raise Refusal(401)
    relay.seen[given.nonce] = now + 2 * MOST_SKEW_S


async def lend(relay: Relay, body: bytes, *, name: str) -> list[dict[str, Any]]:
    """Photos for the host that asks, waiting for some where there are none: `id`, `number`, `lease`.

    Args:
        body: JSON with `wait_s` and `most`.
        name: of the lease.

    Raises:
        Refusal: 400, the body has another form.
    """
    asked = parsed(body)
    wait_s, most = asked.get("wait_s", 0), asked.get("most", 1)
    if not (isinstance(wait_s, int | float) and isinstance(most, int) and most >= 1 and wait_s >= 0):
        raise Refusal(400)
    until = time.monotonic() + min(wait_s, LONGEST_WAIT_S)
    while True:
        relay.ready.clear()
        lent = _lease(relay, name, min(most, MOST_AT_ONCE))
        left = until - time.monotonic()
        if lent or left <= 0 or relay.is_stopping():
            return [{"id": job.id, "number": job.number, "lease": job.lease} for job in lent]
        try:
            await asyncio.wait_for(relay.ready.wait(), min(left, _LOOK_S))
        except TimeoutError:
            continue


def _lease(relay: Relay, name: str, most: int) -> list[jobs.Job]:
    now, settings = relay.store.clock(), relay.settings
    with relay.store.write() as rows:
        lent = jobs.lease(
            rows, name=name, now=now, until=now + settings.lease_s, most=most, most_tries=settings.max_tries
        )
        if lent:
            count(rows, "photos_lent", len(lent))
    return lent


def photo(relay: Relay, job_name: str) -> bytes:
    """The bytes of a photo that is lent out.

    Raises:
        Refusal: 404, there is no such photo (any more).
    """
    job = jobs.found(relay.store.rows, job_name)
    content = None if job is None or job.state not in jobs.HERE else relay.vault.photo(job.id)
    if content is None:
        raise Refusal(404)
    return content


def take_heat(relay: Relay, job_name: str, jpeg: bytes) -> None:
    """Keep the heat map of a photo that is lent out, for the link in its answer; where there are no links,
    none is kept.

    Raises:
        Refusal: 404, there is no such photo (any more); 400, it is no JPEG.
    """
    job = jobs.found(relay.store.rows, job_name)
    if job is None or job.state not in jobs.HERE:
        raise Refusal(404)
    if not jpeg.startswith(b"\xff\xd8\xff"):
        raise Refusal(400)
    if relay.settings.has_heat_links:
        relay.vault.keep_heat(job.id, jpeg)


def take_answer(relay: Relay, job_name: str, body: bytes) -> bool:
    """Take an answer; the same one again changes nothing. `{"failed": true}` gives the photo back.

    Answers whether it was new.

    Raises:
        Refusal: 400, it is not an answer.
    """
    sent = parsed(body)
    if sent.get("failed") is True:
        with relay.store.write() as rows:
            job = jobs.found(rows, job_name)
            if job is not None:
                jobs.give_back(rows, job, now=relay.store.clock())
                count(rows, "photos_given_back")
        relay.ready.set()
        return False
    try:
        answer = Screened.from_wire(sent)
    except ValueError as error:
        raise Refusal(400) from error
    is_new = relay.turns.answer(job_name, answer, heat_link=_heat_link(relay, job_name))
    relay.to_send.set()
    return is_new


def _heat_link(relay: Relay, job_name: str) -> str:
    """The address of a photo's heat map, good for as long as it is kept; empty where there is none."""
    settings = relay.settings
    job = jobs.found(relay.store.rows, job_name) if settings.has_heat_links else None
    if job is None or relay.vault.heat(job.id) is None:
        return ""
    ends_at = relay.store.clock() + settings.keep_photos_s
    token = links.heat_made(settings.link_secret.get_secret_value(), job.id, ends_at=ends_at)
    return f"{settings.public_url.rstrip('/')}/heat/{token}"


def parsed(body: bytes) -> dict[str, Any]:
    """A JSON object.

    Raises:
        Refusal: 400, it is none.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(400) from error
    if not isinstance(value, dict):
        raise Refusal(400)
    return value
