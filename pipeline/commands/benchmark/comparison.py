"""How a comparison of two readers is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.fields.names import of_answers, of_fields
from pipeline.commands.benchmark.figures import percent
from pipeline.commands.benchmark.tables import FIELD_NAMES, reader_name
from pipeline.commands.terminal import counted, say, say_table

if TYPE_CHECKING:
    from db.measures.paired import PairedCounts
    from labeling.benchmark.comparison import Comparison

ROW_NAMES = of_answers(
    ef="EF, where printed",
    rwma="RWMA",
    severity="RWMA grade, where present",
    pah="PAH word",
    rvsp="RVSP, where printed",
) | {
    "ef_percent_blank": "EF left blank, where none is printed",
    "rvsp_mmhg_blank": "RVSP left blank, where none is printed",
    "whole_report": "all four fields of a report",
}
STRATUM_ROWS = of_fields(ef_percent="EF", rwma="RWMA", pah="PAH", rvsp_mmhg="RVSP") | {
    "whole_report": "all four"
}


def show_comparison(compared: Comparison) -> None:
    """The paired table, the EF's error, the strata, and every field the two read differently."""
    say(f"A: {reader_name(compared.a)}; input {compared.input_a}")
    say(f"B: {reader_name(compared.b)}; input {compared.input_b}")
    say(
        f"{counted(compared.n, 'report')}. Right answers; difference: B minus A, percent points, "
        "95 % interval.\n"
    )
    _show_notes(compared)
    headings = ["field", "n", "A", "B", "both", "only A", "only B", "neither", "difference", "p"]
    say_table(headings, [_row(ROW_NAMES[row], counts) for row, counts in compared.overall.items()])
    say(
        "\np: exact McNemar test, for each row by itself: of several rows one in twenty is below 0.05 "
        "by chance."
    )
    _show_ef_error(compared)
    say("\nBy stratum: only A right / only B right, of n")
    say_table(
        ["stratum", *STRATUM_ROWS.values()],
        [[name, *(_short(rows[row]) for row in STRATUM_ROWS)] for name, rows in compared.by_stratum.items()],
    )
    say(f"\n{counted(len(compared.changes), 'field')} read differently")
    if compared.changes:
        say_table(
            ["report", "field", "gold", "A", "B", "right"],
            [
                [item.name, FIELD_NAMES[item.field], item.gold, item.a, item.b, item.verdict]
                for item in compared.changes
            ],
        )


def _show_notes(compared: Comparison) -> None:
    """What makes this comparison less than fair, before its figures."""
    notes = []
    if compared.input_a != compared.input_b:
        notes.append("The two read different inputs: the difference is of reader and input together.")
    if compared.other_files:
        notes.append(f"{counted(len(compared.other_files), 'report')} were not the same file for both.")
    for side, failed in (("A", compared.failed_a), ("B", compared.failed_b)):
        if failed:
            notes.append(f"{side} could not read {counted(len(failed), 'report')}; they count as wrong.")
    for note in notes:
        say(f"Note: {note}")
    if notes:
        say()


def _row(name: str, counts: PairedCounts) -> list[object]:
    low, high = counts.interval
    difference = f"{_points(counts.difference)} [{_points(low)}, {_points(high)}]" if counts.n else "-"
    return [
        name,
        counts.n,
        percent(counts.rate_a.value),
        percent(counts.rate_b.value),
        counts.both,
        counts.only_a,
        counts.only_b,
        counts.neither,
        difference,
        f"{counts.p_value:.3g}" if counts.n else "-",
    ]


def _short(counts: PairedCounts) -> str:
    return f"{counts.only_a} / {counts.only_b} of {counts.n}" if counts.n else "-"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def _show_ef_error(compared: Comparison) -> None:
    error = compared.ef_error
    alone = f"only A gave a number on {compared.ef_only_a}, only B on {compared.ef_only_b}"
    if not error.n:
        say(f"\nEF error: no report on which both gave a number ({alone}).")
        return
    say(
        f"\nEF mean absolute error where both gave a number (n {error.n}; {alone}): A {error.mean_a:.2f},"
        f" B {error.mean_b:.2f} percent points;\ndifference {error.difference:+.2f}"
        f" [{error.low:+.2f}, {error.high:+.2f}], 95 % bootstrap over reports; "
        "below 0 means that B is closer."
    )
