"""forms under way.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_page",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("owner_hash", sa.String(length=64), nullable=False),
        sa.Column("locked", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_kept_page")),
    )
    with op.batch_alter_table("kept_page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_page_owner_hash"), ["owner_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_kept_page_until"), ["until"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("kept_page", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_page_until"))
        batch_op.drop_index(batch_op.f("ix_kept_page_owner_hash"))

    op.drop_table("kept_page")
