"""Simulated reviewers over demo drafts: what they store is whole, in its place, and the same for the same
seed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drafted_cohort import DraftedCohort, drafted_cohort
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, col, select
from typer.testing import CliRunner

from db.decisions import Purpose
from db.events import verify_chain
from db.fields.names import CARDS
from db.fields.sameness import differing_cards
from db.label_view import current_labels
from db.labels import EfState, Findings, Pah, Rwma
from db.quality.audit import audit_reports
from db.tables.audits import AuditItem, AuditSample
from db.tables.events import Event
from db.tables.people import User
from db.tables.practice import SeededAnswer, SeededDraft
from db.tables.queue import Lease, QueueItem, SecondReading
from db.tables.reviews import Review, Withdrawal
from db.withdrawals import is_in_force
from pipeline.cli import app
from pipeline.commands.demo_said import NEXT, show_next, show_played
from pipeline.demo.reviewing import annotators
from pipeline.demo.reviewing.annotators import ADJUDICATOR, ANNOTATORS, EVERYBODY
from pipeline.demo.reviewing.days import FIRST_DAY
from pipeline.demo.reviewing.decisions import Shares
from pipeline.demo.reviewing.label_errors import LabelErrorRow
from pipeline.demo.reviewing.playing import Played, play_readings, play_reviews
from pipeline.demo.reviewing.slips import PageTruth, answered, card_is_right, seeded_error, slip
from pipeline.demo.truth import UNREADABLE

PATIENTS = 40
SEED = 11
# More of everything than the demo has, so that everything happens among few records.
BUSY = Shares(practice=0.8, hidden=0.3, audit=0.5)
PLAYED_TABLES = (
    Review, SeededDraft, SeededAnswer, Withdrawal, SecondReading, AuditSample, AuditItem, QueueItem, User,
    Event
)  # fmt: skip


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> DraftedCohort:
    """Forty records that were reviewed, a tenth of their labels wrong on purpose."""
    return drafted_cohort(tmp_path_factory.mktemp("reviewed") / "space", patients=PATIENTS)


@pytest.fixture(scope="module")
def played(cohort: DraftedCohort) -> Played:
    return play(cohort, label_error_share=0.1)


@pytest.fixture
def session(cohort: DraftedCohort, played: Played) -> Iterator[Session]:
    database = cohort.open()
    with database.read() as reading:
        yield reading
    database.close()


def play(cohort: DraftedCohort, *, seed: int = SEED, label_error_share: float = 0.0) -> Played:
    database = cohort.open()
    with database.write() as writing:
        done = play_readings(
            writing, pages=cohort.pages, seed=seed, label_error_share=label_error_share, shares=BUSY
        )
    database.close()
    assert done is not None
    return done


def rows(cohort: DraftedCohort, *tables: type[SQLModel]) -> list[list[dict[str, Any]]]:
    database = cohort.open()
    with database.read() as reading:
        found = [
            [row.model_dump(mode="json") for row in reading.exec(select(table)).all()] for table in tables
        ]
    database.close()
    return found


def in_force(session: Session, purpose: Purpose) -> list[Review]:
    """Decisions with an answer that were made for a purpose and not taken back."""
    wanted = select(Review).where(
        Review.purpose == purpose.value, is_in_force(), col(Review.decision).in_(DECIDED)
    )
    return list(session.exec(wanted.order_by(col(Review.id))).all())


DECIDED = ("accept", "correct")


def test_the_log_of_simulated_reviews_is_whole(session: Session) -> None:
    chain = verify_chain(session)
    assert chain.bad_id is None, chain.reason
    assert chain.events > 4 * PATIENTS


def test_every_record_gets_its_label_and_nothing_is_left_waiting(session: Session, played: Played) -> None:
    labels = current_labels(session)
    assert [label.case_id for label in labels] == list(range(1, PATIENTS + 1))
    assert {label.purpose for label in labels} == {Purpose.FIRST, Purpose.ADJUDICATION}
    assert {item.state for item in session.exec(select(QueueItem)).all()} == {"done"}
    assert session.exec(select(Lease)).all() == []
    assert played.labels == PATIENTS


def test_a_second_reader_is_never_the_first(session: Session) -> None:
    first = {one.case_id: one.annotator_id for one in in_force(session, Purpose.FIRST)}
    seconds = in_force(session, Purpose.SECOND)
    assert len(seconds) > PATIENTS / 5
    assert all(first[one.case_id] != one.annotator_id for one in seconds if one.case_id in first)
    assert {(one.arm, one.entered) for one in seconds} == {("hidden", None)}


def test_an_auditor_has_not_read_the_record_and_an_adjudicator_neither(session: Session) -> None:
    readers: dict[int, set[int]] = {}
    for one in session.exec(
        select(Review).where(Review.decision != "skip", is_in_force()).order_by(col(Review.id))
    ):
        earlier = readers.setdefault(one.case_id, set())
        if one.purpose in (Purpose.AUDIT.value, Purpose.ADJUDICATION.value):
            assert one.annotator_id not in earlier
        earlier.add(one.annotator_id)


def test_readings_that_differ_are_adjudicated(session: Session) -> None:
    settled = {one.case_id for one in in_force(session, Purpose.ADJUDICATION)}
    first = {one.case_id: one.to_findings() for one in in_force(session, Purpose.FIRST)}
    others = [*in_force(session, Purpose.SECOND), *in_force(session, Purpose.AUDIT)]
    differing = {
        one.case_id
        for one in others
        if one.case_id in first
        and differing_cards(first[one.case_id], one.to_findings(), ef_tolerance_points=2.0)
    }
    assert differing
    assert differing <= settled


def test_values_of_practice_drafts_are_never_labels(session: Session, played: Played) -> None:
    labels = {label.case_id: label.findings for label in current_labels(session)}
    seeds = session.exec(select(SeededDraft)).all()
    answers = {one.seeded_id: one for one in session.exec(select(SeededAnswer)).all()}
    assert len(seeds) == played.counts["practice"] > 10
    assert set(answers) == {seed.id for seed in seeds}
    wrong_anyway = {error.case_id for error in played.errors}
    for seed in seeds:
        shown = Findings.model_validate(seed.shown)
        stored = session.exec(select(Review).where(Review.case_id == seed.case_id)).all()
        assert all(one.to_findings() != shown for one in stored)
        is_same = getattr(labels[seed.case_id], seed.field) == getattr(shown, seed.field)
        assert not is_same or seed.case_id in wrong_anyway
    assert sum(one.is_caught for one in answers.values()) == played.counts["practice_noticed"]


def test_a_hidden_draft_keeps_what_was_entered_before_it_was_shown(session: Session) -> None:
    hidden = [one for one in in_force(session, Purpose.FIRST) if one.arm == "hidden"]
    assert len(hidden) > 5
    assert all(one.entered is not None for one in hidden)
    shown = [one for one in in_force(session, Purpose.FIRST) if one.arm == "shown"]
    assert {one.entered for one in shown} == {None}


def test_the_audit_sample_is_read_whole_and_bounds_the_errors(session: Session, played: Played) -> None:
    (report,) = audit_reports(session, ef_tolerance_points=2.0)
    assert (report.population, report.size) == (PATIENTS, played.audited)
    assert report.read == report.size == PATIENTS / 2
    errors = {bound.field: bound.errors for bound in report.fields}
    assert sum(errors.values()) > 0
    assert all(bound.errors <= bound.bound <= PATIENTS - bound.read + bound.errors for bound in report.fields)


def test_people_work_on_working_days_and_their_decisions_follow_each_other(
    session: Session, played: Played
) -> None:
    reviews = session.exec(select(Review).order_by(col(Review.id))).all()
    times = [one.created_at for one in reviews]
    assert times == sorted(times)
    assert times[0].date() == FIRST_DAY.date()
    assert all(at.weekday() < 5 and 8 < at.hour < 21 for at in times)
    assert len({at.date() for at in times}) == played.days > 4
    readers = {session.get_one(User, one.annotator_id).name for one in reviews}
    assert {person.name for person in (*ANNOTATORS, ADJUDICATOR)} <= readers


def test_pages_nobody_can_read_are_labelled_unreadable(session: Session, cohort: DraftedCohort) -> None:
    found = [
        label.findings for label in current_labels(session) if not cohort.pages[label.patient_key].is_legible
    ]
    assert found
    assert all(
        (one.ef_state, one.rwma, one.pah) == (EfState.UNREADABLE, Rwma.UNREADABLE, Pah.UNREADABLE)
        for one in found
    )


def test_the_listed_label_errors_are_the_wrong_labels(
    session: Session, cohort: DraftedCohort, played: Played
) -> None:
    labels = {label.case_id: label for label in current_labels(session)}
    wrong = {
        number
        for number, label in labels.items()
        if not all(card_is_right(cohort.pages[label.patient_key], label.findings, card) for card in CARDS)
    }
    listed = {error.case_id: error for error in played.errors}
    assert len(listed) >= 3
    assert set(listed) <= wrong
    assert len(wrong) == played.labels - played.right
    assert len(wrong - set(listed)) <= 2  # people slip as well
    for number, error in listed.items():
        page = cohort.pages[labels[number].patient_key]
        assert error.review_id == labels[number].review_id
        assert error.patient_id == page.patient_id
        assert error.printed == page.findings.model_dump(mode="json")[error.field]
        assert error.label == labels[number].findings.model_dump(mode="json")[error.field] != error.printed


def test_what_the_audit_found_was_put_right(session: Session, played: Played) -> None:
    audited = set(session.exec(select(AuditItem.case_id)).all())
    assert not audited & {error.case_id for error in played.errors}
    assert played.seeded > len(played.errors)


def test_the_same_seed_stores_the_same_rows(tmp_path: Path) -> None:
    one, again, other = (drafted_cohort(tmp_path / name, patients=10) for name in ("one", "again", "other"))
    assert play(one, label_error_share=0.1) == play(again, label_error_share=0.1)
    play(other, seed=SEED + 1)
    assert rows(one, *PLAYED_TABLES) == rows(again, *PLAYED_TABLES)
    assert rows(one, Review) != rows(other, Review)


def test_playing_again_adds_nothing_and_records_of_others_are_left_alone(tmp_path: Path) -> None:
    small = drafted_cohort(tmp_path / "small", patients=8)
    (left,) = (key for key, page in small.pages.items() if page == list(small.pages.values())[0])
    known = {key: page for key, page in small.pages.items() if key != left}
    database = small.open()
    with database.write() as writing:
        first = play_readings(writing, pages=known, seed=1)
        assert first is not None
        assert first.labels == 7
        assert play_readings(writing, pages=small.pages, seed=2) is None
    with database.read() as reading:
        assert left not in {label.patient_key for label in current_labels(reading)}
    database.close()


def test_the_command_writes_the_list_of_errors_and_says_what_was_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = drafted_cohort(tmp_path / "small", patients=20)
    database = small.open()

    def played(share: float) -> Played | None:
        return play_reviews(
            small.workspace,
            database,
            small.truth,
            seed=3,
            label_error_share=share,
            on_progress=lambda done, total: None,
        )

    done = played(0.1)
    assert done is not None
    show_played(done)
    lines = small.truth.with_name("label_errors.jsonl").read_text(encoding="utf-8").splitlines()
    assert [LabelErrorRow(**json.loads(line)) for line in lines] == list(done.errors)
    written = small.truth.with_name("label_errors.jsonl").read_text("utf-8")
    assert played(0.2) is None
    assert small.truth.with_name("label_errors.jsonl").read_text("utf-8") == written
    show_played(None)
    database.close()
    said = capsys.readouterr().out
    assert "first readings" in said
    assert f"{done.labels} labels; {done.right} agree" in said
    assert "nothing was added" in said


def test_every_command_that_is_suggested_exists(capsys: pytest.CaptureFixture[str]) -> None:
    for verb, _ in NEXT:
        words = [word for word in verb.split() if word != "first"]
        assert CliRunner().invoke(app, [*words, "--help"]).exit_code == 0, verb
    show_next(Path("here"))
    assert "echodesk --workspace here review" in capsys.readouterr().out


def test_label_errors_without_reviewers_are_refused(tmp_path: Path) -> None:
    asked = CliRunner().invoke(
        app, ["demo", "--no-serve", "--label-errors", "0.05", "-w", str(tmp_path / "d")]
    )
    assert asked.exit_code == 2
    assert "--reviewed" in asked.stderr
    assert not (tmp_path / "d").exists()


def test_simulated_people_say_that_they_are() -> None:
    assert all(person.name.endswith("(simulated)") for person in EVERYBODY)
    assert len({person.name for person in EVERYBODY}) == len(EVERYBODY) == 6


PRINTED = st.sampled_from(
    [PageTruth.from_line(json.loads(line)) for line in (
        '{"patient_id": "a", "condition": "clean", "is_legible": true, "also_accept": {}, "findings": '
        '{"ef_percent": 57.5, "ef_low": 55, "ef_high": 60, "ef_operator": "=", "ef_state": "stated", '
        '"rwma": "present", "rwma_severity": "severe", "rwma_walls": ["apical"], "pah": "mild", '
        '"rvsp_mmhg": 38}}',
        '{"patient_id": "b", "condition": "phone", "is_legible": true, "also_accept": {}, "findings": '
        '{"ef_percent": 11, "ef_operator": "=", "ef_state": "stated", "rwma": "absent", "rwma_severity": '
        '"none", '
        '"pah": "none"}}',
        '{"patient_id": "c", "condition": "harsh", "is_legible": true, "also_accept": {}, "findings": '
        '{"lv_function": "good", "pah": "present_unspecified"}}',
    )]
    + [PageTruth("d", UNREADABLE, "harsh", is_legible=False)]
)  # fmt: skip


@given(page=PRINTED, card=st.sampled_from(sorted(CARDS)), seed=st.integers(0, 2**32))
def test_a_slip_is_always_wrong_and_always_a_valid_record(page: PageTruth, card: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    slipped = answered(page.findings, card, slip(page.findings, card, rng))
    assert not card_is_right(page, slipped, card)
    assert all(card_is_right(page, slipped, other) for other in CARDS if other != card)
    error = seeded_error(page.findings, card, rng)
    if error is not None:
        assert not card_is_right(page, answered(page.findings, card, error), card)


@given(page=PRINTED, seed=st.integers(0, 2**32))
def test_a_careful_person_puts_a_wrong_draft_right(page: PageTruth, seed: int) -> None:
    careful = annotators.Annotator(
        "C", ANNOTATORS[0].role, dict.fromkeys(CARDS, 0.0), seconds=8, anchoring=0, noticing=1
    )
    rng = np.random.default_rng(seed)
    read = annotators.read_page(careful, page, rng)
    looked = annotators.look_over(careful, page, Findings(), {}, rng)
    for record in (read, looked):
        assert all(card_is_right(page, record, card) for card in CARDS)
    assert annotators.active_seconds(careful, page, rng) > 0


def test_whoever_is_led_by_a_draft_leaves_its_wrong_value() -> None:
    led = annotators.Annotator(
        "L", ANNOTATORS[0].role, dict.fromkeys(CARDS, 0.0), seconds=8, anchoring=1, noticing=0
    )
    page = PageTruth("a", Findings(pah=Pah.MILD))
    drafted = Findings(pah=Pah.SEVERE)
    rng = np.random.default_rng(1)
    assert annotators.look_over(led, page, drafted, {"pah": "green"}, rng) == drafted
    assert annotators.answer_practice(led, page, drafted, "pah", rng) == drafted
