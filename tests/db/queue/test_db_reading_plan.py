"""Which readings a case needs follows from what was read: pure rules, for every history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from db_rows import FINDINGS, new_draft
from hypothesis import given
from hypothesis import strategies as st

from db.decisions import Decision, Purpose, QueueState
from db.fields.sameness import differing_cards
from db.fields.strata import is_rare
from db.labels import EfOperator, EfState, Findings, Light, Pah, Rwma, RwmaSeverity
from db.queue.plan import (
    AuditFacts,
    CaseFacts,
    ReadingRules,
    is_sent_back,
    priority_of,
    purpose_of,
    readings_in_question,
    readings_wanted,
    worst_light,
)
from db.tables.findings import findings_columns
from db.tables.reviews import Review

NOW = datetime(2026, 3, 4, tzinfo=UTC)
RULES = ReadingRules()
DRAFT = new_draft(1)
ANA, BEN, EVE, ZOE = 1, 2, 3, 4
WAITING, DONE = QueueState.WAITING, QueueState.DONE


def ef(percent: float, **values: Any) -> Findings:
    return Findings(ef_percent=percent, ef_operator=EfOperator.EQUAL, ef_state=EfState.STATED, **values)


def review(
    number: int,
    person: int,
    purpose: Purpose | None = Purpose.FIRST,
    findings: Findings = FINDINGS,
    decision: Decision = Decision.ACCEPT,
    sample_id: int | None = None,
) -> Review:
    return Review(
        id=number,
        case_id=1,
        annotator_id=person,
        decision=decision.value,
        purpose=purpose.value if purpose else None,
        request_id=f"r{number}",
        codebook_version="1",
        created_at=NOW,
        sample_id=sample_id,
        **findings_columns(findings),
    )


def wanted(
    *reviews: Review, twice: bool = False, audits: dict[int, AuditFacts] | None = None
) -> dict[str, Any]:
    facts = CaseFacts(DRAFT, reviews, is_second_chosen=twice, audits=audits or {})
    found = readings_wanted(facts, RULES)
    return {f"{one.purpose.value} {one.sample_key or ''}".strip(): (one.state, one.barred) for one in found}


def asked(
    *reviews: Review, twice: bool = True, audits: dict[int, AuditFacts] | None = None
) -> list[int | None]:
    facts = CaseFacts(DRAFT, reviews, is_second_chosen=twice, audits=audits or {})
    return [one.id for one in readings_in_question(facts, RULES)]


# ---- what is the same answer


@pytest.mark.parametrize(
    ("one", "other", "cards"),
    [
        (ef(50), ef(52), ()),
        (ef(50), ef(52.1), ("ef",)),
        (ef(50), Findings(), ("ef",)),
        (Findings(ef_state=EfState.UNREADABLE), Findings(), ("ef",)),
        (ef(50), ef(50, rwma=Rwma.PRESENT), ("rwma",)),
        (
            ef(50, rwma=Rwma.PRESENT),
            ef(50, rwma=Rwma.PRESENT, rwma_severity=RwmaSeverity.MILD),
            ("rwma",),
        ),
        (
            ef(50, rwma=Rwma.PRESENT, rwma_walls=("apical",)),
            ef(50, rwma=Rwma.PRESENT),
            (),
        ),
        (ef(50, pah=Pah.MILD), ef(50, pah=Pah.SEVERE), ("pah",)),
        (ef(50, rvsp_mmhg=40), ef(50, rvsp_mmhg=42), ()),
        (ef(50, rvsp_mmhg=40), ef(50, rvsp_mmhg=43), ("pah",)),
        (ef(50, rvsp_mmhg=40), ef(50), ()),
        (ef(50, rvsp_mmhg=40, pah=Pah.MILD), ef(50), ("pah",)),
        (ef(20, pah=Pah.MILD), Findings(rwma=Rwma.PRESENT), ("ef", "rwma", "pah")),
    ],
)
def test_two_records_differ_in_the_cards_one_would_name(
    one: Findings, other: Findings, cards: tuple[str, ...]
) -> None:
    assert differing_cards(one, other, ef_tolerance_points=2) == cards
    assert differing_cards(other, one, ef_tolerance_points=2) == cards
    assert differing_cards(one, one, ef_tolerance_points=0) == ()


# ---- what is read


def test_a_new_case_waits_for_its_first_reading() -> None:
    assert wanted() == {"first": (WAITING, ())}


@pytest.mark.parametrize("decision", [Decision.ACCEPT, Decision.CORRECT])
def test_a_decided_case_is_done_and_read_again_only_where_it_was_chosen(decision: Decision) -> None:
    first = review(1, ANA, decision=decision)
    assert wanted(first) == {"first": (DONE, ())}
    assert wanted(first, twice=True) == {"first": (DONE, ()), "second": (WAITING, (ANA,))}


def test_a_skip_leaves_everything_as_it_is() -> None:
    skip = review(1, ANA, decision=Decision.SKIP)
    assert wanted(skip, twice=True) == {"first": (WAITING, ())}


def test_a_review_older_than_second_readings_is_a_first_one() -> None:
    assert purpose_of(review(1, ANA, None)) is Purpose.FIRST
    assert wanted(review(1, ANA, None)) == {"first": (DONE, ())}


def test_a_flag_goes_to_somebody_else_for_adjudication_and_is_not_read_twice() -> None:
    flag = review(1, ANA, decision=Decision.FLAG)
    assert wanted(flag, twice=True) == {"first": (DONE, ()), "adjudication": (WAITING, (ANA,))}
    assert asked(flag) == [1]


def test_readings_that_agree_are_done_and_those_that_differ_are_asked_about() -> None:
    first = review(1, ANA, findings=ef(50))
    near, far = review(2, BEN, Purpose.SECOND, ef(52)), review(2, BEN, Purpose.SECOND, ef(53))
    assert wanted(first, near, twice=True) == {"first": (DONE, (BEN,)), "second": (DONE, (ANA,))}
    assert wanted(first, far, twice=True)["adjudication"] == (WAITING, (ANA, BEN))
    assert (asked(first, near), asked(first, far)) == ([], [1, 2])


def test_an_adjudication_settles_until_one_of_the_readings_is_newer() -> None:
    first, second = review(1, ANA, findings=ef(50)), review(2, BEN, Purpose.SECOND, ef(60))
    settled = review(3, EVE, Purpose.ADJUDICATION, ef(60))
    assert wanted(first, second, settled, twice=True)["adjudication"] == (DONE, (ANA, BEN))
    assert asked(first, second, settled) == []
    again = review(4, BEN, Purpose.SECOND, ef(70))
    assert wanted(first, second, settled, again, twice=True)["adjudication"][0] is WAITING


def test_an_adjudicator_who_flags_leaves_it_to_another_one() -> None:
    flag, passed_on = (
        review(1, ANA, decision=Decision.FLAG),
        review(2, EVE, Purpose.ADJUDICATION, decision=Decision.FLAG),
    )
    assert wanted(flag, passed_on)["adjudication"] == (WAITING, (ANA, EVE))
    assert asked(flag, passed_on) == [1]


def test_a_second_reader_is_not_given_the_first_reading_when_that_was_taken_back() -> None:
    assert wanted(review(2, BEN, Purpose.SECOND), twice=True) == {"first": (WAITING, (BEN,))}


def test_a_person_who_made_both_readings_has_read_the_record_once() -> None:
    second, first = review(1, BEN, Purpose.SECOND, ef(30)), review(2, BEN, findings=ef(60))
    assert wanted(second, first, twice=True) == {"first": (DONE, (BEN,)), "second": (WAITING, (BEN,))}


def test_everybody_who_decided_first_is_barred_from_the_second_reading() -> None:
    both = (review(1, ANA), review(2, BEN, decision=Decision.CORRECT))
    assert wanted(*both, twice=True)["second"] == (WAITING, (ANA, BEN))


# ---- audits


def test_an_audit_is_for_somebody_who_did_not_read_the_label() -> None:
    first = review(1, ANA)
    assert wanted(first, audits={7: AuditFacts(first, None)})["audit 7"] == (WAITING, (ANA,))
    reading = review(2, BEN, Purpose.AUDIT, sample_id=7)
    found = wanted(first, reading, audits={7: AuditFacts(first, reading)})
    assert found == {"first": (DONE, ()), "audit 7": (DONE, (ANA,))}


def test_who_decided_about_a_label_is_kept_from_its_audit_and_who_skipped_it_is_not() -> None:
    first, second = review(1, ANA, findings=ef(50)), review(2, BEN, Purpose.SECOND, ef(60))
    skipped = review(3, ZOE, Purpose.ADJUDICATION, decision=Decision.SKIP)
    settled = review(4, EVE, Purpose.ADJUDICATION, ef(60))
    found = wanted(first, second, skipped, settled, twice=True, audits={7: AuditFacts(settled, None)})
    # Two of them stand in the row; the statement that gives readings out keeps the others away.
    assert found["audit 7"] == (WAITING, (BEN, EVE))


def test_an_audit_that_finds_something_else_is_adjudicated_by_a_third_person() -> None:
    first, reading = review(1, ANA, findings=ef(50)), review(2, BEN, Purpose.AUDIT, ef(30), sample_id=7)
    facts = {7: AuditFacts(first, reading)}
    assert wanted(first, reading, audits=facts)["adjudication"] == (WAITING, (ANA, BEN))
    assert asked(first, reading, audits=facts) == [1, 2]


def test_an_older_question_that_was_settled_is_not_asked_with_a_new_one() -> None:
    first, second = review(1, ANA, findings=ef(50)), review(2, BEN, Purpose.SECOND, ef(60))
    settled, reading = (
        review(3, EVE, Purpose.ADJUDICATION, ef(60)),
        review(4, ZOE, Purpose.AUDIT, ef(30), sample_id=7),
    )
    facts = {7: AuditFacts(settled, reading)}
    assert asked(first, second, settled, reading, audits=facts) == [3, 4]
    found = wanted(first, second, settled, reading, twice=True, audits=facts)
    assert found["adjudication"] == (WAITING, (EVE, ZOE))


def test_the_audit_of_a_label_that_was_taken_back_keeps_its_reader_away_and_asks_nothing() -> None:
    undone, reading = review(1, ANA, findings=ef(50)), review(2, BEN, Purpose.AUDIT, ef(30), sample_id=7)
    found = wanted(audits={7: AuditFacts(undone, None)})
    assert found == {"first": (WAITING, ()), "audit 7": (WAITING, (ANA,))}
    assert "adjudication" not in wanted(reading, audits={7: AuditFacts(undone, reading)})


# ---- for every history

histories = st.lists(
    st.tuples(
        st.sampled_from([ANA, BEN, EVE]),
        st.sampled_from([None, *Purpose]),
        st.sampled_from(list(Decision)),
        st.sampled_from([ef(30), ef(50), ef(51), Findings()]),
    ),
    max_size=7,
)


@given(histories, st.booleans())
def test_every_history_asks_for_consistent_readings(rows: list[Any], twice: bool) -> None:
    reviews = [
        review(number, person, purpose, findings, decision, sample_id=7 if purpose is Purpose.AUDIT else None)
        for number, (person, purpose, decision, findings) in enumerate(rows, start=1)
    ]
    of_audit = [one for one in reviews if one.purpose == "audit" and one.decision != "skip"]
    firsts = [
        one for one in reviews if purpose_of(one) is Purpose.FIRST and one.decision in ("accept", "correct")
    ]
    audits = {7: AuditFacts(firsts[0], of_audit[-1] if of_audit else None)} if firsts else {}
    facts = CaseFacts(DRAFT, reviews, is_second_chosen=twice, audits=audits)
    found = readings_wanted(facts, RULES)
    question = readings_in_question(facts, RULES)
    by_purpose = {one.purpose: one for one in found}
    assert len(by_purpose) == len(found)
    assert [one.id for one in question] == sorted({int(one.id or 0) for one in question})
    adjudication = by_purpose.get(Purpose.ADJUDICATION)
    assert bool(question) == (adjudication is not None and adjudication.state is WAITING)
    if question:
        assert {question[-1].annotator_id} <= set(adjudication.barred) or len(adjudication.barred) == 2
    for one in found:
        assert len(one.barred) == len(set(one.barred)) <= 2
    if Purpose.AUDIT in by_purpose and by_purpose[Purpose.AUDIT].state is WAITING:
        assert firsts[0].annotator_id in by_purpose[Purpose.AUDIT].barred
    if Purpose.SECOND in by_purpose:
        settling = [one for one in reviews if purpose_of(one) is Purpose.FIRST and one.decision != "skip"]
        assert settling[-1].annotator_id in by_purpose[Purpose.SECOND].barred


# ---- the order


def test_what_a_person_is_needed_for_most_comes_first() -> None:
    def points(purpose: Purpose = Purpose.FIRST, given: float = 0.0, **values: Any) -> float:
        draft = new_draft(1, findings=values.pop("findings", ef(60)))
        draft.light = dict.fromkeys(("ef_percent", "rwma", "pah"), "green") | values.pop("light", {})
        draft.checks = [{"is_issue": True}] * values.pop("issues", 0) + [{"is_issue": False}]
        return priority_of(draft, purpose, given)

    assert points() == 0
    assert points(light={"pah": "amber"}) == 40
    assert points(light={"pah": "amber", "rwma": "red"}) == 100
    assert [points(issues=number) for number in (1, 4, 9)] == [5, 20, 20]
    assert points(findings=ef(39.9)) == points(findings=ef(60, pah=Pah.SEVERE)) == 15
    assert points(given=3.5) == 3.5
    assert points(Purpose.SECOND) == 30
    assert (
        points(Purpose.ADJUDICATION)
        > points(Purpose.AUDIT)
        > points(light={"pah": "red"}, issues=9, given=500)
    )


@pytest.mark.parametrize(
    ("lights", "worst"),
    [
        ({}, Light.AMBER),
        ({"ef_percent": "green", "rwma": "green"}, Light.AMBER),
        ({"ef_percent": "green", "rwma": "green", "pah": "green"}, Light.GREEN),
        ({"ef_percent": "green", "rwma": "green", "pah": "green", "rvsp_mmhg": "amber"}, Light.AMBER),
        ({"rwma": "red"}, Light.RED),
    ],
)
def test_a_field_without_a_light_needs_a_look(lights: dict[str, str], worst: Light) -> None:
    draft = new_draft(1)
    draft.light = lights
    assert worst_light(draft) is worst


def test_small_strata_are_rare() -> None:
    severe = Findings(rwma=Rwma.PRESENT, rwma_severity=RwmaSeverity.MODERATE)
    assert [is_rare(one) for one in (ef(39), ef(29), severe, Findings(pah=Pah.SEVERE))] == [True] * 4
    assert [is_rare(one) for one in (ef(40), Findings(), Findings(pah=Pah.MODERATE), FINDINGS)] == [False] * 4


# ---- a label sent back


def sent_back(after: int, *reviews: Review) -> CaseFacts:
    return CaseFacts(DRAFT, reviews, is_second_chosen=True, sent_back_after=after)


def adjudication_of(facts: CaseFacts) -> tuple[QueueState, tuple[int, ...]] | None:
    found = [one for one in readings_wanted(facts, RULES) if one.purpose is Purpose.ADJUDICATION]
    return (found[0].state, found[0].barred) if found else None


def test_a_label_two_people_agreed_on_can_be_sent_back_and_is_asked_about_until_an_adjudicator_answers() -> (
    None
):
    first, second = review(1, ANA, findings=ef(50)), review(2, BEN, Purpose.SECOND, ef(51))
    assert adjudication_of(CaseFacts(DRAFT, (first, second), is_second_chosen=True)) is None
    waiting = sent_back(2, first, second)
    assert (is_sent_back(waiting), adjudication_of(waiting)) == (True, (WAITING, (ANA, BEN)))
    assert [one.id for one in readings_in_question(waiting, RULES)] == [1, 2]
    answered = sent_back(2, first, second, review(3, EVE, Purpose.ADJUDICATION, ef(40)))
    assert (is_sent_back(answered), readings_in_question(answered, RULES)) == (False, [])
    assert adjudication_of(answered) == (DONE, (BEN, EVE))


def test_an_adjudicated_label_can_be_sent_back_again_with_the_adjudication_among_the_readings() -> None:
    history = (
        review(1, ANA, findings=ef(50)),
        review(2, BEN, Purpose.SECOND, ef(60)),
        review(3, EVE, Purpose.ADJUDICATION, ef(60)),
    )
    again = sent_back(3, *history)
    assert [one.id for one in readings_in_question(again, RULES)] == [1, 2, 3]
    assert adjudication_of(again) == (WAITING, (BEN, EVE))
    assert not is_sent_back(sent_back(3, *history, review(4, ZOE, Purpose.ADJUDICATION, ef(50))))


def test_sending_back_a_record_whose_reading_was_taken_back_asks_nobody_to_adjudicate() -> None:
    undone = sent_back(1)
    assert (is_sent_back(undone), adjudication_of(undone)) == (False, None)
