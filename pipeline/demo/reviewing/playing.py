"""Four annotators, an adjudicator and a lead, all simulated, read every drafted record of the demo.

All is stored in one transaction with a simulated clock that starts on a fixed day, so it is there whole or
not at all, and the same seed stores the same rows. First and second readings and adjudications come first,
then an audit sample is drawn and read again blindly, and what that brings up is adjudicated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from db.access.desk_key import drawn_share
from db.access.patient_key import load_secret, patient_key
from db.cases import get_case
from db.drafts import list_drafts
from db.fields.names import CARDS, FIELD_OF_CARD
from db.label_view import CurrentLabel, current_labels
from db.labels import Light
from db.queue.items import refresh_case
from db.queue.plan import ReadingRules, worst_light
from db.queue.second_people import choose_second, is_second_chosen
from db.tables.drafts import Draft
from db.users import add_user, user_named
from pipeline.demo.reviewing.annotators import EVERYBODY, LEAD
from pipeline.demo.reviewing.days import FIRST_DAY, Office, audit_size
from pipeline.demo.reviewing.decisions import Shares, SimulatedDesk
from pipeline.demo.reviewing.label_errors import (
    LABEL_ERRORS,
    LabelError,
    LabelErrorRow,
    choose_errors,
    write_label_errors,
)
from pipeline.demo.reviewing.slips import PageTruth, card_is_right

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.store.engine import Database
    from db.workspace import Workspace


SECOND_READING_SHARE = 0.3
_ACTOR = "demo"


def play_reviews(
    workspace: Workspace,
    database: Database,
    truth: Path,
    *,
    seed: int,
    label_error_share: float,
    on_progress: Callable[[int, int], None],
) -> Played | None:
    """Play them in one transaction and write the list of labels that are wrong on purpose; None on a second
    run.
    """
    pages = pages_of(workspace, truth)
    with database.write() as session:
        played = play_readings(
            session,
            pages=pages,
            seed=seed,
            ef_tolerance_points=workspace.ef_tolerance_points,
            label_error_share=label_error_share,
            on_progress=on_progress,
        )
        if played is not None:
            # Before the transaction ends, so that there are never labels wrong on purpose without their list.
            write_label_errors(truth.with_name(LABEL_ERRORS), played.errors)
    return played


def pages_of(workspace: Workspace, truth: Path) -> dict[str, PageTruth]:
    """Patient key -> what is true of that patient's report."""
    secret = load_secret(workspace.patient_key_file)
    lines = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    return {patient_key(line["patient_id"], secret): PageTruth.from_line(line) for line in lines}


@dataclass(frozen=True)
class Played:
    """What the simulated people did.

    Attributes:
        counts: by name: `first`, `second`, `adjudication`, `audit`, `skip`, `flag`, `practice`,
            `practice_noticed`, `undone`, `redone`.
        labels, right: how many records have a label, and how many of those are right in every field.
        audited: labels drawn for the audit sample.
        days: on which somebody worked.
        seeded: first readings made wrong on purpose.
        errors: the labels that are still wrong by them.
    """

    counts: Mapping[str, int]
    labels: int
    right: int
    audited: int
    days: int
    seeded: int = 0
    errors: Sequence[LabelErrorRow] = field(default_factory=tuple)


def was_played(session: Session) -> bool:
    """Whether simulated people have been here before."""
    return any(user_named(session, name=person.name) is not None for person in EVERYBODY)


