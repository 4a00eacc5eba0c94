"""Practice drafts: wrong in one green field, kept apart from every reading, answered once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from desk_work import LIT, NOW, Work, ef, lit_draft, working
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from db.drafts import latest_draft
from db.events import verify_chain
from db.fields.strata import ef_stratum
from db.label_view import current_labels
from db.labels import Findings, Pah, Rwma, RwmaSeverity
from db.queue.practice import (
    EF_OFFSET_POINTS,
    find_seed,
    is_noticed,
    is_seed_drawn,
    seed_answer,
    store_seed,
    store_seed_answer,
)
from db.store.engine import Database
from db.tables.drafts import Draft
from db.tables.events import Event
from db.tables.practice import SeededAnswer, SeededDraft
from db.tables.reviews import Review

KEY = b"k" * 32
RECORD = ef(60).model_copy(update={"rwma": Rwma.ABSENT, "rwma_severity": RwmaSeverity.NONE, "pah": Pah.MILD})
COLUMNS = {
    "ef_percent": {"ef_percent", "ef_low", "ef_high", "ef_operator"},
    "rwma": {"rwma", "rwma_severity", "rwma_walls"},
    "pah": {"pah"},
}


@pytest.fixture
def work(shared_database: Database) -> Iterator[Work]:
    with working(shared_database) as made:
        yield made


def seeded(work: Work, findings: Findings = RECORD, key: bytes = KEY, **lights: str) -> SeededDraft | None:
    case_id = work.case(findings=findings)
    draft = latest_draft(work.session, case_id=case_id)
    assert draft is not None
    if lights:
        draft = lit_draft(case_id, version="2", findings=findings)
        draft.light = draft.light | lights
        work.session.add(draft)
        draft.created_at = NOW
        work.session.flush()
    return store_seed(work.session, draft=draft, annotator_id=work.person("ana"), key=key, now=NOW)


def changed_columns(work: Work, row: SeededDraft) -> set[str]:
    true = work.session.get_one(Draft, row.draft_id).to_findings().model_dump(mode="json")
    return {
        name
        for name, value in Findings.model_validate(row.shown).model_dump(mode="json").items()
        if value != true[name]
    }


@pytest.mark.parametrize("number", range(12))
def test_exactly_one_field_is_wrong_and_the_record_is_a_possible_one(work: Work, number: int) -> None:
    row = seeded(work, key=bytes([number]))
    assert row is not None
    assert row.field in changed_columns(work, row) <= COLUMNS[row.field]


@pytest.mark.parametrize("field", LIT)
def test_only_a_field_that_needs_nobody_is_changed(work: Work, field: str) -> None:
    others = dict.fromkeys(set(LIT) - {field}, "amber")
    for number in range(4):
        row = seeded(work, key=bytes([number]), **others)
        assert row is not None and row.field == field
    assert seeded(work, **dict.fromkeys(LIT, "red")) is None


def test_a_draft_that_states_nothing_has_nothing_to_be_wrong_about(work: Work) -> None:
    assert seeded(work, Findings()) is None
    assert seeded(work, Findings(pah=Pah.PRESENT_UNSPECIFIED, rwma=Rwma.UNREADABLE)) is None


def only_ef(work: Work, percent: float, number: int = 0) -> tuple[float, str]:
    row = seeded(work, ef(percent), key=bytes([number]), rwma="amber", pah="amber")
    assert row is not None and row.field == "ef_percent"
    return float(row.shown["ef_percent"]), row.kind


@pytest.mark.parametrize("percent", [5.0, 29.0, 30.0, 45.0, 49.5, 50.0, 60.0, 90.0])
def test_a_wrong_ejection_fraction_is_plausible_and_far_enough_off(work: Work, percent: float) -> None:
    value, kind = only_ef(work, percent)
    assert kind == "other_band"
    assert 15 <= value <= 75
    assert abs(value - percent) >= EF_OFFSET_POINTS
    assert ef_stratum(value) != ef_stratum(percent)


def test_another_patients_value_is_taken_where_there_is_one_of_another_band(work: Work) -> None:
    for percent in (33.0, 41.0, 57.0):
        work.case(findings=ef(percent))
    found = {only_ef(work, 60, number) for number in range(8)}
    assert found == {(33.0, "other_patient"), (41.0, "other_patient")}


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        (Findings(rwma=Rwma.PRESENT, rwma_walls=("apical",)), {"rwma": "absent", "rwma_severity": "none"}),
        (Findings(rwma=Rwma.ABSENT, rwma_severity=RwmaSeverity.NONE), {"rwma": "present", "rwma_walls": []}),
        (Findings(pah=Pah.NONE, rvsp_mmhg=25), {"pah": "moderate", "rvsp_mmhg": 25}),
        (Findings(pah=Pah.SEVERE), {"pah": "none"}),
    ],
)
def test_a_finding_is_flipped(work: Work, record: Findings, shown: dict[str, Any]) -> None:
    row = seeded(work, record)
    assert row is not None and row.kind == "flipped"
    assert {name: row.shown[name] for name in shown} == shown


def test_a_person_is_shown_one_practice_draft_of_a_case(work: Work) -> None:
    row = seeded(work)
    assert row is not None
    assert find_seed(work.session, case_id=row.case_id, annotator_id=work.person("ana")) == row
    assert find_seed(work.session, case_id=row.case_id, annotator_id=work.person("ben")) is None
    assert seed_answer(work.session, seeded=row) is None


def test_an_answer_is_kept_once_and_is_no_review(work: Work) -> None:
    row = seeded(work, ef(60), rwma="amber", pah="amber")
    assert row is not None
    wrong = Findings.model_validate(row.shown)
    answers = [
        store_seed_answer(
            work.session, seeded=row, answered=answered, active_s=2.5, ef_tolerance_points=2, now=NOW
        )
        for answered in (wrong, ef(60))
    ]
    assert answers[0] == answers[1] == work.session.exec(select(SeededAnswer)).one()
    assert (answers[0].is_caught, answers[0].active_s) == (False, 2.5)
    assert Findings.model_validate(answers[0].answered) == wrong
    assert work.session.exec(select(Review)).all() == []
    assert current_labels(work.session) == []
    assert work.states(row.case_id) == {"first": "waiting"}
    kinds = [event.kind for event in work.session.exec(select(Event)) if event.kind.startswith("practice")]
    assert kinds == ["practice_draft_stored", "practice_draft_answered"]


def test_the_events_of_practice_do_not_tell_the_values(work: Work) -> None:
    row = seeded(work, ef(60), rwma="amber", pah="amber")
    assert row is not None
    (event,) = work.session.exec(select(Event).where(Event.kind == "practice_draft_stored"))
    assert set(event.payload) == {"case_id", "field", "row_sha256"}
    assert verify_chain(work.session).reason in (
        "",
        f"draft {row.draft_id} has no event",
    )  # made here by hand


def a_seed(field: str, shown: Findings) -> SeededDraft:
    return SeededDraft(
        case_id=1,
        annotator_id=1,
        draft_id=1,
        field=field,
        kind="flipped",
        shown=shown.model_dump(mode="json"),
        created_at=NOW,
    )


@given(st.floats(5, 90), st.floats(5, 90))
def test_an_ejection_fraction_is_noticed_when_it_is_changed_by_more_than_rounding(
    shown: float, typed: float
) -> None:
    noticed = is_noticed(a_seed("ef_percent", ef(shown)), ef(typed), ef_tolerance_points=2)
    assert noticed == (abs(shown - typed) > 2)


def test_what_is_noticed() -> None:
    absent = Findings(rwma=Rwma.ABSENT, rwma_severity=RwmaSeverity.NONE)
    flipped, graded = a_seed("rwma", absent), a_seed("pah", Findings(pah=Pah.SEVERE))
    assert is_noticed(a_seed("ef_percent", ef(30)), Findings(), ef_tolerance_points=2)
    assert not is_noticed(flipped, absent.model_copy(update={"pah": Pah.MILD}), ef_tolerance_points=2)
    assert is_noticed(flipped, Findings(rwma=Rwma.PRESENT), ef_tolerance_points=2)
    assert is_noticed(graded, Findings(pah=Pah.MILD), ef_tolerance_points=2)
    assert not is_noticed(graded, Findings(pah=Pah.SEVERE, rvsp_mmhg=70), ef_tolerance_points=2)


def test_the_share_of_cases_is_kept_and_not_the_same_for_everybody() -> None:
    def drawn(person: int) -> list[int]:
        return [
            number
            for number in range(4000)
            if is_seed_drawn(KEY, case_id=number, annotator_id=person, share=0.02)
        ]

    assert drawn(1) == drawn(1) != drawn(2)
    assert 50 <= len(drawn(1)) <= 110  # 80 give or take 3.4 standard errors
    assert not is_seed_drawn(KEY, case_id=1, annotator_id=1, share=0)
    assert is_seed_drawn(KEY, case_id=1, annotator_id=1, share=1)
