"""The lead's records page: records, found by what is known of them; and one with all that was said of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from db.cases import case_images, get_case
from db.decisions import ImageRole
from db.errors import EchoDeskError
from db.fields.words import in_words
from db.label_view import current_label
from db.labels import Findings
from db.markup.elements import Child, Html, element, table
from db.queue.plan import ReadingRules
from db.queue.sending_back import send_back, waits_for
from db.records import RecordFilter, RecordRow, find_records, sites
from db.snapshots import decisions_on, drafts_of
from db.standings import Status
from db.store.engine import Database
from db.users import list_users
from db.workspace import Workspace
from review_ui import text
from review_ui.door.sessions import Identity
from review_ui.leads import words
from review_ui.leads.frame import aside, section, sentence, whole_page
from review_ui.text import records as said

if TYPE_CHECKING:
    from sqlmodel import Session

PATH: Final = "/records"
SEND_BACK: Final = "/records/back"
SHOWN: Final = 50
_MOST_RECORDS: Final = 1_000_000_000


def render(database: Database, identity: Identity, query: Mapping[str, str], now: datetime) -> str:
    """The list that a search gives, or the one record that `record` names.

    Raises:
        EchoDeskError: for a search that names nothing, or a record that is not there.
    """
    with database.read() as session:
        if query.get("record"):
            return whole_page(PATH, identity, now, *_one(session, _number(query["record"])))
        return whole_page(PATH, identity, now, *_list(session, query))


def send_back_form(database: Database, identity: Identity, form: Mapping[str, str], now: datetime) -> str:
    """Have one record read again."""
    case_id = _number(form.get("record", ""))
    rules = ReadingRules(ef_tolerance_points=Workspace().ef_tolerance_points)
    with database.write() as session:
        if get_case(session, case_id=case_id) is None:
            raise EchoDeskError(said.NO_RECORD, "")
        if current_label(session, case_id=case_id) is None:
            raise EchoDeskError(said.NOTHING_TO_REPEAT, "")
        send_back(session, case_id=case_id, rules=rules, actor=identity.name, now=now)
    return record_address(case_id)


def record_address(case_id: int) -> str:
    """Where one record is shown."""
    return f"{PATH}?record={case_id}"


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
        number=_number(given["number"]) if "number" in given else None,
        site=given.get("site"),
        status=Status(given["status"]) if "status" in given else None,
        rwma=given.get("rwma"),
        pah=given.get("pah"),
        ef_from=_percent(given["ef_from"]) if "ef_from" in given else None,
        ef_to=_percent(given["ef_to"]) if "ef_to" in given else None,
        person=_number(given["person"]) if "person" in given else None,
        since=_day(given["since"]) if "since" in given else None,
    )


def _number(written: str) -> int:
    if not (written.isascii() and written.isdigit() and len(written) < 10):
        raise EchoDeskError(said.NO_NUMBER, "")
    return int(written)


def _percent(written: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,2})?", written, re.ASCII):
        raise EchoDeskError(said.NO_NUMBER, "")
    return float(written)


def _day(written: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(written), time(), UTC)
    except ValueError:
        raise EchoDeskError(said.NO_DAY, "") from None


def _list(session: Session, query: Mapping[str, str]) -> list[Html]:
    search = read_search(query)
    page = max(_number(query.get("page") or "1"), 1)
    rows, total = find_records(session, search, limit=SHOWN, offset=min((page - 1) * SHOWN, _MOST_RECORDS))
    if total and not rows:  # the address of a page that is no longer there
        page = (total - 1) // SHOWN + 1
        rows, total = find_records(session, search, limit=SHOWN, offset=(page - 1) * SHOWN)
    people = {str(user.id): user.name for user in list_users(session)}
    form = _search_form(query, sites(session), people)
    if not rows:
        return [section(said.FIND, form, sentence(said.NOTHING), wide=True)]
    first = (page - 1) * SHOWN + 1
    found = said.FOUND.format(first=first, last=first + len(rows) - 1, total=total)
    listed = table(said.HEADINGS, [_row(row) for row in rows], caption=said.TITLE)
    return [section(said.FIND, form, sentence(found), listed, _turning(query, page, total), wide=True)]


def _row(row: RecordRow) -> list[Child]:
    link = element("a", said.RECORD.format(number=row.case_id), href=record_address(row.case_id))
    reported = words.day(row.report_date) if row.report_date else ""
    decided = words.day(row.decided_at) if row.decided_at else ""
    values = _values(row.findings) if row.findings is not None else ["", "", "", ""]
    return [link, said.STATUS_WORDS[row.status.value], row.site, reported, *values, row.decided_by, decided]


def _values(findings: Findings) -> list[str]:
    """EF, wall motion, PAH and RVSP as they are said."""
    ef, rvsp = in_words(findings, "ef_percent"), in_words(findings, "rvsp_mmhg")
    return [
        said.EF_UNIT.format(value=ef) if findings.ef_percent is not None else ef.replace("_", " "),
        in_words(findings, "rwma").replace("_", " "),
        text.ANSWER_WORDS["pah"][findings.pah.value],
        said.RVSP_UNIT.format(value=rvsp) if findings.rvsp_mmhg is not None else rvsp.replace("_", " "),
    ]


def _turning(query: Mapping[str, str], page: int, total: int) -> Html:
    def link(to: int, name: str) -> Html:
        fields = {**{key: value for key, value in query.items() if value}, "page": str(to)}
        return element("a", name, href=f"{PATH}?{urlencode(fields)}")

    links: list[Child] = [link(page - 1, said.EARLIER_PAGE)] if page > 1 else []
    if page * SHOWN < total:
        links += [" ", link(page + 1, said.NEXT_PAGE)]
    return element("p", links)


def _search_form(query: Mapping[str, str], known_sites: list[str], people: Mapping[str, str]) -> Html:
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


def _one(session: Session, case_id: int) -> list[Html]:
    if get_case(session, case_id=case_id) is None:
        raise EchoDeskError(said.NO_RECORD, "")
    pages = len(case_images(session, case_id=case_id, role=ImageRole.REPORT))
    pictures = [
        element(
            "img",
            src=f"/case/{case_id}/page/{number}",
            alt=said.PAGE_PICTURE.format(page=number, number=case_id),
            class_="page",
        )
        for number in range(1, pages + 1)
    ]
    return [
        element("p", element("a", said.ALL_RECORDS, href=PATH)),
        section(said.RECORD.format(number=case_id), pictures),
        element(
            "div",
            _decisions(session, case_id),
            _drafts(session, case_id),
            _again(session, case_id),
            class_="stack",
        ),
    ]


def _decisions(session: Session, case_id: int) -> Html:
    names = {int(user.id or 0): user.name for user in list_users(session)}
    label = current_label(session, case_id=case_id)
    rows: list[list[Child]] = []
    for review in decisions_on(session, case_ids=[case_id]):
        form = "{decision}" if review["is_in_force"] else said.UNDONE
        form = said.IS_LABEL if review["id"] == label else form
        findings = Findings.model_validate({name: review[name] for name in Findings.model_fields})
        purpose = text.ANSWER_WORDS["purpose"][review["purpose"] or "first"]
        moment = review["created_at"].astimezone(UTC)
        rows.append(
            [
                form.format(decision=review["decision"]),
                names.get(review["annotator_id"], ""),
                f"{words.day(moment)} {moment:%H:%M}",
                purpose,
                *_values(findings),
                (review["reason"] or "").replace("_", " "),
                review["note"],
            ]
        )
    if not rows:
        return section(said.DECISIONS, sentence(said.NO_DECISION))
    return section(said.DECISIONS, table(said.DECISION_HEADINGS, rows, caption=said.DECISIONS))


def _drafts(session: Session, case_id: int) -> Html:
    drafts = drafts_of(session, case_id=case_id)
    if not drafts:
        return section(said.DRAFTS, sentence(said.NO_DRAFT))
    rows: list[list[Child]] = [
        [str(draft.id), f"{draft.reader} {draft.reader_version}", *_values(draft.to_findings())]
        for draft in drafts
    ]
    newest = drafts[-1]
    quotes: list[list[Child]] = [
        [name.replace("_", " "), place.get("quote", ""), place.get("page", 1), newest.light.get(name, "")]
        for name, place in sorted(newest.evidence.items())
    ]
    parts = [table(said.DRAFT_HEADINGS, rows, caption=said.DRAFTS)]
    if quotes:
        parts.append(table(said.QUOTE_HEADINGS, quotes, caption=said.QUOTES, is_caption_shown=True))
    return section(said.DRAFTS, parts)


def _again(session: Session, case_id: int) -> Html:
    """What the record waits for; the button where it has a decision and waits for nothing."""
    waits = waits_for(session, case_id=case_id)
    if waits is not None:
        words_of_it = text.ANSWER_WORDS["purpose"][waits.value]
        return section(said.AGAIN, sentence(said.WAITS.format(reading=words_of_it)))
    if current_label(session, case_id=case_id) is None:
        return section(said.AGAIN, sentence(said.NOTHING_TO_REPEAT))
    hidden = element("input", type="hidden", name="record", value=case_id)
    button = element("button", said.AGAIN_DO)
    form = element("form", hidden, button, method="post", action=SEND_BACK, class_="row")
    return section(said.AGAIN, aside(said.AGAIN_HOW), form)
