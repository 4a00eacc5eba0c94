"""Who may call what: one table of every event and every route, and nothing that is not in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from db.decisions import Role
from review_ui.door.sessions import Identity

Roles = frozenset[Role]

NOBODY: Final[Roles] = frozenset()
EVERYBODY: Final[Roles] = frozenset(Role)
AT_THE_DESK: Final[Roles] = frozenset({Role.ANNOTATOR, Role.ADJUDICATOR, Role.LEAD, Role.ADMIN})
LEADS: Final[Roles] = frozenset({Role.LEAD, Role.ADMIN})
OF_THE_NUMBERS: Final[Roles] = frozenset({Role.LEAD, Role.RESEARCHER, Role.ADMIN})

API_PREFIX: Final = "/api/"
EVENT_PREFIX: Final = "/gradio_api/run/"
DIRECT_PREFIX: Final = "/event/"

# Every event of the desk. Which readings a person is given (adjudication, audit) is decided in the queue, by
# role.
EVENTS: Final[Mapping[str, Roles]] = {
    "open_next": AT_THE_DESK,
    "prefetch": AT_THE_DESK,
    "decide": AT_THE_DESK,
    "reveal": AT_THE_DESK,
    "go_back": AT_THE_DESK,
    "undo": AT_THE_DESK,
    "redo": AT_THE_DESK,
    "heartbeat": AT_THE_DESK,
    "keep_work": AT_THE_DESK,
    "reread": AT_THE_DESK,
}

# The events of every record: they come by our own plain route, and Gradio knows nothing of them.
DIRECT: Final[frozenset[str]] = frozenset({"open_next", "prefetch", "decide", "heartbeat", "keep_work"})


def is_event(path: str) -> bool:
    """Whether an address is where events are called."""
    return path.startswith((DIRECT_PREFIX, EVENT_PREFIX))


class NotAllowed(Exception):
    """The person's role may not do this."""


@dataclass(frozen=True)
class RouteRule:
    """One route that answers.

    Attributes:
        template: the route as the framework spells it.
        pattern: the only spellings of the address let through; stricter than the template.
        roles: who may call it.
        is_open: also without a session.
    """

    methods: frozenset[str]
    template: str
    pattern: re.Pattern[str]
    roles: Roles
    is_open: bool = False


def _rule(method: str, template: str, pattern: str, roles: Roles, *, is_open: bool = False) -> RouteRule:
    methods = frozenset({"GET", "HEAD"} if method == "GET" else {method})
    return RouteRule(methods, template, re.compile(pattern), roles, is_open)


