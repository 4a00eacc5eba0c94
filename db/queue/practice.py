"""Practice drafts: a deliberately wrong value shown to one person once, to learn whether wrong drafts are
noticed.

They live in tables of their own and are in no view, export or snapshot: whatever is answered to one is stored
in `seeded_answer` alone, and the true draft is shown before the record can be decided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import sqlalchemy
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from db.access.desk_key import drawn_share
from db.decisions import SeedKind
from db.events import SEED_ANSWERED, SEED_STORED, append_event, lock_chain, row_sha256
from db.fields.names import CARD_FIELDS, ByColumn, of_card_fields
from db.fields.strata import ef_stratum
from db.labels import (
    EF_MAX_PERCENT,
    EF_MIN_PERCENT,
    EfOperator,
    EfState,
    Findings,
    Light,
    Pah,
    Rwma,
    RwmaSeverity,
)
from db.store.plain_rows import first_row
from db.tables.drafts import Draft
from db.tables.findings import findings_columns
from db.tables.people import User
from db.tables.practice import SeededAnswer, SeededDraft

# A seeded ejection fraction lies in another band and at least this far off, percentage points: nobody could
# take it for the printed one by rounding.
EF_OFFSET_POINTS = 12.0
_OTHER_PATIENTS = 50

# Where a session keeps who has no practice draft of which case.
_UNSEEDED = "unseeded"

# Put together once: that takes many times as long as asking them.
_SEED_ID = sqlalchemy.select(col(SeededDraft.id)).where(
    col(SeededDraft.case_id) == bindparam("case_id"),
    col(SeededDraft.annotator_id) == bindparam("annotator_id"),
)
_SEED = select(SeededDraft).where(
    SeededDraft.case_id == bindparam("case_id"), SeededDraft.annotator_id == bindparam("annotator_id")
)
_FLIPPED_PAH = {
    Pah.NONE: Pah.MODERATE,
    Pah.MILD: Pah.SEVERE,
    Pah.MODERATE: Pah.NONE,
    Pah.SEVERE: Pah.NONE,
}


def find_seed(session: Session, *, case_id: int, annotator_id: int) -> SeededDraft | None:
    """The practice draft this person was shown on this case, or None."""
    asked = {"case_id": case_id, "annotator_id": annotator_id}
    unseeded: set[tuple[int, int]] = session.info.setdefault(
        _UNSEEDED, set()
    )  # asked several times for one record
    if (case_id, annotator_id) in unseeded:
        return None
    if first_row(session, _SEED_ID, asked) is None:
        unseeded.add((case_id, annotator_id))
        return None
    return session.exec(_SEED, params=asked).first()


def note_unseeded(session: Session, *, case_id: int, annotator_id: int) -> None:
    """Note for this transaction that a person was shown no practice draft of a case."""
    session.info.setdefault(_UNSEEDED, set()).add((case_id, annotator_id))


def seed_answer(session: Session, *, seeded: SeededDraft) -> SeededAnswer | None:
    """What was answered to a practice draft, or None while it is open."""
    return session.get(SeededAnswer, seeded.id)


def is_seed_drawn(key: bytes, *, case_id: int, annotator_id: int, share: float) -> bool:
    """Whether this case is to start with a practice draft for this person; not to be guessed from outside."""
    return drawn_share(key, "practice", case_id, annotator_id) < share


def store_seed(
    session: Session, *, draft: Draft, annotator_id: int, key: bytes, now: datetime
) -> SeededDraft | None:
    """Make and keep the practice draft of a case for a person; None where no field of it can be changed.

    Only a field is changed that the draft marks as needing nobody: what is measured is whether a wrong value
    is noticed, not whether a warning is read.
    """
    lock_chain(session)
    fields = [field for field in CARD_FIELDS if _may_be_changed(draft, field)]
    if not fields:
        return None
    draw = drawn_share(key, "practice field", draft.case_id, annotator_id)
    field = fields[min(int(draw * len(fields)), len(fields) - 1)]
    user = session.get_one(User, annotator_id)
    findings, kind = _CHANGES[field](
        session, draft, drawn_share(key, "practice value", draft.case_id, annotator_id)
    )
    seeded = SeededDraft(
        case_id=draft.case_id,
        annotator_id=annotator_id,
        draft_id=int(draft.id or 0),
        field=field,
        kind=kind.value,
        shown=findings_columns(findings),
        created_at=now,
    )
    session.add(seeded)
    session.flush()
    session.info.pop(_UNSEEDED, None)
    session.refresh(seeded)
    append_event(
        session,
        kind=SEED_STORED,
        actor=user.name,
        subject=f"seeded_draft:{seeded.id}",
        payload={"case_id": draft.case_id, "field": field, "row_sha256": row_sha256(seeded)},
        now=now,
    )
    return seeded


def store_seed_answer(
    session: Session,
    *,
    seeded: SeededDraft,
    answered: Findings,
    active_s: float,
    ef_tolerance_points: float,
    now: datetime,
) -> SeededAnswer:
    """Keep what was answered to a practice draft, once; the same call again gives the stored answer back."""
    lock_chain(session)
    stored = seed_answer(session, seeded=seeded)
    if stored is not None:
        return stored
    user = session.get_one(User, seeded.annotator_id)
    is_caught = is_noticed(seeded, answered, ef_tolerance_points=ef_tolerance_points)
    answer = SeededAnswer(
        seeded_id=int(seeded.id or 0),
        answered=findings_columns(answered),
        is_caught=is_caught,
        active_s=active_s,
        created_at=now,
    )
    session.add(answer)
    session.flush()
    session.refresh(answer)
    append_event(
        session,
        kind=SEED_ANSWERED,
        actor=user.name,
        subject=f"seeded_answer:{answer.seeded_id}",
        payload={"case_id": seeded.case_id, "row_sha256": row_sha256(answer)},
        now=now,
    )
    return answer


def is_noticed(seeded: SeededDraft, answered: Findings, *, ef_tolerance_points: float) -> bool:
    """Whether the wrong value was changed to another one."""
    shown = Findings.model_validate(seeded.shown)
    if seeded.field != "ef_percent":
        return bool(getattr(answered, seeded.field) != getattr(shown, seeded.field))
    if answered.ef_percent is None or shown.ef_percent is None:
        return True
    return abs(answered.ef_percent - shown.ef_percent) > ef_tolerance_points


def _may_be_changed(draft: Draft, field: str) -> bool:
    if draft.light.get(field) != Light.GREEN.value:
        return False
    findings = draft.to_findings()
    if field == "ef_percent":
        return findings.ef_percent is not None
    if field == "rwma":
        return findings.rwma in (Rwma.PRESENT, Rwma.ABSENT)
    return findings.pah in _FLIPPED_PAH


def _other_ef(session: Session, draft: Draft, draw: float) -> tuple[Findings, SeedKind]:
    """Another patient's ejection fraction where there is one from another band, else one made up."""
    true = float(draft.ef_percent or 0.0)

    def is_other(value: float) -> bool:
        return ef_stratum(value) != ef_stratum(true) and abs(value - true) >= EF_OFFSET_POINTS

    wanted = select(Draft.ef_percent).where(
        col(Draft.ef_percent).is_not(None), Draft.case_id != draft.case_id
    )
    nearby = session.exec(wanted.order_by(col(Draft.id).desc()).limit(_OTHER_PATIENTS)).all()
    theirs = sorted({float(value) for value in nearby if value is not None and is_other(float(value))})
    kind = SeedKind.OTHER_PATIENT
    if not theirs:
        steps = range(int(EF_MIN_PERCENT) + 10, int(EF_MAX_PERCENT) - 14, 5)
        theirs, kind = [float(value) for value in steps if is_other(float(value))], SeedKind.OTHER_BAND
    value = theirs[min(int(draw * len(theirs)), len(theirs) - 1)]
    changed = ByColumn(
        ef_percent=value, ef_low=None, ef_high=None, ef_operator=EfOperator.EQUAL, ef_state=EfState.STATED
    )
    return _with(draft, changed), kind


def _other_rwma(_session: Session, draft: Draft, _draw: float) -> tuple[Findings, SeedKind]:
    if draft.rwma == Rwma.PRESENT.value:
        changed = ByColumn(rwma=Rwma.ABSENT, rwma_severity=RwmaSeverity.NONE, rwma_walls=())
    else:
        changed = ByColumn(rwma=Rwma.PRESENT, rwma_severity=RwmaSeverity.NOT_STATED, rwma_walls=())
    return _with(draft, changed), SeedKind.FLIPPED


def _other_pah(_session: Session, draft: Draft, _draw: float) -> tuple[Findings, SeedKind]:
    return _with(draft, {"pah": _FLIPPED_PAH[Pah(draft.pah)]}), SeedKind.FLIPPED


def _with(draft: Draft, changed: Mapping[str, object]) -> Findings:
    return Findings.model_validate({**draft.to_findings().model_dump(), **changed})


_CHANGES: dict[str, Callable[[Session, Draft, float], tuple[Findings, SeedKind]]] = of_card_fields(
    ef=_other_ef, rwma=_other_rwma, pah=_other_pah
)
