"""What masks the pictures of a snapshot: OCR engines, stored pictures and known values put together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from db.processes import usual_workers

if TYPE_CHECKING:
    from db.workspace import Workspace
    from pipeline.dataset.masking.stored_pictures import PictureMask


def picture_mask(space: Workspace, known_values: Path | None) -> PictureMask:
    """What masks the stored pictures, by the table of known values where there is one."""
    from db.access.patient_key import load_secret, patient_key
    from db.store.images import ImageStore
    from pipeline.dataset.masking.engines import OcrEngines
    from pipeline.dataset.masking.known_values import load_known_values
    from pipeline.dataset.masking.stored_pictures import PictureMask

    known = {}
    if known_values is not None:
        secret = load_secret(space.patient_key_file)
        known = load_known_values(known_values, lambda written: patient_key(written, secret))
    path_of = ImageStore(space.images).path
    return PictureMask(path_of, OcrEngines(space.tesseract), known, usual_workers())
