"""The files under the paths an intake was given."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from labeling.intake.report import Refused
from labeling.pages.file_kind import HEAD_BYTES, foreign_name, kind_of
from labeling.pages.opening import KINDS_IN_WORDS

_PAGE_SUFFIXES = {
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".webp", ".bmp", ".dib",
    ".heic", ".heif", ".hif", ".pdf", ".dcm", ".dicom",
}  # fmt: skip

# Left behind by file managers and Office; nobody means to take these in.
_LITTER = {"thumbs.db", "desktop.ini", "__macosx"}


@dataclass(frozen=True)
class FoundFile:
    """One page file and the folder it was found under (for a file named itself: its folder)."""

    root: Path
    path: Path


def find_files(
    paths: Sequence[Path], *, skip: Collection[Path] = ()
) -> tuple[list[FoundFile], list[Refused]]:
    """Every page file under the paths, sorted, each once; and what can't be taken, named.

    Folders are searched with their sub-folders. Hidden files and folders and those in `skip` are passed over.
    Links that lead out of the folder are not followed; a link named by the user is.
    """
    found: dict[Path, FoundFile] = {}
    refused: list[Refused] = []
    skipped = {folder.resolve() for folder in skip}
    for given in paths:
        if given.is_dir():
            entries = _walk(given, skipped, refused)
        elif given.exists():
            entries = iter([given])
        else:
            refused.append(Refused(given, "missing", "there is no such file or folder", "Check the name."))
            continue
        root = given if given.is_dir() else given.parent
        for path in entries:
            real = real_path(path)
            refusal = _endless(path) if real is None else _not_a_page(path)
            if refusal:
                refused.append(refusal)
            elif real is not None:
                found.setdefault(real, FoundFile(root, path))
    return list(found.values()), refused


def _walk(root: Path, skipped: Collection[Path], refused: list[Refused]) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        reason = f"the folder can't be read ({error.strerror or type(error).__name__})"
        where = Path(os.fsdecode(error.filename)) if error.filename else root
        refused.append(Refused(where, "unreadable_folder", reason, "Check that you may read it."))

    inside = root.resolve()
    for folder, names, files in os.walk(root, onerror=unreadable):
        here = Path(folder)
        for name in sorted(names):
            if (here / name).is_symlink() and not _is_inside(here / name, inside):
                refused.append(_outside(here / name))
        names[:] = sorted(
            name for name in names if not _is_litter(name) and real_path(here / name) not in skipped
        )
        for name in sorted(files):
            path = here / name
            if _is_litter(name):
                continue
            if path.is_symlink() and not _is_inside(path, inside):
                refused.append(_outside(path))
            else:
                yield path


def real_path(path: Path) -> Path | None:
    """Where a path leads in the end; None for links that lead to each other."""
    try:
        real = path.resolve()
        real.stat()
    except (OSError, RuntimeError) as error:
        is_endless = isinstance(error, RuntimeError) or error.errno == errno.ELOOP
        return None if is_endless else path.resolve()
    return real


def _is_inside(link: Path, folder: Path) -> bool:
    """Whether a link stays in the folder; one that leads nowhere does."""
    real = real_path(link)
    return real is None or real.is_relative_to(folder)


def _endless(path: Path) -> Refused:
    return Refused(path, "endless_link", "this is a link that leads back to itself", "Remove it.")


def _is_litter(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower() in _LITTER


def _outside(path: Path) -> Refused:
    reason = "this is a link that leads out of the folder"
    return Refused(path, "outside_link", reason, "Name the real file or folder, or copy it in.")


def _not_a_page(path: Path) -> Refused | None:
    """A refusal for a file that neither is nor claims to be a page.

    A file with a page's suffix stays even if its content is bad: it belongs to a case, now incomplete.
    """
    if path.suffix.lower() in _PAGE_SUFFIXES:
        return None
    try:
        if not path.is_file():
            return Refused(path, "not_a_file", "this is a device or a broken link", "Remove it.")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        reason = f"the file can't be opened ({error.strerror or type(error).__name__})"
        return Refused(path, "unreadable", reason, "Check that you may read it.")
    if kind_of(head):
        return None
    what = foreign_name(head) if head else "empty"
    remedy = f"Save the page as {KINDS_IN_WORDS}."
    if path.suffix.lower() in (".csv", ".xlsx"):
        remedy = "If it says which file is whose, name it with --manifest."
    return Refused(path, "not_an_image", f"the file is {what or 'no picture or PDF'}", remedy)
