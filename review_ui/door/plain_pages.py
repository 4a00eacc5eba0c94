"""The few pages in front of the desk: sign in, used link, not allowed. No script, no outside file."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Final

from db.markup.elements import Child, Html, document, element
from review_ui import text
from review_ui.text import door

_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f6f7f8;color:#17212b;"
    "font:15px/22px -apple-system,'Segoe UI',Roboto,'Helvetica Neue','Liberation Sans',Arial,sans-serif}"
    "main{max-width:30rem;padding:32px;margin:16px;background:#fff;border:1px solid #dfe4e8;"
    "border-radius:8px}"
    "label{display:block;margin:16px 0 4px}"
    "input,button,.button{box-sizing:border-box;font:inherit;padding:8px 12px;border-radius:6px}"
    "input{width:100%;color:inherit;background:transparent;border:1px solid #7d8892}"
    "button,.button{margin:16px 8px 0 0;color:#fff;background:#0b6e6e;border:1px solid #0b6e6e;"
    "cursor:pointer}"
    "a:focus-visible,input:focus-visible,button:focus-visible{outline:2px solid #0b6e6e;outline-offset:2px}"
    "h1{font-size:20px;line-height:28px;margin:0 0 8px}p{margin:0 0 8px}b{display:block;margin-bottom:16px}"
    "a{color:#0b6e6e}"
    "@media(prefers-color-scheme:dark){body{background:#11171c;color:#e6ebef}"
    "main{background:#182027;border-color:#2a353e}a{color:#4fb7b1}button{color:#0d1317;background:#4fb7b1}"
    "a:focus-visible,input:focus-visible,button:focus-visible{outline-color:#4fb7b1}}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
_NO_STORE: Final = ("cache-control", "no-store")


@dataclass(frozen=True)
class PlainPage:
    """A whole small page with its status, content policy and further headers."""

    status: int
    html: str
    content_policy: str = _POLICY
    headers: tuple[tuple[str, str], ...] = (_NO_STORE,)
    media_type: str = "text/html; charset=utf-8"


def sign_in_page() -> PlainPage:
    """For a browser without a session, at this computer."""
    return PlainPage(401, _html(door.PAGE_SIGN_IN_TITLE, door.PAGE_SIGN_IN, door.PAGE_NEW_LINK))


def password_page(sentence: str = "", *, status: int = 401, wait_s: int = 0) -> PlainPage:
    """For a browser without a session, from another computer; `sentence` says what came of the last try."""
    told = element("p", sentence, role="alert") if sentence else None
    wait = (("retry-after", str(wait_s)),) if wait_s else ()
    html = _html(door.ENTRY_TITLE, door.ENTRY_HELP, extra=(told, _password_form()))
    return PlainPage(status, html, headers=(_NO_STORE, *wait))


def _password_form() -> Html:
    name_input = element(
        "input",
        id="name",
        name="name",
        autocomplete="username",
        autocapitalize="none",
        spellcheck="false",
        maxlength=80,
        required="",
        autofocus="",
    )
    password_input = element(
        "input",
        id="password",
        name="password",
        type="password",
        autocomplete="current-password",
        maxlength=256,
        required="",
    )
    return element(
        "form",
        element("label", door.ENTRY_NAME, for_="name"),
        name_input,
        element("label", door.ENTRY_WORD, for_="password"),
        password_input,
        element("button", door.ENTRY_GO),
        method="post",
        action="/sign-in",
    )


def sign_out_page(name: str) -> PlainPage:
    """Asks once; a link alone signs nobody out."""
    form = element(
        "form",
        element("button", door.PAGE_SIGN_OUT_GO),
        element("a", door.PAGE_SIGN_OUT_BACK, href="/"),
        method="post",
        action="/sign-out",
    )
    return PlainPage(200, _html(door.PAGE_SIGN_OUT_TITLE, door.PAGE_SIGN_OUT.format(name=name), extra=form))


def signed_out_page(cookie: str, *, can_sign_in: bool) -> PlainPage:
    """After signing out; `cookie` takes the session cookie away."""
    extra = _link(door.ENTRY_GO, "/sign-in") if can_sign_in else None
    html = _html(door.PAGE_SIGNED_OUT_TITLE, door.PAGE_SIGNED_OUT, extra=extra)
    return PlainPage(200, html, headers=(_NO_STORE, ("set-cookie", cookie)))


def not_allowed_page() -> PlainPage:
    """For somebody who is signed in and whose role does not include this."""
    back = _link(door.PAGE_BACK, "/")
    return PlainPage(403, _html(door.PAGE_NOT_ALLOWED_TITLE, door.PAGE_NOT_ALLOWED, extra=back))


def busy_page() -> PlainPage:
    """While the database is locked."""
    return PlainPage(
        503, _html(door.PAGE_BUSY_TITLE, door.PAGE_BUSY), headers=(_NO_STORE, ("retry-after", "5"))
    )


def full_page() -> PlainPage:
    """While the database's disk has no room."""
    back = _link(door.PAGE_TO_DESK, "/")
    return PlainPage(507, _html(door.PAGE_FULL_TITLE, door.PAGE_FULL, extra=back), headers=(_NO_STORE,))


def not_possible_page(reason: str, back: str, *, was_form: bool) -> PlainPage:
    """For a form or an address that asked for something that cannot be."""
    link = _link(door.PAGE_BACK, back)
    sentence = (door.PAGE_STORED_NOT if was_form else door.PAGE_SHOWN_NOT).format(reason=reason)
    return PlainPage(400, _html(door.PAGE_NOT_POSSIBLE_TITLE, sentence, extra=link))


def going_on(path: str, *cookies: str) -> PlainPage:
    """On to another of our pages, with cookies set on the way."""
    return PlainPage(
        303, "", headers=(_NO_STORE, ("location", path), *(("set-cookie", cookie) for cookie in cookies))
    )


def link_used_page(*, new_link_written: bool) -> PlainPage:
    """For a link that was opened before, or that is none of ours."""
    how = door.PAGE_NEW_LINK_WRITTEN if new_link_written else door.PAGE_NEW_LINK
    return PlainPage(403, _html(door.PAGE_LINK_USED_TITLE, door.PAGE_LINK_USED, how))


def refused_page(status: int) -> PlainPage:
    """For anything that is not part of the desk."""
    to_desk = _link(door.PAGE_TO_DESK, "/")
    return PlainPage(status, _html(door.PAGE_REFUSED_TITLE, door.PAGE_REFUSED, extra=to_desk))


def opening_page(cookie: str) -> PlainPage:
    """Sets the session cookie and goes on to the desk by itself.

    A page of ours does the going on: after a redirect from another site the strict cookie would stay behind.
    """
    refresh = element("meta", http_equiv="refresh", content="0;url=/")
    html = _html(door.PAGE_OPENING, extra=_link(door.PAGE_OPEN, "/"), head=refresh)
    return PlainPage(200, html, headers=(_NO_STORE, ("set-cookie", cookie)))


def _link(words: str, address: str) -> Html:
    return element("p", element("a", words, href=address))


def _html(title: str, *paragraphs: str, extra: Child = None, head: Html | None = None) -> str:
    in_head = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width"),
        head,
        element("title", text.TITLE),
        element("style", _STYLE),
    ]
    main = element(
        "main",
        element("b", text.TITLE),
        element("h1", title),
        [element("p", paragraph) for paragraph in paragraphs],
        extra,
    )
    return document(in_head, element("body", main))
