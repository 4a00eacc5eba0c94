"""From chosen files to records: an upload is looked at, then stored in a thread that no browser waits for."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from db.errors import EchoDeskError
from review_ui.door.bodies import MAX_FILE_BYTES
from review_ui.text import adding as said
from review_ui.work.hooks import Added, Chosen, Preview, TypedFile, WorkHooks
from review_ui.work.unpacking import ZIP_ENDING, unpack
from review_ui.work.uploads import Upload, Uploads

_LOG = logging.getLogger(__name__)

# A few photos are stored sooner than that; the page then needs no second look.
_PATIENCE_S: Final = 3.0


@dataclass
class Storing:
    """One upload on its way into the workspace.

    Attributes:
        outcome: what was done, or the `EchoDeskError` it ended with.
    """

    owner: int
    outcome: Future[Added]
    done: int = 0
    total: int = 0


@dataclass
class Adding:
    """What the page works with."""

    hooks: WorkHooks
    uploads: Uploads
    _storing: dict[str, Storing] = field(default_factory=dict)
    _lists: dict[str, str] = field(default_factory=dict)
    _typed: dict[str, dict[str, TypedFile]] = field(default_factory=dict)
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "adding"))

    def keep(self, upload: Upload, arrived: Path, name: str) -> list[dict[str, str]]:
        """Keep a file that has arrived whole, a zip unpacked; what cannot be kept, by name.

        Raises:
            EchoDeskError: the file itself cannot be kept.
        """
        if not name.lower().endswith(ZIP_ENDING):
            older = self._older_list(upload, name)
            upload.keep(arrived, older or name, replaces=older is not None)
            return []
        folder = name.replace("\\", "/").rpartition("/")[0]
        refused = unpack(self.uploads, upload, arrived, folder, most_file_bytes=MAX_FILE_BYTES)
        return [{"name": one.name, "reason": one.reason, "remedy": one.remedy} for one in refused]

    def _older_list(self, upload: Upload, name: str) -> str | None:
        """The list that one of this name is a mended version of: it is called so, in any folder."""
        called = PurePosixPath(name.replace("\\", "/")).name
        found = [one for one in self.lists(upload) if PurePosixPath(one).name == called]
        return found[0] if len(found) == 1 else None

    def lists(self, upload: Upload) -> list[str]:
        """The names of the lists among the files."""
        endings = self.hooks.list_endings
        found = [file for file in upload.files() if file.suffix.lower() in endings]
        return [file.relative_to(upload.folder).as_posix() for file in found]

    def use_list(self, upload: Upload, name: str) -> None:
        """Say which of several lists counts; an empty name: none.

        Raises:
            EchoDeskError: there is no such list.
        """
        if name and name not in self.lists(upload):
            raise EchoDeskError(said.GONE, said.GONE_REMEDY)
        self._lists[upload.name] = name

    def list_of(self, upload: Upload) -> str | None:
        """The list that counts, empty for none; None where a person has to choose among several."""
        found = self.lists(upload)
        chosen = self._lists.get(upload.name)
        if chosen is not None and (not chosen or chosen in found):
            return chosen
        return None if len(found) > 1 else "".join(found)

    def typed(self, upload: Upload) -> dict[str, TypedFile]:
        """What was typed about files of the upload so far, by their names, in their order."""
        kept = self._typed.get(upload.name, {})
        return {name: kept[name] for name in sorted(kept)}

    def type_in(self, upload: Upload, typed: Mapping[str, TypedFile]) -> None:
        """Keep what was typed about files, in memory alone; an empty id takes a file's back."""
        whole = self._typed.get(upload.name, {}) | dict(typed)
        self._typed[upload.name] = {name: one for name, one in whole.items() if one.patient_id}

    def chosen(self, upload: Upload) -> Chosen:
        """The upload as the hooks want it. Raises EchoDeskError where a list has still to be chosen."""
        name = self.list_of(upload)
        if name is None:
            raise EchoDeskError(said.LISTS_HOW.format(number=len(self.lists(upload))), said.LISTS)
        listing = upload.folder / name if name else None
        return Chosen(upload.folder, listing, typed=() if name else tuple(self.typed(upload).values()))

    def preview(self, upload: Upload) -> Preview:
        """What storing would do. Raises EchoDeskError as the hook does."""
        return self.hooks.preview(self.chosen(upload))

    def store(self, upload: Upload, chosen: Chosen) -> None:
        """Begin to store; waits a moment, so that a few records are stored when it returns."""
        storing = Storing(upload.owner, Future())

        def on_progress(done: int, total: int) -> None:
            storing.done, storing.total = done, total

        def work() -> None:
            try:
                try:
                    added = self.hooks.add(chosen, on_progress)
                finally:  # before anybody is told: nothing lies about behind a page that says so
                    self._typed.pop(upload.name, None)
                    self.uploads.drop(upload)
                storing.outcome.set_result(added)
            except EchoDeskError as error:
                storing.outcome.set_exception(error)
            except Exception as error:  # noqa: BLE001 - its text may hold a name, so only its type
                _LOG.error("adding failed with %s", type(error).__name__)
                storing.outcome.set_exception(EchoDeskError(said.FAILED, said.FAILED_REMEDY))

        if self._storing.setdefault(upload.name, storing) is storing:  # else a second click
            self._thread.submit(work)
        wait([self._storing[upload.name].outcome], timeout=_PATIENCE_S)

    def storing(self, name: str, owner: int) -> Storing | None:
        """How far the storing of an upload is, for the person whose it is."""
        found = self._storing.get(name)
        return found if found is not None and found.owner == owner else None

    def drop(self, upload: Upload) -> None:
        """Remove the files, unless they are being stored."""
        if upload.name not in self._storing:
            self._typed.pop(upload.name, None)
            self.uploads.drop(upload)

    def close(self) -> None:
        """Let what is being stored end, and remove the files."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self.uploads.close()
