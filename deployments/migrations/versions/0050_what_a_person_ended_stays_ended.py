"""What a person ended stays ended.

Written by `python -m deployments.migrations.make`, and read. Offices that were ended before are found by the
audit chain, where they still end on the day that it says.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

SEALS = ("role",)

ENTRY = sa.table("audit_entry", sa.column("cause"), sa.column("body", sa.JSON()))
ROLE = sa.table(
    "role", sa.column("id"), sa.column("ends_on", sa.Date()), sa.column("said_last", sa.Date())
)


def upgrade() -> None:
    with op.batch_alter_table("role", schema=None) as batch_op:
        batch_op.add_column(sa.Column("said_last", sa.Date(), nullable=True))
    connection = op.get_bind()
    for body in connection.execute(sa.select(ENTRY.c.body).where(ENTRY.c.cause == "office ended")).scalars():
        if "role" not in body or "last day" not in body:
            continue
        last = date.fromisoformat(body["last day"])
        connection.execute(
            ROLE.update().where(ROLE.c.id == body["role"], ROLE.c.ends_on == last).values(said_last=last)
        )


def downgrade() -> None:
    with op.batch_alter_table("role", schema=None) as batch_op:
        batch_op.drop_column("said_last")
