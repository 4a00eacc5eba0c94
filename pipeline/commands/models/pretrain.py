"""`echodesk pretrain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.models.choices import (
    ConfigOption,
    OutOption,
    ProfileOption,
    SeedOption,
    SetOption,
    Told,
    settings_from,
)
from pipeline.commands.options import WorkspaceOption, chosen_workspace
from pipeline.commands.terminal import say


def pretrain(
    ctx: typer.Context,
    ptbxl: Annotated[
        Path, typer.Option("--ptbxl", metavar="DIR", help="PTB-XL in its official layout, 500 or 100 Hz.")
    ],
    profile: ProfileOption = None,
    config: ConfigOption = None,
    changes: SetOption = None,
    seed: SeedOption = None,
    out: OutOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Teach a backbone ECG diagnoses on PTB-XL, printed on paper (stage 2).

    Folds 1 to 8 teach, 9 decides which epoch is kept, 10 judges. The run it writes is what
    `echodesk train --init` begins with.
    """
    settings = settings_from(profile, config, changes, {} if seed is None else {"training.seeds": [seed]})
    from pipeline.training.pretraining import CHECKPOINT
    from pipeline.training.pretraining import pretrain as run

    folder = run(ptbxl, settings, out=out or chosen_workspace(ctx, workspace).runs, reporter=Told())
    say(f"{folder}")
    say(f"Go on with: echodesk train SNAPSHOT --init {folder / CHECKPOINT}")
