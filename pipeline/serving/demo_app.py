"""The page at `/`: a photo in, the answer below it, in three languages, made for a phone."""

from __future__ import annotations

import hmac
import html
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import gradio as gr
import numpy as np
from fastapi import FastAPI
from numpy.typing import NDArray

from pipeline.serving.answer import Answer
from pipeline.serving.messages.spoken import DEFAULT, LANGUAGES, said
from pipeline.serving.screen import Photographs
from pipeline.serving.told import lines_of, look_of

CSS: Final = """
.gradio-container { max-width: 640px !important; margin: 0 auto !important; padding: 8px !important; }
footer { display: none !important; }
.answer { border-radius: 10px; padding: 14px 16px; font-size: 1.05rem; line-height: 1.45; border: 2px solid;
  color: #1a1a1a; }
.answer p { margin: 0 0 .55em; color: #1a1a1a; }
.answer p.first { font-weight: 700; font-size: 1.15rem; }
.answer p.small { font-size: .9rem; margin: .4em 0 0; }
.answer.calm { background: #eef7ee; border-color: #3c7a3c; }
.answer.unsure { background: #fff8e1; border-color: #8a6d00; }
.answer.refer { background: #fdecea; border-color: #a33a2c; }
.answer.retake { background: #eef2f8; border-color: #4a6288; }
"""


def create_page(photographs: Callable[[], Photographs], examples: list[Path]) -> gr.Blocks:
    """The page.

    Args:
        photographs: what answers, once it is loaded. examples: invented photographs to try.
    """
    page: gr.Blocks
    with gr.Blocks(title=said(DEFAULT, "page_title"), analytics_enabled=False) as page:
        title = gr.Markdown(f"## {said(DEFAULT, 'page_title')}")
        language = gr.Radio(
            [(module.NAME, code) for code, module in LANGUAGES.items()],
            value=DEFAULT, show_label=False, container=False,
        )  # fmt: skip
        photo = gr.File(
            label=said(DEFAULT, "page_photo"), file_types=["image"], type="binary", height=120
        )  # fmt: skip
        send = gr.Button(said(DEFAULT, "page_send"), variant="primary")
        shown = gr.HTML()
        heat = gr.Image(visible=False, label=said(DEFAULT, "heat_title"), show_label=True, interactive=False)
        tried = [
            gr.Button(f"{said(DEFAULT, 'page_example')} {place}", size="sm")
            for place in range(1, len(examples) + 1)
        ]

        def answered(data: bytes | None, code: str) -> tuple[str, Any]:
            return _shown(photographs(), data, code)

        send.click(answered, [photo, language], [shown, heat], api_visibility="private")
        for place, button in enumerate(tried):

            def of_example(code: str, file: Path = examples[place]) -> tuple[str, Any]:
                return _shown(photographs(), file.read_bytes(), code)

            button.click(of_example, [language], [shown, heat], api_visibility="private")
        language.change(
            lambda code: _labels(code, len(tried)), [language], [title, photo, send, heat, *tried],
            api_visibility="private",
        )  # fmt: skip
    return page


def with_page(app: FastAPI, examples: list[Path], keys: tuple[str, ...]) -> FastAPI:
    """The API with the page at `/`; where there are keys, one of them is the page's password."""

    def is_known(_name: str, password: str) -> bool:
        return any(hmac.compare_digest(key.encode(), password.encode()) for key in keys)

    page = create_page(lambda: app.state.photographs, examples)
    # One at a time, as for the API; who has to wait is told so by the page.
    page.queue(default_concurrency_limit=1, max_size=8, api_open=False)
    mounted: FastAPI = gr.mount_gradio_app(
        app, page, path="/", auth=is_known if keys else None, css=CSS, show_error=False,
        max_file_size="16mb",
    )  # fmt: skip
    return mounted


def _shown(photographs: Photographs, data: bytes | None, code: str) -> tuple[str, Any]:
    if not data:
        return box("retake", [said(code, "send_photo")]), gr.update(visible=False)
    answer, overlay = photographs.screen_with_heat(data)
    return answer_box(photographs, answer, code), gr.update(
        value=_small(overlay), visible=overlay is not None
    )


def answer_box(photographs: Photographs, answer: Answer, code: str) -> str:
    """An answer as HTML."""
    small = [said(code, "invented")] if photographs.bundle.about.is_synthetic else []
    return box(look_of(answer), lines_of(answer, code), small)


def box(look: str, lines: list[str], small: list[str] | None = None) -> str:
    """Lines in a box, the first one large; every sign of them escaped."""
    first, *rest = lines
    paragraphs = [f'<p class="first">{html.escape(first)}</p>']
    paragraphs += [f"<p>{html.escape(one)}</p>" for one in rest]
    paragraphs += [f'<p class="small">{html.escape(one)}</p>' for one in small or []]
    return f'<div class="answer {look}" role="status">{"".join(paragraphs)}</div>'


def _labels(code: str, examples: int) -> list[Any]:
    return [
        gr.update(value=f"## {said(code, 'page_title')}"),
        gr.update(label=said(code, "page_photo")),
        gr.update(value=said(code, "page_send")),
        gr.update(label=said(code, "heat_title")),
        *(gr.update(value=f"{said(code, 'page_example')} {place}") for place in range(1, examples + 1)),
    ]


def _small(image: NDArray[np.uint8] | None) -> NDArray[np.uint8] | None:
    """Small enough for a phone's line."""
    step = 1 if image is None else max(1, image.shape[1] // 1000)
    return None if image is None else image[::step, ::step]
