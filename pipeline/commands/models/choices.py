"""What the training verbs are asked with, as settings; and how they tell what they do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.errors import WrongUse
from pipeline.commands.progress import progress
from pipeline.commands.terminal import complain

if TYPE_CHECKING:
    from pipeline.config.settings import ExperimentSettings

ProfileOption = Annotated[
    str | None,
    typer.Option(
        metavar="paper|cpu",
        help="Settings to begin with: the paper's, or a laptop's. Default: that of --config, else paper.",
        show_default=False,
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings, JSON: docs/training.md.", show_default=False),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Change a setting; repeatable.", show_default=False),
]
SeedOption = Annotated[
    int | None, typer.Option(help="Of all chance. Default: the settings'.", show_default=False)
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="DIR", help="Where runs are kept. Default: runs/ of the workspace.",
                 show_default=False),
]  # fmt: skip


class Told:
    """Says what a training does on standard error; standard output stays for results."""

    progress = staticmethod(progress)

    def say(self, line: str) -> None:
        """One line."""
        complain(line)


def settings_from(
    profile: str | None, config: Path | None, changes: list[str] | None, further: dict[str, Any]
) -> ExperimentSettings:
    """Resolved settings.

    Args:
        changes: `name=value`, later ones win; `further`: what other options say, by dotted name.

    Raises:
        WrongUse: a change is not `name=value`.
        EchoDeskError: a setting does not exist or can't be, or profile and file name different profiles.
    """
    from pipeline.config.files import load, override, resolve

    base = load(config, profile) if config else resolve({"profile": profile or "paper"}, where="--profile")
    return override(base, {**dict(_change(text) for text in changes or ()), **further})


def _change(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise WrongUse(f"--set {text} is not NAME=VALUE", "Such as --set training.epochs=10.")
    return name.strip(), setting_value(value)


def setting_value(text: str) -> Any:
    """`3`, `true`, `null`, `[1, 2]` as JSON says; anything else is a text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def first_weights_from(init: Path | None) -> dict[str, Any]:
    """Settings that begin with a checkpoint: its file, or the folder of a stage-2 run.

    Raises:
        WrongUse: there is none.
    """
    if init is None:
        return {}
    file = init
    if init.is_dir():
        from pipeline.training.pretraining import CHECKPOINT

        file = init / CHECKPOINT
    if not file.is_file():
        raise WrongUse(
            f"there is no checkpoint {init}", "Name a .safetensors file, or a run of echodesk pretrain."
        )
    return {"backbone.weights": "file", "backbone.weights_file": str(file)}
