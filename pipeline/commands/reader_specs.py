"""From what a person chose to a reader that can be built: what belongs to whom, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from db.errors import WrongUse
from db.processes import usual_workers
from pipeline.commands.reader_options import AskTwice, ReaderChoice, ReaderName

if TYPE_CHECKING:
    from db.workspace import Workspace
    from labeling.readers.base import ReaderSpec


def reader_spec(choice: ReaderChoice, workspace: Workspace) -> ReaderSpec:
    """The reader a person chose, with the workspace's settings, cross-checked by the others.

    Raises:
        WrongUse: an option belongs to another reader, or one that is needed is missing.
    """
    from labeling.readers.base import ReaderSpec

    primary = primary_spec(choice, workspace)
    return ReaderSpec(
        "panel",
        {
            "primary": {"name": primary.name, "options": dict(primary.options)},
            "second_reader": choice.second_reader.value,
            "ask_twice": choice.second_reading.value,
            "blind_check": choice.blind_check,
            "poor_pages": choice.poor_pages,
            "recogniser": choice.recogniser or workspace.recogniser,
            "tesseract": workspace.tesseract,
        },
    )


# Which options only some readers have. What stands here and is chosen for another reader is a mistake worth
# naming.
BELONGS_TO = {
    "model": (ReaderName.QWEN2VL, ReaderName.REMOTE),
    "revision": (ReaderName.QWEN2VL,),
    "adapter": (ReaderName.QWEN2VL,),
    "download": (ReaderName.QWEN2VL,),
    "prompt": (ReaderName.QWEN2VL, ReaderName.REMOTE),
    "batch": (ReaderName.QWEN2VL,),
    "url": (ReaderName.REMOTE,),
    "concurrency": (ReaderName.REMOTE,),
    "blind_check": (ReaderName.QWEN2VL, ReaderName.REMOTE),
    "poor_pages": (ReaderName.RULES,),
    "recogniser": (ReaderName.RULES,),
}


def primary_spec(choice: ReaderChoice, workspace: Workspace) -> ReaderSpec:
    """The reader whose values count, without its cross-checks. Raises WrongUse as `reader_spec` does."""
    from labeling.readers.base import ReaderSpec

    for name, readers in BELONGS_TO.items():
        if getattr(choice, name) and choice.reader not in readers:
            raise WrongUse(
                f"--{name.replace('_', '-')} does not belong to --reader {choice.reader}",
                f"It belongs to {' and '.join(readers)}.",
            )
    if choice.recogniser and not choice.poor_pages:
        raise WrongUse("--recogniser reads poor pages alone", "Add --poor-pages.")
    if choice.second_reading is not AskTwice.OFF and choice.reader is ReaderName.RULES:
        raise WrongUse("--second-reading asks a language model twice", "Name one with --reader qwen2vl.")
    if choice.reader is ReaderName.QWEN2VL:
        return ReaderSpec("qwen2vl", qwen2vl_options(choice, workspace))
    if choice.reader is ReaderName.REMOTE:
        return ReaderSpec("remote", remote_options(choice, workspace))
    if choice.reader is ReaderName.RULES:
        return ReaderSpec("rules", {"tesseract": workspace.tesseract})
    # Whoever adds a reader learns it here, instead of finding the rules' answers under its name.
    assert_never(choice.reader)


def qwen2vl_options(choice: ReaderChoice, workspace: Workspace) -> dict[str, Any]:
    """Arguments of the reader with a model in this process; what was not chosen is left to it."""
    chosen = {
        "model": choice.model or workspace.vlm_model,
        "revision": choice.revision or ("" if choice.model else workspace.vlm_revision),
        "adapter": str(choice.adapter) if choice.adapter else "",
        "device": choice.device,
        "allow_download": choice.download,
        "prompt": choice.prompt,
        "batch_size": choice.batch,
        "min_pixels": workspace.vlm_min_pixels,
        "max_pixels": workspace.vlm_max_pixels,
    }
    return {name: value for name, value in chosen.items() if value}


def remote_options(choice: ReaderChoice, workspace: Workspace) -> dict[str, Any]:
    """Arguments of the reader behind a server.

    Raises:
        WrongUse: no server is named.
    """
    urls = choice.url or [url.strip() for url in workspace.remote_urls.split(",") if url.strip()]
    if not urls:
        raise WrongUse(
            "no server is named", "Name one with --url http://127.0.0.1:8000/v1, or ECHODESK_REMOTE_URLS."
        )
    chosen = {
        "urls": urls,
        "model": choice.model,
        "api_key": workspace.remote_api_key,
        "prompt": choice.prompt,
        "concurrency": choice.concurrency,
        "allow_plain_http": workspace.remote_allow_plain_http,
        "min_pixels": workspace.vlm_min_pixels,
        "max_pixels": workspace.vlm_max_pixels,
    }
    return {name: value for name, value in chosen.items() if value}


def workers_for(choice: ReaderChoice) -> int:
    """Reading processes when nobody says how many.

    A single one for a model that fills the machine, or for servers that are sent several reports at once
    anyway.
    """
    return usual_workers() if choice.reader is ReaderName.RULES else 1
