"""What every handler works with: the database, the sessions, the clock, the settings of the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from db.access.desk_key import load_or_create_desk_key
from db.access.own_ids import OwnIds
from db.files.as_typed import as_typed
from db.queue.desk_shares import DeskShares
from db.queue.plan import ReadingRules
from db.store.engine import Database
from db.tables.cases import Image
from db.workspace import Workspace
from review_ui.desk.crops import PixelBox
from review_ui.desk.datasets import Datasets
from review_ui.door.sessions import DeskSession, SessionBook
from review_ui.work.hooks import WorkHooks

# A region of a stored page image (left, top, right, bottom; pixels) and the card it is for -> answers and
# words.
RegionReader = Callable[[Image, PixelBox, str], "RereadAnswer"]


@dataclass(frozen=True)
class RereadAnswer:
    """What one region of a page says about a card: answers as the page sends them, and the words read
    there.
    """

    answers: Mapping[str, Any]
    words: str = ""


@dataclass(frozen=True)
class MachineCheck:
    """One thing looked at on this machine: how it stands (`PASS`, `WARN`, `FAIL`), and what to do."""

    grade: str
    name: str
    found: str
    fix: str


# Looks at this machine, as `echodesk doctor` does.
Examine = Callable[[], Sequence[MachineCheck]]


class NotSignedIn(Exception):
    """No live session came with the request."""


@dataclass
class Desk:
    """What the handlers work with. Only the shares change while it serves (`adopt`).

    Attributes:
        workspace: where the shares are kept and files are made that are taken out; None where neither can be.
        now: the wall clock, UTC.
        lease_s: how long a record stays held without a sign of life.
        min_view_s: a record on screen for less than this cannot be accepted.
        rules: what a decision is stored by, and the key of the draws.
        vigilance_share: of records, 0-1, that show a practice draft first.
        blind_share: of records, 0-1, whose draft is hidden until values are entered.
        clean_share: of records given, 0-1, that are drawn at random among clean drafts.
        reread: reads one region of a page again; None where no reader was handed in.
        own_ids: the hospital's own patient ids, where intake kept them.
        datasets: freezes labels and reads what is frozen; None where nothing was handed in.
        examine: looks at this machine; None where nothing was handed in.
        work: adds reports and has them read; None where nothing was handed in.
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
    reread: RegionReader | None = None
    own_ids: OwnIds | None = None
    workspace: Workspace | None = None
    examine: Examine | None = None
    datasets: Datasets | None = None
    work: WorkHooks | None = None

    def adopt(self, shares: DeskShares) -> None:
        """Work by these shares from the next record on."""
        self.rules = replace(self.rules, second_reading_share=shares.second_reading_share)
        self.vigilance_share = shares.vigilance_share
        self.blind_share = shares.blind_share
        self.clean_share = shares.clean_share

    def as_typed(self, sentence: str) -> str:
        """A sentence whose commands can be typed as they stand."""
        return as_typed(sentence, None if self.workspace is None else self.workspace.workspace)

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
    reread: RegionReader | None = None,
    examine: Examine | None = None,
    datasets: Datasets | None = None,
    work: WorkHooks | None = None,
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
        own_ids=OwnIds(workspace),
        workspace=workspace,
        datasets=datasets,
        examine=examine,
        work=work,
    )
