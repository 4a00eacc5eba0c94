"""What `echodesk review` hands to the work pages: planning, intake, and a reading process of its own."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.desk.own_words import in_its_words
from pipeline.commands.desk.pictures import picture_hook
from pipeline.commands.desk.reading import start_reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from db.store.engine import Database
    from db.workspace import Workspace
    from labeling.intake.plan import PlannedCase
    from labeling.intake.planning import TypedPage
    from labeling.intake.report import Refused
    from review_ui.work.hooks import Added, Chosen, PlannedRecord, Preview, RefusedFile, WorkHooks


def work_hooks(workspace: Workspace, database: Database) -> WorkHooks:
    """Adding by the same intake as `echodesk intake`, reading by `echodesk extract`."""
    from review_ui.work.hooks import WorkHooks

    def preview(chosen: Chosen) -> Preview:
        return preview_of(workspace, database, chosen)

    def add(chosen: Chosen, on_progress: Callable[[int, int], None]) -> Added:
        return add_chosen(workspace, database, chosen, on_progress)

    return WorkHooks(workspace, preview, add, partial(start_reading, workspace), picture_hook(workspace))


def preview_of(workspace: Workspace, database: Database, chosen: Chosen) -> Preview:
    """What adding would do. Raises EchoDeskError for a list that cannot be used."""
    from db.cases import patient_keys, site_names
    from labeling.intake.foreseen.workspaces import foresee_at_the_desk
    from labeling.intake.planning import by_patient, plan_intake
    from labeling.intake.sites import SiteNames
    from review_ui.work.hooks import Preview

    with database.read() as session:
        sites, known = SiteNames(site_names(session)), patient_keys(session)
    with in_its_words(chosen):
        now, typed = datetime.now(UTC), _typed(chosen)
        plan = plan_intake(_paths(chosen), chosen.list_file, workspace, now, sites, typed, known=known)
        plan = foresee_at_the_desk(plan, workspace, database, known)
    unclear, pages = (set(plan.by_device), set(plan.speaking)), plan.pages
    return Preview(
        [_record(case, chosen, unclear, pages) for case in plan.cases],
        len(by_patient(plan.cases)),
        _refused(plan.refused, chosen),
        plan.notes,
        [_shown(path, chosen) for path in plan.not_listed],
        [_shown(path, chosen) for path in plan.nameless],
    )


def add_chosen(
    workspace: Workspace, database: Database, chosen: Chosen, on_progress: Callable[[int, int], None]
) -> Added:
    """Take in what was looked at. Raises EchoDeskError as `echodesk intake` does."""
    from labeling.intake.register import intake
    from review_ui.work.hooks import Added

    with in_its_words(chosen):
        report = intake(
            _paths(chosen),
            manifest=chosen.list_file,
            typed=_typed(chosen),
            site=chosen.site,
            is_synthetic=chosen.is_synthetic,
            keep_ids=chosen.keeps_ids,
            workspace=workspace,
            database=database,
            now=datetime.now(UTC),
            on_progress=lambda step: on_progress(step.done, step.total),
        )
    return Added(
        report.registered,
        report.duplicates,
        _refused(report.refused, chosen),
        report.notes,
        len(report.copies),
        report.near_duplicates,
    )


def _paths(chosen: Chosen) -> list[Path]:
    """What the command would be given: the one folder that was chosen, else all that lies side by side."""
    inside = [path for path in chosen.folder.iterdir() if path != chosen.list_file]
    return inside if len(inside) == 1 and inside[0].is_dir() else [chosen.folder]


def _typed(chosen: Chosen) -> list[TypedPage]:
    from labeling.intake.planning import TypedPage

    folder = chosen.folder
    return [TypedPage(folder / one.name, one.patient_id, one.report_date, one.kind) for one in chosen.typed]


def _record(
    case: PlannedCase, chosen: Chosen, unclear: tuple[set[Path], set[Path]], pages: Mapping[Path, int]
) -> PlannedRecord:
    from review_ui.text import adding as said
    from review_ui.work.hooks import PlannedRecord

    dates = ((said.REPORT_OF, case.report_date), (said.ECG_OF, case.ecg_date))
    told = [form.format(day=day.isoformat()) for form, day in dates if day is not None]
    inside = [(path, pages[path]) for path in (*case.reports, *case.ecgs) if path in pages]
    told += [said.PAGES_INSIDE.format(name=_shown(path, chosen), number=number) for path, number in inside]
    where = case.why.replace(f", in {chosen.folder}", "", 1).replace(os.sep, " ", 1)
    return PlannedRecord(
        case.patient_id,
        tuple(_shown(path, chosen) for path in case.reports),
        tuple(_shown(path, chosen) for path in case.ecgs),
        tuple(_shown(path, chosen) for path in case.copies),
        where,
        (*told, *([case.site] if case.site else ())),
        is_named_by_a_device=case.reports[0] in unclear[0],
        is_speaking=case.reports[0] in unclear[1],
    )


def _refused(refused: Sequence[Refused], chosen: Chosen) -> list[RefusedFile]:
    from review_ui.work.hooks import RefusedFile

    return [RefusedFile(_shown(one.path, chosen), one.reason, one.remedy, one.row) for one in refused]


def _shown(path: Path, chosen: Chosen) -> str:
    """A file as the person named it."""
    return path.relative_to(chosen.folder).as_posix() if path.is_relative_to(chosen.folder) else str(path)
