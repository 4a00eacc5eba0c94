"""The page where labels and frozen datasets are taken out; a researcher sees what is frozen alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from db.errors import EchoDeskError
from db.markdown import counted
from db.markup.elements import Child, Html, element, rendered_markdown, table
from db.progress import progress
from db.snapshots import find_snapshot, list_snapshots
from db.store.engine import Database
from review_ui.desk.datasets import AskedSnapshot, CheckSaid, Datasets
from review_ui.door import policy
from review_ui.door.sessions import Identity
from review_ui.leads import words
from review_ui.leads.frame import aside, grade, section, sentence, whole_page
from review_ui.text import take_out as said

if TYPE_CHECKING:
    from sqlmodel import Session

PATH: Final = "/take-out"
FREEZE: Final = "/take-out/freeze"
LIST: Final = "/take-out/list"
LABELS: Final = "/take-out/labels/{form}"
API: Final = "/take-out/api"
ZIP: Final = "/take-out/snapshot/{name}"
_OVERRIDE: Final = "override."
# As `said.NAME_RULE` says; the browser reads it with every sign in a bracket escaped.
_NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._\-]{0,78}[A-Za-z0-9_\-])?"


def render(
    database: Database,
    identity: Identity,
    query: Mapping[str, str],
    now: datetime,
    *,
    datasets: Datasets | None = None,
) -> str:
    """What there is to take out, or the card that `snapshot` names.

    Args:
        datasets: freezes and reads datasets; None where the desk was started without.

    Raises:
        EchoDeskError: for a dataset that is not there, or one that cannot be asked for.
    """
    if query.get("snapshot"):
        return whole_page(PATH, identity, now, *_card(database, query["snapshot"], datasets))
    may_freeze = policy.may(identity.role, FREEZE, "POST")
    sections: list[Child] = []
    with database.read() as session:
        if may_freeze:
            sections.append(_labels(session))
        own_list = _own_list() if may_freeze and datasets is not None else None
        sections.append(element("div", own_list, _frozen(session), class_="stack"))
        has_labels = progress(session).reviewed > 0
    if may_freeze and datasets is not None:
        to_freeze = _freezing(query, datasets) if has_labels or query.get("name") else None
        sections.append(to_freeze or section(said.FREEZE, sentence(said.LABELS_NONE), wide=True))
    link = element("p", element("a", said.API_LINK, href=API))
    sections.append(section(said.API_TITLE, aside(said.API_ASIDE), link, wide=True))
    return whole_page(PATH, identity, now, *sections)


def freeze_form(
    _database: Database,
    identity: Identity,
    form: Mapping[str, str],
    now: datetime,
    *,
    datasets: Datasets | None,
) -> str:
    """Freeze what was asked for, and go on to its card."""
    if datasets is None:
        raise EchoDeskError(said.NOT_HERE, "")
    asked = read_asked(form, datasets)
    datasets.freeze(asked, actor=identity.name, now=now)
    return card_address(asked.name)


def card_address(name: str) -> str:
    """Where a dataset's card is shown."""
    return f"{PATH}?{urlencode({'snapshot': name})}"


def read_asked(fields: Mapping[str, str], datasets: Datasets) -> AskedSnapshot:
    """The dataset a form asks for.

    Raises:
        EchoDeskError: how well founded it must be is none of the known ways.
    """
    require = fields.get("require", "")
    if require not in [name for name, _ in datasets.requirements]:
        raise EchoDeskError(said.NO_REQUIRE, "")
    overrides = tuple(name.removeprefix(_OVERRIDE) for name in fields if name.startswith(_OVERRIDE))
    return AskedSnapshot(
        fields.get("name", "").strip(), require, fields.get("licence", "").strip(), overrides
    )


def _labels(session: Session) -> Html:
    found = progress(session)
    numbers = {"decided": found.reviewed, "flagged": found.flagged}
    told = said.LABELS_COUNT.format(**{name: counted(one, said.RECORD) for name, one in numbers.items()})
    rows: list[list[Child]] = [
        [element("a", name, href=LABELS.format(form=form), download=""), what]
        for form, (name, what) in said.FORMATS.items()
    ]
    return section(
        said.LABELS,
        sentence(told if found.reviewed or found.flagged else said.LABELS_NONE),
        table(said.FORMAT_HEADINGS, rows, caption=said.LABELS),
        aside(said.LABELS_HOW),
    )


