"""What the page is answered: a record with who is working and how far the work is, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from db.cases import case_images, is_taken_out
from db.decisions import Decision, ImageRole, Purpose
from db.progress import FirstReadings, desk_counts, first_readings, progress, stuck_adjudications
from db.queue.leases import Holding, held_by_others
from db.tables.cases import Image
from db.tables.reviews import Review
from review_ui import text
from review_ui.desk.cards import findings_in_words
from review_ui.desk.context import Desk
from review_ui.desk.marks import Variant
from review_ui.desk.open_record import OpenRecord
from review_ui.desk.opening import record_now
from review_ui.desk.page_record import page_record, practice_sentence
from review_ui.door import policy
from review_ui.door.sessions import DeskSession, Identity
from review_ui.text.quality import PAGE_TITLES

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.queue.next_reading import Task

PageAnswer = dict[str, Any]


@dataclass(frozen=True)
class Gathered:
    """What an answer is made of: the progress, and a record with its pages, or why there is none."""

    progress: Mapping[str, int]
    opened: OpenRecord | None = None
    images: Sequence[Image] = ()
    nothing: Mapping[str, Any] = field(default_factory=dict)


def gather(database: Session, desk: Desk, session: DeskSession, task: Task | None) -> Gathered:
    """Read what there is to say of a record just leased, or of an empty queue."""
    counted = _progress(database, desk, session)
    if task is None:
        return Gathered(counted, nothing=nothing_waits(database, desk, session.identity))
    opened = record_now(database, desk, session.identity, task)
    return Gathered(counted, opened, _report_pages(database, opened))


def answer_of(desk: Desk, session: DeskSession, gathered: Gathered) -> PageAnswer:
    """The answer, once the lease is stored: from now on the record is on screen."""
    answer = {"state": "empty", "who": session.identity.name, "progress": dict(gathered.progress)}
    opened = gathered.opened
    if opened is None:
        return answer | dict(gathered.nothing)
    record = page_record(opened, gathered.images, key=desk.rules.key).as_json()
    return answer | {"state": "record", "record": record} | note_opened(desk, session, opened)


def record_answer(desk: Desk, session: DeskSession, task: Task | None) -> PageAnswer:
    """A record just leased, or an empty queue. Only reads, after the lease is stored."""
    with desk.database.read() as database:
        gathered = gather(database, desk, session, task)
    return answer_of(desk, session, gathered)


def nothing_waits(database: Session, desk: Desk, identity: Identity) -> PageAnswer:
    """Why there is no record, where to go from here, and whether to go there at once."""
    counted, first = progress(database), first_readings(database)
    is_empty, unread = not counted.cases, counted.cases - counted.drafted
    held = held_by_others(database, annotator_id=identity.annotator_id, now=desk.now())
    assigned = max(0, first.waiting - sum(one.number for one in held))
    why = [_why_no_first(first, assigned, is_empty=is_empty)]
    why += [text.EMPTY_AGAIN[name].format(number=number) for name, number in counted.again.items() if number]
    stuck = stuck_adjudications(database) if counted.again.get(Purpose.ADJUDICATION.value) else 0
    why += [text.EMPTY_STUCK.format(number=stuck)] if stuck else []
    why += [text.EMPTY_UNREAD.format(number=unread)] if unread else []
    is_done = first.total > 0 and not first.waiting
    wanted = {
        "/add": is_empty,
        "/reading": unread > 0,
        "/queue": stuck > 0,
        "/set-up": stuck > 0,
        "/take-out": is_done,
    }
    links = [
        {"path": path, "title": PAGE_TITLES[path]}
        for path, is_wanted in wanted.items()
        if is_wanted and policy.may(identity.role, path)
    ]
    go_to = links[0]["path"] if is_empty and links and desk.work is not None else None
    return {
        "why": " ".join(filter(None, why)),
        "held": [_held_line(one, identity) for one in held],
        "links": links,
        "go_to": go_to,
    }


def _held_line(holding: Holding, identity: Identity) -> dict[str, str]:
    """Who holds what is left; by name to who leads, for a second reader must not learn who was first."""
    name = holding.name if identity.role in policy.LEADS else text.EMPTY_SOMEONE
    sentence = text.EMPTY_HELD.format(name=name, number=holding.number)
    return {"sentence": sentence, "until": _iso(holding.until)}


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _why_no_first(first: FirstReadings, assigned: int, *, is_empty: bool) -> str:
    if is_empty:
        return text.EMPTY_NO_REPORTS
    if first.waiting:
        return text.EMPTY_ASSIGNED.format(number=assigned) if assigned else ""
    if first.total == 1:
        return text.EMPTY_ONE_DONE
    return text.EMPTY_ALL_DONE.format(total=first.total) if first.total else ""


def record_json(database: Session, desk: Desk, opened: OpenRecord) -> dict[str, Any]:
    """One record as the browser gets it."""
    return page_record(opened, _report_pages(database, opened), key=desk.rules.key).as_json()


def _report_pages(database: Session, opened: OpenRecord) -> Sequence[Image]:
    return case_images(database, case_id=opened.screen.case_id, role=ImageRole.REPORT)


def note_opened(desk: Desk, session: DeskSession, opened: OpenRecord) -> PageAnswer:
    """Note that a record is on screen from now on; after a practice draft also what is to be said."""
    session.opened_at_s[opened.screen.case_id] = desk.sessions.clock()
    if opened.seeded is None or opened.own is not None or opened.screen.variant is not Variant.PLAIN:
        return {}
    field, sentence = practice_sentence(opened)
    return {"field": field, "sentence": sentence}


def refused(field: str, sentence: str) -> PageAnswer:
    """An answer that cannot be taken as it stands; `field` is its card, `note`, or empty."""
    return {"state": "refused", "field": field, "sentence": sentence}


def taken() -> PageAnswer:
    """Somebody else has the record now."""
    return {"state": "taken", "sentence": text.TAKEN, "keys": text.TAKEN_KEYS}


def gone() -> PageAnswer:
    """The record was taken out; the page goes on to the next one."""
    return {"state": "gone", "sentence": text.GONE}


def not_held(session: Session, case_id: int) -> PageAnswer:
    """Why a record is not this person's any more: it is gone, or somebody else has it."""
    return gone() if is_taken_out(session, case_id=case_id) else taken()


def conflict(newest: Review, *, is_own: bool) -> PageAnswer:
    """The record was decided or flagged while it was on screen; the page may store over it knowingly."""
    # A flag holds what stood there, and nobody decided that.
    is_flag = newest.decision == Decision.FLAG.value
    decided = text.CONFLICT.format(answers=findings_in_words(newest.to_findings()))
    return {
        "state": "conflict",
        "sentence": text.CONFLICT_FLAGGED if is_flag else decided,
        "keys": text.CONFLICT_OWN_KEYS if is_own else text.CONFLICT_KEYS,
        "seen_review_id": newest.id,
    }


def _progress(database: Session, desk: Desk, session: DeskSession) -> dict[str, int]:
    """How many records there are, wait, and were decided by this person since midnight here."""
    midnight = desk.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    counts, today = desk_counts(database, annotator_id=session.identity.annotator_id, since=midnight)
    return {
        "done": counts.total - counts.waiting,
        "total": counts.total,
        "waiting": counts.waiting,
        "today": today,
    }
