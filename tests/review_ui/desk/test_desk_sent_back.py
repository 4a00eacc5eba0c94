"""A label that was sent back to an adjudicator, at the desk."""

from __future__ import annotations

from desk_fixture import clean_record
from desk_people import MakeHall
from desk_setups import read_twice, restarted, states

from db.decisions import Role
from db.queue.sending_back import send_back
from db.snapshots import labels_with_status
from review_ui import text

AGREED = {"ef": {"text": "31"}, "rwma": "absent", "pah": "none"}


def test_a_label_two_people_agreed_on_can_be_sent_back_to_who_settles(make_hall: MakeHall) -> None:
    hall = restarted(make_hall(clean_record(1)))
    read_twice(hall, 1)
    asha, bina = hall.sit_down("Asha"), hall.sit_down("Bina")
    asha.decide(asha.open(), answers=AGREED)
    bina.decide(bina.open(), answers=AGREED)
    with hall.desk.database.write() as session:
        waits = send_back(session, case_id=1, rules=hall.desk.rules, actor="test", now=hall.clock.wall())
    assert waits == "adjudication"
    chitra = hall.sit_down("Chitra", Role.ADJUDICATOR)
    shown = chitra.open()
    assert (shown["record"]["purpose"], shown["record"]["message"]) == ("adjudication", text.SENT_BACK)
    assert [field["name"] for field in shown["record"]["fields"] if field["needs_answer"]] == [
        "ef",
        "rwma",
        "pah",
    ]
    chitra.decide(shown, answers=AGREED | {"ef": {"text": "40"}})
    with hall.desk.database.read() as session:
        (label,) = labels_with_status(session)
    assert (label["ef_percent"], bool(label["is_adjudicated"]), bool(label["is_in_conflict"])) == (
        40,
        True,
        False,
    )
    assert states(hall, 1) == {"first": "done", "second": "done", "adjudication": "done"}
