"""The web link as a channel: a letter is there when the person's page asks for it."""

from __future__ import annotations

from typing import Final

from pipeline.serving.channels.base import End, FetchTrouble, Letter, Outcome

NAME: Final = "web"


class WebLink:
    """Answers wait in the outbox until the page shows them; photos come with the form itself."""

    name = NAME

    async def send(self, letter: Letter) -> Outcome:
        """Nothing has to be carried: the page reads the outbox."""
        return Outcome(End.SENT, sent_id=f"web:{letter.key}"[:200])

    async def fetch(self, media_id: str) -> bytes:
        """There is never anything to fetch.

        Raises:
            FetchTrouble: always.
        """
        del media_id
        raise FetchTrouble("photo_gone")

    async def close(self) -> None:
        """Nothing is open."""
