"""The tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GRADES = "'none', 'mild', 'moderate', 'severe', 'present_unspecified', 'not_stated', 'unreadable'"


def number() -> sa.Integer:
    return sa.Integer()


def words(length: int | None = None) -> sa.String:
    return sa.String(length)


def moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def column(name: str, kind: Any, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def check(table: str, name: str, clause: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(clause, name=op.f(f"ck_{table}_{name}"))


def sha256(table: str, name: str) -> sa.CheckConstraint:
    return check(table, f"{name}_length", f"length({name}) = 64")


def primary(table: str, *names: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names, name=op.f(f"pk_{table}"))


def foreign(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_{table}_{name}"))


def unique(table: str, *names: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*names, name=op.f(f"uq_{table}_{'_'.join(names)}"))


def index(table: str, name: str) -> None:
    op.create_index(op.f(f"ix_{table}_{name}"), table, [name])


def findings(table: str) -> list[sa.schema.SchemaItem]:
    return [
        column("ef_percent", sa.Float(), null=True),
        column("ef_low", sa.Float(), null=True),
        column("ef_high", sa.Float(), null=True),
        column("ef_operator", words(), null=True),
        column("ef_state", words()),
        column("lv_function", words(), null=True),
        column("rwma", words()),
        column("rwma_severity", words()),
        column("rwma_walls", sa.JSON()),
        column("pah", words()),
        column("rvsp_mmhg", sa.Float(), null=True),
        column("pah_derived", words(), null=True),
        column("pah_derived_table", words(), null=True),
        check(table, "ef_percent_range", "ef_percent BETWEEN 5 AND 90"),
        check(table, "ef_low_range", "ef_low BETWEEN 0 AND 100"),
        check(table, "ef_high_range", "ef_high BETWEEN 0 AND 100 AND ef_low <= ef_high"),
        check(table, "ef_bounds_together", "(ef_low IS NULL) = (ef_high IS NULL)"),
        check(table, "ef_operator_agrees", "(ef_operator IS NULL) = (ef_percent IS NULL)"),
        check(table, "rvsp_mmhg_range", "rvsp_mmhg BETWEEN 5 AND 200"),
        check(table, "ef_state_agrees", "(ef_state = 'stated') = (ef_percent IS NOT NULL)"),
        check(table, "rwma_severity_agrees", "(rwma = 'absent') = (rwma_severity = 'none')"),
        check(table, "rwma_walls_agree", "rwma = 'present' OR CAST(rwma_walls AS TEXT) = '[]'"),
        check(table, "pah_derived_agrees", "(pah_derived IS NULL) = (pah_derived_table IS NULL)"),
        check(table, "ef_operator_known", "ef_operator IS NULL OR ef_operator IN ('=', '>', '<', '~')"),
        check(table, "ef_state_known", "ef_state IN ('stated', 'not_stated', 'unreadable')"),
        check(table, "rwma_known", "rwma IN ('present', 'absent', 'not_stated', 'unreadable')"),
        check(
            table,
            "rwma_severity_known",
            "rwma_severity IN ('none', 'mild', 'moderate', 'severe', 'not_stated')",
        ),
        check(table, "pah_known", f"pah IN ({GRADES})"),
        check(table, "pah_derived_known", f"pah_derived IS NULL OR pah_derived IN ({GRADES})"),
    ]


def upgrade() -> None:
    """Make every table, parents first."""
    people_and_events()
    images_and_cases()
    extraction()
    reviewing()


def people_and_events() -> None:
    op.create_table(
        "app_user",
        column("id", number()),
        column("name", words()),
        column("role", words()),
        column("password_hash", words(), null=True),
        column("is_active", sa.Boolean()),
        column("created_at", moment()),
        check("app_user", "role_known", "role IN ('annotator', 'adjudicator', 'lead', 'researcher', 'admin')"),
        check("app_user", "name_length", "length(name) BETWEEN 1 AND 80"),
        primary("app_user", "id"),
        unique("app_user", "name"),
    )
    op.create_table(
        "event",
        column("id", number()),
        column("kind", words()),
        column("actor", words()),
        column("subject", words()),
        column("payload", sa.JSON()),
        column("created_at", moment()),
        column("previous_hash", words(64)),
        column("hash", words(64)),
        sha256("event", "previous_hash"),
        sha256("event", "hash"),
        primary("event", "id"),
        unique("event", "hash"),
    )


def images_and_cases() -> None:
    op.create_table(
        "image",
        column("sha256", words(64)),
        column("original_sha256", words(64)),
        column("page", number()),
        column("width_px", number()),
        column("height_px", number()),
        column("byte_count", number()),
        column("media_type", words()),
        column("perceptual_hash", words()),
        column("created_at", moment()),
        check("image", "size_positive", "width_px > 0 AND height_px > 0"),
        check("image", "byte_count_positive", "byte_count > 0"),
        check("image", "perceptual_hash_length", "length(perceptual_hash) >= 16"),
        check("image", "page_one_based", "page >= 1"),
        sha256("image", "sha256"),
        sha256("image", "original_sha256"),
        primary("image", "sha256"),
    )
    op.create_table(
        "image_origin",
        column("original_sha256", words(64)),
        column("page", number()),
        column("image_sha256", words()),
        check("image_origin", "page_one_based", "page >= 1"),
        sha256("image_origin", "original_sha256"),
        primary("image_origin", "original_sha256", "page"),
        foreign("image_origin", "image_sha256", "image.sha256"),
    )
    index("image_origin", "image_sha256")
    op.create_table(
        "case_record",
        column("id", number()),
        column("patient_key", words(64)),
        column("report_sha256", words(64)),
        column("site", words()),
        column("is_synthetic", sa.Boolean()),
        column("report_date", sa.Date(), null=True),
        column("ecg_date", sa.Date(), null=True),
        column("priority", sa.Float()),
        column("created_at", moment()),
        check("case_record", "priority_not_negative", "priority >= 0"),
        sha256("case_record", "patient_key"),
        sha256("case_record", "report_sha256"),
        primary("case_record", "id"),
        unique("case_record", "report_sha256"),
    )
    op.create_index("case_queue", "case_record", ["priority", "id"])
    index("case_record", "patient_key")
    op.create_table(
        "case_image",
        column("id", number()),
        column("case_id", number()),
        column("image_sha256", words()),
        column("role", words()),
        column("position", number()),
        check("case_image", "role_known", "role IN ('report', 'ecg')"),
        check("case_image", "position_one_based", "position >= 1"),
        primary("case_image", "id"),
        unique("case_image", "case_id", "role", "position"),
        foreign("case_image", "case_id", "case_record.id"),
        foreign("case_image", "image_sha256", "image.sha256"),
    )
    index("case_image", "case_id")
    index("case_image", "image_sha256")
    op.create_table(
        "near_duplicate",
        column("image_a", words()),
        column("image_b", words()),
        column("distance_bits", number()),
        check("near_duplicate", "ordered_pair", "image_a < image_b"),
        check("near_duplicate", "distance_not_negative", "distance_bits >= 0"),
        primary("near_duplicate", "image_a", "image_b"),
        foreign("near_duplicate", "image_a", "image.sha256"),
        foreign("near_duplicate", "image_b", "image.sha256"),
    )


def extraction() -> None:
    op.create_table(
        "draft",
        *findings("draft"),
        column("id", number()),
        column("case_id", number()),
        column("report_sha256", words(64)),
        column("reader", words()),
        column("reader_version", words()),
        column("weights_revision", words()),
        column("prompt_version", words()),
        column("code_version", words()),
        column("evidence", sa.JSON()),
        column("confidence", sa.JSON()),
        column("light", sa.JSON()),
        column("checks", sa.JSON()),
        column("legibility", sa.JSON()),
        column("unreadable_reason", words()),
        column("warnings", sa.JSON()),
        column("elapsed_s", sa.Float()),
        column("created_at", moment()),
        check("draft", "elapsed_s_not_negative", "elapsed_s >= 0"),
        sha256("draft", "report_sha256"),
        primary("draft", "id"),
        sa.UniqueConstraint("case_id", "reader", "reader_version", name="draft_identity"),
        foreign("draft", "case_id", "case_record.id"),
    )
    index("draft", "case_id")
    op.create_table(
        "extraction_item",
        column("id", number()),
        column("case_id", number()),
        column("reader", words()),
        column("reader_version", words()),
        column("state", words()),
        column("attempts", number()),
        column("worker", words()),
        column("lease_until", moment(), null=True),
        check("extraction_item", "state_known", "state IN ('pending', 'leased', 'done', 'failed')"),
        check("extraction_item", "attempts_not_negative", "attempts >= 0"),
        check("extraction_item", "lease_agrees", "(state = 'leased') = (lease_until IS NOT NULL)"),
        primary("extraction_item", "id"),
        sa.UniqueConstraint("case_id", "reader", "reader_version", name="item_identity"),
        foreign("extraction_item", "case_id", "case_record.id"),
    )
    op.create_index("item_next", "extraction_item", ["reader", "reader_version", "state", "id"])
    op.create_table(
        "extraction_attempt",
        column("id", number()),
        column("item_id", number()),
        column("attempt", number()),
        column("error", words()),
        column("created_at", moment()),
        check("extraction_attempt", "attempt_not_negative", "attempt >= 0"),
        primary("extraction_attempt", "id"),
        foreign("extraction_attempt", "item_id", "extraction_item.id"),
    )
    index("extraction_attempt", "item_id")


def reviewing() -> None:
    op.create_table(
        "lease",
        column("case_id", number()),
        column("annotator_id", number()),
        column("expires_at", moment()),
        primary("lease", "case_id"),
        foreign("lease", "case_id", "case_record.id"),
        foreign("lease", "annotator_id", "app_user.id"),
    )
    op.create_index("lease_owner", "lease", ["annotator_id"])
    op.create_table(
        "review",
        *findings("review"),
        column("id", number()),
        column("case_id", number()),
        column("draft_id", number(), null=True),
        column("annotator_id", number()),
        column("decision", words()),
        column("note", words()),
        column("active_s", sa.Float()),
        column("request_id", words()),
        column("codebook_version", words()),
        column("created_at", moment()),
        check("review", "decision_known", "decision IN ('accept', 'correct', 'flag', 'skip')"),
        check("review", "active_s_not_negative", "active_s >= 0"),
        check("review", "note_length", "length(note) <= 2000"),
        check("review", "request_id_length", "length(request_id) BETWEEN 1 AND 64"),
        primary("review", "id"),
        unique("review", "request_id"),
        foreign("review", "case_id", "case_record.id"),
        foreign("review", "draft_id", "draft.id"),
        foreign("review", "annotator_id", "app_user.id"),
    )
    index("review", "annotator_id")
    op.create_index("review_latest", "review", ["case_id", "decision", "id"])
