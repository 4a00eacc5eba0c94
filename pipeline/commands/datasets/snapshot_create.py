"""`echodesk snapshot create`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.datasets.freezing_options import (
    LicenceOption,
    MaxDaysOption,
    NameArgument,
    OverrideOption,
    ProbeOption,
)
from pipeline.commands.datasets.snapshot_masking import picture_mask
from pipeline.commands.datasets.snapshot_said import frozen_json, say_frozen
from pipeline.commands.options import (
    SNAPSHOT,
    JsonOption,
    WorkspaceOption,
    at_work_in,
    chosen_workspace,
    existing_database,
)
from pipeline.commands.terminal import complain, counted, say_json

if TYPE_CHECKING:
    from db.workspace import Workspace
    from pipeline.dataset.choosing import Order
    from pipeline.dataset.frozen import Frozen

ACTOR = "command line"


class RequireName(StrEnum):
    """`pipeline.dataset.choosing.Require`, without importing it for `--help`."""

    ACCEPTED = "accepted"
    DOUBLE_READ = "double-read"
    ADJUDICATED = "adjudicated"


class ImagesName(StrEnum):
    """Which pictures go into a snapshot."""

    NONE = "none"
    MASKED = "masked"


def create(
    ctx: typer.Context,
    name: NameArgument,
    where: Annotated[
        str | None, typer.Option(help="Only these records, such as: site = 'Ward 3' and ef_percent < 40.")
    ] = None,
    require: Annotated[
        RequireName,
        typer.Option(help="How well founded: one reading, a second that agrees, or an adjudicator's."),
    ] = RequireName.ACCEPTED,
    override: OverrideOption = None,
    images: Annotated[
        ImagesName, typer.Option(help="Put out the pictures, identities masked.")
    ] = ImagesName.NONE,
    known_values: Annotated[
        Path | None,
        typer.Option(
            help="For masking: a CSV of what the patients' papers are known to say, "
            "such as the intake manifest.",
            metavar="FILE",
        ),
    ] = None,
    max_days: MaxDaysOption = 30,
    notes: Annotated[
        bool, typer.Option("--notes", help="Put out annotators' notes, which may name people.")
    ] = False,
    site_names: Annotated[
        bool, typer.Option("--site-names", help="Name the sites instead of numbering them.")
    ] = False,
    licence: LicenceOption = "",
    probe: ProbeOption = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Freeze labels, pairs, folds and where they come from into a write-once folder.

    Checks stop the freeze unless overridden by name: conflicts, unreadable-images, patient-in-two-folds,
    image-in-two-folds, class-counts, vigilance, seeded-values, far-pairs, ef-fraction. See docs/datasets.md.
    """
    from pipeline.dataset.choosing import Order, RefusedError, Require, spdx_identifier
    from pipeline.dataset.filters import parse_filter

    space = chosen_workspace(ctx, workspace)
    order = Order(
        name=name,
        where=None if where is None else parse_filter(where),
        require=Require(require.value),
        overrides=tuple(override or ()),
        max_days=max_days,
        with_notes=notes,
        with_site_names=site_names,
        with_images=images is ImagesName.MASKED,
        licence=spdx_identifier(licence) or licence,
    )
    try:
        frozen = _freeze(space, order, known_values, is_probed=probe)
    except RefusedError as error:
        for check in error.failed[1:]:
            complain(f"{check.name}: {check.sentence}")
        raise
    if as_json:
        say_json(frozen_json(space, frozen))
    else:
        say_frozen(space, frozen)


def _freeze(space: Workspace, order: Order, known_values: Path | None, *, is_probed: bool) -> Frozen:
    from db.access.desk_key import load_or_create_desk_key
    from db.store.engine import utc_now
    from pipeline.dataset.snapshot import build_snapshot, label_figures

    mask = picture_mask(space, known_values) if order.with_images else None
    database = existing_database(space)
    try:
        with at_work_in(space, SNAPSHOT):
            frozen = build_snapshot(
                database,
                space,
                order,
                workspace_key=load_or_create_desk_key(space),
                figures=label_figures(space, is_probed=is_probed),
                actor=ACTOR,
                now=utc_now(),
                mask=mask,
            )
    finally:
        database.close()
    if mask is not None and mask.conflicted:
        complain(
            f"In {counted(mask.conflicted, 'picture')} a mask covers words that a label was read from: "
            "what stood there surely identifies somebody."
        )
    return frozen
