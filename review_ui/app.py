"""The Gradio side: a page that waits for the desk, and one unqueued event for each handler."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import fastapi
import gradio as gr

from review_ui import text
from review_ui.desk.context import Desk
from review_ui.desk.handlers import EVENTS, Handler, run_handler

# Where threads run Python at once they get in each other's way: with SQLite, whose writers go one by one
# anyhow, a single thread was measured to store four decisions where sixteen threads store three. A server
# that answers from elsewhere is waited for by several. Reading a region again takes long, so it has threads
# of its own.
_THREADS: Final = {"sqlite": 1, "postgresql": 8}
_SLOW_EVENTS: Final = frozenset({"reread"})
_SLOW_THREADS: Final = 2

# The desk itself is built by our own script from our own page structure: Gradio's HTML component evaluates
# its template as code, which the content policy forbids.
HEAD: Final = (
    '<link rel="stylesheet" href="/desk/desk.css"><script type="module" src="/desk/desk.js"></script>'
)

_QUEUE_LOOK_S: Final = 1.0


def build_blocks(desk: Desk, cookie_name: str) -> Any:
    """The Gradio app: no queue, no file component, no analytics, every event authorised by its handler."""
    threads = ThreadPoolExecutor(_THREADS[desk.database.dialect], "desk")
    slow_threads = ThreadPoolExecutor(_SLOW_THREADS, "desk-slow")
    with gr.Blocks(title=text.TITLE, analytics_enabled=False, fill_width=True) as blocks:
        gr.Markdown(text.DESK["opening"], elem_id="desk-opening")
        for name, handler in EVENTS.items():
            gr.api(  # type: ignore[attr-defined]  # made at run time
                _event(handler, desk, cookie_name, slow_threads if name in _SLOW_EVENTS else threads),
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


def _event(handler: Handler, desk: Desk, cookie_name: str, threads: ThreadPoolExecutor) -> PageEvent:
    async def event(payload: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        secret = request.cookies.get(cookie_name)
        return await asyncio.get_running_loop().run_in_executor(
            threads, run_handler, handler, desk, secret, payload
        )

    return event
