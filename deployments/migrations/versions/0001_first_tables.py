"""The first tables: people, accounts and requests, gates, evidence, findings, and the machinery.

Stores stand at it: what changes comes as a later revision.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("via", sa.String(length=40), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("from_state", sa.String(length=40), nullable=True),
        sa.Column("to_state", sa.String(length=40), nullable=True),
        sa.Column("clause", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_subject", "audit_entry", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unmatched", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sa.UniqueConstraint("kind", "sha256", name=op.f("uq_import_run_kind_sha256")),
    )
    op.create_table(
        "school",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("is_division", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school")),
        sa.UniqueConstraint("source_id", name=op.f("uq_school_source_id")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=255), nullable=True),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("position", sa.String(length=120), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("supervisor_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_person_school_id_school")),
        sa.ForeignKeyConstraint(
            ["supervisor_id"], ["person.id"], name=op.f("fk_person_supervisor_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("source_id", name=op.f("uq_person_source_id")),
    )
    op.create_index(op.f("ix_person_school_id"), "person", ["school_id"], unique=False)
    op.create_table(
        "wake",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("lifecycle", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.String(length=80), nullable=True),
        sa.Column("run_key", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_wake_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wake")),
    )
    op.create_index("ix_wake_lifecycle", "wake", ["lifecycle", "state"], unique=False)
    op.create_index(
        "ix_wake_open",
        "wake",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state <> 'done'"),
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name=op.f("fk_absence_deputy_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_deputy_id"), "absence", ["deputy_id"], unique=False)
    op.create_index(op.f("ix_absence_person_id"), "absence", ["person_id"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("handle", sa.String(length=100), nullable=False),
        sa.Column("handle_key", sa.String(length=100), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("custody", sa.String(length=40), nullable=False),
        sa.Column("training_required", sa.Boolean(), nullable=True),
        sa.Column("address", sa.String(length=2000), nullable=True),
        sa.Column("platform_id", sa.String(length=200), nullable=True),
        sa.Column("vault_reference", sa.String(length=200), nullable=True),
        sa.Column("custodian_is_administrator", sa.Boolean(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_by_id", sa.Integer(), nullable=True),
        sa.Column("notice_address", sa.String(length=2000), nullable=True),
        sa.Column("live_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reported_by_id"], ["person.id"], name=op.f("fk_account_reported_by_id_person")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_account_school_id_school")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index(op.f("ix_account_school_id"), "account", ["school_id"], unique=False)
    op.create_index("ix_account_state_level", "account", ["state", "level"], unique=False)
    op.create_index(
        "uq_account_handle_in_use",
        "account",
        ["platform", "handle_key"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('closed', 'withdrawn')"),
        postgresql_where=sa.text("state NOT IN ('closed', 'withdrawn')"),
    )
    op.create_table(
        "action_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("clause", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.Column("role_school_id", sa.Integer(), nullable=True),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("climbed_to", sa.String(length=40), nullable=True),
        sa.Column("next_step_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_action_item_person_id_person")),
        sa.ForeignKeyConstraint(
            ["role_school_id"], ["school.id"], name=op.f("fk_action_item_role_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_item")),
        sa.UniqueConstraint("key", name=op.f("uq_action_item_key")),
    )
    op.create_index(
        "ix_action_item_next", "action_item", ["state", "next_step_on", "kind", "due_on"], unique=False
    )
    op.create_index("ix_action_item_open", "action_item", ["state", "due_on"], unique=False)
    op.create_index("ix_action_item_person", "action_item", ["person_id", "state"], unique=False)
    op.create_index("ix_action_item_role", "action_item", ["role", "state", "role_school_id"], unique=False)
    op.create_index("ix_action_item_subject", "action_item", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "completion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course", sa.String(length=80), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("recorded_via", sa.String(length=40), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_completion_person_id_person")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name=op.f("fk_completion_recorded_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_completion")),
        sa.UniqueConstraint(
            "person_id", "course", "completed_on", name=op.f("uq_completion_person_id_course_completed_on")
        ),
    )
    op.create_index(
        "ix_completion_current",
        "completion",
        ["course", "person_id", "voided_at", "completed_on"],
        unique=False,
    )
    op.create_table(
        "guideline_receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("guideline", sa.String(length=40), nullable=False),
        sa.Column("guideline_version", sa.String(length=40), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_via", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_guideline_receipt_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guideline_receipt")),
        sa.UniqueConstraint(
            "person_id",
            "guideline",
            "guideline_version",
            name=op.f("uq_guideline_receipt_person_id_guideline_guideline_version"),
        ),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("urgency", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=80), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(length=200), nullable=True),
        sa.Column("uncertain", sa.Boolean(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    op.create_index("ix_notice_due", "notice", ["state", "not_before"], unique=False)
    op.create_index("ix_notice_person", "notice", ["person_id", "state"], unique=False)
    op.create_index("ix_notice_subject", "notice", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_person_id_person")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_role_school_id_school")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
    )
    op.create_index("ix_role_holder", "role", ["kind", "school_id", "person_id"], unique=False)
    op.create_index(op.f("ix_role_person_id"), "role", ["person_id"], unique=False)
    op.create_table(
        "unmatched_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("course", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_person_id", sa.Integer(), nullable=True),
        sa.Column("settled_how", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_run.id"], name=op.f("fk_unmatched_row_import_id_import_run")
        ),
        sa.ForeignKeyConstraint(
            ["settled_person_id"], ["person.id"], name=op.f("fk_unmatched_row_settled_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmatched_row")),
        sa.UniqueConstraint(
            "course",
            "email",
            "name",
            "completed_on",
            name=op.f("uq_unmatched_row_course_email_name_completed_on"),
        ),
    )
    op.create_index(op.f("ix_unmatched_row_import_id"), "unmatched_row", ["import_id"], unique=False)
    op.create_table(
        "acceptance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_via", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_acceptance_account_id_account")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_acceptance_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance")),
        sa.UniqueConstraint("person_id", "account_id", name=op.f("uq_acceptance_person_id_account_id")),
    )
    op.create_table(
        "access",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("knows_secret_since", sa.Date(), nullable=True),
        sa.Column("knows_secret_until", sa.Date(), nullable=True),
        sa.Column("suspended_for", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_access_account_id_account")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_access_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access")),
        sa.UniqueConstraint("account_id", "person_id", name=op.f("uq_access_account_id_person_id")),
    )
    op.create_index("ix_access_account", "access", ["account_id", "state", "person_id"], unique=False)
    op.create_index("ix_access_person", "access", ["person_id", "state"], unique=False)
    op.create_table(
        "account_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("requester_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("handle", sa.String(length=100), nullable=False),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_via", sa.String(length=40), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_request_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["person.id"], name=op.f("fk_account_request_requester_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_account_request_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_request")),
    )
    op.create_index(op.f("ix_account_request_account_id"), "account_request", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_account_request_requester_id"), "account_request", ["requester_id"], unique=False
    )
    op.create_index(op.f("ix_account_request_state"), "account_request", ["state"], unique=False)
    op.create_table(
        "designation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("designated_by_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_designation_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["designated_by_id"], ["person.id"], name=op.f("fk_designation_designated_by_id_person")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_designation_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designation")),
    )
    op.create_index(op.f("ix_designation_person_id"), "designation", ["person_id"], unique=False)
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_finding_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    op.create_index("ix_finding_account", "finding", ["account_id"], unique=False)
    op.create_index(
        "uq_finding_open",
        "finding",
        ["rule", "account_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_table(
        "page_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("notice_version", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("final_address", sa.String(length=2000), nullable=True),
        sa.Column("notice_found_at", sa.String(length=2000), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("statements", sa.JSON(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_page_check_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_check")),
    )
    op.create_index("ix_page_check_latest", "page_check", ["account_id", "id"], unique=False)
    op.create_table(
        "privacy_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("checklist_version", sa.String(length=40), nullable=False),
        sa.Column("unmet", sa.JSON(), nullable=False),
        sa.Column("attested_by_id", sa.Integer(), nullable=False),
        sa.Column("attested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_via", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_privacy_review_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["attested_by_id"], ["person.id"], name=op.f("fk_privacy_review_attested_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_review")),
    )
    op.create_index("ix_privacy_review_latest", "privacy_review", ["account_id", "id"], unique=False)
    op.create_table(
        "rotation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rotated_by_id", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_via", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_rotation_account_id_account")),
        sa.ForeignKeyConstraint(
            ["rotated_by_id"], ["person.id"], name=op.f("fk_rotation_rotated_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation")),
    )
    op.create_index("ix_rotation_latest", "rotation", ["account_id", "rotated_at"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("deputy_for_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_via", sa.String(length=40), nullable=False),
        sa.Column("training_required", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_decision_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["deputy_for_id"], ["person.id"], name=op.f("fk_decision_deputy_for_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["account_request.id"], name=op.f("fk_decision_request_id_account_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("request_id", "revision", name=op.f("uq_decision_request_id_revision")),
    )
    op.create_table(
        "rotation_confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rotation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_rotation_confirmation_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["rotation_id"], ["rotation.id"], name=op.f("fk_rotation_confirmation_rotation_id_rotation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_confirmation")),
        sa.UniqueConstraint(
            "rotation_id", "person_id", name=op.f("uq_rotation_confirmation_rotation_id_person_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("rotation_confirmation")
    op.drop_table("decision")
    op.drop_index("ix_rotation_latest", table_name="rotation")
    op.drop_table("rotation")
    op.drop_index("ix_privacy_review_latest", table_name="privacy_review")
    op.drop_table("privacy_review")
    op.drop_index("ix_page_check_latest", table_name="page_check")
    op.drop_table("page_check")
    op.drop_index(
        "uq_finding_open",
        table_name="finding",
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.drop_index("ix_finding_account", table_name="finding")
    op.drop_table("finding")
    op.drop_index(op.f("ix_designation_person_id"), table_name="designation")
    op.drop_table("designation")
    op.drop_index(op.f("ix_account_request_state"), table_name="account_request")
    op.drop_index(op.f("ix_account_request_requester_id"), table_name="account_request")
    op.drop_index(op.f("ix_account_request_account_id"), table_name="account_request")
    op.drop_table("account_request")
    op.drop_index("ix_access_person", table_name="access")
    op.drop_index("ix_access_account", table_name="access")
    op.drop_table("access")
    op.drop_table("acceptance")
    op.drop_index(op.f("ix_unmatched_row_import_id"), table_name="unmatched_row")
    op.drop_table("unmatched_row")
    op.drop_index(op.f("ix_role_person_id"), table_name="role")
    op.drop_index("ix_role_holder", table_name="role")
    op.drop_table("role")
    op.drop_index("ix_notice_subject", table_name="notice")
    op.drop_index("ix_notice_person", table_name="notice")
    op.drop_index("ix_notice_due", table_name="notice")
    op.drop_table("notice")
    op.drop_table("guideline_receipt")
    op.drop_index("ix_completion_current", table_name="completion")
    op.drop_table("completion")
    op.drop_index("ix_action_item_subject", table_name="action_item")
    op.drop_index("ix_action_item_role", table_name="action_item")
    op.drop_index("ix_action_item_person", table_name="action_item")
    op.drop_index("ix_action_item_open", table_name="action_item")
    op.drop_index("ix_action_item_next", table_name="action_item")
    op.drop_table("action_item")
    op.drop_index(
        "uq_account_handle_in_use",
        table_name="account",
        sqlite_where=sa.text("state NOT IN ('closed', 'withdrawn')"),
        postgresql_where=sa.text("state NOT IN ('closed', 'withdrawn')"),
    )
    op.drop_index("ix_account_state_level", table_name="account")
    op.drop_index(op.f("ix_account_school_id"), table_name="account")
    op.drop_table("account")
    op.drop_index(op.f("ix_absence_person_id"), table_name="absence")
    op.drop_index(op.f("ix_absence_deputy_id"), table_name="absence")
    op.drop_table("absence")
    op.drop_index(
        "ix_wake_open",
        table_name="wake",
        sqlite_where=sa.text("state <> 'done'"),
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.drop_index("ix_wake_lifecycle", table_name="wake")
    op.drop_table("wake")
    op.drop_index(op.f("ix_person_school_id"), table_name="person")
    op.drop_table("person")
    op.drop_table("school")
    op.drop_table("import_run")
    op.drop_table("event")
    op.drop_index("ix_audit_subject", table_name="audit_entry")
    op.drop_table("audit_entry")
