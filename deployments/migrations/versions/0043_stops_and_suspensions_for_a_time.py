"""stops and suspensions for a time.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("suspension", schema=None) as batch_op:
        batch_op.add_column(sa.Column("through", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("stop_office", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("confirm_by", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("confirmed_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_suspension_confirmed_by_id_person"), "person", ["confirmed_by_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("suspension", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_suspension_confirmed_by_id_person"), type_="foreignkey")
        batch_op.drop_column("confirmed_at")
        batch_op.drop_column("confirmed_by_id")
        batch_op.drop_column("confirm_by")
        batch_op.drop_column("stop_office")
        batch_op.drop_column("through")
