"""The vocabulary and the tables say the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from db_rows import FINDINGS, World, new_draft
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from db.fields.strata import ef_stratum
from db.labels import (
    EF_MAX_PERCENT,
    EF_MIN_PERCENT,
    RVSP_MAX_MMHG,
    RVSP_MIN_MMHG,
    WALLS,
    Check,
    EfOperator,
    EfState,
    Evidence,
    Findings,
    Pah,
    Rwma,
    RwmaSeverity,
)
from db.store.engine import Database

NOW = datetime(2026, 3, 4, tzinfo=UTC)


@st.composite
def findings(draw: st.DrawFn) -> Findings:
    """Any record the vocabulary allows."""
    values: dict[str, Any] = {"ef_state": draw(st.sampled_from(EfState))}
    if values["ef_state"] is EfState.STATED:
        values["ef_percent"] = draw(st.floats(EF_MIN_PERCENT, EF_MAX_PERCENT))
        values["ef_operator"] = draw(st.sampled_from(EfOperator))
    if draw(st.booleans()):
        values["ef_low"], values["ef_high"] = sorted((draw(st.floats(0, 100)), draw(st.floats(0, 100))))
    values["lv_function"] = draw(st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"])))
    values["rwma"] = draw(st.sampled_from(Rwma))
    if values["rwma"] is Rwma.ABSENT:
        values["rwma_severity"] = RwmaSeverity.NONE
    else:
        values["rwma_severity"] = draw(st.sampled_from([grade for grade in RwmaSeverity if grade != "none"]))
    if values["rwma"] is Rwma.PRESENT:
        values["rwma_walls"] = tuple(draw(st.lists(st.sampled_from(WALLS))))
    values["pah"] = draw(st.sampled_from(Pah))
    values["rvsp_mmhg"] = draw(st.none() | st.floats(RVSP_MIN_MMHG, RVSP_MAX_MMHG))
    if draw(st.booleans()):
        values["pah_derived"], values["pah_derived_table"] = draw(st.sampled_from(Pah)), "table"
    return Findings(**values)


@pytest.fixture(scope="module")
def one_case(shared_database: Database) -> Database:
    """A database with one case."""
    World(shared_database, NOW).cases(1)
    return shared_database


class Undone(Exception):
    """Ends a transaction without keeping it."""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=findings())
def test_every_record_of_the_vocabulary_can_be_stored_and_comes_back(
    one_case: Database, record: Findings
) -> None:
    with pytest.raises(Undone), one_case.write() as session:
        draft = new_draft(1, version="2", findings=record)
        draft.created_at = NOW
        session.add(draft)
        session.flush()
        session.refresh(draft)
        assert draft.to_findings() == record
        raise Undone


@pytest.mark.parametrize(
    "values",
    [
        {"ef_percent": 4.9, "ef_operator": "=", "ef_state": "stated"},
        {"ef_percent": 90.1, "ef_operator": "=", "ef_state": "stated"},
        {"ef_percent": float("nan"), "ef_operator": "=", "ef_state": "stated"},
        {"ef_state": "stated"},
        {"ef_percent": 50, "ef_operator": "="},
        {"ef_percent": 50, "ef_state": "stated"},
        {"ef_low": 50},
        {"ef_low": 60, "ef_high": 50},
        {"rwma": "absent"},
        {"rwma_severity": "none"},
        {"rwma_walls": ("apical",)},
        {"rwma": "present", "rwma_walls": ("ceiling",)},
        {"rvsp_mmhg": 201},
        {"pah_derived": "mild"},
        {"pah": "huge"},
        {"comment": "a field that does not exist"},
    ],
)
def test_a_record_that_contradicts_itself_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Findings(**values)


def test_walls_are_kept_once_in_the_order_of_the_vocabulary() -> None:
    record = Findings(rwma=Rwma.PRESENT, rwma_walls=("apical", "inferior", "apical"))
    assert record.rwma_walls == ("inferior", "apical")


def test_a_stored_record_that_contradicts_itself_is_not_handed_out() -> None:
    draft = new_draft(1)
    draft.ef_state = "not_stated"
    with pytest.raises(ValidationError):
        draft.to_findings()


@pytest.mark.parametrize(
    ("ef_percent", "stratum"),
    [
        (90, "normal"),
        (50, "normal"),
        (49.9, "mildly_reduced"),
        (40, "mildly_reduced"),
        (39.9, "moderately_reduced"),
        (30, "moderately_reduced"),
        (29.9, "severely_reduced"),
        (5, "severely_reduced"),
    ],
)
def test_strata_begin_at_their_lower_bound(ef_percent: float, stratum: str) -> None:
    assert ef_stratum(ef_percent) == stratum


def test_evidence_and_checks_keep_to_their_ranges() -> None:
    with pytest.raises(ValidationError):
        Evidence(quote="EF 50 %", page=0)
    with pytest.raises(ValidationError):
        Check(name="x", field="pah", score=1.1, is_issue=True, reason="")
    assert Evidence.model_validate(Evidence(quote="EF", box=(1, 2, 3, 4)).model_dump(mode="json")).box == (
        1,
        2,
        3,
        4,
    )


def test_a_record_is_a_value() -> None:
    with pytest.raises(ValidationError):
        FINDINGS.pah = Pah.NONE
    assert FINDINGS == FINDINGS.model_copy()
