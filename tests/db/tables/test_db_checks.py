"""Every range, closed list and reference is refused by the database itself, whatever code writes the row."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from typing import Any

import pytest
import reading_rows
from db_rows import World, new_draft, sha256_of
from reading_rows import Maker, review
from sqlalchemy import CheckConstraint, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from db.labels import Findings
from db.store.engine import Database
from db.tables.cases import Case, CaseImage, Image, ImageOrigin, NearDuplicate
from db.tables.drafts import ExtractionAttempt, ExtractionItem
from db.tables.events import Event
from db.tables.people import User

NOW = datetime(2026, 3, 4, tzinfo=UTC)
HASH = "a" * 64
WORDS = " ".join(["words", "of", "a", "report"])


def user(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"name": "eve", "created_at": NOW}
    return User(**(known | values))


def image(**values: Any) -> SQLModel:
    whole: dict[str, Any] = {
        "sha256": HASH,
        "original_sha256": HASH,
        "width_px": 1,
        "height_px": 1,
        "byte_count": 1,
        "media_type": "image/png",
        "perceptual_hash": HASH,
        "created_at": NOW,
    }
    return Image(**(whole | values))


def origin(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"original_sha256": HASH, "page": 1, "image_sha256": sha256_of("report 0")}
    return ImageOrigin(**(known | values))


def case(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"patient_key": HASH, "report_sha256": HASH, "created_at": NOW}
    return Case(**(known | values))


def case_image(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"case_id": 1, "image_sha256": sha256_of("report 0"), "role": "ecg"}
    return CaseImage(**(known | values))


def pair(**values: Any) -> SQLModel:
    first, second = sorted((sha256_of("report 0"), sha256_of("report 1")))
    known: dict[str, Any] = {"image_a": first, "image_b": second, "distance_bits": 1}
    return NearDuplicate(**(known | values))


def draft(**values: Any) -> SQLModel:
    made = new_draft(1, version="2", findings=Findings())
    made.created_at = NOW
    for name, value in values.items():
        setattr(made, name, value)
    return made


def item(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"case_id": 1, "reader": "rules", "reader_version": "9"}
    return ExtractionItem(**(known | values))


def attempt(**values: Any) -> SQLModel:
    known: dict[str, Any] = {"item_id": 1, "attempt": 1, "error": "x", "created_at": NOW}
    return ExtractionAttempt(**(known | values))


def event(**values: Any) -> SQLModel:
    whole: dict[str, Any] = {
        "id": 9_999,
        "kind": "k",
        "actor": "a",
        "subject": "s",
        "previous_hash": HASH,
        "hash": HASH,
    }
    whole["created_at"] = NOW
    return Event(**(whole | values))


STATED = {"ef_state": "stated", "ef_percent": 50.0, "ef_operator": "="}

# Constraint -> values that break it and nothing else.
FINDINGS_FAULTS: dict[str, list[dict[str, Any]]] = {
    "ef_percent_range": [STATED | {"ef_percent": value} for value in (4.9, 90.1, 5000.0, float("inf"))],
    "ef_low_range": [{"ef_low": -0.5, "ef_high": 5.0}],
    "ef_high_range": [{"ef_low": 50.0, "ef_high": 100.5}, {"ef_low": 60.0, "ef_high": 50.0}],
    "ef_bounds_together": [{"ef_low": 50.0}],
    "ef_operator_agrees": [{"ef_operator": "="}],
    "rvsp_mmhg_range": [{"rvsp_mmhg": 4.9}, {"rvsp_mmhg": 200.1}],
    "ef_state_agrees": [{"ef_state": "stated"}, STATED | {"ef_state": "unreadable"}],
    "rwma_severity_agrees": [{"rwma": "absent"}, {"rwma_severity": "none"}],
    "rwma_walls_agree": [{"rwma_walls": ["apical"]}],
    "pah_derived_agrees": [{"pah_derived": "mild"}, {"pah_derived_table": "t"}],
    "ef_operator_known": [STATED | {"ef_operator": "!"}],
    "ef_state_known": [{"ef_state": "maybe"}, {"ef_state": ""}],
    "rwma_known": [{"rwma": "yes"}, {"rwma": "Present"}],
    "rwma_severity_known": [{"rwma_severity": "extreme"}],
    "pah_known": [{"pah": "huge"}],
    "pah_derived_known": [{"pah_derived": "huge", "pah_derived_table": "t"}],
}

OTHER_FAULTS: list[tuple[Maker, str, dict[str, Any]]] = [
    (user, "role_known", {"role": "king"}),
    (user, "name_length", {"name": ""}),
    (image, "size_positive", {"width_px": 0}),
    (image, "size_positive", {"height_px": -1}),
    (image, "byte_count_positive", {"byte_count": 0}),
    (image, "perceptual_hash_length", {"perceptual_hash": "abc"}),
    (image, "page_one_based", {"page": 0}),
    (image, "sha256_length", {"sha256": "a"}),
    (image, "original_sha256_length", {"original_sha256": "a"}),
    (origin, "page_one_based", {"page": 0}),
    (origin, "original_sha256_length", {"original_sha256": "a"}),
    (case, "priority_not_negative", {"priority": -0.1}),
    (case, "patient_key_length", {"patient_key": "12345"}),
    (case, "report_sha256_length", {"report_sha256": "a"}),
    (case_image, "role_known", {"role": "selfie"}),
    (case_image, "position_one_based", {"position": 0}),
    (
        pair,
        "ordered_pair",
        dict(zip(("image_b", "image_a"), sorted(map(sha256_of, ("report 0", "report 1"))), strict=True)),
    ),
    (pair, "distance_not_negative", {"distance_bits": -1}),
    (draft, "elapsed_s_not_negative", {"elapsed_s": -1.0}),
    (draft, "report_sha256_length", {"report_sha256": "a"}),
    (item, "state_known", {"state": "asleep"}),
    (item, "attempts_not_negative", {"attempts": -1}),
    (item, "lease_agrees", {"state": "leased"}),
    (item, "lease_agrees", {"lease_until": NOW}),
    (attempt, "attempt_not_negative", {"attempt": -1}),
    (event, "previous_hash_length", {"previous_hash": "a"}),
    (event, "hash_length", {"hash": "a"}),
]

FAULTS = OTHER_FAULTS + reading_rows.FAULTS
FAULTS += [
    (maker, name, values)
    for maker in (draft, review)
    for name, faults in FINDINGS_FAULTS.items()
    for values in faults
]
TABLES: dict[Maker, str] = {
    user: "app_user",
    image: "image",
    origin: "image_origin",
    case: "case_record",
    case_image: "case_image",
    pair: "near_duplicate",
    draft: "draft",
    item: "extraction_item",
    attempt: "extraction_attempt",
    event: "event",
} | reading_rows.TABLES


@pytest.fixture(scope="module")
def populated(shared_database: Database) -> Database:
    """Two users, two drafted cases and a row of most tables; no test of this module commits anything."""
    world = World(shared_database, NOW)
    world.user()
    world.user("ben")
    world.cases(2)
    with shared_database.write() as session:
        for row in (item(reader_version="1"), *reading_rows.standing_rows()):
            session.add(row)
            session.flush()
    return shared_database


class Undone(Exception):
    """Ends a transaction without keeping it."""


def try_to_store(database: Database, row: SQLModel) -> None:
    with pytest.raises(Undone), database.write() as session:
        session.add(row)
        session.flush()
        raise Undone


@pytest.mark.parametrize(("maker", "name", "values"), FAULTS)
def test_a_row_outside_its_range_or_list_is_refused_by_name(
    populated: Database, maker: Maker, name: str, values: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError, match=f"ck_{TABLES[maker]}_{name}"), populated.write() as session:
        session.add(maker(**values))
        session.flush()


def test_every_check_of_every_table_has_a_test() -> None:
    tested = {f"ck_{TABLES[maker]}_{name}" for maker, name, _ in FAULTS}
    present = {
        str(constraint.name)
        for table in SQLModel.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert tested == present


@pytest.mark.parametrize("maker", TABLES)
def test_a_plain_row_of_every_table_is_stored(populated: Database, maker: Maker) -> None:
    try_to_store(populated, maker())


@pytest.mark.parametrize(
    "values",
    [
        STATED | {"ef_percent": 5.0},
        STATED | {"ef_percent": 90.0},
        {"rvsp_mmhg": 5.0},
        {"rvsp_mmhg": 200.0},
        {"rwma": "absent", "rwma_severity": "none"},
        {"rwma": "present", "rwma_walls": ["apical"]},
        {"ef_state": "unreadable", "rwma": "unreadable", "pah": "unreadable"},
    ],
)
def test_values_at_the_edge_of_the_vocabulary_are_stored(populated: Database, values: dict[str, Any]) -> None:
    try_to_store(populated, review(**values))


@pytest.mark.parametrize(
    ("maker", "values"),
    [
        (origin, {"image_sha256": HASH}),
        (case_image, {"case_id": 77}),
        (case_image, {"image_sha256": HASH}),
        (pair, {"image_a": "0" * 64}),
        (pair, {"image_b": "f" * 64}),
        (draft, {"case_id": 77}),
        (item, {"case_id": 77}),
        (attempt, {"item_id": 77}),
        *reading_rows.LOST,
    ],
)
def test_a_reference_to_nothing_is_refused(populated: Database, maker: Maker, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="(?i)foreign key"), populated.write() as session:
        session.add(maker(**values))
        session.flush()


@pytest.mark.parametrize(
    ("maker", "values"),
    [
        (user, {"name": "ana"}),
        (case_image, {"role": "report"}),
        (draft, {"reader_version": "1"}),
        (item, {"reader_version": "1"}),
        *reading_rows.SAME,
    ],
)
def test_a_second_row_with_the_same_identity_is_refused(
    populated: Database, maker: Maker, values: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError, match="(?i)unique"), populated.write() as session:
        session.add(maker(**values))
        session.flush()


def test_an_error_of_the_database_shows_no_values(populated: Database) -> None:
    with pytest.raises(IntegrityError) as caught, populated.write() as session:
        session.add(review(note=WORDS, active_s=-1.0))
        session.flush()
    told = "".join(traceback.format_exception(caught.value))
    assert "ck_review_active_s_not_negative" in told
    assert WORDS not in told


def test_a_time_without_a_zone_is_refused(populated: Database) -> None:
    with pytest.raises(Exception, match="time zone"), populated.write() as session:
        session.add(user(created_at=datetime(2026, 1, 1)))  # noqa: DTZ001
        session.flush()


APPEND_ONLY = {"draft": "id", "extraction_attempt": "id", "event": "id"} | reading_rows.APPEND_ONLY


@pytest.mark.parametrize(("table", "column"), APPEND_ONLY.items())
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1} + 100", "DELETE FROM {0}"])
def test_append_only_tables_refuse_changes(populated: Database, table: str, column: str, change: str) -> None:
    with pytest.raises(IntegrityError, match=f"{table} is append-only"), populated.write() as session:
        session.add(attempt())
        session.flush()
        session.execute(text(change.format(table, column)))


@pytest.mark.parametrize("table", reading_rows.APPEND_ONLY)
def test_a_table_of_readings_cannot_be_emptied_or_replaced_at_once(populated: Database, table: str) -> None:
    statement = {
        "sqlite": f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",  # noqa: S608 - names of this file
        "postgresql": f"TRUNCATE {table} CASCADE",
    }[populated.dialect]
    with pytest.raises(IntegrityError, match="is append-only"), populated.write() as session:
        session.execute(text(statement))


def test_every_append_only_table_is_one_that_the_migrations_guard(populated: Database) -> None:
    """A trigger with no test above would be found here, and a table without its triggers there."""
    guarded = {
        "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal",
    }[populated.dialect]
    with populated.read() as session:
        assert set(session.execute(text(guarded)).scalars()) == set(APPEND_ONLY)


def test_an_append_only_table_cannot_be_emptied_or_replaced_at_once(populated: Database) -> None:
    statement = {
        "sqlite": "INSERT OR REPLACE INTO event SELECT * FROM event WHERE id = 1",
        "postgresql": "TRUNCATE event",
    }[populated.dialect]
    with pytest.raises(IntegrityError, match="event is append-only"), populated.write() as session:
        session.execute(text(statement))
