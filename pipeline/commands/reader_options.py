"""The options that say who reads: the same for every verb that reads, declared once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer


class ReaderName(StrEnum):
    """Who reads."""

    RULES = "rules"
    QWEN2VL = "qwen2vl"
    REMOTE = "remote"


class SecondReader(StrEnum):
    """Who reads the report a second time, for the light alone."""

    RAPIDOCR = "rapidocr"
    NONE = "none"


class AskTwice(StrEnum):
    """Whether a language model is asked twice."""

    OFF = "off"
    PROMPT = "prompt"
    CROP = "crop"


def _option(*names: str, help: str, metavar: str | None = None, **more: Any) -> Any:
    return typer.Option(*names, help=help, metavar=metavar, show_default=False, **more)


@dataclass(frozen=True)
class ReaderChoice:
    """What a person chose; empty where the workspace's settings or the reader's own default hold."""

    reader: Annotated[
        ReaderName,
        typer.Option(
            help="Who reads: rules (Tesseract and our rules), qwen2vl (a model here), remote (a server)."
        ),
    ] = ReaderName.RULES
    model: Annotated[
        str,
        _option(
            "--model", metavar="NAME|DIR", help="qwen2vl, remote: the model. Default: ECHODESK_VLM_MODEL."
        ),
    ] = ""
    revision: Annotated[
        str,
        _option(
            "--revision",
            metavar="COMMIT",
            help="qwen2vl: exact commit of a hub model that is not pinned here.",
        ),
    ] = ""
    adapter: Annotated[
        Path | None, _option("--adapter", metavar="DIR", help="qwen2vl: a folder made by echodesk finetune.")
    ] = None
    device: Annotated[
        str, _option("--device", metavar="NAME", help="qwen2vl: auto (default), cpu, cuda.")
    ] = "auto"
    download: Annotated[
        bool, typer.Option("--download", help="qwen2vl: fetch the weights if they are not on this machine.")
    ] = False
    prompt: Annotated[
        str, _option("--prompt", metavar="ID", help="qwen2vl, remote: prompt. Default: read-1.")
    ] = ""
    batch: Annotated[
        int | None, _option("--batch", min=1, metavar="N", help="qwen2vl: reports read at once.")
    ] = None
    url: Annotated[
        list[str], _option("--url", metavar="URL", help="remote: address of a server; repeat for several.")
    ] = field(default_factory=list)
    concurrency: Annotated[
        int | None,
        _option("--concurrency", min=1, metavar="N", help="remote: requests at once for each server."),
    ] = None
    second_reader: Annotated[
        SecondReader, typer.Option(help="Who reads again for the light: rapidocr, or none.")
    ] = SecondReader.RAPIDOCR
    second_reading: Annotated[
        AskTwice,
        typer.Option(
            help="Ask the model twice: off, prompt (in other words), crop (about the place it quoted)."
        ),
    ] = AskTwice.OFF
    blind_check: Annotated[
        bool, typer.Option("--blind-check", help="Ask the model again with its evidence painted over.")
    ] = False
    poor_pages: Annotated[
        bool,
        typer.Option(
            "--poor-pages", help="rules: try pages too poor to be read, for EF and RVSP alone; never green."
        ),
    ] = False
    recogniser: Annotated[
        str,
        _option(
            "--recogniser",
            metavar="DIR|none",
            help="--poor-pages: a recogniser taught by finetune. Default: ECHODESK_RECOGNISER.",
        ),
    ] = ""


def with_reader(verb: Callable[..., None]) -> Callable[..., None]:
    """Give a verb with a parameter `choice: ReaderChoice` the options of every reader in its place."""
    signature = inspect.signature(verb)
    hints = get_type_hints(verb, include_extras=True)
    choice_hints = get_type_hints(ReaderChoice, include_extras=True)
    names = [item.name for item in fields(ReaderChoice)]
    parameters = []
    for parameter in signature.parameters.values():
        if parameter.name != "choice":
            parameters.append(parameter.replace(annotation=hints[parameter.name]))
            continue
        for item in fields(ReaderChoice):
            default = [] if callable(item.default_factory) else item.default
            parameters.append(
                inspect.Parameter(
                    item.name, parameter.kind, default=default, annotation=choice_hints[item.name]
                )
            )
    # Options with a default may stand anywhere; Python wants those without one first.
    parameters.sort(key=lambda parameter: parameter.default is not inspect.Parameter.empty)

    def call(**arguments: Any) -> None:
        choice = ReaderChoice(**{name: arguments.pop(name) for name in names})
        verb(choice=choice, **arguments)

    call.__name__, call.__doc__, call.__module__ = verb.__name__, verb.__doc__, verb.__module__
    # Functions may carry one.
    call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters} | {
        "return": None
    }
    return call
