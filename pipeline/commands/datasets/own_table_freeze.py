"""How `echodesk snapshot table` freezes: with the workspace's keys, its register, and what masks pictures."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import typer

from pipeline.commands.datasets.own_table_said import complain_of_rows, say_made
from pipeline.commands.datasets.snapshot_create import ACTOR
from pipeline.commands.options import SNAPSHOT, at_work_in
from pipeline.commands.progress import progress
from pipeline.commands.terminal import complain

if TYPE_CHECKING:
    from db.workspace import Workspace
    from pipeline.dataset.own_table.building import Made, MakeMask, OwnOrder
    from pipeline.dataset.own_table.looking import Looked
    from pipeline.dataset.own_table.planning import OwnPlan


# Looking at a photograph takes a quarter of a second of a processor.
MOST_LOOKED_AT: Final = 100


class PutOut(StrEnum):
    """What becomes of the photographs."""

    MASKED = "masked"
    AS_PRINTED = "as-printed"
    NONE = "none"


def freeze_table(
    space: Workspace, planned: OwnPlan, asked: OwnOrder, images: PutOut, now: datetime, *, as_json: bool
) -> None:
    """Freeze it and say so; exit code 1 where rows were left out.

    Raises:
        EchoDeskError: rows can't be taken, or a check failed; each is named before.
    """
    from pipeline.dataset.choosing import RefusedError
    from pipeline.dataset.own_table.building import RowsRefusedError

    try:
        made = _made(space, planned, asked, images, now)
    except RowsRefusedError as error:
        complain_of_rows(error.refused)
        raise
    except RefusedError as error:
        for check in error.failed[1:]:
            complain(f"{check.name}: {check.sentence}")
        raise
    say_made(space, planned, made, as_json=as_json)
    if made.refused:
        raise typer.Exit(1)


def look_before(space: Workspace, planned: OwnPlan) -> Looked:
    """Some of the photographs, looked at for a plan."""
    from labeling.pages.page import PageLimits
    from pipeline.dataset.own_table.looking import looked_over

    limits = PageLimits(space.max_image_pixels, space.max_pages, space.pdf_dpi, space.page_s)
    with progress("Looking at photographs", "photographs") as advance:
        return looked_over(planned.rows, limits, most=MOST_LOOKED_AT, on_progress=advance)


def _made(space: Workspace, planned: OwnPlan, asked: OwnOrder, images: PutOut, now: datetime) -> Made:
    from db.access.desk_key import load_or_create_desk_key
    from db.consent.patients import withdrawn_patients
    from db.store.engine import PROGRAM_PATIENCE_S, open_database
    from db.store.key_mark import mark_database
    from labeling.intake.register import patient_secret
    from pipeline.dataset.own_table.building import build_from_table
    from pipeline.dataset.own_table.planning import without_withdrawn

    database = open_database(space, patience_s=PROGRAM_PATIENCE_S)
    try:
        with at_work_in(space, SNAPSHOT), progress("Taking in photographs", "rows") as advance:
            secret = patient_secret(space, database)
            with database.write() as session:
                mark_database(session, secret)
                withdrawn = withdrawn_patients(space, session)
            return build_from_table(
                without_withdrawn(planned, secret, withdrawn),
                asked,
                workspace=space,
                database=database,
                secret=secret,
                workspace_key=load_or_create_desk_key(space),
                make_mask=_mask(space, images),
                actor=ACTOR,
                now=now,
                on_progress=advance,
                on_looking=lambda done, total: advance(done, total, "looking for ECGs"),
            )
    finally:
        database.close()


def _mask(space: Workspace, images: PutOut) -> MakeMask | None:
    from db.processes import usual_workers
    from pipeline.dataset.masking.engines import OcrEngines
    from pipeline.dataset.masking.stored_pictures import PictureMask
    from pipeline.dataset.own_table.building import as_printed

    if images is PutOut.NONE:
        return None
    if images is PutOut.AS_PRINTED:
        return as_printed
    engines, workers = OcrEngines(space.tesseract), usual_workers()
    return lambda path_of, known: PictureMask(path_of, engines, known, workers)
