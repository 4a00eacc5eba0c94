"""ECG pictures with a label, for the shortcut probe: of the workspace, or of a folder of the user's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from db.cases import case_images
from db.decisions import ImageRole
from db.errors import WrongUse
from db.fields.strata import ef_stratum
from db.fingerprints import page_hash
from db.label_view import CurrentLabel, current_labels
from pipeline.dataset.opened import open_snapshot
from pipeline.dataset.probe.shortcuts import Picture

if TYPE_CHECKING:
    from sqlmodel import Session

PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp")
# Which label is to be told without the waveform.
LABELS = ("ef", "rwma", "pah")
_NO_CLASS = ("not_stated", "unreadable")


def stored_pictures(session: Session, path_of: Callable[[str], Path], label: str) -> list[Picture]:
    """The ECGs of every label that states the finding, grouped by patient.

    Args:
        path_of: the SHA-256 of a stored picture -> its file.
        label: of `LABELS`.
    """
    pictures = []
    for one in current_labels(session):
        answer = label_class(one, label)
        if not answer:
            continue
        for image in case_images(session, case_id=one.case_id, role=ImageRole.ECG):
            pictures.append(Picture(path_of(image.sha256), answer, one.patient_key, image.perceptual_hash))
    return pictures


def snapshot_pictures(folder: Path, label: str) -> list[Picture]:
    """The ECGs that a snapshot was frozen with, of every record that states the finding.

    Raises:
        EchoDeskError: it is no sound snapshot, or has no pictures.
    """
    found = open_snapshot(folder)
    answers = found.labels().set_index("row_id")["ef_stratum" if label == "ef" else label].astype(str)
    return [
        Picture(pair.picture, answers[pair.row_id], pair.group_id, _perceptual_hash(pair.picture))
        for pair in found.with_pictures()
        if pair.picture is not None and answers[pair.row_id] not in _NO_CLASS
    ]


def label_class(one: CurrentLabel, label: str) -> str:
    """The class of a label, or empty where it states none."""
    if label == "ef":
        return "" if one.findings.ef_percent is None else ef_stratum(one.findings.ef_percent)
    answer = one.findings.rwma.value if label == "rwma" else one.findings.pah.value
    return "" if answer in _NO_CLASS else answer


def folder_pictures(folder: Path) -> list[Picture]:
    """The pictures below each folder of a folder, by name; the folder's name is their label.

    Raises:
        WrongUse: it is no folder.
    """
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

    try:
        with Image.open(file) as image:
            return page_hash(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""
