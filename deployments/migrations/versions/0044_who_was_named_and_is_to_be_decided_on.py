"""who was named and is to be decided on.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("access", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proposed_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_access_proposed_by_id_person"), "person", ["proposed_by_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("access", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_access_proposed_by_id_person"), type_="foreignkey")
        batch_op.drop_column("proposed_by_id")
