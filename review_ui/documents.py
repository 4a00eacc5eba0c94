"""Documents that the desk shows to people: beside the code in a wheel, in `docs/` in a clone."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from db.errors import EchoDeskError

_IN_A_WHEEL: Final = Path(__file__).resolve().parent / "documents"  # put there by `setup.py`
_IN_A_CLONE: Final = Path(__file__).resolve().parents[1] / "docs"


def document_file(name: str) -> Path:
    """Where a document of `docs/` lies in this installation; nothing is promised about its being there."""
    return (_IN_A_WHEEL if _IN_A_WHEEL.is_dir() else _IN_A_CLONE) / name


def document_text(file: Path, if_missing: str) -> str:
    """What stands in a document.

    Raises:
        EchoDeskError: `if_missing`, where it can't be read.
    """
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise EchoDeskError(if_missing, f"It belongs at {file}. Install EchoDesk anew.") from error
