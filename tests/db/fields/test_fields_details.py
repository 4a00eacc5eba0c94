"""What goes along with an answer, for the desk and for whoever plays it."""

from __future__ import annotations

from hypothesis import given
from test_fields_of_record import records

from db.fields.details import no_ef, with_answers, with_details_of, with_details_of_others
from db.fields.sameness import differing_cards, is_as_drafted
from db.labels import EfOperator, EfState, Findings, Rwma, RwmaSeverity

DRAFTED = Findings.model_validate({
    "ef_percent": 37.5, "ef_low": 35, "ef_high": 40, "ef_operator": "=", "ef_state": "stated",
    "lv_function": "moderate LV dysfunction", "rwma": "present", "rwma_severity": "mild",
    "rwma_walls": ("septal",), "pah": "mild",
})  # fmt: skip
ENTERED = DRAFTED.model_copy(update={"ef_low": None, "ef_high": None, "lv_function": None, "rwma_walls": ()})


def test_where_the_answers_agree_the_draft_is_stored_whole() -> None:
    assert with_details_of(DRAFTED, ENTERED) == DRAFTED


def test_a_pressure_that_was_typed_stays_though_the_draft_has_none() -> None:
    """At the simulated desk it was lost: the rule was written twice, and only the desk's knew of
    pressures.
    """
    typed = ENTERED.model_copy(update={"rvsp_mmhg": 46.0})
    assert with_details_of(DRAFTED, typed) == DRAFTED.model_copy(update={"rvsp_mmhg": 46.0})


def test_the_pressure_of_the_draft_comes_along_where_none_was_typed() -> None:
    with_pressure = DRAFTED.model_copy(update={"rvsp_mmhg": 46.0})
    assert with_details_of(with_pressure, ENTERED) == with_pressure


def test_a_sign_that_was_typed_stays() -> None:
    typed = ENTERED.model_copy(update={"ef_operator": EfOperator.ABOVE})
    stored = with_details_of(DRAFTED, typed)
    assert (stored.ef_operator, stored.ef_low, stored.lv_function) == (">", None, DRAFTED.lv_function)


def test_walls_go_with_the_finding_and_a_derived_grade_with_its_pressure() -> None:
    absent = with_answers(DRAFTED, {"rwma": Rwma.ABSENT, "rwma_severity": RwmaSeverity.NONE})
    assert absent.rwma_walls == ()
    assert with_answers(absent, {"rwma": Rwma.PRESENT, "rwma_severity": RwmaSeverity.MILD}).rwma_walls == ()
    derived = Findings.model_validate({"rvsp_mmhg": 46, "pah_derived": "mild", "pah_derived_table": "some"})
    assert with_answers(derived, {"rvsp_mmhg": 61.0}).pah_derived is None
    assert with_answers(derived, {"pah": "mild"}).pah_derived == "mild"
    assert with_answers(DRAFTED, no_ef(EfState.UNREADABLE)).ef_state is EfState.UNREADABLE


@given(records, records)
def test_what_is_stored_never_answers_otherwise_than_the_person(drafted: Findings, entered: Findings) -> None:
    stored = with_details_of(drafted, entered)
    assert differing_cards(stored, entered, ef_tolerance_points=0) == ()
    if entered.rvsp_mmhg is not None:
        assert stored.rvsp_mmhg == entered.rvsp_mmhg
    assert is_as_drafted(stored, drafted, by_answers=True) == (
        differing_cards(stored, drafted, ef_tolerance_points=0) == ()
    )


@given(records, records)
def test_details_of_others_change_no_answer_and_no_detail_that_is_there(
    one: Findings, other: Findings
) -> None:
    whole = with_details_of_others(one, [one, other])
    assert differing_cards(whole, one, ef_tolerance_points=0) == ()
    if one.rvsp_mmhg is not None:
        assert whole.rvsp_mmhg == one.rvsp_mmhg
