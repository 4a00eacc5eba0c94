"""Shares, means and medians of the card against an independent library, and its plots."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from snapshot_card import frozen
from snapshot_rows import collected, findings, forty, label

from pipeline.dataset.describe.plots import ef_histogram, exclusion_flow, fold_balance
from pipeline.dataset.estimates import Interval, mean, median, number, percent, quantile, share, spread
from pipeline.dataset.records import Exclusion

SVG = "{http://www.w3.org/2000/svg}"


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_has_the_interval_of_wilson(counted: tuple[int, int]) -> None:
    count, n = counted
    expected = scipy.stats.binomtest(count, n).proportion_ci(method="wilson")
    found = share(count, n)
    assert found.value == count / n
    assert found.low == pytest.approx(expected.low, abs=1e-12)
    assert found.high == pytest.approx(expected.high, abs=1e-12)


@pytest.mark.parametrize("n", [4, 11, 60, 4000])
def test_a_mean_has_the_interval_of_student(n: int) -> None:
    chance = random.Random(n)
    values = [chance.gauss(55, 9) for _ in range(n)]
    low, high = scipy.stats.t.interval(0.95, n - 1, np.mean(values), scipy.stats.sem(values))
    found = mean(values)
    assert found.value == pytest.approx(np.mean(values))
    # The series for t is off by 0.04 at 3 degrees of freedom and less from there on.
    slack = 0.05 * float(scipy.stats.sem(values))
    assert found.low == pytest.approx(low, abs=slack)
    assert found.high == pytest.approx(high, abs=slack)
    assert spread(values) == pytest.approx(np.std(values, ddof=1))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(5, 90), min_size=1, max_size=60), st.sampled_from((0.25, 0.5, 0.75)))
def test_quantiles_are_those_of_numpy(values: list[float], at: float) -> None:
    assert quantile(sorted(values), at) == pytest.approx(float(np.quantile(values, at)))


def test_a_median_lies_between_its_ranks() -> None:
    # Campbell and Gardner 1988: of 100 values the 40th and the 61st.
    found = median([float(value) for value in range(1, 101)])
    assert found == Interval(50.5, 40.0, 61.0, 100)


def test_nothing_to_say_is_said_in_words() -> None:
    for found in (share(0, 0), mean([]), median([])):
        assert found.value is None
        assert percent(found) == number(found) == "not known"
    assert number(mean([50.0])) == "50.0 (no interval)"


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
