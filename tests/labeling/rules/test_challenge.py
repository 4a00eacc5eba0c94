"""The rules reader against an independently written challenge set (see challenge/README.md)."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from db.labels import Findings
from labeling.rules.report import read_report_text

FOLDER = Path(__file__).parent / "challenge"
SCORED = (
    "ef_percent",
    "ef_low",
    "ef_high",
    "ef_operator",
    "ef_state",
    "rwma",
    "rwma_severity",
    "pah",
    "rvsp_mmhg",
)
# Share of lines right that every part must reach; a little below today's score, so that a rule that breaks a
# field fails here while one odd line does not. The parts' first, blind scores are in docs/benchmark.md.
FLOORS: dict[str, float] = {**dict.fromkeys(SCORED, 0.97), "rwma_walls": 0.80}
PARTS = ("a", "b", "c")


def load_part(part: str) -> list[dict[str, Any]]:
    """All lines of one part (`a`, `b` or `c`), files in name order."""
    paths = sorted(FOLDER.glob(f"*_{part}.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]


def scored_fields(item: dict[str, Any]) -> tuple[str, ...]:
    """The fields this line has an answer for; walls only where the author named them."""
    return (*SCORED, "rwma_walls") if "rwma_walls" in item["gold"] else SCORED


def is_right(item: dict[str, Any], field: str, got: Any) -> bool:
    """Whether `got` is the gold answer or an accepted one; numbers to a hundredth, walls as sets."""
    for answer in (item["gold"][field], *item["accept"].get(field, [])):
        if field == "rwma_walls":
            if set(got) == set(answer):
                return True
        elif isinstance(answer, int | float) and isinstance(got, int | float):
            if abs(answer - got) < 0.01:
                return True
        elif got == answer:
            return True
    return False


def misses(item: dict[str, Any]) -> dict[str, Any]:
    """Field -> what the reader answered, for the fields it got wrong on this line."""
    got = read_report_text(item["text"]).findings.model_dump(mode="json")
    return {field: got[field] for field in scored_fields(item) if not is_right(item, field, got[field])}


@cache
def accuracy(part: str) -> dict[str, tuple[int, int]]:
    """Field -> (lines right, lines scored) over one part."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for item in load_part(part):
        wrong = misses(item)
        for field in scored_fields(item):
            total[field] += 1
            right[field] += field not in wrong
    return {field: (right[field], total[field]) for field in total}


@pytest.mark.parametrize("part", PARTS)
def test_every_challenge_answer_is_a_record_the_codebook_allows(part: str) -> None:
    for item in load_part(part):
        Findings.model_validate(item["gold"])
        assert set(item["accept"]) <= {*SCORED, "rwma_walls"}, item["id"]


def test_every_theme_has_lines_in_both_halves() -> None:
    themes = [{item["theme"] for item in load_part(part)} for part in ("a", "b")]
    assert themes[0] == themes[1]
    assert len(load_part("a")) >= 130 and len(load_part("b")) >= 130


def test_challenge_ids_and_texts_are_unique() -> None:
    items = [item for part in PARTS for item in load_part(part)]
    assert len({item["id"] for item in items}) == len(items)
    assert len({item["text"] for item in items}) == len(items)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("field", sorted(FLOORS))
def test_the_reader_reaches_the_floor_of_each_field(part: str, field: str) -> None:
    right, total = accuracy(part)[field]
    assert right / total >= FLOORS[field], f"{field}: {right} of {total} right on part {part}"
