"""`echodesk finetune`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.commands.labels.finetune_expectation import teach_expectation
from pipeline.commands.labels.finetune_recogniser import one_way, refuse_idle_options, teach_recogniser
from pipeline.commands.labels.finetune_run import run_finetuning
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace
from pipeline.commands.terminal import counted, say, say_json, say_table


class LayersName(StrEnum):
    """`labeling.finetuning.settings.Layers`, without importing it for `--help`."""

    LANGUAGE = "language"
    VISION = "vision"
    ALL = "all"


class RecordKind(StrEnum):
    """Which records to learn from."""

    REAL = "real"
    SYNTHETIC = "synthetic"


def finetune(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="New folder for what comes of it.")],
    from_reviews: Annotated[
        bool, typer.Option("--from-reviews", help="A language model, from the records people reviewed.")
    ] = False,
    recogniser: Annotated[
        bool,
        typer.Option("--recogniser", help="The recogniser of poor photographs, from invented lines; a CPU."),
    ] = False,
    expectation: Annotated[
        bool, typer.Option("--expectation", help="What reports usually say, from invented ones; a CPU.")
    ] = False,
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME|DIR", help="Model to start from. Default: ECHODESK_VLM_MODEL.", show_default=False
        ),
    ] = "",
    revision: Annotated[
        str, typer.Option(metavar="COMMIT", help="Commit of a hub model not pinned here.", show_default=False)
    ] = "",
    prompt: Annotated[
        str, typer.Option(metavar="ID", help="Prompt to teach, and to read with later.")
    ] = "read-1",
    only: Annotated[
        RecordKind | None,
        typer.Option(help="Learn from one kind of record, where there are both.", show_default=False),
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="Most passes over the records; it stops earlier.")] = 10,
    patience: Annotated[int, typer.Option(min=1, help="Epochs without a gain before it stops.")] = 3,
    rate: Annotated[float, typer.Option(min=1e-9, max=0.5, help="Peak learning rate.")] = 1e-4,
    rank: Annotated[int, typer.Option(min=1, max=1024, help="Rank of the adapter.")] = 16,
    layers: Annotated[
        LayersName, typer.Option(help="What is taught; each with the merger.")
    ] = LayersName.LANGUAGE,
    steps: Annotated[
        int | None, typer.Option(min=1, help="--recogniser: steps. Default: 640.", show_default=False)
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Reports in one pass.")] = 1,
    accumulation: Annotated[int, typer.Option(min=1, help="Passes to one step of the weights.")] = 8,
    save_memory: Annotated[bool, typer.Option("--save-memory", help="Slower, with far less memory.")] = False,
    validation_share: Annotated[
        float, typer.Option(min=0.01, max=0.9, help="Share of patients kept apart to judge by.")
    ] = 0.2,
    seed: Annotated[int, typer.Option(min=0, help="Source of all chance.")] = 20260401,
    device: Annotated[str, typer.Option(metavar="NAME", help="auto, cpu or cuda.")] = "auto",
    download: Annotated[
        bool, typer.Option("--download", help="Fetch the weights if they are not here.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Teach a language model from corrections: writes an adapter for `extract --adapter DIR`.

    Or, with --recogniser, the recogniser for `extract --poor-pages --recogniser DIR`; it knows --out, --steps
    and --seed. Or, with --expectation, the weights by which the rules doubt an answer; it knows --out.

    Patients are divided, so that nobody taught is judged. Stopped at any moment it leaves no half folder; the
    same command with --from-reviews again goes on after the last epoch it finished.
    """
    from labeling.finetuning.settings import FinetuneSettings, Layers

    way = one_way(from_reviews=from_reviews, recogniser=recogniser, expectation=expectation)
    refuse_idle_options(ctx, way)
    if recogniser:
        return teach_recogniser(out, steps=steps, seed=seed, as_json=as_json)
    if expectation:
        return teach_expectation(out, as_json=as_json)
    settings = FinetuneSettings(
        epochs=epochs,
        patience=patience,
        rate=rate,
        rank=rank,
        layers=Layers(layers.value),
        batch_size=batch_size,
        accumulation=accumulation,
        validation_share=validation_share,
        seed=seed,
        prompt_id=prompt,
        saves_memory=save_memory,
    )
    chosen = chosen_workspace(ctx, workspace)
    opening = {
        "model": model or chosen.vlm_model,
        "revision": revision or ("" if model else chosen.vlm_revision),
        "device": device,
        "allow_download": download,
    }
    only_synthetic = None if only is None else only is RecordKind.SYNTHETIC
    card = run_finetuning(chosen, out, settings=settings, opening=opening, only_synthetic=only_synthetic)
    if as_json:
        say_json(card)
    else:
        show_card(card, out)


def show_card(card: dict[str, Any], out: Path) -> None:
    """The before/after table and where the adapter is."""
    from labeling.finetuning.card import table_cells

    split, training = card["split"], card["training"]
    say(
        f"Taught {counted(split['train']['records'], 'record')}, judged on "
        f"{counted(split['validation']['records'], 'record')} of "
        f"{counted(split['validation']['patients'], 'patient')} kept apart; best after epoch "
        f"{training['best_epoch']} of {len(training['epochs'])}."
    )
    say("Each figure: hits/n = percent [95 % Wilson interval].\n")
    say_table(["field", "usual answer", "before", "after", "mended", "spoilt"], table_cells(card))
    say()
    for sentence in card["limits"]:
        say(f"* {sentence}")
    say(f"\nThe adapter is in {out}. Read with it: echodesk extract --reader qwen2vl --adapter {out}")
