"""A hidden draft: nothing of it reaches the page before every value was entered, and both are kept."""

from __future__ import annotations

from typing import Any

import pytest
from desk_fixture import clean_record, desk_record, findings, two_page_record
from desk_people import DeskHall, MakeHall, Person
from desk_setups import moved, redraft, restarted, reveal, without_marks, words_of

from db.access.desk_key import drawn_share
from db.decisions import Arm
from db.labels import Findings
from review_ui import text

ENTERED: dict[str, Any] = {"ef": {"text": "55"}, "rwma": "absent", "pah": "none"}
AS_DRAFTED: dict[str, Any] = {
    "ef": {"text": "37.5"},
    "rwma": "present",
    "pah": "mild",
    "rvsp": {"text": "48"},
}
UNLIKE = findings(
    ef_percent=61, ef_operator=">", ef_state="stated", lv_function="zebra", pah="severe", rvsp_mmhg=99
)


@pytest.fixture
def hall(make_hall: MakeHall) -> DeskHall:
    return restarted(make_hall(desk_record(), clean_record(2), two_page_record()), blind_share=1.0)


def test_a_hidden_record_is_the_same_whatever_the_draft_says(hall: DeskHall, asha: Person) -> None:
    """Nothing of the draft can be in an answer that does not change with it."""
    shown, ahead = asha.open(), asha.ask("prefetch", case_id=1)
    assert [record["case_id"] for record in ahead["records"]] == [2, 3]
    for case_id in (1, 2, 3):
        quoted = {"quote": "zebra 61", "page": 1, "box": (1, 2, 3, 4), "boxes": [(1, 2, 3, 4)]}
        told = {
            "evidence": {"ef_percent": quoted},
            "opinions": [{"reader": "zebra", "findings": UNLIKE.model_dump()}],
        }
        light = dict.fromkeys(("ef_percent", "rwma", "pah"), "red")
        redraft(
            hall,
            case_id,
            UNLIKE,
            light=light,
            checks=[{"name": "z", "is_issue": True, "reason": "z"}],
            **told,
        )
    assert without_marks(asha.open()) == without_marks(shown)
    assert without_marks(asha.ask("prefetch", case_id=1)) == without_marks(ahead)


def test_a_hidden_record_asks_for_everything_and_says_nothing(asha: Person) -> None:
    record = asha.open()["record"]
    assert (record["is_hidden"], record["drafted"], *record["differs"], *record["readings"]) == (True, None)
    assert record["answers"]["ef"] == dict.fromkeys(("state", "percent", "low", "high", "operator"))
    assert all(
        field["needs_answer"] and not field["quote"] and not field["boxes"] for field in record["fields"]
    )
    for word in ("37.5", "35 - 40", "35 – 40", "mild", "inferior", "green"):
        assert word not in words_of(record | {"screen": ""}), word


def test_values_are_entered_then_the_draft_stands_beside_them_and_both_are_kept(
    hall: DeskHall, asha: Person
) -> None:
    told = reveal(asha, asha.open(), **ENTERED)
    record = told["record"]
    assert (told["state"], record["is_hidden"]) == ("record", False)
    assert record["drafted"] == {
        "ef": "37.5 %",
        # What is stored with the answer is said with it.
        "rwma": "present (Inferior, inferolateral · severity not graded in the report)",
        "pah": "mild, 48 mmHg",
    }
    assert (record["answers"]["ef"]["percent"], record["answers"]["rwma"]) == (55, "absent")
    assert set(record["differs"]) == {"ef", "rwma", "pah"}
    asha.decide(told, answers={"rwma": "present"}, reason="misread")
    (review,) = hall.reviews()
    assert (review.arm, review.decision, review.reason) == (Arm.HIDDEN.value, "correct", "misread")
    assert (review.ef_percent, review.rwma) == (55, "present")
    assert review.entered is not None
    assert (review.entered["ef_percent"], review.entered["rwma"]) == (55, "absent")


def test_the_first_values_count_however_often_the_draft_is_asked_for(hall: DeskHall, asha: Person) -> None:
    hidden = asha.open()
    reveal(asha, hidden, **ENTERED)
    told = reveal(asha, hidden, **AS_DRAFTED)  # a second tab that still hides it
    assert told["record"]["answers"]["ef"]["percent"] == 55
    asha.decide(told, answers=AS_DRAFTED)
    (review,) = hall.reviews()
    assert review.entered is not None
    assert (review.entered["ef_percent"], review.ef_percent) == (55, 37.5)


