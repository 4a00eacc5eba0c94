"""The repository as the house tests see it: its root, its tracked files, their imports."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("db", "labeling", "review_ui", "pipeline")


def tracked_files(*patterns: str) -> list[str]:
    """Paths git knows and that exist, relative to the root, sorted."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--", *patterns],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def our_python_files() -> list[str]:
    """Every tracked module of the four packages."""
    return tracked_files(*(f"{package}/*.py" for package in PACKAGES))


@dataclass(frozen=True)
class Import:
    """One imported name: `from labeling import intake` is `labeling.intake.register`.

    Attributes:
        is_at_top: runs when the module is imported (not in a function, not under TYPE_CHECKING).
        is_for_types: stands under `if TYPE_CHECKING`.
    """

    name: str
    line: int
    is_at_top: bool
    is_for_types: bool


@cache
def imports_of(source: str) -> tuple[Import, ...]:
    """Every import statement in a module, wherever it stands."""

    def walk(node: ast.AST, at_top: bool, for_types: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, at_top, for_types)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise AssertionError(f"line {node.lineno}: relative import; write the full name")
            for alias in node.names:
                yield Import(f"{node.module}.{alias.name}", node.lineno, at_top, for_types)
        elif isinstance(node, ast.If) and _is_type_checking(node.test):
            for child in node.body:
                yield from walk(child, False, True)
            for child in node.orelse:
                yield from walk(child, at_top, for_types)
        else:
            inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for child in ast.iter_child_nodes(node):
                yield from walk(child, at_top and not inside, for_types)

    return tuple(walk(ast.parse(source), True, False))


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )
