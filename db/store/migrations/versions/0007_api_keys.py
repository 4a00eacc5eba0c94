"""The table of keys that programs read the desk with; of a key itself only its hash is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table."""
    op.create_table(
        "api_key",
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column("annotator_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(secret_sha256) = 64", name=op.f("ck_api_key_secret_sha256_length")),
        sa.ForeignKeyConstraint(["annotator_id"], ["app_user.id"], name=op.f("fk_api_key_annotator_id")),
        sa.PrimaryKeyConstraint("secret_sha256", name=op.f("pk_api_key")),
    )
    op.create_index(op.f("ix_api_key_annotator_id"), "api_key", ["annotator_id"])
