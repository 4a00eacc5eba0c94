"""Drafts say what other readers made of the report, whether quotes stand on the page, and how a model answered."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = ("reasons", "opinions", "grounding", "generation")


def upgrade() -> None:
    """Nullable, so that the hashes of drafts already stored stay what they are."""
    for name in COLUMNS:
        op.add_column("draft", sa.Column(name, sa.JSON(none_as_null=True), nullable=True))
