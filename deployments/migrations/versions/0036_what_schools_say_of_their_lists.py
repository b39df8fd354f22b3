"""What schools say of their lists.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.JSON(), nullable=False),
        sa.Column("struck", sa.JSON(), nullable=False),
        sa.Column("recorded_via", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["person.id"], name=op.f("fk_list_confirmation_confirmed_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_list_confirmation_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_confirmation")),
    )
    with op.batch_alter_table("list_confirmation", schema=None) as batch_op:
        batch_op.create_index("ix_list_confirmation_latest", ["school_id", "confirmed_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("list_confirmation", schema=None) as batch_op:
        batch_op.drop_index("ix_list_confirmation_latest")

    op.drop_table("list_confirmation")
