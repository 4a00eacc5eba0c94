"""Answers that are kept without their photo, and what an echo found later: one SQLite file, rows only added.

Who is meant stands in neither: a photo is known by its fingerprint, a message by the name of its job.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from db.errors import EchoDeskError
from pipeline.serving.relay.jobs import job_id

logger = logging.getLogger(__name__)

# What the messages say of an interval: "in 9 of 10 cases".
SAID_BY_MESSAGE: Final = 0.9
_DIGITS: Final = 32
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{32}([0-9a-f]{32})?")
_BUSY_S: Final = 10.0
_NO_SET: Final = "-"

# Times are seconds since 1970, UTC; EF and its ends are percent. Names are as `name_of` makes them.
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS answer (
    id INTEGER PRIMARY KEY AUTOINCREMENT, photo TEXT NOT NULL, message TEXT NOT NULL, bundle TEXT NOT NULL,
    given_at REAL NOT NULL, coverage REAL NOT NULL, ef REAL, low REAL, high REAL, chance REAL,
    chosen TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS answer_photo ON answer (photo);
CREATE INDEX IF NOT EXISTS answer_message ON answer (message);
CREATE TABLE IF NOT EXISTS outcome (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, told_at REAL NOT NULL, ef REAL,
    rwma TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS outcome_name ON outcome (name);
"""
# Every outcome, the newest last, beside the last answer to its name.
_JOINED: Final = """
SELECT a.id, a.bundle, a.coverage, a.low, a.high, a.chosen, o.ef, o.rwma
FROM outcome o JOIN answer a
    ON a.id = (SELECT max(id) FROM answer WHERE photo = o.name OR message = o.name)
ORDER BY o.id
"""
_TABLES: Final = {"answer", "outcome"}


class Given(Protocol):
    """An answer, as `answer.Answer` and `screened.Screened` have it."""

    @property
    def bundle(self) -> str: ...  # noqa: D102 - see `answer.Answer`, as for the others

    @property
    def ef_percent(self) -> float | None: ...  # noqa: D102

    @property
    def ef_low(self) -> float | None: ...  # noqa: D102

    @property
    def ef_high(self) -> float | None: ...  # noqa: D102

    @property
    def rwma_probability(self) -> float | None: ...  # noqa: D102

    @property
    def rwma_set(self) -> tuple[str, ...] | None: ...  # noqa: D102


@dataclass(frozen=True)
class Outcome:
    """What an echo found.

    Attributes:
        name: of the photo or the message; see `name_of`.
        ef_percent: None where it was not measured. rwma: `present`, `absent`, or empty.
    """

    name: str
    ef_percent: float | None
    rwma: str

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing."""
        return self.ef_percent is None and not self.rwma


@dataclass(frozen=True)
class Joined:
    """An answer beside its outcome.

    Attributes:
        coverage: share of patients that interval and set were said to hold.
        rwma_set: None where none was given.
    """

    bundle: str
    coverage: float
    ef_low: float | None
    ef_high: float | None
    rwma_set: tuple[str, ...] | None
    outcome: Outcome


def photo_id(data: bytes) -> str:
    """What a photo is known by: the first half of its file's SHA-256."""
    return hashlib.sha256(data).hexdigest()[:_DIGITS]


def name_of(given: str) -> str:
    """A photo's id or SHA-256, or a message's id, as it is kept: a messenger's own ids are not."""
    lower = given.lower()
    return lower[:_DIGITS] if _FINGERPRINT.fullmatch(lower) else job_id(given)


class Kept:
    """The file; safe to use from several threads and processes.

    Args:
        file: made at the first use, for its owner alone.
    """

    def __init__(self, file: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.file, self._clock = file, clock

    def check(self) -> None:
        """Whether answers can be kept, before one is lost.

        Raises:
            EchoDeskError: the file can't be made or written, or is something else.
        """
        with self._rows():
            pass

    def keep(self, photo: bytes, given: Given, *, message: str = "", coverage: float | None = None) -> None:
        """Keep an answer that has numbers. A disk that is full costs the row, not the answer.

        Args:
            message: the name of its job, for a photo that came by message.
            coverage: what was promised; None: what messages say.
        """
        if given.ef_percent is None:
            return
        chosen = _NO_SET if given.rwma_set is None else ";".join(given.rwma_set)
        try:
            with self._rows() as rows:
                rows.execute(
                    "INSERT INTO answer (photo, message, bundle, given_at, coverage, ef, low, high, chance,"
                    " chosen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        photo_id(photo), message, given.bundle, self._clock(), coverage or SAID_BY_MESSAGE,
                        given.ef_percent, given.ef_low, given.ef_high, given.rwma_probability,
                        chosen,
                    ),
                )  # fmt: skip
        except EchoDeskError as error:
            logger.error("an answer could not be kept: %s", error.message)

    def take(self, outcomes: Sequence[Outcome]) -> int:
        """Add outcomes, all or none; how many of them are of an answer that is kept.

        Raises:
            EchoDeskError: the file can't be written.
        """
        with self._rows() as rows:
            rows.executemany(
                "INSERT INTO outcome (name, told_at, ef, rwma) VALUES (?, ?, ?, ?)",
                [(one.name, self._clock(), one.ef_percent, one.rwma) for one in outcomes],
            )
            known = "SELECT 1 FROM answer WHERE photo = :name OR message = :name LIMIT 1"
            return sum(rows.execute(known, {"name": one.name}).fetchone() is not None for one in outcomes)

    def joined(self) -> list[Joined]:
        """Every answer whose outcome is known, the oldest first; of EF and of wall motion what was told last.

        Raises:
            EchoDeskError: the file can't be read.
        """
        found: dict[int, Joined] = {}
        with self._rows() as rows:
            for number, bundle, coverage, low, high, chosen, ef, rwma in rows.execute(_JOINED):
                # A table of wall motion alone says nothing of the EF that an earlier one told.
                before = found[number].outcome if number in found else Outcome("", None, "")
                told = Outcome("", before.ef_percent if ef is None else ef, rwma or before.rwma)
                found[number] = Joined(bundle, coverage, low, high, _set_of(chosen), told)
        return [found[number] for number in sorted(found)]

    @contextmanager
    def _rows(self) -> Iterator[sqlite3.Connection]:
        """One transaction. Raises EchoDeskError."""
        try:
            os.close(os.open(self.file, os.O_CREAT | os.O_RDWR, 0o600))
            with closing(sqlite3.connect(self.file, timeout=_BUSY_S)) as rows, rows:
                self._refuse_another_database(rows)
                rows.executescript(_SCHEMA)
                yield rows
        except (OSError, sqlite3.Error) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise EchoDeskError(f"{self.file}: {why}", "Name a file of kept answers, or a new one.") from None

    def _refuse_another_database(self, rows: sqlite3.Connection) -> None:
        names = {name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if names - {"sqlite_sequence"} not in (set(), _TABLES):
            raise EchoDeskError(
                f"{self.file} is a database of something else", "Name a file of kept answers, or a new one."
            )


def _set_of(chosen: str) -> tuple[str, ...] | None:
    """A set as it was kept; None where none was given."""
    return None if chosen == _NO_SET else tuple(filter(None, chosen.split(";")))
