"""`echodesk train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.errors import WrongUse
from pipeline.commands.consent.warning import warn_of_withdrawn
from pipeline.commands.datasets.snapshot_list import snapshot_folder
from pipeline.commands.models.choices import (
    ConfigOption,
    OutOption,
    ProfileOption,
    SeedOption,
    SetOption,
    Told,
    first_weights_from,
    setting_value,
    settings_from,
)
from pipeline.commands.models.told import say_costs, say_run, say_variants
from pipeline.commands.options import WorkspaceOption, chosen_workspace

if TYPE_CHECKING:
    from pipeline.config.settings import ExperimentSettings
    from pipeline.dataset.opened import OpenedSnapshot
    from pipeline.training.run_folder import Run


def train(
    ctx: typer.Context,
    snapshot: Annotated[str, typer.Argument(help="Its name, or its folder.", metavar="SNAPSHOT")],
    folds: Annotated[
        int | None, typer.Option(min=2, help="Default: the settings', five.", show_default=False)
    ] = None,
    folds_by: Annotated[
        str | None,
        typer.Option(
            "--folds-by", metavar="strata|site", help="site: each site is left out once.", show_default=False
        ),
    ] = None,
    profile: ProfileOption = None,
    config: ConfigOption = None,
    init: Annotated[
        Path | None,
        typer.Option(
            metavar="CHECKPOINT", help="Begin with this one, such as stage 2's.", show_default=False
        ),
    ] = None,
    changes: SetOption = None,
    seed: SeedOption = None,
    backbones: Annotated[
        list[str] | None,
        typer.Option("--backbone", metavar="NAME", help="Of timm; several are compared.", show_default=False),
    ] = None,
    vary: Annotated[
        str | None,
        typer.Option(metavar="NAME=A,B,...", help="A run for each value, compared.", show_default=False),
    ] = None,
    signals: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Waveforms, ROW_ID.npz, for a reference row.", show_default=False),
    ] = None,
    tracker: Annotated[
        str | None, typer.Option(metavar="tensorboard|mlflow", help="Log there, too.", show_default=False)
    ] = None,
    looked_over: Annotated[
        int,
        typer.Option("--look-over", min=0, help="Photographs judged: blur, glare, cut off; 0 for none."),
    ] = 24,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would take, and stop.")] = False,
    out: OutOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Train the ECG-photo model on a snapshot, one model a fold (stage 3).

    Every record is predicted by the model that never learnt from its patient. A run that was stopped goes on
    where it was when the same command is given again. Simpler methods are trained on the same folds and stand
    beside the model.
    """
    space = chosen_workspace(ctx, workspace)
    further: dict[str, Any] = first_weights_from(init)
    further |= {} if folds is None else {"training.folds": folds}
    further |= {} if folds_by is None else {"training.folds_by": folds_by}
    further |= {} if seed is None else {"training.seeds": [seed]}
    variants = _variants(backbones, vary)
    all_settings = [settings_from(profile, config, changes, {**further, **one}) for one in variants]
    from pipeline.dataset.opened import open_snapshot

    folder = snapshot_folder(space, snapshot)
    warn_of_withdrawn(space, folder)
    opened = open_snapshot(folder)
    if dry_run:
        say_costs(opened, all_settings, looked_over, Told())
        return
    made = _trained(opened, all_settings, out or space.runs, signals, tracker, looked_over)
    from pipeline.training.computing import is_first_process

    if not is_first_process():
        return
    if len(made) == 1:
        say_run(made[0])
    else:
        say_variants([", ".join(f"{value}" for value in one.values()) for one in variants], made)


def _trained(
    opened: OpenedSnapshot,
    all_settings: list[ExperimentSettings],
    runs: Path,
    signals: Path | None,
    tracker: str | None,
    looked_over: int,
) -> list[Run]:
    """The runs in order; a comparison takes up what is finished, one asked for by itself is refused again."""
    from pipeline.training.recipe import run_place
    from pipeline.training.recipe import train as run
    from pipeline.training.run_folder import open_run

    made = []
    for settings in all_settings:
        place = run_place(opened, settings, runs, signals)
        if not (place.exists() and len(all_settings) > 1):
            options: dict[str, Any] = {"signals": signals, "tracker": tracker, "looked_over": looked_over}
            run(opened, settings, runs=runs, reporter=Told(), **options)
            looked_over = 0  # the same photographs again
        made.append(open_run(place))
    return made


def _variants(backbones: list[str] | None, vary: str | None) -> list[dict[str, Any]]:
    """What differs from run to run: one without a comparison.

    Raises:
        WrongUse: both are asked for, or `vary` is not NAME=A,B.
    """
    if vary is None:
        return [{"backbone.name": name} for name in backbones or ()] or [{}]
    if backbones and len(backbones) > 1:
        raise WrongUse("--vary and several --backbone at once", "Compare one thing at a time.")
    name, equals, values = vary.partition("=")
    if not equals or "," not in values:
        raise WrongUse(f"--vary {vary} is not NAME=A,B", "Such as --vary losses.ef_weight_cap=1,2,3,6.")
    fixed = {"backbone.name": backbones[0]} if backbones else {}
    return [{**fixed, name: setting_value(value)} for value in values.split(",")]
