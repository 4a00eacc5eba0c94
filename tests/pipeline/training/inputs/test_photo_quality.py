"""Photographs are looked over evenly, counted by their gravest fault, and never refused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.training.inputs.photo_quality import PhotoQuality, gravest_fault, look_over
from pipeline.training.reporting import Silent


class Kept(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def files(n: int) -> list[Path]:
    return [Path(f"{number}.jpg") for number in range(n)]


def blurred_below(limit: int) -> object:
    return lambda file: "blurred" if int(file.stem) < limit else None


def test_they_are_spread_over_all_of_them_and_every_one_is_judged_once() -> None:
    seen: list[int] = []

    def find_fault(file: Path) -> None:
        seen.append(int(file.stem))

    look_over(files(101), 5, Kept(), find_fault=find_fault)
    assert sorted(seen) == [0, 25, 50, 75, 100]


def test_fewer_than_asked_for_are_all_looked_at() -> None:
    quality = look_over(files(3), 24, Kept(), find_fault=lambda _: None)
    assert quality == PhotoQuality(3, 3, {})


def test_faults_are_counted_by_reason_and_said() -> None:
    reporter = Kept()
    quality = look_over(files(40), 40, reporter, find_fault=blurred_below(3))  # type: ignore[arg-type]
    assert quality is not None
    assert quality.as_json() == {
        "photographs": 40, "looked_at": 40, "unusable": 3, "reasons": {"blurred": 3},
    }  # fmt: skip
    assert reporter.lines == ["looked over 40 of 40 photographs: 3 unusable (3 blurred)"]


@pytest.mark.parametrize(("faulty", "is_warned"), [(4, False), (5, True)])
def test_more_than_one_in_ten_is_warned_about(faulty: int, is_warned: bool) -> None:
    reporter = Kept()
    look_over(files(40), 40, reporter, find_fault=blurred_below(faulty))  # type: ignore[arg-type]
    assert reporter.lines[0].startswith("warning: ") is is_warned
    assert ("doctor --photo" in reporter.lines[0]) is is_warned


def test_none_is_looked_at_when_none_is_asked_for() -> None:
    reporter = Kept()
    assert look_over(files(40), 0, reporter) is None
    assert reporter.lines == []


def test_a_real_judgement_names_the_fault_and_leaves_what_cannot_be_read_to_others(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "small.png"), np.full((60, 80, 3), 200, np.uint8))
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    assert gravest_fault(tmp_path / "small.png") == "too_small"
    assert gravest_fault(tmp_path / "broken.jpg") is None
