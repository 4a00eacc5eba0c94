"""What every handler works with, and the shapes of an answer that is not a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.engine import Database
from db.models import Review
from review_ui import text
from review_ui.sessions import DeskSession, SessionBook
from review_ui.views import summary

Answer = dict[str, Any]


class NotSignedIn(Exception):
    """No live session came with the request."""


@dataclass(frozen=True)
class Desk:
    """What the handlers work with.

    Attributes:
        now: the wall clock, UTC.
        lease_s: how long a record stays held without a sign of life.
        min_view_s: a record on screen for less than this cannot be accepted.
    """

    database: Database
    sessions: SessionBook
    now: Callable[[], datetime]
    lease_s: float
    min_view_s: float = 1.0

    def signed_in(self, session_id: str | None) -> DeskSession:
        """The session of a request.

        Raises:
            NotSignedIn: when there is none.
        """
        session = self.sessions.find(session_id)
        if session is None:
            raise NotSignedIn
        return session


def refused(field: str, sentence: str) -> Answer:
    """An answer that cannot be taken as it stands; `field` is its card, `note`, or empty."""
    return {"state": "refused", "field": field, "sentence": sentence}


def taken() -> Answer:
    """Somebody else has the record now."""
    return {"state": "taken", "sentence": text.TAKEN, "keys": text.TAKEN_KEYS}


def conflict(newest: Review) -> Answer:
    """The record was decided while it was on screen; the page may store over it knowingly."""
    return {
        "state": "conflict",
        "sentence": text.CONFLICT.format(answers=summary(newest.to_findings())),
        "keys": text.CONFLICT_KEYS,
        "seen_review_id": newest.id,
    }
