"""Practice drafts on the desk: one field is wrong, and whatever is answered there is never a review."""

from __future__ import annotations

import pytest
from desk_fixture import clean_record, desk_record, two_page_record
from desk_people import DeskHall, MakeHall, Person
from desk_setups import RULES, draft_of, moved, redraft, restarted, right_answers, seed_answers, seeds

from db.decisions import Purpose
from db.fields.names import CARD_OF_FIELD
from db.tables.practice import SeededDraft
from review_ui import text
from review_ui.desk.marks import Screen, Variant


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    return restarted(
        make_hall(clean_record(1), clean_record(2, ef_percent=55), desk_record()), vigilance_share=1.0
    )


def card_of(seeded: SeededDraft) -> str:
    return CARD_OF_FIELD[seeded.field]


def test_a_practice_record_is_wrong_in_one_field_and_looks_like_any_other(
    hall: DeskHall, asha: Person
) -> None:
    shown = asha.open()
    (seeded,) = seeds(hall)
    plain = restarted(hall, vigilance_share=0.0, rules=RULES)
    hall.clock.wait(300)
    other = plain.sit_down("Bina").open()["record"]
    assert other["case_id"] == shown["record"]["case_id"] == 1
    record = shown["record"]
    answers = {
        name: (record["answers"][name], other["answers"][name])
        for name in record["answers"]
        if record["answers"][name] != other["answers"][name]
    }
    belongs = {"ef": ("ef",), "rwma": ("rwma", "rwma_severity"), "pah": ("pah",)}[card_of(seeded)]
    assert answers
    assert set(answers) <= set(belongs)
    assert set(record) == set(other)
    same = set(record) - {"answers", "screen", "fields"}
    assert {name: record[name] for name in same} == {name: other[name] for name in same}
    quiet = [{**one, "detail": ""} for one in record["fields"]]
    assert quiet == [{**one, "detail": ""} for one in other["fields"]]
    assert not {"field", "sentence"} & set(shown)


def test_what_is_answered_is_kept_apart_and_the_truth_is_told_calmly(hall: DeskHall, asha: Person) -> None:
    told = asha.decide(asha.open())
    (seeded,) = seeds(hall)
    assert (told["state"], told["field"]) == ("practice", card_of(seeded))
    assert told["sentence"].startswith("Practice record: the draft said ")
    assert "saved" not in told
    assert hall.reviews() == []
    (answer,) = seed_answers(hall)
    assert (answer.is_caught, answer.active_s, answer.answered) == (False, 4.5, seeded.shown)
    needing = [one["name"] for one in told["record"]["fields"] if one["needs_answer"]]
    assert needing == [card_of(seeded)]
    assert told["record"]["message"] == told["sentence"]
    asha.look()
    assert asha.decide(told)["field"] == card_of(seeded)  # passing over it stores nothing
    asha.decide(told, confirmed=[card_of(seeded)])
    (review,) = hall.reviews()
    assert (review.decision, review.arm, review.purpose) == ("accept", "shown", "first")
    assert review.to_findings() == draft_of(hall, 1)


@pytest.mark.parametrize("decision", ["store", "flag"])
def test_whoever_changes_or_flags_the_wrong_value_has_noticed(
    hall: DeskHall, asha: Person, decision: str
) -> None:
    shown = asha.open()
    answers = right_answers(draft_of(hall, 1)) if decision == "store" else {}
    told = asha.decide(shown, decision, answers=answers, note="is this right")
    assert told["state"] == "practice"
    (answer,) = seed_answers(hall)
    assert answer.is_caught
    assert hall.reviews() == []


def test_a_skip_of_a_practice_record_is_a_skip_and_it_is_practised_later(
    hall: DeskHall, asha: Person
) -> None:
    shown = asha.open()
    assert asha.decide(shown, "skip", answers={"pah": "severe"})["state"] == "record"
    assert (hall.reviews()[0].decision, hall.reviews()[0].to_findings()) == ("skip", draft_of(hall, 1))
    assert seed_answers(hall) == []


def test_a_reload_or_restart_keeps_the_practice_record_and_what_was_told(
    hall: DeskHall, asha: Person
) -> None:
    shown = asha.open()
    assert asha.open()["record"]["screen"] == shown["record"]["screen"]
    again = moved(asha, restarted(hall, vigilance_share=0.0))
    assert again.open()["record"]["answers"] == shown["record"]["answers"]
    told = again.decide(shown)
    back = again.open()
    assert (back["field"], back["sentence"]) == (told["field"], told["sentence"])
    assert back["record"] == told["record"]
    assert len(seeds(hall)) == 1


def test_the_same_answer_sent_twice_is_kept_once(hall: DeskHall, asha: Person) -> None:
    shown = asha.open()
    first = asha.decide(shown, request_id="twice-0001")
    asha.look()
    again = asha.decide(shown, request_id="twice-0001", answers=right_answers(draft_of(hall, 1)))
    assert first == again
    assert [answer.is_caught for answer in seed_answers(hall)] == [False]
    assert hall.reviews() == []


def test_a_stale_practice_screen_never_stores_over_the_decision(hall: DeskHall, asha: Person) -> None:
    stale = asha.open()
    told = asha.decide(stale)
    asha.look()
    asha.decide(told, answers=right_answers(draft_of(hall, 1)))
    conflict = asha.decide(stale, answers={"pah": "severe"})
    assert conflict["state"] == "conflict"
    assert asha.decide(stale, seen_review_id=conflict["seen_review_id"])["sentence"] == text.OLD_SCREEN
    assert (
        asha.decide(stale, base_review_id=hall.reviews()[0].id, seen_review_id=1)["sentence"]
        == text.OLD_SCREEN
    )
    assert len(hall.reviews()) == len(seed_answers(hall)) == 1


