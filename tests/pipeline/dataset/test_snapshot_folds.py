"""Folds: patients whole, strata even, the same in any order."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from pipeline.dataset.folds import FOLDS, FoldRow, assign_folds, grouped

STRATA = ("normal", "mildly_reduced", "moderately_reduced", "severely_reduced", "not_stated")
ANSWERS = ("present", "absent", "not_stated")


@st.composite
def cohorts(draw: st.DrawFn) -> list[FoldRow]:
    """Up to 120 rows of up to 60 groups."""
    size = draw(st.integers(1, 120))
    groups = draw(st.integers(1, 60))
    choice = random.Random(draw(st.integers(0, 2**32)))
    return [
        FoldRow(
            key=f"r{number:03d}",
            group=f"g{choice.randrange(groups)}",
            ef_stratum=choice.choice(STRATA),
            rwma=choice.choice(ANSWERS),
            site=f"site {choice.randrange(3)}",
        )
        for number in range(size)
    ]


def alone(rows: list[FoldRow]) -> list[FoldRow]:
    """The same rows, each a group of its own."""
    return [FoldRow(row.key, f"g{row.key}", row.ef_stratum, row.rwma, row.site) for row in rows]


@given(cohorts())
def test_no_group_is_in_two_folds(rows: list[FoldRow]) -> None:
    folds = assign_folds(rows)
    places = defaultdict(set)
    for row in rows:
        places[row.group].add(folds[row.key])
    assert all(len(place) == 1 for place in places.values())
    assert set(folds) == {row.key for row in rows}
    assert set(folds.values()) <= set(range(FOLDS))


@given(cohorts(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(rows: list[FoldRow], chance: random.Random) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert assign_folds(shuffled) == assign_folds(rows)


@given(cohorts())
def test_single_rows_of_a_stratum_differ_by_at_most_one_between_folds(rows: list[FoldRow]) -> None:
    rows = alone(rows)
    folds = assign_folds(rows)
    for stratum in {(row.ef_stratum, row.rwma) for row in rows}:
        counts = Counter(folds[row.key] for row in rows if (row.ef_stratum, row.rwma) == stratum)
        held = [counts[fold] for fold in range(FOLDS)]
        assert max(held) - min(held) <= 1


@given(cohorts())
def test_groups_of_one_stratum_differ_by_at_most_their_largest(rows: list[FoldRow]) -> None:
    rows = [FoldRow(row.key, row.group, "normal", "absent", "here") for row in rows]
    folds = assign_folds(rows)
    counts = Counter(folds.values())
    held = [counts[fold] for fold in range(FOLDS)]
    assert max(held) - min(held) <= max(Counter(row.group for row in rows).values())


def cohort(size: int, *, sites: int = 4, seed: int = 1) -> list[FoldRow]:
    """Patients as in practice: seven in ten normal, one in ten with two rows."""
    choice = random.Random(seed)
    return [
        FoldRow(
            key=f"r{number:05d}",
            group=f"g{number % int(size * 0.9)}",
            ef_stratum=choice.choices(STRATA, (70, 15, 9, 3, 3))[0],
            rwma=choice.choices(ANSWERS, (25, 70, 5))[0],
            site=f"site {choice.randrange(sites)}",
        )
        for number in range(size)
    ]


def test_every_class_and_every_site_is_spread_evenly_over_a_real_cohort() -> None:
    rows = cohort(1000)
    folds = assign_folds(rows)
    sizes = Counter(folds.values())
    assert max(sizes.values()) - min(sizes.values()) <= 10
    for what in ("ef_stratum", "rwma"):
        for answer in {getattr(row, what) for row in rows}:
            counts = Counter(folds[row.key] for row in rows if getattr(row, what) == answer)
            assert max(counts.values()) - min(counts[fold] for fold in range(FOLDS)) <= 4, answer
    for site in {row.site for row in rows}:
        counts = Counter(folds[row.key] for row in rows if row.site == site)
        assert max(counts.values()) - min(counts.values()) <= 0.15 * sum(counts.values()) / FOLDS, site


def test_folds_ignoring_sites_would_be_less_even_by_site() -> None:
    rows = cohort(600, sites=6, seed=3)

    def unevenness(folds: dict[str, int]) -> int:
        spread = 0
        for site in {row.site for row in rows}:
            counts = Counter(folds[row.key] for row in rows if row.site == site)
            spread += max(counts.values()) - min(counts[fold] for fold in range(FOLDS))
        return spread

    blind = assign_folds([FoldRow(row.key, row.group, row.ef_stratum, row.rwma, "") for row in rows])
    assert unevenness(assign_folds(rows)) < unevenness(blind)


def test_a_patient_and_pictures_alike_make_one_group() -> None:
    patients = {f"r{number}": f"patient {number}" for number in range(20)} | {"r20": "patient 3"}
    groups = grouped(patients, [("r1", "r2"), ("r2", "r7")])
    assert groups["r1"] == groups["r2"] == groups["r7"] == "r1"
    assert groups["r3"] == groups["r20"]
    assert len(set(groups.values())) == 18


def test_pictures_alike_that_would_tie_too_much_together_leave_patients_apart() -> None:
    patients = {f"r{number:02d}": f"patient {number // 2}" for number in range(20)}
    chain = [(f"r{number:02d}", f"r{number + 1:02d}") for number in range(0, 12)]
    groups = grouped(patients, [*chain, ("r16", "r19")])
    assert len({groups[f"r{number:02d}"] for number in range(12)}) == 6
    assert all(groups[f"r{2 * number:02d}"] == groups[f"r{2 * number + 1:02d}"] for number in range(10))
    assert groups["r16"] == groups["r19"]
