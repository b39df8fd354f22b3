"""a look may be overruled.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("page_check", schema=None) as batch_op:
        batch_op.add_column(sa.Column("overrules", sa.String(length=40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("page_check", schema=None) as batch_op:
        batch_op.drop_column("overrules")
