"""`echodesk evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import WrongUse
from pipeline.commands.datasets.snapshot_list import snapshot_folder
from pipeline.commands.models.runs import FolderOption, run_place
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace
from pipeline.commands.terminal import complain, say, say_json

if TYPE_CHECKING:
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
    if run is None:
        if not paper_figures:
            raise WrongUse("no RUN was named", "Name one of: echodesk runs list")
        _say_paper_figures(as_json)
        return
    for option, given in (("--sufficient", sufficient), ("--bundle", bundle)):
        if given is not None and on is None:
            raise WrongUse(f"{option} without --on", "Name the snapshot that was not seen: --on SNAPSHOT")
    space = chosen_workspace(ctx, workspace)
    from pipeline.commands.models.elsewhere import bundle_models, people_counter
    from pipeline.dataset.opened import open_snapshot
    from pipeline.evaluation.all_parts import Options
    from pipeline.evaluation.evaluate import copy_sufficient
    from pipeline.evaluation.evaluate import evaluate as evaluated
    from pipeline.training.run_folder import open_run

    opened = open_run(run_place(run, runs or space.runs))
    place = snapshot_folder(space, snapshot or str(opened.manifest["snapshot"]))
    options = Options(
        resamples=resamples,
        seed=seed,
        has_paper_figures=paper_figures,
        changes_pictures=pictures,
        has_adversary=adversary,
    )
    trained = open_snapshot(place)
    new = None if on is None else open_snapshot(snapshot_folder(space, on))
    count_people = None if new is None else people_counter(space, trained, new)
    written = evaluated(
        opened.folder,
        trained,
        options,
        new=new,
        models=bundle_models(bundle, opened),
        count_people=count_people,
        is_again=again,
        say=complain,
    )
    if sufficient is not None:
        copy_sufficient(written.folder, sufficient)
    _say_written(written, as_json)


def _say_written(written: Written, as_json: bool) -> None:
    """Where it is, and what a reader must know."""
    from pipeline.evaluation.evaluate import PAGE, read_results
    from pipeline.evaluation.report.first_page import sentence_of

    results = read_results(written.folder)
    if as_json:
        say_json({"folder": str(written.folder), "is_new": written.is_new, "verdicts": results["verdicts"]})
        return
    if not written.is_new:
        say("This run was evaluated with the same settings before; nothing was written.")
    for verdict in results["verdicts"]:
        say(f"{verdict['severity']}: {sentence_of(verdict)}")
    say(str(written.folder / PAGE))


def _say_paper_figures(as_json: bool) -> None:
    from pipeline.evaluation.report.paper_figures import paper_figures
    from pipeline.evaluation.report.paper_words import figure_words
    from pipeline.evaluation.results import as_data

    found = as_data(paper_figures())
    if as_json:
        say_json({"paper_figures": found})
        return
    for one in found:
        words = figure_words(one)
        say(f"{words.name}: reported {words.reported}, implied {words.implied}")
        say(f"  {words.formula}")
        say(f"  {words.meaning}")
