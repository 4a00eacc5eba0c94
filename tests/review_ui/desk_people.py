"""The people at a desk, the way the page speaks for them, and a clock that is turned by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from desk_fixture import NOW, SeededDesk
from sqlmodel import col, select

from db.decisions import Role
from db.tables.events import Event
from db.tables.reviews import Review
from db.users import ensure_local_user
from review_ui.desk.context import Desk
from review_ui.desk.handlers import EVENTS, run_handler
from review_ui.door.sessions import Identity


@dataclass
class Clock:
    """A clock that only moves when told."""

    at_s: float = 1000.0

    def __call__(self) -> float:
        return self.at_s

    def wall(self) -> datetime:
        """The same moment as a date and time."""
        return NOW + timedelta(seconds=self.at_s - 1000.0)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.at_s += seconds


@dataclass
class Person:
    """Somebody at the desk: asks handlers the way the page does."""

    desk: Desk
    session_id: str | None
    annotator_id: int
    made: list[str] = field(default_factory=list)

    def ask(self, event: str, **payload: Any) -> dict[str, Any]:
        """Call one event."""
        return run_handler(EVENTS[event], self.desk, self.session_id, payload)

    def open(self) -> dict[str, Any]:
        """Open the next record and look at it long enough."""
        shown = self.ask("open_next")
        self.look()
        return shown

    def look(self) -> None:
        """Look at the record for a while."""
        clock = self.desk.sessions.clock
        assert isinstance(clock, Clock)
        clock.wait(5)

    def decide(self, shown: dict[str, Any], decision: str = "store", **changes: Any) -> dict[str, Any]:
        """Decide about a shown record."""
        self.made.append(f"request-{self.annotator_id}-{len(self.made):04d}")
        again = shown["record"]["again"]
        payload = {
            "case_id": shown["record"]["case_id"],
            "draft_id": shown["record"]["draft_id"],
            "screen": shown["record"]["screen"],
            "seen_review_id": shown["record"]["seen_review_id"],
            "base_review_id": again["review_id"] if again else None,
            "request_id": self.made[-1],
            "decision": decision,
            "active_s": 4.5,
        }
        return self.ask("decide", **{**payload, **changes})

    def beat(self, shown: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """A sign of life for a record on screen."""
        names = ("case_id", "draft_id", "screen", "seen_review_id")
        return self.ask(
            "heartbeat", **{name: shown["record"][name] for name in names}, is_active=True, **changes
        )


@dataclass
class DeskHall:
    """A seeded workspace and the people at it."""

    seeded: SeededDesk
    desk: Desk
    clock: Clock

    def sit_down(self, name: str, role: Role = Role.ANNOTATOR) -> Person:
        """Sign a person in with a one-time link."""
        with self.desk.database.write() as session:
            user = ensure_local_user(session, name=name, role=role, now=self.clock.wall())
        identity = Identity(int(user.id or 0), name, Role(user.role))
        session_id = self.desk.sessions.redeem(self.desk.sessions.issue_link(identity))
        return Person(self.desk, session_id, identity.annotator_id)

    def reviews(self) -> list[Review]:
        """Every stored review, oldest first."""
        with self.desk.database.read() as session:
            return list(session.exec(select(Review).order_by(col(Review.id))))

    def decision_events(self) -> list[Event]:
        """Every event that tells of a decision."""
        with self.desk.database.read() as session:
            return list(session.exec(select(Event).where(col(Event.subject).startswith("review:"))))


MakeHall = Callable[..., DeskHall]
SeedCopy = Callable[..., SeededDesk]
