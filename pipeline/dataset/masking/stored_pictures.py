"""The pictures of a snapshot, masked one after the other: stored bytes, with what is known about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.dataset.frozen import MaskedImage
from pipeline.dataset.masking.masked_image import (
    Engines,
    MaskedPicture,
    PictureToMask,
    mask_pictures,
    mask_safely,
)
from pipeline.dataset.masking.patterns import KnownValues
from pipeline.dataset.masking.words import Box
from pipeline.dataset.records import ImageRef, LabelRow


class PictureMask:
    """Masks stored pictures one by one; told beforehand which will come, it works on several at once.

    Args:
        path_of: the SHA-256 of a stored picture -> its file.
        known: by patient key.
        workers: reading processes.

    Attributes:
        conflicted: pictures that went out with a mask over words a label was read from, because what stood
            there surely identifies somebody.
    """

    def __init__(
        self,
        path_of: Callable[[str], Path],
        engines: Engines,
        known: Mapping[str, KnownValues],
        workers: int = 1,
    ) -> None:
        self._path_of, self._engines, self._known, self._workers = path_of, engines, known, workers
        self._wanted: list[tuple[str, int, str]] = []
        self._ahead: Iterator[MaskedPicture] = iter(())
        self.conflicted = 0

    def read_ahead(self, wanted: Sequence[tuple[ImageRef, LabelRow]]) -> None:
        """Say which pictures will be asked for, in order."""
        self._wanted = [_name(image, row) for image, row in wanted]
        pictures = (self._picture(image, row) for image, row in wanted)
        self._ahead = mask_pictures(pictures, self._engines, workers=self._workers)

    def __call__(self, image: ImageRef, row: LabelRow) -> MaskedImage:
        """A picture with identities painted over, or why there is none."""
        if self._wanted and self._wanted[0] == _name(image, row):
            del self._wanted[0]
            masked = next(self._ahead)
        else:
            masked = mask_safely(self._picture(image, row), self._engines)
        self.conflicted += masked.data is not None and masked.conflicts > 0
        return MaskedImage(masked.data, image.media_type, masked.refusal.value if masked.refusal else "")

    def _picture(self, image: ImageRef, row: LabelRow) -> PictureToMask:
        try:
            data = self._path_of(image.sha256).read_bytes()
        except OSError:
            data = b""  # can't be decoded: left out and counted
        known = self._known.get(row.patient_key) or KnownValues()
        return PictureToMask(
            data, image.role, image.media_type, evidence_on(image, row), _with_row(known, row)
        )


def _name(image: ImageRef, row: LabelRow) -> tuple[str, int, str]:
    return (image.role, image.page, f"{row.case_id} {image.sha256}")


def _with_row(known: KnownValues, row: LabelRow) -> KnownValues:
    """The hospital is known from the database itself."""
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
