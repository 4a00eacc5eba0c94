"""The page where reports are added: choose, look, store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Final

from db.errors import EchoDeskError
from db.markup.elements import Child, Html, element, table
from review_ui.door.bodies import MAX_FILE_BYTES
from review_ui.door.sessions import Identity
from review_ui.leads.frame import aside, section, sentence, whole_page
from review_ui.leads.routes import error_in_words
from review_ui.text import adding as said
from review_ui.work.adding import Adding, Storing
from review_ui.work.hooks import Added, PlannedRecord, Preview, RefusedFile, TypedFile
from review_ui.work.uploads import Upload
from review_ui.work.whose import whose_section

PATH: Final = "/add"
BEGIN: Final = "/add/begin"
FILE: Final = "/add/file"
LIST: Final = "/add/list"
STORE: Final = "/add/store"
DROP: Final = "/add/drop"
READ: Final = "/reading/start"
SHOWN_RECORDS: Final = 200
SHOWN_REFUSED: Final = 100
SHOWN_NAMES: Final = 6
MAX_SITE_CHARACTERS: Final = 120
_REFRESH_S: Final = 1


def render(adding: Adding, identity: Identity, query: Mapping[str, str], now: datetime) -> str:
    """The page as far as an upload has come; without one, what to choose.

    Raises:
        EchoDeskError: an upload that is gone or somebody else's.
    """
    name = query.get("upload", "")
    if not name:
        return _page(identity, now, _choose(None))
    storing = adding.storing(name, identity.annotator_id)
    if storing is not None:
        return _progress_page(identity, now, storing)
    upload = adding.uploads.find(name, identity.annotator_id)
    if adding.list_of(upload) is None:
        return _page(identity, now, _which_list(upload, adding.lists(upload)), _choose(upload))
    try:
        preview = adding.preview(upload)
    except EchoDeskError as error:
        why = sentence(_capital(error_in_words(error)))
        trouble = section(said.PREVIEW, why, _not_now(upload), wide=True)
        return _page(identity, now, trouble, _choose(upload))
    shown = (*_preview(upload, preview, adding.typed(upload)), _choose(upload))
    return _page(identity, now, *shown, shows_reports=True)


def address(upload: Upload) -> str:
    """Where an upload is shown; its name cannot be guessed and says nothing."""
    return f"{PATH}?upload={upload.name}"


def store_form(adding: Adding, identity: Identity, form: Mapping[str, str]) -> str:
    """Store what was looked at.

    Raises:
        EchoDeskError: the upload is gone, or it was not said that each photo is a patient of its own.
    """
    name = form.get("upload", "")
    if adding.storing(name, identity.annotator_id) is None:
        upload = adding.uploads.find(name, identity.annotator_id)
        chosen = replace(
            adding.chosen(upload),
            site=form.get("site", "").strip()[:MAX_SITE_CHARACTERS],
            is_synthetic="synthetic" in form,
            keeps_ids="keep" in form,
        )
        if "each" not in form and any(one.says_no_id for one in adding.preview(upload).records):
            raise EchoDeskError(said.EACH_MISSING, "")
        adding.store(upload, chosen)
    return f"{PATH}?upload={name}"


def _page(identity: Identity, now: datetime, *sections: Child, shows_reports: bool = False) -> str:
    return whole_page(
        PATH, identity, now, *sections, is_counted=False, script="adding.js", shows_reports=shows_reports
    )


def _choose(upload: Upload | None) -> Html:
    """The place to drop files on, and the buttons; the script sends what is chosen."""
    buttons = [
        _chooser(said.CHOOSE_FILES, multiple=""),
        _chooser(said.CHOOSE_FOLDER, webkitdirectory="", class_="wide-only"),
        _chooser(said.TAKE_PHOTO, accept="image/*", capture="environment", class_="touch-only"),
    ]
    progress = element(
        "div",
        element("p", role="status", class_="status"),
        element("progress", value=0, max=1, aria_label=said.CHOOSE),
        element("button", said.STOP_SENDING, type="button", class_="plain"),
        class_="sending",
        hidden="",
    )
    troubles = element("div", class_="troubles", role="alert", hidden="")
    words = {
        "data_sending": said.SENDING,
        "data_looking": said.LOOKING,
        "data_left_out": said.NOT_SENT,
        "data_go_on": said.GO_ON,
        "data_failed": said.SEND_FAILED,
        "data_nothing": said.NOTHING_CHOSEN,
        "data_too_large": f"{said.FILE_TOO_LARGE}. {said.FILE_TOO_LARGE_REMEDY}",
    }
    inside = element(
        "div",
        element("p", said.DROP_HERE, class_="muted wide-only"),
        element("div", buttons, class_="buttons"),
        progress,
        troubles,
        id="adding",
        class_="drop",
        data_upload=upload.name if upload else "",
        data_most_bytes=MAX_FILE_BYTES,
        **words,
    )
    how = aside(said.CHOOSE_HOW), aside(said.LIST_HOW)
    return section(said.MORE if upload else said.CHOOSE, *(() if upload else how), inside, wide=True)


def _chooser(words: str, *, class_: str = "", **attributes: str) -> Html:
    field = element("input", type="file", class_="unseen", **attributes)
    return element("label", words, field, class_=f"button {class_}".strip())


def _which_list(upload: Upload, lists: Sequence[str]) -> Html:
    options = [element("option", name, value=name) for name in lists]
    options.append(element("option", said.NO_LIST, value=""))
    form = element(
        "form",
        _hidden(upload.name),
        element("label", said.LISTS, element("select", options, name="list")),
        element("button", said.LIST_USE),
        method="post",
        action=LIST,
        class_="row",
    )
    how = sentence(said.LISTS_HOW.format(number=len(lists)))
    return section(said.PREVIEW, how, form, _not_now(upload), wide=True)


def _preview(upload: Upload, preview: Preview, typed: Mapping[str, TypedFile]) -> list[Html]:
    records = preview.records
    parts: list[Child] = []
    if records:
        counts = {"records": _records(len(records)), "patients": _patients(preview.patients)}
        parts += [sentence(said.RECORDS_OF.format(**counts)), _store_form(upload, records)]
        rows = [_row(one) for one in records[:SHOWN_RECORDS]]
        parts.append(table(said.HEADINGS, rows, caption=said.PREVIEW))
        if len(records) > SHOWN_RECORDS:
            parts.append(aside(said.AND_MORE.format(number=len(records) - SHOWN_RECORDS)))
    else:
        parts += [sentence(said.NO_RECORDS), _not_now(upload)]
    asked = whose_section(upload, preview.nameless, typed)
    sections = [*([] if asked is None else [asked]), section(said.PREVIEW, *parts, wide=True)]
    notes = [sentence(f"{note}.") for note in preview.notes]
    if preview.left_alone:
        notes.append(sentence(said.LEFT_ALONE.format(names=_some(preview.left_alone))))
    if notes:
        sections.append(section(said.NOTES, *notes, wide=True))
    if preview.refused:
        sections.append(_refused(preview.refused, has_others=bool(records)))
    return sections


def _store_form(upload: Upload, records: Sequence[PlannedRecord]) -> Html:
    number = len(records)
    words = said.ADD_ONE if number == 1 else said.ADD_MANY.format(number=number)
    told = (
        (said.BY_A_DEVICE, [one for one in records if one.is_named_by_a_device]),
        (said.SPEAKING, [one for one in records if one.is_speaking]),
    )
    warned: list[Child] = [
        element("p", why.format(names=_some([name for one in unclear for name in one.reports])))
        for why, unclear in told
        if unclear
    ]
    if warned:
        warned += [
            _tick("each", said.EACH_ITS_OWN, required=""),
            element("p", said.EACH_REMEDY, class_="muted"),
        ]
    site = element("input", name="site", maxlength=MAX_SITE_CHARACTERS, autocomplete="off")
    return element(
        "form",
        _hidden(upload.name),
        element("div", warned, class_="warned") if warned else None,
        element("label", said.SITE, site, class_="line"),
        _tick("keep", said.KEEP_IDS),
        _tick("synthetic", said.SYNTHETIC),
        element(
            "div",
            element("button", words, class_="first"),
            element("button", said.NOT_NOW, class_="plain", formaction=DROP, formnovalidate=""),
            class_="buttons",
        ),
        element("p", said.NOT_NOW_HOW, class_="muted"),
        method="post",
        action=STORE,
        class_="store",
    )


def _tick(name: str, words: str, **attributes: str) -> Html:
    box = element("input", type="checkbox", name=name, value="1", **attributes)
    return element("label", box, " ", words, class_="tick")


def _row(one: PlannedRecord) -> list[Child]:
    told = [*one.told, *([said.COPIES.format(names=", ".join(one.copies))] if one.copies else ())]
    return [one.patient_id, ", ".join(one.reports), ", ".join(one.ecgs), one.why, "; ".join(told)]


def _refused(refused: Sequence[RefusedFile], *, has_others: bool) -> Html:
    rows = [
        [one.name, "" if one.row is None else one.row, one.reason, one.remedy]
        for one in refused[:SHOWN_REFUSED]
    ]
    more = len(refused) - SHOWN_REFUSED
    return section(
        said.REFUSED,
        sentence(
            said.REFUSED_COUNT.format(number=len(refused)) + (f" {said.REFUSED_REST}" if has_others else "")
        ),
        table(said.REFUSED_HEADINGS, rows, caption=said.REFUSED),
        aside(said.AND_MORE.format(number=more)) if more > 0 else None,
        wide=True,
    )


def _progress_page(identity: Identity, now: datetime, storing: Storing) -> str:
    if not storing.outcome.done():
        how_far = said.STORED_OF.format(done=storing.done, total=storing.total)
        bar = element("progress", value=storing.done, max=max(storing.total, 1), aria_label=said.STORING)
        inside = section(said.STORING, sentence(how_far), bar, aside(said.STORING_HOW), wide=True)
        return whole_page(PATH, identity, now, inside, is_counted=False, refresh_s=_REFRESH_S)
    error = storing.outcome.exception()
    if isinstance(error, EchoDeskError):
        words = said.BROKEN_OFF.format(reason=_capital(error_in_words(error)))
        link = element("a", said.ADD_OTHERS, href=PATH)
        inside = section(said.STORED, sentence(words), element("p", link), wide=True)
        return whole_page(PATH, identity, now, inside, is_counted=False)
    return whole_page(PATH, identity, now, *_added(storing.outcome.result()), is_counted=False)


def _added(added: Added) -> list[Html]:
    told = [_number_words(added.registered, said.STORED_NONE, said.STORED_ONE, said.STORED_MANY)]
    if added.known:
        told.append(_number_words(added.known, "", said.KNOWN_ONE, said.KNOWN_MANY))
    if added.copies:
        told.append(said.COPIES_LEFT.format(number=added.copies))
    if added.look_alikes:
        told.append(said.LOOK_ALIKES.format(number=added.look_alikes))
    read_now = element("form", element("button", said.READ_NOW, class_="first"), method="post", action=READ)
    others = element("a", said.ADD_OTHERS, href=PATH, class_="button plain")
    parts: list[Child] = [sentence(" ".join(told))]
    if added.registered:
        parts += [aside(said.WAITS_TO_BE_READ), element("div", read_now, others, class_="buttons")]
    else:
        parts.append(element("div", others, class_="buttons"))
    title = said.STORED if added.registered else said.STORED_NOTHING
    sections = [section(title, *parts, wide=True)]
    if added.notes:
        sections.append(section(said.NOTES, *[sentence(f"{note}.") for note in added.notes], wide=True))
    return [*sections, *([_refused(added.refused, has_others=added.registered > 0)] if added.refused else ())]


def _not_now(upload: Upload) -> Html:
    button = element("button", said.NOT_NOW, class_="plain")
    return element("form", _hidden(upload.name), button, method="post", action=DROP)


def _hidden(name: str) -> Html:
    return element("input", type="hidden", name="upload", value=name)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(islice(names, SHOWN_NAMES))
    more = len(names) - SHOWN_NAMES
    return f"{shown}, {said.AND_MORE.format(number=more)}" if more > 0 else shown


def _records(number: int) -> str:
    return said.RECORD if number == 1 else said.RECORDS.format(number=number)


def _patients(number: int) -> str:
    return said.PATIENT if number == 1 else said.PATIENTS.format(number=number)


def _number_words(number: int, none: str, one: str, many: str) -> str:
    return none if number == 0 else one if number == 1 else many.format(number=number)
