"""Which reading a person is given next: held ones, clean drafts, the queue's order, skipped ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col

from db.decisions import Purpose
from db.events import lock_chain
from db.queue.leases import bring_near, take_lease
from db.queue.reading_statements import (
    Among,
    free_reading,
    free_reading_of_case,
    held_or_first,
    held_readings,
)
from db.tables.cases import Case
from db.tables.queue import Lease


@dataclass(frozen=True)
class Task:
    """A case to read, and why.

    Attributes:
        sample_id: the audit sample the reading belongs to; null for the other purposes.
    """

    case: Case
    purpose: Purpose = Purpose.FIRST
    sample_id: int | None = None


@dataclass(frozen=True)
class Wish:
    """Which readings a person may be given: for which purposes, only of a site where it is named, whether a
    clean draft, drawn at random, comes before what the queue has first, and whether what they flagged
    themselves comes last, where nobody else could adjudicate it.
    """

    purposes: Collection[Purpose] = (Purpose.FIRST,)
    clean_first: bool = False
    site: str | None = None
    own_flags: bool = False


_FIRST_ONLY = Wish()


def lease_next(
    session: Session,
    *,
    annotator_id: int,
    now: datetime,
    lease_s: float,
    skip: Collection[int] = (),
    wish: Wish = _FIRST_ONLY,
) -> Task | None:
    """Give this person a case to look at, and the lease on it.

    First the case they already hold; then by the queue's order, among readings that wait, that are not
    assigned to somebody else, that the person may do, and that nobody holds. Cases this person skipped come
    then, and last those that another person only holds for later.

    Args:
        skip: case numbers not to give now.
    """
    lock_chain(session)
    task, is_held = _held_or_free(session, annotator_id=annotator_id, now=now, skip=skip, wish=wish)
    if task is not None and is_held:
        bring_near(session, case_id=int(task.case.id or 0), now=now, lease_s=lease_s)
    elif task is not None:
        take_task(session, task, annotator_id=annotator_id, now=now, lease_s=lease_s)
    return task or _take_over(
        session, annotator_id=annotator_id, now=now, lease_s=lease_s, skip=skip, wish=wish
    )


def _take_over(
    session: Session, *, annotator_id: int, now: datetime, lease_s: float, skip: Collection[int], wish: Wish
) -> Task | None:
    """The last records are nobody's alone: what another only holds for later is given to whoever asks."""
    task = _next_free(session, annotator_id=annotator_id, now=now, skip=skip, wish=wish, places=[Among.AHEAD])
    if task is None:
        return None
    session.execute(delete(Lease).where(col(Lease.case_id) == task.case.id, col(Lease.ahead) > 0))
    take_task(session, task, annotator_id=annotator_id, now=now, lease_s=lease_s)
    return task


def lease_case(
    session: Session, *, case_id: int, annotator_id: int, now: datetime, lease_s: float, wish: Wish
) -> Task | None:
    """Give this person one certain case, for the first of its waiting readings that they may do.

    Returns:
        None where there is none, or somebody else holds the case.
    """
    lock_chain(session)
    asked = {"annotator_id": annotator_id, "now": now, "skip": [], "case_id": case_id}
    found = session.exec(free_reading_of_case(_purposes(wish)), params=asked).first()
    if found is None:
        return None
    case, purpose, sample_key = found
    task = Task(case, Purpose(purpose), sample_key or None)
    take_task(session, task, annotator_id=annotator_id, now=now, lease_s=lease_s)
    return task


def lease_ahead(
    session: Session,
    *,
    annotator_id: int,
    now: datetime,
    lease_s: float,
    on_screen: int,
    count: int,
    wish: Wish,
) -> list[Task]:
    """Hold the next cases for this person, so that their pages can be fetched before they are asked for.

    Args:
        on_screen: the case being read.
        count: how many to hold beyond it.

    Returns:
        those held now, in the order they will be given.
    """
    lock_chain(session)
    held = _held_tasks(session, annotator_id=annotator_id, now=now, skip=(on_screen,), wish=wish)[:count]
    for place, task in enumerate(held, start=1):  # those held longer come before what is added now
        session.execute(update(Lease).where(col(Lease.case_id) == task.case.id).values(ahead=place))
    while len(held) < count:
        taken = (on_screen, *(int(task.case.id or 0) for task in held))
        found = _next_free(session, annotator_id=annotator_id, now=now, skip=taken, wish=wish)
        if found is None:
            break
        held.append(found)
        take_task(session, found, annotator_id=annotator_id, now=now, lease_s=lease_s, ahead=len(held))
    return held


def take_task(
    session: Session, task: Task, *, annotator_id: int, now: datetime, lease_s: float, ahead: int = 0
) -> bool:
    """Lease the case of a reading; see `take_lease`. False while somebody else holds it."""
    return take_lease(
        session,
        case_id=int(task.case.id or 0),
        annotator_id=annotator_id,
        now=now,
        lease_s=lease_s,
        purpose=task.purpose,
        sample_id=task.sample_id,
        ahead=ahead,
    )


def _held_or_free(
    session: Session, *, annotator_id: int, now: datetime, skip: Collection[int], wish: Wish
) -> tuple[Task | None, bool]:
    """The next reading of a person, and whether they hold it; what they hold and the first place to look are
    one statement.
    """
    asked = {"annotator_id": annotator_id, "now": now, "skip": list(skip), "site": wish.site}
    first = _places(wish)[0]
    wanted = held_or_first(_purposes(wish), first, has_site=wish.site is not None)
    found = session.exec(wanted, params=asked).first()
    if found is not None:
        case, purpose, sample, is_free = found
        return Task(case, Purpose(purpose or Purpose.FIRST), sample or None), not is_free
    rest = _next_free(
        session, annotator_id=annotator_id, now=now, skip=skip, wish=wish, places=_places(wish)[1:]
    )
    return rest, False


def _held_tasks(
    session: Session, *, annotator_id: int, now: datetime, skip: Collection[int], wish: Wish
) -> list[Task]:
    asked = {"annotator_id": annotator_id, "now": now, "skip": list(skip)}
    rows = session.exec(held_readings(_purposes(wish)), params=asked)
    return [Task(case, Purpose(purpose or Purpose.FIRST), sample) for case, purpose, sample in rows]


def _places(wish: Wish) -> list[Among]:
    """Where to look, in order."""
    places = [Among.FRESH, Among.SKIPPED]
    if wish.clean_first:
        places.insert(0, Among.CLEAN)
    if wish.own_flags:
        places.append(Among.ALONE)
    return places


def _next_free(
    session: Session,
    *,
    annotator_id: int,
    now: datetime,
    skip: Collection[int],
    wish: Wish,
    places: Sequence[Among] | None = None,
) -> Task | None:
    asked = {"annotator_id": annotator_id, "now": now, "skip": list(skip), "site": wish.site}
    for among in _places(wish) if places is None else places:
        purposes = (Purpose.ADJUDICATION.value,) if among is Among.ALONE else _purposes(wish)
        wanted = free_reading(purposes, among, has_site=wish.site is not None)
        found = session.exec(wanted, params=asked).first()
        if found is not None:
            case, purpose, sample_key = found
            return Task(case, Purpose(purpose), sample_key or None)
    return None


def _purposes(wish: Wish) -> tuple[str, ...]:
    return tuple(purpose.value for purpose in wish.purposes)
