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
    """How long all numbers of an evaluation take, on invented answers of invented patients.

    Numbers alone: no pictures, no report. One thread.
    """
    from pipeline.evaluation.bench import measure_numbers

    speed = measure_numbers(patients, resamples, seed=seed)
    if as_json:
        say_json(asdict(speed))
    else:
        say(
            f"{patients} patients, {resamples} resamples: {speed.elapsed_s:.1f} s on the clock, "
            f"{speed.processor_s:.1f} s of a processor"
        )
