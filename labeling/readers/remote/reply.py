"""What a model server sent back -> the answer, its token counts and probabilities; nothing is trusted."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

# `root` of a model opened from a local snapshot of a model hub ends in the commit it was made at.
_SNAPSHOT: Final = re.compile(r"/snapshots/([0-9a-f]{40})/?$")
_LONGEST_NAME: Final = 200


class ReplyError(ValueError):
    """The server's reply is not of the agreed form.

    `code` is stable; the message never holds what it said.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class TokenChance:
    """One token of an answer.

    Attributes:
        text: its bytes; a letter may be split between two tokens.
        probability: 0-1, of this token given everything before it.
        others: what else could have stood here, with its probability; the likeliest only.
    """

    text: bytes
    probability: float
    others: Sequence[tuple[bytes, float]] = ()


@dataclass(frozen=True)
class Reply:
    """One answer of a server.

    Attributes:
        text: what the model printed, verbatim.
        is_complete: it ended by itself and not at the length limit.
        server: what it says of itself (`system_fingerprint`), such as its version; else empty.
        prompt_tokens, answer_tokens: counts as the server gives them, 0 where it does not.
        tokens: empty where the server gives no probabilities.
    """

    text: str
    is_complete: bool = True
    prompt_tokens: int = 0
    answer_tokens: int = 0
    server: str = ""
    tokens: Sequence[TokenChance] = field(default=(), repr=False)


@dataclass(frozen=True)
class ServedModel:
    """A model as `/v1/models` lists it.

    Attributes:
        name: what to ask for.
        revision: the commit of its weights where the server's `root` shows one, else `root` itself, else
            `unknown`.
    """

    name: str
    revision: str = "unknown"


def reply_of(body: bytes) -> Reply:
    """Read one chat completion.

    Raises:
        ReplyError: `reply_not_json`, `reply_without_answer` or `reply_empty`.
    """
    message = _json_object(body)
    try:
        choice = message["choices"][0]
        text = choice["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise ReplyError("reply_without_answer") from None
    if text is not None and not isinstance(text, str):
        raise ReplyError("reply_without_answer")
    if not text or not text.strip():
        raise ReplyError("reply_empty")
    usage = message.get("usage")
    return Reply(
        text=text,
        is_complete=choice.get("finish_reason") != "length",
        prompt_tokens=_count(usage, "prompt_tokens"),
        answer_tokens=_count(usage, "completion_tokens"),
        server=str(message.get("system_fingerprint") or "")[:_LONGEST_NAME],
        tokens=_tokens(choice.get("logprobs")),
    )


def models_of(body: bytes) -> list[ServedModel]:
    """The models a server lists, in its order. Raises ReplyError when it is no such list."""
    listed = _json_object(body).get("data")
    if not isinstance(listed, list):
        raise ReplyError("reply_without_models")
    found = [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("id"), str)]
    return [ServedModel(entry["id"][:_LONGEST_NAME], _revision(entry.get("root"))) for entry in found]


def _revision(root: Any) -> str:
    if not isinstance(root, str) or not root.strip():
        return "unknown"
    snapshot = _SNAPSHOT.search(root)
    return snapshot.group(1) if snapshot else root.strip()[:_LONGEST_NAME]


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise ReplyError("reply_not_json") from None
    if not isinstance(message, dict):
        raise ReplyError("reply_not_json")
    return message


def _count(usage: Any, name: str) -> int:
    value = usage.get(name) if isinstance(usage, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _tokens(logprobs: Any) -> tuple[TokenChance, ...]:
    """The tokens with their probabilities; none at all when any of them is not as agreed."""
    listed = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    if not isinstance(listed, list):
        return ()
    tokens: list[TokenChance] = []
    for entry in listed:
        one = _chance(entry)
        if one is None:
            return ()
        others = entry.get("top_logprobs") or []
        weighed = [_chance(other) for other in others] if isinstance(others, list) else []
        tokens.append(TokenChance(*one, others=tuple(item for item in weighed if item is not None)))
    return tuple(tokens)


def _chance(entry: Any) -> tuple[bytes, float] | None:
    if not isinstance(entry, Mapping):
        return None
    logprob, text = entry.get("logprob"), entry.get("token")
    if not isinstance(logprob, int | float) or isinstance(logprob, bool) or math.isnan(logprob):
        return None
    try:
        given = entry.get("bytes")
        spelt = bytes(given) if isinstance(given, list) else str(text).encode()
    except (ValueError, TypeError):
        return None
    return spelt, min(1.0, math.exp(min(0.0, logprob)))
