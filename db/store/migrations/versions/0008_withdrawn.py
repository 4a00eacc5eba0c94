"""Who withdrew their consent; rows of their records, and no others, may be deleted; numbers are given once."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# SQLite gives the greatest number of a table again once its row is gone, unless the table says otherwise.
NUMBERED = ("case_record", "draft", "extraction_item", "review", "withdrawal", "seeded_draft")

# How the record of a row is found that is about to be deleted.
RECORD_OF = {
    "draft": "{old}.case_id",
    "review": "{old}.case_id",
    "second_reading": "{old}.case_id",
    "recheck": "{old}.case_id",
    "audit_item": "{old}.case_id",
    "seeded_draft": "{old}.case_id",
    "extraction_attempt": "(SELECT item.case_id FROM extraction_item AS item WHERE item.id = {old}.item_id)",
    "withdrawal": "(SELECT undone.case_id FROM review AS undone WHERE undone.id = {old}.review_id)",
    "seeded_answer": "(SELECT shown.case_id FROM seeded_draft AS shown WHERE shown.id = {old}.seeded_id)",
}


def upgrade() -> None:
    """Tables, then numbers that are given once (SQLite), then the triggers."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "withdrawn_patient",
        sa.Column("patient_key", sa.String(64), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(patient_key) = 64", name=op.f("ck_withdrawn_patient_patient_key_length")),
        sa.PrimaryKeyConstraint("patient_key", name=op.f("pk_withdrawn_patient")),
    )
    op.create_table(
        "withdrawn_case",
        sa.Column("case_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_withdrawn_case")),
    )
    if on_postgresql:
        guard_postgresql()
        return
    give_numbers_once()
    guard_sqlite()


def give_numbers_once() -> None:
    """Make each table anew with its rows, indexes and triggers; the view comes back at the end."""
    connection = op.get_bind()
    view = connection.execute(sa.text("SELECT sql FROM sqlite_master WHERE name = 'label'")).scalar_one()
    op.execute("DROP VIEW label")
    around = []
    for table in NUMBERED:
        parts = connection.execute(
            sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :name AND sql IS NOT NULL"),
            {"name": table},
        ).all()
        (made,) = (sql for kind, sql in parts if kind == "table")
        around += [sql for kind, sql in parts if kind != "table"]
        primary = re.compile(rf",\s*CONSTRAINT pk_{table} PRIMARY KEY \(id\)")
        again, found = primary.subn("", made)
        again, numbered = re.subn(
            r"\bid INTEGER NOT NULL",
            "id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT",
            again,
            count=1,
        )
        again, named = re.subn(rf'^CREATE TABLE "?{table}"?', f"CREATE TABLE new_{table}", again)
        if (found, numbered, named) != (1, 1, 1):
            raise RuntimeError(f"table {table} is not as it was made")
        op.execute(sa.text(again.replace(":", r"\:")))
        op.execute(f"INSERT INTO new_{table} SELECT * FROM {table}")  # noqa: S608 - names of ours
        op.execute(f"DROP TABLE {table}")
        op.execute(f"ALTER TABLE new_{table} RENAME TO {table}")
    for sql in (*around, view):
        op.execute(sa.text(sql.replace(":", r"\:")))


def guard_sqlite() -> None:
    for table, record in RECORD_OF.items():
        op.execute(f"DROP TRIGGER {table}_no_delete")
        known = f"SELECT 1 FROM withdrawn_case WHERE withdrawn_case.case_id = {record.format(old='OLD')}"
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT EXISTS ({known}) "  # noqa: S608
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    for change in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER withdrawn_case_no_{change} BEFORE {change.upper()} ON withdrawn_case "
            "BEGIN SELECT RAISE(ABORT, 'withdrawn_case is append-only'); END"
        )


def guard_postgresql() -> None:
    for table, record in RECORD_OF.items():
        op.execute(
            f"""
            CREATE FUNCTION refuse_removal_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT 1 FROM withdrawn_case
                           WHERE withdrawn_case.case_id = {record.format(old="OLD")}) THEN
                    RETURN OLD;
                END IF;
                RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """  # noqa: S608 - names of ours
        )
        op.execute(f"DROP TRIGGER {table}_no_change ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_removal BEFORE DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_removal_of_{table}()"
        )
    op.execute(
        "CREATE TRIGGER withdrawn_case_no_change BEFORE UPDATE OR DELETE ON withdrawn_case "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER withdrawn_case_no_truncate BEFORE TRUNCATE ON withdrawn_case "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
