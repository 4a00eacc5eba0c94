"""`echodesk benchmark`."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import WrongUse
from pipeline.commands.labels.benchmark_sides import Manner, check_sides, reading_order, readings_of, side_of
from pipeline.commands.labels.benchmark_tables import name_failures, show_misses, show_result
from pipeline.commands.labels.comparison_table import comparison_json, show_comparison, without_nan
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace
from pipeline.commands.reader_options import ReaderChoice, with_reader
from pipeline.commands.terminal import complain, say_json

if TYPE_CHECKING:
    from labeling.benchmark.comparison import Comparison
    from labeling.benchmark.gold import InputKind
    from labeling.benchmark.reading import ReadingSet

# Of the resampling behind one interval; fixed, so that the same two runs print the same interval.
BOOTSTRAP_SEED = 20261125


class Input(StrEnum):
    """The form in which the reports are read."""

    TEXT = "text"
    CLEAN = "clean"
    PHONE = "phone"
    HARSH = "harsh"
    PAGES = "pages"


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
            help="Read texts or page images; pages: all of a cohort. Default: text, or what a saved file was made of.",
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
        say_json(without_nan(comparison_json(compared)))
    else:
        show_comparison(compared)
    _name_failed(compared)


def _name_failed(compared: Comparison) -> None:
    for side, names in (("A", compared.failed_a), ("B", compared.failed_b)):
        for name in names:
            complain(f"{name}: {side} could not read it")
    if compared.failed_a or compared.failed_b:
        raise typer.Exit(1)


def input_of(sides: list[ReaderChoice | ReadingSet], form: Input | None) -> list[InputKind]:
    """The form each side reads or has read.

    A reader beside a file reads what the file was made of, unless told otherwise.

    Raises:
        WrongUse: a file was made of something else than asked for.
    """
    from labeling.benchmark.reading import ReadingSet

    kinds: list[InputKind] = [side.input_kind for side in sides if isinstance(side, ReadingSet)]
    if form is not None and any(kind != form.value for kind in kinds):
        raise WrongUse(f"the saved readings are not of --input {form.value}", "Leave --input out.")
    asked: InputKind = form.value if form is not None else (kinds[0] if kinds else "text")
    return [side.input_kind if isinstance(side, ReadingSet) else asked for side in sides]
