"""What the desk can be asked to do. Plain functions: each takes a session secret and authorises itself.

Every handler answers with a JSON-ready dict whose `state` says what the page shows next: `record`, `empty`,
`refused`, `conflict`, `taken`, `kept`, `signed_out`, `busy` or `failed`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from db.cases import case_images
from db.drafts import latest_draft
from db.errors import EchoDeskError
from db.models import Case, ImageRole
from db.progress import progress
from db.reviews import reviews_of
from review_ui import queue, text
from review_ui.answers import AnswerError
from review_ui.decisions import DecisionRequest, store_decision
from review_ui.desk import Answer, Desk, NotSignedIn, conflict, refused, taken
from review_ui.policy import NotAllowed, admit, is_sign_of_life
from review_ui.sessions import DeskSession
from review_ui.views import build_record

if TYPE_CHECKING:
    from sqlmodel import Session

_LOG = logging.getLogger(__name__)


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OpenRequest(_Payload):
    """Ask for the next record; `leave` gives up one that was looked at again."""

    leave: int | None = Field(default=None, ge=1)


class BackRequest(_Payload):
    """Ask for the decision before `before_review_id`, or for the last one; `leave` as in `OpenRequest`."""

    before_review_id: int | None = Field(default=None, ge=1)
    leave: int | None = Field(default=None, ge=1)


class HeartbeatRequest(_Payload):
    """The record on screen, the newest review it was shown with, and other records the page still holds."""

    case_id: int = Field(ge=1)
    seen_review_id: int = Field(ge=0)
    also: list[int] = Field(default_factory=list, max_length=8)


def open_next(desk: Desk, session_id: str | None, payload: Mapping[str, Any]) -> Answer:
    """Lease and show the next record."""
    session = desk.signed_in(session_id)
    request = OpenRequest.model_validate(payload)
    with desk.database.write() as database:
        case = _next_case(database, desk, session, leave=request.leave)
    return _show(desk, session, case)


def decide(desk: Desk, session_id: str | None, payload: Mapping[str, Any]) -> Answer:
    """Store one decision and show the next record, or say why it cannot be stored."""
    session = desk.signed_in(session_id)
    request = DecisionRequest.model_validate(payload)
    if request.decision == "store" and _too_soon(desk, session, request.case_id):
        return refused("", text.TOO_SOON)
    try:
        with desk.database.write() as database:
            obstacle = store_decision(
                database,
                request,
                annotator_id=session.identity.annotator_id,
                now=desk.now(),
                lease_s=desk.lease_s,
            )
            # In the same transaction: a second one would wait for the disk once more.
            case = None if obstacle else _next_case(database, desk, session)
    except AnswerError as error:
        return refused(error.field, error.sentence)
    if obstacle is not None:
        return obstacle
    session.opened_at_s.pop(request.case_id, None)
    return {**_show(desk, session, case), "saved": True}


def go_back(desk: Desk, session_id: str | None, payload: Mapping[str, Any]) -> Answer:
    """Show the person's previous decision again; the record they come from stays theirs."""
    session = desk.signed_in(session_id)
    request = BackRequest.model_validate(payload)
    annotator_id = session.identity.annotator_id
    with desk.database.write() as database:
        review = queue.previous_review(database, annotator_id=annotator_id, before_id=request.before_review_id)
        if review is None:
            return refused("", text.NOTHING_BEFORE)
        case = queue.take_back(database, review=review, annotator_id=annotator_id, now=desk.now(), lease_s=desk.lease_s)
        if case is None:
            return refused("", text.HELD_BY_ANOTHER)
        if request.leave is not None and request.leave != case.id:
            queue.give_up(database, case_id=request.leave, annotator_id=annotator_id)
    return _show(desk, session, case)


def heartbeat(desk: Desk, session_id: str | None, payload: Mapping[str, Any]) -> Answer:
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
        reviews = reviews_of(database, case_id=request.case_id)
        if reviews and reviews[-1].id != request.seen_review_id:
            return conflict(reviews[-1])
        is_ours = queue.take(
            database, case_id=request.case_id, annotator_id=annotator_id, now=now, lease_s=desk.lease_s
        )
        return {"state": "kept"} if is_ours else taken()


Handler = Callable[[Desk, str | None, Mapping[str, Any]], Answer]

# Every event the page may call, by name; the shell in front lets nothing else through.
EVENTS: Final[Mapping[str, Handler]] = {
    "open_next": open_next,
    "decide": decide,
    "go_back": go_back,
    "heartbeat": heartbeat,
}


def answer(handler: Handler, desk: Desk, session_id: str | None, payload: object) -> Answer:
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
    except OperationalError:
        return {"state": "busy", "sentence": text.BUSY}
    except ValidationError as error:
        _LOG.warning("%s: a request with %d faults was refused", name, error.error_count())
    except EchoDeskError as error:
        return refused("", f"{error.message}. {error.hint}".strip())
    except Exception as error:  # noqa: BLE001 - the text of a database error holds the row, so only its type
        _LOG.error("%s failed with %s", name, type(error).__name__)
    return {"state": "failed", "sentence": text.FAILED}


def _next_case(database: Session, desk: Desk, session: DeskSession, *, leave: int | None = None) -> Case | None:
    annotator_id = session.identity.annotator_id
    return queue.next_case(database, annotator_id=annotator_id, now=desk.now(), lease_s=desk.lease_s, leave=leave)


def _show(desk: Desk, session: DeskSession, case: Case | None) -> Answer:
    """The screen for a case just leased, or for an empty queue. Only reads, after the lease is stored."""
    with desk.database.read() as database:
        shown = {"state": "empty", "who": session.identity.name, "progress": _progress(database)}
        if case is None:
            return shown
        case_id = int(case.id or 0)
        draft = latest_draft(database, case_id=case_id)
        if draft is None:
            raise EchoDeskError(f"record {case_id} has no draft", "Run echodesk extract")
        record = build_record(
            case=case,
            draft=draft,
            images=case_images(database, case_id=case_id, role=ImageRole.REPORT),
            reviews=reviews_of(database, case_id=case_id),
            annotator_id=session.identity.annotator_id,
        )
    session.opened_at_s[case_id] = desk.sessions.clock()
    return {**shown, "state": "record", "record": record.as_json()}


def _progress(database: Session) -> dict[str, int]:
    counts = progress(database)
    return {"done": counts.drafted - counts.waiting, "total": counts.drafted, "waiting": counts.waiting}


def _too_soon(desk: Desk, session: DeskSession, case_id: int) -> bool:
    opened_at_s = session.opened_at_s.get(case_id)
    return opened_at_s is not None and desk.sessions.clock() - opened_at_s < desk.min_view_s
