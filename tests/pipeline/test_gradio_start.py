"""Gradio writes its type stubs whenever a component is defined; with EchoDesk it does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

COMPONENT = "import gradio.components\n\nclass Ours(gradio.components.Textbox):\n    EVENTS = []\n"
START = "from pipeline.gradio_start import leave_stubs_alone\nleave_stubs_alone()\nleave_stubs_alone()\n"


def defines_a_component(folder: Path, start: str) -> set[str]:
    """The files of a folder in which a program defines a component of its own."""
    folder.mkdir()
    (folder / "ours.py").write_text(COMPONENT)
    code = f"{start}import sys\nsys.path.insert(0, {str(folder)!r})\nimport ours\nours.Ours(label='x')"
    subprocess.run([sys.executable, "-c", code], check=True)
    return {file.name for file in folder.iterdir() if file.is_file()}


def test_no_stub_is_written_and_components_work(tmp_path: Path) -> None:
    assert defines_a_component(tmp_path / "with-us", START) == {"ours.py"}


@pytest.mark.slow
def test_gradio_by_itself_writes_one(tmp_path: Path) -> None:
    """Where that ends, ours may go."""
    assert "ours.pyi" in defines_a_component(tmp_path / "alone", "")
