"""The table of frozen snapshots, append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

HASHES = ("content_sha256", "manifest_sha256", "reviews_sha256", "event_head")


def upgrade() -> None:
    """The table first, then what keeps its rows as they are."""
    op.create_table(
        "snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(64), nullable=False) for name in HASHES),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("codebook_version", sa.String(), nullable=False),
        sa.Column("code_version", sa.String(), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 80", name=op.f("ck_snapshot_name_length")),
        sa.CheckConstraint("row_count >= 1", name=op.f("ck_snapshot_row_count_positive")),
        *(sa.CheckConstraint(f"length({name}) = 64", name=op.f(f"ck_snapshot_{name}_length")) for name in HASHES),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot")),
        sa.UniqueConstraint("name", name=op.f("uq_snapshot_name")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER snapshot_no_change BEFORE UPDATE OR DELETE ON snapshot "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            "CREATE TRIGGER snapshot_no_truncate BEFORE TRUNCATE ON snapshot "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for change in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER snapshot_no_{change} BEFORE {change.upper()} ON snapshot "
            "BEGIN SELECT RAISE(ABORT, 'snapshot is append-only'); END"
        )
