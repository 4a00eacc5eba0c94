"""The lead's records page: records, found by what is known of them; and one with all that was said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from db.access.own_ids import OwnIds
from db.cases import case_images, get_case
from db.decisions import ImageRole
from db.errors import EchoDeskError
from db.fields.words import in_words
from db.label_view import current_label
from db.labels import Findings
from db.markup.elements import Child, Html, element, table
from db.progress import progress
from db.queue.plan import ReadingRules
from db.queue.sending_back import ask_adjudicator, send_back, waits_for
from db.records import RecordRow, find_records, sites
from db.snapshots import decisions_on, drafts_of
from db.store.engine import Database
from db.users import list_users
from db.workspace import Workspace
from review_ui import text
from review_ui.desk.queue import open_case
from review_ui.door.sessions import Identity
from review_ui.leads import words
from review_ui.leads.frame import aside, section, sentence, whole_page
from review_ui.leads.record_search import (
    PATH,
    number_in,
    own_id_form,
    read_search,
    record_address,
    record_in,
    search_form,
)
from review_ui.text import adding
from review_ui.text import records as said

if TYPE_CHECKING:
    from sqlmodel import Session

    from review_ui.desk.context import Desk

SEND_BACK: Final = "/records/back"
OPEN: Final = "/records/open"
SHOWN: Final = 50
_MOST_RECORDS: Final = 1_000_000_000


def render(
    database: Database,
    identity: Identity,
    query: Mapping[str, str],
    now: datetime,
    *,
    own_ids: OwnIds | None = None,
) -> str:
    """The list that a search gives, or the one record that `record` names.

    Args:
        own_ids: shown beside the records where intake kept them.

    Raises:
        EchoDeskError: for a search that names nothing, or a record that is not there.
    """
    with database.read() as session:
        if query.get("record"):
            number = record_in(query["record"])
            one = _one(session, number, own_ids)
            title = said.RECORD.format(number=number)
            return whole_page(PATH, identity, now, *one, is_counted=False, title=title, shows_reports=True)
        return whole_page(PATH, identity, now, *_list(session, query, own_ids), shows_reports=True)


def send_back_form(database: Database, identity: Identity, form: Mapping[str, str], now: datetime) -> str:
    """Have one record read again."""
    case_id = record_in(form.get("record", ""))
    rules = ReadingRules(ef_tolerance_points=Workspace().ef_tolerance_points)
    with database.write() as session:
        if get_case(session, case_id=case_id) is None:
            raise EchoDeskError(said.NO_RECORD, "")
        if current_label(session, case_id=case_id) is None:
            raise EchoDeskError(said.NOTHING_TO_REPEAT, "")
        send_back(session, case_id=case_id, rules=rules, actor=identity.name, now=now)
    return record_address(case_id)


def open_form(
    desk: Desk, database: Database, identity: Identity, form: Mapping[str, str], now: datetime
) -> str:
    """Put one record on the person's screen: to decide it, or to correct what was decided.

    A label that is somebody else's is corrected as an adjudicator does it: both answers stay in the record.
    """
    case_id = record_in(form.get("record", ""))
    with database.write() as session:
        if get_case(session, case_id=case_id) is None:
            raise EchoDeskError(said.NO_RECORD, "")
        task = open_case(session, desk, identity, case_id=case_id)
        if task is None and current_label(session, case_id=case_id) is not None:
            ask_adjudicator(session, case_id=case_id, rules=desk.rules, actor=identity.name, now=now)
            task = open_case(session, desk, identity, case_id=case_id)
        if task is None:
            raise EchoDeskError(said.CANNOT_OPEN, "")
    return "/"


def _list(session: Session, query: Mapping[str, str], own_ids: OwnIds | None) -> list[Html]:
    search = read_search(query)
    if query.get("same_as"):
        case = get_case(session, case_id=record_in(query["same_as"]))
        search = replace(search, patient_key="" if case is None else case.patient_key)
    page = max(number_in(query.get("page") or "1", said.PAGE), 1)
    rows, total = find_records(session, search, limit=SHOWN, offset=min((page - 1) * SHOWN, _MOST_RECORDS))
    if total and not rows:  # the address of a page that is no longer there
        page = (total - 1) // SHOWN + 1
        rows, total = find_records(session, search, limit=SHOWN, offset=(page - 1) * SHOWN)
    people = {str(user.id): user.name for user in list_users(session)}
    form: list[Child] = [search_form(query, sites(session), people), own_id_form(own_ids)]
    if query.get("found") == "none":
        form.append(sentence(said.NO_OWN_ID))
    if not rows:
        return [_nothing(session, form)]
    first = (page - 1) * SHOWN + 1
    found = said.FOUND.format(first=first, last=first + len(rows) - 1, total=total)
    ids = {} if own_ids is None else own_ids.of([row.patient_key for row in rows])
    headings = (said.HEADINGS[0], said.OWN_ID, *said.HEADINGS[1:]) if ids else said.HEADINGS
    listed = table(headings, [_row(row, ids) for row in rows], caption=said.TITLE)
    return [section(said.FIND, form, sentence(found), listed, _turning(query, page, total), wide=True)]


def _nothing(session: Session, form: list[Child]) -> Html:
    """That nothing fits a search; without any record there is nothing to search for."""
    if progress(session).cases:
        return section(said.FIND, form, sentence(said.NOTHING), wide=True)
    add = element("p", element("a", adding.TITLE, href="/add"))
    return section(said.TITLE, sentence(said.NONE_YET), add, wide=True)


def _row(row: RecordRow, ids: Mapping[str, str]) -> list[Child]:
    link = element("a", said.RECORD.format(number=row.case_id), href=record_address(row.case_id))
    reported = words.day(row.report_date) if row.report_date else ""
    decided = words.moment(row.decided_at, "day") if row.decided_at else ""
    values = _values(row.findings) if row.findings is not None else ["", "", "", ""]
    own: list[Child] = [ids.get(row.patient_key, "")] if ids else []
    status = said.STATUS_WORDS[row.status.value]
    return [link, *own, status, row.site, reported, *values, row.decided_by, decided]


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


def _one(session: Session, case_id: int, own_ids: OwnIds | None) -> list[Html]:
    case = get_case(session, case_id=case_id)
    if case is None:
        raise EchoDeskError(said.NO_RECORD, "")
    ids = {} if own_ids is None else own_ids.of([case.patient_key])
    whose = [sentence(said.WHOSE.format(own_id=own_id)) for own_id in ids.values()]
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
        section(said.PAGES, whose, pictures),
        element(
            "div",
            _decisions(session, case_id),
            _drafts(session, case_id),
            _opening(session, case_id),
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
        rows.append(
            [
                form.format(decision=said.DECISION_WORDS.get(review["decision"], review["decision"])),
                names.get(review["annotator_id"], ""),
                words.moment(review["created_at"]),
                purpose,
                *_values(findings),
                (review["reason"] or "").replace("_", " "),
                review["note"],
            ]
        )
    if not rows:
        return section(said.DECISIONS, sentence(said.NO_DECISION))
    return section(said.DECISIONS, _without_empty(said.DECISION_HEADINGS, rows, said.DECISIONS))


def _without_empty(headings: Sequence[str], rows: Sequence[Sequence[Child]], caption: str) -> Html:
    """A table without the columns in which nothing stands."""
    kept = [place for place in range(len(headings)) if any(row[place] not in ("", None) for row in rows)]
    shown = [[row[place] for place in kept] for row in rows]
    return table([headings[place] for place in kept], shown, caption=caption)


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
        [
            said.FIELD_WORDS.get(name, name),
            place.get("quote", ""),
            place.get("page", 1),
            text.LIGHT_WORDS.get(newest.light.get(name, ""), ""),
        ]
        for name, place in sorted(newest.evidence.items())
    ]
    parts = [table(said.DRAFT_HEADINGS, rows, caption=said.DRAFTS)]
    if quotes:
        parts.append(table(said.QUOTE_HEADINGS, quotes, caption=said.QUOTES, is_caption_shown=True))
    return section(said.DRAFTS, parts)


def _opening(session: Session, case_id: int) -> Html:
    if not drafts_of(session, case_id=case_id):
        link = element("p", element("a", said.TO_READING, href="/reading"))
        return section(said.OPEN, sentence(said.READ_FIRST), link)
    return section(said.OPEN, aside(said.OPEN_HOW), _button(OPEN, case_id, said.OPEN_DO))


def _button(path: str, case_id: int, name: str) -> Html:
    hidden = element("input", type="hidden", name="record", value=case_id)
    return element("form", hidden, element("button", name), method="post", action=path, class_="row")


def _again(session: Session, case_id: int) -> Html:
    """What the record waits for; the button where it has a decision and waits for nothing."""
    waits = waits_for(session, case_id=case_id)
    if waits is not None:
        words_of_it = text.ANSWER_WORDS["purpose"][waits.value]
        return section(said.AGAIN, sentence(said.WAITS.format(reading=words_of_it)))
    if current_label(session, case_id=case_id) is None:
        return section(said.AGAIN, sentence(said.NOTHING_TO_REPEAT))
    return section(said.AGAIN, aside(said.AGAIN_HOW), _button(SEND_BACK, case_id, said.AGAIN_DO))
