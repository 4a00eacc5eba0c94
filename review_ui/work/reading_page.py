"""The page where reports are read by machine: what goes on, what waits, what failed and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from db.decisions import ItemState
from db.markdown import counted
from db.markup.elements import Child, Html, element, table
from db.progress import progress
from db.queue.extraction_plan import FailedItem, failed_items, unread_cases
from db.queue.reading_runs import ReadingRun
from db.store.engine import Database
from review_ui.door.sessions import Identity
from review_ui.leads import words
from review_ui.leads.frame import aside, section, sentence, whole_page
from review_ui.leads.record_search import record_address
from review_ui.text import reading as said
from review_ui.work.reading import Reading

PATH: Final = "/reading"
START: Final = "/reading/start"
STOP: Final = "/reading/stop"
SHOWN: Final = 100
_REFRESH_S: Final = 2


def render(
    reading: Reading, database: Database, identity: Identity, _query: Mapping[str, str], now: datetime
) -> str:
    """The page; while something goes on it looks again by itself."""
    runs = reading.runs()
    live = [run for run in runs if run.is_alive]
    is_starting = not live and reading.is_starting()
    with database.read() as session:
        waiting, waiting_total = unread_cases(session, limit=SHOWN)
        failed, failed_total = failed_items(session, limit=SHOWN)
        how_far = progress(session)
    is_busy = bool(live) or is_starting
    if is_busy:
        at_work = [_at_work(run) for run in live] or [sentence(said.STARTING), _bar(0, 0)]
        first = section(said.NOW, *at_work, aside(said.OUTLIVES), _stop(live), wide=True)
    else:
        first = section(
            said.NOW, *_idle(reading, runs, waiting_total, has_reports=how_far.cases > 0), wide=True
        )
    parts = [first, *_waiting(waiting, waiting_total), *_failed(failed, failed_total, is_busy=is_busy)]
    parts.append(section(said.STATE, _state(how_far.by_reader), wide=True))
    return whole_page(PATH, identity, now, *parts, is_counted=False, refresh_s=_REFRESH_S if is_busy else 0)


def how_long(seconds: float) -> str:
    """`About 40 seconds left.`"""
    if seconds < 90:
        return said.SECONDS_LEFT.format(number=max(1, round(seconds)))
    if seconds < 5_400:
        return said.MINUTES_LEFT.format(number=round(seconds / 60))
    return said.HOURS_LEFT.format(number=round(seconds / 3_600))


def _at_work(run: ReadingRun) -> Html:
    if not run.total:
        return element("div", element("p", said.PREPARING), _bar(0, 0), class_="work")
    form = said.GOING_ON_FAILED if run.failed else said.GOING_ON
    told = [form.format(done=run.done + run.failed, total=run.total, failed=run.failed)]
    if run.eta_s is not None:
        told.append(how_long(run.eta_s))
    if not run.is_here:
        told.append(said.ELSEWHERE.format(host=run.host))
    return element("div", element("p", " ".join(told)), _bar(run.done + run.failed, run.total), class_="work")


def _bar(done: int, total: int) -> Html:
    known = {"value": done, "max": total} if total else {}
    return element("progress", aria_label=said.PROGRESS, **known)


def _stop(live: Sequence[ReadingRun]) -> Html | None:
    if not any(run.is_here for run in live):
        return None
    return element("form", element("button", said.STOP, class_="plain"), method="post", action=STOP)


def _idle(reading: Reading, runs: Sequence[ReadingRun], waiting: int, *, has_reports: bool) -> list[Child]:
    if not has_reports:
        add = element("a", said.TO_ADDING, href="/add", class_="button plain")
        return [sentence(said.NO_REPORTS), element("div", add, class_="buttons")]
    many = said.WAITING_MANY.format(number=waiting)
    how_many = {0: said.WAITING_NONE, 1: said.WAITING_ONE}.get(waiting, many)
    parts: list[Child] = [sentence(f"{said.IDLE} {how_many}")]
    code = reading.failed_to_start()
    if code is not None:
        why = said.NOT_STARTED.format(code=code) if reading.has_room() else said.NO_ROOM
        parts.append(element("p", why, role="alert"))
    elif runs:
        parts.append(sentence(_last(runs[0])))
    buttons: list[Child] = []
    if waiting and reading.can_start:
        start = element("button", said.START, class_="first")
        buttons.append(element("form", start, method="post", action=START))
    if not waiting:
        buttons.append(element("a", said.TO_THE_DESK, href="/", class_="button plain"))
    parts.append(element("div", buttons, class_="buttons") if buttons else None)
    parts.append(aside(said.HOW_IT_READS if reading.can_start else said.NO_READING))
    return parts


def _last(run: ReadingRun) -> list[Child]:
    when = words.moment(run.told_at, "recent")
    if run.ending == "finished":
        took = f"{max(1, round((run.told_at - run.started_at).total_seconds()))} s"
        return words.filled(said.LAST_FINISHED, when=when, done=run.done, failed=run.failed, took=took)
    if run.ending == "failed":
        return words.filled(said.LAST_FAILED, when=when, reason=run.reason)
    form = said.LAST_STOPPED if run.ending == "stopped" else said.LAST_BROKEN
    return words.filled(form, when=when, done=counted(run.done, said.REPORT))


def _waiting(numbers: Sequence[int], total: int) -> list[Html]:
    if not numbers:
        return []
    links = [
        element("li", element("a", said.RECORD.format(number=number), href=record_address(number)))
        for number in numbers
    ]
    shown = (
        sentence(said.WAITING_LIST.format(shown=len(numbers), total=total)) if total > len(numbers) else None
    )
    return [section(said.WAITING, shown, element("ul", links, class_="numbers"), wide=True)]


def _failed(failed: Sequence[FailedItem], total: int, *, is_busy: bool) -> list[Html]:
    if not failed:
        return []
    rows: list[list[Child]] = [
        [
            element("a", said.RECORD.format(number=one.case_id), href=record_address(one.case_id)),
            one.reader,
            one.attempts,
            one.error,
        ]
        for one in failed
    ]
    shown = (
        sentence(said.FAILED_SHOWN.format(shown=len(failed), total=total)) if total > len(failed) else None
    )
    again = element("input", type="hidden", name="again", value="1")
    retry = element("form", again, element("button", said.RETRY), method="post", action=START)
    listed = table(said.FAILED_HEADINGS, rows, caption=said.FAILED)
    return [section(said.FAILED, shown, listed, None if is_busy else retry, wide=True)]


def _state(by_reader: Mapping[str, Mapping[str, int]]) -> Html:
    if not by_reader:
        return sentence(said.NOTHING_YET)
    states = ("drafts", ItemState.PENDING, ItemState.LEASED, ItemState.DONE, ItemState.FAILED)
    rows: list[list[Child]] = [
        [reader, *(counts.get(str(state), 0) for state in states)] for reader, counts in by_reader.items()
    ]
    return table(said.STATE_HEADINGS, rows, caption=said.STATE)
