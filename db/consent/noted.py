"""The list of those who withdrew their consent, in a file beside the key: a restored database lacks some.

One line a change: when (UTC), `withdrawn` or `again`, and the keyed hash of the patient's id. Lines are only
added, before the database is touched, so that what was begun is finished after a kill, a restore, or a
`pg_restore`. Whoever has the file without `patient.key` can't find out who it is about.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from db.errors import EchoDeskError

WITHDRAWN: Final = "withdrawn"
AGAIN: Final = "again"
_LINE: Final = re.compile(rf"(\S+) ({WITHDRAWN}|{AGAIN}) ([0-9a-f]{{64}})")


@dataclass(frozen=True)
class Noted:
    """One patient whose consent is withdrawn.

    Attributes:
        at: when it was noted, UTC.
    """

    patient_key: str
    at: datetime


def noted_withdrawals(file: Path) -> dict[str, Noted]:
    """Keyed hash -> the withdrawal, of everybody whose newest line says so; empty without a file.

    Raises:
        EchoDeskError: the file is not such a list, or can't be read: guessing would let a patient in again.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(file) from error
    *lines, last = text.split("\n")
    # Half a line at the end was being written when its program was killed: nothing was done yet. A whole one
    # without its end counts: an editor leaves it so.
    told = [_told(line) for line in (*lines, *([last] if _LINE.fullmatch(last) else []))]
    newest: dict[str, tuple[datetime, str, str]] = {}
    for one in told:
        if one is None:
            raise _unusable(file)
        # By time, not by place: lists of two machines may have been put together in any order.
        if one[2] not in newest or one[0] >= newest[one[2]][0]:
            newest.pop(one[2], None)
            newest[one[2]] = one
    return {key: Noted(key, at) for key, (at, what, _) in newest.items() if what == WITHDRAWN}


def _told(line: str) -> tuple[datetime, str, str] | None:
    """When, what, and of whom; None where a line says nothing of the kind."""
    match = _LINE.fullmatch(line)
    try:
        at = datetime.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
    return (at, match[2], match[3]) if match and at and at.tzinfo else None


def note_withdrawal(file: Path, patient_key: str, *, now: datetime, again_at: datetime | None = None) -> None:
    """Add a patient to the list, unless they are on it.

    Args:
        again_at: when they consented again, as the database has it: an older line does not count then.

    Raises:
        EchoDeskError: it can't be written.
    """
    noted = noted_withdrawals(file).get(patient_key)
    if noted is None or is_outdated(noted, again_at):
        _add(file, f"{_moment(now)} {WITHDRAWN} {patient_key}\n")


def is_outdated(noted: Noted, again_at: datetime | None) -> bool:
    """Whether somebody consented again after this was noted, which another machine's list may not know."""
    return again_at is not None and noted.at <= again_at


def note_consent(file: Path, patient_key: str, *, now: datetime) -> None:
    """Take a patient off the list, if they are on it. Raises EchoDeskError where it can't be written."""
    if patient_key in noted_withdrawals(file):
        _add(file, f"{_moment(now)} {AGAIN} {patient_key}\n")


def _moment(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="microseconds")


def _add(file: Path, line: str) -> None:
    """Append a line for the owner alone, and have it on the disk."""
    try:
        file.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as stream:
            written = stream.read()
            last = written.rfind(b"\n") + 1
            if _LINE.fullmatch(written[last:].decode(errors="replace")):
                line = "\n" + line
            else:  # half a line of a killed program is written over
                stream.seek(last)
                stream.truncate()
            stream.write(line.encode())
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise EchoDeskError(
            f"{file} can't be written ({reason}), so nothing was taken out", "Check the folder and its room."
        ) from None


def _unusable(file: Path) -> EchoDeskError:
    return EchoDeskError(
        f"{file} can't be read as the list of withdrawn consents",
        "Put it back from your backup: it says whose reports must not be taken in again.",
    )
