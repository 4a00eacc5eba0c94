"""A bare Gradio page with one unqueued event and a JPEG page: what the desk's times are compared with."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import fastapi
import gradio as gr
import uvicorn
from fastapi.responses import FileResponse

from review_ui.bench.painted import BUTTON_ID, PICTURE_ID
from review_ui.bench.wire import BARE_EVENT


def serve_bare_page(pictures: Sequence[Path], *, on_ready: Callable[[str], None]) -> None:
    """Serve until the process ends; `on_ready` gets the address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    config = uvicorn.Config(_bare_app(pictures), access_log=False, log_config=None, ws="none")
    _Announcing(config, lambda: on_ready(address)).run(sockets=[listener])


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()


def _bare_app(pictures: Sequence[Path]) -> fastapi.FastAPI:
    app = fastapi.FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/picture/{number}")
    def picture(number: int) -> FileResponse:
        return FileResponse(pictures[number % len(pictures)], media_type="image/jpeg")

    gr.mount_gradio_app(app, _bare_blocks(), path="", ssr_mode=False, run_history=False)
    return app


def _bare_blocks() -> Any:
    numbers = itertools.count(1)

    def following() -> str:
        number = next(numbers)
        # Every address is new, as every record's page is on the desk: nothing comes from the browser's cache.
        return f'<p>Record {number}</p><img id="{PICTURE_ID}" src="/picture/{number}" width="800" alt="Page">'

    def echo(payload: dict[str, Any]) -> dict[str, Any]:
        return payload

    with gr.Blocks(analytics_enabled=False) as blocks:
        button = gr.Button("Next", elem_id=BUTTON_ID)
        shown = gr.HTML(following())
        button.click(following, None, shown, queue=False, show_progress="hidden")
        gr.api(echo, api_name=BARE_EVENT, queue=False, concurrency_limit=None)
    return blocks
