"""The invented reports that the expectation learns from; see `texts/README.md`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from labeling.rules.expectation.expectation import answer_of
from labeling.rules.expectation.numbers import NUMBERS

TEXTS: Final = Path(__file__).with_name("texts")


@dataclass(frozen=True)
class KnownText:
    """An invented report.

    Attributes:
        source: the set it was written for; texts of a set are by one hand.
        answers: column -> what is judged of it (`expectation.answer_of`), where it is beyond doubt.
        numbers: column -> its number or None, where it is beyond doubt.
    """

    source: str
    text: str
    answers: Mapping[str, str]
    numbers: Mapping[str, float | None] = field(default_factory=dict)


def read_texts(folder: Path = TEXTS) -> list[KnownText]:
    """All texts, by set and place in it."""
    return [
        _known(path.stem, json.loads(line))
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    ]


def _known(source: str, row: Mapping[str, Any]) -> KnownText:
    answers = {column: answer_of(value) for column, value in row["answers"].items()}
    numbers = {column: row["answers"][column] for column in NUMBERS if column in row["answers"]}
    return KnownText(source, row["text"], answers, numbers)


def fingerprint(texts: Sequence[KnownText]) -> str:
    """A hash of texts and answers: weights say which they were taught."""
    told = [
        [known.source, known.text, sorted(known.answers.items()), sorted(known.numbers.items())]
        for known in texts
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:16]
