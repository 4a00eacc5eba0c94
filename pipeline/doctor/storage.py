"""Where things are kept: the folder, its key, the disk, and the database."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from db.workspace import Workspace
from pipeline.diagnosis import Diagnosis, Grade
from pipeline.doctor.surroundings import Surroundings

# A page of a report takes about 1 MB in the image store; below this a day's intake may fill the disk.
LITTLE_DISK_BYTES = 2 * 1024**3
NO_DISK_BYTES = 200 * 1024**2


def check_workspace(workspace: Workspace) -> Diagnosis:
    """The folder can be written, or can be made."""
    root = workspace.root
    if root.exists() and not root.is_dir():
        return Diagnosis(Grade.FAIL, "Workspace", f"{workspace.workspace} is a file", "Name a folder.")
    nearest = nearest_existing(root)
    if not os.access(nearest, os.W_OK | os.X_OK):
        fix = "Change the folder's permissions, or name another with --workspace."
        return Diagnosis(Grade.FAIL, "Workspace", f"{nearest} is not writable", fix)
    state = "writable" if nearest == root else "not made yet; can be"
    return Diagnosis(Grade.PASS, "Workspace", f"{workspace.workspace}: {state}")


def nearest_existing(folder: Path) -> Path:
    """The folder, or the closest one above it that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def check_privacy(workspace: Workspace) -> Diagnosis:
    """Nobody else on this machine can look into the workspace; what others could read is closed to them."""
    from db.files.owner_alone import close_to_others

    name, root, key = "Privacy", workspace.root, workspace.patient_key_file
    if not root.exists():
        return Diagnosis(Grade.PASS, name, "no workspace yet")
    # A key that others could read is for a person to think about; it has a check of its own.
    closed, left = close_to_others(root, but=(key,))
    if left:
        fix = f"Its owner types: chmod -R go-rwx {root}"
        return Diagnosis(Grade.FAIL, name, f"others can read {left} files or folders", fix)
    if closed:
        fix = "Nothing more to do; think of who has an account on this machine."
        return Diagnosis(Grade.WARN, name, f"others could read {closed} files or folders until now", fix)
    return Diagnosis(Grade.PASS, name, "for its owner alone")


def check_key_file(workspace: Workspace) -> Diagnosis:
    """The secret behind the patient keys is readable by its owner alone."""
    name, key = "Patient key file", workspace.patient_key_file
    try:
        mode = stat.S_IMODE(key.stat().st_mode)
    except FileNotFoundError:
        return Diagnosis(Grade.PASS, name, "none yet; intake makes it")
    except OSError as error:
        return Diagnosis(Grade.FAIL, name, type(error).__name__, "Check the workspace's permissions.")
    if mode & 0o077:
        return Diagnosis(Grade.FAIL, name, f"mode {mode:04o}: others can read it", f"Type: chmod 600 {key}")
    return Diagnosis(Grade.PASS, name, f"mode {mode:04o}")


def check_leftovers(workspace: Workspace) -> Diagnosis:
    """Nothing half-written lies about; what killed programs left is removed.

    A training that was stopped goes on where it was, so it is told and kept.
    """
    from db.files.at_work import who_is_at_work
    from db.files.leftovers import ENDING, remove_leftovers

    own = (workspace.images, workspace.backups, workspace.reports, workspace.snapshots, workspace.calibration)
    try:
        who_is_at_work(workspace.root)  # it removes the marks of those that are gone
        removed = remove_leftovers((workspace.root, *own), spared=(workspace.runs,))
    except OSError as error:
        fix = "Open the workspace for writing, then ask again."
        return Diagnosis(Grade.WARN, "Leftovers", f"cannot be looked for ({error.strerror})", fix)
    found = "none" if not removed else f"{removed} of killed programs, removed"
    begun = len(list(workspace.runs.glob(f".*{ENDING}")))
    if begun:
        trainings = "1 training" if begun == 1 else f"{begun} trainings"
        found += f"; {trainings} begun and not finished, kept (echodesk runs list names them)"
    return Diagnosis(Grade.PASS, "Leftovers", found)


def check_disk(workspace: Workspace, surroundings: Surroundings) -> Diagnosis:
    """Room for the image store."""
    free = surroundings.free_bytes(nearest_existing(workspace.root))
    found = f"{free / 1024**3:.1f} GB free"
    if free < NO_DISK_BYTES:
        return Diagnosis(Grade.FAIL, "Disk", found, "Free some space before taking reports in.")
    if free < LITTLE_DISK_BYTES:
        return Diagnosis(Grade.WARN, "Disk", found, "A page takes about 1 MB; free some space soon.")
    return Diagnosis(Grade.PASS, "Disk", found)


