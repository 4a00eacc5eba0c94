"""`echodesk agreement`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, reading
from pipeline.commands.terminal import counted, say, say_json, say_table

if TYPE_CHECKING:
    from db.quality.agreement import PairReport


def agreement(ctx: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Say how far two readings of the same record agree, and each with the draft and the final label.

    Intervals are 95 % percentile bootstraps over records; see docs/quality.md.
    """
    from db.quality.agreement import pair_reports, twice_read
    from db.quality.figures import pair_json

    with reading(chosen_workspace(ctx, workspace)) as session:
        reports = pair_reports(twice_read(session))
    if as_json:
        say_json([pair_json(report) for report in reports])
        return
    if not reports[0].records:
        say("No record has been read twice yet; see ECHODESK_SECOND_READING_SHARE in docs/settings.md.")
        return
    _say_pairs(reports)


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
