"""A command in a sentence can be typed as it stands: it names the workspace it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.files.as_typed import as_typed


@pytest.mark.parametrize(
    ("sentence", "typed"),
    [
        ("Next: echodesk extract", "Next: echodesk --workspace 'my echo' extract"),
        ("echodesk runs, or echodesk demo.", "echodesk --workspace 'my echo' runs, or echodesk demo."),
        ("echodesk --workspace x review", "echodesk --workspace x review"),
        ("echodesk snapshot diff A B --workspace DIR.", "echodesk snapshot diff A B --workspace DIR."),
        (
            "echodesk status, or echodesk diff --workspace x",
            "echodesk --workspace 'my echo' status, or echodesk diff --workspace x",
        ),
        ("echodesk: the page is blue", "echodesk: the page is blue"),
        ("EchoDesk extract", "EchoDesk extract"),
    ],
)  # fmt: skip
def test_every_command_names_the_folder_and_nothing_else_changes(sentence: str, typed: str) -> None:
    assert as_typed(sentence, Path("my echo")) == typed
    assert as_typed(sentence, Path("workspace")) == sentence
    assert as_typed(sentence, None) == sentence