def check_database(workspace: Workspace) -> Iterator[Diagnosis]:
    """It opens, its schema is the one this program knows, and its event log is unbroken."""
    from sqlalchemy.exc import SQLAlchemyError

    from db.errors import EchoDeskError

    try:
        yield from _open_and_check(workspace)
    except EchoDeskError as error:
        yield Diagnosis(Grade.FAIL, "Database", error.message, error.hint)
    except SQLAlchemyError as error:
        # The driver's own message may carry the address with its password: only its kind is shown.
        fix = "Check ECHODESK_DATABASE_URL and that the server runs; for a file, restore a backup."
        yield Diagnosis(Grade.FAIL, "Database", f"cannot be read ({type(error).__name__})", fix)


def _pictures(missing: int, pictures: int) -> Iterator[Diagnosis]:
    """Every picture of the database is in the image store."""
    if missing:
        fix = "Copy the images folder of the workspace this database came from; or take the reports in again."
        yield Diagnosis(Grade.FAIL, "Pictures", f"{missing} of {pictures} are missing", fix)
    elif pictures:
        yield Diagnosis(Grade.PASS, "Pictures", f"{pictures}, all there")


def _patients(workspace: Workspace, mark: int) -> Iterator[Diagnosis]:
    """The key file is the one that the patients were hashed with; `mark` is 0 where the database has none."""
    from db.store.key_mark import key_mark

    if not mark:
        return
    file = workspace.patient_key_file
    if file.exists() and key_mark(file.read_bytes()) == mark:
        yield Diagnosis(Grade.PASS, "Patients", "hashed with this workspace's key")
        return
    found = "is not the key they were hashed with" if file.exists() else "is missing"
    fix = "Put the original file back from your backup: with another key nobody is found."
    yield Diagnosis(Grade.FAIL, "Patients", f"{file} {found}", fix)


def _withdrawn(left: int, unnoted: int) -> Iterator[Diagnosis]:
    """Whoever withdrew their consent is out of the database: an older one may have come in its place. And the
    file beside the key has them all, for when one does.
    """
    if unnoted:
        found = f"patients on the database's list whom withdrawn.txt lacks: {unnoted}"
        yield Diagnosis(Grade.WARN, "Consent", found, "Type: echodesk withdraw --noted")
    if left:
        found = f"patients who withdrew and are in this database or not on its list: {left}"
        yield Diagnosis(Grade.FAIL, "Consent", found, "Type: echodesk withdraw --noted")


def _open_and_check(workspace: Workspace) -> Iterator[Diagnosis]:
    from sqlmodel import Session, create_engine

    from db.consent.completing import not_noted
    from db.consent.patients import still_here
    from db.errors import EchoDeskError, pip_install
    from db.events import verify_chain, verify_log
    from db.store.engine import database_url, sqlite_engine
    from db.store.key_mark import missing_pictures, stored_mark
    from db.store.schema import current_revision, head_revision

    url = database_url(workspace)
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite and not Path(str(url.database)).exists():  # connecting would make it
        yield Diagnosis(Grade.PASS, "Database", "none yet; intake makes it")
        return
    if not is_sqlite and not find_spec("psycopg"):
        raise EchoDeskError("PostgreSQL needs the psycopg package", f"Type: {pip_install('postgres')}")
    engine = (
        sqlite_engine(url, begin="BEGIN", query_only=True)
        if is_sqlite
        else create_engine(url, isolation_level="REPEATABLE READ")  # one view, while others decide
    )
    try:
        with engine.connect() as connection:
            current, head = current_revision(connection), head_revision(connection)
        kind = "SQLite" if is_sqlite else f"PostgreSQL at {url.host or 'the local socket'}"
        if current != head:
            found = f"{kind}, schema {current or 'none'}, this program uses {head}"
            yield Diagnosis(Grade.WARN, "Database", found, "The next verb backs it up and migrates it.")
            return
        yield Diagnosis(Grade.PASS, "Database", f"{kind}, schema {current}")
        chain = verify_log(lambda: Session(engine)) if is_sqlite else None
        with Session(engine) as session:
            chain = chain or verify_chain(session)
            missing, pictures = missing_pictures(session, workspace)
            left = len(still_here(session, workspace))
            unnoted = len(not_noted(session, workspace))
            mark = stored_mark(session)
        if chain.bad_id is None:
            yield Diagnosis(Grade.PASS, "Event log", f"{chain.events} events, chain unbroken")
        else:
            fix = "Somebody changed the log by hand: compare with a backup before going on."
            yield Diagnosis(Grade.FAIL, "Event log", f"broken at event {chain.bad_id}: {chain.reason}", fix)
        yield from _pictures(missing, pictures)
        yield from _patients(workspace, mark)
        yield from _withdrawn(left, unnoted)
    finally:
        engine.dispose()
