"""modes of controls that people set.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "control_mode",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("control", sa.String(length=80), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("deputy_for_id", sa.Integer(), nullable=True),
        sa.Column("recorded_via", sa.String(length=40), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["deputy_for_id"], ["person.id"], name=op.f("fk_control_mode_deputy_for_id_person")
        ),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name=op.f("fk_control_mode_set_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_mode")),
    )
    with op.batch_alter_table("control_mode", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_control_mode_control"), ["control"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("control_mode", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_control_mode_control"))

    op.drop_table("control_mode")
