"""Everything the desk could be asked, found by walking the app, and a shell that only says whether it let
through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from review_ui.door.policy import EVENTS, ROUTES, RouteRule, rule_for
from review_ui.door.shell import Shell

Ask = tuple[str, str]  # method, template

# A made-up value for each parameter of a route that answers.
SAMPLES = {
    "secret": "x" * 43,
    "name": "desk.js",
    "case_id": "1",
    "number": "1",
    "api_name": "undo",
    "event_name": "open_next",
    "form": "csv",
    "tag": "0" * 16,
}
STATIC_SAMPLES = {"/assets/{path:path}": "/assets/index.js", "/static/{path:path}": "/static/img/logo.svg"}


def walk(routes: Any, prefix: str = "") -> Iterator[Ask]:
    """Every method and template of an app, mounted apps included."""
    for route in routes:
        included = getattr(route, "original_router", None)
        mounted = getattr(getattr(route, "app", None), "routes", None)
        path = prefix + getattr(route, "path", "")
        if included is not None:
            yield from walk(included.routes, prefix + getattr(route, "prefix", ""))
        elif mounted is not None:
            yield from walk(mounted, path)
        else:
            for method in sorted(getattr(route, "methods", None) or {"GET"}):
                yield method, plain_template(path)


def plain_template(path: str) -> str:
    """Without Starlette's `:int`, which says nothing about who may call it."""
    return re.sub(r":int\}", "}", path)


def asked_of(shell: Shell) -> list[Ask]:
    """Every method and template of the desk, once."""
    app: Any = shell.app
    return sorted(set(walk(app.routes)))


def sample_path(template: str) -> str:
    """An address under a template, as plain as the policy may let through."""
    if template in STATIC_SAMPLES:
        return STATIC_SAMPLES[template]
    return re.sub(r"\{(\w+)[^}]*\}", lambda found: SAMPLES.get(found[1], "x"), template)


def row_of(method: str, template: str) -> RouteRule | None:
    """The policy's row for a template, by its own spelling."""
    rows = [rule for rule in ROUTES if rule.template == template and method in rule.methods]
    return rows[0] if rows else None


def event_names(blocks: Any) -> set[str]:
    """The names of every event of a built Gradio app, also of those without an address."""
    return {str(function.api_name) for function in blocks.fns.values()}


async def let_through(scope: Any, receive: Any, send: Any) -> None:
    """An app that answers everything with 299."""
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b""})


__all__ = ["EVENTS", "asked_of", "event_names", "let_through", "row_of", "rule_for", "sample_path"]
