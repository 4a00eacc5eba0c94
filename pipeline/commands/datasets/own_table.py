"""`echodesk snapshot table`: a researcher's own table of labels and ECG photographs, frozen as it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from db.errors import WrongUse
from pipeline.commands.datasets.freezing_options import (
    LicenceOption,
    MaxDaysOption,
    NameArgument,
    OverrideOption,
    ProbeOption,
)
from pipeline.commands.datasets.own_table_freeze import PutOut, freeze_table, look_before
from pipeline.commands.datasets.own_table_said import say_planned
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace


def table(
    ctx: typer.Context,
    name: NameArgument,
    listing: Annotated[
        Path,
        typer.Argument(
            help="CSV or XLSX, a row a record: patient id, file of the ECG photograph, EF in percent, wall "
            "motion; if you have them its grade, PAH, RVSP, age, sex, dates of echo and ECG, site, device.",
            metavar="TABLE",
        ),
    ],
    photos: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder of the photographs; can be given again. Default: that of the table.", metavar="DIR"
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="Which column is what, such as: ef_percent='LVEF (%)'; can be given again.",
            metavar="FIELD=NAME",
        ),
    ] = None,
    site: Annotated[str, typer.Option(help="Of the rows that name none.", metavar="NAME")] = "",
    images: Annotated[
        PutOut,
        typer.Option(help="Photographs: identities masked, left out, or (--synthetic alone) as printed."),
    ] = PutOut.MASKED,
    leave_out: Annotated[
        bool,
        typer.Option("--leave-out", help="Freeze without rows that can't be taken; the card counts them."),
    ] = False,
    override: OverrideOption = None,
    max_days: MaxDaysOption = 30,
    site_names: Annotated[
        bool, typer.Option("--site-names", help="Name sites and devices instead of numbering them.")
    ] = False,
    licence: LicenceOption = "",
    probe: ProbeOption = False,
    synthetic: Annotated[bool, typer.Option("--synthetic", help="Mark them as invented patients.")] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what would be frozen and what can't be taken; write nothing.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Freeze your own table of labels and folder of ECG photographs, to train and evaluate on.

    The labels come in as they are: nobody reviews them here, and the card says so. Rows that contradict each
    other, name no photograph or hold what can't be told are named, and stop the freeze. Records of one
    patient must share an id. Ids are kept as keyed hashes, days shifted, photographs masked.
    """
    from pipeline.dataset.choosing import Order, spdx_identifier
    from pipeline.dataset.own_table.building import OwnOrder
    from pipeline.dataset.own_table.columns import mapping_of
    from pipeline.dataset.own_table.looking import CHECK
    from pipeline.dataset.own_table.planning import plan_own_table

    if images is PutOut.AS_PRINTED and not synthetic:
        raise WrongUse(
            "photographs of patients go out masked or not at all",
            "Leave --images out, or say --images none; of invented patients add --synthetic.",
        )
    order = Order(
        name=name,
        overrides=tuple(override or ()),
        max_days=max_days,
        with_site_names=site_names,
        with_images=images is not PutOut.NONE,
        images_said=images.value.replace("-", " "),
        licence=spdx_identifier(licence) or licence,
    )
    asked = OwnOrder(order, is_synthetic=synthetic, leaves_out=leave_out, is_probed=probe)
    now = datetime.now(UTC)
    folders = photos or [listing.parent]
    planned = plan_own_table(listing, folders, mapping=mapping_of(column or ()), site=site, today=now.date())
    space = chosen_workspace(ctx, workspace)
    if plan:
        looked = None if CHECK in order.overrides else look_before(space, planned)
        say_planned(planned, asked, now, looked, as_json=as_json)
        if planned.refused or (looked is not None and looked.refused):
            raise typer.Exit(1)
        return
    freeze_table(space, planned, asked, images, now, as_json=as_json)
