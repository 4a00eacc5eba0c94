"""`echodesk agreement`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import typer

from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, existing_database
from pipeline.commands.terminal import counted, say, say_json, say_table

if TYPE_CHECKING:
    from db.measures.estimate import Estimate
    from db.quality.agreement import PairReport


def agreement(ctx: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Say how far two readings of the same record agree, and each with the draft and the final label.

    Intervals are 95 % percentile bootstraps over records; see docs/quality.md.
    """
    from db.quality.agreement import pair_reports, twice_read

    database = existing_database(chosen_workspace(ctx, workspace))
    try:
        with database.read() as session:
            reports = pair_reports(twice_read(session))
    finally:
        database.close()
    if as_json:
        say_json([_pair_json(report) for report in reports])
        return
    if not reports[0].records:
        say("No record has been read twice yet; see ECHODESK_SECOND_READING_SHARE in docs/settings.md.")
        return
    _say_pairs(reports)


def _pair_json(report: PairReport) -> dict[str, Any]:
    return {
        "readers": report.readers,
        "records": report.records,
        "measures": {name: _estimate_json(value) for name, value in report.measures.items()},
        "same_answer": {name: _estimate_json(value) for name, value in report.same.items()},
        "ef_bias": _estimate_json(report.limits.bias),
        "ef_lower_limit": _estimate_json(report.limits.lower),
        "ef_upper_limit": _estimate_json(report.limits.upper),
    }


def _estimate_json(estimate: Estimate) -> dict[str, float | int | None]:
    """NaN is no JSON."""
    ends = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {
        **{name: None if math.isnan(number) else number for name, number in ends.items()},
        "n": estimate.n,
    }


def _say_pairs(reports: list[PairReport]) -> None:
    from review_ui.leads import words
    from review_ui.text import quality as text

    for report in reports:
        first, second = (text.READERS[reader] for reader in report.readers)
        say(f"{first} and {second}: {counted(report.records, 'record')}")
        rows = [[text.MEASURES[name], words.coefficient(value)] for name, value in report.measures.items()]
        limits = report.limits
        rows += [
            [f"EF difference, {name}", words.points(value)]
            for name, value in (
                ("bias", limits.bias),
                ("lower limit", limits.lower),
                ("upper limit", limits.upper),
            )
        ]
        say_table(["measure", "value (95 % interval), n"], rows)
        say()
