"""What the desk can be asked to do. Plain functions: each takes a session secret and authorises itself.

Every handler answers with a JSON-ready dict whose `state` says what the page shows next: `record`, `empty`,
`ahead`, `practice`, `reread`, `refused`, `conflict`, `taken`, `gone`, `kept`, `signed_out`, `busy` or
`failed`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from db.cases import case_images
from db.decisions import ImageRole, Purpose
from db.errors import EchoDeskError
from db.fields.names import CARDS
from db.queue.leases import keep_entered
from db.queue.leases import keep_work as store_work
from db.queue.next_reading import take_task
from db.queue.plan import newest_of, purpose_of
from db.store.engine import is_disk_full
from db.tables.findings import findings_columns
from review_ui import text
from review_ui.desk import queue
from review_ui.desk.answers import NotStorable, apply_answers
from review_ui.desk.context import Desk, NotSignedIn
from review_ui.desk.decisions import changed_since, find_screen, require_answers, store_decision
from review_ui.desk.marks import Variant
from review_ui.desk.opening import RecordGone, record_now, record_then
from review_ui.desk.page_answers import (
    Gathered,
    PageAnswer,
    answer_of,
    gather,
    gone,
    not_held,
    note_opened,
    record_answer,
    record_json,
    refused,
    taken,
)
from review_ui.desk.requests import (
    BackRequest,
    DecisionRequest,
    HeartbeatRequest,
    OpenRequest,
    PrefetchRequest,
    RereadRequest,
    RevealRequest,
    WorkRequest,
)
from review_ui.desk.undoing import redo, undo
from review_ui.desk.variants import seed_if_drawn
from review_ui.door.policy import NotAllowed, admit, is_sign_of_life
from review_ui.door.sessions import DeskSession

if TYPE_CHECKING:
    from sqlalchemy.exc import OperationalError
    from sqlmodel import Session

    from db.queue.next_reading import Task

_LOG = logging.getLogger(__name__)

# What was answered and not stored yet is small; a page that sends more is not ours.
WORK_MAX_CHARACTERS: Final = 60_000
_REVEALABLE: Final = (Variant.HIDDEN, Variant.REVEALED)


def open_next(desk: Desk, session_id: str | None, payload: Mapping[str, Any]) -> PageAnswer:
    """Lease and show the next record."""
    session = desk.signed_in(session_id)
    request = OpenRequest.model_validate(payload)
    with desk.database.write() as database:
        task = _next_task(database, desk, session, leave=request.leave)
    return record_answer(desk, session, task)


def prefetch(desk: Desk, session_id: str | None, payload: Mapping[str, Any]) -> PageAnswer:
    """Hold the next records for this person and say what will be on them."""
    session = desk.signed_in(session_id)
    request = PrefetchRequest.model_validate(payload)
    with desk.database.write() as database:
        tasks = queue.tasks_ahead(database, desk, session.identity, on_screen=request.case_id)
        for task in tasks:
            seed_if_drawn(database, desk, session.identity, task)
    with desk.database.read() as database:
        opened = [record_now(database, desk, session.identity, task) for task in tasks]
        return {"state": "ahead", "records": [record_json(database, desk, one) for one in opened]}


def decide(desk: Desk, session_id: str | None, payload: Mapping[str, Any]) -> PageAnswer:
    """Store one decision and show the next record, or say why it cannot be stored."""
    session = desk.signed_in(session_id)
    request = DecisionRequest.model_validate(payload)
    if request.decision == "store" and _too_soon(desk, session, request.case_id):
        return refused("", text.TOO_SOON)
    try:
        with desk.database.write() as database:
            obstacle = store_decision(database, desk, request, session.identity)
            # In the same transaction: a second one would wait for the disk once more.
            task = None if obstacle else _next_task(database, desk, session)
            shown = None if obstacle else _gathered(database, desk, session, task)
    except NotStorable as error:
        return refused(error.field, error.sentence)
    if obstacle is not None:
        return _practice(desk, session, request.case_id) if obstacle["state"] == "practice" else obstacle
    session.opened_at_s.pop(request.case_id, None)
    answer = record_answer(desk, session, task) if shown is None else answer_of(desk, session, shown)
    return {**answer, "saved": True}


def reveal(desk: Desk, session_id: str | None, payload: Mapping[str, Any]) -> PageAnswer:
    """Keep what was entered on a hidden draft and show the draft beside it."""
    session = desk.signed_in(session_id)
    request = RevealRequest.model_validate(payload)
    if _too_soon(desk, session, request.case_id):
        return refused("", text.TOO_SOON)
    try:
        with desk.database.write() as database:
            screen = find_screen(database, desk, request, session.identity)
            if screen is None or screen.purpose is not Purpose.FIRST or screen.variant not in _REVEALABLE:
                return refused("", text.OLD_SCREEN)
            opened = record_then(database, desk, session.identity, screen, base_review_id=None)
            if opened.is_settled or newest_of(opened.reviews, Purpose.FIRST) is not None:
                # Decided meanwhile: the draft is not shown with somebody else's label behind it.
                return taken()
            if screen.variant is Variant.HIDDEN:
                require_answers(CARDS, request.answers, must_enter=CARDS)
            who = session.identity.annotator_id
            if not queue.take_or_keep(
                database, opened.task, annotator_id=who, now=desk.now(), lease_s=desk.lease_s
            ):
                return taken()
            entered = findings_columns(apply_answers(opened.base, request.answers))
            keep_entered(database, case_id=request.case_id, annotator_id=who, entered=entered)
    except NotStorable as error:
        return refused(error.field, error.sentence)
    return record_answer(desk, session, opened.task)


def go_back(desk: Desk, session_id: str | None, payload: Mapping[str, Any]) -> PageAnswer:
    """Show the person's previous decision again; the record they come from stays theirs."""
    session = desk.signed_in(session_id)
    request = BackRequest.model_validate(payload)
    annotator_id = session.identity.annotator_id
    with desk.database.write() as database:
        review = queue.previous_review(
            database, annotator_id=annotator_id, before_id=request.before_review_id
        )
        if review is None:
            return refused("", text.NOTHING_BEFORE)
        queue.check_role(session.identity, purpose_of(review))
        task = queue.take_back(
            database, review=review, annotator_id=annotator_id, now=desk.now(), lease_s=desk.lease_s
        )
        if task is None:
            return refused("", text.HELD_BY_ANOTHER)
        if request.leave is not None and request.leave != task.case.id:
            queue.give_up(database, case_id=request.leave, annotator_id=annotator_id)
    return record_answer(desk, session, task)