ROUTES: Final[tuple[RouteRule, ...]] = (
    # Coming in and going out.
    _rule("GET", "/link/{secret}", r"/link/[A-Za-z0-9_-]{16,128}", EVERYBODY, is_open=True),
    _rule("GET", "/sign-in", r"/sign-in", EVERYBODY, is_open=True),
    _rule("POST", "/sign-in", r"/sign-in", EVERYBODY, is_open=True),
    _rule("GET", "/sign-out", r"/sign-out", EVERYBODY),
    _rule("POST", "/sign-out", r"/sign-out", EVERYBODY),
    # The desk: our files, page images by record, and what Gradio's page needs to start, found by watching it.
    _rule("GET", "/desk/{name}", r"/desk/[a-z_]+\.(?:js|css|html|json)", EVERYBODY),
    _rule("GET", "/favicon.ico", r"/favicon\.ico", EVERYBODY),
    _rule("GET", "/manifest.json", r"/manifest\.json", EVERYBODY),
    _rule("GET", "/case/{case_id}/page/{number}", r"/case/[0-9]{1,9}/page/[0-9]{1,4}", AT_THE_DESK),
    _rule("GET", "/", r"/", AT_THE_DESK),
    _rule("GET", "/theme.css", r"/theme\.css", AT_THE_DESK),
    _rule("GET", "/assets/{path:path}", r"/assets/[A-Za-z0-9_.-]+", AT_THE_DESK),
    _rule("GET", "/static/{path:path}", r"/static/(?:fonts|js|img)/[A-Za-z0-9_./-]+", AT_THE_DESK),
    # The pages beside the desk. What a person may see of others on them is decided by the page, by role.
    _rule("GET", "/quality", r"/quality", OF_THE_NUMBERS),
    _rule("GET", "/quality/agreement", r"/quality/agreement", OF_THE_NUMBERS),
    _rule("GET", "/quality/audit", r"/quality/audit", OF_THE_NUMBERS),
    _rule("GET", "/quality/methods", r"/quality/methods", OF_THE_NUMBERS),
    _rule("GET", "/quality/vigilance", r"/quality/vigilance", AT_THE_DESK),
    _rule("GET", "/add", r"/add", LEADS),
    _rule("POST", "/add/begin", r"/add/begin", LEADS),
    _rule("POST", "/add/file", r"/add/file", LEADS),
    _rule("POST", "/add/list", r"/add/list", LEADS),
    _rule("POST", "/add/whose", r"/add/whose", LEADS),
    _rule("GET", "/add/picture/{tag}", r"/add/picture/[0-9a-f]{16}", LEADS),
    _rule("POST", "/add/store", r"/add/store", LEADS),
    _rule("POST", "/add/drop", r"/add/drop", LEADS),
    _rule("GET", "/reading", r"/reading", LEADS),
    _rule("POST", "/reading/start", r"/reading/start", LEADS),
    _rule("POST", "/reading/stop", r"/reading/stop", LEADS),
    _rule("GET", "/records", r"/records", LEADS),
    _rule("POST", "/records/open", r"/records/open", LEADS),
    _rule("POST", "/records/back", r"/records/back", LEADS),
    _rule("POST", "/records/find", r"/records/find", LEADS),
    # What is taken out: labels as they are now by who leads, what is frozen by researchers, too.
    _rule("GET", "/take-out", r"/take-out", OF_THE_NUMBERS),
    _rule("GET", "/take-out/labels/{form}", r"/take-out/labels/[a-z-]{3,20}", LEADS),
    _rule(
        "GET",
        "/take-out/snapshot/{name}",
        r"/take-out/snapshot/[A-Za-z0-9][A-Za-z0-9._-]{0,79}",
        OF_THE_NUMBERS,
    ),
    _rule("POST", "/take-out/list", r"/take-out/list", LEADS),
    _rule("POST", "/take-out/freeze", r"/take-out/freeze", LEADS),
    _rule("GET", "/queue", r"/queue", LEADS),
    _rule("POST", "/queue/assign", r"/queue/assign", LEADS),
    _rule("POST", "/queue/twice", r"/queue/twice", LEADS),
    _rule("GET", "/set-up", r"/set-up", LEADS),
    _rule("GET", "/set-up/checks", r"/set-up/checks", LEADS),
    *(
        _rule("POST", path, path, LEADS)
        for path in ("/set-up/add", "/set-up/role", "/set-up/password", "/set-up/admission", "/set-up/shares")
    ),
    # What programs read with a person's key; no session opens it.
    _rule("GET", "/api/v1/labels", r"/api/v1/labels", LEADS),
    _rule("GET", "/api/v1/records", r"/api/v1/records", LEADS),
    _rule("GET", "/api/v1/progress", r"/api/v1/progress", OF_THE_NUMBERS),
    _rule("GET", "/api/v1/openapi.json", r"/api/v1/openapi\.json", OF_THE_NUMBERS),
    _rule("GET", "/take-out/api", r"/take-out/api", OF_THE_NUMBERS),
    # The events; each name has its own row in EVENTS.
    _rule("POST", "/event/{event_name}", DIRECT_PREFIX + r"[a-z_]{1,40}", AT_THE_DESK),
    _rule("POST", "/gradio_api/run/{api_name}", EVENT_PREFIX + r"[a-z_]{1,40}", AT_THE_DESK),
)

# The events first: most requests are theirs.
_BY_METHOD: Final[Mapping[str, tuple[RouteRule, ...]]] = {
    method: tuple(
        sorted(
            (rule for rule in ROUTES if method in rule.methods), key=lambda rule: not is_event(rule.template)
        )
    )
    for method in ("GET", "HEAD", "POST")
}

