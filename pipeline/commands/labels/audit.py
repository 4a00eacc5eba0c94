"""`echodesk audit`: is the event log whole, and how many errors may the labels still hold."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.commands.consent.opened import database_of_all
from pipeline.commands.options import (
    JsonOption,
    WorkspaceOption,
    chosen_workspace,
    reading,
    writing,
)
from pipeline.commands.terminal import counted, say, say_json, say_table

if TYPE_CHECKING:
    from db.quality.audit import AuditReport
    from db.workspace import Workspace

ACTOR = "command line"
_ABOUT = "Check the event log, and draw and weigh samples of labels that are read again."

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=_ABOUT)


@app.callback()
def _audit() -> None:
    """Check the event log, and draw and weigh samples of labels that are read again."""


@app.command("verify")
def verify(ctx: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Walk the event log's hash chain.

    Exit code 1 when an event was changed, removed or put in between.
    """
    from db.events import verify_database

    with closing(database_of_all(chosen_workspace(ctx, workspace))) as database:
        chain = verify_database(database)
    if as_json:
        say_json(asdict(chain))
    elif chain.bad_id is None:
        say(f"{chain.events} events, chain unbroken.")
    else:
        say(f"The chain breaks at event {chain.bad_id}: {chain.reason}")
    if chain.bad_id is not None:
        raise typer.Exit(1)


@app.command("sample")
def sample(
    ctx: typer.Context,
    n: Annotated[int, typer.Option("--n", min=1, help="How many labels to draw.")],
    seed: Annotated[
        int | None,
        typer.Option(help="Draw the same labels again from the same table. Default: a random one, kept."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call it. Default: the day and a number.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw a simple random sample of accepted labels to be read again, blindly.

    The re-readings come up on the review desk before anything else, for people who have not read the record.
    `echodesk audit status` says what they show.
    """
    import secrets

    from db.quality.audit_samples import draw_sample, list_samples
    from db.store.engine import utc_now

    space = chosen_workspace(ctx, workspace)
    now = utc_now()
    with writing(space) as session:
        drawn = draw_sample(
            session,
            size=n,
            seed=secrets.randbelow(2**31) if seed is None else seed,
            name=name or f"{now:%Y-%m-%d}-{len(list_samples(session)) + 1}",
            drawn_by=ACTOR,
            now=now,
            rules=_reading_rules(space),
        )
        told = drawn.model_dump(include={"id", "name", "population", "size", "seed"})
    if as_json:
        say_json(told)
        return
    say(
        f"Sample {told['name']}: {counted(told['size'], 'label')} of {told['population']} drawn with seed "
        f"{told['seed']}. Their blind re-readings wait on the review desk."
    )


@app.command("status")
def status(ctx: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Say how many errors each field of the labels may still hold, by every audit sample.

    The bound is exact (hypergeometric, one-sided, 95 %); see docs/quality.md.
    """
    from db.quality.audit import audit_reports

    space = chosen_workspace(ctx, workspace)
    with reading(space) as session:
        reports = audit_reports(session, ef_tolerance_points=space.ef_tolerance_points)
    if as_json:
        say_json([_report_json(report) for report in reports])
    elif not reports:
        say("No audit sample has been drawn.\n\nNext: echodesk audit sample --n 120")
    else:
        for report in reports:
            _say_report(report)


def _reading_rules(space: Workspace) -> Any:
    from db.access.desk_key import load_or_create_desk_key
    from db.queue.plan import ReadingRules

    return ReadingRules(
        ef_tolerance_points=space.ef_tolerance_points,
        second_reading_share=space.second_reading_share,
        key=load_or_create_desk_key(space),
    )


def _report_json(report: AuditReport) -> dict[str, Any]:
    fields = [{**asdict(bound), "bound_share": bound.bound_share} for bound in report.fields]
    return {**asdict(report), "drawn_at": report.drawn_at.isoformat(), "fields": fields}


def _say_report(report: AuditReport) -> None:
    from review_ui.leads.audit_page import more_words
    from review_ui.text import quality as text

    say(f"{report.name}: {report.read} of {report.size} read again, of {report.population} labels.")
    if not report.is_random:
        say(text.AUDIT_NOT_RANDOM)
        return
    rows = [
        [text.FIELDS[one.field], one.errors, one.bound, text.percent(one.bound_share), more_words(one)]
        for one in report.fields
    ]
    say_table(["field", "errors", "at most", "of labels", "more to read for 1 %"], rows)
    say()
