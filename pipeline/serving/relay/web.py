"""The web link's side: the page, and its form into the same inbox."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from db.errors import EchoDeskError
from pipeline.serving.channels import web_page
from pipeline.serving.channels.web_link import NAME
from pipeline.serving.conversation import Question, Reply, Talk, on_text
from pipeline.serving.relay import inbox, jobs, links, outbox, people
from pipeline.serving.relay.links import Link
from pipeline.serving.relay.people import Person
from pipeline.serving.relay.poll import Refusal
from pipeline.serving.relay.requests import body_of, form_of
from pipeline.serving.relay.running import Relay, most_bytes
from pipeline.serving.relay.vault import is_picture
from pipeline.serving.relay.webhooks import Incoming

COOKIE = "echodesk_link"
# What a form weighs besides its photo.
_FORM_BYTES = 20_000
_SHOWN = 40
# Presses and photos of one link in one minute.
_MOST_A_MINUTE = 30


async def show(request: Request) -> Response:
    """The page. Looking at a link does not take it up: the previews of messengers look, too."""
    relay: Relay = request.app.state.relay
    link = _link(relay, request)
    if link is None:
        return _notice("page_expired", 404)
    rows = relay.store.rows
    taken = links.holder(rows, link)
    cookie = request.cookies.get(COOKIE, "")
    if not taken and not rows.execute("SELECT 1 FROM link WHERE id = ?", (link.id,)).fetchone():
        greeting = on_text(Talk(), "", held=0)
        return _html(Talk(), list(greeting.replies), is_waiting=False)
    if not links.is_held_by(rows, link, cookie):
        return _notice("page_expired", 403)
    person = _person(relay, link)
    if person is None:
        return _notice("page_expired", 404)
    replies = _replies(relay, person)
    is_used_up = person.photos >= relay.settings.link_photos
    return _html(person.talk, replies, is_waiting=_is_waiting(relay, person), is_used_up=is_used_up)


async def take(request: Request) -> Response:
    """A pressed button or a photo: into the inbox, then back to the page."""
    relay: Relay = request.app.state.relay
    link = _link(relay, request)
    if link is None:
        return _notice("page_expired", 404)
    text, photo = await form_of(request, most_bytes=most_bytes(relay.settings) + _FORM_BYTES)
    cookie = request.cookies.get(COOKIE, "") or secrets.token_urlsafe(24)
    now = relay.store.clock()
    with relay.store.write() as rows:
        is_theirs = links.take_up(rows, link, cookie, now=now)
    if not is_theirs:
        return _notice("page_expired", 403)
    _within_limits(relay, link, now)
    person = _person(relay, link)
    # What counts at any time, deleting above all, is not counted against a link.
    if photo and person is not None and person.photos >= relay.settings.link_photos:
        return _notice("page_expired", 403)
    if photo or text:
        _put(relay, link, text, photo or b"", now)
    relay.woken.set()
    back = RedirectResponse(request.url.path, status_code=303)
    back.set_cookie(
        COOKIE, cookie, path=request.url.path, httponly=True, samesite="strict",
        secure=relay.settings.public_url.startswith("https://"), max_age=int(link.ends_at - now),
    )  # fmt: skip
    return back


async def offer_heat(request: Request) -> Response:
    """A button that shows the heat map. Messengers fetch the page behind a link for its preview; so they do
    not get to see the photo.
    """
    if _heat_job(request) is None:
        return _notice("page_expired", 404)
    nonce = secrets.token_urlsafe(16)
    return HTMLResponse(web_page.heat_offer(nonce=nonce), headers=_headers(nonce))


async def show_heat(request: Request) -> Response:
    """The photo with its heat map."""
    await body_of(request, most_bytes=_FORM_BYTES)
    job = _heat_job(request)
    relay: Relay = request.app.state.relay
    jpeg = None if job is None else relay.vault.heat(job)
    if jpeg is None:
        return _notice("page_expired", 404)
    nonce = secrets.token_urlsafe(16)
    return HTMLResponse(web_page.heat_page(jpeg, nonce=nonce), headers=_headers(nonce))


def _heat_job(request: Request) -> str | None:
    relay: Relay = request.app.state.relay
    secret = relay.settings.link_secret.get_secret_value()
    job = links.heat_opened(secret, request.path_params["token"], now=relay.store.clock())
    # A forgotten person's row is gone before the file is.
    is_there = job is not None and jobs.found(relay.store.rows, job) is not None
    return job if is_there else None


def _put(relay: Relay, link: Link, text: str, photo: bytes, now: float) -> None:
    """The photo goes to the disk before its message does: a message without its photo would be a loss.

    The same photo of the same link is the same message, however often the button was pressed, until it is
    seen that nothing comes of it: whoever was asked to send it again may send the same file. Once it has its
    answer, that is given again.
    """
    content = hashlib.sha256(photo or f"{text}{now}".encode()).hexdigest()
    message_id = _message_id(relay, f"web:{link.id}:{content[:40]}")
    if not photo:
        events = [Incoming(message_id, link.id, "", "text", now, {"text": text})]
    elif not is_picture(photo):
        events = [Incoming(message_id, link.id, "", "other", now)]
    else:
        is_known = relay.store.rows.execute(
            "SELECT 1 FROM inbox WHERE message_id = ?", (message_id,)
        ).fetchone()
        name = jobs.job_id(message_id)
        job = jobs.found(relay.store.rows, name)
        if is_known is None:
            relay.vault.keep_photo(name, photo)
        events = [Incoming(message_id, link.id, "", "photo", now, {"sent_as": "document"})]
        if job is not None and job.state == "done":
            # Two presses within a second are one.
            events = [Incoming(f"{message_id}:again:{now:.0f}", link.id, "", "again", now, {"job": name})]
    inbox.take(relay.store, NAME, events)


def _message_id(relay: Relay, name: str) -> str:
    """The name of a message, with a number where one of that name came to nothing."""
    rows, number, message_id = relay.store.rows, 0, name
    while row := rows.execute("SELECT done FROM inbox WHERE message_id = ?", (message_id,)).fetchone():
        job = jobs.found(rows, jobs.job_id(message_id))
        if not row["done"] or (job is not None and job.state != "failed"):
            break
        number += 1
        message_id = f"{name}:{number}"
    return message_id


def _within_limits(relay: Relay, link: Link, now: float) -> None:
    """Refuse what no person does.

    Raises:
        Refusal: 429.
    """
    person = _person(relay, link)
    if person is None:
        return
    recent = relay.store.rows.execute(
        "SELECT count(*) FROM inbox WHERE person = ? AND taken_at > ?", (person.id, now - 60)
    ).fetchone()[0]
    if recent >= _MOST_A_MINUTE:
        raise Refusal(429)


def _link(relay: Relay, request: Request) -> Link | None:
    secret = relay.settings.link_secret.get_secret_value()
    return links.opened(secret, request.path_params["token"], now=relay.store.clock())


def _person(relay: Relay, link: Link) -> Person | None:
    number = people.found(relay.store.rows, NAME, people.USER, link.id)
    return None if number is None else people.known(relay.store.rows, number)


def _replies(relay: Relay, person: Person) -> list[Reply]:
    rows = relay.store.rows.execute(
        "SELECT key, sealed FROM (SELECT id, key, sealed FROM outbox WHERE person = ? AND state != 'failed'"
        " ORDER BY id DESC LIMIT ?) ORDER BY id",
        (person.id, _SHOWN),
    ).fetchall()
    found = []
    for row in rows:
        with suppress(EchoDeskError):  # sealed with another key: the other letters can still be read
            found.append(outbox.reply_in(relay.vault, row["key"], row["sealed"]))
    return found


def _is_waiting(relay: Relay, person: Person) -> bool:
    has_turn = relay.store.rows.execute(
        "SELECT 1 FROM inbox WHERE person = ? AND done = 0", (person.id,)
    ).fetchone()
    return has_turn is not None or jobs.counts(relay.store.rows, person.id)[1] > 0


def _html(talk: Talk, replies: list[Reply], *, is_waiting: bool, is_used_up: bool = False) -> Response:
    nonce = secrets.token_urlsafe(16)
    # A page that looks again by itself would lose a photo that was chosen and not sent yet.
    is_free = talk.asked is Question.NOTHING and not is_waiting
    takes_photos = talk.consented and not talk.stopped and is_free and not is_used_up
    text = web_page.page(
        talk, replies, nonce=nonce, is_waiting=is_waiting, takes_photos=takes_photos, is_used_up=is_used_up
    )
    return HTMLResponse(text, headers=_headers(nonce))


def _notice(key: str, status: int, **values: object) -> Response:
    nonce = secrets.token_urlsafe(16)
    text = web_page.notice("", key, nonce=nonce, **values)
    return HTMLResponse(text, status_code=status, headers=_headers(nonce))


def _headers(nonce: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": web_page.policy(nonce),
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }


def refused(status: int, *, megabytes: int) -> Response:
    """The page behind a link when something can't be taken: too much at once, too large, cut short.

    Args:
        status: HTTP's. megabytes: the largest photo.
    """
    key = {413: "too_large", 400: "photo_gone"}.get(status, "page_busy")
    return _notice(key, status, megabytes=megabytes)
