"""Files and folders that appear whole or not at all: a hidden sibling, on the disk, then renamed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from db.errors import EchoDeskError
from db.files.leftovers import ENDING, LOCK_ENDING, remove_leftovers_of

Write = Callable[[Path, bytes], None]

# A name may be as long as the file system allows; the sibling's needs room for what is added to it.
_NAME_KEPT = 40

OVERWRITE = "Name another file, or add --overwrite."


@contextmanager
def whole_file(target: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """A temporary sibling to write to, readable by its owner alone; on a clean exit it becomes `target`.

    What a killed program left of the same target is removed first.

    Raises:
        FileExistsError: there is a `target` and it may not be overwritten; it may have come into being
            meanwhile.
        OSError: the folder can't be written to.
    """
    if os.path.lexists(target) and not overwrite:
        raise FileExistsError(target)
    beginning = f".{target.name[:_NAME_KEPT]}."
    remove_leftovers_of(target.parent, beginning)
    handle, temporary = _begun(target.parent, beginning)
    try:
        yield temporary
        _sync(temporary)
        if overwrite:
            temporary.replace(target)
        else:
            _place_new(temporary, target)
        _sync(target.parent)
    finally:
        temporary.unlink(missing_ok=True)
        os.close(handle)


@contextmanager
def named_file(target: Path, *, overwrite: bool = False, instead: str = OVERWRITE) -> Iterator[Path]:
    """`whole_file` for a file that somebody named: what stands in the way is a sentence, not a traceback.

    Args:
        instead: what to do where there is such a file already.

    Raises:
        EchoDeskError: there is such a file and it may not be overwritten, or it can't be written.
    """
    try:
        with whole_file(target, overwrite=overwrite) as temporary:
            yield temporary
    except FileExistsError:
        raise EchoDeskError(f"{target} exists already", instead) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise EchoDeskError(
            f"{target} can't be written ({reason})", "Is the folder there, and is there room?"
        ) from None


def write_file(path: Path, data: bytes) -> None:
    """Write one new file of a folder that `new_folder` makes, and puts on the disk at its end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)


@contextmanager
def new_folder(
    target: Path,
    *,
    is_read_only: bool = True,
    is_resumed: bool = False,
    publish: Callable[[Callable[[], None]], None] | None = None,
) -> Iterator[Path]:
    """A hidden sibling to write into; on a clean exit it becomes `target`, otherwise nothing is left.

    Only its owner may look into it. What a killed program left behind is cleared by the next one that writes
    the same name.

    Args:
        is_resumed: keep what an interrupted or failed program wrote, and go on in it the next time.
        is_read_only: nobody may write the files any more.
        publish: called with the renaming itself, to do it inside a transaction. Default: rename at once.

    Raises:
        FileExistsError: there is a `target`, or another program is writing it.
        OSError: it cannot be written; a full disk for example.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(target):
        raise FileExistsError(target)
    partial = target.with_name(f".{target.name}{ENDING}")
    is_visible = False

    def rename() -> None:
        nonlocal is_visible
        _place_folder(partial, target)
        is_visible = True

    with _alone(target.with_name(f".{target.name}{LOCK_ENDING}")):
        if not is_resumed:
            _remove(partial)
        partial.mkdir(mode=0o700, exist_ok=is_resumed)
        try:
            yield partial
            _settle(partial, is_read_only=is_read_only)
            (publish or (lambda now: now()))(rename)
        except BaseException:
            if is_visible:  # the transaction around it failed
                target.rename(partial)
            raise
        finally:
            if not is_resumed:
                _remove(partial)


@contextmanager
def scratch_folder(place: Path, name: str) -> Iterator[Path]:
    """A hidden folder to keep files in for the length of a block; nothing of it is left.

    Only its owner may look into it. What a killed program left is cleared by the next one of this name, and
    with other leftovers.

    Raises:
        FileExistsError: another program works in it.
        OSError: it can't be made.
    """
    place.mkdir(parents=True, exist_ok=True)
    folder = place / f".{name}{ENDING}"
    with _alone(place / f".{name}{LOCK_ENDING}"):
        _remove(folder)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            _remove(folder)


def _begun(folder: Path, beginning: str) -> tuple[int, Path]:
    """A new file, readable by its owner alone, and held by this program.

    Another program may take it for a leftover before it is held. Whoever then opened it by its name would
    make another file, which everybody may read; so it is begun anew.
    """
    while True:
        handle, name = tempfile.mkstemp(dir=folder, prefix=beginning, suffix=ENDING)
        if _hold(handle) and _is_still_at(handle, name):
            return handle, Path(name)
        Path(name).unlink(missing_ok=True)
        os.close(handle)


def _is_still_at(handle: int, name: str) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(name))
    except FileNotFoundError:
        return False


def _hold(handle: int) -> bool:
    """Let others see for as long as this program lives that the file is being written.

    Returns:
        False where another program holds it.
    """
    if os.name == "posix":
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # some network folders know no locks
            return True
    return True


def _place_new(temporary: Path, target: Path) -> None:
    """Rename, but never over another file. Raises FileExistsError."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links (a memory stick, some network shares): a small race is left.
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        temporary.rename(target)
    else:
        temporary.unlink()


def _place_folder(partial: Path, target: Path) -> None:
    if os.path.lexists(target):  # a rename would replace an empty folder
        raise FileExistsError(target)
    partial.rename(target)
    _sync(target.parent)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock that the system lets go of when the program dies."""
    with lock.open("a") as file:
        if os.name == "posix":
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise FileExistsError(lock) from None
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _settle(folder: Path, *, is_read_only: bool) -> None:
    """Everything in the folder on the disk; files that nobody may write where that is asked for."""
    for path in sorted(folder.rglob("*"), reverse=True):
        _sync(path)
        if is_read_only and not path.is_dir():
            path.chmod(0o400)
    _sync(folder)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _sync(path: Path) -> None:
    """Make sure that a file, or the names in a folder, are on the disk."""
    if os.name != "posix" and path.is_dir():
        return  # other systems cannot open a folder
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
