"""whose name a profile shows.

Written by `python -m deployments.migrations.make`, and read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "profile_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("attested_by_id", sa.Integer(), nullable=True),
        sa.Column("good_through", sa.Date(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_profile_check_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["attested_by_id"], ["person.id"], name=op.f("fk_profile_check_attested_by_id_person")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_profile_check_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_check")),
    )
    with op.batch_alter_table("profile_check", schema=None) as batch_op:
        batch_op.create_index("ix_profile_check_latest", ["account_id", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("profile_check", schema=None) as batch_op:
        batch_op.drop_index("ix_profile_check_latest")

    op.drop_table("profile_check")
