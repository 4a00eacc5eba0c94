"""The one step of a build that `pyproject.toml` can't say: two documents of the desk go into the wheel."""

from __future__ import annotations

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

# Read by `review_ui/documents.py`. In a clone, and in an editable installation, they are read in `docs/`.
DOCUMENTS = ("codebook.md", "quality.md")


class BuildWithDocuments(build_py):
    """Copies modules and package data, and beside them the documents that the desk shows."""

    def run(self) -> None:
        """Build; an editable build copies nothing."""
        super().run()
        if self.editable_mode:
            return
        folder = Path(self.build_lib) / "review_ui" / "documents"
        self.mkpath(str(folder))
        for name in DOCUMENTS:
            self.copy_file(str(Path("docs") / name), str(folder / name))


setup(cmdclass={"build_py": BuildWithDocuments})
