"""How the pictures of a snapshot are masked: OCR words and the workspace's keys, handed to the dataset
package.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.options import usual_workers
from pipeline.dataset.masking.engines import OcrEngines, load_known_values

if TYPE_CHECKING:
    from db.store.images import ImageStore
    from db.workspace import Workspace
    from pipeline.dataset.frozen import MaskedImage
    from pipeline.dataset.masking.masked_image import Engines, MaskedPicture, PictureToMask
    from pipeline.dataset.masking.patterns import KnownValues
    from pipeline.dataset.masking.words import Box
    from pipeline.dataset.records import ImageRef, LabelRow


def picture_mask(
    workspace: Workspace, *, known_values: Path | None = None, workers: int | None = None
) -> PictureMask:
    """What turns a stored picture into masked bytes, or says why not.

    Args:
        known_values: a table of what the patients' papers are known to say; see `load_known_values`.
        workers: reading processes.

    Raises:
        EchoDeskError: the table or the patient key can't be read.
    """
    from db.store.images import ImageStore
    from labeling.intake.patient_key import load_secret

    known = load_known_values(known_values, load_secret(workspace.patient_key_file)) if known_values else {}
    engines = OcrEngines(workspace.tesseract)
    return PictureMask(ImageStore(workspace.images), engines, known, workers or usual_workers())


class PictureMask:
    """Masks stored pictures one by one; told beforehand which will come, it works on several at once.

    Attributes:
        conflicted: pictures that went out with a mask over words a label was read from, because what stood
            there surely identifies somebody.
    """

    def __init__(
        self, store: ImageStore, engines: Engines, known: Mapping[str, KnownValues], workers: int = 1
    ) -> None:
        self._store, self._engines, self._known, self._workers = store, engines, known, workers
        self._wanted: list[tuple[str, int, str]] = []
        self._ahead: Iterator[MaskedPicture] = iter(())
        self.conflicted = 0

    def read_ahead(self, wanted: Sequence[tuple[ImageRef, LabelRow]]) -> None:
        """Say which pictures will be asked for, in order."""
        from pipeline.dataset.masking.masked_image import mask_pictures

        self._wanted = [_name(image, row) for image, row in wanted]
        pictures = (self._picture(image, row) for image, row in wanted)
        self._ahead = mask_pictures(pictures, self._engines, workers=self._workers)

    def __call__(self, image: ImageRef, row: LabelRow) -> MaskedImage:
        """A picture with identities painted over, or why there is none."""
        from pipeline.dataset.frozen import MaskedImage
        from pipeline.dataset.masking.masked_image import mask_safely

        if self._wanted and self._wanted[0] == _name(image, row):
            del self._wanted[0]
            masked = next(self._ahead)
        else:
            masked = mask_safely(self._picture(image, row), self._engines)
        self.conflicted += masked.data is not None and masked.conflicts > 0
        return MaskedImage(masked.data, image.media_type, masked.refusal.value if masked.refusal else "")

    def _picture(self, image: ImageRef, row: LabelRow) -> PictureToMask:
        from pipeline.dataset.masking.masked_image import PictureToMask

        try:
            data = self._store.path(image.sha256).read_bytes()
        except OSError:
            data = b""  # can't be decoded: left out and counted
        known = self._known.get(row.patient_key) or _nothing_known()
        return PictureToMask(
            data, image.role, image.media_type, evidence_on(image, row), _with_row(known, row)
        )


def _name(image: ImageRef, row: LabelRow) -> tuple[str, int, str]:
    return (image.role, image.page, f"{row.case_id} {image.sha256}")


def _nothing_known() -> KnownValues:
    from pipeline.dataset.masking.patterns import KnownValues

    return KnownValues()


def _with_row(known: KnownValues, row: LabelRow) -> KnownValues:
    """The hospital is known from the database itself."""
    from dataclasses import replace

    return replace(known, others=(*known.others, row.site)) if row.site else known


def evidence_on(image: ImageRef, row: LabelRow) -> tuple[Box, ...]:
    """Boxes of the words the label was read from, on one page of a report."""
    if image.role != "report":
        return ()
    found: set[Box] = set()
    for place in row.evidence.values():
        if place.get("page", 1) == image.page:
            found |= {(float(a), float(b), float(c), float(d)) for a, b, c, d in place.get("boxes") or ()}
    return tuple(sorted(found))
