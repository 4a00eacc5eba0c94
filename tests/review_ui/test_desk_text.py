"""Every sentence lives in one file, and every one of them is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from review_ui import text

ASSETS = Path(text.__file__).parent / "assets"
SOURCES = {path.name: path.read_text() for path in ASSETS.iterdir() if path.suffix in {".js", ".html"}}


def used_keys() -> set[str]:
    keys: set[str] = set()
    for source in SOURCES.values():
        keys |= set(re.findall(r'data-(?:text|label|placeholder)="(\w+)"', source))
        keys |= set(re.findall(r"\btext\.(\w+)", source))
    return keys


def test_the_page_asks_for_no_sentence_that_is_missing() -> None:
    assert used_keys() - {"length", "trim"} <= set(text.DESK)


def test_no_sentence_is_left_over() -> None:
    by_state = {"busy", "failed", "signed_out", "offline"}  # looked up by the state of an answer
    assert set(text.DESK) - used_keys() - by_state - {"opening"} == set()


@pytest.mark.parametrize("name", sorted(name for name in SOURCES if name.endswith(".js")))
def test_scripts_hold_no_sentence_of_their_own_and_no_markup_from_outside(name: str) -> None:
    code = "\n".join(line.split("//")[0] for line in SOURCES[name].splitlines())
    assert not re.findall(r'"[A-Z][a-z]+ [a-z]+ [a-z]+', code)
    assert "innerHTML" not in code
    assert "outerHTML" not in code
    assert "insertAdjacentHTML" not in code
    assert "document.write" not in code
    assert "eval(" not in code
    assert "localStorage" not in code
    assert "sessionStorage" not in code


def test_the_words_are_calm() -> None:
    sentences = [value for value in vars(text).values() if isinstance(value, str)] + list(text.DESK.values())
    assert not [sentence for sentence in sentences if re.search(r"!(?!r})", sentence) or "error" in sentence.lower()]