# Everything else Gradio would answer. Written down so that a route of a newer Gradio is noticed, not guessed
# at.
CLOSED: Final[frozenset[str]] = frozenset(
    f"{method} {template}"
    for method, templates in {
        "GET": (
            "/openapi.json", "/logout", "/svelte/{path:path}", "/config", "/config/", "/robots.txt",
            "/pwa_icon/{size}", "/pwa_icon", "/monitoring", "/monitoring/summary", "/monitoring/{key}",
            "/gradio_api/deep_link", "/gradio_api/user", "/gradio_api/user/", "/gradio_api/login_check",
            "/gradio_api/login_check/", "/gradio_api/token", "/gradio_api/token/", "/gradio_api/app_id",
            "/gradio_api/app_id/", "/gradio_api/dev/reload", "/gradio_api/runs", "/gradio_api/runs/",
            "/gradio_api/info", "/gradio_api/info/", "/gradio_api/openapi.json",
            "/gradio_api/custom_component/{id}/{environment}/{type}/{file_name}",
            "/gradio_api/proxy={url_path:path}", "/gradio_api/file={path_or_url:path}",
            "/gradio_api/file/{path:path}",
            "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8",
            "/gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext}",
            "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file",
            "/gradio_api/heartbeat/{session_hash}", "/gradio_api/call/{api_name}/{event_id}",
            "/gradio_api/call/v2/{api_name}/{event_id}", "/gradio_api/queue/data", "/gradio_api/queue/status",
            "/gradio_api/upload_progress", "/gradio_api/startup-events", "/gradio_api/theme.css",
            "/gradio_api/vibe-code", "/gradio_api/vibe-code/",
        ),
        "HEAD": ("/openapi.json", "/gradio_api/proxy={url_path:path}", "/gradio_api/file={path_or_url:path}"),
        "POST": (
            "/login", "/login/", "/gradio_api/stream/{event_id}", "/gradio_api/stream/{event_id}/close",
            "/gradio_api/reset", "/gradio_api/reset/", "/gradio_api/api/{api_name}",
            "/gradio_api/api/{api_name}/",
            "/gradio_api/run/{api_name}/", "/gradio_api/call/v2/{api_name}",
            "/gradio_api/call/v2/{api_name}/",
            "/gradio_api/call/{api_name}", "/gradio_api/call/{api_name}/", "/gradio_api/queue/join",
            "/gradio_api/cancel", "/gradio_api/component_server", "/gradio_api/component_server/",
            "/gradio_api/upload", "/gradio_api/process_recording", "/gradio_api/vibe-edit",
            "/gradio_api/vibe-edit/",
            "/gradio_api/undo-vibe-edit", "/gradio_api/undo-vibe-edit/", "/gradio_api/vibe-code",
            "/gradio_api/vibe-code/", "/gradio_api/vibe-starter-queries", "/gradio_api/vibe-starter-queries/",
        ),
    }.items()
    for template in templates
)  # fmt: skip


def rule_for(method: str, path: str) -> RouteRule | None:
    """The row that a request falls under; None where nothing answers it."""
    if ".." in path:
        return None
    known = _BY_METHOD.get(method, ())
    return next((rule for rule in known if rule.pattern.fullmatch(path)), None)


def roles_for(rule: RouteRule, path: str) -> Roles:
    """Who may send this request: for an event those of the event, else those of the route."""
    if not is_event(path):
        return rule.roles
    name = path.rpartition("/")[2]
    return rule.roles & EVENTS.get(name, NOBODY) if path == event_path(name) else NOBODY


def event_path(name: str) -> str:
    """The one address of an event."""
    return (DIRECT_PREFIX if name in DIRECT else EVENT_PREFIX) + name


def admit(identity: Identity, event: str) -> None:
    """Let a person's event through.

    Raises:
        NotAllowed: their role may not call it, or no such event is known.
    """
    if identity.role not in EVENTS.get(event, NOBODY):
        raise NotAllowed(event)


def is_sign_of_life(event: str, payload: Mapping[str, object]) -> bool:
    """Whether a person did something: a page left open beats, too, and says whether somebody is there."""
    return event != "heartbeat" or payload.get("is_active") is True


def home(role: Role) -> str:
    """Where a person begins."""
    return "/" if role in AT_THE_DESK else "/quality"


def may(role: Role, path: str, method: str = "GET") -> bool:
    """Whether a role may open an address or send a form there."""
    rule = rule_for(method, path)
    return rule is not None and role in roles_for(rule, path)
