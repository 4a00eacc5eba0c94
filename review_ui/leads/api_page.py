"""What programs can read, for people: addresses, parameters, columns, and how to come by a key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from db.markup.elements import Child, Html, element, table
from db.store.engine import Database
from db.tabular import Column
from review_ui.door import policy
from review_ui.door.sessions import Identity
from review_ui.leads.frame import aside, section, sentence, whole_page
from review_ui.rest.answers import ADDRESSES, Address, Parameter
from review_ui.text import take_out as said

PATH: Final = "/take-out/api"
_BACK: Final = "/take-out"
# A bound that only keeps numbers within the database is none for people.
_NO_BOUND: Final = 1_000_000_000


def render(_database: Database, identity: Identity, _query: Mapping[str, str], now: datetime) -> str:
    """The page; only addresses that a key of this person would open."""
    how = section(
        said.API_HOW,
        sentence(said.API_KEY),
        element("pre", element("code", said.API_EXAMPLE), tabindex=0),
        aside(said.API_LIMITS),
        wide=True,
    )
    shown = [_address(path, one) for path, one in ADDRESSES.items() if policy.may(identity.role, path)]
    back = element("p", element("a", said.TITLE, href=_BACK))
    return whole_page(PATH, identity, now, back, how, shown, is_counted=False)


def _address(path: str, address: Address) -> Html:
    parts: list[Child] = [sentence(address.about)]
    if address.parameters:
        asked = [_parameter(one) for one in address.parameters]
        parts.append(table(said.API_PARAMETERS, asked, caption=path))
    if address.columns:
        listed = table(said.API_COLUMNS, [_column(one) for one in address.columns], caption=said.API_ITEM)
        parts.append(element("details", element("summary", said.API_ITEM), listed))
    return section(f"GET {path}", parts)


def _column(one: Column) -> list[Child]:
    meaning = one.meaning + (f" ({one.unit})" if one.unit else "")
    return [one.name, one.kind.value.replace("_", " "), meaning or ", ".join(one.codes)]


def _parameter(one: Parameter) -> list[Child]:
    return [one.name, one.meaning, _allowed(one)]


def _allowed(one: Parameter) -> str:
    if not one.is_number:
        return ", ".join(one.codes) or said.API_TEXT
    form = said.API_FROM if one.high >= _NO_BOUND else said.API_BETWEEN
    return form.format(low=one.low, high=one.high)
