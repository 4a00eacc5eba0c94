"""The page at `/`: a photo in, the answer below it, in three languages, made for a phone."""

from __future__ import annotations

import hmac
import html
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import gradio as gr
from fastapi import FastAPI

from pipeline.imaging.capture import encode_jpeg
from pipeline.serving.answer import Answer
from pipeline.serving.messages.spoken import DEFAULT, LANGUAGES, in_digits, said
from pipeline.serving.photos.apart import AT_ONCE
from pipeline.serving.screen import Photographs
from pipeline.serving.told import lines_of, look_of, warnings_of

CSS: Final = """
.gradio-container { max-width: 640px !important; margin: 0 auto !important; }
.gradio-container, .gradio-container > .main { padding: 8px !important; box-sizing: border-box; }
.gradio-container, .gradio-container main { width: 100%; }
.gradio-container > .main > .wrap { width: 100%; }
button.sm { min-height: 44px; font-size: .95rem !important; }
body:not(.unsaid) .toast-wrap { display: none !important; }
#camera { background: #0a7d4a; color: #fff; }
footer { display: none !important; }
.html-container { padding: 0 !important; }
.answer { border-radius: 10px; padding: 14px 16px; font-size: 1.05rem; line-height: 1.45; border: 2px solid;
  color: #1a1a1a; }
.answer p { margin: 0 0 .55em; color: #1a1a1a; }
.answer p.first { font-weight: 700; font-size: 1.15rem; }
.answer p.small { font-size: .9rem; margin: .4em 0 0; }
.answer.calm { background: #eef7ee; border-color: #3c7a3c; }
.answer.unsure { background: #fff8e1; border-color: #8a6d00; }
.answer.refer { background: #fdecea; border-color: #a33a2c; }
.answer.retake { background: #eef2f8; border-color: #4a6288; }
figure.heat { margin: 14px 0 0; }
figure.heat img { display: block; width: 100%; height: auto; border-radius: 10px; }
figure.heat figcaption { font-size: .95rem; margin-bottom: 6px; }
"""
# Gradio has no word for it: the first button opens the camera of a phone, where there is one. What Gradio
# refuses it says in English, beside the page: a photo that is too large is stopped before that, anything else
# is told from its notice, and both are said by a hidden button in the language of the page.
_HEAD: Final = """<script>
const inputOf = (name) => {
  let before = document.getElementById(name);
  do before = before && before.previousElementSibling; while (before && !before.matches("input[type=file]"));
  return before;
};
const say = (name) => document.getElementById(name)?.click();
new MutationObserver(() => {
  const camera = inputOf("camera"), chosen = inputOf("choose");
  if (camera && !camera.hasAttribute("capture")) {
    camera.setAttribute("capture", "environment");
    camera.setAttribute("accept", "image/*");
  }
  if (chosen && chosen.accept !== "image/*,application/pdf") chosen.accept = "image/*,application/pdf";
  for (const notice of document.querySelectorAll(".toast-body.error")) {
    if (notice.dataset.said === notice.textContent) continue;
    notice.dataset.said = notice.textContent;
    say(/queue|too many/i.test(notice.textContent) ? "busy" : "failed");
    // With the server gone no button works: better its words than none.
    setTimeout(() => document.querySelector(".answer") || document.body.classList.add("unsaid"), 1000);
  }
}).observe(document.documentElement, { childList: true, characterData: true, subtree: true });
document.addEventListener("change", (event) => {
  const input = event.target;
  if (input !== inputOf("camera") && input !== inputOf("choose")) return;
  document.body.classList.remove("unsaid");
  if (input.files.length && input.files[0].size > MOST_BYTES) {
    event.stopImmediatePropagation();
    event.preventDefault();
    input.value = "";
    say("too_large");
  }
}, true);
</script>"""
# Hidden button -> the sentence it says.
_REFUSALS: Final = {"too_large": "too_large", "busy": "page_busy", "failed": "photo_gone"}
# Photos that were uploaded and never screened are looked for so often, and go at this age, seconds.
_SWEPT_S: Final = (60, 120)
_SHOWN_PX: Final = 1000


@dataclass(frozen=True)
class Shown:
    """What the page shows, so that it can be said again in another language; heat as a JPEG, or empty."""

    answer: Answer
    heat_jpeg: bytes


