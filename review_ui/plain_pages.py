"""The few pages in front of the desk: sign in, used link, not allowed. No script, no outside file."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from html import escape
from typing import Final

from review_ui import text

_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:#f6f7f8;color:#17212b;"
    "font:15px/22px -apple-system,'Segoe UI',Roboto,'Helvetica Neue','Liberation Sans',Arial,sans-serif}"
    "main{max-width:30rem;padding:32px;margin:16px;background:#fff;border:1px solid #dfe4e8;"
    "border-radius:8px}"
    "h1{font-size:20px;line-height:28px;margin:0 0 8px}p{margin:0 0 8px}b{display:block;margin-bottom:16px}"
    "a{color:#0b6e6e}"
    "@media(prefers-color-scheme:dark){body{background:#11171c;color:#e6ebef}"
    "main{background:#182027;border-color:#2a353e}a{color:#4fb7b1}}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Page:
    """A whole small page with its status, content policy and further headers."""

    status: int
    html: str
    content_policy: str = _POLICY
    headers: tuple[tuple[str, str], ...] = (("cache-control", "no-store"),)


def sign_in_page() -> Page:
    """For a browser without a session."""
    return Page(401, _html(text.PAGE_SIGN_IN_TITLE, text.PAGE_SIGN_IN, text.PAGE_NEW_LINK))


def link_used_page(*, new_link_written: bool) -> Page:
    """For a link that was opened before, or that is none of ours."""
    how = text.PAGE_NEW_LINK_WRITTEN if new_link_written else text.PAGE_NEW_LINK
    return Page(403, _html(text.PAGE_LINK_USED_TITLE, text.PAGE_LINK_USED, how))


def refused_page(status: int) -> Page:
    """For anything that is not part of the desk."""
    return Page(status, _html(text.PAGE_REFUSED_TITLE, text.PAGE_REFUSED))


def opening_page(cookie: str) -> Page:
    """Sets the session cookie and goes on to the desk by itself.

    A page of ours does the going on: after a redirect from another site the strict cookie would stay behind.
    """
    link = f'<p><a href="/">{escape(text.PAGE_OPEN)}</a></p>'
    html = _html(text.PAGE_OPENING, extra=link, head='<meta http-equiv="refresh" content="0;url=/">')
    return Page(200, html, headers=(("cache-control", "no-store"), ("set-cookie", cookie)))


def _html(title: str, *paragraphs: str, extra: str = "", head: str = "") -> str:
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">{head}<title>{escape(text.TITLE)}</title>'
        f"<style>{_STYLE}</style></head><body><main><b>{escape(text.TITLE)}</b><h1>{escape(title)}</h1>"
        f"{body}{extra}</main></body></html>"
    )
