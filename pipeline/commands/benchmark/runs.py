"""What `echodesk benchmark` does: score one side, or compare two."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from db.errors import WrongUse
from pipeline.commands.benchmark.comparison import show_comparison
from pipeline.commands.benchmark.reading import (
    Input,
    Manner,
    check_sides,
    input_of,
    reading_order,
    readings_of,
)
from pipeline.commands.benchmark.sides import side_of
from pipeline.commands.benchmark.tables import name_failures, show_misses, show_result
from pipeline.commands.reader_options import ReaderChoice
from pipeline.commands.terminal import complain, say_json, without_nan

if TYPE_CHECKING:
    from labeling.benchmark.comparison import Comparison

# Of the resampling behind one interval; fixed, so that the same two runs print the same interval.
BOOTSTRAP_SEED = 20261125


def score_side(
    folder: Path,
    side: str | ReaderChoice,
    form: Input | None,
    manner: Manner,
    misses: bool,
    as_json: bool,
) -> None:
    """Score one reader, or a file of saved readings."""
    from labeling.benchmark.gold import gold_reports
    from labeling.benchmark.run import score_readings
    from labeling.benchmark.saved_readings import load_readings

    chosen = load_readings(Path(side)) if isinstance(side, str) else side
    kind = input_of([chosen], form)[0]
    reports = gold_reports(folder, kind, is_read_elsewhere=isinstance(side, str))
    result = score_readings(reports, readings_of(chosen, reports, kind, manner))
    if as_json:
        say_json(without_nan(asdict(result)))
    else:
        show_result(result)
        if misses:
            show_misses(result)
    name_failures(result.failures)
    if result.failures:
        raise typer.Exit(1)


def compare_sides(
    folder: Path,
    compare: tuple[str, str],
    choice: ReaderChoice,
    form: Input | None,
    manner: Manner,
    as_json: bool,
) -> None:
    """Compare two readers, or files of saved readings."""
    from labeling.benchmark.comparison import compare_readings
    from labeling.benchmark.gold import gold_reports, is_cohort
    from labeling.benchmark.reading import ReadingSet

    sides = [side_of(text, choice) for text in compare]
    check_sides(sides, manner)
    kinds = input_of(sides, form)
    if kinds[0] != kinds[1] and is_cohort(folder):
        raise WrongUse(
            f"A read {kinds[0]} and B {kinds[1]}, which are not the same reports in a cohort",
            "Let both read the same --input.",
        )
    reports = [
        gold_reports(folder, kind, is_read_elsewhere=isinstance(side, ReadingSet))
        for side, kind in zip(sides, kinds, strict=True)
    ]
    made = {
        index: readings_of(sides[index], reports[index], kinds[index], manner)
        for index in reading_order(sides)
    }
    compared = compare_readings([report.gold for report in reports[0]], made[0], made[1], seed=BOOTSTRAP_SEED)
    if as_json:
        say_json(without_nan(compared.as_json()))
    else:
        show_comparison(compared)
    _name_failed(compared)


def _name_failed(compared: Comparison) -> None:
    for side, names in (("A", compared.failed_a), ("B", compared.failed_b)):
        for name in names:
            complain(f"{name}: {side} could not read it")
    if compared.failed_a or compared.failed_b:
        raise typer.Exit(1)
