"""`echodesk snapshot probe`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import WrongUse
from pipeline.commands.datasets.snapshot_list import snapshot_folder
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, reading
from pipeline.commands.terminal import complain, counted, say, say_json, say_table

if TYPE_CHECKING:
    from pipeline.dataset.probe.shortcuts import Picture, Probe


class LabelName(StrEnum):
    """`pipeline.curation.labelled_pictures.LABELS`, without importing it for `--help`."""

    EF = "ef"
    RWMA = "rwma"
    PAH = "pah"


def probe(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            help="A snapshot's name or folder, or pictures in one folder a class. "
            "Default: the workspace's ECGs.",
            metavar="[NAME|DIR]",
            show_default=False,
        ),
    ] = None,
    label: Annotated[
        LabelName, typer.Option(help="Of the workspace's or the snapshot's labels, the one to tell.")
    ] = LabelName.RWMA,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try to tell the labels from the ECG photos without their waveforms.

    Colour, header strip, borders, size and compression are each tried, on pictures not learnt from, against
    permuted labels; copies are looked for. Exit code 1 when something is found: a model may learn it instead
    of the heart.
    """
    from pipeline.curation.labelled_pictures import folder_pictures, snapshot_pictures
    from pipeline.dataset.probe.shortcuts import probe_pictures

    if name is None:
        pictures = _workspace_pictures(ctx, workspace, label)
    else:
        folder = snapshot_folder(chosen_workspace(ctx, workspace), name)
        frozen = (folder / "manifest.json").is_file()
        pictures = snapshot_pictures(folder, label.value) if frozen else folder_pictures(folder)
    if not pictures:
        raise WrongUse(
            "there is no picture with a label",
            "Name a folder with one folder of pictures for each class, or review records that have an ECG.",
        )
    found = probe_pictures(pictures)
    if as_json:
        say_json(found.as_json())
    else:
        _say(found)
    for place in found.unreadable:
        complain(f"left out, not a picture that can be opened: {_name(pictures[place])}")
    if not found.is_clean or found.unreadable:
        raise typer.Exit(1)


def _workspace_pictures(ctx: typer.Context, workspace: Path | None, label: LabelName) -> list[Picture]:
    from db.store.images import ImageStore
    from pipeline.curation.labelled_pictures import stored_pictures

    chosen = chosen_workspace(ctx, workspace)
    with reading(chosen) as session:
        return stored_pictures(session, ImageStore(chosen.images).path, label.value)


def _say(found: Probe) -> None:
    say(f"{counted(sum(found.pictures.values()), 'picture')}: {_listed(found.pictures.items())}")
    if found.left_out:
        say(f"Too few independent pictures to tell: {_listed(found.left_out.items())}")
    say()
    rows = [["found" if check.is_issue else "", check.name, check.reason] for check in found.checks]
    say_table(["", "check", "what was seen"], rows)
    if not found.families:
        say("\nWith fewer than two classes of ten independent pictures nothing can be said about shortcuts.")
    singly = sorted(found.features.items(), key=lambda one: (one[1][1], -one[1][0]))
    if singly:
        say()
        rows = [[name, f"{value:.2f}", f"{p:.3f}"] for name, (value, p) in singly if p <= 0.05]
        if rows:
            say_table(["by itself", "AUROC, best class", "p, all corrected"], rows)
        else:
            say("No single feature tells the labels.")


def _listed(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts)


def _name(picture: Picture) -> str:
    """A file of the user's own folder by name; a stored picture by the start of its hash."""
    return picture.source.name[:40] if isinstance(picture.source, Path) else "a picture"
