"""The names of a record's columns are written down in one place: a new one is then missed nowhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from house_tree import ROOT, our_python_files

from db.labels import Findings

COLUMNS = frozenset(Findings.model_fields)
# This many of them together are a list of the record's columns, and there is one (`db/fields/names.py`).
TOO_MANY = 3

# Where the record itself is declared.
HOME = ("db/fields/", "db/labels.py", "db/tables/", "db/store/migrations/")

# Texts and forms that others hold us to, word for word.
CONTRACTS = {
    "labeling/benchmark/gold.py": "the columns of a file of hand labels, as whoever typed it named them",
    "labeling/readers/answer_schema.py": "the form a model answers in: its keys in their order, released",
    "labeling/readers/parse.py": "the same form, filled in",
    "labeling/readers/prompts.py": "released prompts: every word counts",
    "review_ui/desk/page_record.py": "the answers of the page in JSON, as its JavaScript has them",
    "review_ui/text/__init__.py": "the words of the page's chips, by the same names",
}


def listed_columns(tree: ast.AST) -> Iterator[tuple[int, set[str]]]:
    """Line and names of every literal and every text (a docstring is none) with names of columns."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in docstrings:
            continue
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            yield node.lineno, _texts(node.elts)
        elif isinstance(node, ast.Dict):
            yield node.lineno, _texts(node.keys)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.replace(",", " ").replace(".", " ").split()
            yield node.lineno, set(words)


def _texts(nodes: list[ast.expr] | list[ast.expr | None]) -> set[str]:
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def problems(source: str) -> list[str]:
    if sum(name in source for name in COLUMNS) < TOO_MANY:  # most modules: they need not be taken apart
        return []
    found = [(line, names & COLUMNS) for line, names in listed_columns(ast.parse(source))]
    return [f"line {line}: {', '.join(sorted(names))}" for line, names in found if len(names) >= TOO_MANY]


def test_the_columns_of_a_record_are_listed_in_one_place() -> None:
    paths = [path for path in our_python_files() if not path.startswith(HOME)]
    found = {path: problems((ROOT / path).read_text(encoding="utf-8")) for path in paths}
    listing = {path: said for path, said in found.items() if said}
    assert {path: said for path, said in listing.items() if path not in CONTRACTS} == {}, (
        "take them from db/fields/names.py, or say them with of_fields(...) or ByColumn(...)"
    )
    assert set(CONTRACTS) <= set(listing), "some list none any more: take them off CONTRACTS"


@pytest.mark.parametrize(
    "source",
    ['A = ("ef_percent", "rwma", "pah")', 'A = {"rwma": 1, "pah": 2, "rvsp_mmhg": 3}',
     'A = "SELECT review.ef_percent, rwma, pah FROM review"', 'A = "rwma pah ef_state".split()'],
)  # fmt: skip
def test_a_list_of_columns_is_found(source: str) -> None:
    assert problems(source)


@pytest.mark.parametrize(
    "source",
    ['A = ("ef", "rwma", "pah")', '"""ef_percent, rwma, pah."""', "A = f(ef_percent=1, rwma=2, pah=3)"],
)
def test_cards_prose_and_named_arguments_are_no_list(source: str) -> None:
    assert problems(source) == []
