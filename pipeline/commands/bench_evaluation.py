"""`echodesk bench evaluation`."""

from __future__ import annotations

import time
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
    import numpy as np

    from pipeline.evaluation.invented import invented_answers
    from pipeline.evaluation.numbers import NumbersSettings, all_numbers

    rng = np.random.default_rng(seed)
    answers = invented_answers(patients, seed=seed)
    started_s, used_s = time.monotonic(), time.process_time()
    numbers = all_numbers(answers, rng, NumbersSettings(resamples=resamples))
    elapsed_s, used_s = time.monotonic() - started_s, time.process_time() - used_s
    if as_json:
        say_json(
            {
                "patients": patients,
                "resamples": resamples,
                "elapsed_s": round(elapsed_s, 2),
                "processor_s": round(used_s, 2),
            }
        )
        return
    say(
        f"{patients} patients, {resamples} resamples: {elapsed_s:.1f} s on the clock, {used_s:.1f} s of a "
        f"processor; EF error {numbers.ef.pooled['mae'].value:.1f} points"
    )
