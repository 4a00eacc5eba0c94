"""The model host's loop: pull a photo, screen it, bring the answer. It can be killed at any moment.

It opens no port and keeps nothing: a photo whose answer did not arrive is lent again by the relay.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from pipeline.serving.relay.settings import WorkerSettings
from pipeline.serving.relay.signature import signed
from pipeline.serving.screened import Reading, Screener
from pipeline.serving.watching.kept import Kept

logger = logging.getLogger(__name__)

AT_ONCE: Final = 4
_LONGEST_PAUSE_S: Final = 30.0


class RelayTrouble(Exception):
    """The relay does not answer as it should; try again later."""


@dataclass
class Worker:
    """Pulls photos and brings answers.

    Attributes:
        screen: bytes of a photo -> its answer.
        clock: seconds since 1970, for signatures; the relay's clock may differ by two minutes.
        nonce: a new one for every request.
        kept: where answers are kept without their photos, if at all.
    """

    settings: WorkerSettings
    screen: Screener
    http: httpx.Client
    clock: Callable[[], float] = time.time
    nonce: Callable[[], str] = field(default=lambda: secrets.token_hex(16))
    kept: Kept | None = None

    def ask(self, path: str, content: Mapping[str, Any]) -> httpx.Response:
        """One signed request; 2xx or 404.

        Raises:
            RelayTrouble: no answer, or another one.
        """
        return self._post(path, json.dumps(content).encode())

    def _post(self, path: str, body: bytes) -> httpx.Response:
        secret = self.settings.secret.get_secret_value()
        proof = signed(secret, "POST", path, body, now=self.clock(), nonce=self.nonce())
        try:
            answer = self.http.post(
                self.settings.relay_url.rstrip("/") + path, content=body, headers=proof.headers()
            )
        except httpx.HTTPError as error:
            raise RelayTrouble(type(error).__name__) from error
        if answer.status_code == 401:
            raise RelayTrouble("status 401: another secret, or clocks that differ")
        if not answer.is_success and answer.status_code != 404:
            raise RelayTrouble(f"status {answer.status_code}")
        return answer

    def round(self) -> int:
        """Ask once, and answer everything that was lent, one after the other; how many photos.

        Raises:
            RelayTrouble: the relay does not answer.
        """
        lent = self._lent(AT_ONCE)
        for job in lent:
            self._answer(job)
        return len(lent)

    def _lent(self, most: int) -> list[str]:
        """Photos that the relay lends, waited for where there are none. Raises RelayTrouble."""
        asked = self.ask("/host/poll", {"wait_s": self.settings.wait_s, "most": most})
        try:
            return [str(job["id"]) for job in asked.json()["jobs"]]
        except (ValueError, LookupError, TypeError) as error:
            raise RelayTrouble("something else answers at its address") from error

    def _answer(self, job: str) -> None:
        photo = self.ask(f"/host/photo/{job}", {})
        if photo.status_code == 404:
            return  # forgotten meanwhile
        heat = b""
        try:
            found = self.screen(photo.content)
            reading = found if isinstance(found, Reading) else Reading(found)
            answer, heat = reading.answer.to_wire(), reading.heat_jpeg
            if self.kept is not None:
                self.kept.keep(photo.content, reading.answer, message=job)
        except Exception as error:  # noqa: BLE001 - a photo that breaks the model must not stop the others
            logger.error("a photo could not be screened: %s", type(error).__name__)
            answer = {"failed": True}
        if heat:
            # Before the answer: whoever reads the answer finds what its link shows.
            self._post(f"/host/heat/{job}", heat)
        self.ask(f"/host/answer/{job}", answer)

    def run(self, stopped: threading.Event) -> None:
        """Go on until stopped; while the relay does not answer, ask less and less often.

        A photo that takes long holds up no other: each has a thread, and as many are asked for as are free.
        """
        tries = 0
        under_way: set[Future[None]] = set()
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="answer") as threads:
            while not stopped.is_set():
                try:
                    self._take_more(threads, under_way)
                    tries = 0
                except RelayTrouble as trouble:
                    wait_s = min(_LONGEST_PAUSE_S, self.settings.retry_s * 2 ** min(tries, 10))
                    logger.warning("the relay does not answer (%s), next try in %.1f s", trouble, wait_s)
                    tries += 1
                    stopped.wait(wait_s)

    def _take_more(self, threads: Executor, under_way: set[Future[None]]) -> None:
        """Begin with as many photos as there are threads free; those that are done leave `under_way`.

        Raises:
            RelayTrouble: the relay does not answer, or did not take an answer.
        """
        is_full = len(under_way) >= AT_ONCE
        done = wait(under_way, None if is_full else 0, FIRST_COMPLETED).done
        under_way.difference_update(done)
        for one in done:
            one.result()
        free = AT_ONCE - len(under_way)
        under_way.update(threads.submit(self._answer, job) for job in self._lent(free))


def connection(settings: WorkerSettings) -> httpx.Client:
    """The connection to the relay; its answers to a long poll may take as long as it waits."""
    return httpx.Client(timeout=httpx.Timeout(settings.timeout_s, read=settings.wait_s + settings.timeout_s))
