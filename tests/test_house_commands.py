"""Commands are thin, folders can be read, functions fit a head, and lines fit a screen."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from house_tree import ROOT, imports_of, our_python_files, tracked_files

MOST_LINES_OF_A_COMMAND = 150
MOST_FILES_IN_A_FOLDER = 20
MOST_BRANCHES = 12
MOST_COLUMNS = 110

# What a command leaves to its room: asking the database, arithmetic on arrays, patterns.
NOT_OF_A_COMMAND = ("sqlalchemy", "sqlmodel", "numpy", "re", "scipy", "pandas")
# SQL in a text; English says "select" and "from" too, so both must stand in it as SQL writes them.
SQL = re.compile(r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM)\b.*\b(?:FROM|VALUES|SET|WHERE)\b", re.DOTALL)
# Each of these chooses its way: with more than a dozen in one function nobody holds it in mind.
BRANCHES = (
    ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.comprehension, ast.match_case,
)  # fmt: skip
# Tools read these to the end of the line, so a line is as long as what stands before them.
PRAGMA = re.compile(r"\s*#\s*(?:type: ignore|noqa)\b.*$")


def commands() -> list[str]:
    """The files of the command line's verbs."""
    return [path for path in our_python_files() if path.startswith("pipeline/commands/")]


def read(path: str) -> str:
    """A tracked file."""
    return (ROOT / path).read_text(encoding="utf-8")


def work_of_a_room(source: str) -> list[str]:
    """What a command does that is not parsing, calling and printing."""
    found = [
        f"line {one.line} imports {one.name}"
        for one in imports_of(source)
        if one.name.split(".")[0] in NOT_OF_A_COMMAND and not one.is_for_types
    ]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value):
            found.append(f"line {node.lineno} holds SQL")
    return found


def branches_of(function: ast.AST) -> int:
    """How many ways a function can go: branches, loops, handlers, comprehensions, further `and` and `or`."""
    return sum(
        len(node.values) - 1 if isinstance(node, ast.BoolOp) else isinstance(node, BRANCHES)
        for node in ast.walk(function)
    )


def winding_functions(source: str) -> list[tuple[str, int]]:
    """(name, branches) of the functions with too many."""
    functions = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    counted = [(one.name, branches_of(one)) for one in functions]
    return [(name, branches) for name, branches in counted if branches > MOST_BRANCHES]


def long_lines(source: str) -> Iterator[int]:
    """Numbers of the lines that reach beyond the last column."""
    for number, line in enumerate(source.splitlines(), start=1):
        if len(PRAGMA.sub("", line)) > MOST_COLUMNS:
            yield number


def hand_written() -> list[str]:
    """Our modules without the migrations, which are never changed again."""
    return [path for path in our_python_files() if "/migrations/versions/" not in path]


@pytest.mark.parametrize("path", commands())
def test_a_command_parses_calls_and_prints(path: str) -> None:
    assert work_of_a_room(read(path)) == []


def test_no_file_of_the_commands_is_longer_than_one_screenful_or_three() -> None:
    lengths = {path: read(path).count("\n") for path in commands()}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES_OF_A_COMMAND} == {}


def test_no_folder_holds_more_files_than_can_be_overlooked() -> None:
    folders = Counter(path.rpartition("/")[0] for path in hand_written() if not path.endswith("/__init__.py"))
    assert {name: files for name, files in folders.items() if files > MOST_FILES_IN_A_FOLDER} == {}


def test_no_function_has_more_branches_than_a_head_holds() -> None:
    assert {path: found for path in hand_written() if (found := winding_functions(read(path)))} == {}


def test_no_line_reaches_beyond_the_last_column() -> None:
    paths = [path for path in tracked_files("*.py") if "/migrations/versions/" not in path]
    assert {path: found for path in paths if (found := list(long_lines(read(path))))} == {}


@pytest.mark.parametrize(
    "source",
    ["import numpy as np", "def f():\n    from sqlmodel import select", "import re", "q = 'SELECT a FROM b'"],
)
def test_work_in_a_command_is_noticed(source: str) -> None:
    assert work_of_a_room(source)


def test_a_type_of_a_session_and_a_word_of_english_are_no_work() -> None:
    assert not work_of_a_room("if TYPE_CHECKING:\n    from sqlmodel import Session")
    assert not work_of_a_room("say('Select a folder from the list')")


def test_every_way_through_a_function_is_counted() -> None:
    source = "def f(a):\n    if a and a or a:\n        return [b for b in a if b] if a else 1"
    assert branches_of(ast.parse(source)) == 5
    assert winding_functions("def f(a):\n" + "    if a: pass\n" * 13) == [("f", 13)]
    assert winding_functions("def f(a):\n" + "    if a: pass\n" * 12) == []


def test_a_line_is_as_long_as_what_people_read_of_it() -> None:
    assert list(long_lines("x" * 110 + "\n" + "x" * 111)) == [2]
    assert list(long_lines("x" * 105 + "  # noqa: S104 - the address is the point")) == []


def test_no_two_files_of_tests_have_one_name() -> None:
    names = Counter(path.rpartition("/")[2] for path in tracked_files("tests/*.py"))
    twice = {name for name, files in names.items() if files > 1} - {"__init__.py", "conftest.py"}
    assert twice == set()
