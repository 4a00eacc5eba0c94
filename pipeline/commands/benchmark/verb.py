"""`echodesk benchmark`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from db.errors import WrongUse
from pipeline.commands.benchmark.reading import Input, Manner
from pipeline.commands.benchmark.runs import compare_sides, score_side
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace
from pipeline.commands.reader_options import ReaderChoice, with_reader


@with_reader
def benchmark(
    ctx: typer.Context,
    gold_dir: Annotated[
        Path,
        typer.Argument(
            help="Folder with gold.csv and text/ or images/, or a demo cohort with truth.jsonl.",
            exists=True,
            file_okay=False,
        ),
    ],
    choice: ReaderChoice,
    form: Annotated[
        Input | None,
        typer.Option(
            "--input",
            help="Read texts or page images; pages: all of a cohort. "
            "Default: text, or what a saved file was made of.",
            show_default=False,
        ),
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--compare",
            metavar="A B",
            help="Compare two sides: readers (rules, qwen2vl:adapter=DIR) or files made by --save.",
            show_default=False,
        ),
    ] = None,
    readings: Annotated[
        Path | None,
        typer.Option("--readings", metavar="FILE", help="Score a file made by --save instead of reading."),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save",
            metavar="FILE",
            help="Write the readings, one line a report. They quote the reports: as confidential as these.",
        ),
    ] = None,
    raw_text: Annotated[
        bool, typer.Option("--raw-text", help="With --save: also what the model printed, word for word.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes for page images, when the rules read.")] = 2,
    misses: Annotated[bool, typer.Option("--misses", help="List every wrong answer.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score a reader, or the difference of two, on reports with known answers.

    Counts with 95 % Wilson intervals, real and synthetic reports apart, and by stratum; how many of the
    errors each traffic light holds. A report that cannot be read counts as unanswered and is named; exit code
    1 then.
    """
    manner = Manner(chosen_workspace(ctx, workspace), workers, save, raw_text)
    if compare is not None:
        if readings is not None or save is not None or misses:
            raise WrongUse(
                "--compare goes with no --readings, --save or --misses", "Save each side on its own first."
            )
        compare_sides(gold_dir, compare, choice, form, manner, as_json)
    elif readings is not None and save is not None:
        raise WrongUse("--readings has nothing new to --save", "Leave one of them out.")
    else:
        score_side(gold_dir, str(readings) if readings else choice, form, manner, misses, as_json)
