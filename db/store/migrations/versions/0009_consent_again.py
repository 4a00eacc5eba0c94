"""When a patient consented again stays known, so that an older list on another machine is not believed."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One nullable column."""
    kind = "TIMESTAMP WITH TIME ZONE" if op.get_bind().dialect.name == "postgresql" else "DATETIME"
    op.execute(f"ALTER TABLE withdrawn_patient ADD COLUMN again_at {kind}")
