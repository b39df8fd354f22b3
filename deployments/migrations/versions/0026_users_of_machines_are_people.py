"""Users of machines are people.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "terminal_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("bound_by_id", sa.Integer(), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["bound_by_id"], ["person.id"], name="fk_terminal_user_bound_by_id_person"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_terminal_user_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_terminal_user"),
    )
    with op.batch_alter_table("terminal_user", schema=None) as batch_op:
        batch_op.create_index("ix_terminal_user_person_id", ["person_id"], unique=False)
        batch_op.create_index("ix_terminal_user", ["user", "host"], unique=False)


def downgrade() -> None:
    op.drop_table("terminal_user")
