"""Python, Tesseract, SQLite, Chromium and the system: what is there, and whether it will do."""

from __future__ import annotations

from collections.abc import Iterator

from db.workspace import Workspace
from pipeline.diagnosis import Diagnosis, Grade
from pipeline.doctor.surroundings import Surroundings, dotted

OLDEST_PYTHON = (3, 11)
OLDEST_TESSERACT = (4, 1)
CHROMIUM_NAMES = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")


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


def check_chromium(surroundings: Surroundings) -> Diagnosis:
    """Only the browser tests need it."""
    found = next((name for name in CHROMIUM_NAMES if surroundings.which(name)), None)
    return Diagnosis(Grade.PASS, "Chromium", found or "not installed; only the browser tests need it")


def check_foreign_files(surroundings: Surroundings) -> Diagnosis:
    """Whether this system holds the processes that open files from elsewhere to a size."""
    from db.apart.limits import MEMORY_BYTES, STEP_S

    name, time_limit = "Files from elsewhere", f"ended after {STEP_S:.0f} s a page"
    if surroundings.system == "linux":
        return Diagnosis(Grade.PASS, name, f"{time_limit} or at {MEMORY_BYTES // 10**6} MB")
    return Diagnosis(
        Grade.WARN,
        name,
        f"{time_limit}; their memory has no limit, because only Linux holds one",
        "Keep other programs with unsaved work closed during intake, or take files of strangers in on Linux.",
    )
