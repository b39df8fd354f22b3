"""What an office is asked is found by an index.

Written by hand: what an index leaves out is not compared. Where hardly any item is asked of an office, the index
of all items told SQLite that it finds nothing faster, and each look read every item.
"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

_NAME, _COLUMNS = "ix_action_item_role", ["role", "state", "role_school_id"]
_OF_OFFICES = sa.text("role IS NOT NULL")


def upgrade() -> None:
    op.drop_index(_NAME, table_name="action_item")
    op.create_index(
        _NAME, "action_item", _COLUMNS, sqlite_where=_OF_OFFICES, postgresql_where=_OF_OFFICES
    )


def downgrade() -> None:
    op.drop_index(_NAME, table_name="action_item")
    op.create_index(_NAME, "action_item", _COLUMNS)
