"""What `echodesk intake --plan` says."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipeline.commands.options import reading
from pipeline.commands.progress import progress
from pipeline.commands.terminal import complain, counted, say, say_json

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from db.workspace import Workspace
    from labeling.intake.plan import Plan
    from labeling.intake.report import Refused

# More refused files than this are in the list the intake writes, not on the screen.
SHOWN_REFUSALS = 50


def complain_of(refused: Sequence[Refused]) -> None:
    """Every refused file with its reason and remedy, up to a screenful."""
    for item in refused[:SHOWN_REFUSALS]:
        row = f" (manifest row {item.row})" if item.row else ""
        complain(f"{item.path}{row}: {item.reason}. {item.remedy}")
    if len(refused) > SHOWN_REFUSALS:
        complain(f"... and {len(refused) - SHOWN_REFUSALS} more.")


def say_plan(
    paths: list[Path], manifest: Path | None, site: str, workspace: Workspace, *, as_json: bool
) -> None:
    """Plan and say so; exit code 1 where something would be refused."""
    from db.store.glance import registered
    from labeling.intake.foreseen.workspaces import foresee_from_outside
    from labeling.intake.planning import plan_intake
    from labeling.intake.sites import SiteNames

    known, seen = registered(workspace)
    sites = SiteNames(seen)
    site, now = sites.of(site), datetime.now(UTC)
    withdrawn = _withdrawn_on_a_server(workspace)
    planned = plan_intake(paths, manifest, workspace, now, sites, withdrawn=withdrawn, known=known)
    with progress("Opening", "cases") as advance:
        planned = foresee_from_outside(planned, workspace, known, advance)
    if as_json:
        pages = {str(path): number for path, number in planned.pages.items()}
        say_json({**asdict(planned), "pages": pages})
    else:
        show_plan(planned, site)
    if planned.refused:
        raise typer.Exit(1)


def _withdrawn_on_a_server(workspace: Workspace) -> Collection[str] | None:
    """Who withdrew, where several machines share a database; of one's own the file beside the key is enough,
    and nothing has to be opened.
    """
    if not workspace.database_url:
        return None
    from db.consent.patients import withdrawn_patients

    with reading(workspace) as session:
        return withdrawn_patients(workspace, session)


def show_plan(planned: Plan, site: str) -> None:
    """Who would get which files, and what would be refused."""
    from labeling.intake.planning import by_patient, notes_of_names

    patients, pages = by_patient(planned.cases), planned.pages
    for cases in patients.values():
        more = f" ({len(cases)} cases)" if len(cases) > 1 else ""
        say(f"Patient {cases[0].patient_id}{more}")
        for case in cases:
            say(f"  report {_names(case.reports, pages)}; {case.why}")
            for what, files in (("ECG", case.ecgs), ("left out, copies:", case.copies)):
                if files:
                    say(f"  {what} {_names(files, pages)}")
            told = {"of": case.report_date, "ECG of": case.ecg_date, "site": case.site or site}
            if any(told.values()):
                say("  " + ", ".join(f"{name} {value}" for name, value in told.items() if value))
    complain_of(planned.refused)
    for note in [*planned.notes, *notes_of_names(planned)]:
        say(f"Note: {note}.")
    say(_counts(planned))
    if planned.not_listed:
        say(f"{counted(len(planned.not_listed), 'file')} beside the manifest's own would be left alone.")
    if planned.refused:
        say(f"{counted(len(planned.refused), 'file')} would be refused.")


def _counts(planned: Plan) -> str:
    """How many cases are new, and how many registered already."""
    from labeling.intake.planning import by_patient

    new = by_patient([case for case in planned.cases if case.reports[0] not in planned.again])
    fresh = f"{counted(sum(map(len, new.values())), 'case')} of {counted(len(new), 'patient')}"
    more = f", {counted(len(planned.again), 'case')} recognised" if planned.again else ""
    return f"{fresh} would be taken in{more}."


def _names(files: Sequence[Path], pages: Mapping[Path, int]) -> str:
    """`a.png, b.pdf (3 pages)`."""
    return ", ".join(f"{file.name} ({pages[file]} pages)" if file in pages else file.name for file in files)
