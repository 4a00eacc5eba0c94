"""The routes by which people come in and go out: one-time links, name and password, signing out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from review_ui.door.cookies import SessionCookie
from review_ui.door.forms import FormError, read_form
from review_ui.door.plain_pages import (
    PlainPage,
    busy_page,
    going_on,
    link_used_page,
    opening_page,
    password_page,
    refused_page,
    sign_in_page,
    sign_out_page,
    signed_out_page,
)
from review_ui.door.sessions import Identity, SessionBook
from review_ui.door.sign_in import FrontDoor, SignInOutcome

if TYPE_CHECKING:
    from anyio import CapacityLimiter

# Each check takes a quarter of a second and 64 MiB on purpose; more at once would be a way to stop the desk.
PASSWORDS_AT_ONCE: Final = 2


@dataclass(frozen=True)
class Doorway:
    """What the routes work with.

    Attributes:
        renew_link: writes a new link for a person somewhere only they can see; False where it cannot.
        front_door: checks passwords; None where people come in by link alone.
    """

    book: SessionBook
    cookie: SessionCookie
    renew_link: Callable[[Identity], bool]
    front_door: FrontDoor | None = None

    def open_link(self, request: Request) -> Response:
        """A one-time link: the first browser that opens it is in."""
        secret = str(request.path_params["secret"])
        if request.method == "HEAD":
            return plain_response(refused_page(405))  # asking about a link does not spend it
        session_id = self.book.redeem(secret)
        if session_id is not None:
            return plain_response(opening_page(self.cookie.given(session_id)))
        identity = self.book.issued_to(secret)
        return plain_response(
            link_used_page(new_link_written=identity is not None and self.renew_link(identity))
        )

    def show_sign_in(self, _request: Request) -> Response:
        """The form, or where to find a link."""
        return plain_response(sign_in_page() if self.front_door is None else password_page(status=200))

    async def sign_in(self, request: Request) -> Response:
        """A name and a password."""
        from anyio import to_thread
        from sqlalchemy.exc import OperationalError

        if self.front_door is None:
            return plain_response(refused_page(403))
        try:
            form = await read_form(request)
        except FormError:
            return plain_response(refused_page(400))
        asked = partial(
            self.front_door.try_password,
            name=form.get("name", ""),
            password=form.get("password", ""),
            address=request.client.host if request.client else "",
            instead_of=request.cookies.get(self.cookie.name),
        )
        try:
            outcome: SignInOutcome = await to_thread.run_sync(asked, limiter=_limiter(request.app))
        except OperationalError:
            return plain_response(busy_page())
        if outcome.secret is not None:
            return plain_response(going_on("/", self.cookie.given(outcome.secret)))
        return plain_response(
            password_page(outcome.sentence, status=429 if outcome.wait_s else 401, wait_s=outcome.wait_s)
        )

    def show_sign_out(self, request: Request) -> Response:
        """Ask once."""
        session = self.book.find(request.cookies.get(self.cookie.name))
        return plain_response(going_on("/") if session is None else sign_out_page(session.identity.name))

    def sign_out(self, request: Request) -> Response:
        """End the session, wherever its cookie has been copied to."""
        from sqlalchemy.exc import OperationalError

        try:
            self.book.end(request.cookies.get(self.cookie.name))
        except OperationalError:
            return plain_response(busy_page())
        return plain_response(
            signed_out_page(self.cookie.taken_away(), can_sign_in=self.front_door is not None)
        )


def add_doorway(app: Starlette, doorway: Doorway) -> None:
    """Mount the routes."""
    app.add_route("/link/{secret}", doorway.open_link, methods=["GET"])
    app.add_route("/sign-in", doorway.show_sign_in, methods=["GET"])
    app.add_route("/sign-in", doorway.sign_in, methods=["POST"])
    app.add_route("/sign-out", doorway.show_sign_out, methods=["GET"])
    app.add_route("/sign-out", doorway.sign_out, methods=["POST"])


def plain_response(page: PlainPage) -> Response:
    """One of our small pages as a response, with its own content policy."""
    headers = {"content-security-policy": page.content_policy, **dict(page.headers)}
    return Response(page.html, page.status, headers, media_type=page.media_type)


def _limiter(app: Starlette) -> CapacityLimiter:
    """One for the whole app, made where the event loop runs."""
    from anyio import CapacityLimiter

    if not hasattr(app.state, "password_limiter"):
        app.state.password_limiter = CapacityLimiter(PASSWORDS_AT_ONCE)
    limiter: CapacityLimiter = app.state.password_limiter
    return limiter
