"""What a disk or a network folder refused, in a sentence."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from db.errors import EchoDeskError

_READ_ONLY: Final = (
    "it can only be read",
    "Open the workspace for writing (a network folder may be mounted read-only), then run the same again.",
)
_FULL: Final = ("there is no room left on the disk", "Free some space, then run the same again.")
_UNREACHABLE: Final = (
    "it is gone or can't be reached",
    "Check that the disk or network folder is there, then run the same again.",
)
_IN_USE: Final = (
    "another program has kept it for too long",
    "What was stored is kept; run the same again when the other program has less to do.",
)
_TOO_LARGE: Final = (
    "the disk takes no file of that size",
    "Choose a folder on another disk (FAT32 takes files up to 4 GB), then run the same again.",
)
_FORBIDDEN: Final = ("you may not write there", "Check the permissions, then run the same again.")

_BY_NUMBER: Final = {
    errno.EROFS: _READ_ONLY,
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _TOO_LARGE,
    **dict.fromkeys(
        (
            errno.EIO,
            errno.ESTALE,
            errno.ENOTCONN,
            errno.EHOSTDOWN,
            errno.ETIMEDOUT,
            errno.ENODEV,
            errno.ENXIO,
        ),
        _UNREACHABLE,
    ),
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
}
# SQLite's primary codes: BUSY, READONLY, IOERR, FULL, CANTOPEN.
_BUSY: Final = 5
_BY_SQLITE: Final = {_BUSY: _IN_USE, 8: _READ_ONLY, 10: _UNREACHABLE, 13: _FULL, 14: _UNREACHABLE}


def disk_trouble(error: BaseException) -> EchoDeskError | None:
    """The error as a sentence and what to do; None where no disk is to blame.

    A database's own error (SQLAlchemy's) carries the driver's as `orig`.
    """
    code = _sqlite_code(error)
    if code is not None:
        told = _BY_SQLITE.get(code)
        return _said("the database", *told) if told else None
    if not isinstance(error, OSError):
        return None
    file = error.filename if isinstance(error.filename, str) else ""
    told = _BY_NUMBER.get(error.errno or 0)
    if told is None and error.errno in (errno.ENOENT, errno.ENOTDIR) and file:
        # A file that is missing in a folder that is there is a fault of ours.
        told = None if Path(file).parent.is_dir() else _UNREACHABLE
    return _said(file or "a file", *told) if told else None


def is_in_use(error: BaseException) -> bool:
    """Whether another program kept a SQLite file for too long."""
    return _sqlite_code(error) == _BUSY


def _sqlite_code(error: BaseException) -> int | None:
    code = getattr(getattr(error, "orig", error), "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def _said(what: str, reason: str, hint: str) -> EchoDeskError:
    return EchoDeskError(f"{what} can't be written: {reason}", hint)
