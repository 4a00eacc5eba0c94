"""`echodesk snapshot probe`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.errors import WrongUse
from pipeline.commands.options import JsonOption, WorkspaceOption, chosen_workspace, existing_database
from pipeline.commands.terminal import complain, counted, say, say_json, say_table

if TYPE_CHECKING:
    from db.reviews import CurrentLabel
    from pipeline.dataset.probe.shortcuts import Picture, Probe

PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp")


class LabelName(StrEnum):
    """Which label is to be told without the waveform."""

    EF = "ef"
    RWMA = "rwma"
    PAH = "pah"


def probe(
    ctx: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Pictures in one folder a class. Default: the workspace's ECGs.", show_default=False
        ),
    ] = None,
    label: Annotated[
        LabelName, typer.Option(help="Of the workspace's labels, the one to tell.")
    ] = LabelName.RWMA,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try to tell the labels from the ECG photos without their waveforms.

    Colour, header strip, borders, size and compression are each tried, on pictures not learnt from, against
    permuted labels; copies are looked for. Exit code 1 when something is found: a model may learn it instead
    of the heart.
    """
    from pipeline.dataset.probe.shortcuts import probe_pictures

    pictures = folder_pictures(folder) if folder else _workspace_pictures(ctx, workspace, label)
    if not pictures:
        raise WrongUse(
            "there is no picture with a label",
            "Name a folder with one folder of pictures for each class, or review records that have an ECG.",
        )
    found = probe_pictures(pictures)
    if as_json:
        say_json(probe_json(found))
    else:
        _say(found)
    for place in found.unreadable:
        complain(f"left out, not a picture that can be opened: {_name(pictures[place])}")
    if not found.is_clean or found.unreadable:
        raise typer.Exit(1)


def folder_pictures(folder: Path) -> list[Picture]:
    """The pictures below each folder of a folder, by name; the folder's name is their label."""
    from pipeline.dataset.probe.shortcuts import Picture

    if not folder.is_dir():
        raise WrongUse(f"{folder} is not a folder", "Name one with a folder of pictures for each class.")
    files = (
        file
        for below in sorted(folder.iterdir())
        if below.is_dir()
        for file in sorted(below.rglob("*"))
        if file.suffix.lower() in PICTURE_ENDINGS and file.is_file()
    )
    return [
        Picture(file, file.relative_to(folder).parts[0], perceptual_hash=_perceptual_hash(file))
        for file in files
    ]


def _perceptual_hash(file: Path) -> str:
    """Empty for a file that is no picture: the probe itself will say so."""
    from PIL import Image

    from db.store.fingerprints import page_hash

    try:
        with Image.open(file) as image:
            return page_hash(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""


def _workspace_pictures(ctx: typer.Context, workspace: Path | None, label: LabelName) -> list[Picture]:
    """The ECGs of every label that states the finding, grouped by patient."""
    from db.cases import case_images
    from db.decisions import ImageRole
    from db.reviews import current_labels
    from db.store.images import ImageStore
    from pipeline.dataset.probe.shortcuts import Picture

    chosen = chosen_workspace(ctx, workspace)
    store = ImageStore(chosen.images)
    database = existing_database(chosen)
    pictures = []
    try:
        with database.read() as session:
            for one in current_labels(session):
                answer = label_class(one, label)
                if not answer:
                    continue
                for image in case_images(session, case_id=one.case_id, role=ImageRole.ECG):
                    path = store.path(image.sha256)
                    pictures.append(Picture(path, answer, one.patient_key, image.perceptual_hash))
    finally:
        database.close()
    return pictures


def label_class(one: CurrentLabel, label: LabelName) -> str:
    """The class of a label, or empty where it states none."""
    from db.fields.strata import ef_stratum

    if label is LabelName.EF:
        return "" if one.findings.ef_percent is None else ef_stratum(one.findings.ef_percent)
    answer = one.findings.rwma.value if label is LabelName.RWMA else one.findings.pah.value
    return "" if answer in ("not_stated", "unreadable") else answer


def probe_json(found: Probe) -> dict[str, Any]:
    """The probe as plain JSON, without anything that names a picture."""
    families = {}
    for name, one in found.families.items():
        plain = asdict(one) | {"by_class": dict(zip(found.classes, one.by_class, strict=True))}
        families[name] = {key: None if _is_nan(value) else value for key, value in plain.items()}
    copies = asdict(found.copies)
    copies.pop("groups")
    return {
        "pictures": found.pictures,
        "left_out": found.left_out,
        "unreadable": len(found.unreadable),
        "copies": copies,
        "families": families,
        "features": {name: {"auroc": value, "p": p} for name, (value, p) in found.features.items()},
        "checks": [asdict(check) for check in found.checks],
        "is_clean": found.is_clean,
    }


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


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
