"""`echodesk runs`: what was trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import WrongUse
from pipeline.commands.models.told import said, say_histograms, say_run, say_runs
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace
from pipeline.commands.terminal import say, say_json, say_table

if TYPE_CHECKING:
    from pipeline.training.run_folder import Run

_ABOUT = "Training runs: list, show, compare, pack and look over."

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=_ABOUT)

RunArgument = Annotated[str, typer.Argument(help="Its id, or its folder.", metavar="RUN")]
FolderOption = Annotated[
    Path | None,
    typer.Option("--runs", metavar="DIR", help="Where runs are kept. Default: runs/ of the workspace.",
                 show_default=False),
]  # fmt: skip


@app.callback()
def _runs() -> None:
    """Training runs: list, show, compare, pack and look over."""


@app.command("list")
def list_runs(
    ctx: typer.Context,
    runs: FolderOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List runs with what they come to."""
    from pipeline.training.runs import run_manifests, unfinished_runs

    folder = runs or chosen_workspace(ctx, workspace).runs
    manifests = run_manifests(folder)
    if as_json:
        for manifest in manifests:
            say_json({name: value for name, value in manifest.items() if name != "files"})
        return
    say_runs(manifests)
    for begun in unfinished_runs(folder):
        say(
            f"Begun and not finished: {begun}. The same `echodesk train` goes on with it; delete the folder "
            "to give it up."
        )


@app.command("show")
def show(
    ctx: typer.Context,
    run: RunArgument,
    runs: FolderOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a run and the simpler methods beside it."""
    opened = opened_run(run, runs or chosen_workspace(ctx, workspace).runs)
    if as_json:
        say_json({name: value for name, value in opened.manifest.items() if name != "files"})
    else:
        say_run(opened)


@app.command("compare")
def compare(
    ctx: typer.Context,
    a: Annotated[str, typer.Argument(metavar="A")],
    b: Annotated[str, typer.Argument(metavar="B")],
    runs: FolderOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Compare two runs: settings that differ, and how much better B is, record by record."""
    from pipeline.training.runs import compare as compared

    folder = runs or chosen_workspace(ctx, workspace).runs
    one, other = opened_run(a, folder), opened_run(b, folder)
    found = compared(one, other)
    if found.settings:
        say_table(
            ["setting", one.name, other.name],
            [[name, *map(str, pair)] for name, pair in found.settings.items()],
        )
    if found.ef_gain_points is None or found.auroc_gain is None:
        say("The two are of different snapshots: their numbers can't be paired.")
        return
    gain, auroc = found.ef_gain_points, found.auroc_gain
    say(f"{other.name} against {one.name}, on the same records (above 0: {other.name} is better):")
    say(f"  EF error, points: {said(gain.as_json(), 2)}, n = {gain.n}")
    say(f"  RWMA AUROC:       {said(auroc.as_json(), 3)}, n = {auroc.n}")
    say_histograms([one.name, other.name], [one, other], is_held_back=False)


@app.command("export")
def export(
    ctx: typer.Context,
    run: RunArgument,
    target: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The zip file to write.")],
    runs: FolderOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Pack a run into one zip file that can be moved and looked over elsewhere."""
    from pipeline.training.runs import export_run

    export_run(run_place(run, runs or chosen_workspace(ctx, workspace).runs), target)
    say(str(target))


@app.command("verify")
def verify(
    ctx: typer.Context, run: RunArgument, runs: FolderOption = None, workspace: WorkspaceOption = None
) -> None:
    """Look over a run, a folder or a packed one, byte by byte; exit code 1 when anything is not as it was."""
    from pipeline.training.runs import problems_of

    place = run_place(run, runs or chosen_workspace(ctx, workspace).runs)
    problems = problems_of(place)
    for problem in problems:
        say(problem)
    if problems:
        raise typer.Exit(1)
    say(f"{place.name}: every file is as it was written.")


def run_place(asked: str, runs: Path) -> Path:
    """A run by its id among `runs`, or by a path. Raises WrongUse where there is none."""
    for place in (runs / asked, Path(asked)):
        if place.exists():
            return place
    raise WrongUse(f"there is no run {asked}", "Name one of: echodesk runs list, or its folder.")


def opened_run(asked: str, runs: Path) -> Run:
    """A run by its id or its folder, looked over."""
    from pipeline.training.run_folder import open_run

    return open_run(run_place(asked, runs))
