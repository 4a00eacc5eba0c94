"""A file that prose names is there: in documents, docstrings and comments."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

import pytest
from house_tree import PACKAGES, ROOT, tracked_files

# What these say was so on its day; a migration is never changed again.
OF_ITS_DAY = ("CHANGELOG.md", "docs/decisions.md", "db/store/migrations/versions/")
NAMED = re.compile(r"(?<![\w/.*{<-])((?:[A-Za-z_]\w*/)*[a-z_]\w*\.py)\b")
TOPS = (*(f"{package}/" for package in PACKAGES), "tests/")


def prose_of(path: str) -> Iterator[str]:
    """The text of a document; docstrings and comments of a module."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if not path.endswith(".py"):
        yield text
        return
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, documented):
            yield ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def missing(prose: str, there: set[str]) -> list[str]:
    """Files that it names and that are not there; one named without its package may lie in any folder."""
    endings = {ending for path in there for ending in endings_of(path)}
    return [
        name for name in NAMED.findall(prose) if name not in (there if name.startswith(TOPS) else endings)
    ]


def endings_of(path: str) -> Iterator[str]:
    """The path, and what is left of it without its first folders."""
    parts = path.split("/")
    return ("/".join(parts[start:]) for start in range(len(parts)))


@pytest.fixture(scope="module")
def there() -> set[str]:
    return set(tracked_files("*.py"))


def written() -> list[str]:
    """Everything with prose in it that speaks of today."""
    return [path for path in tracked_files("*.md", "*.py") if not path.startswith(OF_ITS_DAY)]


def test_every_file_that_prose_names_is_there(there: set[str]) -> None:
    found = {path: names for path in written() if (names := missing("\n".join(prose_of(path)), there))}
    assert found == {}


def test_a_file_that_has_moved_is_noticed() -> None:
    there = {"db/cases.py", "db/store/images.py", "tests/db/images.py"}
    assert missing("see `db/images.py` and `gone.py`", there) == ["db/images.py", "gone.py"]
    assert missing("see `db/cases.py`, `store/images.py`, `images.py`", there) == []
    assert missing("`NAME.py`, `qwen_*.py`, `<name>/part.py`", there) == []
