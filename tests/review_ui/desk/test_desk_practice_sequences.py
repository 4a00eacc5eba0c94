"""Whatever two people do at the desk, a practice draft's wrong value gets into nothing that is kept as
true.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import Any

import pytest
from desk_fixture import clean_record, desk_record
from desk_people import DeskHall, MakeHall, Person
from desk_setups import RULES, draft_of, moved, restarted, right_answers, seed_answers, seeds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from db.decisions import Purpose, Role
from db.events import verify_chain
from db.exports.tables import Table, export_table
from db.label_view import LABEL, current_labels
from db.tables.findings import findings_columns
from db.tabular import FileFormat
from review_ui.desk.marks import Screen, Variant


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    return restarted(
        make_hall(clean_record(1), clean_record(2, ef_percent=55), desk_record()), vigilance_share=1.0
    )


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
    """One person with every page they ever had open, and what they typed after a practice draft was
    revealed.
    """

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
    if action == "wait":
        hall.clock.wait(200)
    elif action == "restart":
        hall = restarted(hall)
        for browser in browsers:
            browser.person = moved(browser.person, hall)
    elif not ask(me, action, number, tag=f"{action}-{who}-{number}-{len(person.made):06d}"):
        page = (other if action == "steal" else me).page(number if action in ("stale", "steal") else 0)
        if page is not None:
            send(hall, me, page, action)
    person.look()
    return hall


def ask(me: Browser, action: str, number: int, *, tag: str) -> bool:
    """Whatever is no decision of its own; False where it is one."""
    person = me.person
    if action == "open":
        me.see(person.open())
    elif action in ("undo", "redo"):
        me.see(person.ask(action, request_id=tag))
    elif action == "back":
        me.see(person.ask("go_back"))
    elif action == "prefetch" and me.pages:
        me.see(person.ask("prefetch", case_id=me.pages[-1]["record"]["case_id"]))
    elif action == "beat" and me.pages:
        person.beat(me.pages[-1])
    elif action == "resend" and me.sent:
        me.see(person.ask("decide", **me.sent[number % len(me.sent)]))
    else:
        return False
    return True


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


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(actions, min_size=4, max_size=22))
def test_a_seeded_value_never_gets_anywhere(make_hall: MakeHall, done: list[tuple[int, str, int]]) -> None:
    """Nobody ever types a seeded value here, so none may be in any review, label, export or training
    example.
    """
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


def test_training_examples_are_made_of_what_was_answered_after_the_reveal(
    hall: DeskHall, asha: Person
) -> None:
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
