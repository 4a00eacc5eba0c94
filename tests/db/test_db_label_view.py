"""Which review makes the label: the view, its rule for a past moment, and the rule in Python say the same."""

from __future__ import annotations

import random
from typing import Any

import pytest
from db_rows import World
from reading_rows import review, withdrawal
from sqlalchemy import select
from sqlmodel import Session

from db.decisions import Decision, Purpose, makes_label
from db.label_view import LABEL, current_label, newest_labels
from db.snapshots import decisions_on
from db.tables.cases import Case

DECISIONS = [one.value for one in Decision]
PURPOSES = [None, *(one.value for one in Purpose)]
Labels = dict[int, int]


def in_view(session: Session) -> Labels:
    return {
        int(case): int(made) for case, made in session.execute(select(LABEL.c.case_id, LABEL.c.review_id))
    }


def by_rule(session: Session, **more: Any) -> Labels:
    newest = newest_labels(**more)
    return {
        int(case): int(made) for case, made in session.execute(select(newest.c.case_id, newest.c.review_id))
    }


def in_python(session: Session, cases: list[int]) -> Labels:
    return {
        one["case_id"]: one["id"] for one in decisions_on(session, case_ids=cases)
        if one["is_in_force"] and makes_label(one["decision"], one["purpose"])
    }  # fmt: skip


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_every_form_of_the_rule_names_the_same_reviews(world: World, seed: int) -> None:
    """Any decisions for any purpose, some undone, redone and undone again."""
    rng, person = random.Random(seed), world.user()
    cases = world.cases(4)
    moments: list[tuple[int, int, Labels]] = []
    with world.database.write() as session:
        made = undone = 0
        for step in range(120):
            if made and rng.random() < 0.4:
                undone += 1
                kind = rng.choice(["undo", "undo", "redo"])
                whose = rng.randint(max(1, made - 6), made)
                session.add(
                    withdrawal(
                        id=undone, review_id=whose, annotator_id=person, kind=kind, request_id=f"w{step}"
                    )
                )
            else:
                made += 1
                session.add(review(
                    id=made, case_id=rng.choice(cases), draft_id=None, annotator_id=person,
                    request_id=f"r{step}",
                    decision=rng.choice(DECISIONS), purpose=rng.choice(PURPOSES),
                ))  # fmt: skip
            session.flush()
            now = in_view(session)
            assert now == by_rule(session) == in_python(session, cases)
            moments.append((made, undone, now))
        for last_review, last_withdrawal, then in moments:
            assert by_rule(session, until_review=last_review, until_withdrawal=last_withdrawal) == then
        assert any(one != moments[-1][2] for *_, one in moments)
        some = select(Case.id).where(Case.id.in_(cases[:2]))  # type: ignore[union-attr]
        assert by_rule(session, among=some) == {
            case: in_view(session)[case] for case in cases[:2] if case in now
        }
        assert current_label(session, case_id=cases[0]) == now.get(cases[0])
