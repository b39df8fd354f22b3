"""attested pages.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("page_check", schema=None) as batch_op:
        batch_op.add_column(sa.Column("attested_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("good_through", sa.Date(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_page_check_attested_by_id_person"), "person", ["attested_by_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("page_check", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_page_check_attested_by_id_person"), type_="foreignkey")
        batch_op.drop_column("good_through")
        batch_op.drop_column("attested_by_id")
