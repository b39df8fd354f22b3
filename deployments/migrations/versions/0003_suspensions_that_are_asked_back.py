"""suspensions that are asked back.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("suspension", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("asked_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("asked_because", sa.String(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_suspension_asked_by_id_person"), "person", ["asked_by_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("suspension", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_suspension_asked_by_id_person"), type_="foreignkey")
        batch_op.drop_column("asked_because")
        batch_op.drop_column("asked_by_id")
        batch_op.drop_column("asked_at")
