"""Runs and what they cost, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipeline.commands.terminal import counted, say, say_table

if TYPE_CHECKING:
    from pipeline.config.settings import ExperimentSettings
    from pipeline.dataset.opened import OpenedSnapshot
    from pipeline.training.estimate import Cost
    from pipeline.training.reporting import Reporter
    from pipeline.training.run_folder import Run

MEASURES = (("ef_mae_points", 1), ("ef_gain_points", 1), ("ef_r", 2), ("rwma_auroc", 2))
_BANDS = ("normal", "mildly_reduced", "moderately_reduced", "severely_reduced")


def say_costs(
    opened: OpenedSnapshot, all_settings: Sequence[ExperimentSettings], looked_over: int, reporter: Reporter
) -> None:
    """What each would take, and what a look at the photographs says."""
    from pipeline.training.estimate import cost
    from pipeline.training.examples import read_examples
    from pipeline.training.inputs.photo_quality import look_over

    pairs = opened.with_pictures()
    for settings in all_settings:
        say_cost(settings, cost(read_examples(opened, pairs, settings), settings))
    look_over([pair.picture for pair in pairs if pair.picture], looked_over, reporter)


def say_cost(settings: ExperimentSettings, cost: Cost) -> None:
    """Parameters by part, steps, minutes."""
    say(f"{settings.backbone.name}, {settings.picture.image_size_px} pixels, profile {settings.profile}")
    say_table(
        ["part", "parameters", "that learn"],
        [[one.part, one.parameters, one.trainable] for one in cost.parts],
    )
    say(f"{counted(cost.models, 'model')}, {cost.steps} steps of {1000 * cost.step_s:.0f} ms, all together")
    if cost.rest:
        say(
            f"each epoch learns from whole batches of {settings.training.batch_size}: it leaves out "
            f"{cost.rest} of {cost.learnt} records, others every time"
        )
    if cost.trunk_s:
        say(f"frozen layers, once: {1000 * cost.trunk_s:.0f} ms a picture and change of it")
    say(f"about {cost.minutes:.0f} minutes here, where no model stops early")


def said(one: dict[str, Any] | None, digits: int) -> str:
    """`9.0 [8.2, 9.9]`; a dash where there is no number."""
    if one is None or one["value"] is None:
        return "-"
    text = f"{one['value']:.{digits}f}"
    return text if one["low"] is None else f"{text} [{one['low']:.{digits}f}, {one['high']:.{digits}f}]"


def say_run(run: Run) -> None:
    """What a run is, and its methods side by side."""
    from pipeline.training.run_folder import UNTAUGHT

    manifest = run.manifest
    say(f"run {run.name}: {manifest['backbone']} (profile {manifest['profile']}) on {manifest['snapshot']}")
    if run.manifest["stage"] == 2:
        measures = run.read_json("reference.json")
        say_table(
            ["measure", "value", "n"], [[name, said(one, 3), one["n"]] for name, one in measures.items()]
        )
        return
    if manifest["is_synthetic"]:
        say("semi-synthetic: the labels were planted; nothing here says anything about real hearts")
    if manifest["initial_weights"]["note"]:
        say(manifest["initial_weights"]["note"])
    for head in run.settings.losses.untaught:
        say(UNTAUGHT[head])
    rows = []
    for method, measures in manifest["scores"].items():
        rows.append([method, *(said(measures[name], digits) for name, digits in MEASURES)])
        rows[-1].append(f"{measures['ef_mae_points']['n']}, {measures['rwma_auroc']['n']}")
    say_table(["method", "EF error", "better than median by", "EF r", "RWMA AUROC", "n (EF, RWMA)"], rows)
    say(str(run.folder))


def say_variants(names: Sequence[str], runs: Sequence[Run]) -> None:
    """Runs that differ in one thing: on the records that stopped the models, then out of fold."""
    from pipeline.training.runs import spread

    say("On the held-back records of the training folds; choose by these:")
    say_table(["", *_HEADINGS, "run"], [[name, *_cells(spread(run, is_held_back=True)), run.name]
                                        for name, run in zip(names, runs, strict=True)])  # fmt: skip
    say_histograms(names, runs, is_held_back=True)
    say("")
    say("Out of fold; a value chosen by these must not be reported on them:")
    say_table(["", *_HEADINGS, "run"], [[name, *_cells(spread(run, is_held_back=False)), run.name]
                                        for name, run in zip(names, runs, strict=True)])  # fmt: skip


def say_histograms(names: Sequence[str], runs: Sequence[Run], *, is_held_back: bool) -> None:
    """How many records each run places in every five points of EF, beside the labels of the first."""
    from pipeline.training.runs import histogram

    say("Records in each five points of EF, labelled and answered:")
    found = [{low: counts for low, *counts in histogram(run, is_held_back=is_held_back)} for run in runs]
    steps = sorted({low for of in found for low in of})
    rows = [
        [f"{low}-{low + 5}", found[0].get(low, [0, 0])[0], *(of.get(low, [0, 0])[1] for of in found)]
        for low in steps
    ]
    say_table(["EF", "labels", *names], rows)


_HEADINGS = ("EF error", "r", "slope", "spread", "AUROC", "error >=50", "40-49", "30-39", "<30")


def _cells(found: dict[str, float]) -> list[str]:
    names = [
        "ef_mae_points",
        "ef_r",
        "ef_slope",
        "ef_spread",
        "rwma_auroc",
        *(f"ef_mae_{band}" for band in _BANDS),
    ]
    return [f"{found[name]:.2f}" if found[name] == found[name] else "-" for name in names]


def say_runs(manifests: list[dict[str, Any]]) -> None:
    """Print a line for each finished run, with what it comes to."""
    if not manifests:
        say("no run yet; make one with: echodesk train SNAPSHOT")
        return
    rows = []
    for manifest in manifests:
        scores: dict[str, Any] = manifest.get("scores", {}).get("network", {})
        told = [said(scores.get(name), digits) for name, digits in MEASURES]
        rows.append([manifest["run"], manifest["stage"], manifest["snapshot"], manifest["backbone"], *told])
    headings = ["run", "stage", "snapshot", "backbone"]
    say_table([*headings, "EF error", "better than median by", "EF r", "RWMA AUROC"], rows)
