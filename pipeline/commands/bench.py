"""`echodesk bench`."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.processes import usual_workers
from pipeline.commands.bench_evaluation import bench_evaluation_command
from pipeline.commands.bench_imaging import bench_imaging_command
from pipeline.commands.bench_layer import bench_layer_command
from pipeline.commands.bench_masking import bench_masking_command
from pipeline.commands.bench_pages import files_of, invented_pages
from pipeline.commands.bench_review import bench_review_command
from pipeline.commands.bench_screening import bench_screening_command
from pipeline.commands.bench_training import bench_training_command
from pipeline.commands.bench_vlm import bench_vlm_command
from pipeline.commands.options import (
    JsonOption,
    WorkersOption,
    WorkspaceOption,
    chosen_workspace,
)
from pipeline.commands.terminal import counted, say, say_json

if TYPE_CHECKING:
    from labeling.benchmark.opening import OpeningResult
    from labeling.benchmark.speed import BenchResult

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
    both. Then what it costs that files are opened in a process of their own.
    """
    from labeling.benchmark.opening import bench_opening
    from labeling.benchmark.speed import bench_extraction

    tesseract = chosen_workspace(ctx, workspace).tesseract
    number = workers or usual_workers()
    with tempfile.TemporaryDirectory(prefix="echodesk-bench-") as folder:
        pages = files_of(paths) if paths else invented_pages(Path(folder) / "cohort", patients)
        result = bench_extraction(pages, workers=number, tesseract=tesseract)
        opened = bench_opening(pages)
    if as_json:
        figures = {
            name: getattr(result, name) for name in ("pages_per_s", "ratio", "ratio_one_thread", "own_share")
        }
        both = result.both
        if both is not None:
            figures["both_ratio"], figures["both_own_share"] = both.ratio, both.own_share
        say_json(asdict(result) | figures | {"opening": asdict(opened) | {"ratio": opened.ratio}})
    else:
        show_result(result)
        show_opening(opened)


app.command("layer")(bench_layer_command)
app.command("vlm")(bench_vlm_command)
app.command("review")(bench_review_command)
app.command("masking")(bench_masking_command)
app.command("imaging")(bench_imaging_command)
app.command("training")(bench_training_command)
app.command("screen")(bench_screening_command)
app.command("evaluation")(bench_evaluation_command)


def show_result(result: BenchResult) -> None:
    """The figures with what they were measured on."""
    plain, single = (result.pages / seconds for seconds in (result.plain_s, result.plain_one_thread_s))
    say(f"{counted(result.pages, 'page')}, {counted(result.workers, 'worker')}")
    say(f"EchoDesk, from picture to values:             {result.pages_per_s:.2f} pages/s")
    say(
        f"pytesseract.image_to_string loop:             {plain:.2f} pages/s; "
        f"EchoDesk is {result.ratio:.2f} x as fast"
    )
    say(
        f"the same loop, Tesseract held to one thread:  {single:.2f} pages/s; "
        f"EchoDesk is {result.ratio_one_thread:.2f} x as fast"
    )
    say(f"EchoDesk's own code takes {100 * result.own_share:.1f} % of the time Tesseract takes.")
    if result.both is None:
        return
    now, before = (result.pages / seconds for seconds in (result.both.now_s, result.both.before_s))
    say(f"Both engines side by side, as extract reads:  {now:.2f} pages/s")
    say(
        f"as until November 2026, one after the other:  {before:.2f} pages/s; "
        f"side by side is {result.both.ratio:.2f} x as fast; "
        f"{counted(result.both.differing, 'page')} read otherwise"
    )
    say(f"There EchoDesk's own code takes {100 * result.both.own_share:.1f} % of the engines' time.")


def show_opening(result: OpeningResult) -> None:
    """What the process of its own costs an intake."""
    say(
        f"Opening files for an intake, in a process of its own: {result.files / result.apart_s:.2f} files/s, "
        f"{result.ratio:.2f} of the speed in this process"
    )
