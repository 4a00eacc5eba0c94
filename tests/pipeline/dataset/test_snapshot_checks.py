"""What stops a freeze, and that a person can go on by naming it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from snapshot_rows import GOOD_QUALITY, KEY, collected, digest_of, findings, forty, label, picture

from db.errors import WrongUse
from pipeline.dataset.checks import CHECKS, OF_TABLES, Checked, Source, run_checks
from pipeline.dataset.choosing import Order, RefusedError, Require
from pipeline.dataset.filters import parse_filter
from pipeline.dataset.freezing import plan
from pipeline.dataset.records import Collected, LabelRow, LabelStatus


def failing(given: Collected, source: Source = Source(), **order: Any) -> list[str]:  # noqa: B008 - frozen
    """The names of the checks that stop this freeze."""
    try:
        plan(given, source, Order("v1", **order), KEY)
    except RefusedError as refused:
        return [check.name for check in refused.failed]
    return []


def changed(number: int, **more: Any) -> Collected:
    """The forty labels with one of them changed."""
    good = forty()
    return replace(good, rows=[replace(row, **more) if row.case_id == number else row for row in good.rows])


def test_forty_good_labels_pass_every_check() -> None:
    made = plan(forty(), Source(), Order("v1"), KEY)
    assert [check.name for check in made.checks] == [name for name in CHECKS if name not in OF_TABLES]
    assert all(check.is_passed and not check.found for check in made.checks)


def far() -> Collected:
    row = label(1)
    assert row.report_date is not None
    return changed(1, ecg_date=row.report_date - timedelta(days=31))


def with_quality(rate: dict[str, Any]) -> Collected:
    return replace(forty(), quality={"vigilance": {"rate": rate}})


def few_moderate() -> Collected:
    """Three patients only with an EF in the thirties."""
    return collected([label(number) for number in range(1, 41) if number % 4 != 2 or number < 12])


SCENES: list[tuple[str, Collected, Source]] = [
    ("conflicts", changed(1, status=LabelStatus.IN_CONFLICT), Source()),
    ("unreadable-images", forty(), Source(unreadable={digest_of("ecg 1"): "missing"})),
    ("class-counts", few_moderate(), Source()),
    ("vigilance", with_quality({"value": 1.0, "low": 0.899, "high": 1.0, "n": 35}), Source()),
    ("vigilance", with_quality({"value": None, "low": None, "high": None, "n": 0}), Source()),
    ("seeded-values", forty(), Source(seeded=frozenset({7}))),
    ("far-pairs", far(), Source()),
    ("ef-fraction", changed(1, findings=findings(55.0, ef_low=0.5, ef_high=0.6)), Source()),
]


@pytest.mark.parametrize(("name", "given", "source"), SCENES)
def test_one_fault_stops_the_freeze_by_its_name_alone(name: str, given: Collected, source: Source) -> None:
    assert failing(given, source) == [name]


@pytest.mark.parametrize(("name", "given", "source"), SCENES)
def test_a_named_override_goes_on_and_is_recorded(name: str, given: Collected, source: Source) -> None:
    made = plan(given, source, Order("v1", overrides=(name,)), KEY)
    (check,) = [check for check in made.checks if not check.is_passed]
    assert (check.name, check.is_overridden, check.found > 0) == (name, True, True)


def test_the_check_of_vigilance_says_what_was_measured_and_what_is_asked_for() -> None:
    made = plan(SCENES[3][1], SCENES[3][2], Order("v1", overrides=("vigilance",)), KEY)
    (check,) = [check for check in made.checks if check.name == "vigilance"]
    assert check.sentence == (
        "wrong values were noticed in at least 89.9 % of practice drafts (95 % interval, n = 35); "
        "90 % are asked for"
    )


def test_an_override_of_another_check_does_not_help() -> None:
    assert failing(SCENES[0][1], overrides=("vigilance",)) == ["conflicts"]


def test_an_override_that_was_not_needed_is_not_recorded_as_one() -> None:
    made = plan(forty(), Source(), Order("v1", overrides=("vigilance",)), KEY)
    assert not any(check.is_overridden for check in made.checks)


def test_an_unknown_check_cannot_be_overridden_and_the_known_ones_are_named() -> None:
    with pytest.raises(WrongUse, match="no check 'everything'") as caught:
        Order("v1", overrides=("everything",))
    assert all(name in caught.value.hint for name in CHECKS)


def test_the_refusal_names_every_fault_and_how_to_override_them() -> None:
    bad = replace(changed(1, status=LabelStatus.IN_CONFLICT), quality={})
    with pytest.raises(RefusedError) as caught:
        plan(bad, Source(), Order("v1"), KEY)
    assert [check.name for check in caught.value.failed] == ["conflicts", "vigilance"]
    assert "--override conflicts --override vigilance" in caught.value.hint


def test_real_and_synthetic_never_mix_whatever_is_overridden() -> None:
    with pytest.raises(RefusedError, match="real and synthetic"):
        plan(changed(1, is_synthetic=False), Source(), Order("v1", overrides=tuple(CHECKS)), KEY)
    mixed = changed(1, is_synthetic=False)
    made = plan(mixed, Source(), Order("v1", where=parse_filter("is_synthetic = true")), KEY)
    assert len(made.rows) == 39


def test_nothing_to_freeze_is_refused_with_what_became_of_the_records() -> None:
    with pytest.raises(RefusedError, match="no record is left") as caught:
        plan(forty(), Source(), Order("v1", where=parse_filter("site = 'nowhere'")), KEY)
    assert "not chosen by the filter: 40" in caught.value.hint


def test_a_class_that_does_not_occur_is_not_missed() -> None:
    assert failing(forty(), where=parse_filter("ef_percent > 40")) == []


def test_one_fold_takes_one_patient_and_pictures_that_are_alike() -> None:
    rows = [
        label(
            number, patient_key=digest_of(f"patient {number % 30}"), images=(picture(f"ecg {number % 20}"),)
        )
        for number in range(1, 41)
    ]
    made = plan(collected(rows), Source(alike=[(digest_of("ecg 1"), digest_of("ecg 2"))]), Order("v1"), KEY)
    folds = made.names.folds
    for one in rows:
        for other in rows:
            if one.patient_key == other.patient_key or one.images == other.images:
                assert folds[one.case_id] == folds[other.case_id]
    assert folds[1] == folds[2] == folds[21] == folds[22]


def test_one_picture_shared_by_half_of_the_patients_stops_the_freeze() -> None:
    rows = [
        label(number, images=(picture("shared" if number % 2 else f"ecg {number}"),))
        for number in range(1, 41)
    ]
    assert failing(collected(rows)) == ["image-in-two-folds"]


def test_a_blank_page_is_like_every_other_and_ties_nothing() -> None:
    rows = [label(number, images=(picture("blank", "report", looks="0" * 64),)) for number in range(1, 41)]
    assert failing(collected(rows)) == []


def test_pictures_that_look_alike_in_two_folds_are_counted() -> None:
    rows = [label(1), label(2)]
    checked = Checked(
        rows, 0, {1: 0, 2: 1}, Source(alike=[(digest_of("ecg 1"), digest_of("ecg 2"))]), GOOD_QUALITY
    )
    (found,) = [one for one in run_checks(checked) if one.name == "image-in-two-folds"]
    assert found.found == 1
    assert "1 pair of" in found.sentence


def test_one_patient_in_two_folds_is_found_if_it_ever_happened() -> None:
    rows = [label(1), label(2, patient_key=label(1).patient_key)]
    results = {one.name: one for one in run_checks(Checked(rows, 0, {1: 0, 2: 1}, Source(), GOOD_QUALITY))}
    assert results["patient-in-two-folds"].found == 1


def test_an_unreadable_picture_of_a_record_left_out_stops_nothing() -> None:
    source = Source(unreadable={digest_of("ecg 3"): "changed"})
    assert failing(forty(), source) == ["unreadable-images"]
    assert failing(forty(), source, where=parse_filter("site != 'Ward 0'")) == []


@pytest.mark.parametrize(
    ("require", "rows"), [(Require.ACCEPTED, 40), (Require.DOUBLE_READ, 30), (Require.ADJUDICATED, 10)]
)
def test_how_well_founded_labels_must_be_is_counted(require: Require, rows: int) -> None:
    kinds = (LabelStatus.SINGLE, LabelStatus.DOUBLE_READ, LabelStatus.ADJUDICATED, LabelStatus.DOUBLE_READ)
    given = collected([label(number, status=kinds[number // 10 % 4]) for number in range(40)])
    made = plan(given, Source(), Order("v1", require=require, overrides=("class-counts",)), KEY)
    assert len(made.rows) == rows
    assert made.collected.registered - sum(one.cases for one in made.collected.exclusions) == rows


def test_records_read_differently_stop_a_strict_freeze_and_are_left_out_when_overridden() -> None:
    def twice(row: LabelRow) -> LabelRow:
        return replace(row, status=LabelStatus.IN_CONFLICT if row.case_id == 5 else LabelStatus.DOUBLE_READ)

    given = replace(forty(), rows=[twice(row) for row in forty().rows])
    assert failing(given, require=Require.DOUBLE_READ) == ["conflicts"]
    made = plan(given, Source(), Order("v1", require=Require.DOUBLE_READ, overrides=("conflicts",)), KEY)
    assert len(made.rows) == 39
    assert made.collected.exclusions[-1].cases == 1
