"""Every sentence lives in one folder, and every one of them is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import review_ui
from review_ui import text
from review_ui.text import door, queue, reasons

ASSETS = Path(review_ui.__file__).parent / "assets"
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
    rooms = (text, door, queue, reasons)
    sentences = [value for room in rooms for value in vars(room).values() if isinstance(value, str)]
    sentences += [*text.DESK.values(), *reasons.REASONS.values()]
    assert not [
        sentence for sentence in sentences if re.search(r"!(?!r})", sentence) or "error" in sentence.lower()
    ]


STYLE = (ASSETS / "desk.css").read_text()

# What is written on what: every pair of colours a sentence can have.
WRITTEN_ON = [
    ("ink", "panel"), ("ink", "pane"), ("muted", "panel"), ("muted", "pane"), ("muted", "cap"),
    ("red", "red-soft"), ("amber", "amber-soft"), ("green", "green-soft"), ("on-accent", "accent"),
]  # fmt: skip


def colours(scheme: str) -> dict[str, str]:
    light, dark = STYLE.split("@media (prefers-color-scheme: dark)", 1)
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark.split("\n  }", 1)[0]))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), WRITTEN_ON)
def test_every_word_has_enough_contrast(scheme: str, ink: str, ground: str) -> None:
    """At least 4.5:1. Source: WCAG 2.2, success criterion 1.4.3 (AA)."""
    found = colours(scheme)
    lighter, darker = sorted((luminance(found[ink]), luminance(found[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
