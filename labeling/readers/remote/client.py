"""Asks model servers until there is an answer or a named failure: waits, retries, other servers, never for
ever.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from labeling.readers.remote.errors import remote_error
from labeling.readers.remote.reply import Reply, ReplyError, ServedModel, models_of, reply_of
from labeling.readers.remote.request import AskFor, Question, request_body, what_was_refused, without
from labeling.readers.remote.servers import Patience, Server, ServerPool, Tries
from labeling.readers.remote.transport import Trouble, exchange

if TYPE_CHECKING:
    import httpx

# While every server has its hands full, look again this often.
_POLL_S: Final = 0.05


@dataclass(frozen=True)
class Answered:
    """A reply, and how it was come by.

    Attributes:
        asked_for: what the request that was answered asked for.
        requests: how many were sent for this report, also those that failed.
        elapsed_s: of the request that was answered, seconds.
    """

    reply: Reply
    asked_for: AskFor
    requests: int
    elapsed_s: float


class RemoteClient:
    """One conversation partner made of several servers, for the life of one event loop.

    Args:
        pool: the servers; what is learnt about them is kept there for the next client.
        http: from `open_client`; closed by whoever opened it.
        model: what to ask for; empty for the only one a server lists.
        rng, clock, wall_clock, sleep: chance and time; `clock` is monotonic, seconds.
    """

    def __init__(
        self,
        pool: ServerPool,
        http: httpx.AsyncClient,
        *,
        model: str,
        patience: Patience,
        max_answer_tokens: int,
        rng: random.Random,
        clock: Callable[[], float],
        wall_clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._pool = pool
        self._http = http
        self._model = model
        self._patience = patience
        self._max_answer_tokens = max_answer_tokens
        self._rng = rng
        self._clock = clock
        self._wall_clock = wall_clock
        self._sleep = sleep

    async def meet(self) -> ServedModel:
        """Ask every server which model it serves; one that can be reached is enough to begin.

        Raises:
            RemoteError: none can be reached within `start_s`, or they serve different models.
        """
        until_s = self._clock() + self._patience.start_s
        while True:
            outcomes = await asyncio.gather(*map(self._introduce, self._pool.servers), return_exceptions=True)
            for server, outcome in zip(self._pool.servers, outcomes, strict=True):
                if isinstance(outcome, Trouble):
                    self._note(server, outcome, away=True)
                elif isinstance(outcome, BaseException):
                    raise outcome
            served = {server.served for server in self._pool.servers if server.served is not None}
            if len(served) > 1:
                raise remote_error("another_model")
            if served:
                return served.pop()
            now_s = self._clock()
            if now_s >= until_s:
                raise remote_error("unreachable")
            await self._sleep(min(until_s - now_s, max(_POLL_S, self._pool.wait_s(now_s))))

    async def _introduce(self, server: Server) -> None:
        """Learn which model a server serves.

        Raises Trouble to be tried again, RemoteError when that is no use.
        """
        limit_s = min(self._patience.timeout_s, self._patience.start_s)
        try:
            url = f"{server.url}/models"
            listed = models_of(
                await exchange(self._http, "GET", url, timeout_s=limit_s, wall_clock=self._wall_clock)
            )
        except ReplyError:
            raise remote_error("bad_reply", "no list of models") from None
        except Trouble as trouble:
            _raise_if_hopeless(trouble)
            # Some servers answer and list nothing: they serve what they were started with.
            if trouble.status not in (400, 404, 405, 500, 501) or not self._model:
                raise
            listed = []
        server.served = self._chosen(listed)
        server.met_s = self._clock()
        server.gone_since_s = None

    def _chosen(self, listed: Sequence[ServedModel]) -> ServedModel:
        if not self._model:
            if len(listed) != 1:
                raise remote_error("which_model")
            return listed[0]
        named = [model for model in listed if model.name == self._model]
        return named[0] if named else ServedModel(self._model)

    async def ask(self, question: Question, *, expected: ServedModel) -> Answered:
        """The answer to one question; one that stays wrong is returned as it is: the caller has the words for
        it.

        Args:
            expected: the model the drafts will be said to come from; a server with another is not used.

        Raises:
            RemoteError: there was no answer; says why by code.
        """
        tries = Tries(self._clock())
        while True:
            server = await self._server(tries)
            try:
                outcome = await self._try(server, question, expected, tries)
            finally:
                self._pool.give_back(server)
            if isinstance(outcome, Answered):
                fault = question.fault_of(outcome.reply.text)
                if not fault:
                    return outcome
                ran_on = not outcome.reply.is_complete or fault.endswith(("_quote", "lv_function"))
                # At temperature 0 the same request would run on again: it needs a bound, or there is no more
                # to try.
                if not outcome.reply.is_complete and (tries.bounded or not outcome.asked_for.schema):
                    return outcome
                tries.bounded = tries.bounded or ran_on
                tries.bad_answers += 1
                if tries.bad_answers > self._patience.max_bad_answers:
                    return outcome
                await self._wait(tries.bad_answers, tries)
            elif isinstance(outcome, ReplyError):
                tries.bad_answers += 1
                if tries.bad_answers > self._patience.max_bad_answers:
                    raise remote_error("bad_reply", outcome.code)
                await self._wait(tries.bad_answers, tries)
            else:
                await self._after(outcome, server, tries)

    async def _try(
        self, server: Server, question: Question, expected: ServedModel, tries: Tries
    ) -> Answered | Trouble | ReplyError:
        """One request to one server, and what it taught us about the server."""
        if self._pool.must_meet(server, self._clock()):
            # It was gone, or may have been. What goes wrong now is not counted against the report.
            try:
                await self._meet_again(server, expected)
            except Trouble as trouble:
                self._note(server, trouble, away=True)
                return Trouble("gone")
        lacks = tries.lacks.get(server.url, frozenset())
        asked_for = replace(without(server.ask_for, lacks), bounded=tries.bounded)
        tries.requests += 1
        sent_s = self._clock()
        try:
            reply = reply_of(await self._post(server, question, expected.name, asked_for, tries))
        except Trouble as trouble:
            self._note(server, trouble, away=trouble.status in (502, 503))
            return trouble
        except ReplyError as error:
            self._pool.answered_with_error(server, self._clock())
            return error
        self._pool.went_well(server)
        server.ask_for = replace(
            asked_for, bounded=False
        )  # it refused something and answered without: don't ask for that again
        return Answered(reply, asked_for, tries.requests, self._clock() - sent_s)

    async def _server(self, tries: Tries) -> Server:
        """The next server to ask, as soon as there is one."""
        while True:
            now_s = self._clock()
            if self._pool.all_serve_another:
                raise remote_error("another_model")
            left_s = tries.began_s + self._patience.give_up_s - now_s
            if left_s <= 0:
                raise remote_error("unreachable" if self._pool.gone_for_s(now_s) > 0 else "timeout")
            server = self._pool.take(now_s)
            if server is not None:
                return server
            await self._sleep(min(left_s, max(_POLL_S, self._pool.wait_s(now_s))))

    async def _meet_again(self, server: Server, expected: ServedModel) -> None:
        """A server that was gone may have come back with another model: drafts must not be said to be of this
        one.
        """
        await self._introduce(server)
        if server.served != expected:
            server.serves_another = True
            raise Trouble("another_model")

    async def _post(
        self, server: Server, question: Question, model: str, asked_for: AskFor, tries: Tries
    ) -> bytes:
        left_s = tries.began_s + self._patience.give_up_s - self._clock()
        return await exchange(
            self._http,
            "POST",
            f"{server.url}/chat/completions",
            timeout_s=max(0.01, min(self._patience.timeout_s, left_s)),
            json=request_body(
                question, model=model, max_answer_tokens=self._max_answer_tokens, ask_for=asked_for
            ),
            wall_clock=self._wall_clock,
        )

    def _note(self, server: Server, trouble: Trouble, *, away: bool) -> None:
        """Remember what a failure says about the server; `away`: it can't work at all just now."""
        now_s = self._clock()
        if away or trouble.kind in ("gone", "dropped"):
            self._pool.could_not_be_reached(server, now_s)
        elif trouble.kind in ("timeout", "server_error"):
            self._pool.answered_with_error(server, now_s)
        if trouble.rest_s is not None:
            self._pool.asked_for_rest(server, now_s, min(trouble.rest_s, self._patience.longest_rest_s))

    async def _after(self, trouble: Trouble, server: Server, tries: Tries) -> None:
        """Wait before the next try; raises RemoteError when there will be none."""
        if trouble.kind == "gone":
            return  # not counted: the server's cool-down is the wait, and the report's own limit the end
        _raise_if_hopeless(trouble)
        if trouble.kind == "refused":
            if trouble.status == 404:
                raise remote_error("no_such_model", "404")
            lacks = tries.lacks.get(server.url, frozenset())
            refused = what_was_refused(trouble.status, trouble.refusal, without(server.ask_for, lacks))
            if not refused:
                raise remote_error("refused", str(trouble.status))
            tries.lacks[server.url] = lacks | {refused}
            return
        tries.retries += 1
        if tries.retries > self._patience.max_retries:
            code = "connection_lost" if trouble.kind == "dropped" else trouble.kind
            raise remote_error(code, str(trouble.status or ""))
        await self._wait(tries.retries, tries)

    async def _wait(self, times: int, tries: Tries) -> None:
        left_s = tries.began_s + self._patience.give_up_s - self._clock()
        await self._sleep(max(0.0, min(self._patience.wait_s(times, self._rng), left_s)))


def _raise_if_hopeless(trouble: Trouble) -> None:
    if trouble.kind == "certificate":
        raise remote_error("certificate")
    if trouble.status in (401, 403):
        raise remote_error("no_entry", str(trouble.status))
