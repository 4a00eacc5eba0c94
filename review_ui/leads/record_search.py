"""How a record is asked for on the records page: the form, what an address means, and own ids."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from db.access.own_ids import OwnIds
from db.errors import EchoDeskError
from db.markup.elements import Html, element
from db.records import RecordFilter, find_records
from db.standings import Status
from db.store.engine import Database
from review_ui import text
from review_ui.door.sessions import Identity
from review_ui.text import records as said

PATH: Final = "/records"
FIND: Final = "/records/find"


def record_address(case_id: int) -> str:
    """Where one record is shown."""
    return f"{PATH}?record={case_id}"


def find_form(
    database: Database,
    _identity: Identity,
    form: Mapping[str, str],
    _now: datetime,
    *,
    own_ids: OwnIds | None,
) -> str:
    """The records of the patient with exactly this id; the address names a record, never the id."""
    key = own_ids.patient_of(form.get("own_id", "")) if own_ids is not None else None
    with database.read() as session:
        rows, total = find_records(session, RecordFilter(patient_key=key), limit=1) if key else ([], 0)
    if not rows:
        return f"{PATH}?found=none"
    return record_address(rows[0].case_id) if total == 1 else f"{PATH}?same_as={rows[0].case_id}"


def read_search(fields: Mapping[str, str]) -> RecordFilter:
    """The search in an address; empty fields mean any.

    Raises:
        EchoDeskError: naming what is no number, day or answer.
    """
    given = {name: value for name, value in fields.items() if value}
    for name, known in (
        ("status", [one.value for one in Status]),
        ("rwma", text.ANSWER_WORDS["rwma"]),
        ("pah", text.ANSWER_WORDS["pah"]),
    ):
        if given.get(name, next(iter(known))) not in known:
            raise EchoDeskError(said.NO_FILTER, ", ".join(known))
    return RecordFilter(
        number=number_in(given["number"], said.NUMBER) if "number" in given else None,
        site=given.get("site"),
        status=Status(given["status"]) if "status" in given else None,
        rwma=given.get("rwma"),
        pah=given.get("pah"),
        ef_from=_percent(given["ef_from"], said.EF_FROM) if "ef_from" in given else None,
        ef_to=_percent(given["ef_to"], said.EF_TO) if "ef_to" in given else None,
        person=number_in(given["person"], said.PERSON) if "person" in given else None,
        since=_day(given["since"], given.get("zone", "")) if "since" in given else None,
    )


def record_in(written: str) -> int:
    """The number of a record in an address or a form. Raises EchoDeskError for what no record can have."""
    if not _is_number(written):
        raise EchoDeskError(said.NO_RECORD, "")
    return int(written)


def number_in(written: str, field: str) -> int:
    """A plain number in an address. Raises EchoDeskError for anything else, naming the field."""
    if not _is_number(written):
        raise EchoDeskError(said.NO_NUMBER.format(field=field), "")
    return int(written)


def _is_number(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) < 10


def _percent(written: str, field: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,2})?", written, re.ASCII):
        raise EchoDeskError(said.NO_NUMBER.format(field=field), "")
    return float(written)


def _day(written: str, zone: str) -> datetime:
    """The midnight a day begins with, where the browser is; in UTC where it says nothing of that."""
    try:
        return datetime.combine(date.fromisoformat(written), time(), ZoneInfo(zone) if zone else UTC)
    except (ValueError, LookupError, OSError):
        raise EchoDeskError(said.NO_DAY, "") from None


def own_id_form(own_ids: OwnIds | None) -> Html | None:
    """Asks for an id of the hospital's own; sent as a form, so that the id stands in no address."""
    if own_ids is None or not own_ids.can_find():
        return None
    wanted = element("input", name="own_id", autocomplete="off", maxlength=200, required="")
    asked = element("label", said.WANTED_ID, wanted)
    return element(
        "form", asked, element("button", said.FIND_OWN_ID), method="post", action=FIND, class_="row"
    )


def search_form(query: Mapping[str, str], known_sites: list[str], people: Mapping[str, str]) -> Html:
    """The fields of a search, filled in as they were asked."""
    fields = [
        _input("number", said.NUMBER, query, type="number", min=1),
        _select("status", said.STATUS, said.STATUS_WORDS, query),
        _select("site", said.SITE, {site: site for site in known_sites}, query),
        _input("ef_from", said.EF_FROM, query, type="number", min=0, max=100),
        _input("ef_to", said.EF_TO, query, type="number", min=0, max=100),
        _select("rwma", said.RWMA, text.ANSWER_WORDS["rwma"], query),
        _select("pah", said.PAH, text.ANSWER_WORDS["pah"], query),
        _select("person", said.PERSON, people, query),
        _input("since", said.SINCE, query, type="date"),
        # `times.js` fills it in: days of the search are the days that its times show.
        element("input", type="hidden", name="zone", value=query.get("zone", ""), data_zone=""),
    ]
    return element("form", fields, element("button", said.SHOW), method="get", action=PATH, class_="row")


def _input(name: str, label: str, query: Mapping[str, str], **attributes: str | int) -> Html:
    return element("label", label, element("input", name=name, value=query.get(name, ""), **attributes))


def _select(name: str, label: str, choices: Mapping[str, str], query: Mapping[str, str]) -> Html:
    options = [element("option", said.ANY, value="")]
    for value, shown in choices.items():
        options.append(
            element("option", shown, value=value, selected="" if query.get(name) == value else None)
        )
    return element("label", label, element("select", options, name=name))
