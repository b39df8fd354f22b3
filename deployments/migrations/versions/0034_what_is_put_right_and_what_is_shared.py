"""what is put right and what is shared.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("says", sa.String(length=4000), nullable=False),
        sa.Column("did", sa.String(length=4000), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_via", sa.String(length=40), nullable=False),
        sa.Column("shared_with_id", sa.Integer(), nullable=True),
        sa.Column("shared_role", sa.String(length=40), nullable=True),
        sa.Column("shared_school_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by_id", sa.Integer(), nullable=True),
        sa.Column("delete_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_contact_report_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["seen_by_id"], ["person.id"], name=op.f("fk_contact_report_seen_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["shared_school_id"], ["school.id"], name=op.f("fk_contact_report_shared_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["shared_with_id"], ["person.id"], name=op.f("fk_contact_report_shared_with_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_report")),
    )
    with op.batch_alter_table("contact_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_report_delete_on"), ["delete_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_report_person_id"), ["person_id"], unique=False)

    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("says", sa.String(length=4000), nullable=False),
        sa.Column("right", sa.String(length=4000), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_via", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_as", sa.String(length=40), nullable=True),
        sa.Column("outcome", sa.String(length=4000), nullable=False),
        sa.Column("corrected_address", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_correction_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["person.id"], name=op.f("fk_correction_acknowledged_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["person.id"], name=op.f("fk_correction_ended_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["reported_by_id"], ["person.id"], name=op.f("fk_correction_reported_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_correction_account_id"), ["account_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_correction_account_id"))

    op.drop_table("correction")
    with op.batch_alter_table("contact_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_report_person_id"))
        batch_op.drop_index(batch_op.f("ix_contact_report_delete_on"))

    op.drop_table("contact_report")
