"""`echodesk bench`."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import WrongUse
from pipeline.commands.bench_masking import bench_masking_command
from pipeline.commands.bench_review import bench_review_command
from pipeline.commands.options import (
    JsonOption,
    WorkersOption,
    WorkspaceOption,
    chosen_workspace,
    usual_workers,
)
from pipeline.commands.terminal import counted, progress, say, say_json

if TYPE_CHECKING:
    from labeling.benchmark.speed import BenchResult
    from labeling.benchmark.speed_qwen import VlmBench

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Measure speed on this machine.")


@app.callback()
def _bench() -> None:
    """Measure speed on this machine."""


@app.command("extract")
def extract(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Report pages; without any, pages are invented.", show_default=False),
    ] = None,
    patients: Annotated[int, typer.Option(min=1, help="How many reports to invent.")] = 24,
    workers: WorkersOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pages a second, against a plain pytesseract loop.

    Both read the same decoded pages in the same run, in turns, so that the machine's other work falls on
    both.
    """
    from labeling.benchmark.speed import bench_extraction

    tesseract = chosen_workspace(ctx, workspace).tesseract
    number = workers or usual_workers()
    if paths:
        result = bench_extraction(files_of(paths), workers=number, tesseract=tesseract)
    else:
        with tempfile.TemporaryDirectory(prefix="echodesk-bench-") as folder:
            pages = invented_pages(Path(folder) / "cohort", patients)
            result = bench_extraction(pages, workers=number, tesseract=tesseract)
    if as_json:
        figures = {
            name: getattr(result, name) for name in ("pages_per_s", "ratio", "ratio_one_thread", "own_share")
        }
        say_json(asdict(result) | figures)
    else:
        show_result(result)


@app.command("vlm")
def vlm(
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


app.command("review")(bench_review_command)
app.command("masking")(bench_masking_command)


def files_of(paths: list[Path]) -> list[Path]:
    """The page files named, folders opened.

    Raises:
        WrongUse: there is none.
    """
    from labeling.intake.files import find_files

    found, _ = find_files(paths)
    if not found:
        raise WrongUse("there are no report pages to read", "Name picture files, PDFs or folders of them.")
    return [file.path for file in found]


def invented_pages(folder: Path, patients: int) -> list[Path]:
    """Report files of a small demo cohort."""
    from pipeline.demo.cohort import build_cohort

    with progress("Printing and photographing", "patients") as advance:
        build_cohort(folder, patients=patients, on_progress=advance)
    return sorted((folder / "reports").iterdir())


def show_result(result: BenchResult) -> None:
    """The figures with what they were measured on."""
    plain, single = (result.pages / seconds for seconds in (result.plain_s, result.plain_one_thread_s))
    say(f"{counted(result.pages, 'page')}, {counted(result.workers, 'worker')}")
    say(f"EchoDesk, from picture to values:             {result.pages_per_s:.2f} pages/s")
    say(
        f"pytesseract.image_to_string loop:             {plain:.2f} pages/s; EchoDesk is {result.ratio:.2f} x as fast"
    )
    say(
        f"the same loop, Tesseract held to one thread:  {single:.2f} pages/s; "
        f"EchoDesk is {result.ratio_one_thread:.2f} x as fast"
    )
    say(f"EchoDesk's own code takes {100 * result.own_share:.1f} % of the time Tesseract takes.")


def show_vlm_result(result: VlmBench) -> None:
    """The figures with what they were measured on."""
    say(f"{counted(result.reports, 'report')}, {result.model} on {result.device} in {result.precision}")
    say(f"EchoDesk, {result.batch_size} at a time:          {result.reports_per_s:.3f} reports/s")
    say(
        f"the model card's recipe, one at a time: {result.reports / result.recipe_s:.3f} reports/s; "
        f"EchoDesk is {result.ratio:.2f} x as fast"
    )
    say(
        f"A report takes {result.prompt_tokens:.0f} tokens of prompt (recipe {result.recipe_prompt_tokens:.0f}), "
        f"{result.answer_tokens:.0f} of answer, {result.forward_passes:.0f} forward passes "
        f"(recipe {result.recipe_forward_passes:.0f})."
    )
    say(
        f"Holding the answer to its form adds {100 * result.grammar_overhead:+.1f} % at equal passes, "
        f"{100 * result.grammar_with_skips:+.1f} % with the passes it saves."
    )
