"""The steps of `echodesk demo` beside drafting and serving: what must be there, taking in, reviewing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from db.errors import WrongUse
from pipeline.commands.progress import progress
from pipeline.commands.terminal import counted, say

if TYPE_CHECKING:
    from db.store.engine import Database
    from db.workspace import Workspace
    from pipeline.demo.cohort import Cohort
    from pipeline.demo.reviewing.playing import Played

COHORT_FOLDER = "cohort"


def refuse_real_workspace(workspace: Workspace) -> None:
    """Invented patients go into a workspace of their own.

    Raises:
        WrongUse: this one has a database that the demo did not make.
    """
    if workspace.database_file.exists() and not (workspace.root / COHORT_FOLDER).is_dir():
        raise WrongUse(
            f"{workspace.workspace} is a workspace of its own, not a demo's",
            "Name another folder with --workspace; the demo mixes no invented patients into it.",
        )


def require_tesseract(workspace: Workspace) -> None:
    """Say at once, and not after a minute, that nothing could be read.

    Raises:
        EchoDeskError: Tesseract or its English data is missing; the hint says what to type.
    """
    from db.errors import EchoDeskError
    from pipeline.diagnosis import Grade
    from pipeline.doctor.programs import check_tesseract
    from pipeline.doctor.surroundings import Surroundings

    for finding in check_tesseract(workspace, Surroundings()):
        if finding.grade is Grade.FAIL:
            raise EchoDeskError(f"{finding.name}: {finding.found}", finding.fix)


def take_in(workspace: Workspace, database: Database, cohort: Cohort) -> None:
    """Register the cohort as a hospital would register its scans: by a manifest."""
    from labeling.intake.register import IntakeProgress, intake

    with progress("Taking in", "cases") as advance:

        def on_progress(step: IntakeProgress) -> None:
            advance(step.done, step.total)

        report = intake(
            [cohort.folder],
            manifest=cohort.manifest,
            is_synthetic=True,
            workspace=workspace,
            database=database,
            now=datetime.now(UTC),
            on_progress=on_progress,
        )
    say(f"{counted(report.registered, 'case')} registered; {report.duplicates} were known.")


def play(
    workspace: Workspace, database: Database, cohort: Cohort, *, seed: int, label_error_share: float
) -> Played | None:
    """Have the simulated people review the drafts; None where they did before."""
    from pipeline.demo.reviewing.playing import play_reviews

    with progress("Reviewing", "records") as advance:
        return play_reviews(
            workspace,
            database,
            cohort.truth,
            seed=seed,
            label_error_share=label_error_share,
            on_progress=advance,
        )