def heartbeat(desk: Desk, session_id: str | None, payload: Mapping[str, Any]) -> PageAnswer:
    """Keep holding the records of a page; says what happened to the one on screen where it is lost."""
    session = desk.signed_in(session_id)
    request = HeartbeatRequest.model_validate(payload)
    annotator_id, now = session.identity.annotator_id, desk.now()
    with desk.database.write() as database:
        keep = partial(queue.keep_case, database, annotator_id=annotator_id, now=now, lease_s=desk.lease_s)
        for case_id in request.also:
            keep(case_id=case_id)
        if keep(case_id=request.case_id):
            return {"state": "kept"}
        screen = find_screen(database, desk, request, session.identity)
        if screen is None:
            return taken()
        # Only what this reading may know of: a second reader never learns what the first one answered.
        opened = record_then(database, desk, session.identity, screen, base_review_id=None)
        changed = changed_since(opened, request.seen_review_id)
        if changed is not None:
            return taken() if changed["state"] == "refused" else changed
        is_ours = take_task(database, opened.task, annotator_id=annotator_id, now=now, lease_s=desk.lease_s)
        return {"state": "kept"} if is_ours else taken()


def keep_work(desk: Desk, session_id: str | None, payload: Mapping[str, Any]) -> PageAnswer:
    """Keep what was answered and not stored yet, for a reload; it goes when the record does."""
    session = desk.signed_in(session_id)
    request = WorkRequest.model_validate(payload)
    work = None if request.work is None else {**request.work, "screen": request.screen}
    if len(str(work)) > WORK_MAX_CHARACTERS:
        return refused("", text.NOT_AN_ANSWER)
    annotator_id = session.identity.annotator_id
    with desk.database.write() as database:
        is_kept = store_work(database, case_id=request.case_id, annotator_id=annotator_id, work=work)
        return {"state": "kept"} if is_kept else not_held(database, request.case_id)


