"""A webhook's body -> what happened: messages, statuses, changed ids. Whatever has another form is left out.

Source: the messenger's webhook reference of 2026-08: `entry[] x changes[] x value.{contacts, messages,
statuses}`; a person's business-scoped `user_id` is always there, their number (`wa_id`, `from`) may not be.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

PHOTOS: Final = ("image", "document")
# Errors and statuses name no person; ids of the messenger are shorter than this.
LONGEST_ID: Final = 300
LONGEST_TEXT: Final = 400
_MOST_CODE: Final = 2**31


@dataclass(frozen=True)
class Incoming:
    """A message of a person.

    Attributes:
        kind: `text`, `photo` or `other`.
        body: what the conversation needs: `text`, or `media_id`, `mime` and `sent_as`.
        sent_at: by the messenger's clock, seconds since 1970.
    """

    message_id: str
    user_id: str
    wa_id: str
    kind: str
    sent_at: float
    body: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Status:
    """What became of a message of ours. `callback` is the key we sent along with it, where one came back."""

    message_id: str
    state: str
    code: int
    callback: str


@dataclass(frozen=True)
class NewId:
    """A person goes by other ids from now on; an empty one is not known."""

    message_id: str
    old_user_id: str
    new_user_id: str
    old_wa_id: str
    new_wa_id: str
    sent_at: float


Event = Incoming | Status | NewId


def events_of(body: bytes, *, phone_number_id: str) -> list[Event]:
    """Everything in one webhook that concerns our number, in its order.

    Raises:
        ValueError: the body is not JSON.
    """
    try:
        payload = json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return list(_events(payload, phone_number_id))


def _events(payload: Any, phone_number_id: str) -> Iterator[Event]:
    for entry in _dicts(_dict(payload).get("entry")):
        for change in _dicts(entry.get("changes")):
            value = _dict(change.get("value"))
            ours = _text(_dict(value.get("metadata")), "phone_number_id")
            if ours not in ("", phone_number_id):
                continue
            contacts = _dicts(value.get("contacts"))
            for message in _dicts(value.get("messages")):
                yield from _message(message, contacts)
            for status in _dicts(value.get("statuses")):
                yield from _status(status)
            for update in _dicts(value.get("user_id_update")):
                yield from _user_id_update(update)


def _message(message: Mapping[str, Any], contacts: list[dict[str, Any]]) -> Iterator[Event]:
    message_id, sent_at = _text(message, "id"), _time(message)
    if not message_id:
        return
    system = _dict(message.get("system"))
    if message.get("type") == "system":
        yield from _system(message_id, sent_at, _text(message, "from"), system)
        return
    wa_id, user_id = _text(message, "from"), _text(message, "from_user_id")
    contact = _contact_of(contacts, user_id, wa_id)
    user_id, wa_id = user_id or _text(contact, "user_id"), wa_id or _text(contact, "wa_id")
    if not (user_id or wa_id):
        return
    kind, body = _content(message)
    yield Incoming(message_id, user_id, wa_id, kind, sent_at, body)


def _contact_of(contacts: list[dict[str, Any]], user_id: str, wa_id: str) -> dict[str, Any]:
    for contact in contacts:
        if user_id and _text(contact, "user_id") == user_id or wa_id and _text(contact, "wa_id") == wa_id:
            return contact
    return contacts[0] if len(contacts) == 1 and not (user_id and wa_id) else {}


def _content(message: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """(kind, what the conversation needs of it)."""
    kind = message.get("type")
    if kind == "text":
        return "text", {"text": _text(_dict(message.get("text")), "body", LONGEST_TEXT)}
    if kind == "interactive":
        pressed = _dict(_dict(message.get("interactive")).get("button_reply"))
        return "text", {"text": _text(pressed, "id")}
    if kind in PHOTOS:
        media = _dict(message.get(kind))
        media_id = _text(media, "id")
        if media_id:
            return "photo", {
                "media_id": media_id, "mime": _text(media, "mime_type"), "sent_as": str(kind)
            }  # fmt: skip
    return "other", {}


def _system(message_id: str, sent_at: float, wa_id: str, system: dict[str, Any]) -> Iterator[NewId]:
    """A changed number changes the id too; `wa_id` of the new number may be withheld."""
    if _text(system, "type") not in (
        "user_changed_user_id",
        "user_changed_number",
        "customer_changed_number",
    ):
        return
    yield NewId(
        message_id,
        _text(system, "previous_user_id"),
        _text(system, "user_id"),
        wa_id or _text(system, "customer"),
        _text(system, "wa_id") or _text(system, "new_wa_id"),
        sent_at,
    )


def _user_id_update(update: Mapping[str, Any]) -> Iterator[NewId]:
    """The older form of the same news, in a field of its own."""
    changed = _dict(update.get("user_id"))
    old, new = _text(changed, "previous"), _text(changed, "current")
    if old and new:
        wa_id = _text(update, "wa_id")
        yield NewId(f"user_id_update:{old}:{new}"[:LONGEST_ID], old, new, "", wa_id, _time(update))


def _status(status: Mapping[str, Any]) -> Iterator[Status]:
    message_id, state = _text(status, "id"), _text(status, "status")
    if message_id and state in ("sent", "delivered", "read", "failed"):
        errors = _dicts(status.get("errors"))
        code = errors[0].get("code") if errors else None
        callback = _text(status, "biz_opaque_callback_data")
        # One that no messenger sends could not be stored, and would keep the whole webhook from being taken.
        known = code if isinstance(code, int) and abs(code) < _MOST_CODE else 0
        yield Status(message_id, state, known, callback)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(values: Mapping[str, Any], name: str, longest: int = LONGEST_ID) -> str:
    """A text of ours; one longer than any real one is cut, and lone surrogates can't be stored."""
    value = values.get(name)
    if not isinstance(value, str):
        return ""
    return value[:longest].encode("utf-8", "ignore").decode()


def _time(values: Mapping[str, Any]) -> float:
    """Seconds since 1970; 0 where it says none."""
    stamp = values.get("timestamp")
    text = str(stamp) if isinstance(stamp, int | str) else ""
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 11 else 0.0
