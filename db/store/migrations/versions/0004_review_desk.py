"""What the review desk works with: the queue, second readings, undo, audits, practice drafts, sign-ins."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = ("withdrawal", "second_reading", "audit_sample", "audit_item", "seeded_draft", "seeded_answer")
PURPOSES = "'first', 'second', 'adjudication', 'audit'"
REASONS = (
    "'misread', 'wrong_place', 'missed', 'not_in_report', 'negation', 'grade', 'unclear_report', 'other'"
)

# The newest deciding review that is in force; second and audit readings never make a label.
LABEL_VIEW = """
CREATE VIEW label AS
SELECT review.case_id, review.id AS review_id, review.draft_id, review.annotator_id, review.decision,
    review.ef_percent, review.ef_low, review.ef_high, review.ef_operator, review.ef_state, review.lv_function,
    review.rwma, review.rwma_severity, review.rwma_walls, review.pah, review.rvsp_mmhg, review.pah_derived,
    review.pah_derived_table, review.note, review.codebook_version, review.created_at,
    review.purpose, review.arm, review.reason
FROM review
WHERE review.id IN (
    SELECT max(deciding.id) FROM review AS deciding
    WHERE deciding.decision IN ('accept', 'correct')
        AND (deciding.purpose IS NULL OR deciding.purpose IN ('first', 'adjudication'))
        AND NOT EXISTS (
            SELECT 1 FROM withdrawal AS undone
            WHERE undone.review_id = deciding.id AND undone.kind = 'undo' AND undone.id = (
                SELECT max(newest.id) FROM withdrawal AS newest WHERE newest.review_id = deciding.id))
    GROUP BY deciding.case_id
)
"""


def column(name: str, kind: Any, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def check(table: str, name: str, clause: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(clause, name=op.f(f"ck_{table}_{name}"))


def primary(table: str, *names: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names, name=op.f(f"pk_{table}"))


def foreign(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_{table}_{name}"))


def index(table: str, name: str) -> None:
    op.create_index(op.f(f"ix_{table}_{name}"), table, [name])


def upgrade() -> None:
    """New tables first, then the columns that name them, the view, and the queue as it stands."""
    audits()
    reading_again()
    practice()
    signing_in()
    queue()
    columns_of_old_tables()
    guard()
    op.execute("DROP VIEW label")
    op.execute(LABEL_VIEW)
    fill_queue()


def audits() -> None:
    op.create_table(
        "audit_sample",
        column("id", sa.Integer()),
        column("name", sa.String()),
        column("population", sa.Integer()),
        column("size", sa.Integer()),
        column("seed", sa.Integer()),
        column("is_random", sa.Boolean()),
        column("is_blind", sa.Boolean()),
        column("drawn_by", sa.String()),
        column("created_at", moment()),
        check("audit_sample", "size_within", "size BETWEEN 1 AND population"),
        check("audit_sample", "name_length", "length(name) BETWEEN 1 AND 80"),
        primary("audit_sample", "id"),
        sa.UniqueConstraint("name", name=op.f("uq_audit_sample_name")),
    )
    op.create_table(
        "audit_item",
        column("sample_id", sa.Integer()),
        column("case_id", sa.Integer()),
        column("review_id", sa.Integer()),
        primary("audit_item", "sample_id", "case_id"),
        foreign("audit_item", "sample_id", "audit_sample.id"),
        foreign("audit_item", "case_id", "case_record.id"),
        foreign("audit_item", "review_id", "review.id"),
    )


def reading_again() -> None:
    op.create_table(
        "second_reading",
        column("case_id", sa.Integer()),
        column("chosen_by", sa.String()),
        column("created_at", moment()),
        primary("second_reading", "case_id"),
        foreign("second_reading", "case_id", "case_record.id"),
    )
    op.create_table(
        "withdrawal",
        column("id", sa.Integer()),
        column("review_id", sa.Integer()),
        column("kind", sa.String()),
        column("annotator_id", sa.Integer()),
        column("after_review_id", sa.Integer()),
        column("request_id", sa.String()),
        column("created_at", moment()),
        check("withdrawal", "kind_known", "kind IN ('undo', 'redo')"),
        check("withdrawal", "request_id_length", "length(request_id) BETWEEN 1 AND 64"),
        primary("withdrawal", "id"),
        sa.UniqueConstraint("request_id", name=op.f("uq_withdrawal_request_id")),
        foreign("withdrawal", "review_id", "review.id"),
        foreign("withdrawal", "annotator_id", "app_user.id"),
    )
    index("withdrawal", "review_id")
    index("withdrawal", "annotator_id")


def practice() -> None:
    op.create_table(
        "seeded_draft",
        column("id", sa.Integer()),
        column("case_id", sa.Integer()),
        column("annotator_id", sa.Integer()),
        column("draft_id", sa.Integer()),
        column("field", sa.String()),
        column("kind", sa.String()),
        column("shown", sa.JSON()),
        column("created_at", moment()),
        check("seeded_draft", "kind_known", "kind IN ('other_band', 'other_patient', 'flipped')"),
        primary("seeded_draft", "id"),
        sa.UniqueConstraint("case_id", "annotator_id", name="seeded_once"),
        foreign("seeded_draft", "case_id", "case_record.id"),
        foreign("seeded_draft", "annotator_id", "app_user.id"),
        foreign("seeded_draft", "draft_id", "draft.id"),
    )
    index("seeded_draft", "annotator_id")
    op.create_table(
        "seeded_answer",
        column("seeded_id", sa.Integer()),
        column("answered", sa.JSON()),
        column("is_caught", sa.Boolean()),
        column("active_s", sa.Float()),
        column("created_at", moment()),
        check("seeded_answer", "active_s_not_negative", "active_s >= 0"),
        primary("seeded_answer", "seeded_id"),
        foreign("seeded_answer", "seeded_id", "seeded_draft.id"),
    )


def signing_in() -> None:
    op.create_table(
        "desk_sign_in",
        column("secret_sha256", sa.String(64)),
        column("annotator_id", sa.Integer()),
        column("opened_at", moment()),
        column("seen_at", moment()),
        column("expires_at", moment()),
        column("ended_at", moment(), null=True),
        check("desk_sign_in", "secret_sha256_length", "length(secret_sha256) = 64"),
        primary("desk_sign_in", "secret_sha256"),
        foreign("desk_sign_in", "annotator_id", "app_user.id"),
    )
    index("desk_sign_in", "annotator_id")
    op.create_table(
        "sign_in_failure",
        column("key_sha256", sa.String(64)),
        column("failures", sa.Integer()),
        column("blocked_until", moment(), null=True),
        column("updated_at", moment()),
        check("sign_in_failure", "key_sha256_length", "length(key_sha256) = 64"),
        check("sign_in_failure", "failures_not_negative", "failures >= 0"),
        primary("sign_in_failure", "key_sha256"),
    )


def queue() -> None:
    op.create_table(
        "queue_item",
        column("id", sa.Integer()),
        column("case_id", sa.Integer()),
        column("purpose", sa.String()),
        column("sample_key", sa.Integer()),
        column("state", sa.String()),
        column("rank", sa.Float()),
        column("light", sa.String()),
        column("is_clean", sa.Boolean()),
        column("shuffle", sa.Float()),
        column("site", sa.String()),
        column("assigned_to", sa.Integer(), null=True),
        column("barred_a", sa.Integer(), null=True),
        column("barred_b", sa.Integer(), null=True),
        check("queue_item", "purpose_known", f"purpose IN ({PURPOSES})"),
        check("queue_item", "state_known", "state IN ('waiting', 'done')"),
        check("queue_item", "light_known", "light IN ('green', 'amber', 'red')"),
        check("queue_item", "shuffle_share", "shuffle BETWEEN 0 AND 1"),
        primary("queue_item", "id"),
        sa.UniqueConstraint("case_id", "purpose", "sample_key", name="queue_identity"),
        foreign("queue_item", "case_id", "case_record.id"),
        foreign("queue_item", "assigned_to", "app_user.id"),
        foreign("queue_item", "barred_a", "app_user.id"),
        foreign("queue_item", "barred_b", "app_user.id"),
    )
    index("queue_item", "case_id")
    op.create_index("queue_by_rank", "queue_item", ["state", "rank", "case_id"])
    op.create_index("queue_clean", "queue_item", ["state", "is_clean", "shuffle"])
    op.create_index("queue_counts", "queue_item", ["purpose", "state", "light", "site", "assigned_to"])


def columns_of_old_tables() -> None:
    """Spelled out, because a rebuilt table would lose its append-only triggers."""
    for table in ("lease", "review"):
        add(table, "purpose", f"VARCHAR CONSTRAINT ck_{table}_purpose_known CHECK ({one_of('purpose', PURPOSES)})")
        add(table, "sample_id", "INTEGER")
    add("lease", "ahead", "INTEGER DEFAULT '0' NOT NULL CONSTRAINT ck_lease_ahead_not_negative CHECK (ahead >= 0)")
    add("lease", "work", "JSON")
    add("lease", "entered", "JSON")
    arms = one_of("arm", "'shown', 'hidden'")
    add("review", "arm", f"VARCHAR CONSTRAINT ck_review_arm_known CHECK ({arms})")
    add("review", "reason", f"VARCHAR CONSTRAINT ck_review_reason_known CHECK ({one_of('reason', REASONS)})")
    add("review", "entered", "JSON")
    add("case_record", "layout", "VARCHAR DEFAULT '' NOT NULL")


def one_of(name: str, listed: str) -> str:
    return f"{name} IS NULL OR {name} IN ({listed})"


def add(table: str, name: str, definition: str) -> None:
    op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {definition}")


def guard() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in APPEND_ONLY:
        if on_postgresql:
            op.execute(
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
            continue
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change} BEFORE {change.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def fill_queue() -> None:
    """What the desk derives from the newest draft and the decisions; `tests/db/test_db_migrations.py` compares."""
    connection = op.get_bind()
    drafted = connection.execute(
        sa.text(
            "SELECT c.id, c.site, c.priority, c.report_sha256, d.light, d.checks, d.ef_percent, d.rwma, "
            "d.rwma_severity, d.pah FROM case_record c JOIN draft d ON d.id = "
            "(SELECT max(newest.id) FROM draft newest WHERE newest.case_id = c.id)"
        )
    ).mappings()
    settled = connection.execute(
        sa.text(
            "SELECT case_id, decision, annotator_id FROM review WHERE id IN (SELECT max(id) FROM review "
            "WHERE decision IN ('accept', 'correct', 'flag') GROUP BY case_id)"
        )
    ).all()
    flagged = {case_id: annotator_id for case_id, decision, annotator_id in settled if decision == "flag"}
    decided = {row[0] for row in settled}
    rows = []
    for draft in drafted:
        rows.append(queue_row(draft, "first", "done" if draft["id"] in decided else "waiting", None))
        if draft["id"] in flagged:  # somebody else decides these now
            rows.append(queue_row(draft, "adjudication", "waiting", flagged[draft["id"]]))
    if rows:
        names = ", ".join(rows[0])
        values = ", ".join(f":{name}" for name in rows[0])
        connection.execute(sa.text(f"INSERT INTO queue_item ({names}) VALUES ({values})"), rows)


def queue_row(draft: Any, purpose: str, state: str, barred: int | None) -> dict[str, Any]:
    lights = loaded(draft["light"]) or {}
    found = set(lights.values()) | {lights.get(name, "amber") for name in ("ef_percent", "rwma", "pah")}
    light = next((name for name in ("red", "amber") if name in found), "green")
    return {
        "case_id": draft["id"],
        "purpose": purpose,
        "sample_key": 0,
        "state": state,
        "rank": -draft["priority"] - points(draft, light) - (2000.0 if purpose == "adjudication" else 0.0),
        "light": light,
        "is_clean": light == "green" and purpose == "first",
        "shuffle": int(draft["report_sha256"][:8], 16) / 2**32,
        "site": draft["site"],
        "barred_a": barred,
    }


def points(draft: Any, light: str) -> float:
    """By the draft's light, its failed checks, and whether it is of a small stratum."""
    issues = sum(1 for check in loaded(draft["checks"]) or [] if check.get("is_issue"))
    low = draft["ef_percent"] is not None and draft["ef_percent"] < 40
    graded = draft["rwma"] == "present" and draft["rwma_severity"] in ("moderate", "severe")
    rare = 15.0 if low or graded or draft["pah"] == "severe" else 0.0
    return {"red": 100.0, "amber": 40.0, "green": 0.0}[light] + 5.0 * min(issues, 4) + rare


def loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