def test_the_work_kept_for_a_practice_screen_is_forgotten_with_it(hall: DeskHall, asha: Person) -> None:
    shown = asha.open()
    record = shown["record"]
    asha.ask("keep_work", case_id=1, screen=record["screen"], work={"changed": {"pah": "severe"}})
    assert asha.open()["record"]["work"]["changed"] == {"pah": "severe"}
    assert asha.decide(shown)["record"]["work"] is None


def test_each_record_is_practised_by_one_person_once_and_only_if_they_never_saw_it(
    hall: DeskHall, asha: Person
) -> None:
    asha.decide(asha.open(), "skip")
    for seeded in seeds(hall):
        assert seeded.annotator_id == asha.annotator_id
    quiet = restarted(hall, vigilance_share=0.0)
    bina = quiet.sit_down("Bina")
    bina.decide(bina.open(), "skip")
    assert bina.annotator_id not in {seeded.annotator_id for seeded in seeds(hall)}
    loud = moved(bina, hall)
    while (shown := loud.open())["record"]["case_id"] != 1:
        loud.decide(shown, "skip")
    assert (1, bina.annotator_id) not in {(seeded.case_id, seeded.annotator_id) for seeded in seeds(hall)}


def test_practice_and_hidden_drafts_are_never_one_record(hall: DeskHall) -> None:
    both = restarted(hall, vigilance_share=1.0, blind_share=1.0)
    assert both.sit_down("Asha").open()["record"]["is_hidden"]
    assert seeds(both) == []


def test_a_record_with_nothing_green_is_not_practised(make_hall: MakeHall) -> None:
    from dataclasses import replace

    doubtful = replace(two_page_record(), light={"ef_percent": "amber", "rwma": "amber", "pah": "red"})
    hall = restarted(make_hall(doubtful), vigilance_share=1.0)
    hall.sit_down("Asha").open()
    assert seeds(hall) == []


def test_a_practice_draft_of_an_older_draft_is_not_shown_beside_a_newer_one(
    hall: DeskHall, asha: Person
) -> None:
    stale = asha.open()
    newer = draft_of(hall, 2)
    redraft(hall, 1, newer)
    shown = asha.open()
    assert shown["record"]["answers"]["ef"]["percent"] == newer.ef_percent
    assert not {"field", "sentence"} & set(shown)
    told = asha.decide(stale)  # the tab that still shows the wrong one
    assert told["state"] == "practice"
    assert hall.reviews() == []
    asha.look()
    asha.decide(asha.open(), answers=right_answers(newer))
    assert hall.reviews()[0].to_findings() == newer


def test_a_record_that_somebody_else_has_now_is_not_practised_on(hall: DeskHall, asha: Person) -> None:
    shown = asha.open()
    hall.clock.wait(300)
    bina = hall.sit_down("Bina")
    assert bina.open()["record"]["case_id"] == 1
    assert asha.decide(shown)["state"] == "taken"
    assert seed_answers(hall) == []


def test_marks_of_screens_cannot_be_guessed_or_carried_over(hall: DeskHall, asha: Person) -> None:
    shown = asha.open()
    record = shown["record"]
    ahead = asha.ask("prefetch", case_id=1)["records"][0]
    hall.clock.wait(300)
    bina = hall.sit_down("Bina")
    theirs = bina.open()["record"]
    assert theirs["case_id"] == 1
    forged = Screen(1, 1, bina.annotator_id, Purpose.FIRST, Variant.PLAIN)
    marks = {
        "of another person": record["screen"],
        "of another case": ahead["screen"],
        "with no key": forged.mark(b""),
        "with another key": forged.mark(b"k" * 31),
        "made up": "0" * 32,
    }
    for name, mark in marks.items():
        told = bina.decide({"record": {**theirs, "screen": mark}})
        assert (told["state"], told["sentence"]) == ("refused", text.OLD_SCREEN), name
    assert bina.decide({"record": {**theirs, "screen": "x" * 32}})["state"] == "failed"
    redraft(hall, 1, draft_of(hall, 2))
    assert bina.decide({"record": {**theirs, "draft_id": 4}})["sentence"] == text.OLD_SCREEN
    assert hall.reviews() == []
    assert seed_answers(hall) == []
    every = {Screen(1, 1, 1, purpose, variant).mark(RULES.key) for purpose in Purpose for variant in Variant}
    assert len(every) == len(Purpose) * len(Variant)


def test_the_mark_of_a_plain_screen_is_one_persons_own(hall: DeskHall) -> None:
    quiet = restarted(hall, vigilance_share=0.0)
    asha, bina = quiet.sit_down("Asha"), quiet.sit_down("Bina")
    shown = asha.open()
    hall.clock.wait(300)
    theirs = bina.open()
    assert shown["record"]["case_id"] == theirs["record"]["case_id"] == 1
    told = bina.decide({"record": {**theirs["record"], "screen": shown["record"]["screen"]}})
    assert (told["state"], told["sentence"]) == ("refused", text.OLD_SCREEN)
    assert bina.decide(theirs)["saved"]
