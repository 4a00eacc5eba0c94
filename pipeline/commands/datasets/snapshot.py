"""`echodesk snapshot`: freeze the labels into a dataset, look it over, compare two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.errors import EchoDeskError, WrongUse
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, existing_database
from pipeline.commands.terminal import complain, counted, say, say_json, say_table

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.workspace import Workspace
    from pipeline.dataset.diffing import Difference
    from pipeline.dataset.freezing import Order
    from pipeline.dataset.frozen import Frozen
    from pipeline.dataset.records import Collected
    from pipeline.dataset.verifying import Verdict

ACTOR = "command line"
_ABOUT = "Freeze the labels into a dataset that never changes, look it over, and compare two."
_MOST_CHANGES_SHOWN = 50

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=_ABOUT)


class RequireName(StrEnum):
    """`pipeline.dataset.choosing.Require`, without importing it for `--help`."""

    ACCEPTED = "accepted"
    DOUBLE_READ = "double-read"
    ADJUDICATED = "adjudicated"


class ImagesName(StrEnum):
    """Which pictures go into a snapshot."""

    NONE = "none"
    MASKED = "masked"


@app.callback()
def _snapshot() -> None:
    """Freeze the labels into a dataset that never changes, look it over, and compare two."""


@app.command("create")
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What to call it; the name can be used once.", metavar="NAME")],
    where: Annotated[
        str | None, typer.Option(help="Only these records, such as: site = 'Ward 3' and ef_percent < 40.")
    ] = None,
    require: Annotated[
        RequireName,
        typer.Option(help="How well founded: one reading, a second that agrees, or an adjudicator's."),
    ] = RequireName.ACCEPTED,
    override: Annotated[
        list[str] | None,
        typer.Option(help="Go on although this check fails; can be given again.", metavar="CHECK"),
    ] = None,
    images: Annotated[
        ImagesName, typer.Option(help="Put out the pictures, identities masked.")
    ] = ImagesName.NONE,
    known_values: Annotated[
        Path | None,
        typer.Option(
            help="For masking: a CSV of what the patients' papers are known to say, such as the intake manifest.",
            metavar="FILE",
        ),
    ] = None,
    max_days: Annotated[int, typer.Option(min=0, help="Most days between ECG and echo.")] = 30,
    notes: Annotated[
        bool, typer.Option("--notes", help="Put out annotators' notes, which may name people.")
    ] = False,
    site_names: Annotated[
        bool, typer.Option("--site-names", help="Name the sites instead of numbering them.")
    ] = False,
    probe: Annotated[
        bool,
        typer.Option("--probe", help="Probe the ECG photographs for shortcuts, for the card; takes a while."),
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Freeze labels, pairs, folds and where they come from into a write-once folder.

    Checks stop the freeze unless overridden by name: conflicts, unreadable-images, patient-in-two-folds,
    image-in-two-folds, class-counts, vigilance, seeded-values, far-pairs, ef-fraction. See docs/datasets.md.
    """
    from pipeline.dataset.choosing import Require
    from pipeline.dataset.filters import FilterError, parse_filter
    from pipeline.dataset.freezing import Order, RefusedError

    space = chosen_workspace(ctx, workspace)
    try:
        order = Order(
            name=name,
            where=None if where is None else parse_filter(where),
            require=Require(require.value),
            overrides=tuple(override or ()),
            max_days=max_days,
            with_notes=notes,
            with_site_names=site_names,
            with_images=images is ImagesName.MASKED,
        )
    except (FilterError, RefusedError) as error:
        raise WrongUse(str(error), error.hint) from None
    try:
        frozen = _freeze(space, order, known_values, is_probed=probe)
    except RefusedError as error:
        for check in error.failed[1:]:
            complain(f"{check.name}: {check.sentence}")
        raise EchoDeskError(str(error), error.hint) from error
    _say_frozen(space, frozen, as_json=as_json)


