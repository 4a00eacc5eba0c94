"""The migrations make what the models say, keep what was there, and back it up first."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from db_rows import World, rebuild_queue, sha256_of
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col, create_engine, select

from db.errors import EchoDeskError
from db.queue.plan import ReadingRules
from db.store import schema
from db.store.backup import check_sqlite
from db.store.engine import Database, database_url, open_database, sqlite_engine
from db.tables.queue import QueueItem
from db.workspace import Workspace

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def bare_workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    """A workspace whose database has no tables yet."""
    url = request.getfixturevalue("empty_postgres") if request.param == "postgresql" else ""
    (tmp_path / "workspace").mkdir()
    return Workspace(workspace=tmp_path / "workspace", database_url=url)


@pytest.fixture
def bare_engine(bare_workspace: Workspace) -> Iterator[Engine]:
    """An engine on it."""
    url = database_url(bare_workspace)
    is_sqlite = url.get_backend_name() == "sqlite"
    engine = (
        sqlite_engine(url, begin="BEGIN IMMEDIATE", foreign_keys=False) if is_sqlite else create_engine(url)
    )
    yield engine
    engine.dispose()


def test_models_and_migrations_agree_on_tables_columns_and_indexes(bare_workspace: Workspace) -> None:
    open_database(bare_workspace).close()
    engine = create_engine(database_url(bare_workspace))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_models_and_migrations_agree_on_checks_and_references(
    bare_engine: Engine, bare_workspace: Workspace, tmp_path: Path
) -> None:
    """Alembic does not compare these itself."""
    SQLModel.metadata.create_all(bare_engine)
    meant = constraints(bare_engine)
    SQLModel.metadata.drop_all(bare_engine)
    schema.migrate(bare_engine, bare_workspace, clock=no_clock)
    assert constraints(bare_engine) == meant
    assert any("ck_draft_ef_percent_range" in line for line in meant)


def constraints(engine: Engine) -> set[str]:
    found = inspect(engine)
    lines = set()
    for table in SQLModel.metadata.tables:
        kinds = (
            found.get_check_constraints(table),
            found.get_foreign_keys(table),
            found.get_unique_constraints(table),
            [found.get_pk_constraint(table)],
        )
        lines |= {f"{table}: {sorted(item.items(), key=str)}" for kind in kinds for item in kind}
    return lines


def no_clock() -> datetime:
    raise AssertionError("an empty database needs no backup")


def at_the_first_schema(engine: Engine, workspace: Workspace, now: datetime) -> None:
    """A database as the first schema left it, with rows in every kind of table."""
    schema.migrate(engine, workspace, clock=no_clock, target="0001")
    values = {"digest": sha256_of("x"), "moment": now.strftime("%Y-%m-%d %H:%M:%S.%f"), "walls": '["apical"]'}
    with engine.begin() as connection:
        for statement in FIRST_ROWS:
            connection.execute(text(statement), values)


FIRST_ROWS = (
    """
    INSERT INTO app_user (name, role, is_active, created_at) VALUES ('ana', 'lead', true, :moment)
    """,
    """
    INSERT INTO case_record (patient_key, report_sha256, site, is_synthetic, priority, created_at)
    VALUES (:digest, :digest, '', false, 0, :moment)
    """,
    """
    INSERT INTO draft (ef_state, rwma, rwma_severity, rwma_walls, pah, case_id, report_sha256, reader,
        reader_version, weights_revision, prompt_version, code_version, evidence, confidence, light, checks,
        legibility, unreadable_reason, warnings, elapsed_s, created_at)
    VALUES ('not_stated', 'present', 'mild', :walls, 'mild', 1, :digest, 'rules', '1', '', '', '',
        '{}', '{}', '{}',
        '[]', '{}', '', '[]', 0, :moment)
    """,
    """
    INSERT INTO review (ef_state, rwma, rwma_severity, rwma_walls, pah, case_id, draft_id, annotator_id,
        decision, note, active_s, request_id, codebook_version, created_at)
    VALUES ('not_stated', 'present', 'mild', :walls, 'mild', 1, 1, 1, 'accept', '', 2, 'r1', '1', :moment)
    """,
)


def test_a_database_at_the_first_schema_is_brought_up_with_its_rows(
    bare_engine: Engine, bare_workspace: Workspace, now: datetime
) -> None:
    if bare_engine.dialect.name == "postgresql" and shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed")
    at_the_first_schema(bare_engine, bare_workspace, now)
    database = open_database(bare_workspace, clock=lambda: now)
    with database.read() as session:
        row = session.execute(text("SELECT case_id, review_id, decision, rwma FROM label")).one()
        assert tuple(row) == (1, 1, "accept", "present")
    with pytest.raises(IntegrityError, match="append-only"), database.write() as session:
        session.execute(text("DELETE FROM review"))
    database.close()
    ending = ".db" if bare_engine.dialect.name == "sqlite" else ".dump"
    (copy,) = bare_workspace.backups.iterdir()
    assert copy.name == f"echodesk-20260304T050607Z-before-migration-from-0001{ending}"
    if ending == ".db":
        check_sqlite(copy)
        with sqlite3.connect(copy) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
            assert connection.execute("SELECT request_id FROM review").fetchall() == [("r1",)]
        connection.close()
    else:
        assert copy.read_bytes()[:5] == b"PGDMP"


def test_a_database_that_is_up_to_date_is_not_backed_up(workspace: Workspace) -> None:
    open_database(workspace).close()
    open_database(workspace).close()
    assert not workspace.backups.exists()


def test_a_migration_that_cannot_be_backed_up_does_not_start(
    bare_engine: Engine, bare_workspace: Workspace, now: datetime
) -> None:
    at_the_first_schema(bare_engine, bare_workspace, now)
    bare_workspace.backups.write_text("a file where the folder should be")
    with pytest.raises(EchoDeskError, match="could not be backed up") as caught:
        open_database(bare_workspace)
    assert "ECHODESK_MIGRATE_WITHOUT_BACKUP" in caught.value.hint
    with bare_engine.connect() as connection:
        assert schema.current_revision(connection) == "0001"
    told = bare_workspace.model_copy(update={"migrate_without_backup": True})
    open_database(told).close()
    with bare_engine.connect() as connection:
        assert schema.current_revision(connection) == schema.head_revision()


def test_a_newer_schema_is_refused_and_left_alone(workspace: Workspace, now: datetime) -> None:
    database = open_database(workspace)
    World(database, now).cases(1)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(EchoDeskError, match="newer") as caught:
        open_database(workspace)
    assert "9999" in caught.value.message
    assert "Update EchoDesk" in caught.value.hint
    assert not workspace.backups.exists()


def test_tables_without_a_schema_version_are_refused(workspace: Workspace) -> None:
    database = open_database(workspace)
    with database.write() as session:
        session.execute(text("DROP TABLE alembic_version"))
    database.close()
    with pytest.raises(EchoDeskError, match="no schema version"):
        open_database(workspace)


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    bare_engine: Engine, bare_workspace: Workspace, now: datetime
) -> None:
    at_the_first_schema(bare_engine, bare_workspace, now)
    with bare_engine.begin() as connection:  # stands in the way of the second migration's last step
        connection.exec_driver_sql("CREATE TABLE label (case_id INTEGER)")
    told = bare_workspace.model_copy(update={"migrate_without_backup": True})
    with pytest.raises(EchoDeskError, match="left as it was"):
        open_database(told)
    with bare_engine.begin() as connection:
        assert schema.current_revision(connection) == "0001"
        connection.exec_driver_sql("UPDATE review SET note = 'no trigger is left behind'")


def test_revisions_form_one_line_and_have_no_gap(database: Database) -> None:
    with database.write() as session:
        scripts = ScriptDirectory.from_config(schema.alembic_config(session.connection()))
        names = [script.revision for script in scripts.walk_revisions()]
    assert names[::-1] == schema.known_revisions() == [f"{number:04d}" for number in range(1, len(names) + 1)]
    assert schema.head_revision() == names[0]


GREEN = '{"ef_percent": "green", "rwma": "green", "pah": "green"}'
AMBER = '{"ef_percent": "green", "rwma": "amber", "pah": "green"}'
RED = '{"ef_percent": "red", "rwma": "amber", "pah": "green", "rvsp_mmhg": "green"}'
ISSUES = '[{"is_issue": true}, {"is_issue": true}, {"is_issue": false}]'

# Lights, checks, EF percent, PAH, priority of a case's newest draft, then its decisions by person.
OLD_CASES: tuple[tuple[str, str, float | None, str, float, tuple[tuple[str, int], ...]], ...] = (
    (GREEN, "[]", 60.0, "mild", 0.0, ()),
    (AMBER, ISSUES, 30.0, "mild", 2.5, ()),
    (RED, "[]", None, "severe", 0.0, (("skip", 1),)),
    ("{}", "[]", 60.0, "mild", 0.0, (("accept", 1),)),
    (GREEN, "[]", 60.0, "mild", 0.0, (("accept", 1), ("flag", 2))),
    (RED, ISSUES, 60.0, "mild", 0.0, (("flag", 1), ("correct", 2), ("skip", 1))),
)


def at_the_third_schema(engine: Engine, workspace: Workspace, now: datetime) -> None:
    """Cases read and decided before the desk kept a queue."""
    schema.migrate(engine, workspace, clock=no_clock, target="0003")
    moment = now.strftime("%Y-%m-%d %H:%M:%S.%f")
    with engine.begin() as connection:
        for name in ("ana", "ben"):
            connection.execute(
                text(
                    "INSERT INTO app_user (name, role, is_active, created_at) VALUES (:name, 'lead', true, "
                    ":moment)"
                ),
                {"name": name, "moment": moment},
            )
        made = 0
        for number, (light, checks, percent, pah, priority, decisions) in enumerate(OLD_CASES, start=1):
            values = {
                "number": number,
                "digest": sha256_of(f"case {number}"),
                "moment": moment,
                "walls": "[]",
            }
            values |= {"priority": priority, "percent": percent, "pah": pah, "checks": checks}
            values |= {
                "state": "not_stated" if percent is None else "stated",
                "sign": None if percent is None else "=",
            }
            connection.execute(text(OLD_CASE), values)
            for version, lights in (("1", RED), ("2", light)):
                connection.execute(text(OLD_DRAFT), values | {"version": version, "light": lights})
            for decision, person in decisions:
                made += 1
                asked = {"decision": decision, "person": person, "request": f"r{made}"}
                connection.execute(text(OLD_REVIEW), values | asked)


OLD_CASE = """
    INSERT INTO case_record (patient_key, report_sha256, site, is_synthetic, priority, created_at)
    VALUES (:digest, :digest, 'here', false, :priority, :moment)
