"""Where a reader failed: the last line of ours on the way, wherever EchoDesk is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from labeling.readers import base
from labeling.readers.base import describe_failure


def failed_in(*files: Path) -> BaseException:
    """An error that came through these files; the last of them raised it."""
    chain = "1 / 0"
    for file in reversed(files):
        chain = f"exec(compile({chain!r}, {str(file)!r}, 'exec'))"
    try:
        exec(chain)  # noqa: S102 - frames of files that are not there
    except ZeroDivisionError as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize("folder", ["echodesk", "venv/lib/python3.11/site-packages"])
def test_the_place_is_told_in_a_clone_and_where_it_is_installed(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / folder
    monkeypatch.setattr(base, "_ROOT", root)
    ours, theirs = root / "labeling" / "words" / "rapid_ocr.py", root / "rapidocr" / "main.py"
    assert describe_failure(failed_in(ours, theirs)) == (
        "the reader failed (ZeroDivisionError, labeling/words/rapid_ocr.py line 1)"
    )


def test_no_place_is_told_of_packages_in_an_environment_within_a_clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "_ROOT", tmp_path)
    theirs = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages" / "rapidocr" / "main.py"
    assert describe_failure(failed_in(theirs)) == "the reader failed (ZeroDivisionError)"
