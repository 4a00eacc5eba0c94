"""`echodesk bench masking`."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.processes import usual_workers
from pipeline.commands.options import (
    JsonOption,
    WorkersOption,
    WorkspaceOption,
    chosen_workspace,
)
from pipeline.commands.progress import progress
from pipeline.commands.terminal import counted, say, say_json, say_table

if TYPE_CHECKING:
    from db.measures.estimate import Estimate
    from pipeline.dataset.masking.measure import PictureFigures
    from pipeline.dataset.masking.shares import Shares


def bench_masking_command(
    ctx: typer.Context,
    patients: Annotated[int, typer.Option(min=1, help="How many patients to invent.")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Of the invented cohort.")] = 20260401,
    workers: WorkersOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """How much of what identifies somebody is masked, on invented pictures whose every word is known.

    Reads back the bytes that would go out with both engines. See docs/deidentification.md.
    """
    from pipeline.dataset.masking.measure import measure_cohort
    from pipeline.dataset.masking.shares import as_plain, shares_of
    from pipeline.demo.cohort import build_cohort

    tesseract = chosen_workspace(ctx, workspace).tesseract
    with tempfile.TemporaryDirectory(prefix="echodesk-bench-") as folder:
        with progress("Printing and photographing", "patients") as advance:
            cohort = build_cohort(Path(folder) / "cohort", patients=patients, seed=seed, on_progress=advance)
        figures: list[PictureFigures] = []
        with progress("Masking and reading back", "patients") as advance:
            runs = measure_cohort(cohort.truth, tesseract=tesseract, workers=workers or usual_workers())
            for done, found in enumerate(runs, start=1):
                figures += found
                advance(done, patients)
    shares = shares_of(figures)
    if as_json:
        say_json(as_plain(figures, shares))
    else:
        show_masking_bench(figures, shares)


def show_masking_bench(figures: Sequence[PictureFigures], shares: Shares) -> None:
    """The figures with n and exact 95 % intervals."""
    from pipeline.dataset.masking.shares import as_plain, left_out

    say(f"{counted(len(figures), 'picture')} of an invented cohort; exact 95 % intervals")
    say_table(("", "of", "share %", "from %", "to %"), [_row(name, one) for name, one in shares.items()])
    say("\nLeft out")
    rows = [(*why, count) for why, count in sorted(left_out(figures).items())]
    say_table(("picture", "capture", "reason", "pictures"), rows or [("none", "", "", 0)])
    plain = as_plain(figures, shares)
    for role, seconds in plain["seconds_a_picture"].items():
        say(f"{role}: {seconds:.1f} s a picture in one process (median)")
    for role, share in plain["painted_share"].items():
        say(f"{role}: {100 * share:.1f} % of the picture painted (median)")
    for role, condition, *words in plain["missed"]:
        say(f"not masked in a {condition} {role}: {', '.join(words)}")
    for role, condition, read in plain["readable"]:
        say(f"readable in a {condition} {role}: {read}")


def _row(name: str, one: Estimate) -> tuple[str, int, float, float, float]:
    return (name, one.n, round(100 * one.value, 2), round(100 * one.low, 2), round(100 * one.high, 2))
