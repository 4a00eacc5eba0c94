"""Practice drafts on the desk: one field is wrong, and whatever is answered there is never a review."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import Any

import pytest
from desk_fixture import clean_record, desk_record, two_page_record
from desk_people import DeskHall, MakeHall, Person
from desk_setups import RULES, moved, redraft, restarted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from db.events import verify_chain
from db.labels import Findings
from db.models import Draft, Purpose, Role, findings_columns
from db.reading_models import SeededAnswer, SeededDraft
from db.reviews import LABEL, current_labels
from labeling.export_tables import FileFormat, Table, export_table
from review_ui import text
from review_ui.screens import Screen, Variant
from review_ui.showing import CARD_OF_FIELD


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    return restarted(make_hall(clean_record(1), clean_record(2, ef_percent=55), desk_record()), vigilance_share=1.0)


@pytest.fixture
def asha(hall: DeskHall) -> Person:
    return hall.sit_down("Asha")


def seeds(hall: DeskHall) -> list[SeededDraft]:
    with hall.desk.database.read() as session:
        return list(session.exec(select(SeededDraft).order_by(col(SeededDraft.id))))


def seed_answers(hall: DeskHall) -> list[SeededAnswer]:
    with hall.desk.database.read() as session:
        return list(session.exec(select(SeededAnswer).order_by(col(SeededAnswer.seeded_id))))


def draft_of(hall: DeskHall, case_id: int) -> Findings:
    with hall.desk.database.read() as session:
        found = session.exec(select(Draft).where(Draft.case_id == case_id).order_by(col(Draft.id).desc())).first()
    assert found is not None
    return found.to_findings()


def right_answers(findings: Findings) -> dict[str, Any]:
    """What a careful person answers, card by card."""
    ef: dict[str, Any] = {"state": findings.ef_state.value}
    if findings.ef_percent is not None:
        ef = {"text": f"{findings.ef_percent:g}"}
    return {"ef": ef, "rwma": findings.rwma.value, "pah": findings.pah.value}


def card_of(seeded: SeededDraft) -> str:
    return CARD_OF_FIELD[seeded.field]


def test_a_practice_record_is_wrong_in_one_field_and_looks_like_any_other(hall: DeskHall, asha: Person) -> None:
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
def test_whoever_changes_or_flags_the_wrong_value_has_noticed(hall: DeskHall, asha: Person, decision: str) -> None:
    shown = asha.open()
    answers = right_answers(draft_of(hall, 1)) if decision == "store" else {}
    told = asha.decide(shown, decision, answers=answers, note="is this right")
    assert told["state"] == "practice"
    (answer,) = seed_answers(hall)
    assert answer.is_caught
    assert hall.reviews() == []


def test_a_skip_of_a_practice_record_is_a_skip_and_it_is_practised_later(hall: DeskHall, asha: Person) -> None:
    shown = asha.open()
    assert asha.decide(shown, "skip", answers={"pah": "severe"})["state"] == "record"
    assert (hall.reviews()[0].decision, hall.reviews()[0].to_findings()) == ("skip", draft_of(hall, 1))
    assert seed_answers(hall) == []


def test_a_reload_or_restart_keeps_the_practice_record_and_what_was_told(hall: DeskHall, asha: Person) -> None:
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
    assert asha.decide(stale, base_review_id=hall.reviews()[0].id, seen_review_id=1)["sentence"] == text.OLD_SCREEN
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


def test_a_practice_draft_of_an_older_draft_is_not_shown_beside_a_newer_one(hall: DeskHall, asha: Person) -> None:
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


# ---- whatever happens

actions = st.tuples(
    st.integers(0, 1),
    st.sampled_from(
        ["open", "open", "store", "store", "right", "flag", "skip", "undo", "redo", "back", "stale", "resend"]
        + ["steal", "wait", "beat", "restart", "prefetch", "conflict"]
    ),
    st.integers(0, 7),
)


@dataclass
class Browser:
    """One person with every page they ever had open, and what they typed after a practice draft was revealed."""

    person: Person
    pages: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    typed: set[tuple[int, str, Any]] = field(default_factory=set)

    def see(self, told: dict[str, Any]) -> dict[str, Any]:
        if "record" in told:
            self.pages.append(told)
        for record in told.get("records", ()):
            self.pages.append({"record": record})
        return told

    def page(self, number: int) -> dict[str, Any] | None:
        return self.pages[-1 - number % len(self.pages)] if self.pages else None


def act(hall: DeskHall, browsers: list[Browser], who: int, action: str, number: int) -> DeskHall:
    """One thing a person does, sensible or not; the answers typed are never a seeded value."""
    me, other = browsers[who], browsers[1 - who]
    person = me.person
    if action == "open":
        me.see(person.open())
    elif action == "prefetch" and me.pages:
        me.see(person.ask("prefetch", case_id=me.pages[-1]["record"]["case_id"]))
    elif action == "wait":
        hall.clock.wait(200)
    elif action in ("undo", "redo"):
        me.see(person.ask(action, request_id=f"{action}-{who}-{number}-{len(person.made):06d}"))
    elif action == "back":
        me.see(person.ask("go_back"))
    elif action == "restart":
        hall = restarted(hall)
        for browser in browsers:
            browser.person = moved(browser.person, hall)
    elif action == "beat" and me.pages:
        person.beat(me.pages[-1])
    elif action == "resend" and me.sent:
        me.see(person.ask("decide", **me.sent[number % len(me.sent)]))
    elif (page := (other if action == "steal" else me).page(number if action in ("stale", "steal") else 0)) is not None:
        send(hall, me, page, action)
    person.look()
    return hall


def send(hall: DeskHall, me: Browser, page: dict[str, Any], action: str) -> None:
    """Decide on a page: as it stands, with the right answers, or over a conflict."""
    record = page["record"]
    again = record["again"]
    names = ("case_id", "draft_id", "screen", "seen_review_id")
    me.person.made.append(f"request-{me.person.annotator_id}-{len(me.person.made):04d}")
    payload = {name: record[name] for name in names} | {
        "base_review_id": again["review_id"] if again else None,
        "request_id": me.person.made[-1],
        "decision": action if action in ("flag", "skip") else "store",
        "note": "odd" if action == "flag" else "",
        "confirmed": ["ef", "rwma", "pah"],
        "answers": right_answers(draft_of(hall, record["case_id"])) if action == "right" else {},
        "active_s": 2.0,
    }
    me.sent.append(payload)
    told = me.see(me.person.ask("decide", **payload))
    if record["screen"] in practice_marks(hall) and action != "skip":
        assert "saved" not in told  # never a review, whatever was answered
    if told["state"] == "conflict" and action == "conflict":
        me.sent.append(payload | {"seen_review_id": told["seen_review_id"]})
        me.see(me.person.ask("decide", **me.sent[-1]))


def practice_marks(hall: DeskHall) -> set[str]:
    return {
        Screen(
            row.case_id,
            row.draft_id,
            row.annotator_id,
            Purpose.FIRST,
            Variant.PRACTICE,
            seeded_id=int(row.id or 0),
        ).mark(RULES.key)
        for row in seeds(hall)
    }


def true_values(hall: DeskHall) -> dict[int, dict[str, Any]]:
    return {number: findings_columns(draft_of(hall, number)) for number in hall.seeded.case_ids}


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(actions, min_size=4, max_size=22))
def test_a_seeded_value_never_gets_anywhere(make_hall: MakeHall, done: list[tuple[int, str, int]]) -> None:
    """Nobody ever types a seeded value here, so none may be in any review, label, export or training example."""
    records = (clean_record(1), clean_record(2, ef_percent=55), desk_record())
    hall = restarted(make_hall(*records), vigilance_share=1.0)
    browsers = [Browser(hall.sit_down("Asha", Role.ADJUDICATOR)), Browser(hall.sit_down("Bina"))]
    for who, action, number in done:
        hall = act(hall, browsers, who, action, number)
    true = true_values(hall)
    reviews = hall.reviews()
    for review in reviews:
        stored = findings_columns(review.to_findings())
        for seeded_row in seeds(hall):
            wrong = seeded_row.shown[seeded_row.field]
            if seeded_row.case_id == review.case_id and wrong != true[review.case_id][seeded_row.field]:
                assert stored[seeded_row.field] != wrong, (done, review.id)
    nothing_seeded_is_let_out(hall, true)
    by_screen = {answer.seeded_id for answer in seed_answers(hall)}
    assert by_screen <= {row.id for row in seeds(hall)}
    with hall.desk.database.read() as session:
        assert verify_chain(session).bad_id is None


def nothing_seeded_is_let_out(hall: DeskHall, true: dict[int, dict[str, Any]]) -> None:
    """The label view, the current labels and both exports hold true values alone."""
    columns = ("ef_percent", "rwma", "pah")
    with hall.desk.database.read() as session:
        for row in session.execute(select(LABEL)).mappings():
            assert [row[name] for name in columns] == [true[row["case_id"]][name] for name in columns]
        for label in current_labels(session):
            assert findings_columns(label.findings)["pah"] == true[label.case_id]["pah"]
    for table in (Table.DRAFTS, Table.LABELS):
        path = hall.seeded.workspace.root / f"{table.value}.csv"
        export_table(hall.desk.database, table, path, file_format=FileFormat.CSV)
        with path.open(newline="", encoding="utf-8-sig") as stream:
            for line in csv.DictReader(stream):
                expected = true[int(line["case_id"])]
                assert float(line["ef_percent"]) == expected["ef_percent"]
                assert (line["rwma"], line["pah"]) == (expected["rwma"], expected["pah"])


def test_training_examples_are_made_of_what_was_answered_after_the_reveal(hall: DeskHall, asha: Person) -> None:
    from labeling.finetuning.examples import reviewed_examples, says

    for _ in range(3):
        shown = asha.open()
        told = asha.decide(shown, confirmed=["ef"])
        asha.look()
        assert told["state"] == "practice"
        asha.decide(told, confirmed=["ef", "rwma", "pah"])
    assert len(seeds(hall)) == len(seed_answers(hall)) == len(hall.reviews()) == 3
    examples = reviewed_examples(hall.desk.database, hall.seeded.store)
    assert len(examples.examples) == 3
    quiet = {example.review_id: example.answer for example in examples.examples}
    for review in hall.reviews():
        assert (review.decision, review.to_findings()) == ("accept", draft_of(hall, review.case_id))
        assert says(quiet[int(review.id or 0)], draft_of(hall, review.case_id))
