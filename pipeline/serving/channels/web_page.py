"""The page behind a web link: a conversation, one button for a photo, nothing from elsewhere, no script."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from typing import Final

from pipeline.serving.conversation import Reply, Talk
from pipeline.serving.messages.spoken import LANGUAGES, said

_LOOK_AGAIN_S: Final = 3
# What was said last stands open: the photo has come, its answer, and what was asked.
_OPEN: Final = 3
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9._:/-]+")
_STYLE: Final = """
:root{color-scheme:light dark;--line:#8886;--own:#0a7d4a}
*{box-sizing:border-box}
body{margin:0;font:1.0625rem/1.5 system-ui,"Noto Sans","Noto Sans Kannada","Noto Sans Devanagari",
 "Lohit Kannada",sans-serif}
main{max-width:36rem;margin:0 auto;padding:1rem}
h1{font-size:1.25rem;margin:.25rem 0 1rem}
.said{border:1px solid var(--line);border-radius:.75rem;padding:.75rem 1rem;margin:0 0 .75rem;
 white-space:pre-line;overflow-wrap:anywhere}
.said[role=status]{border-color:var(--own);border-width:2px;font-weight:600}
details{margin:0 0 .75rem}
summary{min-height:2.5rem;padding:.4rem 1rem}
form{margin:0 0 .75rem;display:flex;flex-wrap:wrap;gap:.5rem}
button,label.photo,input[type=file]{font:inherit;min-height:3rem}
button{flex:1 1 10rem;border:0;border-radius:.75rem;padding:.6rem 1rem;background:var(--own);color:#fff;
 font-weight:600}
button.quiet{background:none;color:inherit;border:1px solid var(--line);font-weight:400}
img{display:block;width:100%;height:auto;border-radius:.75rem;margin:0 0 .75rem}
label.photo{flex:1 1 100%;border:1px dashed var(--line);border-radius:.75rem;padding:.75rem 1rem}
input[type=file]{display:block;width:100%;margin-top:.5rem}
:focus-visible{outline:3px solid #1a73e8;outline-offset:2px}
"""


def policy(nonce: str) -> str:
    """The content security policy: our own style, our own form, pictures that the page holds, no more."""
    return (
        f"default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    )


def page(
    talk: Talk, replies: Sequence[Reply], *, nonce: str, is_waiting: bool, takes_photos: bool,
    is_used_up: bool = False,
) -> str:  # fmt: skip
    """The conversation so far.

    Args:
        nonce: of the style, new for every answer.
        is_waiting: an answer is to come: the page looks again by itself.
        takes_photos: the person has agreed, and may send.
        is_used_up: the link has had all the photos it takes.
    """
    said_so_far = [f'<p class="said">{_with_links(reply.text, talk)}</p>' for reply in replies]
    earlier, last = "".join(said_so_far[:-_OPEN]), "".join(said_so_far[-_OPEN:])
    asked = _choices(replies[-1].choices) if replies and not takes_photos else ""
    parts = [_folded(talk, earlier), f'<section role="log" aria-live="polite">{last}</section>', asked]
    if is_waiting:
        parts.append(f'<p class="said" role="status">{escape(said(talk.spoken, "page_waiting"))}</p>')
    elif is_used_up:
        parts.append(f'<p class="said" role="status">{escape(said(talk.spoken, "page_expired"))}</p>')
    if takes_photos:
        parts.append(_photo_form(talk))
        parts += [_choices(replies[-1].choices)] if replies else []
    parts.append(_quiet_words(talk, replies))
    return _around(talk.spoken, "".join(parts), nonce, is_waiting=is_waiting)


def notice(language: str, key: str, *, nonce: str, **values: object) -> str:
    """A page with one sentence, in every language where none was chosen."""
    codes = [language] if language else list(LANGUAGES)
    lines = "".join(
        f'<p class="said" lang="{code}">{escape(said(code, key, **values))}</p>' for code in codes
    )
    return _around(language or "en", lines, nonce, is_waiting=False)


def heat_offer(*, nonce: str) -> str:
    """The page behind the link to a heat map: what it shows, in every language, and the button."""
    lines = "".join(
        f'<form method="post"><p class="said" lang="{code}">{escape(said(code, "heat_title"))}</p>'
        f'<button lang="{code}">{escape(said(code, "heat_show"))}</button></form>'
        for code in LANGUAGES
    )
    return _around("en", lines, nonce, is_waiting=False)


def heat_page(jpeg: bytes, *, nonce: str) -> str:
    """The photo with its heat map, and what it is, in every language."""
    lines = "".join(
        f'<p class="said" lang="{code}">{escape(said(code, "heat_title"))}</p>' for code in LANGUAGES
    )
    picture = f'<img alt="" src="data:image/jpeg;base64,{b64encode(jpeg).decode()}">'
    return _around("en", picture + lines, nonce, is_waiting=False)


def _folded(talk: Talk, earlier: str) -> str:
    """What was said before, out of the way: on a phone the last answer has to be seen at once."""
    if not earlier:
        return ""
    return f"<details><summary>{escape(said(talk.spoken, 'page_earlier'))}</summary>{earlier}</details>"


def _with_links(text: str, talk: Talk) -> str:
    """A letter's text; every word in it is ours, so an address in it is that of a photo with its heat map.

    On a page it is something to press: an address fills three lines and says nothing.
    """
    shown = escape(said(talk.spoken, "heat_show"))
    return _ADDRESS.sub(rf'<a href="\g<0>">{shown}</a>', escape(text))


def _choices(choices: Sequence[tuple[str, str]]) -> str:
    if not choices:
        return ""
    buttons = "".join(
        f'<button name="text" value="{escape(meaning)}">{escape(title)}</button>'
        for meaning, title in choices
    )
    return f'<form method="post">{buttons}</form>'


def _photo_form(talk: Talk) -> str:
    label, send = said(talk.spoken, "page_photo"), said(talk.spoken, "page_send")
    return (
        '<form method="post" enctype="multipart/form-data"><label class="photo">'
        f'{escape(label)}<input type="file" name="photo" accept="image/*,application/pdf" required></label>'
        f"<button>{escape(send)}</button></form>"
    )


def _quiet_words(talk: Talk, replies: Sequence[Reply]) -> str:
    """Buttons for words that count at any time: in the person's language, and as our letters write them."""
    asked = {meaning for meaning, _ in replies[-1].choices} if replies else set()
    words = [] if "language:en" in asked else [("language", "ಕನ್ನಡ · हिन्दी · English")]
    for word in ("help", "delete"):
        own = LANGUAGES[talk.spoken].WORDS[word][0]
        words.append((word, word.upper() if talk.spoken == "en" else f"{own} · {word.upper()}"))
    buttons = "".join(
        f'<button class="quiet" name="text" value="{word}">{escape(shown)}</button>' for word, shown in words
    )
    return f'<form method="post">{buttons}</form>'


def _around(language: str, content: str, nonce: str, *, is_waiting: bool) -> str:
    title = escape(said(language, "page_title"))
    again = f'<meta http-equiv="refresh" content="{_LOOK_AGAIN_S}">' if is_waiting else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex">{again}<title>{title}</title>'
        f'<style nonce="{nonce}">{_STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{content}</main></body></html>"
    )
