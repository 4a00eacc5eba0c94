"""The lead's queue page: what waits, filtered; who it is assigned to; which records are read twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from db.decisions import Purpose, QueueState
from db.errors import EchoDeskError
from db.labels import Light
from db.markup.elements import Html, element, table
from db.queue.items import QueueCount, assign, queue_counts, refresh_case, waiting_items
from db.queue.plan import ReadingRules
from db.queue.second_people import choose_second
from db.store.engine import Database
from db.tables.queue import QueueItem
from db.users import list_users
from db.workspace import Workspace
from review_ui import text
from review_ui.door.sessions import Identity
from review_ui.leads.frame import aside, section, sentence, whole_page
from review_ui.text import queue

if TYPE_CHECKING:
    from sqlmodel import Session

PATH: Final = "/queue"
TITLE: Final = queue.QUEUE_TITLE
SHOWN: Final = 50
MOST_AT_ONCE: Final = 1_000
ANYBODY: Final = "anybody"


@dataclass(frozen=True)
class QueueFilter:
    """Which waiting readings are meant; null is any. `person` 0 is those assigned to nobody."""

    purpose: Purpose | None = None
    light: Light | None = None
    site: str | None = None
    person: int | None = None

    def as_fields(self) -> dict[str, str]:
        """As it stands in an address or a form."""
        found = {"purpose": self.purpose, "light": self.light, "site": self.site, "person": self.person}
        return {name: str(value) for name, value in found.items() if value is not None}

    def items(self, session: Session, limit: int) -> list[QueueItem]:
        """The readings meant, in the order they are given out."""
        return waiting_items(
            session,
            purpose=self.purpose,
            light=self.light,
            site=self.site,
            assigned_to=self.person,
            limit=limit,
        )


def render(database: Database, identity: Identity, query: Mapping[str, str], now: datetime) -> str:
    """The page: counts, the filter, the first waiting readings, and what can be done with them.

    Raises:
        EchoDeskError: for a filter that names nothing.
    """
    chosen = read_filter(query)
    with database.read() as session:
        counts = queue_counts(session)
        items = chosen.items(session, SHOWN)
        names = {int(user.id or 0): user.name for user in list_users(session) if user.is_active}
    counted = section(queue.QUEUE_COUNTS, _counts_table(counts))
    if not any(one.state is QueueState.WAITING and one.readings for one in counts):
        nothing = section(queue.QUEUE_WAITING, sentence(queue.QUEUE_EMPTY))
        return whole_page(PATH, identity, now, counted, nothing)
    return whole_page(
        PATH,
        identity,
        now,
        section(
            queue.QUEUE_WAITING,
            _filter_form(chosen, counts, names),
            _items_table(items, names, _matching(counts, chosen)),
            wide=True,
        ),
        counted,
        element(
            "div",
            section(queue.QUEUE_ASSIGN, _assign_form(chosen, names)),
            section(queue.QUEUE_TWICE, aside(queue.QUEUE_TWICE_HOW), _twice_form(chosen)),
            class_="stack",
        ),
    )


def assign_form(database: Database, identity: Identity, form: Mapping[str, str], now: datetime) -> str:
    """Give the first readings of the filter to a person, or back to everybody."""
    chosen, count = read_filter(form), read_count(form)
    person = form.get("to", "")
    annotator_id = None if person == ANYBODY else _number(person, queue.QUEUE_NO_PERSON)
    with database.write() as session:
        case_ids = [item.case_id for item in chosen.items(session, count)]
        assign(session, case_ids=case_ids, annotator_id=annotator_id, actor=identity.name, now=now)
    return queue_address(chosen)


def twice_form(database: Database, identity: Identity, form: Mapping[str, str], now: datetime) -> str:
    """Have the first records of the filter read twice, once each of them has been decided."""
    chosen, count = read_filter(form), read_count(form)
    rules = ReadingRules(ef_tolerance_points=Workspace().ef_tolerance_points)
    with database.write() as session:
        for item in chosen.items(session, count):
            choose_second(session, case_id=item.case_id, chosen_by="list", actor=identity.name, now=now)
            refresh_case(session, case_id=item.case_id, rules=rules)
    return queue_address(chosen)


FormAct = Callable[[Database, Identity, Mapping[str, str], datetime], str]
POSTS: Final[Mapping[str, FormAct]] = {"/queue/assign": assign_form, "/queue/twice": twice_form}


def read_filter(fields: Mapping[str, str]) -> QueueFilter:
    """The filter in an address or a form; empty fields mean any.

    Raises:
        EchoDeskError: naming what can be asked for.
    """
    purpose, light = fields.get("purpose") or None, fields.get("light") or None
    for value, known in ((purpose, list(Purpose)), (light, list(Light))):
        if value is not None and value not in [one.value for one in known]:
            raise EchoDeskError(queue.QUEUE_NO_FILTER, ", ".join(one.value for one in known))
    person = fields.get("person") or None
    return QueueFilter(
        Purpose(purpose) if purpose else None,
        Light(light) if light else None,
        fields.get("site") or None,
        _number(person, queue.QUEUE_NO_PERSON) if person else None,
    )


def read_count(form: Mapping[str, str]) -> int:
    """How many readings a form means, 1 to `MOST_AT_ONCE`."""
    count = _number(form.get("count", ""), queue.QUEUE_NO_COUNT.format(most=MOST_AT_ONCE))
    if not 1 <= count <= MOST_AT_ONCE:
        raise EchoDeskError(queue.QUEUE_NO_COUNT.format(most=MOST_AT_ONCE), "")
    return count


def queue_address(chosen: QueueFilter) -> str:
    """The page with this filter."""
    fields = urlencode(chosen.as_fields())
    return f"{PATH}?{fields}" if fields else PATH


def _number(words: str, sentence_if_not: str) -> int:
    if not (words.isascii() and words.isdigit() and len(words) < 10):
        raise EchoDeskError(sentence_if_not, "")
    return int(words)


def _matching(counts: list[QueueCount], chosen: QueueFilter) -> int:
    def is_meant(one: QueueCount) -> bool:
        return (
            one.state is QueueState.WAITING
            and chosen.purpose in (None, one.purpose)
            and chosen.light in (None, one.light)
            and chosen.site in (None, one.site)
            and chosen.person in (None, one.assigned_to or 0)
        )

    return sum(one.readings for one in counts if is_meant(one))


def _counts_table(counts: list[QueueCount]) -> Html:
    rows = []
    for purpose in Purpose:
        of_it = [one for one in counts if one.purpose is purpose]
        waiting = [one for one in of_it if one.state is QueueState.WAITING]
        lights = [
            sum(one.readings for one in waiting if one.light is light)
            for light in (Light.RED, Light.AMBER, Light.GREEN)
        ]
        done = sum(one.readings for one in of_it if one.state is QueueState.DONE)
        shown = [f"{number:,}" for number in (sum(lights), *lights, done)]
        rows.append([text.ANSWER_WORDS["purpose"][purpose.value], *shown])
    return table(queue.QUEUE_COUNT_HEADINGS, rows, caption=queue.QUEUE_COUNTS)


def _items_table(items: list[QueueItem], names: Mapping[int, str], matching: int) -> list[Html]:
    if not items:
        return [sentence(queue.QUEUE_NOTHING)]
    rows = [
        [
            element(
                "a", text.RECORD_TITLE.format(case_id=item.case_id), href=f"/records?record={item.case_id}"
            ),
            text.ANSWER_WORDS["purpose"][item.purpose],
            text.LIGHT_WORDS[item.light],
            item.site,
            f"{-item.rank or 0:g}",
            names.get(item.assigned_to or 0, ""),
        ]
        for item in items
    ]
    shown = queue.QUEUE_SHOWN.format(shown=len(items), matching=matching)
    return [sentence(shown), table(queue.QUEUE_ITEM_HEADINGS, rows, caption=queue.QUEUE_WAITING)]


def _filter_form(chosen: QueueFilter, counts: list[QueueCount], names: Mapping[int, str]) -> Html:
    sites = sorted({one.site for one in counts if one.site})
    people = {"0": queue.QUEUE_UNASSIGNED} | {str(number): name for number, name in names.items()}
    fields = [
        _select("purpose", queue.QUEUE_PURPOSE, text.ANSWER_WORDS["purpose"], chosen.purpose),
        _select("light", queue.QUEUE_LIGHT, text.LIGHT_WORDS, chosen.light),
        _select("site", queue.QUEUE_SITE, {site: site for site in sites}, chosen.site),
        _select("person", queue.QUEUE_PERSON, people, chosen.person),
    ]
    return element(
        "form", fields, element("button", queue.QUEUE_FILTER), method="get", action=PATH, class_="row"
    )


def _assign_form(chosen: QueueFilter, names: Mapping[int, str]) -> Html:
    people = {ANYBODY: queue.QUEUE_ANYBODY} | {str(number): name for number, name in names.items()}
    fields = [_hidden(chosen), _count_field(), _select("to", queue.QUEUE_TO, people, ANYBODY, has_any=False)]
    button = element("button", queue.QUEUE_ASSIGN_DO)
    return element("form", fields, button, method="post", action="/queue/assign", class_="row")


def _twice_form(chosen: QueueFilter) -> Html:
    button = element("button", queue.QUEUE_TWICE_DO)
    return element(
        "form", _hidden(chosen), _count_field(), button, method="post", action="/queue/twice", class_="row"
    )


def _count_field() -> Html:
    number = element("input", type="number", name="count", value=20, min=1, max=MOST_AT_ONCE, required="")
    return element("label", queue.QUEUE_FIRST, number)


def _hidden(chosen: QueueFilter) -> list[Html]:
    return [
        element("input", type="hidden", name=name, value=value) for name, value in chosen.as_fields().items()
    ]


def _select(
    name: str, label: str, choices: Mapping[str, str], chosen: object, *, has_any: bool = True
) -> Html:
    options = [element("option", queue.QUEUE_ANY, value="")] if has_any else []
    for value, words in choices.items():
        is_chosen = chosen is not None and str(chosen) == value
        options.append(element("option", words, value=value, selected="" if is_chosen else None))
    return element("label", label, element("select", options, name=name))
