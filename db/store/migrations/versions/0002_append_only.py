"""Drafts, reviews, attempts and events cannot be changed or deleted; the view `label` is what is true now."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("draft", "review", "extraction_attempt", "event")

# A later flag or skip does not undo a label: only deciding reviews are looked at.
LABEL_VIEW = """
CREATE VIEW label AS
SELECT review.case_id, review.id AS review_id, review.draft_id, review.annotator_id, review.decision,
    review.ef_percent, review.ef_low, review.ef_high, review.ef_operator, review.ef_state, review.lv_function,
    review.rwma, review.rwma_severity, review.rwma_walls, review.pah, review.rvsp_mmhg, review.pah_derived,
    review.pah_derived_table, review.note, review.codebook_version, review.created_at
FROM review
WHERE review.id IN (
    SELECT max(deciding.id) FROM review AS deciding
    WHERE deciding.decision IN ('accept', 'correct') GROUP BY deciding.case_id
)
"""


def upgrade() -> None:
    """Guard the append-only tables and make the view."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:
        op.execute(
            """
            CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """
        )
    for table in APPEND_ONLY:
        guard_postgresql(table) if on_postgresql else guard_sqlite(table)
    op.execute(LABEL_VIEW)


def guard_sqlite(table: str) -> None:
    for change in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change} BEFORE {change.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def guard_postgresql(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
