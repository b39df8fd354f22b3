"""lists of administrators that were reviewed.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=False),
        sa.Column("removed", sa.JSON(), nullable=False),
        sa.Column("recorded_via", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_list_review_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["person.id"], name=op.f("fk_list_review_reviewed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_review")),
    )
    with op.batch_alter_table("list_review", schema=None) as batch_op:
        batch_op.create_index("ix_list_review_latest", ["account_id", "reviewed_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("list_review", schema=None) as batch_op:
        batch_op.drop_index("ix_list_review_latest")

    op.drop_table("list_review")