def _own_list() -> Html:
    file = element("input", type="file", name="list", accept=".xlsx,.csv", required="")
    form = element(
        "form",
        element("label", said.LIST_FILE, file),
        element("button", said.LIST_DO),
        method="post",
        action=LIST,
        enctype="multipart/form-data",
        class_="row",
    )
    return section(said.LIST, form, aside(said.LIST_HOW))


def _frozen(session: Session) -> Html:
    found = list_snapshots(session)
    if not found:
        return section(said.FROZEN, sentence(said.NO_FROZEN), aside(said.FROZEN_HOW))
    rows: list[list[Child]] = [
        [
            element("a", one.name, href=card_address(one.name)),
            f"{one.row_count:,}",
            words.moment(one.created_at, "day"),
            one.created_by,
            one.content_sha256[:12],
            element("a", said.ZIP, href=ZIP.format(name=one.name), download=""),
        ]
        for one in reversed(found)
    ]
    return section(
        said.FROZEN, table(said.FROZEN_HEADINGS, rows, caption=said.FROZEN), aside(said.FROZEN_HOW)
    )


def _freezing(query: Mapping[str, str], datasets: Datasets) -> Html:
    """The form; with a name in the address, what the checks say of it."""
    fields = _fields(query, datasets)
    rule = element("small", said.NAME_RULE, class_="muted")
    look = element(
        "form", fields, element("button", said.LOOK), rule, method="get", action=PATH, class_="row"
    )
    if not query.get("name"):
        return section(said.FREEZE, aside(said.FREEZE_HOW), look, wide=True)
    asked = read_asked(query, datasets)
    found = datasets.look_over(asked)
    passed = sum(one.is_passed for one in found.checks)
    told = said.LOOKED.format(rows=counted(found.rows, "label"), passed=passed, total=len(found.checks))
    listed = table(said.CHECK_HEADINGS, [_check(one) for one in found.checks], caption=said.FREEZE)
    kept = [
        element("input", type="hidden", name=name, value=value)
        for name, value in (("name", asked.name), ("require", asked.require), ("licence", asked.licence))
    ]
    settle = said.ALL_CLEAR if passed == len(found.checks) else said.TO_SETTLE
    button = element("button", said.FREEZE_DO)
    freeze = element(
        "form", kept, listed, element("p", button), method="post", action=FREEZE, class_="settle"
    )
    return section(said.FREEZE, look, sentence(told), sentence(settle), freeze, wide=True)


def _check(one: CheckSaid) -> list[Child]:
    name = said.CHECK_NAMES.get(one.name, one.name)
    if one.is_passed:
        return [name, grade(said.PASSES, "good"), one.sentence]
    box = element("input", type="checkbox", name=f"{_OVERRIDE}{one.name}", value="1")
    return [name, element("label", box, " ", said.GO_ON, class_="grade check"), one.sentence]


def _fields(query: Mapping[str, str], datasets: Datasets) -> list[Html]:
    chosen = query.get("require")
    options = [
        element("option", shown, value=name, selected="" if name == chosen else None)
        for name, shown in datasets.requirements
    ]
    name = element(
        "input",
        name="name",
        value=query.get("name", ""),
        maxlength=80,
        pattern=_NAME,
        title=said.NAME_RULE,
        required="",
        autocomplete="off",
    )
    licence = element("input", name="licence", value=query.get("licence", ""), maxlength=80)
    return [
        element("label", said.NAME, name),
        element("label", said.REQUIRE, element("select", options, name="require")),
        element("label", said.LICENCE, licence),
    ]


def _card(database: Database, name: str, datasets: Datasets | None) -> list[Child]:
    with database.read() as session:
        found = find_snapshot(session, name=name)
    if found is None:
        raise EchoDeskError(said.NO_SUCH, "")
    if datasets is None:
        raise EchoDeskError(said.NOT_HERE, "")
    links = element(
        "p",
        element("a", said.BACK, href=PATH),
        " · ",
        element("a", said.ZIP, href=ZIP.format(name=found.name), download=""),
    )
    title = said.CARD_OF.format(name=found.name)
    # It scrolls in itself where it is wide; a keyboard must reach that.
    scrolls = {"tabindex": "0", "role": "group", "aria_label": title}
    card = element("div", rendered_markdown(datasets.card(found.name)), class_="card", **scrolls)
    return [links, section(title, card, wide=True)]
