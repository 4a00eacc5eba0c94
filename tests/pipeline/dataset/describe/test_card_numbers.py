"""How the card writes shares, means and medians, and its plots."""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from snapshot_card import frozen
from snapshot_rows import collected, findings, forty, label

from db.measures.estimate import Estimate
from db.measures.means import mean_of
from db.measures.medians import median_of
from db.measures.proportions import wilson_share
from pipeline.dataset.describe.figures import number, percent
from pipeline.dataset.describe.plots import ef_histogram, exclusion_flow, fold_balance
from pipeline.dataset.records import Exclusion

SVG = "{http://www.w3.org/2000/svg}"


def test_nothing_to_say_is_said_in_words() -> None:
    for found in (wilson_share(0, 0), mean_of([]), median_of([])):
        assert percent(found) == number(found) == "not known"
    assert number(mean_of([50.0, 51.0], least=3)) == "50.5 (no interval)"


def test_numbers_stand_with_their_intervals() -> None:
    assert percent(wilson_share(19, 60)) == "31.7 % (21.3 to 44.2)"
    assert number(Estimate(54.24, 51.0, 57.45, 9), 1) == "54.2 (51.0 to 57.5)"


def parsed(svg: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - made by ourselves


def texts(svg: bytes) -> list[str]:
    return [one.text or "" for one in parsed(svg).iter(f"{SVG}text")]


def test_the_histogram_shows_every_number_once(tmp_path: Path) -> None:
    rows = [label(number, findings=findings(5.0 + (number * 7) % 86)) for number in range(1, 41)]
    made = frozen(tmp_path, collected(rows), overrides=("class-counts",))
    svg = ef_histogram(made)
    bars = [one for one in parsed(svg).iter(f"{SVG}rect") if re.fullmatch("c[0-3]", one.get("class", ""))]
    tops = [
        int(text) for text, look in zip(texts(svg), looks(svg), strict=True) if look == ("small", "middle")
    ]
    heights = Counter(round(float(one.get("height", "0")), 1) for one in bars)
    assert sum(tops[: len(bars) - 4]) == 40
    assert max(heights) == 190.0
    assert "n = 40 with a number; not stated: 0, unreadable: 0" in texts(svg)


def looks(svg: bytes) -> list[tuple[str, str]]:
    return [(one.get("class", ""), one.get("text-anchor", "")) for one in parsed(svg).iter(f"{SVG}text")]


def test_the_flow_names_every_step_with_its_count(tmp_path: Path) -> None:
    steps = [Exclusion("waiting for a first reading", 3), Exclusion('not chosen by <the> "filter"', 4)]
    said = texts(exclusion_flow(frozen(tmp_path, collected(forty().rows, registered=47, exclusions=steps))))
    assert "47 registered" in said
    assert "waiting for a first reading: 3" in said
    assert 'not chosen by <the> "filter": 4' in said
    assert "40 labels frozen" in said


def test_every_fold_has_a_bar_as_long_as_the_others(tmp_path: Path) -> None:
    svg = parsed(fold_balance(frozen(tmp_path)))
    ends: dict[tuple[str, bool], float] = {}
    for one in svg.iter(f"{SVG}rect"):
        if one.get("height") == "20":
            left = float(one.get("x", "0"))
            row = (one.get("y", ""), left < 400)
            ends[row] = max(ends.get(row, 0.0), left + float(one.get("width", "0")) + 1)
    assert len(ends) == 10
    assert all(math.isclose(end, 356 if is_left else 704, abs_tol=0.1) for (_, is_left), end in ends.items())


@pytest.mark.parametrize("plot", [ef_histogram, exclusion_flow, fold_balance])
def test_plots_are_inert_small_and_readable_in_the_dark(tmp_path: Path, plot: object) -> None:
    assert callable(plot)
    svg: bytes = plot(frozen(tmp_path))
    assert len(svg) < 20_000
    assert b"prefers-color-scheme: dark" in svg
    assert parsed(svg).get("role") == "img"
    assert parsed(svg).find(f"{SVG}title") is not None
    assert {one.tag.removeprefix(SVG) for one in parsed(svg).iter()} <= {
        "svg", "title", "desc", "style", "rect", "polyline", "text",
    }  # fmt: skip