def create_page(
    photographs: Callable[[], Photographs], examples: list[Path], note: Callable[[bytes, Answer], None],
    *, max_photo_mb: int = 16,
) -> gr.Blocks:  # fmt: skip
    """The page.

    Args:
        photographs: what answers, once it is loaded. examples: invented photographs to try.
        note: called with each photo that somebody sent, and its answer.
        max_photo_mb: the largest photo, for the sentence that says so.
    """
    page: gr.Blocks
    with gr.Blocks(
        title=said(DEFAULT, "page_title"), analytics_enabled=False, delete_cache=_SWEPT_S
    ) as page:  # fmt: skip
        title = gr.Markdown()
        language = gr.Radio(
            [(module.NAME, code) for code, module in LANGUAGES.items()],
            value=DEFAULT, show_label=False, container=False,
        )  # fmt: skip
        camera = gr.UploadButton(variant="primary", elem_id="camera")
        choose = gr.UploadButton(elem_id="choose")
        shown = gr.HTML()
        last = gr.State()
        tried = [gr.Button(size="sm") for _ in examples]

        def on_photo(file: str | None, code: str) -> tuple[str, Shown | None]:
            data = _taken(file)
            if data is None:
                return box("retake", [said(code, "photo_gone")]), None
            found = _screened(photographs(), data, code)
            note(data, found[1].answer)
            return found

        for name in _REFUSALS:
            refused = gr.Button(elem_id=name, visible="hidden")
            refused.click(None, [language], [shown], js=_saying(name, max_photo_mb), api_visibility="private")
        for button in (camera, choose):
            # Whatever becomes of the next photo, the answer to the last one must not stand there as its own.
            # The browser alone does it, so it is done where the network is slow or a file is refused.
            button.click(None, None, [shown], js="() => ''", api_visibility="private")
            button.click(lambda: None, None, [last], api_visibility="private", queue=False)
            button.upload(on_photo, [button, language], [shown, last], api_visibility="private")
        for place, example in enumerate(tried):

            def on_example(code: str, file: Path = examples[place]) -> tuple[str, Shown | None]:
                return _screened(photographs(), file.read_bytes(), code)

            example.click(on_example, [language], [shown, last], api_visibility="private")

        def on_language(code: str, before: Shown | None) -> list[Any]:
            again = "" if before is None else _html(photographs(), before, code)
            return [*_labels(code, len(tried)), again]

        outputs = [title, camera, choose, *tried, shown]
        language.change(on_language, [language, last], outputs, api_visibility="private")
        page.load(on_language, [language, last], outputs, api_visibility="private")
    return page


def with_page(
    app: FastAPI, examples: list[Path], keys: tuple[str, ...], *, max_photo_mb: int = 16
) -> FastAPI:
    """The API with the page at `/`; where there are keys, one of them is the page's password.

    Args:
        max_photo_mb: the largest photo, as for the API.
    """

    def is_known(_name: str, password: str) -> bool:
        return any(hmac.compare_digest(key.encode(), password.encode()) for key in keys)

    page = create_page(lambda: app.state.photographs, examples, app.state.note, max_photo_mb=max_photo_mb)
    head = _HEAD.replace("MOST_BYTES", str(max_photo_mb * 1_000_000))
    # As many at a time as for the API; who has to wait is told so by the page.
    page.queue(default_concurrency_limit=AT_ONCE, max_size=8, api_open=False)
    mounted: FastAPI = gr.mount_gradio_app(
        app, page, path="/", auth=is_known if keys else None, css=CSS, head=head, show_error=False,
        max_file_size=f"{max_photo_mb}mb",
    )  # fmt: skip
    return mounted


def _saying(name: str, max_photo_mb: int) -> str:
    """What shows the sentence of a hidden button in the language that is chosen, in the browser alone."""
    boxes = {code: box("retake", [said(code, _REFUSALS[name], megabytes=max_photo_mb)]) for code in LANGUAGES}
    return f"(code) => ({json.dumps(boxes)})[code]"


def _taken(file: str | None) -> bytes | None:
    """The bytes of an upload, whose file is deleted at once; None where it is gone."""
    try:
        place = Path(file or "")
        data = place.read_bytes()
        place.unlink()
    except OSError:
        return None
    return data


def _screened(photographs: Photographs, data: bytes, code: str) -> tuple[str, Shown]:
    answer, overlay = photographs.screen_with_heat(data, shown_px=_SHOWN_PX)
    heat = b"" if overlay is None else encode_jpeg(overlay, 80)
    shown = Shown(answer, heat)
    return _html(photographs, shown, code), shown


def _html(photographs: Photographs, shown: Shown, code: str) -> str:
    return answer_box(photographs, shown.answer, code) + (
        _heat(shown.heat_jpeg, code) if shown.heat_jpeg else ""
    )


def _heat(jpeg: bytes, code: str) -> str:
    """In the page itself: a picture with an address would be a file on the disk."""
    source = f"data:image/jpeg;base64,{b64encode(jpeg).decode()}"
    title = html.escape(said(code, "heat_title"))
    return f'<figure class="heat"><figcaption>{title}</figcaption><img alt="{title}" src="{source}"></figure>'


def answer_box(photographs: Photographs, answer: Answer, code: str) -> str:
    """An answer as HTML."""
    small = [said(code, "invented")] if photographs.bundle.about.is_synthetic else []
    return box(look_of(answer), lines_of(answer, code), [*small, *warnings_of(answer, code)])


def box(look: str, lines: list[str], small: list[str] | None = None) -> str:
    """Lines in a box, the first one large; every sign of them escaped."""
    first, *rest = lines
    paragraphs = [f'<p class="first">{html.escape(first)}</p>']
    paragraphs += [f"<p>{html.escape(one)}</p>" for one in rest]
    paragraphs += [f'<p class="small">{html.escape(one)}</p>' for one in small or []]
    return f'<div class="answer {look}" role="status">{"".join(paragraphs)}</div>'


def _labels(code: str, examples: int) -> list[Any]:
    numbers = [in_digits(code, str(place)) for place in range(1, examples + 1)]
    return [
        gr.update(value=f"## {said(code, 'page_title')}"),
        gr.update(label=said(code, "page_camera")),
        gr.update(label=said(code, "page_choose")),
        *(gr.update(value=f"{said(code, 'page_example')} {number}") for number in numbers),
    ]