def play_readings(
    session: Session,
    *,
    pages: Mapping[str, PageTruth],
    seed: int,
    ef_tolerance_points: float = 2.0,
    label_error_share: float = 0.0,
    shares: Shares = Shares(),  # noqa: B008 - frozen
    on_progress: Callable[[int, int], None] | None = None,
) -> Played | None:
    """Have simulated people review every drafted record of the demo, in the caller's one transaction.

    Args:
        pages: patient key -> what is true of that patient's report; records of others are left alone.
        seed: source of all chance.
        label_error_share: of the labels, 0-1, that end up wrong on purpose, about: the errors are made in
            first readings, and those that the audit finds are put right again.
        on_progress: called with (records labelled or flagged, records in all).

    Returns:
        what was done; None where that was done before, and then nothing is added.
    """
    if was_played(session):
        return None
    newest = {draft.case_id: draft for draft in list_drafts(session)}
    by_case = _pages_by_case(session, newest, pages)
    rules = ReadingRules(
        ef_tolerance_points, SECOND_READING_SHARE, hashlib.sha256(f"demo {seed}".encode()).digest()
    )
    desk = SimulatedDesk(
        session,
        by_case,
        rules,
        seed,
        _hire(session),
        shares,
    )
    _list_for_second(desk, newest)
    desk.errors = _errors(desk, label_error_share)
    office = Office(desk, [number for number in newest if number not in by_case], on_progress)
    office.work_until_done()
    audited = office.draw_audit()
    office.work_until_done()
    labels = [label for label in current_labels(session) if label.case_id in by_case]
    right = sum(
        all(card_is_right(by_case[one.case_id], one.findings, card) for card in CARDS) for one in labels
    )
    errors = [_error_row(desk, label) for label in labels if _is_still_wrong(desk, label)]
    return Played(
        dict(desk.counts), len(labels), right, audited, office.days_worked, len(desk.errors), errors
    )


def _pages_by_case(
    session: Session, newest: Mapping[int, Draft], pages: Mapping[str, PageTruth]
) -> dict[int, PageTruth]:
    found: dict[int, PageTruth] = {}
    for number in sorted(newest):
        case = get_case(session, case_id=number)
        if case is not None and case.patient_key in pages:
            found[number] = pages[case.patient_key]
    return found


def _hire(session: Session) -> dict[str, int]:
    """Make the people, who can come in by a link on this computer alone; name -> number."""
    people = [
        add_user(session, name=person.name, role=person.role, actor=_ACTOR, now=FIRST_DAY)
        for person in EVERYBODY
    ]
    return {user.name: int(user.id or 0) for user in people}


def _list_for_second(desk: SimulatedDesk, newest: Mapping[int, Draft]) -> None:
    """The lead has every record read twice that the reader could not settle; a share of the rest is drawn."""
    for number in desk.pages:
        if worst_light(newest[number]) is Light.RED:
            choose_second(desk.session, case_id=number, chosen_by="list", actor=LEAD.name, now=FIRST_DAY)
            refresh_case(desk.session, case_id=number, rules=desk.rules)


def _errors(desk: SimulatedDesk, share: float) -> dict[int, LabelError]:
    """Errors in records that one person reads: where two do, the adjudicator would put them right at once."""
    session, key, records = desk.session, desk.rules.key, len(desk.pages)
    alone = {
        number: page
        for number, page in desk.pages.items()
        if drawn_share(key, "second", number) >= SECOND_READING_SHARE
        and not is_second_chosen(session, case_id=number)
    }
    # More than asked for, by what the audit is going to find.
    left = 1 - audit_size(desk.shares, records) / records if records else 1.0
    count = round(share * records / left) if left > 0 else 0
    return choose_errors(alone, count=count, rng=np.random.default_rng([desk.seed, 3]))


def _is_still_wrong(desk: SimulatedDesk, label: CurrentLabel) -> bool:
    error = desk.errors.get(label.case_id)
    return error is not None and not card_is_right(desk.pages[label.case_id], label.findings, error.card)


def _error_row(desk: SimulatedDesk, label: CurrentLabel) -> LabelErrorRow:
    page, name = desk.pages[label.case_id], FIELD_OF_CARD[desk.errors[label.case_id].card]
    printed, stored = (one.model_dump(mode="json")[name] for one in (page.findings, label.findings))
    return LabelErrorRow(label.case_id, label.review_id, page.patient_id, name, printed, stored)
