"""`echodesk extract`."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.options import (
    JsonOption,
    WorkersOption,
    WorkspaceOption,
    at_work_in,
    chosen_workspace,
    existing_database,
)
from pipeline.commands.progress import progress
from pipeline.commands.reader_options import ReaderChoice, with_reader
from pipeline.commands.reader_specs import reader_spec, workers_for
from pipeline.commands.terminal import complain, counted, say, say_json

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.workspace import Workspace
    from labeling.extraction.report import ExtractSummary
    from labeling.readers.base import ReaderIdentity, ReaderSpec
    from labeling.trust.calibration import StoredCalibration

SHOWN_FAILURES = 50


@with_reader
def extract(
    ctx: typer.Context,
    choice: ReaderChoice,
    workers: WorkersOption = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try again what failed in earlier runs.")
    ] = False,
    item_timeout_s: Annotated[
        float, typer.Option("--timeout", min=1, metavar="SECONDS", help="A report that takes longer fails.")
    ] = 300,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft the findings of every registered report.

    What has a draft by this reader and version is left alone. Ctrl-C or a power cut loses nothing that was
    stored: run it again and it goes on.
    """
    chosen = chosen_workspace(ctx, workspace)
    database = existing_database(chosen)
    try:
        summary = run_extraction(
            chosen,
            database,
            reader=reader_spec(choice, chosen),
            workers=workers or workers_for(choice),
            retry_failed=retry_failed,
            item_timeout_s=item_timeout_s,
        )
    finally:
        database.close()
    if as_json:
        say_json(asdict(summary))
    else:
        show_summary(summary)
    if summary.failures:
        raise typer.Exit(1)


def run_extraction(
    workspace: Workspace,
    database: Database,
    *,
    reader: ReaderSpec,
    workers: int,
    retry_failed: bool,
    item_timeout_s: float = 300,
) -> ExtractSummary:
    """Extract with a progress bar; the demo does it, too."""
    from db.queue.reading_runs import RunFile
    from db.store.images import ImageStore
    from labeling.extraction.job import extract as extract_drafts
    from labeling.extraction.job import new_run_id
    from labeling.extraction.report import ExtractProgress
    from labeling.trust.calibration import load_calibration

    run_id = new_run_id()
    told = RunFile(workspace.readings, run_id, database.shared_clock())
    with (
        at_work_in(workspace, "an extraction"),
        progress("Reading", "reports") as advance,
        told,
        _stopped_like_ctrl_c(),
    ):

        def on_progress(step: ExtractProgress) -> None:
            advance(step.done + step.failed, step.total)
            told.tell(done=step.done, failed=step.failed, total=step.total, eta_s=step.eta_s)

        def calibration_for(identity: ReaderIdentity) -> StoredCalibration | None:
            return load_calibration(
                workspace.calibration, reader=identity.name, reader_version=identity.version
            )

        return extract_drafts(
            database,
            ImageStore(workspace.images),
            reader_factory=reader,
            workers=workers,
            retry_failed=retry_failed,
            item_timeout_s=item_timeout_s,
            on_progress=on_progress,
            calibration_for=calibration_for,
            run_id=run_id,
        )


@contextmanager
def _stopped_like_ctrl_c() -> Iterator[None]:
    """Let another program's request to stop end a run as Ctrl-C does: what is held is given back."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def show_summary(summary: ExtractSummary) -> None:
    """What this run did, and every report that stands failed, by its case number."""
    say(
        f"{counted(summary.done, 'report')} drafted by {summary.reader} {summary.reader_version}"
        f" in {summary.elapsed_s:.0f} s; {summary.already_done} had their draft before."
    )
    for case_id, attempts, error in summary.failures[:SHOWN_FAILURES]:
        complain(f"case {case_id} failed {counted(attempts, 'time')}: {error}")
    if len(summary.failures) > SHOWN_FAILURES:
        complain(f"... and {len(summary.failures) - SHOWN_FAILURES} more.")
    if summary.failures:
        say(f"{counted(len(summary.failures), 'report')} failed. Try again: echodesk extract --retry-failed")
