"""Comparing two readers: published worked examples, mirror images, and every case that changed named once."""

from __future__ import annotations

import pytest
from benchmark_folder import reading_of, stated

from db.errors import EchoDeskError
from db.labels import EfState, Findings, Pah, Rwma
from db.measures.paired import PairedCounts
from labeling.benchmark.comparison import ROWS, Comparison, Verdict, compare_readings
from labeling.benchmark.reading import ReadingSet, ReportAnswer, failed
from labeling.benchmark.scoring import Gold
from labeling.readers.base import ReaderIdentity, Reading

UNREADABLE = Reading(Findings(ef_state=EfState.UNREADABLE, rwma=Rwma.UNREADABLE, pah=Pah.UNREADABLE))


def read_by(
    name: str, answers: dict[str, Reading | None], *, kind: str = "phone", salt: str = ""
) -> ReadingSet:
    return ReadingSet(
        ReaderIdentity(name, "1"),
        kind,  # type: ignore[arg-type]
        tuple(
            failed(report, "it broke")
            if reading is None
            else ReportAnswer(report, reading, report_sha256=f"{salt}{report}")
            for report, reading in answers.items()
        ),
    )


GOLD = [
    Gold("a", stated(60), stratum="fax"),
    Gold("b", stated(40), stratum="fax"),
    Gold("c", stated(None), stratum="letter"),
    Gold("d", stated(55, Pah.MODERATE), accept={"pah": {"mild"}}, stratum="letter"),
]


def compared() -> Comparison:
    a = {
        "a": reading_of(stated(60)),
        "b": reading_of(stated(45)),
        "c": reading_of(stated(50)),
        "d": reading_of(stated(55, Pah.MODERATE)),
    }
    b = {
        "a": reading_of(stated(16)),
        "b": reading_of(stated(40)),
        "c": UNREADABLE,
        "d": reading_of(stated(55, Pah.MILD)),
    }
    return compare_readings(GOLD, read_by("one", a), read_by("two", b))


def test_every_row_counts_who_was_right() -> None:
    rows = compared().overall
    assert set(rows) == set(ROWS)
    assert rows["ef_percent"] == PairedCounts(both=1, only_a=1, only_b=1, neither=0)
    assert rows["ef_percent_blank"] == PairedCounts(both=0, only_a=0, only_b=1, neither=0)
    assert rows["rwma"] == PairedCounts(both=3, only_a=1, only_b=0, neither=0)
    assert rows["rwma_severity"].n == 0
    assert rows["pah"] == PairedCounts(both=3, only_a=1, only_b=0, neither=0)
    assert rows["whole_report"] == PairedCounts(both=1, only_a=1, only_b=1, neither=1)


def test_the_strata_add_up_to_the_whole() -> None:
    result = compared()
    assert set(result.by_stratum) == {"fax", "letter"}
    for row, counts in result.overall.items():
        assert sum(rows[row].n for rows in result.by_stratum.values()) == counts.n
        assert sum(rows[row].only_a for rows in result.by_stratum.values()) == counts.only_a


def test_the_cases_that_changed_are_named_losses_first() -> None:
    changes = [
        (item.name, item.field, item.gold, item.a, item.b, item.verdict) for item in compared().changes
    ]
    assert changes[0] == ("a", "ef_percent", "60", "60", "16", Verdict.ONLY_A)
    assert ("b", "ef_percent", "40", "45", "40", Verdict.ONLY_B) in changes
    assert ("d", "pah", "moderate", "moderate", "mild", Verdict.BOTH_RIGHT) in changes
    assert ("c", "ef_percent", "-", "50", "unreadable", Verdict.ONLY_B) in changes
    order = [list(Verdict).index(item[-1]) for item in changes]
    assert order == sorted(order)
    assert not [item for item in changes if item[0] == "d" and item[1] == "ef_percent"]


def test_the_error_of_the_ef_is_compared_where_both_gave_a_number() -> None:
    error = compared().ef_error
    assert (error.n, error.mean_a, error.mean_b) == (3, pytest.approx(5 / 3), pytest.approx(44 / 3))
    assert error.difference == pytest.approx(13)


def test_an_accepted_ef_has_no_error() -> None:
    gold = [Gold("a", stated(60), accept={"ef_percent": {"62"}})]
    one, two = {"a": reading_of(stated(62))}, {"a": reading_of(stated(63))}
    error = compare_readings(gold, read_by("one", one), read_by("two", two)).ef_error
    assert (error.mean_a, error.mean_b) == (0, 3)


def test_a_reading_against_itself_shows_no_change() -> None:
    answers: dict[str, Reading | None] = {item.name: reading_of(stated(50)) for item in GOLD}
    result = compare_readings(GOLD, read_by("one", answers), read_by("one", answers))
    assert result.changes == ()
    for counts in result.overall.values():
        assert (counts.only_a, counts.only_b) == (0, 0)
        assert not counts.n or counts.interval[0] <= 0 <= counts.interval[1]
    assert (result.ef_error.difference, result.ef_error.low, result.ef_error.high) == (0, 0, 0)


def test_a_failed_report_is_wrong_everywhere_and_named() -> None:
    good: dict[str, Reading | None] = {item.name: reading_of(item.findings) for item in GOLD}
    result = compare_readings(GOLD, read_by("one", good), read_by("two", {**good, "c": None}))
    assert result.failed_b == ("c",)
    assert result.overall["whole_report"] == PairedCounts(both=3, only_a=1, only_b=0, neither=0)
    # It gave no number where none is printed; that is no merit.
    assert result.overall["ef_percent_blank"] == PairedCounts(both=0, only_a=1, only_b=0, neither=0)
    assert {change.b for change in result.changes} == {"failed"}


def test_a_side_that_lacks_a_report_is_refused() -> None:
    good: dict[str, Reading | None] = {item.name: reading_of(item.findings) for item in GOLD}
    with pytest.raises(EchoDeskError, match=r"lack c \(1 of 4"):
        compare_readings(
            GOLD, read_by("one", good), read_by("two", {n: r for n, r in good.items() if n != "c"})
        )


def test_other_files_under_the_same_name_are_noticed() -> None:
    good: dict[str, Reading | None] = {item.name: reading_of(item.findings) for item in GOLD}
    assert compare_readings(GOLD, read_by("one", good), read_by("two", good)).other_files == ()
    other = compare_readings(GOLD, read_by("one", good), read_by("two", good, salt="x"))
    assert other.other_files == ("a", "b", "c", "d")
    # Clean scans and phone photos are different files by nature.
    assert (
        compare_readings(GOLD, read_by("one", good), read_by("two", good, kind="clean", salt="x")).other_files
        == ()
    )
