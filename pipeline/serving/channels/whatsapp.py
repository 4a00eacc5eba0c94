"""WhatsApp's Cloud API: letters out, photos in."""

from __future__ import annotations

import hashlib
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from pipeline.serving.channels.base import End, FetchTrouble, Letter, Outcome
from pipeline.serving.channels.graph_codes import outcome_of

NAME: Final = "whatsapp"
# Limits of the messenger, in letters.
LONGEST_TEXT: Final = 4096
LONGEST_QUESTION: Final = 1024
LONGEST_BUTTON: Final = 20
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
# A link to a photo is good for five minutes; it is used at once, and asked for anew each time.
_TIMEOUT_S: Final = 10.0


class WhatsApp:
    """The messenger's side of the relay.

    Args:
        base: address with version, `https://graph.facebook.com/v25.0`.
        media_hosts: hosts that may be asked for photos; the token goes nowhere else.
        transport: how to reach them; the network where it is None.
    """

    name = NAME

    def __init__(
        self,
        *,
        base: str,
        phone_number_id: str,
        token: str,
        media_hosts: tuple[str, ...],
        most_bytes: int,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._base = base.rstrip("/")
        self._number = phone_number_id
        self._hosts = (*media_hosts, urlsplit(base).hostname or "")
        self._most_bytes = most_bytes
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}"},
            timeout=_TIMEOUT_S,
            trust_env=False,
            transport=transport,
        )

    async def send(self, letter: Letter) -> Outcome:
        """Post one message; the answer's code says what follows."""
        if letter.by_phone and not letter.wa_id:
            return Outcome(End.REFUSED)
        try:
            answer = await self._http.post(f"{self._base}/{self._number}/messages", json=message_of(letter))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return Outcome(End.RETRY)
        except httpx.HTTPError:
            return Outcome(End.UNSURE)
        body = _json(answer)
        if answer.is_success:
            sent = body.get("messages")
            sent_id = (
                sent[0].get("id") if isinstance(sent, list) and sent and isinstance(sent[0], dict) else ""
            )
            return Outcome(End.SENT, sent_id=str(sent_id or ""))
        return outcome_of(_code(body), status=answer.status_code, after_s=_retry_after(answer))

    async def fetch(self, media_id: str) -> bytes:
        """Ask where a photo is, then fetch it there.

        Raises:
            FetchTrouble: it is gone, too large, changed on its way, or not to be had now.
        """
        try:
            return await self._fetched(media_id)
        except httpx.HTTPError as error:
            raise FetchTrouble("") from error

    async def _fetched(self, media_id: str) -> bytes:
        where = await self._http.get(f"{self._base}/{media_id}", params={"phone_number_id": self._number})
        _refuse(where)
        told = _json(where)
        address, size = str(told.get("url", "")), told.get("file_size")
        if isinstance(size, int) and size > self._most_bytes:
            raise FetchTrouble("too_large")
        parts = urlsplit(address)
        if parts.hostname not in self._hosts or not _is_private(parts.scheme, parts.hostname or ""):
            raise FetchTrouble("photo_gone")
        photo = bytearray()
        async with self._http.stream("GET", address) as answer:
            if not answer.is_success:
                raise FetchTrouble("")  # a link that has run out: the next try asks for a new one
            async for part in answer.aiter_bytes():
                photo += part
                if len(photo) > self._most_bytes:
                    raise FetchTrouble("too_large")
        if told.get("sha256") not in (None, "", hashlib.sha256(photo).hexdigest()):
            raise FetchTrouble("")
        return bytes(photo)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _is_private(scheme: str, host: str) -> bool:
    """Whether the token may be sent there: encrypted, or to this computer."""
    return scheme == "https" or (scheme == "http" and host in _LOOPBACK)


def _refuse(answer: httpx.Response) -> None:
    """The answer to where a photo is.

    Raises:
        FetchTrouble: it doesn't say: for ever where the photo is not known, else until later.
    """
    if not answer.is_success:
        outcome = outcome_of(_code(_json(answer)), status=answer.status_code)
        raise FetchTrouble("photo_gone" if outcome.end is End.REFUSED else "")


def message_of(letter: Letter) -> dict[str, Any]:
    """A letter as the messenger takes it. `to` wins where both are given, so only one is."""
    use_phone = letter.by_phone or not letter.user_id
    message: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "biz_opaque_callback_data": letter.key,
        **({"to": letter.wa_id} if use_phone else {"recipient": letter.user_id}),
    }
    if letter.quote:
        message["context"] = {"message_id": letter.quote}
    if not letter.choices:
        return {**message, "type": "text", "text": {"preview_url": False, "body": letter.text}}
    buttons = [
        {"type": "reply", "reply": {"id": meaning, "title": title}} for meaning, title in letter.choices
    ]
    asked = {"type": "button", "body": {"text": letter.text}, "action": {"buttons": buttons}}
    return {**message, "type": "interactive", "interactive": asked}


def _code(body: dict[str, Any]) -> int:
    error = body.get("error")
    code = error.get("code") if isinstance(error, dict) else 0
    return code if isinstance(code, int) else 0


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after(answer: httpx.Response) -> float:
    text = answer.headers.get("retry-after", "")
    return min(float(text), 3600.0) if text.isascii() and text.isdigit() else 0.0
