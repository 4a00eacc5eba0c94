"""What every test stands on: a clean environment, and programs that are there or named as missing.

A test says what it needs by marker (`tesseract`, `browser`, `postgres`). Where that is missing the test is
skipped with the reason; with CI=true it fails, so that a green run there means everything ran.
"""

from __future__ import annotations

import fcntl
import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from pipeline.logs import stop_logging
from pipeline.setup.system_packages import CHROMIUM, POSTGRESQL, TESSERACT, Machine, SystemNeed

NEEDS: dict[str, SystemNeed] = {"tesseract": TESSERACT, "browser": CHROMIUM, "postgres": POSTGRESQL}

# Folders whose tests train, serve or start programs.
LONG = ("training", "evaluation", "serving", "door", "extraction", "commands", "qwen")


def pytest_configure() -> None:
    """Take the developer's own settings away, before any test module is imported."""
    for name in [name for name in os.environ if name.startswith("ECHODESK_")]:
        del os.environ[name]
    gc.set_threshold(50_000, 20, 50)
    # How long an example takes says how busy the machine is.
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Take the long files first, so that no process ends with one, and those that drive a browser last.

    A browser's event loop stays in the process that opened it: a test that starts a loop of its own must
    have run before.
    """
    opens_a_browser = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: (item.path in opens_a_browser, _when(item.path)))


def _when(file: Path) -> int:
    """Where among the tests a file comes: the folders of long tests in their order, then the others."""
    parts = file.parts
    return next((place for place, name in enumerate(LONG) if name in parts), len(LONG))


def pytest_collection_finish() -> None:
    """Leave what every test stands on out of the search for garbage.

    Hundreds of modules with thousands of tests would be walked through again and again: a quarter of the
    time that collecting them takes.
    """
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let the end of the program tidy up as ever."""
    gc.unfreeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose program is missing, by name; fail it in CI."""
    machine = Machine()
    for marker, need in NEEDS.items():
        if item.get_closest_marker(marker) is None or machine.has(need):
            continue
        reason = f"{need.title} is not installed. {machine.what_to_type(need)}"
        if machine.is_ci:
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed, migrated SQLite file to copy: faster than migrating for every test."""
    from db.store.engine import open_database
    from db.workspace import Workspace

    workspace = Workspace(workspace=tmp_path_factory.mktemp("sqlite") / "workspace")
    open_database(workspace).close()
    return workspace.database_file


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Folders that take seconds to make and are only read: made by the first test process that asks."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def build(name: str, make: Callable[[Path], object]) -> Path:
        folder, being_made = shared / f"built-{name}", shared / f"built-{name}-{os.getpid()}"
        with (shared / f"built-{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                make(being_made)
                being_made.rename(folder)
        return folder

    return build


@pytest.fixture(autouse=True)
def _what_the_command_sets_ends_with_the_test() -> Iterator[None]:
    """Logging, to a stream that is closed afterwards, and the mask that keeps what is written from others."""
    mask = os.umask(0o022)
    os.umask(mask)
    yield
    os.umask(mask)
    stop_logging()
