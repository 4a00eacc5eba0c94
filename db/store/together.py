"""Several writings of one thread in one transaction, so that they wait for the disk once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlmodel import Session


class GaveUpTogether(Exception):
    """The database undid what was being written together; none of it is stored."""


class Together(threading.local):
    """The transaction that a thread writes together in, where it does."""

    _connection: Connection | None = None

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
            self._connection = connection
            try:
                yield
            finally:
                self._connection = None
            if not getattr(connection.connection.driver_connection, "in_transaction", False):
                transaction.rollback()
                raise GaveUpTogether

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A part of the transaction that is whole or undone for itself."""
        with (
            Session(
                self._connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
            ) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A view of what was written so far. Whoever has it must not write."""
        with Session(self._connection, expire_on_commit=False, autoflush=False) as session:
            yield session
