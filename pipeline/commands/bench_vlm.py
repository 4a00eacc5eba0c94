"""`echodesk bench vlm`."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.bench_pages import files_of, invented_pages
from pipeline.commands.options import JsonOption
from pipeline.commands.progress import progress
from pipeline.commands.terminal import counted, say, say_json

if TYPE_CHECKING:
    from labeling.benchmark.speed_qwen import VlmBench


def bench_vlm_command(
    model: Annotated[
        str, typer.Option(metavar="NAME|DIR", help="The model: a folder, or a hub name in the cache.")
    ],
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Report pages; without any, pages are invented.", show_default=False),
    ] = None,
    patients: Annotated[int, typer.Option(min=1, help="How many reports to invent.")] = 8,
    revision: Annotated[
        str, typer.Option(metavar="COMMIT", help="Of a hub model that is not pinned here.")
    ] = "",
    device: Annotated[str, typer.Option(metavar="NAME", help="auto, cpu, cuda.")] = "auto",
    batch: Annotated[int, typer.Option(min=0, help="Reports at once; 0 for what suits the device.")] = 0,
    max_pixels: Annotated[int, typer.Option(min=3136, help="Most pixels of a page.")] = 2048 * 28 * 28,
    as_json: JsonOption = False,
) -> None:
    """Reports a second of a language model, against its card's recipe of one picture at a time.

    Ours is batched, held to the form of the answer and bounded in pixels; both print as many tokens. Speed
    hangs on the size of a model and not on what it has learnt: a folder with random weights of the same size
    will do.
    """
    from labeling.benchmark.speed_qwen import bench_vlm
    from labeling.readers.qwen.inputs import MIN_PIXELS, PixelBounds

    bounds = PixelBounds(min(MIN_PIXELS, max_pixels), max_pixels)
    with tempfile.TemporaryDirectory(prefix="echodesk-bench-") as folder:
        files = files_of(paths) if paths else invented_pages(Path(folder) / "cohort", patients)
        with progress("Reading in both ways", "reports") as advance:
            result = bench_vlm(
                files,
                model=model,
                revision=revision,
                device=device,
                batch_size=batch,
                bounds=bounds,
                on_progress=advance,
            )
    if as_json:
        figures = {
            name: getattr(result, name)
            for name in ("reports_per_s", "ratio", "grammar_overhead", "grammar_with_skips")
        }
        say_json(asdict(result) | figures)
    else:
        show_vlm_result(result)


def show_vlm_result(result: VlmBench) -> None:
    """The figures with what they were measured on."""
    say(f"{counted(result.reports, 'report')}, {result.model} on {result.device} in {result.precision}")
    say(f"EchoDesk, {result.batch_size} at a time:          {result.reports_per_s:.3f} reports/s")
    say(
        f"the model card's recipe, one at a time: {result.reports / result.recipe_s:.3f} reports/s; "
        f"EchoDesk is {result.ratio:.2f} x as fast"
    )
    say(
        f"A report takes {result.prompt_tokens:.0f} tokens of prompt "
        f"(recipe {result.recipe_prompt_tokens:.0f}), "
        f"{result.answer_tokens:.0f} of answer, {result.forward_passes:.0f} forward passes "
        f"(recipe {result.recipe_forward_passes:.0f})."
    )
    say(
        f"Holding the answer to its form adds {100 * result.grammar_overhead:+.1f} % at equal passes, "
        f"{100 * result.grammar_with_skips:+.1f} % with the passes it saves."
    )
