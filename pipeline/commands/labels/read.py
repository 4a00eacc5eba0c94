"""`echodesk read`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from db.fields.names import CARD_FIELDS
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace
from pipeline.commands.reader_options import ReaderChoice, with_reader
from pipeline.commands.reader_specs import reader_spec
from pipeline.commands.terminal import complain, say, say_json

HEADINGS = ("EF %", "RWMA", "PAH", "RVSP", "report")
WIDTHS = (12, 18, 20, 6, 0)


@with_reader
def read(
    ctx: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="Report pictures, PDFs, .txt files, or folders of them.")
    ],
    choice: ReaderChoice,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read reports and print what they say.

    Needs no workspace and stores nothing. With --json one object a line: the values, the words and place each
    was read from, confidence and light. A file that cannot be read gives its error; exit code 1 then.
    """
    from labeling.pages.page import PageLimits
    from labeling.readers.files import read_paths
    from labeling.readers.registry import build_reader

    chosen = chosen_workspace(ctx, workspace)
    limits = PageLimits(chosen.max_image_pixels, chosen.max_pages, chosen.pdf_dpi, chosen.page_s)
    built = build_reader(reader_spec(choice, chosen))
    is_first, has_failed = True, False
    for answer in read_paths(paths, built, limits):
        has_failed = has_failed or "error" in answer
        if as_json:
            say_json(answer)
        elif "error" in answer:
            complain(f"{answer['source']}: {answer['error']}")
        else:
            if is_first:
                say(row_of(HEADINGS))
                is_first = False
            say(row_of(cells_of(answer)))
    if has_failed:
        raise typer.Exit(1)


def row_of(cells: tuple[str, ...]) -> str:
    """Fixed columns, so that rows can be printed as they come; the file's name is last."""
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


def cells_of(answer: dict[str, Any]) -> tuple[str, ...]:
    """One answer in words; a field whose light is not green is marked for a look."""
    ef = answer["ef_state"]
    if answer["ef_percent"] is not None:
        operator = "" if answer["ef_operator"] == "=" else answer["ef_operator"]
        ef = f"{operator}{answer['ef_percent']:g}"
        if answer["ef_low"] is not None:
            ef += f" ({answer['ef_low']:g}-{answer['ef_high']:g})"
    rvsp = "" if answer["rvsp_mmhg"] is None else f"{answer['rvsp_mmhg']:g}"
    light = answer["light"]
    marks = {name: "" if light.get(name) == "green" else " ?" for name in CARD_FIELDS}
    rwma = answer["rwma"]
    if answer["rwma_severity"] in ("mild", "moderate", "severe"):
        rwma += f" {answer['rwma_severity']}"
    return (
        ef + marks["ef_percent"],
        rwma + marks["rwma"],
        answer["pah"] + marks["pah"],
        rvsp,
        answer["source"],
    )
