"""Labels become targets by one table, and never silently."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import EchoDeskError
from db.labels import EfOperator, EfState, Findings, Rwma, RwmaSeverity
from pipeline.config.settings import TargetSettings
from pipeline.modeling.targets import Targets, build_targets, definitions


@dataclass(frozen=True)
class Row:
    """A label as a table gives it: plain strings."""

    ef_percent: float | None = None
    ef_state: str = "not_stated"
    ef_operator: str | None = None
    rwma: str = "not_stated"
    rwma_severity: str = "not_stated"


def ef_row(percent: float | None, state: str = "stated", operator: str | None = "=") -> Row:
    return Row(ef_percent=percent, ef_state=state, ef_operator=operator)


def built(*rows: Row | Findings, **options: str) -> Targets:
    names = [f"r{place}" for place in range(len(rows))]
    return build_targets(rows, names, TargetSettings.model_validate(options))


def test_ef_is_a_fraction_and_nothing_where_it_is_not_stated() -> None:
    targets = built(
        ef_row(55), ef_row(None, "not_stated", None), ef_row(None, "unreadable", None), ef_row(20)
    )
    np.testing.assert_array_equal(targets.ef, np.float32([0.55, np.nan, np.nan, 0.20]))
    assert targets.has_ef.tolist() == [True, False, False, True]
    assert targets.ef.dtype == np.float32


@pytest.mark.parametrize(
    ("rwma", "severity", "target"),
    [
        ("present", "severe", 1),
        ("present", "moderate", 1),
        ("present", "mild", 0),
        ("absent", "none", 0),
        ("present", "not_stated", -1),
        ("not_stated", "not_stated", -1),
        ("unreadable", "not_stated", -1),
    ],
)
def test_wall_motion_is_significant_from_moderate_up(rwma: str, severity: str, target: int) -> None:
    targets = built(Row(rwma=rwma, rwma_severity=severity))
    assert targets.rwma.tolist() == [target]
    assert targets.has_rwma.tolist() == [target >= 0]


def test_an_abnormality_without_a_grade_counts_as_significant_only_by_option() -> None:
    row = Row(rwma="present")
    assert built(row).rwma.tolist() == [-1]
    assert built(row, ungraded_rwma="positive").rwma.tolist() == [1]
    assert built(Row(), ungraded_rwma="positive").rwma.tolist() == [-1]


def test_a_printed_bound_counts_as_its_number_or_not_at_all() -> None:
    rows = (ef_row(55, operator=">"), ef_row(30, operator="<"), ef_row(40, operator="~"))
    np.testing.assert_allclose(built(*rows).ef, [0.55, 0.30, 0.40], rtol=1e-6)
    assert built(*rows, bounded_ef="mask").has_ef.tolist() == [False, False, True]


def test_every_category_is_counted_with_what_became_of_it() -> None:
    rows = [
        ef_row(55), ef_row(60), ef_row(55, operator=">"), Row(rwma="present"), Row(rwma="present"),
        Row(rwma="present", rwma_severity="mild"), Row(rwma="absent", rwma_severity="none"),
        Row(rwma="unreadable"),
    ]  # fmt: skip
    said = [(count.field, count.category, count.use, count.n) for count in built(*rows).counts]
    assert said == [
        ("ef", "stated", "target", 2),
        ("ef", "stated as a bound", "target", 1),
        ("ef", "not_stated", "masked", 5),
        ("rwma", "present, no grade", "masked", 2),
        ("rwma", "present, mild", "negative", 1),
        ("rwma", "absent", "negative", 1),
        ("rwma", "not_stated", "masked", 3),
        ("rwma", "unreadable", "masked", 1),
    ]


@pytest.mark.parametrize("fraction", [0.55, 1.0, 0.05])
def test_an_ef_as_a_fraction_is_refused_by_record(fraction: float) -> None:
    with pytest.raises(EchoDeskError, match=f"record r1: EF {fraction:g} is a fraction") as caught:
        built(ef_row(55), ef_row(fraction))
    assert "100" in caught.value.hint


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ef_row(3), "outside 5-90"),
        (ef_row(95), "outside 5-90"),
        (ef_row(-40), "outside 5-90"),
        (ef_row(None), "EF is stated and its value is None"),
        (ef_row(55, "not_stated"), "EF is not_stated and its value is 55"),
        (ef_row(float("nan"), "not_stated"), "its value is nan"),
        (Row(ef_state="guessed"), "'guessed' is not a word of EfState"),
        (Row(rwma="perhaps"), "'perhaps' is not a word of Rwma"),
        (Row(rwma="present", rwma_severity="huge"), "'huge' is not a word of RwmaSeverity"),
        (Row(rwma="absent", rwma_severity="moderate"), "wall motion is absent with severity moderate"),
        (Row(rwma="present", rwma_severity="none"), "wall motion is present with severity none"),
    ],
)
def test_a_label_that_cannot_be_true_is_refused_by_record(row: Row, said: str) -> None:
    with pytest.raises(EchoDeskError, match="record r0") as caught:
        built(row)
    assert said in caught.value.message


def test_a_name_for_each_record_is_asked_for() -> None:
    with pytest.raises(ValueError, match="zip"):
        build_targets([Row()], [], TargetSettings())


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            Findings,
            ef_percent=st.just(50.0),
            ef_state=st.just(EfState.STATED),
            ef_operator=st.sampled_from(EfOperator),
            rwma=st.sampled_from([Rwma.PRESENT]),
            rwma_severity=st.sampled_from(
                [RwmaSeverity.MILD, RwmaSeverity.MODERATE, RwmaSeverity.SEVERE, RwmaSeverity.NOT_STATED]
            ),
        )
        | st.builds(Findings, rwma=st.just(Rwma.ABSENT), rwma_severity=st.just(RwmaSeverity.NONE))
        | st.builds(Findings, rwma=st.sampled_from([Rwma.NOT_STATED, Rwma.UNREADABLE]))
    ),
    st.sampled_from(["mask", "positive"]),
)
def test_counts_add_up_to_the_records_and_to_the_targets(labels: list[Findings], ungraded: str) -> None:
    targets = built(*labels, ungraded_rwma=ungraded)
    for field, mask in (("ef", targets.has_ef), ("rwma", targets.has_rwma)):
        counts = [count for count in targets.counts if count.field == field]
        assert sum(count.n for count in counts) == len(labels)
        assert sum(count.n for count in counts if count.use != "masked") == int(mask.sum())
    positive = sum(count.n for count in targets.counts if count.use == "positive")
    assert positive == int((targets.rwma == 1).sum())


def test_the_definitions_say_what_the_options_changed() -> None:
    assert "one without a grade is left out" in definitions(TargetSettings())["rwma"]
    assert "counts as significant" in definitions(TargetSettings(ungraded_rwma="positive"))["rwma"]
    assert "(>55) is left out" in definitions(TargetSettings(bounded_ef="mask"))["ef"]
