"""One home for the fields of a record: no name is missing, and the same question has one answer
everywhere.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Float, String, create_engine, literal, select

from db.fields.columns import FINDINGS
from db.fields.names import (
    ANSWER_COLUMNS,
    ANSWERS,
    CARD_FIELDS,
    CARDS,
    COLUMNS,
    COLUMNS_OF_CARD,
    FIELDS,
    READ_COLUMNS,
    ByColumn,
    FieldName,
    of_answers,
    of_fields,
)
from db.fields.sameness import Match, compare_field, differing_cards, is_acceptable, same_answer
from db.fields.strata import EF_BANDS, EF_STRATA, STRATUM_FLOORS, ef_band, ef_stratum, is_rare
from db.fields.words import as_printed, has_value, in_words, is_unreadable
from db.labels import EfState, Findings, Pah, Rwma, RwmaSeverity
from db.quality.corrections import answers_differ, ef_band_of

NO_EF: list[dict[str, Any]] = [{}, {"ef_state": EfState.UNREADABLE}]


def with_ef(percent: float) -> dict[str, Any]:
    return {"ef_percent": percent, "ef_operator": "=", "ef_state": EfState.STATED}


efs = st.one_of(
    st.sampled_from(NO_EF), st.sampled_from([5.0, 29.9, 30.0, 39.5, 40.0, 50.0, 57.5]).map(with_ef)
)
walls = st.one_of(
    st.sampled_from([{"rwma": one} for one in Rwma if one not in (Rwma.ABSENT, Rwma.PRESENT)]),
    st.just({"rwma": Rwma.ABSENT, "rwma_severity": RwmaSeverity.NONE}),
    st.sampled_from([one for one in RwmaSeverity if one is not RwmaSeverity.NONE]).map(
        lambda grade: {"rwma": Rwma.PRESENT, "rwma_severity": grade}
    ),
)
pressures = st.sampled_from([None, 5.0, 40.0, 41.5, 43.0])
records = st.builds(
    lambda ef, wall, pah, rvsp: Findings.model_validate({**ef, **wall, "pah": pah, "rvsp_mmhg": rvsp}),
    efs, walls, st.sampled_from(Pah), pressures,
)  # fmt: skip


def test_the_cards_divide_the_whole_record() -> None:
    assert tuple(COLUMNS_OF_CARD) == CARDS
    assert COLUMNS == tuple(Findings.model_fields)
    assert set(ByColumn.__annotations__) == set(COLUMNS)
    assert set(FIELDS) | set(ANSWER_COLUMNS) <= set(READ_COLUMNS) < set(COLUMNS)


def test_tables_have_a_column_for_every_part_of_the_record() -> None:
    """Exports and snapshots are written by these: what is missing here is left out of both."""
    assert tuple(column.name for column in FINDINGS) == COLUMNS


def test_every_field_has_its_thing() -> None:
    assert get_args(FieldName) == FIELDS
    assert of_fields(ef_percent=1, rwma=2, pah=3, rvsp_mmhg=4) == dict(zip(FIELDS, (1, 2, 3, 4), strict=True))
    named = of_answers(ef="ef_percent", rwma="rwma", severity="rwma_severity", pah="pah", rvsp="rvsp_mmhg")
    assert all(column == name for column, name in named.items())
    assert set(CARD_FIELDS) <= set(FIELDS)


@pytest.mark.parametrize(
    ("percent", "stratum"),
    [(90, "normal"), (50, "normal"), (49.9, "mildly_reduced"), (40, "mildly_reduced"),
     (39.9, "moderately_reduced"), (30, "moderately_reduced"), (29.9, "severely_reduced"),
     (5, "severely_reduced")],
)  # fmt: skip
def test_a_stratum_starts_at_its_floor(percent: float, stratum: str) -> None:
    assert ef_stratum(percent) == stratum
    assert ef_band({"ef_percent": percent, "ef_state": "stated"}) == stratum


def test_a_record_without_a_number_falls_into_its_reason() -> None:
    assert [ef_band({"ef_percent": None, "ef_state": state}) for state in EF_BANDS[4:]] == list(EF_BANDS[4:])
    assert tuple(STRATUM_FLOORS) == EF_STRATA


@given(records)
def test_rare_is_what_has_few_patients(one: Findings) -> None:
    low = ef_band(one.model_dump()) in ("moderately_reduced", "severely_reduced")
    graded = one.rwma == "present" and one.rwma_severity in ("moderate", "severe")
    assert is_rare(one) == (low or graded or one.pah == "severe")


@given(records, records)
def test_the_database_asks_the_same_question(one: Findings, other: Findings) -> None:
    """The dashboard, the curation report and the blind arm count inside the database."""
    rows = [_as_columns(one), _as_columns(other)]
    differs = answers_differ(*rows)
    with create_engine("sqlite://").connect() as connection:
        found = connection.execute(select(*(differs[answer] for answer in ANSWERS))).one()
        bands = connection.execute(select(*map(ef_band_of, rows))).one()
    assert list(map(bool, found)) == [not same_answer(name, one, other, tolerance=0) for name in ANSWERS]
    assert list(bands) == [ef_band(record.model_dump(mode="json")) for record in (one, other)]


def _as_columns(record: Findings) -> SimpleNamespace:
    values = record.model_dump(mode="json")
    numbers = ("ef_percent", "rvsp_mmhg")
    return SimpleNamespace(**{
        name: literal(values[name], Float if name in numbers else String)
        for name in (*ANSWER_COLUMNS, "ef_state")
    })  # fmt: skip


@given(records, records, st.sampled_from([0.0, 2.0]))
def test_cards_differ_where_their_answers_do(one: Findings, other: Findings, tolerance: float) -> None:
    """All but a pressure that only one of the two gives."""
    differing = set(differing_cards(one, other, ef_tolerance_points=tolerance))
    card_of = {"ef": "ef", "rwma": "rwma", "severity": "rwma", "pah": "pah", "rvsp": "pah"}
    by_answer = {
        card_of[name] for name in ANSWERS
        if not same_answer(name, one, other, tolerance=tolerance)
        and not (name == "rvsp" and None in (one.rvsp_mmhg, other.rvsp_mmhg))
    }  # fmt: skip
    assert differing == by_answer


@given(records, records)
def test_readers_agree_on_what_is_the_same_answer(one: Findings, other: Findings) -> None:
    """What the light calls the same in all fields is the same answer to every question."""
    matches = [compare_field(name, one, other).match for name in FIELDS]
    if all(match is Match.SAME for match in matches):
        legible = [name for name in FIELDS if has_value(one, name)]
        assert all(in_words(one, name) == in_words(other, name) for name in legible)
        assert not any(is_unreadable(record, name) for record in (one, other) for name in FIELDS)
    assert compare_field("rvsp_mmhg", one, other).match in Match


@given(records)
def test_a_record_is_acceptable_as_its_own_truth(one: Findings) -> None:
    assert all(is_acceptable(column, one, one) for column in ANSWER_COLUMNS)


def test_an_alternative_is_acceptable_as_it_is_printed() -> None:
    truth = Findings.model_validate(with_ef(57.5))
    read = Findings.model_validate(with_ef(60.0))
    assert as_printed(read, "ef_percent") == "60"
    assert not is_acceptable("ef_percent", read, truth)
    assert is_acceptable("ef_percent", read, truth, {"60"})


def test_a_number_only_one_record_gives_is_another_answer_but_no_dispute() -> None:
    with_pressure, without = Findings(rvsp_mmhg=40), Findings()
    assert not same_answer("rvsp", with_pressure, without, tolerance=2)
    assert differing_cards(with_pressure, without, ef_tolerance_points=2) == ()


def test_a_range_without_width_is_said_as_one_number() -> None:
    one = Findings.model_validate({**with_ef(40.0), "ef_low": 40.0, "ef_high": 40.0})
    assert in_words(one, "ef_percent") == "40"
