"""`echodesk bench layer`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.bench_pages import files_of
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace
from pipeline.commands.progress import progress
from pipeline.commands.terminal import counted, say, say_json


def bench_layer_command(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="PDFs that a program printed, or folders of them.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Pages a second of PDFs by the text they carry, against the same pages read as pictures.

    From the file to the values in one process, both ways in turns. What a scan's PDF says of itself is not
    believed, and its pages are not timed.
    """
    from labeling.benchmark.speed_layer import bench_layer

    tesseract = chosen_workspace(ctx, workspace).tesseract
    with progress("Reading in both ways", "files") as advance:
        result = bench_layer(files_of(paths), tesseract=tesseract, on_progress=advance)
    if as_json:
        say_json(asdict(result) | {"ratio": result.ratio})
        return
    say(f"{counted(result.files, 'file')}, {counted(result.pages, 'page')} with a text layer that holds")
    if not result.pages:
        return
    say(f"by the text layer:  {result.pages / result.layer_s:.2f} pages/s")
    say(
        f"as pictures:        {result.pages / result.pictures_s:.2f} pages/s; "
        f"the layer is {result.ratio:.1f} x as fast"
    )
    say(f"Other values as pictures: {counted(result.differing, 'file')}")
    say(f"Layers not believed: {counted(result.refused, 'file')}")
