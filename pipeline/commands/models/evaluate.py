"""`echodesk evaluate`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import WrongUse
from pipeline.commands.consent.warning import warn_of_withdrawn
from pipeline.commands.datasets.snapshot_list import snapshot_folder
from pipeline.commands.models.evaluation_said import say_paper_figures, say_written
from pipeline.commands.models.runs import FolderOption, run_place
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace
from pipeline.commands.terminal import complain

if TYPE_CHECKING:
    from db.workspace import Workspace
    from pipeline.evaluation.all_parts import Options
    from pipeline.evaluation.evaluate import Written


def evaluate(
    ctx: typer.Context,
    run: Annotated[
        str | None, typer.Argument(help="Its id, or its folder.", metavar="RUN", show_default=False)
    ] = None,
    snapshot: Annotated[
        str | None,
        typer.Option(
            metavar="SNAPSHOT", help="The one it was trained on. Default: by its name.", show_default=False
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="SNAPSHOT", help="Validate on this one, too, which no model has seen.", show_default=False
        ),
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="With --on: ask this bundle of the run, as it is used.", show_default=False
        ),
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RUN", help="Set another run of the snapshot beside it; repeatable.", show_default=False
        ),
    ] = None,
    sufficient: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --on: counts and sums to send, no rows.", show_default=False),
    ] = None,
    pictures: Annotated[
        bool, typer.Option(help="Change pages and ask the models again: shortcuts. Needs torch; minutes.")
    ] = True,
    adversary: Annotated[
        bool, typer.Option("--adversary", help="Plant faults in copies of the data: which would be missed?")
    ] = False,
    paper_figures: Annotated[
        bool, typer.Option("--paper-figures", help="What the seed paper's numbers imply; without RUN, alone.")
    ] = False,
    resamples: Annotated[int, typer.Option(min=100, help="Of the patients, for every interval.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Of all chance.")] = 0,
    again: Annotated[
        bool, typer.Option("--again", help="Keep an evaluation with other settings aside, make another.")
    ] = False,
    runs: FolderOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Evaluate a run: every number with n and interval, beside simpler methods, in one report.

    Writes evaluation/ into the run's folder: report.html to open in a browser, results.json with every
    number, tables, and the out-of-fold predictions. The same run, snapshot and settings give the same bytes.
    """
    from pipeline.evaluation.all_parts import Options
    from pipeline.evaluation.evaluate import copy_sufficient

    if run is None:
        if not paper_figures:
            raise WrongUse("no RUN was named", "Name one of: echodesk runs list")
        say_paper_figures(as_json)
        return
    for option, given in (("--sufficient", sufficient), ("--bundle", bundle)):
        if given is not None and on is None:
            raise WrongUse(f"{option} without --on", "Name the snapshot that was not seen: --on SNAPSHOT")
    space = chosen_workspace(ctx, workspace)
    options = Options(
        resamples=resamples,
        seed=seed,
        has_paper_figures=paper_figures,
        changes_pictures=pictures,
        has_adversary=adversary,
    )
    places = [run_place(one, runs or space.runs) for one in (run, *(beside or ()))]
    asked = _Asked(places[0], places[1:], snapshot, on, bundle)
    written = _evaluated(asked, space, options, is_again=again)
    if sufficient is not None:
        copy_sufficient(written.folder, sufficient)
    say_written(written, as_json)


@dataclass(frozen=True)
class _Asked:
    """Which run, which beside it, the snapshot of both if not by its name, and what else to hold it to."""

    run: Path
    beside: list[Path]
    snapshot: str | None
    on: str | None
    bundle: Path | None


def _evaluated(asked: _Asked, space: Workspace, options: Options, *, is_again: bool) -> Written:
    """Open what is named, and evaluate."""
    from pipeline.commands.models.elsewhere import bundle_models, people_counter
    from pipeline.dataset.opened import open_snapshot
    from pipeline.evaluation.evaluate import evaluate as evaluate_run
    from pipeline.training.run_folder import open_run

    run = open_run(asked.run)
    folder = snapshot_folder(space, asked.snapshot or str(run.manifest["snapshot"]))
    warn_of_withdrawn(space, folder)
    trained = open_snapshot(folder)
    new = None if asked.on is None else open_snapshot(snapshot_folder(space, asked.on))
    return evaluate_run(
        run.folder,
        trained,
        options,
        new=new,
        models=bundle_models(asked.bundle, run),
        count_people=None if new is None else people_counter(space, trained, new),
        beside=[open_run(place) for place in asked.beside],
        is_again=is_again,
        say=complain,
    )
