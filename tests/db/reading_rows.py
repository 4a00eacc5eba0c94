"""One plain row of each table of the review desk and of snapshots, for tests of what the database refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlmodel import SQLModel

from db.labels import Findings
from db.tables.audits import AuditItem, AuditSample
from db.tables.consent import WithdrawnCase, WithdrawnPatient
from db.tables.findings import findings_columns
from db.tables.people import ApiKey, DeskSignIn, SignInFailure
from db.tables.practice import SeededAnswer, SeededDraft
from db.tables.queue import Lease, QueueItem, Recheck, SecondReading
from db.tables.reviews import Review, Withdrawal
from db.tables.snapshots import Snapshot

NOW = datetime(2026, 3, 4, tzinfo=UTC)
HASH = "a" * 64
HASHES = ("content_sha256", "manifest_sha256", "reviews_sha256", "event_head")
RECORD = findings_columns(Findings())

Maker = Callable[..., SQLModel]


def review(**values: Any) -> SQLModel:
    whole: dict[str, Any] = {
        "case_id": 1,
        "draft_id": 1,
        "annotator_id": 1,
        "decision": "accept",
        "request_id": "one",
        "codebook_version": "1",
        "created_at": NOW,
    }
    return Review(**(RECORD | whole | values))


def lease(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"case_id": 1, "annotator_id": 1, "expires_at": NOW}
    return Lease(**(known | values))


def queue_item(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"case_id": 1, "purpose": "second"}
    return QueueItem(**(known | values))


def second_reading(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"case_id": 1, "chosen_by": "list", "created_at": NOW}
    return SecondReading(**(known | values))


def recheck(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"case_id": 1, "after_review_id": 1, "created_at": NOW}
    return Recheck(**(known | values))


def withdrawal(**values: Any) -> SQLModel:
    whole: dict[str, Any] = {
        "review_id": 1,
        "kind": "undo",
        "annotator_id": 1,
        "after_review_id": 1,
        "request_id": "one",
        "created_at": NOW,
    }
    return Withdrawal(**(whole | values))


def audit_sample(**values: Any) -> SQLModel:
    known: dict[str, Any] = {
        "name": "may",
        "population": 3,
        "size": 2,
        "seed": 7,
        "drawn_by": "a",
        "created_at": NOW,
    }
    return AuditSample(**(known | values))


def audit_item(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"sample_id": 1, "case_id": 1, "review_id": 1}
    return AuditItem(**(known | values))


def seeded_draft(**values: Any) -> SQLModel:
    whole: dict[str, Any] = {
        "case_id": 1,
        "annotator_id": 1,
        "draft_id": 1,
        "field": "pah",
        "kind": "flipped",
        "shown": RECORD,
        "created_at": NOW,
    }
    return SeededDraft(**(whole | values))


def seeded_answer(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"seeded_id": 2, "answered": RECORD, "is_caught": True, "created_at": NOW}
    return SeededAnswer(**(known | values))


def desk_sign_in(**values: Any) -> SQLModel:
    whole: dict[str, Any] = {"secret_sha256": HASH, "annotator_id": 1}
    return DeskSignIn(**(whole | dict.fromkeys(("opened_at", "seen_at", "expires_at"), NOW) | values))


def api_key(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"secret_sha256": HASH, "annotator_id": 1, "made_at": NOW}
    return ApiKey(**(known | values))


def sign_in_failure(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"key_sha256": HASH, "updated_at": NOW}
    return SignInFailure(**(known | values))


def snapshot(**values: Any) -> SQLModel:
    whole: dict[str, Any] = {"name": "may", "row_count": 1, "codebook_version": "1", "code_version": "test"}
    whole |= dict.fromkeys(HASHES, HASH) | {"arguments": {}, "created_by": "ana", "created_at": NOW}
    return Snapshot(**(whole | values))


def withdrawn_patient(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"patient_key": HASH, "withdrawn_at": NOW}
    return WithdrawnPatient(**(known | values))


def withdrawn_case(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"case_id": 88, "withdrawn_at": NOW}
    return WithdrawnCase(**(known | values))


def standing_rows() -> list[SQLModel]:
    """What the rows above refer to, one of each kind, in an order in which they can be stored."""
    return [
        review(request_id="standing"),
        audit_sample(name="standing"),
        seeded_draft(case_id=2),
        seeded_draft(case_id=2, annotator_id=2),
        second_reading(case_id=2),
        recheck(case_id=2),
        withdrawal(request_id="standing"),
        audit_item(case_id=2),
        seeded_answer(seeded_id=1),
        lease(case_id=2),
        desk_sign_in(secret_sha256="b" * 64),
        api_key(secret_sha256="b" * 64),
        sign_in_failure(key_sha256="b" * 64),
        snapshot(name="standing"),
        withdrawn_patient(patient_key="b" * 64),
        withdrawn_case(case_id=99),
    ]


TABLES: dict[Maker, str] = {
    review: "review",
    lease: "lease",
    queue_item: "queue_item",
    second_reading: "second_reading",
    recheck: "recheck",
    withdrawal: "withdrawal",
    audit_sample: "audit_sample",
    audit_item: "audit_item",
    seeded_draft: "seeded_draft",
    seeded_answer: "seeded_answer",
    desk_sign_in: "desk_sign_in",
    api_key: "api_key",
    sign_in_failure: "sign_in_failure",
    snapshot: "snapshot",
    withdrawn_patient: "withdrawn_patient",
    withdrawn_case: "withdrawn_case",
}

# Maker, constraint, values that break it and nothing else.
FAULTS: list[tuple[Maker, str, dict[str, Any]]] = [
    (review, "decision_known", {"decision": "guess"}),
    (review, "active_s_not_negative", {"active_s": -1.0}),
    (review, "note_length", {"note": "n" * 2001}),
    (review, "request_id_length", {"request_id": ""}),
    (review, "purpose_known", {"purpose": "third"}),
    (review, "arm_known", {"arm": "left"}),
    (review, "reason_known", {"reason": "because"}),
    (lease, "purpose_known", {"purpose": ""}),
    (lease, "ahead_not_negative", {"ahead": -1}),
    (queue_item, "purpose_known", {"purpose": "third"}),
    (queue_item, "state_known", {"state": "asleep"}),
    (queue_item, "light_known", {"light": "blue"}),
    (queue_item, "shuffle_share", {"shuffle": -0.01}),
    (queue_item, "shuffle_share", {"shuffle": 1.01}),
    (withdrawal, "kind_known", {"kind": "forget"}),
    (withdrawal, "request_id_length", {"request_id": ""}),
    (withdrawal, "request_id_length", {"request_id": "r" * 65}),
    (audit_sample, "size_within", {"size": 0}),
    (audit_sample, "size_within", {"size": 4}),
    (audit_sample, "name_length", {"name": ""}),
    (audit_sample, "name_length", {"name": "n" * 81}),
    (seeded_draft, "kind_known", {"kind": "random"}),
    (seeded_answer, "active_s_not_negative", {"active_s": -0.1}),
    (desk_sign_in, "secret_sha256_length", {"secret_sha256": "a"}),
    (api_key, "secret_sha256_length", {"secret_sha256": "a"}),
    (sign_in_failure, "key_sha256_length", {"key_sha256": "a"}),
    (sign_in_failure, "failures_not_negative", {"failures": -1}),
    (snapshot, "name_length", {"name": ""}),
    (snapshot, "name_length", {"name": "n" * 81}),
    (snapshot, "row_count_positive", {"row_count": 0}),
    (withdrawn_patient, "patient_key_length", {"patient_key": "a"}),
    *((snapshot, f"{name}_length", {name: "a"}) for name in HASHES),
]

# References to nothing.
LOST: list[tuple[Maker, dict[str, Any]]] = [
    (review, {"case_id": 77}),
    (review, {"draft_id": 77}),
    (review, {"annotator_id": 77}),
    (lease, {"case_id": 77}),
    (lease, {"annotator_id": 77}),
    (queue_item, {"case_id": 77}),
    (queue_item, {"assigned_to": 77}),
    (queue_item, {"barred_a": 77}),
    (queue_item, {"barred_b": 77}),
    (second_reading, {"case_id": 77}),
    (recheck, {"case_id": 77}),
    (withdrawal, {"review_id": 77}),
    (withdrawal, {"annotator_id": 77}),
    (audit_item, {"sample_id": 77}),
    (audit_item, {"case_id": 77}),
    (audit_item, {"review_id": 77}),
    (seeded_draft, {"case_id": 77}),
    (seeded_draft, {"annotator_id": 77}),
    (seeded_draft, {"draft_id": 77}),
    (seeded_answer, {"seeded_id": 77}),
    (desk_sign_in, {"annotator_id": 77}),
    (api_key, {"annotator_id": 77}),
]

# Values by which a row is the same as one that stands already.
SAME: list[tuple[Maker, dict[str, Any]]] = [
    (review, {"request_id": "standing"}),
    (lease, {"case_id": 2}),
    (queue_item, {"purpose": "first"}),
    (second_reading, {"case_id": 2}),
    (withdrawal, {"request_id": "standing", "kind": "redo"}),
    (audit_sample, {"name": "standing"}),
    (audit_item, {"case_id": 2}),
    (seeded_draft, {"case_id": 2, "field": "rwma"}),
    (seeded_answer, {"seeded_id": 1}),
    (desk_sign_in, {"secret_sha256": "b" * 64}),
    (api_key, {"secret_sha256": "b" * 64}),
    (sign_in_failure, {"key_sha256": "b" * 64}),
    (snapshot, {"name": "standing"}),
    (withdrawn_patient, {"patient_key": "b" * 64}),
    (withdrawn_case, {"case_id": 99}),
]

# Append-only tables and a column of each.
APPEND_ONLY = {
    "review": "active_s",
    "withdrawal": "after_review_id",
    "second_reading": "case_id",
    "recheck": "after_review_id",
    "audit_sample": "seed",
    "audit_item": "case_id",
    "seeded_draft": "draft_id",
    "seeded_answer": "active_s",
    "snapshot": "row_count",
    "withdrawn_case": "case_id",
}
