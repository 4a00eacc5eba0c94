"""The set-up page: who may come in as what, how records are read, and how this computer stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from db.markup.elements import Child, Html, element, table
from db.queue.desk_shares import DeskShares, store_shares
from db.store.engine import Database
from db.tables.people import User
from db.users import list_users
from db.workspace import SHARES, shares_set_outside
from review_ui.desk.context import Desk
from review_ui.door.sessions import Identity
from review_ui.leads.frame import Light, aside, grade, section, sentence, whole_page
from review_ui.leads.people_forms import ADD, ADMISSION, PASSWORD, PEOPLE_FORMS, ROLE, grantable, refuse
from review_ui.leads.queue_page import FormAct
from review_ui.text import set_up as text

PATH: Final = "/set-up"
CHECKS_PATH: Final = "/set-up/checks"
SHARES_PATH: Final = "/set-up/shares"
_GRADES: Final = ("PASS", "WARN", "FAIL")
_LIGHTS: Final[Mapping[str, Light]] = dict(zip(_GRADES, ("good", "check", "bad"), strict=True))


def render(
    desk: Desk, database: Database, identity: Identity, _query: Mapping[str, str], now: datetime
) -> str:
    """The page: people, what may be changed about them, the shares, and the way to the checks."""
    with database.read() as session:
        people = list(list_users(session))
    return whole_page(
        PATH,
        identity,
        now,
        section(text.PEOPLE, _people_table(people), wide=True),
        element(
            "div",
            section(text.ADD, aside(text.ADD_HOW), _add_form(identity)),
            section(text.SHARES, aside(text.SHARES_HOW), _shares_form(desk)),
            class_="stack",
        ),
        element(
            "div",
            section(text.CHANGE, aside(text.CHANGE_HOW), _change_forms(identity, people)),
            section(text.CHECKS, aside(text.CHECKS_HOW), _checks_form()),
            class_="stack",
        ),
        is_counted=False,
    )


def render_checks(
    desk: Desk, _database: Database, identity: Identity, _query: Mapping[str, str], now: datetime
) -> str:
    """What `echodesk doctor` finds on the computer that the desk runs on."""
    if desk.examine is None:
        nothing = section(text.CHECKS_FOUND, sentence(text.CHECKS_NONE))
        return whole_page(CHECKS_PATH, identity, now, nothing, is_counted=False)
    # What asks for something comes first.
    checks = sorted(desk.examine(), key=lambda one: -_GRADES.index(one.grade) if one.grade in _GRADES else 0)
    rows: list[list[Child]] = [
        [one.name, grade(text.GRADES.get(one.grade, one.grade), _LIGHTS.get(one.grade)), one.found, one.fix]
        for one in checks
    ]
    found = table(text.CHECK_HEADINGS, rows, caption=text.CHECKS)
    back = element("p", element("a", text.CHECKS_BACK, href=PATH))
    again = section(text.CHECKS_FOUND, found, _checks_form(text.CHECKS_AGAIN), wide=True)
    return whole_page(CHECKS_PATH, identity, now, back, again, is_counted=False)


def forms(desk: Desk) -> dict[str, tuple[str, FormAct]]:
    """Path of a form -> the page it stands on, and what it does."""
    return {
        **{path: (PATH, act) for path, act in PEOPLE_FORMS.items()},
        SHARES_PATH: (PATH, partial(shares_form, desk)),
    }


def shares_form(
    desk: Desk, database: Database, identity: Identity, form: Mapping[str, str], now: datetime
) -> str:
    """Keep the shares in the workspace and work by them from the next record on.

    Raises:
        EchoDeskError: for what is no percentage, or a desk without a workspace.
    """
    if desk.workspace is None:
        raise refuse(text.SHARES_FIXED)
    now_in_force = _shares_of(desk)
    outside = shares_set_outside()
    wanted = {name: now_in_force[name] if name in outside else _share(form.get(name, "")) for name in SHARES}
    shares = DeskShares(**wanted)
    with database.write() as session:
        store_shares(session, desk.workspace, shares, actor=identity.name, now=now)
    desk.adopt(shares)
    return PATH


def _share(words: str) -> float:
    try:
        percent = float(words.strip().removesuffix("%").replace(",", "."))
    except ValueError:
        raise refuse(text.NO_SHARE) from None
    if not 0 <= percent <= 100:
        raise refuse(text.NO_SHARE)
    return percent / 100


def _shares_of(desk: Desk) -> dict[str, float]:
    return {
        "second_reading_share": desk.rules.second_reading_share,
        "blind_share": desk.blind_share,
        "vigilance_share": desk.vigilance_share,
        "clean_share": desk.clean_share,
    }


def _people_table(people: Sequence[User]) -> Html:
    rows = [
        (
            one.name,
            text.ROLE_WORDS.get(one.role, one.role),
            text.MAY_COME_IN[one.is_active],
            text.BY_PASSWORD[one.password_hash is not None],
        )
        for one in people
    ]
    return table(text.PEOPLE_HEADINGS, rows, caption=text.PEOPLE)


def _add_form(identity: Identity) -> Html:
    name = element("input", name="name", required="", maxlength=80, autocomplete="off")
    fields = [element("label", text.NAME, name), _role_choice(identity), *_passwords(is_required=False)]
    return _form(ADD, fields, text.ADD_DO, kind="row pairs")


def _change_forms(identity: Identity, people: Sequence[User]) -> list[Html]:
    known = {str(one.id): one.name for one in people}
    who = _select("person", text.PERSON, known)
    admission = _select("admission", text.ADMISSION, text.ADMISSION_WORDS)
    return [
        _form(ROLE, [who, _role_choice(identity)], text.ROLE_DO, kind="row pairs"),
        _form(PASSWORD, [who, *_passwords(is_required=True)], text.PASSWORD_DO, kind="row pairs"),
        _form(ADMISSION, [who, admission], text.ADMISSION_DO, kind="row pairs"),
    ]


def _shares_form(desk: Desk) -> Html:
    if desk.workspace is None:
        return sentence(text.SHARES_FIXED)
    outside, shares = shares_set_outside(), _shares_of(desk)
    fields = [
        element(
            "label",
            text.SHARE_LABELS[name],
            element(
                "input",
                type="number",
                name=name,
                value=f"{shares[name] * 100:g}",
                min=0,
                max=100,
                step="any",
                required="",
                disabled="" if name in outside else None,
            ),
            text.SHARE_SET_OUTSIDE.format(variable=f"ECHODESK_{name.upper()}") if name in outside else None,
        )
        for name in SHARES
    ]
    return _form(SHARES_PATH, fields, text.SHARES_DO, kind="row lines")


def _checks_form(words: str = text.CHECKS_DO) -> Html:
    return element("form", element("button", words), method="get", action=CHECKS_PATH, class_="row")


def _passwords(*, is_required: bool) -> list[Html]:
    asked: dict[str, Any] = {"type": "password", "autocomplete": "new-password", "maxlength": 256}
    needed = "" if is_required else None
    return [
        element("label", label, element("input", name=name, required=needed, **asked))
        for name, label in (("password", text.PASSWORD), ("again", text.AGAIN))
    ]


def _role_choice(identity: Identity) -> Html:
    return _select("role", text.ROLE, {role.value: text.ROLES[role.value] for role in grantable(identity)})


def _select(name: str, label: str, choices: Mapping[str, str]) -> Html:
    options = [element("option", words, value=value) for value, words in choices.items()]
    return element("label", label, element("select", options, name=name))


def _form(path: str, fields: Sequence[Child], button: str, *, kind: str) -> Html:
    return element("form", fields, element("button", button), method="post", action=path, class_=kind)
