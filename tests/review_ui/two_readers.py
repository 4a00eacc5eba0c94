"""Two people who read the same record, and differ or not."""

from __future__ import annotations

from typing import Any

from desk_fixture import clean_record, desk_record
from desk_people import DeskHall, MakeHall, Person
from desk_setups import read_twice, restarted

from db.label_view import current_labels

ODD = "67.5"  # stands nowhere else
FIRST: dict[str, Any] = {"ef": {"text": ODD}, "rwma": "unreadable", "pah": "present_unspecified"}
OTHER: dict[str, Any] = {"ef": {"text": "31"}, "rwma": "absent", "pah": "none"}


def twice_read_hall(make_hall: MakeHall) -> DeskHall:
    """Two records, the first of which is read twice."""
    hall = restarted(make_hall(desk_record(), clean_record(2)))
    read_twice(hall, 1)
    return hall


def labels(hall: DeskHall) -> dict[int, int]:
    """Case -> the review that makes its label."""
    with hall.desk.database.read() as session:
        return {label.case_id: label.review_id for label in current_labels(session)}


def next_of(person: Person, case_id: int, purpose: str) -> dict[str, Any]:
    """The person's next record, which has to be this one."""
    shown = person.open()
    assert (shown["record"]["case_id"], shown["record"]["purpose"]) == (case_id, purpose)
    return shown


def read_first(person: Person, **answers: Any) -> dict[str, Any]:
    """Read the first record."""
    return person.decide(next_of(person, 1, "first"), answers=FIRST | answers)


def differ(asha: Person, bina: Person, **answers: Any) -> None:
    """Two readings of the first record that have nothing in common, unless told otherwise."""
    read_first(asha)
    bina.decide(next_of(bina, 1, "second"), answers=OTHER | answers)
