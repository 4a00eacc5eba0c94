"""The Gradio side: a page that waits for the desk, and one unqueued event for each handler that is not called
at every record.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import fastapi
import gradio as gr

from review_ui import text
from review_ui.desk.handlers import EVENTS
from review_ui.door.policy import DIRECT
from review_ui.events import Events

# The desk itself is built by our own script from our own page structure: Gradio's HTML component evaluates
# its template as code, which the content policy forbids.
HEAD: Final = (
    '<link rel="stylesheet" href="./desk/desk.css"><script type="module" src="./desk/desk.js"></script>'
)

_QUEUE_LOOK_S: Final = 1.0


def build_blocks(events: Events, cookie_name: str) -> Any:
    """The Gradio app: no queue, no file component, no analytics, every event authorised by its handler."""
    with gr.Blocks(title=text.TITLE, analytics_enabled=False, fill_width=True) as blocks:
        gr.Markdown(text.DESK["opening"], elem_id="desk-opening")
        for name in sorted(EVENTS.keys() - DIRECT):
            gr.api(
                _event(name, events, cookie_name),
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
    # Nothing of the desk is ever queued, yet Gradio looks a thousand times a second whether something is.
    blocks._queue.sleep_when_free = _QUEUE_LOOK_S


PageEvent = Callable[[dict[str, Any], gr.Request], Awaitable[dict[str, Any]]]


def _event(name: str, events: Events, cookie_name: str) -> PageEvent:
    async def event(payload: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        return await events.run(name, request.cookies.get(cookie_name), payload)

    return event
