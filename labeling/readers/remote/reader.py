"""The reader behind a server: any OpenAI-compatible one (vLLM, SGLang, `transformers serve`), or several of
them.

Report pages leave this process for the addresses the user named and for nowhere else. What comes back is held
to the same strict form as a local model's answer, whatever the server promised. See docs/scaling.md.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from db.errors import EchoDeskError
from db.files.manifest import sha256_of
from labeling.readers.answer_reading import reading_of_answer
from labeling.readers.answer_schema import ANSWER_SCHEMA_VERSION, answer_schema, schema_sha256
from labeling.readers.base import FieldAnswer, Generation, Reading, read_one
from labeling.readers.parse import AnswerError, parse_answer
from labeling.readers.prompts import (
    DEFAULT_PROMPT,
    PROMPTS,
    SECOND_PROMPT,
    Prompt,
    check_prompt,
    conversation,
)
from labeling.readers.remote.client import Answered, RemoteClient
from labeling.readers.remote.field_answers import Form, field_answer, field_confidence, field_question
from labeling.readers.remote.reply import ServedModel
from labeling.readers.remote.request import Question, remote_picture
from labeling.readers.remote.servers import Patience, ServerPool
from labeling.readers.remote.transport import checked_addresses, checked_key, open_client

if TYPE_CHECKING:
    from PIL.Image import Image

    from db.fields.names import FieldName
    from labeling.pages.page import Page

    # Pictures with whether each was compressed with loss before, the prompt, and the form of the answer.
    _Asked = tuple[Sequence[tuple[Image, bool]], Prompt, Form]

# Raise it when the same page could be sent, or an answer understood, differently.
REMOTE_VERSION: Final = "1"

# One square of 28 px costs a token: 256 to 2,048 of them a page. The defaults of `db/workspace.py`.
MIN_PIXELS: Final = 256 * 28 * 28
MAX_PIXELS: Final = 2048 * 28 * 28


def utc_now() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


class RemoteReader:
    """Reads reports by asking model servers. Building it asks them which model they serve.

    Args:
        urls: base addresses such as `http://127.0.0.1:8000/v1`, one a replica; plain http only on this
            machine.
        model: the name to ask for; may be left out where the servers list exactly one.
        api_key: sent to every server as a bearer token; empty for none.
        prompt: id of a released prompt.
        concurrency: most requests under way at each server.
        min_pixels, max_pixels: bounds of a page as it is sent; a token for every 784 of them.
        max_answer_tokens: an answer longer than this is cut off and fails.
        timeout_s, max_retries: of one request; `patience` holds these and the finer settings.
        allow_plain_http: the network to the servers is trusted.
        rng, clock, wall_clock, sleep: chance and time, for tests.

    Raises:
        EchoDeskError: an address or option can't be used, no server answers, or they serve different models.
    """

    name = "remote"

    def __init__(
        self,
        urls: Sequence[str],
        model: str = "",
        *,
        api_key: str = "",
        prompt: str = DEFAULT_PROMPT,
        concurrency: int = 8,
        min_pixels: int = MIN_PIXELS,
        max_pixels: int = MAX_PIXELS,
        max_answer_tokens: int = 768,
        timeout_s: float = 120.0,
        max_retries: int = 5,
        allow_plain_http: bool = False,
        patience: Patience | None = None,
        rng: random.Random | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if concurrency < 1 or max_answer_tokens < 1 or not 0 < min_pixels <= max_pixels:
            raise EchoDeskError(
                "a limit of the remote reader is not usable", "Limits are above 0, min below max."
            )
        addresses = checked_addresses(urls, allow_plain_http=allow_plain_http)
        self._api_key = checked_key(api_key)
        self._asked_model = model
        self._prompt = _record_prompt(prompt)
        self._pixels = {"min_pixels": min_pixels, "max_pixels": max_pixels}
        self._max_answer_tokens = max_answer_tokens
        self._patience = patience or Patience(timeout_s=timeout_s, max_retries=max_retries)
        # Several workers must not come back at the same moments, so by default each has chances of its own.
        self._rng = rng or random.Random()  # noqa: S311 - spreads waits, no secret
        self._clock, self._wall_clock, self._sleep = clock, wall_clock, sleep
        self._pool = ServerPool(
            addresses,
            concurrency=concurrency,
            first_cool_down_s=self._patience.first_cool_down_s,
            longest_cool_down_s=self._patience.longest_cool_down_s,
        )
        self._most_at_once = concurrency * len(addresses)
        self._served: ServedModel = asyncio.run(self._meet())

    @property
    def version(self) -> str:
        """Model, prompt, and a hash over all that decides an answer; no address and no key."""
        decides = [
            REMOTE_VERSION,
            self._served.name,
            self._served.revision,
            self._prompt.sha256,
            schema_sha256(),
        ]
        digest = sha256_of(json.dumps([*decides, self._settings()], sort_keys=True).encode())
        return f"{_short_name(self._served.name)}+{self._prompt.id}+{digest[:8]}"

    @property
    def weights_revision(self) -> str:
        """What the server says of its weights, else `unknown`."""
        return self._served.revision

    @property
    def prompt_version(self) -> str:
        """The id of the prompt."""
        return self._prompt.id

    @property
    def batch_size(self) -> int:
        """As many reports as may be under way at once, at all servers together."""
        return self._most_at_once

    def read_pages(self, pages: Sequence[Page]) -> Reading:
        """Read one report from its upright pages, in order.

        Raises:
            EchoDeskError: there is no answer, or none of the agreed form.
        """
        return read_one(self, pages)

    def read_reports(self, reports: Sequence[Sequence[Page]]) -> list[Reading | Exception]:
        """Read several reports at once; the answers in their order. What fails for one is its answer."""
        return self._read(reports, self._prompt)

    def read_again(
        self, reports: Sequence[Sequence[Page]], prompt_id: str = SECOND_PROMPT
    ) -> list[Reading | Exception]:
        """A second reading of whole reports, asked with another prompt.

        Raises EchoDeskError for an unknown one.
        """
        return self._read(reports, _record_prompt(prompt_id))

    def ask_fields(self, questions: Sequence[tuple[FieldName, Image]]) -> list[FieldAnswer | Exception]:
        """What each piece of a page says about one field; the answers in order, what fails is its answer."""
        asked = [([(image, False)], check_prompt(name), field_question(name)) for name, image in questions]
        return [
            outcome if isinstance(outcome, Exception) else field_answer(name, outcome.reply)
            for (name, _), outcome in zip(questions, asyncio.run(self._ask_all(asked)), strict=True)
        ]

    def _read(self, reports: Sequence[Sequence[Page]], prompt: Prompt) -> list[Reading | Exception]:
        form = (answer_schema(), _fault_of)
        asked = [([(page.image, page.lossy) for page in pages], prompt, form) for pages in reports]
        outcomes = asyncio.run(self._ask_all(asked))
        return [
            outcome if isinstance(outcome, Exception) else self._reading_of(outcome, prompt)
            for outcome in outcomes
        ]

    async def _meet(self) -> ServedModel:
        async with self._open() as http:
            return await self._client(http).meet()

    async def _ask_all(self, asked: Sequence[_Asked]) -> list[Answered | Exception]:
        places = asyncio.Semaphore(self._most_at_once)
        async with self._open() as http:
            client = self._client(http)
            return await asyncio.gather(*(self._ask_one(one, client, places) for one in asked))

    async def _ask_one(
        self, asked: _Asked, client: RemoteClient, places: asyncio.Semaphore
    ) -> Answered | Exception:
        images, prompt, (schema, fault_of) = asked
        async with places:  # pages are encoded here, too, so that only so many are held as text at once
            try:
                pictures = await asyncio.to_thread(
                    lambda: [
                        remote_picture(image, is_lossy=is_lossy, **self._pixels) for image, is_lossy in images
                    ]
                )
                question = Question(conversation(pictures, prompt), schema, fault_of)
                return await client.ask(question, expected=self._served)
            except Exception as error:  # noqa: BLE001 - one report must not stop the others
                return error

    def _reading_of(self, answered: Answered, prompt: Prompt) -> Reading | Exception:
        reply = answered.reply
        generation = Generation(
            model=self._served.name,
            revision=self._served.revision,
            prompt_id=prompt.id,
            decoding={
                **self._settings(),
                "grammar": "json_schema" if answered.asked_for.schema else "none",
                "bounded_quotes": answered.asked_for.schema and answered.asked_for.bounded,
                "logprobs": bool(reply.tokens),
                "requests": answered.requests,
                "server": reply.server,
            },
            raw_text=reply.text,
            prompt_tokens=reply.prompt_tokens,
            answer_tokens=reply.answer_tokens,
            elapsed_s=answered.elapsed_s,
            is_complete=reply.is_complete,
        )
        try:
            return reading_of_answer(
                reply.text, generation=generation, confidence=field_confidence(reply.text, reply.tokens)
            )
        except EchoDeskError as error:
            return error

    def _settings(self) -> dict[str, Any]:
        """What we ask for that decides the answer; with each draft stands besides what the server granted."""
        return {
            "temperature": 0,
            "max_answer_tokens": self._max_answer_tokens,
            "schema": ANSWER_SCHEMA_VERSION,
            **self._pixels,
        }

    def _open(self) -> Any:
        return open_client(
            api_key=self._api_key,
            connect_timeout_s=self._patience.connect_timeout_s,
            timeout_s=self._patience.timeout_s,
        )

    def _client(self, http: Any) -> RemoteClient:
        return RemoteClient(
            self._pool,
            http,
            model=self._asked_model,
            patience=self._patience,
            max_answer_tokens=self._max_answer_tokens,
            rng=self._rng,
            clock=self._clock,
            wall_clock=self._wall_clock,
            sleep=self._sleep,
        )


def _record_prompt(prompt_id: str) -> Prompt:
    if prompt_id not in PROMPTS or not prompt_id.startswith("read-"):
        known = ", ".join(name for name in PROMPTS if name.startswith("read-"))
        raise EchoDeskError(
            f"there is no prompt {prompt_id!r} for whole reports", f"Released prompts: {known}."
        )
    return PROMPTS[prompt_id]


def _fault_of(text: str) -> str:
    try:
        parse_answer(text)
    except AnswerError as error:
        return error.code
    return ""


def _short_name(model: str) -> str:
    """The last part of a hub name or a path: no folder of the server's machine gets into a version."""
    return model.rstrip("/").rpartition("/")[2] or model