def reread(desk: Desk, session_id: str | None, payload: Mapping[str, Any]) -> PageAnswer:
    """Read one region of a page on screen again, for one card. Stores nothing."""
    session = desk.signed_in(session_id)
    request = RereadRequest.model_validate(payload)
    if desk.reread is None:
        return refused(request.field, text.NO_REREADING)
    annotator_id = session.identity.annotator_id
    with desk.database.read() as database:
        if not queue.is_held_by(database, case_id=request.case_id, annotator_id=annotator_id, now=desk.now()):
            return not_held(database, request.case_id)
        images = case_images(database, case_id=request.case_id, role=ImageRole.REPORT)
    if request.page > len(images):
        return refused(request.field, text.REREAD_NOTHING)
    image = images[request.page - 1]
    left, top, right, bottom = (min(max(share, 0.0), 1.0) for share in request.box)
    if right <= left or bottom <= top:
        return refused(request.field, text.REREAD_NOTHING)
    width, height = image.width_px, image.height_px
    found = desk.reread(image, (left * width, top * height, right * width, bottom * height), request.field)
    if not found.answers:
        return refused(request.field, text.REREAD_NOTHING)
    return {
        "state": "reread",
        "field": request.field,
        "answers": dict(found.answers),
        "sentence": text.REREAD,
    }


Handler = Callable[[Desk, str | None, Mapping[str, Any]], PageAnswer]

# Every event the page may call, by name; the shell in front lets nothing else through.
EVENTS: Final[Mapping[str, Handler]] = {
    "open_next": open_next,
    "prefetch": prefetch,
    "decide": decide,
    "reveal": reveal,
    "go_back": go_back,
    "undo": undo,
    "redo": redo,
    "heartbeat": heartbeat,
    "keep_work": keep_work,
    "reread": reread,
}


def run_handler(handler: Handler, desk: Desk, session_id: str | None, payload: object) -> PageAnswer:
    """Run a handler so that whatever happens is told calmly and nothing of a record reaches a log."""
    from sqlalchemy.exc import OperationalError

    name = getattr(handler, "__name__", "handler")
    try:
        if isinstance(payload, Mapping):
            admit(desk.signed_in(session_id).identity, name)
            answered = handler(desk, session_id, payload)
            if is_sign_of_life(name, payload):
                desk.sessions.note_activity(session_id)
            return answered
    except NotSignedIn:
        return {"state": "signed_out", "sentence": text.SIGNED_OUT}
    except NotAllowed:
        return refused("", text.NOT_ALLOWED)
    except RecordGone:
        return gone()
    except OperationalError as error:
        return busy_answer(error)
    except ValidationError as error:
        _LOG.warning("%s: a request with %d faults was refused", name, error.error_count())
    except EchoDeskError as error:
        return refused("", desk.as_typed(f"{error.message}. {error.hint}".strip()))
    except Exception as error:  # noqa: BLE001 - the text of a database error holds the row, so only its type
        _LOG.error("%s failed with %s", name, type(error).__name__)
    return {"state": "failed", "sentence": text.FAILED}


def busy_answer(error: OperationalError) -> PageAnswer:
    """What is said where the database does not answer in time, or has no room left."""
    if is_disk_full(error):
        return {"state": "busy", "sentence": text.DISK_FULL, "still": text.DISK_STILL_FULL}
    return {"state": "busy", "sentence": text.BUSY, "still": text.STILL_BUSY}


def _next_task(
    database: Session, desk: Desk, session: DeskSession, *, leave: int | None = None
) -> Task | None:
    task = queue.next_task(database, desk, session.identity, leave=leave)
    if task is not None:
        seed_if_drawn(database, desk, session.identity, task)
    return task


def _gathered(database: Session, desk: Desk, session: DeskSession, task: Task | None) -> Gathered | None:
    """What is said of the next record; None where it cannot be shown, which undoes no decision."""
    try:
        return gather(database, desk, session, task)
    except EchoDeskError:
        return None


def _practice(desk: Desk, session: DeskSession, case_id: int) -> PageAnswer:
    """The true draft, after a practice one was answered."""
    with desk.database.read() as database:
        task = queue.task_before(database, case_id=case_id, annotator_id=session.identity.annotator_id)
        if task is None:
            return taken()
        opened = record_now(database, desk, session.identity, task)
        record = record_json(database, desk, opened)
    return {"state": "practice", "record": record, **note_opened(desk, session, opened)}


def _too_soon(desk: Desk, session: DeskSession, case_id: int) -> bool:
    opened_at_s = session.opened_at_s.get(case_id)
    return opened_at_s is not None and desk.sessions.clock() - opened_at_s < desk.min_view_s