def _freeze(space: Workspace, order: Order, known_values: Path | None, *, is_probed: bool) -> Frozen:
    from db.access.desk_key import load_or_create_desk_key
    from db.store.engine import utc_now
    from pipeline.commands.datasets.snapshot_masking import picture_mask
    from pipeline.commands.datasets.snapshot_quality import quality_figures
    from pipeline.commands.datasets.snapshot_shortcuts import shortcut_figures
    from pipeline.dataset.snapshot import build_snapshot

    def figures(session: Session, chosen: Collected) -> Mapping[str, Any]:
        found = quality_figures(session, chosen, ef_tolerance_points=space.ef_tolerance_points)
        shortcuts = shortcut_figures(chosen.rows, space.images) if is_probed else {}
        # With too few pictures no feature was tried, and the card says so.
        return {**found, "shortcuts": shortcuts} if shortcuts.get("families") else found

    mask = picture_mask(space, known_values=known_values) if order.with_images else None
    database = existing_database(space)
    try:
        frozen = build_snapshot(
            database,
            space,
            order,
            workspace_key=load_or_create_desk_key(space),
            figures=figures,
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


def _say_frozen(space: Workspace, frozen: Frozen, *, as_json: bool) -> None:
    from pipeline.dataset.certificate import certificate_of

    folder = space.snapshots / frozen.name
    certificate = frozen.quality.get("certificate") or {}
    if as_json:
        say_json(
            {
                "name": frozen.name,
                "folder": str(folder),
                "content_sha256": frozen.content_sha256,
                "counts": frozen.counts,
                "overrides": frozen.overrides,
                "certificate": certificate,
            }
        )
        return
    counts = frozen.counts
    say(
        f"Snapshot {frozen.name}: {counted(counts['rows'], 'row')} of {counted(counts['patients'], 'patient')}, "
        f"{counted(counts['pairs'], 'pair')}, in {folder}"
    )
    left_out = [one for one in frozen.exclusions if one.cases]
    if left_out:
        say("Left out: " + "; ".join(f"{one.reason} {one.cases}" for one in left_out))
    for check in frozen.checks:
        if check.is_overridden:
            say(f"Overridden: {check.name}: {check.sentence}")
    say(certificate_of(frozen.quality, counts["rows"])["statement"])
    for bound in certificate.get("fields", ()):
        say(
            f"{bound['field']}: at most {bound['residual_share']:.2%} of labels wrong ({bound['read']} read again)"
        )
    say(f"Content: {frozen.content_sha256}")


@app.command("list")
def list_snapshots(
    ctx: typer.Context, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Name the snapshots there are."""
    from db.snapshots import list_snapshots as registered

    database = existing_database(chosen_workspace(ctx, workspace))
    try:
        with database.read() as session:
            found = [one.model_dump(mode="json") for one in registered(session)]
    finally:
        database.close()
    if as_json:
        say_json(found)
    elif not found:
        say("No snapshot has been made.\n\nNext: echodesk snapshot create NAME")
    else:
        rows = [
            [one["name"], one["row_count"], one["created_at"][:10], one["content_sha256"][:12]]
            for one in found
        ]
        say_table(["name", "rows", "made", "content"], rows)


@app.command("verify")
def verify(
    ctx: typer.Context,
    snapshot: Annotated[str, typer.Argument(help="Its name, or its folder.", metavar="NAME|DIR")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look a snapshot over: every byte by its hash, the folds and leakage anew, and the database's register.

    Exit code 1 when anything is not as it was frozen.
    """
    from pipeline.dataset.verifying import verify_folder

    space = chosen_workspace(ctx, workspace)
    folder = snapshot_folder(space, snapshot)
    verdict = verify_folder(folder)
    problems = [*verdict.problems, *_register_problems(space, folder, verdict)]
    if as_json:
        say_json(
            {"snapshot": folder.name, "is_sound": not problems, "problems": problems, **verdict.looked_at}
        )
    elif problems:
        for problem in problems:
            say(problem)
    else:
        looked = verdict.looked_at
        say(
            f"{folder.name}: {looked['files']} files and {counted(looked['rows'], 'row')} are as they were frozen."
        )
    if problems:
        raise typer.Exit(1)


def _register_problems(space: Workspace, folder: Path, verdict: Verdict) -> list[str]:
    """What the database knows better: the manifest's hash. A folder from elsewhere is judged by itself."""
    from db.snapshots import find_snapshot

    is_ours = folder.resolve().parent == space.snapshots
    if not is_ours or not (space.database_url or space.database_file.exists()):
        return []
    database = existing_database(space)
    try:
        with database.read() as session:
            entry = find_snapshot(session, name=folder.name)
    finally:
        database.close()
    if entry is None:
        return ["the database does not know this snapshot; its making was interrupted, or it was put there"]
    if verdict.manifest_sha256 and entry.manifest_sha256 != verdict.manifest_sha256:
        return ["the manifest is not the one in the database's register"]
    return []


@app.command("diff")
def diff(
    ctx: typer.Context,
    a: Annotated[str, typer.Argument(help="The older snapshot: name or folder.", metavar="A")],
    b: Annotated[str, typer.Argument(help="The newer one.", metavar="B")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which rows came and went, and every label that changed: old, new, who, why and when.

    Rows are found again through the workspace's database; without it only counts can be compared.
    """
    from pipeline.dataset.diffing import summary

    space = chosen_workspace(ctx, workspace)
    difference = _difference(space, snapshot_folder(space, a), snapshot_folder(space, b))
    if as_json:
        say_json({**asdict(difference), "summary": summary(difference)})
        return
    for line in summary(difference):
        say(line)
    _say_changes(difference)


def _difference(space: Workspace, a: Path, b: Path) -> Difference:
    from db.access.desk_key import load_or_create_desk_key
    from pipeline.curation.links import decisions_behind, matches, snapshot_key
    from pipeline.dataset.diffing import compare, open_labels

    try:
        one, other = open_labels(a), open_labels(b)
    except ValueError as error:
        raise EchoDeskError(str(error), "Look it over: echodesk snapshot verify NAME") from None
    if not (space.database_url or space.database_file.exists()):
        return compare(one, other, None)
    secret = load_or_create_desk_key(space)
    keys = (
        snapshot_key(secret, one.name, one.manifest["key_mark"]),
        snapshot_key(secret, other.name, other.manifest["key_mark"]),
    )
    database = existing_database(space)
    try:
        with database.read() as session:
            found = matches(session, *keys)
            return compare(one, other, found, decisions_behind(session, one, other, found, keys))
    finally:
        database.close()


def _say_changes(difference: Difference) -> None:
    if not difference.is_matched:
        for column, answers in difference.shares.items():
            say()
            say_table(
                [column, difference.a, difference.b], [[answer, *pair] for answer, pair in answers.items()]
            )
        return
    if difference.changes:
        shown = difference.changes[:_MOST_CHANGES_SHOWN]
        say()
        say_table(
            ["row", "column", "old", "new", "who", "why", "when"],
            [
                [c.row_b, c.column, _cell(c.old), _cell(c.new), c.who, c.why, (c.when or "")[:16]]
                for c in shown
            ],
        )
    if len(difference.changes) > _MOST_CHANGES_SHOWN:
        say(f"and {len(difference.changes) - _MOST_CHANGES_SHOWN} more; --json has all.")


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return ";".join(value) or "-"
    return f"{value:g}" if isinstance(value, float) else str(value)


def snapshot_folder(space: Workspace, asked: str) -> Path:
    """A snapshot's folder by its name in the workspace, or by a path.

    Raises:
        WrongUse: there is no such folder.
    """
    for folder in (space.snapshots / asked, Path(asked)):
        if folder.is_dir():
            return folder
    raise WrongUse(f"there is no snapshot {asked}", "Name one of: echodesk snapshot list, or a folder.")
