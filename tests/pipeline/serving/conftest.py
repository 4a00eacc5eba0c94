"""Everybody around the relay, in one process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from relay_scene import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Everybody at once, without faults."""
    opened = Scene(tmp_path / "relay")
    yield opened
    opened.close()
