"""What every quality page has around it: head, navigation by role, the moment it was counted."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from db.markup.elements import Child, Html, document, element
from review_ui.door import policy
from review_ui.door.sessions import Identity
from review_ui.leads import words
from review_ui.text import quality as text

Light = Literal["good", "check", "bad"]

METHODS: Final = "/quality/methods"
STYLE_SHEET: Final = "/desk/pages.css"
_WATCHING: Final = "watching.js"
_TIMES: Final = "times.js"
_LEAVING: Final = "leaving.js"
_LINKS: Final = (("/", text.DESK), *text.PAGE_TITLES.items())
# The first page of each group: the work, then the numbers, then the set-up.
_GROUPS_BEGIN: Final = frozenset({"/quality", "/set-up"})
_SIGN_OUT: Final = "/sign-out"
_MENU: Final = "pages"


def whole_page(
    path: str,
    identity: Identity,
    now: datetime,
    *sections: Child,
    is_counted: bool = True,
    script: str = "",
    refresh_s: int = 0,
    title: str = "",
    shows_reports: bool = False,
) -> str:
    """The whole page; links only where the person's role may go.

    Args:
        is_counted: say when the numbers were counted.
        script: a file of ours that the page runs.
        refresh_s: look again after so many seconds; 0 for never.
        title: what is shown, where that is one thing of the page's; the page's own title otherwise.
        shows_reports: it is covered where nobody has been there for long.
    """
    page_title = {**text.PAGE_TITLES, **text.INNER_PAGE_TITLES}[path]
    title = title or page_title
    counted = words.filled(text.COUNTED_AT, when=words.moment(now))
    leaving = _LEAVING if shows_reports else ""
    scripts = [name for name in (script, _WATCHING if refresh_s else "", leaving, _TIMES) if name]
    head = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{title} · {text.TITLE}"),
        element("link", rel="stylesheet", href=STYLE_SHEET),
        [element("script", type="module", src=f"/desk/{name}") for name in scripts],
        # Where no script may run, the browser itself looks again.
        element("noscript", element("meta", http_equiv="refresh", content=refresh_s)) if refresh_s else None,
    ]
    links = [
        element(
            "a",
            name,
            href=to,
            aria_current="page" if to == path else None,
            class_="begins" if to in _GROUPS_BEGIN else None,
            # As wide in either weight, so that no name moves when another page is opened.
            data_name=name,
        )
        for to, name in _LINKS
        if policy.may(identity.role, to)
    ]
    top = element(
        "header",
        element("b", text.TITLE),
        # A phone has the pages behind a button; elsewhere the style sheet shows them always.
        element("button", page_title, type="button", popovertarget=_MENU, class_="menu"),
        element("nav", links, id=_MENU, popover="auto", aria_label=text.NAVIGATION),
        element("span", identity.name, " ", element("a", text.SIGN_OUT, href=_SIGN_OUT), class_="who"),
    )
    when = element("p", counted, class_="muted") if is_counted else None
    body = element("main", element("h1", title), when, sections)
    foot = element("footer", _methods(path, identity), element("span", text.RESEARCH))
    silent = element("p", text.SILENT, id="silent", role="alert", hidden="", data_again=refresh_s)
    left = element(
        "p", id="left", role="alert", hidden="", data_away=text.LEFT, data_signed_out=text.LEFT_SIGNED_OUT
    )
    asides = (silent if refresh_s else None, left if shows_reports else None)
    return document(head, element("body", top, asides, body, foot))


def _methods(path: str, identity: Identity) -> Html | None:
    """The way to what the numbers mean, for whoever sees numbers."""
    if path == METHODS or not policy.may(identity.role, METHODS):
        return element("span")
    return element("span", element("a", text.METHODS, href=METHODS))


def section(title: str, *content: Child, wide: bool = False) -> Html:
    """One part of a page under its heading."""
    return element("section", element("h2", title), content, class_="wide" if wide else None)


def sentence(words_of_it: Child) -> Html:
    """One paragraph."""
    return element("p", words_of_it)


def grade(words_of_it: str, light: Light | None) -> Html:
    """How something stands: a word, with the colour that says the same."""
    return element("span", words_of_it, class_=f"grade {light}" if light else None)


def aside(words_of_it: Child) -> Html:
    """A paragraph that explains rather than reports."""
    return element("p", words_of_it, class_="muted")
