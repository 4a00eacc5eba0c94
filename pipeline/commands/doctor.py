"""`echodesk doctor`."""

from __future__ import annotations

from dataclasses import asdict

import typer

from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace
from pipeline.commands.terminal import say, say_json


def doctor(ctx: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Check this machine and workspace, and say what to fix.

    ByColumn nothing.
    """
    from pipeline.doctor import Grade, Surroundings, examine

    findings = examine(chosen_workspace(ctx, workspace), Surroundings())
    failed = [finding for finding in findings if finding.grade is Grade.FAIL]
    if as_json:
        say_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            say(f"{finding.grade.value}  {finding.name}: {finding.found}")
            if finding.fix:
                say(f"      {finding.fix}")
        warned = sum(finding.grade is Grade.WARN for finding in findings)
        say(f"\n{len(findings)} checks: {len(failed)} failed, {warned} to look at.")
    if failed:
        raise typer.Exit(1)
