"""What the public reports, whom nobody knows.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.alter_column("reported_by_id", existing_type=sa.INTEGER(), nullable=True)

    with op.batch_alter_table("unapproved_page", schema=None) as batch_op:
        batch_op.alter_column("reported_by_id", existing_type=sa.INTEGER(), nullable=True)


def downgrade() -> None:
    with op.batch_alter_table("unapproved_page", schema=None) as batch_op:
        batch_op.alter_column("reported_by_id", existing_type=sa.INTEGER(), nullable=False)

    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.alter_column("reported_by_id", existing_type=sa.INTEGER(), nullable=False)
