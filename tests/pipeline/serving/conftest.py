"""Everybody around the relay, in one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from relay_scene import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Everybody at once, without faults."""
    opened = Scene(tmp_path / "relay")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def place(built_once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    """A bundle to read, its run and snapshot beside it."""
    from made_bundles import made_bundle

    return next((built_once("bundle", made_bundle) / "bundles").glob("[!.]*"))
