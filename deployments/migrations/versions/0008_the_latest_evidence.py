"""the latest evidence.

Written by `python -m deployments.migrations.make`, and read. What is there already is marked: the latest
piece of evidence of its kind about an account is the one that was stored last.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INCLUDED = {
    "page_check": ["verdict", "notice_version", "checked_at", "good_through"],
    "privacy_review": [],
    "profile_check": [],
}


def upgrade() -> None:
    for table, included in INCLUDED.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("latest", sa.Boolean(), nullable=False, server_default=sa.false()))
        kept = sa.table(table, sa.column("id"), sa.column("account_id"), sa.column("latest", sa.Boolean()))
        last = sa.select(sa.func.max(kept.c.id)).group_by(kept.c.account_id)
        op.execute(sa.update(kept).where(kept.c.id.in_(last)).values(latest=sa.true()))
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("latest", server_default=None)
            batch_op.create_index(
                f"uq_{table}_latest",
                ["account_id"],
                unique=True,
                sqlite_where=sa.text("latest = 1"),
                postgresql_where=sa.text("latest"),
                postgresql_include=included,
            )


def downgrade() -> None:
    for table in reversed(INCLUDED):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(f"uq_{table}_latest")
            batch_op.drop_column("latest")
