"""Audit samples: simple random, repeatable, blind, kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from db_rows import FINDINGS
from desk_work import NOW, RULES, Work, working
from sqlmodel import select

from db.decisions import Decision, Purpose
from db.errors import EchoDeskError
from db.quality.audit_samples import draw_sample, list_samples, samples_of_case
from db.store.engine import Database, open_database
from db.tables.audits import AuditItem, AuditSample
from db.tables.events import Event
from db.workspace import Workspace


@pytest.fixture
def work(shared_database: Database) -> Iterator[Work]:
    with working(shared_database) as made:
        yield made


def draw(work: Work, size: int, seed: int = 1, name: str = "may") -> AuditSample:
    return draw_sample(work.session, size=size, seed=seed, name=name, drawn_by="lead", now=NOW, rules=RULES)


def drawn(work: Work, sample: AuditSample) -> list[int]:
    return sorted(work.session.exec(select(AuditItem.case_id).where(AuditItem.sample_id == sample.id)))


def test_a_sample_is_kept_with_how_it_was_drawn_and_queues_its_readings(work: Work) -> None:
    cases = [work.case() for _ in range(5)]
    made = {case_id: work.decide(case_id, "ana").id for case_id in cases}
    sample = draw(work, 3, seed=42)
    assert (sample.name, sample.population, sample.size, sample.seed) == ("may", 5, 3, 42)
    assert (sample.is_random, sample.is_blind, sample.drawn_by) == (True, True, "lead")
    items = work.session.exec(select(AuditItem)).all()
    assert len(items) == 3
    assert all(made[item.case_id] == item.review_id for item in items)
    waiting = [item for item in work.items() if item["purpose"] == "audit"]
    assert [(item["case_id"], item["sample_key"], item["state"]) for item in waiting] == [
        (case_id, sample.id, "waiting") for case_id in drawn(work, sample)
    ]
    assert (work.given("ana"), len(work.given("ben"))) == ([], 3)
    (event,) = work.session.exec(select(Event).where(Event.kind == "audit_sample_drawn"))
    assert (event.actor, event.subject) == ("lead", f"audit_sample:{sample.id}")


def test_the_seed_repeats_the_draw_and_another_seed_does_not(work: Work) -> None:
    for _ in range(14):
        work.decide(work.case(), "ana")
    first, again, other = draw(work, 5, 5, "a"), draw(work, 5, 5, "b"), draw(work, 5, 6, "c")
    assert drawn(work, first) == drawn(work, again) != drawn(work, other)
    assert [sample.name for sample in list_samples(work.session)] == ["a", "b", "c"]
    in_both = set(drawn(work, first)) & set(drawn(work, other))
    some = min(in_both | set(drawn(work, first)))
    expected = [sample.id for sample in (first, again, other) if some in drawn(work, sample)]
    assert sorted(samples_of_case(work.session, case_id=some)) == expected


def test_only_labels_are_drawn_and_as_they_are_now(work: Work) -> None:
    labelled, changed, flagged, skipped, taken_back = (work.case() for _ in range(5))
    work.decide(taken_back, "ben")
    work.undo("ben")
    work.decide(labelled, "ana")
    work.decide(changed, "ana")
    newest = work.decide(changed, "eve", decision=Decision.CORRECT)
    work.decide(changed, "ben", Purpose.SECOND)
    work.decide(flagged, "ana", decision=Decision.FLAG)
    work.decide(skipped, "ana", decision=Decision.SKIP)
    sample = draw(work, 2)
    assert (sample.population, drawn(work, sample)) == (2, [labelled, changed])
    item = work.session.get_one(AuditItem, (sample.id, changed))
    assert item.review_id == newest.id


def test_an_audit_reading_is_not_a_label_and_the_record_may_be_drawn_again(work: Work) -> None:
    case_id = work.case()
    label = work.decide(case_id, "ana")
    first = draw(work, 1, name="first")
    work.decide(case_id, "ben", Purpose.AUDIT, findings=FINDINGS, sample_id=first.id)
    second = draw(work, 1, name="second")
    assert work.session.get_one(AuditItem, (second.id, case_id)).review_id == label.id
    states = {item["sample_key"]: item["state"] for item in work.items() if item["purpose"] == "audit"}
    assert states == {first.id: "done", second.id: "waiting"}
    assert work.given("ben") == [(case_id, "audit")]  # who audited once may audit again


@pytest.mark.parametrize("size", [0, -1, 3])
def test_more_than_there_is_or_nothing_cannot_be_drawn(work: Work, size: int) -> None:
    for _ in range(2):
        work.decide(work.case(), "ana")
    with pytest.raises(EchoDeskError, match="cannot be drawn") as caught:
        draw(work, size)
    assert "between 1 and 2" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "seed", "told"),
    [
        ("taken", 1, "already an audit sample"),
        ("", 1, "1 to 80"),
        ("n" * 81, 1, "1 to 80"),
        ("x", 2**31, "seed"),
    ],
)
def test_a_name_or_seed_that_cannot_be_kept_is_told(work: Work, name: str, seed: int, told: str) -> None:
    work.decide(work.case(), "ana")
    draw(work, 1, name="taken")
    with pytest.raises(EchoDeskError, match=told):
        draw(work, 1, seed, name)
    assert len(list_samples(work.session)) == 1


def test_nothing_is_drawn_where_nothing_is_decided(work: Work) -> None:
    work.case()
    with pytest.raises(EchoDeskError, match="1 of 0"):
        draw(work, 1)


def test_every_pair_of_labels_has_the_same_chance(sqlite_workspace: Workspace) -> None:
    """Chi-square over 100 seeds: a simple random sample is one in which all samples are alike."""
    database = open_database(sqlite_workspace)
    with working(database) as work:
        for _ in range(5):
            work.decide(work.case(), "ana")
        pairs: Counter[tuple[int, ...]] = Counter()
        for seed in range(100):
            nested = work.session.begin_nested()
            pairs[tuple(drawn(work, draw(work, 2, seed)))] += 1
            nested.rollback()
    database.close()
    assert len(pairs) == 10
    assert (
        sum((count - 10) ** 2 / 10 for count in pairs.values()) < 21.67
    )  # 99th percentile, 9 degrees of freedom
