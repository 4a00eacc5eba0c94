"""Gradio without the type stubs that it writes beside its own files whenever it is imported.

For each of its components it renders a stub and compares it with the file: 1.1 of the 2.7 seconds that an
import takes a processor. Editors need the stubs; a program that runs does not, and where several start
together they write the same files.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final

WRITES_STUBS: Final = "gradio.component_meta"


class _WithoutStubs(MetaPathFinder):
    """Finds the one module that writes the stubs, and has it write none."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != WRITES_STUBS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            # Its loader is of this import alone.
            loader: Any = spec.loader
            load = loader.exec_module

            def load_and_silence(module: Any) -> None:
                load(module)
                module.create_or_modify_pyi = lambda *_: None

            loader.exec_module = load_and_silence
        return spec


def leave_stubs_alone() -> None:
    """Have Gradio, imported from here on, write no stubs; where it is imported already, nothing changes."""
    if not any(isinstance(finder, _WithoutStubs) for finder in sys.meta_path):
        sys.meta_path.insert(0, _WithoutStubs())
