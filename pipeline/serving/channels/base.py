"""What a channel is: something that carries a letter to a person and fetches what they sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class Letter:
    """One message to one person.

    Attributes:
        key: ours; the channel gives it back with the news of what became of the letter.
        choices: up to three, (meaning, what stands on the button).
        quote: the id of the message it answers, or empty.
        user_id, wa_id: the business-scoped id and the phone number; either may be empty.
        by_phone: the id was refused for this kind of message: use the number.
    """

    key: str
    text: str
    choices: tuple[tuple[str, str], ...]
    quote: str
    user_id: str
    wa_id: str
    by_phone: bool


class End(StrEnum):
    """How sending ended."""

    SENT = "sent"
    RETRY = "retry"  # this letter again, later
    PAUSE = "pause"  # nothing to anybody for a while
    BY_PHONE = "by_phone"  # the id is not taken for this message: the phone number
    CLOSED = "closed"  # the time to answer is over
    REFUSED = "refused"  # never
    UNSURE = "unsure"  # it may have been sent


@dataclass(frozen=True)
class Outcome:
    """What came of sending.

    Attributes:
        sent_id: the channel's own id of the letter.
        code: the channel's error code, 0 for none.
        after_s: how long to wait at least, where the channel said so.
    """

    end: End
    sent_id: str = ""
    code: int = 0
    after_s: float = 0.0


class FetchTrouble(Exception):
    """A photo can't be had. The reason is one of the conversation's news.

    Attributes:
        reason: `too_large`, `wrong_type` or `photo_gone`; empty: try again later.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason or "later")
        self.reason = reason


class Channel(Protocol):
    """A way to people."""

    name: str

    async def send(self, letter: Letter) -> Outcome:
        """Carry a letter. Never raises for what the other side does."""

    async def fetch(self, media_id: str) -> bytes:
        """The bytes of a photo somebody sent.

        Raises:
            FetchTrouble: it can't be had, now or ever.
        """

    async def close(self) -> None:
        """Let go of connections."""