"""
OLD_DRAFT = """
    INSERT INTO draft (ef_percent, ef_operator, ef_state, rwma, rwma_severity, rwma_walls, pah, case_id,
        report_sha256, reader, reader_version, weights_revision, prompt_version, code_version,
        evidence, confidence, light, checks,
        legibility, unreadable_reason, warnings, elapsed_s, created_at)
    VALUES (:percent, :sign, :state, 'not_stated', 'not_stated', :walls, :pah, :number, :digest, 'rules',
        :version, '',
        '', '', '{}', '{}', :light, :checks, '{}', '', '[]', 0, :moment)
"""
OLD_REVIEW = """
    INSERT INTO review (ef_state, rwma, rwma_severity, rwma_walls, pah, case_id, draft_id, annotator_id,
        decision, note, active_s, request_id, codebook_version, created_at)
    VALUES ('not_stated', 'not_stated', 'not_stated', :walls, :pah, :number, NULL, :person, :decision, '', 2,
        :request, '1', :moment)
"""


def test_the_queue_of_an_older_database_is_what_the_desk_would_derive(
    bare_engine: Engine, bare_workspace: Workspace, now: datetime
) -> None:
    at_the_third_schema(bare_engine, bare_workspace, now)
    told = bare_workspace.model_copy(update={"migrate_without_backup": True})
    database = open_database(told)

    def rows() -> list[dict[str, object]]:
        with database.read() as session:
            items = session.exec(
                select(QueueItem).order_by(col(QueueItem.case_id), col(QueueItem.purpose))
            ).all()
            return [item.model_dump(exclude={"id"}) for item in items]

    migrated = rows()
    assert [(row["case_id"], row["purpose"], row["state"], row["barred_a"]) for row in migrated] == [
        (1, "first", "waiting", None),
        (2, "first", "waiting", None),
        (3, "first", "waiting", None),
        (4, "first", "done", None),
        (5, "adjudication", "waiting", 2),
        (5, "first", "done", None),
        (6, "first", "done", None),
    ]
    with database.write() as session:
        rebuild_queue(session, rules=ReadingRules())
    assert rows() == migrated
    with database.write() as session:
        session.execute(text("DELETE FROM queue_item"))
        rebuild_queue(session, rules=ReadingRules())
    assert rows() == migrated
    database.close()
