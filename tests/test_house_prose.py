"""A file that prose names is there, in documents, docstrings and comments; and documents fit a screen."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache

import pytest
from house_tree import PACKAGES, ROOT, tracked_files

# What these say was so on its day; a migration is never changed again.
OF_ITS_DAY = ("CHANGELOG.md", "docs/decisions.md", "db/store/migrations/versions/")
NAMED = re.compile(r"(?<![\w/.*{<-])((?:[A-Za-z_]\w*/)*[a-z_]\w*\.py)\b")
# Lists that `make docs` writes, a line for each module and option.
GENERATED = ("docs/commands.md", "docs/modules.md")
MOST_COLUMNS = 110
# What can't be broken or is no prose: code, where a link leads, a picture, a row of a table.
UNBROKEN = re.compile(r"`[^`]*`|\]\([^)]*\)|^!\[.*|^\s*\|.*|^ {4}.*")
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


def missing(prose: str, there: frozenset[str]) -> list[str]:
    """Files that it names and that are not there; one named without its package may lie in any folder."""
    endings = endings_of_all(there)
    return [
        name for name in NAMED.findall(prose) if name not in (there if name.startswith(TOPS) else endings)
    ]


@cache
def endings_of_all(there: frozenset[str]) -> frozenset[str]:
    """Each path, and what is left of it without its first folders."""
    parts = [path.split("/") for path in there]
    return frozenset("/".join(steps[start:]) for steps in parts for start in range(len(steps)))


@pytest.fixture(scope="module")
def there() -> frozenset[str]:
    return frozenset(tracked_files("*.py"))


def written() -> list[str]:
    """Everything with prose in it that speaks of today."""
    return [path for path in tracked_files("*.md", "*.py") if not path.startswith(OF_ITS_DAY)]


def test_every_file_that_prose_names_is_there(there: frozenset[str]) -> None:
    # Code may name such a file in a string of its own; only where one is missing is prose told from code.
    doubtful = [path for path in written() if missing((ROOT / path).read_text(encoding="utf-8"), there)]
    found = {path: names for path in doubtful if (names := missing("\n".join(prose_of(path)), there))}
    assert found == {}


def test_a_file_that_has_moved_is_noticed() -> None:
    there = frozenset({"db/cases.py", "db/store/images.py", "tests/db/images.py"})
    assert missing("see `db/images.py` and `gone.py`", there) == ["db/images.py", "gone.py"]
    assert missing("see `db/cases.py`, `store/images.py`, `images.py`", there) == []
    assert missing("`NAME.py`, `qwen_*.py`, `<name>/part.py`", there) == []


def too_long(document: str) -> list[int]:
    """Numbers of a document's lines of prose that reach beyond the last column."""
    found, is_code = [], False
    for number, line in enumerate(document.splitlines(), start=1):
        if line.lstrip().startswith("```"):
            is_code = not is_code
        elif not is_code and len(UNBROKEN.sub("", line)) > MOST_COLUMNS:
            found.append(number)
    return found


def test_no_line_of_a_document_reaches_beyond_the_last_column() -> None:
    documents = [path for path in tracked_files("*.md") if path not in GENERATED]
    long = {path: too_long((ROOT / path).read_text(encoding="utf-8")) for path in documents}
    assert {path: lines for path, lines in long.items() if lines} == {}


def test_no_document_holds_both_sides_of_a_merge() -> None:
    sides = re.compile(r"^(?:<{7}|>{7})\s", re.MULTILINE)
    documents = [path for path in tracked_files() if path.endswith(".md")]
    assert [path for path in documents if sides.search((ROOT / path).read_text(encoding="utf-8"))] == []


def test_a_line_of_prose_is_as_long_as_its_words() -> None:
    word = "x" * 111
    assert too_long(word) == [1]
    unbroken = f"```\n{word}\n```\n| {word} |\n    {word}\n`{word}`\n![{word}](a.png)\n[a]({word})"
    assert too_long(unbroken) == []