def test_a_reload_or_a_restart_shows_where_one_was(hall: DeskHall, asha: Person) -> None:
    assert asha.open()["record"]["is_hidden"]
    reveal(asha, asha.open(), **ENTERED)
    again = moved(asha, restarted(hall, blind_share=1.0)).open()
    assert (again["record"]["is_hidden"], again["record"]["answers"]["ef"]["percent"]) == (False, 55)
    assert again["record"]["drafted"]["ef"] == "37.5 %"


def test_where_the_answers_agree_the_drafts_details_come_along(hall: DeskHall, asha: Person) -> None:
    asha.decide(reveal(asha, asha.open(), **AS_DRAFTED))
    (review,) = hall.reviews()
    assert review.decision == "accept"
    assert review.to_findings() == desk_record().findings
    assert review.entered is not None
    assert (review.entered["ef_low"], review.entered["rwma_walls"]) == (None, [])


def test_a_range_or_sign_that_was_typed_stays_as_typed(hall: DeskHall, asha: Person) -> None:
    asha.decide(reveal(asha, asha.open(), **(AS_DRAFTED | {"ef": {"text": "30-45"}})))
    asha.decide(reveal(asha, asha.open(), **(ENTERED | {"ef": {"text": ">60"}})))
    first, second = hall.reviews()
    assert (first.ef_percent, first.ef_low, first.ef_high, first.decision) == (37.5, 30, 45, "correct")
    assert (second.ef_percent, second.ef_operator, second.decision) == (60, ">", "correct")


@pytest.mark.parametrize("missing", ["ef", "rwma", "pah"])
def test_every_card_has_to_be_entered_itself(hall: DeskHall, asha: Person, missing: str) -> None:
    answers = {name: value for name, value in ENTERED.items() if name != missing}
    beside = {"ef": {}, "rwma": {"rwma_severity": "mild"}, "pah": {"rvsp": {"text": "30"}}}[missing]
    told = reveal(asha, asha.open(), **answers, **beside)
    assert (told["state"], told["field"]) == ("refused", missing)
    assert asha.open()["record"]["is_hidden"]


def test_a_hidden_screen_cannot_be_stored_or_confirmed(hall: DeskHall, asha: Person) -> None:
    hidden = asha.open()
    told = asha.decide(hidden, answers=ENTERED, confirmed=["ef", "rwma", "pah"])
    assert (told["state"], told["sentence"]) == ("refused", text.OLD_SCREEN)
    reveal(asha, hidden, **ENTERED)
    assert (
        asha.decide(hidden, answers=AS_DRAFTED)["sentence"] == text.OLD_SCREEN
    )  # the tab that still hides it
    assert hall.reviews() == []


def test_a_screen_without_a_draft_hidden_cannot_be_revealed(hall: DeskHall) -> None:
    open_hall = restarted(hall, blind_share=0.0)
    asha = open_hall.sit_down("Asha")
    shown = asha.open()
    assert reveal(asha, shown, **ENTERED)["sentence"] == text.OLD_SCREEN
    asha.decide(shown, confirmed=["ef"])
    assert (open_hall.reviews()[0].arm, open_hall.reviews()[0].entered) == (Arm.SHOWN.value, None)


def test_a_hidden_record_is_not_revealed_at_a_glance(hall: DeskHall, asha: Person) -> None:
    shown = asha.ask("open_next")
    screen = {name: shown["record"][name] for name in ("case_id", "draft_id", "screen")}
    assert asha.ask("reveal", **screen, answers=ENTERED)["sentence"] == text.TOO_SOON
    asha.look()
    assert reveal(asha, shown, ef={"text": "95"}, rwma="absent", pah="none")["field"] == "ef"


def test_what_was_entered_is_never_replaced_by_nothing(hall: DeskHall, asha: Person, bina: Person) -> None:
    """The hold is lost after the draft was shown, and with it what was entered."""
    told = reveal(asha, asha.open(), **ENTERED)
    hall.clock.wait(300)
    assert bina.open()["record"]["case_id"] == 1
    bina.ask("open_next", leave=1)
    bina.ask("open_next", leave=1)
    hall.clock.wait(300)
    answered = asha.decide(told)
    assert (answered["state"], answered["sentence"]) == ("refused", text.OLD_SCREEN)
    assert hall.reviews() == []
    assert asha.ask("decide", **{**_skip(told), "request_id": "skip-0001"})["state"] == "record"


def _skip(shown: dict[str, Any]) -> dict[str, Any]:
    names = ("case_id", "draft_id", "screen", "seen_review_id")
    return {name: shown["record"][name] for name in names} | {"decision": "skip"}


