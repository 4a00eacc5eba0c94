"""What the set-up page does about people: add one, give a role or a password, let in or keep out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from db.access.passwords import hash_password
from db.decisions import Role
from db.errors import EchoDeskError
from db.store.engine import Database
from db.tables.people import User
from db.users import add_user, change_role, disable_user, enable_user, set_password_hash
from review_ui.door.sessions import Identity
from review_ui.leads.queue_page import FormAct
from review_ui.text import set_up as text

if TYPE_CHECKING:
    from sqlmodel import Session

ADD: Final = "/set-up/add"
ROLE: Final = "/set-up/role"
PASSWORD: Final = "/set-up/password"  # noqa: S105 - an address
ADMISSION: Final = "/set-up/admission"
_BACK: Final = "/set-up"


def add_form(database: Database, identity: Identity, form: Mapping[str, str], now: datetime) -> str:
    """Add a person; without a password they come in by a link on this computer alone."""
    role = _role(identity, form)
    hashed = _hashed(form) if form.get("password") or form.get("again") else None
    with database.write() as session:
        name = form.get("name", "")
        add_user(session, name=name, role=role, actor=identity.name, now=now, password_hash=hashed)
    return _BACK


def role_form(database: Database, identity: Identity, form: Mapping[str, str], now: datetime) -> str:
    """Give a person another role; they sign in again."""
    role = _role(identity, form)
    with database.write() as session:
        user = _person(session, identity, form, is_self_allowed=False)
        change_role(session, user=user, role=role, actor=identity.name, now=now)
    return _BACK


def password_form(database: Database, identity: Identity, form: Mapping[str, str], now: datetime) -> str:
    """Give a person a new password; they sign in again."""
    hashed = _hashed(form)  # takes a quarter of a second on purpose: outside the transaction
    with database.write() as session:
        user = _person(session, identity, form)
        set_password_hash(session, user=user, password_hash=hashed, actor=identity.name, now=now)
    return _BACK


def admission_form(database: Database, identity: Identity, form: Mapping[str, str], now: datetime) -> str:
    """Let a person in, or keep them out from now on."""
    change = {"yes": enable_user, "no": disable_user}.get(form.get("admission", ""))
    if change is None:
        raise refuse(text.NOTHING_CHANGED)
    with database.write() as session:
        user = _person(session, identity, form, is_self_allowed=False)
        change(session, user=user, actor=identity.name, now=now)
    return _BACK


PEOPLE_FORMS: Final[Mapping[str, FormAct]] = {
    ADD: add_form,
    ROLE: role_form,
    PASSWORD: password_form,
    ADMISSION: admission_form,
}


def grantable(identity: Identity) -> list[Role]:
    """The roles a person may give to others."""
    return [role for role in Role if role is not Role.ADMIN or identity.role is Role.ADMIN]


def refuse(sentence: str) -> EchoDeskError:
    """What is not done, said as a sentence."""
    return EchoDeskError(sentence, text.NOTHING_CHANGED if sentence != text.NOTHING_CHANGED else "")


def _role(identity: Identity, form: Mapping[str, str]) -> Role:
    wanted = form.get("role", "")
    if wanted == Role.ADMIN.value and identity.role is not Role.ADMIN:
        raise refuse(text.ADMINS_ALONE)
    if wanted not in [role.value for role in Role]:
        raise refuse(text.NO_ROLE)
    return Role(wanted)


def _person(
    session: Session, identity: Identity, form: Mapping[str, str], *, is_self_allowed: bool = True
) -> User:
    number = form.get("person", "")
    is_number = number.isascii() and number.isdigit() and len(number) < 10
    user = session.get(User, int(number)) if is_number else None
    if user is None:
        raise refuse(text.NO_PERSON)
    if user.id == identity.annotator_id and not is_self_allowed:
        raise refuse(text.NOT_ONESELF)
    if user.role == Role.ADMIN.value and identity.role is not Role.ADMIN:
        raise refuse(text.ADMINS_ALONE)
    return user


def _hashed(form: Mapping[str, str]) -> str:
    if form.get("password", "") != form.get("again", ""):
        raise refuse(text.NOT_THE_SAME)
    return hash_password(form.get("password", ""))
