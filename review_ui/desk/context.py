"""What every handler works with, and the shapes of an answer that is not a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from db.access.desk_key import load_or_create_desk_key
from db.queue.plan import ReadingRules
from db.store.engine import Database
from db.tables.cases import Image
from db.tables.reviews import Review
from db.workspace import Workspace
from review_ui import text
from review_ui.desk.cards import summary
from review_ui.door.sessions import DeskSession, SessionBook

Answer = dict[str, Any]


# A region of a stored page image (left, top, right, bottom; pixels) and the card it is for -> answers and a
# line.
Box = tuple[float, float, float, float]
Reread = Callable[[Image, Box, str], "RereadAnswer"]


@dataclass(frozen=True)
class RereadAnswer:
    """What one region of a page says about a card: answers as the page sends them, and the words read
    there.
    """

    answers: Mapping[str, Any]
    words: str = ""


class NotSignedIn(Exception):
    """No live session came with the request."""


@dataclass(frozen=True)
class Desk:
    """What the handlers work with.

    Attributes:
        now: the wall clock, UTC.
        lease_s: how long a record stays held without a sign of life.
        min_view_s: a record on screen for less than this cannot be accepted.
        rules: what a decision is stored by, and the key of the draws.
        vigilance_share: of records, 0-1, that show a practice draft first.
        blind_share: of records, 0-1, whose draft is hidden until values are entered.
        clean_share: of records given, 0-1, that are drawn at random among clean drafts.
        reread: reads one region of a page again; None where no reader was handed in.
    """

    database: Database
    sessions: SessionBook
    now: Callable[[], datetime]
    lease_s: float
    min_view_s: float = 1.0
    rules: ReadingRules = field(default_factory=ReadingRules)
    vigilance_share: float = 0.0
    blind_share: float = 0.0
    clean_share: float = 0.0
    reread: Reread | None = None

    def signed_in(self, session_id: str | None) -> DeskSession:
        """The session of a request.

        Raises:
            NotSignedIn: when there is none.
        """
        session = self.sessions.find(session_id)
        if session is None:
            raise NotSignedIn
        return session


def desk_of(
    workspace: Workspace,
    database: Database,
    sessions: SessionBook,
    *,
    now: Callable[[], datetime],
    min_view_s: float = 1.0,
    reread: Reread | None = None,
) -> Desk:
    """A desk with a workspace's settings."""
    return Desk(
        database,
        sessions,
        now=now,
        lease_s=workspace.lease_s,
        min_view_s=min_view_s,
        rules=ReadingRules(
            ef_tolerance_points=workspace.ef_tolerance_points,
            second_reading_share=workspace.second_reading_share,
            key=load_or_create_desk_key(workspace),
        ),
        vigilance_share=workspace.vigilance_share,
        blind_share=workspace.blind_share,
        clean_share=workspace.clean_share,
        reread=reread,
    )


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
