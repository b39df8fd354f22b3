"""what the public asks.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enquiry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("asks", sa.String(length=4000), nullable=False),
        sa.Column("address", sa.String(length=2000), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("logged_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_via", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_as", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_enquiry_account_id_account")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_enquiry_ended_by_id_person")),
        sa.ForeignKeyConstraint(["logged_by_id"], ["person.id"], name=op.f("fk_enquiry_logged_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry")),
    )
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enquiry_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "ix_enquiry_waiting",
            ["due_on", "account_id"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_enquiry_waiting",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_enquiry_account_id"))

    op.drop_table("enquiry")
