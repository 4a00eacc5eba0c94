"""The pages that `echodesk bench` reads: named, or invented."""

from __future__ import annotations

from pathlib import Path

from db.errors import WrongUse
from pipeline.commands.progress import progress


def files_of(paths: list[Path]) -> list[Path]:
    """The page files named, folders opened.

    Raises:
        WrongUse: there is none.
    """
    from labeling.intake.files import find_files

    found, _ = find_files(paths)
    if not found:
        raise WrongUse("there are no report pages to read", "Name picture files, PDFs or folders of them.")
    return [file.path for file in found]


def invented_pages(folder: Path, patients: int) -> list[Path]:
    """Report files of a small demo cohort."""
    from pipeline.demo.cohort import build_cohort

    with progress("Printing and photographing", "patients") as advance:
        build_cohort(folder, patients=patients, on_progress=advance)
    return sorted((folder / "reports").iterdir())
