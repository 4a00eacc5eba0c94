"""A real PostgreSQL server for the tests: started once, on a socket in a temporary folder, a database a
test.
"""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from db.store.engine import open_database
from db.workspace import Workspace

PORT = 5432  # names the socket file only: the server does not listen on the network
START_S = 30.0

# Fails, so that a new copy is made, when a test left a trigger off or another schema version. Few tables hold
# anything: deleting from those takes half the time of truncating them all.
EMPTY_ALL_TABLES = """
DO $$
DECLARE place record; holds_rows boolean;
BEGIN
    ASSERT (SELECT bool_and(tgenabled = 'O') FROM pg_trigger WHERE NOT tgisinternal), 'a trigger is off';
    FOR place IN SELECT tablename AS name FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', place.name) INTO holds_rows;
        IF holds_rows THEN EXECUTE format('DELETE FROM %I', place.name); END IF;
    END LOOP;
    PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
    ASSERT (SELECT max(version_num) FROM alembic_version) <> '9999', 'a newer schema';
END $$
"""


@dataclass(frozen=True)
class PostgresServer:
    """A running server; databases are copied from a migrated template, which takes milliseconds."""

    socket_folder: Path

    def url(self, name: str) -> str:
        """The address a user would put into ECHODESK_DATABASE_URL."""
        return f"postgresql://postgres@/{name}?host={quote(str(self.socket_folder), safe='')}&port={PORT}"

    def run(self, statement: str) -> None:
        """Run one statement as the administrator, outside a transaction."""
        with _connect(self.socket_folder) as connection:
            connection.execute(statement)

    def create(self, name: str, *, template: str = "template1") -> str:
        """Make a database and give its address."""
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def cleaned(self, name: str) -> str:
        """A migrated database without rows: the one of this name if a reset is enough, else a new copy."""
        import psycopg

        try:
            with _connect(self.socket_folder, name) as connection:
                connection.execute("SET lock_timeout = '1s'")
                connection.execute("SET session_replication_role = replica")  # past the append-only triggers
                connection.execute(EMPTY_ALL_TABLES)
        except psycopg.Error:
            self.drop(name)
            return self.create(name, template="migrated")
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def find_programs() -> Path | None:
    """The folder with the newest initdb and postgres, or None."""
    found = [Path(path).parent for path in glob.glob("/usr/lib/postgresql/*/bin/initdb")]
    found += [Path(path).parent for path in glob.glob("/opt/homebrew/opt/postgresql*/bin/initdb")]
    on_path = shutil.which("initdb")
    found += [Path(on_path).resolve().parent] if on_path else []
    whole = [folder for folder in found if (folder / "postgres").exists()]
    return max(whole, key=lambda folder: [int(part) for part in folder.parts if part.isdigit()], default=None)


def _connect(folder: Path, name: str = "postgres") -> Any:
    import psycopg

    return psycopg.connect(host=str(folder), port=PORT, user="postgres", dbname=name, autocommit=True)


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: who to run it as then."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL does not run as root, and there is no postgres or nobody user")


@contextmanager
def running_server(programs: Path) -> Iterator[PostgresServer]:
    """Make a cluster, run it, and remove it."""
    # Not pytest's own folder: that is closed to other users, and its path can be too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="echodesk-pg-"))
    owner = _unprivileged()
    if owner:
        os.chown(folder, owner["user"], owner["group"])
    data = folder / "data"
    quiet: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL, **owner}
    try:
        subprocess.run(
            [
                str(programs / "initdb"),
                "-D",
                str(data),
                *"-U postgres -A trust -E UTF8 --locale=C --no-sync".split(),
            ],
            check=True,
            capture_output=True,
            **quiet,
        )
        # Nothing here must survive a power cut, so do not wait for the disk.
        settings = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off", "max_connections": "60"}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [
                    str(programs / "postgres"),
                    "-D",
                    str(data),
                    "-k",
                    str(folder),
                    "-p",
                    str(PORT),
                    "-h",
                    "",
                    *arguments,
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                **quiet,
            )
        try:
            _wait_until_ready(server, folder)
            yield PostgresServer(folder)
        finally:
            server.send_signal(signal.SIGQUIT)  # at once; the data is thrown away
            server.wait(timeout=START_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    import psycopg

    deadline = time.monotonic() + START_S
    while True:
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL stopped: {(folder / 'log').read_text()[-500:]}")
        try:
            _connect(folder).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """The server, with a database `migrated` to copy from.

    Mark the test `postgres`: it is skipped without one.
    """
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with running_server(programs) as server:
        folder = tmp_path_factory.mktemp("migrated")
        open_database(Workspace(workspace=folder, database_url=server.create("migrated"))).close()
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """The address of a migrated, empty database; the next test may get the same one, emptied again."""
    return postgres_server.cleaned("for_one_test")
