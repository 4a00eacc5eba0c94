"""`echodesk snapshot study`: a dataset whose findings were planted, so that what can be found is known."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import WrongUse
from db.processes import usual_workers
from pipeline.commands.options import WorkersOption, WorkspaceOption, chosen_workspace
from pipeline.commands.progress import progress
from pipeline.commands.terminal import counted, say

if TYPE_CHECKING:
    from db.workspace import Workspace
    from pipeline.dataset.study.plan import StudyPlan
    from pipeline.waveforms.planted import Base


class BaseName(StrEnum):
    """What kind of waveform findings are planted in."""

    SYNTHETIC = "synthetic"
    DEEPFAKE = "deepfake"
    PTBXL = "ptbxl"


class ShortcutName(StrEnum):
    """What can be planted beside the waveform, for a model to cheat with."""

    HEADER = "header"
    PAPER = "paper"
    TINT = "tint"
    SITE = "site"


def study(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What to call the dataset.", metavar="NAME")],
    patients: Annotated[int, typer.Option(min=1, help="How many to invent.")] = 500,
    seed: Annotated[int, typer.Option(min=0, help="The same seed invents the same patients.")] = 20260401,
    strength: Annotated[
        float,
        typer.Option(min=0, max=0.99, help="How far the waveform follows EF and wall motion, 0 to 0.99."),
    ] = 0.9,
    nothing: Annotated[
        bool, typer.Option("--nothing", help="Plant nothing in the waveform: strength 0.")
    ] = False,
    base: Annotated[
        BaseName, typer.Option(help="Plant in simulated, generated or normal real ECGs.")
    ] = BaseName.SYNTHETIC,
    ptbxl: Annotated[
        Path | None, typer.Option("--ptbxl", metavar="DIR", help="PTB-XL, for --base ptbxl.")
    ] = None,
    shortcuts: Annotated[
        list[ShortcutName] | None,
        typer.Option("--shortcut", help="Let this follow the illness, too; repeatable.", show_default=False),
    ] = None,
    shortcut_share: Annotated[
        float, typer.Option(min=0, max=1, help="Of the pages, how many show each --shortcut.")
    ] = 1.0,
    label_errors: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the labels that are another patient's.")
    ] = 0.0,
    workers: WorkersOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make a semi-synthetic dataset: findings planted in ECGs at a known strength, printed and photographed.

    Says what could be found in it at best, so that a training can be held to it. It says nothing about how
    much real ECGs tell.
    """
    planned = study_plan(
        patients=patients,
        seed=seed,
        strength=0.0 if nothing else strength,
        shortcuts=dict.fromkeys(shortcuts or (), shortcut_share),
        label_errors=label_errors,
    )
    planted_in = study_base(base, ptbxl, seed)
    space = chosen_workspace(ctx, workspace)
    make_study(space, name, planned, planted_in, workers=workers or usual_workers())
    say_planted(planned)
    say(f"\nNext: echodesk train {name} --profile cpu --signals {space.snapshots / f'{name}.signals'}")


def study_plan(
    *,
    patients: int,
    seed: int,
    strength: float,
    shortcuts: dict[ShortcutName, float],
    label_errors: float,
) -> StudyPlan:
    """What the options ask for."""
    from pipeline.dataset.study.pages import Shortcuts
    from pipeline.dataset.study.plan import StudyPlan
    from pipeline.waveforms.planted import Strength

    return StudyPlan(
        patients=patients,
        seed=seed,
        strength=Strength(strength, strength),
        shortcuts=Shortcuts(**{name.value: share for name, share in shortcuts.items()}),
        label_errors=label_errors,
    )


def study_base(base: BaseName, ptbxl: Path | None, seed: int) -> Base:
    """What findings are planted in.

    Raises:
        WrongUse: PTB-XL is asked for without its folder, or the other way round.
        EchoDeskError: the folder or the generator can't be used.
    """
    if (base is BaseName.PTBXL) != (ptbxl is not None):
        raise WrongUse("--base ptbxl and --ptbxl DIR go together", "Give both or neither.")
    from pipeline.waveforms.planted_bases import DeepfakeBase, DipoleBase, normal_records

    if ptbxl is not None:
        return normal_records(ptbxl, seed)
    if base is BaseName.DEEPFAKE:
        from pipeline.waveforms.deepfake import DeepfakeGenerator

        return DeepfakeBase(DeepfakeGenerator(), seed)
    return DipoleBase()


def make_study(space: Workspace, name: str, plan: StudyPlan, base: Base, *, workers: int) -> None:
    """Make the dataset and say where it is."""
    from pipeline.dataset.study.building import build_study

    with progress("Printing ECGs", "patients") as advance:
        made = build_study(space.snapshots, name, plan, base=base, workers=workers, on_progress=advance)
    say(str(made.snapshot))
    if made.wrong:
        say(f"{counted(made.wrong, 'label')} made wrong on purpose.")


def say_planted(plan: StudyPlan) -> None:
    """What could be found at best, and how the cohort's EF is spread beside what the paper prints."""
    from pipeline.dataset.study.plan import planted_lines

    for line in planted_lines(plan):
        say(line)