def test_a_hold_that_ran_out_keeps_what_was_entered(hall: DeskHall, asha: Person) -> None:
    told = reveal(asha, asha.open(), **ENTERED)
    hall.clock.wait(600)
    assert asha.decide(told)["state"] == "record"
    (review,) = hall.reviews()
    assert (review.ef_percent, review.arm) == (55, "hidden")
    assert review.entered is not None


def test_what_somebody_else_decided_meanwhile_is_not_told_before_one_has_read(
    hall: DeskHall, asha: Person, bina: Person
) -> None:
    hidden = asha.open()
    hall.clock.wait(300)
    bina.decide(reveal(bina, bina.open(), **(ENTERED | {"ef": {"text": "77"}})))
    for told in (
        asha.beat(hidden),
        reveal(asha, hidden, **ENTERED),
        asha.decide(hidden, "flag", note="odd"),
    ):
        assert told["state"] == "taken"
        assert "77" not in words_of(told)
    assert len(hall.reviews()) == 1


def test_a_record_skipped_after_the_draft_was_seen_is_not_hidden_again(hall: DeskHall, asha: Person) -> None:
    asha.decide(reveal(asha, asha.open(), **ENTERED), "skip")
    for _ in range(2):
        asha.decide(reveal(asha, asha.open(), **ENTERED))
    back = asha.open()["record"]
    assert (back["case_id"], back["is_hidden"], back["answers"]["ef"]["percent"]) == (1, False, 55)
    asha.decide({"record": back})
    assert hall.reviews()[-1].entered == hall.reviews()[0].entered
    assert hall.reviews()[-1].arm == "hidden"


def test_a_new_draft_is_the_one_that_is_revealed(hall: DeskHall, asha: Person) -> None:
    hidden = asha.open()
    number = redraft(hall, 1, UNLIKE)
    told = reveal(asha, hidden, **ENTERED)
    assert (told["record"]["draft_id"], told["record"]["drafted"]["ef"]) == (number, "61 %")
    asha.decide(told)
    assert (hall.reviews()[0].draft_id, hall.reviews()[0].arm) == (number, "hidden")


def test_a_draft_that_is_new_after_the_reveal_is_not_the_one_decided_on(hall: DeskHall, asha: Person) -> None:
    told = reveal(asha, asha.open(), **AS_DRAFTED)
    redraft(hall, 1, UNLIKE)
    asha.decide(told)
    (review,) = hall.reviews()
    assert (review.draft_id, review.decision) == (1, "accept")
    assert review.to_findings() == desk_record().findings


def test_an_undone_decision_is_shown_as_it_was_and_keeps_its_arm(hall: DeskHall, asha: Person) -> None:
    asha.decide(reveal(asha, asha.open(), **ENTERED))
    told = asha.ask("undo", request_id="undo-0001")
    asha.look()
    record = told["record"]
    assert (record["is_hidden"], record["answers"]["ef"]["percent"]) == (False, 55)
    assert (record["again"]["is_undone"], record["again"]["review_id"]) == (True, hall.reviews()[0].id)
    asha.decide(told)
    first, second = hall.reviews()
    assert (second.arm, second.entered) == ("hidden", first.entered)
    assert second.to_findings() == first.to_findings()


def test_a_record_flagged_before_the_draft_was_seen_stays_without_it(hall: DeskHall, asha: Person) -> None:
    asha.decide(asha.open(), "flag", note="cannot be read")
    back = asha.ask("go_back")
    asha.look()
    redraft(hall, 1, UNLIKE)
    assert without_marks(asha.ask("go_back")) == without_marks(back)
    asha.look()
    back = asha.ask("go_back")
    asha.look()
    assert asha.decide(back, answers={"pah": "none"})["field"] == "ef"
    asha.decide(back, answers=ENTERED)
    review = hall.reviews()[-1]
    assert (review.arm, review.ef_percent) == ("hidden", 55)
    assert Findings.model_validate(review.entered) == review.to_findings()


def test_the_share_is_of_cases_and_the_same_for_everybody(hall: DeskHall) -> None:
    some = restarted(hall, blind_share=drawn_share(b"k" * 32, "hidden", 1) + 1e-9)
    expected = [drawn_share(b"k" * 32, "hidden", number) < some.desk.blind_share for number in (1, 2, 3)]
    asha, bina = some.sit_down("Asha"), some.sit_down("Bina")

    def hidden(person: Person) -> list[bool]:
        records = [person.open()["record"], *person.ask("prefetch", case_id=1)["records"]]
        return [record["is_hidden"] for record in records]

    assert hidden(asha) == expected
    some.clock.wait(300)
    assert hidden(bina) == expected
    assert expected[0]
