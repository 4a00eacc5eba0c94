"""Several writings of one thread in one transaction, so that they wait for the disk once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine
from sqlmodel import Session

# What the writings of one transaction share, in the `info` of each one's session.
SHARED: Final = "shared"
# SQLAlchemy's own savepoints are compiled anew every time, which took a twentieth of a decision.
_BEGIN: Final = "SAVEPOINT part"
_UNDO: Final = "ROLLBACK TO part"
_END: Final = "RELEASE part"


class GaveUpTogether(Exception):
    """The database undid what was being written together; none of it is stored."""


class Together(threading.local):
    """The transaction that a thread writes together in, where it does."""

    _connection: Connection | None = None
    _shared: dict[str, Any] | None = None

    @property
    def is_open(self) -> bool:
        """Whether this thread is in such a transaction."""
        return self._connection is not None

    @contextmanager
    def transaction(self, engine: Engine) -> Iterator[None]:
        """One transaction for whatever this thread writes in here.

        Raises:
            GaveUpTogether: some errors make SQLite undo a whole transaction, also what went well before them.
        """
        with engine.connect() as connection, connection.begin() as transaction:
            self._connection, self._shared = connection, {}
            try:
                yield
            finally:
                self._connection = self._shared = None
            if not _is_in_transaction(connection):
                transaction.rollback()
                raise GaveUpTogether

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A part of the transaction that is whole or undone for itself."""
        connection, shared = self._connection, self._shared
        if connection is None or shared is None:
            raise ValueError("nothing is written together now")
        connection.exec_driver_sql(_BEGIN)
        # The transaction is not this session's to end.
        with Session(
            connection, expire_on_commit=False, join_transaction_mode="rollback_only", info={SHARED: shared}
        ) as session:
            try:
                yield session
                session.flush()
            except BaseException:
                shared.clear()
                if _is_in_transaction(connection):  # some errors have undone everything already
                    connection.exec_driver_sql(_UNDO)
                    connection.exec_driver_sql(_END)
                raise
        connection.exec_driver_sql(_END)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A view of what was written so far. Whoever has it must not write."""
        with Session(self._connection, expire_on_commit=False, autoflush=False) as session:
            yield session


def _is_in_transaction(connection: Connection) -> bool:
    return bool(getattr(connection.connection.driver_connection, "in_transaction", False))
