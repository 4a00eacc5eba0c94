"""A stub of the messenger's Graph API, as its reference describes it.

Versioned paths, a bearer token, media in two steps with links that run out, signed webhooks that come in
batches, twice and in any order until they are answered with 200, statuses, error codes, outages, people
without a phone number, and ids that change.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

VERSION = "v25.0"
NUMBER = "106540352242922"
TOKEN = "EAAGm0PX4ZCpsBAJ7"
APP_SECRET = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
VERIFY = "q7Vb2mKz9LwX4tRn"
LINK_S = 300.0
WINDOW_S = 24 * 3600.0

# Posts a body with headers to the webhook; answers the status, 0 where nobody listens.
Post = Callable[[bytes, dict[str, str]], int]


@dataclass
class Faults:
    """Shares of what goes wrong, 0-1; and errors to be answered next, (HTTP status, code)."""

    twice: float = 0.0
    shuffled: bool = False
    outage: float = 0.0
    too_fast: float = 0.0
    unheard: float = 0.0  # taken, but the answer does not arrive
    next_errors: list[tuple[int, int]] = field(default_factory=list)


@dataclass(eq=False)
class Human:
    """A person with the messenger. Without `wa_id` their number is hidden."""

    user_id: str
    wa_id: str = ""
    spoke_at: float = -1e18
    got: list[dict[str, Any]] = field(default_factory=list)
    id_not_taken_for: tuple[str, ...] = ()

    def texts(self) -> list[str]:
        """What they have read."""
        return [text_of(message) for message in self.got]


def text_of(message: dict[str, Any]) -> str:
    """The words of a message of ours."""
    kind = message["type"]
    return str(message["text"]["body"] if kind == "text" else message["interactive"]["body"]["text"])


def buttons_of(message: dict[str, Any]) -> list[str]:
    """What its buttons mean."""
    if message["type"] != "interactive":
        return []
    return [button["reply"]["id"] for button in message["interactive"]["action"]["buttons"]]


class GraphStub:
    """The messenger. `react` is called with the person and each message they get."""

    def __init__(self, *, clock: Callable[[], float], seed: int = 1, faults: Faults | None = None) -> None:
        self.clock = clock
        self.rng = random.Random(seed)
        self.faults = faults or Faults()
        self.humans: dict[str, Human] = {}
        self.media: dict[str, bytes] = {}
        self.links: dict[str, tuple[str, float]] = {}
        self.queue: list[dict[str, Any]] = []
        self.delivered: list[dict[str, Any]] = []
        self.calls: list[dict[str, Any]] = []
        self.base = f"http://127.0.0.1/{VERSION}"
        self.react: Callable[[Human, dict[str, Any]], None] = lambda human, message: None
        self._made = 0
        self.app = Starlette(
            routes=[
                Route(f"/{VERSION}/{NUMBER}/messages", self._messages, methods=["POST"]),
                Route("/files/{link}", self._file),
                Route(f"/{VERSION}/{{media}}", self._media),
            ]
        )

    def human(self, user_id: str, wa_id: str = "", **more: Any) -> Human:
        """Somebody with the messenger."""
        self.humans[user_id] = Human(user_id, wa_id, **more)
        return self.humans[user_id]

    def _new(self, kind: str) -> str:
        self._made += 1
        return f"{kind}.{hashlib.sha256(f'{kind}{self._made}'.encode()).hexdigest()[:40]}"

    # --- what people do ---

    def say(self, human: Human, text: str) -> str:
        """They write; the id of the message."""
        return self._from(human, {"type": "text", "text": {"body": text}})

    def press(self, human: Human, meaning: str) -> str:
        """They press a button."""
        reply = {"id": meaning, "title": meaning}
        return self._from(
            human, {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": reply}}
        )

    def photograph(self, human: Human, photo: bytes, *, kind: str = "image") -> str:
        """They send a photo, or as a `document`."""
        media = self._new("media")
        self.media[media] = photo
        content = {"id": media, "mime_type": "image/jpeg", "sha256": hashlib.sha256(photo).hexdigest()}
        return self._from(human, {"type": kind, kind: content})

    def send_other(self, human: Human, kind: str = "audio") -> str:
        """They send something else."""
        return self._from(human, {"type": kind, kind: {"id": self._new("media")}})

    def change_id(
        self, human: Human, user_id: str, *, form: str = "user_changed_user_id", wa_id: str = ""
    ) -> None:
        """Their number changes, and the id with it; the news comes in one of the forms there have been."""
        old, old_wa_id = human.user_id, human.wa_id
        human.user_id, human.wa_id = user_id, wa_id
        self.humans[user_id] = human
        if form == "user_id_update":
            changed = {
                "user_id": {"previous": old, "current": user_id},
                "wa_id": wa_id,
                "timestamp": self._now(),
            }
            self.queue.append({"field": form, "value": self._value(user_id_update=[changed])})
            return
        system = {"body": "changed", "type": form, "user_id": user_id, "previous_user_id": old}
        message = {"id": self._new("wamid"), "timestamp": self._now(), "type": "system", "system": system}
        if form == "user_changed_number":
            system["wa_id"], message["from"] = wa_id, old_wa_id
        self.queue.append({"field": "messages", "value": self._value(messages=[message])})

    def _from(self, human: Human, content: dict[str, Any]) -> str:
        human.spoke_at = self.clock()
        message = {
            "id": self._new("wamid"),
            "timestamp": self._now(),
            "from_user_id": human.user_id,
            **content,
        }
        contact: dict[str, Any] = {"profile": {"name": "Somebody"}, "user_id": human.user_id}
        if human.wa_id:
            message["from"] = contact["wa_id"] = human.wa_id
        self.queue.append({"field": "messages", "value": self._value(contacts=[contact], messages=[message])})
        return str(message["id"])

    def _now(self) -> str:
        return str(int(self.clock()))

    def _value(self, **content: Any) -> dict[str, Any]:
        metadata = {"display_phone_number": "15550783881", "phone_number_id": NUMBER}
        return {"messaging_product": "whatsapp", "metadata": metadata, **content}

    # --- webhooks ---

    def deliver(self, post: Post, *, most: int = 20) -> int:
        """Post what waits, in batches; what is not answered with 200 is posted again. How many came."""
        waiting, self.queue = self.queue, []
        waiting += [change for change in waiting if self.rng.random() < self.faults.twice]
        if self.delivered and self.rng.random() < self.faults.twice:
            waiting.append(self.rng.choice(self.delivered))
        if self.faults.shuffled:
            self.rng.shuffle(waiting)
        through = 0
        while waiting:
            size = self.rng.randint(1, most)
            batch, waiting = waiting[:size], waiting[size:]
            body = json.dumps(
                {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": batch}]}
            )
            if post(body.encode(), signed_headers(body.encode())) == 200:
                self.delivered += batch
                through += len(batch)
            else:
                self.queue = batch + waiting + self.queue
                break
        return through

    # --- the API ---

    def _problem(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return error(401, 190)
        if self.faults.next_errors:
            return error(*self.faults.next_errors.pop(0))
        if self.rng.random() < self.faults.outage:
            return Response("upstream connect error", status_code=503)
        if self.rng.random() < self.faults.too_fast:
            return error(400, 131056)
        return None

    async def _messages(self, request: Request) -> Response:
        try:
            message = await request.json()
        except ClientDisconnect:  # killed in the middle of its sentence
            return Response(status_code=499)
        self.calls.append(message)
        problem = self._problem(request) or self._not_to(message)
        if problem is not None:
            return problem
        human = self._addressed(message)
        if human is None:
            return error(400, 131026)
        sent_id = self._new("wamid")
        human.got.append({**message, "id": sent_id})
        callback = message.get("biz_opaque_callback_data", "")
        for state in ("sent", "delivered"):
            self.status(sent_id, state, callback=callback, human=human)
        self.react(human, message)
        if self.rng.random() < self.faults.unheard:
            return Response("gateway timeout", status_code=504)
        contact = {"input": message.get("to") or message["recipient"], "user_id": human.user_id}
        sent = {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": sent_id}]}
        return JSONResponse(sent)

    def _not_to(self, message: dict[str, Any]) -> Response | None:
        human = self._addressed(message)
        if human is None:
            return error(400, 131026)
        if self.clock() - human.spoke_at > WINDOW_S:
            return error(400, 131047)
        if "to" not in message and message["type"] in human.id_not_taken_for:
            return error(400, 131062)
        return None

    def _addressed(self, message: dict[str, Any]) -> Human | None:
        """`to` wins over `recipient`."""
        if "to" in message:
            return next((human for human in self.humans.values() if human.wa_id == message["to"]), None)
        human = self.humans.get(message.get("recipient", ""))
        return human if human is not None and human.user_id == message["recipient"] else None

    def status(
        self, sent_id: str, state: str, *, callback: str = "", code: int = 0, human: Human | None = None
    ) -> None:
        """Queue news about a message of ours; a failed one names nobody."""
        status: dict[str, Any] = {"id": sent_id, "status": state, "timestamp": self._now()}
        contacts = []
        if callback:
            status["biz_opaque_callback_data"] = callback
        if state == "failed":
            status["errors"] = [{"code": code, "title": "failed"}]
        elif human is not None:
            status["recipient_user_id"] = human.user_id
            contacts = [{"user_id": human.user_id, "profile": {"name": "Somebody"}}]
        more = {"contacts": contacts} if contacts else {}
        self.queue.append({"field": "messages", "value": self._value(statuses=[status], **more)})

    async def _media(self, request: Request) -> Response:
        problem, media = self._problem(request), request.path_params["media"]
        if problem is not None or media not in self.media:
            return problem or error(400, 100)
        photo, link = self.media[media], self._new("link")
        self.links[link] = (media, self.clock() + LINK_S)
        address = f"{self.base.removesuffix('/' + VERSION)}/files/{link}"
        return JSONResponse(
            {"url": address, "mime_type": "image/jpeg", "sha256": hashlib.sha256(photo).hexdigest(),
             "file_size": len(photo), "id": media, "messaging_product": "whatsapp"}
        )  # fmt: skip

    async def _file(self, request: Request) -> Response:
        problem = self._problem(request)
        media, ends_at = self.links.get(request.path_params["link"], ("", 0.0))
        if problem is not None or self.clock() > ends_at:
            return problem or Response(status_code=404)
        return Response(self.media[media], media_type="image/jpeg")


def signed_headers(body: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    """The headers of a webhook."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}


def error(status: int, code: int) -> Response:
    """An error as the API words it."""
    return JSONResponse({"error": {"message": "(refused)", "type": "OAuthException", "code": code}}, status)
