"""`echodesk benchmark`."""

from __future__ import annotations

import math
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace
from pipeline.commands.terminal import progress, say, say_json, say_table

if TYPE_CHECKING:
    from labeling.benchmark import BenchmarkResult
    from labeling.scoring import Rate, Scores


class Input(StrEnum):
    """The form in which the reports are read."""

    TEXT = "text"
    CLEAN = "clean"
    PHONE = "phone"
    HARSH = "harsh"


def benchmark(
    ctx: typer.Context,
    gold_dir: Annotated[
        Path,
        typer.Argument(
            help="Folder with gold.csv and text/ or images/.",
            exists=True,
            file_okay=False,
        ),
    ],
    form: Annotated[Input, typer.Option("--input", help="Read texts or page images.")] = Input.TEXT,
    workers: Annotated[int, typer.Option(min=1, help="Processes for page images.")] = 2,
    misses: Annotated[bool, typer.Option("--misses", help="List every wrong answer.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score drafts against reports with known answers.

    Counts with 95 % Wilson intervals, real and synthetic reports apart, and by stratum.
    """
    from labeling.benchmark import run_benchmark

    tesseract = chosen_workspace(ctx, workspace).tesseract
    with progress(f"Reading {form.value}", "reports") as advance:
        result = run_benchmark(
            gold_dir, input_kind=form.value, workers=workers, tesseract=tesseract, on_progress=advance
        )
    if as_json:
        say_json(asdict(result))
        return
    show_result(result)
    if misses:
        say()
        rows = [[miss.name, miss.field, miss.expected, miss.got] for miss in result.overall.misses]
        say_table(["report", "field", "expected", "read"], rows)


def show_result(result: BenchmarkResult) -> None:
    """The figures for real, synthetic and all reports, then the main ones by stratum."""
    say(f"Input: {result.input_kind}. Each figure: hits/n = percent [95 % Wilson interval].\n")
    columns = [scores for scores in (result.real, result.synthetic, result.overall) if scores.n]
    names = [
        name
        for name, scores in (("real", result.real), ("synthetic", result.synthetic), ("all", result.overall))
        if scores.n
    ]
    figures = [figures_of(scores) for scores in columns]
    say_table(["figure", *names], [[name, *(column[name] for column in figures)] for name in figures[0]])
    if result.quotes_not_in_text:
        say(f"\n{result.quotes_not_in_text} quotes are not verbatim in their text.")
    say("\nBy stratum")
    say_table(
        ["stratum", "n", "EF exact", "RWMA recall", "PAH exact"],
        [
            [name, scores.n, hits(scores.ef_exact), hits(scores.rwma_recall), hits(scores.pah_exact)]
            for name, scores in result.by_stratum.items()
        ],
    )


def figures_of(scores: Scores) -> dict[str, str]:
    """The benchmark's figures, as printed; higher is better unless the name says otherwise."""
    return {
        "reports": str(scores.n),
        "EF exact": rate(scores.ef_exact),
        "EF wrong number (lower is better)": rate(scores.ef_wrong),
        "EF called unreadable": f"{scores.ef_unreadable}/{scores.ef_exact.n}",
        "EF invented on blanks (lower)": rate(scores.false_ef),
        "RWMA precision": rate(scores.rwma_precision),
        "RWMA recall": rate(scores.rwma_recall),
        "RWMA F1 (present)": ratio(scores.rwma_f1),
        "RWMA severity": rate(scores.rwma_severity),
        "global-only called regional (lower)": rate(scores.global_called_regional),
        "PAH exact": rate(scores.pah_exact),
        "PAH weighted kappa": ratio(scores.pah_weighted_kappa),
        "PAH none found when stated": rate(scores.pah_none_found),
        "number-only called a grade (lower)": rate(scores.number_called_grade),
        "RVSP exact": rate(scores.rvsp_exact),
        "wrong values (lower)": rate(scores.wrong_values),
        "values without a quote (lower)": str(scores.quotes_missing),
    }


def hits(measured: Rate) -> str:
    """`12/14`."""
    return f"{measured.hits}/{measured.n}" if measured.n else "-"


def rate(measured: Rate) -> str:
    """`66/68 = 97.1 % [89.9, 99.2]`; a dash where nothing could be measured."""
    if not measured.n:
        return "-"
    low, high = measured.interval
    return f"{hits(measured)} = {100 * measured.value:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def ratio(value: float) -> str:
    """Two to three decimals, a dash where it is undefined."""
    return "-" if math.isnan(value) else f"{value:.3f}"
