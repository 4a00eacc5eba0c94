"""The Gradio side: a page that waits for the desk, and one unqueued event for each handler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import fastapi
import gradio as gr

from review_ui import text
from review_ui.desk import Desk
from review_ui.handlers import EVENTS, Handler, answer

# The desk itself is built by our own script from our own page structure: Gradio's HTML component evaluates
# its template as code, which the content policy forbids.
HEAD: Final = '<link rel="stylesheet" href="/desk/desk.css"><script type="module" src="/desk/desk.js"></script>'


def build_blocks(desk: Desk, cookie_name: str) -> Any:
    """The Gradio app: no queue, no file component, no analytics, every event authorised by its handler."""
    with gr.Blocks(title=text.TITLE, analytics_enabled=False, fill_width=True) as blocks:
        gr.Markdown(text.DESK["opening"], elem_id="desk-opening")
        for name, handler in EVENTS.items():
            gr.api(  # type: ignore[attr-defined]
                _event(handler, desk, cookie_name),
                api_name=name,
                queue=False,
                concurrency_limit=None,
                api_visibility="private",
            )
    return blocks


def mount_blocks(app: fastapi.FastAPI, blocks: Any) -> None:
    """Mount the Gradio app at the root with everything optional switched off."""
    gr.mount_gradio_app(
        app,
        blocks,
        path="",
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
        allowed_paths=[],
        max_file_size=1,
        head=HEAD,
    )


def _event(handler: Handler, desk: Desk, cookie_name: str) -> Callable[[dict[str, Any], gr.Request], dict[str, Any]]:
    def event(payload: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        return answer(handler, desk, request.cookies.get(cookie_name), payload)

    return event
