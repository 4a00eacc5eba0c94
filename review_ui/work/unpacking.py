"""A zip among the chosen files: what is in it takes its place, unpacked at arm's length and counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, cast

from db.apart.decoder import answers
from db.apart.kind import Kind
from db.apart.limits import ApartLimits
from db.errors import EchoDeskError
from review_ui.text import adding as said
from review_ui.work.hooks import RefusedFile
from review_ui.work.uploads import MOST_FILES, NameRefused, Upload, Uploads

ZIP_ENDING: Final = ".zip"
_BROKEN: Final = (said.ZIP_BROKEN, said.ZIP_BROKEN_REMEDY)
_ZIPS: Final = Kind(
    "review_ui.work.zip_frames",
    lambda _code, message, hint: EchoDeskError(message, hint),
    {
        "too_slow": (said.ZIP_SLOW, said.ZIP_SLOW_REMEDY),
        "too_much_memory": (said.TOO_MUCH, said.TOO_MUCH_REMEDY),
        "stopped": _BROKEN,
        "damaged": _BROKEN,
    },
)
# As much as may be added at once is unpacked within it; no megabyte of it takes a step.
_LIMITS: Final = ApartLimits(steps=60)


def unpack(
    uploads: Uploads, upload: Upload, arrived: Path, folder: str, *, most_file_bytes: int
) -> list[RefusedFile]:
    """Keep the files of an archive that has arrived under their own names; the archive itself goes.

    Archives within it stay packed: the preview names them. What an archive says of its sizes is not believed.

    Args:
        folder: the folder the archive was chosen from, empty where it lay by itself.

    Returns:
        the files whose names cannot be kept.

    Raises:
        EchoDeskError: it is no archive, is locked with a password, or holds too much.
    """
    kept = _Kept(uploads, upload, most_file_bytes)
    asked = {"path": str(arrived.resolve()), "most_files": MOST_FILES - upload.count}
    try:
        with closing(cast("Any", answers(_ZIPS, "files", asked, _LIMITS))) as found:
            for answer in found:
                if "name" in answer.facts:
                    kept.end()
                    inside = str(answer.facts["name"])
                    kept.begin(f"{folder}/{inside}" if folder else inside, int(answer.facts["size"]))
                else:  # read also where it isn't kept: the next comes after it
                    kept.write(answer.read(answer.size))
        kept.end()
        return kept.refused
    finally:
        kept.drop()
        arrived.unlink(missing_ok=True)


@dataclass
class _Kept:
    """The files of an archive on their way to their names, one at a time.

    Attributes:
        refused: those whose names cannot be kept.
    """

    uploads: Uploads
    upload: Upload
    most_bytes: int
    refused: list[RefusedFile] = field(default_factory=list)
    _name: str = ""
    _arriving: tuple[Path, IO[bytes]] | None = None
    _written: int = 0

    def begin(self, name: str, size_bytes: int) -> None:
        """The next file, as large as the archive says it is."""
        self._name, self._written = name, 0
        with self._naming():
            self.upload.place_for(name)  # refuse a name before anything is written under it
            self._arriving = self.uploads.arriving(self.upload, min(size_bytes, self.most_bytes))

    def write(self, piece: bytes) -> None:
        """More of it."""
        if self._arriving is None:
            return
        self._written += len(piece)
        if self._written > self.most_bytes:
            raise EchoDeskError(said.FILE_TOO_LARGE, said.FILE_TOO_LARGE_REMEDY)
        self._arriving[1].write(piece)

    def end(self) -> None:
        """It is whole: give it its name."""
        if self._arriving is None:
            return
        partial, file = self._arriving
        file.close()
        with self._naming():
            self.upload.keep(partial, self._name)
        self.drop()

    def drop(self) -> None:
        """Remove what is not whole."""
        if self._arriving is not None:
            partial, file = self._arriving
            self._arriving = None
            file.close()
            partial.unlink(missing_ok=True)

    @contextmanager
    def _naming(self) -> Iterator[None]:
        try:
            yield
        except NameRefused as error:
            self.refused.append(RefusedFile(self._name, error.message, error.hint))
