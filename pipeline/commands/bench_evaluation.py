"""`echodesk bench evaluation`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.commands.options import JsonOption
from pipeline.commands.terminal import say, say_json


def bench_evaluation_command(
    patients: Annotated[int, typer.Option(min=50, help="How many are invented.")] = 500,
    resamples: Annotated[int, typer.Option(min=20, help="Of the patients, for every interval.")] = 2_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the answers and the resamples.")] = 20260401,
    as_json: JsonOption = False,
) -> None:
    """How long an evaluation takes, on invented answers of invented patients: numbers, page, plots, tables.

    No pictures and no models are asked. One thread.
    """
    from pipeline.evaluation.report.speed import evaluation_speed

    found = evaluation_speed(patients, resamples, seed=seed)
    if as_json:
        say_json(asdict(found))
        return
    say(f"{found.patients} patients, {found.resamples} resamples:")
    say(f"numbers:                       {found.numbers_s:.1f} s")
    say(f"page, plots, tables and JSON:  {found.written_s:.1f} s")
    say(f"processor time in all:         {found.processor_s:.1f} s")
